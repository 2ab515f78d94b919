//! A change of a workload's count while it runs: set once, followed to its end, and set back when somebody says so.

use json_patch::PatchOperation;

use super::{
    autoscaled, buttons,
    contract::Finished,
    follow::{End, Follow, Followed},
};
use crate::{
    cluster::patch,
    failure::{Failure, Moved},
    model::{Action, Workload},
    texts::{self, workflow::step},
    ticket::{Directive, Outcome, Precondition},
    workflow::{Run, Written},
};

/// Where the count stands.
pub(super) const REPLICAS_FIELD: &str = "/spec/replicas";

/// What sets a count.
pub(super) fn operations(to: i32) -> Vec<PatchOperation> {
    vec![patch::replace(REPLICAS_FIELD, to)]
}

/// A change of a count that runs.
pub(super) struct CountChange<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) workload: &'a Workload,
    /// The object as the plan saw it.
    pub(super) precondition: &'a Precondition,
    pub(super) from: i32,
    pub(super) to: i32,
}

impl<'a> CountChange<'a> {
    /// Sets the count and follows it, and sets it back and follows that when somebody says so. `before` asks for the count
    /// before.
    pub(super) async fn run(&self, before: Action) -> Result<Finished, Failure> {
        let run = self.run;
        if run.began(step::SCALE_BACK).is_none() {
            let written = self.there().await?;
            run.release().await?;
            // Its only button turns it back.
            if let Followed::Ended(finished) =
                self.following(written, before).until_told(step::FOLLOW).await?
            {
                return Ok(*finished);
            }
            run.reclaim().await?;
        }
        run.obey(Directive::RollBack);
        let written = self.back().await?;
        run.release().await?;
        self.following_back(written).to_the_end(step::FOLLOW_BACK).await
    }

    /// Sets the count, once, unless an autoscaler has taken it over since it was asked.
    async fn there(&self) -> Result<Written, Failure> {
        let (run, workload) = (self.run, self.workload);
        let (object, ops) = (self.precondition, &operations(self.to));
        run.once(
            step::SCALE,
            |writer| async move {
                if let Some(scaler) = autoscaled::by(workload, run.view()).await? {
                    return Err(Failure::Stale(Moved {
                        field: format!("hpa/{}", scaler.name),
                        by: None,
                        at: None,
                        how: Some(texts::scale::hpa_since(&workload.short())),
                    }));
                }
                Ok(Written::of(&writer.patch(object, ops).await?))
            },
            |before| run.look(step::SCALE, object, before, |now| patch::is_done_in(ops, now)),
        )
        .await
    }

    /// Sets it back, once.
    async fn back(&self) -> Result<Written, Failure> {
        let run = self.run;
        let left = run.left_by(step::SCALE);
        let (object, ops) = (
            &left.unwrap_or_else(|| self.precondition.clone()),
            &operations(self.from),
        );
        run.once(
            step::SCALE_BACK,
            |writer| async move { Ok(Written::of(&writer.patch(object, ops).await?)) },
            |before| {
                run.look(step::SCALE_BACK, object, before, |now| {
                    patch::is_done_in(ops, now)
                })
            },
        )
        .await
    }

    fn following(&self, written: Written, before: Action) -> Follow<'a> {
        let (run, name) = (self.run, self.workload.short());
        let (from, to) = (self.from, self.to);
        let done = texts::scale::scaled(&name, from, to);
        Follow {
            run,
            workload: self.workload,
            generation: written.generation,
            since: run.began(step::SCALE).unwrap_or_else(|| run.now()),
            end: End::Count,
            doing: texts::scale::scaling(&name, from, to),
            noun: texts::scale::noun(to),
            done: Box::new(move |_| done.clone()),
            outcome: Outcome::Succeeded,
            buttons: vec![buttons::roll_back_now(run.permit().ticket())],
            way_back: Some(before),
            ours: Box::new(move |object| object.replicas() == Some(to)),
        }
    }

    fn following_back(&self, written: Written) -> Follow<'a> {
        let (run, name) = (self.run, self.workload.short());
        let (from, to) = (self.from, self.to);
        let done = texts::scale::set_back(&name, to, from);
        Follow {
            run,
            workload: self.workload,
            generation: written.generation,
            end: End::Count,
            since: run.began(step::SCALE_BACK).unwrap_or_else(|| run.now()),
            doing: texts::scale::scaling(&name, to, from),
            noun: texts::scale::noun(from),
            done: Box::new(move |_| done.clone()),
            outcome: Outcome::RolledBack,
            buttons: vec![],
            way_back: None,
            ours: Box::new(move |object| object.replicas() == Some(from)),
        }
    }
}
