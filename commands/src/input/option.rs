//! Options of commands, each declared once. What a chat registers, what help says, what completes it, its bounds, and how
//! it is read from a request all follow from the declaration:
//!
//! ```ignore
//! const REPLICAS: Opt<i32> = Opt::integer("replicas", 0..=i32::MAX).about(texts::options::replicas);
//! ```
//!
//! stands in the `SPEC` as `&REPLICAS`, and [`Input::take`] reads it.

use std::{fmt, ops::RangeInclusive, time::Duration};

use super::{BadInput, Input, Runnable, Since, WorkloadOrPod};
use crate::{
    model::{Text, TicketId, UserId, WorkloadName},
    texts,
};

/// The largest whole number that a chat sends exactly.
const LARGEST: i64 = 9_007_199_254_740_991;

/// What completes an option while it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suggest {
    /// Workloads of all three kinds.
    Workload,
    /// Workloads that have a count: Deployments and StatefulSets.
    Scalable,
    /// Pods.
    Pod,
    /// Workloads and pods.
    WorkloadOrPod,
    /// Whatever can be asked about: workloads, pods, Jobs, Services, nodes.
    Suspect,
    /// Containers of the workload or pod in the option named so.
    Container(&'static str),
    /// Revisions of the workload in the option named so.
    Revision(&'static str),
    /// Incidents that are open.
    Incident,
    /// Paths of commands.
    Command,
    /// Outcomes of tickets.
    Outcome,
    /// Health targets of the settings.
    HealthTarget,
    /// Panels of the settings.
    Panel,
    /// Checks of the settings.
    Check,
    /// Sections of the team's manual.
    Section,
}

/// What an option can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// Text.
    Text,
    /// A whole number within bounds.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A length of time within bounds, or a moment where [`Since`] is read.
    Duration {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// A switch.
    Bool,
    /// A person of the chat.
    User,
}

/// What is declared of an option.
#[derive(Debug, Clone, Copy)]
pub struct OptionSpec {
    /// Its name.
    pub name: &'static str,
    /// What it is, at most 20 characters: 8000 for the whole tree bind.
    pub summary: fn() -> Text,
    /// Its type and bounds.
    pub kind: OptionKind,
    /// Whether it must be given.
    pub required: bool,
    /// What completes it.
    pub suggest: Option<Suggest>,
    /// The words that it can be, where they are few enough to be shown.
    pub choices: Option<fn() -> Vec<&'static str>>,
    /// Whether blanks around it belong to it.
    pub verbatim: bool,
}

/// An option whose type is forgotten, as a [`Spec`](crate::ops::contract::Spec) lists it.
pub trait AnyOption: fmt::Debug + Sync {
    /// What is declared of it.
    fn spec(&self) -> &OptionSpec;
}

/// An option that is read as a `T`. As it is constructed it must be given, but for a switch; [`Opt::optional`] changes that.
pub struct Opt<T: 'static> {
    spec: OptionSpec,
    read: fn(&OptionSpec, &mut Input) -> Result<T, BadInput>,
}

/// What an option can be read as.
pub trait OptionValue: Sized + 'static {
    /// Reads it; `None` when it was not given.
    ///
    /// # Errors
    /// When what was given is none.
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput>;
}

/// One of a few words.
pub trait Choice: Copy + 'static {
    /// The words, in the order in which they are offered, each with what it means.
    const ALL: &'static [(&'static str, Self)];
}

impl<T> fmt::Debug for Opt<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec.fmt(f)
    }
}

impl<T> AnyOption for Opt<T> {
    fn spec(&self) -> &OptionSpec {
        &self.spec
    }
}

impl Input {
    /// Takes an option.
    ///
    /// # Errors
    /// When what was given does not fit its declaration, or nothing was and it must be.
    pub fn take<T>(&mut self, option: &Opt<T>) -> Result<T, BadInput> {
        (option.read)(&option.spec, self)
    }
}

fn required<T: OptionValue>(spec: &OptionSpec, input: &mut Input) -> Result<T, BadInput> {
    let value = T::read(spec, input)?;
    input.required(spec.name, value)
}

impl<T: OptionValue> Opt<T> {
    pub(super) const fn new(name: &'static str, kind: OptionKind) -> Self {
        Self {
            spec: OptionSpec {
                name,
                summary: Text::default,
                kind,
                required: true,
                suggest: None,
                choices: None,
                verbatim: false,
            },
            read: required::<T>,
        }
    }

    /// The same where it may be left out.
    #[must_use]
    pub const fn optional(self) -> Opt<Option<T>> {
        Opt {
            spec: OptionSpec {
                required: false,
                ..self.spec
            },
            read: T::read,
        }
    }
}

impl<T> Opt<T> {
    /// Says what it is.
    #[must_use]
    pub const fn about(mut self, summary: fn() -> Text) -> Self {
        self.spec.summary = summary;
        self
    }

    /// Says what completes it.
    #[must_use]
    pub const fn suggest(mut self, suggest: Suggest) -> Self {
        self.spec.suggest = Some(suggest);
        self
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.spec.name
    }
}

impl Opt<String> {
    /// Any text.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, OptionKind::Text)
    }

    /// Any text, with the blanks around it: a pattern may mean them.
    #[must_use]
    pub const fn verbatim(name: &'static str) -> Self {
        let mut option = Self::text(name);
        option.spec.verbatim = true;
        option
    }

    /// The name of a container of the workload or pod in another option.
    #[must_use]
    pub const fn container(name: &'static str, of: &'static str) -> Self {
        Self::text(name).suggest(Suggest::Container(of))
    }

    /// The path of a command.
    #[must_use]
    pub const fn command(name: &'static str) -> Self {
        Self::text(name).suggest(Suggest::Command)
    }

    /// A check of the settings.
    #[must_use]
    pub const fn check(name: &'static str) -> Self {
        Self::text(name).suggest(Suggest::Check)
    }

    /// A health target of the settings.
    #[must_use]
    pub const fn health_target(name: &'static str) -> Self {
        Self::text(name).suggest(Suggest::HealthTarget)
    }

    /// A panel of the settings.
    #[must_use]
    pub const fn panel(name: &'static str) -> Self {
        Self::text(name).suggest(Suggest::Panel)
    }

    /// How a ticket ended.
    #[must_use]
    pub const fn outcome(name: &'static str) -> Self {
        Self::text(name).suggest(Suggest::Outcome)
    }
}

impl OptionValue for String {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        if spec.verbatim {
            input.verbatim(spec.name)
        } else {
            input.text(spec.name)
        }
    }
}

impl Opt<bool> {
    /// A switch; left out it is off.
    #[must_use]
    pub const fn flag(name: &'static str) -> Self {
        let mut option = Self::new(name, OptionKind::Bool);
        option.spec.required = false;
        option.read = |spec, input| input.flag(spec.name);
        option
    }
}

impl OptionValue for bool {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        input.flag(spec.name).map(Some)
    }
}

impl Opt<i32> {
    /// A whole number within bounds.
    #[must_use]
    pub const fn integer(name: &'static str, bounds: RangeInclusive<i32>) -> Self {
        let (min, max) = (*bounds.start() as i64, *bounds.end() as i64);
        Self::new(name, OptionKind::Integer { min, max })
    }
}

impl OptionValue for i32 {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        // The bounds are those of a smaller type already.
        Ok(i64::read(spec, input)?.map(|n| Self::try_from(n).unwrap_or(Self::MAX)))
    }
}

impl Opt<i64> {
    /// A whole number within wide bounds.
    #[must_use]
    pub const fn long(name: &'static str, bounds: RangeInclusive<i64>) -> Self {
        let (min, max) = (*bounds.start(), *bounds.end());
        Self::new(name, OptionKind::Integer { min, max })
    }

    /// The number of a revision of the workload in another option.
    #[must_use]
    pub const fn revision(name: &'static str, of: &'static str) -> Self {
        Self::long(name, 1..=LARGEST).suggest(Suggest::Revision(of))
    }
}

impl OptionValue for i64 {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        let bounds = match spec.kind {
            OptionKind::Integer { min, max } => min..=max,
            _ => Self::MIN..=Self::MAX,
        };
        input.integer(spec.name, bounds)
    }
}

impl Opt<TicketId> {
    /// The number of a ticket.
    #[must_use]
    pub const fn ticket(name: &'static str) -> Self {
        Self::new(name, OptionKind::Integer { min: 1, max: LARGEST })
    }
}

impl OptionValue for TicketId {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        Ok(i64::read(spec, input)?.map(Self))
    }
}

impl Opt<UserId> {
    /// A person of the chat.
    #[must_use]
    pub const fn user(name: &'static str) -> Self {
        Self::new(name, OptionKind::User)
    }
}

impl OptionValue for UserId {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        let Some(id) = input.text(spec.name)? else {
            return Ok(None);
        };
        match id.parse() {
            Ok(id) => Ok(Some(Self(id))),
            Err(_) => {
                let what = texts::input::nobody(spec.name, &id);
                Err(BadInput::new(what).hint(texts::input::choose_a_person()))
            }
        }
    }
}

impl Opt<WorkloadName> {
    /// A workload: `[cluster/][namespace/][kind/]name`.
    #[must_use]
    pub const fn workload(name: &'static str) -> Self {
        Self::new(name, OptionKind::Text).suggest(Suggest::Workload)
    }

    /// A workload that has a count.
    #[must_use]
    pub const fn scalable(name: &'static str) -> Self {
        Self::new(name, OptionKind::Text).suggest(Suggest::Scalable)
    }
}

impl OptionValue for WorkloadName {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        input.workload(spec.name)
    }
}

impl Opt<WorkloadOrPod> {
    /// A workload, or a pod: `[cluster/][namespace/]pod/name`.
    #[must_use]
    pub const fn workload_or_pod(name: &'static str) -> Self {
        Self::new(name, OptionKind::Text).suggest(Suggest::WorkloadOrPod)
    }

    /// The same where pods are meant in the first place.
    #[must_use]
    pub const fn pod(name: &'static str) -> Self {
        Self::new(name, OptionKind::Text).suggest(Suggest::Pod)
    }
}

impl OptionValue for WorkloadOrPod {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        let text = input.text(spec.name)?;
        text.map(|text| Self::parse(&text, input.place())).transpose()
    }
}

impl Opt<Runnable> {
    /// A workload, a pod or a Job; workloads complete it.
    #[must_use]
    pub const fn runnable(name: &'static str) -> Self {
        Self::new(name, OptionKind::Text).suggest(Suggest::Workload)
    }
}

impl OptionValue for Runnable {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        let text = input.text(spec.name)?;
        text.map(|text| Self::parse(&text, input.place())).transpose()
    }
}

/// The bounds of a length of time.
fn lengths(spec: &OptionSpec) -> RangeInclusive<Duration> {
    match spec.kind {
        OptionKind::Duration { min, max } => min..=max,
        _ => Duration::ZERO..=Duration::MAX,
    }
}

impl Opt<Duration> {
    /// A length of time within bounds: `15m`, `2h30m`.
    #[must_use]
    pub const fn duration(name: &'static str, bounds: RangeInclusive<Duration>) -> Self {
        let (min, max) = (*bounds.start(), *bounds.end());
        Self::new(name, OptionKind::Duration { min, max })
    }
}

impl OptionValue for Duration {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        input.duration(spec.name, lengths(spec))
    }
}

impl Opt<Since> {
    /// A beginning: a length of time within bounds, or a moment.
    #[must_use]
    pub const fn since(name: &'static str, bounds: RangeInclusive<Duration>) -> Self {
        let (min, max) = (*bounds.start(), *bounds.end());
        Self::new(name, OptionKind::Duration { min, max })
    }
}

impl OptionValue for Since {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        input.since(spec.name, lengths(spec))
    }
}

fn words<T: Choice>() -> Vec<&'static str> {
    T::ALL.iter().map(|(word, _)| *word).collect()
}

impl<T: Choice> Opt<T> {
    /// One of a few words.
    #[must_use]
    pub const fn choice(name: &'static str) -> Self {
        let mut option = Self::new(name, OptionKind::Text);
        option.spec.choices = Some(words::<T>);
        option
    }
}

impl<T: Choice> OptionValue for T {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        input.choice(spec.name, T::ALL)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        input::Value,
        model::{ChannelId, Place},
    };

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Sort {
        Name,
        Age,
    }

    impl Choice for Sort {
        const ALL: &'static [(&'static str, Self)] = &[("name", Self::Name), ("age", Self::Age)];
    }

    const REPLICAS: Opt<i32> = Opt::integer("replicas", 0..=50);
    const REVISION: Opt<Option<i64>> = Opt::revision("revision", "workload").optional();
    const FOLLOW: Opt<bool> = Opt::flag("follow");
    const SORT: Opt<Option<Sort>> = Opt::choice("sort").optional();
    const WORKLOAD: Opt<WorkloadName> = Opt::workload("workload");
    const OBJECT: Opt<Option<WorkloadOrPod>> = Opt::workload_or_pod("object").optional();
    const PERSON: Opt<Option<UserId>> = Opt::user("person").optional();
    const SINCE: Opt<Option<Since>> =
        Opt::since("since", Duration::from_secs(1)..=Duration::from_secs(3600)).optional();

    fn input(options: &[(&str, Value)]) -> Input {
        let options = options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect::<BTreeMap<_, _>>();
        let place = Place {
            channel: ChannelId(1),
            cluster: "prod".to_owned(),
            namespace: "ceoagent".to_owned(),
        };
        Input::new(options, place)
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn what_was_declared_is_what_is_read() {
        let mut given = input(&[
            ("replicas", Value::Int(5)),
            ("revision", text("7")),
            ("follow", Value::Bool(true)),
            ("sort", text("AGE")),
            ("workload", text("deploy/api")),
            ("object", text("other/pod/api-1")),
            ("person", text("42")),
            ("since", text("15m")),
        ]);
        assert_eq!(given.take(&REPLICAS), Ok(5));
        assert_eq!(given.take(&REVISION), Ok(Some(7)));
        assert_eq!(given.take(&FOLLOW), Ok(true));
        assert_eq!(given.take(&SORT), Ok(Some(Sort::Age)));
        let workload = given.take(&WORKLOAD).unwrap();
        assert_eq!(
            (workload.cluster.as_str(), workload.name.as_str()),
            ("prod", "api")
        );
        assert!(matches!(given.take(&OBJECT), Ok(Some(WorkloadOrPod::Pod(pod))) if pod.namespace == "other"));
        assert_eq!(given.take(&PERSON), Ok(Some(UserId(42))));
        assert_eq!(given.take(&SINCE), Ok(Some(Since::Ago(Duration::from_secs(900)))));
        assert_eq!(given.finish(), Ok(()));
    }

    #[test]
    fn what_may_be_left_out_may_and_the_rest_is_asked_for() {
        let mut empty = input(&[]);
        assert_eq!(empty.take(&REVISION), Ok(None));
        assert_eq!(empty.take(&FOLLOW), Ok(false));
        assert_eq!(empty.take(&SORT), Ok(None));
        assert_eq!(empty.take(&OBJECT), Ok(None));
        let missing = empty.take(&REPLICAS).unwrap_err();
        assert_eq!(missing.what.plain(), "The option replicas is missing");
    }

    #[test]
    fn what_is_out_of_bounds_or_no_such_word_is_refused_by_the_declaration() {
        let refused = |name: &str, value: Value, take: &dyn Fn(&mut Input) -> Option<BadInput>| {
            let bad = take(&mut input(&[(name, value)])).expect("refused");
            format!("{} {}", bad.what.plain(), bad.hint.unwrap_or_default().plain())
        };
        let said = refused("replicas", Value::Int(51), &|i| i.take(&REPLICAS).err());
        assert!(said.contains("from 0 to 50"), "{said}");
        let said = refused("revision", Value::Int(0), &|i| i.take(&REVISION).err());
        assert!(said.contains("out of range"), "{said}");
        let said = refused("sort", text("size"), &|i| i.take(&SORT).err());
        assert!(said.contains("name, age"), "{said}");
        let said = refused("since", text("2h"), &|i| i.take(&SINCE).err());
        assert!(said.contains("1 s to 1 h"), "{said}");
        let said = refused("person", text("me"), &|i| i.take(&PERSON).err());
        assert!(said.contains("is nobody"), "{said}");
    }

    #[test]
    fn a_chat_sees_the_same_declaration() {
        let all: [&dyn AnyOption; 4] = [&REPLICAS, &REVISION, &SORT, &FOLLOW];
        let required: Vec<bool> = all.iter().map(|o| o.spec().required).collect();
        assert_eq!(required, [true, false, false, false]);
        assert_eq!(REPLICAS.spec().kind, OptionKind::Integer { min: 0, max: 50 });
        assert_eq!(REVISION.spec().suggest, Some(Suggest::Revision("workload")));
        assert_eq!(SORT.spec().choices.unwrap()(), ["name", "age"]);
    }
}
