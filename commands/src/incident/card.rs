//! What people read of an incident: one message from first to last. The verdict first, then how many, then the evidence,
//! then what was changed just before and what to do about it.

use super::{Incident, LastChange, Noted, Problem, Timing};
use crate::{
    input::{Value, line_about, options_to_line},
    line,
    model::{Act, Action, Code, Report, Style, Text, Tone, ago, since, spell},
};

/// So many characters at its end make a sentence a repetition.
const REPEATED: usize = 30;
/// A change so shortly before the beginning that it is the first suspect.
const JUST_BEFORE: std::time::Duration = std::time::Duration::from_secs(3600);

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
    let mut line = line![
        incident.key.problem.title(),
        ", ",
        affected(incident),
        ", since ",
        ago(incident.opened)
    ];
    if let Some(acked) = &incident.acked {
        line = line.and(", acked by ").and(acked.by);
    }
    line
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
    let mut report = Report::new(Tone::Bad, line![incident.headline()]).at(place(incident));
    report = report.line(line!["since ", ago(incident.opened), ", ", counts(incident)]);
    report = report.line(line![sentence(&incident.text)]);
    let new = |line: &&str| !repeats(line, &incident.text);
    for fact in incident.facts.iter().flat_map(|fact| fact.lines()).filter(new) {
        report = report.line(line![sentence(fact)]);
    }
    report = with_evidence(report, incident);
    if let Some(change) = &incident.change {
        let name = name_of_change(change, incident);
        report = report.field(name, change.line.clone());
    }
    if let Some(manual) = incident.key.problem.manual() {
        report = report.field("Manual", manual);
    }
    if let Some(acked) = &incident.acked {
        report = report.field("Acked", acked_words(acked, incident));
    }
    if let (Some(silenced), Some(until)) = (&incident.silenced, incident.silenced_until) {
        let line = line!["by ", silenced.by, ", lapses ", ago(until)];
        report = report.field("Silenced", line);
    }
    if incident.flaps > 0 {
        report = report.footer(format!("came back {}", times(incident.flaps)));
    }
    report.actions = actions(incident, timing);
    report
}

/// `2 of 3 pods, 6 restarts`
fn counts(incident: &Incident) -> String {
    match incident.restarts {
        0 => affected(incident),
        1 => format!("{}, 1 restart", affected(incident)),
        n => format!("{}, {n} restarts", affected(incident)),
    }
}

fn affected(incident: &Incident) -> String {
    let what = if incident.key.problem == Problem::NodeNotReady {
        "node"
    } else {
        "pod"
    };
    let plural = if incident.of == 1 { "" } else { "s" };
    format!("{} of {} {what}{plural}", incident.affected.len(), incident.of)
}

/// With a full stop at the end. Names of containers stay as they are, so no letter is made large.
fn sentence(text: &str) -> String {
    let dot = if text.ends_with(['.', '!', '?', '…']) {
        ""
    } else {
        "."
    };
    format!("{text}{dot}")
}

fn with_evidence(mut report: Report, incident: &Incident) -> Report {
    let Some(evidence) = &incident.evidence else {
        return report;
    };
    if let Some(said) = &evidence.said {
        report = report.line(line![format!("It said at its end: {}", sentence(said))]);
    }
    let told = |event: &str| {
        let facts = incident.facts.iter();
        facts.chain([&incident.text]).any(|told| repeats(event, told))
    };
    if let Some(event) = evidence.event.as_ref().filter(|event| !told(event)) {
        report = report.line(line![format!("Event: {}", sentence(event))]);
    }
    if evidence.lines.is_empty() {
        if let Some(why) = &evidence.no_lines {
            report = report.line(line![sentence(why)]);
        }
        return report;
    }
    report = report.line(line!["Last lines before the end:"]);
    report.code(Code {
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

fn name_of_change(change: &LastChange, incident: &Incident) -> &'static str {
    match change.at {
        Some(at) if at <= incident.opened && since(at, incident.opened) < JUST_BEFORE => {
            "Changed just before"
        }
        Some(at) if at > incident.opened => "Changed since",
        _ => "Last change",
    }
}

fn acked_words(acked: &Noted, incident: &Incident) -> Text {
    let after = spell(since(incident.opened, acked.at));
    line!["by ", acked.by, format!(" after {after}")]
}

fn times(n: u32) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

fn actions(incident: &Incident, timing: &Timing) -> Vec<Action> {
    let mut actions = Vec::new();
    if incident.acked.is_none() {
        actions.push(Action::new(Act::Ack, incident.id, "Ack", Style::Primary));
    }
    if incident.silenced.is_none() {
        let label = format!("Silence {}", spell(timing.silence));
        actions.push(Action::new(Act::Silence, incident.id, label, Style::Secondary));
    }
    if let Some(whose) = log_of(incident) {
        // Of the container as the kubelet counts: while one waits after a crash, that is the one that ended.
        actions.push(Action::run("logs", line_about(whose), "Logs"));
    }
    let Some(workload) = incident.key.workload() else {
        return actions;
    };
    actions.push(Action::run("status", line_about(&workload), "Status"));
    if let Some(revision) = incident.way_back {
        let options = [
            ("workload".to_owned(), Value::Text(workload.to_string())),
            ("revision".to_owned(), Value::Int(revision)),
        ];
        let args = options_to_line(&options.into());
        let label = format!("Roll back to {revision}");
        actions.push(Action {
            style: Style::Danger,
            ..Action::run("rollback", args, label)
        });
    }
    actions
}

/// Whose log there is to read: the workload's, or the pod's where something else owns it. None where no container ran.
fn log_of(incident: &Incident) -> Option<String> {
    let key = &incident.key;
    if matches!(
        key.problem,
        Problem::ImagePull | Problem::Unschedulable | Problem::NodeNotReady
    ) {
        return None;
    }
    if let Some(workload) = key.workload() {
        return Some(workload.to_string());
    }
    let pod = &incident.evidence.as_ref()?.about.pod;
    Some(format!("{}/pod/{pod}", key.scope()))
}

fn over(incident: &Incident) -> Report {
    let Some(ending) = &incident.ending else {
        return Report::new(Tone::Off, line![incident.headline()]).at(place(incident));
    };
    let (tone, verdict) = if ending.gone {
        (Tone::Off, "over")
    } else {
        (Tone::Good, "recovered")
    };
    let title = format!("{}: {verdict}", incident.key.owner);
    let mut report = Report::new(tone, line![title]).at(place(incident));
    let length = spell(since(incident.opened, ending.at));
    let restarts = match incident.restarts {
        0 => String::new(),
        1 => ", 1 restart".to_owned(),
        n => format!(", {n} restarts"),
    };
    let mut line = line![format!("{} {length}{restarts}", incident.key.problem.past())];
    if let Some(by) = &ending.by {
        line = line.and(", ended by ").and(by.clone());
    }
    report = report.line(line);
    if let Some(acked) = &incident.acked {
        report = report.line(line!["acked "].and(acked_words(acked, incident)));
    }
    report = report.line(line![
        format!("At its worst {}: ", worst(incident)),
        incident.text.clone()
    ]);
    if incident.flaps > 0 {
        report = report.footer(format!("came back {}", times(incident.flaps)));
    }
    if let Some(workload) = incident.key.workload().filter(|_| !ending.gone) {
        report = report.action(Action::run("status", line_about(&workload), "Status"));
    }
    report
}

fn worst(incident: &Incident) -> String {
    let what = if incident.key.problem == Problem::NodeNotReady {
        "node"
    } else {
        "pod"
    };
    let plural = if incident.of == 1 { "" } else { "s" };
    format!(
        "{} of {} {what}{plural}",
        incident.most,
        incident.of.max(incident.most)
    )
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
