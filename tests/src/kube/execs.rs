//! What commands in containers answer (`kubectl exec`), and which were run.
//!
//! There are no file systems and no binaries here. A test says what a command answers; `echo`, `true`, `false` and
//! `sh -c 'exit N'` are understood without that, anything else is an executable that is not there.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use regex::Regex;

/// What a command does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What it writes to its standard output.
    pub stdout: String,
    /// What it writes to its standard error.
    pub stderr: String,
    /// Its exit code.
    pub code: i32,
    /// How long it takes.
    pub takes: Duration,
}

impl Outcome {
    /// It prints this and ends well.
    pub fn prints(text: &str) -> Outcome {
        Outcome {
            stdout: text.into(),
            ..Outcome::default()
        }
    }

    /// It complains and ends with this code.
    pub fn fails(code: i32, text: &str) -> Outcome {
        Outcome {
            stderr: text.into(),
            code,
            ..Outcome::default()
        }
    }
}

/// A command that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Who ran it.
    pub user: String,
    /// `namespace/pod`.
    pub pod: String,
    /// In which container.
    pub container: String,
    /// The command with its arguments.
    pub argv: Vec<String>,
}

/// The rules and the record.
#[derive(Debug, Default)]
pub struct Execs {
    rules: Mutex<Vec<(Regex, Outcome)>>,
    runs: Mutex<Vec<Run>>,
}

impl Execs {
    /// Commands whose words, joined by spaces, match `pattern` have this outcome; the newest rule wins.
    ///
    /// # Errors
    /// When `pattern` is no regular expression.
    pub fn on(&self, pattern: &str, outcome: Outcome) -> Result<(), regex::Error> {
        let rule = (Regex::new(pattern)?, outcome);
        self.rules
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(0, rule);
        Ok(())
    }

    /// Every command that was run.
    pub fn runs(&self) -> Vec<Run> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs a command; `None`: there is no such executable.
    pub(crate) fn run(&self, run: Run) -> Option<Outcome> {
        let line = run.argv.join(" ");
        let outcome = {
            let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
            rules
                .iter()
                .find(|(pattern, _)| pattern.is_match(&line))
                .map(|(_, outcome)| outcome.clone())
        };
        let outcome = outcome.or_else(|| builtin(&run.argv));
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).push(run);
        outcome
    }
}

fn builtin(argv: &[String]) -> Option<Outcome> {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["true" | "/bin/true"] => Some(Outcome::default()),
        ["false" | "/bin/false"] => Some(Outcome {
            code: 1,
            ..Outcome::default()
        }),
        ["echo" | "/bin/echo", rest @ ..] => Some(Outcome::prints(&format!("{}\n", rest.join(" ")))),
        ["sh" | "/bin/sh" | "bash" | "/bin/bash", "-c", line] => {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            match words.split_first() {
                Some((first, [code])) if first == "exit" => Some(Outcome {
                    code: code.parse().ok()?,
                    ..Outcome::default()
                }),
                Some(_) => builtin(&words).or_else(|| {
                    let missing = words.first().map_or("", String::as_str);
                    Some(Outcome::fails(
                        127,
                        &format!("/bin/sh: 1: {missing}: not found\n"),
                    ))
                }),
                None => Some(Outcome::default()),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_before_what_is_understood_anyway() {
        let execs = Execs::default();
        execs.on("^psql .*SELECT 1", Outcome::prints("1\n")).unwrap();
        let run = |line: &str| {
            let argv = line.split(' ').map(str::to_owned).collect();
            execs.run(Run {
                user: "u".into(),
                pod: "n/p".into(),
                container: "c".into(),
                argv,
            })
        };
        assert_eq!(run("psql -c SELECT 1"), Some(Outcome::prints("1\n")));
        assert_eq!(run("echo a b"), Some(Outcome::prints("a b\n")));
        assert_eq!(run("mysql"), None);
        assert_eq!(execs.runs().len(), 3);
    }
}
