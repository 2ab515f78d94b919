//! Objects as pages of a table, the troubled ones told above it: what every `get` shows.

use super::contract::Answer;
use crate::{
    cluster::Folded,
    line,
    model::{Report, Scope, Table, Text, Tone, code},
    texts::get::{self, Noun},
};

/// Rows on one page.
const PAGE: usize = 20;
/// Troubles that are told on one page.
const TROUBLES: usize = 5;

/// An object.
pub(super) struct Row {
    /// Its name.
    pub(super) name: String,
    /// What it is called in the table: its name, or under a heading the end of it.
    pub(super) label: String,
    /// The heading that it stands under. Rows of one heading follow each other.
    pub(super) under: Option<Text>,
    /// What stands behind the name, as many as there are heads.
    pub(super) cells: Vec<Text>,
    /// What is wrong with it.
    pub(super) trouble: Option<Text>,
}

impl Row {
    /// A row that is called by its name.
    pub(super) fn new(name: impl Into<String>, cells: Vec<Text>) -> Self {
        let name = name.into();
        Self {
            label: name.clone(),
            name,
            under: None,
            cells,
            trouble: None,
        }
    }

    /// With what is wrong.
    pub(super) fn because(mut self, trouble: Option<Text>) -> Self {
        self.trouble = trouble;
        self
    }

    /// Under a heading.
    pub(super) fn below(mut self, heading: impl Into<Text>) -> Self {
        self.under = Some(heading.into());
        self
    }
}

/// A list of objects of one kind.
pub(super) struct List {
    /// Of what.
    pub(super) what: Noun,
    /// Whose they are; nothing of a whole place, which stands beside the title.
    pub(super) of: Option<Text>,
    /// The heads of the columns.
    pub(super) heads: Vec<Text>,
    /// The objects.
    pub(super) rows: Vec<Row>,
    /// What is to be known beside them.
    pub(super) notes: Vec<Text>,
}

impl List {
    /// The pages, what is wrong first.
    pub(super) fn answer(mut self, scope: &Scope) -> Answer {
        worst_first(&mut self.rows);
        let title = get::title(self.what, self.rows.len(), self.of.as_ref(), wrong(&self.rows));
        self.titled(&title, scope)
    }

    /// That there is nothing, which is no fault.
    fn none(self, scope: &Scope) -> Answer {
        let report = Report::new(Tone::Off, get::none(self.what, self.of.as_ref())).at(scope.place());
        report.lines(self.notes).into()
    }

    /// The pages in the order of the rows, under a title of their own.
    pub(super) fn titled(self, title: &Text, scope: &Scope) -> Answer {
        if self.rows.is_empty() {
            return self.none(scope);
        }
        match pages(title, &scope.place(), &self.heads, &self.rows) {
            Answer::Pages(mut pages) => {
                if let Some(first) = pages.first_mut() {
                    let troubles = first.texts().count();
                    let notes = self.notes.into_iter().map(crate::model::Block::Text);
                    first.blocks.splice(troubles..troubles, notes);
                }
                Answer::Pages(pages)
            }
            other => other,
        }
    }
}

/// What is to be said where more were there than were asked for.
pub(super) fn unread<T>(found: &Folded<T>) -> Option<Text> {
    found.more.then(|| get::only_the_first(found.count))
}

/// Puts those in trouble first, as they came otherwise.
pub(super) fn worst_first(rows: &mut [Row]) {
    rows.sort_by_key(|row| row.trouble.is_none());
}

/// How many are in trouble.
pub(super) fn wrong(rows: &[Row]) -> usize {
    rows.iter().filter(|row| row.trouble.is_some()).count()
}

/// The pages, all under one title.
pub(super) fn pages(title: &Text, place: &str, heads: &[Text], rows: &[Row]) -> Answer {
    let page = |rows: &[Row]| {
        let troubled = rows
            .iter()
            .filter_map(|row| Some((&row.name, row.trouble.as_ref()?)));
        let tone = match troubled.clone().next() {
            Some(_) => Tone::Waiting,
            None => Tone::Good,
        };
        let table = Table {
            head: heads.to_vec(),
            rows: table_rows(rows),
        };
        Report::new(tone, title)
            .at(place)
            .lines(
                troubled
                    .take(TROUBLES)
                    .map(|(name, why)| line![code(name), ": ", why]),
            )
            .table(table)
    };
    Answer::Pages(rows.chunks(PAGE).map(page).collect())
}

/// The rows with their headings, which are rows of one cell.
fn table_rows(rows: &[Row]) -> Vec<Vec<Text>> {
    let mut out: Vec<Vec<Text>> = Vec::with_capacity(rows.len());
    let mut under = None;
    for row in rows {
        if under != row.under.as_ref() {
            under = row.under.as_ref();
            out.extend(under.map(|heading| vec![heading.clone()]));
        }
        let name = Text::from(row.label.as_str());
        out.push(std::iter::once(name).chain(row.cells.iter().cloned()).collect());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_by_its_own_rows() {
        let row = |n: usize| Row {
            name: format!("ceoagent-api-5d8f7c9b4-{n:05}"),
            label: format!("{n:05}"),
            under: Some(format!("deployment/{}", if n < 25 { "a" } else { "b" }).into()),
            cells: vec!["1/1".into()],
            trouble: (n >= 20).then(|| "broken".into()),
        };
        let rows: Vec<Row> = (0..50).map(row).collect();
        let Answer::Pages(pages) = pages(&"t".into(), "prod", &["NAME".into(), "READY".into()], &rows) else {
            panic!("no pages")
        };
        let tones: Vec<Tone> = pages.iter().map(|page| page.tone).collect();
        assert_eq!(tones, [Tone::Good, Tone::Waiting, Tone::Waiting]);
        assert_eq!(pages[1].texts().count(), TROUBLES);
        let headings = |page: &Report| -> Vec<String> {
            let rows = page.tables().flat_map(|table| table.rows.clone());
            rows.filter(|row| row.len() == 1)
                .map(|row| row[0].plain())
                .collect()
        };
        assert_eq!(headings(&pages[0]), ["deployment/a"]);
        assert_eq!(
            headings(&pages[1]),
            ["deployment/a", "deployment/b"],
            "each page has its own"
        );
    }
}
