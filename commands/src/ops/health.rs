//! `/ceo health`: asks the service itself how it is, at the places of the settings, as its users would.

use std::time::Duration;

use futures::future::join_all;

use super::{
    contract::{Answer, Args, Change, Context, Query, Spec},
    exec::probe::{self, ExecProbe},
};
use crate::{
    failure::Failure,
    input::{BadInput, Input, Opt, line_of},
    model::{Action, Report, Scope, Table, Text, Timestamp, Tone},
    policy::Verb,
    ports::probe::{Outcome, Probed, Target, Way},
    redact::Redactor,
    texts::{get::ingress as certificates, probe as say},
};

const TARGET: Opt<Option<String>> = Opt::health_target("target").about(say::target).optional();

/// From when on the end of a certificate is told.
const SOON: Duration = Duration::from_secs(14 * 86_400);
/// For how many targets there is a button that asks from a pod.
const MOST_PODS: usize = 3;
/// How many characters of a bad answer are told.
const BEGINS: usize = 120;

/// The command.
pub struct Health;

/// Its words.
pub struct HealthArgs {
    target: Option<String>,
    here: Scope,
}

impl Args for HealthArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            target: input.take(&TARGET)?,
            here: input.here(),
        })
    }

    fn scope(&self) -> Scope {
        self.here.clone()
    }
}

impl Query for Health {
    const SPEC: Spec = Spec::new("health", Verb::Read)
        .stands_for(&["curl */health", "curl */ready", "curl */metrics"])
        .about(say::summary)
        .options(&[&TARGET]);
    type Args = HealthArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let readable: Vec<&Target> = cx
            .probes
            .targets()
            .iter()
            .filter(|target| cx.rights.reads(cx.actor, &target.scope))
            .collect();
        let asked = chosen(&readable, args.target.as_deref())?;
        if asked.is_empty() {
            let report = Report::new(Tone::Off, say::none()).line(say::how_to_add());
            return Ok(report.into());
        }
        let answers = join_all(asked.iter().map(|target| cx.probes.probe(target))).await;
        let seen: Vec<Seen<'_>> = asked
            .iter()
            .zip(answers)
            .map(|(target, probed)| Seen::new(target, probed, cx))
            .collect();
        let again = args
            .target
            .map_or_else(String::new, |name| line_of(TARGET.name(), name));
        let again = Action::run("health", again, say::again());
        let report = drawn(&seen).action(again);
        Ok(from_a_pod(&seen, cx)
            .into_iter()
            .fold(report, Report::action)
            .into())
    }
}

/// The buttons that ask what is not well from within its namespace, where such pods are made.
fn from_a_pod(seen: &[Seen<'_>], cx: &Context<'_>) -> Vec<Action> {
    let bad = seen
        .iter()
        .filter(|one| one.troubled > 0 && cx.checks.probe_image.is_some());
    let action = |one: &Seen<'_>| {
        let line = line_of(probe::TARGET.name(), one.target.name.clone());
        Action::run(ExecProbe::SPEC.path, line, say::from_a_pod(&one.target.name))
    };
    bad.take(MOST_PODS).map(action).collect()
}

/// The target of a name, or all.
fn chosen<'a>(readable: &[&'a Target], name: Option<&str>) -> Result<Vec<&'a Target>, BadInput> {
    let Some(name) = name else {
        return Ok(readable.to_vec());
    };
    let found = readable.iter().find(|target| target.name == name);
    found.map(|target| vec![*target]).ok_or_else(|| {
        let names: Vec<String> = readable.iter().map(|target| target.name.clone()).collect();
        BadInput::new(say::no_such(name)).hint(say::there_are(&names))
    })
}

/// A target, and what is to say of it.
struct Seen<'a> {
    target: &'a Target,
    probed: Vec<Probed>,
    /// How many paths were not answered well.
    troubled: usize,
    /// What is wrong now.
    wrong: Vec<Text>,
    /// What is to be known beside that.
    notes: Vec<Text>,
    /// Whether its certificate is nearly over.
    ends_soon: bool,
}

impl<'a> Seen<'a> {
    fn new(target: &'a Target, probed: Vec<Probed>, cx: &Context<'_>) -> Self {
        let bad: Vec<&Probed> = probed.iter().filter(|one| !one.outcome.is_well()).collect();
        let ends = probed.iter().filter_map(|one| one.certificate_ends).min();
        let ends_soon = ends.is_some_and(|at| at < cx.now + SOON);
        let mut wrong = wrong(&bad, probed.len(), cx.redactor);
        let mut notes = notes(&probed);
        match ends {
            Some(at) if ends_soon => wrong.push(nearly_over(at, cx.now)),
            Some(at) => notes.push(say::certificate(at)),
            None => {}
        }
        Self {
            target,
            troubled: bad.len(),
            probed,
            wrong,
            notes,
            ends_soon,
        }
    }

    fn is_well(&self) -> bool {
        self.troubled == 0 && !self.ends_soon
    }

    fn table(&self) -> Table {
        let row = |one: &Probed| {
            let (status, took) = match &one.outcome {
                Outcome::Answered { status, .. } => (Text::from(u32::from(*status)), say::took(one.took)),
                Outcome::None(_) => (say::nothing(), say::nothing()),
            };
            let time = |time: Option<Duration>| time.map_or_else(say::nothing, say::took);
            vec![
                one.path.as_str().into(),
                status,
                took,
                time(one.lately.p50),
                time(one.lately.p95),
            ]
        };
        Table {
            head: vec![say::path(), say::status(), say::now(), "P50".into(), "P95".into()],
            rows: self.probed.iter().map(row).collect(),
        }
    }
}

fn nearly_over(at: Timestamp, now: Timestamp) -> Text {
    if at <= now {
        certificates::ended(at)
    } else {
        certificates::ends(at)
    }
}

/// What is wrong: once where it is the same for all paths.
fn wrong(bad: &[&Probed], asked: usize, redactor: &Redactor) -> Vec<Text> {
    if let [first, rest @ ..] = bad
        && bad.len() == asked
        && !rest.is_empty()
        && let Outcome::None(why) = &first.outcome
        && rest.iter().all(|one| one.outcome == first.outcome)
    {
        return vec![say::all_unanswered(why)];
    }
    let told = |one: &&Probed| match &one.outcome {
        Outcome::None(why) => say::unanswered(&one.path, why),
        Outcome::Answered { status, .. } if (300..400).contains(status) => {
            say::redirected(&one.path, *status)
        }
        Outcome::Answered { status, begins } => {
            let begins = redactor.quote_in_a_line(begins.trim());
            let begins: String = begins.chars().take(BEGINS).collect();
            say::answered(&one.path, *status, &begins)
        }
    };
    bad.iter().map(told).collect()
}

/// What the figures are of, and which paths failed before.
fn notes(probed: &[Probed]) -> Vec<Text> {
    let failed = probed
        .iter()
        .filter(|one| one.outcome.is_well() && one.lately.failed > 0);
    let mut notes: Vec<Text> = failed
        .map(|one| say::failed_lately(&one.path, one.lately.failed, one.lately.asked))
        .collect();
    let most = probed
        .iter()
        .map(|one| one.lately)
        .max_by_key(|lately| lately.asked);
    if let Some(lately) = most
        && let Some(since) = lately.since
    {
        notes.push(say::taken_from(lately.asked, since));
    }
    notes
}

fn heading(target: &Target) -> Text {
    match &target.way {
        Way::Url(url) => say::by_address(&target.name, url),
        Way::Proxy(service) => say::by_service(&target.name, service),
    }
}

fn drawn(seen: &[Seen<'_>]) -> Report {
    let troubled = seen.iter().filter(|one| !one.is_well()).count();
    let silent = seen
        .iter()
        .any(|one| one.troubled > 0 && one.troubled == one.probed.len());
    let tone = match troubled {
        0 => Tone::Good,
        _ if silent => Tone::Bad,
        _ => Tone::Waiting,
    };
    let title = match seen {
        [one] => say::title_of_one(&one.target.name, one.troubled, one.probed.len()),
        all => say::title_of_all(all.len(), troubled),
    };
    let mut report = Report::new(tone, title);
    let scopes: std::collections::BTreeSet<String> =
        seen.iter().map(|one| one.target.scope.place()).collect();
    if let [one] = Vec::from_iter(scopes).as_slice() {
        report = report.at(one.as_str());
    }
    for one in seen {
        report = report
            .line(heading(one.target))
            .lines(one.wrong.clone())
            .table(one.table())
            .lines(one.notes.clone());
    }
    report
}
