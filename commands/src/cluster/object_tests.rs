use serde_json::{Value, json};

use super::*;

fn object(kind: WorkloadKind, metadata: Value, spec: Value) -> WorkloadObject {
    let mut spec = spec;
    for (field, value) in [
        ("selector", json!({ "matchLabels": { "app": "x" } })),
        ("template", json!({})),
    ] {
        if spec.get(field).is_none() {
            spec[field] = value;
        }
    }
    let value = json!({ "metadata": metadata, "spec": spec, "status": { "desiredNumberScheduled": 5 } });
    WorkloadObject::of_value("prod", kind, value).unwrap()
}

#[test]
fn the_pace_of_a_rollout_is_rounded_as_the_controllers_round() {
    let of = |replicas: i32, strategy: Value| {
        let spec = json!({ "replicas": replicas, "strategy": strategy });
        let pace = object(WorkloadKind::Deployment, json!({}), spec).pace();
        (pace.max_unavailable, pace.max_surge, pace.recreate)
    };
    let rolling = |unavailable: Value, surge: Value| json!({ "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": unavailable, "maxSurge": surge } });
    for (replicas, strategy, pace) in [
        (3, json!({}), (0, 1, false)),
        (10, json!({}), (2, 3, false)),
        (3, rolling(json!("25%"), json!("25%")), (0, 1, false)),
        (3, rolling(json!(1), json!(0)), (1, 0, false)),
        (3, rolling(json!("10%"), json!(0)), (1, 0, false)),
        (3, json!({ "type": "Recreate" }), (3, 0, true)),
    ] {
        assert_eq!(of(replicas, strategy.clone()), pace, "{replicas} {strategy}");
    }
    let agent = object(
        WorkloadKind::DaemonSet,
        json!({}),
        json!({ "updateStrategy": { "type": "RollingUpdate",
        "rollingUpdate": { "maxUnavailable": "30%", "maxSurge": 0 } } }),
    );
    assert_eq!(
        (agent.pace().max_unavailable, agent.replicas(), agent.desired()),
        (2, None, 5)
    );
    let by_hand = object(
        WorkloadKind::StatefulSet,
        json!({}),
        json!({ "serviceName": "s", "replicas": 2,
        "updateStrategy": { "type": "OnDelete" } }),
    );
    assert!(by_hand.pace().on_delete);
}

#[test]
fn tools_that_own_an_object_are_noticed() {
    for (metadata, by) in [
        (
            json!({ "labels": { "argocd.argoproj.io/instance": "shop" } }),
            Some(Tool::ArgoCd),
        ),
        (
            json!({ "annotations": { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:a/b" } }),
            Some(Tool::ArgoCd),
        ),
        (
            json!({ "labels": { "kustomize.toolkit.fluxcd.io/name": "apps" } }),
            Some(Tool::Flux),
        ),
        (
            json!({ "annotations": { "meta.helm.sh/release-name": "shop" } }),
            Some(Tool::Helm),
        ),
        (
            json!({ "labels": { "app.kubernetes.io/managed-by": "Helm" } }),
            Some(Tool::Helm),
        ),
        (
            json!({ "labels": { "app.kubernetes.io/managed-by": "Kustomize" } }),
            None,
        ),
    ] {
        let managed = object(WorkloadKind::Deployment, metadata.clone(), json!({})).managed();
        assert_eq!(managed.map(|m| m.by), by, "{metadata}");
    }
    let argo = object(
        WorkloadKind::Deployment,
        json!({ "annotations": { "argocd.argoproj.io/tracking-id": "shop:x" } }),
        json!({}),
    );
    assert_eq!(argo.managed().unwrap().of.as_deref(), Some("shop"));
}

#[test]
fn a_template_read_live_keeps_fields_that_this_build_does_not_know() {
    let template = json!({ "spec": { "containers": [ { "name": "api", "image": "a:v1", "fromTheFuture": { "x": 1 } } ] } });
    let live = object(
        WorkloadKind::Deployment,
        json!({ "name": "x" }),
        json!({ "template": template.clone() }),
    );
    assert_eq!(live.template(), template);
    assert_eq!(live.images(), [("api".to_owned(), "a:v1".to_owned())]);
}

#[test]
fn selectors_are_written_as_queries_have_them() {
    let selector = json!({ "matchLabels": { "app": "x", "tier": "y" }, "matchExpressions": [
        { "key": "env", "operator": "In", "values": ["a", "b"] }, { "key": "old", "operator": "DoesNotExist" },
        { "key": "new", "operator": "Exists" }, { "key": "zone", "operator": "NotIn", "values": ["z"] } ] });
    let object = object(
        WorkloadKind::Deployment,
        json!({}),
        json!({ "selector": selector }),
    );
    assert_eq!(
        object.selector(),
        "app=x,tier=y,env in (a,b),!old,new,zone notin (z)"
    );
}
