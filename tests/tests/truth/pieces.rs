//! Messages taken apart: each state that people could see, and each sentence in it.

use ceo_tests::discord::Message;
use serde_json::Value;

/// A sentence as people saw it.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// When it was first to be seen, milliseconds since 1970.
    pub shown: i64,
    pub part: Part,
    pub text: String,
    /// The title of the message at that time, and its colour.
    pub title: String,
    pub color: i64,
    pub message: u64,
    pub channel: u64,
    /// Everything that the message said at that time.
    pub whole: String,
}

/// Where in a message a sentence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Content,
    Title,
    Line,
    Code,
    Footer,
}

/// Every sentence of every state of a message, oldest first.
pub(crate) fn of(message: &Message) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut shown = message.shown_ms;
    for revision in &message.revisions {
        state(&mut pieces, message, shown, (&revision.content, &revision.embeds));
        shown = revision.until_ms;
    }
    state(&mut pieces, message, shown, (&message.content, &message.embeds));
    // What was said already and stands again, unchanged, is of the first time: a report of what is over.
    for at in 0..pieces.len() {
        if let Some(first) = pieces[..at]
            .iter()
            .find(|p| p.whole == pieces[at].whole)
            .map(|p| p.shown)
        {
            pieces[at].shown = first;
        }
    }
    pieces
}

fn state(pieces: &mut Vec<Piece>, message: &Message, shown: i64, (content, embeds): (&str, &[Value])) {
    let first = embeds.first().cloned().unwrap_or_default();
    let text = |pointer: &str| first.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let title = plain(text("/title"));
    let color = first["color"].as_i64().unwrap_or(0);
    let mut all: Vec<(Part, String)> = Vec::new();
    all.extend(content.lines().map(|line| (Part::Content, line.to_owned())));
    for embed in embeds {
        let mut part = |pointer: &str, part: Part| {
            let text = embed.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            lines(text, part, &mut all);
        };
        part("/title", Part::Title);
        part("/description", Part::Line);
        part("/footer/text", Part::Footer);
        for field in embed["fields"].as_array().into_iter().flatten() {
            let name = field["name"].as_str().unwrap_or_default();
            let value = field["value"].as_str().unwrap_or_default();
            lines(&format!("{name}: {value}"), Part::Line, &mut all);
        }
    }
    let whole: Vec<&str> = all.iter().map(|(_, text)| text.as_str()).collect();
    let whole = whole.join("\n");
    for (part, text) in all {
        let text = plain(&text);
        if text.trim().is_empty() {
            continue;
        }
        let sentences: Vec<String> = if part == Part::Code {
            vec![text]
        } else {
            split(&text)
        };
        pieces.extend(sentences.into_iter().map(|text| Piece {
            shown,
            part,
            text,
            title: title.clone(),
            color,
            message: message.id,
            channel: message.channel_id,
            whole: whole.clone(),
        }));
    }
}

fn lines(text: &str, part: Part, all: &mut Vec<(Part, String)>) {
    let mut code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
            continue;
        }
        all.push((if code { Part::Code } else { part }, line.to_owned()));
    }
}

/// Without the marks of Markdown.
fn plain(text: &str) -> String {
    text.replace("**", "").replace(['`', '\\'], "")
}

/// A line's sentences: what stands between middle dots, and full stops.
fn split(line: &str) -> Vec<String> {
    line.split(" · ")
        .flat_map(|part| part.split(". "))
        .map(|part| part.trim().trim_end_matches('.').to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}
