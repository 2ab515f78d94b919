//! What people and programs do to one workload, drawn.

use std::{path::Path, time::Duration};

use ceo_tests::{
    discord::{DiscordSim, Message, Person},
    kube::sim::KubeSim,
    world::{Cluster, IDS, settle, until},
};
use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment, StatefulSet},
    core::v1::Pod,
};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use rand::{Rng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value, json};

use crate::{record::Record, trouble::pause};

/// How long a person waits for what they watch before they turn to something else.
const INTEREST: Duration = Duration::from_secs(6);

/// Where stories are played.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub discord: &'a DiscordSim,
    pub cluster: &'a Cluster,
    pub record: &'a Record,
    pub store: &'a Path,
}

/// The kinds of workload, as often as they are drawn.
const KINDS: [&str; 5] = [
    "deployment",
    "deployment",
    "deployment",
    "statefulset",
    "daemonset",
];

struct Story<'a> {
    stage: Stage<'a>,
    sim: &'a KubeSim,
    kind: &'static str,
    name: String,
    /// How often an image was made, so that each is new.
    images: usize,
    random: StdRng,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Status,
    StatusOfAll,
    GetPods,
    Good,
    Crashes,
    Missing,
    NeverReady,
    SlowStart,
    OutOfMemory,
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
    Nothing,
}

const STEPS: [Step; 22] = [
    Step::Status,
    Step::Status,
    Step::StatusOfAll,
    Step::GetPods,
    Step::Good,
    Step::Good,
    Step::Crashes,
    Step::Missing,
    Step::NeverReady,
    Step::SlowStart,
    Step::OutOfMemory,
    Step::ScaledByHand,
    Step::ScaledInChat,
    Step::RolledBackInChat,
    Step::RolledBackInChat,
    Step::AskedAndOvertaken,
    Step::AskedAndDenied,
    Step::Undone,
    Step::PodDeleted,
    Step::CrashedOnce,
    Step::PausedAndResumed,
    Step::NodeFails,
];

/// Plays one story from the making of its workload to a last look at it.
pub(crate) async fn play(stage: Stage<'_>, mut random: StdRng) -> anyhow::Result<()> {
    let kind = KINDS.choose(&mut random).copied().unwrap_or("deployment");
    let mut story = Story {
        stage,
        sim: stage.cluster.sim()?,
        kind,
        name: format!("w{:06x}", random.random::<u32>() & 0x00ff_ffff),
        images: 0,
        random,
    };
    pause(&mut story.random, 0..3000).await;
    story.make().await;
    let steps = story.random.random_range(4..=7);
    for _ in 0..steps {
        story.wait_or_not().await;
        let step = STEPS.choose(&mut story.random).copied().unwrap_or(Step::Nothing);
        story.step(step).await;
    }
    story.good().await;
    story.settles().await;
    story.step(Step::Status).await;
    Ok(())
}

impl Story<'_> {
    fn target(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// A new image that does as it is told; `None` for one that cannot be pulled.
    fn image(&mut self) -> String {
        self.images += 1;
        let image = format!("docker.io/local/{}:v{}", self.name, self.images);
        self.sim.image(&image);
        image
    }

    async fn make(&mut self) {
        let image = self.image();
        let replicas = self.random.random_range(1..=3);
        let mut object = json!({
            "metadata": {"name": self.name, "labels": {"app": self.name}},
            "spec": {
                "selector": {"matchLabels": {"app": self.name}},
                "template": {
                    "metadata": {"labels": {"app": self.name}},
                    "spec": {
                        "terminationGracePeriodSeconds": 1,
                        "containers": [{"name": "api", "image": image,
                            "ports": [{"containerPort": 8000}],
                            "readinessProbe": {"httpGet": {"path": "/health", "port": 8000}, "periodSeconds": 1},
                            "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": "64Mi"}}}],
                    },
                },
            },
        });
        if self.kind != "daemonset" {
            object["spec"]["replicas"] = json!(replicas);
        }
        if self.kind == "statefulset" {
            object["spec"]["serviceName"] = json!(self.name);
        }
        let made = match self.kind {
            "deployment" => self.create::<Deployment>(object).await,
            "statefulset" => self.create::<StatefulSet>(object).await,
            _ => self.create::<DaemonSet>(object).await,
        };
        // In an outage nothing is made, and the story goes on about something that is not there.
        let _ = made;
    }

    async fn create<K>(&self, object: Value) -> anyhow::Result<()>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>
            + Clone
            + std::fmt::Debug
            + serde::Serialize
            + serde::de::DeserializeOwned,
        K::DynamicType: Default,
    {
        let object: K = serde_json::from_value(object)?;
        self.stage
            .cluster
            .api::<K>()
            .create(&PostParams::default(), &object)
            .await?;
        Ok(())
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

    async fn step(&mut self, step: Step) {
        match step {
            Step::Status => self.ask(&format!("/ceo status workload:{}", self.target())).await,
            Step::StatusOfAll => self.ask("/ceo status").await,
            Step::GetPods => {
                self.ask(&format!("/ceo get pods workload:{}", self.target()))
                    .await
            }
            Step::Good => self.good().await,
            Step::Crashes => {
                let image = self.image();
                self.sim
                    .image(&image)
                    .crashes(3, &["booting", "FATAL: no database"]);
                self.set_image(&image).await;
            }
            Step::Missing => {
                self.images += 1;
                let image = format!("docker.io/local/{}:missing{}", self.name, self.images);
                self.set_image(&image).await;
            }
            Step::NeverReady => {
                let image = self.image();
                self.sim.image(&image).never_ready();
                self.set_image(&image).await;
            }
            Step::SlowStart => {
                let image = self.image();
                self.sim.image(&image).slow_start(Duration::from_millis(1500));
                self.set_image(&image).await;
            }
            Step::OutOfMemory => {
                let image = self.image();
                self.sim.image(&image).ooms();
                self.set_image(&image).await;
            }
            Step::Undone => self.undo().await,
            Step::ScaledByHand => {
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
            Step::ScaledInChat | Step::RolledBackInChat | Step::AskedAndOvertaken | Step::AskedAndDenied => {
                self.in_chat(step).await;
            }
            Step::PausedAndResumed | Step::Nothing => {}
        }
    }

    async fn good(&mut self) {
        let image = self.image();
        self.set_image(&image).await;
    }

    /// As `kubectl rollout undo` leaves it: the image before the last one.
    async fn undo(&mut self) {
        let before = self.images.saturating_sub(1).max(1);
        let image = format!("docker.io/local/{}:v{before}", self.name);
        self.set_image(&image).await;
    }

    async fn harm_a_pod(&mut self, step: Step) {
        let namespace = self.stage.cluster.namespace();
        let pods = self.sim.pod_names(namespace, &format!("{}-*", self.name));
        let Some(pod) = pods.choose(&mut self.random) else {
            return;
        };
        if matches!(step, Step::PodDeleted) {
            // Gone already: nothing to harm.
            let _ = self
                .stage
                .cluster
                .api::<Pod>()
                .delete(pod, &DeleteParams::default())
                .await;
        } else {
            self.sim.crash_pod(namespace, pod, 7, &["panic: out of luck"]);
        }
    }

    async fn set_image(&self, image: &str) {
        let patch =
            json!({"spec": {"template": {"spec": {"containers": [{"name": "api", "image": image}]}}}});
        self.patch(&patch, "kubectl-set").await;
    }

    async fn patch(&self, patch: &Value, manager: &str) {
        let params = PatchParams {
            field_manager: Some(manager.to_owned()),
            ..PatchParams::default()
        };
        let patch = Patch::Strategic(patch);
        let cluster = self.stage.cluster;
        // In an outage people's commands fail too; the story goes on.
        let _ = match self.kind {
            "deployment" => cluster
                .api::<Deployment>()
                .patch(&self.name, &params, &patch)
                .await
                .map(|_| ()),
            "statefulset" => cluster
                .api::<StatefulSet>()
                .patch(&self.name, &params, &patch)
                .await
                .map(|_| ()),
            _ => cluster
                .api::<DaemonSet>()
                .patch(&self.name, &params, &patch)
                .await
                .map(|_| ()),
        };
    }

    fn person(&self, id: u64) -> Person {
        self.stage.discord.person(id)
    }

    /// Types a command and waits for the answer, which in an outage may not come.
    async fn say(&self, person: u64, line: &str) -> Option<Message> {
        let asked = self.person(person).slash(IDS.ops, line).await.ok()?;
        tokio::time::timeout(INTEREST, settle(&asked)).await.ok()?.ok()
    }

    async fn ask(&self, line: &str) {
        self.say(IDS.operator, line).await;
    }

    async fn press(&self, person: u64, message: u64, button: &str) -> Option<Message> {
        let asked = self.person(person).press(message, button).await.ok()?;
        tokio::time::timeout(INTEREST, settle(&asked)).await.ok()?.ok()
    }

    /// The newest card about the workload that has such a button.
    async fn card(&self, button: &str) -> Option<Message> {
        let target = self.target();
        let look = || async {
            let all = self.stage.discord.messages(IDS.ops).into_iter().rev();
            let found = all
                .filter(|m| m.from_bot && !m.deleted && m.only_for.is_none())
                .find(|m| m.text().contains(&target) && m.labels().iter().any(|l| l == button));
            Ok(found)
        };
        until(INTEREST, look).await.ok()
    }

    async fn in_chat(&mut self, step: Step) {
        let target = self.target();
        if matches!(step, Step::ScaledInChat) {
            let count = self.random.random_range(1..=4);
            let asked = self
                .say(
                    IDS.operator,
                    &format!("/ceo scale workload:{target} replicas:{count}"),
                )
                .await;
            if let Some(asked) = asked {
                self.press(IDS.operator, asked.id, "Confirm").await;
            }
            return;
        }
        self.say(IDS.operator, &format!("/ceo rollback workload:{target}"))
            .await;
        let Some(card) = self.card("Approve").await else {
            return;
        };
        match step {
            Step::AskedAndDenied => {
                let Ok(asked) = self.person(IDS.lead).press(card.id, "Deny").await else {
                    return;
                };
                if let Ok(form) = asked.modal(INTEREST).await {
                    let inputs = form.inputs();
                    let name = inputs
                        .first()
                        .and_then(|i| i["custom_id"].as_str())
                        .unwrap_or_default();
                    let sent = self.person(IDS.lead).submit(&form, &[(name, "not now")]).await;
                    if let Ok(sent) = sent {
                        let _ = tokio::time::timeout(INTEREST, settle(&sent)).await;
                    }
                }
            }
            Step::AskedAndOvertaken => {
                self.good().await;
                pause(&mut self.random, 0..1000).await;
                self.press(IDS.lead, card.id, "Approve").await;
            }
            _ => {
                pause(&mut self.random, 0..1000).await;
                self.press(IDS.lead, card.id, "Approve").await;
            }
        }
    }
}
