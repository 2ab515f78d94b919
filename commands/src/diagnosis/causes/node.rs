//! A node's kubelet does not say that it is ready.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Evidence, Found},
        scene::Look,
    },
    health::node::{self, NodeTrouble},
    incident::Problem,
    model::Text,
    objects::Node,
};

/// A node is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeNotReady {
    /// What is wrong with it.
    pub trouble: NodeTrouble,
}

impl NodeNotReady {
    /// In a node.
    pub(in crate::diagnosis) fn of_node(node: &Node, look: Look<'_>) -> Option<Found<Self>> {
        let state = node::state(node);
        if state.ready {
            return None;
        }
        let (kind, since) = ("Ready", state.since);
        Some(Found {
            evidence: vec![Evidence::Condition { kind, since }],
            since: since.unwrap_or(look.now),
            ..Found::of(
                Self {
                    trouble: NodeTrouble::of(&state, look.quotes),
                },
                Certainty::Seen,
                look.now,
            )
        })
    }
}

impl Detail for NodeNotReady {
    const WORD: &'static str = "node_not_ready";

    fn text(&self) -> Text {
        self.trouble.text()
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::NodeNotReady)
    }
}
