//! Server-side printing: the `Table` that kubectl shows, with the columns of the real server.

mod cells;
mod network;
mod plain;
mod pod;
mod workload;

use serde_json::{Value, json};

/// What a row carries besides its cells (`includeObject`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    /// Nothing.
    None,
    /// The metadata, as `PartialObjectMetadata`.
    Metadata,
    /// The whole object.
    Object,
}

impl Include {
    /// From the query parameter.
    pub fn parse(text: Option<&str>) -> Include {
        match text {
            Some("None") => Include::None,
            Some("Object") => Include::Object,
            _ => Include::Metadata,
        }
    }
}

/// The columns of a kind: name, and whether only `-o wide` shows it.
fn columns(plural: &str) -> (&'static str, &'static str) {
    match plural {
        "pods" => (
            "Name|Ready|Status|Restarts|Age",
            "IP|Node|Nominated Node|Readiness Gates",
        ),
        "deployments" => (
            "Name|Ready|Up-to-date|Available|Age",
            "Containers|Images|Selector",
        ),
        "replicasets" | "replicationcontrollers" => {
            ("Name|Desired|Current|Ready|Age", "Containers|Images|Selector")
        }
        "statefulsets" => ("Name|Ready|Age", "Containers|Images"),
        "daemonsets" => (
            "Name|Desired|Current|Ready|Up-to-date|Available|Node Selector|Age",
            "Containers|Images|Selector",
        ),
        "jobs" => (
            "Name|Status|Completions|Duration|Age",
            "Containers|Images|Selector",
        ),
        "cronjobs" => (
            "Name|Schedule|Timezone|Suspend|Active|Last Schedule|Age",
            "Containers|Images|Selector",
        ),
        "services" => ("Name|Type|Cluster-IP|External-IP|Port(s)|Age", "Selector"),
        "ingresses" => ("Name|Class|Hosts|Address|Ports|Age", ""),
        "nodes" => (
            "Name|Status|Roles|Age|Version",
            "Internal-IP|External-IP|OS-Image|Kernel-Version|Container-Runtime",
        ),
        "events" => (
            "Last Seen|Type|Reason|Object|Message",
            "Subobject|Source|First Seen|Count|Name",
        ),
        "namespaces" => ("Name|Status|Age", ""),
        "configmaps" => ("Name|Data|Age", ""),
        "secrets" => ("Name|Type|Data|Age", ""),
        "horizontalpodautoscalers" => ("Name|Reference|Targets|MinPods|MaxPods|Replicas|Age", ""),
        "endpointslices" => ("Name|AddressType|Ports|Endpoints|Age", ""),
        "endpoints" => ("Name|Endpoints|Age", ""),
        "controllerrevisions" => ("Name|Controller|Revision|Age", ""),
        "persistentvolumeclaims" => (
            "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age",
            "VolumeMode",
        ),
        "poddisruptionbudgets" => ("Name|Min Available|Max Unavailable|Allowed Disruptions|Age", ""),
        "serviceaccounts" => ("Name|Age", ""),
        "leases" => ("Name|Holder|Age", ""),
        "resourcequotas" => ("Name|Request|Limit|Age", ""),
        "networkpolicies" => ("Name|Pod-Selector|Age", ""),
        _ => ("Name|Created At", ""),
    }
}

/// The column definitions of a kind.
fn definitions(plural: &str) -> Value {
    let (narrow, wide) = columns(plural);
    let column = |name: &str, priority: i32| {
        let format = if name == "Name" && plural != "events" {
            "name"
        } else {
            ""
        };
        json!({"name": name, "type": "string", "format": format, "description": "", "priority": priority})
    };
    let wide = wide
        .split('|')
        .filter(|name| !name.is_empty())
        .map(|name| column(name, 1));
    narrow
        .split('|')
        .map(|name| column(name, 0))
        .chain(wide)
        .collect()
}

/// The table of these objects. `columns` is false for all but the first event of a watch.
pub fn table<'a>(
    plural: &str,
    objects: impl Iterator<Item = &'a Value>,
    include: Include,
    columns: bool,
) -> Value {
    let now = jiff::Timestamp::now();
    let rows: Vec<Value> = objects
        .map(
            |object| json!({"cells": cells::row(plural, object, now), "object": row_object(object, include)}),
        )
        .collect();
    let definitions = if columns { definitions(plural) } else { Value::Null };
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {},
           "columnDefinitions": definitions, "rows": rows})
}

fn row_object(object: &Value, include: Include) -> Value {
    match include {
        Include::None => Value::Null,
        Include::Metadata => partial(object),
        Include::Object => object.clone(),
    }
}

/// The metadata of an object as `PartialObjectMetadata`.
pub fn partial(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}
