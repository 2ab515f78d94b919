//! Takes secrets out of text before it reaches a chat, a file, a log or the audit. What looks like one by its form is
//! hidden wherever it stands; values that are known to be secret are hidden in every form in which they travel.

mod lines;
mod patterns;
mod sane;

use std::{borrow::Cow, fmt, sync::Arc};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
pub use lines::Lines;
use patterns::PATTERNS;
use regex::{Captures, Regex};
pub(crate) use sane::sane;

use crate::{
    input::{Value, options_from_line},
    model::{Action, Report, Text},
    texts,
};

/// What stands where a secret stood.
pub const MARK: &str = "[hidden]";

/// The least length of a known value that is hidden: shorter ones would hide half of every text.
const LEAST: usize = 8;
/// The longest known value: what is longer is a file, of which each line counts.
const LONGEST: usize = 4096;

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
    /// Hides these values too, also in base64 and URL encoding. Values of fewer than eight characters are left alone.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        Self::default().and_values(values)
    }

    /// Hides these values as well.
    #[must_use]
    pub fn and_values(mut self, values: impl IntoIterator<Item = String>) -> Self {
        for value in values {
            let value = value.trim_end_matches(['\r', '\n']);
            if value.contains('\n') {
                let lines = value
                    .lines()
                    .map(str::trim)
                    .filter(|line| line.len() >= 2 * LEAST);
                self.known.extend(lines.take(200).flat_map(forms));
            }
            if value.len() <= LONGEST && value.chars().count() >= LEAST {
                self.known.extend(forms(value));
            }
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
            if pattern.is_match(&text) {
                let all = |_: &str, secret: &str| !secret.is_empty();
                let cleaned = pattern
                    .replace_all(&text, |found: &Captures<'_>| {
                        patterns::hide(found, all, &mut hidden)
                    })
                    .into_owned();
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
            .map(|line| keys.clean(self, &sane(line.as_bytes())).0.into_owned())
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
        let before = report.actions.len();
        report.actions.retain(|action| !self.is_in(action));
        if report.actions.len() < before {
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

/// A value in the forms in which it travels.
fn forms(value: &str) -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut all = vec![
        value.to_owned(),
        form.replace('+', "%20"),
        form,
        // Without the padding: it is hidden with and without.
        STANDARD.encode(value).trim_end_matches('=').to_owned(),
        URL_SAFE.encode(value).trim_end_matches('=').to_owned(),
    ];
    // As a JSON string within a log line.
    if let Ok(json) = serde_json::to_string(value) {
        all.push(json.trim_matches('"').to_owned());
    }
    let padded = [STANDARD.encode(value), URL_SAFE.encode(value)];
    all.extend(padded);
    all.retain(|form| form.chars().count() >= LEAST);
    all
}

#[cfg(test)]
#[path = "redact/tests.rs"]
mod tests;
