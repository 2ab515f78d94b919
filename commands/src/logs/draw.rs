//! Lines of logs as a message and as a file: a short mark of the pod, the time, the text.

use super::kept::{FIRST, Kept, Shown};
use crate::{
    model::{Code, File, Text, short_names},
    texts,
};

/// Most lines that stand in a message.
const INLINE: usize = 18;
/// Most characters of them together, as Discord counts.
const ROOM: usize = 1300;
/// The longest line in a message.
const WIDE: usize = 240;

/// What tells the pods apart: the last part of their names, `x7k2p`.
pub(super) fn marks(pods: &[String]) -> Vec<String> {
    if pods.len() < 2 {
        return pods.iter().map(|_| String::new()).collect();
    }
    short_names(pods)
}

/// `8 KB`, as Discord says it beside the file.
fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{:.0} KB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

/// What stands in the message, and what goes along as a file.
pub(super) struct Drawn {
    pub(super) code: Code,
    pub(super) file: Option<File>,
    /// What the file holds, in words.
    pub(super) note: Option<Text>,
}

/// Draws what was read.
pub(super) fn draw(kept: &Kept, marks: &[String], name: &str) -> Drawn {
    let lines: Vec<&Shown> = kept.iter().collect();
    let total = lines.len() as u64 + kept.dropped;
    if kept.dropped == 0
        && let Some(text) = whole(&lines, marks)
    {
        return Drawn {
            code: code(text),
            file: None,
            note: None,
        };
    }
    let head: Vec<String> = lines.iter().take(FIRST).map(|line| inline(line, marks)).collect();
    let used: usize = head.iter().map(|line| units(line) + 1).sum();
    let later = lines.get(FIRST.min(lines.len())..).unwrap_or_default();
    let tail = newest(
        later.iter().copied(),
        marks,
        INLINE - FIRST - 1,
        ROOM - used.min(ROOM) - 40,
    );
    let left_out = total - (head.len() + tail.len()) as u64;
    let gap = (left_out > 0).then(|| texts::logs::left_out(left_out));
    let text = head
        .into_iter()
        .chain(gap)
        .chain(tail)
        .collect::<Vec<_>>()
        .join("\n");
    let bytes = file(kept, marks);
    let file_name = format!("{name}.log");
    let held = match kept.dropped {
        0 => texts::logs::held(total, true),
        _ => texts::logs::held(kept.newest.len() as u64, false),
    };
    let note = texts::logs::in_file(&held, &file_name, &size(bytes.len()));
    Drawn {
        code: code(text),
        file: Some(File::new(file_name, texts::logs::file(name, &held), bytes)),
        note: Some(note),
    }
}

/// The newest lines that fit, oldest first.
pub(super) fn live<'a>(lines: impl DoubleEndedIterator<Item = &'a Shown>, marks: &[String]) -> Code {
    code(newest(lines, marks, INLINE, ROOM).join("\n"))
}

fn code(text: String) -> Code {
    Code {
        language: String::new(),
        text,
    }
}

fn newest<'a>(
    lines: impl DoubleEndedIterator<Item = &'a Shown>,
    marks: &[String],
    most: usize,
    room: usize,
) -> Vec<String> {
    let (mut left, mut out) = (room, Vec::new());
    for line in lines.rev().take(most) {
        let text = inline(line, marks);
        let Some(rest) = left.checked_sub(units(&text) + 1) else {
            break;
        };
        left = rest;
        out.push(text);
    }
    out.reverse();
    out
}

/// All lines, when they fit as they are.
fn whole(lines: &[&Shown], marks: &[String]) -> Option<String> {
    if lines.len() > INLINE {
        return None;
    }
    let mut text = String::new();
    for line in lines {
        let drawn = with_mark(line, marks, &clock(line));
        if units(&drawn) > 2 * WIDE {
            return None;
        }
        text.push_str(&drawn);
        text.push('\n');
    }
    (units(&text) <= ROOM).then(|| text.trim_end_matches('\n').to_owned())
}

fn inline(line: &Shown, marks: &[String]) -> String {
    cut(&with_mark(line, marks, &clock(line)), WIDE)
}

/// The time of day in UTC.
fn clock(line: &Shown) -> String {
    line.at.strftime("%H:%M:%S").to_string()
}

fn with_mark(line: &Shown, marks: &[String], time: &str) -> String {
    match marks.get(line.pod).filter(|mark| !mark.is_empty()) {
        Some(mark) => format!("{mark} {time} {}", line.text),
        None => format!("{time} {}", line.text),
    }
}

fn file(kept: &Kept, marks: &[String]) -> Vec<u8> {
    let mut out = String::new();
    for (n, line) in kept.iter().enumerate() {
        if n == kept.first.len() && kept.dropped > 0 {
            out.push_str(&texts::logs::left_out(kept.dropped));
            out.push('\n');
        }
        out.push_str(&with_mark(line, marks, &format!("{:.3}", line.at)));
        out.push('\n');
    }
    out.into_bytes()
}

fn units(text: &str) -> usize {
    // A fence or a mention within gets a mark of no width when it is drawn.
    text.chars().map(char::len_utf16).sum::<usize>() + text.matches(['`', '@']).count()
}

pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(texts: impl IntoIterator<Item = String>) -> Kept {
        let mut kept = Kept::default();
        for (n, text) in texts.into_iter().enumerate() {
            kept.push(Shown {
                at: crate::model::Timestamp::from_second(1_000_000 + n as i64).unwrap(),
                pod: n % 2,
                text,
            });
        }
        kept
    }

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn pods_are_told_apart_by_the_end_of_their_names() {
        for (pods, expected) in [
            (vec!["api-5d8f-x7k2p", "api-5d8f-m4q8s"], vec!["x7k2p", "m4q8s"]),
            (vec!["postgres-0", "postgres-1"], vec!["postgres-0", "postgres-1"]),
            (
                vec!["a-5d8f-x7k2p", "a-9c7e-x7k2p"],
                vec!["5d8f-x7k2p", "9c7e-x7k2p"],
            ),
            (vec!["x", "a-x"], vec!["x", "a-x"]),
            (vec!["only-one"], vec![""]),
        ] {
            assert_eq!(marks(&names(&pods)), expected, "{pods:?}");
        }
    }

    #[test]
    fn few_lines_stand_in_the_message_and_many_in_a_file() {
        let marks = names(&["aaaaa", "bbbbb"]);
        let drawn = draw(&kept(["one".to_owned(), "two".to_owned()]), &marks, "api");
        assert_eq!(drawn.code.text, "aaaaa 13:46:40 one\nbbbbb 13:46:41 two");
        assert!(drawn.file.is_none());

        let drawn = draw(&kept((0..12_402).map(|n| format!("line {n}"))), &marks, "api");
        let text = &drawn.code.text;
        assert!(
            text.starts_with("aaaaa 13:46:40 line 0\nbbbbb 13:46:41 line 1\n… +12,385 …\n"),
            "{text}"
        );
        assert!(text.ends_with("line 12401"), "{text}");
        let file = String::from_utf8(drawn.file.unwrap().bytes().unwrap().to_vec()).unwrap();
        assert_eq!(file.lines().count(), 12_402);
        assert!(
            file.starts_with("aaaaa 1970-01-12T13:46:40.000Z line 0\n"),
            "{file:.60}"
        );
        let note = drawn.note.unwrap().plain();
        assert!(note.starts_with("all 12,402 lines: api.log ("), "{note}");
    }

    #[test]
    fn whatever_the_lines_the_message_has_room() {
        let marks = names(&["", ""]);
        for text in ["x".repeat(4000), "`@".repeat(2000), "日🙂".repeat(900)] {
            let drawn = draw(&kept(vec![text; 30]), &marks, "api");
            assert!(
                units(&drawn.code.text) <= ROOM + 2 * WIDE,
                "{}",
                units(&drawn.code.text)
            );
            assert!(drawn.code.text.lines().count() <= INLINE);
            assert!(drawn.file.is_some(), "nothing is lost");
        }
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(crate::model::grouped(0), "0");
        assert_eq!(crate::model::grouped(1_234_567), "1,234,567");
        assert_eq!(size(8_100), "8 KB");
        assert_eq!(size(2_345_678), "2.2 MB");
    }
}
