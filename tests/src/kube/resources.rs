//! The kinds that the simulator serves, one line each; discovery, routing, storage and printing read this table.

/// What is known of one resource (all its versions together).
#[derive(Debug, PartialEq, Eq)]
pub struct Resource {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// Served versions, preferred first.
    pub versions: &'static [&'static str],
    /// Plural name, as in URLs.
    pub plural: &'static str,
    /// Kind, as in manifests.
    pub kind: &'static str,
    /// Short names that kubectl accepts.
    pub short: &'static [&'static str],
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Whether `metadata.generation` counts the changes of the desired state.
    pub generation: bool,
    /// Subresources (`status`, `scale`, `log`, ...).
    pub sub: &'static [&'static str],
    /// Whether `kubectl get all` shows it.
    pub all: bool,
}

impl Resource {
    /// The singular name, which for every kind here is the kind in lower case.
    pub fn singular(&self) -> String {
        self.kind.to_lowercase()
    }

    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(&self) -> String {
        group_version(self.group, self.versions[0])
    }

    /// Whether the kind has this subresource.
    pub fn has_sub(&self, name: &str) -> bool {
        self.sub.contains(&name)
    }
}

/// `group/version`, or the version alone for the core group.
pub fn group_version(group: &str, version: &str) -> String {
    if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    }
}

const V1: &[&str] = &["v1"];
const NONE: &[&str] = &[];
const STATUS: &[&str] = &["status"];
const SCALED: &[&str] = &["scale", "status"];

macro_rules! table {
    ($( $group:literal $versions:expr, $plural:literal $kind:literal $short:expr, ns $ns:literal, gen $gen:literal, sub $sub:expr, all $all:literal; )*) => {
        &[ $( Resource { group: $group, versions: $versions, plural: $plural, kind: $kind, short: $short,
                         namespaced: $ns, generation: $gen, sub: $sub, all: $all } ),* ]
    };
}

/// Every kind, in the order in which discovery lists the groups.
pub static RESOURCES: &[Resource] = table! {
    "" V1, "configmaps" "ConfigMap" &["cm"], ns true, gen false, sub NONE, all false;
    "" V1, "endpoints" "Endpoints" &["ep"], ns true, gen false, sub NONE, all false;
    "" V1, "events" "Event" &["ev"], ns true, gen false, sub NONE, all false;
    "" V1, "limitranges" "LimitRange" &["limits"], ns true, gen false, sub NONE, all false;
    "" V1, "namespaces" "Namespace" &["ns"], ns false, gen false, sub &["finalize", "status"], all false;
    "" V1, "nodes" "Node" &["no"], ns false, gen false, sub &["proxy", "status"], all false;
    "" V1, "persistentvolumeclaims" "PersistentVolumeClaim" &["pvc"], ns true, gen false, sub STATUS, all false;
    "" V1, "persistentvolumes" "PersistentVolume" &["pv"], ns false, gen false, sub STATUS, all false;
    "" V1, "pods" "Pod" &["po"], ns true, gen true, sub &["attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize", "status"], all true;
    "" V1, "podtemplates" "PodTemplate" NONE, ns true, gen true, sub NONE, all false;
    "" V1, "replicationcontrollers" "ReplicationController" &["rc"], ns true, gen true, sub SCALED, all true;
    "" V1, "resourcequotas" "ResourceQuota" &["quota"], ns true, gen false, sub STATUS, all false;
    "" V1, "secrets" "Secret" NONE, ns true, gen false, sub NONE, all false;
    "" V1, "serviceaccounts" "ServiceAccount" &["sa"], ns true, gen false, sub &["token"], all false;
    "" V1, "services" "Service" &["svc"], ns true, gen false, sub &["proxy", "status"], all true;
    "apiregistration.k8s.io" V1, "apiservices" "APIService" NONE, ns false, gen false, sub STATUS, all false;
    "apps" V1, "controllerrevisions" "ControllerRevision" NONE, ns true, gen false, sub NONE, all false;
    "apps" V1, "daemonsets" "DaemonSet" &["ds"], ns true, gen true, sub STATUS, all true;
    "apps" V1, "deployments" "Deployment" &["deploy"], ns true, gen true, sub SCALED, all true;
    "apps" V1, "replicasets" "ReplicaSet" &["rs"], ns true, gen true, sub SCALED, all true;
    "apps" V1, "statefulsets" "StatefulSet" &["sts"], ns true, gen true, sub SCALED, all true;
    "autoscaling" &["v2", "v1"], "horizontalpodautoscalers" "HorizontalPodAutoscaler" &["hpa"], ns true, gen false, sub STATUS, all true;
    "batch" V1, "cronjobs" "CronJob" &["cj"], ns true, gen true, sub STATUS, all true;
    "batch" V1, "jobs" "Job" NONE, ns true, gen true, sub STATUS, all true;
    "networking.k8s.io" V1, "ingressclasses" "IngressClass" NONE, ns false, gen true, sub NONE, all false;
    "networking.k8s.io" V1, "ingresses" "Ingress" &["ing"], ns true, gen true, sub STATUS, all false;
    "networking.k8s.io" V1, "networkpolicies" "NetworkPolicy" &["netpol"], ns true, gen true, sub NONE, all false;
    "policy" V1, "poddisruptionbudgets" "PodDisruptionBudget" &["pdb"], ns true, gen true, sub STATUS, all false;
    "rbac.authorization.k8s.io" V1, "clusterrolebindings" "ClusterRoleBinding" NONE, ns false, gen false, sub NONE, all false;
    "rbac.authorization.k8s.io" V1, "clusterroles" "ClusterRole" NONE, ns false, gen false, sub NONE, all false;
    "rbac.authorization.k8s.io" V1, "rolebindings" "RoleBinding" NONE, ns true, gen false, sub NONE, all false;
    "rbac.authorization.k8s.io" V1, "roles" "Role" NONE, ns true, gen false, sub NONE, all false;
    "storage.k8s.io" V1, "storageclasses" "StorageClass" &["sc"], ns false, gen false, sub NONE, all false;
    "storage.k8s.io" V1, "volumeattachments" "VolumeAttachment" NONE, ns false, gen false, sub STATUS, all false;
    "scheduling.k8s.io" V1, "priorityclasses" "PriorityClass" &["pc"], ns false, gen true, sub NONE, all false;
    "coordination.k8s.io" V1, "leases" "Lease" NONE, ns true, gen false, sub NONE, all false;
    "discovery.k8s.io" V1, "endpointslices" "EndpointSlice" NONE, ns true, gen true, sub NONE, all false;
};

/// The kind with this group and plural. `events.k8s.io` shares the storage of core events.
pub fn by_plural(group: &str, plural: &str) -> Option<&'static Resource> {
    let group = if group == "events.k8s.io" { "" } else { group };
    RESOURCES.iter().find(|r| r.group == group && r.plural == plural)
}

/// The kind with this `apiVersion` and `kind`.
pub fn by_kind(api_version: &str, kind: &str) -> Option<&'static Resource> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let group = if group == "events.k8s.io" { "" } else { group };
    RESOURCES
        .iter()
        .find(|r| r.group == group && r.kind == kind && r.versions.contains(&version))
}
