//! What the parts tell of themselves, turned into health and metrics.

use std::time::Duration;

use ceo_commands::cluster::Observer;

use crate::{
    discord::Signals,
    http::{ClusterOutcome, Drawn, Gateway, Health, HttpState, Metrics, Part, Reconnect, Unhandled},
};

/// Of Discord.
pub(super) struct ChatSignals {
    health: Health,
    metrics: Metrics,
}

impl ChatSignals {
    pub(super) fn new(http: &HttpState) -> Self {
        Self {
            health: http.health.clone(),
            metrics: http.metrics.clone(),
        }
    }
}

impl Signals for ChatSignals {
    fn gateway(&self, up: bool) {
        let before = self.health.connected();
        if before != up {
            tracing::info!(up, "the gateway");
        }
        self.health
            .gateway(if up { Gateway::Connected } else { Gateway::Down });
    }

    fn request(&self, status: Option<u16>) {
        self.metrics.rest(status);
    }

    fn rest(&self, ok: bool) {
        self.health.rest(if ok {
            Part::Works
        } else {
            Part::Fails("no answer".to_owned())
        });
    }

    fn reconnect(&self, resumed: bool) {
        self.metrics.reconnected(if resumed {
            Reconnect::Resumed
        } else {
            Reconnect::Identified
        });
    }

    fn limited(&self, global: bool, wait: Duration) {
        tracing::debug!(global, ?wait, "Discord asks to wait");
        self.metrics.rest(Some(429));
    }

    fn acknowledged(&self, _kind: &'static str, took: Duration) {
        self.metrics.acknowledged(took);
    }

    fn handled(&self, outcome: &'static str) {
        match outcome {
            "unparsed" => self.metrics.unhandled(Unhandled::Unparsed),
            "busy" | "late" | "failed" => self.metrics.unhandled(Unhandled::Dropped),
            _ => {}
        }
    }

    fn delivered(&self, outcome: &'static str) {
        match outcome {
            "posted" => self.metrics.drawn(Drawn::Posted),
            "edited" => self.metrics.drawn(Drawn::Edited),
            "same" => self.metrics.drawn(Drawn::Coalesced),
            "broken" => self.metrics.drawn(Drawn::Refused),
            _ => {}
        }
    }
}

/// Of the clusters.
pub(super) struct ClusterSignals {
    metrics: Metrics,
}

impl ClusterSignals {
    pub(super) fn new(http: &HttpState) -> Self {
        Self {
            metrics: http.metrics.clone(),
        }
    }
}

impl Observer for ClusterSignals {
    fn request(&self, cluster: &str, _verb: &'static str, outcome: &'static str, took: Duration) {
        let outcome = match outcome {
            "ok" => ClusterOutcome::Ok,
            "forbidden" | "unauthorized" => ClusterOutcome::Forbidden,
            "not_found" | "no_api" => ClusterOutcome::NotFound,
            "conflict" | "already_exists" => ClusterOutcome::Conflict,
            "throttled" => ClusterOutcome::Throttled,
            "unreachable" | "timeout" | "unsure" | "misconfigured" => ClusterOutcome::Unreachable,
            "invalid" | "refused" => ClusterOutcome::Invalid,
            _ => ClusterOutcome::Server,
        };
        self.metrics.cluster(cluster, outcome, took);
    }
}
