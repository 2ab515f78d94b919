//! Draws a report as a Discord message within all of Discord's limits. Whatever a report holds, the message is valid and
//! pings nobody but the roles that the report names; what does not fit goes along as a file.

use std::collections::BTreeSet;

use ceo_commands::{
    model::{Block, Code, Field, Locale, Progress, Report, Span, Table, Text, TicketId, Tone},
    texts::{self, naming},
};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::{
    components,
    draw::{self, Piece, Wall},
    text::{self, units},
};

/// Discord's bounds for an embed, in characters.
const TITLE: usize = 256;
const DESCRIPTION: usize = 4096;
const FIELDS: usize = 25;
const NAME: usize = 256;
const VALUE: usize = 1024;
/// Of Discord's 2048; more is no small print.
const FOOTER: usize = 512;
/// Over all parts together, with a little to spare.
const TOTAL: usize = 5700;
/// For several diffs, logs and tables together.
const FENCED: usize = 2400;
/// Most roles that one message may ping.
const PINGS: usize = 10;
/// Most lines of plain text that stand in a message.
const LINES: usize = 60;
/// Most files of a report; the whole text may be one more.
const FILES: usize = 9;
/// The file that holds what was cut.
const FULL: &str = "full.txt";

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its name, made of letters, digits, points, dashes and underscores.
    pub name: String,
    /// What is in it.
    pub description: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A message, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// `content`, `embeds`, `components` and `allowed_mentions`.
    pub body: Json,
    /// The files.
    pub files: Vec<Upload>,
    /// What must be in the store before the message is shown: the texts that its buttons name.
    pub(crate) button_texts: Vec<components::ButtonText>,
    /// The roles to ping when it is first posted.
    pub pings: Vec<u64>,
    /// Buttons that could not be drawn.
    pub left_out: Vec<String>,
}

impl Drawn {
    /// SHA-256 (hex) of all that a reader sees.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.body.to_string());
        hash.update(self.files_hash());
        hex::encode(hash.finalize())
    }

    /// SHA-256 (hex) of the files alone; empty without files.
    #[must_use]
    pub fn files_hash(&self) -> String {
        if self.files.is_empty() {
            return String::new();
        }
        let mut hash = Sha256::new();
        for file in &self.files {
            hash.update(file.name.len().to_be_bytes());
            hash.update(&file.name);
            hash.update(file.bytes.len().to_be_bytes());
            hash.update(&file.bytes);
        }
        hex::encode(hash.finalize())
    }

    /// The body with its files to be uploaded, in place of those that the message had.
    #[must_use]
    pub fn uploading(&self) -> Json {
        let mut body = self.body.clone();
        let list: Vec<Json> = self
            .files
            .iter()
            .enumerate()
            .map(|(id, file)| json!({"id": id, "filename": file.name, "description": file.description}))
            .collect();
        body["attachments"] = Json::Array(list);
        body
    }

    /// The body for an edit that leaves these attachments of the message where they are.
    #[must_use]
    pub fn keeping(&self, attachments: &[String]) -> Json {
        let mut body = self.body.clone();
        body["attachments"] = attachments.iter().map(|id| json!({"id": id})).collect();
        body
    }
}

/// The tickets whose messages a report links to, or that it is about.
#[must_use]
pub fn tickets(report: &Report) -> Vec<TicketId> {
    let mut out: Vec<TicketId> = linked(report).into_iter().chain(report.ticket).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The tickets whose messages the text of a report links to.
#[must_use]
pub fn linked(report: &Report) -> Vec<TicketId> {
    report
        .all_texts()
        .flat_map(Text::all_spans)
        .filter_map(|span| match span {
            Span::TicketLink(id) => Some(*id),
            _ => None,
        })
        .collect()
}

/// The other living messages that a report links to, by their keys.
#[must_use]
pub fn messages(report: &Report) -> BTreeSet<&str> {
    let spans = report.all_texts().flat_map(Text::all_spans);
    spans
        .filter_map(|span| match span {
            Span::MessageLink { key, .. } => Some(key.as_str()),
            _ => None,
        })
        .collect()
}

/// Draws a report.
#[must_use]
pub fn draw(report: &Report, wall: &Wall) -> Drawn {
    let mut sheet = Sheet {
        wall,
        left: TOTAL,
        cut: false,
    };
    let mut embed = json!({"color": colour(report.tone)});
    let head = sheet.title(report, &mut embed);
    sheet.footer(report, &mut embed);
    sheet.description(report, head, &mut embed);
    sheet.fields(report, &mut embed);
    let cut = sheet.cut;
    let files = files(report, cut, wall, &mut embed);
    if embed.get("title").is_none() && embed.get("description").is_none() {
        embed["title"] = json!(texts::discord::nothing().plain_in(wall.locale));
    }
    let buttons = components::rows(&report.actions, &report.links, wall.locale);
    let pings: Vec<u64> = report.ping.iter().map(|role| role.0).take(PINGS).collect();
    let content: Vec<String> = pings.iter().map(|role| format!("<@&{role}>")).collect();
    Drawn {
        body: json!({
            "content": content.join(" "),
            "embeds": [embed],
            "components": buttons.json,
            "allowed_mentions": {"parse": []},
        }),
        files,
        button_texts: buttons.button_texts,
        pings,
        left_out: buttons.left_out,
    }
}

/// The same message with nothing in it that Discord could refuse: for when it refused the first drawing.
#[must_use]
pub fn draw_plainly(report: &Report, reference: &str, locale: Locale) -> Drawn {
    let title = text::cut(&text::escape(&report.title.plain_in(locale), None), TITLE);
    let rest = texts::discord::could_not_be_shown(reference).plain_in(locale);
    let embed = json!({
        "color": colour(report.tone),
        "description": text::cut(&format!("{title}\n{rest}"), 1000),
    });
    Drawn {
        body: json!({"content": "", "embeds": [embed], "components": [], "allowed_mentions": {"parse": []}}),
        files: Vec::new(),
        button_texts: Vec::new(),
        pings: Vec::new(),
        left_out: Vec::new(),
    }
}

fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Good => 0x57_F287,
        Tone::Waiting => 0xFE_E75C,
        Tone::Bad => 0xED_4245,
        Tone::Info => 0x58_65F2,
        Tone::Off => 0x99_AAB5,
    }
}

/// What is left of the embed's room while it is filled.
struct Sheet<'a> {
    wall: &'a Wall,
    left: usize,
    cut: bool,
}

impl Sheet<'_> {
    fn take(&mut self, text: &str) {
        self.left = self.left.saturating_sub(units(text));
    }

    /// The verdict with its place. In the embed's title where that can show it: titles show no mentions and no times,
    /// so a verdict with one of these is the description's first line.
    fn title(&mut self, report: &Report, embed: &mut Json) -> Option<String> {
        let locale = self.wall.locale;
        let place = report.place.as_ref().map(|place| place.plain_in(locale));
        let ticket = report.ticket.map(|id| naming::ticket_name(id, locale));
        let place: String = place
            .into_iter()
            .chain(ticket)
            .map(|part| format!(" · {}", text::escape(&part, Some('·')).replace('\n', " ")))
            .collect();
        let flat = flat(report.title.spans(locale));
        let simple = |span: &Span| matches!(span, Span::Plain(_) | Span::Bold(_) | Span::Code(_));
        if flat.iter().all(simple) {
            let room = TITLE.saturating_sub(units(&place)).max(TITLE / 2);
            let verdict = draw::line_of(&flat, room, self.wall);
            self.cut |= verdict.cut;
            let title = text::cut(&format!("{}{place}", verdict.text.replace('\n', " ")), TITLE);
            if !title.trim().is_empty() {
                self.take(&title);
                embed["title"] = Json::String(title);
            }
            return None;
        }
        let verdict = draw::line_of(&flat, 1000, self.wall);
        self.cut |= verdict.cut;
        Some(format!("**{}**{}", verdict.text.trim(), text::cut(&place, TITLE)))
    }

    fn footer(&mut self, report: &Report, embed: &mut Json) {
        let Some(footer) = &report.footer else {
            return;
        };
        // Footers are plain text to Discord: nothing acts there.
        let footer = footer.plain_in(self.wall.locale);
        let shown = text::cut(text::clean(&footer).trim(), FOOTER);
        if !shown.is_empty() {
            self.take(&shown);
            embed["footer"] = json!({"text": shown});
        }
    }

    /// Everything but titled parts and files, in its order.
    fn description(&mut self, report: &Report, head: Option<String>, embed: &mut Json) {
        let parts = parts(report);
        let fenced = parts.iter().filter(|part| part.is_fenced()).count();
        let fence_room = match fenced {
            0 | 1 => 1500,
            n => (FENCED / n).min(1000),
        };
        let mut room = DESCRIPTION
            .min(self.left)
            .saturating_sub(head.as_deref().map_or(0, units) + fenced * (fence_room + 1) + 2);
        let mut drawn: Vec<String> = head.into_iter().collect();
        for part in &parts {
            let piece = match part {
                Part::Code(code) => draw::code(code, fence_room, self.wall.locale),
                Part::Table(table) => draw::table(table, fence_room, self.wall.locale),
                Part::Lines(bar, lines) => {
                    let piece = self.lines(bar.map(draw::bar), lines, room);
                    room = room.saturating_sub(units(&piece.text) + 1);
                    piece
                }
            };
            self.cut |= piece.cut;
            // Many small parts may come to more than was set aside for them: one that does not fit is in the file.
            let before: usize = drawn.iter().map(|part| units(part) + 1).sum();
            if before + units(&piece.text) > DESCRIPTION.min(self.left) {
                self.cut = true;
                continue;
            }
            drawn.push(piece.text);
        }
        drawn.retain(|part| !part.is_empty());
        let description = drawn.join("\n");
        if !description.trim().is_empty() {
            self.take(&description);
            embed["description"] = Json::String(description);
        }
    }

    /// The bar stands before the first line, which says what it measures.
    fn lines(&self, bar: Option<String>, lines: &[Text], room: usize) -> Piece {
        let room = room.saturating_sub(bar.as_deref().map_or(0, |bar| units(bar) + 1));
        let lines: Vec<&Text> = lines.iter().collect();
        let mut piece = draw::lines(&lines, room, LINES, self.wall);
        piece.text = match bar {
            Some(bar) if piece.text.is_empty() => bar,
            Some(bar) => format!("{bar} {}", piece.text),
            None => piece.text,
        };
        piece
    }

    fn fields(&mut self, report: &Report, embed: &mut Json) {
        let mut out = Vec::new();
        let locale = self.wall.locale;
        let fields: Vec<&Field> = report.fields().collect();
        for (n, field) in fields.iter().enumerate() {
            let rest = fields.len() - n;
            let note = (NAME / 8) + 16;
            let left = self.left.saturating_sub(note);
            if left < 80 || (n + 1 == FIELDS && rest > 1) {
                let name = "…";
                let value = draw::more(rest, locale);
                self.take(&value);
                out.push(json!({"name": name, "value": value, "inline": false}));
                self.cut = true;
                break;
            }
            let name = text::cut(
                &text::escape(&text::cut(&field.name.plain_in(locale), NAME / 2), None).replace('\n', " "),
                NAME,
            );
            let name = if name.trim().is_empty() {
                "·".to_owned()
            } else {
                name
            };
            let room = VALUE.min(left.saturating_sub(units(&name)));
            let lines: Vec<&Text> = field.lines.iter().collect();
            let value = draw::lines(&lines, room, LINES, self.wall);
            self.cut |= value.cut;
            let shown = if value.text.trim().is_empty() {
                "–".to_owned()
            } else {
                value.text
            };
            self.take(&name);
            self.take(&shown);
            out.push(json!({"name": name, "value": shown, "inline": field.inline}));
        }
        if !out.is_empty() {
            embed["fields"] = Json::Array(out);
        }
    }
}

/// A part of the description.
enum Part<'a> {
    /// Lines one under the other, with a bar before the first.
    Lines(Option<Progress>, Vec<Text>),
    Code(&'a Code),
    Table(&'a Table),
}

impl Part<'_> {
    fn is_fenced(&self) -> bool {
        matches!(self, Self::Code(_) | Self::Table(_))
    }
}

/// The parts of the description: neighbouring lines are one, so that they are cut together.
fn parts(report: &Report) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for block in &report.blocks {
        let lines = match block {
            Block::Code(code) => {
                parts.push(Part::Code(code));
                continue;
            }
            Block::Table(table) => {
                parts.push(Part::Table(table));
                continue;
            }
            Block::Progress(progress) => {
                parts.push(Part::Lines(Some(*progress), Vec::new()));
                continue;
            }
            Block::Text(text) => vec![text.clone()],
            Block::Steps(steps) => draw::steps(steps),
            Block::Field(_) | Block::File(_) => continue,
        };
        match parts.last_mut() {
            Some(Part::Lines(_, before)) => before.extend(lines),
            _ => parts.push(Part::Lines(None, lines)),
        }
    }
    parts
}

/// A title is one line, and bold as a whole already.
fn flat(title: &[Span]) -> Vec<Span> {
    let one = |text: &String| text.replace(['\n', '\r'], " ");
    title
        .iter()
        .map(|span| match span {
            Span::Plain(text) | Span::Bold(text) => Span::Plain(one(text)),
            Span::Code(text) => Span::Code(one(text)),
            other => other.clone(),
        })
        .collect()
}

/// The report's own files, and the whole text when something was cut.
fn files(report: &Report, cut: bool, wall: &Wall, embed: &mut Json) -> Vec<Upload> {
    let mut files = Vec::new();
    let mut left = wall.max_file;
    for file in report.files().take(FILES) {
        let name = file_name(&file.name);
        let picture = [".png", ".jpg", ".jpeg", ".gif", ".webp"]
            .iter()
            .any(|end| name.ends_with(end));
        let stored = wall.files.get(file.hash()).map(Vec::as_slice);
        let Some(bytes) = file.bytes().map(|bytes| &**bytes).or(stored) else {
            continue;
        };
        if let Some(bytes) = within(bytes, left, (!picture).then_some(wall.locale)) {
            left = left.saturating_sub(bytes.len());
            if picture {
                embed["image"] = json!({"url": format!("attachment://{name}")});
            }
            files.push(Upload {
                name,
                description: text::cut(&text::clean(&file.description.plain_in(wall.locale)), 1024),
                bytes,
            });
        }
    }
    if cut && let Some(bytes) = within(full_text(report, wall.locale).as_bytes(), left, Some(wall.locale)) {
        let name = if files.iter().any(|f| f.name == FULL) {
            "message.txt"
        } else {
            FULL
        };
        files.push(Upload {
            name: name.to_owned(),
            description: texts::discord::whole_text().plain_in(wall.locale),
            bytes,
        });
    }
    files
}

/// The bytes within the limit: text is cut and says so in its reader's language; what is in no language, a picture, is left
/// out.
fn within(bytes: &[u8], limit: usize, text: Option<Locale>) -> Option<Vec<u8>> {
    if bytes.is_empty() {
        return None;
    }
    if bytes.len() <= limit {
        return Some(bytes.to_vec());
    }
    let note = format!("\n{}\n", texts::discord::cut_here().plain_in(text?));
    let mut end = limit.checked_sub(note.len()).filter(|end| *end > 0)?;
    // Not within a character.
    while end > 0 && bytes.get(end).is_some_and(|b| b & 0xc0 == 0x80) {
        end -= 1;
    }
    let mut out = bytes.get(..end)?.to_vec();
    out.extend_from_slice(note.as_bytes());
    Some(out)
}

fn file_name(raw: &str) -> String {
    let safe: String = raw
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
                c
            } else {
                '-'
            }
        })
        .collect();
    let safe = safe.trim_start_matches('.');
    let skip = safe.len().saturating_sub(100);
    let short = safe.get(skip..).unwrap_or_default();
    if short.is_empty() {
        "file.txt".to_owned()
    } else {
        short.to_owned()
    }
}

/// All words of a report as plain text.
fn full_text(report: &Report, locale: Locale) -> String {
    let mut out = report.title.plain_in(locale);
    if let Some(place) = &report.place {
        out.push_str(&format!(" · {}", place.plain_in(locale)));
    }
    if let Some(id) = report.ticket {
        out.push_str(&format!(" · {}", naming::ticket_name(id, locale)));
    }
    out.push('\n');
    for block in &report.blocks {
        match block {
            Block::Text(text) => out.push_str(&format!("{}\n", text.plain_in(locale))),
            Block::Code(code) => out.push_str(&format!("\n{}\n", code.text)),
            Block::Table(table) => {
                out.push_str(&format!("\n{}", draw::table_text(table, usize::MAX, locale)));
            }
            Block::Steps(steps) => {
                for step in draw::steps(steps) {
                    out.push_str(&format!("{}\n", step.plain_in(locale)));
                }
            }
            Block::Field(field) => {
                out.push_str(&format!("\n{}\n", field.name.plain_in(locale)));
                for line in &field.lines {
                    out.push_str(&format!("{}\n", line.plain_in(locale)));
                }
            }
            Block::Progress(_) | Block::File(_) => {}
        }
    }
    if let Some(footer) = &report.footer {
        out.push_str(&format!("\n{}\n", footer.plain_in(locale)));
    }
    text::clean(&out)
}
