//! What a test or the playground may do to the cluster behind the API's back: let images crash, hold rollouts midway,
//! silence nodes, fill logs.
//!
//! Everything here is a method of [`Node`], which [`KubeSim`] lends by dereferencing to it: `sim.image("...").ooms()`.

mod machines;
mod waits;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;

use super::controllers::meta::{name, namespace, replicas};
use super::controllers::quantity::milli;
use super::events::{Recorder, Report, Source};
use super::key::Key;
use super::node::behaviour::{Behaviour, Exit, Gate, Image, Match, Readiness, glob};
use super::node::{HttpAnswer, Node};
use super::sim::KubeSim;
use super::store;

impl std::ops::Deref for KubeSim {
    type Target = Node;

    fn deref(&self) -> &Node {
        self.node()
    }
}

/// What some containers do; each call adds to it. It takes effect when such a container is started next.
pub struct Rule<'a> {
    node: &'a Node,
    about: Match,
}

impl Rule<'_> {
    fn change(self, change: impl FnOnce(&mut Behaviour)) -> Self {
        self.node.lock().scenario.change(&self.about, change);
        self
    }

    /// It runs well again: everything said before is forgotten.
    pub fn works(self) -> Self {
        self.change(|behaviour| *behaviour = Behaviour::default())
    }

    /// It logs these lines and ends with this code, every time.
    pub fn crashes(self, code: i32, lines: &[&str]) -> Self {
        self.change(|behaviour| {
            behaviour.exit = Some(Exit {
                code,
                reason: None,
                after: None,
            });
            behaviour.lines = lines.iter().map(|line| (*line).to_owned()).collect();
        })
    }

    /// It ends with this code after a time.
    pub fn exits_after(self, code: i32, after: Duration) -> Self {
        self.change(|behaviour| {
            behaviour.exit = Some(Exit {
                code,
                reason: None,
                after: Some(after),
            })
        })
    }

    /// It runs out of memory: 137, `OOMKilled`.
    pub fn ooms(self) -> Self {
        self.change(|behaviour| {
            behaviour.exit = Some(Exit {
                code: 137,
                reason: Some("OOMKilled"),
                after: None,
            })
        })
    }

    /// Its readiness probe never succeeds.
    pub fn never_ready(self) -> Self {
        self.change(|behaviour| behaviour.readiness = Readiness::Never)
    }

    /// Its readiness probe first succeeds after this time.
    pub fn slow_start(self, after: Duration) -> Self {
        self.change(|behaviour| behaviour.readiness = Readiness::After(after))
    }

    /// Its liveness probe, if it has one, fails.
    pub fn fails_liveness(self) -> Self {
        self.change(|behaviour| behaviour.liveness_fails = true)
    }

    /// Its image cannot be pulled, with containerd's sentence.
    pub fn pull_fails(self, error: &str) -> Self {
        self.change(|behaviour| behaviour.pull_error = Some(error.to_owned()))
    }

    /// It cannot be started (`RunContainerError`), with containerd's sentence.
    pub fn start_fails(self, error: &str) -> Self {
        self.change(|behaviour| behaviour.start_error = Some(error.to_owned()))
    }

    /// It does not end when told to, and is killed when its grace period is over.
    pub fn ignores_sigterm(self) -> Self {
        self.change(|behaviour| behaviour.ignores_sigterm = true)
    }

    /// It logs these lines when it starts.
    pub fn logs(self, lines: &[&str]) -> Self {
        self.change(|behaviour| behaviour.lines = lines.iter().map(|line| (*line).to_owned()).collect())
    }

    /// It logs a line of its own accord every so often.
    pub fn ticks(self, every: Duration) -> Self {
        self.change(|behaviour| behaviour.tick = Some(every))
    }

    /// What it answers over HTTP at a path.
    pub fn answers(self, path: &str, status: u16, body: &str) -> Self {
        let answer = HttpAnswer {
            status,
            content_type: "text/plain".into(),
            body: body.to_owned(),
        };
        self.change(|behaviour| {
            behaviour.answers.retain(|(known, _)| known != path);
            behaviour.answers.push((path.to_owned(), answer));
        })
    }

    /// Only the container of that name.
    #[must_use]
    pub fn container(mut self, pattern: &str) -> Self {
        self.about = self.about.container(pattern);
        self
    }
}

impl Node {
    /// What containers of this image do (a pattern with `*`); also puts the image into the registry.
    pub fn image(&self, pattern: &str) -> Rule<'_> {
        let mut state = self.lock();
        if state.scenario.image(pattern).is_none() {
            state.scenario.images.push(Image {
                pattern: pattern.to_owned(),
                present: true,
                port: None,
            });
        }
        drop(state);
        Rule {
            node: self,
            about: Match::image(pattern),
        }
    }

    /// Adds an image to the registry, with the port on which its service answers HTTP.
    pub fn add_image(&self, pattern: &str, port: Option<u16>) {
        self.lock().scenario.images.push(Image {
            pattern: pattern.to_owned(),
            present: true,
            port,
        });
    }

    /// Takes an image (as it was added) out of the registry: it cannot be pulled any more.
    pub fn remove_image(&self, pattern: &str) {
        self.lock()
            .scenario
            .images
            .retain(|image| image.pattern != pattern);
    }

    /// What containers of these pods do (a pattern with `*`).
    pub fn pods(&self, namespace: &str, pattern: &str) -> Rule<'_> {
        Rule {
            node: self,
            about: Match::pod(namespace, pattern),
        }
    }

    /// Admission refuses these pods (a pattern with `*`) with this sentence, in which `{pod}` is the pod's name.
    pub fn refuse_pods(&self, namespace: &str, pattern: &str, sentence: &str) {
        let [namespace, pattern, sentence] = [namespace, pattern, sentence].map(str::to_owned);
        self.lock().scenario.refusals.push((namespace, pattern, sentence));
    }

    /// Crashed containers show `terminated` during the whole back-off, as in the recordings, instead of
    /// `waiting: CrashLoopBackOff`.
    pub fn show_terminated(&self, on: bool) {
        self.lock().scenario.shows_terminated = on;
    }

    /// Ends the running containers of these pods once, with a code and last lines. Returns how many pods it met.
    pub fn crash_pod(&self, namespace: &str, pattern: &str, code: i32, lines: &[&str]) -> usize {
        self.end_now(
            namespace,
            pattern,
            lines,
            &Exit {
                code,
                reason: None,
                after: None,
            },
        )
    }

    /// Ends the running containers of these pods once for lack of memory. Returns how many pods it met.
    pub fn oom_pod(&self, namespace: &str, pattern: &str) -> usize {
        self.end_now(
            namespace,
            pattern,
            &[],
            &Exit {
                code: 137,
                reason: Some("OOMKilled"),
                after: None,
            },
        )
    }

    fn end_now(&self, place: &str, pattern: &str, lines: &[&str], exit: &Exit) -> usize {
        let within = (!place.contains('*')).then_some(place);
        let (objects, _) = self.store().list_shared("", "pods", within);
        let fitting = objects
            .iter()
            .filter(|pod| glob(place, namespace(pod)) && glob(pattern, name(pod)));
        let now = Instant::now();
        let mut state = self.lock();
        let mut keys = Vec::new();
        for object in fitting {
            let Some(pod) = Key::of(object).and_then(|key| state.known(&key, object)) else {
                continue;
            };
            let mut met = false;
            for container in pod.containers.iter_mut().filter(|container| container.runs()) {
                container.ends = Some((now, exit.clone()));
                container.last_words = lines.iter().map(|line| (*line).to_owned()).collect();
                met = true;
            }
            keys.extend(met.then(|| pod.key.clone()));
        }
        drop(state);
        let count = keys.len();
        self.poke_keys(keys);
        count
    }

    /// Keeps pods of these names that are not ready from becoming ready, so that a rollout stands still; the first
    /// `allow` of them still pass.
    pub fn hold_readiness(&self, namespace: &str, pattern: &str, allow: usize) {
        self.gate(namespace, pattern, allow, false);
    }

    /// Lets the readiness probes of these pods fail, of those that are ready too.
    pub fn fail_readiness(&self, namespace: &str, pattern: &str) {
        self.gate(namespace, pattern, 0, true);
        self.poke_pattern(namespace, pattern);
    }

    fn gate(&self, namespace: &str, pattern: &str, allow: usize, closed_for_all: bool) {
        let gate = Gate {
            namespace: namespace.to_owned(),
            pod: pattern.to_owned(),
            allow,
            closed_for_all,
        };
        let mut state = self.lock();
        state
            .scenario
            .gates
            .retain(|gate| gate.namespace != namespace || gate.pod != pattern);
        state.scenario.gates.push(gate);
    }

    /// Opens the gate again.
    pub fn release_readiness(&self, namespace: &str, pattern: &str) {
        self.lock()
            .scenario
            .gates
            .retain(|gate| gate.namespace != namespace || gate.pod != pattern);
        self.poke_pattern(namespace, pattern);
    }

    fn poke_pattern(&self, namespace: &str, pattern: &str) {
        self.poke(|pod| glob(namespace, pod.namespace()) && glob(pattern, pod.name()));
    }

    fn container_ids(&self, namespace: &str, pattern: &str, container: &str) -> Vec<String> {
        let state = self.lock();
        let pods = state
            .pods
            .values()
            .filter(|pod| glob(namespace, pod.namespace()) && glob(pattern, pod.name()));
        let containers = pods
            .flat_map(|pod| pod.all())
            .filter(|one| glob(container, &one.name));
        containers.filter_map(|one| one.id.clone()).collect()
    }

    /// Adds a line (any bytes) to the logs of these containers. Returns how many there were.
    pub fn append_log(
        &self,
        namespace: &str,
        pattern: &str,
        container: &str,
        line: impl Into<Bytes>,
    ) -> usize {
        let ids = self.container_ids(namespace, pattern, container);
        let line = line.into();
        let mut state = self.lock();
        for id in &ids {
            state.logs.append(id, line.clone());
        }
        ids.len()
    }

    /// Gives these containers a log of `count` lines that are made when they are read. Returns how many there were.
    pub fn generate_log(
        &self,
        namespace: &str,
        pattern: &str,
        count: u64,
        line: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
    ) -> usize {
        let ids = self.container_ids(namespace, pattern, "*");
        let line = Arc::new(line);
        let mut state = self.lock();
        for id in &ids {
            state.logs.generate(id, count, line.clone());
        }
        ids.len()
    }

    /// Whether the cluster has the metrics API.
    pub fn metrics_installed(&self, on: bool) {
        self.lock().figures.installed = on;
        self.touch_autoscalers();
    }

    /// What these pods use (`namespace/pod`, a pattern), as quantities: CPU and memory.
    pub fn metrics_of(&self, pattern: &str, cpu: &str, memory: &str) {
        let figures = (milli(cpu).unwrap_or(0), milli(memory).unwrap_or(0) / 1000);
        self.lock().figures.pods.insert(pattern.to_owned(), figures);
    }

    /// What pods use of their requests where nothing else is said, in percent.
    pub fn metrics_load(&self, percent: i64) {
        self.lock().figures.load = percent;
        self.touch_autoscalers();
    }

    fn touch_autoscalers(&self) {
        let (scalers, _) = self
            .store()
            .list_shared("autoscaling", "horizontalpodautoscalers", None);
        for key in scalers.iter().filter_map(|scaler| Key::of(scaler)) {
            // A removed status is written anew by the controller. Gone meanwhile: nothing to write.
            let _ = self
                .store()
                .update_shared(&key, |scaler| scaler["status"] = json!({}));
        }
    }

    /// An autoscaler sets the size of its workload, as after a change of load. Returns whether there is such a one.
    pub fn hpa_sets(&self, place: &str, autoscaler: &str, count: i64) -> bool {
        let key = Key::namespaced("autoscaling", "horizontalpodautoscalers", place, autoscaler);
        let Some(scaler) = self.store().get_shared(&key) else {
            return false;
        };
        let Some(target) = super::controllers::autoscaler_target(&scaler) else {
            return false;
        };
        let Some(before) = self
            .store()
            .get_shared(&target)
            .map(|workload| replicas(&workload))
        else {
            return false;
        };
        if self
            .store()
            .update(&target, |workload| workload["spec"]["replicas"] = json!(count))
            .is_err()
        {
            return false;
        }
        let reason = match count > before {
            true => "cpu resource utilization (percentage of request) above target",
            false => "All metrics below target",
        };
        let message = format!("New size: {count}; reason: {reason}");
        let mut events = Recorder::new(self.store().clone());
        let source = Source::Controller("horizontal-pod-autoscaler");
        events.record(&source, Report::normal(&scaler, "SuccessfulRescale", message));
        // Gone meanwhile: nothing to tell.
        let _ = self.store().update_shared(&key, |scaler| {
            scaler["status"]["desiredReplicas"] = json!(count);
            scaler["status"]["lastScaleTime"] = json!(store::now());
        });
        true
    }
}
