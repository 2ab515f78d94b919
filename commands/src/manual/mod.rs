//! The team's own manual: Markdown, read by its sections, and found by its words in Chinese and English.

mod notes;
mod search;
mod sections;

pub use notes::{ALL, NOTED, NewNote, Notebook, NotebookId, meant, target};
pub use search::find;
pub use sections::{Part, Section, sections};
