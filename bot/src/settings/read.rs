//! Reads settings without stopping at the first mistake. serde stops there; so the sources are merged to a plain tree,
//! each section is read by itself, a wrong value is told of, taken out, and the section read again.

use std::{collections::BTreeMap, path::Path};

use config::{Config, Environment, File, FileFormat};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, Visitor},
    forward_to_deserialize_any,
};
use serde_json::Value;
use serde_path_to_error::{Segment, Track};

use super::{
    problem::{Problems, suggestion},
    raw::{
        RawAlternative, RawApprove, RawChannels, RawCheck, RawCluster, RawDiscord, RawExec, RawHttp,
        RawLimits, RawLinks, RawLog, RawPanel, RawPlace, RawProbe, RawPrometheus, RawRedact, RawReplicas,
        RawRule, RawRunbook, RawStore,
    },
};

/// The sections.
pub(super) const SECTIONS: [&str; 18] = [
    "alerts",
    "checks",
    "clusters",
    "discord",
    "exec",
    "http",
    "limits",
    "links",
    "log",
    "panels",
    "policy",
    "probes",
    "prometheus",
    "redact",
    "roles",
    "runbook",
    "store",
    "timing",
];

/// Defaults < file < environment, as one tree. `None` when the file cannot be read at all.
pub(super) fn merge(path: &Path, env: &BTreeMap<String, String>, problems: &mut Problems) -> Option<Value> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) => {
            problems.add(
                "",
                format!(
                    "the settings file {} cannot be read: {e}; `ceo-bot init` writes one",
                    path.display()
                ),
            );
            return None;
        }
    };
    let env: std::collections::HashMap<String, String> =
        env.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    let merged = Config::builder()
        .set_default("http.listen", "127.0.0.1:9180")
        .and_then(|b| b.set_default("store.url", "sqlite:ceo.db"))
        .and_then(|b| b.set_default("log.format", "text"))
        .and_then(|b| {
            b.add_source(File::from_str(&text, FileFormat::Toml))
                .add_source(
                    Environment::with_prefix("CEO")
                        .prefix_separator("__")
                        .separator("__")
                        .ignore_empty(true)
                        .source(Some(env)),
                )
                .build()
        })
        .and_then(Config::try_deserialize::<Value>);
    match merged {
        Ok(tree) => Some(tree),
        Err(e) => {
            problems.add("", format!("{}: {}", path.display(), e.to_string().trim()));
            None
        }
    }
}

/// Tells of sections that there are not.
pub(super) fn unknown_sections(tree: &Value, problems: &mut Problems) {
    for key in tree.as_object().into_iter().flat_map(|o| o.keys()) {
        if !SECTIONS.contains(&key.as_str()) {
            problems.add(
                key,
                format!("there is no such section{}", suggestion(key, SECTIONS)),
            );
        }
    }
}

/// A section. Missing is empty; wrong values are told of and left out, unknown keys told of.
pub(super) fn section<T: DeserializeOwned + Default>(tree: &Value, name: &str, problems: &mut Problems) -> T {
    let Some(mut value) = tree.get(name).cloned() else {
        return T::default();
    };
    // Each round takes one wrong value out, so there are at most as many rounds as values; the bound is a belt.
    for _ in 0..1000 {
        let mut unknown = Vec::new();
        let mut track = Track::new();
        let tracked = serde_path_to_error::Deserializer::new(&value, &mut track);
        let read = serde_ignored::deserialize(tracked, |path| unknown.push(steps(&path)));
        match read {
            Ok(section) => {
                for path in unknown {
                    problems.add(join(name, &path), no_such_key(name, &path));
                }
                return section;
            }
            Err(e) => {
                let path: Vec<Step> = track.path().iter().filter_map(step).collect();
                problems.add(join(name, &path), plain_words(&e.to_string()));
                if !take_out(&mut value, &path) {
                    return T::default();
                }
            }
        }
    }
    T::default()
}

/// serde's words without the names of our types.
fn plain_words(error: &str) -> String {
    error
        .replace("invalid type: ", "")
        .replace("invalid value: ", "")
        .replace("a sequence", "a list [...]")
        .replace("sequence, expected", "a list, expected")
        .replace("map, expected", "a table, expected")
}

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

fn step(segment: &Segment) -> Option<Step> {
    match segment {
        Segment::Seq { index } => Some(Step::Index(*index)),
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Enum { variant } => Some(Step::Key(variant.clone())),
        Segment::Unknown => None,
    }
}

/// The path of an ignored key, without serde's marks for optional values.
fn steps(path: &serde_ignored::Path<'_>) -> Vec<Step> {
    use serde_ignored::Path;
    match path {
        Path::Root => Vec::new(),
        Path::Seq { parent, index } => {
            let mut list = steps(parent);
            list.push(Step::Index(*index));
            list
        }
        Path::Map { parent, key } => {
            let mut list = steps(parent);
            list.push(Step::Key(key.clone()));
            list
        }
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            steps(parent)
        }
    }
}

fn join(section: &str, path: &[Step]) -> String {
    path.iter().fold(section.to_owned(), |key, step| match step {
        Step::Key(name) => format!("{key}.{name}"),
        Step::Index(at) => format!("{key}[{at}]"),
    })
}

fn take_out(value: &mut Value, path: &[Step]) -> bool {
    let mut at = value;
    for step in path {
        let next = match step {
            Step::Key(name) => at.get_mut(name),
            Step::Index(index) => at.get_mut(index),
        };
        match next {
            Some(next) => at = next,
            None => return false,
        }
    }
    // Null twice in the same place would never end.
    let gone = !path.is_empty() && !at.is_null();
    *at = Value::Null;
    gone
}

fn no_such_key(section: &str, path: &[Step]) -> String {
    let Some((Step::Key(word), above)) = path.split_last() else {
        return "is not expected here".to_owned();
    };
    let parent = above.iter().fold(section.to_owned(), |key, step| match step {
        Step::Key(name) => format!("{key}.{name}"),
        Step::Index(_) => key,
    });
    format!(
        "there is no such key{}",
        suggestion(word, keys(&parent).iter().copied())
    )
}

/// The keys of a table by its path without indices.
pub(super) fn keys(table: &str) -> &'static [&'static str] {
    match table {
        "discord" => fields::<RawDiscord>(),
        "discord.channels" => fields::<RawChannels>(),
        "discord.places" => fields::<RawPlace>(),
        "clusters" => fields::<RawCluster>(),
        "store" => fields::<RawStore>(),
        "http" => fields::<RawHttp>(),
        "prometheus" => fields::<RawPrometheus>(),
        "panels" => fields::<RawPanel>(),
        "links" => fields::<RawLinks>(),
        "probes" => fields::<RawProbe>(),
        "policy" => fields::<RawRule>(),
        "policy.gate" => fields::<RawApprove>(),
        "policy.gate.approve" => fields::<RawAlternative>(),
        "limits" => fields::<RawLimits>(),
        "limits.replicas" => fields::<RawReplicas>(),
        "redact" => fields::<RawRedact>(),
        "exec" => fields::<RawExec>(),
        "checks" => fields::<RawCheck>(),
        "runbook" => fields::<RawRunbook>(),
        "log" => fields::<RawLog>(),
        _ => &[],
    }
}

/// The names of a struct's fields, as its own reading names them: no second list to keep.
fn fields<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    struct Names<'a>(&'a mut &'static [&'static str]);
    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = de::value::Error;
        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(de::Error::custom("not a struct"))
        }
        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = fields;
            Err(de::Error::custom("the names are all that is wanted"))
        }
        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut names: &'static [&'static str] = &[];
    // It always ends in the error above, and the names are filled in by then.
    let _ = T::deserialize(Names(&mut names)).is_ok();
    names
}
