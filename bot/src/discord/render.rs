//! Draws a report as a Discord message within all of Discord's limits. Whatever a report holds, the message is valid and
//! pings nobody but the roles that the report names; what does not fit goes along as a file.

use ceo_commands::model::{Line, Report, Span, TicketId, Tone};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::{
    components,
    draw::{self, Wall},
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
/// Most roles that one message may ping.
const PINGS: usize = 10;
/// Most lines of plain text that stand in a message.
const LINES: usize = 60;
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

/// The tickets whose messages a report links to.
#[must_use]
pub fn tickets(report: &Report) -> Vec<TicketId> {
    let lines = report
        .lines
        .iter()
        .chain(report.fields.iter().flat_map(|f| &f.lines))
        .chain([&report.title]);
    let mut out: Vec<TicketId> = lines
        .flat_map(|line| &line.0)
        .filter_map(|span| match span {
            Span::TicketLink(id) => Some(*id),
            _ => None,
        })
        .collect();
    out.sort_unstable();
    out.dedup();
    out
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
        embed["title"] = json!("Nothing to show");
    }
    let buttons = components::rows(&report.actions);
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
pub fn draw_plainly(report: &Report, reference: &str) -> Drawn {
    let title = text::cut(&text::escape(&report.title.plain(), None), TITLE);
    let embed = json!({
        "color": colour(report.tone),
        "description": text::cut(&format!("{title}\nThe rest of this message could not be shown. Reference {reference}"), 1000),
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
        let place = report
            .place
            .as_deref()
            .map(|place| format!(" · {}", text::escape(place, Some('·')).replace('\n', " ")));
        let place = place.unwrap_or_default();
        let simple = |span: &Span| matches!(span, Span::Plain(_) | Span::Bold(_) | Span::Code(_));
        if report.title.0.iter().all(simple) {
            let room = TITLE.saturating_sub(units(&place)).max(TITLE / 2);
            let flat = flat(&report.title);
            let verdict = draw::line(&flat, room, self.wall);
            self.cut |= verdict.cut;
            let title = text::cut(&format!("{}{place}", verdict.text.replace('\n', " ")), TITLE);
            if !title.trim().is_empty() {
                self.take(&title);
                embed["title"] = Json::String(title);
            }
            return None;
        }
        let verdict = draw::line(&flat(&report.title), 1000, self.wall);
        self.cut |= verdict.cut;
        Some(format!("**{}**{}", verdict.text.trim(), text::cut(&place, TITLE)))
    }

    fn footer(&mut self, report: &Report, embed: &mut Json) {
        let Some(footer) = &report.footer else {
            return;
        };
        // Footers are plain text to Discord: nothing acts there.
        let shown = text::cut(text::clean(footer).trim(), FOOTER);
        if !shown.is_empty() {
            self.take(&shown);
            embed["footer"] = json!({"text": shown});
        }
    }

    fn description(&mut self, report: &Report, head: Option<String>, embed: &mut Json) {
        let blocks = usize::from(report.code.is_some()) + usize::from(report.table.is_some());
        let block_room = if blocks > 1 { 1000 } else { 1500 };
        let mut room = DESCRIPTION.min(self.left);
        let mut parts: Vec<String> = Vec::new();
        let head_room = head.as_deref().map_or(0, units);
        parts.extend(head);
        let bar = report.progress.map(draw::bar);
        let bar_room = bar.as_deref().map_or(0, |bar| units(bar) + 1);
        room = room.saturating_sub(head_room + bar_room + blocks * (block_room + 1) + 2);
        let lines = draw::lines(&report.lines, room, LINES, self.wall);
        self.cut |= lines.cut;
        // The bar stands before the first line, which says what it measures.
        parts.push(match bar {
            Some(bar) if lines.text.is_empty() => bar,
            Some(bar) => format!("{bar} {}", lines.text),
            None => lines.text,
        });
        if let Some(code) = &report.code {
            let piece = draw::code(code, block_room);
            self.cut |= piece.cut;
            parts.push(piece.text);
        }
        if let Some(table) = &report.table {
            let piece = draw::table(table, block_room);
            self.cut |= piece.cut;
            parts.push(piece.text);
        }
        parts.retain(|part| !part.is_empty());
        let description = parts.join("\n");
        if !description.trim().is_empty() {
            self.take(&description);
            embed["description"] = Json::String(description);
        }
    }

    fn fields(&mut self, report: &Report, embed: &mut Json) {
        let mut out = Vec::new();
        for (n, field) in report.fields.iter().enumerate() {
            let rest = report.fields.len() - n;
            let note = (NAME / 8) + 16;
            let left = self.left.saturating_sub(note);
            if left < 80 || (n + 1 == FIELDS && rest > 1) {
                let name = "…";
                let value = format!("{rest} more");
                self.take(&value);
                out.push(json!({"name": name, "value": value, "inline": false}));
                self.cut = true;
                break;
            }
            let name = text::cut(
                &text::escape(&text::cut(&field.name, NAME / 2), None).replace('\n', " "),
                NAME,
            );
            let name = if name.trim().is_empty() {
                "·".to_owned()
            } else {
                name
            };
            let room = VALUE.min(left.saturating_sub(units(&name)));
            let value = draw::lines(&field.lines, room, LINES, self.wall);
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

/// A title is one line.
fn flat(title: &Line) -> Line {
    let one = |text: &String| text.replace(['\n', '\r'], " ");
    Line(
        title
            .0
            .iter()
            .map(|span| match span {
                // The whole title is bold already.
                Span::Plain(text) | Span::Bold(text) => Span::Plain(one(text)),
                Span::Code(text) => Span::Code(one(text)),
                other => other.clone(),
            })
            .collect(),
    )
}

/// The report's own file, and the whole text when something was cut.
fn files(report: &Report, cut: bool, wall: &Wall, embed: &mut Json) -> Vec<Upload> {
    let mut files = Vec::new();
    let mut left = wall.max_file;
    if let Some(file) = &report.file {
        let name = file_name(&file.name);
        let picture = [".png", ".jpg", ".jpeg", ".gif", ".webp"]
            .iter()
            .any(|end| name.ends_with(end));
        if let Some(bytes) = within(&file.bytes, left, picture) {
            left = left.saturating_sub(bytes.len());
            if picture {
                embed["image"] = json!({"url": format!("attachment://{name}")});
            }
            files.push(Upload {
                name,
                description: text::cut(&text::clean(&file.description), 1024),
                bytes,
            });
        }
    }
    if cut && let Some(bytes) = within(full_text(report).as_bytes(), left, false) {
        let name = if files.iter().any(|f| f.name == FULL) {
            "message.txt"
        } else {
            FULL
        };
        files.push(Upload {
            name: name.to_owned(),
            description: "The whole text of this message".to_owned(),
            bytes,
        });
    }
    files
}

/// The bytes within the limit: text is cut and says so, a picture is left out.
fn within(bytes: &[u8], limit: usize, picture: bool) -> Option<Vec<u8>> {
    const NOTE: &[u8] = b"\n[cut here: the file is over Discord's limit]\n";
    if bytes.is_empty() {
        return None;
    }
    if bytes.len() <= limit {
        return Some(bytes.to_vec());
    }
    let mut end = limit.checked_sub(NOTE.len())?;
    if picture || end == 0 {
        return None;
    }
    // Not within a character.
    while end > 0 && bytes.get(end).is_some_and(|b| b & 0xc0 == 0x80) {
        end -= 1;
    }
    let mut out = bytes.get(..end)?.to_vec();
    out.extend_from_slice(NOTE);
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
fn full_text(report: &Report) -> String {
    let mut out = report.title.plain();
    if let Some(place) = &report.place {
        out.push_str(&format!(" · {place}"));
    }
    out.push('\n');
    for line in &report.lines {
        out.push_str(&format!("{}\n", line.plain()));
    }
    if let Some(code) = &report.code {
        out.push_str(&format!("\n{}\n", code.text));
    }
    if let Some(table) = &report.table {
        out.push_str(&format!("\n{}", draw::table_text(table, usize::MAX)));
    }
    for field in &report.fields {
        out.push_str(&format!("\n{}\n", field.name));
        for line in &field.lines {
            out.push_str(&format!("{}\n", line.plain()));
        }
    }
    if let Some(footer) = &report.footer {
        out.push_str(&format!("\n{footer}\n"));
    }
    text::clean(&out)
}
