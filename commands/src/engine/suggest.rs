//! Completes a half-typed option from the watch caches. No request leaves the process; an unknown answer is an empty one,
//! and what the asker may not read is never offered.

use super::{
    inner::Inner,
    interaction::{Choice, Partial},
    spelling::{Kind, Typed},
};
use crate::{
    cluster::{Cached, Revision, WorkloadObject},
    diagnosis::{History, Standing},
    input::{Suggest, WorkloadOrPod, parse_workload},
    logs,
    manual::Section,
    model::{Scope, Text, WorkloadKind, WorkloadName},
    objects::{
        DaemonSet, Deployment, HorizontalPodAutoscaler, Ingress, Job, Node, Pod, Service, StatefulSet,
    },
    ops::{catalogue, contract::Rights},
    ports::{IncidentFilter, manual::all_sections, metrics::Panel},
    texts::rollback as say,
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
    match kind {
        Suggest::Workload => objects(inner, partial, &WORKLOADS),
        Suggest::Scalable => {
            let kinds = [WorkloadKind::Deployment, WorkloadKind::StatefulSet];
            objects(inner, partial, &kinds.map(Kind::Workload))
        }
        Suggest::Pod => objects(inner, partial, &[Kind::Pod]),
        Suggest::WorkloadOrPod => objects(inner, partial, &[&WORKLOADS[..], &[Kind::Pod]].concat()),
        Suggest::Suspect => {
            let others = [
                Kind::Job,
                Kind::Service,
                Kind::Ingress,
                Kind::Autoscaler,
                Kind::Pod,
            ];
            let mut found = objects(inner, partial, &[&WORKLOADS[..], &others].concat());
            found.extend(words(nodes(inner, partial), &partial.text));
            found.truncate(MOST);
            found
        }
        Suggest::Container(of) => words(containers(inner, partial, of), &partial.text),
        Suggest::Revision(of) => revisions(inner, partial, of).await,
        Suggest::Incident => incidents(inner, partial).await,
        Suggest::Command => {
            let paths = catalogue::all().iter().map(|e| e.spec.path.to_owned());
            words(paths.collect(), &partial.text)
        }
        Suggest::Outcome => {
            let outcomes = Outcome::ALL.iter().map(|o| o.word().to_owned());
            words(outcomes.collect(), &partial.text)
        }
        Suggest::Check => {
            let checks = &inner.ports.checks;
            let all = checks.all.iter().filter(|_| checks.enabled);
            words(all.map(|check| check.name.clone()).collect(), &partial.text)
        }
        Suggest::Section => words(headings(inner, partial).await, &partial.text),
        Suggest::Panel => words(panels(inner, partial), &partial.text),
        Suggest::HealthTarget => {
            let targets = inner.ports.probes.targets().iter();
            let readable = targets.filter(|target| inner.reads(&partial.actor, &target.scope));
            words(
                readable.map(|target| target.name.clone()).collect(),
                &partial.text,
            )
        }
    }
}

/// The panels that have figures of this place which the person may read.
fn panels(inner: &Inner, partial: &Partial) -> Vec<String> {
    let metrics = &inner.ports.metrics;
    let here = Scope::namespace(&partial.place.cluster, &partial.place.namespace);
    let readable = |panel: &&Panel| {
        let scope = panel.scope(&here, metrics.home());
        scope.is_some_and(|scope| inner.reads(&partial.actor, &scope))
    };
    let all = metrics.panels().iter().filter(readable);
    all.map(|panel| panel.name.clone()).collect()
}

/// The three kinds of workloads.
const WORKLOADS: [Kind; 3] = [
    Kind::Workload(WorkloadKind::Deployment),
    Kind::Workload(WorkloadKind::StatefulSet),
    Kind::Workload(WorkloadKind::DaemonSet),
];

/// The nodes of the clusters that the person may read as a whole, as they are written here.
fn nodes(inner: &Inner, partial: &Partial) -> Vec<String> {
    let mut found = Vec::new();
    for cluster in inner.view.clusters() {
        let name = &cluster.name;
        if inner.reads(&partial.actor, &Scope::cluster(name))
            && let Ok(cached) = inner.view.cluster_scope(name)
        {
            let here = *name == partial.place.cluster;
            let written = |node: String| match here {
                true => format!("node/{node}"),
                false => format!("{name}/node/{node}"),
            };
            found.extend(cached.names::<Node>().into_iter().map(written));
        }
    }
    found
}

fn plain(text: String) -> Choice {
    Choice {
        name: text.clone(),
        value: text,
    }
}

/// The caches of the places that the person may read.
fn places(inner: &Inner, partial: &Partial) -> Vec<(Scope, Cached)> {
    let mut places = Vec::new();
    for cluster in inner.view.clusters() {
        for namespace in &cluster.namespaces {
            let scope = Scope::namespace(&cluster.name, namespace);
            if inner.reads(&partial.actor, &scope)
                && let Ok(cached) = inner.view.cached(&cluster.name, namespace)
            {
                places.push((scope, cached));
            }
        }
    }
    places
}

/// Workloads of some kinds, and pods, whose names begin as it is typed before those that contain it. Of each kind in each
/// namespace no more are kept than a chat shows, however many there are.
fn objects(inner: &Inner, partial: &Partial, kinds: &[Kind]) -> Vec<Choice> {
    let typed = Typed::new(&partial.text, &partial.place);
    let mut found: Vec<(bool, usize, String)> = Vec::new();
    for (scope, cached) in places(inner, partial) {
        for kind in kinds {
            let look = |names: &mut dyn Iterator<Item = &str>| typed.spellings(&scope, *kind, names, MOST);
            found.extend(match kind {
                Kind::Workload(WorkloadKind::Deployment) => cached.with_names::<Deployment, _>(look),
                Kind::Workload(WorkloadKind::StatefulSet) => cached.with_names::<StatefulSet, _>(look),
                Kind::Workload(WorkloadKind::DaemonSet) => cached.with_names::<DaemonSet, _>(look),
                Kind::Pod => cached.with_names::<Pod, _>(look),
                Kind::Job => cached.with_names::<Job, _>(look),
                Kind::Service => cached.with_names::<Service, _>(look),
                Kind::Ingress => cached.with_names::<Ingress, _>(look),
                Kind::Autoscaler => cached.with_names::<HorizontalPodAutoscaler, _>(look),
            });
        }
    }
    // A value that is too long to be sent is left out: cut, it would name something else.
    found.retain(|(_, _, value)| value.chars().count() <= LONGEST);
    found.sort();
    found.truncate(MOST);
    found.into_iter().map(|(_, _, value)| plain(value)).collect()
}

/// Words, those that begin with the text before those that contain it.
fn words(mut found: Vec<String>, text: &str) -> Vec<Choice> {
    let text = text.trim().to_lowercase();
    found.retain(|word| word.chars().count() <= LONGEST && word.to_lowercase().contains(&text));
    found.sort_by_cached_key(|word| (!word.to_lowercase().starts_with(&text), word.clone()));
    found.dedup();
    found.truncate(MOST);
    found.into_iter().map(plain).collect()
}

/// The headings of the manual. Whoever may not read it here is offered none.
async fn headings(inner: &Inner, partial: &Partial) -> Vec<String> {
    let here = Scope::namespace(&partial.place.cluster, &partial.place.namespace);
    if !inner.reads(&partial.actor, &here) {
        return vec![];
    }
    let files = inner.ports.manual.files().await.unwrap_or_default();
    all_sections(&files).iter().map(Section::label).collect()
}

fn containers(inner: &Inner, partial: &Partial, of: &str) -> Vec<String> {
    let Some(text) = partial.options.get(of).map(ToString::to_string) else {
        return vec![];
    };
    let asked = WorkloadOrPod::parse(&text, &partial.place);
    if !asked.is_ok_and(|asked| inner.reads(&partial.actor, &asked.scope())) {
        return vec![];
    }
    logs::containers(&inner.view, &text, &partial.place)
}

/// The open incidents that the person may read of, from the bot's own books.
async fn incidents(inner: &Inner, partial: &Partial) -> Vec<Choice> {
    let Ok(open) = inner.ports.ledger.incidents(IncidentFilter::default()).await else {
        return vec![];
    };
    let text = partial.text.trim();
    open.into_iter()
        .filter(|incident| incident.is_open() && inner.reads(&partial.actor, &incident.key.scope()))
        .filter(|incident| incident.id.to_string().contains(text))
        .take(MOST)
        .map(|incident| Choice {
            name: cut(format!(
                "{}: {}",
                incident.id,
                incident.headline().plain_in(partial.locale)
            )),
            value: incident.id.to_string(),
        })
        .collect()
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
async fn revisions(inner: &Inner, partial: &Partial, of: &str) -> Vec<Choice> {
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
    let workload = object.workload();
    let Ok(cached) = inner.view.cached(&workload.cluster, &workload.namespace) else {
        return vec![];
    };
    // A store that does not answer makes nothing known; the revisions are there all the same.
    let marks = inner.ports.ledger.worked(&workload).await.unwrap_or_default();
    let history = History::of(&cached, &workload, marks);
    found
        .into_iter()
        .filter(|r| !r.current && r.number.to_string().starts_with(partial.text.trim()))
        .take(MOST)
        .map(|r| Choice {
            name: cut(revision_name(&r, history.standing(&r)).plain_in(partial.locale)),
            value: r.number.to_string(),
        })
        .collect()
}

/// `2 (worked): acme/api:v1.1.0`
fn revision_name(revision: &Revision, standing: Standing) -> Text {
    let images: Vec<&str> = revision.images.iter().map(|(_, image)| image.as_str()).collect();
    let standing = match standing {
        Standing::Worked => say::worked(),
        Standing::Failed => say::failed(),
        Standing::NotKnown => say::not_known(),
    };
    say::choice(revision.number, &standing, &images.join(", "))
}

fn cut(text: String) -> String {
    if text.chars().count() <= LONGEST {
        text
    } else {
        text.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}
