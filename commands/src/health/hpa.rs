//! What a HorizontalPodAutoscaler does with a workload's count.

use crate::{
    model::Text,
    objects::{HorizontalPodAutoscaler, Metric},
    texts::health as texts,
};

/// An autoscaler in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HpaState {
    /// Its name.
    pub name: String,
    /// The fewest pods.
    pub min: i32,
    /// The most pods.
    pub max: i32,
    /// How many there are.
    pub current: i32,
    /// How many it wants; 0 while it cannot tell.
    pub desired: i32,
    /// Whether it would want more than it may.
    pub at_max: bool,
    /// Its metrics: `CPU 41 % of 70 %`.
    pub metrics: Vec<Text>,
    /// Why it does not scale, in the controller's words.
    pub problem: Option<String>,
}

/// Whether an autoscaler owns the count of a workload. `kind` as in the object: `Deployment`.
#[must_use]
pub fn owns(hpa: &HorizontalPodAutoscaler, kind: &str, name: &str) -> bool {
    let target = &hpa.spec.scale_target_ref;
    target.kind == *kind && *target.name == *name
}

/// The state of an autoscaler.
#[must_use]
pub fn state(hpa: &HorizontalPodAutoscaler) -> HpaState {
    let (spec, status) = (&hpa.spec, &hpa.status);
    let condition = |kind: &str, holds: &str| {
        let mut conditions = status.conditions.iter();
        conditions.find(|c| c.type_ == *kind && c.status == *holds)
    };
    let max = spec.max_replicas;
    let current = status.current_replicas.unwrap_or_default();
    let limited = condition("ScalingLimited", "True").and_then(|c| c.reason.as_deref());
    let problem = condition("ScalingActive", "False")
        // Scaling to zero by hand turns an autoscaler off: nothing is wrong with it.
        .filter(|c| c.reason.as_deref() != Some("ScalingDisabled"))
        .or_else(|| condition("AbleToScale", "False"))
        .and_then(|c| c.message.as_deref().or(c.reason.as_deref()))
        .map(str::to_owned);
    HpaState {
        name: hpa.metadata.name.to_string(),
        min: spec.min_replicas.unwrap_or(1),
        max,
        current,
        desired: status.desired_replicas,
        at_max: limited == Some("TooManyReplicas")
            || (max > 0 && current >= max && status.desired_replicas >= max),
        metrics: spec
            .metrics
            .iter()
            .filter_map(|m| metric(m, &status.current_metrics))
            .collect(),
        problem,
    }
}

fn metric(wanted: &Metric, current: &[Metric]) -> Option<Text> {
    let resource = wanted.resource.as_ref()?;
    let now = current
        .iter()
        .filter_map(|c| c.resource.as_ref())
        .find(|c| c.name == resource.name)
        .map(|c| &c.current);
    let name = match &*resource.name {
        "cpu" => "CPU",
        other => other,
    };
    if let Some(target) = resource.target.average_utilization {
        let now = now.and_then(|n| n.average_utilization).map(|n| format!("{n} %"));
        return Some(texts::metric(name, now.as_deref(), &format!("{target} %")));
    }
    let target = resource.target.average_value.as_ref()?;
    let now = now.and_then(|n| n.average_value.as_deref());
    Some(texts::metric(name, now, target))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hpa(status: &serde_json::Value) -> HorizontalPodAutoscaler {
        serde_json::from_value(json!({ "metadata": { "name": "h" }, "status": status, "spec": {
            "minReplicas": 2, "maxReplicas": 10,
            "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "api" },
            "metrics": [ { "type": "Resource", "resource": { "name": "cpu",
                "target": { "type": "Utilization", "averageUtilization": 70 } } } ] } }))
        .unwrap()
    }

    #[test]
    fn it_owns_what_it_names() {
        let h = hpa(&json!({}));
        assert!(owns(&h, "Deployment", "api"));
        assert!(!owns(&h, "StatefulSet", "api") && !owns(&h, "Deployment", "api2"));
    }

    #[test]
    fn states_of_autoscalers() {
        // 06-scale: hpa-without-metrics
        let blind = state(&hpa(
            &json!({ "currentReplicas": 5, "desiredReplicas": 0, "currentMetrics": [ { "type": "" } ],
            "conditions": [ { "type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric",
                              "message": "the HPA was unable to compute the replica count" } ] }),
        ));
        assert_eq!(
            blind.problem.as_deref(),
            Some("the HPA was unable to compute the replica count")
        );
        assert_eq!(blind.metrics[0].plain(), "CPU unknown of 70 %");
        assert!(!blind.at_max);
        let full = state(&hpa(&json!({ "currentReplicas": 10, "desiredReplicas": 10,
            "currentMetrics": [ { "type": "Resource", "resource": { "name": "cpu", "current": { "averageUtilization": 93 } } } ],
            "conditions": [ { "type": "ScalingActive", "status": "True" },
                            { "type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas" } ] })));
        assert!(full.at_max && full.problem.is_none());
        assert_eq!(full.metrics[0].plain(), "CPU 93 % of 70 %");
        let floor = state(&hpa(
            &json!({ "currentReplicas": 2, "desiredReplicas": 2, "conditions": [
            { "type": "ScalingLimited", "status": "True", "reason": "TooFewReplicas" } ] }),
        ));
        assert!(!floor.at_max);
    }
}
