//! Columns of text that a phone shows without breaking a line, and in which nothing is cut: a cell that is too wide takes
//! lines of its own.

use super::text::width;

/// Between two columns.
const GAP: &str = "  ";

/// Rows as lines of at most so many columns. A row of one cell among wider ones is a heading over those below it.
pub(crate) fn lines(rows: &[Vec<String>], limit: usize) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let is_heading = |row: &[String]| count > 1 && row.len() == 1;
    let of_column = |n: usize, most: usize| {
        let cells = rows
            .iter()
            .filter(|row| !is_heading(row))
            .filter_map(|row| row.get(n));
        cells
            .map(|cell| width(cell))
            .filter(|w| *w <= most)
            .max()
            .unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..count).map(|n| of_column(n, usize::MAX)).collect();
    let gaps = GAP.len() * count.saturating_sub(1);
    let total = widths.iter().fold(gaps, |sum, w| sum.saturating_add(*w));
    let widest = (0..count).max_by_key(|n| widths[*n]).unwrap_or(0);
    let others = total - widths.get(widest).copied().unwrap_or(0);
    let room = limit.saturating_sub(others);
    if total > limit && room > 0 {
        widths[widest] = of_column(widest, room);
    }
    let mut out = Vec::new();
    for row in rows {
        if is_heading(row) {
            out.extend(row.iter().flat_map(|cell| broken(cell, "", limit)));
        } else if total <= limit {
            out.push(aligned(row, &widths, None));
        } else if room > 0 {
            let wide = row.get(widest).filter(|cell| width(cell) > room);
            let own = wide.map(|cell| broken(cell, if widest == 0 { "" } else { GAP }, limit));
            let line = aligned(row, &widths, wide.map(|_| widest));
            let (before, after) = if widest == 0 { (own, None) } else { (None, own) };
            out.extend(before.into_iter().flatten());
            out.extend(Some(line).filter(|line| !line.is_empty()));
            out.extend(after.into_iter().flatten());
        } else {
            out.extend(stacked(row, limit));
        }
    }
    out
}

/// A row in its columns, one of them left out.
fn aligned(row: &[String], widths: &[usize], without: Option<usize>) -> String {
    let cell = |(n, (cell, to)): (usize, (&String, &usize))| {
        let cell = if Some(n) == without { "" } else { cell };
        format!("{cell}{}", " ".repeat(to.saturating_sub(width(cell))))
    };
    let cells: Vec<String> = row.iter().zip(widths).enumerate().map(cell).collect();
    cells.join(GAP).trim_end().to_owned()
}

/// A row one below the other, as many cells on a line as fit.
fn stacked(row: &[String], limit: usize) -> Vec<String> {
    let Some((first, rest)) = row.split_first() else {
        return vec![];
    };
    let mut out = broken(first, "", limit);
    let mut line = String::new();
    for cell in rest.iter().filter(|cell| !cell.is_empty()) {
        if !line.is_empty() && width(&line) + GAP.len() + width(cell) <= limit {
            line.push_str(GAP);
            line.push_str(cell);
            continue;
        }
        out.extend(Some(std::mem::take(&mut line)).filter(|line| !line.is_empty()));
        let mut lines = broken(cell, GAP, limit);
        line = lines.pop().unwrap_or_default();
        out.append(&mut lines);
    }
    out.extend(Some(line).filter(|line| !line.is_empty()));
    out
}

/// A text on as many lines as it needs.
fn broken(text: &str, indent: &str, limit: usize) -> Vec<String> {
    let room = limit.saturating_sub(width(indent)).max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    for c in text.chars() {
        if width(&line) + width(c.encode_utf8(&mut [0; 4])) > room {
            lines.push(format!("{indent}{line}"));
            line.clear();
        }
        line.push(c);
    }
    lines.push(format!("{indent}{line}"));
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter()
            .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
            .collect()
    }

    #[test]
    fn a_long_state_takes_a_line_of_its_own() {
        let pods = rows(&[
            &["deployment/ceoagent-api"],
            &["x7k2p", "CrashLoopBackOff", "6x", "2m"],
            &["m4q8s", "Running", "0", "3h"],
        ]);
        assert_eq!(
            lines(&pods, 34).join("\n"),
            "deployment/ceoagent-api\nx7k2p  CrashLoopBackOff  6x  2m\nm4q8s  Running           0   3h"
        );
        let pods = rows(&[
            &["deployment/ceoagent-api-with-a-name-of-many-words"],
            &["x7k2p", "Init:CreateContainerConfigError", "6x", "2m"],
            &["m4q8s", "Running", "0", "3h"],
        ]);
        assert_eq!(
            lines(&pods, 34),
            [
                "deployment/ceoagent-api-with-a-nam",
                "e-of-many-words",
                "x7k2p           6x  2m",
                "  Init:CreateContainerConfigError",
                "m4q8s  Running  0   3h"
            ]
        );
    }

    #[test]
    fn a_wide_table_is_one_below_the_other() {
        let services = rows(&[
            &["NAME", "PORTS", "READY/NOT", "TYPE CLUSTER-IP"],
            &[
                "ceoagent-api-internal",
                "80/TCP",
                "3/0",
                "ClusterIP 10.96.200.100",
            ],
        ]);
        assert_eq!(
            lines(&services, 34),
            [
                "NAME",
                "  PORTS  READY/NOT",
                "  TYPE CLUSTER-IP",
                "ceoagent-api-internal",
                "  80/TCP  3/0",
                "  ClusterIP 10.96.200.100"
            ]
        );
        assert_eq!(lines(&services, usize::MAX).len(), 2);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_and_nothing_is_lost(
            table in prop::collection::vec(prop::collection::vec("[a-z0-9/多个]{0,50}", 0..6), 0..8),
            limit in 4_usize..80,
        ) {
            let drawn = lines(&table, limit);
            for line in &drawn {
                prop_assert!(width(line) <= limit, "{line}");
            }
            let letters = |text: &str| { let mut all: Vec<char> = text.chars().filter(|c| *c != ' ').collect(); all.sort_unstable(); all };
            prop_assert_eq!(letters(&drawn.concat()), letters(&table.concat().concat()));
        }
    }
}
