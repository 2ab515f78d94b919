//! A command's name stands in its own file and in the catalogue, so that a new command touches nothing else.

use ceo_commands::ops::catalogue;

use crate::{
    none,
    scan::{Source, sources},
};

/// Words that are also a command's name, each with its reason: the file, the word, why.
const EXCUSED: [(&str, &str, &str); 20] = [
    ("texts/diagnosis.rs", "image", "a word of a sentence"),
    ("texts/diagnosis.rs", "restart", "a word of a sentence"),
    (
        "texts/workflow.rs",
        "restart",
        "the name under which a step is stored",
    ),
    ("discord/render.rs", "image", "a field of an embed"),
    ("cluster/compare.rs", "image", "a field of a container"),
    ("cluster/revisions.rs", "image", "a field of a container"),
    ("diff/fields.rs", "image", "a field of a container"),
    ("exec/probe.rs", "image", "a field of a container"),
    ("ops/which_container.rs", "image", "a field of a container"),
    ("tune/hpa.rs", "metrics", "a field of an autoscaler"),
    ("texts/cluster.rs", "image", "a word of a sentence"),
    ("diagnose/steps.rs", "metrics", "a word of a sentence"),
    ("settings/panels.rs", "status", "a label of a metric"),
    (
        "texts/workflow.rs",
        "scale",
        "the name under which a step is stored",
    ),
    ("cluster/fields.rs", "scale", "a subresource of Kubernetes"),
    ("cluster/fields.rs", "status", "a subresource of Kubernetes"),
    ("ops/describe.rs", "status", "a field of every object"),
    (
        "model/report.rs",
        "logs",
        "the word of an action in the id of a button",
    ),
    (
        "model/report.rs",
        "diagnose",
        "the word of an action in the id of a button",
    ),
    (
        "bot/src/cli/check/chat.rs",
        "audit",
        "a key of the settings, discord.channels.audit",
    ),
];

fn names(sources: &[Source], commands: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|s| !s.only_tests) {
        for literal in &source.literals {
            let (path, name) = (&source.path, &literal.value);
            let excused = EXCUSED
                .iter()
                .any(|(file, word, _)| path.ends_with(file) && word == name);
            if commands.contains(name)
                && !is_own(path, name)
                && !path.ends_with("ops/catalogue.rs")
                // What a button leads to; a test of the catalogue holds each name against it.
                && !path.ends_with("model/shortcut.rs")
                && !excused
            {
                wrong.push(format!("{path}:{}: \"{name}\"", literal.line));
            }
        }
    }
    wrong
}

/// `ops/get/pods.rs` is the file of `get pods`; its folder, where it has one, and its texts are its own too.
fn is_own(path: &str, name: &str) -> bool {
    let inside = path
        .strip_prefix("commands/src/ops/")
        .or_else(|| path.strip_prefix("commands/src/texts/"));
    let Some(inside) = inside else { return false };
    let inside = inside.trim_end_matches(".rs").replace(['/', '_'], " ");
    inside == name
        || inside
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(' '))
}

#[test]
fn every_excuse_is_needed() {
    let all = sources(&["commands/src", "bot/src"]);
    let needed = |(file, word, _): &&(&str, &str, &str)| {
        all.iter()
            .any(|s| s.path.ends_with(file) && s.literals.iter().any(|l| l.value == *word))
    };
    let idle: Vec<String> = EXCUSED
        .iter()
        .filter(|e| !needed(e))
        .map(|e| format!("{e:?}"))
        .collect();
    crate::none("excuses that nothing needs", idle);
}

#[test]
fn a_commands_name_stands_in_its_own_file() {
    let commands: Vec<String> = catalogue::all().iter().map(|e| e.spec.path.to_owned()).collect();
    none(
        "names of commands elsewhere",
        names(&sources(&["commands/src", "bot/src"]), &commands),
    );
}

mod planted {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        let commands = ["scale".to_owned(), "get pods".to_owned(), "logs".to_owned()];
        names(&[Source::of(path, text, false)], &commands).len()
    }

    #[test]
    fn a_name_elsewhere_is_found() {
        assert_eq!(
            found("commands/src/engine/desk.rs", "if command == \"scale\" {}"),
            1
        );
        assert_eq!(
            found("commands/src/ops/status.rs", "Action::run(\"get pods\", args)"),
            1
        );
        assert_eq!(found("bot/src/discord/schema.rs", "const L: &str = \"logs\";"), 1);
    }

    #[test]
    fn a_name_at_home_is_none() {
        assert_eq!(found("commands/src/ops/scale.rs", "path: \"scale\""), 0);
        assert_eq!(found("commands/src/ops/get/pods.rs", "path: \"get pods\""), 0);
        assert_eq!(
            found("commands/src/ops/logs/follow.rs", "Action::run(\"logs\", args)"),
            0
        );
        assert_eq!(found("commands/src/ops/catalogue.rs", "\"scale\""), 0);
        assert_eq!(
            found("commands/src/engine/desk.rs", "\"scales\"; // \"scale\""),
            0
        );
    }
}
