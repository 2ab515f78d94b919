//! Memory, processor and first answers with 10,000 pods in 1,000 Deployments.

use std::time::{Duration, Instant};

use anyhow::Context;
use ceo_tests::{
    kube::{fixtures::Load, key::Key},
    world::{IDS, World, until},
};
use serde_json::{Value, json};

use crate::measure::{Table, as_shipped, asked, idle_share, mib, ms, shell};

/// The load of the issue: two containers of twenty variables each.
const LOAD: Load = Load {
    pods: 10_000,
    each: 10,
    containers: 2,
    variables: 20,
};
/// Workloads that crash in the storm.
const CRASHING: usize = 200;
/// A slow machine fills ten thousand pods in this time, and far more.
const PATIENCE: Duration = Duration::from_secs(120);

/// The bot with one workload.
pub(crate) async fn idle() -> anyhow::Result<Table> {
    let mut table = Table::default();
    let world = World::with(as_shipped()).await?;
    world.cluster.deploy().await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    table.row("resident, one workload", mib(world.bot.memory()?.1), "<= 40 MiB");
    world.leave().await?;
    Ok(table)
}

/// The bot with all of the load, then while a fifth of it crashes.
pub(crate) async fn many() -> anyhow::Result<Table> {
    let mut table = Table::default();
    let mut world = World::before_the_bot(as_shipped()).await?;
    world.bot.env("RUST_LOG", "info");
    let space = world.cluster.namespace().to_owned();
    LOAD.put(world.cluster.sim()?, &space)?;

    let began = Instant::now();
    world.bot.start().await?;
    world.ready().await?;
    synced(&world).await?;
    table.row(
        "start to caches synced, as a command sees them",
        ms(began.elapsed()),
        "<= 2 s",
    );
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (peak, now) = world.bot.memory()?;
    table.row("resident, 10,000 pods watched", mib(now), "<= 80 MiB");
    table.row("at most until then", mib(peak), "");
    let share = idle_share(&world, Duration::from_secs(30)).await?;
    table.row(
        "processor while nothing happens",
        format!("{:.2} % of a core", share * 100.0),
        "<= 0.5 %",
    );

    status(&world, &mut table, &space).await?;
    let (peak, now) = world.bot.memory()?;
    table.row("resident after that", mib(now), "<= 80 MiB");
    table.row("at most until then", mib(peak), "");

    world.bot.forget_peak()?;
    crash(&world, &space)?;
    // Long enough for every incident to be told with its evidence, and for the pods to be looked at again and again.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let told = world.discord.messages(IDS.alerts).len();
    let (peak, now) = world.bot.memory()?;
    table.row("at most while 200 workloads crash", mib(peak), "<= 100 MiB");
    table.row("resident then", mib(now), "");
    table.row("messages that tell of it", told, "");
    world.leave().await?;
    Ok(table)
}

/// `status` of the namespace and of a workload, beside the lines that they replace.
async fn status(world: &World, table: &mut Table, space: &str) -> anyhow::Result<()> {
    // The first answer of a process opens its connections.
    asked(world, "/ceo status", 1).await?;
    let before = lists(world)?;
    let of_namespace = asked(world, "/ceo status", 21).await?;
    let of_workload = asked(world, "/ceo status workload:deployment/load-7", 21).await?;
    let more = lists(world)? - before;
    let kubectl = shell(
        world,
        &format!("kubectl -n {space} get deployments,statefulsets,daemonsets,pods,services,ingresses,hpa"),
    )
    .await?;
    table.row("status of the namespace", ms(of_namespace), "<= 50 ms");
    table.row(
        "the kubectl lines that it replaces",
        ms(kubectl),
        ">= 20 times as long",
    );
    let one = shell(
        world,
        &format!(
            "kubectl -n {space} get deployment load-7; kubectl -n {space} get pods -l app=load-7; \
             kubectl -n {space} rollout status deployment/load-7; kubectl -n {space} get endpointslices,ingresses,hpa; \
             kubectl -n {space} rollout history deployment/load-7"
        ),
    )
    .await?;
    table.row("status of a workload", ms(of_workload), "");
    table.row(
        "the kubectl lines that it replaces",
        ms(one),
        ">= 20 times as long",
    );
    table.row("LIST calls during status", more, "0");
    Ok(())
}

fn lists(world: &World) -> anyhow::Result<usize> {
    let counts = world.cluster.sim()?.request_counts();
    let of_bot = counts
        .iter()
        .filter(|((user, verb, _), _)| user.contains("ceo-bot") && verb == "list");
    Ok(of_bot.map(|(_, count)| count).sum())
}

/// Until a command knows every workload and every pod. That a watch was opened says nothing: its objects come after that.
async fn synced(world: &World) -> anyhow::Result<()> {
    let workloads = format!("{} workloads", LOAD.pods / LOAD.each);
    let all = || async {
        let answer = world.ask(&world.operator(), "/ceo status").await?;
        Ok(answer.text().replace(',', "").contains(&workloads).then_some(()))
    };
    until(PATIENCE, all).await.context("the caches")
}

/// Lets every pod of some workloads crash in a loop, as their kubelets would tell it.
fn crash(world: &World, space: &str) -> anyhow::Result<()> {
    let store = world.cluster.sim()?.store();
    world.cluster.sim()?.freeze(true);
    let (pods, _) = store.list("", "pods", Some(space));
    let crashing: Vec<String> = (0..CRASHING).map(|n| format!("load-{n}")).collect();
    for pod in pods {
        let app = pod["metadata"]["labels"]["app"].as_str().unwrap_or_default();
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        if crashing.iter().any(|one| one == app) {
            store.update(&Key::namespaced("", "pods", space, name), crash_status)?;
        }
    }
    Ok(())
}

fn crash_status(pod: &mut Value) {
    let now = jiff::Timestamp::now();
    let second = |back: i64| {
        json!(
            jiff::Timestamp::from_second(now.as_second() - back)
                .unwrap_or(now)
                .to_string()
        )
    };
    for condition in pod["status"]["conditions"].as_array_mut().into_iter().flatten() {
        if condition["type"] == "Ready" || condition["type"] == "ContainersReady" {
            condition["status"] = json!("False");
            condition["reason"] = json!("ContainersNotReady");
            condition["message"] = json!("containers with unready status: [api]");
        }
    }
    let container = &mut pod["status"]["containerStatuses"][0];
    container["ready"] = json!(false);
    container["started"] = json!(false);
    container["restartCount"] = json!(6);
    container["state"] = json!({"waiting": {"reason": "CrashLoopBackOff",
        "message": "back-off 5m0s restarting failed container=api pod=load"}});
    container["lastState"] = json!({"terminated": {"exitCode": 3, "reason": "Error", "startedAt": second(9),
        "finishedAt": second(5), "containerID": "containerd://1"}});
}
