//! Who changed what, as the API server notes it in `metadata.managedFields`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use serde_json::Value;

use crate::{
    model::{TicketId, Timestamp},
    objects::{ManagedFields, Metadata, SpecParts},
};

/// The annotation in which tools say why they changed a workload.
pub const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// The field manager of the HorizontalPodAutoscalers' controller.
const AUTOSCALER: &str = "kube-controller-manager";

/// The last change of an object's spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The field manager: `kubectl-set`, `ceo`, `argocd-controller`.
    pub manager: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// What the manager owns of it, in a few words: `image`, `replicas`, `image and environment`.
    pub what: Option<String>,
    /// What the tool wrote into the change-cause annotation.
    pub cause: Option<String>,
}

impl Changed {
    /// The ticket that the bot named when it wrote.
    #[must_use]
    pub fn ticket(&self) -> Option<TicketId> {
        let words = self.cause.as_deref()?.strip_prefix("ceo: ")?;
        let (_, number) = words.rsplit_once(", ticket ")?;
        number.parse().ok()
    }
}

/// Whether an entry is of an autoscaler that sets the number of replicas: nobody's decision, and no change of what runs.
fn is_autoscaling(entry: &ManagedFields) -> bool {
    entry.subresource.as_deref() == Some("scale") && entry.manager.as_deref() == Some(AUTOSCALER)
}

/// When an autoscaler last changed the number of replicas.
#[must_use]
pub(super) fn autoscaled(metadata: &Metadata) -> Option<Timestamp> {
    let entries = metadata.managed_fields.iter();
    entries.filter(|e| is_autoscaling(e)).filter_map(|e| e.time).max()
}

/// The last change of an object's spec that somebody made: the newest entry that is neither about the status nor of an
/// autoscaler.
#[must_use]
pub(super) fn last_change(metadata: &Metadata) -> Option<Changed> {
    let cause = metadata.annotations.get(CHANGE_CAUSE).map(str::to_owned);
    let entry = metadata
        .managed_fields
        .iter()
        .filter(|e| e.subresource.as_deref() != Some("status") && !is_autoscaling(e))
        .filter_map(|e| Some((e, e.parts?)))
        // Times are whole seconds: of two in the same one, the maker of the object was first.
        .max_by_key(|(e, parts)| (e.time, !parts.selector));
    match entry {
        Some((entry, parts)) => Some(Changed {
            manager: entry.manager.as_deref().map(str::to_owned),
            at: entry.time,
            what: what_words(parts),
            // Another tool that changed the object later left the annotation of the one before.
            cause: cause.filter(|c| !c.starts_with("ceo: ") || entry.manager.as_deref() == Some("ceo")),
        }),
        None => cause.map(|cause| Changed {
            manager: None,
            at: None,
            what: None,
            cause: Some(cause),
        }),
    }
}

/// Whether an entry is of who made the object: only they own what never changes.
fn makes(entry: &ManagedFieldsEntry) -> bool {
    let spec = entry.fields_v1.as_ref().and_then(|f| f.0.get("f:spec"));
    spec.is_some_and(|spec| spec.get("f:selector").is_some())
}

/// Who wrote a field last, and when.
#[must_use]
pub(super) fn writer_of(object: &Value, pointer: &str) -> Option<(String, Option<Timestamp>)> {
    let entries: Vec<ManagedFieldsEntry> = object
        .pointer("/metadata/managedFields")
        .and_then(|m| serde::Deserialize::deserialize(m).ok())?;
    entries
        .into_iter()
        .filter(|e| e.subresource.as_deref() != Some("status"))
        .filter(|e| e.fields_v1.as_ref().is_some_and(|f| covers(&f.0, pointer)))
        .max_by_key(|e| (e.time.as_ref().map(|t| t.0), !makes(e)))
        .map(|e| (e.manager.unwrap_or_default(), e.time.map(|t| t.0)))
}

/// Whether a set of fields holds the field of a JSON pointer, a part of it, or something that contains it.
fn covers(fields: &Value, pointer: &str) -> bool {
    let mut at = fields;
    for token in pointer.split('/').skip(1) {
        let name = unescape(token);
        let Some(map) = at.as_object() else { return false };
        if map.is_empty() {
            return true;
        }
        if name.parse::<usize>().is_ok() && map.keys().any(|k| k.starts_with("k:") || k.starts_with("v:")) {
            // Elements of lists are named by their keys here, by their place in a pointer.
            return true;
        }
        match map.get(&format!("f:{name}")) {
            Some(next) => at = next,
            None => return false,
        }
    }
    true
}

/// A token of a JSON pointer as the name it stands for.
fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// A name as a token of a JSON pointer (RFC 6901).
#[must_use]
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What parts of a spec are, in a few words.
fn what_words(parts: SpecParts) -> Option<String> {
    if parts.selector {
        return Some("the whole object".to_owned());
    }
    let of_template = [
        (parts.image, "image"),
        (parts.env, "environment"),
        (parts.resources, "resources"),
        (parts.restarted, "restart"),
    ];
    let other = parts.template && !of_template.iter().any(|(there, _)| *there);
    let all = [(parts.replicas, "replicas"), (parts.paused, "pause")];
    let all = all
        .into_iter()
        .chain(of_template)
        .chain([(other, "pod template")]);
    let words: Vec<&str> = all.filter_map(|(there, word)| there.then_some(word)).collect();
    (!words.is_empty()).then(|| words.join(" and "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(manager: &str, time: &str, fields: &Value) -> Value {
        json!({ "manager": manager, "operation": "Update", "apiVersion": "apps/v1", "time": time,
                "fieldsType": "FieldsV1", "fieldsV1": fields })
    }

    fn object() -> Value {
        let whole = json!({ "f:spec": { "f:replicas": {}, "f:selector": {}, "f:template": { "f:spec": {
            "f:containers": { "k:{\"name\":\"api\"}": { ".": {}, "f:image": {}, "f:env": {} } } } } } });
        let image = json!({ "f:metadata": { "f:annotations": { "f:kubernetes.io/change-cause": {} } },
            "f:spec": { "f:template": { "f:spec": { "f:containers": {
                "k:{\"name\":\"api\"}": { "f:image": {} } } } } } });
        let mut status = entry(
            "kube-controller-manager",
            "2026-11-22T20:05:00Z",
            &json!({ "f:status": {} }),
        );
        status["subresource"] = json!("status");
        json!({ "metadata": { "name": "x", "annotations": { "kubernetes.io/change-cause": "upgrade" }, "managedFields": [
            entry("kubectl-client-side-apply", "2026-11-22T20:00:41Z", &whole),
            entry("kubectl-set", "2026-11-22T20:01:00Z", &image), status ] } })
    }

    #[test]
    fn the_last_change_is_the_newest_of_the_spec() {
        let metadata: Metadata = serde_json::from_value(object()["metadata"].clone()).unwrap();
        let changed = last_change(&metadata).unwrap();
        assert_eq!(changed.manager.as_deref(), Some("kubectl-set"));
        assert_eq!(changed.what.as_deref(), Some("image"));
        assert_eq!(changed.cause.as_deref(), Some("upgrade"));
        assert_eq!(changed.at.unwrap().to_string(), "2026-11-22T20:01:00Z");
    }

    #[test]
    fn every_part_of_a_spec_has_its_word() {
        let template = |inner: &Value| json!({ "f:spec": { "f:template": inner } });
        let container = |field: &str| {
            template(&json!({ "f:spec": { "f:initContainers": { "k:{\"name\":\"x\"}": { field: {} } } } }))
        };
        let restarted =
            json!({ "f:metadata": { "f:annotations": { "f:kubectl.kubernetes.io/restartedAt": {} } } });
        for (fields, word) in [
            (
                json!({ "f:spec": { "f:replicas": {}, "f:paused": {} } }),
                Some("replicas and pause"),
            ),
            (container("f:image"), Some("image")),
            (container("f:env"), Some("environment")),
            (container("f:resources"), Some("resources")),
            (container("f:command"), Some("pod template")),
            (template(&restarted), Some("restart")),
            (json!({ "f:spec": { "f:minReadySeconds": {} } }), None),
        ] {
            let entries = json!([entry("x", "2026-11-22T20:00:41Z", &fields)]);
            let metadata: Metadata = serde_json::from_value(json!({ "managedFields": entries })).unwrap();
            assert_eq!(last_change(&metadata).unwrap().what.as_deref(), word, "{fields}");
        }
        let label = json!([entry(
            "x",
            "2026-11-22T20:00:41Z",
            &json!({ "f:metadata": { "f:labels": {} } })
        )]);
        let metadata: Metadata = serde_json::from_value(json!({ "managedFields": label })).unwrap();
        assert_eq!(last_change(&metadata), None);
    }

    #[test]
    fn the_writer_of_a_field_is_its_newest_owner() {
        let object = object();
        for (pointer, manager) in [
            ("/spec/replicas", "kubectl-client-side-apply"),
            ("/spec/template", "kubectl-set"),
            ("/spec/template/spec/containers/0/image", "kubectl-set"),
            ("/metadata/annotations/kubernetes.io~1change-cause", "kubectl-set"),
        ] {
            assert_eq!(writer_of(&object, pointer).unwrap().0, manager, "{pointer}");
        }
        assert_eq!(writer_of(&object, "/spec/paused"), None);
    }

    #[test]
    fn tokens_of_pointers_are_escaped() {
        assert_eq!(
            escape("kubernetes.io/change-cause"),
            "kubernetes.io~1change-cause"
        );
        assert_eq!(unescape(&escape("a~b/c~1")), "a~b/c~1");
    }
}
