//! What is counted. Every label comes from a closed set: enums, the commands of the catalogue, the clusters of the
//! settings. What is in none of them is `other`, so that nobody's typing can make the families grow.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use ceo_commands::ticket::Stage;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

/// The label of what is in no closed set.
const OTHER: &str = "other";

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$each])* $variant),+ }

        impl $name {
            /// The label.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder) -> std::fmt::Result {
                encoder.write_str(self.word())
            }
        }
    };
}

words! {
    /// What became of a command.
    CommandOutcome {
        /// It was answered, or its change was asked for.
        Ok => "ok",
        /// The words did not fit.
        Input => "input",
        /// The rules or a ticket's state said no.
        Refused => "refused",
        /// What the plan rests on changed first.
        Stale => "stale",
        /// The cluster failed or said no.
        Cluster => "cluster",
        /// Another dependency failed.
        Dependency => "dependency",
        /// We failed.
        Internal => "internal",
    }
}

impl CommandOutcome {
    /// From the word of a reply: `ok`, or that of a failure (`ceo_commands::failure::Failure::kind`).
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        match word {
            "ok" => Self::Ok,
            "input" => Self::Input,
            "refused" => Self::Refused,
            "stale" => Self::Stale,
            "cluster" => Self::Cluster,
            "dependency" => Self::Dependency,
            _ => Self::Internal,
        }
    }
}

words! {
    /// Why an interaction was not handled.
    Unhandled {
        /// The queue was full.
        Dropped => "dropped",
        /// It was of no known form.
        Unparsed => "unparsed",
        /// It had been handled.
        Duplicated => "duplicated",
    }
}

words! {
    /// How a gateway session came back.
    Reconnect {
        /// Taken up where it was.
        Resumed => "resumed",
        /// Opened anew.
        Identified => "identified",
    }
}

words! {
    /// How a REST request ended.
    StatusClass {
        /// 1xx or 2xx.
        Success => "2xx",
        /// 3xx.
        Redirect => "3xx",
        /// 4xx, 429 among them.
        Client => "4xx",
        /// 5xx.
        Server => "5xx",
        /// No answer.
        Transport => "none",
    }
}

words! {
    /// What the outbox did with a message.
    Drawn {
        /// Posted it.
        Posted => "posted",
        /// Edited it.
        Edited => "edited",
        /// Left a state out, because a newer one was there.
        Coalesced => "coalesced",
        /// Gave it up: the chat refuses it.
        Refused => "refused",
    }
}

words! {
    /// How a request to a cluster ended.
    ClusterOutcome {
        /// Done.
        Ok => "ok",
        /// 401 or 403.
        Forbidden => "forbidden",
        /// 404.
        NotFound => "not_found",
        /// 409, or a precondition that did not hold.
        Conflict => "conflict",
        /// Another 4xx.
        Invalid => "invalid",
        /// 429.
        Throttled => "throttled",
        /// 5xx.
        Server => "server",
        /// No answer, or not in time.
        Unreachable => "unreachable",
    }
}

impl ClusterOutcome {
    /// From the status of an answer.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::Forbidden,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::Throttled,
            400..=499 => Self::Invalid,
            500.. => Self::Server,
            _ => Self::Ok,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CommandLabels {
    command: &'static str,
    outcome: CommandOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: Unhandled,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct How {
    how: Reconnect,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Class {
    status: StatusClass,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct What {
    what: Drawn,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TicketLabels {
    stage: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClusterLabels {
    cluster: String,
    outcome: ClusterOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClusterName {
    cluster: String,
}

/// The counters. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    registry: Registry,
    known_commands: Vec<&'static str>,
    known_clusters: Vec<String>,
    commands: Family<CommandLabels, Counter>,
    acknowledgement: Histogram,
    unhandled: Family<Reason, Counter>,
    reconnects: Family<How, Counter>,
    rest: Family<Class, Counter>,
    rest_limited: Counter,
    outbox_depth: Gauge,
    outbox: Family<What, Counter>,
    tickets: Family<TicketLabels, Counter>,
    cluster: Family<ClusterLabels, Counter>,
    cluster_latency: Family<ClusterName, Histogram, fn() -> Histogram>,
    audit_rows: Counter,
}

impl Metrics {
    /// All families at zero. `commands` and `clusters` are the labels that may occur.
    #[must_use]
    pub fn new(commands: Vec<&'static str>, clusters: Vec<String>) -> Self {
        let mut inner = Inner {
            registry: Registry::with_prefix("ceo"),
            known_commands: commands,
            known_clusters: clusters,
            commands: Family::default(),
            // Three seconds is what the chat allows.
            acknowledgement: Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0]),
            unhandled: Family::default(),
            reconnects: Family::default(),
            rest: Family::default(),
            rest_limited: Counter::default(),
            outbox_depth: Gauge::default(),
            outbox: Family::default(),
            tickets: Family::default(),
            cluster: Family::default(),
            cluster_latency: Family::new_with_constructor(cluster_buckets),
            audit_rows: Counter::default(),
        };
        inner.register_chat();
        inner.register_work();
        Self {
            inner: Arc::new(inner),
        }
    }

    /// A command ended.
    pub fn command(&self, command: &str, outcome: CommandOutcome) {
        let known = self.inner.known_commands.iter().find(|known| **known == command);
        let command = known.copied().unwrap_or(OTHER);
        self.inner
            .commands
            .get_or_create(&CommandLabels { command, outcome })
            .inc();
    }

    /// An interaction got its first response so long after it arrived.
    pub fn acknowledged(&self, after: Duration) {
        self.inner.acknowledgement.observe(after.as_secs_f64());
    }

    /// An interaction was not handled.
    pub fn unhandled(&self, reason: Unhandled) {
        self.inner.unhandled.get_or_create(&Reason { reason }).inc();
    }

    /// A gateway session came back.
    pub fn reconnected(&self, how: Reconnect) {
        self.inner.reconnects.get_or_create(&How { how }).inc();
    }

    /// A REST request to the chat ended with this status; `None`: no answer.
    pub fn rest(&self, status: Option<u16>) {
        let class = match status {
            Some(..=299) => StatusClass::Success,
            Some(300..=399) => StatusClass::Redirect,
            Some(400..=499) => StatusClass::Client,
            Some(500..) => StatusClass::Server,
            None => StatusClass::Transport,
        };
        self.inner.rest.get_or_create(&Class { status: class }).inc();
        if status == Some(429) {
            self.inner.rest_limited.inc();
        }
    }

    /// So many messages do not show yet what they shall.
    pub fn outbox_depth(&self, messages: usize) {
        self.inner
            .outbox_depth
            .set(i64::try_from(messages).unwrap_or(i64::MAX));
    }

    /// The outbox did something with a message.
    pub fn drawn(&self, what: Drawn) {
        self.inner.outbox.get_or_create(&What { what }).inc();
    }

    /// A ticket entered a stage.
    pub fn ticket(&self, stage: &Stage) {
        let outcome = match stage {
            Stage::Done(outcome) => outcome.word(),
            _ => "",
        };
        let labels = TicketLabels {
            stage: stage.word(),
            outcome,
        };
        self.inner.tickets.get_or_create(&labels).inc();
    }

    /// A request to a cluster ended, after so long.
    pub fn cluster(&self, cluster: &str, outcome: ClusterOutcome, after: Duration) {
        let cluster = self.known_cluster(cluster);
        let name = ClusterName {
            cluster: cluster.clone(),
        };
        self.inner
            .cluster
            .get_or_create(&ClusterLabels { cluster, outcome })
            .inc();
        self.inner
            .cluster_latency
            .get_or_create(&name)
            .observe(after.as_secs_f64());
    }

    /// Counts stored audit rows; for [`crate::store::StoreOptions`].
    #[must_use]
    pub fn audit_rows(&self) -> Counter {
        self.inner.audit_rows.clone()
    }

    /// All of it as OpenMetrics text.
    ///
    /// # Errors
    /// Writing to a `String` does not fail; the encoder's signature says that it could.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        text::encode(&mut out, &self.inner.registry)?;
        Ok(out)
    }

    fn known_cluster(&self, name: &str) -> String {
        let known = self.inner.known_clusters.iter().find(|known| *known == name);
        known.cloned().unwrap_or_else(|| OTHER.to_owned())
    }
}

impl Inner {
    fn register_chat(&mut self) {
        let r = &mut self.registry;
        r.register(
            "build",
            "What runs",
            Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]),
        );
        r.register("commands", "Commands by how they ended", self.commands.clone());
        r.register_with_unit(
            "acknowledgement",
            "From an interaction's arrival to its first response",
            Unit::Seconds,
            self.acknowledgement.clone(),
        );
        r.register(
            "interactions_unhandled",
            "Interactions that were not handled",
            self.unhandled.clone(),
        );
        r.register(
            "gateway_reconnects",
            "Gateway sessions that came back",
            self.reconnects.clone(),
        );
        r.register(
            "rest_requests",
            "REST requests to the chat by class of status",
            self.rest.clone(),
        );
        r.register(
            "rest_limited",
            "REST requests answered with 429",
            self.rest_limited.clone(),
        );
        r.register(
            "outbox_depth",
            "Messages that do not show yet what they shall",
            self.outbox_depth.clone(),
        );
        r.register(
            "outbox_messages",
            "What was done with living messages",
            self.outbox.clone(),
        );
    }

    fn register_work(&mut self) {
        let r = &mut self.registry;
        r.register("tickets", "Tickets that entered a stage", self.tickets.clone());
        r.register(
            "cluster_requests",
            "Requests to clusters by how they ended",
            self.cluster.clone(),
        );
        r.register_with_unit(
            "cluster_request",
            "How long requests to clusters took",
            Unit::Seconds,
            self.cluster_latency.clone(),
        );
        r.register("audit_rows", "Audit rows stored", self.audit_rows.clone());
    }
}

fn cluster_buckets() -> Histogram {
    Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
}

#[cfg(test)]
mod tests {
    use ceo_commands::ticket::Outcome;

    use super::*;

    #[test]
    fn each_family_is_told_and_labels_stay_closed() {
        let metrics = Metrics::new(vec!["scale", "status"], vec!["prod".to_owned()]);
        metrics.command("scale", CommandOutcome::Ok);
        metrics.command("scale", CommandOutcome::of_word("refused"));
        for i in 0..50 {
            metrics.command(&format!("typed by somebody {i}"), CommandOutcome::Input);
            metrics.cluster(
                &format!("typed {i}"),
                ClusterOutcome::Ok,
                Duration::from_millis(20),
            );
        }
        metrics.acknowledged(Duration::from_millis(30));
        metrics.unhandled(Unhandled::Duplicated);
        metrics.reconnected(Reconnect::Resumed);
        for status in [Some(204), Some(404), Some(429), Some(500), None] {
            metrics.rest(status);
        }
        metrics.outbox_depth(3);
        metrics.drawn(Drawn::Coalesced);
        metrics.ticket(&Stage::Ready);
        metrics.ticket(&Stage::Done(Outcome::Stale));
        metrics.cluster("prod", ClusterOutcome::of_status(409), Duration::from_millis(20));
        metrics.audit_rows().inc_by(2);
        let text = metrics.text().unwrap();
        for line in [
            r#"ceo_commands_total{command="scale",outcome="ok"} 1"#,
            r#"ceo_commands_total{command="scale",outcome="refused"} 1"#,
            r#"ceo_commands_total{command="other",outcome="input"} 50"#,
            r#"ceo_acknowledgement_seconds_bucket{le="0.05"} 1"#,
            r#"ceo_acknowledgement_seconds_bucket{le="0.025"} 0"#,
            r#"ceo_interactions_unhandled_total{reason="duplicated"} 1"#,
            r#"ceo_gateway_reconnects_total{how="resumed"} 1"#,
            r#"ceo_rest_requests_total{status="2xx"} 1"#,
            r#"ceo_rest_requests_total{status="4xx"} 2"#,
            r#"ceo_rest_requests_total{status="5xx"} 1"#,
            r#"ceo_rest_requests_total{status="none"} 1"#,
            "ceo_rest_limited_total 1",
            "ceo_outbox_depth 3",
            r#"ceo_outbox_messages_total{what="coalesced"} 1"#,
            r#"ceo_tickets_total{stage="ready",outcome=""} 1"#,
            r#"ceo_tickets_total{stage="done",outcome="stale"} 1"#,
            r#"ceo_cluster_requests_total{cluster="prod",outcome="conflict"} 1"#,
            r#"ceo_cluster_request_seconds_count{cluster="prod"} 1"#,
            r#"ceo_cluster_requests_total{cluster="other",outcome="ok"} 50"#,
            "ceo_audit_rows_total 2",
            "# EOF",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\nis not in\n{text}");
        }
    }
}
