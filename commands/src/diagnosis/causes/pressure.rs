//! A node runs, and lacks what pods need.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Evidence, Found, Remedy},
        scene::Look,
    },
    health::node::{self, is_pressure},
    model::Text,
    objects::Node,
    texts::diagnose as texts,
};

/// A node lacks something, by its own conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeShort {
    /// What: `memory`, `disk`, `processes`, `network`.
    pub of: Vec<&'static str>,
}

impl NodeShort {
    /// In a node.
    pub(in crate::diagnosis) fn of_node(node: &Node, look: Look<'_>) -> Option<Found<Self>> {
        let state = node::state(node);
        if state.pressures.is_empty() {
            return None;
        }
        let conditions = node.status.conditions.iter();
        let since = conditions
            .filter(|c| is_pressure(c))
            .filter_map(|c| c.last_transition_time)
            .min();
        Some(Found {
            evidence: vec![Evidence::Condition {
                kind: "Pressure",
                since,
            }],
            since: since.unwrap_or(look.now),
            ..Found::of(Self { of: state.pressures }, Certainty::Seen, look.now)
        })
    }
}

impl Detail for NodeShort {
    const WORD: &'static str = "node_short";

    fn text(&self) -> Text {
        texts::node_short(&self.of)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::advice(texts::free_the_node(&self.of)))
    }
}
