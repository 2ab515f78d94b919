//! What does not work in a namespace, the worst first: workloads with their causes, Jobs that gave up, Services that lead to
//! nobody.

use super::{
    super::{buttons, contract::Context},
    case::unseen,
    claims,
    pods::Desk,
    scaling, traffic, workload,
};
use crate::{
    diagnosis::{self, Cause, Finding, Link, Routes, Scaling},
    failure::Failure,
    line,
    model::{Action, Field, Report, Scope, Text, Tone, code, since},
    objects::{EndpointSlice, HorizontalPodAutoscaler, Ingress, Job, Service},
    texts::{self, diagnose as say},
};

/// What is named at most.
const MOST: usize = 12;
/// Buttons that lead further.
const BUTTONS: usize = 3;

/// Something that does not work.
struct Wrong {
    tone: Tone,
    line: Text,
    action: Option<Action>,
}

/// What was seen in a namespace.
struct Seen {
    all: Vec<Wrong>,
    looked: Vec<Text>,
    missed: Vec<Text>,
}

/// Looks at each kind in turn.
async fn see(desk: &Desk<'_>) -> Seen {
    let mut looked: Vec<Text> = Vec::new();
    let mut missed: Vec<Text> = Vec::new();
    let mut all = workloads(desk, &mut looked);
    match unseen::<Job>(&desk.cached) {
        Some(why) => missed.push(why),
        None => all.extend(jobs(desk, &mut looked)),
    }
    match unseen::<Service>(&desk.cached).or_else(|| unseen::<EndpointSlice>(&desk.cached)) {
        Some(why) => missed.push(why),
        None => all.extend(services(desk, &mut looked)),
    }
    match unseen::<Ingress>(&desk.cached) {
        Some(why) => missed.push(why),
        None => all.extend(ingresses(desk, &mut looked)),
    }
    match unseen::<HorizontalPodAutoscaler>(&desk.cached) {
        Some(why) => missed.push(why),
        None => all.extend(autoscalers(desk, &mut looked)),
    }
    match claims::of_place(desk).await {
        Ok((count, found)) => {
            step(&mut looked, &say::claims_word(), found.len(), count);
            let wrong = found.into_iter();
            all.extend(wrong.map(|(name, finding)| of_object(desk, &format!("pvc/{name}"), &finding.text())));
        }
        Err(error) => {
            let why = desk.cx.redactor.line(error.in_a_line());
            missed.push(say::missed(&say::claims_word(), &why));
        }
    }
    Seen { all, looked, missed }
}

/// The card of a namespace.
pub(super) async fn overview(scope: &Scope, cx: &Context<'_>) -> Result<Report, Failure> {
    let mut desk = Desk::open(scope.clone(), cx).await?;
    desk.listen().await;
    let Seen {
        mut all,
        looked,
        missed,
    } = see(&desk).await;
    all.sort_by_key(|wrong| wrong.tone != Tone::Bad);
    let place = scope.to_string();
    let title = match all.len() {
        0 => say::nothing_wrong(&place),
        n => say::place_needs_a_look(&place, n),
    };
    let tone = all.first().map_or(Tone::Good, |wrong| wrong.tone);
    let mut report = Report::new(tone, title);
    if all.len() > 1 {
        report = report.line(say::worst_first());
    }
    let (count, steps) = (all.len(), looked.len());
    for wrong in all.iter().take(MOST) {
        report = report.line(wrong.line.clone());
    }
    if count > MOST {
        report = report.line(texts::discord::more(count - MOST));
    }
    if steps > 0 {
        report = report.block(Field::of(say::looked_at(), looked));
    }
    if !missed.is_empty() {
        report = report.block(Field::of(say::not_looked_at(), missed));
    }
    for action in all.into_iter().filter_map(|wrong| wrong.action).take(BUTTONS) {
        report = report.action(action);
    }
    Ok(report)
}

fn mark(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "🔴 ",
        _ => "🟡 ",
    }
}

fn workloads(desk: &Desk<'_>, looked: &mut Vec<Text>) -> Vec<Wrong> {
    let objects = desk.cached.workloads();
    let wrong: Vec<Wrong> = objects
        .iter()
        .filter_map(|object| {
            let (verdict, words, why) = workload::in_short(desk, object);
            let (name, why) = (object.workload(), why?);
            let tone = verdict.tone();
            let told = texts::incident::sentence(&line![words, ": ", why]);
            Some(Wrong {
                tone,
                line: line![mark(tone), code(name.short()), " ", told],
                action: Some(buttons::diagnose(&name, say::button_of(&name.short()))),
            })
        })
        .collect();
    step(looked, &say::workloads_word(), wrong.len(), objects.len());
    wrong
}

fn step(looked: &mut Vec<Text>, what: &Text, wrong: usize, all: usize) {
    looked.push(say::step(looked.len() + 1, what, &say::wrong_of(wrong, all)));
}

/// A Job that gave up is told for a day, as its incident is.
fn jobs(desk: &Desk<'_>, looked: &mut Vec<Text>) -> Vec<Wrong> {
    let jobs = desk.cached.list::<Job>();
    let recent = |finding: &Finding| since(finding.since, desk.cx.now) < diagnosis::JOB_COUNTS;
    let wrong: Vec<Wrong> = jobs
        .iter()
        .filter_map(|job| Some((job, diagnosis::gave_up(job, desk.look()).filter(recent)?)))
        .map(|(job, finding)| {
            let name = &job.metadata.name;
            of_object(desk, &format!("job/{name}"), &say::job(name, &finding.text()))
        })
        .collect();
    step(looked, &say::jobs_word(), wrong.len(), jobs.len());
    wrong
}

/// Services that are broken by themselves: where their pods are at fault, those are told.
fn services(desk: &Desk<'_>, looked: &mut Vec<Text>) -> Vec<Wrong> {
    let services = desk.cached.list::<Service>();
    let own_fault = |finding: &Finding| match &finding.cause {
        Cause::BrokenService(broken) => {
            !matches!(broken.link, Link::NotReady { .. } | Link::NoPods { .. }) && finding.is_failure()
        }
        _ => false,
    };
    let wrong: Vec<Wrong> = services
        .iter()
        .filter_map(|service| {
            let finding = diagnosis::of_service(service, &desk.cached, desk.look()).filter(own_fault)?;
            let told = traffic::told(&finding, desk).text;
            Some(of_object(
                desk,
                &format!("service/{}", service.metadata.name),
                &told,
            ))
        })
        .collect();
    step(looked, &say::services_word(), wrong.len(), services.len());
    wrong
}

/// An object that is broken, with the button that asks further.
fn of_object(desk: &Desk<'_>, short: &str, told: &Text) -> Wrong {
    let name = format!("{}/{short}", desk.scope);
    Wrong {
        tone: Tone::Bad,
        line: line![mark(Tone::Bad), texts::incident::sentence(told)],
        action: Some(buttons::diagnose(&name, say::button_of(short))),
    }
}

/// Ingresses that are broken by themselves, as the watches know it.
fn ingresses(desk: &Desk<'_>, looked: &mut Vec<Text>) -> Vec<Wrong> {
    let (ingresses, services) = (desk.cached.list::<Ingress>(), desk.cached.list::<Service>());
    let around = Routes {
        ingresses: &ingresses,
        services: desk.cached.knows::<Service>().then_some(services.as_slice()),
        ..Routes::default()
    };
    let wrong: Vec<Wrong> = ingresses
        .iter()
        .filter_map(|ingress| {
            let finding = diagnosis::of_ingress(ingress, around, desk.look())
                .into_iter()
                .next()?;
            Some(of_object(
                desk,
                &format!("ingress/{}", ingress.metadata.name),
                &finding.text(),
            ))
        })
        .collect();
    step(looked, &say::ingresses_word(), wrong.len(), ingresses.len());
    wrong
}

/// Autoscalers that cannot scale: one at its maximum works.
fn autoscalers(desk: &Desk<'_>, looked: &mut Vec<Text>) -> Vec<Wrong> {
    let all = desk.cached.list::<HorizontalPodAutoscaler>();
    let fails = |finding: &Finding| match &finding.cause {
        Cause::CannotScale(cause) => !matches!(cause.why, Scaling::AtMaximum { .. }),
        _ => false,
    };
    let wrong: Vec<Wrong> = all
        .iter()
        .filter_map(|hpa| {
            let finding = scaling::of(hpa, desk).filter(fails)?;
            Some(of_object(
                desk,
                &format!("hpa/{}", hpa.metadata.name),
                &finding.text(),
            ))
        })
        .collect();
    step(looked, &say::autoscalers_word(), wrong.len(), all.len());
    wrong
}
