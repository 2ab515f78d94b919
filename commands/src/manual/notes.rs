//! Notes that people keep with a section of the manual. Each is a row of the audit: signed with who and when, never changed,
//! never lost with the file; nothing else is stored of it.

use std::fmt;

use super::Section;
use crate::model::Effect;

/// What the row of a note says that happened.
pub const NOTED: &str = "noted";
/// What every note is about, as far as all of them are the same.
pub const ALL: &str = "runbook/";

/// The one notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotebookId;

impl fmt::Display for NotebookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("runbook")
    }
}

/// All notes, as a thing that one more can be put into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notebook {
    /// The one that is put in.
    pub new: Option<NewNote>,
}

/// A note that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNote {
    /// The section, as [`target`] names it.
    pub target: String,
    /// Its heading.
    pub heading: String,
    /// What it says.
    pub text: String,
}

/// How the audit names a section: by its file and its headings.
#[must_use]
pub fn target(section: &Section) -> String {
    // Commas part the targets of a row.
    let headings = section.path.join(" > ").replace(", ", " ");
    format!("{ALL}{}#{headings}", section.file)
}

impl Notebook {
    /// The notebook with one more note, and what follows.
    #[must_use]
    pub fn with(&self, note: NewNote) -> (Self, Vec<Effect>) {
        let record = Effect::Record(NOTED, note.text.clone());
        (Self { new: Some(note) }, vec![Effect::Store, record])
    }
}

impl Section {
    /// Its heading; the file's name where it has none.
    #[must_use]
    pub fn heading(&self) -> &str {
        self.path.last().map_or(&self.file, String::as_str)
    }

    /// Its headings in one line, as completion offers it.
    #[must_use]
    pub fn label(&self) -> String {
        if self.path.is_empty() {
            return self.file.clone();
        }
        self.path.join(" › ")
    }
}

/// The sections that somebody may mean: by all their headings, or by the last of them.
#[must_use]
pub fn meant<'a>(all: &'a [Section], asked: &str) -> Vec<&'a Section> {
    let same = |name: &str| name.trim().to_lowercase() == asked.trim().to_lowercase();
    let whole: Vec<&Section> = all.iter().filter(|section| same(&section.label())).collect();
    if !whole.is_empty() {
        return whole;
    }
    all.iter().filter(|section| same(section.heading())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manual::sections;

    #[test]
    fn a_section_is_meant_by_its_heading_or_by_all_of_them() {
        let text = "# Ops\n\n## Redis\n\n### Restart\n\na\n\n## Kafka\n\n### Restart\n\nb\n\n### Lag, and more\n\nc\n";
        let all = sections("ops.md", text);
        let of = |asked: &str| {
            let found = meant(&all, asked);
            found.iter().map(|section| section.label()).collect::<Vec<_>>()
        };
        assert_eq!(of("restart").len(), 2, "two are called so");
        assert_eq!(of("ops › kafka › restart"), ["Ops › Kafka › Restart"]);
        assert_eq!(of("lag, and more").len(), 1);
        assert!(of("lag").is_empty());
        let lag = meant(&all, "lag, and more");
        assert_eq!(target(lag[0]), "runbook/ops.md#Ops > Kafka > Lag and more");
    }
}
