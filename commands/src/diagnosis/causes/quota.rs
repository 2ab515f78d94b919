//! A quota has no room for another pod.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Found, Remedy},
        scene::Scene,
    },
    incident::Problem,
    model::{Text, Timestamp},
    texts::diagnosis as texts,
};

/// A quota is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaUsedUp {
    /// Its name.
    pub quota: String,
    /// What was asked for, is used and is allowed, as the API server counts it.
    pub numbers: String,
    /// When the last try was refused, where only an Event tells: whether the next one would be is not known.
    pub tried: Option<Timestamp>,
}

impl Detail for QuotaUsedUp {
    const WORD: &'static str = "quota";

    fn of_workload(scene: &Scene<'_>) -> Option<Found<Self>> {
        let why = scene.refusal()?;
        let rest = why.strip_prefix("exceeded quota: ")?;
        let (quota, numbers) = rest.split_once(", ").unwrap_or((rest, ""));
        Some(Found {
            since: scene.refused_since(),
            ..scene.finding(Self {
                quota: quota.to_owned(),
                numbers: numbers.to_owned(),
                tried: scene.tried(),
            })
        })
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::PodsRefused)
    }

    fn text(&self) -> Text {
        texts::pods_cannot_be_made(&texts::quota(&self.quota, &self.numbers), self.tried)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::advice(texts::raise_quota()))
    }
}
