//! Why what a CronJob makes does not work: its newest Job, or what its controller says.

use super::{
    super::contract::Context,
    case::{Case, Told},
    pods::Desk,
    single,
};
use crate::{
    cluster::missing,
    diagnosis::{Certainty, Evidence},
    failure::Failure,
    health::job::{self, JobState},
    input::ObjectName,
    model::{Text, Timestamp},
    objects::{CronJob, Event, Job, event_time},
    texts::diagnose as texts,
};

/// The case of a CronJob.
pub(super) async fn of_cronjob(name: &ObjectName, cx: &Context<'_>) -> Result<Case, Failure> {
    let scope = name.scope();
    let mut desk = Desk::open(scope.clone(), cx).await?;
    let all = desk.read::<CronJob>().await.needed()?;
    let Some(cronjob) = all.iter().find(|cronjob| *cronjob.metadata.name == *name.name) else {
        let names = all.iter().map(|cronjob| cronjob.metadata.name.to_string());
        return Err(missing::<CronJob>(&scope, &name.name, names).into());
    };
    desk.listen().await;
    let mut case = Case::new(format!("cronjob/{}", name.name), scope.place());
    let (spec, status) = (&cronjob.spec, &cronjob.status);
    let schedule = texts::schedule(&spec.schedule, status.last_schedule_time);
    case.looked(texts::schedule_word(), schedule);
    if spec.suspend {
        case.verdict = Some(texts::is_suspended());
    }
    if !case.sees::<Job>(&desk.cached) {
        case.unknown = true;
        return Ok(case);
    }
    let mut jobs = desk.cached.list::<Job>();
    jobs.retain(|job| {
        let owner = job.metadata.controller();
        owner.is_some_and(|owner| *owner.uid == *cronjob.metadata.uid)
    });
    case.looked(texts::runs_word(), texts::so_many_objects(jobs.len()));
    let newest = jobs.iter().max_by_key(|job| job.metadata.creation_timestamp);
    if let Some(newest) = newest {
        let verdict = case.verdict.take();
        single::fill_job(&mut case, &desk, newest).await;
        let failed = matches!(job::state(Some(newest.as_ref())), JobState::Failed { .. });
        case.verdict = match failed {
            true => Some(texts::its_newest_failed()),
            false => verdict,
        };
    }
    if case.chain.is_empty() && !spec.suspend {
        case.chain.extend(warned(cronjob, &desk));
    }
    Ok(case)
}

/// What its controller warns of since it ran last.
fn warned(cronjob: &CronJob, desk: &Desk<'_>) -> Option<Told> {
    let name = &cronjob.metadata.name;
    let events = desk.cached.list::<Event>();
    let about = events.iter().filter(|event| {
        let object = &event.involved_object;
        event.type_ == "Warning" && object.kind == *"CronJob" && object.name == *name
    });
    let newest = about.max_by_key(|event| event_time(event))?;
    let at: Option<Timestamp> = event_time(newest);
    if at < cronjob.status.last_schedule_time {
        return None;
    }
    let message = desk.look().said(&newest.message);
    let text: Text = texts::controller_says("CronJob", name, &newest.reason, &message);
    let evidence = Evidence::Event {
        reason: newest.reason.to_string(),
        message,
        at,
    };
    Some(Told::seen(text, Certainty::Seen, &evidence, desk.cx.now))
}
