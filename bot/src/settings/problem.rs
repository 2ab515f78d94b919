//! What is wrong with the settings: one line a problem, with the key to look for.

use std::{collections::BTreeMap, fmt};

/// One thing wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where: `policy[1].gate.approve[0].count`; empty for the file as a whole.
    pub key: String,
    /// What is wrong there, and what was expected.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            f.write_str(&self.what)
        } else {
            write!(f, "{}: {}", self.key, self.what)
        }
    }
}

/// Everything wrong so far. Checks go on after a problem, so that all are told together.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes one.
    pub(super) fn add(&mut self, key: impl Into<String>, what: impl Into<String>) {
        self.0.push(Problem {
            key: key.into(),
            what: what.into(),
        });
    }

    /// Whether there is one at a key or below it; what follows from it need not be told again.
    pub(super) fn at(&self, key: &str) -> bool {
        self.0.iter().any(|p| p.key.starts_with(key))
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, each once, with the environment variable named where the value came from one.
    pub(super) fn finish(self, env: &BTreeMap<String, String>) -> Vec<Problem> {
        let mut list: Vec<Problem> = Vec::new();
        for mut problem in self.0 {
            let variable = format!("CEO__{}", problem.key.replace('.', "__").to_uppercase());
            if env.contains_key(&variable) {
                problem.what = format!("{} (from the environment variable {variable})", problem.what);
            }
            if !list.contains(&problem) {
                list.push(problem);
            }
        }
        list
    }
}

/// `; did you mean "operator"?` when a known word is near, else what is known.
pub(super) fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = known
        .iter()
        .map(|k| (strsim::jaro_winkler(&word.to_lowercase(), k), *k))
        .filter(|(score, _)| *score >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, k)) => format!("; did you mean \"{k}\"?"),
        None if known.is_empty() => String::new(),
        None if known.len() > 24 => String::new(),
        None => format!("; there is: {}", known.join(", ")),
    }
}
