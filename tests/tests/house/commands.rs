//! What every command has, and what derives from the catalogue: the README's table, the rights, the example of the
//! deployment.

use std::{fs, path::Path};

use ceo_commands::{
    model::{Locale, Text},
    ops::{catalogue, contract::Spec},
};

use crate::{
    none,
    scan::{files, read, root},
};

/// Commands that ask no cluster, so need no right there, each with its reason.
const WITHOUT_RIGHTS: [(&str, &str); 10] = [
    (
        "exec check",
        "needs what the settings ask for, where they allow it",
    ),
    (
        "exec probe",
        "needs what the settings ask for, where they name an image",
    ),
    ("runbook find", "reads files of the bot's own"),
    ("runbook note", "writes the bot's own books"),
    (
        "health",
        "asks addresses; what a Service needs is asked for by the settings",
    ),
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
            has_rights: spec.rights().next().is_some(),
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

/// What the README lacks, given the table that the catalogue makes.
fn readme_lacks(readme: &str, table: &str) -> Vec<String> {
    let commands = ["cargo run --bin playground", "cargo test --workspace"].into_iter();
    let mut wrong: Vec<String> = commands
        .filter(|command| !readme.contains(command))
        .map(|command| format!("README.md lacks `{command}`"))
        .collect();
    let marked = readme
        .split_once("<!-- commands -->")
        .and_then(|(_, rest)| rest.split_once("<!-- /commands -->"));
    match marked {
        None => wrong.push("README.md lacks the marks of the table".to_owned()),
        Some((stands, _)) if stands.trim() != table.trim() => {
            wrong.push("README.md's table is not what `cargo run -p ceo-bot -- commands` prints".to_owned());
        }
        Some(_) => {}
    }
    wrong
}

/// What is wrong with a settings file.
fn problems(file: &Path) -> Vec<String> {
    let token = [("CEO__DISCORD__TOKEN".to_owned(), "from.the.secret".to_owned())].into();
    let read = ceo_bot::settings::load(file, &token);
    read.err()
        .into_iter()
        .flatten()
        .map(|problem| problem.to_string())
        .collect()
}

#[test]
fn the_readme_tells_the_truth() {
    let table = ceo_bot::catalogue::table();
    none("the README", readme_lacks(&read("README.md"), &table));
}

/// What the commands need, as the manifest that is applied.
fn rights() -> String {
    ceo_bot::catalogue::manifest(&ceo_bot::catalogue::Account::example())
}

/// The lines in which the manifest that is applied differs from what the commands need.
fn rights_differ(stands: &str, needed: &str) -> Vec<String> {
    let (stand, need): (Vec<&str>, Vec<&str>) = (stands.split('\n').collect(), needed.split('\n').collect());
    (0..stand.len().max(need.len()))
        .filter(|n| stand.get(*n) != need.get(*n))
        .map(|n| {
            let [stands, needed] = [&stand, &need].map(|all| all.get(n).copied().unwrap_or("nothing"));
            format!("line {}: \"{stands}\", and needed is \"{needed}\"", n + 1)
        })
        .collect()
}

#[test]
fn the_manifest_of_rights_is_what_the_commands_need() {
    let what = "deploy/base/rbac.yaml is not what `cargo run -p ceo-bot -- rbac --namespace ceoagent` prints";
    none(what, rights_differ(&read("deploy/base/rbac.yaml"), &rights()));
}

#[test]
fn the_example_of_the_deployment_is_right() {
    let file = "deploy/overlays/example/ceo.toml";
    none(file, problems(&root().join(file)));
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

    #[test]
    fn a_readme_that_lies_is_found() {
        let table = ceo_bot::catalogue::table();
        let whole = read("README.md");
        for (from, to) in [
            ("cargo run --bin playground", "cargo run"),
            ("<!-- commands -->", ""),
            ("| `/ceo scale", "| `/ceo scales"),
        ] {
            let planted = whole.replace(from, to);
            assert_ne!(planted, whole, "README.md has no {from}");
            assert_eq!(readme_lacks(&planted, &table).len(), 1, "{from}");
        }
    }

    #[test]
    fn a_manifest_of_other_rights_is_found() {
        let whole = rights();
        assert!(rights_differ(&whole, &whole).is_empty());
        for (from, to) in [
            ("patch", "update"),
            ("\"get\"", "\"get\", \"delete\""),
            ("deployments", "deployments/scale"),
            ("namespace: ceoagent", "namespace: other"),
        ] {
            let planted = whole.replacen(from, to, 1);
            assert_ne!(planted, whole, "the manifest has no {from}");
            assert_eq!(rights_differ(&planted, &whole).len(), 1, "{from}");
        }
        for planted in [
            format!("{whole}- verbs: [\"*\"]\n"),
            whole.replacen("rules:\n", "", 1),
        ] {
            assert!(
                !rights_differ(&planted, &whole).is_empty(),
                "one line more or less"
            );
        }
        // A right that no command needs any more, and one that a command needs and nobody was given.
        let mut needs: Vec<&str> = whole.lines().collect();
        let right = needs.iter().rposition(|line| line.contains("verbs:"));
        needs.remove(right.expect("a right"));
        let fewer = needs.join("\n");
        assert!(!rights_differ(&whole, &fewer).is_empty());
        assert!(!rights_differ(&fewer, &whole).is_empty());
    }

    #[test]
    fn an_example_that_does_not_load_is_found() {
        let whole = read("deploy/overlays/example/ceo.toml");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ceo.toml");
        fs::write(&file, format!("{whole}\n[timing]\napprove_wihtin = \"1m\"\n")).expect("written");
        assert!(!problems(&file).is_empty());
    }
}
