//! `/ceo get changes`: what was changed in a namespace, by whom and when, in one list: templates, scale, configuration by the
//! names of its keys, nodes, and what the bot did.

use std::{cmp::Reverse, collections::BTreeSet, time::Duration};

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        quote,
        rights::{self, LIST, Rbac},
    },
    family::MOST,
};
use crate::{
    cluster::{NOT_OF_HELM, Revision, Select, template_changes, ticket_in},
    diagnosis,
    failure::Failure,
    health::node,
    input::{BadInput, Input, Opt, Since},
    model::{Report, Scope, Text, TicketId, Timestamp, Tone, since},
    objects::{ConfigRecord, Node, SecretRecord, Written},
    policy::Verb,
    ports::TicketFilter,
    redact::Redactor,
    texts::{diagnosis::comma, get::changes as say},
    ticket::Ticket,
};

/// How far back where nobody says.
const DAY: Duration = Duration::from_secs(86_400);
/// How far back at the most.
const BACK: Duration = Duration::from_secs(90 * 86_400);
/// Changes on one page.
const PAGE: usize = 10;
/// Tickets that are looked through.
const TICKETS: u32 = 500;
/// Keys, or differences, that are named of one change.
const NAMED: usize = 4;

const SINCE: Opt<Option<Since>> = Opt::since("since", Duration::from_secs(60)..=BACK)
    .about(say::since)
    .optional();

/// The command.
pub struct GetChanges;

/// Its words.
pub struct GetChangesArgs {
    since: Since,
    scope: Scope,
}

impl Args for GetChangesArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            since: input.take(&SINCE)?.unwrap_or(Since::Ago(DAY)),
            scope: input.here(),
        })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// A change.
struct Change {
    at: Timestamp,
    line: Text,
}

impl Query for GetChanges {
    const SPEC: Spec = Spec::new("get changes", Verb::Read)
        .about(say::summary)
        .options(&[&SINCE])
        .rbac(&[Rbac::on("core/configmaps", LIST)])
        .also(rights::READ_WORKLOADS);
    type Args = GetChangesArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = args.scope;
        let from = match args.since {
            Since::Ago(length) => cx.now.checked_sub(length).unwrap_or(Timestamp::MIN),
            Since::At(at) => at.min(cx.now),
        };
        let back = since(from, cx.now);
        let (mut changes, told) = of_workloads(&scope, from, cx).await?;
        changes.extend(of_tickets(&scope, from, &told, cx).await?);
        let mut notes = Vec::new();
        changes.extend(of_configuration(&scope, from, &mut notes, cx).await?);
        if cx.rights.reads(cx.actor, &Scope::cluster(&scope.cluster)) {
            let nodes = cx.view.cluster_scope(&scope.cluster)?.list::<Node>();
            changes.extend(nodes.iter().flat_map(|node| of_node(node, from)));
        }
        notes.push(say::seen_from());
        changes.sort_by_key(|change| Reverse(change.at));
        if changes.is_empty() {
            let none = Report::new(Tone::Off, say::none(back)).at(scope.place());
            return Ok(none.lines(notes).into());
        }
        let title = say::title(changes.len(), back);
        let pages = changes.chunks(PAGE).enumerate().map(|(n, page)| {
            let report = Report::new(Tone::Info, &title).at(scope.place());
            let report = report.lines(page.iter().map(|change| change.line.clone()));
            if n == 0 {
                report.lines(notes.clone())
            } else {
                report
            }
        });
        Ok(Answer::Pages(pages.collect()))
    }
}

/// The tickets that came to run, newest first.
async fn tickets(cx: &Context<'_>) -> Result<Vec<Ticket>, Failure> {
    let filter = TicketFilter {
        limit: TICKETS,
        ..TicketFilter::default()
    };
    let tickets = cx.records.tickets(filter).await?;
    Ok(tickets
        .into_iter()
        .filter(|ticket| ticket.started.is_some())
        .collect())
}

/// What the revisions and the records of workloads tell, and which tickets that names.
async fn of_workloads(
    scope: &Scope,
    from: Timestamp,
    cx: &Context<'_>,
) -> Result<(Vec<Change>, BTreeSet<TicketId>), Failure> {
    let namespace = scope.namespace.as_deref().unwrap_or_default();
    let cached = cx.view.cached(&scope.cluster, namespace)?;
    cached.fresh_again().await?;
    let tickets = tickets(cx).await?;
    // Values are told only where it is known what is secret.
    let redactor = quote::redactor(scope, true, cx).await;
    let quotes = redactor.as_deref();
    let (mut changes, mut told) = (Vec::new(), BTreeSet::new());
    for object in cached.workloads() {
        let target = object.workload().to_string();
        let own: Vec<Ticket> = tickets
            .iter()
            .filter(|t| t.targets.contains(&target))
            .cloned()
            .collect();
        let revisions = cx.view.cached_revisions(&object)?;
        let last = diagnosis::last_change(&object, &revisions, &own, quotes);
        let last = last.and_then(|last| Some((last.line, last.at?)));
        let last_at = last.as_ref().map(|(_, at)| *at);
        if let Some((line, at)) = last.filter(|(_, at)| *at >= from) {
            let changed = object.last_change();
            let maker = changed
                .as_ref()
                .and_then(|changed| diagnosis::maker(changed, &own));
            told.extend(maker.map(|ticket| ticket.id));
            let line = say::change(&object.workload().short(), &line);
            changes.push(Change { at, line });
        }
        let short = object.workload().short();
        for (change, ticket) in steps(&short, before(&revisions, last_at), &own, quotes) {
            if change.at >= from {
                told.extend(ticket);
                changes.push(change);
            }
        }
    }
    Ok((changes, told))
}

/// The revisions in order, without the present one where the last change of the object made that: it is told already. The
/// controller makes a revision after the change, and times are whole seconds.
fn before(revisions: &[Revision], last: Option<Timestamp>) -> Vec<&Revision> {
    let told = |revision: &Revision| {
        revision.current && (last.is_none() || revision.created.is_none() || last <= revision.created)
    };
    let mut sorted: Vec<&Revision> = revisions.iter().filter(|revision| !told(revision)).collect();
    sorted.sort_by_key(|revision| revision.number);
    sorted
}

/// What each revision changed of the one before, and by whose ticket.
fn steps(
    object: &str,
    revisions: Vec<&Revision>,
    tickets: &[Ticket],
    quotes: Option<&Redactor>,
) -> Vec<(Change, Option<TicketId>)> {
    let step = |pair: &[&Revision]| {
        let [before, revision] = pair else { return None };
        let at = revision.created?;
        let differences = template_changes(&before.template, &revision.template, quotes);
        let what = Text::joined(differences.into_iter().take(NAMED), &comma());
        let mut line = say::revision(revision.number, &what);
        let cause = revision.change_cause.as_deref();
        let ticket = cause
            .and_then(ticket_in)
            .and_then(|id| tickets.iter().find(|t| t.id == id));
        match (ticket, cause) {
            (Some(ticket), _) => line.push(say::by_person(ticket.requester.user, ticket.id)),
            (None, Some(cause)) => {
                line.push(quotes.map(|q| say::because(&q.quote(cause))).unwrap_or_default());
            }
            (None, None) => {}
        }
        let line = say::change(object, &line.and(say::when(at)));
        Some((Change { at, line }, ticket.map(|ticket| ticket.id)))
    };
    revisions.windows(2).filter_map(step).collect()
}

/// What the bot did that no workload tells: scaling, restarts, what failed.
async fn of_tickets(
    scope: &Scope,
    from: Timestamp,
    told: &BTreeSet<TicketId>,
    cx: &Context<'_>,
) -> Result<Vec<Change>, Failure> {
    let tickets = tickets(cx).await?;
    let here = tickets
        .into_iter()
        .filter(|t| t.scopes.contains(scope) && !told.contains(&t.id));
    let change = |ticket: Ticket| {
        let at = ticket.started.filter(|at| *at >= from)?;
        let by = say::by_person(ticket.requester.user, ticket.id);
        let line = ticket.shown.title.and(by).and(say::when(at));
        Some(Change { at, line })
    };
    Ok(here.filter_map(change).collect())
}

/// Which keys of ConfigMaps and Secrets were written, by the names of the keys.
async fn of_configuration(
    scope: &Scope,
    from: Timestamp,
    notes: &mut Vec<Text>,
    cx: &Context<'_>,
) -> Result<Vec<Change>, Failure> {
    let select = Select::default().at_most(MOST);
    let take = |all: &mut Vec<Change>, map: ConfigRecord| {
        all.extend(of_record(
            &format!("configmap/{}", map.metadata.name),
            &map.written,
            from,
        ));
    };
    let mut changes = cx.view.fold(scope, &select, take).await?.value;
    let select = Select::fields(NOT_OF_HELM).at_most(MOST);
    let take = |all: &mut Vec<Change>, secret: SecretRecord| {
        all.extend(of_record(
            &format!("secret/{}", secret.metadata.name),
            &secret.written,
            from,
        ));
    };
    match cx.view.fold(scope, &select, take).await {
        Ok(found) => changes.extend(found.value),
        Err(error) => notes.push(say::secrets_not_known(&error.in_a_line())),
    }
    Ok(changes)
}

fn of_record(object: &str, written: &[Written], from: Timestamp) -> Vec<Change> {
    let of = |entry: &Written| {
        let at = entry.time.filter(|at| *at >= from)?;
        let named = &entry.keys[..entry.keys.len().min(NAMED)];
        let keys = match entry.keys.len() - named.len() {
            0 => say::keys(named),
            more => say::and_more(&say::keys(named), more),
        };
        let by = crate::texts::diagnosis::by_manager(&entry.manager);
        let line = say::change(object, &keys.and(by).and(say::when(at)));
        Some(Change { at, line })
    };
    written.iter().filter_map(of).collect()
}

/// A node that came, or whose state turned.
fn of_node(node: &Node, from: Timestamp) -> Vec<Change> {
    let state = node::state(node);
    let made = node.metadata.creation_timestamp;
    let joined = made.map(|at| (at, say::joined()));
    // The first state of a node is that it joined.
    let turned = state
        .since
        .filter(|at| made.is_none_or(|made| since(made, *at) > JOINS));
    let turned = turned.map(|at| (at, say::turned(state.ready)));
    let all = joined.into_iter().chain(turned).filter(|(at, _)| *at >= from);
    let name = format!("node/{}", state.name);
    all.map(|(at, what)| Change {
        at,
        line: say::change(&name, &what.and(say::when(at))),
    })
    .collect()
}

/// So long after it was made a node is still joining.
const JOINS: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn keys_are_told_by_name_with_who_wrote_them() {
        let record: ConfigRecord =
            serde_json::from_value(json!({ "metadata": { "name": "settings", "managedFields": [
            { "manager": "kubectl-client-side-apply", "time": at(100).to_string(), "fieldsV1": { "f:data": {
                ".": {}, "f:LEVEL": {}, "f:PORT": {} } } },
            { "manager": "helm", "time": at(10).to_string(), "fieldsV1": { "f:data": { "f:OLD": {} } } },
            { "manager": "status-writer", "subresource": "status", "time": at(200).to_string() } ] },
            "data": { "LEVEL": "a value that stays out" } }))
            .unwrap();
        assert!(!format!("{record:?}").contains("stays out"));
        let changes = of_record("configmap/settings", &record.written, at(50));
        let told: Vec<String> = changes.iter().map(|change| change.line.plain()).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with("configmap/settings keys LEVEL, PORT by kubectl"),
            "{told:?}"
        );
    }

    #[test]
    fn the_present_revision_is_told_where_the_last_change_was_another() {
        let revision = |number: i64, second: i64, current: bool| Revision {
            number,
            name: format!("r{number}"),
            template: json!({ "spec": { "containers": [ { "name": "api", "image": format!("api:v{number}") } ] } }),
            images: vec![],
            created: Some(at(second)),
            change_cause: (number == 2).then(|| "kubectl set image".to_owned()),
            current,
            pods: 0,
        };
        let all = [
            revision(3, 300, true),
            revision(2, 200, false),
            revision(1, 100, false),
        ];
        let told = |last: i64| -> Vec<String> {
            let steps = steps(
                "deployment/api",
                before(&all, Some(at(last))),
                &[],
                Some(&Redactor::default()),
            );
            steps.iter().map(|(change, _)| change.line.plain()).collect()
        };
        let lines = told(400);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0].contains("revision 2: image") && lines[0].contains("(kubectl set image)"),
            "{lines:?}"
        );
        assert!(lines[1].contains("revision 3: image"), "{lines:?}");
        assert_eq!(
            told(300).len(),
            1,
            "its change is the last, which is told with its maker"
        );
    }

    #[test]
    fn a_node_that_joins_is_told_once() {
        let node = |made: i64, turned: i64, ready: &str| -> Node {
            serde_json::from_value(
                json!({ "metadata": { "name": "n", "creationTimestamp": at(made).to_string() },
                "status": { "conditions": [ { "type": "Ready", "status": ready,
                    "lastTransitionTime": at(turned).to_string() } ] } }),
            )
            .unwrap()
        };
        let told = |node: &Node| -> Vec<String> {
            let changes = of_node(node, at(1000));
            changes
                .iter()
                .map(|c| c.line.plain().split(" 19").next().unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(told(&node(2000, 2030, "True")), ["node/n joined the cluster"]);
        assert_eq!(told(&node(10, 2000, "False")), ["node/n is not ready since then"]);
        assert!(told(&node(10, 20, "True")).is_empty());
    }
}
