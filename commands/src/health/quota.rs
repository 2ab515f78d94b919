//! What of a quota is used up.

use super::quantity::{amount, percent};
use crate::objects::ResourceQuota;

/// From so many percent on little is left.
const LITTLE: u32 = 90;

/// How much of one resource a quota allows, and how much of that is used.
#[derive(Debug, Clone, PartialEq)]
pub struct Used {
    /// `requests.cpu`, `pods`.
    pub resource: String,
    /// The bound.
    pub hard: f64,
    /// What is used.
    pub used: f64,
}

impl Used {
    /// The share that is used. Where nothing is allowed, all of it is.
    #[must_use]
    pub fn percent(&self) -> u32 {
        percent(self.used, self.hard).unwrap_or(100)
    }

    /// Whether nothing more of it can be had.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.used >= self.hard
    }

    /// Whether little of it is left.
    #[must_use]
    pub fn is_nearly_used_up(&self) -> bool {
        !self.is_used_up() && self.percent() >= LITTLE
    }
}

/// What a quota allows and what is used of it, as its status says.
#[must_use]
pub fn used(quota: &ResourceQuota) -> Vec<Used> {
    let status = &quota.status;
    let of = |(resource, _): (&str, &str)| {
        Some(Used {
            resource: resource.to_owned(),
            hard: amount(&status.hard, resource)?,
            used: amount(&status.used, resource).unwrap_or_default(),
        })
    };
    status.hard.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_used_up_is_told_from_what_nearly_is() {
        let quota: ResourceQuota = serde_json::from_value(json!({ "status": {
            "hard": { "pods": "4", "requests.cpu": "2", "services.loadbalancers": "0", "requests.memory": "1Gi" },
            "used": { "pods": "4", "requests.cpu": "1900m", "services.loadbalancers": "0", "requests.memory": "512Mi" } } }))
        .unwrap();
        let told: Vec<(String, u32, bool, bool)> = used(&quota)
            .into_iter()
            .map(|u| {
                (
                    u.resource.clone(),
                    u.percent(),
                    u.is_used_up(),
                    u.is_nearly_used_up(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("pods".to_owned(), 100, true, false),
                ("requests.cpu".to_owned(), 95, false, true),
                ("requests.memory".to_owned(), 50, false, false),
                ("services.loadbalancers".to_owned(), 100, true, false),
            ]
        );
    }
}
