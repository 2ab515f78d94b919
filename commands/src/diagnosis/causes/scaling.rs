//! An autoscaler does not scale: what it scales is not there, it cannot measure, or it is at its maximum.

use crate::{
    cluster::near_of,
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Evidence, Found, Remedy},
        scene::Look,
    },
    model::Text,
    objects::{Condition, HorizontalPodAutoscaler},
    texts::causes::{self as texts, Scaling},
};

/// An autoscaler that does not scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannotScale {
    /// Its name.
    pub hpa: String,
    /// Why.
    pub why: Scaling,
}

impl CannotScale {
    /// In an autoscaler. `known` are the names of the kind that it scales, where they are known.
    pub(in crate::diagnosis) fn of_autoscaler(
        hpa: &HorizontalPodAutoscaler,
        known: Option<Vec<String>>,
        look: Look<'_>,
    ) -> Option<Found<Self>> {
        let holds = |kind: &str, status: &str| {
            let mut conditions = hpa.status.conditions.iter();
            conditions.find(|condition| condition.type_ == *kind && condition.status == *status)
        };
        let target = &hpa.spec.scale_target_ref;
        let short = format!("{}/{}", target.kind.to_lowercase(), target.name);
        let gone = known.filter(|names| !names.iter().any(|name| **name == *target.name));
        let blind = holds("ScalingActive", "False")
            // Scaled to zero by hand, an autoscaler rests.
            .filter(|condition| condition.reason.as_deref() != Some("ScalingDisabled"));
        let unable = holds("AbleToScale", "False");
        let full = holds("ScalingLimited", "True")
            .filter(|condition| condition.reason.as_deref() == Some("TooManyReplicas"));
        let (kind, condition, why) = match (gone, blind, unable, full) {
            (Some(names), _, unable, _) => {
                let near = near_of(&target.name, names);
                ("AbleToScale", unable, Scaling::NoTarget { target: short, near })
            }
            (_, Some(condition), ..) => (
                "ScalingActive",
                Some(condition),
                cannot_measure(condition, short, look),
            ),
            (_, _, Some(condition), _) => ("AbleToScale", Some(condition), said(condition, look)),
            (.., Some(condition)) => {
                let max = hpa.spec.max_replicas;
                ("ScalingLimited", Some(condition), Scaling::AtMaximum { max })
            }
            (None, None, None, None) => return None,
        };
        let since = condition.and_then(|condition| condition.last_transition_time);
        Some(Found {
            evidence: condition
                .map(|_| Evidence::Condition { kind, since })
                .into_iter()
                .collect(),
            since: since.unwrap_or(look.now),
            ..Found::of(
                Self {
                    hpa: hpa.metadata.name.to_string(),
                    why,
                },
                Certainty::Seen,
                look.now,
            )
        })
    }
}

fn said(condition: &Condition, look: Look<'_>) -> Scaling {
    Scaling::Said {
        words: look.said(condition.message.as_deref().unwrap_or_default()),
    }
}

/// `… missing request for cpu in container api of Pod api-1`; `… unable to fetch metrics from resource metrics API: …`.
fn cannot_measure(condition: &Condition, target: String, look: Look<'_>) -> Scaling {
    let message = condition.message.as_deref().unwrap_or_default();
    if let Some((_, rest)) = message.split_once("missing request for ") {
        let mut words = rest.split_whitespace();
        let resource = words.next().unwrap_or_default().to_owned();
        let container = match (words.next(), words.next(), words.next()) {
            (Some("in"), Some("container"), Some(name)) => Some(name.to_owned()),
            _ => None,
        };
        return Scaling::NoRequests {
            resource,
            target,
            container,
        };
    }
    let unserved = message.contains("could not find the requested resource");
    match unserved && message.contains("metrics API") {
        true => Scaling::NoMetrics,
        false => said(condition, look),
    }
}

impl Detail for CannotScale {
    const WORD: &'static str = "cannot_scale";

    fn text(&self) -> Text {
        texts::autoscaler(&self.hpa, &self.why)
    }

    fn remedy(&self) -> Option<Remedy> {
        texts::mend_autoscaler(&self.hpa, &self.why).map(Remedy::advice)
    }
}
