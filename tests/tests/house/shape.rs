//! Sizes: of files, of functions, of their parameters; and that nothing is left unfinished.

use crate::{
    none,
    scan::{Source, read, sources},
};

/// The most lines of code in a file.
const FILE: usize = 500;
/// What most files stay under, and how many of a hundred do.
const SMALL: usize = 300;
const SMALL_OF_100: usize = 80;
/// The most lines of code in a function.
const FUNCTION: usize = 60;
/// The most lines of a binary, blank ones and comments among them.
const MAIN: usize = 25;
/// The most parameters of a function, its receiver among them.
const PARAMETERS: usize = 5;

/// What ships, and what simulates: tests read from top to bottom, however long.
const PRODUCT: [&str; 3] = ["commands/src", "bot/src", "tests/src"];

fn long_files(sources: &[Source]) -> Vec<String> {
    let long = sources.iter().filter(|s| s.lines_of_code() > FILE);
    long.map(|s| format!("{}: {}", s.path, s.lines_of_code()))
        .collect()
}

/// Whether too few of the files are small.
fn few_small_files(sources: &[Source]) -> Vec<String> {
    let small = sources.iter().filter(|s| s.lines_of_code() < SMALL).count();
    let share = small * 100 / sources.len();
    let few = (share < SMALL_OF_100)
        .then(|| format!("only {share} % of the files have under {SMALL} lines of code"));
    few.into_iter().collect()
}

/// What is wrong with the binary at this path.
fn thick(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let long = (lines > MAIN).then(|| format!("{path} has {lines} lines; at most {MAIN}"));
    let other = !text.contains("ceo_bot::main");
    let other = other.then(|| format!("{path} is not ceo_bot::main()"));
    long.into_iter().chain(other).collect()
}

fn long_functions(sources: &[Source]) -> Vec<String> {
    functions(sources, |f| {
        (f.lines > FUNCTION).then(|| format!("{} lines of code", f.lines))
    })
}

fn many_parameters(sources: &[Source]) -> Vec<String> {
    functions(sources, |f| {
        let count = f.parameters.len();
        (count > PARAMETERS).then(|| format!("{count} parameters"))
    })
}

/// A tuple is no way around the bound: what belongs together has a name.
fn tuples(sources: &[Source]) -> Vec<String> {
    functions(sources, |f| {
        let tuple = f.parameters.iter().find(|kind| is_tuple(kind))?;
        Some(format!("takes {tuple}"))
    })
}

fn is_tuple(kind: &str) -> bool {
    let kind = kind.trim_start_matches('&').trim_start();
    let kind = kind.strip_prefix("mut ").unwrap_or(kind);
    // The empty one says that there is nothing.
    kind.starts_with('(') && kind.contains(',')
}

fn functions(sources: &[Source], wrong: impl Fn(&crate::scan::Function) -> Option<String>) -> Vec<String> {
    let mut list = Vec::new();
    for source in sources.iter().filter(|s| !s.only_tests) {
        for function in source.functions() {
            if let Some(what) = wrong(&function) {
                list.push(format!(
                    "{}:{}: {} {what}",
                    source.path, function.line, function.name
                ));
            }
        }
    }
    list
}

fn unfinished(sources: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources {
        for word in ["todo!", "unimplemented!", "dbg!"] {
            if source.code.contains(word) {
                wrong.push(format!("{}: {word}", source.path));
            }
        }
        let head = source.text.lines().next().unwrap_or("");
        // Samples that must not compile are shown to people by what the compiler says of them.
        let sample = source.path.starts_with("commands/tests/") && source.path.split('/').count() > 3;
        if !head.starts_with("//!") && !source.only_tests && !sample {
            wrong.push(format!(
                "{}: does not begin by saying why it exists (//!)",
                source.path
            ));
        }
    }
    wrong
}

#[test]
fn no_file_has_more_than_500_lines_of_code() {
    let all = sources(&crate::ALL);
    none("more than 500 lines of code", long_files(&all));
    none("files that are too long together", few_small_files(&all));
}

#[test]
fn no_function_has_more_than_60_lines() {
    none("long functions", long_functions(&sources(&PRODUCT)));
}

#[test]
fn no_function_has_more_than_five_parameters() {
    none("many parameters", many_parameters(&sources(&PRODUCT)));
}

#[test]
fn no_tuple_stands_for_parameters() {
    none("tuples as parameters", tuples(&sources(&PRODUCT)));
}

#[test]
fn nothing_is_left_unfinished() {
    none("unfinished", unfinished(&sources(&crate::ALL)));
}

#[test]
fn the_binaries_are_thin() {
    let both = ["bot/src/main.rs", "tests/src/bin/bot-under-test.rs"];
    none(
        "binaries",
        both.iter().flat_map(|path| thick(path, &read(path))).collect(),
    );
}

mod planted {
    use super::*;

    fn of(text: &str) -> Vec<Source> {
        vec![Source::of("bot/src/a.rs", text, false)]
    }

    #[test]
    fn a_long_file_is_found() {
        assert!(long_files(&of(&"// a\nlet a;\n".repeat(FILE))).is_empty());
        assert_eq!(long_files(&of(&"let a;\n".repeat(FILE + 1))).len(), 1);
    }

    #[test]
    fn too_many_big_files_are_found() {
        let files = |small: usize, big: usize| -> Vec<Source> {
            let small = std::iter::repeat_n(SMALL - 1, small);
            let lines = small.chain(std::iter::repeat_n(SMALL, big));
            lines.flat_map(|n| of(&"let a;\n".repeat(n))).collect()
        };
        assert!(few_small_files(&files(8, 2)).is_empty());
        assert_eq!(few_small_files(&files(7, 3)).len(), 1);
    }

    #[test]
    fn a_thick_binary_is_found() {
        let thin = "//! Why.\nfn main() { ceo_bot::main() }\n";
        assert!(thick("main.rs", thin).is_empty());
        assert_eq!(thick("main.rs", &thin.replace("ceo_bot", "other")).len(), 1);
        assert_eq!(thick("main.rs", &format!("{thin}{}", "\n".repeat(MAIN))).len(), 1);
    }

    #[test]
    fn a_long_function_is_found() {
        let body = |lines| format!("fn f() {{\n{}}}\n", "let a;\n\n// b\n".repeat(lines));
        assert!(long_functions(&of(&body(FUNCTION))).is_empty());
        assert_eq!(
            long_functions(&of(&body(FUNCTION + 1))),
            ["bot/src/a.rs:1: f 61 lines of code"]
        );
    }

    #[test]
    fn a_sixth_parameter_is_found() {
        let five = "fn f(&self, a: HashMap<u8, u8>, b: fn(u8, u8), c: u8, d: u8) {}\n";
        assert!(many_parameters(&of(five)).is_empty());
        let six = "trait T {\n fn f(&self, a: u8, b: u8, c: u8, d: u8, e: u8);\n}\n";
        assert_eq!(many_parameters(&of(six)), ["bot/src/a.rs:2: f 6 parameters"]);
    }

    #[test]
    fn a_tuple_as_a_parameter_is_found() {
        let none = "fn f(a: Vec<(u8, u8)>, b: (), g: impl Fn((u8, u8))) -> (u8, u8) {}\nfn g(x: u8) { h(|(a, b): (u8, u8)| 0) }\n";
        assert!(tuples(&of(none)).is_empty());
        for kind in ["(u8, u8)", "&(u8, u8)", "&mut (u8, &str)"] {
            assert_eq!(
                tuples(&of(&format!("fn f((a, b): {kind}) {{}}\n"))).len(),
                1,
                "{kind}"
            );
        }
    }

    #[test]
    fn what_is_unfinished_is_found() {
        let wrong = unfinished(&of("fn f() { todo!() }\n"));
        assert_eq!(wrong.len(), 2, "a stub, and no word of why: {wrong:?}");
        assert!(unfinished(&of("//! Why.\nfn f() { let s = \"todo!\"; }\n")).is_empty());
    }
}
