//! A change of a workload's pod template, from its write to its end: written once, followed, paused by *Hold*, resumed,
//! turned back. What a command adds is which template, and its words.

use json_patch::PatchOperation;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::{
    buttons,
    contract::Finished,
    follow::{End, Follow, Followed},
};
use crate::{
    cluster::{ClusterError, WorkloadObject, hash, patch, same_template},
    failure::{Failure, Moved},
    input::BadInput,
    model::{Action, Text, Workload, WorkloadKind},
    texts::{self, workflow::step},
    ticket::{Before, Directive, Outcome, Precondition},
    workflow::{Observed, Run, Told, Written},
};

/// The field.
pub(super) const TEMPLATE: &str = "/spec/template";
/// Whether the Deployment controller leaves the rollout alone.
pub(super) const PAUSED: &str = "/spec/paused";

/// A change of a template.
pub(super) struct TemplateChange<'a> {
    run: &'a Run<'a>,
    workload: &'a Workload,
    /// What the plan rests on; its template is the one that ran before.
    object: &'a Precondition,
    to: To<'a>,
    back: Template<'a>,
    steps: Steps,
}

/// The steps of a command that writes a template.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    /// Writes it.
    pub(super) write: &'static str,
    /// Follows it to its end.
    pub(super) follow: &'static str,
}

/// What a command says of its change.
pub(super) struct Words<'a> {
    /// `Rolling back deployment/x to revision 7`.
    pub(super) doing: Text,
    /// `Rollback to revision 7`.
    pub(super) noun: Text,
    /// `Rolled back deployment/x to revision 7`, given the object at its end.
    pub(super) done: Box<dyn Fn(&WorkloadObject) -> Text + Send + Sync + 'a>,
    /// The button that asks for the way back, when it sticks and there is one.
    pub(super) way_back: Option<Action>,
}

/// What a change makes of the template.
pub(super) enum Goal<'a> {
    /// The one of that hash, of the history.
    OfHistory(&'a str),
    /// What these write into the one that runs.
    Fields(Vec<PatchOperation>),
}

enum To<'a> {
    History(Template<'a>),
    Fields(Vec<PatchOperation>),
}

/// A template that is known by its hash, and read from the history when it is needed: it may hold what must not be stored.
struct Template<'a> {
    hash: &'a str,
    read: OnceCell<Value>,
}

impl<'a> Template<'a> {
    fn of(hash: &'a str) -> Self {
        Self {
            hash,
            read: OnceCell::new(),
        }
    }
}

/// A rollout that is paused makes no pods of a new template. `paused` says that of it.
///
/// # Errors
/// When it is.
pub(super) fn must_go_on(object: &WorkloadObject, paused: fn(&str) -> Text) -> Result<(), BadInput> {
    let name = object.workload().short();
    if object.paused() {
        return Err(BadInput::new(paused(&name)).hint(texts::rollback::resume_first(&name)));
    }
    Ok(())
}

/// What writes a template.
pub(super) fn operations(template: &Value) -> Vec<PatchOperation> {
    vec![patch::replace(TEMPLATE, template.clone())]
}

impl<'a> TemplateChange<'a> {
    /// A change of the object's template.
    pub(super) fn new(
        run: &'a Run<'a>,
        workload: &'a Workload,
        object: &'a Precondition,
        to: Goal<'a>,
        steps: Steps,
    ) -> Self {
        let held = object.fields.iter().find(|(path, _)| path == TEMPLATE);
        Self {
            run,
            workload,
            object,
            to: match to {
                Goal::OfHistory(hash) => To::History(Template::of(hash)),
                Goal::Fields(operations) => To::Fields(operations),
            },
            back: Template::of(held.map_or("", |(_, hash)| hash)),
            steps,
        }
    }

    /// Writes it and follows it to its end, or back.
    ///
    /// # Errors
    /// As [`Run::once`] and [`Run::wait`].
    pub(super) async fn run(&self, words: &Words<'_>) -> Result<Finished, Failure> {
        let run = self.run;
        if run.began(step::RESTORE_BACK).is_none() {
            let written = self.write().await?;
            run.release().await?;
            if let Some(finished) = self.follow(written, words).await? {
                return Ok(finished);
            }
            run.reclaim().await?;
        }
        run.obey(Directive::RollBack);
        let written = self.turn_back().await?;
        run.release().await?;
        self.following_back(written, words)
            .await
            .to_the_end(step::FOLLOW_BACK)
            .await
    }

    async fn write(&self) -> Result<Written, Failure> {
        let (step, object) = (self.steps.write, self.object);
        self.run
            .once(
                step,
                |writer| async move {
                    let ops = match &self.to {
                        To::History(template) => operations(&self.template(template).await?),
                        To::Fields(ops) => ops.clone(),
                    };
                    Ok(Written::of(&writer.patch(object, &ops).await?))
                },
                |before| async move {
                    match &self.to {
                        To::History(template) => self.observe(step, object, before, template).await,
                        To::Fields(ops) => {
                            let visible = |now: &Value| patch::is_done_in(ops, now);
                            self.run.look(step, object, before, visible).await
                        }
                    }
                },
            )
            .await
    }

    /// Whether the template was written. Where the history has lost it since, nothing tells.
    async fn observe(
        &self,
        step: &str,
        object: &Precondition,
        before: Option<Before>,
        template: &Template<'_>,
    ) -> Result<Observed<Written>, Failure> {
        match self.template(template).await {
            Ok(template) => {
                let visible = |now: &Value| holds(now, &template);
                self.run.look(step, object, before, visible).await
            }
            Err(Failure::Stale(_)) => Ok(Observed::NotKnown(texts::workflow::not_known(&object.name))),
            Err(failure) => Err(failure),
        }
    }

    /// Follows to the end; `None` when it is to be turned back.
    async fn follow(&self, written: Written, words: &Words<'_>) -> Result<Option<Finished>, Failure> {
        let run = self.run;
        let what = self.following(written, words).await;
        loop {
            if let Some(number) = outstanding(run)
                && run.directive() == Directive::Continue
            {
                self.pause(&format!("resume {number}"), false).await?;
            }
            match what.until_told(self.steps.follow).await? {
                Followed::Ended(finished) => return Ok(Some(*finished)),
                Followed::Told(Directive::Hold) => {
                    let mut state = None;
                    if self.workload.kind == WorkloadKind::Deployment {
                        let number = outstanding(run).unwrap_or_else(|| next(run));
                        self.pause(&format!("pause {number}"), true).await?;
                        state = Some(texts::workflow::rollout_is_paused());
                    }
                    if run.checkpoint_in(state).await? == Told::RollBack {
                        return Ok(None);
                    }
                }
                Followed::Told(_) => return Ok(None),
            }
        }
    }

    /// The object as the write left it.
    fn left(&self) -> Precondition {
        let left = self.run.left_by(self.steps.write);
        left.unwrap_or_else(|| self.object.clone())
    }

    /// Pauses or resumes the rollout, as a step of its own.
    async fn pause(&self, step: &str, paused: bool) -> Result<(), Failure> {
        let run = self.run;
        let left = self.left();
        let (left, ops) = (&left, &[patch::add(PAUSED, paused)]);
        run.reclaim().await?;
        run.once(
            step,
            |writer| async move { Ok(Written::of(&writer.patch(left, ops).await?)) },
            |before| run.look(step, left, before, |now| patch::is_done_in(ops, now)),
        )
        .await?;
        run.release().await
    }

    /// Resumes and restores, in one patch.
    async fn turn_back(&self) -> Result<Written, Failure> {
        let run = self.run;
        let left = self.left();
        let (left, paused) = (&left, outstanding(run).is_some());
        run.once(
            step::RESTORE_BACK,
            |writer| async move {
                let mut ops = operations(&self.template(&self.back).await?);
                if paused {
                    ops.push(patch::add(PAUSED, false));
                }
                Ok(Written::of(&writer.patch(left, &ops).await?))
            },
            |before| self.observe(step::RESTORE_BACK, left, before, &self.back),
        )
        .await
    }

    async fn following<'w>(&'w self, written: Written, words: &'w Words<'_>) -> Follow<'w> {
        let run = self.run;
        let ticket = run.permit().ticket();
        let mut all = vec![buttons::roll_back_now(ticket)];
        if self.workload.kind == WorkloadKind::Deployment {
            all.insert(0, buttons::hold(ticket));
        }
        let template = match &self.to {
            To::History(template) => run.answered(|| self.template(template)).await.ok(),
            To::Fields(_) => None,
        };
        let is_ours = move |object: &WorkloadObject| match &self.to {
            To::History(_) => is_template_of(object, template.as_ref()),
            // What comes out of the caches holds its template, and not the whole object.
            To::Fields(ops) => {
                let template = json!({ "spec": { "template": object.template() } });
                patch::is_done_in(ops, &template)
            }
        };
        Follow {
            run,
            workload: self.workload,
            generation: written.generation,
            since: run.began(self.steps.write).unwrap_or_else(|| run.now()),
            end: End::Template,
            doing: words.doing.clone(),
            noun: words.noun.clone(),
            done: Box::new(|object| (words.done)(object)),
            outcome: Outcome::Succeeded,
            buttons: all,
            way_back: words.way_back.clone(),
            ours: Box::new(is_ours),
        }
    }

    async fn following_back<'w>(&'w self, written: Written, words: &'w Words<'_>) -> Follow<'w> {
        let name = self.workload.short();
        let template = self.run.answered(|| self.template(&self.back)).await.ok();
        Follow {
            since: self
                .run
                .began(step::RESTORE_BACK)
                .unwrap_or_else(|| self.run.now()),
            doing: texts::rollback::going_back(&name),
            noun: texts::rollback::back_noun(),
            done: Box::new(move |_| texts::rollback::gone_back(&name)),
            outcome: Outcome::RolledBack,
            buttons: vec![],
            way_back: None,
            ours: Box::new(move |object| is_template_of(object, template.as_ref())),
            ..self.following(written, words).await
        }
    }

    async fn template(&self, of: &Template<'_>) -> Result<Value, Failure> {
        of.read
            .get_or_try_init(|| self.in_history(of.hash))
            .await
            .cloned()
    }

    /// The template of a hash, from the history.
    async fn in_history(&self, wanted: &str) -> Result<Value, Failure> {
        let (workload, view) = (self.workload, self.run.view());
        let gone = |field: String, how: Text| {
            Failure::Stale(Moved {
                field,
                by: None,
                at: None,
                how: Some(how),
            })
        };
        let cached = view
            .cached(&workload.cluster, &workload.namespace)?
            .workload(workload);
        let object = match cached {
            Some(object) => object,
            None => match view.workload(workload).await {
                Ok(object) => object,
                Err(ClusterError::NotFound { .. }) => {
                    return Err(gone(workload.short(), texts::cluster::deleted()));
                }
                Err(error) => return Err(error.into()),
            },
        };
        let revisions = view.revisions(&object).await?;
        let found = revisions.into_iter().find(|r| hash(Some(&r.template)) == wanted);
        let lost = || gone("revision".to_owned(), texts::rollback::gone_from_history());
        found.map(|r| r.template).ok_or_else(lost)
    }
}

fn holds(object: &Value, template: &Value) -> bool {
    object
        .pointer(TEMPLATE)
        .is_some_and(|now| same_template(now, template))
}

/// A history that has lost the template says nothing against it.
fn is_template_of(object: &WorkloadObject, template: Option<&Value>) -> bool {
    template.is_none_or(|template| same_template(&object.template(), template))
}

/// The pause that began and is not resumed.
fn outstanding(run: &Run<'_>) -> Option<usize> {
    (1..next(run))
        .rev()
        .find(|number| !run.is_done(&format!("resume {number}")))
}

/// The number of the next pause.
fn next(run: &Run<'_>) -> usize {
    let mut number = 1;
    while run.began(&format!("pause {number}")).is_some() {
        number += 1;
    }
    number
}
