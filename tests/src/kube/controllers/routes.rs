//! Who has to look at what after which change.

use serde_json::Value;

use super::meta::{controller_of, deleting, name, namespace, selects, text, uid};
use super::{Cx, Desk};
use crate::kube::key::Key;
use crate::kube::store::{EventKind, StoreEvent};

/// Queues the reactions to one change.
pub(super) fn route(cx: &mut Cx, event: &StoreEvent) {
    let key = &event.key;
    if key.plural == "events" || key.plural == "leases" {
        return;
    }
    owner(cx, &event.object);
    if let Some(previous) = &event.previous
        && controller_of(previous) != controller_of(&event.object)
    {
        owner(cx, previous);
    }
    collect(cx, event);
    let pause = cx.pace.control;
    match key.plural.as_str() {
        "deployments" => {
            cx.look(Desk::Deployment, key, pause);
            for scaler in cx
                .store
                .list_shared(
                    "autoscaling",
                    "horizontalpodautoscalers",
                    key.namespace.as_deref(),
                )
                .0
            {
                keyed(cx, Desk::Autoscaler, &scaler);
            }
        }
        "replicasets" => cx.look(Desk::ReplicaSet, key, pause),
        "statefulsets" => cx.look(Desk::StatefulSet, key, pause),
        "daemonsets" => cx.look(Desk::DaemonSet, key, pause),
        "jobs" => cx.look(Desk::Job, key, pause),
        "cronjobs" => cx.look(Desk::CronJob, key, pause),
        "services" => cx.look(Desk::Endpoints, key, pause),
        "endpointslices" if event.kind == EventKind::Deleted => owner(cx, &event.object),
        "poddisruptionbudgets" => cx.look(Desk::Disruption, key, pause),
        "resourcequotas" => cx.look(Desk::Quota, key, pause),
        "horizontalpodautoscalers" => cx.look(Desk::Autoscaler, key, pause),
        "persistentvolumeclaims" => cx.look(Desk::Claim, key, pause),
        "nodes" => node(cx, key),
        "pods" => pod(cx, event),
        _ => {}
    }
}

fn keyed(cx: &mut Cx, desk: Desk, object: &Value) {
    if let Some(key) = Key::of(object) {
        let pause = cx.pace.control;
        cx.look(desk, &key, pause);
    }
}

/// The controller of the object looks at its own object.
fn owner(cx: &mut Cx, object: &Value) {
    let Some(owner) = controller_of(object) else {
        return;
    };
    let (desk, group, plural) = match owner["kind"].as_str().unwrap_or_default() {
        "Deployment" => (Desk::Deployment, "apps", "deployments"),
        "ReplicaSet" => (Desk::ReplicaSet, "apps", "replicasets"),
        "StatefulSet" => (Desk::StatefulSet, "apps", "statefulsets"),
        "DaemonSet" => (Desk::DaemonSet, "apps", "daemonsets"),
        "Job" => (Desk::Job, "batch", "jobs"),
        "CronJob" => (Desk::CronJob, "batch", "cronjobs"),
        "Service" => (Desk::Endpoints, "", "services"),
        _ => return,
    };
    let key = Key::namespaced(
        group,
        plural,
        namespace(object),
        owner["name"].as_str().unwrap_or_default(),
    );
    let pause = cx.pace.control;
    cx.look(desk, &key, pause);
}

/// The garbage collector looks at what lost its owner and at what waits for it.
fn collect(cx: &mut Cx, event: &StoreEvent) {
    let pause = cx.pace.control;
    if event.kind == EventKind::Deleted {
        for dependent in cx.index.dependents(uid(&event.object)) {
            cx.look(Desk::Collector, &dependent, pause);
        }
        let owners = event.object["metadata"]["ownerReferences"].as_array();
        for owner in owners.into_iter().flatten() {
            if let Some(key) = cx.index.place(owner["uid"].as_str().unwrap_or_default()) {
                cx.look(Desk::Collector, &key, pause);
            }
        }
    } else if deleting(&event.object)
        || (event.kind == EventKind::Added && event.object["metadata"]["ownerReferences"].is_array())
    {
        cx.look(Desk::Collector, &event.key, pause);
    }
}

fn node(cx: &mut Cx, key: &Key) {
    let pause = cx.pace.control;
    cx.look(Desk::NodeLifecycle, key, pause);
    for set in cx.store.list_shared("apps", "daemonsets", None).0 {
        keyed(cx, Desk::DaemonSet, &set);
    }
    retry_waiting(cx);
}

/// Room may have become free: the waiting pods are tried again.
fn retry_waiting(cx: &mut Cx) {
    let pause = cx.pace.schedule;
    for key in cx.index.waiting() {
        cx.look(Desk::Scheduler, &key, pause);
    }
}

fn pod(cx: &mut Cx, event: &StoreEvent) {
    let (key, pod) = (&event.key, &event.object);
    let gone = event.kind == EventKind::Deleted;
    let previous = event.previous.as_deref();
    if text(pod, "/spec/nodeName").is_empty() {
        if !gone && previous.is_none() {
            let pause = cx.pace.schedule;
            cx.look(Desk::Scheduler, key, pause);
        }
    } else {
        cx.look(Desk::Kubelet, key, std::time::Duration::ZERO);
        let finished = |pod: &Value| matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
        if gone || (finished(pod) && !previous.is_some_and(finished)) {
            retry_waiting(cx);
        }
    }
    let same = !gone && previous.is_some_and(|previous| face(previous) == face(pod));
    if same {
        return;
    }
    let pause = cx.pace.control;
    let place = namespace(pod).to_owned();
    let labels = [Some(&**pod), previous];
    let touches = |selector: &Value| {
        labels
            .iter()
            .flatten()
            .any(|pod| selects(selector, &pod["metadata"]["labels"]))
    };
    for service in cx.store.list_shared("", "services", Some(&place)).0 {
        let selector = serde_json::json!({"matchLabels": service["spec"]["selector"]});
        if service["spec"]["selector"].is_object() && touches(&selector) {
            cx.look(
                Desk::Endpoints,
                &Key::namespaced("", "services", &place, name(&service)),
                pause,
            );
        }
    }
    for budget in cx
        .store
        .list_shared("policy", "poddisruptionbudgets", Some(&place))
        .0
    {
        if touches(&budget["spec"]["selector"]) {
            cx.look(
                Desk::Disruption,
                &Key::namespaced("policy", "poddisruptionbudgets", &place, name(&budget)),
                pause,
            );
        }
    }
    for quota in cx.store.list_shared("", "resourcequotas", Some(&place)).0 {
        cx.look(
            Desk::Quota,
            &Key::namespaced("", "resourcequotas", &place, name(&quota)),
            pause,
        );
    }
}

/// What services and budgets see of a pod.
fn face(pod: &Value) -> (&Value, &str, bool, bool, &str) {
    let labels = &pod["metadata"]["labels"];
    (
        labels,
        text(pod, "/status/podIP"),
        super::pods::ready(pod),
        deleting(pod),
        text(pod, "/status/phase"),
    )
}
