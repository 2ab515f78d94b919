//! Do `/ceo rollout status, history, pause and resume` what kubectl does, and say only what was so?

use anyhow::Context;
use ceo_tests::{
    discord::Message,
    world::{IDS, PATIENCE, Setup, World, until},
};

use crate::{says, says_not};

fn quick() -> Setup {
    Setup::default().timing("live_every", "50ms")
}

/// The message once it fits.
async fn fits(world: &World, view: u64, fits: impl Fn(&Message) -> bool) -> anyhow::Result<Message> {
    let look = || async { Ok(world.discord.message(view).filter(&fits)) };
    let found = until(PATIENCE, look).await;
    found.with_context(|| {
        let now = world.discord.message(view).map(|m| m.text()).unwrap_or_default();
        format!("it never fits; it says:\n{now}")
    })
}

/// The message once it says all of this.
async fn shows(world: &World, view: u64, words: &[&str]) -> anyhow::Result<Message> {
    let found = fits(world, view, |m| words.iter().all(|word| m.text().contains(word))).await;
    found.with_context(|| format!("{words:?}"))
}

fn stopped(message: &Message) -> bool {
    !message.labels().iter().any(|label| label == "Stop")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_somebody_else_began_is_followed_to_its_end() -> anyhow::Result<()> {
    let world = World::with(quick()).await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let (space, pods) = (world.cluster.namespace().to_owned(), format!("{app}*"));
    let new = world.cluster.draw.new;
    let line = format!("/ceo rollout status workload:deployment/{app}");
    let done = world.ask(&world.viewer(), &line).await?;
    let done = fits(&world, done.id, stopped).await?;
    says(&done, &["is healthy"]);
    says_not(&done, &["followed for"]);

    world.cluster.sim()?.hold_readiness(&space, &pods, 0);
    world
        .cluster
        .set_image("deployment", &app, world.cluster.draw.new)
        .await?;
    let view = world.ask(&world.viewer(), &line).await?;
    let going = shows(&world, view.id, &["is rolling out", new, "Last change"]).await?;
    says_not(&going, &["is healthy", "followed for"]);
    assert!(!stopped(&going), "it goes on");
    world.cluster.sim()?.release_readiness(&space, &pods);
    let end = fits(&world, view.id, stopped).await?;
    says(&end, &["is healthy", new]);
    world.cluster.rolled_out(&app).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_of_what_is_deleted_ends_with_that() -> anyhow::Result<()> {
    let world = World::with(quick()).await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let (space, pods) = (world.cluster.namespace().to_owned(), format!("{app}*"));
    world.cluster.sim()?.hold_readiness(&space, &pods, 0);
    world
        .cluster
        .set_image("deployment", &app, world.cluster.draw.new)
        .await?;
    let line = format!("/ceo rollout status workload:deployment/{app}");
    let view = world.ask(&world.viewer(), &line).await?;
    shows(&world, view.id, &["is rolling out"]).await?;
    let api = world.cluster.api::<k8s_openapi::api::apps::v1::Deployment>();
    api.delete(&app, &kube::api::DeleteParams::default()).await?;
    let end = fits(&world, view.id, stopped).await?;
    says(&end, &[&format!("deployment/{app} is gone")]);
    says_not(&end, &["healthy"]);
    let gone = world.ask(&world.viewer(), &line).await?;
    says(&gone, &[&app]);
    says_not(&gone, &["healthy", "rolling out"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_says_what_runs_and_what_worked() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let line = format!("/ceo rollout history workload:deployment/{app}");
    let look = || async {
        let told = world.ask(&world.viewer(), &line).await?;
        // That the present one works is noted by the watch.
        Ok(told.text().contains(" · worked").then_some(told))
    };
    let told = until(PATIENCE, look).await?;
    says(
        &told,
        &[&format!("deployment/{app}: 2 revisions"), "asked for now"],
    );
    let text = told.text();
    let (two, one) = (text.find("**2**"), text.find("**1**"));
    assert!(two.is_some() && two < one, "the newest is first:\n{text}");

    let compared = world.ask(&world.viewer(), &format!("{line} revision:1")).await?;
    says(
        &compared,
        &[
            "revision 1 beside what is asked for now",
            "is that revision",
            "image",
        ],
    );
    let same = world.ask(&world.viewer(), &format!("{line} revision:2")).await?;
    says(&same, &["It is the template that is asked for now."]);
    let none = world.ask(&world.viewer(), &format!("{line} revision:7")).await?;
    says(&none, &["no revision 7", "1, 2"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_holds_the_next_template_and_resume_rolls_it_out() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let (before, new) = (world.cluster.image(&app).await?, world.cluster.draw.new);
    let operator = world.operator();
    let pause = format!("/ceo rollout pause workload:deployment/{app}");
    let resume = format!("/ceo rollout resume workload:deployment/{app}");

    let early = world.ask(&operator, &resume).await?;
    says(&early, &["is not paused"]);
    let card = world.ask(&operator, &pause).await?;
    says(
        &card,
        &[
            &format!("Pause the rollout of deployment/{app}?"),
            "no rollout goes on",
            "makes no pods until it is resumed",
        ],
    );
    world.press(&operator, card.id, "Confirm").await?;
    let paused = world
        .told(IDS.ops, &[&format!("Paused the rollout of deployment/{app}")])
        .await?;
    says(&paused, &["stays so until somebody resumes it"]);
    assert!(paused.labels().iter().any(|label| label == "Resume"));
    let spec = world.cluster.deployment(&app).await?.spec.context("a spec")?;
    assert_eq!(spec.paused, Some(true));
    let again = world.ask(&operator, &pause).await?;
    says(&again, &["is paused already"]);

    world
        .cluster
        .set_image("deployment", &app, world.cluster.draw.new)
        .await?;
    let card = until(PATIENCE, || async {
        let card = world.ask(&operator, &resume).await?;
        Ok(card.text().contains(new).then_some(card))
    })
    .await?;
    says(&card, &["Resume the rollout", "replaced, at least", &before, new]);
    let running = world.cluster.pods(&app).await?;
    let images = running
        .iter()
        .filter_map(|pod| pod.spec.as_ref()?.containers[0].image.clone());
    for image in images {
        assert_eq!(image, before, "the pause held it");
    }
    world.press(&operator, card.id, "Confirm").await?;
    world
        .told(
            IDS.ops,
            &[&format!("The rollout of deployment/{app} went on to its end")],
        )
        .await?;
    world.cluster.rolled_out(&app).await?;
    let spec = world.cluster.deployment(&app).await?.spec.context("a spec")?;
    assert_ne!(spec.paused, Some(true));
    for message in world.discord.messages(IDS.ops) {
        world.discord.mark_read(message.id);
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_deployments_have_the_switch_and_viewers_may_not_use_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    world
        .cluster
        .stateful(&format!("{app}-db"), 1, world.cluster.draw.old)
        .await?;
    for verb in ["pause", "resume"] {
        let line = format!("/ceo rollout {verb} workload:statefulset/{app}-db");
        let refused = world.ask(&world.operator(), &line).await?;
        says(&refused, &["Kubernetes pauses Deployments only", "partition"]);
        let line = format!("/ceo rollout {verb} workload:deployment/{app}");
        let refused = world.ask(&world.viewer(), &line).await?;
        says(&refused, &["You may not"]);
    }
    let spec = world.cluster.deployment(&app).await?.spec.context("a spec")?;
    assert_ne!(spec.paused, Some(true));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_that_is_killed_is_written_once_and_told_to_its_end() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let (space, pods) = (world.cluster.namespace().to_owned(), format!("{app}*"));
    let paused = serde_json::json!({ "spec": { "paused": true } });
    world.cluster.merge(&app, paused).await?;
    world
        .cluster
        .set_image("deployment", &app, world.cluster.draw.new)
        .await?;
    world.cluster.sim()?.hold_readiness(&space, &pods, 0);
    let operator = world.operator();
    let line = format!("/ceo rollout resume workload:deployment/{app}");
    let card = world.ask(&operator, &line).await?;
    world.press(&operator, card.id, "Confirm").await?;
    world
        .told(IDS.ops, &["Going on with the rollout", "new pods ready"])
        .await?;
    world.bot.kill().await?;
    world.cluster.sim()?.release_readiness(&space, &pods);
    world.bot.start().await?;
    world.ready().await?;
    world
        .told(
            IDS.ops,
            &[&format!("The rollout of deployment/{app} went on to its end")],
        )
        .await?;
    let writes = world.cluster.sim()?.mutations();
    let ours = writes
        .iter()
        .filter(|one| one.key.plural == "deployments" && one.user.contains("ceo-bot") && one.took_effect());
    assert_eq!(ours.count(), 1);
    for message in world.discord.messages(IDS.ops) {
        world.discord.mark_read(message.id);
    }
    world.finish().await
}
