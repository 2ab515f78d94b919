//! Commands of different types behind one: how the engine holds a query and a change without knowing their words.

use futures::future::BoxFuture;
use serde_json::Value;

use super::{
    Run,
    contract::{Answer, Args, Change, Context, Draft, Query, Spec},
};
use crate::{
    failure::Failure,
    input::{BadInput, Input},
    model::{Report, Scope},
    policy::Verb,
};

/// What the words of a request say before anything is looked at.
pub struct Inspected {
    /// How much they can do.
    pub verb: Verb,
    /// Where.
    pub scope: Scope,
    /// Whether the answer of a private command is wanted in the channel.
    pub shared: bool,
}

impl Inspected {
    fn of(args: &impl Args) -> Self {
        Self {
            verb: args.verb(),
            scope: args.scope(),
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
    /// Executes a stored plan.
    fn execute<'a>(&'a self, plan: Value, run: &'a Run<'a>) -> BoxFuture<'a, Result<Report, Failure>>;
}

/// How a command works.
pub enum Handler {
    /// It shows.
    Query(Box<dyn AnyQuery>),
    /// It changes.
    Change(Box<dyn AnyChange>),
}

/// A command of the catalogue.
pub struct Entry {
    /// What it is.
    pub spec: Spec,
    /// How it works.
    pub handler: Handler,
}

impl Entry {
    /// A query.
    pub fn query<T: Query>(query: T) -> Self {
        Self {
            spec: T::SPEC,
            handler: Handler::Query(Box::new(Typed(query))),
        }
    }

    /// A change.
    pub fn change<T: Change>(change: T) -> Self {
        Self {
            spec: T::SPEC,
            handler: Handler::Change(Box::new(Typed(change))),
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

    fn execute<'a>(&'a self, plan: Value, run: &'a Run<'a>) -> BoxFuture<'a, Result<Report, Failure>> {
        Box::pin(async move {
            let plan = serde_json::from_value(plan)
                .map_err(|e| Failure::Internal(format!("the stored plan is of an earlier version: {e}")))?;
            self.0.execute(plan, run).await
        })
    }
}
