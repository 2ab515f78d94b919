//! Makes text from anywhere harmless in Discord's markdown. Names, log lines and error messages of clusters are written
//! by whoever may create an object there: they must neither dress themselves up, nor link, nor call people.

use unicode_width::UnicodeWidthChar;

/// Splits words that Discord would act on; it has no width.
const BREAK: char = '\u{200b}';
/// Says that something was cut.
pub(crate) const CUT: char = '…';

/// The length as Discord's clients count it, in UTF-16 units: never less than the number of characters.
pub(crate) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The longest prefix of at most `max` units, ending in `…` when something was cut.
pub(crate) fn cut(text: &str, max: usize) -> String {
    if units(text) <= max {
        return text.to_owned();
    }
    let mut left = max.saturating_sub(1);
    let mut out = String::new();
    for c in text.chars() {
        let Some(rest) = left.checked_sub(c.len_utf16()) else {
            break;
        };
        left = rest;
        out.push(c);
    }
    if max > 0 {
        out.push(CUT);
    }
    out
}

/// Drops terminal escape sequences, control characters and marks that turn the direction of writing. Line ends stay;
/// a tab becomes blanks.
pub(crate) fn clean(text: &str) -> String {
    sift(text, false)
}

/// As [`clean`], but colours of terminals (`ESC [ … m`) stay: for code blocks of the language `ansi`.
pub(crate) fn clean_keeping_colours(text: &str) -> String {
    sift(text, true)
}

fn sift(text: &str, colours: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => {
                let sequence = escape_sequence(&mut rest);
                if colours && sequence.starts_with('[') && sequence.ends_with('m') && sequence.len() < 16 {
                    out.push('\u{1b}');
                    out.push_str(&sequence);
                }
            }
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            '\u{2028}' | '\u{2029}' => out.push('\n'),
            c if c.is_control() || turns_direction(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Takes what belongs to an escape character: a CSI sequence to its final byte, an OSC sequence to its end, else one character.
fn escape_sequence(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut sequence = String::new();
    match rest.peek() {
        Some('[') => {
            sequence.extend(rest.next());
            while let Some(&c) = rest.peek() {
                if !matches!(c, ' '..='~') {
                    break;
                }
                sequence.extend(rest.next());
                if matches!(c, '@'..='~') {
                    break;
                }
            }
        }
        Some(']') => {
            for c in rest.by_ref() {
                if matches!(c, '\u{7}' | '\u{1b}' | '\n') {
                    break;
                }
            }
        }
        Some(c) if !c.is_control() => {
            rest.next();
        }
        _ => {}
    }
    sequence
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}')
}

/// Text that shows as it is. `before` is the character that stands before it, `None` at the start of a line: some marks act
/// only there.
pub(crate) fn escape(text: &str, before: Option<char>) -> String {
    let text = clean(text);
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    let mut prev = before.filter(|c| *c != '\n');
    let mut at_start = prev.is_none();
    for (i, &c) in chars.iter().enumerate() {
        let next = chars.get(i + 1).copied();
        if acts(c, prev, next, at_start) {
            out.push('\\');
        }
        out.push(c);
        if c == '@' && calls(chars.get(i + 1..).unwrap_or_default()) {
            out.push(BREAK);
        }
        at_start = c == '\n' || (at_start && c.is_whitespace());
        prev = Some(c).filter(|c| *c != '\n');
    }
    out
}

/// Whether a character would be read as markdown where it stands.
fn acts(c: char, prev: Option<char>, next: Option<char>, at_start: bool) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '\\' | '`' | '*' => true,
        '_' => !(in_word(prev) && in_word(next)),
        '~' | '|' => prev == Some(c) || next == Some(c) || next.is_none(),
        '>' | '#' => at_start,
        '-' | '+' => at_start && !in_word(next),
        '(' => prev == Some(']'),
        '<' => next.is_none_or(|n| matches!(n, '@' | '#' | ':' | '/' | 'a' | 't' | 'i' | 'h')),
        _ => false,
    }
}

fn calls(rest: &[char]) -> bool {
    let starts = |word: &str| word.chars().zip(rest).filter(|(a, b)| a == *b).count() == word.len();
    starts("everyone") || starts("here")
}

/// Text in bold. Empty when there is nothing to show: `****` would be four stars.
pub(crate) fn bold(text: &str) -> String {
    let inner = escape(&one_line(text), Some('*'));
    let inner = inner.trim();
    if inner.is_empty() {
        String::new()
    } else {
        format!("**{inner}**")
    }
}

/// A literal in a monospaced face. Whatever backticks are in it, it does not end early.
pub(crate) fn code(text: &str) -> String {
    let text = one_line(&clean(text));
    if text.trim().is_empty() {
        return String::new();
    }
    if !text.contains('`') {
        return format!("`{text}`");
    }
    let broken = text
        .replace("``", &format!("`{BREAK}`"))
        .replace("``", &format!("`{BREAK}`"));
    format!("`` {broken} ``")
}

/// A block in which every character counts. Fences within are broken apart with a mark of no width.
pub(crate) fn block(language: &str, text: &str) -> String {
    let language: String = language
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(10)
        .collect();
    format!("```{language}\n{}\n```", block_text(&language, text))
}

/// The inside of a [`block`], so that it can be measured and cut before it is fenced.
pub(crate) fn block_text(language: &str, text: &str) -> String {
    let text = if language == "ansi" {
        clean_keeping_colours(text)
    } else {
        clean(text)
    };
    let fence = format!("`{BREAK}`");
    // Twice: of five backticks in a row the first pass leaves pairs that share one.
    text.replace("``", &fence).replace("``", &fence)
}

/// A link with a label. Only the label when the address is none of the web's.
pub(crate) fn link(label: &str, url: &str) -> String {
    let label = one_line(label);
    let shown = escape(&label, Some('[')).replace(']', "\\]");
    let safe = url.starts_with("https://") || url.starts_with("http://");
    let plain = |c: char| {
        c.is_ascii_graphic() && !matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '\\' | '`' | '"' | '*')
    };
    if !safe || shown.trim().is_empty() {
        return escape(&label, Some(' '));
    }
    let mut target = String::with_capacity(url.len());
    for c in url.chars() {
        if plain(c) {
            target.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                target.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    if target.len() > 512 {
        return escape(&label, Some(' '));
    }
    format!("[{shown}]({target})")
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r', '\u{2028}', '\u{2029}'], " ")
}

/// The columns that a text takes in a monospaced face: letters of East Asia and pictures take two.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

fn columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_as_it_is_and_names_stay_readable() {
        for (raw, shown) in [
            ("ceoagent-api", "ceoagent-api"),
            ("DATABASE_HOST", "DATABASE_HOST"),
            ("_x_", "\\_x\\_"),
            ("a__b__c", "a\\_\\_b\\_\\_c"),
            ("**bold**", "\\*\\*bold\\*\\*"),
            ("# head", "\\# head"),
            ("a # b", "a # b"),
            ("- item", "\\- item"),
            ("-x", "-x"),
            ("> quote", "\\> quote"),
            ("a > b", "a > b"),
            ("[x](https://evil)", "[x]\\(https://evil)"),
            ("[hidden]", "[hidden]"),
            ("<@123>", "\\<@123>"),
            ("<t:1:R>", "\\<t:1:R>"),
            ("1 < 2", "1 < 2"),
            ("~~gone~~", "\\~\\~gone\\~\\~"),
            ("||secret||", "\\|\\|secret\\|\\|"),
            ("a|b", "a|b"),
            ("C:\\dir", "C:\\\\dir"),
            ("@everyone", "@\u{200b}everyone"),
            ("@here!", "@\u{200b}here!"),
            ("me@example.com", "me@example.com"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("a\u{0}b\u{202e}c", "abc"),
        ] {
            assert_eq!(escape(raw, None), shown, "{raw:?}");
        }
    }

    #[test]
    fn a_mark_that_acts_only_at_the_start_is_left_alone_after_other_text() {
        assert_eq!(escape("# 3", Some('x')), "# 3");
        assert_eq!(escape("(url)", Some(']')), "\\(url)");
    }

    #[test]
    fn code_never_ends_early() {
        assert_eq!(code("plain"), "`plain`");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(code("a``b"), "`` a`\u{200b}`b ``");
        assert_eq!(code("two\nlines"), "`two lines`");
        assert_eq!(code(" \n"), "");
        for raw in ["````", "`````", "a```b``c"] {
            let inner = code(raw);
            let inner = &inner[2..inner.len() - 2];
            assert!(!inner.contains("``"), "{inner:?}");
            assert!(!block_text("", raw).contains("```"), "{raw:?}");
        }
    }

    #[test]
    fn links_lead_only_to_the_web() {
        assert_eq!(link("Grafana", "https://g/d?x=1"), "[Grafana](https://g/d?x=1)");
        assert_eq!(link("x", "javascript:alert(1)"), "x");
        assert_eq!(link("a](b", "https://h/(x)"), "[a\\]\\(b](https://h/%28x%29)");
    }

    #[test]
    fn cutting_counts_as_discord_does() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("🙂🙂🙂", 4), "🙂…");
        assert_eq!(cut("abc", 0), "");
    }
}
