//! The rules of the house, kept by tests: sizes, floors, circles, who may know whom, where sentences and names stand, and
//! that every command has what it needs. Each rule has a test of its own that plants a breach and finds it.
//!
//! ```text
//! scan.rs       source as far as the rules need it: code, texts, functions
//! modules.rs    which file uses which
//! shape.rs      sizes of files and functions, parameters, nothing unfinished
//! floors.rs     the floors, and no two files that use each other
//! sentences.rs  no sentence outside texts/
//! names.rs      a command's name in its own file
//! calls.rs      no function that nobody calls
//! commands.rs   what every command has; README, rights and the example of the deployment
//! workspace.rs  who knows whom, dependencies, the top level
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    reason = "a test fails by panicking, and reads from top to bottom"
)]

#[path = "house/calls.rs"]
mod calls;
#[path = "house/commands.rs"]
mod commands;
#[path = "house/floors.rs"]
mod floors;
#[path = "house/modules.rs"]
mod modules;
#[path = "house/names.rs"]
mod names;
#[path = "house/scan.rs"]
mod scan;
#[path = "house/sentences.rs"]
mod sentences;
#[path = "house/shape.rs"]
mod shape;
#[path = "house/workspace.rs"]
mod workspace;

const ALL: [&str; 6] = [
    "commands/src",
    "commands/tests",
    "bot/src",
    "bot/tests",
    "tests/src",
    "tests/tests",
];

/// Nothing breaks the rule.
fn none(what: &str, wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

/// Exactly so many still break a rule: more are refused, and who mends one takes the number down.
fn owed(what: &str, wrong: Vec<String>, known: usize) {
    let count = wrong.len();
    assert!(
        count <= known,
        "{what}: {count}, where {known} were known:\n  {}",
        wrong.join("\n  ")
    );
    assert!(
        count == known,
        "{what}: only {count} are left; take the number down from {known}"
    );
}

mod planted {
    #[test]
    fn one_more_than_owed_is_refused_and_so_is_one_less() {
        let owed = |count: usize| {
            let wrong = vec!["x".to_owned(); count];
            std::panic::catch_unwind(|| super::owed("x", wrong, 2)).is_ok()
        };
        assert_eq!([owed(1), owed(2), owed(3)], [false, true, false]);
        assert!(std::panic::catch_unwind(|| super::none("x", vec!["y".to_owned()])).is_err());
    }
}
