//! ResourceQuota: what a namespace uses. (What it refuses is admission's.)

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Cx;
use super::meta::{namespace, text};
use super::quantity::{Resources, bytes, cpu};
use crate::kube::key::Key;
use crate::kube::store::Store;

/// Counted use, in thousandths.
#[derive(Default)]
struct Tally {
    pods: i64,
    requests: Resources,
    limits: Resources,
}

impl Tally {
    fn of_pod(pod: &Value) -> Tally {
        Tally {
            pods: 1,
            requests: Resources::requested(pod),
            limits: Resources::counted(pod, "limits"),
        }
    }

    fn of_namespace(store: &Store, namespace: &str) -> Tally {
        let (pods, _) = store.list_shared("", "pods", Some(namespace));
        let counted = pods
            .iter()
            .filter(|pod| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed"));
        counted
            .map(|pod| Tally::of_pod(pod))
            .fold(Tally::default(), |sum, one| Tally {
                pods: sum.pods + one.pods,
                requests: sum.requests.plus(one.requests),
                limits: sum.limits.plus(one.limits),
            })
    }

    fn get(&self, what: &str) -> Option<i64> {
        Some(match what {
            "pods" | "count/pods" => self.pods * 1000,
            "cpu" | "requests.cpu" => self.requests.cpu,
            "memory" | "requests.memory" => self.requests.memory * 1000,
            "limits.cpu" => self.limits.cpu,
            "limits.memory" => self.limits.memory * 1000,
            _ => return None,
        })
    }

    fn print(&self, what: &str) -> String {
        match self.get(what).unwrap_or(0) {
            value if what.ends_with("memory") => bytes(value / 1000),
            value => cpu(value),
        }
    }
}

/// Writes `status.hard` and `status.used`.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let quota = cx.store.get_shared(key)?;
    let tally = Tally::of_namespace(&cx.store, namespace(&quota));
    let hard = quota["spec"]["hard"].clone();
    let mut used = Map::new();
    for what in hard.as_object().into_iter().flat_map(Map::keys) {
        used.insert(what.clone(), json!(tally.print(what)));
    }
    // Gone meanwhile: nothing to tell.
    let _ = cx
        .store
        .update_shared(key, |quota| quota["status"] = json!({"hard": hard, "used": used}));
    None
}
