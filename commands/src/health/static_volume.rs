//! Which volume that somebody made by hand fits a claim, and what keeps the nearest one from it.

use super::quantity::{amount, bytes};
use crate::{
    objects::{PersistentVolume, PersistentVolumeClaim},
    texts::diagnose::Misfit,
};

/// Whether a claim gets only what somebody made by hand, as far as its class tells: it asks for no class.
#[must_use]
pub fn asks_for_none(claim: &PersistentVolumeClaim) -> bool {
    claim
        .spec
        .storage_class_name
        .as_deref()
        .is_some_and(str::is_empty)
}

/// What keeps a volume from a claim; nothing where it fits.
#[must_use]
pub fn misfits(claim: &PersistentVolumeClaim, volume: &PersistentVolume) -> Vec<Misfit> {
    let (asks, has) = (&claim.spec, &volume.spec);
    let mut all = Vec::new();
    let size = |pairs| amount(pairs, "storage").unwrap_or_default();
    let (wants, offers) = (size(&asks.resources.requests), size(&has.capacity));
    if offers < wants {
        all.push(Misfit::Size {
            has: bytes(offers),
            wants: bytes(wants),
        });
    }
    if asks
        .access_modes
        .iter()
        .any(|mode| !has.access_modes.contains(mode))
    {
        let words = |modes: &[crate::objects::SharedStr]| modes.iter().map(|mode| mode.to_string()).collect();
        all.push(Misfit::Modes {
            has: words(&has.access_modes),
            wants: words(&asks.access_modes),
        });
    }
    let labels = &volume.metadata.labels;
    if asks
        .selector
        .as_ref()
        .is_some_and(|selector| !selector.means(labels))
    {
        all.push(Misfit::Labels);
    }
    if *has.storage_class_name != *asks.storage_class_name.as_deref().unwrap_or_default() {
        all.push(Misfit::Class {
            has: has.storage_class_name.to_string(),
        });
    }
    if let Some(owner) = &has.claim_ref {
        let same = *owner.name == *claim.metadata.name && *owner.namespace == *claim.metadata.namespace;
        if !same {
            all.push(Misfit::Taken {
                by: format!("{}/{}", owner.namespace, owner.name),
                phase: volume.status.phase.to_string(),
            });
        }
    }
    all
}

/// How far a volume is from fitting.
fn weight(why: &Misfit) -> u32 {
    match why {
        Misfit::Size { .. } => 2,
        Misfit::Modes { .. } => 3,
        Misfit::Labels => 4,
        Misfit::Class { .. } => 5,
        Misfit::Taken { .. } => 8,
    }
}

/// The volume that comes nearest, with what keeps it from the claim.
#[must_use]
pub fn nearest<'v>(
    claim: &PersistentVolumeClaim,
    volumes: &'v [PersistentVolume],
) -> Option<(&'v PersistentVolume, Vec<Misfit>)> {
    let all = volumes.iter().map(|volume| (volume, misfits(claim, volume)));
    all.min_by_key(|(volume, misfits)| {
        let far: u32 = misfits.iter().map(weight).sum();
        (far, volume.metadata.name.clone())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_nearest_volume_is_the_one_that_lacks_least() {
        let claim: PersistentVolumeClaim = serde_json::from_value(json!({
            "metadata": {"name": "data", "namespace": "shop"},
            "spec": {"storageClassName": "", "accessModes": ["ReadWriteMany"],
                     "resources": {"requests": {"storage": "10Gi"}}}}))
        .unwrap();
        let volume = |name: &str, size: &str, mode: &str, extra: Value| -> PersistentVolume {
            let mut spec = json!({"capacity": {"storage": size}, "accessModes": [mode]});
            for (key, value) in extra.as_object().into_iter().flatten() {
                spec[key] = value.clone();
            }
            serde_json::from_value(json!({"metadata": {"name": name}, "spec": spec})).unwrap()
        };
        let fit = volume("fit", "10Gi", "ReadWriteMany", json!({}));
        assert!(misfits(&claim, &fit).is_empty());
        let all = [
            volume("a", "20Gi", "ReadWriteMany", json!({"storageClassName": "fast"})),
            volume("b", "5Gi", "ReadWriteMany", json!({})),
            volume("c", "20Gi", "ReadWriteOnce", json!({})),
            volume(
                "d",
                "20Gi",
                "ReadWriteMany",
                json!({"claimRef": {"namespace": "shop", "name": "old"}}),
            ),
        ];
        let (near, why) = nearest(&claim, &all).unwrap();
        assert_eq!(&*near.metadata.name, "b");
        let size = Misfit::Size {
            has: "5Gi".to_owned(),
            wants: "10Gi".to_owned(),
        };
        assert_eq!(why, [size]);
        assert_eq!(misfits(&claim, &all[3]).len(), 1);
        assert!(nearest(&claim, &[]).is_none());
    }
}
