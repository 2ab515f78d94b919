//! What was so of a workload, a Job or a node at a moment, counted from its objects alone.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use crate::record::{History, Objects};

/// A pod at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pod {
    pub name: String,
    pub ready: bool,
    pub leaving: bool,
    pub phase: String,
    pub restarts: i64,
    pub waiting: Vec<String>,
    pub exits: Vec<i64>,
    pub node: String,
    pub images: Vec<String>,
    /// Why no node takes it.
    pub unscheduled: bool,
}

/// A Job at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub name: String,
    pub active: i64,
    pub succeeded: i64,
    pub failed: i64,
    pub complete: bool,
    pub gave_up: bool,
}

/// A workload at a moment; of Jobs (or a CronJob) their Jobs and pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub desired: i64,
    pub paused: bool,
    /// Whether its pods are replaced only when somebody deletes them.
    pub on_delete: bool,
    pub jobs: Vec<Job>,
    /// Its variables, `NAME=value`.
    pub env: Vec<String>,
    /// Its probes: `livenessProbe`.
    pub probes: Vec<&'static str>,
    pub revision: Option<String>,
    pub images: Vec<String>,
    pub behind: bool,
    /// Whether its controller says that it takes longer than it may.
    pub past_deadline: bool,
    pub ready: i64,
    pub updated: i64,
    pub total: i64,
    pub available: i64,
    pub pods: Vec<Pod>,
}

impl Facts {
    /// Pods that are not on their way out.
    pub(crate) fn staying(&self) -> impl Iterator<Item = &Pod> {
        self.pods.iter().filter(|pod| !pod.leaving)
    }

    pub(crate) fn ready_pods(&self) -> i64 {
        i64::try_from(self.staying().filter(|pod| pod.ready).count()).unwrap()
    }

    pub(crate) fn restarts(&self) -> i64 {
        self.pods.iter().map(|pod| pod.restarts).sum()
    }

    /// Whether something is wrong with a pod that stays.
    pub(crate) fn troubled(&self) -> bool {
        self.staying()
            .any(|p| !p.ready || !p.waiting.is_empty() || !p.exits.is_empty())
    }

    /// Everything is as asked for.
    pub(crate) fn settled(&self) -> bool {
        !self.behind
            && self.ready == self.desired
            && self.updated == self.desired
            && self.total == self.desired
            && self.available == self.desired
    }
}

/// A workload from its beginning to its end: what was so from each moment on, `None` where it did not exist.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    moments: Vec<(i64, Option<Facts>)>,
}

impl Timeline {
    /// What was so at some moment of this span.
    pub(crate) fn during(&self, from: i64, to: i64) -> impl Iterator<Item = &Facts> {
        let first = self
            .moments
            .partition_point(|(at, _)| *at <= from)
            .saturating_sub(1);
        self.moments[first..]
            .iter()
            .take_while(move |(at, _)| *at <= to)
            .filter_map(|(_, facts)| facts.as_ref())
    }

    /// Whether this was so at every moment of a span, and it existed all the while.
    pub(crate) fn always(&self, from: i64, to: i64, so: impl Fn(&Facts) -> bool) -> bool {
        let first = self.moments.partition_point(|(at, _)| *at <= from);
        let moments = &self.moments[first.saturating_sub(1)..];
        let mut within = moments.iter().take_while(|(at, _)| *at <= to);
        // Before the first moment it did not exist.
        first > 0 && within.all(|(_, facts)| facts.as_ref().is_some_and(&so))
    }

    /// Whether it did not exist any more at a moment.
    pub(crate) fn is_gone(&self, at: i64) -> bool {
        let end = self.moments.partition_point(|(when, _)| *when <= at);
        end > 0 && self.moments[end - 1].1.is_none()
    }

    /// When it was last seen, and when it was seen to be gone.
    pub(crate) fn ends(&self) -> String {
        let last = self.moments.iter().rev().find(|(_, facts)| facts.is_some());
        let gone = self.moments.iter().find(|(_, facts)| facts.is_none());
        format!(
            "last seen {:?}, gone {:?}",
            last.map(|(at, _)| at),
            gone.map(|(at, _)| at)
        )
    }

    /// Everything that was ever so, up to this moment, with when.
    pub(crate) fn until(&self, to: i64) -> impl DoubleEndedIterator<Item = (i64, &Facts)> {
        let end = self.moments.partition_point(|(at, _)| *at <= to);
        self.moments[..end]
            .iter()
            .filter_map(|(at, facts)| facts.as_ref().map(|facts| (*at, facts)))
    }
}

/// The timelines of all workloads, by `kind/name`.
pub(crate) fn timelines(history: &History) -> BTreeMap<String, Timeline> {
    let mut lines: BTreeMap<String, Timeline> = BTreeMap::new();
    let mut objects = Objects::default();
    for seen in &history.seen {
        objects.apply(&seen.event);
        let Some(name) = workload_of(&seen.event.key.plural, &seen.event.object) else {
            continue;
        };
        for kind in ["deployment", "statefulset", "daemonset", "job", "cronjob"] {
            let plural = format!("{kind}s");
            let key = format!("{kind}/{name}");
            let facts = objects
                .get(&plural, &name)
                .map(|object| read(object, &objects, &name));
            if facts.is_none() && !lines.contains_key(&key) {
                continue;
            }
            let line = lines.entry(key).or_default();
            if line.moments.last().is_none_or(|(_, last)| *last != facts) {
                line.moments.push((seen.at, facts));
            }
        }
    }
    lines
}

/// The name of the workload that a change is about: stories label everything with it.
fn workload_of(plural: &str, object: &Value) -> Option<String> {
    match plural {
        "deployments" | "statefulsets" | "daemonsets" | "pods" | "jobs" | "cronjobs" => {
            object["metadata"]["labels"]["app"].as_str().map(str::to_owned)
        }
        _ => None,
    }
}

fn read(object: &Arc<Value>, objects: &Objects, name: &str) -> Facts {
    let (spec, status) = (&object["spec"], &object["status"]);
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let daemon = object["kind"] == "DaemonSet";
    let pods: Vec<Pod> = objects
        .of("pods")
        .filter(|pod| pod["metadata"]["labels"]["app"] == name)
        .map(|pod| pod_of(pod))
        .collect();
    let (desired, ready, updated, total, available) = if daemon {
        (
            number(&status["desiredNumberScheduled"]),
            number(&status["numberReady"]),
            number(&status["updatedNumberScheduled"]),
            number(&status["currentNumberScheduled"]),
            number(&status["numberAvailable"]),
        )
    } else {
        (
            spec["replicas"].as_i64().unwrap_or(1),
            number(&status["readyReplicas"]),
            number(&status["updatedReplicas"]),
            number(&status["replicas"]),
            number(&status["availableReplicas"]),
        )
    };
    let container = &spec["template"]["spec"]["containers"][0];
    let variables = container["env"].as_array().into_iter().flatten();
    let told = |v: &Value| {
        Some(format!(
            "{}={}",
            v["name"].as_str()?,
            v["value"].as_str().unwrap_or("")
        ))
    };
    Facts {
        desired,
        paused: spec["paused"] == true,
        on_delete: spec["updateStrategy"]["type"] == "OnDelete",
        jobs: objects
            .of("jobs")
            .filter(|job| job["metadata"]["labels"]["app"] == name)
            .map(|job| job_of(job))
            .collect(),
        env: variables.filter_map(told).collect(),
        probes: ["livenessProbe", "readinessProbe", "startupProbe"]
            .into_iter()
            .filter(|probe| container[*probe].is_object())
            .collect(),
        revision: object["metadata"]["annotations"]["deployment.kubernetes.io/revision"]
            .as_str()
            .map(str::to_owned),
        images: images(&spec["template"]["spec"]),
        past_deadline: status["conditions"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|condition| condition["reason"] == "ProgressDeadlineExceeded"),
        behind: status["observedGeneration"] != object["metadata"]["generation"],
        ready,
        updated,
        total,
        available,
        pods,
    }
}

fn job_of(job: &Value) -> Job {
    let (status, conditions) = (&job["status"], job["status"]["conditions"].as_array());
    let is = |kind: &str| {
        let mut all = conditions.into_iter().flatten();
        all.any(|c| c["type"] == kind && c["status"] == "True")
    };
    let number = |field: &str| status[field].as_i64().unwrap_or(0);
    Job {
        name: job["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
        active: number("active"),
        succeeded: number("succeeded"),
        failed: number("failed"),
        complete: is("Complete"),
        gave_up: is("Failed"),
    }
}

fn pod_of(pod: &Value) -> Pod {
    let statuses: Vec<&Value> = pod["status"]["containerStatuses"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let conditions = pod["status"]["conditions"].as_array();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let is = |kind: &str, status: &str| {
        let mut all = conditions.into_iter().flatten();
        all.any(|c| c["type"] == kind && c["status"] == status)
    };
    Pod {
        name: text(&pod["metadata"]["name"]),
        ready: is("Ready", "True"),
        unscheduled: is("PodScheduled", "False"),
        leaving: pod["metadata"]["deletionTimestamp"].is_string(),
        phase: text(&pod["status"]["phase"]),
        restarts: statuses.iter().filter_map(|s| s["restartCount"].as_i64()).sum(),
        waiting: statuses
            .iter()
            .filter_map(|s| s["state"]["waiting"]["reason"].as_str().map(str::to_owned))
            .collect(),
        exits: statuses
            .iter()
            .flat_map(|s| {
                [
                    &s["state"]["terminated"]["exitCode"],
                    &s["lastState"]["terminated"]["exitCode"],
                ]
            })
            .filter_map(Value::as_i64)
            .collect(),
        node: text(&pod["spec"]["nodeName"]),
        images: images(&pod["spec"]),
    }
}

fn images(spec: &Value) -> Vec<String> {
    let containers = spec["containers"].as_array().into_iter().flatten();
    containers
        .filter_map(|c| c["image"].as_str().map(str::to_owned))
        .collect()
}

/// What else the cluster held, beside workloads.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// When a node became ready or not ready, by its name.
    pub nodes: BTreeMap<String, Vec<(i64, bool)>>,
    /// What the quota allowed, and when that was said.
    pub quota: Vec<(i64, i64)>,
    /// What Events say.
    pub events: Vec<String>,
    /// How many pods there were from each moment on.
    pub pods: Vec<(i64, i64)>,
    /// How many workloads there were from each moment on.
    pub workloads: Vec<(i64, usize)>,
}

/// What else the cluster held.
pub(crate) fn around(history: &History) -> Around {
    let mut around = Around::default();
    let mut objects = Objects::default();
    for seen in &history.seen {
        objects.apply(&seen.event);
        let object = &seen.event.object;
        let name = || object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        match seen.event.key.plural.as_str() {
            "nodes" => {
                let mut conditions = object["status"]["conditions"].as_array().into_iter().flatten();
                let ready = conditions.any(|c| c["type"] == "Ready" && c["status"] == "True");
                let known = around.nodes.entry(name()).or_default();
                if known.last().is_none_or(|(_, last)| *last != ready) {
                    known.push((seen.at, ready));
                }
            }
            "resourcequotas" => {
                let hard = object["spec"]["hard"]["requests.ephemeral-storage"].as_str();
                around
                    .quota
                    .extend(hard.and_then(|hard| Some((seen.at, hard.parse().ok()?))));
            }
            "events" => around
                .events
                .extend(object["message"].as_str().map(str::to_owned)),
            "pods" => {
                let count = i64::try_from(objects.of("pods").count()).unwrap_or(0);
                around.pods.push((seen.at, count));
            }
            "deployments" | "statefulsets" | "daemonsets" => {
                let kinds = ["deployments", "statefulsets", "daemonsets"];
                let count = kinds.iter().map(|plural| objects.of(plural).count()).sum();
                around.workloads.push((seen.at, count));
            }
            _ => {}
        }
    }
    around
}

/// What was so at some moment of a span, of changes with their moments.
pub(crate) fn was<T: Copy>(changes: &[(i64, T)], from: i64, to: i64, so: impl Fn(T) -> bool) -> bool {
    let first = changes.partition_point(|(at, _)| *at <= from).saturating_sub(1);
    let within = changes[first.min(changes.len())..]
        .iter()
        .take_while(|(at, _)| *at <= to);
    within.into_iter().any(|(_, value)| so(*value))
}

impl Facts {
    /// For the report of a sentence that was not so.
    pub(crate) fn short(&self) -> String {
        let pods: Vec<String> = self
            .pods
            .iter()
            .map(|p| {
                let ready = if p.ready { "ready" } else { "not ready" };
                let leaving = if p.leaving { " leaving" } else { "" };
                format!(
                    "{} {ready}{leaving} {} {:?} {}x",
                    p.name, p.phase, p.waiting, p.restarts
                )
            })
            .collect();
        format!(
            "{} of {} ready, {} updated, {} in all, {} available{} [{}]",
            self.ready,
            self.desired,
            self.updated,
            self.total,
            self.available,
            if self.behind { ", behind" } else { "" },
            pods.join(", ")
        )
    }
}
