//! The settings file that `ceo-bot init` writes: every key there is, with its default or an example and why one would
//! change it. A test reads it back and finds no key missing and none unknown.

use std::fmt::Write;

use super::timing;

/// The text of a new settings file.
#[must_use]
pub fn template() -> String {
    let mut text = include_str!("template.toml").to_owned();
    for key in timing::KEYS {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "# {:<44} #{}",
            format!("{} = \"{}\"", key.name, key.default),
            key.about
        );
    }
    text
}
