//! Who may know whom, which crates each depends on, and what lies about.

use std::fs;

use crate::{
    none,
    scan::{Source, files, read, relative, root, sources},
};

fn simulators_that_know_the_product(sources: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources {
        for product in ["ceo_bot", "ceo_commands"] {
            if source.code.contains(product) {
                wrong.push(format!("{}: a simulator names {product}", source.path));
            }
        }
    }
    wrong
}

fn foreign(manifest: &str, text: &str, crates: &[&str]) -> Vec<String> {
    let named = crates
        .iter()
        .filter(|c| dependencies(text).iter().any(|d| d == *c));
    named.map(|c| format!("{manifest}: knows {c}")).collect()
}

fn patches(sources: &[Source]) -> Vec<String> {
    let builds = sources
        .iter()
        .filter(|s| s.code.contains("kube::api::Patch") || s.code.contains("PatchParams"));
    builds
        .map(|s| format!("{}: the bot builds no patches", s.path))
        .collect()
}

/// The names under `[dependencies]` and `[dev-dependencies]`.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut list = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim_end().ends_with("dependencies]");
        } else if inside && let Some((name, _)) = line.split_once(['.', ' ', '=']) {
            list.push(name.trim().to_owned());
        }
    }
    list.retain(|name| !name.is_empty() && !name.starts_with('#'));
    list
}

/// The dependencies that no source of the crate names: at the head of a path, or in a `use` of its own. The same word as a
/// variable, a field or the name of a module is none of them.
fn unused(manifest: &str, sources: &[Source]) -> Vec<String> {
    let names = |source: &Source, word: &str| {
        source.code.match_indices(word).any(|(at, _)| {
            let (before, after) = (&source.code[..at], &source.code[at + word.len()..]);
            let heads = !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.'));
            let whole = before.trim_end().ends_with("use") && after.starts_with([';', ' ']);
            heads && (after.starts_with("::") || whole)
        })
    };
    let all = sources
        .iter()
        .map(|s| Source::of(&s.path, &s.text.replace("#[cfg(test)]", ""), false));
    let all: Vec<Source> = all.collect();
    dependencies(manifest)
        .into_iter()
        .filter(|name| !all.iter().any(|s| names(s, &name.replace('-', "_"))))
        .collect()
}

#[test]
fn crates_know_what_they_may_know() {
    let mut wrong = simulators_that_know_the_product(&sources(&["tests/src/kube", "tests/src/discord"]));
    let manifest = "commands/Cargo.toml";
    let strangers = ["serenity", "sqlx", "axum", "reqwest", "ceo-bot", "ceo-tests"];
    wrong.extend(foreign(manifest, &read(manifest), &strangers));
    let manifest = "bot/Cargo.toml";
    wrong.extend(foreign(manifest, &read(manifest), &["ceo-tests"]));
    wrong.extend(patches(&sources(&["bot/src"])));
    none("who knows whom", wrong);
}

#[test]
fn every_dependency_is_used() {
    let mut wrong = Vec::new();
    for name in ["commands", "bot", "tests"] {
        let all = sources(&[name]);
        for unused in unused(&read(&format!("{name}/Cargo.toml")), &all) {
            wrong.push(format!("{name}/Cargo.toml: no source names {unused}"));
        }
    }
    let members: String = ["commands", "bot", "tests"]
        .map(|name| read(&format!("{name}/Cargo.toml")))
        .concat();
    for shared in dependencies(&read("Cargo.toml")) {
        if !dependencies(&members).contains(&shared) {
            wrong.push(format!("Cargo.toml: no crate depends on {shared}"));
        }
    }
    none("dependencies", wrong);
}

/// What may stand at the top level beside dotfiles.
const TOP: [&str; 10] = [
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

fn at_the_top(names: impl Iterator<Item = String>) -> Vec<String> {
    let strange = names.filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str()));
    strange.map(|name| format!("{name} at the top level")).collect()
}

fn big(path: &str, bytes: u64) -> Option<String> {
    (bytes > 1 << 20).then(|| format!("{path}: {bytes} bytes, over 1 MB"))
}

/// With two crypto providers built in rustls panics.
fn providers(lock: &str) -> Vec<String> {
    let foreign = ["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls"].into_iter();
    let built_in = foreign.filter(|name| lock.contains(&format!("name = \"{name}\"")));
    built_in.map(|name| format!("{name} is in Cargo.lock")).collect()
}

#[test]
fn the_top_level_is_short_and_no_file_is_big() {
    let entries = fs::read_dir(root()).expect("the repository").flatten();
    let mut wrong = at_the_top(entries.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    let size = |path: &std::path::Path| fs::metadata(path).map_or(0, |m| m.len());
    wrong.extend(
        files(&root())
            .iter()
            .filter_map(|path| big(&relative(path), size(path))),
    );
    none("the house", wrong);
}

#[test]
fn one_crypto_provider_is_built_in() {
    none("crypto providers beside ring", providers(&read("Cargo.lock")));
}

mod planted {
    use super::*;

    const MANIFEST: &str = "[package]\nname = \"a\"\n[dependencies]\nserde.workspace = true\nhttp-body = \"1\"\n# a note\n\
                            tower = { workspace = true }\n\n[dev-dependencies]\ninsta = \"1\"\n[lints]\nworkspace = true\n";

    fn of(text: &str) -> Vec<Source> {
        vec![Source::of("tests/src/kube/a.rs", text, false)]
    }

    #[test]
    fn a_simulator_that_knows_the_product_is_found() {
        assert_eq!(
            simulators_that_know_the_product(&of("use ceo_commands::model::Report;")).len(),
            1
        );
        assert!(simulators_that_know_the_product(&of("// ceo_bot\nlet s = \"ceo_bot\";")).is_empty());
    }

    #[test]
    fn a_stranger_in_a_manifest_is_found() {
        assert_eq!(foreign("m", MANIFEST, &["serde", "sqlx"]), ["m: knows serde"]);
    }

    #[test]
    fn a_patch_of_the_bot_is_found() {
        assert_eq!(patches(&of("let p = PatchParams::apply(\"ceo\");")).len(), 1);
        assert!(patches(&of("let p = Parameters;")).is_empty());
    }

    #[test]
    fn a_dependency_that_nothing_names_is_found() {
        assert_eq!(dependencies(MANIFEST), ["serde", "http-body", "tower", "insta"]);
        let used = of(
            "use serde::Serialize; http_body::f(); #[cfg(test)] mod tests { use insta as x; }\n// tower\nlet s = \"tower\"; towers();",
        );
        assert_eq!(unused(MANIFEST, &used), ["tower"]);
        let word = of(
            "use serde; use http_body::x; insta::f!(); let tower = a.tower; crate::tower::f(tower.len()); towers::f()",
        );
        assert_eq!(
            unused(MANIFEST, &word),
            ["tower"],
            "a variable, a field, a module"
        );
    }

    #[test]
    fn what_does_not_belong_at_the_top_is_found() {
        let names = ["bot", ".ci", "target", "notes.md", "src"].map(str::to_owned);
        assert_eq!(
            at_the_top(names.into_iter()),
            ["notes.md at the top level", "src at the top level"]
        );
    }

    #[test]
    fn a_big_file_is_found() {
        assert_eq!(big("a.png", 1 << 20), None);
        assert!(big("a.png", (1 << 20) + 1).is_some());
    }

    #[test]
    fn a_second_crypto_provider_is_found() {
        assert!(providers("[[package]]\nname = \"ring\"\n").is_empty());
        assert_eq!(providers("[[package]]\nname = \"aws-lc-rs\"\n").len(), 1);
    }
}
