//! What was read, as a report: what was asked for and how much of it there was, what is missing and why, the lines.

use std::collections::BTreeMap;

use super::{
    draw::{self, cut},
    patterns::{self, Pattern},
    question::Question,
    read::Reading,
    scene::Scene,
    sieve::Counts,
    trouble::Trouble,
};
use crate::{
    input::Since,
    model::{Block, File, Report, Text, Timestamp, Tone, since},
    texts,
};

/// Patterns that are told; all of them go along as a file.
const PATTERNS: usize = 12;
/// The longest of them in a message.
const TEMPLATE: usize = 160;
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
        (false, _) => texts::logs::title(&short),
        (true, 0) if !reading.troubles.is_empty() && reading.troubles.len() == scene.pods.len() => {
            texts::logs::no_log(&short)
        }
        (true, 0) if question.since.is_some() => texts::logs::nothing_in_that_time(&short),
        (true, 0) => texts::logs::nothing_at_all(&short),
        (true, _) => texts::logs::no_match(&short),
    };
    let tone = if nothing || !reading.troubles.is_empty() {
        Tone::Waiting
    } else {
        Tone::Info
    };
    let mut report = Report::new(tone, title)
        .at(scene.target.place())
        .line(asked(scene, question, question.tail(), &reading.counts, now))
        .lines(last.map(texts::logs::newest_before))
        .lines(troubles(scene, &reading.troubles))
        .lines(remarks(scene, reading));
    if !nothing && question.patterns {
        return summed_up(report, scene, reading);
    }
    if !nothing {
        let drawn = draw::draw(&reading.kept, &marks, scene.target.name());
        report = report.code(drawn.code);
        report.blocks.extend(drawn.file.map(Block::File));
        if let Some(note) = drawn.note {
            report = report.footer(note);
        }
        report = report.footer(texts::logs::in_utc());
    }
    report
}

/// What is said again and again, once.
fn summed_up(mut report: Report, scene: &Scene, reading: &Reading) -> Report {
    let (found, rest) = patterns::of(&reading.kept.iter().collect::<Vec<_>>());
    report.title = texts::logs::title_of_patterns(&scene.target.short(), found.len());
    if found.iter().any(|pattern| pattern.is_error) {
        report.tone = Tone::Waiting;
    }
    if reading.kept.dropped > 0 {
        report.add(texts::logs::of_the_newest(reading.kept.len() as u64));
    }
    for pattern in found.iter().take(PATTERNS) {
        let pods = (scene.pods.len() > 1).then_some(pattern.pods.len());
        let told = texts::logs::Repeated {
            count: pattern.count,
            over_time: &bars(&pattern.over_time),
            last: pattern.last,
            pods,
            template: &cut(&pattern.template(), TEMPLATE),
        };
        report.add(texts::logs::pattern(&told));
    }
    let left = found.len().saturating_sub(PATTERNS);
    if left > 0 || rest > 0 || found.iter().any(|pattern| pattern.sample.contains('\n')) {
        let name = format!("{}-patterns.txt", scene.target.name());
        let description = texts::logs::file_of_patterns(scene.target.name());
        let file = File::new(name, description, in_full(&found).into_bytes());
        report.blocks.push(Block::File(file));
    }
    if left > 0 {
        report.add(texts::logs::more_patterns(left));
    }
    if rest > 0 {
        report.add(texts::logs::beyond_patterns(rest));
    }
    report
}

/// How many came when, the highest bar for the most.
fn bars(counts: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let bar = |count: &u64| match *count {
        0 => ' ',
        count => {
            let at = usize::try_from((count * BARS.len() as u64 - 1) / most).unwrap_or(0);
            BARS.get(at).copied().unwrap_or('█')
        }
    };
    counts.iter().map(bar).collect()
}

/// All patterns, each with the first line of it as it came.
fn in_full(found: &[Pattern]) -> String {
    let mut out = String::new();
    for pattern in found {
        let Pattern {
            count,
            first,
            last,
            sample,
            ..
        } = pattern;
        let head = format!("{count}  {first}  {last}  {}", pattern.template());
        let lines = sample.lines().map(|line| format!("    {line}\n"));
        out.push_str(&head);
        out.push('\n');
        out.extend(lines);
    }
    out
}

/// `3 pods · container api · last 15 min · matching error|timeout · 84 of 12,402 lines · 2 values hidden`
pub(super) fn asked(
    scene: &Scene,
    question: &Question,
    tail: Option<i64>,
    counts: &Counts,
    now: Timestamp,
) -> Text {
    let pods = i32::try_from(scene.pods.len()).unwrap_or(i32::MAX);
    let mut line = texts::logs::of_pods(pods, scene.more);
    line.push(texts::logs::of_container(
        &scene.container.name,
        question.previous,
    ));
    match question.since {
        Some(Since::Ago(length)) => line.push(texts::logs::last(length)),
        Some(Since::At(at)) => line.push(texts::logs::last(since(at, now))),
        None => {}
    }
    if let Some(tail) = tail {
        line.push(texts::logs::newest(tail.unsigned_abs(), scene.pods.len() > 1));
    }
    if let Some(grep) = &question.grep {
        let Counts { matched, lines, .. } = *counts;
        line.push(texts::logs::matching(&grep.typed, grep.invert, matched, lines));
    } else if counts.lines > 0 {
        line.push(texts::logs::read(counts.lines));
    }
    if counts.hidden > 0 {
        line.push(texts::logs::hidden(counts.hidden));
    }
    line
}

/// The same trouble of several pods once.
fn troubles(scene: &Scene, all: &[(usize, Trouble)]) -> Vec<Text> {
    let mut by_words: BTreeMap<String, (Text, Vec<&str>)> = BTreeMap::new();
    for (pod, trouble) in all {
        let name = scene.pods.get(*pod).map(String::as_str).unwrap_or_default();
        let words = trouble.words(&scene.container.name);
        let (_, pods) = by_words.entry(words.plain()).or_insert((words, Vec::new()));
        pods.push(name);
    }
    let rest = by_words.len().saturating_sub(TROUBLES);
    let told = by_words.into_values().take(TROUBLES);
    let mut lines: Vec<Text> = told
        .map(|(words, pods)| match pods.as_slice() {
            [pod] => texts::logs::of_pod(pod, &words),
            several => texts::logs::of_several(i32::try_from(several.len()).unwrap_or(i32::MAX), &words),
        })
        .collect();
    if rest > 0 {
        lines.push(texts::logs::more_troubles(rest));
    }
    lines
}

fn remarks(scene: &Scene, reading: &Reading) -> Vec<Text> {
    let mut lines = Vec::new();
    if reading.counts.long > 0 {
        lines.push(texts::logs::long_lines(reading.counts.long));
    }
    if reading.unfinished {
        lines.push(texts::logs::unfinished());
    }
    if !scene.container.beside.is_empty() {
        lines.push(texts::logs::not_shown(&scene.container.beside));
    }
    lines
}
