//! Commands of different types behind one: how the engine holds a query and a change without knowing their words.

use std::time::Duration;

use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;

use super::contract::{
    Answer, Args, Change, Context, Draft, EventFor, Finished, Query, Record, RecordContext, Spec,
};
use crate::{
    failure::Failure,
    input::{BadInput, Input},
    model::{Act, Refusal, Report, Scope},
    policy::{Rules, Verb},
    ports::Ports,
    stored::{Author, Laws, Prepared, Stored},
    texts,
    workflow::Run,
};

/// What the words of a request say before anything is looked at.
pub struct Inspected {
    /// How much they can do.
    pub verb: Verb,
    /// Where; `None` where only the stored thing tells.
    pub scope: Option<Scope>,
    /// Whether the answer of a private command is wanted in the channel.
    pub shared: bool,
}

impl Inspected {
    fn of(args: &impl Args) -> Self {
        Self {
            verb: args.verb(),
            scope: Some(args.scope()),
            shared: args.shared(),
        }
    }
}

/// A query whose types are forgotten.
pub trait AnyQuery: Send + Sync {
    /// How much the words can do, and where.
    ///
    /// # Errors
    /// When the words do not fit.
    fn inspect(&self, input: Input) -> Result<Inspected, BadInput>;
    /// Answers.
    fn answer<'a>(&'a self, input: Input, cx: &'a Context<'a>) -> BoxFuture<'a, Result<Answer, Failure>>;
}

/// A change whose types are forgotten; its plan is JSON.
pub trait AnyChange: Send + Sync {
    /// How much the words can do, and where.
    ///
    /// # Errors
    /// When the words do not fit.
    fn inspect(&self, input: Input) -> Result<Inspected, BadInput>;
    /// Plans.
    fn plan<'a>(&'a self, input: Input, cx: &'a Context<'a>) -> BoxFuture<'a, Result<Draft<Value>, Failure>>;
    /// Whether this release can read a stored plan.
    fn reads(&self, plan: &Value) -> bool;
    /// Executes a stored plan.
    fn execute<'a>(&'a self, plan: Value, run: &'a Run<'a>) -> BoxFuture<'a, Result<Finished, Failure>>;
    /// What the Event on the object is called when it went as planned.
    fn event_reason(&self) -> &'static str;
    /// Its steps when all goes well.
    fn steps(&self) -> &'static [&'static str];
    /// How long it may run.
    fn deadline(&self) -> Duration;
}

/// What stands between an event and the books.
pub struct Desk<'a> {
    /// The books.
    pub ports: &'a Ports,
    /// The rules that steps are decided by.
    pub rules: &'a Rules,
    /// In whose name.
    pub author: Author<'a>,
    /// Whether the asker may do this to something there.
    pub may: &'a (dyn Fn(&[Scope]) -> Result<(), Failure> + Send + Sync),
}

/// A record whose types are forgotten.
pub trait AnyRecord: Send + Sync {
    /// Whether the words fit.
    ///
    /// # Errors
    /// When they do not.
    fn check(&self, input: Input) -> Result<(), BadInput>;
    /// Loads the thing and gives what is to be stored, with what the asker reads then.
    fn prepare<'a>(
        &'a self,
        input: Input,
        cx: &'a RecordContext<'a>,
        desk: &'a Desk<'a>,
    ) -> BoxFuture<'a, Result<Prepared<Report>, Failure>>;
}

/// How a command works.
pub enum Handler {
    /// It shows.
    Query(Box<dyn AnyQuery>),
    /// It writes the bot's own books.
    Record(Box<dyn AnyRecord>),
    /// It changes.
    Change(Box<dyn AnyChange>),
}

/// A command of the catalogue.
pub struct Entry {
    /// What it is.
    pub spec: Spec,
    /// How it works.
    pub handler: Handler,
    /// The button that stands for it.
    pub button: Option<Act>,
}

impl Entry {
    /// A query.
    pub fn query<T: Query>(query: T) -> Self {
        Self {
            spec: T::SPEC,
            handler: Handler::Query(Box::new(Typed(query))),
            button: None,
        }
    }

    /// A change.
    pub fn change<T: Change>(change: T) -> Self {
        Self {
            spec: T::SPEC,
            handler: Handler::Change(Box::new(Typed(change))),
            button: None,
        }
    }

    /// A record.
    pub fn record<T: Record>(record: T) -> Self {
        Self {
            spec: T::SPEC,
            handler: Handler::Record(Box::new(Typed(record))),
            button: T::BUTTON,
        }
    }

    /// How much the words can do, and where; never less than the spec says.
    ///
    /// # Errors
    /// When the words do not fit.
    pub fn inspect(&self, input: Input) -> Result<Inspected, BadInput> {
        let said = match &self.handler {
            Handler::Query(query) => query.inspect(input)?,
            Handler::Change(change) => change.inspect(input)?,
            Handler::Record(record) => {
                record.check(input)?;
                Inspected {
                    verb: self.spec.verb,
                    scope: None,
                    shared: false,
                }
            }
        };
        Ok(Inspected {
            verb: said.verb.max(self.spec.verb),
            ..said
        })
    }
}

struct Typed<T>(T);

fn parse<A: Args>(mut input: Input) -> Result<A, BadInput> {
    let args = A::parse(&mut input)?;
    input.finish()?;
    Ok(args)
}

impl<T: Query> AnyQuery for Typed<T> {
    fn inspect(&self, input: Input) -> Result<Inspected, BadInput> {
        parse::<T::Args>(input).map(|args| Inspected::of(&args))
    }

    fn answer<'a>(&'a self, input: Input, cx: &'a Context<'a>) -> BoxFuture<'a, Result<Answer, Failure>> {
        Box::pin(async move { self.0.answer(parse(input)?, cx).await })
    }
}

impl<T: Record> AnyRecord for Typed<T> {
    fn check(&self, mut input: Input) -> Result<(), BadInput> {
        T::parse(&mut input)?;
        input.finish()
    }

    fn prepare<'a>(
        &'a self,
        mut input: Input,
        cx: &'a RecordContext<'a>,
        desk: &'a Desk<'a>,
    ) -> BoxFuture<'a, Result<Prepared<Report>, Failure>> {
        Box::pin(async move {
            let args = T::parse(&mut input)?;
            input.finish()?;
            let EventFor { id, event, at } = self.0.event(args, cx).await?;
            let loaded = T::Of::load(cx.records, id).await?;
            let before = loaded.ok_or_else(|| Refusal(T::Of::absent(id)))?;
            (desk.may)(&at.map_or_else(|| before.scopes(), |at| vec![at]))?;
            let laws = Laws {
                rules: desk.rules,
                timing: &desk.ports.timing,
                now: cx.now,
            };
            let (next, effects) = before.step(event, &laws)?;
            let prepared = Prepared::of(desk.ports, Some(&before), next, effects, &desk.author);
            Ok(prepared.map(|next| self.0.told(&next)))
        })
    }
}

impl<T: Change> AnyChange for Typed<T> {
    fn inspect(&self, input: Input) -> Result<Inspected, BadInput> {
        parse::<T::Args>(input).map(|args| Inspected::of(&args))
    }

    fn plan<'a>(&'a self, input: Input, cx: &'a Context<'a>) -> BoxFuture<'a, Result<Draft<Value>, Failure>> {
        Box::pin(async move {
            let draft = self.0.plan(parse(input)?, cx).await?;
            let plan = serde_json::to_value(&draft.plan)
                .map_err(|e| Failure::Internal(format!("a plan that JSON cannot hold: {e}")))?;
            Ok(Draft {
                plan,
                preview: draft.preview,
                verb: draft.verb,
                scopes: draft.scopes,
                risks: draft.risks,
                preconditions: draft.preconditions,
                targets: draft.targets,
            })
        })
    }

    fn reads(&self, plan: &Value) -> bool {
        T::Plan::deserialize(plan).is_ok()
    }

    fn execute<'a>(&'a self, plan: Value, run: &'a Run<'a>) -> BoxFuture<'a, Result<Finished, Failure>> {
        Box::pin(async move {
            let plan = serde_json::from_value(plan).map_err(|error| {
                tracing::error!(%error, "the stored plan is of another release");
                Failure::NotKnown(texts::workflow::unreadable())
            })?;
            self.0.execute(plan, run).await
        })
    }

    fn event_reason(&self) -> &'static str {
        T::EVENT
    }

    fn steps(&self) -> &'static [&'static str] {
        T::STEPS
    }

    fn deadline(&self) -> Duration {
        T::SPEC.deadline
    }
}
