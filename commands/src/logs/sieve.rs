//! What becomes of each line while it streams: made sane, freed of secrets, searched. The search sees only what may be
//! shown: a pattern must not be able to guess a secret character by character.

use std::sync::Arc;

use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};

use crate::{
    input::BadInput,
    redact::{self, Redactor, sane},
    texts,
};

/// The longest pattern in characters.
const PATTERN: usize = 300;
/// Most memory that a compiled pattern and its search may use, in bytes.
const SIZE: usize = 1 << 20;
/// The longest line that is shown or put into a file, in bytes.
pub(super) const SHOWN: usize = 4096;
/// Stands where the rest of a line was left out.
const CUT: &str = " … [✂]";

/// A search.
#[derive(Debug, Clone)]
pub(crate) struct Grep {
    find: Regex,
    /// What is typed, where it means itself: then most lines need not be read.
    plain: Option<Finder<'static>>,
    pub(crate) invert: bool,
    pub(crate) typed: String,
}

impl Grep {
    /// A search for what was typed; with `invert`, for lines without it.
    ///
    /// # Errors
    /// When the pattern is none, is too long, or would need too much memory.
    pub(crate) fn new(typed: String, invert: bool) -> Result<Self, BadInput> {
        if typed.chars().count() > PATTERN {
            let what = texts::logs::pattern_too_long(PATTERN);
            return Err(BadInput::new(what).hint(texts::logs::search_for_less()));
        }
        let built = RegexBuilder::new(&typed)
            .size_limit(SIZE)
            .dfa_size_limit(SIZE)
            .build();
        match built {
            Ok(find) => {
                // A part of the mark could be found where something was hidden, and where nothing like it was written.
                let itself =
                    regex::escape(&typed) == typed && typed.is_ascii() && !redact::MARK.contains(&typed);
                let plain = (itself && !invert).then(|| Finder::new(typed.as_bytes()).into_owned());
                Ok(Self {
                    find,
                    plain,
                    invert,
                    typed,
                })
            }
            Err(error) => Err(wrong(&typed, &error)),
        }
    }

    /// Whether a line as it came cannot be one of those asked for, whatever is hidden in it. A line that looks different when
    /// it is shown is none of these.
    fn rules_out(&self, raw: &[u8]) -> bool {
        let plain = self.plain.as_ref();
        plain.is_some_and(|plain| is_printable(raw) && plain.find(raw).is_none())
    }

    fn takes(&self, text: &str) -> bool {
        self.find.is_match(text) != self.invert
    }
}

/// Whether all bytes are printable ASCII, which is shown as it came.
fn is_printable(raw: &[u8]) -> bool {
    raw.iter()
        .fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

/// What is wrong with a pattern, and where.
fn wrong(typed: &str, error: &regex::Error) -> BadInput {
    let text = error.to_string();
    let why = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("error: "))
        .unwrap_or(texts::logs::too_much_memory());
    let what = texts::logs::no_pattern(typed, why);
    // The library draws a caret under the place, four columns in.
    let caret = text
        .lines()
        .find(|line| line.contains('^') && line.chars().all(|c| matches!(c, ' ' | '^')));
    let place = caret
        .and_then(|line| line.find('^'))
        .and_then(|at| at.checked_sub(4));
    let literally = texts::logs::search_literally(&regex::escape(typed));
    let Some(place) = place else {
        return BadInput::new(what).hint(literally);
    };
    let here: String = typed.chars().skip(place).take(12).collect();
    BadInput::new(what).hint(texts::logs::wrong_at(place + 1, &here).and(literally))
}

/// What went by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// All lines.
    pub(super) lines: u64,
    /// Those that are shown.
    pub(super) matched: u64,
    /// The secrets hidden in them.
    pub(super) hidden: u64,
    /// Those that were too long to be read whole.
    pub(super) long: u64,
}

impl Counts {
    pub(super) fn add(&mut self, more: Self) {
        self.lines += more.lines;
        self.matched += more.matched;
        self.hidden += more.hidden;
        self.long += more.long;
    }
}

/// Takes the lines of one stream.
#[derive(Clone)]
pub(crate) struct Sieve {
    redactor: Arc<Redactor>,
    grep: Option<Grep>,
    keys: redact::Lines,
    pub(super) counts: Counts,
}

impl Sieve {
    pub(crate) fn new(redactor: Arc<Redactor>, grep: Option<Grep>) -> Self {
        Self {
            redactor,
            grep,
            keys: redact::Lines::default(),
            counts: Counts::default(),
        }
    }

    /// The line as it may be shown, when it is one of those asked for.
    pub(super) fn pass(&mut self, raw: &[u8], cut: bool) -> Option<String> {
        self.counts.lines += 1;
        if self.keys.leave_alone(raw) && self.grep.as_ref().is_some_and(|grep| grep.rules_out(raw)) {
            return None;
        }
        let text = sane(raw);
        let (text, hidden) = self.keys.clean(|text| self.redactor.clean(text), &text);
        if self.grep.as_ref().is_some_and(|grep| !grep.takes(&text)) {
            return None;
        }
        self.counts.matched += 1;
        self.counts.hidden += hidden as u64;
        self.counts.long += u64::from(cut);
        Some(shorten(text.into_owned(), cut))
    }
}

fn shorten(mut text: String, cut: bool) -> String {
    if text.len() > SHOWN {
        let mut end = SHOWN;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.shrink_to_fit();
        text.push_str(CUT);
    } else if cut {
        text.push_str(CUT);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grep(pattern: &str, invert: bool) -> Result<Grep, BadInput> {
        Grep::new(pattern.to_owned(), invert)
    }

    #[test]
    fn an_invalid_pattern_is_told_with_its_place() {
        for (pattern, why, place) in [
            ("error|(timeout", "unclosed group", "At character 7: (timeout."),
            ("a[", "unclosed character class", "At character 2: [."),
            (
                "x{2,1}",
                "invalid repetition count range",
                "At character 2: {2,1}.",
            ),
            ("(?=look)", "look-around", "At character 1: (?=look)."),
            ("日本)", "unopened group", "At character 3: )."),
        ] {
            let error = grep(pattern, false).unwrap_err();
            let hint = error.hint.unwrap().plain();
            assert!(error.what.plain().contains(why), "{}", error.what.plain());
            assert!(hint.starts_with(place), "{pattern}: {hint}");
        }
        let error = grep(r"\w{1000}{1000}", false).unwrap_err();
        assert!(
            error.what.plain().contains("too much memory"),
            "{}",
            error.what.plain()
        );
        assert!(
            grep(&"x".repeat(301), false)
                .unwrap_err()
                .what
                .plain()
                .contains("longer than 300")
        );
    }

    #[test]
    fn lines_are_searched_as_they_are_shown() {
        let sieve = |pattern: &str, invert: bool| {
            Sieve::new(
                Arc::new(Redactor::default()),
                Some(grep(pattern, invert).unwrap()),
            )
        };
        let mut plain = sieve("err(or)?", false);
        assert_eq!(
            plain.pass(b"\x1b[31merr\x1b[0mor here", false).as_deref(),
            Some("error here")
        );
        assert_eq!(plain.pass(b"all well", false), None);
        assert_eq!((plain.counts.lines, plain.counts.matched), (2, 1));
        let mut inverted = sieve("debug", true);
        assert_eq!(inverted.pass(b"debug x", false), None);
        assert_eq!(inverted.pass(b"info x", false).as_deref(), Some("info x"));
        // A secret cannot be guessed by searching for it.
        let mut guess = sieve("password=s", false);
        assert_eq!(guess.pass(b"password=swordfish", false), None);
        let mut any = sieve("password", false);
        assert_eq!(
            any.pass(b"password=swordfish", false).as_deref(),
            Some("password=[hidden]")
        );
        assert_eq!(any.counts.hidden, 1);
    }

    /// A search that skips lines unread finds what one finds that reads all.
    #[test]
    fn what_is_skipped_unread_is_what_would_not_be_shown() {
        let key = "-----BEGIN RSA PRIVATE KEY-----";
        let lines = [
            "needle",
            "a needle here",
            "\u{1b}[31mnee\u{1b}[0mdle",
            "password=needle-needle",
            "ein Nädel needle",
            "nothing",
            "password=swordfish",
            "n\u{7}eedle",
            "over\rneedle",
            "",
            key,
            "needleMIIEpAIBAAKCAQEA7bq0",
            "-----END RSA PRIVATE KEY----- needle",
            "needle again",
        ];
        for typed in ["needle", "hidden", "hid", "[hidden]", "dle", "a needle", "="] {
            let Ok(fast) = grep(typed, false) else { continue };
            let slow = Grep {
                plain: None,
                ..fast.clone()
            };
            let redactor = Arc::new(Redactor::default());
            let sieve = |grep| Sieve::new(Arc::clone(&redactor), Some(grep));
            let (mut fast, mut slow) = (sieve(fast), sieve(slow));
            for line in lines {
                let (one, other) = (
                    fast.pass(line.as_bytes(), false),
                    slow.pass(line.as_bytes(), false),
                );
                assert_eq!(one, other, "{typed} in {line:?}");
            }
            assert_eq!(fast.counts, slow.counts, "{typed}");
        }
        assert!(grep("needle", false).unwrap().plain.is_some());
        assert!(
            grep("need.e", false).unwrap().plain.is_none() && grep("hid", false).unwrap().plain.is_none()
        );
    }

    #[test]
    fn long_lines_are_cut_and_say_so() {
        let mut sieve = Sieve::new(Arc::new(Redactor::default()), None);
        let text = sieve.pass("é".repeat(8000).as_bytes(), true).unwrap();
        assert!(
            text.len() <= SHOWN + CUT.len() && text.ends_with(CUT),
            "{}",
            text.len()
        );
        assert_eq!(sieve.counts.long, 1);
        assert_eq!(sieve.pass(b"short", false).as_deref(), Some("short"));
    }
}
