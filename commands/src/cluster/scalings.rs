//! When a number of replicas was changed by others, as far as a watch saw it happen: the API server records no time for what
//! goes through the `scale` subresource. Kept in memory only; after a restart it is not known.

use std::collections::{HashMap, HashSet};

use super::fields;
use crate::{model::Timestamp, objects::Object};

/// So many are remembered; the oldest are forgotten first.
const MOST: usize = 1000;

/// A change of the number of replicas that a watch saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenScaling {
    /// From how many.
    pub from: i32,
    /// To how many.
    pub to: i32,
    /// When the watch heard of it.
    pub at: Timestamp,
    /// Who made it: the field manager.
    by: String,
}

impl SeenScaling {
    /// Whether the object is still as this change left it.
    pub(super) fn explains(&self, manager: &str, replicas: Option<i32>) -> bool {
        self.by == manager && replicas == Some(self.to)
    }
}

/// The last of each object, by its uid.
#[derive(Default)]
pub(super) struct Scalings(HashMap<Box<str>, SeenScaling>);

impl Scalings {
    /// An object changed before the eyes of its watch.
    pub(super) fn note<K: Object>(&mut self, old: &K, new: &K, now: Timestamp) {
        let (Some(from), Some(to)) = (old.replicas(), new.replicas()) else {
            return;
        };
        let uid = &new.metadata().uid;
        if from == to || old.metadata().uid != *uid {
            return;
        }
        // What is dated needs no memory, and makes what was known of before no longer the last.
        let Some(by) = fields::scaled_by(new.metadata()) else {
            self.0.remove(uid);
            return;
        };
        let seen = SeenScaling {
            from,
            to,
            at: now,
            by: by.to_owned(),
        };
        self.0.insert(uid.clone(), seen);
        if self.0.len() > MOST
            && let Some(oldest) = self.0.iter().min_by_key(|(_, seen)| seen.at)
        {
            let oldest = oldest.0.clone();
            self.0.remove(&oldest);
        }
    }

    /// A new list came. What changed meanwhile nobody saw, and it may have been this: only what no change of its spec came
    /// after is known still.
    pub(super) fn keep<'k, K: Object>(&mut self, same: impl Iterator<Item = (&'k K, &'k K)>) {
        let unchanged = |(old, new): &(&K, &K)| {
            old.metadata().uid == new.metadata().uid && old.metadata().generation == new.metadata().generation
        };
        let known: HashSet<&str> = same
            .filter(unchanged)
            .map(|(_, new)| &*new.metadata().uid)
            .collect();
        self.0.retain(|uid, _| known.contains(&**uid));
    }

    /// An object is gone.
    pub(super) fn forget(&mut self, uid: &str) {
        self.0.remove(uid);
    }

    /// The last that was seen of an object.
    pub(super) fn of(&self, uid: &str) -> Option<SeenScaling> {
        self.0.get(uid).cloned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::objects::Deployment;

    fn deployment(uid: &str, replicas: i32, generation: i64, manager: &str) -> Deployment {
        let scaled = json!({ "manager": manager, "operation": "Update", "subresource": "scale",
            "fieldsV1": { "f:spec": { "f:replicas": {} } } });
        serde_json::from_value(
            json!({ "metadata": { "name": "api", "uid": uid, "generation": generation,
            "managedFields": [scaled] }, "spec": { "replicas": replicas } }),
        )
        .unwrap()
    }

    fn at(minute: u8) -> Timestamp {
        format!("2026-11-22T20:{minute:02}:00Z").parse().unwrap()
    }

    #[test]
    fn a_change_that_was_seen_is_known_until_another_comes() {
        let mut seen = Scalings::default();
        let (two, five) = (deployment("u", 2, 1, "kubectl"), deployment("u", 5, 2, "kubectl"));
        seen.note(&two, &two, at(1));
        assert_eq!(seen.of("u"), None, "nothing changed");
        seen.note(&two, &five, at(2));
        let known = seen.of("u").unwrap();
        assert_eq!((known.from, known.to, known.at), (2, 5, at(2)));
        assert!(known.explains("kubectl", Some(5)));
        assert!(!known.explains("kubectl", Some(4)), "changed again");
        assert!(!known.explains("k9s", Some(5)), "by somebody else");
        seen.note(&five, &deployment("u", 3, 3, "kube-controller-manager"), at(3));
        assert_eq!(seen.of("u"), None, "an autoscaler's is nobody's decision");
        seen.note(&deployment("old", 2, 1, "kubectl"), &five, at(4));
        assert_eq!(seen.of("u"), None, "another object of the same name");
    }

    #[test]
    fn after_a_new_list_only_what_nothing_changed_is_known() {
        let seen = || {
            let mut seen = Scalings::default();
            seen.note(
                &deployment("u", 2, 1, "kubectl"),
                &deployment("u", 5, 2, "kubectl"),
                at(2),
            );
            seen
        };
        let known = deployment("u", 5, 2, "kubectl");
        for (listed, kept) in [
            (Some(deployment("u", 5, 2, "kubectl")), true),
            (Some(deployment("u", 5, 4, "kubectl")), false),
            (Some(deployment("new", 5, 2, "kubectl")), false),
            (None, false),
        ] {
            let mut seen = seen();
            seen.keep(listed.iter().map(|new| (&known, new)));
            assert_eq!(seen.of("u").is_some(), kept, "{listed:?}");
        }
        let mut seen = seen();
        seen.forget("u");
        assert_eq!(seen.of("u"), None);
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let mut seen = Scalings::default();
        for n in 0..=MOST {
            let uid = format!("u{n}");
            let start: Timestamp = at(0);
            let when = start
                .checked_add(std::time::Duration::from_secs(n as u64))
                .unwrap();
            seen.note(
                &deployment(&uid, 1, 1, "kubectl"),
                &deployment(&uid, 2, 2, "kubectl"),
                when,
            );
        }
        assert_eq!(seen.of("u0"), None);
        assert!(seen.of("u1").is_some() && seen.of(&format!("u{MOST}")).is_some());
    }
}
