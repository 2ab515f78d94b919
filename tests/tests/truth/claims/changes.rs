//! Who changed what.

use std::sync::LazyLock;

use regex::Regex;

use super::{Look, Rule, rule};

pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule(
            r"(?:Last change|Changed just before|Changed since): (.*)",
            |l, c| change(l, &c[1]),
        ),
        rule(
            r"(?:it|spec\.template|spec\.replicas) was changed by .*",
            |l, c| change(l, &c[0]),
        ),
    ]
}

/// An image that is said to have been changed from one to another was.
pub(super) fn change(l: &Look<'_>, text: &str) -> Result<(), String> {
    static IMAGE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"image (\S+) → (\S+)").unwrap());
    let Some(found) = IMAGE.captures(text) else {
        return Ok(());
    };
    let (name, line) = l.workload("")?;
    let ends = |image: &[String], tag: &str| image.iter().any(|i| i.ends_with(&format!(":{tag}")));
    let (from, to) = (&found[1], found[2].trim_end_matches([',', '.']));
    // From what a card was made of, or the last change, to what came later: there may have been others between.
    let mut was = false;
    for (_, facts) in line.until(l.to()) {
        if was && ends(&facts.images, to) {
            return Ok(());
        }
        was |= ends(&facts.images, from);
    }
    Err(format!("the image of {name} never went from {from} to {to}"))
}
