//! What ended a problem: what was done to its workload while it lasted, and when all was ready again.

use super::{
    change::{latest, maker, scaling, wrote},
    found,
    scene::{Look, Scene},
    sightings::owner_of_job,
    surroundings::Surroundings,
};
use crate::{
    cluster::{Cached, Revision, WorkloadObject},
    health::{
        job::{self, JobState},
        pod::{self, is_counted},
    },
    incident::{Key, Left, Owner, Problem},
    model::{Text, Timestamp},
    objects::{Job, Node, Pod},
    redact::Redactor,
    texts::incident,
    ticket::{Stage, Ticket},
};

/// The time of a problem, for what may have ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub opened: Timestamp,
    /// The generation of its owner then.
    pub generation: Option<i64>,
    /// When it was last seen. Who wrote just before that ended it; where nobody did, who wrote next.
    pub last_seen: Timestamp,
    /// When it was over at the latest: what came later did not end it.
    pub until: Timestamp,
}

/// What was done to a workload while its problem lasted, and may have ended it: of the bot's own changes and of those that
/// came past it. Times of objects have whole seconds, so that the generation decides within one.
#[must_use]
pub fn ended_by(
    object: &WorkloadObject,
    revisions: &[Revision],
    tickets: &[Ticket],
    span: Span,
    quotes: Option<&Redactor>,
) -> Option<Text> {
    let last = object.last_change();
    let latest = latest(object, last.as_ref(), revisions, tickets);
    let made = last.as_ref().and_then(|changed| maker(changed, tickets));
    let wrote = |t: &Ticket| {
        wrote(t) || matches!(t.stage, Stage::Running(_)) || made.is_some_and(|made| made.id == t.id)
    };
    let ours = tickets
        .iter()
        .filter(|t| wrote(t))
        .filter_map(|t| Some((t.started?, Some(t))));
    let grew = span.generation.is_some_and(|then| object.generation() > then);
    let foreign = latest.as_ref().filter(|latest| latest.is_foreign());
    let began = |at: Timestamp| match span.generation {
        Some(_) => grew && at.as_second() >= span.opened.as_second(),
        None => at > span.opened,
    };
    let dated = foreign.and_then(|latest| latest.at).filter(|at| began(*at));
    let in_time = |at: Timestamp| at.as_second() <= span.until.as_second();
    let mut all: Vec<(Timestamp, Option<&Ticket>)> = ours
        .filter(|(at, _)| *at >= span.opened)
        .chain(dated.map(|at| (at, None)))
        .filter(|(at, _)| in_time(*at))
        .collect();
    all.sort_by_key(|(at, ticket)| (*at, ticket.is_none()));
    let before = |(at, _): &&(Timestamp, Option<&Ticket>)| at.as_second() <= span.last_seen.as_second();
    match all.iter().rfind(before).or(all.first()) {
        Some((_, Some(ticket))) => {
            let user = ticket.requester.user;
            Some(incident::by_ticket(&ticket.command, ticket.id, user))
        }
        Some((_, None)) => foreign.map(|latest| incident::by_change(&latest.line(quotes))),
        None if !grew => None,
        None => not_dated(object, foreign, span, quotes),
    }
}

/// A new generation that no dated change explains. An autoscaler's may be it, and a change that came too late.
fn not_dated(
    object: &WorkloadObject,
    foreign: Option<&super::change::Latest<'_>>,
    span: Span,
    quotes: Option<&Redactor>,
) -> Option<Text> {
    let last = object.last_change().and_then(|changed| changed.at);
    let late = |at: Timestamp| at.as_second() > span.until.as_second();
    if object.may_be_autoscaled_since(span.opened)
        || last.is_some_and(late)
        || foreign.and_then(|f| f.at).is_some_and(late)
    {
        return None;
    }
    if let Some(taken_away) = foreign.filter(|latest| latest.at.is_none()) {
        return Some(incident::by_change(&taken_away.line(quotes)));
    }
    // Whoever takes a field away owns nothing by that, and leaves no entry; who scales leaves no time.
    let in_time = |at: Timestamp| at.as_second() >= span.opened.as_second() && !late(at);
    Some(match object.scaled() {
        Some(scaled) => match scaled.seen {
            None => incident::by_somebody_maybe(&scaling(scaled)),
            Some(seen) if in_time(seen.at) => incident::by_change(&scaling(scaled)),
            Some(_) => incident::by_somebody(),
        },
        None => incident::by_somebody(),
    })
}

/// What a workload lacks whose problem is over; `None` where all of its pods are ready and nothing of them fails.
#[must_use]
pub fn left(cached: &Cached, object: &WorkloadObject, look: Look<'_>) -> Option<Left> {
    let rollout = object.rollout(look.now);
    let (pods, around) = (cached.pods_of(&object.workload()), Surroundings::of(cached));
    let look = look.among(&around);
    let scene = Scene {
        rollout: &rollout,
        workload: Some(object),
        pods: pods.iter().map(AsRef::as_ref).collect(),
        look,
    };
    let refused = found::refused(&scene).filter(|found| found.is_due(look));
    let of_pods = scene.pods.iter().filter_map(|pod| found::of_pod(pod, look));
    let fails = of_pods.chain(refused).any(|found| found.is_failure());
    let serves = |pod: &&&Pod| is_counted(pod) && pod::is_ready(Some(pod));
    let ready = i32::try_from(scene.pods.iter().filter(serves).count()).unwrap_or(i32::MAX);
    (fails || ready < rollout.desired).then_some(Left::Pods {
        ready: ready.min(rollout.desired),
        desired: rollout.desired,
    })
}

/// How a Job stands, or the newest of a CronJob's.
#[must_use]
pub fn last_job(cached: &Cached, owner: &Owner) -> JobState {
    let jobs = cached.list::<Job>();
    let own = jobs.iter().filter(|job| owner_of_job(job) == *owner);
    let newest = own.max_by_key(|job| (job.metadata.creation_timestamp, job.metadata.name.clone()));
    job::state(newest.map(AsRef::as_ref))
}

/// When all was ready again, as the objects tell: their clock, not the moment at which somebody looked.
#[must_use]
pub fn recovered_at(cached: &Cached, key: &Key) -> Option<Timestamp> {
    if key.problem == Problem::NodeNotReady {
        let node = cached.get::<Node>(&key.owner.name)?;
        return crate::health::node::state(&node).since;
    }
    let pods: Vec<_> = match key.workload() {
        Some(workload) => cached.pods_of(&workload),
        None => cached.get::<Pod>(&key.owner.name).into_iter().collect(),
    };
    let mut latest = None;
    for pod in pods.iter().filter(|p| is_counted(p)) {
        let ready = pod.status.condition("Ready").filter(|c| c.status == "True")?;
        latest = latest.max(Some(ready.last_transition_time?));
    }
    latest
}
