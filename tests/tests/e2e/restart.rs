//! Does `/ceo restart` replace every pod by one of the same image, once, as kubectl does, and say only what it saw?

use ceo_tests::world::{IDS, PATIENCE, World, until};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod};
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::json;

use crate::{says, says_not};

const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// The names of the pods of a workload.
async fn pods(world: &World, app: &str) -> anyhow::Result<Vec<String>> {
    let of = ListParams::default().labels(&format!("app={app}"));
    let all = world.cluster.api::<Pod>().list(&of).await?;
    let staying = all
        .items
        .into_iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none());
    Ok(staying.filter_map(|pod| pod.metadata.name).collect())
}

fn restarted_at(object: &Deployment) -> Option<String> {
    let template = object.spec.as_ref()?.template.metadata.as_ref()?;
    template.annotations.as_ref()?.get(RESTARTED_AT).cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pod_is_replaced_once_after_the_asker_confirmed() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let before = pods(&world, &app).await?;
    let operator = world.operator();
    let card = world
        .ask(&operator, &format!("/ceo restart workload:deployment/{app}"))
        .await?;
    says(
        &card,
        &[
            &format!("Restart deployment/{app}?"),
            "replaced, at least",
            "serving at any time",
        ],
    );
    assert_eq!(restarted_at(&world.cluster.deployment(&app).await?), None);
    world.press(&operator, card.id, "Confirm").await?;
    let done = world
        .told(IDS.ops, &[&format!("Restarted deployment/{app}"), "pods ready"])
        .await?;
    says_not(&done, &["stuck"]);
    let replaced = || async {
        let after = pods(&world, &app).await?;
        let fresh = after.len() == before.len() && after.iter().all(|pod| !before.contains(pod));
        Ok(fresh.then_some(()))
    };
    until(PATIENCE, replaced).await?;
    assert!(restarted_at(&world.cluster.deployment(&app).await?).is_some());

    // Once more: the annotation is there already.
    let card = world
        .ask(&operator, &format!("/ceo restart workload:deployment/{app}"))
        .await?;
    world.press(&operator, card.id, "Confirm").await?;
    let again = || async {
        let all = world.discord.messages(IDS.ops);
        let done = all.iter().filter(|m| m.text().contains("Restarted deployment/"));
        Ok((done.count() == 2).then_some(()))
    };
    until(PATIENCE, again).await?;
    for message in world.discord.messages(IDS.ops) {
        world.discord.mark_read(message.id);
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_or_has_no_pods_is_not_restarted() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let set = |spec: serde_json::Value| {
        let (world, app) = (&world, app.clone());
        async move {
            let patch = Patch::Merge(json!({ "spec": spec }));
            let params = PatchParams::default();
            world
                .cluster
                .api::<Deployment>()
                .patch(&app, &params, &patch)
                .await
        }
    };
    let line = format!("/ceo restart workload:deployment/{app}");
    let told = |words: &'static str| {
        let (world, line) = (&world, &line);
        async move {
            until(PATIENCE, || async {
                let answer = world.ask(&world.operator(), line).await?;
                Ok(answer.text().contains(words).then_some(answer))
            })
            .await
        }
    };
    set(json!({ "paused": true })).await?;
    says(
        &told("is paused, so it cannot be restarted").await?,
        &["Resume it first"],
    );
    set(json!({ "paused": false, "replicas": 0 })).await?;
    told("is scaled to zero: there are no pods to restart").await?;
    let answer = world.ask(&world.viewer(), &line).await?;
    says(&answer, &["You may not"]);
    assert_eq!(restarted_at(&world.cluster.deployment(&app).await?), None);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_that_is_killed_restarts_once() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let operator = world.operator();
    let line = format!("/ceo restart workload:deployment/{app}");
    let card = world.ask(&operator, &line).await?;
    let space = world.cluster.namespace().to_owned();
    world.cluster.sim()?.hold_readiness(&space, &format!("{app}*"), 0);
    world.press(&operator, card.id, "Confirm").await?;
    world.told(IDS.ops, &["Restarting", "new pods ready"]).await?;
    world.bot.kill().await?;
    let stamp = restarted_at(&world.cluster.deployment(&app).await?);
    world.cluster.sim()?.release_readiness(&space, &format!("{app}*"));
    world.bot.start().await?;
    world.ready().await?;
    world
        .told(IDS.ops, &[&format!("Restarted deployment/{app}")])
        .await?;
    assert_eq!(restarted_at(&world.cluster.deployment(&app).await?), stamp);
    let writes = world.cluster.sim()?.mutations();
    let ours = writes
        .iter()
        .filter(|one| one.key.plural == "deployments" && one.user.contains("ceo-bot") && one.took_effect());
    assert_eq!(ours.count(), 1);
    let mention = format!("<@{}>", IDS.operator);
    let news = || async {
        let all = world.discord.messages(IDS.ops);
        Ok(all
            .into_iter()
            .find(|message| message.content.starts_with(&mention)))
    };
    world.discord.mark_read(until(PATIENCE, news).await?.id);
    world.finish().await
}
