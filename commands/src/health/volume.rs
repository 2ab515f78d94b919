//! Whether a volume claim has its volume.

use crate::{
    model::Text,
    objects::{PersistentVolumeClaim, StorageClass},
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
