//! The team's own manual: Markdown, read by its sections, and found by its words in Chinese and English.

mod search;
mod sections;

pub use search::find;
pub use sections::{Part, Section, sections};
