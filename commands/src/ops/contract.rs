//! What a command is. A query answers; a change plans, and later executes what it planned. Everything that a chat, a help
//! page, a RBAC manifest, an audit row or a metric needs to know of a command is in its [`Spec`].

use std::{future::Future, pin::Pin};

use futures::Stream;
use serde::{Serialize, de::DeserializeOwned};

use super::Run;
use crate::{
    cluster::View,
    failure::Failure,
    input::{BadInput, Input},
    model::{Actor, Locale, Place, Report, Scope, Timestamp},
    policy::Verb,
    ports::Ports,
    ticket::{Directive, Precondition},
};

/// A text of the product in the languages that it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

/// A group of commands under `/ceo`; a command without one stands at the top. It is a folder, whose `mod.rs` says this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The word after `/ceo`: `get`.
    pub word: &'static str,
    /// What it is about.
    pub summary: Text,
}

/// What autocompletes an option.
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
    /// Containers of the workload or pod in the option named so.
    Container(&'static str),
    /// Revisions of the workload in the option named so.
    Revision(&'static str),
    /// Full names of commands.
    Command,
    /// Outcomes of tickets.
    Outcome,
}

/// The type of an option.
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
    /// A switch.
    Bool,
    /// A person of the chat.
    User,
}

/// An option of a command.
#[derive(Debug, Clone, Copy)]
pub struct OptionSpec {
    /// Its name.
    pub name: &'static str,
    /// What it is, at most 40 characters: 8000 for the whole tree bind.
    pub summary: Text,
    /// Its type.
    pub kind: OptionKind,
    /// Whether it must be given. Required ones come first.
    pub required: bool,
    /// What completes it.
    pub suggest: Option<Suggest>,
}

/// How far a right reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// In each namespace of the settings: a Role.
    Namespace,
    /// In the cluster: a ClusterRole, optional.
    Cluster,
}

/// A right that a command needs in Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rbac {
    /// The API group; empty for core.
    pub group: &'static str,
    /// The resource, with its subresource: `deployments/scale`.
    pub resource: &'static str,
    /// The verbs.
    pub verbs: &'static [&'static str],
    /// How far.
    pub reach: Reach,
}

/// All there is to know about a command.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The word: `pods`.
    pub name: &'static str,
    /// The group: `get`.
    pub group: Option<Group>,
    /// What it does, at most 45 characters.
    pub summary: Text,
    /// How much it can do at least; arguments can make it more.
    pub verb: Verb,
    /// Whether the answer is for the asker alone, unless they share it ([`Args::shared`]).
    pub private: bool,
    /// Its options, required ones first.
    pub options: &'static [OptionSpec],
    /// What buttons can tell it while it runs.
    pub controls: &'static [Directive],
    /// The rights it needs.
    pub rbac: &'static [Rbac],
}

impl Spec {
    /// `get pods`.
    #[must_use]
    pub fn full_name(&self) -> String {
        match self.group {
            Some(group) => format!("{} {}", group.word, self.name),
            None => self.name.to_owned(),
        }
    }
}

/// What a command knows of its circumstances.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The clusters, for reading and rehearsing.
    pub view: &'a View,
    /// Who asks.
    pub actor: &'a Actor,
    /// Where.
    pub place: &'a Place,
    /// In which language they read.
    pub locale: Locale,
    /// When.
    pub now: Timestamp,
    /// The ledger, the people, the clock.
    pub ports: &'a Ports,
    /// What the person may see and do here, for help and completion.
    pub rights: &'a dyn Rights,
}

/// What the guard says about a person, for commands that show it.
pub trait Rights: Send + Sync {
    /// Whether they may read there.
    fn reads(&self, actor: &Actor, scope: &Scope) -> bool;
    /// What stands before a command for them there: `None` when they may not.
    fn gate(&self, actor: &Actor, spec: &Spec, scope: &Scope) -> Option<crate::policy::Gate>;
    /// Who may use a command there.
    fn who_may(&self, spec: &Spec, scope: &Scope) -> Vec<crate::policy::Who>;
}

/// Reports that replace one another until the stream ends.
pub type ReportStream = Pin<Box<dyn Stream<Item = Report> + Send>>;

/// What a query gives.
pub enum Answer {
    /// One report.
    Once(Box<Report>),
    /// Several, turned by buttons.
    Pages(Vec<Report>),
    /// One that changes while it is looked at.
    Live(ReportStream),
}

/// The parsed words of a request.
pub trait Args: Sized + Send {
    /// Reads them.
    ///
    /// # Errors
    /// What was wrong, and what would be right.
    fn parse(input: &mut Input) -> Result<Self, BadInput>;
    /// How much it can do with these words; never less than the spec's.
    fn verb(&self) -> Verb;
    /// What it is about.
    fn scope(&self) -> Scope;
    /// Whether the person wants the answer of a private command in the channel.
    fn shared(&self) -> bool {
        false
    }
}

/// A command that shows something.
pub trait Query: Send + Sync + 'static {
    /// What it is.
    const SPEC: Spec;
    /// Its words.
    type Args: Args;
    /// Answers.
    fn answer(
        &self,
        args: Self::Args,
        cx: &Context<'_>,
    ) -> impl Future<Output = Result<Answer, Failure>> + Send;
}

/// A reason to look twice, told on the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// A sentence.
    pub note: crate::model::Text,
    /// The verb that it raises the request to, if it does.
    pub raises_to: Option<Verb>,
}

/// What a change would do, before anybody is asked.
#[derive(Debug)]
pub struct Draft<P> {
    /// The card: title as a question, diff, effect. The engine adds who asks, who may approve and until when.
    pub preview: Report,
    /// What `execute` needs to do exactly this.
    pub plan: P,
    /// How much it does, now that the objects are known.
    pub verb: Verb,
    /// What it touches.
    pub scopes: Vec<Scope>,
    /// Reasons to look twice.
    pub risks: Vec<Risk>,
    /// What the plan rests on.
    pub preconditions: Vec<Precondition>,
    /// The objects that at most one running ticket may touch: `cluster/namespace/kind/name`.
    pub targets: Vec<String>,
}

/// A command that changes something.
pub trait Change: Send + Sync + 'static {
    /// What it is.
    const SPEC: Spec;
    /// Its words.
    type Args: Args;
    /// What was decided to do.
    type Plan: Serialize + DeserializeOwned + Send + Sync;
    /// Reads, rehearses (a server-side dry run), and says what would be done. Changes nothing.
    fn plan(
        &self,
        args: Self::Args,
        cx: &Context<'_>,
    ) -> impl Future<Output = Result<Draft<Self::Plan>, Failure>> + Send;
    /// Does it. Re-entrant: after a restart it is called again and finished steps return what they stored.
    fn execute(
        &self,
        plan: Self::Plan,
        run: &Run<'_>,
    ) -> impl Future<Output = Result<Report, Failure>> + Send;
}
