//! The API server refuses a workload's pods: an admission webhook, a policy, a missing account.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Found, Remedy},
        scene::Scene,
    },
    incident::Problem,
    model::{Text, Timestamp},
    texts::{
        causes::{self, Refusal},
        diagnosis as texts,
    },
};

/// The API server refuses the pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why, in its words; empty where nothing of that may be told.
    pub why: String,
    /// When the last try was refused, where only an Event tells: whether the next one would be is not known.
    pub tried: Option<Timestamp>,
}

/// What it is, in the API server's words.
fn refusal(why: &str) -> Option<Refusal<'_>> {
    let find = |after: &str| {
        let (_, rest) = why.split_once(after)?;
        Some(rest.split_once('"')?.0)
    };
    if let Some(webhook) = find("failed calling webhook \"") {
        let service = find("no endpoints available for service \"")
            .or_else(|| find("service \""))
            .map(str::to_owned)
            .or_else(|| host_of(why));
        return Some(Refusal::WebhookDown { webhook, service });
    }
    if let Some(webhook) = find("admission webhook \"") {
        return Some(Refusal::Webhook(webhook));
    }
    if let Some(level) = find("violates PodSecurity \"") {
        return Some(Refusal::PodSecurity(level));
    }
    if let Some(account) = find("serviceaccount \"") {
        return Some(Refusal::NoAccount(account));
    }
    let bounds =
        ["maximum ", "minimum "].iter().any(|word| why.contains(word)) && why.contains(" usage per ");
    let ratio = why.contains("max limit to request ratio per ");
    (bounds || ratio).then_some(Refusal::Bounds)
}

/// `policy.ops.svc` of `Post "https://policy.ops.svc:443/validate?timeout=10s": …`.
fn host_of(why: &str) -> Option<String> {
    let (_, rest) = why.split_once("https://")?;
    let host = rest.split([':', '/', '?', '"']).next()?;
    (!host.is_empty()).then(|| host.to_owned())
}

impl Detail for Refused {
    const WORD: &'static str = "refused";

    fn of_workload(scene: &Scene<'_>) -> Option<Found<Self>> {
        let why = scene
            .refusal()
            .filter(|why| !why.starts_with("exceeded quota: "))?;
        Some(Found {
            since: scene.refused_since(),
            ..scene.finding(Self {
                why,
                tried: scene.tried(),
            })
        })
    }

    fn problem(&self) -> Option<Problem> {
        Some(Problem::PodsRefused)
    }

    fn text(&self) -> Text {
        let why = match refusal(&self.why) {
            _ if self.why.is_empty() => texts::refused(),
            Some(refusal) => causes::because_of(&causes::refusal(&refusal), &self.why),
            None => self.why.as_str().into(),
        };
        texts::pods_cannot_be_made(&why, self.tried)
    }

    fn remedy(&self) -> Option<Remedy> {
        refusal(&self.why).map(|refusal| Remedy::advice(causes::mend_refusal(&refusal)))
    }
}
