//! Why a workload does not work: its rollout, its pods, their last words, the Services that lead to it, what changed.

use std::sync::Arc;

use super::{
    super::{buttons, contract::Context, status, workload_card},
    case::Case,
    pods::Desk,
    rewritten,
    roots::explain,
    traffic,
};
use crate::{
    cluster::WorkloadObject,
    diagnosis::{self, Cause, Certainty, Finding, History, Link, Scene, Standing, Verdict},
    failure::Failure,
    health::{
        Rollout, RolloutState,
        pod::{is_counted, is_ready},
        service::{endpoints, selects},
    },
    model::{Text, Tone, Workload, WorkloadName},
    objects::{EndpointSlice, Pod, Service},
    texts::{diagnose as texts, status as status_texts},
};

/// The case of a workload.
pub(super) async fn case(name: &WorkloadName, cx: &Context<'_>) -> Result<Case, Failure> {
    let workload = cx.view.resolve(name).await?;
    let mut desk = Desk::open(name.scope(), cx).await?;
    let object = match desk.cached.workload(&workload) {
        Some(object) => object,
        None => cx.view.workload(&workload).await?,
    };
    let rollout = object.rollout(cx.now);
    let pods = desk.cached.pods_of(&workload);
    let restless = !rollout.is_complete() || !desk.causes(pods.iter().map(AsRef::as_ref)).is_empty();
    if restless {
        desk.listen().await;
    }
    let mut case = Case::new(workload.short(), workload.scope().place());
    let verdict = judge(&mut case, &object, &rollout, &pods, &desk);
    let found = causes(&desk, &object, &rollout, &pods);
    tell(&mut case, &desk, &found).await;
    look_at_services(&mut case, &desk, &object);
    if !case.chain.is_empty() {
        what_changed(&mut case, &desk, &object, &found).await?;
        rewritten::look(&mut case, &desk, &object, &pods).await;
    }
    case.actions.push(buttons::logs(&workload));
    case.actions.push(buttons::status(&workload));
    case.actions.push(buttons::pods(&workload));
    if verdict.tone() == Tone::Bad || verdict == Verdict::Troubled {
        case.tone = verdict.tone();
    }
    Ok(case)
}

/// How it is in a word, and what of it was looked at for that.
fn judge(
    case: &mut Case,
    object: &WorkloadObject,
    rollout: &Rollout,
    pods: &[Arc<Pod>],
    desk: &Desk<'_>,
) -> Verdict {
    let scene = scene(object, rollout, pods, desk);
    let verdict = diagnosis::verdict(&scene, false);
    case.verdict = Some(workload_card::words(verdict, rollout));
    let mut numbers = rollout.ready_in_words();
    if let Some(revision) = object.revision() {
        numbers.push(status_texts::revision(revision));
    }
    case.looked(texts::rollout(), numbers);
    desk.look_at_pods(case, pods);
    verdict
}

fn scene<'s>(
    object: &'s WorkloadObject,
    rollout: &'s Rollout,
    pods: &'s [Arc<Pod>],
    desk: &'s Desk<'_>,
) -> Scene<'s> {
    Scene {
        rollout,
        workload: Some(object),
        pods: pods.iter().map(AsRef::as_ref).collect(),
        look: desk.look(),
    }
}

/// What is wrong, the worst first: pods that are refused, what pods show, and at last that the rollout is late.
fn causes(
    desk: &Desk<'_>,
    object: &WorkloadObject,
    rollout: &Rollout,
    pods: &[Arc<Pod>],
) -> Vec<(Finding, usize)> {
    let scene = scene(object, rollout, pods, desk);
    let due = |finding: &Finding| finding.is_due(scene.look) && finding.is_failure();
    let mut found: Vec<(Finding, usize)> = diagnosis::refused(&scene)
        .filter(due)
        .map(|finding| (finding, 0))
        .into_iter()
        .chain(desk.causes(scene.pods.iter().copied()))
        .collect();
    if rollout.state == RolloutState::Stuck {
        if found.is_empty() {
            let new = desk.cached.new_pods_of(object);
            let late = |pod: &&Pod| is_counted(pod) && !is_ready(Some(pod));
            let late = Scene {
                pods: new.iter().map(AsRef::as_ref).filter(late).collect(),
                ..scene_without_pods(&scene)
            };
            found.extend(
                diagnosis::why_stuck(&late)
                    .into_iter()
                    .map(|finding| (finding, 1)),
            );
        }
        let late = diagnosis::of_workload(&scene).into_iter();
        let late = late.filter(|finding| matches!(finding.cause, Cause::PastDeadline(_)));
        found.extend(late.map(|finding| (finding, 0)));
    }
    found
}

fn scene_without_pods<'s>(scene: &Scene<'s>) -> Scene<'s> {
    Scene {
        rollout: scene.rollout,
        workload: scene.workload,
        pods: vec![],
        look: scene.look,
    }
}

/// The first cause with what explains it, and the others beside it.
async fn tell(case: &mut Case, desk: &Desk<'_>, found: &[(Finding, usize)]) {
    let Some(((worst, pods), rest)) = found.split_first() else {
        return;
    };
    let told = desk.told(worst, *pods);
    explain(case, desk, worst, told).await;
    let others = rest.iter().map(|(finding, pods)| desk.told(finding, *pods).text);
    case.others.extend(others);
}

/// The Services that lead to it: what of them is broken while its own pods are well is a cause, too.
fn look_at_services(case: &mut Case, desk: &Desk<'_>, object: &WorkloadObject) {
    let cached = &desk.cached;
    if !case.sees::<Service>(cached) || !case.sees::<EndpointSlice>(cached) {
        return;
    }
    let labels = object.template_parts().metadata.labels;
    let slices = cached.list::<EndpointSlice>();
    let name = object.workload().short();
    for service in cached.list::<Service>() {
        let finding = diagnosis::of_service(&service, cached, desk.look());
        let link = finding.as_ref().and_then(|finding| match &finding.cause {
            Cause::BrokenService(broken) => Some(&broken.link),
            _ => None,
        });
        let misses = matches!(link, Some(Link::Selector { near: Some(near), .. }) if near.owner == name);
        if selects(&service, &labels) {
            let ends = endpoints(&service, slices.iter().map(AsRef::as_ref));
            let found = texts::endpoints(ends.ready.len(), ends.not_ready.len());
            case.looked(texts::service_word(&service.metadata.name), found);
        } else if !misses {
            continue;
        }
        // That its pods are not there or not ready is told as what it is.
        if matches!(link, Some(Link::NotReady { .. } | Link::NoPods { .. })) {
            continue;
        }
        match finding {
            Some(finding) if finding.certainty == Certainty::Possible => {
                case.others.push(texts::perhaps(&finding.text()));
            }
            Some(finding) if case.chain.is_empty() => {
                case.verdict = case.verdict.as_ref().map(texts::not_led_to);
                case.chain.push(traffic::told(&finding, desk));
            }
            Some(finding) => case.others.push(finding.text()),
            None => {}
        }
    }
}

/// What changed since it worked, and the way back where that helps.
async fn what_changed(
    case: &mut Case,
    desk: &Desk<'_>,
    object: &WorkloadObject,
    found: &[(Finding, usize)],
) -> Result<(), Failure> {
    let (cx, workload) = (desk.cx, object.workload());
    let tickets = diagnosis::tickets_of(cx.records, &workload).await?;
    let revisions = cx.view.cached_revisions(object)?;
    let quotes = desk.look().quotes;
    let change = diagnosis::last_change(object, &revisions, &tickets, quotes);
    case.change = Some(change.map_or_else(status_texts::not_known, |change| change.line));
    let history = History::of(&desk.cached, &workload, cx.records.worked(&workload).await?);
    let current = revisions.iter().find(|revision| revision.current);
    let worked = history.newest(&revisions, Standing::Worked);
    case.worked = match (current, worked) {
        (Some(current), _) if history.standing(current) == Standing::Worked => Some(texts::this_worked()),
        (_, Some(worked)) => Some(texts::worked(worked.number)),
        _ => None,
    };
    let helps = found.first().is_some_and(|(finding, _)| {
        let back = finding.remedy().is_some_and(|remedy| remedy.roll_back);
        let late = matches!(finding.cause, Cause::PastDeadline(_));
        (back || late) && is_of_newest(finding, desk, object)
    });
    if helps && let Some(back) = status::way_back(object, &desk.cached, cx).await? {
        case.actions.push(back);
    }
    Ok(())
}

/// Whether what fails is of the newest template: only then going back helps.
fn is_of_newest(finding: &Finding, desk: &Desk<'_>, object: &WorkloadObject) -> bool {
    let new = desk.cached.new_pods_of(object);
    let pod = finding.subject.as_ref().map(|subject| &subject.pod);
    pod.is_none_or(|name| new.iter().any(|pod| *pod.metadata.name == **name))
}

/// The worst cause of a workload in a sentence, for a list; `None` where nothing is wrong.
pub(super) fn in_short(desk: &Desk<'_>, object: &WorkloadObject) -> (Verdict, Text, Option<Text>) {
    let workload: Workload = object.workload();
    let rollout = object.rollout(desk.cx.now);
    let pods = desk.cached.pods_of(&workload);
    let verdict = diagnosis::verdict(&scene(object, &rollout, &pods, desk), false);
    let found = causes(desk, object, &rollout, &pods);
    let why = found
        .first()
        .map(|(finding, pods)| desk.told(finding, *pods).text);
    (verdict, workload_card::words(verdict, &rollout), why)
}
