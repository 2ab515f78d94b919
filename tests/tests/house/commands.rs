//! What every command has, and what derives from the catalogue: the README's table, the rights, the example of the
//! deployment.

use std::fs;

use ceo_commands::{
    model::{Locale, Text},
    ops::{catalogue, contract::Spec},
};

use crate::{
    none,
    scan::{files, read, root},
};

/// Commands that ask no cluster, so need no right there, each with its reason.
const WITHOUT_RIGHTS: [(&str, &str); 5] = [
    ("help", "reads the catalogue and the policy"),
    ("alert ack", "writes the bot's own books"),
    ("alert silence", "writes the bot's own books"),
    ("audit", "reads the ledger"),
    ("guard pending", "reads the ledger"),
];

/// What of a command is looked at.
struct Command {
    name: String,
    /// What people read of it: of what, in English, in Chinese.
    texts: Vec<(String, String, String)>,
    has_rights: bool,
}

fn commands() -> Vec<Command> {
    let of = |spec: &Spec| {
        let own = [("summary", spec.summary)].into_iter();
        let texts = own.chain(spec.declared().map(|o| (o.name, o.summary)));
        Command {
            name: spec.path.to_owned(),
            texts: texts
                .map(|(which, text)| {
                    let text: Text = text();
                    (which.to_owned(), text.plain(), text.plain_in(Locale::ZhCn))
                })
                .collect(),
            has_rights: !spec.rbac.is_empty(),
        }
    };
    catalogue::all().iter().map(|entry| of(&entry.spec)).collect()
}

/// What a command lacks; `talks` is what the end-to-end tests say.
fn lacks(command: &Command, talks: &str) -> Vec<String> {
    let name = &command.name;
    let mut wrong = Vec::new();
    for (which, en, zh) in &command.texts {
        if en.trim().is_empty() || zh.trim().is_empty() {
            wrong.push(format!("{name}: {which} is not said in both languages"));
        } else if zh.is_ascii() {
            wrong.push(format!("{name}: {which} is not in Chinese"));
        }
    }
    let excused = WITHOUT_RIGHTS.iter().any(|(n, _)| n == name);
    if command.has_rights == excused {
        let what = if excused {
            "needs rights after all"
        } else {
            "names no right in Kubernetes"
        };
        wrong.push(format!("{name}: {what}"));
    }
    let asked = format!("/ceo {name}");
    let tested = talks.match_indices(&asked).any(|(at, _)| {
        !talks[at + asked.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_')
    });
    if !tested {
        wrong.push(format!("{name}: no end-to-end test says \"{asked}\""));
    }
    wrong
}

#[test]
fn every_command_has_what_it_needs() {
    let talks: String = files(&root().join("tests/tests/e2e"))
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect();
    let all = commands();
    assert!(!all.is_empty(), "the catalogue is empty");
    none("commands", all.iter().flat_map(|c| lacks(c, &talks)).collect());
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

mod planted {
    use super::*;

    fn command(name: &str, zh: &str, has_rights: bool) -> Command {
        Command {
            name: name.to_owned(),
            texts: vec![("summary".to_owned(), "Set it".to_owned(), zh.to_owned())],
            has_rights,
        }
    }

    #[test]
    fn what_a_command_lacks_is_found() {
        let whole = command("scale", "设置", true);
        assert!(lacks(&whole, "ask(\"/ceo scale deployment/x\")").is_empty());
        for talks in ["", "/ceo scaled", "/ceo scale-up", "scale"] {
            assert_eq!(lacks(&whole, talks).len(), 1, "no end-to-end test: {talks}");
        }
        let talks = "/ceo scale";
        assert_eq!(lacks(&command("scale", "", true), talks).len(), 1, "one language");
        assert_eq!(
            lacks(&command("scale", "Set it", true), talks).len(),
            1,
            "no Chinese"
        );
        assert_eq!(
            lacks(&command("scale", "设置", false), talks).len(),
            1,
            "no rights"
        );
        assert_eq!(
            lacks(&command("help", "帮助", true), "/ceo help").len(),
            1,
            "an excuse that nothing needs"
        );
    }
}
