//! What hides.

use std::{borrow::Cow, fmt, sync::Arc};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::{
    known,
    lines::Lines,
    mark::MARK,
    names,
    patterns::{self, PATTERNS},
    sane::sane,
};
use crate::{
    input::{Value, options_from_line},
    model::{Action, Report, Text},
    texts,
};

/// Hides secrets. Cheap to clone.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Vec<String>,
    find: Option<Arc<AhoCorasick>>,
    more: Arc<[Regex]>,
    secret_values: bool,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the values.
        f.debug_struct("Redactor")
            .field("known", &self.known.len())
            .field("more", &self.more.len())
            .field("secret_values", &self.secret_values)
            .finish()
    }
}

impl Redactor {
    /// Hides these values too, in every form in which they travel. Values of fewer than eight characters are left alone.
    pub fn new<V: Into<Vec<u8>>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::default().and_values(values)
    }

    /// Hides these values as well.
    #[must_use]
    pub fn and_values<V: Into<Vec<u8>>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        for value in values {
            self.known.extend(known::forms_of(&value.into()));
        }
        self.known.sort_unstable();
        self.known.dedup();
        self.find = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&self.known)
            .ok()
            .filter(|_| !self.known.is_empty())
            .map(Arc::new);
        self
    }

    /// Hides what these find: their first group, or the whole where there is none.
    #[must_use]
    pub fn with_patterns(mut self, patterns: impl IntoIterator<Item = Regex>) -> Self {
        self.more = self.more.iter().cloned().chain(patterns).collect();
        self
    }

    /// Whether the values of a namespace's Secrets are to be hidden in what comes from that namespace (`redact.secret_values`).
    #[must_use]
    pub fn with_secret_values(mut self, on: bool) -> Self {
        self.secret_values = on;
        self
    }

    /// Whether a command that shows what programs wrote has to read the namespace's Secrets first.
    #[must_use]
    pub fn wants_secret_values(&self) -> bool {
        self.secret_values
    }

    /// The text without its secrets, and how many were hidden.
    #[must_use]
    pub fn clean<'t>(&self, text: &'t str) -> (Cow<'t, str>, usize) {
        let mut hidden = 0;
        let mut text = Cow::Borrowed(text);
        if let Some(find) = &self.find
            && find.is_match(text.as_ref())
        {
            let mut cleaned = String::with_capacity(text.len());
            find.replace_all_with(text.as_ref(), &mut cleaned, |_, _, out| {
                hidden += 1;
                out.push_str(MARK);
                true
            });
            text = Cow::Owned(cleaned);
        }
        if PATTERNS.any.is_match(&text) {
            for pattern in &PATTERNS.each {
                if let Some(cleaned) = pattern.clean(&text, &mut hidden) {
                    text = Cow::Owned(cleaned);
                }
            }
        }
        for pattern in self.more.iter().filter(|p| !p.as_str().is_empty()) {
            let all = |_: &str, secret: &str| secret.len();
            if let Some(cleaned) = patterns::clean(pattern, all, &text, &mut hidden) {
                text = Cow::Owned(cleaned);
            }
        }
        (text, hidden)
    }

    /// The text without its secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.clean(text).0.into_owned()
    }

    /// The same in one line.
    #[must_use]
    pub fn quote_in_a_line(&self, text: &str) -> String {
        self.quote(text).replace('\n', " ")
    }

    /// What a variable, an annotation or a field holds, as it may be told: hidden whole where its name promises a secret,
    /// else freed of what looks like one, alone or as what its name says.
    #[must_use]
    pub fn value(&self, name: &str, value: &str) -> String {
        if names::hides(name, value) {
            return MARK.to_owned();
        }
        let assigned = self.quote(&format!("{name}={value}"));
        let told = assigned
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('='));
        told.unwrap_or(MARK).replace('\n', " ")
    }

    /// The arguments of a program, as they may be told: `--password x` hides `x`, wherever the list cuts it.
    #[must_use]
    pub fn arguments(&self, list: &[&str]) -> Vec<String> {
        let mut flag = None;
        let mut program = None;
        let mut told = Vec::with_capacity(list.len());
        for argument in list {
            let before: Option<&str> = flag.take();
            let is_flag = argument.starts_with('-');
            let short = program.and_then(|program| short_flag(program, argument));
            told.push(match (before, argument.split_once('=')) {
                _ if short.is_some_and(|value| !value.is_empty()) => format!("{}{MARK}", &argument[..2]),
                (Some(SHORT), _) => MARK.to_owned(),
                (Some(name), _) if !is_flag && names::hides_after_flag(name, argument) => MARK.to_owned(),
                (_, Some((name, value))) if is_name(name) => format!("{name}={}", self.value(name, value)),
                _ => self.quote_in_a_line(argument),
            });
            let takes_next = is_flag || ["requirepass", "masterauth"].contains(argument);
            flag = match short {
                Some("") => Some(SHORT),
                _ => Some(argument.trim_start_matches('-')).filter(|_| takes_next),
            };
            program = program.or_else(|| known_program(argument));
        }
        told
    }

    /// What a program or a controller wrote, as it may be quoted: without control characters and without secrets, those
    /// that go over several lines included. To be cut only afterwards: half a secret looks like none.
    #[must_use]
    pub fn quote(&self, raw: &str) -> String {
        if !raw.contains('\n') {
            return self.text(&sane(raw.as_bytes()));
        }
        let mut keys = Lines::default();
        let lines: Vec<String> = raw
            .lines()
            .map(|line| {
                keys.clean(|text| self.clean(text), &sane(line.as_bytes()))
                    .0
                    .into_owned()
            })
            .collect();
        self.text(&lines.join("\n"))
    }

    /// A line without secrets.
    #[must_use]
    pub fn line(&self, mut line: Text) -> Text {
        line.map_text(&|text| self.text(text));
        line
    }

    /// A report without secrets. What a button carries is stored, and sent when it is pressed: one that would carry a
    /// secret is left out, and the footer says so.
    #[must_use]
    pub fn report(&self, mut report: Report) -> Report {
        report.map_text(&|text| self.text(text));
        let before = report.actions.len() + report.links.len();
        report.actions.retain(|action| !self.is_in(action));
        report.links.retain(|link| self.clean(&link.url).1 == 0);
        if report.actions.len() + report.links.len() < before {
            report = report.footer(texts::redact::no_button());
        }
        report
    }

    /// Whether a button carries a secret, plainly or within the options of a command.
    fn is_in(&self, action: &Action) -> bool {
        let Some(extra) = &action.extra else { return false };
        let held = |text: &str| self.clean(text).1 > 0;
        held(extra)
            || options_from_line(extra)
                .values()
                .any(|value| matches!(value, Value::Text(text) if held(text)))
    }
}

/// Stands for the flag of one letter that takes a password.
const SHORT: &str = "-";

/// Programs that take a password behind a flag of one letter.
const PROGRAMS: [(&str, &str); 5] = [
    ("redis-cli", "-a"),
    ("sshpass", "-p"),
    ("mysql", "-p"),
    ("mysqldump", "-p"),
    ("mysqladmin", "-p"),
];

fn known_program(argument: &str) -> Option<&'static str> {
    let name = argument.rsplit('/').next().unwrap_or(argument);
    PROGRAMS
        .iter()
        .find(|(program, _)| *program == name)
        .map(|(program, _)| *program)
}

/// What stands behind such a flag, in the same argument.
fn short_flag<'a>(program: &str, argument: &'a str) -> Option<&'a str> {
    let (_, flag) = PROGRAMS.iter().find(|(name, _)| *name == program)?;
    argument.strip_prefix(flag)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}
