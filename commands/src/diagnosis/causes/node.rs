//! A node's kubelet does not say that it is ready.

use crate::{diagnosis::{detail::Detail, finding::{Certainty, Evidence, Found}, scene::Look}, health::node, incident::Problem, model::Text, objects::Node, texts::diagnosis as texts};

/// A node is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeNotReady {
    /// kubectl's word: `NotReady`, `Unknown`.
    pub word: String,
    /// Why, in the words of whoever noticed.
    pub why: Option<String>,
}

impl NodeNotReady {
    /// In a node.
    pub(in crate::diagnosis) fn of_node(node: &Node, look: Look<'_>) -> Option<Found<Self>> {
        let state = node::state(node);
        if state.ready {
            return None;
        }
        let message = state.message.as_deref().filter(|m| !m.is_empty());
        let why = message
            .zip(look.quotes)
            .map(|(message, redactor)| redactor.quote(message).replace('\n', " "));
        let cause = Self {
            word: state.status.split(',').next().unwrap_or_default().to_owned(),
            why: why.map(|why| why.trim_end_matches('.').to_owned()),
        };
        let (kind, since) = ("Ready", state.since);
        Some(Found {
            cause,
            subject: None,
            certainty: Certainty::Seen,
            evidence: vec![Evidence::Condition { kind, since }],
            restarts: 0,
            since: since.unwrap_or(look.now),
            last: look.now,
        })
    }
}

impl Detail for NodeNotReady {
    const WORD: &'static str = "node_not_ready";

    fn text(&self) -> Text {
        texts::node(&self.word, self.why.as_deref())
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::NodeNotReady)
    }
}
