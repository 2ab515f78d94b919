//! No node fits a pod, or it waits for a volume before any node is looked for.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Evidence, Found, Remedy},
        scene::PodScene,
        tied::Tied,
    },
    health::scheduling::{self, NodesFit},
    incident::Problem,
    model::Text,
    texts::diagnosis as texts,
};

/// No node fits a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unschedulable {
    /// Why, as the scheduler counts it; `None` where it says nothing, or nothing of that may be told.
    pub nodes: Option<NodesFit>,
    /// The volume claims of the pod.
    pub claims: Vec<String>,
    /// The volume that keeps it from starting elsewhere, as far as that is known.
    pub tied: Option<Tied>,
}

impl Unschedulable {
    /// Whether it waits for a volume, whatever the nodes have.
    fn lacks_volume(&self) -> bool {
        matches!(self.nodes, Some(NodesFit::Unbound | NodesFit::NoClaim(_)))
    }
}

impl Detail for Unschedulable {
    const WORD: &'static str = "unschedulable";

    fn of_pod(scene: PodScene<'_>) -> Option<Found<Self>> {
        let condition = scene.pod.status.condition("PodScheduled")?;
        if condition.status != "False" || condition.reason == "SchedulingGated" {
            return None;
        }
        let message = Some(&*condition.message).filter(|m| !m.is_empty());
        let mut finding = scene.finding(Self {
            nodes: message.map(scheduling::parse),
            claims: scene
                .pod
                .spec
                .claims
                .iter()
                .map(|claim| claim.to_string())
                .collect(),
            tied: scene
                .look
                .around
                .and_then(|around| around.tied(scene.pod).cloned()),
        });
        let since = condition.last_transition_time;
        finding.since = since.unwrap_or(finding.since);
        let kind = "PodScheduled";
        finding.evidence.push(Evidence::Condition { kind, since });
        Some(finding)
    }

    fn text(&self) -> Text {
        texts::pending(&self.without_status())
    }

    fn without_status(&self) -> Text {
        let words = match &self.nodes {
            Some(NodesFit::Unbound) => texts::claim_unbound(&self.claims),
            Some(NodesFit::NoClaim(name)) => texts::claim_missing(name),
            Some(nodes) => nodes.text(),
            None => texts::no_node_fits(),
        };
        match &self.tied {
            Some(tied) => texts::and_also(&words, &tied.text()),
            None => words,
        }
    }

    fn problem(&self) -> Option<Problem> {
        let volume = self.lacks_volume();
        Some(if volume {
            Problem::Volume
        } else {
            Problem::Unschedulable
        })
    }

    fn remedy(&self) -> Option<Remedy> {
        if let Some(tied) = &self.tied {
            return Some(tied.remedy());
        }
        let volume = self.lacks_volume();
        Some(
            Remedy::advice(if volume {
                texts::make_volume()
            } else {
                texts::make_room()
            })
            .or_back(),
        )
    }
}
