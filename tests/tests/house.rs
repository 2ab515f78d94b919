//! The rules of the house, kept by a test: sizes, floors, who may know whom, and that every command has what it needs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    reason = "a test fails by panicking, and reads from top to bottom"
)]

#[path = "house/scan.rs"]
mod scan;

use std::{collections::BTreeSet, fs};

use ceo_commands::{
    model::{Locale, Text},
    ops::catalogue,
};
use scan::{files, relative, root, sources, uses};

const ALL: [&str; 6] = [
    "commands/src",
    "commands/tests",
    "bot/src",
    "bot/tests",
    "tests/src",
    "tests/tests",
];

fn none(what: &str, wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn no_file_has_more_than_500_lines_of_code() {
    let all = sources(&ALL);
    let small = all.iter().filter(|s| s.lines_of_code() < 300).count();
    println!(
        "{small} of {} files ({} %) have under 300 lines of code",
        all.len(),
        small * 100 / all.len()
    );
    let wrong = all
        .iter()
        .filter(|s| s.lines_of_code() > 500)
        .map(|s| format!("{}: {}", s.path, s.lines_of_code()))
        .collect();
    none("more than 500 lines of code", wrong);
}

#[test]
fn the_scanner_counts_code_alone() {
    let text = "//! a\n/* b\n/* c */ */\nfn a() { // d\n let s = \"// }\\\" e\"; let c = '\"'; let r = r#\"\"{\"#;\n}\n\n";
    let code = scan::blank(text);
    assert_eq!(code.lines().filter(|l| !l.trim().is_empty()).count(), 3);
    assert_eq!(
        (code.matches('{').count(), code.matches('}').count()),
        (1, 1),
        "{code}"
    );
    assert!(!code.contains("//") && !code.contains('*'), "{code}");
}

#[test]
fn the_scanner_sees_every_way_up() {
    let text = "use crate::{\n a::b,\n c::{d, e},\n F,\n};\nfn f() { crate::g::h(); super::super::i::j(); super::k(); }\n\
                // crate::no\n#[cfg(test)]\nmod tests { use crate::nor; }\n";
    let source = scan::Source {
        path: "bot/src/x/y.rs".to_owned(),
        text: text.to_owned(),
        code: scan::without_tests(&scan::blank(text)),
        only_tests: false,
    };
    assert_eq!(uses(&source, "bot/src"), ["a", "c", "g", "i"]);
}

/// The floors of a crate: each module may use its own floor and those below.
struct Crate {
    src: &'static str,
    floors: &'static [&'static [&'static str]],
    /// Edges that go up a floor, each with its reason.
    allowed: &'static [(&'static str, &'static str, &'static str)],
}

const CRATES: [Crate; 2] = [
    Crate {
        src: "commands/src",
        floors: &[
            &["model"],
            &["policy", "input", "redact"],
            &["ports", "ticket", "incident"],
            &["failure", "health"],
            &["cluster"],
            &["diagnosis"],
            &["logs"],
            &["ops"],
            &["engine"],
        ],
        allowed: &[(
            "failure",
            "cluster",
            "ClusterError words itself; Failure wraps it",
        )],
    },
    Crate {
        src: "bot/src",
        floors: &[
            &["catalogue"],
            &["settings"],
            &["store", "http", "discord", "watch"],
            &["app"],
            &["cli"],
        ],
        allowed: &[],
    },
];

#[test]
fn no_use_runs_up_a_floor() {
    let mut wrong = Vec::new();
    for house in &CRATES {
        let floor = |module: &str| house.floors.iter().position(|f| f.contains(&module));
        let mut needed = BTreeSet::new();
        for source in sources(&[house.src]) {
            let inside = source.path.trim_start_matches(house.src).trim_start_matches('/');
            let from = inside.split('/').next().unwrap_or("").trim_end_matches(".rs");
            if matches!(from, "lib" | "main") || source.only_tests {
                continue;
            }
            let Some(here) = floor(from) else {
                wrong.push(format!("{}: {from} stands on no floor", source.path));
                continue;
            };
            for to in uses(&source, house.src).iter().filter(|to| *to != from) {
                let Some(there) = floor(to) else { continue };
                let exception = house.allowed.iter().find(|(a, b, _)| a == &from && b == to);
                match exception {
                    _ if there <= here => {}
                    Some((a, b, _)) => {
                        needed.insert((*a, *b));
                    }
                    None => wrong.push(format!("{}: {from} uses {to}, a floor above it", source.path)),
                }
            }
        }
        for (a, b, _) in house.allowed {
            if !needed.contains(&(*a, *b)) {
                wrong.push(format!("{}: nothing needs the exception {a} -> {b}", house.src));
            }
        }
    }
    none("the floors", wrong);
}

#[test]
fn crates_know_what_they_may_know() {
    let mut wrong = Vec::new();
    for source in sources(&["tests/src/kube", "tests/src/discord"]) {
        for product in ["ceo_bot", "ceo_commands"] {
            if source.code.contains(product) {
                wrong.push(format!("{}: a simulator names {product}", source.path));
            }
        }
    }
    let manifest = read("commands/Cargo.toml");
    for foreign in ["serenity", "sqlx", "axum", "reqwest", "ceo-bot", "ceo-tests"] {
        if manifest.contains(foreign) {
            wrong.push(format!("commands/Cargo.toml: the commands know {foreign}"));
        }
    }
    if read("bot/Cargo.toml").contains("ceo-tests") {
        wrong.push("bot/Cargo.toml: the product knows its tests".to_owned());
    }
    for source in sources(&["bot/src"]) {
        if source.code.contains("kube::api::Patch") || source.code.contains("PatchParams") {
            wrong.push(format!("{}: the bot builds no patches", source.path));
        }
    }
    none("who knows whom", wrong);
}

#[test]
fn nothing_is_left_unfinished() {
    let mut wrong = Vec::new();
    for source in sources(&ALL) {
        for word in ["todo!", "unimplemented!", "dbg!"] {
            if source.code.contains(word) {
                wrong.push(format!("{}: {word}", source.path));
            }
        }
        let head = source.text.lines().next().unwrap_or("");
        // Samples that must not compile are shown to people by what the compiler says of them.
        let sample = source.path.starts_with("commands/tests/permit/");
        if !head.starts_with("//!") && !source.only_tests && !sample {
            wrong.push(format!(
                "{}: does not begin by saying why it exists (//!)",
                source.path
            ));
        }
    }
    none("unfinished", wrong);
}

#[test]
fn the_binaries_are_thin() {
    for path in ["bot/src/main.rs", "tests/src/bin/bot-under-test.rs"] {
        let lines = read(path).lines().count();
        assert!(lines <= 25, "{path} has {lines} lines; at most 25");
        assert!(
            read(path).contains("ceo_bot::main"),
            "{path} is not ceo_bot::main()"
        );
    }
}

#[test]
fn the_top_level_is_short_and_no_file_is_big() {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "bot",
        "commands",
        "tests",
        "deploy",
        "rustfmt.toml",
        "clippy.toml",
        "target",
    ];
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root()).expect("the repository").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && !known.contains(&name.as_str()) {
            wrong.push(format!("{name} at the top level"));
        }
    }
    for path in files(&root()) {
        let size = fs::metadata(&path).map_or(0, |m| m.len());
        if size > 1 << 20 {
            wrong.push(format!("{}: {size} bytes, over 1 MB", relative(&path)));
        }
    }
    none("the house", wrong);
}

/// Commands that ask no cluster, so need no right there, each with its reason.
const WITHOUT_RIGHTS: [(&str, &str); 3] = [
    ("help", "reads the catalogue and the policy"),
    ("audit", "reads the ledger"),
    ("guard pending", "reads the ledger"),
];

#[test]
fn every_command_has_what_it_needs() {
    let talks: String = files(&root().join("tests/tests/e2e"))
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect();
    let mut wrong = Vec::new();
    assert!(!catalogue::all().is_empty(), "the catalogue is empty");
    for entry in catalogue::all() {
        let (spec, name) = (&entry.spec, entry.spec.path);
        for (which, text) in [("summary", spec.summary)]
            .into_iter()
            .chain(spec.declared().map(|o| (o.name, o.summary)))
        {
            let text: Text = text();
            let (en, zh) = (text.plain(), text.plain_in(Locale::ZhCn));
            if en.trim().is_empty() || zh.trim().is_empty() {
                wrong.push(format!("{name}: {which} is not said in both languages"));
            }
            if zh.is_ascii() {
                wrong.push(format!("{name}: {which} is not in Chinese"));
            }
        }
        let excused = WITHOUT_RIGHTS.iter().any(|(n, _)| *n == name);
        if spec.rbac.is_empty() != excused {
            wrong.push(format!("{name}: its rights in Kubernetes are {:?}", spec.rbac));
        }
        let asked = format!("/ceo {name}");
        let tested = talks.match_indices(&asked).any(|(at, _)| {
            !talks[at + asked.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_')
        });
        if !tested {
            wrong.push(format!("{name}: no end-to-end test says \"{asked}\""));
        }
    }
    none("commands", wrong);
}

#[test]
fn one_crypto_provider_is_built_in() {
    let lock = read("Cargo.lock");
    for foreign in ["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls"] {
        assert!(
            !lock.contains(&format!("name = \"{foreign}\"")),
            "{foreign} is in Cargo.lock; with two providers rustls panics"
        );
    }
}

#[test]
fn the_readme_tells_the_truth() {
    let readme = read("README.md");
    for command in ["cargo run --bin playground", "cargo test --workspace"] {
        assert!(readme.contains(command), "README.md lacks `{command}`");
    }
    let marks = ("<!-- commands -->", "<!-- /commands -->");
    let from = readme
        .find(marks.0)
        .expect("README.md lacks the mark of the table")
        + marks.0.len();
    let to = readme
        .find(marks.1)
        .expect("README.md lacks the end of the table");
    assert_eq!(
        readme[from..to].trim(),
        ceo_bot::catalogue::table().trim(),
        "README.md's table is not what `cargo run -p ceo-bot -- commands` prints"
    );
}

#[test]
fn the_manifest_of_rights_is_what_the_commands_need() {
    assert_eq!(
        read("deploy/base/rbac.yaml"),
        ceo_bot::catalogue::manifest(&ceo_bot::catalogue::Account::example()),
        "deploy/base/rbac.yaml is not what `cargo run -p ceo-bot -- rbac --namespace ceoagent` prints"
    );
}

#[test]
fn the_example_of_the_deployment_is_right() {
    let file = root().join("deploy/overlays/example/ceo.toml");
    let token = [("CEO__DISCORD__TOKEN".to_owned(), "from.the.secret".to_owned())].into();
    if let Err(problems) = ceo_bot::settings::load(&file, &token) {
        none(
            "deploy/overlays/example/ceo.toml",
            problems.iter().map(ToString::to_string).collect(),
        );
    }
}
