//! The ONE table of the kinds that the bot reads. A line of `watched` makes a cache in every namespace (or in the cluster as a
//! whole), the task that keeps it, the rights for it, and access to it by its type: [`super::Cached::list`],
//! [`super::Cached::get`].

use super::{
    api_kind::{ApiKind, Kind, KindScope},
    store::Store,
};
use crate::objects::{
    Certificate, ConfigMap, ConfigRecord, ControllerRevision, CronJob, DaemonSet, Deployment, EndpointSlice,
    Event, HorizontalPodAutoscaler, Ingress, IngressClass, Job, LimitRange, NetworkPolicy, Node, Occupant,
    PersistentVolume, PersistentVolumeClaim, Pod, PodDisruptionBudget, PodMetrics, PullSecret, ReplicaSet,
    ResourceQuota, Secret, SecretKeys, SecretRecord, Service, StatefulSet, StorageClass, VolumeAttachment,
};

/// A kind that the bot watches.
pub trait Watched: Kind {
    /// Its place in the caches.
    fn store(stores: &Stores) -> &Store<Self>;
}

/// Does something for each kind of the table.
pub(super) trait ForEachKind {
    /// For this one.
    fn kind<K: Watched>(&mut self);
}

/// The core group has no name in paths.
const fn group_of(group: &'static str) -> &'static str {
    if matches!(group.as_bytes(), b"core") {
        ""
    } else {
        group
    }
}

macro_rules! kinds {
    (
        watched { $($store:ident: $kind:ident = $group:literal $version:literal $plural:literal, $scope:ident, needed: $needed:literal $(, only: $only:literal)?;)* }
        read { $($read:ident = $rgroup:literal $rversion:literal $rplural:literal $rkind:literal, $rscope:ident;)* }
    ) => {
        /// The caches of one namespace, or of what belongs to a cluster as a whole, one a kind.
        #[derive(Default)]
        pub struct Stores { $($store: Store<$kind>,)* }

        /// The kinds that are watched. The rights to `list` and `watch` them follow from here.
        pub const WATCHED: &[ApiKind] = &[$($kind::API),*];

        /// Kinds that are read or written without a watch.
        const OTHERS: &[ApiKind] = &[
            $($read::API,)*
        ];

        $(impl Kind for $kind {
            const API: ApiKind = ApiKind {
                path: concat!($group, "/", $plural), group: group_of($group), version: $version, plural: $plural, kind: stringify!($kind), scope: KindScope::$scope, needed: $needed, only: concat!($($only)?),
            };
        }
        impl Watched for $kind {
            fn store(stores: &Stores) -> &Store<Self> {
                &stores.$store
            }
        })*
        $(impl Kind for $read {
            const API: ApiKind = ApiKind {
                path: concat!($rgroup, "/", $rplural), group: group_of($rgroup), version: $rversion, plural: $rplural, kind: $rkind, scope: KindScope::$rscope, needed: false, only: "",
            };
        })*

        /// Calls for each kind that is watched, in the order of the table.
        pub(super) fn for_each(call: &mut impl ForEachKind) {
            $(call.kind::<$kind>();)*
        }
    };
}

kinds! {
    watched {
        deployments: Deployment = "apps" "v1" "deployments", Namespaced, needed: true;
        replica_sets: ReplicaSet = "apps" "v1" "replicasets", Namespaced, needed: true;
        stateful_sets: StatefulSet = "apps" "v1" "statefulsets", Namespaced, needed: true;
        daemon_sets: DaemonSet = "apps" "v1" "daemonsets", Namespaced, needed: true;
        controller_revisions: ControllerRevision = "apps" "v1" "controllerrevisions", Namespaced, needed: true;
        pods: Pod = "core" "v1" "pods", Namespaced, needed: true;
        services: Service = "core" "v1" "services", Namespaced, needed: false;
        endpoint_slices: EndpointSlice = "discovery.k8s.io" "v1" "endpointslices", Namespaced, needed: false;
        ingresses: Ingress = "networking.k8s.io" "v1" "ingresses", Namespaced, needed: false;
        autoscalers: HorizontalPodAutoscaler = "autoscaling" "v2" "horizontalpodautoscalers", Namespaced, needed: false;
        budgets: PodDisruptionBudget = "policy" "v1" "poddisruptionbudgets", Namespaced, needed: false;
        jobs: Job = "batch" "v1" "jobs", Namespaced, needed: false;
        // What repeats the status of a pod is most of them, and nobody reads it.
        events: Event = "core" "v1" "events", Namespaced, needed: false, only: "type=Warning,reason!=BackOff,reason!=Failed,reason!=FailedScheduling,reason!=MissingClusterDNS,reason!=DNSConfigForming";
        nodes: Node = "core" "v1" "nodes", Cluster, needed: false;
    }
    read {
        Secret = "core" "v1" "secrets" "Secret", Namespaced;
        ConfigMap = "core" "v1" "configmaps" "ConfigMap", Namespaced;
        CronJob = "batch" "v1" "cronjobs" "CronJob", Namespaced;
        PersistentVolumeClaim = "core" "v1" "persistentvolumeclaims" "PersistentVolumeClaim", Namespaced;
        PersistentVolume = "core" "v1" "persistentvolumes" "PersistentVolume", Cluster;
        ResourceQuota = "core" "v1" "resourcequotas" "ResourceQuota", Namespaced;
        LimitRange = "core" "v1" "limitranges" "LimitRange", Namespaced;
        StorageClass = "storage.k8s.io" "v1" "storageclasses" "StorageClass", Cluster;
        NetworkPolicy = "networking.k8s.io" "v1" "networkpolicies" "NetworkPolicy", Namespaced;
        IngressClass = "networking.k8s.io" "v1" "ingressclasses" "IngressClass", Cluster;
        // Read in the cluster as a whole where that is allowed, else in the namespaces that are served.
        Occupant = "core" "v1" "pods" "Pod", Cluster;
        PullSecret = "core" "v1" "secrets" "Secret", Namespaced;
        VolumeAttachment = "storage.k8s.io" "v1" "volumeattachments" "VolumeAttachment", Cluster;
        PodMetrics = "metrics.k8s.io" "v1beta1" "pods" "PodMetrics", Namespaced;
        ConfigRecord = "core" "v1" "configmaps" "ConfigMap", Namespaced;
        SecretRecord = "core" "v1" "secrets" "Secret", Namespaced;
        SecretKeys = "core" "v1" "secrets" "Secret", Namespaced;
        Certificate = "core" "v1" "secrets" "Secret", Namespaced;
    }
}

/// The kind of a word in lower case: `deployment`.
pub(super) fn by_word(word: &str) -> Option<&'static ApiKind> {
    let mut all = WATCHED.iter().chain(OTHERS);
    all.find(|api| api.kind.eq_ignore_ascii_case(word))
}

/// What the table says of a resource, written `group/plural`.
pub(super) fn find(group: &str, plural: &str) -> Option<&'static ApiKind> {
    let mut all = WATCHED.iter().chain(OTHERS);
    all.find(|api| api.group == group && api.plural == plural)
}

#[cfg(test)]
mod tests {
    use kube::Resource;

    use super::*;

    /// The library knows the same kinds by the same names.
    #[test]
    fn the_table_says_what_the_api_says() {
        fn of<K: Resource<DynamicType = ()>>() -> (String, String, String, String) {
            let text = |text: std::borrow::Cow<'_, str>| text.into_owned();
            (
                text(K::group(&())),
                text(K::version(&())),
                text(K::plural(&())),
                text(K::kind(&())),
            )
        }
        use k8s_openapi::api::{
            apps::v1 as apps, autoscaling::v2 as autoscaling, batch::v1 as batch, core::v1 as core,
            discovery::v1 as discovery, networking::v1 as networking, policy::v1 as policy,
            storage::v1 as storage,
        };
        let library = [
            of::<apps::Deployment>(),
            of::<apps::ReplicaSet>(),
            of::<apps::StatefulSet>(),
            of::<apps::DaemonSet>(),
            of::<apps::ControllerRevision>(),
            of::<core::Pod>(),
            of::<core::Service>(),
            of::<discovery::EndpointSlice>(),
            of::<networking::Ingress>(),
            of::<autoscaling::HorizontalPodAutoscaler>(),
            of::<policy::PodDisruptionBudget>(),
            of::<batch::Job>(),
            of::<core::Event>(),
            of::<core::Node>(),
            of::<core::Secret>(),
            of::<core::ConfigMap>(),
            of::<batch::CronJob>(),
            of::<core::PersistentVolumeClaim>(),
            of::<core::PersistentVolume>(),
            of::<core::ResourceQuota>(),
            of::<core::LimitRange>(),
            of::<storage::StorageClass>(),
            of::<networking::NetworkPolicy>(),
            of::<networking::IngressClass>(),
        ];
        let own = WATCHED.iter().chain(OTHERS).map(|api| {
            let text = |text: &str| text.to_owned();
            (
                text(api.group),
                text(api.version),
                text(api.plural),
                text(api.kind),
            )
        });
        assert_eq!(own.take(library.len()).collect::<Vec<_>>(), library);
    }
}
