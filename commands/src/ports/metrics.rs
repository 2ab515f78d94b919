//! What was measured, as a Prometheus tells it: the panels of the settings, and whatever is asked in PromQL.

use std::time::Duration;

use futures::future::BoxFuture;

use super::chart::Point;
use crate::model::{Limit, Link, Scope, Side, Text, Timestamp, Unit, WorkloadKind};

/// The variable that stands for the cluster of the question.
const CLUSTER: &str = "$cluster";
/// The variable that stands for its namespace.
const NAMESPACE: &str = "$namespace";
/// The variable that stands for the name of its workload, as a regular expression: that of any where none is asked about.
const WORKLOAD: &str = "$workload";
/// The variable that stands for the names of its pods, as a regular expression.
const PODS: &str = "$pods";
/// The variable that stands for a length of time over which a rate is taken.
const WINDOW: &str = "$window";

/// A figure that is worth looking at.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Its name in the settings, its own: small letters, digits and dashes.
    pub name: String,
    /// What it is called.
    pub title: Text,
    /// What gives it, with variables; none where nobody has said yet.
    pub query: Option<String>,
    /// In what it is measured.
    pub unit: Unit,
    /// What it may be.
    pub limit: Option<Limit>,
    /// Whose it is, where the settings say so.
    pub place: Option<Scope>,
}

/// What a query is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About<'a> {
    /// Where.
    pub scope: &'a Scope,
    /// The one workload.
    pub workload: Option<&'a Named>,
    /// Over what a rate is taken.
    pub window: Duration,
}

/// A workload, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its kind, where that is known.
    pub kind: Option<WorkloadKind>,
}

impl Named {
    /// What its pods are called, as a regular expression: as its controller calls them.
    fn pods(&self) -> String {
        let name = regex::escape(&self.name);
        match self.kind {
            Some(WorkloadKind::Deployment) => format!("{name}-[a-z0-9]{{1,10}}-[a-z0-9]{{5}}"),
            Some(WorkloadKind::StatefulSet) => format!("{name}-[0-9]+"),
            Some(WorkloadKind::DaemonSet) => format!("{name}-[a-z0-9]{{5}}"),
            None => format!("{name}-.*"),
        }
    }
}

impl Panel {
    /// Whose figures it shows to somebody who asks here; none where it has none of this cluster. `home` is the cluster
    /// whose figures these are where a query names none.
    #[must_use]
    pub fn scope(&self, here: &Scope, home: &str) -> Option<Scope> {
        if let Some(place) = &self.place {
            return Some(place.clone());
        }
        let names = |variable: &str| {
            self.query
                .as_deref()
                .is_some_and(|query| query.contains(variable))
        };
        if here.cluster != home && !names(CLUSTER) {
            return None;
        }
        // A query that does not ask for the namespace shows what all of them do together.
        let whole = self.query.is_some() && !names(NAMESPACE);
        Some(if whole {
            Scope::cluster(&here.cluster)
        } else {
            here.clone()
        })
    }

    /// Its query, with what it is about in place of the variables.
    #[must_use]
    pub fn asked(&self, about: &About<'_>) -> Option<String> {
        Some(filled(self.query.as_deref()?, about))
    }
}

/// A query with what it is about in place of its variables.
#[must_use]
pub fn filled(query: &str, about: &About<'_>) -> String {
    let of = |regex: &dyn Fn(&Named) -> String| {
        let regex = about.workload.map(regex);
        regex.map_or_else(|| ".*".to_owned(), |regex| value(&regex))
    };
    let namespace = about.scope.namespace.as_deref().unwrap_or_default();
    let words = [
        (CLUSTER, value(&about.scope.cluster)),
        (NAMESPACE, value(namespace)),
        (WORKLOAD, of(&|workload| regex::escape(&workload.name))),
        (PODS, of(&Named::pods)),
        (WINDOW, format!("{}s", about.window.as_secs().max(1))),
    ];
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    // One pass: what was put in is not looked at again.
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let fits = words.iter().find(|(word, _)| rest.starts_with(word));
        let (word, put) = fits.map_or(("$", "$"), |(word, put)| (*word, put.as_str()));
        out.push_str(put);
        rest = &rest[word.len()..];
    }
    out + rest
}

/// Within the quotes of a label's value.
fn value(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// A question about a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// In PromQL.
    pub query: String,
    /// The beginning.
    pub from: Timestamp,
    /// The end, which is a measurement of its own.
    pub to: Timestamp,
    /// How far measurements lie apart.
    pub step: Duration,
    /// How many series are kept: the worst.
    pub most: usize,
    /// Where figures are well; the other side is the worse one.
    pub well: Side,
}

/// What one thing measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// What it is of, `__name__` included.
    pub labels: Vec<(String, String)>,
    /// Its measurements in order, without those that are no number.
    pub points: Vec<Point>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The worst series first.
    pub series: Vec<Series>,
    /// How many there were.
    pub all: usize,
    /// The worst figure at the end, of all of them; none where none has one there.
    pub now: Option<f64>,
    /// The worst figure of all of them at any time.
    pub worst: Option<f64>,
}

/// Why there is no answer. None of these is a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// Nothing came, or nothing that is of Prometheus.
    Outage(Text),
    /// The query is none, in Prometheus' own words.
    NoQuery(String),
    /// It does not answer this one, in its own words.
    Refused(String),
    /// It does not let the bot in: the HTTP status.
    Closed(u16),
    /// More came than is read.
    TooMuch(u64),
}

/// Reads what was measured.
pub trait Metrics: Send + Sync {
    /// Whether the settings say where.
    fn is_there(&self) -> bool;
    /// The panels, in the order of the settings.
    fn panels(&self) -> &[Panel];
    /// The cluster whose figures these are where a query names none.
    fn home(&self) -> &str;
    /// Where people look further.
    fn links(&self) -> &[Link];
    /// Asks, within the time that the settings give it.
    fn range(&self, range: Range) -> BoxFuture<'_, Result<Found, Silence>>;
    /// When it was seen that the Grafana of the links takes the user and the password that every Grafana comes with. None
    /// where it does not, and where that is not known.
    fn open_grafana(&self) -> BoxFuture<'_, Option<Timestamp>>;
}

/// Where no Prometheus is in the settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMetrics;

impl Metrics for NoMetrics {
    fn is_there(&self) -> bool {
        false
    }

    fn panels(&self) -> &[Panel] {
        &[]
    }

    fn home(&self) -> &str {
        ""
    }

    fn links(&self) -> &[Link] {
        &[]
    }

    fn range(&self, _: Range) -> BoxFuture<'_, Result<Found, Silence>> {
        Box::pin(std::future::ready(Ok(Found::default())))
    }

    fn open_grafana(&self) -> BoxFuture<'_, Option<Timestamp>> {
        Box::pin(std::future::ready(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(query: Option<&str>) -> Panel {
        Panel {
            name: "x".to_owned(),
            title: "X".into(),
            query: query.map(str::to_owned),
            unit: Unit::default(),
            limit: None,
            place: None,
        }
    }

    #[test]
    fn variables_are_values_and_end_no_quotes() {
        let scope = Scope::namespace("prod", "a\"} or vector(1) or x{y=\"$cluster");
        let api = Named {
            name: "api.v2".to_owned(),
            kind: Some(WorkloadKind::StatefulSet),
        };
        let about = About {
            scope: &scope,
            workload: Some(&api),
            window: Duration::from_secs(300),
        };
        let query = panel(Some(
            "x{namespace=\"$namespace\",pod=~\"$workload-.*\",cluster=\"$cluster\"}[$window] $other $",
        ));
        assert_eq!(
            query.asked(&about).unwrap(),
            "x{namespace=\"a\\\"} or vector(1) or x{y=\\\"$cluster\",pod=~\"api\\\\.v2-.*\",cluster=\"prod\"}[300s] $other $"
        );
        let all = About {
            workload: None,
            ..about.clone()
        };
        assert_eq!(filled("{pod=~\"$pods\"}", &about), "{pod=~\"api\\\\.v2-[0-9]+\"}");
        assert_eq!(
            filled("{pod=~\"$pods\",x=~\"$workload\"}", &all),
            "{pod=~\".*\",x=~\".*\"}"
        );
    }

    #[test]
    fn a_panel_is_of_the_place_that_its_query_asks_about() {
        let here = Scope::namespace("prod", "shop");
        let whole = Scope::cluster("prod");
        let place = Scope::namespace("prod", "db");
        for (query, home, is_of) in [
            (Some("x{namespace=\"$namespace\"}"), "prod", Some(&here)),
            (Some("node_load1"), "prod", Some(&whole)),
            (Some("x{namespace=\"$namespace\"}"), "other", None),
            (Some("node_load1"), "other", None),
            (Some("x{cluster=\"$cluster\"}"), "other", Some(&whole)),
            (
                Some("x{cluster=\"$cluster\",namespace=\"$namespace\"}"),
                "other",
                Some(&here),
            ),
            (None, "prod", Some(&here)),
        ] {
            assert_eq!(
                panel(query).scope(&here, home).as_ref(),
                is_of,
                "{query:?} {home}"
            );
        }
        let fixed = Panel {
            place: Some(place.clone()),
            ..panel(Some("node_load1"))
        };
        assert_eq!(fixed.scope(&here, "other"), Some(place));
    }
}
