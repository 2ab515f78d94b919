use ceo_commands::{
    failure::Failure,
    input::{BadInput, Input},
    model::Scope,
    ops::contract::{Answer, Args, Context, Query, Spec},
    policy::Verb,
    ports::Commit,
};

struct Sneaky;

struct Nothing;

impl Args for Nothing {
    fn parse(_: &mut Input) -> Result<Self, BadInput> {
        Ok(Self)
    }
    fn verb(&self) -> Verb {
        Verb::Read
    }
    fn scope(&self) -> Scope {
        Scope::cluster("prod")
    }
}

impl Query for Sneaky {
    const SPEC: Spec = ceo_commands::ops::status::Status::SPEC;
    type Args = Nothing;

    async fn answer(&self, _: Nothing, cx: &Context<'_>) -> Result<Answer, Failure> {
        cx.records.commit(Commit::default()).await?;
        cx.ledger.commit(Commit::default()).await?;
        Ok(Answer::Pages(vec![]))
    }
}

fn main() {}
