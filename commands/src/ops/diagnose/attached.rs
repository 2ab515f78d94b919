//! Who holds a volume that a pod cannot have: another pod with the same claim on another node, or a node that has not let go.

use super::{case::Case, pods::Desk};
use crate::{
    diagnosis::{Cause, Finding},
    health::pod::is_over,
    model::Text,
    objects::{PersistentVolumeClaim, Pod, VolumeAttachment},
    texts::diagnose as texts,
};

/// The holders of the claims of a pod whose volume cannot be attached.
pub(super) async fn holders(case: &mut Case, desk: &Desk<'_>, finding: &Finding) -> Vec<Text> {
    let Cause::Warned(cause) = &finding.cause else {
        return vec![];
    };
    let subject = finding
        .subject
        .as_ref()
        .filter(|_| cause.reason == "FailedAttachVolume");
    let Some(own) = subject.and_then(|subject| desk.cached.get::<Pod>(&subject.pod)) else {
        return vec![];
    };
    let pods = desk.cached.list::<Pod>();
    let holder = |claim: &str| {
        pods.iter().find(|pod| {
            let elsewhere = !pod.spec.node_name.is_empty() && pod.spec.node_name != own.spec.node_name;
            elsewhere && !is_over(pod) && pod.spec.claims.iter().any(|name| **name == *claim)
        })
    };
    let held = own.spec.claims.iter().filter_map(|claim| {
        let pod = holder(claim)?;
        Some(texts::held_by(claim, &pod.metadata.name, &pod.spec.node_name))
    });
    let held: Vec<Text> = held.collect();
    if !held.is_empty() {
        return held;
    }
    let (attachments, claims) = futures::join!(
        desk.read::<VolumeAttachment>(),
        desk.read::<PersistentVolumeClaim>()
    );
    let Some(attachments) = attachments.known(case, desk) else {
        return vec![];
    };
    let claims = claims.known(case, desk).unwrap_or_default();
    let own_claims = claims
        .iter()
        .filter(|claim| own.spec.claims.contains(&claim.metadata.name));
    let told = own_claims.filter_map(|claim| {
        let volume = &*claim.spec.volume_name;
        let at = attachments.iter().find(|one| {
            one.spec.source.persistent_volume_name == *volume
                && one.status.attached
                && one.spec.node_name != own.spec.node_name
        })?;
        Some(texts::attached_to(
            &claim.metadata.name,
            volume,
            &at.spec.node_name,
        ))
    });
    told.collect()
}
