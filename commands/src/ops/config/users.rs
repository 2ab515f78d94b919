//! Which workloads use a key of a ConfigMap, and when they notice a change of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    cluster::Cached,
    model::{Text, Workload},
    texts::config as say,
};

/// When pods notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Notices {
    /// It is a variable, or a file under a path of its own: when they start.
    AtStart,
    /// It is a file of a volume, which the kubelet brings up to date.
    Files,
}

/// A workload that uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) workload: Workload,
    pub(super) notices: Notices,
}

impl User {
    /// What it means for it.
    pub(super) fn line(&self) -> Text {
        let name = self.workload.short();
        match self.notices {
            Notices::AtStart => say::reads_at_start(&name),
            Notices::Files => say::has_files(&name),
        }
    }
}

/// Those of a namespace, as its caches know them.
pub(super) fn of(cached: &Cached, map: &str, key: &str) -> Vec<User> {
    let used = |template: &Value| notices(&template["spec"], map, key);
    let workloads = cached.workloads();
    let users = workloads.iter().filter_map(|object| {
        Some(User {
            notices: used(&object.template())?,
            workload: object.workload(),
        })
    });
    users.collect()
}

/// When the pods of a spec notice a change of the key; `None` where they do not use it.
fn notices(spec: &Value, map: &str, key: &str) -> Option<Notices> {
    let containers: Vec<&Value> = ["containers", "initContainers"]
        .into_iter()
        .flat_map(|field| items(spec, field))
        .collect();
    let is_map = |reference: &Value| reference["name"] == map;
    let takes = |reference: &Value| {
        // Without a choice of keys all of them are files.
        is_map(reference)
            && (reference["items"].is_null() || items(reference, "items").any(|item| item["key"] == key))
    };
    let as_variable = containers.iter().any(|container| {
        let named = items(container, "env").any(|env| {
            let reference = &env["valueFrom"]["configMapKeyRef"];
            is_map(reference) && reference["key"] == key
        });
        named || items(container, "envFrom").any(|from| is_map(&from["configMapRef"]))
    });
    let volumes: Vec<&str> = items(spec, "volumes")
        .filter(|volume| {
            let mut sources = items(&volume["projected"], "sources");
            takes(&volume["configMap"]) || sources.any(|source| takes(&source["configMap"]))
        })
        .filter_map(|volume| volume["name"].as_str())
        .collect();
    let mounts: Vec<&Value> = containers
        .iter()
        .flat_map(|container| items(container, "volumeMounts"))
        .filter(|mount| mount["name"].as_str().is_some_and(|name| volumes.contains(&name)))
        .collect();
    // A file under `subPath` is a copy of the time of the start (kubernetes.io/docs/concepts/storage/volumes/#configmap).
    let copied = mounts.iter().any(|mount| mount["subPath"].is_string());
    if as_variable || copied {
        return Some(Notices::AtStart);
    }
    (!mounts.is_empty()).then_some(Notices::Files)
}

fn items<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value[field].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_wait_for_a_start_and_files_come_by_themselves() {
        let env = json!({ "containers": [{ "env": [{ "name": "L", "valueFrom": {
            "configMapKeyRef": { "name": "settings", "key": "level" } } }] }] });
        assert_eq!(notices(&env, "settings", "level"), Some(Notices::AtStart));
        assert_eq!(notices(&env, "settings", "other"), None, "another key of it");
        assert_eq!(notices(&env, "other", "level"), None);
        let all = json!({ "initContainers": [{ "envFrom": [{ "configMapRef": { "name": "settings" } }] }] });
        assert_eq!(notices(&all, "settings", "x"), Some(Notices::AtStart));
        let volume = |mount: Value, source: Value| json!({ "containers": [{ "volumeMounts": [mount] }], "volumes": [source] });
        let mount = json!({ "name": "v", "mountPath": "/etc/app" });
        let source = json!({ "name": "v", "configMap": { "name": "settings" } });
        assert_eq!(
            notices(&volume(mount.clone(), source.clone()), "settings", "x"),
            Some(Notices::Files)
        );
        let copied = json!({ "name": "v", "mountPath": "/etc/app/x", "subPath": "x" });
        assert_eq!(
            notices(&volume(copied, source), "settings", "x"),
            Some(Notices::AtStart)
        );
        let some = json!({ "name": "v", "projected": { "sources": [
            { "configMap": { "name": "settings", "items": [{ "key": "a", "path": "a" }] } }] } });
        assert_eq!(
            notices(&volume(mount.clone(), some.clone()), "settings", "a"),
            Some(Notices::Files)
        );
        assert_eq!(notices(&volume(mount, some), "settings", "b"), None);
        let unmounted =
            json!({ "containers": [{}], "volumes": [{ "name": "v", "configMap": { "name": "settings" } }] });
        assert_eq!(notices(&unmounted, "settings", "a"), None, "no container sees it");
    }
}
