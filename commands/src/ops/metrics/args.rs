//! What is asked: which figures, how far back, of what.

use std::{collections::BTreeMap, time::Duration};

use super::super::contract::Args;
use crate::{
    input::{BadInput, Choice, Input, Opt, Value, options_to_line},
    model::{Action, Scope, Text, WorkloadName},
    policy::Verb,
    texts::metrics as say,
};

/// The longest query that is asked.
const LONGEST: usize = 4000;

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) enum Back {
    Quarter,
    Hour,
    Six,
    Day,
    Week,
}

impl Choice for Back {
    const ALL: &'static [(&'static str, Self)] = &[
        ("15m", Self::Quarter),
        ("1h", Self::Hour),
        ("6h", Self::Six),
        ("24h", Self::Day),
        ("7d", Self::Week),
    ];
}

impl Back {
    /// How long it is, and how far measurements lie apart: some hundred to a line.
    pub(super) fn lengths(self) -> (Duration, Duration) {
        let (length, step) = match self {
            Self::Quarter => (900, 15),
            Self::Hour => (3600, 30),
            Self::Six => (6 * 3600, 180),
            Self::Day => (86_400, 600),
            Self::Week => (7 * 86_400, 3600),
        };
        (Duration::from_secs(length), Duration::from_secs(step))
    }

    pub(super) fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(_, back)| *back == self);
        known.map_or("", |(word, _)| *word)
    }
}

pub(super) const PANEL: Opt<Option<String>> = Opt::panel("panel").about(say::panel).optional();
pub(super) const RANGE: Opt<Option<Back>> = Opt::choice("range").about(say::range).optional();
pub(super) const QUERY: Opt<Option<String>> = Opt::text("query").about(say::query).optional();
pub(super) const WORKLOAD: Opt<Option<WorkloadName>> =
    Opt::workload("workload").about(say::workload).optional();

/// Its words.
pub struct MetricsArgs {
    pub(super) panel: Option<String>,
    pub(super) back: Back,
    pub(super) query: Option<String>,
    pub(super) workload: Option<WorkloadName>,
    pub(super) here: Scope,
}

impl Args for MetricsArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let here = input.here();
        let args = Self {
            panel: input.take(&PANEL)?,
            back: input.take(&RANGE)?.unwrap_or(Back::Hour),
            query: input.take(&QUERY)?,
            workload: input.take(&WORKLOAD)?,
            here,
        };
        if args.panel.is_some() && args.query.is_some() {
            return Err(BadInput::new(say::two_questions()).hint(say::leave_one_out()));
        }
        let long = args
            .query
            .as_ref()
            .is_some_and(|query| query.chars().count() > LONGEST);
        if long {
            return Err(BadInput::new(say::too_long(LONGEST)));
        }
        Ok(args)
    }

    /// PromQL reads whatever Prometheus holds.
    fn verb(&self) -> Verb {
        if self.query.is_some() {
            Verb::Sensitive
        } else {
            Verb::Read
        }
    }

    fn scope(&self) -> Scope {
        let here = self.here();
        // No label of a query keeps it within a namespace.
        if self.query.is_some() {
            Scope::cluster(here.cluster)
        } else {
            here
        }
    }
}

impl MetricsArgs {
    pub(super) fn here(&self) -> Scope {
        let workload = self.workload.as_ref();
        workload.map_or_else(|| self.here.clone(), WorkloadName::scope)
    }

    /// The same question, or with another panel or range, as a button asks it.
    pub(super) fn button(&self, panel: Option<&str>, back: Back, label: Text) -> Action {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut options = BTreeMap::from([(RANGE.name().to_owned(), text(back.word()))]);
        let given = [
            (PANEL.name(), panel.map(text)),
            (QUERY.name(), self.query.as_deref().map(text)),
            (
                WORKLOAD.name(),
                self.workload.as_ref().map(|name| text(&whole(name))),
            ),
        ];
        for (name, value) in given {
            options.extend(value.map(|value| (name.to_owned(), value)));
        }
        Action::run("metrics", options_to_line(&options), label)
    }
}

/// The whole name: buttons are pressed elsewhere, too.
fn whole(name: &WorkloadName) -> String {
    format!("{}/{}/{name}", name.cluster, name.namespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChannelId, Place};

    fn parsed(options: &[(&str, &str)]) -> Result<MetricsArgs, BadInput> {
        let option = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::Text((*value).to_owned()));
        let place = Place {
            channel: ChannelId(1),
            cluster: "prod".to_owned(),
            namespace: "ceoagent".to_owned(),
        };
        MetricsArgs::parse(&mut Input::new(options.iter().map(option).collect(), place))
    }

    #[test]
    fn a_range_is_one_of_those_that_there_are() {
        let bad = parsed(&[("range", "30d")]).err().unwrap();
        let said = format!("{} {}", bad.what.plain(), bad.hint.unwrap_or_default().plain());
        assert!(said.contains("15m, 1h, 6h, 24h, 7d"), "{said}");
        assert_eq!(parsed(&[]).unwrap().back, Back::Hour);
        for (word, back) in Back::ALL {
            let (length, step) = back.lengths();
            let steps = length.as_secs() / step.as_secs();
            assert!((60..=200).contains(&steps), "{word}: {steps} figures to a line");
            assert_eq!(
                length.as_secs() % step.as_secs(),
                0,
                "{word}: the end is a figure"
            );
        }
    }

    #[test]
    fn promql_is_another_right_and_of_the_whole_cluster() {
        let panel = parsed(&[("panel", "cpu")]).unwrap();
        assert_eq!(
            (panel.verb(), panel.scope().to_string().as_str()),
            (Verb::Read, "prod/ceoagent")
        );
        let query = parsed(&[("query", "up"), ("workload", "shop/deployment/api")]).unwrap();
        assert_eq!(
            (query.verb(), query.scope().to_string().as_str()),
            (Verb::Sensitive, "prod")
        );
        assert!(parsed(&[("query", "up"), ("panel", "cpu")]).is_err());
        assert!(parsed(&[("query", &"x".repeat(LONGEST + 1))]).is_err());
    }
}
