//! Buttons and forms. What a button means travels in its `custom_id`, `v1:<action>:<subject>[:<extra>]`, so that buttons
//! work after a restart; what does not fit into its 100 characters is kept in the store under a short mark.

use std::collections::BTreeSet;

use ceo_commands::{
    engine::{Form, FormField},
    model::{Act, Action, Link, Locale, Style},
};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::text;

/// Discord's bound for a `custom_id`.
pub(crate) const ID_MAX: usize = 100;
/// What a phone shows of a label.
const LABEL_MAX: usize = 34;
/// Discord's bound for an address behind a button.
const URL_MAX: usize = 512;
/// Discord's number of the look of a button that leads out.
const LINK: u8 = 5;
/// Five rows of five.
const BUTTONS_MAX: usize = 25;
const ROW: usize = 5;
/// The version of the format; a button of another version is not understood.
const VERSION: &str = "v1";
/// Begins the keys under which texts of buttons stand in the store.
pub const BUTTON_TEXTS: &str = "button:";
/// Begins an extra that stands in the store.
const STORED: char = '~';

/// What a `custom_id` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomId {
    /// What the button does.
    pub act: Act,
    /// The ticket, the view, or the command's name.
    pub subject: String,
    /// The rest.
    pub extra: Option<Extra>,
}

/// The rest of a `custom_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    /// It stands in the id.
    Here(String),
    /// It stands in the store under this key.
    Stored(String),
}

/// A button id of a format that this version does not speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the button id {0:?} is not of this version")]
pub struct OldButton(pub String);

/// An id that cannot be made: the subject alone is too long, or it holds a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no button id can be made of {act} {subject:?}")]
pub struct UnfitId {
    /// The action's word.
    pub act: &'static str,
    /// The subject.
    pub subject: String,
}

/// A text that must be in the store before a button that names it is shown.
pub(crate) type ButtonText = (String, String);

/// The id of a button, and what must be stored for it.
///
/// # Errors
/// When the subject holds a colon, or is so long that not even a mark fits behind it.
pub(crate) fn custom_id(
    act: Act,
    subject: &str,
    extra: Option<&str>,
) -> Result<(String, Option<ButtonText>), UnfitId> {
    let unfit = || UnfitId {
        act: act.word(),
        subject: text::cut(subject, 40),
    };
    if subject.is_empty() || subject.contains(':') {
        return Err(unfit());
    }
    let stem = format!("{VERSION}:{}:{subject}", act.word());
    let whole = match extra {
        None => stem.clone(),
        Some(extra) => format!("{stem}:{extra}"),
    };
    let marked = extra.is_some_and(|e| e.starts_with(STORED));
    if text::units(&whole) <= ID_MAX && !marked {
        return Ok((whole, None));
    }
    let Some(extra) = extra else {
        return Err(unfit());
    };
    let mark: String = hex::encode(Sha256::digest(extra)).chars().take(24).collect();
    let short = format!("{stem}:{STORED}{mark}");
    if text::units(&short) > ID_MAX {
        return Err(unfit());
    }
    Ok((short, Some((text_key(&mark), extra.to_owned()))))
}

fn text_key(mark: &str) -> String {
    format!("{BUTTON_TEXTS}{mark}")
}

/// Reads an id.
///
/// # Errors
/// When it is of another version, or damaged.
pub fn parse_id(id: &str) -> Result<CustomId, OldButton> {
    let old = || OldButton(text::cut(&text::clean(id), ID_MAX));
    let mut parts = id.splitn(4, ':');
    if parts.next() != Some(VERSION) {
        return Err(old());
    }
    let act = parts.next().and_then(Act::parse).ok_or_else(old)?;
    let subject = parts.next().filter(|s| !s.is_empty()).ok_or_else(old)?.to_owned();
    let extra = parts.next().map(|extra| match extra.strip_prefix(STORED) {
        Some(mark) => Extra::Stored(text_key(mark)),
        None => Extra::Here(extra.to_owned()),
    });
    Ok(CustomId { act, subject, extra })
}

/// The rows of buttons, what must be stored for them, and the buttons that could not be drawn.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) json: Vec<Json>,
    pub(crate) button_texts: Vec<ButtonText>,
    pub(crate) left_out: Vec<String>,
}

/// Draws buttons in rows of five, those that lead out of the chat last. An id may stand only once in a message: the second
/// of two equal ones is left out.
pub(crate) fn rows(actions: &[Action], links: &[Link], locale: Locale) -> Rows {
    let mut out = Rows::default();
    let mut seen = BTreeSet::new();
    let mut buttons = Vec::new();
    for action in actions {
        let label = label(&action.label.plain_in(locale));
        match custom_id(action.act, &action.subject, action.extra.as_deref()) {
            Ok((id, text)) if buttons.len() < BUTTONS_MAX && seen.insert(id.clone()) => {
                out.button_texts.extend(text);
                buttons
                    .push(json!({"type": 2, "style": style(action.style), "label": label, "custom_id": id}));
            }
            Ok(_) | Err(_) => out.left_out.push(label),
        }
    }
    for link in links {
        let label = label(&link.label.plain_in(locale));
        if buttons.len() < BUTTONS_MAX && leads_out(&link.url) {
            buttons.push(json!({"type": 2, "style": LINK, "label": label, "url": link.url}));
        } else {
            out.left_out.push(label);
        }
    }
    out.json = buttons
        .chunks(ROW)
        .map(|row| json!({"type": 1, "components": row}))
        .collect();
    out
}

/// What Discord opens from a button.
fn leads_out(url: &str) -> bool {
    let web = ["http://", "https://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    web && text::units(url) <= URL_MAX
}

fn label(raw: &str) -> String {
    let one_line = text::clean(raw).replace('\n', " ");
    let cut = text::cut(one_line.trim(), LABEL_MAX);
    if cut.is_empty() { "·".to_owned() } else { cut }
}

fn style(style: Style) -> u8 {
    match style {
        Style::Primary => 1,
        Style::Secondary => 2,
        Style::Success => 3,
        Style::Danger => 4,
    }
}

/// The data of a form (callback type 9). Text inputs in action rows: serenity loses the values of newer kinds.
///
/// # Errors
/// When its id cannot be made, or it has no field.
pub(crate) fn form(form: &Form, locale: Locale) -> Result<(Json, Option<ButtonText>), UnfitId> {
    let (id, text) = custom_id(form.act, &form.subject, form.extra.as_deref())?;
    if form.fields.is_empty() {
        return Err(UnfitId {
            act: form.act.word(),
            subject: form.subject.clone(),
        });
    }
    let rows: Vec<Json> = form
        .fields
        .iter()
        .take(5)
        .map(|field| json!({"type": 1, "components": [input(field, locale)]}))
        .collect();
    let title = text::cut(text::clean(&form.title.plain_in(locale)).trim(), 45);
    Ok((json!({"custom_id": id, "title": title, "components": rows}), text))
}

fn input(field: &FormField, locale: Locale) -> Json {
    let placeholder = field.placeholder.plain_in(locale);
    let mut json = json!({
        "type": 4,
        "custom_id": text::cut(&field.id, ID_MAX),
        "label": text::cut(text::clean(&field.label.plain_in(locale)).trim(), 45),
        "style": if field.paragraph { 2 } else { 1 },
        "required": field.required,
        "max_length": field.max.clamp(1, 4000),
    });
    if !placeholder.is_empty() {
        json["placeholder"] = Json::String(text::cut(&text::clean(&placeholder), 100));
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_the_same_when_it_is_read() {
        for act in Act::ALL {
            let (id, text) = custom_id(act, "13", Some("page:2:x")).unwrap();
            assert_eq!(text, None);
            let read = parse_id(&id).unwrap();
            assert_eq!((read.act, read.subject.as_str()), (act, "13"));
            assert_eq!(read.extra, Some(Extra::Here("page:2:x".into())));
        }
        assert_eq!(parse_id("v1:approve:7").unwrap().extra, None);
    }

    #[test]
    fn a_long_extra_moves_to_the_store_and_is_found_again() {
        let long = format!("workload=prod/ceoagent/deployment/{}", "x".repeat(200));
        let (id, text) = custom_id(Act::Run, "rollout status", Some(&long)).unwrap();
        let (key, stored) = text.unwrap();
        assert!(text::units(&id) <= ID_MAX);
        assert_eq!(stored, long);
        assert_eq!(parse_id(&id).unwrap().extra, Some(Extra::Stored(key)));
    }

    #[test]
    fn an_extra_that_looks_like_a_mark_is_not_mistaken_for_one() {
        let (id, text) = custom_id(Act::Run, "logs", Some("~abc")).unwrap();
        assert!(text.is_some_and(|(_, text)| text == "~abc"));
        assert!(matches!(parse_id(&id).unwrap().extra, Some(Extra::Stored(_))));
    }

    #[test]
    fn what_cannot_be_an_id_is_an_error() {
        assert!(custom_id(Act::Run, "a:b", None).is_err());
        assert!(custom_id(Act::Run, "", None).is_err());
        assert!(custom_id(Act::Run, &"x".repeat(120), None).is_err());
    }

    #[test]
    fn old_or_damaged_ids_are_not_guessed_at() {
        for id in [
            "",
            "v0:approve:7",
            "approve:7",
            "v1",
            "v1:approve",
            "v1:approve:",
            "v1:fly:7",
            "v2:approve:7",
        ] {
            assert!(parse_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn what_leads_out_stands_last_and_only_where_a_browser_opens_it() {
        let ask = Action::new(Act::Page, "v", "Again", Style::Secondary);
        let link = |label: &str, url: &str| Link {
            label: label.into(),
            url: url.to_owned(),
        };
        let long = format!("https://grafana.example/{}", "x".repeat(500));
        let links = [
            link("Grafana", "https://grafana.example/d/1"),
            link("script", "javascript:alert(1)"),
            link("long", &long),
        ];
        let rows = rows(&[ask], &links, Locale::En);
        let row = &rows.json[0]["components"];
        assert_eq!(row.as_array().unwrap().len(), 2);
        assert_eq!(
            row[1],
            json!({"type": 2, "style": 5, "label": "Grafana", "url": "https://grafana.example/d/1"})
        );
        assert_eq!(rows.left_out, ["script", "long"]);
    }

    #[test]
    fn rows_hold_five_and_no_id_twice() {
        let mut actions: Vec<Action> = (0..40)
            .map(|n| Action::new(Act::Page, "v", format!("Page {n}"), Style::Secondary))
            .enumerate()
            .map(|(n, mut action)| {
                action.extra = Some((n / 2).to_string());
                action
            })
            .collect();
        actions.push(Action::new(Act::Run, "a:b", "bad", Style::Danger));
        let rows = rows(&actions, &[], Locale::En);
        assert_eq!(rows.json.len(), 4);
        assert!(
            rows.json
                .iter()
                .all(|row| row["components"].as_array().unwrap().len() == 5)
        );
        assert_eq!(rows.left_out.len(), 21);
    }
}
