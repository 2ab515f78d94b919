//! Options and words that several commands share.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;

use super::{
    Observed, Run,
    contract::{Context, OptionKind, OptionSpec, Rbac, Reach, Risk, Suggest, Text},
};
use crate::{
    cluster::{self, CHANGE_CAUSE, Cached, ClusterError, Op, WorkloadObject},
    failure::Failure,
    health,
    input::line_about,
    line,
    model::{Action, Workload},
    ports::LedgerError,
    redact::Redactor,
    ticket::Precondition,
};

/// The workload that a command is about.
pub(super) const WORKLOAD: OptionSpec = OptionSpec {
    name: "workload",
    summary: Text {
        en: "[cluster/][namespace/]kind/name",
        zh: "[集群/][命名空间/]类型/名称",
    },
    kind: OptionKind::Text,
    required: true,
    suggest: Some(Suggest::Workload),
};

/// The same where it may be left out.
pub(super) const WORKLOAD_OPTIONAL: OptionSpec = OptionSpec {
    required: false,
    ..WORKLOAD
};

/// Why something is asked for.
pub(super) const REASON: OptionSpec = OptionSpec {
    name: "reason",
    summary: Text {
        en: "Why, for those who approve",
        zh: "原因，供审批人参考",
    },
    kind: OptionKind::Text,
    required: false,
    suggest: None,
};

/// The Event that a change puts on its object.
pub(super) const EVENTS: Rbac = Rbac {
    group: "events.k8s.io",
    resource: "events",
    verbs: &["create"],
    reach: Reach::Namespace,
};

const SEE: &[&str] = &["get", "list", "watch"];

const fn see(group: &'static str, resource: &'static str) -> Rbac {
    Rbac {
        group,
        resource,
        verbs: SEE,
        reach: Reach::Namespace,
    }
}

/// What the watches and the cards of workloads read.
pub(super) const READ_WORKLOADS: &[Rbac] = &[
    see("apps", "deployments"),
    see("apps", "replicasets"),
    see("apps", "statefulsets"),
    see("apps", "daemonsets"),
    see("apps", "controllerrevisions"),
    see("", "pods"),
    see("", "services"),
    see("discovery.k8s.io", "endpointslices"),
    see("networking.k8s.io", "ingresses"),
    see("autoscaling", "horizontalpodautoscalers"),
    see("policy", "poddisruptionbudgets"),
];

/// A button that shows the state of a workload.
pub(super) fn status_button(workload: &Workload) -> Action {
    Action::run("status", line_about(workload), "Status")
}

/// A button that shows the logs of a workload.
pub(super) fn logs_button(workload: &Workload) -> Action {
    Action::run("logs", line_about(workload), "Logs")
}

/// What takes the secrets out of what a namespace's pods say; `None` where it is not known what is secret. While they say
/// nothing no Secret is read.
pub(super) async fn quotes(
    (cluster, namespace): (&str, &str),
    speak: bool,
    cx: &Context<'_>,
) -> Option<Arc<Redactor>> {
    let usual = &cx.ports.redactor;
    if !speak {
        return Some(Arc::clone(usual));
    }
    cx.view.redactor(cluster, namespace, usual).await.ok()
}

/// Whether a pod has something to say: what is wrong with it.
pub(super) fn speaks(pod: &Arc<Pod>) -> bool {
    health::state(pod).problem.is_some()
}

/// The pods with what they say, as it may be quoted.
pub(super) fn quoted(pods: Vec<Arc<Pod>>, quotes: Option<&Redactor>) -> Vec<Arc<Pod>> {
    let quoted = |pod| Arc::new(health::quoted_pod(Arc::unwrap_or_clone(pod), quotes));
    pods.into_iter().map(quoted).collect()
}

/// Where, as cards say it: `prod / ceoagent`.
pub(super) fn place(workload: &Workload) -> String {
    format!("{} / {}", workload.cluster, workload.namespace)
}

/// A store that failed, as the person reads it.
pub(super) fn store_failed(error: LedgerError) -> Failure {
    Failure::Dependency {
        what: "The bot's store".to_owned(),
        detail: error.to_string(),
    }
}

/// Refuses to show what may be long out of date as if it were so now.
pub(super) fn fresh(cached: &Cached, cluster: &str) -> Result<(), Failure> {
    if cached.synced() && cached.error().is_none() {
        return Ok(());
    }
    let detail = cached
        .error()
        .map_or_else(|| "its objects are still being read".to_owned(), |(what, _)| what);
    Err(ClusterError::Unreachable {
        cluster: cluster.to_owned(),
        detail,
    }
    .into())
}

/// Writes through the permit, and gives the generation that the write made.
pub(super) async fn write(run: &Run<'_>, precondition: &Precondition, ops: &[Op]) -> Result<i64, Failure> {
    let written = run.writer().write(precondition, ops).await?;
    let generation = written
        .pointer("/metadata/generation")
        .and_then(serde_json::Value::as_i64);
    generation.ok_or_else(|| Failure::Internal("the cluster answered without a generation".to_owned()))
}

/// Whether a write whose answer was lost, or whose process was, took effect: the object is as it was to become. Where it
/// is not but carries the write's mark, or its history does, somebody set it back.
pub(super) async fn observe(
    run: &Run<'_>,
    workload: &Workload,
    precondition: &Precondition,
    ours: impl Fn(&WorkloadObject) -> bool + Send + Sync,
) -> Result<Observed<i64>, Failure> {
    let object = run.view().workload(workload).await?;
    if object.uid() != precondition.uid {
        // Another object of the same name: the write says so.
        return Ok(Observed::NotDone);
    }
    if ours(&object) {
        return Ok(Observed::Done(object.generation()));
    }
    let mark = run.writer().change_cause();
    let mut causes = run
        .view()
        .revisions(&object)
        .await?
        .into_iter()
        .map(|r| r.change_cause);
    let value = object.value();
    let cause = value
        .pointer("/metadata/annotations")
        .and_then(|a| a.get(CHANGE_CAUSE));
    let made = cause.and_then(serde_json::Value::as_str) == Some(mark.as_str())
        || causes.any(|c| c.as_deref() == Some(&mark));
    Ok(if made {
        Observed::Stale(cluster::set_back(precondition, &value))
    } else {
        Observed::NotDone
    })
}

/// What the object itself warns of.
pub(super) fn risks(object: &WorkloadObject) -> Vec<Risk> {
    object
        .managed()
        .map(|m| Risk {
            note: line![m.note],
            raises_to: None,
        })
        .into_iter()
        .collect()
}

/// What replacing pods means for those who use them, where some run the new template already.
pub(super) fn replacement(object: &WorkloadObject, already: i32) -> String {
    let pace = object.pace();
    let desired = object.desired();
    let already = already.clamp(0, desired);
    let mut replaced = pods(desired - already);
    if already > 0 {
        replaced.push_str(&format!(" ({already} of {desired} run that already)"));
    }
    if pace.on_delete {
        return format!("nothing until somebody deletes pods (OnDelete); then {replaced} are replaced");
    }
    if pace.recreate {
        return format!("{replaced} end before new ones start (Recreate): nothing serves in between");
    }
    let floor = (desired - pace.max_unavailable).max(0);
    format!(
        "{replaced} replaced, at least {floor} serving at any time (maxUnavailable {}, maxSurge {})",
        pace.max_unavailable, pace.max_surge
    )
}

/// `1 pod`, `3 pods`.
pub(super) fn pods(n: i32) -> String {
    if n == 1 {
        "1 pod".to_owned()
    } else {
        format!("{n} pods")
    }
}
