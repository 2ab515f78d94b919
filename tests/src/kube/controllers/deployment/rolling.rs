//! `RollingUpdate`: up within the surge, down within the availability.

use std::time::Duration;

use serde_json::Value;

use super::super::Cx;
use super::super::meta::{int, replicas};
use super::{Rollout, counted, max_surge, max_unavailable, replicasets, status, wanted};
use crate::kube::key::Key;

/// One step of a rolling update.
pub(super) fn roll(cx: &mut Cx, key: &Key, deployment: Value) -> Option<Duration> {
    let mut rollout = replicasets::gather(cx, key, deployment, true);
    if grow_new(cx, &mut rollout) || shrink_old(cx, &mut rollout) {
        return status::sync(cx, &rollout);
    }
    if status::is_complete(&rollout.deployment, &rollout.deployment["status"]) {
        replicasets::clean_up(cx, &rollout);
    }
    status::sync(cx, &rollout)
}

/// The size that the new ReplicaSet, now of size `present`, may have.
pub(super) fn new_size(rollout: &Rollout, present: i64) -> i64 {
    let desired = rollout.desired();
    if rollout.deployment["spec"]["strategy"]["type"] == "Recreate" {
        return desired;
    }
    let most = desired + max_surge(&rollout.deployment);
    let now = wanted(&rollout.all());
    if now >= most {
        present
    } else {
        present + (most - now).min(desired - present)
    }
}

fn grow_new(cx: &mut Cx, rollout: &mut Rollout) -> bool {
    let Some(present) = rollout.new.as_ref().map(|new| replicas(new)) else {
        return false;
    };
    let desired = rollout.desired();
    let size = match present.cmp(&desired) {
        std::cmp::Ordering::Equal => return false,
        std::cmp::Ordering::Greater => desired,
        std::cmp::Ordering::Less => new_size(rollout, present),
    };
    replicasets::resize_new(cx, rollout, size)
}

fn shrink_old(cx: &mut Cx, rollout: &mut Rollout) -> bool {
    if wanted(&rollout.old) == 0 {
        return false;
    }
    let least = rollout.desired() - max_unavailable(&rollout.deployment);
    let lacking = rollout
        .new
        .as_ref()
        .map_or(0, |new| replicas(new) - int(new, "/status/availableReplicas"));
    let room = wanted(&rollout.all()) - least - lacking;
    if room <= 0 {
        return false;
    }
    let sick = drop_unhealthy(cx, rollout, room);
    let well = drop_healthy(cx, rollout, least);
    sick + well > 0
}

/// Pods that are not available anyway go first.
fn drop_unhealthy(cx: &mut Cx, rollout: &mut Rollout, most: i64) -> i64 {
    let mut total = 0;
    for index in 0..rollout.old.len() {
        let (size, healthy) = (
            replicas(&rollout.old[index]),
            int(&rollout.old[index], "/status/availableReplicas"),
        );
        if total >= most || size == 0 || size <= healthy {
            continue;
        }
        let count = (most - total).min(size - healthy);
        replicasets::resize_old(cx, rollout, index, size - count);
        total += count;
    }
    total
}

fn drop_healthy(cx: &mut Cx, rollout: &mut Rollout, least: i64) -> i64 {
    let available = counted(&rollout.all(), "/status/availableReplicas");
    let spare = available - least;
    let mut total = 0;
    for index in 0..rollout.old.len() {
        let size = replicas(&rollout.old[index]);
        if total >= spare || size == 0 {
            continue;
        }
        let count = size.min(spare - total);
        replicasets::resize_old(cx, rollout, index, size - count);
        total += count;
    }
    total
}
