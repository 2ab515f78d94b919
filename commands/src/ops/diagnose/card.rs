//! How a case is told: the cause first, then how certain, what follows, what it rests on, what to do, what was looked at.

use super::case::Case;
use crate::{
    diagnosis::Certainty,
    line,
    model::{Code, Field, Report, Text, Tone, code},
    texts::{diagnose as texts, diagnosis, incident, status},
};

/// Pieces of evidence that are told.
const MOST: usize = 6;

/// The card of a case.
pub(super) fn card(case: Case) -> Report {
    let found = !case.chain.is_empty();
    let only_possible = case
        .chain
        .iter()
        .all(|told| told.certainty == Certainty::Possible);
    let title = match (&case.verdict, found) {
        (Some(verdict), true) => line![code(case.name.clone()), " ", verdict],
        (None, true) if only_possible => texts::may_not_work(&case.name),
        (None, true) => texts::does_not_work(&case.name),
        (_, false) if case.unknown => texts::unknown(&case.name),
        (_, false) => texts::nothing_wrong(&case.name),
    };
    let tone = match () {
        () if found && only_possible => Tone::Waiting,
        () if found => case.tone,
        () if case.unknown => Tone::Waiting,
        () => Tone::Good,
    };
    let mut report = Report::new(tone, title).at(case.place.as_str());
    if let Some(verdict) = case.verdict.as_ref().filter(|_| !found) {
        report = report.line(incident::sentence(&line![code(case.name.clone()), " ", verdict]));
    }
    report = causes(report, &case);
    let steps = case.steps();
    if !steps.is_empty() {
        report = report.block(Field::of(texts::looked_at(), steps));
    }
    if !case.not_looked_at().is_empty() {
        report = report.block(Field::of(texts::not_looked_at(), case.not_looked_at().to_vec()));
    }
    for action in case.actions {
        report = report.action(action);
    }
    report
}

fn causes(mut report: Report, case: &Case) -> Report {
    if let Some((root, rest)) = case.chain.split_first() {
        let root_text = match root.certainty {
            Certainty::Possible => texts::perhaps(&root.text),
            _ => root.text.clone(),
        };
        let mut lines = vec![incident::sentence(&root_text)];
        lines.extend(
            rest.iter()
                .map(|told| incident::sentence(&texts::follows(&told.text))),
        );
        lines.push(certainty(root.certainty));
        report = report.block(Field::of(texts::cause(), lines));
        let evidence: Vec<Text> = case
            .chain
            .iter()
            .flat_map(|told| told.evidence.clone())
            .take(MOST)
            .collect();
        if !evidence.is_empty() {
            report = report.block(Field::of(texts::evidence(), evidence));
        }
    }
    if !case.lines.is_empty() {
        report = report.line(incident::last_lines()).code(Code {
            language: String::new(),
            text: case.lines.join("\n"),
        });
    }
    if !case.others.is_empty() {
        report = report.block(Field::of(texts::also(), case.others.clone()));
    }
    if let Some(change) = &case.change {
        let lines = std::iter::once(change).chain(&case.rewritten);
        report = report.block(Field::of(status::last_change(), lines.cloned().collect()));
    }
    if let Some(worked) = &case.worked {
        report = report.field(texts::last_worked(), worked.clone());
    }
    if let Some(advice) = case.chain.iter().find_map(|told| told.advice.clone()) {
        report = report.field(diagnosis::remedy(), advice);
    }
    if let Some(manual) = &case.manual {
        report = report.field(incident::manual(), manual.clone());
    }
    report
}

fn certainty(certainty: Certainty) -> Text {
    match certainty {
        Certainty::Seen => texts::seen(),
        Certainty::Likely => texts::inferred(),
        Certainty::Possible => texts::possible(),
    }
}
