//! A change of `replicas`: to the one active ReplicaSet, or spread over several in proportion to their sizes.

use std::sync::Arc;

use serde_json::Value;

use super::super::Cx;
use super::super::meta::{annotation, int, replicas, text, uid};
use super::{DESIRED, MAXIMUM, Rollout, max_surge, replicasets, wanted};

/// Makes the ReplicaSets' sizes follow the Deployment's.
pub(super) fn scale(cx: &mut Cx, rollout: &mut Rollout) {
    let desired = rollout.desired();
    if let Some(only) = active_or_latest(rollout) {
        if replicas(&only) != desired {
            put(cx, rollout, &only, desired);
        }
        return;
    }
    if is_saturated(rollout) {
        for index in 0..rollout.old.len() {
            replicasets::resize_old(cx, rollout, index, 0);
        }
        return;
    }
    if rollout.deployment["spec"]["strategy"]["type"] != "Recreate" {
        spread(cx, rollout);
    }
}

fn active(rollout: &Rollout) -> Vec<Arc<Value>> {
    rollout
        .all()
        .into_iter()
        .filter(|set| replicas(set) > 0)
        .collect()
}

fn active_or_latest(rollout: &Rollout) -> Option<Arc<Value>> {
    let mut active = active(rollout);
    match active.len() {
        0 => rollout.new.clone().or_else(|| rollout.old.last().cloned()),
        1 => active.pop(),
        _ => None,
    }
}

fn is_saturated(rollout: &Rollout) -> bool {
    let desired = rollout.desired();
    rollout.new.as_ref().is_some_and(|new| {
        replicas(new) == desired
            && annotation(new, DESIRED).parse() == Ok(desired)
            && int(new, "/status/availableReplicas") == desired
    })
}

fn spread(cx: &mut Cx, rollout: &mut Rollout) {
    let desired = rollout.desired();
    let mut sets = active(rollout);
    let allowed = if desired > 0 {
        desired + max_surge(&rollout.deployment)
    } else {
        0
    };
    let to_add = allowed - wanted(&sets);
    let newer_first = to_add > 0;
    sets.sort_by(|a, b| {
        let ages = text(b, "/metadata/creationTimestamp").cmp(text(a, "/metadata/creationTimestamp"));
        replicas(b)
            .cmp(&replicas(a))
            .then(if newer_first { ages } else { ages.reverse() })
    });
    let mut added = 0;
    let mut sizes: Vec<i64> = Vec::new();
    for set in &sets {
        let share = if to_add == 0 {
            0
        } else {
            proportion(rollout, set, to_add, added)
        };
        added += share;
        sizes.push(replicas(set) + share);
    }
    if to_add != 0
        && let Some(first) = sizes.first_mut()
    {
        *first = (*first + to_add - added).max(0);
    }
    for (set, size) in sets.iter().zip(sizes) {
        put(cx, rollout, set, size);
    }
}

/// The share of one ReplicaSet in what is to be added or taken away.
fn proportion(rollout: &Rollout, set: &Value, to_add: i64, added: i64) -> i64 {
    let size = replicas(set);
    if size == 0 || to_add == added {
        return 0;
    }
    let left = to_add - added;
    let share = fraction(rollout, set, size);
    if to_add > 0 {
        share.min(left)
    } else {
        share.max(left)
    }
}

fn fraction(rollout: &Rollout, set: &Value, size: i64) -> i64 {
    let desired = rollout.desired();
    if desired == 0 {
        return -size;
    }
    let target = desired + max_surge(&rollout.deployment);
    let before: i64 = annotation(set, MAXIMUM)
        .parse()
        .unwrap_or_else(|_| int(&rollout.deployment, "/status/replicas"));
    if before <= 0 {
        return 0;
    }
    // Rounded to the nearest, as integer.RoundToInt32.
    let grown = (2 * size * target + before).div_euclid(2 * before);
    grown - size
}

fn put(cx: &mut Cx, rollout: &mut Rollout, set: &Arc<Value>, size: i64) {
    let (after, _) = replicasets::resize(cx, &rollout.deployment, set, size);
    let same = |other: &Arc<Value>| uid(other) == uid(set);
    if rollout.new.as_ref().is_some_and(same) {
        rollout.new = Some(after);
    } else if let Some(place) = rollout.old.iter_mut().find(|old| same(old)) {
        *place = after;
    }
}
