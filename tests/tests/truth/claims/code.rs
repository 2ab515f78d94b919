//! Lines of code blocks: differences, tables of pods, last lines of logs.

use std::sync::LazyLock;

use regex::Regex;

use super::{Look, holds};

pub(super) fn is_so(l: &Look<'_>) -> Result<(), String> {
    static POD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(\S+)\s+(\d+)/(\d+)\s+(\S+)\s+(\d+)?.*$").unwrap());
    static DIFF: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[+-]\s+(image|replicas): (\S+)").unwrap());
    let text = l.piece.text.as_str();
    if let Some(found) = DIFF.captures(text) {
        let value = found[2].to_owned();
        let (name, line) = l.workload("")?;
        let ever = line.until(l.to() + 60_000).any(|(_, f)| match &found[1] {
            "image" => f.images.contains(&value),
            _ => f.desired.to_string() == value,
        });
        // What is asked for and never comes about was never so.
        return holds(ever || text.starts_with('+'), || {
            format!("{name} never had {value}")
        });
    }
    if let Some(found) = POD.captures(text) {
        let (shown, state) = (found[1].to_owned(), found[4].to_owned());
        let fits = |name: &str| match shown.split_once('…') {
            Some((begin, end)) => name.starts_with(begin) && name.ends_with(end),
            None => name.ends_with(&shown),
        };
        return l.was("", |f| {
            f.pods.iter().any(|p| fits(&p.name) && state_of(p, &state))
        });
    }
    Ok(())
}

pub(super) fn state_of(pod: &crate::facts::Pod, state: &str) -> bool {
    match state {
        "Terminating" => pod.leaving,
        "Running" => pod.phase == "Running" && pod.waiting.is_empty(),
        "Pending" => pod.phase == "Pending",
        _ => true,
    }
}
