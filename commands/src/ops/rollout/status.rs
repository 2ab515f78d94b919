//! `/ceo rollout status`: follows a rollout to its end, whoever began it, as `kubectl rollout status` does.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{Stream, stream};
use tokio::sync::watch;

use super::super::{
    contract::{Answer, Args, Context, Query, Spec},
    follow, options, quote, rights, status,
    workload_card::{self, Facts},
};
use crate::{
    cluster::{Cached, View, WorkloadObject},
    diagnosis::{self, Look, Surroundings},
    failure::Failure,
    health::rollout::{Rollout, RolloutState},
    incident::{LastChange, Timing},
    input::{BadInput, Input},
    line,
    model::{Action, Report, Scope, Tone, Workload, WorkloadName},
    objects::Node,
    policy::Verb,
    ports::Clock,
    redact::Redactor,
    texts::{rollout as say, status as status_texts},
    ticket::Ticket,
};

/// The command.
pub struct RolloutStatus;

/// Its words.
pub struct RolloutStatusArgs(WorkloadName);

impl Args for RolloutStatusArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        input.take(&options::WORKLOAD).map(Self)
    }

    fn scope(&self) -> Scope {
        self.0.scope()
    }
}

impl Query for RolloutStatus {
    const SPEC: Spec = Spec::new("rollout status", Verb::Read)
        .stands_for(&["kubectl rollout status"])
        .about(say::status)
        .options(&[&options::WORKLOAD])
        .rbac(rights::READ_WORKLOADS);
    type Args = RolloutStatusArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let workload = cx.view.resolve(&args.0).await?;
        let cached = cx.view.cached(&workload.cluster, &workload.namespace)?;
        cached.fresh_again().await?;
        // Asked of the API server itself: the caches may not have the change yet that is to be followed.
        let object = cx.view.workload(&workload).await?;
        let redactor = quote::redactor(&workload.scope(), true, cx).await;
        let way_back = status::way_back(&object, &cached, cx).await?;
        let followed = Followed {
            tickets: diagnosis::tickets_of(cx.records, &workload).await?,
            view: cx.view.clone(),
            changes: cached.changed(),
            cached,
            generation: object.generation(),
            uid: object.uid().to_owned(),
            redactor,
            way_back,
            clock: Arc::clone(cx.clock),
            timing: cx.timing.incident,
            every: cx.timing.progress_every,
            began: Instant::now(),
            workload,
        };
        Ok(Answer::Live(Box::pin(reports(followed))))
    }
}

/// For how long it was followed is told from here on: what had ended before was not followed.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// A rollout that is followed.
struct Followed {
    workload: Workload,
    /// Of the object as the API server had it at the beginning: what is older is of before.
    generation: i64,
    uid: String,
    view: View,
    cached: Cached,
    changes: watch::Receiver<u64>,
    tickets: Vec<Ticket>,
    redactor: Option<Arc<Redactor>>,
    way_back: Option<Action>,
    clock: Arc<dyn Clock>,
    timing: Timing,
    every: Duration,
    began: Instant,
}

/// What one look shows, and whether there is more to come.
struct Shown {
    report: Report,
    over: bool,
}

/// A report whenever something changes, and every few seconds, until the rollout has come to an end.
fn reports(followed: Followed) -> impl Stream<Item = Report> + Send + 'static {
    stream::unfold(Some((followed, true)), |state| async move {
        let (mut followed, first) = state?;
        if !first {
            let every = followed.every;
            drop(tokio::time::timeout(every, followed.changes.changed()).await);
        }
        followed.changes.mark_unchanged();
        let Shown { report, over } = followed.look();
        Some((report, (!over).then_some((followed, false))))
    })
}

impl Followed {
    fn look(&self) -> Shown {
        let name = self.workload.short();
        let report = |tone, title| Report::new(tone, title).at(self.workload.scope().place());
        let silent = self.cached.error();
        let object = match self.cached.workload(&self.workload) {
            Some(object) if object.uid() == self.uid => object,
            _ if silent.is_some() || !self.cached.synced() => {
                let at = silent.and_then(|(_, at)| at);
                return Shown {
                    report: report(Tone::Waiting, say::noun_of(&name)).line(say::not_seen_now(at)),
                    over: false,
                };
            }
            // Another one of that name is not the one that was asked about.
            _ => {
                return Shown {
                    report: report(Tone::Off, line![name, " ", status_texts::gone()]),
                    over: true,
                };
            }
        };
        let now = self.clock.now();
        let rollout = object.rollout(now);
        let pods = self.cached.pods_of(&self.workload);
        if object.generation() < self.generation {
            return Shown {
                report: report(Tone::Info, say::noun_of(&name)).line(say::behind()),
                over: false,
            };
        }
        let around = self.around();
        let look = Look::new(now, &self.timing)
            .quoting(self.redactor.as_deref())
            .among(&around);
        let facts = Facts::new(&object, &rollout, &pods, look);
        let mut shown =
            workload_card::of_rollout(&facts).block(follow::bar(&rollout, &self.cached.new_pods_of(&object)));
        if let Some(change) = self.last_change(&object) {
            shown = shown.field(status_texts::last_change(), change.line);
        }
        if let Some((_, at)) = silent {
            return Shown {
                report: shown.line(say::not_seen_now(at)),
                over: false,
            };
        }
        let over = is_over(&rollout);
        if over {
            let watched = self.began.elapsed();
            if watched >= WORTH_TELLING {
                shown = shown.footer(say::watched_for(watched));
            }
            if rollout.state == RolloutState::Stuck {
                shown.actions.extend(self.way_back.clone());
            }
        } else if rollout.state == RolloutState::Paused {
            shown = shown.action(super::resume::button(&self.workload));
        }
        Shown { report: shown, over }
    }

    fn around(&self) -> Surroundings {
        let around = Surroundings::of(&self.cached);
        match self.view.cluster_scope(&self.workload.cluster) {
            Ok(whole) => {
                let nodes = whole.list::<Node>();
                around.on(nodes.iter().map(AsRef::as_ref))
            }
            // Without the nodes less is explained, and nothing wrong.
            Err(_) => around,
        }
    }

    fn last_change(&self, object: &WorkloadObject) -> Option<LastChange> {
        let revisions = self.view.cached_revisions(object).ok()?;
        diagnosis::last_change(object, &revisions, &self.tickets, self.redactor.as_deref())
    }
}

/// Whether kubectl would end here. A rollout that is paused may go on.
fn is_over(rollout: &Rollout) -> bool {
    matches!(
        rollout.state,
        RolloutState::Complete | RolloutState::Stuck | RolloutState::OnDelete | RolloutState::Gone
    )
}
