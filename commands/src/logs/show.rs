//! What was read, as a report: what was asked for and how much of it there was, what is missing and why, the lines.

use std::collections::BTreeMap;

use super::{
    draw::{self, counted, grouped},
    question::Question,
    read::Reading,
    scene::Scene,
    sieve::Counts,
    trouble::Trouble,
};
use crate::{
    input::Since,
    line,
    model::{Block, Report, Text, Timestamp, Tone, code, since},
};

/// Most troubles that are told one by one.
const TROUBLES: usize = 5;

/// The report of logs that were read once. `last` is the newest line's time, where nothing was found and it is known.
pub(super) fn report(
    scene: &Scene,
    question: &Question,
    reading: &Reading,
    last: Option<Timestamp>,
    now: Timestamp,
) -> Report {
    let marks = draw::marks(&scene.pods);
    let short = scene.target.short();
    let nothing = reading.kept.len() == 0;
    let title = match (nothing, reading.counts.lines) {
        (false, _) => line!["Logs of ", short],
        (true, 0) if !reading.troubles.is_empty() && reading.troubles.len() == scene.pods.len() => {
            line!["No log of ", short, " can be shown"]
        }
        (true, 0) if question.since.is_some() => line![short, " has logged nothing in that time"],
        (true, 0) => line![short, " has logged nothing"],
        (true, _) => line!["No line of ", short, " matches"],
    };
    let tone = if nothing || !reading.troubles.is_empty() {
        Tone::Waiting
    } else {
        Tone::Info
    };
    let mut report = Report::new(tone, title).at(scene.target.place());
    report.add(asked(scene, question, question.tail(), &reading.counts, now));
    report =
        report.lines(last.map(|at| line!["The newest line before is from ", crate::model::ago(at), "."]));
    report = report.lines(troubles(scene, &reading.troubles));
    report = report.lines(remarks(scene, reading));
    let mut footer = Vec::new();
    if !nothing {
        let drawn = draw::draw(&reading.kept, &marks, scene.target.name());
        footer.extend(drawn.note);
        footer.push("times in UTC".to_owned());
        report.add(drawn.code);
        report.blocks.extend(drawn.file.map(Block::File));
    }
    if !footer.is_empty() {
        report = report.footer(footer.join(" · "));
    }
    report
}

/// `3 pods · container api · last 15 min · matching error|timeout · 84 of 12,402 lines · 2 values hidden`
pub(super) fn asked(
    scene: &Scene,
    question: &Question,
    tail: Option<i64>,
    counts: &Counts,
    now: Timestamp,
) -> Text {
    let mut line = line![counted(scene.pods.len() as u64, "pod")];
    if scene.more > 0 {
        line = line.and(format!(" of {}", scene.pods.len() + scene.more));
    }
    line = line.and(" · container ").and(code(&scene.container.name));
    if question.previous {
        line = line.and(", the one before");
    }
    match question.since {
        Some(Since::Ago(length)) => line = line.and(" · ").and(draw::last(length)),
        Some(Since::At(at)) => line = line.and(" · ").and(draw::last(since(at, now))),
        None => {}
    }
    if let Some(tail) = tail {
        let each = if scene.pods.len() > 1 { " of each pod" } else { "" };
        let newest = counted(u64::try_from(tail).unwrap_or_default(), "line");
        line = line.and(format!(" · newest {newest}{each}"));
    }
    if let Some(grep) = &question.grep {
        let how = if grep.invert {
            " · not matching "
        } else {
            " · matching "
        };
        line = line.and(how).and(code(&grep.typed));
        line = line.and(format!(
            " · {} of {}",
            grouped(counts.matched),
            counted(counts.lines, "line")
        ));
    } else if counts.lines > 0 {
        line = line.and(format!(" · {}", counted(counts.lines, "line")));
    }
    if counts.hidden > 0 {
        line = line.and(format!(" · {} hidden", counted(counts.hidden, "value")));
    }
    line
}

/// The same trouble of several pods once.
fn troubles(scene: &Scene, all: &[(usize, Trouble)]) -> Vec<Text> {
    let mut by_words: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (pod, trouble) in all {
        let name = scene.pods.get(*pod).map(String::as_str).unwrap_or_default();
        by_words
            .entry(trouble.words(&scene.container.name))
            .or_default()
            .push(name);
    }
    let rest = by_words.len().saturating_sub(TROUBLES);
    let mut lines: Vec<Text> = by_words
        .into_iter()
        .take(TROUBLES)
        .map(|(words, pods)| match pods.as_slice() {
            [pod] => line![code(*pod), ": ", words],
            several => line![counted(several.len() as u64, "pod"), ": ", words],
        })
        .collect();
    if rest > 0 {
        lines.push(line![format!("… and {rest} more troubles")]);
    }
    lines
}

fn remarks(scene: &Scene, reading: &Reading) -> Vec<Text> {
    let mut lines = Vec::new();
    if reading.counts.long > 0 {
        lines.push(line![format!(
            "{} longer than 16 KiB: searched and shown no further than that",
            counted(reading.counts.long, "line")
        )]);
    }
    if reading.unfinished {
        lines.push(line![
            "Reading took too long and was ended: newer lines are missing. Ask for less with ",
            code("since"),
            " or ",
            code("tail"),
            "."
        ]);
    }
    if !scene.container.beside.is_empty() {
        lines.push(line![
            "not shown: container ",
            code(scene.container.beside.join(", "))
        ]);
    }
    lines
}
