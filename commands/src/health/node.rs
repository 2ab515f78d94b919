//! Whether a node takes pods and keeps them.

use crate::{
    model::{Text, Timestamp},
    objects::{Condition, Node},
    redact::Redactor,
    texts::health as texts,
};

/// A node in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeState {
    /// Its name.
    pub name: String,
    /// kubectl's STATUS column: `Ready`, `NotReady,SchedulingDisabled`.
    pub status: String,
    /// Whether its kubelet reports that it is ready.
    pub ready: bool,
    /// Whether new pods are kept off it.
    pub cordoned: bool,
    /// What it runs short of: `memory`, `disk`, `processes`, `network`.
    pub pressures: Vec<&'static str>,
    /// Why it is not ready, in the words of whoever noticed.
    pub message: Option<String>,
    /// Since when it is ready or not.
    pub since: Option<Timestamp>,
    /// The kubelet's version.
    pub version: Option<String>,
}

impl NodeState {
    /// Whether nothing is wrong with it. A cordon is somebody's wish, not a fault.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.ready && self.pressures.is_empty()
    }
}

/// What is wrong with a node that is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeTrouble {
    /// Its kubelet does not report.
    Silent,
    /// The container runtime does not answer.
    Runtime,
    /// Its network is not set up.
    Network,
    /// It was shut down.
    Shutdown,
    /// In the kubelet's words; empty where they may not be told.
    Other(String),
}

impl NodeTrouble {
    /// Of a node; what is said in nobody else's words may be told.
    #[must_use]
    pub fn of(node: &NodeState, quotes: Option<&Redactor>) -> Self {
        let message = node.message.as_deref().unwrap_or_default();
        let low = message.to_lowercase();
        if low.contains("posting node status")
            || low.contains("posted node status")
            || node.status.starts_with("Unknown")
        {
            Self::Silent
        } else if low.contains("container runtime")
            || low.contains("runtime is not ready")
            || low.contains("pleg is not healthy")
        {
            Self::Runtime
        } else if low.contains("network plugin") || low.contains("networkready=false") {
            Self::Network
        } else if low.contains("shutting down") {
            Self::Shutdown
        } else {
            let quoted = quotes.map(|redactor| redactor.quote_in_a_line(message));
            Self::Other(quoted.unwrap_or_default().trim_end_matches(['.', ' ']).to_owned())
        }
    }

    /// In words.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Silent => texts::node_silent(),
            Self::Runtime => texts::node_runtime(),
            Self::Network => texts::node_network(),
            Self::Shutdown => texts::node_shutdown(),
            Self::Other(words) => texts::node_says(words),
        }
    }
}

/// Whether a condition says that the node lacks something.
#[must_use]
pub fn is_pressure(condition: &Condition) -> bool {
    condition.status == "True" && lack(&condition.type_).is_some()
}

/// What a node lacks by a condition that holds.
fn lack(condition: &str) -> Option<&'static str> {
    match condition {
        "MemoryPressure" => Some("memory"),
        "DiskPressure" => Some("disk"),
        "PIDPressure" => Some("processes"),
        "NetworkUnavailable" => Some("network"),
        _ => None,
    }
}

/// The state of a node.
#[must_use]
pub fn state(node: &Node) -> NodeState {
    let conditions = &node.status.conditions;
    let ready = conditions.iter().find(|c| c.type_ == "Ready");
    let is_ready = ready.is_some_and(|c| c.status == "True");
    let cordoned = node.spec.unschedulable;
    let word = match ready.map(|c| &*c.status) {
        Some("True") => "Ready",
        Some("False") => "NotReady",
        _ => "Unknown",
    };
    let pressures = conditions
        .iter()
        .filter(|c| c.status == "True")
        .filter_map(|c| lack(&c.type_))
        .collect();
    NodeState {
        name: node.metadata.name.to_string(),
        status: if cordoned {
            format!("{word},SchedulingDisabled")
        } else {
            word.to_owned()
        },
        ready: is_ready,
        cordoned,
        pressures,
        message: ready
            .filter(|_| !is_ready)
            .and_then(|c| c.message.as_deref())
            .map(str::to_owned),
        since: ready.and_then(|c| c.last_transition_time),
        version: node
            .status
            .node_info
            .as_ref()
            .map(|i| i.kubelet_version.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn node(spec: &Value, conditions: &[(&str, &str)]) -> Node {
        let conditions: Vec<Value> = conditions
            .iter()
            .map(|(kind, status)| json!({ "type": kind, "status": status, "message": "m" }))
            .collect();
        serde_json::from_value(
            json!({ "metadata": { "name": "n" }, "spec": spec, "status": { "conditions": conditions } }),
        )
        .unwrap()
    }

    #[test]
    fn states_of_nodes() {
        let none = json!({});
        for (node, status, well, pressures) in [
            (
                node(&none, &[("Ready", "True"), ("MemoryPressure", "False")]),
                "Ready",
                true,
                vec![],
            ),
            (
                node(&none, &[("Ready", "True"), ("DiskPressure", "True")]),
                "Ready",
                false,
                vec!["disk"],
            ),
            (node(&none, &[("Ready", "False")]), "NotReady", false, vec![]),
            (node(&none, &[("Ready", "Unknown")]), "Unknown", false, vec![]),
            (node(&none, &[]), "Unknown", false, vec![]),
            (
                node(&json!({ "unschedulable": true }), &[("Ready", "True")]),
                "Ready,SchedulingDisabled",
                true,
                vec![],
            ),
        ] {
            let s = state(&node);
            assert_eq!(
                (s.status.as_str(), s.is_well(), s.pressures),
                (status, well, pressures)
            );
        }
    }
}
