//! Does `logs follow:true` show what comes, through rollouts, cuts and silence, and does it end?

use anyhow::Context;
use ceo_tests::{
    discord::Message,
    kube::faults::Effect,
    world::{IDS, PATIENCE, Setup, World, until},
};
use k8s_openapi::api::core::v1::Pod;
use kube::api::DeleteParams;

use crate::{block, says, says_not};

fn quick() -> Setup {
    Setup::default().timing("live_every", "50ms")
}

/// The message of a view once it says all of this.
async fn shows(world: &World, view: u64, words: &[&str]) -> anyhow::Result<Message> {
    let look = || async {
        let message = world.discord.message(view);
        Ok(message.filter(|m| words.iter().all(|word| m.text().contains(word))))
    };
    let found = until(PATIENCE, look).await;
    found.with_context(|| {
        let now = world.discord.message(view).map(|m| m.text()).unwrap_or_default();
        format!("it never says {words:?}; it says:\n{now}")
    })
}

/// The message of a view once it fits.
async fn fits(world: &World, view: u64, fits: impl Fn(&Message) -> bool) -> anyhow::Result<Message> {
    let look = || async { Ok(world.discord.message(view).filter(&fits)) };
    let found = until(PATIENCE, look).await;
    found.with_context(|| {
        let now = world.discord.message(view).map(|m| m.text()).unwrap_or_default();
        format!("it never fits; it says:\n{now}")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_come_and_stop_ends_it() -> anyhow::Result<()> {
    let world = World::with(quick()).await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let view = world
        .ask(
            &operator,
            &format!("/ceo logs workload:deployment/{app} follow:true"),
        )
        .await?;
    assert!(view.is_ephemeral());
    says(&view, &[&format!("Logs of deployment/{app}"), "lines/s"]);
    shows(&world, view.id, &["level=info"]).await?;
    if let Ok(sim) = world.cluster.sim() {
        sim.append_log(
            world.cluster.namespace(),
            &format!("{app}-*"),
            "api",
            "hello from now",
        );
        shows(&world, view.id, &["hello from now"]).await?;
    }
    assert_eq!(view.labels(), ["Stop"]);
    operator.press(view.id, "Stop").await?;
    let ended = shows(&world, view.id, &["stopped"]).await?;
    says(&ended, &["level=info"]);
    let ended = fits(&world, view.id, |m| !m.labels().contains(&"Stop".to_owned())).await?;
    assert!(ended.is_ephemeral());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn new_pods_join_and_old_ones_leave() -> anyhow::Result<()> {
    let world = World::with(quick()).await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let old = world.cluster.pods(&app).await?;
    let view = world
        .ask(
            &operator,
            &format!("/ceo logs workload:deployment/{app} follow:true tail:1"),
        )
        .await?;
    shows(&world, view.id, &["level=info"]).await?;
    world
        .cluster
        .set_image("deployment", &app, world.cluster.draw.new)
        .await?;
    world.cluster.rolled_out(&app).await?;
    let gone = |pod: &Pod| pod.metadata.name.clone().unwrap_or_default();
    let old: Vec<String> = old.iter().map(gone).collect();
    let mut new: Vec<String> = world.cluster.pods(&app).await?.iter().map(gone).collect();
    new.retain(|name| !old.contains(name));
    let version = world
        .cluster
        .draw
        .new
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .to_owned();
    // Each new pod's lines are there under its mark, of the new version, from its first line on.
    for pod in &new {
        let mark = pod.rsplit('-').next().unwrap_or_default().to_owned();
        fits(&world, view.id, |m| {
            let lines = block(m);
            lines.iter().any(|l| l.starts_with(&mark) && l.contains(&version))
        })
        .await
        .with_context(|| format!("pod {pod}"))?;
    }
    shows(&world, view.id, &[&format!("{} pods ended", old.len())]).await?;
    operator.press(view.id, "Stop").await?;
    shows(&world, view.id, &["stopped"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_cut_goes_on_without_loss_or_doubling() -> anyhow::Result<()> {
    let world = World::with(quick()).await?;
    world
        .cluster
        .deploy_as("chatty", 1, world.cluster.draw.old)
        .await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace().to_owned());
    // Every stream for a while is cut after a few lines.
    sim.faults().inject(
        "GET",
        "/pods/chatty-.*/log.*follow=true",
        12,
        Effect::CutStream(2_000),
    )?;
    let operator = world.operator();
    let view = world
        .ask(
            &operator,
            "/ceo logs workload:chatty follow:true grep:\"^number\"",
        )
        .await?;
    let mut all = 0_u64;
    let log = || {
        for _ in 0..5 {
            sim.append_log(&space, "chatty-*", "api", format!("number {all}"));
            all += 1;
        }
        let met = sim.faults().waiting() == 0;
        async move { Ok(met.then_some(())) }
    };
    until(PATIENCE, log).await?;
    sim.append_log(&space, "chatty-*", "api", format!("number {all}"));
    let last = format!("number {all}");
    let seen = fits(&world, view.id, |m| {
        block(m).last().is_some_and(|line| line.ends_with(&last))
    })
    .await?;
    // The line with which the container began does not match.
    says(&seen, &["cut and resumed", &format!(" {} of ", grouped(all + 1))]);
    let numbers: Vec<u64> = block(&seen)
        .iter()
        .filter_map(|line| line.rsplit(' ').next()?.parse().ok())
        .collect();
    let first = numbers.first().copied().context("no numbers")?;
    assert_eq!(numbers, (first..=all).collect::<Vec<u64>>());
    operator.press(view.id, "Stop").await?;
    shows(&world, view.id, &["stopped"]).await?;
    world.finish().await
}

fn grouped(n: u64) -> String {
    if n < 1000 {
        n.to_string()
    } else {
        format!("{},{:03}", n / 1000, n % 1000)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_disappears_ends_it() -> anyhow::Result<()> {
    let world = World::with(quick()).await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let pods = world.cluster.pods(&app).await?;
    let pod = pods
        .first()
        .and_then(|p| p.metadata.name.clone())
        .context("no pod")?;
    let view = world
        .ask(&operator, &format!("/ceo logs workload:pod/{pod} follow:true"))
        .await?;
    shows(&world, view.id, &["level=info"]).await?;
    world
        .cluster
        .api::<Pod>()
        .delete(&pod, &DeleteParams::default())
        .await?;
    let ended = shows(&world, view.id, &["is gone"]).await?;
    says_not(&ended, &["lines/s"]);
    let ended = fits(&world, view.id, |m| !m.labels().contains(&"Stop".to_owned())).await?;
    assert!(ended.labels().contains(&"Follow again".to_owned()));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_log_is_waited_for() -> anyhow::Result<()> {
    let world = World::with(quick()).await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let asked = format!("/ceo logs workload:deployment/{app} follow:true grep:nothing-says-this");
    let view = world.ask(&operator, &asked).await?;
    shows(&world, view.id, &["Nothing logged so far", "0 of"]).await?;
    if let Ok(sim) = world.cluster.sim() {
        let space = world.cluster.namespace();
        sim.append_log(space, &format!("{app}-*"), "api", "but now nothing-says-this");
        shows(&world, view.id, &["but now nothing-says-this"]).await?;
    }
    operator.press(view.id, "Stop").await?;
    shows(&world, view.id, &["stopped"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_view_is_stopped_by_its_owner_and_pauses_in_time() -> anyhow::Result<()> {
    let world = World::with(quick().timing("live_for", "3s")).await?;
    let app = world.cluster.deploy().await?;
    let (operator, lead) = (world.operator(), world.lead());
    let asked = format!("/ceo logs workload:deployment/{app} follow:true share:true");
    let view = world.ask(&operator, &asked).await?;
    assert!(!view.is_ephemeral(), "it was shared");
    let refused = world.press(&lead, view.id, "Stop").await?;
    assert!(refused.is_ephemeral());
    says(&refused, &[&format!("<@{}>", IDS.operator)]);
    let paused = shows(&world, view.id, &["paused"]).await?;
    assert!(
        paused.labels().contains(&"Continue".to_owned()),
        "{:?}",
        paused.labels()
    );
    let on = world.press(&operator, view.id, "Continue").await?;
    says(&on, &["lines/s"]);
    operator.press(on.id, "Stop").await?;
    shows(&world, on.id, &["stopped"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_a_view_says_that_it_ended_and_can_begin_again() -> anyhow::Result<()> {
    let mut world = World::with(quick()).await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let ask = format!("/ceo logs workload:deployment/{app} follow:true");
    let view = world.ask(&operator, &ask).await?;
    shows(&world, view.id, &["level=info"]).await?;
    world.bot.kill().await?;
    world.bot.start().await?;
    world.ready().await?;
    let ended = shows(&world, view.id, &["This view ended", "level=info"]).await?;
    assert_eq!(ended.labels(), ["Follow"]);
    let again = world.press(&operator, view.id, "Follow").await?;
    shows(&world, again.id, &["level=info", "lines/s"]).await?;
    operator.press(again.id, "Stop").await?;
    shows(&world, again.id, &["stopped"]).await?;
    world.finish().await
}
