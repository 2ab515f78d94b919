//! Whose pod a pod is. `ownerReferences` are whatever the maker of an object wrote there, so a name proves nothing: only an
//! object with the uid that is told owns.

use super::{Cached, WorkloadObject};
use crate::{
    model::{Workload, WorkloadKind},
    objects::{OwnerReference, Pod, ReplicaSet},
};

/// Who controls a pod, as far as the caches can tell.
#[derive(Debug, Clone, PartialEq)]
pub enum PodOwner {
    /// A workload that is there.
    Workload(Workload),
    /// A ReplicaSet, by name, that is there and is no Deployment's.
    ReplicaSet(String),
    /// Something that is not there: it is gone, and the garbage collector takes its pods away.
    Gone,
    /// An object of a kind that is not watched; what the pod says of it is not proven.
    Unwatched(OwnerReference),
    /// Nobody; or the pod names an object that is another one than it says.
    Nobody,
}

/// What the reference to an owner turns out to be.
enum Lookup<T> {
    Match(T),
    Other,
    Missing,
}

impl<T> Lookup<T> {
    fn of(object: Option<T>, uid: impl FnOnce(&T) -> &str, reference: &OwnerReference) -> Self {
        match object {
            None => Self::Missing,
            Some(object) if *uid(&object) == *reference.uid => Self::Match(object),
            Some(_) => Self::Other,
        }
    }
}

/// Which of the watched kinds a reference is to.
fn watched(reference: &OwnerReference) -> Option<&str> {
    let kind = &*reference.kind;
    let ours = reference.api_version == "apps/v1"
        && matches!(kind, "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet");
    ours.then_some(kind)
}

impl Cached {
    /// Who controls a pod.
    #[must_use]
    pub fn controller_of(&self, pod: &Pod) -> PodOwner {
        let Some(reference) = pod.metadata.controller() else {
            return PodOwner::Nobody;
        };
        match watched(reference) {
            Some("ReplicaSet") => self.of_replica_set(reference),
            Some("StatefulSet") => self.of_workload(WorkloadKind::StatefulSet, reference),
            Some("DaemonSet") => self.of_workload(WorkloadKind::DaemonSet, reference),
            // A Deployment makes no pods itself.
            Some(_) => PodOwner::Nobody,
            None => PodOwner::Unwatched(reference.clone()),
        }
    }

    /// The workload that a pod belongs to.
    #[must_use]
    pub fn owner_of(&self, pod: &Pod) -> Option<Workload> {
        match self.controller_of(pod) {
            PodOwner::Workload(workload) => Some(workload),
            _ => None,
        }
    }

    /// What a pod is called: by the workload that it belongs to, else by itself.
    #[must_use]
    pub fn called(&self, pod: &Pod) -> String {
        let own = || format!("pod/{}", pod.metadata.name);
        self.owner_of(pod).map_or_else(own, |owner| owner.short())
    }

    fn of_replica_set(&self, reference: &OwnerReference) -> PodOwner {
        let set = self.get::<ReplicaSet>(&reference.name);
        let set = match Lookup::of(set, |set| &*set.metadata.uid, reference) {
            Lookup::Match(set) => set,
            Lookup::Other => return PodOwner::Nobody,
            Lookup::Missing => return PodOwner::Gone,
        };
        match set.metadata.controller() {
            Some(owner) if watched(owner) == Some("Deployment") => {
                self.of_workload(WorkloadKind::Deployment, owner)
            }
            _ => PodOwner::ReplicaSet(reference.name.to_string()),
        }
    }

    fn of_workload(&self, kind: WorkloadKind, reference: &OwnerReference) -> PodOwner {
        let object = self.find(kind, &reference.name);
        match Lookup::of(object, WorkloadObject::uid, reference) {
            Lookup::Match(object) => PodOwner::Workload(object.workload()),
            Lookup::Other => PodOwner::Nobody,
            Lookup::Missing => PodOwner::Gone,
        }
    }
}
