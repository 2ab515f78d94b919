//! The status of PodDisruptionBudgets.

use std::time::Duration;

use serde_json::json;

use super::Cx;
use super::meta::{condition, controller_of, generation, namespace, replicas, scaled, selects};
use super::pods::{active, ready};
use crate::kube::key::Key;
use crate::kube::store;

/// One look at one budget.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let budget = cx.store.get_shared(key)?;
    let (pods, _) = cx.store.list_shared("", "pods", key.namespace.as_deref());
    let pods: Vec<_> = pods
        .into_iter()
        .filter(|pod| active(pod) && selects(&budget["spec"]["selector"], &pod["metadata"]["labels"]))
        .collect();
    let healthy = i64::try_from(pods.iter().filter(|pod| ready(pod)).count()).unwrap_or(0);
    let present = i64::try_from(pods.len()).unwrap_or(0);
    // Expected is what the controllers of the pods want, where that is known.
    let mut owners: Vec<Key> = pods
        .iter()
        .filter_map(|pod| {
            let owner = controller_of(pod)?;
            let plural = match owner["kind"].as_str()? {
                "ReplicaSet" => "replicasets",
                "StatefulSet" => "statefulsets",
                _ => return None,
            };
            Some(Key::namespaced(
                "apps",
                plural,
                namespace(pod),
                owner["name"].as_str()?,
            ))
        })
        .collect();
    owners.sort();
    owners.dedup();
    let wanted: i64 = owners
        .iter()
        .filter_map(|owner| cx.store.get_shared(owner))
        .map(|owner| replicas(&owner))
        .sum();
    let expected = if owners.is_empty() { present } else { wanted };
    let spec = &budget["spec"];
    let desired = if spec.get("maxUnavailable").is_some() {
        (expected - scaled(&spec["maxUnavailable"], expected, true)).max(0)
    } else {
        scaled(&spec["minAvailable"], expected, true)
    };
    let allowed = (healthy - desired).max(0);
    let (status, reason) = if allowed > 0 {
        ("True", "SufficientPods")
    } else {
        ("False", "InsufficientPods")
    };
    let since = condition(&budget, "DisruptionAllowed")
        .filter(|present| present["status"] == status)
        .map_or_else(
            || json!(store::now()),
            |present| present["lastTransitionTime"].clone(),
        );
    let told = json!({
        "conditions": [{"lastTransitionTime": since, "message": "", "observedGeneration": generation(&budget),
                        "reason": reason, "status": status, "type": "DisruptionAllowed"}],
        "currentHealthy": healthy, "desiredHealthy": desired, "disruptionsAllowed": allowed,
        "expectedPods": expected, "observedGeneration": generation(&budget),
    });
    // Gone meanwhile: nothing to tell.
    let _ = cx.store.update_shared(key, |budget| budget["status"] = told);
    None
}
