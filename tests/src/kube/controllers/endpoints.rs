//! EndpointSlices, and the older Endpoints, of Services with a selector.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Cx;
use super::meta::{deleting, name, namespace, owner_reference, selects, text, uid};
use super::pods::ready;
use crate::kube::key::Key;
use crate::kube::store;

/// How many endpoints one slice takes.
const SLICE: usize = 100;

/// One look at one Service.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let Some(service) = cx.store.get_shared(key) else {
        let endpoints = Key {
            plural: "endpoints".into(),
            ..key.clone()
        };
        cx.store.delete(&endpoints);
        return None;
    };
    let selector = service["spec"]["selector"]
        .as_object()
        .filter(|selector| !selector.is_empty())?;
    if service["spec"]["type"] == "ExternalName" {
        return None;
    }
    let selector = json!({"matchLabels": selector});
    let (pods, _) = cx.store.list_shared("", "pods", key.namespace.as_deref());
    let pods: Vec<Arc<Value>> = pods
        .into_iter()
        .filter(|pod| {
            selects(&selector, &pod["metadata"]["labels"])
                && !text(pod, "/status/podIP").is_empty()
                && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
        })
        .collect();
    slices(cx, &service, &pods);
    legacy(cx, key, &service, &pods);
    None
}

fn slices(cx: &mut Cx, service: &Value, pods: &[Arc<Value>]) {
    let present = cx.index.owned(&cx.store, uid(service), "endpointslices");
    let mut parts: Vec<&[Arc<Value>]> = pods.chunks(SLICE).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    for (index, part) in parts.iter().enumerate() {
        let endpoints: Vec<Value> = part.iter().map(|pod| endpoint(pod)).collect();
        let ports = ports(service, part.first());
        // Without endpoints there are no ports either; both are null, as in the recordings.
        let (endpoints, ports) = if part.is_empty() {
            (Value::Null, Value::Null)
        } else {
            (json!(endpoints), ports)
        };
        match present.get(index) {
            Some(slice) => {
                let key = slice_key(slice);
                if slice["endpoints"] == endpoints && slice["ports"] == ports {
                    continue;
                }
                // Gone meanwhile: its removal brings us here again.
                let _ = cx.store.update_shared(&key, |slice| {
                    slice["endpoints"] = endpoints;
                    slice["ports"] = ports;
                });
            }
            None => create(cx, service, endpoints, ports),
        }
    }
    for slice in present.iter().skip(parts.len()) {
        cx.store.delete(&slice_key(slice));
    }
    cx.catch_up();
}

fn slice_key(slice: &Value) -> Key {
    Key::namespaced(
        "discovery.k8s.io",
        "endpointslices",
        namespace(slice),
        name(slice),
    )
}

fn create(cx: &mut Cx, service: &Value, endpoints: Value, ports: Value) {
    let prefix = format!("{}-", name(service));
    let mut labels = json!({
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": name(service),
    });
    if service["spec"]["clusterIP"] == "None" {
        labels["service.kubernetes.io/headless"] = json!("");
    }
    let slice = json!({
        "addressType": "IPv4", "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "endpoints": endpoints, "ports": ports,
        "metadata": {
            "annotations": {"endpoints.kubernetes.io/last-change-trigger-time": store::now()},
            "generateName": prefix, "labels": labels, "name": format!("{prefix}{}", cx.store.suffix()),
            "namespace": namespace(service), "ownerReferences": [owner_reference(service)],
        },
    });
    // A name that exists: the next look draws another.
    let _ = cx.store.create_shared(&slice_key(&slice), slice);
}

fn endpoint(pod: &Value) -> Value {
    let (ready, leaving) = (ready(pod), deleting(pod));
    json!({
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready && !leaving, "serving": ready, "terminating": leaving},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": {"kind": "Pod", "name": name(pod), "namespace": namespace(pod), "uid": uid(pod)},
    })
}

/// The ports of a Service as the pods know them: numbers, or names looked up in the pod.
fn ports(service: &Value, pod: Option<&Arc<Value>>) -> Value {
    let all = service["spec"]["ports"].as_array().into_iter().flatten();
    let ports = all.filter_map(|port| {
        let number = match &port["targetPort"] {
            Value::String(wanted) => named(pod?, wanted)?,
            Value::Number(number) => number.as_i64()?,
            _ => port["port"].as_i64()?,
        };
        let name = port["name"].as_str().unwrap_or_default();
        Some(json!({"name": name, "port": number, "protocol": port["protocol"].as_str().unwrap_or("TCP")}))
    });
    Value::Array(ports.collect())
}

fn named(pod: &Value, wanted: &str) -> Option<i64> {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let mut ports = containers.flat_map(|container| container["ports"].as_array().into_iter().flatten());
    ports.find(|port| port["name"] == wanted)?["containerPort"].as_i64()
}

fn legacy(cx: &mut Cx, key: &Key, service: &Value, pods: &[Arc<Value>]) {
    let address = |pod: &Arc<Value>| {
        json!({"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"],
               "targetRef": {"kind": "Pod", "name": name(pod), "namespace": namespace(pod), "uid": uid(pod)}})
    };
    let (up, down): (Vec<_>, Vec<_>) = pods
        .iter()
        .filter(|pod| !deleting(pod))
        .partition::<Vec<&Arc<Value>>, _>(|pod| ready(pod));
    let mut subset = json!({"ports": ports(service, pods.first())});
    for (field, list) in [("addresses", &up), ("notReadyAddresses", &down)] {
        if !list.is_empty() {
            subset[field] = json!(list.iter().map(|pod| address(pod)).collect::<Vec<_>>());
        }
    }
    let subsets = if up.is_empty() && down.is_empty() {
        json!([])
    } else {
        json!([subset])
    };
    let key = Key {
        plural: "endpoints".into(),
        ..key.clone()
    };
    let written = cx
        .store
        .update(&key, |endpoints| endpoints["subsets"] = subsets.clone());
    if written.is_err() {
        let labels = json!({"endpoints.kubernetes.io/managed-by": "endpoint-controller"});
        let object = json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"labels": labels}, "subsets": subsets});
        // Made meanwhile: the next look updates it.
        let _ = cx.store.create_shared(&key, object);
    }
    cx.catch_up();
}
