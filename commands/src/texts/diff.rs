//! What is said about a difference that is longer than a card.

use crate::{
    model::{Text, code},
    text,
};

/// Where the whole difference stands.
pub(crate) fn in_file(name: &str) -> Text {
    text! {
        en: ["This is not all of it: the whole difference is in ", code(name)],
        zh: ["以上并非全部，完整差异见 ", code(name)],
    }
}

/// What is in the file, for those who cannot see it.
pub(crate) fn file(lines: usize) -> Text {
    text! { en: ["The whole difference, ", lines, if lines == 1 { " line" } else { " lines" }], zh: ["完整差异，共 ", lines, " 行"] }
}
