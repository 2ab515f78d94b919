//! What does in the chat what a line of a shell does. Each command says itself which lines it stands for
//! ([`Spec::stands_for`]); here their words are compared, and what the line names becomes options.

use std::fmt::Write;

use crate::{
    input::{Value, options_to_line},
    ops::contract::Spec,
    policy::Verb,
};

/// Flags of `kubectl` whose value stands in the next word.
const WITH_VALUE: [&str; 9] = [
    "-n",
    "--namespace",
    "-o",
    "--output",
    "-c",
    "--container",
    "--field-selector",
    "-l",
    "--selector",
];

/// A command that does what a line does.
#[derive(Debug, Clone)]
pub(super) struct InChat {
    spec: &'static Spec,
    options: Vec<(&'static str, String)>,
}

impl PartialEq for InChat {
    fn eq(&self, other: &Self) -> bool {
        self.spec.path == other.spec.path && self.options == other.options
    }
}

impl InChat {
    /// The full name of the command.
    pub(super) fn path(&self) -> &'static str {
        self.spec.path
    }

    /// Its options, as a button carries them.
    pub(super) fn options(&self) -> String {
        let options = self.options.iter();
        let options = options.map(|(name, value)| ((*name).to_owned(), Value::Text(value.clone())));
        options_to_line(&options.collect())
    }

    /// The whole, as one types it.
    pub(super) fn line(&self) -> String {
        let mut line = format!("/ceo {}", self.spec.path);
        for (name, value) in &self.options {
            // Writing to a String cannot fail.
            let _ = write!(line, " {name}:{value}");
        }
        line
    }

    /// Whether it changes nothing, and lacks nothing that must be given.
    pub(super) fn only_shows(&self) -> bool {
        let given = |name: &str| self.options.iter().any(|(known, _)| *known == name);
        self.spec.verb <= Verb::Sensitive
            && self
                .spec
                .declared()
                .all(|option| !option.required || given(option.name))
    }
}

/// What does the same as the lines of a block, each once.
pub(super) fn of_block(text: &str, specs: &[&'static Spec]) -> Vec<InChat> {
    let joined = text.replace("\\\n", " ");
    let mut found: Vec<InChat> = Vec::new();
    for line in joined.lines() {
        if let Some(one) = of_line(line, specs)
            && !found.contains(&one)
        {
            found.push(one);
        }
    }
    found
}

fn of_line(line: &str, specs: &[&'static Spec]) -> Option<InChat> {
    let line = line.trim().trim_start_matches("$ ");
    if line.starts_with('#') {
        return None;
    }
    let (first, behind) = line.split_once(" | ").unwrap_or((line, ""));
    let words: Vec<&str> = first
        .split_whitespace()
        .take_while(|word| !matches!(*word, "--" | "&&" | ";" | "<" | ">"))
        .collect();
    let bare = without_flags(&words);
    let known = specs.iter().flat_map(|spec| {
        let fits = spec.stands_for.iter().filter_map(|line| fits(line, &bare));
        fits.map(move |words| (words, *spec))
    });
    // The longest line says the most.
    let (words_of_it, spec) = known.max_by_key(|(words, _)| *words)?;
    let rest = bare.get(words_of_it..).unwrap_or_default();
    let mut options = Vec::new();
    let mut give = |name: &str, value: Option<String>| {
        let declared = spec.declared().find(|option| option.name == name);
        if let (Some(option), Some(value)) = (declared, value) {
            options.push((option.name, value));
        }
    };
    for name in ["workload", "object", "what"] {
        give(name, object(rest));
    }
    let has = |flag: &str| words.contains(&flag).then(|| "true".to_owned());
    give("selector", after(&words, &["-l", "--selector"]));
    give("container", after(&words, &["-c", "--container"]));
    give("replicas", after(&words, &["--replicas"]));
    give("revision", after(&words, &["--to-revision"]));
    give("previous", has("--previous").or_else(|| has("-p")));
    give("follow", has("-f").or_else(|| has("--follow")));
    give("grep", searched(behind));
    Some(InChat { spec, options })
}

/// How many words of a line another line begins with; a `*` at the beginning of a word stands for what comes before.
fn fits(line: &str, bare: &[&str]) -> Option<usize> {
    let wanted: Vec<&str> = line.split(' ').collect();
    let same = |wanted: &str, word: &str| match wanted.strip_prefix('*') {
        Some(end) => word.ends_with(end),
        None => wanted == word,
    };
    let all = bare.len() >= wanted.len() && wanted.iter().zip(bare).all(|(wanted, word)| same(wanted, word));
    all.then_some(wanted.len())
}

fn without_flags<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut bare = Vec::new();
    let mut value = false;
    for word in words {
        if value {
            value = false;
        } else if word.starts_with('-') {
            value = WITH_VALUE.contains(word);
        } else {
            bare.push(*word);
        }
    }
    bare
}

/// The object of a line: `deployment/x`, `deployment x`. None where only its place is held (`<pod-name>`).
fn object(rest: &[&str]) -> Option<String> {
    let named = match rest {
        [one, ..] if one.contains('/') => (*one).to_owned(),
        [kind, name, ..] => format!("{kind}/{name}"),
        _ => return None,
    };
    (!named.contains(['<', '$', '*'])).then_some(named)
}

/// What stands behind a flag, or after its `=`.
fn after(words: &[&str], flags: &[&str]) -> Option<String> {
    words.iter().enumerate().find_map(|(at, word)| {
        let value = match word.split_once('=') {
            Some((flag, value)) if flags.contains(&flag) => value,
            None if flags.contains(word) => words.get(at + 1)?,
            _ => return None,
        };
        Some(value.trim_matches(['"', '\'']).to_owned()).filter(|value| !value.contains('<'))
    })
}

/// What `grep` behind a pipe looks for, where it is one plain word.
fn searched(behind: &str) -> Option<String> {
    let word = behind
        .trim()
        .strip_prefix("grep ")?
        .trim()
        .trim_matches(['"', '\'']);
    let plain = !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    plain.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::catalogue;

    fn told(line: &str) -> String {
        let specs: Vec<&'static Spec> = catalogue::all().iter().map(|entry| &entry.spec).collect();
        of_line(line, &specs).map_or_else(String::new, |one| one.line())
    }

    #[test]
    fn lines_of_a_manual_have_their_command() {
        for (line, command) in [
            ("kubectl get pods -n ceoagent", "/ceo get pods"),
            (
                "kubectl get pods -n ceoagent -l app=postgres",
                "/ceo get pods selector:app=postgres",
            ),
            (
                "kubectl logs -f -n x deployment/api",
                "/ceo logs workload:deployment/api follow:true",
            ),
            (
                "kubectl logs <pod-name> -n x --previous",
                "/ceo logs previous:true",
            ),
            (
                "kubectl logs -n x deployment/api | grep \"slow\"",
                "/ceo logs workload:deployment/api grep:slow",
            ),
            ("kubectl get svc -n x", "/ceo get services"),
            ("kubectl get endpoints api -n x", "/ceo get services"),
            ("kubectl get ingress -n x", "/ceo get ingress"),
            (
                "kubectl get events -n x --sort-by='.lastTimestamp'",
                "/ceo get events",
            ),
            ("kubectl top pods -n x", "/ceo get top"),
            ("kubectl get hpa api-hpa -n x", "/ceo get hpa"),
            ("kubectl get secret s -n x -o yaml", "/ceo get config"),
            ("curl https://api.example.com/ready", "/ceo health"),
            (
                "kubectl describe ingress web -n x",
                "/ceo describe object:ingress/web",
            ),
            ("kubectl describe pod <pod-name> -n x", "/ceo describe"),
            (
                "kubectl scale deployment api --replicas=5 -n x",
                "/ceo scale workload:deployment/api replicas:5",
            ),
            (
                "kubectl rollout undo deployment/api --to-revision=2",
                "/ceo rollback workload:deployment/api revision:2",
            ),
            (
                "kubectl rollout status deployment/api -n x",
                "/ceo rollout status workload:deployment/api",
            ),
        ] {
            assert_eq!(told(line), command, "{line}");
        }
    }

    #[test]
    fn a_button_carries_what_the_line_names() {
        let specs: Vec<&'static Spec> = catalogue::all().iter().map(|entry| &entry.spec).collect();
        let one = of_line("kubectl logs deployment/api -l app=a --previous", &specs).unwrap();
        let options = crate::input::options_from_line(&one.options());
        assert_eq!(options["workload"], Value::Text("deployment/api".to_owned()));
        assert_eq!(options["previous"], Value::Bool(true));
    }

    #[test]
    fn what_no_command_does_is_not_invented() {
        for line in [
            "# kubectl get pods",
            "./scripts/backup.sh",
            "kubectl exec -it deployment/api -- /bin/bash",
            "kubectl get nonsense",
            "kubectl",
            "",
            "echo kubectl get pods",
        ] {
            assert_eq!(told(line), "", "{line}");
        }
    }
}
