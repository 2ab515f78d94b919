//! What people and programs do to one workload, drawn.

use std::{path::Path, time::Duration};

use ceo_tests::{
    discord::DiscordSim,
    kube::sim::KubeSim,
    world::{Cluster, IDS},
};
use rand::{Rng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;

use crate::{jobs, record::Record, trouble::pause};

/// How long a person waits for what they watch before they turn to something else.
pub(crate) const INTEREST: Duration = Duration::from_secs(6);

/// Where stories are played.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub discord: &'a DiscordSim,
    pub cluster: &'a Cluster,
    pub record: &'a Record,
    pub store: &'a Path,
}

/// What stories are about, as often as it is drawn.
const KINDS: [&str; 9] = [
    "deployment",
    "deployment",
    "deployment",
    "deployment",
    "statefulset",
    "statefulset",
    "daemonset",
    "job",
    "cronjob",
];

pub(crate) struct Story<'a> {
    pub(crate) stage: Stage<'a>,
    pub(crate) sim: &'a KubeSim,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// Whether its pods ask for what a quota keeps.
    pub(crate) greedy: bool,
    /// How often an image was made, so that each is new.
    pub(crate) images: usize,
    pub(crate) random: StdRng,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Status,
    StatusOfAll,
    GetPods,
    Good,
    Crashes,
    Missing,
    NeverReady,
    SlowStart,
    OutOfMemory,
    FailsLiveness,
    NoSecret,
    VariableSet,
    ScaledByHand,
    ScaledInChat,
    RolledBackInChat,
    AskedAndOvertaken,
    AskedAndDenied,
    Undone,
    PodDeleted,
    CrashedOnce,
    PausedAndResumed,
    NodeFails,
    QuotaTight,
    QuotaWide,
    Noted,
    Deleted,
}

/// The steps, as often as they are drawn.
const STEPS: [Step; 31] = [
    Step::Status,
    Step::Status,
    Step::StatusOfAll,
    Step::GetPods,
    Step::GetPods,
    Step::Good,
    Step::Good,
    Step::Crashes,
    Step::Missing,
    Step::NeverReady,
    Step::SlowStart,
    Step::OutOfMemory,
    Step::FailsLiveness,
    Step::NoSecret,
    Step::VariableSet,
    Step::ScaledByHand,
    Step::ScaledInChat,
    Step::RolledBackInChat,
    Step::RolledBackInChat,
    Step::AskedAndOvertaken,
    Step::AskedAndDenied,
    Step::Undone,
    Step::PodDeleted,
    Step::PodDeleted,
    Step::CrashedOnce,
    Step::PausedAndResumed,
    Step::NodeFails,
    Step::QuotaTight,
    Step::QuotaWide,
    Step::Noted,
    Step::Deleted,
];

/// Plays one story from the making of its workload to a last look at it.
pub(crate) async fn play(stage: Stage<'_>, mut random: StdRng) -> anyhow::Result<()> {
    let kind = KINDS.choose(&mut random).copied().unwrap_or("deployment");
    let mut story = Story {
        stage,
        sim: stage.cluster.sim()?,
        kind,
        name: format!("w{:06x}", random.random::<u32>() & 0x00ff_ffff),
        greedy: random.random_bool(0.2),
        images: 0,
        random,
    };
    pause(&mut story.random, 0..3000).await;
    if matches!(story.kind, "job" | "cronjob") {
        jobs::play(story).await;
        return Ok(());
    }
    story.make().await;
    let steps = story.random.random_range(4..=7);
    for _ in 0..steps {
        story.wait_or_not().await;
        let step = STEPS.choose(&mut story.random).copied().unwrap_or(Step::Status);
        story.step(step).await;
        if step == Step::Deleted {
            pause(&mut story.random, 0..3000).await;
            story.step(Step::Status).await;
            return Ok(());
        }
    }
    if story.greedy {
        story.quota(100).await;
    }
    story.good().await;
    story.settles().await;
    story.step(Step::Status).await;
    Ok(())
}

impl Story<'_> {
    pub(crate) fn target(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// Sometimes a person waits until all is done, sometimes not.
    async fn wait_or_not(&mut self) {
        if self.random.random_bool(0.5) {
            self.settles().await;
        }
        pause(&mut self.random, 0..1500).await;
    }

    async fn settles(&self) {
        let plural = format!("{}s", self.kind);
        let namespace = self.stage.cluster.namespace();
        self.sim
            .rolled_out(namespace, &plural, &self.name, INTEREST)
            .await;
    }

    pub(crate) async fn step(&mut self, step: Step) {
        match step {
            Step::Status => self.ask(&format!("/ceo status workload:{}", self.target())).await,
            Step::StatusOfAll => self.ask("/ceo status").await,
            Step::GetPods => {
                let which = if self.random.random_bool(0.8) {
                    format!(" workload:{}", self.target())
                } else {
                    String::new()
                };
                self.ask(&format!("/ceo get pods{which}")).await;
            }
            Step::Good => self.good().await,
            Step::Undone => self.undo().await,
            Step::Crashes
            | Step::Missing
            | Step::NeverReady
            | Step::SlowStart
            | Step::OutOfMemory
            | Step::FailsLiveness => self.bad_image(step).await,
            Step::NoSecret => {
                let from = json!({"secretKeyRef": {"name": "no-such-secret", "key": "url"}});
                self.template(&json!({"name": "api", "env": [{"name": "DATABASE_URL", "valueFrom": from}]}))
                    .await;
            }
            Step::VariableSet => {
                let level = ["debug", "info", "warn"][self.random.random_range(0..3)];
                self.template(&json!({"name": "api", "env": [{"name": "LEVEL", "value": level}]}))
                    .await;
            }
            Step::ScaledByHand if self.kind != "daemonset" => {
                let count = self.random.random_range(0..=4);
                self.patch(&json!({"spec": {"replicas": count}}), "kubectl-edit")
                    .await;
            }
            Step::PausedAndResumed if self.kind == "deployment" => {
                self.patch(&json!({"spec": {"paused": true}}), "kubectl-rollout")
                    .await;
                self.good().await;
                pause(&mut self.random, 500..2000).await;
                self.ask(&format!("/ceo status workload:{}", self.target())).await;
                self.patch(&json!({"spec": {"paused": false}}), "kubectl-rollout")
                    .await;
            }
            Step::PodDeleted | Step::CrashedOnce => self.harm_a_pod(step).await,
            Step::NodeFails => {
                let node = self.random.random_range(1..=2);
                let node = format!("node-{node}");
                self.sim.node_not_ready(&node);
                pause(&mut self.random, 500..2500).await;
                self.ask(&format!("/ceo status workload:{}", self.target())).await;
                self.sim.node_ready(&node);
            }
            Step::QuotaTight if self.greedy => {
                let hard = self.random.random_range(1..=3);
                self.quota(hard).await;
                self.patch(&json!({"spec": {"replicas": 4}}), "kubectl-edit")
                    .await;
            }
            Step::QuotaWide if self.greedy => self.quota(100).await,
            Step::ScaledInChat | Step::RolledBackInChat | Step::AskedAndOvertaken | Step::AskedAndDenied => {
                self.in_chat(step).await;
            }
            Step::Noted => self.takes_note().await,
            Step::Deleted => self.delete().await,
            Step::PausedAndResumed | Step::ScaledByHand | Step::QuotaTight | Step::QuotaWide => {}
        }
    }

    /// A new image that does not do what it should.
    async fn bad_image(&mut self, step: Step) {
        if step == Step::Missing {
            self.images += 1;
            let image = format!("docker.io/local/{}:missing{}", self.name, self.images);
            return self.set_image(&image).await;
        }
        let image = self.image();
        let rule = self.sim.image(&image);
        match step {
            Step::Crashes => drop(rule.crashes(3, &["booting", "FATAL: no database"])),
            Step::NeverReady => drop(rule.never_ready()),
            Step::SlowStart => drop(rule.slow_start(Duration::from_millis(1500))),
            Step::FailsLiveness => drop(rule.fails_liveness()),
            _ => drop(rule.ooms()),
        }
        self.set_image(&image).await;
    }

    /// Who asks.
    pub(crate) async fn ask(&self, line: &str) {
        self.say(IDS.operator, line).await;
    }
}
