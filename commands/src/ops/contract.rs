//! What a command is. A query answers; a change plans, and later executes what it planned. Everything that a chat, a help
//! page, a RBAC manifest, an audit row or a metric needs to know of a command is in its [`Spec`].

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use futures::Stream;
use serde::{Serialize, de::DeserializeOwned};

use super::rights::Rbac;
use crate::{
    cluster::View,
    failure::Failure,
    input::{AnyOption, BadInput, Input, OptionSpec},
    model::{Act, Actor, Locale, Place, Report, Scope, Text, Timestamp},
    policy::Verb,
    ports::{
        Clock, Limits, Records, Timing, chart::Pictures, checks::Checks, manual::Manual, metrics::Metrics,
        probe::Probes,
    },
    redact::Redactor,
    stored::Stored,
    texts::engine::reason_form,
    ticket::{Directive, Outcome, Precondition},
    workflow::Run,
};

/// A group of commands under `/ceo`; a command without one stands at the top. It is a folder, whose `mod.rs` says this.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The word after `/ceo`: `get`.
    pub word: &'static str,
    /// What it is about.
    pub summary: fn() -> Text,
}

/// How long a change may run unless it says otherwise.
const DEADLINE: Duration = Duration::from_secs(30 * 60);

/// All there is to know about a command.
///
/// ```ignore
/// const SPEC: Spec = Spec::new("get pods", Verb::Read)
///     .about(texts::get::pods::summary)
///     .options(&[&FOR, &SELECTOR, &SORT])
///     .rbac(rights::READ_WORKLOADS);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// What stands after `/ceo`: `status`, or with the word of its group `get pods`.
    pub path: &'static str,
    /// What it does, at most 30 characters.
    pub summary: fn() -> Text,
    /// How much it can do at least; arguments can make it more.
    pub verb: Verb,
    /// Whether the answer is for the asker alone, unless they share it ([`Args::shared`]).
    pub private: bool,
    /// A reason that somebody may have to use it, shown in the form that asks for one.
    pub reason: fn() -> Text,
    /// Its options.
    pub options: &'static [&'static dyn AnyOption],
    /// How long it may run at the most; time on hold or parked does not count.
    pub deadline: Duration,
    /// What buttons can tell it while it runs.
    pub controls: &'static [Directive],
    /// Whether a run that was stopped in the middle is gone on with.
    pub taken_up_again: bool,
    /// The rights it needs.
    rbac: [&'static [Rbac]; 2],
    /// Lines of a shell that it does the work of, without flags and objects: `kubectl get pods`.
    pub stands_for: &'static [&'static str],
}

impl Spec {
    /// A command without options, whose answer the channel sees.
    #[must_use]
    pub const fn new(path: &'static str, verb: Verb) -> Self {
        Self {
            path,
            summary: Text::default,
            verb,
            private: false,
            reason: reason_form::example,
            options: &[],
            deadline: DEADLINE,
            controls: &[],
            taken_up_again: true,
            rbac: [&[], &[]],
            stands_for: &[],
        }
    }

    /// Says how long it may run at the most.
    #[must_use]
    pub const fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Says what buttons can tell it while it runs.
    #[must_use]
    pub const fn controlled_by(mut self, controls: &'static [Directive]) -> Self {
        self.controls = controls;
        self
    }

    /// Says what it does.
    #[must_use]
    pub const fn about(mut self, summary: fn() -> Text) -> Self {
        self.summary = summary;
        self
    }

    /// Gives an example of a reason to use it.
    #[must_use]
    pub const fn because(mut self, reason: fn() -> Text) -> Self {
        self.reason = reason;
        self
    }

    /// Answers the asker alone, unless they share it.
    #[must_use]
    pub const fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Says what it takes.
    #[must_use]
    pub const fn options(mut self, options: &'static [&'static dyn AnyOption]) -> Self {
        self.options = options;
        self
    }

    /// Says that a run which was stopped in the middle is not gone on with: it ends as interrupted, with the steps done so
    /// far on its card.
    #[must_use]
    pub const fn never_taken_up_again(mut self) -> Self {
        self.taken_up_again = false;
        self
    }

    /// Says which rights it needs in Kubernetes.
    #[must_use]
    pub const fn rbac(mut self, rbac: &'static [Rbac]) -> Self {
        self.rbac[0] = rbac;
        self
    }

    /// And these, which several commands need.
    #[must_use]
    pub const fn also(mut self, rbac: &'static [Rbac]) -> Self {
        self.rbac[1] = rbac;
        self
    }

    /// The rights that it needs in Kubernetes.
    pub fn rights(&self) -> impl Iterator<Item = Rbac> + use<> {
        self.rbac.into_iter().flatten().copied()
    }

    /// Says which lines of a shell it does the work of, for manuals that have those.
    #[must_use]
    pub const fn stands_for(mut self, lines: &'static [&'static str]) -> Self {
        self.stands_for = lines;
        self
    }

    /// The word of its group, if it is in one.
    #[must_use]
    pub fn group(&self) -> Option<&'static str> {
        self.path.split_once(' ').map(|(group, _)| group)
    }

    /// Its own word: `pods`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path.split_once(' ').map_or(self.path, |(_, name)| name)
    }

    /// What is declared of its options.
    pub fn declared(&self) -> impl Iterator<Item = &'static OptionSpec> {
        self.options.iter().map(|option| option.spec())
    }
}

/// What a command knows of its circumstances. It reads what is stored, and has nothing to commit with:
///
/// ```compile_fail,E0599
/// # use ceo_commands::{ops::contract::Context, ports::Commit};
/// async fn sneaky(cx: &Context<'_>) {
///     let _ = cx.records.commit(Commit::default()).await;
/// }
/// ```
/// ```compile_fail,E0609
/// # use ceo_commands::ops::contract::Context;
/// fn sneaky(cx: &Context<'_>) {
///     let _ = &cx.ledger;
/// }
/// ```
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
    /// What is stored, for reading: a command commits nothing itself.
    pub records: &'a dyn Records,
    /// The clock, for answers that go on.
    pub clock: &'a Arc<dyn Clock>,
    /// The durations.
    pub timing: &'a Timing,
    /// The bounds.
    pub limits: &'a Limits,
    /// Takes secrets out of what is shown.
    pub redactor: &'a Arc<Redactor>,
    /// Asks the service itself how it is.
    pub probes: &'a dyn Probes,
    /// Reads what was measured.
    pub metrics: &'a dyn Metrics,
    /// Draws it.
    pub pictures: &'a dyn Pictures,
    /// What may be run in containers.
    pub checks: &'a Checks,
    /// The team's own manual.
    pub manual: &'a dyn Manual,
    /// What the person may see and do here, for help and completion.
    pub rights: &'a dyn Rights,
}

/// What a [`Record`] knows of its circumstances: the bot's own books to read, and neither a cluster nor a way to commit.
///
/// ```compile_fail,E0609
/// # use ceo_commands::ops::contract::RecordContext;
/// fn sneaky(cx: &RecordContext<'_>) {
///     let _ = cx.view.clusters();
/// }
/// ```
/// ```compile_fail,E0599
/// # use ceo_commands::{ops::contract::RecordContext, ports::Commit};
/// async fn sneaky(cx: &RecordContext<'_>) {
///     let _ = cx.records.commit(Commit::default()).await;
/// }
/// ```
#[derive(Clone, Copy)]
pub struct RecordContext<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    /// Where.
    pub place: &'a Place,
    /// In which language they read.
    pub locale: Locale,
    /// When.
    pub now: Timestamp,
    /// What is stored, for reading.
    pub records: &'a dyn Records,
    /// The team's own manual.
    pub manual: &'a dyn Manual,
}

/// What the guard says about a person, for commands that show it.
pub trait Rights: Send + Sync {
    /// The commands that there are, in the order of the help.
    fn commands(&self) -> Vec<&'static Spec>;
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
    /// How much it can do with these words, where that is more than the spec's.
    fn verb(&self) -> Verb {
        Verb::Read
    }
    /// What it is about.
    fn scope(&self) -> Scope;
    /// Whether the person wants the answer of a private command in the channel.
    fn shared(&self) -> bool {
        false
    }
}

impl Answer {
    /// The same with more small print under each of its reports.
    #[must_use]
    pub fn with_footer(self, note: &Text) -> Self {
        match self {
            Self::Once(report) => Self::Once(Box::new(report.footer(note))),
            Self::Pages(pages) => Self::Pages(pages.into_iter().map(|page| page.footer(note)).collect()),
            Self::Live(stream) => Self::Live(stream),
        }
    }
}

impl From<Report> for Answer {
    fn from(report: Report) -> Self {
        Self::Once(Box::new(report))
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

/// A command that writes the bot's own books: an event for one stored thing. The engine loads the thing, judges the asker
/// by where it is, asks its pure `step`, and commits; again when somebody else was faster.
pub trait Record: Send + Sync + 'static {
    /// What it is.
    const SPEC: Spec;
    /// The button that stands for it: its subject is the value of the first option.
    const BUTTON: Option<Act> = None;
    /// Its words.
    type Args: Send;
    /// What it is for.
    type Of: Stored;
    /// Reads the words.
    ///
    /// # Errors
    /// What was wrong, and what would be right.
    fn parse(input: &mut Input) -> Result<Self::Args, BadInput>;
    /// What happens, and to which thing. Asked anew each time that somebody else was faster.
    fn event(
        &self,
        args: Self::Args,
        cx: &RecordContext<'_>,
    ) -> impl Future<Output = Result<EventFor<Self::Of>, Failure>> + Send;
    /// What the asker reads when it is stored.
    fn told(&self, now: &Self::Of) -> Report;
}

/// An event for one stored thing.
pub struct EventFor<S: Stored> {
    /// Which.
    pub id: S::Id,
    /// What happens to it.
    pub event: S::Event,
    /// Where, for a thing that is nowhere itself; else it says so.
    pub at: Option<Scope>,
}

/// A reason to look twice, told on the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// A sentence.
    pub note: Text,
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
    /// What the Event on the object is called when it went as planned: `CeoScaled`.
    const EVENT: &'static str;
    /// Its steps, in order, when all goes well. Append-only: tickets of earlier releases are taken up by them.
    const STEPS: &'static [&'static str];
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
    ) -> impl Future<Output = Result<Finished, Failure>> + Send;
}

/// How a run ended, and what its message says then. The one is never derived from the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// How.
    pub outcome: Outcome,
    /// What the message says.
    pub report: Report,
}
