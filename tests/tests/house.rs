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

mod planted {
    #[test]
    fn one_that_breaks_a_rule_is_refused() {
        let none = |wrong: Vec<String>| std::panic::catch_unwind(|| super::none("x", wrong)).is_ok();
        assert_eq!([none(vec![]), none(vec!["y".to_owned()])], [true, false]);
    }
}
