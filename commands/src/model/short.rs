//! Short names for things that are shown together.

use std::collections::HashMap;

/// What tells names apart: the shortest end that no other has, from a dash on: `x7k2p` of `api-7f-x7k2p`. A
/// number alone would be read as a count beside others, so `postgres-1` keeps the part before it. A name that has no such end is
/// whole.
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
            let names_something = end.chars().any(|c| !c.is_ascii_digit());
            if short.is_none() && names_something && times.get(end) == Some(&1) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn short(names: &[&str]) -> Vec<String> {
        short_names(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_shortest_end_that_no_other_has_and_never_a_bare_number() {
        assert_eq!(short(&["api-7f-x7k2p", "api-7f-b7q9j"]), ["x7k2p", "b7q9j"]);
        assert_eq!(
            short(&["my-postgres-0", "my-postgres-1"]),
            ["postgres-0", "postgres-1"]
        );
        assert_eq!(short(&["postgres-0", "weaviate-0"]), ["postgres-0", "weaviate-0"]);
        assert_eq!(short(&["a-1-x", "b-1-x", "7"]), ["a-1-x", "b-1-x", "7"]);
    }
}
