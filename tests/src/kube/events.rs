//! Events as the recorders of client-go write them: equal ones are counted, similar ones are combined after ten.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::controllers::meta::{name, namespace, text, uid};
use super::key::Key;
use super::store::{self, Store};

/// After so many different messages with one reason about one object they become one event.
const SIMILAR: usize = 10;
/// How long similar events are remembered.
const MEMORY: Duration = Duration::from_secs(600);

/// Who reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// A controller, by its component name.
    Controller(&'static str),
    /// The kubelet of a node.
    Kubelet(String),
    /// The scheduler, which writes the newer form of events.
    Scheduler,
}

/// What is reported.
#[derive(Clone, Debug)]
pub(crate) struct Report<'a> {
    pub about: &'a Value,
    /// `spec.containers{api}`, for events about a container.
    pub field: Option<String>,
    pub warning: bool,
    pub reason: &'a str,
    pub message: String,
}

impl<'a> Report<'a> {
    pub(crate) fn normal(about: &'a Value, reason: &'a str, message: String) -> Report<'a> {
        Report {
            about,
            field: None,
            warning: false,
            reason,
            message,
        }
    }

    pub(crate) fn warning(about: &'a Value, reason: &'a str, message: String) -> Report<'a> {
        Report {
            about,
            field: None,
            warning: true,
            reason,
            message,
        }
    }
}

type Similar = (Source, String, String, bool);

/// Writes events into the store.
pub(crate) struct Recorder {
    store: Store,
    written: HashMap<(Similar, Option<String>, String), Key>,
    similar: HashMap<Similar, (BTreeSet<String>, Instant)>,
}

impl Recorder {
    pub(crate) fn new(store: Store) -> Recorder {
        Recorder {
            store,
            written: HashMap::new(),
            similar: HashMap::new(),
        }
    }

    /// Writes an event, or counts it up if an equal one is there.
    pub(crate) fn record(&mut self, source: &Source, report: Report<'_>) {
        let similar = (
            source.clone(),
            uid(report.about).to_owned(),
            report.reason.to_owned(),
            report.warning,
        );
        let combined = *source != Source::Scheduler && self.too_many(&similar, &report.message);
        let message = if combined {
            format!("(combined from similar events): {}", report.message)
        } else {
            report.message.clone()
        };
        let identity = if combined {
            String::new()
        } else {
            report.message.clone()
        };
        let place = (similar, report.field.clone(), identity);
        if let Some(key) = self.written.get(&place)
            && self
                .store
                .update_shared(key, |event| count_up(event, &message))
                .is_ok()
        {
            return;
        }
        let (key, event) = compose(source, &Report { message, ..report }, combined);
        // Two events of one object in the same nanosecond would share a name; the later one is lost, as in a cluster.
        if self.store.create_shared(&key, event).is_ok() {
            self.written.insert(place, key);
        }
    }

    fn too_many(&mut self, similar: &Similar, message: &str) -> bool {
        let now = Instant::now();
        let (messages, last) = self
            .similar
            .entry(similar.clone())
            .or_insert_with(|| (BTreeSet::new(), now));
        if now.duration_since(*last) > MEMORY {
            messages.clear();
        }
        *last = now;
        messages.insert(message.to_owned());
        if messages.len() < SIMILAR {
            return false;
        }
        messages.pop_first();
        true
    }
}

fn count_up(event: &mut Value, message: &str) {
    if text(event, "/reportingComponent") == "default-scheduler" {
        let count = event["series"]["count"].as_i64().unwrap_or(1) + 1;
        event["series"] = json!({"count": count, "lastObservedTime": store::now_micro()});
        return;
    }
    event["count"] = json!(event["count"].as_i64().unwrap_or(1) + 1);
    event["lastTimestamp"] = json!(store::now());
    event["message"] = json!(message);
}

fn compose(source: &Source, report: &Report<'_>, combined: bool) -> (Key, Value) {
    let about = report.about;
    // Events about cluster-scoped objects live in the default namespace.
    let place = if namespace(about).is_empty() {
        "default"
    } else {
        namespace(about)
    };
    let nanos = jiff::Timestamp::now().as_nanosecond();
    let key = Key::namespaced("", "events", place, &format!("{}.{nanos:x}", name(about)));
    let mut involved = json!({
        "apiVersion": about["apiVersion"], "kind": about["kind"], "name": about["metadata"]["name"],
        "resourceVersion": about["metadata"]["resourceVersion"], "uid": about["metadata"]["uid"],
    });
    if !namespace(about).is_empty() {
        involved["namespace"] = about["metadata"]["namespace"].clone();
    }
    if let Some(field) = &report.field {
        involved["fieldPath"] = json!(field);
    }
    let mut event = json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {}, "involvedObject": involved,
        "reason": report.reason, "message": report.message,
        "type": if report.warning { "Warning" } else { "Normal" },
    });
    let now = store::now();
    let classic = |event: &mut Value, component: &str, instance: &str| {
        event["count"] = json!(1);
        event["eventTime"] = Value::Null;
        event["firstTimestamp"] = json!(now);
        event["lastTimestamp"] = json!(now);
        // The combined event is made anew from its parts and loses these two.
        event["reportingComponent"] = json!(if combined { "" } else { component });
        event["reportingInstance"] = json!(if combined { "" } else { instance });
        event["source"] = json!({"component": component});
    };
    match source {
        Source::Controller(component) => classic(&mut event, component, ""),
        Source::Kubelet(node) => {
            classic(&mut event, "kubelet", node);
            event["source"]["host"] = json!(node);
        }
        Source::Scheduler => {
            event["action"] = json!(if report.warning { "Scheduling" } else { "Binding" });
            event["eventTime"] = json!(store::now_micro());
            event["firstTimestamp"] = Value::Null;
            event["lastTimestamp"] = Value::Null;
            event["reportingComponent"] = json!("default-scheduler");
            event["reportingInstance"] = json!("default-scheduler-vm");
            event["source"] = json!({});
        }
    }
    (key, event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_events_are_counted_and_similar_ones_combined() {
        let store = Store::new(1);
        let mut recorder = Recorder::new(store.clone());
        let about = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
                           "metadata": {"name": "a", "namespace": "n", "uid": "u", "resourceVersion": "7"}});
        let source = Source::Controller("replicaset-controller");
        for number in [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] {
            recorder.record(
                &source,
                Report::warning(&about, "FailedCreate", format!("no {number}")),
            );
        }
        let (events, _) = store.list("", "events", Some("n"));
        let mut told: Vec<(String, i64)> = events
            .iter()
            .map(|event| {
                (
                    text(event, "/message").to_owned(),
                    event["count"].as_i64().unwrap(),
                )
            })
            .collect();
        told.sort();
        assert_eq!(told.len(), 10);
        assert_eq!(told[0], ("(combined from similar events): no 10".to_owned(), 2));
        assert_eq!(told[1], ("no 0".to_owned(), 2));
    }
}
