//! A pod's node is not ready: nothing of the pod itself can be wrong as far as anybody knows.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Evidence, Found, Remedy},
        scene::PodScene,
        tied::Tied,
    },
    health::{node::NodeTrouble, pod},
    model::{Text, Timestamp},
    texts::diagnosis as texts,
};

/// A pod is on a node that is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnFailingNode {
    /// Which node.
    pub node: String,
    /// What is wrong with it.
    pub trouble: NodeTrouble,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The volume that keeps it from starting elsewhere, as far as that is known.
    pub tied: Option<Tied>,
}

impl Detail for OnFailingNode {
    const WORD: &'static str = "failing_node";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        if pod::is_ready(Some(scene.pod)) || pod::is_over(scene.pod) {
            return None;
        }
        let around = scene.look.around?;
        let node = around.failing_node(&scene.pod.spec.node_name)?;
        let (kind, since) = ("Ready", node.since);
        let mut finding = scene.finding(Self {
            node: node.name.clone(),
            trouble: NodeTrouble::of(node, scene.look.quotes),
            since,
            tied: around.tied(scene.pod).cloned(),
        });
        finding.since = since.unwrap_or(finding.since);
        finding.certainty = Certainty::Seen;
        finding.evidence.push(Evidence::Condition { kind, since });
        Some(finding)
    }

    fn text(&self) -> Text {
        let words = texts::on_failing_node(&self.node, self.since, &self.trouble.text());
        match &self.tied {
            Some(tied) => texts::and_also(&words, &tied.text()),
            None => words,
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        self.tied.as_ref().map(Tied::remedy)
    }
}
