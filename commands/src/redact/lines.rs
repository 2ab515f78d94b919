//! Secrets that go over several lines of a log: a private key, printed as it stands in its file. The lines of one stream
//! are cleaned one by one, so what was begun must be remembered.

use std::{borrow::Cow, sync::LazyLock};

use memchr::memmem::Finder;

use super::mark::MARK;

const BEGIN: &str = "-----BEGIN ";
static FIND_BEGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(BEGIN));
const END: &str = "-----END ";
/// The longest key in lines: one of 16384 bits has 200.
const LONGEST: u16 = 256;

/// What is remembered between the lines of one stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lines {
    /// How many lines of a key went by since it began.
    inside: Option<u16>,
}

impl Lines {
    /// Whether a line changes nothing of what is remembered: no key goes on, and none begins here.
    #[must_use]
    pub fn leave_alone(&self, raw: &[u8]) -> bool {
        self.inside.is_none() && FIND_BEGIN.find(raw).is_none()
    }

    /// The line without its secrets, and how many were hidden. The lines of a key count as one; what else is one, `clean`
    /// finds.
    pub fn clean<'t>(
        &mut self,
        clean: impl Fn(&'t str) -> (Cow<'t, str>, usize),
        line: &'t str,
    ) -> (Cow<'t, str>, usize) {
        if let Some(gone) = self.inside {
            if let Some((_, rest)) = line.split_once(END) {
                self.inside = None;
                let rest = rest.split_once("-----").map_or("", |(_, rest)| rest);
                let (rest, hidden) = clean(rest);
                return (Cow::Owned(format!("{MARK}{rest}")), hidden);
            }
            if gone < LONGEST && is_body(line) {
                self.inside = Some(gone + 1);
                return (Cow::Borrowed(MARK), 0);
            }
            self.inside = None;
        }
        if begins(line) {
            self.inside = Some(0);
        }
        clean(line)
    }
}

/// Whether a private key begins here and does not end here.
fn begins(line: &str) -> bool {
    let Some(at) = line.rfind(BEGIN) else { return false };
    let rest = line.get(at..).unwrap_or_default();
    rest.contains("PRIVATE KEY") && !rest.contains(END)
}

/// Whether a line can stand within a key: base64, one of the old headers, or nothing. A logger may have put its own words
/// before it.
fn is_body(line: &str) -> bool {
    let base64 = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    };
    let line = line.trim();
    let last = line.rsplit([' ', '\t', '"', '|']).next().unwrap_or_default();
    base64(line)
        || (last.len() >= 40 && base64(last))
        || ["Proc-Type:", "DEK-Info:", "Version:", "Comment:"]
            .iter()
            .any(|head| line.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Redactor;

    fn all(lines: &[&str]) -> (Vec<String>, usize) {
        let (redactor, mut state, mut hidden) = (Redactor::default(), Lines::default(), 0);
        let out = lines
            .iter()
            .map(|line| {
                let (text, n) = state.clean(|text| redactor.clean(text), line);
                hidden += n;
                text.into_owned()
            })
            .collect();
        (out, hidden)
    }

    #[test]
    fn a_key_over_several_lines_is_one_hidden_value() {
        let body = "MIIEpAIBAAKCAQEA7bq0jS1Yp2V5tQ9sZr4x8uLw3nKfTgHcVbNmQwErTyUiOpAs";
        let (out, hidden) = all(&[
            "loading -----BEGIN RSA PRIVATE KEY-----",
            "Proc-Type: 4,ENCRYPTED",
            "",
            body,
            &format!("level=info {body}"),
            "Q9sZ==",
            "-----END RSA PRIVATE KEY----- loaded",
            "ready to serve",
        ]);
        assert_eq!(out.first().unwrap(), "loading [hidden]");
        assert_eq!(out[6], "[hidden] loaded");
        assert_eq!(out[7], "ready to serve");
        assert!(out[1..6].iter().all(|line| line == MARK), "{out:?}");
        assert_eq!(hidden, 1);
    }

    #[test]
    fn a_key_that_never_ends_does_not_hide_what_follows() {
        let (out, _) = all(&[
            "-----BEGIN PRIVATE KEY-----",
            "AAAA",
            "the server is ready",
            "more of it",
        ]);
        assert_eq!(out[2..], ["the server is ready", "more of it"]);
        let many = vec!["abcd"; 400];
        let lines: Vec<&str> = std::iter::once("-----BEGIN PRIVATE KEY-----")
            .chain(many)
            .collect();
        let (out, _) = all(&lines);
        assert_eq!(out.last().unwrap(), "abcd");
    }

    #[test]
    fn a_certificate_and_a_public_key_stay() {
        let lines = ["-----BEGIN CERTIFICATE-----", "MIIB", "-----END CERTIFICATE-----"];
        assert_eq!(all(&lines).0, lines);
        let lines = ["-----BEGIN PUBLIC KEY-----", "MIIB"];
        assert_eq!(all(&lines).0, lines);
    }
}
