//! Does every change write once and tell the truth, wherever the bot is killed? The points of death are found by a run that
//! nobody disturbs: before and after each of its writes, and in each of its waits. A new step is covered by itself, and a
//! new change has to say here how it is asked for. `CEO_WORKFLOW` names one of them, to play it alone.

use std::collections::BTreeSet;

use anyhow::Context;
use ceo_commands::ops::{Handler, catalogue};
use ceo_tests::{
    discord::Message,
    kube::faults::Effect,
    world::{BOT_USER, IDS, PATIENCE, Setup, World, until},
};
use futures::{StreamExt, TryStreamExt, future::BoxFuture, stream};
use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::json;

use crate::says_not;

/// How a change is asked for.
struct Scenario {
    /// The command.
    path: &'static str,
    /// What has to be there, beside an application of two revisions.
    before: fn(&World, String) -> BoxFuture<'_, anyhow::Result<()>>,
    /// What is typed, for that application; `$new` is an image.
    line: &'static str,
    /// What its message says at the end.
    done: &'static str,
}

/// Changes whose one write is no object that can be counted here, each with the test of its own.
const APART: [(&str, &str); 2] = [
    ("exec free", "exec::a_command_that_was_cut_off_is_not_sent_again"),
    ("exec probe", "health::a_probe_that_is_killed_leaves_no_pod"),
];

/// Worlds at a time.
const AT_ONCE: usize = 3;

fn nothing(_: &World, _: String) -> BoxFuture<'_, anyhow::Result<()>> {
    Box::pin(async { Ok(()) })
}

fn paused(world: &World, app: String) -> BoxFuture<'_, anyhow::Result<()>> {
    Box::pin(async move {
        let paused = json!({ "spec": { "paused": true } });
        world.cluster.merge(&app, paused).await?;
        world
            .cluster
            .set_image("deployment", &app, world.cluster.draw.old)
            .await
    })
}

fn scaled(world: &World, app: String) -> BoxFuture<'_, anyhow::Result<()>> {
    Box::pin(async move { world.cluster.autoscale(&app, 1, 9).await })
}

fn configured(world: &World, app: String) -> BoxFuture<'_, anyhow::Result<()>> {
    Box::pin(async move {
        let object = json!({ "metadata": { "name": app }, "data": { "LEVEL": "info" } });
        let maps = world.cluster.api::<ConfigMap>();
        maps.create(&Default::default(), &serde_json::from_value(object)?)
            .await?;
        Ok(())
    })
}

/// And changed once by the bot.
fn reconfigured(world: &World, app: String) -> BoxFuture<'_, anyhow::Result<()>> {
    Box::pin(async move {
        configured(world, app.clone()).await?;
        let line = format!("/ceo config set config:configmap/{app} key:LEVEL value:debug");
        world.ask(&world.operator(), &line).await?;
        agree(world).await?;
        world.ended("succeeded", 1).await
    })
}

fn scenarios() -> Vec<Scenario> {
    let of = |path, before, line, done| Scenario {
        path,
        before,
        line,
        done,
    };
    vec![
        of("scale", nothing, "workload:$app replicas:5", "Scaled"),
        of("restart", nothing, "workload:$app", "Restarted"),
        of("image", nothing, "workload:$app image:$old", "Changed"),
        of("rollback", nothing, "workload:$app", "Rolled back"),
        of("rollout pause", nothing, "workload:$app", "Paused the rollout"),
        of("rollout resume", paused, "workload:$app", "went on to its end"),
        of(
            "tune resources",
            nothing,
            "workload:$app memory_limit:96Mi",
            "Changed the resources",
        ),
        of("tune hpa", scaled, "workload:$app max:7", "Changed hpa/"),
        of(
            "config set",
            configured,
            "config:configmap/$app key:LEVEL value:debug",
            "Set LEVEL",
        ),
        of("config undo", reconfigured, "config:configmap/$app", "Set LEVEL"),
    ]
}

/// A write of the bot: `("patch", "deployments")`.
type Write = (String, String);

/// Where the bot dies.
#[derive(Debug, Clone, PartialEq)]
enum Death {
    /// At the nth of its writes of one kind, before or after its effect.
    AtWrite(Write, usize, Effect),
    /// While it follows what it wrote.
    Waiting,
}

/// The writes that took effect since so many.
fn writes(world: &World, since: usize) -> anyhow::Result<Vec<Write>> {
    let all = world.cluster.sim()?.mutations();
    let ours = all
        .iter()
        .filter(|m| m.user == BOT_USER && m.took_effect() && !m.key.plural.ends_with("reviews"));
    Ok(ours
        .skip(since)
        .map(|m| (m.verb.clone(), m.key.plural.clone()))
        .collect())
}

/// Says yes, as whoever is asked.
async fn agree(world: &World) -> anyhow::Result<()> {
    let asked = |label: &'static str| {
        let all = world.discord.messages(IDS.ops).into_iter().rev();
        let mut open = all.filter(|m| m.labels().iter().any(|l| l == label));
        open.next().map(|m| (m, label))
    };
    let either = || async { Ok(asked("Confirm").or_else(|| asked("Approve"))) };
    let (card, label): (Message, &str) = until(PATIENCE, either).await?;
    let who = if label == "Confirm" {
        world.operator()
    } else {
        world.lead()
    };
    // The answer may die with the bot.
    who.press(card.id, label).await?;
    Ok(())
}

/// Plays a scenario, with a death in it or without, and gives the bot's writes.
async fn play(scenario: &Scenario, death: Option<&Death>) -> anyhow::Result<Vec<Write>> {
    let setup = Setup::default().timing("cluster_timeout", "3s");
    let mut world = World::with(setup).await?;
    let app = world.cluster.deploy_two_revisions().await?;
    (scenario.before)(&world, app.clone()).await?;
    let tickets = world.tickets().await?.len();
    let before = writes(&world, 0)?.len();
    let words = scenario
        .line
        .replace("$app", &app)
        .replace("$old", world.cluster.draw.old);
    let line = format!("/ceo {} {words}", scenario.path);
    until(PATIENCE, || async {
        world.ask(&world.operator(), &line).await?;
        Ok((world.tickets().await?.len() > tickets).then_some(()))
    })
    .await?;
    if let Some(death) = death {
        die(&mut world, &app, death, before).await?;
    } else {
        agree(&world).await?;
    }
    world.ended("succeeded", tickets + 1).await?;
    world.told(IDS.ops, &[scenario.done]).await?;
    // The Event on the object comes after the end.
    let at_the_end = || async {
        let writes = writes(&world, before)?;
        let told = writes.iter().any(|(_, plural)| plural == "events");
        Ok(told.then_some(writes))
    };
    let written = until(PATIENCE, at_the_end).await?;
    // The asker hears of it, in their own note or where the process that wrote that is gone in a reply.
    let heard = || async {
        let all = world.discord.messages(IDS.ops);
        let done = all.iter().filter(|m| m.text().contains("Done: ")).count();
        Ok((done > tickets).then_some(()))
    };
    until(PATIENCE, heard).await?;
    for message in world.discord.messages(IDS.ops) {
        says_not(
            &message,
            &["Nothing was done", "Not run", "is not known", "Failed"],
        );
        world.discord.mark_read(message.id);
    }
    world.finish().await?;
    Ok(written)
}

/// Agrees, and kills the bot where it is to die, and starts it again.
async fn die(world: &mut World, app: &str, death: &Death, before: usize) -> anyhow::Result<()> {
    let (space, pods) = (world.cluster.namespace().to_owned(), format!("{app}*"));
    match death {
        Death::AtWrite((verb, plural), nth, effect) => {
            let faults = world.cluster.sim()?.faults();
            let method = if verb == "create" { "POST" } else { verb };
            let path = format!("/{plural}[/?]|/{plural}$");
            if *nth > 0 {
                faults.inject(method, &path, *nth, Effect::Delay(std::time::Duration::ZERO))?;
            }
            faults.inject(method, &path, 1, effect.clone())?;
        }
        Death::Waiting => world.cluster.sim()?.hold_readiness(&space, &pods, 0),
    }
    agree(world).await?;
    until(PATIENCE, || async {
        let there = match death {
            Death::AtWrite(..) => world.cluster.sim()?.faults().waiting() == 0,
            Death::Waiting => !writes(world, before)?.is_empty(),
        };
        Ok(there.then_some(()))
    })
    .await?;
    if let Death::AtWrite(write, _, Effect::AppliedThenHang) = death {
        until(PATIENCE, || async {
            Ok(writes(world, before)?.contains(write).then_some(()))
        })
        .await?;
    }
    world.bot.kill().await?;
    if *death == Death::Waiting {
        world.cluster.sim()?.release_readiness(&space, &pods);
    }
    world.bot.start().await?;
    world.ready().await
}

/// Every point at which a scenario can die, of the writes of its undisturbed run and its steps.
fn deaths(scenario: &Scenario, written: &[Write]) -> anyhow::Result<Vec<Death>> {
    let mut deaths = Vec::new();
    for (at, write) in written.iter().enumerate() {
        let nth = written[..at].iter().filter(|other| *other == write).count();
        for effect in [Effect::Hang, Effect::AppliedThenHang] {
            deaths.push(Death::AtWrite(write.clone(), nth, effect));
        }
    }
    let entry = catalogue::find(scenario.path).context("a command")?;
    let Handler::Change(change) = &entry.handler else {
        anyhow::bail!("{} changes nothing", scenario.path);
    };
    if change.steps().contains(&"follow") {
        deaths.push(Death::Waiting);
    }
    Ok(deaths)
}

#[test]
fn every_change_says_how_it_is_asked_for() {
    let is_change = |entry: &&ceo_commands::ops::Entry| matches!(entry.handler, Handler::Change(_));
    let all: BTreeSet<&str> = catalogue::all()
        .iter()
        .filter(is_change)
        .map(|entry| entry.spec.path)
        .collect();
    let apart = APART.iter().map(|(path, _)| *path);
    let told: BTreeSet<&str> = scenarios().iter().map(|s| s.path).chain(apart).collect();
    assert_eq!(all, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_writes_once_wherever_the_bot_is_killed() -> anyhow::Result<()> {
    if std::env::var_os("CEO_TEST_KUBECONFIG").is_some() {
        // When a cluster hangs is what all of this is about.
        return Ok(());
    }
    let only = std::env::var("CEO_WORKFLOW").ok();
    let mut scenarios = scenarios();
    scenarios.retain(|scenario| only.as_deref().is_none_or(|only| only == scenario.path));
    let undisturbed: Vec<Vec<Write>> = stream::iter(&scenarios)
        .map(|scenario| async move {
            let played = play(scenario, None).await;
            played.with_context(|| format!("{}, undisturbed", scenario.path))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut points = Vec::new();
    for (scenario, written) in scenarios.iter().zip(&undisturbed) {
        for death in deaths(scenario, written)? {
            points.push((scenario, written, death));
        }
    }
    println!("{} points of {} changes", points.len(), scenarios.len());
    stream::iter(points)
        .map(|(scenario, written, death)| async move {
            let again = play(scenario, Some(&death)).await;
            let mut again = again.with_context(|| format!("{}, killed {death:?}", scenario.path))?;
            let mut once = written.clone();
            once.sort();
            again.sort();
            anyhow::ensure!(again == once, "{}, killed {death:?}: {again:?}", scenario.path);
            Ok(())
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}
