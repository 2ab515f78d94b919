//! Is one trouble one message, through restarts, outages, pauses between crashes and people who want silence?

use std::time::Duration;

use anyhow::Context;
use ceo_tests::{
    discord::Message,
    kube::faults::Effect,
    world::{IDS, PATIENCE, Setup, World, until},
};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod};
use kube::{
    Api,
    api::{DeleteParams, PostParams},
};
use serde_json::json;

use super::{CRASH, becomes, change, mend, only_one, run, world};
use crate::{says, says_not};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_twice_and_what_ended_meanwhile_is_told_as_ended() -> anyhow::Result<()> {
    let (mut world, app) = world().await?;
    run(&world, &app, CRASH).await?;
    let told = world.told(IDS.alerts, &["containers crash"]).await?;
    becomes(&world, told.id, &["FATAL"]).await?;
    // The back-off of a real node doubles; there one restart must do.
    let times = if world.cluster.is_real() { 1 } else { 2 };
    for _ in 0..times {
        world.bot.kill().await?;
        world.bot.start().await?;
        world.ready().await?;
        // It looks again: the next crash is on the message.
        let before = world.discord.message(told.id).map(|m| m.revisions.len());
        let look = || async {
            let now = world.discord.message(told.id).map(|m| m.revisions.len());
            Ok((now > before).then_some(()))
        };
        until(PATIENCE * 4, look).await?;
        only_one(&world);
    }
    world.bot.kill().await?;
    mend(&world, &app).await?;
    world.bot.start().await?;
    world.ready().await?;
    says(
        &becomes(&world, told.id, &["recovered"]).await?,
        &["crashed for", "by kubectl"],
    );
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_runs_for_a_moment_between_crashes_has_not_recovered() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    // Longer than a look, shorter than the settle time.
    run(&world, &app, "echo up; sleep 1; exit 4").await?;
    if !world.cluster.is_real() {
        let pods = format!("{app}-*");
        let sim = world.cluster.sim()?;
        sim.pods(world.cluster.namespace(), &pods)
            .exits_after(4, Duration::from_millis(900))
            .logs(&["up"]);
        run(&world, &app, "echo up; sleep 2; exit 4").await?;
    }
    let told = world
        .told(IDS.alerts, &["containers crash", "exit code 4"])
        .await?;
    // Several restarts later it is still the same, never told as over.
    let restarts = |message: &Message| {
        let text = message.text();
        let at = text.find(" restarts").unwrap_or(0);
        text[..at]
            .rsplit([' ', ','])
            .next()
            .and_then(|n| n.parse::<u32>().ok())
            .unwrap_or(0)
    };
    let look = || async {
        let now = world.discord.message(told.id);
        Ok(now.filter(|m| restarts(m) >= 3))
    };
    let later = until(PATIENCE * 3, look).await?;
    for revision in &later.revisions {
        assert!(!format!("{revision:?}").contains("recovered"), "{revision:?}");
    }
    says_not(&later, &["came back"]);
    if !world.cluster.is_real() {
        let sim = world.cluster.sim()?;
        sim.pods(world.cluster.namespace(), &format!("{app}-*")).works();
    }
    mend(&world, &app).await?;
    becomes(&world, told.id, &["recovered"]).await?;
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_soon_is_told_anew_with_a_link_to_the_old_message() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    let bad = "docker.io/local/api:v9.9.9";
    world.cluster.set_image("deployment", &app, bad).await?;
    let told = world.told(IDS.alerts, &["an image cannot be pulled"]).await?;
    let good = world.cluster.draw.old;
    world.cluster.set_image("deployment", &app, good).await?;
    becomes(&world, told.id, &["recovered"]).await?;
    world.cluster.set_image("deployment", &app, bad).await?;
    let old = format!("/{}/{}", IDS.alerts, told.id);
    let again = world
        .told(IDS.alerts, &["an image cannot be pulled", "It came back", &old])
        .await?;
    assert_ne!(again.id, told.id);
    world.cluster.set_image("deployment", &app, good).await?;
    becomes(&world, again.id, &["recovered", "came back once"]).await?;
    says_not(&becomes(&world, told.id, &["recovered"]).await?, &["came back"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_leaves_the_message_alone_until_the_end_and_notes_need_a_grant() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    run(&world, &app, CRASH).await?;
    let told = world.told(IDS.alerts, &["containers crash"]).await?;
    let denied = world.press(&world.viewer(), told.id, "Ack").await?;
    says(&denied, &["You may not", &format!("<@&{}>", IDS.operator_role)]);
    let answer = world.press(&world.operator(), told.id, "Silence 1 h").await?;
    says(&answer, &["Silenced", "The record goes on"]);
    let silent = becomes(&world, told.id, &["Silenced", &format!("by <@{}>", IDS.operator)]).await?;
    assert!(!silent.labels().contains(&"Silence 1 h".to_owned()));
    let restarts = |pods: &[Pod]| -> i32 {
        pods.iter()
            .flat_map(|p| {
                p.status
                    .iter()
                    .flat_map(|s| s.container_statuses.iter().flatten())
            })
            .map(|c| c.restart_count)
            .sum()
    };
    let before = restarts(&world.cluster.pods(&app).await?);
    let look = || async {
        let now = restarts(&world.cluster.pods(&app).await?);
        Ok((now >= before + 2).then_some(()))
    };
    until(PATIENCE * 2, look).await?;
    // A person's note is shown even so, and it comes after whatever the crashes would have brought.
    world.press(&world.operator(), told.id, "Ack").await?;
    let acked = becomes(&world, told.id, &["Acked"]).await?;
    assert_eq!(
        acked.revisions.len(),
        silent.revisions.len() + 1,
        "nothing in between"
    );
    says(
        &world.press(&world.lead(), told.id, "Status").await?,
        &["Open incidents", "containers crash"],
    );
    mend(&world, &app).await?;
    becomes(&world, told.id, &["recovered"]).await?;
    let audit = world.ask(&world.operator(), "/ceo audit").await?;
    says(&audit, &["silence", "ack"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_the_cluster_is_told_and_ends_nothing_and_its_end_is_believed_at_once()
-> anyhow::Result<()> {
    let (mut world, app) = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    world.expect_error("cluster");
    run(&world, &app, CRASH).await?;
    let told = world.told(IDS.alerts, &["containers crash"]).await?;
    world.cluster.sim()?.faults().down(true);
    let status = format!("/ceo status workload:deployment/{app}");
    let noticed = || async {
        let answer = world.ask(&world.operator(), &status).await?;
        Ok(answer.text().contains("did not answer").then_some(()))
    };
    until(PATIENCE, noticed).await.context("status does not notice")?;
    let silent = world
        .told(IDS.alerts, &["cluster/prod: the API server does not answer"])
        .await?;
    // The time is what this is about: longer than what settles a problem of which nothing is seen.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let before = world.discord.message(told.id).map(|m| m.revisions.len());
    world.cluster.sim()?.faults().down(false);
    // The very next command tries it, however long the watches would wait.
    let answer = world.ask(&world.operator(), &status).await?;
    says_not(&answer, &["did not answer"]);
    let goes_on = || async {
        let now = world.discord.message(told.id);
        Ok(now.filter(|m| Some(m.revisions.len()) > before))
    };
    let later = until(PATIENCE, goes_on)
        .await
        .context("the incident does not go on")?;
    says(&later, &["containers crash"]);
    assert!(!format!("{:?}", later.revisions).contains("recovered"));
    mend(&world, &app).await?;
    becomes(&world, told.id, &["recovered"]).await?;
    becomes(&world, silent.id, &["recovered", "did not answer for"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_that_takes_requests_and_never_answers_is_told_and_believed_at_once_when_it_does()
-> anyhow::Result<()> {
    let setup = Setup::with_quick_incidents().timing("cluster_timeout", "300ms");
    let mut world = World::with(setup).await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let app = world.cluster.deploy().await?;
    world.expect_error("cluster");
    let faults = world.cluster.sim()?.faults();
    faults.inject("*", ".*", usize::MAX, Effect::Hang)?;
    let silent = world
        .told(IDS.alerts, &["cluster/prod: the API server does not answer"])
        .await?;
    world.cluster.sim()?.faults().clear();
    let status = format!("/ceo status workload:deployment/{app}");
    let answer = world.ask(&world.operator(), &status).await?;
    says(&answer, &["is healthy"]);
    becomes(&world, silent.id, &["recovered", "did not answer for"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_to_last_is_looked_at_when_it_has_even_if_nothing_changes() -> anyhow::Result<()> {
    // Between two looks lies more than anybody waits here.
    let setup = Setup::with_quick_incidents()
        .timing("incident_look_every", "10m")
        .timing("incident_settle", "20m")
        .timing("incident_patience", "2s");
    let world = World::with(setup).await?;
    let app = world.cluster.deploy().await?;
    change(&world, &app, json!({"resources": {"requests": {"cpu": "640"}}})).await?;
    world.told(IDS.alerts, &["pods fit on no node"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_it_lasted_outlives_a_restart_and_the_end_is_seen_for_a_while_first() -> anyhow::Result<()> {
    let (mut world, app) = world().await?;
    // Nothing about this changes while it lasts, so nothing but its age is worth storing.
    change(&world, &app, json!({"resources": {"requests": {"cpu": "640"}}})).await?;
    let told = world.told(IDS.alerts, &["pods fit on no node"]).await?;
    // The time is what this is about.
    tokio::time::sleep(Duration::from_secs(8)).await;
    world.bot.kill().await?;
    world
        .cluster
        .merge(&app, json!({"spec": {"replicas": 0}}))
        .await?;
    world.bot.start().await?;
    world.ready().await?;
    let ready = std::time::Instant::now();
    let over = becomes(&world, told.id, &["recovered"]).await?;
    assert!(
        ready.elapsed() > Duration::from_secs(2),
        "closed at its first look"
    );
    let text = over.text();
    let length = text
        .split("fit on no node for ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .and_then(|n| n.parse::<u32>().ok())
        .with_context(|| format!("no length in:\n{text}"))?;
    assert!(
        (5..60).contains(&length),
        "it lasted for about eight seconds, not {length}"
    );
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_leaves_the_settings_takes_its_incidents_along() -> anyhow::Result<()> {
    let (mut world, app) = world().await?;
    run(&world, &app, CRASH).await?;
    let told = world.told(IDS.alerts, &["containers crash"]).await?;
    world.bot.kill().await?;
    let file = world.dir().join("ceo.toml");
    let name = |name: &str| format!("[[clusters]]\nname = \"{name}\"");
    let settings = std::fs::read_to_string(&file)?;
    let renamed = settings.replacen(&name(world.cluster.name()), &name("elsewhere"), 1);
    anyhow::ensure!(renamed != settings, "the cluster is not named there");
    std::fs::write(&file, renamed)?;
    world.bot.start().await?;
    let over = becomes(&world, told.id, &[&format!("deployment/{app}: over")]).await?;
    says(
        &over,
        &["ended by the settings: this cluster is not watched any more"],
    );
    // It is the same cluster under another name.
    world.told(IDS.alerts, &["containers crash", "elsewhere"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_claims_an_owner_speaks_in_nobodys_name() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    let pods: Api<Pod> = Api::namespaced(world.cluster.client.clone(), world.cluster.namespace());
    let deployment = world.cluster.api::<Deployment>().get(&app).await?;
    // Whoever may make a pod can write this. A Deployment has pods only by way of its ReplicaSets.
    let claim = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": app, "uid": deployment.metadata.uid,
        "controller": true});
    let pod = json!({
        "metadata": {"name": "stranger", "labels": {"app": "stranger"}, "ownerReferences": [claim]},
        "spec": {"containers": [{"name": "api", "image": "docker.io/local/api:v9.9.9"}]},
    });
    pods.create(&PostParams::default(), &serde_json::from_value(pod)?)
        .await?;
    let told = world.told(IDS.alerts, &["an image cannot be pulled"]).await?;
    says(&told, &["pod/stranger: an image cannot be pulled"]);
    says_not(&told, &[&app]);
    pods.delete("stranger", &DeleteParams::default()).await?;
    becomes(
        &world,
        told.id,
        &["pod/stranger: over", "ended by the removal of pod/stranger"],
    )
    .await?;
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_incident_whose_message_is_gone_is_posted_again_after_a_start() -> anyhow::Result<()> {
    let (mut world, app) = world().await?;
    // Nothing about this changes while it lasts.
    change(&world, &app, json!({"resources": {"requests": {"cpu": "640"}}})).await?;
    let told = world.told(IDS.alerts, &["pods fit on no node"]).await?;
    world.bot.kill().await?;
    world.discord.delete_message(told.id);
    world.bot.start().await?;
    world.ready().await?;
    let again = world.told(IDS.alerts, &["pods fit on no node"]).await?;
    assert_ne!(again.id, told.id);
    change(&world, &app, json!({"resources": {"requests": {"cpu": null}}})).await?;
    becomes(&world, again.id, &["recovered"]).await?;
    world.finish().await
}
