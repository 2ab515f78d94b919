//! One container: what it is doing, what it shows, and what comes next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::behaviour::{Behaviour, Exit, Readiness};
use super::script::{self, Script};

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    pub id: String,
    pub code: i32,
    pub reason: String,
    pub message: Option<String>,
    pub started: String,
    pub finished: String,
}

/// What the status shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Waiting { reason: String, message: String },
    Running { since: String },
    Terminated(Finished),
}

impl Shown {
    pub(crate) fn waiting(reason: &str) -> Shown {
        Shown::Waiting {
            reason: reason.into(),
            message: String::new(),
        }
    }
}

/// What the container is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing yet.
    Idle,
    /// The image comes.
    Pulling,
    /// The image did not come; it is tried again when due.
    PullBackoff,
    /// It will run when due.
    Creating,
    /// Its environment names something that is not there; tried again when due.
    ConfigError,
    /// It runs.
    Running,
    /// It ended and is started again when due.
    Dead,
    /// It ended for good.
    Done,
}

/// One container of a pod on its node.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    pub name: String,
    pub image: String,
    pub spec: Arc<Value>,
    pub init: bool,
    /// Whether the registry has its image.
    pub known: bool,
    pub step: Step,
    pub due: Option<Instant>,
    pub shown: Shown,
    pub last: Option<Finished>,
    pub restarts: i64,
    pub id: Option<String>,
    pub ready: bool,
    pub started: bool,
    pub since: Option<Instant>,
    pub ends: Option<(Instant, Exit)>,
    pub ready_at: Option<Instant>,
    /// Its probe would succeed, but a gate is closed.
    pub held: bool,
    pub probe_at: Option<Instant>,
    pub liveness_at: Option<Instant>,
    pub liveness_failures: i64,
    /// Failures of the startup probe since it runs.
    pub startup_failures: i64,
    /// When it is started again after its end.
    pub restart_at: Option<Instant>,
    /// Ends in a row, for the back-off.
    pub crashes: u32,
    /// Failed pulls in a row.
    pub pulls: u32,
    pub behaviour: Arc<Behaviour>,
    pub script: Option<Script>,
    /// Lines that a scenario gave for the coming crash.
    pub last_words: Vec<String>,
}

impl Container {
    pub(crate) fn new(spec: &Value, init: bool, shown: Shown) -> Container {
        let text = |field: &str| spec[field].as_str().unwrap_or_default().to_owned();
        Container {
            name: text("name"),
            image: text("image"),
            spec: Arc::new(spec.clone()),
            init,
            known: false,
            step: Step::Idle,
            due: None,
            shown,
            last: None,
            restarts: 0,
            id: None,
            ready: false,
            started: false,
            since: None,
            ends: None,
            ready_at: None,
            held: false,
            restart_at: None,
            probe_at: None,
            liveness_at: None,
            liveness_failures: 0,
            startup_failures: 0,
            crashes: 0,
            pulls: 0,
            behaviour: Arc::default(),
            script: script::read(spec),
            last_words: Vec::new(),
        }
    }

    /// `spec.containers{api}`: how events name the container.
    pub(crate) fn field(&self) -> String {
        let list = if self.init { "initContainers" } else { "containers" };
        format!("spec.{list}{{{}}}", self.name)
    }

    pub(crate) fn runs(&self) -> bool {
        self.step == Step::Running
    }

    /// Whether it is an init container that the others need not wait for any more.
    pub(crate) fn initialized(&self) -> bool {
        let sidecar = self.spec["restartPolicy"] == "Always";
        match &self.shown {
            Shown::Terminated(finished) => finished.code == 0,
            Shown::Running { .. } => sidecar,
            Shown::Waiting { .. } => false,
        }
    }

    /// Whether the status of both reads the same.
    pub(crate) fn looks_like(&self, other: &Container) -> bool {
        self.shown == other.shown
            && self.last == other.last
            && self.id == other.id
            && (self.restarts, self.ready, self.started) == (other.restarts, other.ready, other.started)
            && (self.step == Step::Done) == (other.step == Step::Done)
    }

    /// Whether it ended and is not started again.
    pub(crate) fn done(&self) -> bool {
        self.step == Step::Done
    }

    /// When something is due next.
    pub(crate) fn next(&self) -> Option<Instant> {
        let ends = self.ends.as_ref().map(|(at, _)| *at);
        [self.due, ends, self.ready_at, self.probe_at, self.liveness_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// How and when it ends by itself: by its behaviour, by its script, or because Jobs end.
    pub(crate) fn ending(
        &self,
        policy: &str,
        now: Instant,
        start: Duration,
        second: Duration,
    ) -> Option<(Instant, Exit)> {
        if let Some(exit) = &self.behaviour.exit {
            return Some((now + exit.after.unwrap_or(start), exit.clone()));
        }
        let service = policy == "Always" && !self.init;
        let exit = |code, after: Duration| {
            let oom = self.script.as_ref().is_some_and(|script| script.oom);
            Some((
                now + start + after,
                Exit {
                    code,
                    reason: oom.then_some("OOMKilled"),
                    after: None,
                },
            ))
        };
        match &self.script {
            Some(script) if script.unknown && service => None,
            Some(script) => {
                let (code, after) = script.end?;
                exit(code, after.mul_f64(second.as_secs_f64()))
            }
            None if service || (self.init && self.spec["restartPolicy"] == "Always") => None,
            None => exit(0, Duration::ZERO),
        }
    }

    /// When the readiness probe first succeeds; `None`: it does not (or there is none and it needs not).
    pub(crate) fn readiness(&self, now: Instant, paced: Duration) -> Option<Instant> {
        match self.behaviour.readiness {
            Readiness::Never => None,
            Readiness::After(after) => Some(now + after),
            Readiness::Paced if self.silent() => None,
            Readiness::Paced if self.starting_probe().is_object() => Some(now + paced),
            Readiness::Paced => Some(now),
        }
    }

    /// The probe that has to pass next: the startup probe, until it has, else the readiness probe.
    pub(crate) fn starting_probe(&self) -> &Value {
        let startup = &self.spec["startupProbe"];
        if startup.is_object() && !self.started {
            startup
        } else {
            &self.spec["readinessProbe"]
        }
    }

    /// A command that is not the image's service does not answer the probe of the service.
    fn silent(&self) -> bool {
        self.starting_probe().is_object()
            && self
                .script
                .as_ref()
                .is_some_and(|script| !script.unknown && script.end.is_none())
    }

    /// Whether its liveness probe fails: as told, or a probe that runs `false`.
    pub(crate) fn dies_of_liveness(&self) -> bool {
        let probe = &self.spec["livenessProbe"];
        let command = probe["exec"]["command"][0].as_str().unwrap_or_default();
        probe.is_object()
            && (self.behaviour.liveness_fails || command.ends_with("/false") || command == "false")
    }
}
