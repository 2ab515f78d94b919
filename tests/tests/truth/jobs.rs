//! Jobs: some do their work, some after a retry, some never; by themselves or made from a CronJob.

use std::time::Duration;

use k8s_openapi::api::batch::v1::{CronJob, Job};
use kube::{Api, api::DeleteParams};
use rand::Rng as _;
use serde_json::{Value, json};

use crate::{
    story::{INTEREST, Stage, Story},
    trouble::pause,
};

/// How a Job fares.
#[derive(Clone, Copy)]
enum Fate {
    Works,
    FailsFirst,
    Fails,
}

/// Plays a story of Jobs: two or three, one after the other.
pub(crate) async fn play(mut story: Story<'_>) {
    let by_cron = story.kind == "cronjob";
    if by_cron {
        let cron = json!({"metadata": {"name": story.name, "labels": {"app": story.name}},
            "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": template(&story.name, "docker.io/local/none:v1")}}}});
        if story.create::<CronJob>(cron).await.is_err() {
            // In an outage it is not made, and there is no story of it.
            return;
        }
    }
    let times = story.random.random_range(2..=3);
    for n in 1..=times {
        let name = if by_cron {
            format!("{}-{n}", story.name)
        } else {
            story.name.clone()
        };
        let fate = match story.random.random_range(0..3) {
            0 => Fate::Works,
            1 => Fate::FailsFirst,
            _ => Fate::Fails,
        };
        one(&mut story, &name, fate).await;
        pause(&mut story.random, 0..3000).await;
        if !by_cron {
            let jobs: Api<Job> = story.stage.cluster.api();
            // `kubectl delete job`, to make room for the next of this name.
            let _ = jobs.delete(&name, &DeleteParams::background()).await;
            gone(story.stage, &name).await;
        }
    }
}

async fn one(story: &mut Story<'_>, name: &str, fate: Fate) {
    let image = story.image();
    let rule = story.sim.image(&image);
    match fate {
        Fate::Works => drop(rule.exits_after(0, Duration::from_millis(600))),
        Fate::FailsFirst | Fate::Fails => drop(rule.crashes(4, &["working", "ERROR: no such table"])),
    }
    let again = ["Never", "OnFailure"][story.random.random_range(0..2)];
    let retries = match fate {
        Fate::FailsFirst => 6,
        _ => story.random.random_range(0..=2),
    };
    let mut spec = json!({"backoffLimit": retries, "template": template(&story.name, &image)});
    spec["template"]["spec"]["restartPolicy"] = json!(again);
    let mut job = json!({"metadata": {"name": name, "labels": {"app": story.name}}, "spec": spec});
    let cron = story
        .sim
        .get("batch", "cronjobs", story.stage.cluster.namespace(), &story.name);
    if let Some(cron) = cron {
        // As `kubectl create job --from=cronjob/NAME` makes it.
        job["metadata"]["annotations"] = json!({"cronjob.kubernetes.io/instantiate": "manual"});
        job["metadata"]["ownerReferences"] = json!([{"apiVersion": "batch/v1", "kind": "CronJob", "name": story.name,
            "uid": cron["metadata"]["uid"], "controller": true}]);
    }
    let _ = story.create::<Job>(job).await;
    pause(&mut story.random, 0..900).await;
    story.ask(&format!("/ceo status workload:job/{name}")).await;
    if matches!(fate, Fate::FailsFirst) {
        drop(
            story
                .sim
                .image(&image)
                .works()
                .exits_after(0, Duration::from_millis(300)),
        );
    }
    let place = story.stage.cluster.namespace().to_owned();
    let over = |store: &ceo_tests::kube::store::Store| {
        let key = ceo_tests::kube::key::Key::namespaced("batch", "jobs", &place, name);
        store.get(&key).is_none_or(|job| is_over(&job))
    };
    story.sim.reaches(INTEREST, over).await;
    pause(&mut story.random, 0..1500).await;
    story.ask(&format!("/ceo status workload:job/{name}")).await;
}

async fn gone(stage: Stage<'_>, name: &str) {
    let place = stage.cluster.namespace().to_owned();
    let gone = |store: &ceo_tests::kube::store::Store| {
        let key = ceo_tests::kube::key::Key::namespaced("batch", "jobs", &place, name);
        store.get(&key).is_none()
    };
    if let Ok(sim) = stage.cluster.sim() {
        sim.reaches(INTEREST, gone).await;
    }
}

fn is_over(job: &Value) -> bool {
    let conditions = job["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|c| c["status"] == "True" && (c["type"] == "Complete" || c["type"] == "Failed"))
}

fn template(name: &str, image: &str) -> Value {
    json!({"metadata": {"labels": {"app": name}},
        "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "api", "image": image}]}})
}
