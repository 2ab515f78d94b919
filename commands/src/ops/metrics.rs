//! `/ceo metrics`: the figures that the manual says to watch, over time and against their limits, as a picture and in words;
//! or whatever is asked in PromQL, which reaches further than a panel and is another right.

mod drawn;
mod moments;
mod names;
mod seen;

use std::{collections::BTreeMap, time::Duration};

use futures::{
    StreamExt,
    future::{BoxFuture, join},
    stream,
};

use self::{
    drawn::Asked,
    moments::Happened,
    seen::{Seen, Standing},
};
use super::{
    contract::{Answer, Args, Context, Query, Spec},
    rights,
};
use crate::{
    cluster::{ClusterError, near_of},
    failure::Failure,
    input::{BadInput, Choice, Input, Opt, Value, options_to_line},
    model::{Action, Limit, Report, Scope, Side, Text, Timestamp, Tone, Unit, WorkloadName, code},
    policy::Verb,
    ports::metrics::{About, Named, Panel, Range, Silence, filled},
    texts::metrics as say,
};

/// How many questions go side by side.
const SIDE_BY_SIDE: usize = 6;
/// How many series of one question are kept.
const KEPT: usize = 12;
/// A rate is taken over no less: four scrapes of a Prometheus as it comes.
const WINDOW: Duration = Duration::from_secs(4 * 60);
/// The longest query that is asked.
const LONGEST: usize = 4000;

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Back {
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
    fn lengths(self) -> (Duration, Duration) {
        let (length, step) = match self {
            Self::Quarter => (900, 15),
            Self::Hour => (3600, 30),
            Self::Six => (6 * 3600, 180),
            Self::Day => (86_400, 600),
            Self::Week => (7 * 86_400, 3600),
        };
        (Duration::from_secs(length), Duration::from_secs(step))
    }

    fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(_, back)| *back == self);
        known.map_or("", |(word, _)| *word)
    }
}

const PANEL: Opt<Option<String>> = Opt::panel("panel").about(say::panel).optional();
const RANGE: Opt<Option<Back>> = Opt::choice("range").about(say::range).optional();
const QUERY: Opt<Option<String>> = Opt::text("query").about(say::query).optional();
const WORKLOAD: Opt<Option<WorkloadName>> = Opt::workload("workload").about(say::workload).optional();

/// The command.
pub struct ShowMetrics;

/// Its words.
pub struct MetricsArgs {
    panel: Option<String>,
    back: Back,
    query: Option<String>,
    workload: Option<WorkloadName>,
    here: Scope,
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
    fn here(&self) -> Scope {
        let workload = self.workload.as_ref();
        workload.map_or_else(|| self.here.clone(), WorkloadName::scope)
    }

    /// The same question, or with another panel or range, as a button asks it.
    fn button(&self, panel: Option<&str>, back: Back, label: Text) -> Action {
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

/// A stretch of time, measured in steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    from: Timestamp,
    to: Timestamp,
    length: Duration,
    step: Duration,
}

impl Stretch {
    fn until(now: Timestamp, back: Back) -> Self {
        let (length, step) = back.lengths();
        let to = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self {
            from: to.checked_sub(length).unwrap_or(Timestamp::MIN),
            to,
            length,
            step,
        }
    }

    fn range(&self, query: String, limit: Option<Limit>) -> Range {
        Range {
            query,
            from: self.from,
            to: self.to,
            step: self.step,
            most: KEPT,
            well: limit.map_or(Side::Below, |limit| limit.side),
        }
    }

    fn about<'a>(&self, scope: &'a Scope, workload: Option<&'a Named>) -> About<'a> {
        About {
            scope,
            workload,
            window: self.step.max(WINDOW),
        }
    }
}

impl Query for ShowMetrics {
    const SPEC: Spec = Spec::new("metrics", Verb::Read)
        .about(say::summary)
        .options(&[&PANEL, &RANGE, &QUERY, &WORKLOAD])
        .rbac(rights::READ_WORKLOADS);
    type Args = MetricsArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        if !cx.metrics.is_there() {
            let report = Report::new(Tone::Off, say::none()).line(say::how_to_add());
            return Ok(report.links(cx.metrics.links().to_vec()).into());
        }
        let stretch = Stretch::until(cx.now, args.back);
        let answered = async {
            match &args.query {
                Some(query) => raw(query, &args, stretch, cx).await,
                None => panels(&args, stretch, cx).await,
            }
        };
        let (report, open) = join(Box::pin(answered), cx.metrics.open_grafana()).await;
        let mut report = report?.links(cx.metrics.links().to_vec());
        if let Some(at) = open {
            report = report.line(say::open_grafana(at));
        }
        Ok(report.into())
    }
}

/// All panels, or one of them.
async fn panels(args: &MetricsArgs, stretch: Stretch, cx: &Context<'_>) -> Result<Report, Failure> {
    let here = args.here();
    let home = cx.metrics.home();
    let readable: Vec<(&Panel, Scope)> = cx
        .metrics
        .panels()
        .iter()
        .filter_map(|panel| Some((panel, panel.scope(&here, home)?)))
        .filter(|(_, scope)| cx.rights.reads(cx.actor, scope))
        .collect();
    let asked = match &args.panel {
        None => readable,
        Some(name) => vec![chosen(name, readable)?],
    };
    if asked.is_empty() {
        return Ok(Report::new(Tone::Off, say::no_panels_here(&here.cluster, home)).at(here.place()));
    }
    let workload = workload(args, cx).await?;
    let mut questions: Vec<BoxFuture<'_, Seen<'_>>> = Vec::new();
    for (panel, scope) in &asked {
        let workload = workload.as_ref().filter(|_| *scope == here);
        let about = stretch.about(scope, workload);
        questions.push(Box::pin(Seen::ask(panel, about, stretch, cx)));
    }
    let seen: Vec<Seen<'_>> = stream::iter(questions).buffered(SIDE_BY_SIDE).collect().await;
    match alike(&seen) {
        Some(Silence::Outage(why)) => return Err(say::prometheus_down(why)),
        Some(silence) if seen.len() > 1 => {
            let report = Report::new(Tone::Bad, say::nothing_answered());
            return Ok(report.line(seen::why(silence, cx.redactor)));
        }
        _ => {}
    }
    let asked = Asked {
        args,
        stretch,
        happened: Happened::read(&here, stretch, cx).await,
        cx,
    };
    let report = match (seen.as_slice(), &args.panel) {
        ([one], Some(_)) => asked.one(one).await,
        (all, _) => asked.all(all).await,
    };
    Ok(report.at(here.place()))
}

/// The name of the workload that is asked about. One that is not there is told; that the cluster does not answer is no
/// reason not to look at what was measured.
async fn workload(args: &MetricsArgs, cx: &Context<'_>) -> Result<Option<Named>, Failure> {
    let Some(name) = &args.workload else {
        return Ok(None);
    };
    match cx.view.resolve(name).await {
        Ok(workload) => Ok(Some(Named {
            kind: Some(workload.kind),
            name: workload.name,
        })),
        Err(gone @ (Failure::Input(_) | Failure::Cluster(ClusterError::NotFound { .. }))) => Err(gone),
        Err(_) => Ok(Some(Named {
            kind: name.kind,
            name: name.name.clone(),
        })),
    }
}

/// The panel of a name.
fn chosen<'a>(name: &str, readable: Vec<(&'a Panel, Scope)>) -> Result<(&'a Panel, Scope), BadInput> {
    let names: Vec<String> = readable.iter().map(|(panel, _)| panel.name.clone()).collect();
    let found = readable.into_iter().find(|(panel, _)| panel.name == name);
    found.ok_or_else(|| {
        let near = near_of(name, names.iter().cloned());
        let bad = BadInput::new(say::no_such(name));
        if near.is_empty() {
            bad.hint(say::there_are(&names))
        } else {
            bad.hint(say::did_you_mean(&near))
        }
    })
}

/// Why nothing at all was answered, where that is so for one reason.
fn alike<'a>(seen: &'a [Seen<'_>]) -> Option<&'a Silence> {
    let mut asked = seen.iter().filter(|one| one.standing != Standing::NotSetUp);
    let Standing::Silent(first) = &asked.next()?.standing else {
        return None;
    };
    let alike = |one: &Seen<'_>| match (&one.standing, first) {
        (Standing::Silent(Silence::Outage(_)), Silence::Outage(_)) => true,
        (Standing::Silent(other), first) => other == first,
        _ => false,
    };
    asked.all(alike).then_some(first)
}

/// PromQL, as somebody typed it.
async fn raw(query: &str, args: &MetricsArgs, stretch: Stretch, cx: &Context<'_>) -> Result<Report, Failure> {
    let here = args.here();
    let home = cx.metrics.home();
    if here.cluster != home {
        let of_home = BadInput::new(say::other_cluster(home));
        return Err(of_home.hint(say::ask_there(home)).into());
    }
    let workload = workload(args, cx).await?;
    let asked = filled(query, &stretch.about(&here, workload.as_ref()));
    let found = match cx.metrics.range(stretch.range(asked, None)).await {
        Ok(found) => found,
        Err(Silence::NoQuery(why)) => {
            let why = cx.redactor.quote_in_a_line(&why);
            return Err(BadInput::new(say::no_query()).hint(code(why)).into());
        }
        Err(Silence::Outage(why)) => return Err(say::prometheus_down(&why)),
        Err(silence) => {
            let why = seen::why(&silence, cx.redactor);
            return Ok(Report::new(Tone::Bad, say::query_not_answered()).line(why));
        }
    };
    let panel = Panel {
        name: "query".to_owned(),
        title: say::query_title(),
        query: None,
        unit: Unit::default(),
        limit: None,
        place: None,
    };
    let asked = Asked {
        args,
        stretch,
        happened: Happened::default(),
        cx,
    };
    Ok(asked.raw(query, &Seen::of(&panel, found)).await.at(here.cluster))
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
