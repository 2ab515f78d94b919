//! What a log says again and again, told once: lines that differ only in numbers, ids and times are of one pattern. Nothing of
//! a trace is torn from the line that it belongs to.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use regex::Regex;

use super::kept::Shown;
use crate::model::Timestamp;

/// Most patterns that are told apart; what comes after them is counted together.
const MOST: usize = 500;
/// Most words of a line that are compared.
const WORDS: usize = 40;
/// Parts of the time in which they were seen.
pub(super) const PARTS: usize = 8;
/// Stands where lines of one pattern differ.
const ANY: &str = "*";

/// Lines that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// What they have in common.
    words: Vec<String>,
    /// The first of them, as it came, with the trace that belongs to it.
    pub(super) sample: String,
    /// How many.
    pub(super) count: u64,
    /// When the first came.
    pub(super) first: Timestamp,
    /// When the last came.
    pub(super) last: Timestamp,
    /// Of which pods.
    pub(super) pods: BTreeSet<usize>,
    /// Whether it tells of an error.
    pub(super) is_error: bool,
    /// How many in each part of the time in which lines were seen.
    pub(super) over_time: [u64; PARTS],
}

impl Pattern {
    fn new(words: &[String], entry: &Entry) -> Self {
        Self {
            words: words.to_vec(),
            is_error: is_error(&entry.told),
            sample: entry.whole.clone(),
            count: 0,
            first: entry.at,
            last: entry.at,
            pods: BTreeSet::new(),
            over_time: [0; PARTS],
        }
    }

    /// What the lines have in common, with a mark where they differ.
    pub(super) fn template(&self) -> String {
        self.words.join(" ")
    }
}

/// The patterns of some lines, those of errors first, then the most frequent; and how many lines were of none that is told.
pub(super) fn of(lines: &[&Shown]) -> (Vec<Pattern>, u64) {
    let begin = lines.iter().map(|line| line.at).min();
    let end = lines.iter().map(|line| line.at).max();
    let (Some(begin), Some(end)) = (begin, end) else {
        return (Vec::new(), 0);
    };
    let part = |at: Timestamp| {
        let whole = end.duration_since(begin).as_millis().max(1);
        let passed = at.duration_since(begin).as_millis();
        let parts = i128::try_from(PARTS).unwrap_or(1);
        usize::try_from(passed * parts / whole)
            .unwrap_or(0)
            .min(PARTS - 1)
    };
    let (mut found, mut rest): (Vec<Pattern>, u64) = (Vec::new(), 0);
    let mut alike: HashMap<usize, Vec<usize>> = HashMap::new();
    for entry in entries(lines) {
        let words = masked(&entry.told);
        let same_length = alike.entry(words.len()).or_default();
        let known = same_length
            .iter()
            .copied()
            .find(|at| found.get(*at).is_some_and(|known| is_like(&known.words, &words)));
        let at = match known {
            Some(at) => at,
            None if found.len() >= MOST => {
                rest += 1;
                continue;
            }
            None => {
                same_length.push(found.len());
                found.push(Pattern::new(&words, &entry));
                found.len() - 1
            }
        };
        let Some(pattern) = found.get_mut(at) else {
            continue;
        };
        join(&mut pattern.words, &words);
        pattern.count += 1;
        pattern.first = pattern.first.min(entry.at);
        pattern.last = pattern.last.max(entry.at);
        pattern.pods.insert(entry.pod);
        if let Some(count) = pattern.over_time.get_mut(part(entry.at)) {
            *count += 1;
        }
    }
    found.sort_by_key(|pattern| (!pattern.is_error, std::cmp::Reverse(pattern.count)));
    (found, rest)
}

/// A line with what belongs to it.
struct Entry {
    at: Timestamp,
    pod: usize,
    /// What it is told by: its first line, or of a trace that ends with its error that one.
    told: String,
    whole: String,
    /// Whether the error of a trace is still to come.
    open: bool,
}

/// Lines with the traces that follow them, each pod's own.
fn entries(lines: &[&Shown]) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    let mut newest: HashMap<usize, usize> = HashMap::new();
    for line in lines {
        let last = newest.get(&line.pod).and_then(|at| all.get_mut(*at));
        let goes_on = line.text.starts_with([' ', '\t']) || line.text.starts_with("Caused by:");
        match last {
            Some(entry) if goes_on || entry.open => {
                entry.whole.push('\n');
                entry.whole.push_str(&line.text);
                if !goes_on {
                    entry.told.clone_from(&line.text);
                    entry.open = false;
                }
            }
            _ => {
                newest.insert(line.pod, all.len());
                all.push(Entry {
                    at: line.at,
                    pod: line.pod,
                    told: line.text.clone(),
                    whole: line.text.clone(),
                    open: line.text.starts_with("Traceback (most recent call last)"),
                });
            }
        }
    }
    all
}

/// Forms that differ from line to line. Only literals are compiled here, and a test compiles each.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // Times and dates.
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|(?-u:\b)\d\d:\d\d:\d\d(?:[.,]\d+)?",
        // Ids.
        r"(?-u:\b)[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?-u:\b)",
        // Addresses, with their ports.
        r"(?-u:\b)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d+)?(?-u:\b)",
        r"(?-u:\b)0x[0-9a-fA-F]+(?-u:\b)|(?-u:\b)[0-9a-fA-F]*[0-9][0-9a-fA-F]*[a-fA-F][0-9a-fA-F]{6,}(?-u:\b)",
        // Numbers, with what they count.
        r"(?-u:\b)\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|[kKMGT]i?B?|%)?(?-u:\b)",
    ]
    .into_iter()
    .filter_map(|form| Regex::new(form).ok())
    .collect()
});

fn masked(line: &str) -> Vec<String> {
    let mut text = line.to_owned();
    for form in FORMS.iter() {
        if let std::borrow::Cow::Owned(other) = form.replace_all(&text, ANY) {
            text = other;
        }
    }
    text.split_whitespace().take(WORDS).map(str::to_owned).collect()
}

/// Whether two lines of as many words say the same: they begin alike, and of ten words that are no numbers at least seven
/// are one. What is a number in both says nothing.
fn is_like(one: &[String], other: &[String]) -> bool {
    let words = || one.iter().zip(other).filter(|(a, b)| *a != ANY || *b != ANY);
    let same = words().filter(|(a, b)| a == b).count();
    one.first() == other.first() && same * 10 >= words().count() * 7
}

fn join(words: &mut [String], others: &[String]) {
    for (word, other) in words.iter_mut().zip(others) {
        if word != other {
            ANY.clone_into(word);
        }
    }
}

/// Words with which programs tell of errors, in any case.
static ERRORS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?-u:\b)(?:err|error|errors|fatal|panic|panicked|critical|severe|exception|traceback|failed|failure|refused|denied|unauthorized|forbidden|timeout|timed out|out of memory|[a-z]+(?:error|exception))(?-u:\b)",
    )
    .ok()
});

fn is_error(line: &str) -> bool {
    ERRORS.as_ref().is_some_and(|errors| errors.is_match(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(all: &[(i64, usize, &str)]) -> Vec<Shown> {
        all.iter()
            .map(|(at, pod, text)| Shown {
                at: Timestamp::from_second(*at).unwrap(),
                pod: *pod,
                text: (*text).to_owned(),
            })
            .collect()
    }

    fn told(all: &[(i64, usize, &str)]) -> Vec<String> {
        let lines = lines(all);
        let (found, _) = of(&lines.iter().collect::<Vec<_>>());
        found
            .iter()
            .map(|pattern| format!("{} {}", pattern.count, pattern.template()))
            .collect()
    }

    #[test]
    fn every_form_compiles() {
        assert_eq!(FORMS.len(), 5);
        assert!(ERRORS.is_some());
    }

    #[test]
    fn lines_that_differ_in_numbers_and_ids_are_one_and_errors_come_first() {
        assert_eq!(
            told(&[
                (1, 0, "GET /users/17 200 in 3.5ms from 10.0.0.7:4021"),
                (2, 0, "GET /users/18 200 in 12ms from 10.0.0.8:4022"),
                (3, 1, "GET /users/19 200 in 1s from 10.0.0.8:1"),
                (
                    4,
                    0,
                    "2026-11-22T20:02:59Z ERROR order 6ba7b810-9dad-11d1-80b4-00c04fd430c8 failed"
                ),
                (
                    5,
                    0,
                    "2026-11-22T20:03:01Z ERROR order 6ba7b811-9dad-11d1-80b4-00c04fd430c8 failed"
                ),
                (6, 0, "started"),
            ]),
            [
                "2 * ERROR order * failed",
                "3 GET /users/* * in * from *",
                "1 started"
            ]
        );
    }

    #[test]
    fn words_that_vary_are_marked_and_other_sentences_stay_apart() {
        assert_eq!(
            told(&[
                (1, 0, "worker alpha took job import of queue main"),
                (2, 0, "worker beta took job export of queue main"),
                (3, 0, "worker gamma is idle and waits for work"),
            ]),
            [
                "2 worker * took job * of queue main",
                "1 worker gamma is idle and waits for work"
            ]
        );
    }

    #[test]
    fn requests_for_other_things_are_other_lines() {
        assert_eq!(
            told(&[
                (1, 0, "info GET /v1/agents 200 12ms"),
                (2, 0, "info POST /v1/chat 200 912ms"),
                (3, 0, "info GET /v1/agents 200 7ms"),
                (4, 0, "info GET /v1/reports 404 7ms"),
            ]),
            [
                "2 info GET /v1/agents * *",
                "1 info POST /v1/chat * *",
                "1 info GET /v1/reports * *"
            ]
        );
    }

    #[test]
    fn a_trace_stays_with_its_error() {
        let all = lines(&[
            (1, 0, "Traceback (most recent call last):"),
            (1, 1, "ready"),
            (1, 0, "  File \"a.py\", line 3, in run"),
            (1, 0, "ValueError: bad port 70000"),
            (2, 0, "java.lang.IllegalStateException: closed"),
            (2, 0, "\tat a.B.c(B.java:7)"),
            (2, 0, "Caused by: java.io.IOException: reset"),
            (3, 0, "Traceback (most recent call last):"),
            (3, 0, "  File \"a.py\", line 3, in run"),
            (3, 0, "ValueError: bad port 70001"),
        ]);
        let (found, rest) = of(&all.iter().collect::<Vec<_>>());
        let told: Vec<String> = found.iter().map(Pattern::template).collect();
        assert_eq!(
            told,
            [
                "ValueError: bad port *",
                "java.lang.IllegalStateException: closed",
                "ready"
            ]
        );
        assert_eq!((found[0].count, rest), (2, 0));
        assert!(found[0].sample.starts_with("Traceback") && found[0].sample.ends_with("70000"));
        assert!(found[1].sample.contains("B.java:7") && found[1].sample.contains("reset"));
        assert!(!found[2].is_error);
    }

    #[test]
    fn when_and_where_is_counted() {
        let all = lines(&[
            (0, 0, "tick 1"),
            (10, 1, "tick 2"),
            (79, 2, "tick 3"),
            (80, 0, "tick 4"),
        ]);
        let (found, _) = of(&all.iter().collect::<Vec<_>>());
        assert_eq!(found[0].over_time, [1, 1, 0, 0, 0, 0, 0, 2]);
        assert_eq!(found[0].pods.len(), 3);
        assert_eq!((found[0].first.as_second(), found[0].last.as_second()), (0, 80));
        assert_eq!(of(&[]), (Vec::new(), 0));
    }

    #[test]
    fn there_is_a_bound_and_what_is_beyond_it_is_counted() {
        let word = |n: usize| "abcdefghij".repeat(n % 7 + 1) + &"x".repeat(n);
        let all: Vec<Shown> = (0..MOST + 20)
            .map(|n| Shown {
                at: Timestamp::UNIX_EPOCH,
                pod: 0,
                text: word(n),
            })
            .collect();
        let (found, rest) = of(&all.iter().collect::<Vec<_>>());
        assert_eq!((found.len(), rest), (MOST, 20));
    }
}
