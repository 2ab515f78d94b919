//! "Break things": each entry is a small named function over the simulators. What it says is shown to the person.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::World;
use super::cluster::{self, CRASHING, GOOD, MISSING, NAMESPACE, NEWER, NODES};
use crate::discord::RestFault;

/// How long the cluster stays away.
const OUTAGE: Duration = Duration::from_secs(30);
/// How long Discord refuses messages.
const THROTTLE: Duration = Duration::from_secs(20);

type Done = BoxFuture<'static, anyhow::Result<String>>;

/// One entry of the menu.
pub(super) struct Entry {
    /// The heading under which it stands.
    pub(super) group: &'static str,
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) description: &'static str,
    pub(super) act: fn(Arc<World>) -> Done,
}

/// The menu, in the order in which it is shown.
#[rustfmt::skip] // a table
pub(super) const MENU: &[Entry] = &[
    Entry { group: "Roll out", id: "v1.1.0", label: "Roll out v1.1.0", description: "as a pipeline does, past the bot", act: |world| roll(world, GOOD).boxed() },
    Entry { group: "Roll out", id: "v1.2.0", label: "Roll out v1.2.0", description: "a newer version that works", act: |world| roll(world, NEWER).boxed() },
    Entry { group: "Roll out", id: "missing", label: "Roll out a missing image (v9.9.9)", description: "the new pods cannot pull it; the old ones go on serving", act: |world| roll(world, MISSING).boxed() },
    Entry { group: "Roll out", id: "crashing", label: "Roll out an image that crashes", description: "exit code 3 a moment after each start", act: |world| roll(world, CRASHING).boxed() },
    Entry { group: "Pods and nodes", id: "crash", label: "Crash a pod", description: "its program ends with code 1, once", act: |world| crash(world).boxed() },
    Entry { group: "Pods and nodes", id: "oom", label: "Run a pod out of memory", description: "the kernel kills it: OOMKilled, 137", act: |world| oom(world).boxed() },
    Entry { group: "Pods and nodes", id: "node-down", label: "Break a node", description: "node-1 is not ready any more", act: |world| node_down(world).boxed() },
    Entry { group: "Pods and nodes", id: "node-up", label: "Repair the node", description: "node-1 is ready again", act: |world| node_up(world).boxed() },
    Entry { group: "Outages", id: "outage", label: "Cluster unreachable for 30 s", description: "the API server refuses every connection", act: |world| outage(world).boxed() },
    Entry { group: "Outages", id: "throttle", label: "Discord refuses for 20 s", description: "messages and edits are answered with 429; the bot waits and catches up", act: |world| throttle(world).boxed() },
    Entry { group: "Outages", id: "kill", label: "Kill the bot (kill -9)", description: "it starts again a moment later and remembers", act: |world| kill(world).boxed() },
    Entry { group: "Repair", id: "reset", label: "Put everything right", description: "v1.1.0, three pods, nothing broken", act: |world| reset(world).boxed() },
];

async fn roll(world: Arc<World>, image: &str) -> anyhow::Result<String> {
    cluster::set_image(&world.kube, image).await?;
    Ok(format!(
        "kubectl set image deployment/{} api={image}",
        cluster::API
    ))
}

async fn crash(world: Arc<World>) -> anyhow::Result<String> {
    let pod = cluster::running_pod(&world.kube)?;
    world.kube.node().crash_pod(
        NAMESPACE,
        &pod,
        1,
        &["panic: index out of range [3] with length 3"],
    );
    Ok(format!("{pod} has crashed"))
}

async fn oom(world: Arc<World>) -> anyhow::Result<String> {
    let pod = cluster::running_pod(&world.kube)?;
    world.kube.node().oom_pod(NAMESPACE, &pod);
    Ok(format!("{pod} has run out of memory"))
}

async fn node_down(world: Arc<World>) -> anyhow::Result<String> {
    world.kube.node().node_not_ready(NODES[0]);
    Ok(format!("{} is not ready", NODES[0]))
}

async fn node_up(world: Arc<World>) -> anyhow::Result<String> {
    world.kube.node().node_ready(NODES[0]);
    Ok(format!("{} is ready again", NODES[0]))
}

async fn outage(world: Arc<World>) -> anyhow::Result<String> {
    world.kube.faults().down(true);
    tokio::spawn(async move {
        tokio::time::sleep(OUTAGE).await;
        world.kube.faults().down(false);
    });
    Ok("The API server is away for 30 s".into())
}

async fn throttle(world: Arc<World>) -> anyhow::Result<String> {
    // not the first responses to interactions: Discord's limits do not reach them
    let fault = RestFault::TooMany {
        retry_after: Duration::from_secs(5),
        global: false,
    };
    world
        .discord
        .faults()
        .rest("^(POST|PATCH) /(channels|webhooks)/", u32::MAX, fault)?;
    tokio::spawn(async move {
        tokio::time::sleep(THROTTLE).await;
        world.discord.faults().clear();
    });
    Ok("Discord answers messages and edits with 429 for 20 s".into())
}

async fn kill(world: Arc<World>) -> anyhow::Result<String> {
    world.bot.kill();
    Ok("kill -9: the bot is gone, and starts again in a second".into())
}

async fn reset(world: Arc<World>) -> anyhow::Result<String> {
    world.discord.faults().clear();
    world.kube.faults().down(false);
    world.kube.faults().clear();
    for node in NODES {
        world.kube.node().node_ready(node);
        world.kube.node().cordon(node, false);
    }
    cluster::three_and_running(&world.kube).await?;
    cluster::set_image(&world.kube, GOOD).await?;
    Ok("v1.1.0, three pods, nothing broken".into())
}
