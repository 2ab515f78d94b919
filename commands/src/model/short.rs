//! Short names for things that are shown together.

use std::collections::HashMap;

/// What tells names apart: the shortest end that no other has, from a dash on: `x7k2p` of `api-7f-x7k2p`, `1` of
/// `postgres-1`. A name that has no such end is whole.
#[must_use]
pub fn short_names(names: &[String]) -> Vec<String> {
    let mut short: Vec<Option<&str>> = vec![None; names.len()];
    let most = names
        .iter()
        .map(|name| name.split('-').count())
        .max()
        .unwrap_or(0);
    for parts in 1..=most {
        let ends: Vec<&str> = names.iter().map(|name| end(name, parts)).collect();
        let mut times: HashMap<&str, usize> = HashMap::new();
        for end in &ends {
            *times.entry(*end).or_default() += 1;
        }
        for (short, end) in short.iter_mut().zip(&ends) {
            if short.is_none() && times.get(end) == Some(&1) {
                *short = Some(end);
            }
        }
        if short.iter().all(Option::is_some) {
            break;
        }
    }
    let whole = |(short, name): (Option<&str>, &String)| short.unwrap_or(name).to_owned();
    short.into_iter().zip(names).map(whole).collect()
}

/// The last parts of a name.
fn end(name: &str, parts: usize) -> &str {
    let dash = name.rmatch_indices('-').nth(parts - 1);
    dash.map_or(name, |(at, _)| &name[at + 1..])
}
