//! Services and nodes: the first broken link is named, and where nothing is broken nothing is told.

use serde_json::{Value, json};

use super::*;
use crate::objects::Service;

fn service(selector: Value, ports: Value) -> Value {
    json!({"kind": "Service", "metadata": {"name": "front", "namespace": "shop"},
        "spec": {"type": "ClusterIP", "selector": selector, "ports": ports}})
}

fn labelled(name: &str, labels: Value, ready: bool, ports: Value) -> Value {
    let mut pod = if ready {
        well(name)
    } else {
        pod(name, waiting("ContainerCreating", ""), json!({}), 0)
    };
    pod["metadata"]["labels"] = labels;
    pod["metadata"]["ownerReferences"] = json!([]);
    pod["spec"]["containers"][0]["ports"] = ports;
    pod
}

fn slice(pods: &[&str]) -> Value {
    let endpoints: Vec<Value> = pods
        .iter()
        .map(|pod| json!({"addresses": ["10.0.0.1"], "conditions": {"ready": true}, "targetRef": {"kind": "Pod", "name": pod}}))
        .collect();
    json!({"kind": "EndpointSlice", "metadata": {"name": "front-x", "namespace": "shop",
        "labels": {"kubernetes.io/service-name": "front"}}, "endpoints": endpoints})
}

/// What is told of a Service among these objects.
fn told(service: &Value, others: &[Value]) -> Option<(Certainty, String)> {
    let cached = Cached::holding("prod", "shop", others);
    let service: Service = serde_json::from_value(service.clone()).unwrap();
    let found = of_service(&service, &cached, look())?;
    Some((found.certainty, found.text().plain()))
}

fn http() -> Value {
    json!([{"name": "http", "containerPort": 8000}])
}

#[test]
fn a_service_that_works_is_not_blamed() {
    let api = || json!({"app": "api"});
    let up = labelled("a", api(), true, http());
    let bare = labelled("a", api(), true, json!([]));
    let old = labelled("b", api(), false, http());
    for (what, ports, pods) in [
        (
            "by number",
            json!([{"port": 80, "targetPort": 8000}]),
            vec![up.clone()],
        ),
        (
            "by name",
            json!([{"port": 80, "targetPort": "http"}]),
            vec![up.clone()],
        ),
        ("the same number", json!([{"port": 8000}]), vec![up.clone()]),
        (
            "nothing declared",
            json!([{"port": 80, "targetPort": 9}]),
            vec![bare],
        ),
        (
            "one of two is ready",
            json!([{"port": 8000}]),
            vec![up.clone(), old],
        ),
    ] {
        let mut all = pods;
        all.push(slice(&["a"]));
        assert_eq!(told(&service(api(), ports), &all), None, "{what}");
    }
    let elsewhere = json!({"metadata": {"name": "front"}, "spec": {"type": "ExternalName"}});
    assert_eq!(told(&elsewhere, &[]), None);
    assert_eq!(
        told(&service(json!({}), json!([])), &[slice(&["10.1.1.1"])]),
        None,
        "given by hand"
    );
}

#[test]
fn the_first_broken_link_is_named() {
    let api = || json!({"app": "api"});
    let ports = || json!([{"port": 80, "targetPort": 8000}]);
    let up = || labelled("a", api(), true, http());
    let told = |selector: Value, ports: Value, all: &[Value]| told(&service(selector, ports), all).unwrap();
    let nobody = told(json!({"app": "web"}), ports(), &[up()]);
    assert_eq!(
        nobody.1,
        "Service front: its selector app=web matches no running pod"
    );
    let near = told(json!({"app": "apj"}), ports(), &[up()]);
    assert_eq!(near.0, Certainty::Seen);
    assert!(
        near.1
            .ends_with("matches no running pod; pod/a comes nearest with app=api"),
        "{}",
        near.1
    );
    let lacks = told(json!({"app": "api", "tier": "web"}), ports(), &[up()]);
    assert!(
        lacks.1.ends_with("pod/a comes nearest with no label tier"),
        "{}",
        lacks.1
    );
    let down = told(api(), ports(), &[labelled("a", api(), false, http())]);
    assert!(down.1.ends_with("its only pod is not ready"), "{}", down.1);
    let name = told(
        api(),
        json!([{"port": 80, "targetPort": "web"}]),
        &[up(), slice(&["a"])],
    );
    assert_eq!(name.0, Certainty::Seen);
    assert!(
        name.1.contains("targetPort web is the name of no port") && name.1.contains("http (8000)"),
        "{}",
        name.1
    );
    let number = told(
        api(),
        json!([{"port": 80, "targetPort": 8080}]),
        &[up(), slice(&["a"])],
    );
    assert_eq!(
        number.0,
        Certainty::Possible,
        "a container may open what it does not declare"
    );
    assert!(
        number.1.contains("targetPort 8080 is none of the ports"),
        "{}",
        number.1
    );
    let lost = told(api(), ports(), &[up()]);
    assert_eq!(lost.0, Certainty::Possible);
    assert!(lost.1.contains("none is in its EndpointSlices"), "{}", lost.1);
    let bare = told(json!({}), json!([]), &[]);
    assert!(bare.1.contains("no selector"), "{}", bare.1);
}

#[test]
fn slices_that_are_a_moment_behind_are_no_cause() {
    let service = service(json!({"app": "api"}), json!([{"port": 8000}]));
    let up = || labelled("a", json!({"app": "api"}), true, http());
    let mut fresh = up();
    fresh["status"]["conditions"][0]["lastTransitionTime"] = json!("2026-11-22T20:29:59Z");
    assert_eq!(told(&service, &[fresh]), None, "it became ready a second ago");
    let mut new = service.clone();
    new["metadata"]["creationTimestamp"] = json!("2026-11-22T20:29:50Z");
    assert_eq!(told(&new, &[up()]), None, "it was made a moment ago");
    let mut leaving = labelled("b", json!({"app": "api"}), true, http());
    leaving["metadata"]["deletionTimestamp"] = json!("2026-11-22T20:30:10Z");
    assert_eq!(
        told(&service, &[up(), leaving]),
        None,
        "the other one leaves: this one may, too"
    );
}

#[test]
fn what_somebody_scaled_to_zero_is_told_as_that() {
    let mut object = deployment(1, "local/api:v1", healthy());
    object["spec"]["replicas"] = json!(0);
    let service = service(json!({"app": "api"}), json!([{"port": 80}]));
    let (_, words) = told(&service, &[object]).unwrap();
    assert_eq!(
        words,
        "Service front: it leads to deployment/api, which is scaled to zero"
    );
}

fn node(conditions: &[(&str, &str)]) -> Node {
    let conditions: Vec<Value> = conditions
        .iter()
        .map(|(kind, status)| json!({"type": kind, "status": status, "lastTransitionTime": "2026-11-22T20:10:00Z"}))
        .collect();
    serde_json::from_value(json!({"metadata": {"name": "n1"}, "status": {"conditions": conditions}})).unwrap()
}

#[test]
fn a_node_under_pressure_is_told_and_a_well_one_is_not() {
    let words = |node: &Node| -> Vec<String> {
        let found = of_node(node, look());
        found.iter().map(|finding| finding.text().plain()).collect()
    };
    assert_eq!(
        words(&node(&[("Ready", "True"), ("MemoryPressure", "False")])),
        [""; 0]
    );
    assert_eq!(
        words(&node(&[
            ("Ready", "True"),
            ("MemoryPressure", "True"),
            ("DiskPressure", "True")
        ])),
        ["it runs short of memory, it runs short of disk"]
    );
    assert_eq!(
        words(&node(&[("Ready", "False"), ("PIDPressure", "True")])).len(),
        2
    );
}
