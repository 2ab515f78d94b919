//! Which ConfigMaps and Secrets a pod's spec names: for variables, as volumes, for pulling images.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What a spec names of one object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::ops) struct Named {
    /// The keys that must be there.
    pub(in crate::ops) keys: BTreeSet<String>,
    /// Whether the pods do not start without it.
    pub(in crate::ops) needed: bool,
}

/// The objects that a spec names, by kind and name.
pub(in crate::ops) type References = BTreeMap<(&'static str, String), Named>;

/// A ConfigMap, as kubectl writes the kind.
pub(in crate::ops) const MAP: &str = "configmap";
/// A Secret.
pub(in crate::ops) const SECRET: &str = "secret";

/// Those of a pod's spec.
pub(in crate::ops) fn of(spec: &Value) -> References {
    let mut all = References::new();
    let containers = ["containers", "initContainers"].map(|field| items(spec, field));
    for container in containers.into_iter().flatten() {
        for env in items(container, "env") {
            let from = &env["valueFrom"];
            add(&mut all, MAP, &from["configMapKeyRef"], "name");
            add(&mut all, SECRET, &from["secretKeyRef"], "name");
        }
        for from in items(container, "envFrom") {
            add(&mut all, MAP, &from["configMapRef"], "name");
            add(&mut all, SECRET, &from["secretRef"], "name");
        }
    }
    for volume in items(spec, "volumes") {
        add(&mut all, MAP, &volume["configMap"], "name");
        add(&mut all, SECRET, &volume["secret"], "secretName");
        for source in items(&volume["projected"], "sources") {
            add(&mut all, MAP, &source["configMap"], "name");
            add(&mut all, SECRET, &source["secret"], "name");
        }
    }
    for pull in items(spec, "imagePullSecrets") {
        let name = pull["name"].as_str().unwrap_or_default().to_owned();
        // A pod starts without it where its image is public.
        all.entry((SECRET, name)).or_default();
    }
    all
}

fn items<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value[field].as_array().into_iter().flatten()
}

fn add(all: &mut References, kind: &'static str, reference: &Value, field: &str) {
    let Some(name) = reference[field].as_str() else {
        return;
    };
    let named = all.entry((kind, name.to_owned())).or_default();
    if reference["optional"] == true {
        return;
    }
    named.needed = true;
    let keys = items(reference, "items").chain([reference]);
    named
        .keys
        .extend(keys.filter_map(|of| of["key"].as_str().map(str::to_owned)));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_to_name_an_object_is_seen() {
        let spec = json!({
            "containers": [ { "env": [
                { "name": "A", "valueFrom": { "configMapKeyRef": { "name": "settings", "key": "level" } } },
                { "name": "B", "valueFrom": { "secretKeyRef": { "name": "login", "key": "password" } } },
                { "name": "C", "valueFrom": { "secretKeyRef": { "name": "extra", "key": "x", "optional": true } } },
                { "name": "D", "value": "plain" } ],
                "envFrom": [ { "configMapRef": { "name": "more" } } ] } ],
            "initContainers": [ { "envFrom": [ { "secretRef": { "name": "early" } } ] } ],
            "volumes": [ { "name": "v", "secret": { "secretName": "certificate", "items": [ { "key": "tls.crt" } ] } },
                { "name": "w", "projected": { "sources": [ { "configMap": { "name": "parts" } } ] } } ],
            "imagePullSecrets": [ { "name": "registry" } ],
        });
        let told: Vec<String> = of(&spec)
            .into_iter()
            .map(|((kind, name), named)| {
                let keys: Vec<String> = named.keys.into_iter().collect();
                format!("{kind}/{name} {} {}", named.needed, keys.join(","))
            })
            .collect();
        assert_eq!(
            told,
            [
                "configmap/more true ",
                "configmap/parts true ",
                "configmap/settings true level",
                "secret/certificate true tls.crt",
                "secret/early true ",
                "secret/extra false ",
                "secret/login true password",
                "secret/registry false ",
            ]
        );
    }
}
