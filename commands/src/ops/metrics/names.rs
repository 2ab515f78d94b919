//! What series are called beside each other: by what tells them apart.

use std::collections::BTreeSet;

use crate::{ports::metrics::Series, redact::Redactor};

/// The longest name that is shown.
const LONGEST: usize = 60;
/// The label that holds the metric's own name.
const METRIC: &str = "__name__";

/// The names of series, free of secrets, control characters and marks that turn the direction of writing.
pub(super) fn names(all: &[Series], redactor: &Redactor) -> Vec<String> {
    let shared = shared(all);
    all.iter()
        .map(|series| {
            let own: Vec<&(String, String)> = series
                .labels
                .iter()
                .filter(|label| all.len() < 2 || !shared.contains(label))
                .collect();
            let name = match own.as_slice() {
                [] => String::new(),
                // One label tells all: its value does.
                [(name, value)] if all.len() > 1 || name == METRIC => redactor.value(name, value),
                many => many
                    .iter()
                    .map(|(name, value)| format!("{name}={}", redactor.value(name, value)))
                    .collect::<Vec<_>>()
                    .join(" "),
            };
            short(&redactor.quote_in_a_line(&name))
        })
        .collect()
}

/// The labels that all of them have.
fn shared(all: &[Series]) -> BTreeSet<&(String, String)> {
    let mut each = all.iter().map(|series| series.labels.iter().collect());
    let first: BTreeSet<&(String, String)> = each.next().unwrap_or_default();
    each.fold(first, |shared, own: BTreeSet<&(String, String)>| &shared & &own)
}

fn short(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    name.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(labels: &[(&str, &str)]) -> Series {
        let label = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Series {
            labels: labels.iter().map(label).collect(),
            points: vec![],
        }
    }

    fn named(all: &[&[(&str, &str)]]) -> Vec<String> {
        let all: Vec<Series> = all.iter().map(|labels| series(labels)).collect();
        names(&all, &Redactor::new(["hunter22".to_owned()]))
    }

    #[test]
    fn what_they_share_tells_nothing() {
        let pods = named(&[
            &[("namespace", "shop"), ("pod", "a")],
            &[("namespace", "shop"), ("pod", "b")],
        ]);
        assert_eq!(pods, ["a", "b"]);
        let mixed = named(&[
            &[("code", "200"), ("path", "/x")],
            &[("code", "500"), ("path", "/y")],
        ]);
        assert_eq!(mixed, ["code=200 path=/x", "code=500 path=/y"]);
        assert_eq!(named(&[&[]]), [""]);
        assert_eq!(named(&[&[(METRIC, "up")]]), ["up"]);
        assert_eq!(named(&[&[(METRIC, "up"), ("job", "a")]]), ["__name__=up job=a"]);
    }

    #[test]
    fn hostile_labels_are_harmless() {
        let all = named(&[
            &[("pod", "a\u{202e}dlrow\u{7}\n x")],
            &[("pod", "hunter22")],
            &[("pod", &"x".repeat(300))],
        ]);
        assert!(!all[0].contains(['\u{202e}', '\u{7}', '\n']), "{all:?}");
        assert!(!all[1].contains("hunter22"), "{all:?}");
        assert_eq!(all[2].chars().count(), LONGEST);
    }
}
