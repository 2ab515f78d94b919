//! Objects as pages of a table, the troubled ones told below it: what every `get` shows.

use super::contract::Answer;
use crate::{
    line,
    model::{Report, Table, Text, Tone, code},
};

/// Rows on one page.
const PAGE: usize = 20;
/// Troubles that are told on one page.
const TROUBLES: usize = 5;
/// The widest name: the table has to fit a phone.
const NAME: usize = 24;

/// An object.
pub(super) struct Row {
    /// Its name.
    pub(super) name: String,
    /// What stands behind the name, as many as there are heads.
    pub(super) cells: Vec<Text>,
    /// What is wrong with it.
    pub(super) trouble: Option<Text>,
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
            rows: rows.iter().map(cells).collect(),
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

fn cells(row: &Row) -> Vec<Text> {
    let name = Text::from(shorten(&row.name));
    std::iter::once(name).chain(row.cells.iter().cloned()).collect()
}

/// The end of a pod's name tells it from its siblings, so the middle goes.
fn shorten(name: &str) -> String {
    let n = name.chars().count();
    if n <= NAME {
        return name.to_owned();
    }
    let head: String = name.chars().take(NAME - 12).collect();
    let tail: String = name.chars().skip(n - 11).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_by_its_own_rows() {
        let row = |n: usize| Row {
            name: format!("ceoagent-api-5d8f7c9b4-{n:05}"),
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
        assert_eq!(shorten("ceoagent-api-5d8f7c9b4-x7k2p").chars().count(), NAME);
        assert!(shorten("ceoagent-api-5d8f7c9b4-x7k2p").ends_with("-x7k2p"));
    }
}
