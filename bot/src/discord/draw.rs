//! Draws the pieces of a report - lines, tables, code, a bar - each into a given number of characters. Where something must
//! be cut, it is cut in the raw text and dressed afterwards, so that no dress stays open.

use std::{collections::BTreeMap, time::Duration};

use ceo_commands::{
    line,
    model::{Code, Locale, Progress, Span, Step, StepState, Table, Text, TicketId, ago, spell},
    ports::Posted,
    texts::{self, naming},
};

use super::{
    columns,
    text::{self, units},
};

/// What a drawing needs to know of the place where it will hang.
#[derive(Debug, Clone, Default)]
pub struct Wall {
    /// The server, for links to messages.
    pub guild: u64,
    /// Where the living messages of tickets stand.
    pub tickets: BTreeMap<TicketId, Posted>,
    /// Where other living messages stand, by their keys.
    pub messages: BTreeMap<String, Posted>,
    /// Files that are not fresh, by hash.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The largest file that may be sent, in bytes.
    pub max_file: usize,
    /// The language in which it is read there.
    pub locale: Locale,
}

/// A drawn piece, and whether something of it had to be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) cut: bool,
}

/// Widest table in columns: what a phone shows without breaking lines. Nothing tells on what a message is read.
pub(crate) const COLUMNS: usize = 34;
/// Most lines of code that stand in a message; more is a file.
pub(crate) const BLOCK_LINES: usize = 20;
/// Most lines of a table: a row may need several.
const TABLE_LINES: usize = 3 * BLOCK_LINES;
const BAR: u32 = 16;

/// A text in at most `room` characters.
pub(crate) fn line(text: &Text, room: usize, wall: &Wall) -> Piece {
    line_of(text.spans(wall.locale), room, wall)
}

/// Pieces of one language in at most `room` characters.
pub(crate) fn line_of(spans: &[Span], room: usize, wall: &Wall) -> Piece {
    let mut out = String::new();
    for span in spans {
        let before = out.chars().last();
        let left = room.saturating_sub(units(&out));
        let dressed = apart(before, dress(span, before, wall));
        if units(&dressed) <= left {
            out.push_str(&dressed);
            continue;
        }
        if let Some(shorter) = shorten(span, before, left.saturating_sub(1), wall) {
            out.push_str(&apart(before, shorter));
        }
        return Piece { text: out, cut: true };
    }
    Piece {
        text: out,
        cut: false,
    }
}

/// Keeps the dress of two neighbours apart: `**a**` and `**b**` together would be neither.
fn apart(before: Option<char>, dressed: String) -> String {
    let marks = before.is_some_and(|b| matches!(b, '`' | '*') && dressed.starts_with(b));
    if marks {
        format!("\u{200b}{dressed}")
    } else {
        dressed
    }
}

/// A span with its dress.
fn dress(span: &Span, before: Option<char>, wall: &Wall) -> String {
    match span {
        Span::Plain(text) => text::escape(text, before),
        Span::Bold(text) => text::bold(text),
        Span::Code(text) => text::code(text),
        Span::Ago(at) => format!("<t:{}:R>", at.as_second()),
        Span::At(at) => format!("<t:{}:f>", at.as_second()),
        Span::User(id) => format!("<@{id}>"),
        Span::Role(id) => format!("<@&{id}>"),
        Span::Channel(id) => format!("<#{id}>"),
        Span::Link { label, url } => text::link(label, url),
        Span::TicketLink(id) => ticket(*id, wall),
        Span::MessageLink { label, key } => match wall.messages.get(key) {
            Some(posted) => text::link(label, &url(posted, wall)),
            None => text::escape(label, before),
        },
    }
}

/// A ticket with a link to its message, once that is posted.
pub(crate) fn ticket(id: TicketId, wall: &Wall) -> String {
    let name = naming::ticket_name(id, wall.locale);
    match wall.tickets.get(&id) {
        Some(posted) => format!("[{name}]({})", url(posted, wall)),
        None => name,
    }
}

/// The address of a message.
fn url(posted: &Posted, wall: &Wall) -> String {
    format!(
        "https://discord.com/channels/{}/{}/{}",
        wall.guild, posted.channel, posted.message
    )
}

/// The longest beginning of a span whose dress fits, by bisection. `None` when not even one character does.
fn shorten(span: &Span, before: Option<char>, room: usize, wall: &Wall) -> Option<String> {
    let raw = match span {
        Span::Plain(text) | Span::Bold(text) | Span::Code(text) | Span::Link { label: text, .. } => text,
        _ => return None,
    };
    let chars: Vec<char> = raw.chars().take(room).collect();
    let dressed = |n: usize| {
        let mut part: String = chars.iter().take(n).collect();
        part.push(text::CUT);
        let part = match span {
            Span::Bold(_) => Span::Bold(part),
            Span::Code(_) => Span::Code(part),
            _ => Span::Plain(part),
        };
        dress(&part, before, wall)
    };
    let (mut fits, mut over) = (0, chars.len() + 1);
    while over - fits > 1 {
        let middle = usize::midpoint(fits, over);
        if units(&dressed(middle)) <= room {
            fits = middle;
        } else {
            over = middle;
        }
    }
    Some(dressed(fits)).filter(|text| units(text) <= room)
}

/// Lines one under the other, at most `most` of them and `room` characters; what is left out is counted.
pub(crate) fn lines(all: &[&Text], room: usize, most: usize, wall: &Wall) -> Piece {
    let mut out = String::new();
    for (n, one) in all.iter().enumerate() {
        let rest = all.len() - n;
        let note = if rest > 1 || n >= most {
            more(rest, wall.locale)
        } else {
            String::new()
        };
        let gap = usize::from(!out.is_empty());
        let left = room.saturating_sub(units(&out) + gap);
        if n >= most {
            return noted(out, &note, room, true);
        }
        let reserve = if rest > 1 { units(&note) + 1 } else { 0 };
        let whole = line(one, left, wall);
        if !whole.cut && (units(&whole.text) + reserve <= left) {
            join(&mut out, &whole.text);
            continue;
        }
        let fitting = line(one, left.saturating_sub(reserve), wall);
        join(&mut out, &fitting.text);
        let cut = fitting.cut || rest > 1;
        if rest == 1 && !fitting.cut {
            return Piece {
                text: out,
                cut: false,
            };
        }
        let behind = if rest > 1 {
            more(rest - 1, wall.locale)
        } else {
            String::new()
        };
        return noted(out, &behind, room, cut);
    }
    Piece {
        text: out,
        cut: false,
    }
}

fn join(out: &mut String, text: &str) {
    if !out.is_empty() && !text.is_empty() {
        out.push('\n');
    }
    out.push_str(text);
}

fn noted(mut out: String, note: &str, room: usize, cut: bool) -> Piece {
    if !note.is_empty() && units(&out) + units(note) < room {
        join(&mut out, note);
    }
    Piece { text: out, cut }
}

pub(crate) fn more(n: usize, locale: Locale) -> String {
    texts::discord::more(n).plain_in(locale)
}

/// The steps of a run, one a line, as texts.
pub(crate) fn steps(steps: &[Step]) -> Vec<Text> {
    steps
        .iter()
        .map(|step| {
            let name = &step.name;
            match step.state {
                StepState::Done(seconds) => line!["✓ ", name, " · ", spell(Duration::from_secs(seconds))],
                StepState::Running(since) => line!["▸ ", name, " · ", ago(since)],
                StepState::ToCome => line!["· ", name],
                StepState::Skipped => line!["– ", name, " · ", texts::discord::skipped()],
                StepState::Failed => line!["✗ ", name],
            }
        })
        .collect()
}

/// A bar: `███████████░░░░░`. Not full before all is done, not empty once something is.
pub(crate) fn bar(progress: Progress) -> String {
    let total = progress.total.max(1);
    let done = progress.done.min(total);
    let exact = u64::from(done) * u64::from(BAR) / u64::from(total);
    let filled = match u32::try_from(exact).unwrap_or(BAR) {
        0 if done > 0 => 1,
        BAR if done < total => BAR - 1,
        n => n,
    };
    let cells = |n: u32, cell: char| std::iter::repeat_n(cell, usize::try_from(n).unwrap_or(0));
    let cells: String = cells(filled, '█').chain(cells(BAR - filled, '░')).collect();
    format!("`{cells}`")
}

/// A block of code in at most `room` characters, fences and note included: its first lines.
pub(crate) fn code(code: &Code, room: usize, locale: Locale) -> Piece {
    let text = text::block_text(&code.language, &code.text);
    block(
        Fenced {
            language: &code.language,
            text: &text,
            lines: BLOCK_LINES,
        },
        room,
        locale,
    )
}

/// Columns in at most [`COLUMNS`] columns and `room` characters: its first rows.
pub(crate) fn table(table: &Table, room: usize, locale: Locale) -> Piece {
    let text = table_text(table, COLUMNS, locale);
    let fenced = text::block_text("", &text);
    block(
        Fenced {
            language: "",
            text: &fenced,
            lines: TABLE_LINES,
        },
        room,
        locale,
    )
}

/// Text for a block of code, and how many lines of it stand in a message.
struct Fenced<'a> {
    language: &'a str,
    text: &'a str,
    lines: usize,
}

fn block(
    Fenced {
        language,
        text,
        lines,
    }: Fenced<'_>,
    room: usize,
    locale: Locale,
) -> Piece {
    let all: Vec<&str> = text.trim_end_matches('\n').lines().collect();
    let fences = 3 + 10 + 1 + 1 + 3;
    let note_room = units(&more(all.len(), locale)) + 1;
    let inside = room.saturating_sub(fences + note_room);
    let mut kept = String::new();
    let mut shown = 0;
    let mut cut = false;
    for one in all.iter().take(lines) {
        let left = inside.saturating_sub(units(&kept) + 1);
        if units(one) > left {
            if shown == 0 {
                kept.push_str(&text::cut(one, left));
                shown = 1;
            }
            cut = true;
            break;
        }
        if shown > 0 {
            kept.push('\n');
        }
        kept.push_str(one);
        shown += 1;
    }
    if kept.trim().is_empty() {
        return Piece {
            text: String::new(),
            cut: !text.trim().is_empty(),
        };
    }
    let mut out = text::block(language, &kept);
    let rest = all.len().saturating_sub(shown);
    if rest > 0 {
        cut = true;
        out.push('\n');
        out.push_str(&more(rest, locale));
    }
    Piece { text: out, cut }
}

/// A table as lines of at most so many columns.
pub(crate) fn table_text(table: &Table, limit: usize, locale: Locale) -> String {
    let cells = |row: &[Text]| -> Vec<String> {
        row.iter()
            .map(|cell| {
                let cell = cell.plain_in(locale);
                text::clean(&cell).replace('\n', " ").replace('\u{1b}', "")
            })
            .collect()
    };
    let heads = Some(&table.head).filter(|head| !head.is_empty());
    let rows: Vec<Vec<String>> = heads
        .into_iter()
        .chain(&table.rows)
        .map(|row| cells(row))
        .collect();
    let mut out = columns::lines(&rows, limit).join("\n");
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use ceo_commands::{
        line,
        model::{bold as strong, code as literal},
    };

    use super::*;

    #[test]
    fn a_line_is_cut_inside_its_dress() {
        let wall = Wall::default();
        let long = line!["a ", literal("x".repeat(50)), " tail"];
        let piece = line(&long, 20, &wall);
        assert!(piece.cut);
        assert_eq!(piece.text, format!("a `{}…`", "x".repeat(14)));
        let stars = line![strong("*".repeat(50))];
        let piece = line(&stars, 22, &wall);
        assert!(
            units(&piece.text) <= 21 && piece.text.ends_with("…**"),
            "{}",
            piece.text
        );
    }

    #[test]
    fn left_out_lines_are_counted() {
        let all: Vec<Text> = (0..100).map(|n| line!["line number ", n]).collect();
        let all: Vec<&Text> = all.iter().collect();
        let piece = lines(&all, 200, 1000, &Wall::default());
        assert!(piece.cut && units(&piece.text) <= 200);
        let shown = piece.text.lines().count() - 1;
        assert!(
            piece.text.ends_with(&format!("… {} more", 100 - shown)),
            "{}",
            piece.text
        );
        let few = lines(&all, 4000, 3, &Wall::default());
        assert_eq!(few.text, "line number 0\nline number 1\nline number 2\n… 97 more");
    }

    #[test]
    fn a_link_to_a_ticket_leads_to_its_message() {
        let mut wall = Wall {
            guild: 2000,
            ..Wall::default()
        };
        let asked = Text::from(Span::TicketLink(TicketId(13)));
        assert_eq!(line(&asked, 200, &wall).text, "ticket 13");
        wall.tickets.insert(
            TicketId(13),
            Posted {
                channel: ceo_commands::model::ChannelId(3000),
                message: 77,
            },
        );
        assert_eq!(
            line(&asked, 200, &wall).text,
            "[ticket 13](https://discord.com/channels/2000/3000/77)"
        );
    }

    #[test]
    fn the_bar_tells_no_lie() {
        let draw = |done, total| bar(Progress { done, total });
        assert_eq!(draw(0, 3), "`░░░░░░░░░░░░░░░░`");
        assert_eq!(draw(2, 3), "`██████████░░░░░░`");
        assert_eq!(draw(3, 3), "`████████████████`");
        assert!(draw(999, 1000).contains('░'));
        assert!(draw(1, 1000).contains('█'));
        assert_eq!(draw(u32::MAX, 0), draw(1, 1));
    }

    #[test]
    fn a_table_fits_a_phone() {
        let wide = Table {
            head: vec!["NAME".into(), "READY".into(), "REASON".into()],
            rows: vec![vec![
                "ceoagent-api-5d8f-x7k2p".repeat(3).into(),
                "1/1".into(),
                "很长的原因".repeat(10).into(),
            ]],
        };
        let text = table_text(&wide, COLUMNS, Locale::En);
        assert!(text.lines().all(|l| text::width(l) <= COLUMNS), "{text}");
        assert!(text.lines().next().unwrap().starts_with("NAME"));
        assert!(!table(&wide, 1000, Locale::En).cut, "nothing is left out");
        assert!(table(&wide, 100, Locale::En).cut);
        let narrow = Table {
            head: vec!["A".into(), "B".into()],
            rows: vec![vec!["x".into(), "yy".into()]],
        };
        let piece = table(&narrow, 1000, Locale::En);
        assert_eq!((piece.text.as_str(), piece.cut), ("```\nA  B\nx  yy\n```", false));
    }

    #[test]
    fn long_code_shows_its_first_lines() {
        let log = Code {
            language: String::new(),
            text: (0..500).map(|n| format!("line {n}\n")).collect(),
        };
        let piece = code(&log, 1500, Locale::En);
        assert!(
            piece.cut && piece.text.ends_with("```\n… 480 more"),
            "{}",
            piece.text
        );
        let one = Code {
            language: "diff".into(),
            text: "x".repeat(10_000),
        };
        let piece = code(&one, 500, Locale::En);
        assert!(piece.cut && units(&piece.text) <= 500 && piece.text.starts_with("```diff\nxxx"));
    }
}
