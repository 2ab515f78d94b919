//! What people read of an incident: one message from first to last. The verdict first, then how many, then the evidence,
//! then what was changed just before and what to do about it.

use std::{collections::BTreeMap, time::Duration};

use super::{Incident, LastChange, Left, Problem, Timing};
use crate::{
    input::{SEEN, Value, line_about, line_of, options_to_line},
    model::{Act, Action, Code, Report, Shortcut, Style, Text, Timestamp, Tone, Workload, since},
    texts::{buttons, diagnosis, incident as texts},
};

/// So many characters at its end make a sentence a repetition.
const REPEATED: usize = 30;
/// A log is shown from so long before.
const BEFORE: Duration = Duration::from_secs(60);
/// A change so shortly before the beginning that it is the first suspect.
const JUST_BEFORE: Duration = Duration::from_secs(3600);

/// The message of an incident as it stands.
#[must_use]
pub fn card(incident: &Incident, timing: &Timing) -> Report {
    if incident.is_open() {
        going_on(incident, timing)
    } else {
        over(incident)
    }
}

/// An open incident in one line: `containers crash, since <t>, acked by @operator`.
#[must_use]
pub fn state_in_words(incident: &Incident) -> Text {
    let title = incident.key.problem.title();
    let line = match affected(incident) {
        _ if incident.key.is_cluster() => title.and(" ").and(texts::since_alone(incident.began())),
        Some(affected) => texts::state(&title, &affected, incident.began()),
        None => texts::state_alone(&title, incident.began()),
    };
    let line = match incident.quiet {
        Some(quiet) => line.and(texts::and_not_seen_since(quiet)),
        None => line,
    };
    match &incident.acked {
        Some(acked) => line.and(texts::and_acked_by(acked.by)),
        None => line,
    }
}

/// Where it is, as every message says it: `prod / ceoagent`, or `prod` for a node.
#[must_use]
pub fn place(incident: &Incident) -> String {
    match &incident.key.namespace {
        Some(namespace) => format!("{} / {namespace}", incident.key.cluster),
        None => incident.key.cluster.clone(),
    }
}

fn going_on(incident: &Incident, timing: &Timing) -> Report {
    let told = incident.text.plain();
    let new = incident
        .facts
        .iter()
        // They are of the moment.
        .filter(|fact| incident.quiet.is_none() && !repeats(&fact.plain(), &told));
    let mut report = Report::new(Tone::Bad, incident.headline())
        .at(place(incident))
        .line(begun(incident))
        .lines(
            incident
                .quiet
                .map(|since| texts::not_seen_since(since, timing.settle)),
        )
        .lines(returned(incident))
        .line(texts::sentence(&incident.text))
        .lines(new.map(texts::sentence))
        .lines(former(incident));
    report = with_evidence(report, incident);
    if let Some(change) = &incident.change {
        let name = name_of_change(change, incident);
        report = report.field(name, change.line.clone());
    }
    let tied = incident.evidence.as_ref().is_some_and(|e| e.tied.is_some());
    let advice = if tied {
        Some(diagnosis::bring_node_back())
    } else {
        incident.key.problem.advice()
    };
    if let Some(advice) = advice {
        report = report.field(diagnosis::remedy(), advice);
    }
    if let Some(manual) = &incident.manual {
        report = report.field(texts::manual(), manual.clone());
    }
    if let Some(acked) = &incident.acked {
        let after = since(incident.opened, acked.at);
        report = report.field(texts::acked(), texts::by_after(acked.by, after));
    }
    if let (Some(silenced), Some(until)) = (&incident.silenced, incident.silenced_until) {
        report = report.field(texts::silenced(), texts::by_lapses(silenced.by, until));
    }
    if incident.flaps > 0 {
        report = report.footer(texts::came_back(incident.flaps));
    }
    report.ping.clone_from(&incident.mention);
    report.actions = actions(incident, timing);
    report
}

/// Since when, and how many and how often it is now; what was seen last is no "now" where nothing is seen any more.
fn begun(incident: &Incident) -> Text {
    let mut counts = texts::restarts(incident.restarts);
    if let Some(serves) = incident.serves.filter(|_| incident.quiet.is_none()) {
        counts.push(texts::still_serve(serves, incident.of));
    }
    match affected(incident) {
        _ if incident.key.is_cluster() => texts::since_alone(incident.began()),
        Some(affected) if incident.quiet.is_none() => texts::since(incident.began(), &affected.and(counts)),
        Some(affected) => texts::at_last(incident.began(), &affected.and(counts)),
        None => texts::since_alone(incident.began()).and(counts),
    }
}

/// What its title said before.
fn former(incident: &Incident) -> Option<Text> {
    let former = incident.former.as_ref()?;
    let length = since(incident.opened, former.until);
    Some(texts::sentence(&texts::before_that(
        &former.text,
        length,
        former.until,
    )))
}

/// What it comes back from.
fn returned(incident: &Incident) -> Option<Text> {
    let before = incident.returned?;
    Some(texts::returned(
        &before.from.to_string(),
        &before.from.message_key(),
        before.ended,
    ))
}

fn affected(incident: &Incident) -> Option<Text> {
    count(incident, incident.affected.len(), incident.of)
}

/// How many of how many; `None` of what has no pods: those that are refused, and those of a Job that are gone already.
fn count(incident: &Incident, affected: usize, of: u32) -> Option<Text> {
    (affected > 0).then(|| match incident.key.problem {
        Problem::NodeNotReady => texts::nodes(affected, of),
        _ => texts::pods(affected, of),
    })
}

fn with_evidence(mut report: Report, incident: &Incident) -> Report {
    let Some(evidence) = &incident.evidence else {
        return report;
    };
    if let Some(said) = &evidence.said {
        report = report.line(texts::sentence(&texts::said(said)));
    }
    let told = |event: &str| {
        let facts = incident.facts.iter();
        facts
            .chain([&incident.text])
            .any(|told| repeats(event, &told.plain()))
    };
    if let Some(event) = evidence.event.as_ref().filter(|event| !told(event)) {
        report = report.line(texts::sentence(&texts::event(event)));
    }
    if let Some(tied) = &evidence.tied {
        report = report.line(texts::sentence(tied));
    }
    if evidence.lines.is_empty() {
        if let Some(why) = &evidence.no_lines {
            report = report.line(texts::sentence(why));
        }
        return report;
    }
    report.line(texts::last_lines()).code(Code {
        language: String::new(),
        text: evidence.lines.join("\n"),
    })
}

/// Whether a sentence only says again what is told already. Long ones are cut in the middle, so their ends are compared.
fn repeats(sentence: &str, told: &str) -> bool {
    let sentence = sentence.trim_end_matches(['.', ':', ' ', ')']);
    let mut ends = sentence.char_indices().rev();
    let from = ends.nth(REPEATED - 1).map_or(0, |(at, _)| at);
    sentence.get(from..).is_some_and(|end| told.contains(end))
}

fn name_of_change(change: &LastChange, incident: &Incident) -> Text {
    match change.at {
        Some(at) if at <= incident.opened && since(at, incident.opened) < JUST_BEFORE => {
            texts::changed_just_before()
        }
        Some(at) if at > incident.opened => texts::changed_since(),
        _ => texts::last_change(),
    }
}

fn actions(incident: &Incident, timing: &Timing) -> Vec<Action> {
    let mut actions = Vec::new();
    if incident.acked.is_none() {
        actions.push(Action::new(Act::Ack, incident.id, texts::ack(), Style::Primary));
    }
    if incident.silenced.is_none() {
        let label = texts::silence(timing.silence);
        actions.push(Action::new(Act::Silence, incident.id, label, Style::Secondary));
    }
    actions.extend(diagnose(incident));
    actions.extend(logs(incident));
    let Some(workload) = incident.key.workload() else {
        return actions;
    };
    actions.push(status(&workload));
    if let Some(revision) = incident.way_back {
        let mut options = BTreeMap::from([
            ("workload".to_owned(), Value::Text(workload.to_string())),
            ("revision".to_owned(), Value::Int(revision)),
        ]);
        options.extend(incident.fails.map(|fails| (SEEN.to_owned(), Value::Int(fails))));
        let args = options_to_line(&options);
        let label = buttons::roll_back_to(revision, None);
        actions.push(Action {
            style: Style::Danger,
            ..Action::run(Shortcut::RollBack.path(), args, label)
        });
    }
    actions
}

fn status(workload: &Workload) -> Action {
    Action::run(Shortcut::Status.path(), line_about(workload), buttons::status())
}

/// Why it is so, for what can be asked about.
fn diagnose(incident: &Incident) -> Option<Action> {
    let key = &incident.key;
    let asks = Shortcut::Diagnose;
    let known = key.workload().is_some() || matches!(key.owner.kind.as_str(), "pod" | "job" | "node");
    known.then(|| {
        Action::run(
            asks.path(),
            line_of(asks.about(), key.target()),
            buttons::diagnose(),
        )
    })
}

/// The log of a failing pod around its time: of the container that ended, where another one runs by now. None where no
/// container ran.
fn logs(incident: &Incident) -> Option<Action> {
    let key = &incident.key;
    if matches!(
        key.problem,
        Problem::ImagePull
            | Problem::MissingReference
            | Problem::Volume
            | Problem::Unschedulable
            | Problem::PodsRefused
            | Problem::NodeNotReady
            | Problem::NoAnswer
    ) {
        return None;
    }
    let about = incident.evidence.as_ref().map(|evidence| &evidence.about);
    let about = about.filter(|about| incident.affected.contains(&about.pod));
    let pod = about.map(|about| &about.pod).or(incident.affected.first());
    let line = match pod {
        Some(pod) => {
            let from = about.and_then(|about| about.ended).unwrap_or(incident.opened);
            let from = from.checked_sub(BEFORE).unwrap_or(from);
            let whose = format!("{}/pod/{pod}", key.scope());
            let mut options = BTreeMap::from([
                ("workload".to_owned(), Value::Text(whose)),
                ("since".to_owned(), Value::Text(second(from).to_string())),
            ]);
            if let Some(container) = about.and_then(|about| about.container.clone()) {
                options.insert("container".to_owned(), Value::Text(container));
            }
            if about.is_some_and(|about| about.running && about.ended.is_some()) {
                options.insert("previous".to_owned(), Value::Bool(true));
            }
            options_to_line(&options)
        }
        None => line_about(key.workload()?),
    };
    Some(Action::run(Shortcut::Logs.path(), line, buttons::logs()))
}

/// A moment without the part of a second.
fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn over(incident: &Incident) -> Report {
    let Some(ending) = &incident.ending else {
        return Report::new(Tone::Off, incident.headline()).at(place(incident));
    };
    let owner = incident.key.owner.to_string();
    let (tone, title) = if ending.gone || ending.left.is_some() {
        (Tone::Off, texts::over(&owner))
    } else {
        (Tone::Good, texts::recovered(&owner))
    };
    let mut line = incident.key.problem.lasted(since(incident.began(), ending.at));
    line.push(texts::restarts(incident.restarts));
    if let Some(by) = &ending.by {
        line.push(texts::ended_by(by));
    }
    let mut report = Report::new(tone, title).at(place(incident)).line(line);
    if let Some(left) = ending.left {
        report = report.line(match left {
            Left::Pods { ready, desired } => texts::left(ready, desired),
            Left::JobFailed => texts::job_stays_failed(),
        });
    }
    if let Some(acked) = &incident.acked {
        let after = since(incident.opened, acked.at);
        report = report.line(texts::acked_by_after(acked.by, after));
    }
    let most = usize::try_from(incident.most).unwrap_or(usize::MAX);
    let most = count(incident, most, incident.of.max(incident.most));
    if !incident.key.is_cluster() {
        report = report.line(match most {
            Some(most) => texts::at_its_worst(&most, &incident.text),
            None => texts::at_its_worst_alone(&incident.text),
        });
    }
    report = report.lines(former(incident));
    if incident.flaps > 0 {
        report = report.footer(texts::came_back(incident.flaps));
    }
    if let Some(workload) = incident.key.workload().filter(|_| !ending.gone) {
        report = report.action(status(&workload));
    }
    report
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
