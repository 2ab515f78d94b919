//! What a check found, and the table that tells it.

use futures::future::BoxFuture;

/// A part of the check, which may give several lines.
pub(super) struct Part<'a> {
    /// What it is about, should it not end in time.
    pub(super) about: String,
    /// How to mend that.
    pub(super) fix: &'static str,
    pub(super) work: BoxFuture<'a, Vec<Line>>,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// As it should be.
    Good,
    /// It works, and something is worth knowing.
    Note,
    /// The bot, or a part of it, will not work.
    Failed,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// What was looked at.
    pub(super) about: String,
    /// How it stands.
    pub(super) state: State,
    /// What was found.
    pub(super) found: String,
    /// What to do.
    pub(super) fix: String,
}

impl Line {
    pub(super) fn good(about: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            state: State::Good,
            found: found.into(),
            fix: String::new(),
        }
    }

    pub(super) fn note(about: impl Into<String>, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            state: State::Note,
            ..Self::failed(about, found, fix)
        }
    }

    pub(super) fn failed(about: impl Into<String>, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            state: State::Failed,
            found: found.into(),
            fix: fix.into(),
        }
    }
}

/// Aligned columns: how it stands, what, what was found; the fix stands below its line.
pub(super) fn table(lines: &[Line]) -> String {
    let width = |text: &str| text.chars().count();
    let widest = lines.iter().map(|l| width(&l.about)).max().unwrap_or(0);
    let mut text = String::new();
    for line in lines {
        let word = match line.state {
            State::Good => "ok    ",
            State::Note => "note  ",
            State::Failed => "FAILED",
        };
        let pad = " ".repeat(widest - width(&line.about));
        text.push_str(&format!("{word}  {}{pad}  {}\n", line.about, line.found));
        if !line.fix.is_empty() {
            text.push_str(&format!("        {}  -> {}\n", " ".repeat(widest), line.fix));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_aligned_and_the_fix_stands_below() {
        let lines = [
            Line::good("store", "opened"),
            Line::failed("Discord token", "HTTP 401", "reset it"),
        ];
        assert_eq!(
            table(&lines),
            "ok      store          opened\nFAILED  Discord token  HTTP 401\n                       -> reset it\n"
        );
    }
}
