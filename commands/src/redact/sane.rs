//! Bytes of a program as text of a line: colours of terminals, bytes that are no UTF-8, control characters and marks that
//! turn the direction of writing are taken out.

use std::{borrow::Cow, iter::Peekable, str::Chars};

/// The line as text. What a progress bar wrote over is gone, as on a terminal.
pub(crate) fn sane(raw: &[u8]) -> Cow<'_, str> {
    // Most lines are plain: printable ASCII.
    if raw.is_ascii() && !raw.iter().any(|byte| *byte < b' ' || *byte == 0x7f) {
        return String::from_utf8_lossy(raw);
    }
    let text = String::from_utf8_lossy(raw);
    if text.chars().all(|c| c == '\t' || !(c.is_control() || turns(c))) {
        return text;
    }
    Cow::Owned(written_over(&strip(&text)).to_owned())
}

/// What stands behind the last carriage return that has something behind it.
fn written_over(text: &str) -> &str {
    text.trim_end_matches('\r')
        .rsplit('\r')
        .next()
        .unwrap_or_default()
}

fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_sequence(&mut rest),
            '\u{9b}' => skip_csi(&mut rest),
            '\t' | '\r' => out.push(c),
            '\u{2028}' | '\u{2029}' => out.push(' '),
            c if c.is_control() || turns(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// What belongs to an escape character (ECMA-48): a control sequence to its final byte, a string to its terminator.
fn skip_sequence(rest: &mut Peekable<Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_csi(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(c) = rest.next() {
                if c == '\u{7}' {
                    return;
                }
                if c == '\u{1b}' {
                    rest.next_if_eq(&'\\');
                    return;
                }
            }
        }
        Some('(' | ')' | '#' | '%') => {
            rest.next();
            rest.next();
        }
        Some(c) if !c.is_control() => {
            rest.next();
        }
        _ => {}
    }
}

fn skip_csi(rest: &mut Peekable<Chars<'_>>) {
    while let Some(c) = rest.next_if(|c| matches!(c, ' '..='~')) {
        if matches!(c, '@'..='~') {
            return;
        }
    }
}

fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_write_becomes_text() {
        for (raw, text) in [
            (&b"plain \xe6\x97\xa5 \tx"[..], "plain 日 \tx"),
            (b"\x1b[31;1merror\x1b[0m done", "error done"),
            (b"\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link", "textlink"),
            (b"nul\0 bell\x07 del\x7f", "nul bell del"),
            (b"bad \xff\xfe bytes", "bad \u{fffd}\u{fffd} bytes"),
            (b"10%\r50%\r100%", "100%"),
            (b"windows line\r", "windows line"),
            ("turn \u{202e}around".as_bytes(), "turn around"),
            (b"unfinished \x1b[31", "unfinished "),
            (b"\x1b(Bcharset", "charset"),
            (b"", ""),
        ] {
            assert_eq!(sane(raw), text, "{raw:?}");
        }
    }
}
