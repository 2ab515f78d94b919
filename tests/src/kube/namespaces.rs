//! The life of a namespace: what it is born with, and what goes with it.

use serde_json::{Value, json};

use super::{key::Key, resources::RESOURCES, store::Store};

/// Keeps namespaces in order until it is dropped.
pub async fn run(store: Store) {
    let mut changes = store.changes();
    let mut seen = None;
    loop {
        changes.mark_unchanged();
        // Only changes of namespaces matter, and while one ends every change may be the one it waits for.
        let (namespaces, _) = store.list_shared("", "namespaces", None);
        let versions: Vec<Value> = namespaces
            .iter()
            .map(|namespace| namespace["metadata"]["resourceVersion"].clone())
            .collect();
        let ending = namespaces.iter().any(|namespace| is_ending(namespace));
        if seen.as_ref() != Some(&versions) || ending {
            for namespace in &namespaces {
                tend(&store, namespace);
            }
            seen = Some(versions);
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

fn is_ending(namespace: &Value) -> bool {
    namespace["metadata"].get("deletionTimestamp").is_some()
}

fn tend(store: &Store, namespace: &Value) {
    let Some(name) = namespace["metadata"]["name"].as_str() else {
        return;
    };
    if is_ending(namespace) {
        end(store, name);
        return;
    }
    let account = Key::namespaced("", "serviceaccounts", name, "default");
    if store.get_shared(&account).is_none() {
        let object = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {}});
        // Somebody else may have created it in this moment, which is as good.
        let _ = store.create(&account, object);
    }
    let bundle = Key::namespaced("", "configmaps", name, "kube-root-ca.crt");
    if store.get_shared(&bundle).is_none() {
        let description = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal \
            endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across \
            distributions of Kubernetes clusters.";
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"ca.crt": ""},
            "metadata": {"annotations": {"kubernetes.io/description": description}}});
        let _ = store.create(&bundle, object);
    }
}

/// Removes what is in the namespace, then the namespace. Pods go at once: their node's work ends with them.
fn end(store: &Store, name: &str) {
    for resource in RESOURCES.iter().filter(|resource| resource.namespaced) {
        let (objects, _) = store.list_shared(resource.group, resource.plural, Some(name));
        for object in objects {
            if let Some(object) = object["metadata"]["name"].as_str() {
                store.delete(&Key::namespaced(resource.group, resource.plural, name, object));
            }
        }
    }
    store.delete(&Key::cluster("", "namespaces", name));
}
