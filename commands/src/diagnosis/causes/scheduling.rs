//! No node fits a pod.

use crate::{diagnosis::{detail::Detail, finding::{Evidence, Found, Remedy}, scene::PodScene}, health::scheduling::{NodesFit, self}, incident::Problem, model::Text, texts::diagnosis as texts};

/// No node fits a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unschedulable {
    /// Why, as the scheduler counts it; `None` where it says nothing, or nothing of that may be told.
    pub nodes: Option<NodesFit>,
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
        });
        let since = condition.last_transition_time;
        finding.since = since.unwrap_or(finding.since);
        let kind = "PodScheduled";
        finding.evidence.push(Evidence::Condition { kind, since });
        Some(finding)
    }

    fn text(&self) -> Text {
        texts::pending(self.nodes.as_ref().map(NodesFit::text).as_ref())
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::Unschedulable)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::Advice(texts::make_room()))
    }
}
