//! `/ceo status`: how a workload is, what is wrong first, and who changed it last; or the whole namespace on one card.

use std::sync::Arc;

use super::{
    buttons,
    contract::{Answer, Args, Context, Query, Spec},
    impact, options, quote, rights,
};
use crate::{
    cluster::{Cached, WorkloadObject},
    diagnosis,
    failure::Failure,
    health::{self, Group, Rollout, RolloutState},
    incident::{self, Owner},
    input::{BadInput, Input, line_about},
    line,
    model::{
        Action, Field, Report, Scope, Style, Tone, Workload, WorkloadKind, WorkloadName, ago, code, since,
        spell,
    },
    objects::{EndpointSlice, HorizontalPodAutoscaler, Ingress, IngressRule, Pod, Service},
    policy::Verb,
    ports::IncidentFilter,
    redact::Redactor,
    texts,
    ticket::Ticket,
};

/// Workloads that are named on the card of a namespace.
const MOST: usize = 20;
/// Incidents that are named on a card.
const MOST_INCIDENTS: usize = 5;

/// The command.
pub struct Status;

/// Its words.
pub struct StatusArgs {
    workload: Option<WorkloadName>,
    scope: Scope,
}

impl Args for StatusArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let workload = input.take(&options::ANY_WORKLOAD)?;
        let scope = workload
            .as_ref()
            .map_or_else(|| input.here(), WorkloadName::scope);
        Ok(Self { workload, scope })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Query for Status {
    const SPEC: Spec = Spec::new("status", Verb::Read)
        .about(texts::status::summary)
        .options(&[&options::ANY_WORKLOAD])
        .rbac(rights::READ_WORKLOADS);
    type Args = StatusArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let namespace = args.scope.namespace.as_deref().unwrap_or_default();
        let cached = cx.view.cached(&args.scope.cluster, namespace)?;
        let report = match &args.workload {
            Some(name) => {
                let workload = cx.view.resolve(name).await?;
                cached.fresh()?;
                let object = match cached.workload(&workload) {
                    Some(object) => object,
                    None => cx.view.workload(&workload).await?,
                };
                let tickets = diagnosis::tickets_of(cx.records, &workload).await;
                let tickets = tickets?;
                let open = open_incidents(&args.scope, Some(&workload), cx).await?;
                let speak = !object.rollout(cx.now).is_complete()
                    || cached.pods_of(&workload).iter().any(quote::says_something);
                let quotes = quote::redactor(&args.scope, speak, cx).await;
                let mut report = card(&object, &cached, &tickets, (quotes.as_deref(), cx));
                report.add(open);
                report
            }
            None => {
                cached.fresh()?;
                let open = open_incidents(&args.scope, None, cx).await?;
                let mut report = overview(&args.scope, &cached, cx);
                report.add(open);
                report
            }
        };
        Ok(Answer::Once(Box::new(report)))
    }
}

/// What is open about a workload, or in the whole namespace with the nodes under it as far as the person may read those.
async fn open_incidents(
    scope: &Scope,
    workload: Option<&Workload>,
    cx: &Context<'_>,
) -> Result<Field, Failure> {
    let filter = IncidentFilter {
        cluster: Some(scope.cluster.clone()),
        owner: workload.map(Owner::of),
        ..IncidentFilter::default()
    };
    let nodes = workload.is_none() && cx.rights.reads(cx.actor, &Scope::cluster(&scope.cluster));
    let mut incidents = cx.records.incidents(filter).await?;
    incidents.retain(|i| match &i.key.namespace {
        Some(_) => i.key.namespace == scope.namespace,
        None => nodes,
    });
    let mut lines: Vec<crate::model::Text> = incidents
        .iter()
        .take(MOST_INCIDENTS)
        .map(|i| match workload {
            Some(_) => incident::state_in_words(i),
            None => line![code(i.key.owner.to_string()), ": "].and(incident::state_in_words(i)),
        })
        .collect();
    if incidents.len() > MOST_INCIDENTS {
        lines.push(line![format!("… and {} more", incidents.len() - MOST_INCIDENTS)]);
    }
    if lines.is_empty() {
        lines.push(line!["none"]);
    }
    Ok(Field {
        name: "Open incidents".into(),
        lines,
        inline: false,
    })
}

fn card(
    object: &WorkloadObject,
    cached: &Cached,
    tickets: &[Ticket],
    (quotes, cx): (Option<&Redactor>, &Context<'_>),
) -> Report {
    let workload = &object.workload();
    let rollout = health::quoted_rollout(object.rollout(cx.now), quotes);
    let pods = quote::pods(cached.pods_of(workload), quotes);
    let (tone, verdict) = verdict(&rollout, &pods);
    let mut report = Report::new(tone, line![workload.short(), " ", verdict]).at(workload.scope().place());
    report = report.lines(troubles(&rollout, &pods));
    report.add(running(object, &rollout));
    if let Some(traffic) = traffic(object, cached) {
        report = report.field("Traffic", traffic);
    }
    report = report.field("Scaling", scaling(workload, &rollout, &pods, cached));
    report = report.field("Last change", last_change(object, tickets));
    if let Some(managed) = object.managed() {
        report = report.field("Note", line![managed.note]);
    }
    let mut pods_button = Action::run("get pods", line_about(workload), "Pods");
    pods_button.style = Style::Secondary;
    report = report
        .action(buttons::status(workload))
        .action(buttons::logs(workload))
        .action(pods_button);
    if tone == Tone::Bad {
        let mut back = Action::run("rollback", line_about(workload), "Roll back");
        back.style = Style::Danger;
        report = report.action(back);
    }
    report
}

/// The word of the title, and its colour.
fn verdict(rollout: &Rollout, pods: &[Arc<Pod>]) -> (Tone, String) {
    let mut problems = pods.iter().filter_map(|pod| health::why_not_ready(Some(pod)));
    let troubled = problems.any(|problem| !problem.kind.is_passing());
    let ready = format!("{} of {} ready", rollout.ready, impact::pods(rollout.desired));
    match rollout.state {
        RolloutState::Complete if rollout.desired == 0 => (Tone::Off, "is scaled to zero".to_owned()),
        RolloutState::Complete if !troubled => (Tone::Good, "is healthy".to_owned()),
        RolloutState::Complete => (Tone::Waiting, format!("serves, with trouble: {ready}")),
        RolloutState::Stuck => (Tone::Bad, format!("is stuck in a rollout: {ready}")),
        RolloutState::Paused => (Tone::Waiting, format!("is paused in a rollout: {ready}")),
        RolloutState::Gone => (Tone::Bad, "is gone".to_owned()),
        _ if troubled && rollout.serves_in_full() => {
            (Tone::Bad, format!("serves, but its rollout fails: {ready}"))
        }
        _ if troubled => (Tone::Bad, format!("is degraded: {ready}")),
        _ if rollout.serves_in_full() => (Tone::Waiting, format!("is rolling out: {ready}")),
        _ => (Tone::Waiting, format!("is rolling out: {ready}")),
    }
}

/// What is wrong, the same trouble of several pods once, the worst first.
fn troubles(rollout: &Rollout, pods: &[Arc<Pod>]) -> Vec<crate::model::Text> {
    let mut lines = Vec::new();
    let groups = health::by_state(pods.iter().map(AsRef::as_ref));
    for group in groups.iter().filter(|g| is_trouble(g)).take(4) {
        let n = i32::try_from(group.pods.len()).unwrap_or(i32::MAX);
        let text = group.problem.as_ref().map(|p| p.text.clone()).unwrap_or_default();
        lines.push(line![format!("{} {}: ", impact::pods(n), group.status), text]);
    }
    lines.extend(
        rollout
            .failure
            .iter()
            .map(|failure| line!["Pods cannot be made: ", failure.clone()]),
    );
    if let Some(idle) = rollout.since_progress
        && !rollout.is_complete()
    {
        lines.push(line![
            "No progress for ",
            spell(idle),
            ": ",
            rollout.message.clone()
        ]);
    }
    lines
}

fn is_trouble(group: &Group) -> bool {
    group.problem.as_ref().is_some_and(|p| !p.kind.is_passing())
}

/// `3 of 3 pods ready, revision 7, image`
fn running(object: &WorkloadObject, rollout: &Rollout) -> crate::model::Text {
    let mut line = line![format!(
        "{} of {} ready",
        rollout.ready,
        impact::pods(rollout.desired)
    )];
    if let Some(revision) = object.revision() {
        line = line.and(format!(", revision {revision}"));
    }
    for (_, image) in object.images() {
        line = line.and(", ").and(code(image));
    }
    if rollout.old_pods > 0 {
        line = line.and(format!(
            "; {} still on an older template",
            impact::pods(rollout.old_pods)
        ));
    }
    line
}

fn traffic(object: &WorkloadObject, cached: &Cached) -> Option<crate::model::Text> {
    let labels = object.template_parts().metadata.labels;
    let mut parts_of = Vec::new();
    for service in cached.list::<Service>() {
        if !health::service::selects(&service, &labels) {
            continue;
        }
        let name = &service.metadata.name;
        let slices = cached.list::<EndpointSlice>();
        let ends = health::service::endpoints(&service, slices.iter().map(AsRef::as_ref));
        parts_of.push(match ends.ready.len() {
            0 => format!("Service {name}: no endpoint is ready"),
            1 => format!("Service {name}: 1 endpoint ready"),
            n => format!("Service {name}: {n} endpoints ready"),
        });
        for ingress in cached.list::<Ingress>() {
            for host in hosts(&ingress, name) {
                parts_of.push(format!("Ingress {host}"));
            }
        }
    }
    (!parts_of.is_empty()).then(|| line![parts_of.join(" · ")])
}

/// The hosts under which an Ingress leads to a Service.
fn hosts(ingress: &Ingress, service: &str) -> Vec<String> {
    let leads = |rule: &&IngressRule| {
        let mut paths = rule.http.paths.iter();
        paths.any(|p| p.backend.service.as_ref().is_some_and(|s| *s.name == *service))
    };
    let rules = ingress.spec.rules.iter().filter(leads);
    rules
        .map(|rule| rule.host.as_deref().unwrap_or("any host").to_owned())
        .collect()
}

fn scaling(workload: &Workload, rollout: &Rollout, pods: &[Arc<Pod>], cached: &Cached) -> crate::model::Text {
    let restarts: i64 = pods.iter().map(|p| i64::from(health::state(p).restarts)).sum();
    let plural = if restarts == 1 { "" } else { "s" };
    let restarts = format!(" · {restarts} restart{plural} of its pods");
    let scalers = cached.list::<HorizontalPodAutoscaler>();
    match scalers
        .iter()
        .find(|hpa| health::hpa::owns(hpa, workload.kind.kind(), &workload.name))
    {
        Some(hpa) => {
            let hpa = health::hpa::state(hpa);
            let now = format!("HPA {} to {}, now {}", hpa.min, hpa.max, rollout.desired);
            let metrics = if hpa.metrics.is_empty() {
                String::new()
            } else {
                format!(", {}", hpa.metrics.join(", "))
            };
            line![
                now,
                metrics,
                hpa.problem.map(|p| format!(" ({p})")).unwrap_or_default(),
                restarts
            ]
        }
        None if workload.kind == WorkloadKind::DaemonSet => line!["one pod on each node", restarts],
        None => line!["by hand", restarts],
    }
}

/// Who changed it last: by the bot's own record where the bot did, else by what the object says.
fn last_change(object: &WorkloadObject, tickets: &[Ticket]) -> crate::model::Text {
    let Some(changed) = object.last_change() else {
        return line!["not known"];
    };
    let at = changed.at;
    if let Some(ticket) = diagnosis::maker(&changed, tickets) {
        let when = ticket.started.unwrap_or(ticket.created);
        return line![
            ticket.typed.clone(),
            " by ",
            ticket.requester.user,
            format!(" (ticket {}) ", ticket.id),
            ago(when)
        ];
    }
    let mut line = match changed.what {
        Some(what) => line![what],
        None => line!["its spec"],
    };
    if let Some(manager) = changed.manager {
        line = line.and(format!(" by {}", diagnosis::by_manager(&manager)));
    }
    match at {
        Some(at) => line.and(" ").and(ago(at)),
        None => line,
    }
}

fn overview(scope: &Scope, cached: &Cached, cx: &Context<'_>) -> Report {
    let mut rows: Vec<(u8, crate::model::Text)> = cached
        .workloads()
        .iter()
        .map(|object| {
            let workload = object.workload();
            let rollout = object.rollout(cx.now);
            let pods = cached.pods_of(&workload);
            let (tone, verdict) = verdict(&rollout, &pods);
            let (rank, mark) = match tone {
                Tone::Bad => (0, "🔴"),
                Tone::Waiting => (1, "🟡"),
                Tone::Off => (3, "⚪"),
                Tone::Good | Tone::Info => (2, "🟢"),
            };
            (
                rank,
                line![
                    mark,
                    " ",
                    code(workload.short()),
                    " ",
                    verdict,
                    format!(" ({}/{})", rollout.ready, rollout.desired)
                ],
            )
        })
        .collect();
    rows.sort_by_key(|(rank, _)| *rank);
    let (worst, total) = (rows.first().map_or(2, |(rank, _)| *rank), rows.len());
    let wrong = rows.iter().filter(|(rank, _)| *rank < 2).count();
    let tone = match worst {
        0 => Tone::Bad,
        1 => Tone::Waiting,
        _ => Tone::Good,
    };
    let count = if total == 1 {
        "1 workload".to_owned()
    } else {
        format!("{total} workloads")
    };
    let title = match wrong {
        0 => line![scope.to_string(), format!(": {count}, all well")],
        _ => line![scope.to_string(), format!(": {wrong} of {count} need a look")],
    };
    let mut report = Report::new(tone, title);
    report = report.lines(rows.into_iter().take(MOST).map(|(_, line)| line));
    if total > MOST {
        report.add(line![format!("… and {} more", total - MOST)]);
    }
    if let Some((trouble, at)) = cached.error() {
        let age = at.map(|at| spell(since(at, cx.now))).unwrap_or_default();
        report = report.field(
            "As of",
            line![format!("{age} ago: the cluster does not answer ({trouble})")],
        );
    }
    report
}
