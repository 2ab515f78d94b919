//! What a person reads, in every language at once. A sentence is built where it is known, stored and redacted so, and
//! only the drawing chooses: what one person sees alone is in their language, what a channel sees in the channel's.

use serde::{Deserialize, Serialize};

use super::{ChannelId, Locale, RoleId, TicketId, UserId};
use crate::{model::Timestamp, texts::naming::ticket_name};

/// One piece of a line. `Plain`, `Bold` and `Code` hold text from anywhere, clusters included: the renderer makes it
/// harmless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    /// Text as it is.
    Plain(String),
    /// Emphasised text.
    Bold(String),
    /// A literal: a name, an image, a value.
    Code(String),
    /// A moment, shown as a distance to now (`3 minutes ago`).
    Ago(Timestamp),
    /// A moment, shown as a date and a time in the reader's zone.
    At(Timestamp),
    /// A person. Never pings.
    User(UserId),
    /// A role. Pings only when the report's `ping` names it.
    Role(RoleId),
    /// A channel.
    Channel(ChannelId),
    /// A link.
    Link {
        /// What is shown.
        label: String,
        /// Where it leads.
        url: String,
    },
    /// A link to the living message of a ticket, once that is posted; the renderer resolves it.
    TicketLink(TicketId),
    /// A link to another living message, once that is posted; the renderer resolves it.
    MessageLink {
        /// What is shown.
        label: String,
        /// The key of the message.
        key: String,
    },
}

impl From<&str> for Span {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}
impl From<String> for Span {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}
impl From<&String> for Span {
    fn from(text: &String) -> Self {
        Self::Plain(text.clone())
    }
}
impl From<UserId> for Span {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}
impl From<RoleId> for Span {
    fn from(role: RoleId) -> Self {
        Self::Role(role)
    }
}
impl From<ChannelId> for Span {
    fn from(channel: ChannelId) -> Self {
        Self::Channel(channel)
    }
}
impl From<TicketId> for Span {
    fn from(ticket: TicketId) -> Self {
        Self::Plain(ticket.to_string())
    }
}
macro_rules! span_of_number {
    ($($t:ty),*) => { $(impl From<$t> for Span { fn from(n: $t) -> Self { Self::Plain(grouped(n)) } })* };
}
span_of_number!(i32, i64, u32, u64, usize);

/// A number of things as people read it: `12,402`. What names something (a revision, a code, a bound that is typed) is no such
/// number, and is told as its text.
#[must_use]
pub fn grouped(n: impl ToString) -> String {
    let text = n.to_string();
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |digits| ("-", digits));
    let mut out = sign.to_owned();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A literal: a name, an image, a value.
pub fn code(text: impl Into<String>) -> Span {
    Span::Code(text.into())
}
/// Emphasised text.
pub fn bold(text: impl Into<String>) -> Span {
    Span::Bold(text.into())
}
/// A moment as a distance to now.
#[must_use]
pub fn ago(at: Timestamp) -> Span {
    Span::Ago(at)
}

/// A text of typed pieces, drawn one after the other, in every language at once. Made by `text!` where the languages
/// differ (only in `texts/`), by `line!` where they do not: names, numbers, other texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    en: Vec<Span>,
    /// Only where it differs.
    zh: Option<Vec<Span>>,
}

impl Text {
    /// A text that is the same in every language.
    #[must_use]
    pub fn same(spans: Vec<Span>) -> Self {
        Self { en: spans, zh: None }
    }

    /// A text from what it is in each language; what `text!` expands to.
    #[must_use]
    pub fn each(en: Vec<Span>, mut zh: Vec<Span>) -> Self {
        if zh == en {
            return Self::same(en);
        }
        space_from(&mut zh, 0);
        Self { en, zh: Some(zh) }
    }

    /// The pieces in a language.
    #[must_use]
    pub fn spans(&self, locale: Locale) -> &[Span] {
        match locale {
            Locale::En => &self.en,
            Locale::ZhCn => self.zh.as_deref().unwrap_or(&self.en),
        }
    }

    /// The pieces in a language, given away.
    #[must_use]
    pub fn into_spans(self, locale: Locale) -> Vec<Span> {
        match locale {
            Locale::En => self.en,
            Locale::ZhCn => self.zh.unwrap_or(self.en),
        }
    }

    /// All pieces of all languages; a piece that is the same in each comes once.
    pub fn all_spans(&self) -> impl Iterator<Item = &Span> {
        self.en.iter().chain(self.zh.iter().flatten())
    }

    /// The English without any formatting, for logs, tests and the audit.
    #[must_use]
    pub fn plain(&self) -> String {
        self.plain_in(Locale::En)
    }

    /// The words in a language without any formatting.
    #[must_use]
    pub fn plain_in(&self, locale: Locale) -> String {
        plain(self.spans(locale), locale)
    }

    /// As the beginning of a sentence: the first letter of a literal word stays as it is, that of a plain one is a capital.
    #[must_use]
    pub fn capital(mut self) -> Self {
        // Chinese has no capitals: Latin letters at its beginning are of a name.
        if let Some(Span::Plain(first)) = self.en.first_mut() {
            let mut letters = first.chars();
            if let Some(letter) = letters.next() {
                *first = letter.to_uppercase().chain(letters).collect();
            }
        }
        self
    }

    /// Adds a piece or another text.
    #[must_use]
    pub fn and(mut self, piece: impl Into<Text>) -> Self {
        self.push(piece.into());
        self
    }

    /// Adds another text.
    pub fn push(&mut self, other: Text) {
        if self.zh.is_some() || other.zh.is_some() {
            // What is Chinese already has its blanks.
            let spaced = self.zh.as_ref().map_or(0, Vec::len);
            let pieces = self.zh.get_or_insert_with(|| self.en.clone());
            pieces.extend_from_slice(other.zh.as_deref().unwrap_or(&other.en));
            space_from(pieces, spaced);
        }
        self.en.extend(other.en);
    }

    /// Texts one after the other with `between` between them.
    #[must_use]
    pub fn joined(texts: impl IntoIterator<Item = Text>, between: &Text) -> Self {
        let with = |text: Text, next: Text| text.and(between).and(next);
        texts.into_iter().reduce(with).unwrap_or_default()
    }

    /// Whether there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.en.is_empty()
    }

    /// Passes every word of it, in every language, through `f`.
    pub fn map_text(&mut self, f: &dyn Fn(&str) -> String) {
        for span in self.en.iter_mut().chain(self.zh.iter_mut().flatten()) {
            if let Span::Plain(text) | Span::Bold(text) | Span::Code(text) = span {
                *text = f(text);
            }
        }
    }
}

/// Chinese sets a blank between its characters and Latin words or numbers. Within a piece its author does; where two pieces
/// meet, only here is it known what stands on the other side. Looks at the piece at `from` and those behind it.
fn space_from(pieces: &mut [Span], from: usize) {
    for at in from.max(1)..pieces.len() {
        let (before, behind) = pieces.split_at_mut(at);
        let (Some(left), Some(right)) = (before.last_mut(), behind.first_mut()) else {
            continue;
        };
        let ends = words(left).and_then(|words| words.chars().last());
        let begins = words(right).and_then(|words| words.chars().next());
        let (Some(ends), Some(begins)) = (ends, begins) else {
            continue;
        };
        let latin = |c: char| c.is_ascii_alphanumeric();
        match (left, right) {
            (Span::Plain(left), _) if is_han(ends) && latin(begins) => left.push(' '),
            (_, Span::Plain(right)) if latin(ends) && is_han(begins) => right.insert(0, ' '),
            _ => {}
        }
    }
}

fn words(piece: &Span) -> Option<&str> {
    match piece {
        Span::Plain(text) | Span::Bold(text) | Span::Code(text) => Some(text),
        _ => None,
    }
}

/// Whether it is a character of Chinese, punctuation not counted.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Pieces of one language without any formatting.
#[must_use]
pub fn plain(spans: &[Span], locale: Locale) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Plain(t) | Span::Bold(t) | Span::Code(t) => t.clone(),
            Span::Ago(at) | Span::At(at) => at.to_string(),
            Span::User(id) => format!("@{id}"),
            Span::Role(id) => format!("@&{id}"),
            Span::Channel(id) => format!("#{id}"),
            Span::Link { label, .. } | Span::MessageLink { label, .. } => label.clone(),
            Span::TicketLink(id) => ticket_name(*id, locale),
        })
        .collect()
}

impl<T: Into<Span>> From<T> for Text {
    fn from(span: T) -> Self {
        Self::same(vec![span.into()])
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

/// As it is stored: a list of pieces where every language has the same (all that the first release wrote), otherwise
/// a list for each. A bare string is what the first release stored for names of fields and words on buttons.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Same(Vec<Span>),
    Each { en: Vec<Span>, zh: Vec<Span> },
    Bare(String),
}

impl Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Each<'a> {
            en: &'a [Span],
            zh: &'a [Span],
        }
        match &self.zh {
            None => self.en.serialize(s),
            Some(zh) => Each { en: &self.en, zh }.serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(match Stored::deserialize(d)? {
            Stored::Same(spans) => Self::same(spans),
            Stored::Each { en, zh } => Self::each(en, zh),
            Stored::Bare(text) => Self::from(text),
        })
    }
}

/// A [`Text`] in all languages: `text! { en: [code(name), " has ", n, " pods"], zh: [code(name), " 有 ", n, " 个 Pod"] }`.
/// Pieces are texts, numbers, people and spans; each language puts them in its own order. Sentences stand in `texts/`.
#[macro_export]
macro_rules! text {
    (en: [$($en:expr),* $(,)?], zh: [$($zh:expr),* $(,)?] $(,)?) => {{
        #[allow(unused_mut, reason = "a text may be empty")]
        let mut en: Vec<$crate::model::Span> = Vec::new();
        $(en.extend($crate::model::Text::from($en).into_spans($crate::model::Locale::En));)*
        #[allow(unused_mut, reason = "a text may be empty")]
        let mut zh: Vec<$crate::model::Span> = Vec::new();
        $(zh.extend($crate::model::Text::from($zh).into_spans($crate::model::Locale::ZhCn));)*
        $crate::model::Text::each(en, zh)
    }};
}

/// A [`Text`] whose pieces are the same in every language, or texts: `line![code(image), " · ", verdict]`.
#[macro_export]
macro_rules! line {
    ($($piece:expr),* $(,)?) => { $crate::model::Text::default()$(.and($piece))* };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(n: u32) -> Text {
        text! { en: [code("x"), " has ", n], zh: [code("x"), " 有 ", n, " 个"] }
    }

    #[test]
    fn numbers_are_grouped_wherever_they_stand() {
        for (n, told) in [
            (7, "7"),
            (999, "999"),
            (1000, "1,000"),
            (10_002, "10,002"),
            (1_234_567, "1,234,567"),
            (-4321, "-4,321"),
        ] {
            assert_eq!(Text::from(n).plain(), told);
        }
        assert_eq!(has(10_002).plain_in(Locale::ZhCn), "x 有 10,002 个");
        assert_eq!(
            crate::texts::status::revision(1234).plain(),
            ", revision 1234",
            "no number of things"
        );
    }

    #[test]
    fn a_text_is_chosen_when_it_is_read() {
        let whole = line!["a: ", has(3), "."];
        assert_eq!(whole.plain_in(Locale::En), "a: x has 3.");
        assert_eq!(whole.plain_in(Locale::ZhCn), "a: x 有 3 个.");
        let inside = text! { en: ["<", &whole, ">"], zh: ["《", whole, "》"] };
        assert_eq!(inside.plain_in(Locale::ZhCn), "《a: x 有 3 个.》");
        assert_eq!(inside.plain(), "<a: x has 3.>");
    }

    #[test]
    fn a_text_that_differs_after_one_that_does_not_keeps_its_beginning() {
        let text = Text::from("1 ").and(has(2)).and(" 3");
        assert_eq!(text.plain_in(Locale::ZhCn), "1 x 有 2 个 3");
    }

    #[test]
    fn where_pieces_meet_chinese_sets_a_blank_beside_words_and_numbers() {
        let pods = text! { en: [3, " pods"], zh: [3, "个 Pod"] };
        let text = text! { en: [&pods, " ready, ", 2], zh: [&pods, "中就绪", 2] };
        assert_eq!(text.plain_in(Locale::ZhCn), "3 个 Pod 中就绪 2");
        let joined = text! { en: ["of "], zh: ["共"] }
            .and(pods)
            .and("。")
            .and(code("x"));
        assert_eq!(joined.plain_in(Locale::ZhCn), "共 3 个 Pod。x");
    }

    #[test]
    fn a_sentence_begins_with_a_capital_and_a_literal_stays() {
        let text = text! { en: ["the end of ", code("x")], zh: [code("x"), " 结束"] }.capital();
        assert_eq!(
            (text.plain(), text.plain_in(Locale::ZhCn)),
            ("The end of x".to_owned(), "x 结束".to_owned())
        );
        assert_eq!(line![code("x"), " ends"].capital().plain(), "x ends");
    }

    #[test]
    fn what_the_first_release_stored_is_the_same_in_each_language() {
        let line: Text = serde_json::from_str(r#"[{"Plain":"asked by "},{"User":"5"}]"#).unwrap();
        assert_eq!(line.plain_in(Locale::ZhCn), "asked by @5");
        let bare: Text = serde_json::from_str(r#""Effect""#).unwrap();
        assert_eq!(bare.plain_in(Locale::ZhCn), "Effect");
    }

    #[test]
    fn every_language_survives_the_store() {
        for text in [has(4), line!["a ", code("b")], Text::default()] {
            let stored = serde_json::to_string(&text).unwrap();
            assert_eq!(serde_json::from_str::<Text>(&stored).unwrap(), text, "{stored}");
        }
        assert_eq!(serde_json::to_string(&line!["a"]).unwrap(), r#"[{"Plain":"a"}]"#);
    }

    #[test]
    fn hiding_reaches_every_language() {
        let mut text = text! { en: ["the key ", code("s3cret")], zh: ["密钥 ", code("s3cret")] };
        text.map_text(&|t| t.replace("s3cret", "[hidden]"));
        for locale in [Locale::En, Locale::ZhCn] {
            assert!(!text.plain_in(locale).contains("s3cret"));
        }
    }
}
