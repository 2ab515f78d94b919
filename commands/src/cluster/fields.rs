//! Who changed what, as the API server notes it in `metadata.managedFields`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use serde_json::Value;

use crate::{
    model::{TicketId, Timestamp},
    objects::{ManagedFields, Metadata, SpecParts},
};

/// The annotation in which tools say why they changed a workload.
pub const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// The annotation by which the bot marks what it wrote.
pub const MARK: &str = "ceo/step";

/// Who the bot is among the managers of an object's fields.
pub const FIELD_MANAGER: &str = "ceo";

/// The field manager of the HorizontalPodAutoscalers' controller.
const AUTOSCALER: &str = "kube-controller-manager";

/// The last change of an object's spec that its record dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The field manager: `kubectl-set`, `ceo`, `argocd-controller`.
    pub manager: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// What the manager owns of it: this and all that it changed before.
    pub owns: SpecParts,
    /// What the tool wrote into the change-cause annotation.
    pub cause: Option<String>,
    /// The ticket in the mark of the bot's last write.
    pub marked: Option<TicketId>,
}

impl Changed {
    /// The ticket that the bot named when it wrote.
    #[must_use]
    pub fn ticket(&self) -> Option<TicketId> {
        self.marked.or_else(|| ticket_in(self.cause.as_deref()?))
    }
}

/// The ticket that a change-cause of the bot names.
#[must_use]
pub fn ticket_in(cause: &str) -> Option<TicketId> {
    let words = cause.strip_prefix("ceo: ")?;
    let (_, number) = words.rsplit_once(", ticket ")?;
    number.parse().ok()
}

/// Whether an entry is of the subresource by which the number of replicas is set. The API server notes no time there.
fn is_scaling(entry: &ManagedFields) -> bool {
    entry.subresource.as_deref() == Some("scale")
}

/// Whether an entry is of an autoscaler that sets the number of replicas: nobody's decision, and no change of what runs.
fn is_autoscaling(entry: &ManagedFields) -> bool {
    is_scaling(entry) && entry.manager.as_deref() == Some(AUTOSCALER)
}

/// Whether an autoscaler may have changed the number of replicas since a moment: it did at some time, and when is not noted.
#[must_use]
pub(super) fn may_be_autoscaled_since(metadata: &Metadata, since: Timestamp) -> bool {
    let mut entries = metadata.managed_fields.iter().filter(|e| is_autoscaling(e));
    entries.any(|e| e.time.is_none_or(|at| at.as_second() >= since.as_second()))
}

/// Who set the number of replicas through its subresource, where no time tells when.
#[must_use]
pub(super) fn scaled_by(metadata: &Metadata) -> Option<&str> {
    let mut entries = metadata.managed_fields.iter();
    let entry = entries.find(|e| is_scaling(e) && !is_autoscaling(e) && e.time.is_none());
    entry?.manager.as_deref()
}

/// The last change of an object's spec that somebody made and that is dated: the newest entry that is neither about the
/// status nor of an autoscaler. What the bot writes counts whatever it took away: its mark goes along each time.
#[must_use]
pub(super) fn last_change(metadata: &Metadata) -> Option<Changed> {
    let cause = metadata.annotations.get(CHANGE_CAUSE).map(str::to_owned);
    let ours = |entry: &ManagedFields| entry.manager.as_deref() == Some(FIELD_MANAGER);
    let entry = metadata
        .managed_fields
        .iter()
        .filter(|e| e.subresource.as_deref() != Some("status"))
        .filter(|e| !is_scaling(e) || (e.time.is_some() && !is_autoscaling(e)))
        .filter_map(|e| Some((e, e.parts.or_else(|| ours(e).then(SpecParts::default))?)))
        // Times are whole seconds: of two in the same one, the maker of the object was first.
        .max_by_key(|(e, parts)| (e.time, !parts.selector));
    match entry {
        Some((entry, owns)) => Some(Changed {
            manager: entry.manager.as_deref().map(str::to_owned),
            at: entry.time,
            owns,
            // Another tool that changed the object later left the annotation of the one before.
            cause: cause.filter(|c| !c.starts_with("ceo: ") || ours(entry)),
            marked: marked(metadata).filter(|_| ours(entry)),
        }),
        None => cause.map(|cause| Changed {
            manager: None,
            at: None,
            owns: SpecParts::default(),
            cause: Some(cause),
            marked: None,
        }),
    }
}

/// The ticket in the mark of the bot's last write.
fn marked(metadata: &Metadata) -> Option<TicketId> {
    let mark = metadata.annotations.get(MARK)?;
    mark.split('/').next()?.parse().ok()
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
        assert!(changed.owns.image && !changed.owns.selector);
        assert_eq!(changed.cause.as_deref(), Some("upgrade"));
        assert_eq!(changed.at.unwrap().to_string(), "2026-11-22T20:01:00Z");
    }

    #[test]
    fn only_changes_of_the_spec_and_writes_of_the_bot_count() {
        let of = |entries: &Value, annotations: &Value| {
            let metadata = json!({ "managedFields": entries, "annotations": annotations });
            serde_json::from_value::<Metadata>(metadata).unwrap()
        };
        let label = json!({ "f:metadata": { "f:labels": {} } });
        let labelled = |manager: &str| json!([entry(manager, "2026-11-22T20:00:41Z", &label)]);
        assert_eq!(last_change(&of(&labelled("kubectl-label"), &json!({}))), None);
        let mark = json!({ "ceo/step": "13/1790000000000/restore the template" });
        let ours = last_change(&of(&labelled("ceo"), &mark)).unwrap();
        assert_eq!(
            ours.ticket(),
            Some(TicketId(13)),
            "a write that only took away leaves its mark"
        );

        // As `kubectl scale` and an autoscaler leave it on a 1.36 cluster: without a time.
        let scaled = |manager: &str| {
            let mut scaled = entry(manager, "", &json!({ "f:spec": { "f:replicas": {} } }));
            scaled["subresource"] = json!("scale");
            scaled.as_object_mut().unwrap().remove("time");
            of(&json!([scaled]), &json!({}))
        };
        let now = "2026-11-22T20:05:00Z".parse().unwrap();
        assert_eq!(last_change(&scaled("kubectl")), None, "its time is not known");
        assert_eq!(scaled_by(&scaled("kubectl")), Some("kubectl"));
        assert!(!may_be_autoscaled_since(&scaled("kubectl"), now));
        assert_eq!(scaled_by(&scaled("kube-controller-manager")), None);
        assert!(may_be_autoscaled_since(&scaled("kube-controller-manager"), now));
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
