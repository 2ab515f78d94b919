//! No function that nobody calls: what is not used is not kept.

use std::collections::BTreeMap;

use crate::{
    none,
    scan::{Source, sources},
};

/// The public functions of `product` (the compiler knows of the others) whose name stands nowhere but where they are defined; `all` is whatever may call them,
/// test modules too.
fn uncalled(product: &[Source], all: &[Source]) -> Vec<String> {
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for source in all {
        // Test modules call, too: only comments and texts do not.
        for word in crate::scan::blank(&source.text).split(|c: char| !c.is_alphanumeric() && c != '_') {
            *named.entry(word.to_owned()).or_default() += 1;
        }
    }
    let mut defined: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in product.iter().filter(|s| !s.only_tests) {
        for function in source.functions().into_iter().filter(|f| f.is_public) {
            let at = format!("{}:{}: {}", source.path, function.line, function.name);
            defined.entry(function.name).or_default().push(at);
        }
    }
    defined
        .into_iter()
        .filter(|(name, places)| name != "main" && named.get(name).is_none_or(|count| *count <= places.len()))
        .flat_map(|(_, places)| places)
        .collect()
}

#[test]
fn nothing_is_kept_that_nobody_calls() {
    let product = sources(&["commands/src", "bot/src"]);
    let all = sources(&crate::ALL);
    none("functions that nobody calls", uncalled(&product, &all));
}

mod planted {
    use super::*;

    #[test]
    fn a_function_that_nobody_calls_is_found() {
        let product = [
            Source::of(
                "bot/src/a.rs",
                "pub fn used() {}\npub fn idle() { used() } // idle()\n",
                false,
            ),
            Source::of(
                "bot/src/b.rs",
                "trait T { fn asked(&self) -> &str { \"idle\" } }\nimpl Visitor for V {\n    fn visit(self) {}\n}\n",
                false,
            ),
        ];
        let test = Source::of("bot/tests/c.rs", "fn main() { x.asked() }\n", false);
        let all: Vec<Source> = product.iter().cloned().chain([test]).collect();
        assert_eq!(uncalled(&product, &all), ["bot/src/a.rs:2: idle"]);
    }
}
