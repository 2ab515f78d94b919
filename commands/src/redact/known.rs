//! Values that are known to be secret, in every form in which they travel.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};

use super::sane::sane;

/// The least length of a known value that is hidden: shorter ones would hide half of every text.
const LEAST: usize = 8;
/// The longest known value: what is longer is a file, of which each line counts.
const LONGEST: usize = 4096;

/// A value in all its forms. One of several lines counts whole and line by line; one that is no UTF-8 also as what a
/// program or a terminal makes of it.
pub(super) fn forms_of(value: &[u8]) -> Vec<String> {
    let end = value.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
    let value = value.get(..end.map_or(0, |at| at + 1)).unwrap_or(value);
    let mut all = Vec::new();
    match std::str::from_utf8(value) {
        Ok(text) => {
            if text.contains('\n') {
                let lines = text.lines().map(str::trim).filter(|line| line.len() >= 2 * LEAST);
                all.extend(lines.take(200).flat_map(forms));
            }
            if text.len() <= LONGEST && text.chars().count() >= LEAST {
                all.extend(forms(text));
            }
        }
        Err(_) if value.len() <= LONGEST => all.extend(forms_of_bytes(value)),
        Err(_) => {}
    }
    all
}

/// Bytes that are no UTF-8: encoded, as a reader of another encoding takes them, and the parts of them that are text.
fn forms_of_bytes(value: &[u8]) -> Vec<String> {
    let hex = hex::encode(value);
    let mut all = vec![
        hex.to_uppercase(),
        hex,
        url::form_urlencoded::byte_serialize(value).collect(),
        String::from_utf8_lossy(value).into_owned(),
        sane(value).into_owned(),
        // Latin-1, read as what it is.
        value.iter().copied().map(char::from).collect(),
    ];
    all.extend(encoded(value));
    all.extend(value.utf8_chunks().map(|part| part.valid().to_owned()));
    // What is left of a value of nothing but strange bytes would be found in every other.
    let has_text = |form: &String| form.chars().filter(char::is_ascii_graphic).count() >= LEAST;
    all.retain(has_text);
    all
}

/// In base64, with and without the padding.
fn encoded(value: &[u8]) -> Vec<String> {
    [STANDARD.encode(value), URL_SAFE.encode(value)]
        .into_iter()
        .flat_map(|padded| [padded.trim_end_matches('=').to_owned(), padded])
        .collect()
}

/// A text in the forms in which it travels.
fn forms(value: &str) -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut all = vec![value.to_owned(), form.replace('+', "%20"), form];
    all.extend(encoded(value.as_bytes()));
    // As a JSON string within a log line.
    if let Ok(json) = serde_json::to_string(value) {
        all.push(json.trim_matches('"').to_owned());
    }
    all.retain(|form| form.chars().count() >= LEAST);
    all
}
