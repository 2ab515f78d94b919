//! Discovery: which groups, versions and resources there are, in the plain and the aggregated form.

use serde_json::{Value, json};

use super::resources::{RESOURCES, Resource, group_version};

const VERBS: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];

/// A group and its versions, preferred first.
type Group = (&'static str, Vec<&'static str>);

/// The groups besides the core one, in the order of the recorded cluster.
fn groups(metrics: bool) -> Vec<Group> {
    let mut groups: Vec<Group> = vec![
        ("apiregistration.k8s.io", vec!["v1"]),
        ("apps", vec!["v1"]),
        ("events.k8s.io", vec!["v1"]),
        ("authentication.k8s.io", vec!["v1"]),
        ("authorization.k8s.io", vec!["v1"]),
        ("autoscaling", vec!["v2", "v1"]),
        ("batch", vec!["v1"]),
        ("networking.k8s.io", vec!["v1"]),
        ("policy", vec!["v1"]),
        ("rbac.authorization.k8s.io", vec!["v1"]),
        ("storage.k8s.io", vec!["v1"]),
        ("scheduling.k8s.io", vec!["v1"]),
        ("coordination.k8s.io", vec!["v1"]),
        ("discovery.k8s.io", vec!["v1"]),
    ];
    if metrics {
        groups.push(("metrics.k8s.io", vec!["v1beta1"]));
    }
    groups
}

/// Whether the group (with this version, if given) is served.
pub fn served(group: &str, version: Option<&str>, metrics: bool) -> bool {
    if group.is_empty() {
        return version.is_none_or(|version| version == "v1");
    }
    groups(metrics)
        .iter()
        .any(|(name, versions)| *name == group && version.is_none_or(|version| versions.contains(&version)))
}

/// `/api`.
pub fn api_versions(address: &str) -> Value {
    json!({"kind": "APIVersions", "versions": ["v1"],
           "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]})
}

/// `/apis`.
pub fn group_list(metrics: bool) -> Value {
    let groups: Vec<Value> = groups(metrics).iter().map(one_group).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`.
pub fn group(name: &str, metrics: bool) -> Option<Value> {
    let mut group = groups(metrics)
        .iter()
        .find(|(group, _)| *group == name)
        .map(one_group)?;
    group["kind"] = json!("APIGroup");
    group["apiVersion"] = json!("v1");
    Some(group)
}

fn one_group((name, versions): &Group) -> Value {
    let version = |version: &&str| json!({"groupVersion": group_version(name, version), "version": version});
    json!({"name": name, "versions": versions.iter().map(version).collect::<Vec<_>>(),
           "preferredVersion": version(&versions[0])})
}

/// `/api/v1` and `/apis/GROUP/VERSION`.
pub fn resource_list(group: &str, version: &str, metrics: bool) -> Option<Value> {
    if !served(group, Some(version), metrics) {
        return None;
    }
    let mut resources: Vec<Value> = Vec::new();
    for entry in entries(group, version) {
        let mut resource = json!({"name": entry.name, "singularName": entry.singular, "namespaced": entry.namespaced,
            "kind": entry.kind, "verbs": entry.verbs});
        if let Some((group, version)) = entry.foreign {
            resource["group"] = json!(group);
            resource["version"] = json!(version);
        }
        if !entry.short.is_empty() {
            resource["shortNames"] = json!(entry.short);
        }
        if entry.all {
            resource["categories"] = json!(["all"]);
        }
        resources.push(resource);
    }
    Some(
        json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version(group, version),
                "resources": resources}),
    )
}

/// One line of discovery: a resource or a subresource.
struct Entry {
    name: String,
    singular: String,
    kind: &'static str,
    namespaced: bool,
    verbs: Vec<&'static str>,
    short: &'static [&'static str],
    all: bool,
    foreign: Option<(&'static str, &'static str)>,
}

impl Entry {
    fn new(name: &str, kind: &'static str, namespaced: bool, verbs: &[&'static str]) -> Entry {
        Entry {
            name: name.to_owned(),
            singular: if name.contains('/') {
                String::new()
            } else {
                kind.to_lowercase()
            },
            kind,
            namespaced,
            verbs: verbs.to_vec(),
            short: &[],
            all: false,
            foreign: None,
        }
    }
}

fn entries(group: &str, version: &str) -> Vec<Entry> {
    let storage = if group == "events.k8s.io" { "" } else { group };
    let here = |resource: &&Resource| {
        resource.group == storage
            && resource.versions.contains(&version)
            && (group != "events.k8s.io" || resource.plural == "events")
    };
    let mut entries: Vec<Entry> = RESOURCES.iter().filter(here).flat_map(of_resource).collect();
    let create = &["create"];
    match group {
        "authentication.k8s.io" => {
            entries.push(Entry::new(
                "selfsubjectreviews",
                "SelfSubjectReview",
                false,
                create,
            ));
            entries.push(Entry::new("tokenreviews", "TokenReview", false, create));
        }
        "authorization.k8s.io" => {
            entries.push(Entry::new(
                "localsubjectaccessreviews",
                "LocalSubjectAccessReview",
                true,
                create,
            ));
            entries.push(Entry::new(
                "selfsubjectaccessreviews",
                "SelfSubjectAccessReview",
                false,
                create,
            ));
            entries.push(Entry::new(
                "selfsubjectrulesreviews",
                "SelfSubjectRulesReview",
                false,
                create,
            ));
            entries.push(Entry::new(
                "subjectaccessreviews",
                "SubjectAccessReview",
                false,
                create,
            ));
        }
        "metrics.k8s.io" => {
            entries.push(Entry::new("nodes", "NodeMetrics", false, &["get", "list"]));
            entries.push(Entry::new("pods", "PodMetrics", true, &["get", "list"]));
        }
        _ => (),
    }
    entries
}

fn of_resource(resource: &'static Resource) -> Vec<Entry> {
    let verbs: Vec<&str> = VERBS
        .iter()
        .copied()
        .filter(|verb| resource.plural != "namespaces" || *verb != "deletecollection")
        .collect();
    let mut main = Entry::new(resource.plural, resource.kind, resource.namespaced, &verbs);
    main.short = resource.short;
    main.all = resource.all;
    let mut entries = vec![main];
    for sub in resource.sub {
        let name = format!("{}/{sub}", resource.plural);
        let (kind, verbs, foreign): (_, &[&str], _) = match *sub {
            "scale" => ("Scale", &["get", "patch", "update"], Some(("autoscaling", "v1"))),
            "eviction" => ("Eviction", &["create"], Some(("policy", "v1"))),
            "token" => ("TokenRequest", &["create"], Some(("authentication.k8s.io", "v1"))),
            "binding" => ("Binding", &["create"], None),
            "log" => (resource.kind, &["get"], None),
            "exec" => ("PodExecOptions", &["create", "get"], None),
            "attach" => ("PodAttachOptions", &["create", "get"], None),
            "portforward" => ("PodPortForwardOptions", &["create", "get"], None),
            "proxy" => (
                proxy_kind(resource.plural),
                &["create", "delete", "get", "patch", "update"],
                None,
            ),
            "finalize" => (resource.kind, &["update"], None),
            _ => (resource.kind, &["get", "patch", "update"], None),
        };
        let mut entry = Entry::new(&name, kind, resource.namespaced, verbs);
        entry.foreign = foreign;
        entries.push(entry);
    }
    entries
}

fn proxy_kind(plural: &str) -> &'static str {
    match plural {
        "nodes" => "NodeProxyOptions",
        "services" => "ServiceProxyOptions",
        _ => "PodProxyOptions",
    }
}

/// The aggregated form (`APIGroupDiscoveryList`) of `/api` (`core`) or `/apis`.
pub fn aggregated(core: bool, version: &str, metrics: bool) -> Value {
    let groups = if core {
        vec![("", vec!["v1"])]
    } else {
        groups(metrics)
    };
    let items: Vec<Value> = groups
        .iter()
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions
                .iter()
                .map(|version| aggregated_version(group, version))
                .collect();
            let metadata = if group.is_empty() {
                json!({})
            } else {
                json!({"name": group})
            };
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": format!("apidiscovery.k8s.io/{version}"), "metadata": {},
           "items": items})
}

fn aggregated_version(group: &str, version: &str) -> Value {
    let mut resources: Vec<Value> = Vec::new();
    for entry in entries(group, version) {
        let (kind_group, kind_version) = entry.foreign.unwrap_or((group, version));
        let kind = json!({"group": kind_group, "version": kind_version, "kind": entry.kind});
        match entry.name.split_once('/') {
            None => {
                let scope = if entry.namespaced { "Namespaced" } else { "Cluster" };
                let mut resource = json!({"resource": entry.name, "responseKind": kind, "scope": scope,
                    "singularResource": entry.singular, "verbs": entry.verbs});
                if !entry.short.is_empty() {
                    resource["shortNames"] = json!(entry.short);
                }
                if entry.all {
                    resource["categories"] = json!(["all"]);
                }
                resources.push(resource);
            }
            Some((_, sub)) => {
                if let Some(resource) = resources.last_mut() {
                    let sub = json!({"subresource": sub, "responseKind": kind, "verbs": entry.verbs});
                    match resource["subresources"].as_array_mut() {
                        Some(list) => list.push(sub),
                        None => resource["subresources"] = json!([sub]),
                    }
                }
            }
        }
    }
    json!({"version": version, "freshness": "Current", "resources": resources})
}

/// `/version`, for a version like `v1.36.2`.
pub fn version(version: &str) -> Value {
    let mut numbers = version.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next().unwrap_or("1"), numbers.next().unwrap_or("0"));
    let before = minor
        .parse::<u32>()
        .map_or(0, |minor| minor.saturating_sub(1))
        .to_string();
    json!({"major": major, "minor": minor, "emulationMajor": major, "emulationMinor": minor,
        "minCompatibilityMajor": major, "minCompatibilityMinor": before, "gitVersion": version,
        "gitCommit": "$Format:%H$", "gitTreeState": "", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "go1.26.6",
        "compiler": "gc", "platform": "linux/amd64"})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_tell_the_same_resources() {
        for (group, versions) in groups(true) {
            for version in versions {
                let plain = resource_list(group, version, true).unwrap();
                let names = plain["resources"].as_array().unwrap().len();
                let aggregated = aggregated_version(group, version);
                let subs = |r: &Value| 1 + r["subresources"].as_array().map_or(0, Vec::len);
                let total: usize = aggregated["resources"].as_array().unwrap().iter().map(subs).sum();
                assert_eq!(total, names, "{group}/{version}");
            }
        }
        assert!(resource_list("metrics.k8s.io", "v1beta1", false).is_none());
    }
}
