//! A cursor over what a person typed. It takes options one by one and finishes strictly: what is left over is an error,
//! never ignored. Nothing here panics on any input.

mod object;
mod option;
mod suspect;

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::{
    object::ObjectName,
    option::{AnyOption, Choice, Opt, OptionKind, OptionSpec, OptionValue, Suggest},
    suspect::{NodeName, Suspect},
};
use crate::{
    model::{Place, PodName, Scope, Text, Timestamp, WorkloadKind, WorkloadName},
    texts::input as say,
};

/// The value of an option, as chats send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A switch.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Text(t) => f.write_str(t),
        }
    }
}

/// What was wrong with the words, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", .what.plain())]
pub struct BadInput {
    /// What was wrong.
    pub what: Text,
    /// What to do: an example, a near name, a limit.
    pub hint: Option<Text>,
}

impl BadInput {
    /// Without advice.
    pub fn new(what: impl Into<Text>) -> Self {
        Self {
            what: what.into(),
            hint: None,
        }
    }

    /// With advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Text>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The option by which a button says what it saw when it was drawn: the revision that ran then. Nobody types it, so it is
/// neither shown nor kept.
pub const SEEN: &str = "seen";

/// The longest Kubernetes name (DNS-1123 subdomain).
const NAME_MAX: usize = 253;

/// Options on one line, for a button: `workload=deployment/ceoagent-api;replicas=5`. `;`, `=` and `%` in values are
/// percent-encoded.
#[must_use]
pub fn options_to_line(options: &BTreeMap<String, Value>) -> String {
    let pair = |(name, value): (&String, &Value)| {
        let value = value
            .to_string()
            .replace('%', "%25")
            .replace(';', "%3B")
            .replace('=', "%3D");
        format!("{name}={value}")
    };
    options.iter().map(pair).collect::<Vec<_>>().join(";")
}

/// The line of a button that asks about one workload or pod, by its full name.
#[must_use]
pub fn line_about(workload: impl ToString) -> String {
    line_of("workload", workload)
}

/// The line of a button of a command that takes what it is about in an option of this name.
#[must_use]
pub fn line_of(option: &str, about: impl ToString) -> String {
    let options = [(option.to_owned(), Value::Text(about.to_string()))];
    options_to_line(&options.into())
}

/// Options from a line that [`options_to_line`] made. What is no pair is left out.
#[must_use]
pub fn options_from_line(line: &str) -> BTreeMap<String, Value> {
    let pair = |text: &str| {
        let (name, value) = text.split_once('=')?;
        let value = value.replace("%3D", "=").replace("%3B", ";").replace("%25", "%");
        let value = match value.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::Text(value),
        };
        Some((name.to_owned(), value))
    };
    line.split(';').filter_map(pair).collect()
}

/// From when on: a distance to now, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long ago.
    Ago(Duration),
    /// At this moment.
    At(Timestamp),
}

/// A workload or a pod, as somebody named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkloadOrPod {
    /// A workload, or a bare name.
    Workload(WorkloadName),
    /// A pod.
    Pod(PodName),
}

impl WorkloadOrPod {
    /// Reads `[cluster/][namespace/][kind/]name` or `[cluster/][namespace/]pod/name`.
    ///
    /// # Errors
    /// When it can be neither.
    pub fn parse(text: &str, place: &Place) -> Result<Self, BadInput> {
        match parse_pod(text, place) {
            Some(pod) => pod.map(Self::Pod),
            None => parse_workload(text, place).map(Self::Workload),
        }
    }

    /// The scope that policy rules see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Workload(name) => name.scope(),
            Self::Pod(name) => name.scope(),
        }
    }
}

/// One Job of one cluster. Written `[cluster/][namespace/]job/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobName {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

/// Whatever makes pods, or is one, as somebody named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runnable {
    /// A workload, or a bare name.
    Workload(WorkloadName),
    /// A pod.
    Pod(PodName),
    /// A Job.
    Job(JobName),
}

impl Runnable {
    /// Reads `[cluster/][namespace/][kind/]name`, where the kind may be `pod` or `job`, too.
    ///
    /// # Errors
    /// When it can be none of them.
    pub fn parse(text: &str, place: &Place) -> Result<Self, BadInput> {
        if let Some(job) = parse_named(text, place, &["job", "jobs"]) {
            return job.map(|named| {
                Self::Job(JobName {
                    cluster: named.cluster,
                    namespace: named.namespace,
                    name: named.name,
                })
            });
        }
        Ok(match WorkloadOrPod::parse(text, place)? {
            WorkloadOrPod::Workload(name) => Self::Workload(name),
            WorkloadOrPod::Pod(name) => Self::Pod(name),
        })
    }

    /// The scope that policy rules see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Workload(name) => name.scope(),
            Self::Pod(name) => name.scope(),
            Self::Job(name) => Scope::namespace(&name.cluster, &name.namespace),
        }
    }
}

/// A cursor over the options of one request.
#[derive(Debug, Clone)]
pub struct Input {
    options: BTreeMap<String, Value>,
    place: Place,
}

impl Input {
    /// Over these options, asked at this place.
    #[must_use]
    pub fn new(options: BTreeMap<String, Value>, place: Place) -> Self {
        Self { options, place }
    }

    /// Where it was asked.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The namespace in which it was asked, for what is about that as a whole.
    #[must_use]
    pub fn here(&self) -> Scope {
        Scope::namespace(&self.place.cluster, &self.place.namespace)
    }

    /// What was not taken yet.
    #[must_use]
    pub fn options(&self) -> &BTreeMap<String, Value> {
        &self.options
    }

    /// Takes a text; surrounding blanks are no part of it, and an empty one counts as absent.
    ///
    /// # Errors
    /// When the option is not text.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, BadInput> {
        let text = self.verbatim(name)?;
        Ok(text.map(|text| text.trim().to_owned()))
    }

    /// Takes a text with the blanks around it; nothing but blanks counts as absent.
    ///
    /// # Errors
    /// When the option is not text.
    pub fn verbatim(&mut self, name: &str) -> Result<Option<String>, BadInput> {
        match self.options.remove(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text).filter(|t| !t.trim().is_empty())),
            Some(other) => Err(BadInput::new(say::not_text(name, &other.to_string()))),
        }
    }

    /// Takes a switch; absent means off.
    ///
    /// # Errors
    /// When the option is not a switch.
    pub fn flag(&mut self, name: &str) -> Result<bool, BadInput> {
        match self.options.remove(name) {
            None => Ok(false),
            Some(Value::Bool(on)) => Ok(on),
            Some(other) => Err(BadInput::new(say::not_a_switch(name, &other.to_string()))),
        }
    }

    /// Takes a whole number within bounds.
    ///
    /// # Errors
    /// When it is no whole number, or out of bounds: the sentence names them.
    pub fn integer(&mut self, name: &str, bounds: RangeInclusive<i64>) -> Result<Option<i64>, BadInput> {
        let number = match self.options.remove(name) {
            None => return Ok(None),
            Some(Value::Int(n)) => n,
            Some(Value::Text(t)) => t.trim().parse().map_err(|_| {
                BadInput::new(say::not_whole(name, &t)).hint(say::for_example(name, *bounds.start()))
            })?,
            Some(other) => return Err(BadInput::new(say::not_whole(name, &other.to_string()))),
        };
        if bounds.contains(&number) {
            return Ok(Some(number));
        }
        Err(BadInput::new(say::out_of_range(name, &number.to_string()))
            .hint(say::from_to(*bounds.start(), *bounds.end())))
    }

    /// Takes a length of time: `15m`, `2h30m`, `7d`; a bare number means minutes.
    ///
    /// # Errors
    /// When it is none, or out of bounds.
    pub fn duration(
        &mut self,
        name: &str,
        bounds: RangeInclusive<Duration>,
    ) -> Result<Option<Duration>, BadInput> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let parsed = match text.parse::<u64>() {
            Ok(minutes) => minutes.checked_mul(60).map(Duration::from_secs),
            Err(_) => humantime::parse_duration(&text).ok(),
        };
        let Some(length) = parsed else {
            return Err(BadInput::new(say::not_a_length(name, &text)).hint(say::lengths_look_like()));
        };
        if bounds.contains(&length) {
            return Ok(Some(length));
        }
        Err(BadInput::new(say::out_of_range(name, &text))
            .hint(say::length_from_to(*bounds.start(), *bounds.end())))
    }

    /// Takes a beginning: a length of time as in [`Input::duration`], or a moment (`2026-11-22T20:00:00Z`). Whether a
    /// moment makes sense is for who knows the time.
    ///
    /// # Errors
    /// When it is neither, or out of bounds.
    pub fn since(&mut self, name: &str, bounds: RangeInclusive<Duration>) -> Result<Option<Since>, BadInput> {
        if let Some(Value::Text(text)) = self.options.get(name)
            && let Ok(at) = text.trim().parse::<Timestamp>()
        {
            self.options.remove(name);
            return Ok(Some(Since::At(at)));
        }
        Ok(self.duration(name, bounds)?.map(Since::Ago))
    }

    /// Takes one of a few words.
    ///
    /// # Errors
    /// When it is none of them: the sentence lists them.
    pub fn choice<T: Copy>(&mut self, name: &str, of: &[(&str, T)]) -> Result<Option<T>, BadInput> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        if let Some((_, value)) = of.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text)) {
            return Ok(Some(*value));
        }
        let words: Vec<&str> = of.iter().map(|(word, _)| *word).collect();
        Err(BadInput::new(say::not_known(name, &text)).hint(say::one_of(&words)))
    }

    /// Takes a workload: `[cluster/][namespace/][kind/]name`, the rest from the channel's defaults.
    ///
    /// # Errors
    /// When the words do not form one.
    pub fn workload(&mut self, name: &str) -> Result<Option<WorkloadName>, BadInput> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        parse_workload(&text, &self.place).map(Some)
    }

    /// Makes an option obligatory.
    ///
    /// # Errors
    /// When it was absent.
    pub fn required<T>(&self, name: &str, value: Option<T>) -> Result<T, BadInput> {
        value.ok_or_else(|| BadInput::new(say::missing(name)).hint(say::add(name)))
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When an option was not taken: it is unknown to the command, so it must not be silently dropped.
    pub fn finish(self) -> Result<(), BadInput> {
        match self.options.keys().next() {
            None => Ok(()),
            Some(name) => Err(BadInput::new(say::no_such_option(name)).hint(say::see_help())),
        }
    }
}

/// Reads `[cluster/][namespace/][kind/]name`.
///
/// # Errors
/// When a part is empty, is no name, or the kind is none of the three.
pub fn parse_workload(text: &str, place: &Place) -> Result<WorkloadName, BadInput> {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let bad = |what: Text| BadInput::new(what).hint(say::workloads_look_like());
    let (cluster, namespace, kind, name) = match parts.as_slice() {
        [name] => (None, None, None, *name),
        [kind, name] => (None, None, Some(*kind), *name),
        [ns, kind, name] => (None, Some(*ns), Some(*kind), *name),
        [cluster, ns, kind, name] => (Some(*cluster), Some(*ns), Some(*kind), *name),
        _ => {
            return Err(bad(say::too_many_parts(&shorten(text))));
        }
    };
    let kind = match kind {
        None => None,
        Some(word) => {
            Some(WorkloadKind::parse(word).ok_or_else(|| bad(say::no_kind_of_workload(&shorten(word))))?)
        }
    };
    for part in [Some(name), namespace, cluster].into_iter().flatten() {
        if !is_name(part) {
            return Err(bad(say::no_name(&shorten(part))));
        }
    }
    Ok(WorkloadName {
        cluster: cluster.map_or_else(|| place.cluster.clone(), str::to_owned),
        namespace: namespace.map_or_else(|| place.namespace.clone(), str::to_owned),
        kind,
        name: name.to_owned(),
    })
}

/// Reads `[cluster/][namespace/]pod/name`; `None` when it names no pod.
///
/// # Errors
/// When it names one that cannot be.
pub fn parse_pod(text: &str, place: &Place) -> Option<Result<PodName, BadInput>> {
    parse_named(text, place, &["pod", "pods", "po"])
}

/// Reads the name of an object of a kind that is written in one of these ways; `None` when it is of another.
fn parse_named(text: &str, place: &Place, kinds: &[&str]) -> Option<Result<PodName, BadInput>> {
    let is_kind = |word: &str| kinds.iter().any(|kind| kind.eq_ignore_ascii_case(word));
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let (cluster, namespace, name) = match parts.as_slice() {
        [kind, name] if is_kind(kind) => (None, None, *name),
        [ns, kind, name] if is_kind(kind) => (None, Some(*ns), *name),
        [cluster, ns, kind, name] if is_kind(kind) => (Some(*cluster), Some(*ns), *name),
        _ => return None,
    };
    for part in [Some(name), namespace, cluster].into_iter().flatten() {
        if !is_name(part) {
            let bad = BadInput::new(say::no_name(&shorten(part)));
            return Some(Err(bad.hint(say::pods_look_like())));
        }
    }
    Some(Ok(PodName {
        cluster: cluster.map_or_else(|| place.cluster.clone(), str::to_owned),
        namespace: namespace.map_or_else(|| place.namespace.clone(), str::to_owned),
        name: name.to_owned(),
    }))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= NAME_MAX
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 60 {
        text.to_owned()
    } else {
        text.chars().take(59).chain(['…']).collect()
    }
}
