//! Completes a half-typed option from the watch caches. No request leaves the process; an unknown answer is an empty one.

use super::{
    inner::Inner,
    interaction::{Choice, Partial},
};
use crate::{
    cluster::{Revision, WorkloadObject},
    input::{Suggest, WorkloadOrPod, parse_workload},
    logs,
    model::{Scope, Workload, WorkloadKind, WorkloadName},
    objects::Pod,
    ops::{catalogue, contract::Rights},
    ports::IncidentFilter,
    ticket::Outcome,
};

/// What a chat shows at most.
const MOST: usize = 25;
/// The longest name or value of a completion.
const LONGEST: usize = 100;

pub(crate) async fn suggest(inner: &Inner, partial: &Partial) -> Vec<Choice> {
    let Some(entry) = inner.catalogue.find(&partial.command) else {
        return vec![];
    };
    let option = entry.spec.declared().find(|o| o.name == partial.focused);
    let Some(kind) = option.and_then(|o| o.suggest) else {
        return vec![];
    };
    let found = match kind {
        Suggest::Workload => workloads(inner, partial, &WorkloadKind::ALL),
        Suggest::Scalable => workloads(
            inner,
            partial,
            &[WorkloadKind::Deployment, WorkloadKind::StatefulSet],
        ),
        Suggest::Pod => pods(inner, partial),
        Suggest::WorkloadOrPod => {
            let mut all = workloads(inner, partial, &WorkloadKind::ALL);
            all.extend(pods(inner, partial));
            all
        }
        Suggest::Container(of) => containers(inner, partial, of),
        Suggest::Revision(of) => return revisions(inner, partial, of),
        Suggest::Incident => incidents(inner, partial).await,
        Suggest::Command => catalogue::all()
            .iter()
            .map(|e| plain(e.spec.path.to_owned()))
            .collect(),
        Suggest::Outcome => Outcome::ALL.iter().map(|o| plain(o.word().to_owned())).collect(),
    };
    rank(found, &partial.text)
}

fn plain(text: String) -> Choice {
    Choice {
        name: text.clone(),
        value: text,
    }
}

/// The open incidents that the person may read of, from the bot's own books.
async fn incidents(inner: &Inner, partial: &Partial) -> Vec<Choice> {
    let Ok(open) = inner.ports.ledger.incidents(IncidentFilter::default()).await else {
        return vec![];
    };
    open.into_iter()
        .filter(|incident| incident.is_open() && inner.reads(&partial.actor, &incident.key.scope()))
        .map(|incident| Choice {
            name: cut(format!("{}: {}", incident.id, incident.headline().plain())),
            value: incident.id.to_string(),
        })
        .collect()
}

/// The places that the person may read.
fn places(inner: &Inner, partial: &Partial) -> Vec<(String, String)> {
    let mut places = Vec::new();
    for cluster in inner.view.clusters() {
        for namespace in &cluster.namespaces {
            let scope = Scope::namespace(&cluster.name, namespace);
            if inner.reads(&partial.actor, &scope) {
                places.push((cluster.name.clone(), namespace.clone()));
            }
        }
    }
    places
}

/// As short as it can be written in this channel.
fn written(workload: &Workload, partial: &Partial) -> String {
    if workload.cluster != partial.place.cluster {
        return workload.to_string();
    }
    if workload.namespace != partial.place.namespace {
        return format!("{}/{}", workload.namespace, workload.short());
    }
    workload.short()
}

fn workloads(inner: &Inner, partial: &Partial, kinds: &[WorkloadKind]) -> Vec<Choice> {
    let mut found = Vec::new();
    for (cluster, namespace) in places(inner, partial) {
        let Ok(cached) = inner.view.cached(&cluster, &namespace) else {
            continue;
        };
        for (kind, name) in cached.workload_names() {
            if kinds.contains(&kind) {
                let workload = Workload {
                    cluster: cluster.clone(),
                    namespace: namespace.clone(),
                    kind,
                    name,
                };
                found.push(plain(written(&workload, partial)));
            }
        }
    }
    found
}

fn pods(inner: &Inner, partial: &Partial) -> Vec<Choice> {
    let mut found = Vec::new();
    for (cluster, namespace) in places(inner, partial) {
        let here = cluster == partial.place.cluster;
        let Ok(cached) = inner.view.cached(&cluster, &namespace) else {
            continue;
        };
        for name in cached.names::<Pod>() {
            found.push(plain(match (here, namespace == partial.place.namespace) {
                (true, true) => format!("pod/{name}"),
                (true, false) => format!("{namespace}/pod/{name}"),
                (false, _) => format!("{cluster}/{namespace}/pod/{name}"),
            }));
        }
    }
    found
}

fn containers(inner: &Inner, partial: &Partial, of: &str) -> Vec<Choice> {
    let Some(text) = partial.options.get(of).map(ToString::to_string) else {
        return vec![];
    };
    let asked = WorkloadOrPod::parse(&text, &partial.place);
    if !asked.is_ok_and(|asked| inner.reads(&partial.actor, &asked.scope())) {
        return vec![];
    }
    let names = logs::containers(&inner.view, &text, &partial.place);
    names.into_iter().map(plain).collect()
}

/// The object of a half-typed name, as the watches know it.
fn cached(inner: &Inner, name: &WorkloadName) -> Option<WorkloadObject> {
    let cached = inner.view.cached(&name.cluster, &name.namespace).ok()?;
    let kinds = name
        .kind
        .map_or_else(|| WorkloadKind::ALL.to_vec(), |kind| vec![kind]);
    kinds
        .into_iter()
        .find_map(|kind| cached.workload(&name.of_kind(kind)))
}

/// Revisions, newest first; the present one is not offered.
fn revisions(inner: &Inner, partial: &Partial, of: &str) -> Vec<Choice> {
    let Some(text) = partial.options.get(of).map(ToString::to_string) else {
        return vec![];
    };
    let Ok(name) = parse_workload(&text, &partial.place) else {
        return vec![];
    };
    if !inner.reads(&partial.actor, &name.scope()) {
        return vec![];
    }
    let Some(object) = cached(inner, &name) else {
        return vec![];
    };
    let Ok(mut found) = inner.view.cached_revisions(&object) else {
        return vec![];
    };
    found.sort_by_key(|r| std::cmp::Reverse(r.number));
    found
        .into_iter()
        .filter(|r| !r.current && r.number.to_string().starts_with(partial.text.trim()))
        .take(MOST)
        .map(|r| Choice {
            name: cut(revision_name(&r)),
            value: r.number.to_string(),
        })
        .collect()
}

fn revision_name(revision: &Revision) -> String {
    let images: Vec<&str> = revision.images.iter().map(|(_, image)| image.as_str()).collect();
    format!("{}: {}", revision.number, images.join(", "))
}

fn cut(text: String) -> String {
    if text.chars().count() <= LONGEST {
        text
    } else {
        text.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}

/// Those that begin with the text before those that contain it; at most as many as a chat shows. A value that is too
/// long to be sent is left out: cut, it would name something else.
fn rank(mut found: Vec<Choice>, text: &str) -> Vec<Choice> {
    let text = text.trim().to_lowercase();
    found.retain(|c| c.value.chars().count() <= LONGEST && c.value.to_lowercase().contains(&text));
    let last_part = |c: &Choice| c.value.rsplit('/').next().unwrap_or_default().to_lowercase();
    found.sort_by_cached_key(|c| {
        let begins = c.value.to_lowercase().starts_with(&text) || last_part(c).starts_with(&text);
        (!begins, c.value.matches('/').count(), c.value.clone())
    });
    found.dedup_by(|a, b| a.value == b.value);
    found.truncate(MOST);
    found
}
