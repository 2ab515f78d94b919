//! Whose pod a pod is. `ownerReferences` are whatever the maker of an object wrote there, so a name proves nothing: only an
//! object with the uid that is told owns.

use k8s_openapi::{
    api::core::v1::Pod,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};

use super::Cached;
use crate::model::{Workload, WorkloadKind};

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
    fn of(object: Option<T>, uid: impl FnOnce(&T) -> Option<String>, reference: &OwnerReference) -> Self {
        match object {
            None => Self::Missing,
            Some(object) if uid(&object).as_deref() == Some(reference.uid.as_str()) => Self::Match(object),
            Some(_) => Self::Other,
        }
    }
}

fn controller(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    let owners = metadata.owner_references.iter().flatten();
    owners.into_iter().find(|owner| owner.controller == Some(true))
}

/// Which of the watched kinds a reference is to.
fn watched(reference: &OwnerReference) -> Option<&str> {
    let kind = reference.kind.as_str();
    let ours = reference.api_version == "apps/v1"
        && matches!(kind, "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet");
    ours.then_some(kind)
}

impl Cached {
    /// Who controls a pod.
    #[must_use]
    pub fn controller_of(&self, pod: &Pod) -> PodOwner {
        let Some(reference) = controller(&pod.metadata) else {
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

    fn of_replica_set(&self, reference: &OwnerReference) -> PodOwner {
        let set = self.cache.replica_sets.get(&reference.name);
        let set = match Lookup::of(set, |set| set.metadata.uid.clone(), reference) {
            Lookup::Match(set) => set,
            Lookup::Other => return PodOwner::Nobody,
            Lookup::Missing => return PodOwner::Gone,
        };
        match controller(&set.metadata) {
            Some(owner) if watched(owner) == Some("Deployment") => {
                self.of_workload(WorkloadKind::Deployment, owner)
            }
            _ => PodOwner::ReplicaSet(reference.name.clone()),
        }
    }

    fn of_workload(&self, kind: WorkloadKind, reference: &OwnerReference) -> PodOwner {
        let object = self.find(kind, &reference.name);
        match Lookup::of(object, |object| Some(object.uid().to_owned()), reference) {
            Lookup::Match(object) => PodOwner::Workload(object.workload()),
            Lookup::Other => PodOwner::Nobody,
            Lookup::Missing => PodOwner::Gone,
        }
    }
}
