//! Whether a volume claim has its volume, and where that can be used.

use super::node;
use crate::{
    model::Text,
    objects::{Node, NodeTerm, PersistentVolume, PersistentVolumeClaim, Requirement, StorageClass},
    texts::health as texts,
};

/// What is wrong with a claim. `classes` are those of the cluster, where they are known; `said` is what a warning says of it,
/// `used` whether a pod names it: one that waits for its first pod waits for nothing else.
#[must_use]
pub fn problem(
    claim: &PersistentVolumeClaim,
    classes: Option<&[StorageClass]>,
    said: Option<&str>,
    used: bool,
) -> Option<Text> {
    match &*claim.status.phase {
        "Lost" => return Some(texts::volume_lost(&claim.spec.volume_name)),
        "Pending" => {}
        _ => return None,
    }
    let name = claim
        .spec
        .storage_class_name
        .as_deref()
        .filter(|name| !name.is_empty());
    if let (Some(name), Some(classes)) = (name, classes) {
        let class = classes.iter().find(|class| *class.metadata.name == *name);
        match class {
            None => return Some(texts::no_storage_class(name)),
            Some(class) if class.volume_binding_mode == "WaitForFirstConsumer" && !used => return None,
            Some(_) => {}
        }
    }
    Some(texts::not_bound(said.unwrap_or_default()))
}

/// Where a volume keeps its pods while none of the nodes that can use it is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stranded {
    /// On nodes that are not ready.
    NotReady(Vec<String>),
    /// On what no node of the cluster is: nodes that were removed, a zone without nodes.
    Gone(Vec<String>),
}

/// Labels whose values name a place.
const PLACES: [&str; 2] = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"];

/// Whether a volume can be used on none of the nodes that are ready, and where it could be. `nodes` are all of the
/// cluster's.
#[must_use]
pub fn stranded<'n>(
    volume: &PersistentVolume,
    nodes: impl IntoIterator<Item = &'n Node>,
) -> Option<Stranded> {
    let terms = &volume.spec.node_affinity.required.node_selector_terms;
    if terms.is_empty() {
        return None;
    }
    let fits = |node: &&Node| terms.iter().any(|term| accepts(term, node));
    let able: Vec<&Node> = nodes.into_iter().filter(fits).collect();
    if able.iter().any(|node| node::state(node).ready) {
        return None;
    }
    let names: Vec<String> = able.iter().map(|node| node.metadata.name.to_string()).collect();
    if !names.is_empty() {
        return Some(Stranded::NotReady(names));
    }
    let places = terms.iter().flat_map(|term| {
        let labels = term.match_expressions.iter();
        let named = labels.filter(|rule| PLACES.contains(&&*rule.key));
        named
            .chain(&term.match_fields)
            .filter(|rule| rule.operator == "In")
    });
    let places: Vec<String> = places
        .flat_map(|rule| rule.values.iter().map(|value| value.to_string()))
        .collect();
    (!places.is_empty()).then_some(Stranded::Gone(places))
}

/// Whether a node is as a term says; one that says nothing takes none.
pub(crate) fn accepts(term: &NodeTerm, node: &Node) -> bool {
    let says = !term.match_expressions.is_empty() || !term.match_fields.is_empty();
    let by_label = |rule: &Requirement| holds(rule, node.metadata.labels.get(&rule.key));
    let by_name = |rule: &Requirement| rule.key == "metadata.name" && holds(rule, Some(&node.metadata.name));
    says && term.match_expressions.iter().all(by_label) && term.match_fields.iter().all(by_name)
}

/// Whether a value is as a rule says, in the ways of node selectors.
pub(crate) fn holds(rule: &Requirement, value: Option<&str>) -> bool {
    let among = || value.is_some_and(|value| rule.values.iter().any(|one| *one == *value));
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
    let bound = || number(rule.values.first().map(|one| &**one));
    match &*rule.operator {
        "In" => among(),
        "NotIn" => !among(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => matches!((number(value), bound()), (Some(value), Some(bound)) if value > bound),
        "Lt" => matches!((number(value), bound()), (Some(value), Some(bound)) if value < bound),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_that_waits_for_its_first_pod_is_well() {
        let claim = |phase: &str, class: Option<&str>| -> PersistentVolumeClaim {
            serde_json::from_value(json!({ "spec": { "storageClassName": class, "volumeName": "pv-1" }, "status": { "phase": phase } }))
                .unwrap()
        };
        let classes: Vec<StorageClass> = [("late", "WaitForFirstConsumer"), ("fast", "Immediate")]
            .map(|(name, mode)| {
                serde_json::from_value(json!({ "metadata": { "name": name }, "volumeBindingMode": mode }))
                    .unwrap()
            })
            .to_vec();
        for (phase, class, used, told) in [
            ("Bound", Some("fast"), true, None),
            ("Pending", Some("late"), false, None),
            (
                "Pending",
                Some("late"),
                true,
                Some("it has no volume yet: no space"),
            ),
            (
                "Pending",
                Some("fast"),
                false,
                Some("it has no volume yet: no space"),
            ),
            (
                "Pending",
                Some("gone"),
                false,
                Some("its class gone does not exist"),
            ),
            ("Pending", None, false, Some("it has no volume yet: no space")),
            (
                "Lost",
                Some("fast"),
                true,
                Some("its volume pv-1 is gone, and what was on it"),
            ),
        ] {
            let told_now = problem(&claim(phase, class), Some(&classes), Some("no space"), used);
            assert_eq!(
                told_now.map(|t| t.plain()).as_deref(),
                told,
                "{phase} {class:?} {used}"
            );
        }
        let unknown = problem(&claim("Pending", Some("gone")), None, None, false);
        assert_eq!(
            unknown.map(|t| t.plain()).as_deref(),
            Some("it has no volume yet")
        );
    }
}
