//! As much of OpenAPI as kubectl insists on: which verbs of which kinds know `fieldValidation`.
//!
//! kubectl looks into `/openapi/v3` whether the server validates fields; where it does, `apply` and `create` leave the
//! validation to the server. Schemas are not described; kubectl then falls back to the types that it was built with.

use serde_json::{Value, json};

use super::resources::RESOURCES;

/// `/openapi/v3`: the documents that there are.
pub fn index() -> Value {
    let mut paths = json!({});
    for resource in RESOURCES {
        for version in resource.versions {
            let path = root(resource.group, version);
            paths[&path] = json!({"serverRelativeURL": format!("/openapi/v3/{path}")});
        }
    }
    json!({"paths": paths})
}

fn root(group: &str, version: &str) -> String {
    if group.is_empty() {
        format!("api/{version}")
    } else {
        format!("apis/{group}/{version}")
    }
}

/// `/openapi/v3/api/v1`, `/openapi/v3/apis/GROUP/VERSION`; `None` for one that is not served.
pub fn document(path: &str) -> Option<Value> {
    let mut paths = json!({});
    for resource in RESOURCES {
        for version in resource
            .versions
            .iter()
            .filter(|version| root(resource.group, version) == path)
        {
            let kind = json!({"group": resource.group, "kind": resource.kind, "version": version});
            let namespace = if resource.namespaced {
                "/namespaces/{namespace}"
            } else {
                ""
            };
            let place = format!("/{path}{namespace}/{}", resource.plural);
            paths[&place] = json!({"post": operation("post", &kind)});
            paths[format!("{place}/{{name}}")] =
                json!({"put": operation("put", &kind), "patch": operation("patch", &kind)});
        }
    }
    let any = paths.as_object().is_some_and(|paths| !paths.is_empty());
    any.then(|| {
        json!({"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.36.2"}, "paths": paths,
               "components": {"schemas": {}}})
    })
}

fn operation(action: &str, kind: &Value) -> Value {
    let parameter =
        |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
    json!({"x-kubernetes-action": action, "x-kubernetes-group-version-kind": kind,
           "parameters": [parameter("dryRun"), parameter("fieldManager"), parameter("fieldValidation")],
           "responses": {"200": {"description": "OK"}}})
}

/// `/openapi/v2`: the same in the older form.
pub fn swagger() -> Value {
    let mut paths = json!({});
    for resource in RESOURCES {
        for version in resource.versions {
            let document = document(&root(resource.group, version)).unwrap_or_default();
            for (path, item) in document["paths"].as_object().into_iter().flatten() {
                paths[path] = item.clone();
            }
        }
    }
    json!({"swagger": "2.0", "info": {"title": "Kubernetes", "version": "v1.36.2"}, "paths": paths, "definitions": {}})
}
