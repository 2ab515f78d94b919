//! Whose objects are listed: those of a namespace, or what belongs to one object of it.

use std::{collections::HashSet, sync::Arc};

use super::super::{
    contract::{Args, Context},
    options,
};
use crate::{
    cluster::{Cached, ClusterError, Select, Watched, WorkloadObject, near_of},
    failure::Failure,
    health::service,
    input::{BadInput, Input, ObjectName},
    model::{Scope, Text, Workload},
    objects::{ControllerRevision, Job, Metadata, Pairs, Pod, ReplicaSet, Service},
    texts,
};

/// The most objects that one list reads where no watch has them.
pub(super) const MOST: u32 = 1000;

/// The words of a list: whose objects.
pub struct Whose {
    /// The object, where one was named.
    pub(super) of: Option<ObjectName>,
    scope: Scope,
}

impl Args for Whose {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let of = input.take(&options::FOR)?;
        Ok(Self::object(of, input))
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Whose {
    /// Those of an object, or of the place where it is asked.
    pub(super) fn object(of: Option<ObjectName>, input: &Input) -> Self {
        let scope = of.as_ref().map_or_else(|| input.here(), ObjectName::scope);
        Self { of, scope }
    }

    /// The same of what belongs to a cluster as a whole.
    pub(super) fn in_cluster(self) -> Self {
        Self {
            scope: Scope::cluster(&self.scope.cluster),
            ..self
        }
    }

    /// Refuses an object of a kind that has nothing of what is listed. A name without a kind is a workload's.
    fn only(&self, kinds: &[&str], what: &str) -> Result<(), BadInput> {
        let Some(of) = &self.of else { return Ok(()) };
        let fits = of.workload().is_some() && kinds.contains(&"deployment");
        if fits || of.kind.as_deref().is_some_and(|kind| kinds.contains(&kind)) {
            return Ok(());
        }
        Err(BadInput::new(texts::options::has_none(&of.short(), what)).hint(texts::options::give(kinds)))
    }
}

/// An object with what belongs to it, as the watches know it.
pub(super) struct Family {
    /// Its kind, as kubectl writes it.
    pub(super) kind: String,
    /// Its name.
    pub(super) name: String,
    /// The workload that it is.
    pub(super) workload: Option<WorkloadObject>,
    /// Its pods.
    pub(super) pods: Vec<Arc<Pod>>,
    /// What belongs to it, pods included: `kind/name`.
    made: HashSet<String>,
    /// Whether it is there; not known of a kind that no watch knows.
    there: Option<bool>,
    scope: Scope,
    near: Vec<String>,
}

impl Family {
    /// Of the object that was named, if it is of one of these kinds: others have nothing of what is listed.
    pub(super) async fn asked(
        whose: &Whose,
        kinds: &[&str],
        what: &str,
        cx: &Context<'_>,
    ) -> Result<Option<Self>, Failure> {
        whose.only(kinds, what)?;
        Self::of(whose, cx).await
    }

    /// What is listed in the words of a title; nothing of a whole place, which stands beside every title.
    pub(super) fn called(family: Option<&Self>) -> Option<Text> {
        family.map(|family| family.short().into())
    }

    /// Of the object that was named.
    pub(super) async fn of(whose: &Whose, cx: &Context<'_>) -> Result<Option<Self>, Failure> {
        let Some(name) = &whose.of else { return Ok(None) };
        let cached = cx.view.cached(&name.cluster, &name.namespace)?;
        if let Some(workload) = name.workload() {
            let workload = cx.view.resolve(&workload).await?;
            let family = Self::of_workload(&workload, &cached, cx).await?;
            return Ok(Some(family.with_pods()));
        }
        Ok(Some(Self::of_other(name, &cached).with_pods()))
    }

    fn with_pods(mut self) -> Self {
        let pods: Vec<String> = names::<Pod>("pod", &self.pods).collect();
        self.made.extend(pods);
        self
    }

    async fn of_workload(workload: &Workload, cached: &Cached, cx: &Context<'_>) -> Result<Self, Failure> {
        let object = match cached.workload(workload) {
            Some(object) => object,
            None => cx.view.workload(workload).await?,
        };
        let sets = cached.replica_sets_of(workload);
        let revisions = cached.controller_revisions_of(workload);
        let made = names::<ReplicaSet>("replicaset", &sets)
            .chain(names::<ControllerRevision>("controllerrevision", &revisions));
        Ok(Self {
            kind: workload.kind.singular().to_owned(),
            name: workload.name.clone(),
            pods: cached.pods_of(workload),
            made: made.collect(),
            there: Some(true),
            scope: workload.scope(),
            near: vec![],
            workload: Some(object),
        })
    }

    fn of_other(name: &ObjectName, cached: &Cached) -> Self {
        let kind = name.kind.clone().unwrap_or_default();
        let mut family = Self {
            name: name.name.clone(),
            workload: None,
            pods: vec![],
            made: HashSet::new(),
            there: None,
            scope: name.scope(),
            near: vec![],
            kind,
        };
        match family.kind.as_str() {
            "pod" => {
                family.look_for::<Pod>(cached);
                family.pods.extend(cached.get::<Pod>(&name.name));
            }
            "job" => {
                family.look_for::<Job>(cached);
                let job = cached.get::<Job>(&name.name);
                family.take_pods_of(job.as_slice(), cached);
            }
            "cronjob" => {
                let mut jobs = cached.list::<Job>();
                jobs.retain(|job| is_made_by(&job.metadata, "CronJob", &name.name));
                family.made = names::<Job>("job", &jobs).collect();
                family.take_pods_of(&jobs, cached);
            }
            "service" => {
                family.look_for::<Service>(cached);
                let service = cached.get::<Service>(&name.name);
                family.pods = cached.list::<Pod>();
                family
                    .pods
                    .retain(|pod| service.iter().any(|s| service::selects(s, &pod.metadata.labels)));
            }
            "node" => {
                family.pods = cached.list::<Pod>();
                family.pods.retain(|pod| *pod.spec.node_name == name.name);
            }
            "persistentvolumeclaim" => {
                family.pods = cached.list::<Pod>();
                family
                    .pods
                    .retain(|pod| pod.spec.claims.iter().any(|claim| **claim == name.name));
            }
            _ => {}
        }
        family
    }

    /// Notes whether an object of a watched kind is there, and which ones look like it.
    fn look_for<K: Watched>(&mut self, cached: &Cached) {
        let there = cached.get::<K>(&self.name).is_some();
        self.there = (there || cached.knows::<K>()).then_some(there);
        if !there {
            self.near = near_of(&self.name, cached.names::<K>());
        }
    }

    fn take_pods_of(&mut self, jobs: &[Arc<Job>], cached: &Cached) {
        let uids: HashSet<&str> = jobs.iter().map(|job| &*job.metadata.uid).collect();
        self.pods = cached.list::<Pod>();
        self.pods.retain(|pod| {
            pod.metadata
                .controller()
                .is_some_and(|owner| uids.contains(&*owner.uid))
        });
    }

    /// `deployment/api`
    pub(super) fn short(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// Whether it is this object.
    pub(super) fn is(&self, kind: &str, name: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind) && self.name == name
    }

    /// Whether an object is it, or belongs to it.
    pub(super) fn has(&self, kind: &str, name: &str) -> bool {
        self.is(kind, name) || self.made.contains(&format!("{}/{name}", kind.to_lowercase()))
    }

    /// Whether nothing but itself belongs to it.
    pub(super) fn is_alone(&self) -> bool {
        self.made.iter().all(|one| *one == self.short())
    }

    /// The labels by which a Service finds its pods.
    pub(super) fn labels(&self) -> Vec<Pairs> {
        match &self.workload {
            Some(workload) => vec![workload.template_parts().metadata.labels],
            None => self.pods.iter().map(|pod| pod.metadata.labels.clone()).collect(),
        }
    }

    /// Says where nothing was found that there is no such object, with the names that look like it.
    pub(super) fn must_be(&self) -> Result<(), Failure> {
        if self.there != Some(false) {
            return Ok(());
        }
        Err(ClusterError::NotFound {
            cluster: self.scope.cluster.clone(),
            namespace: self.scope.namespace.clone().unwrap_or_default(),
            what: self.kind.clone(),
            name: self.name.clone(),
            near: self.near.clone(),
        }
        .into())
    }
}

fn names<'a, K: Watched>(
    kind: &'static str,
    objects: &'a [Arc<K>],
) -> impl Iterator<Item = String> + use<'a, K> {
    objects
        .iter()
        .map(move |object| format!("{kind}/{}", object.metadata().name))
}

/// Whether an object was made by another one.
pub(super) fn is_made_by(metadata: &Metadata, kind: &str, name: &str) -> bool {
    metadata
        .controller()
        .is_some_and(|owner| owner.kind == *kind && owner.name == *name)
}

/// The objects of a kind that is watched, as its watch knows them; where that fails they are asked for, so that what is wrong
/// is told as what it is.
pub(super) async fn known<K: Watched>(scope: &Scope, cx: &Context<'_>) -> Result<Vec<Arc<K>>, Failure> {
    let cached = match &scope.namespace {
        Some(namespace) => cx.view.cached(&scope.cluster, namespace)?,
        None => cx.view.cluster_scope(&scope.cluster)?,
    };
    if cached.knows::<K>() {
        return Ok(cached.list());
    }
    let listed: Vec<K> = cx.view.list_in(scope, &Select::default()).await?;
    Ok(listed.into_iter().map(Arc::new).collect())
}
