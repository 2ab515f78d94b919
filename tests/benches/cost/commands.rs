//! Many people at once.

use std::time::{Duration, Instant};

use ceo_tests::world::{IDS, World, processor_time_of};

use crate::measure::{Table, as_shipped, ms, p50_p99};

/// Commands in the burst.
const COMMANDS: usize = 200;

/// How long each of many commands that come at once waits for its acknowledgement.
pub(crate) async fn burst() -> anyhow::Result<Table> {
    let mut table = Table::default();
    let world = World::with(as_shipped()).await?;
    let app = world.cluster.deploy().await?;
    let line = format!("/ceo status workload:deployment/{app}");
    world.ask(&world.operator(), &line).await?;
    let person = world.operator();
    let (before, own_before, began) = (world.bot.processor_time()?, own_processor_time()?, Instant::now());
    let asked = (0..COMMANDS).map(|_| person.slash(IDS.ops, &line));
    let asked = futures::future::try_join_all(asked).await?;
    let mut took = Vec::new();
    for one in &asked {
        one.settled().await?;
        took.extend(one.latency());
    }
    let (used, passed) = (world.bot.processor_time()? - before, began.elapsed());
    let own = own_processor_time()? - own_before;
    let (p50, p99) = p50_p99(took);
    table.row("200 commands at once, acknowledged: p50", ms(p50), "");
    table.row("200 commands at once, acknowledged: p99", ms(p99), "<= 50 ms");
    table.row("from the first command to the last answer", ms(passed), "");
    table.row("processor time of the bot for that", ms(used), "");
    table.row("processor time of what it talks to for that", ms(own), "");
    world.leave().await?;
    Ok(table)
}

/// What this process used, which plays Discord, the cluster and the people.
fn own_processor_time() -> anyhow::Result<Duration> {
    processor_time_of(std::process::id())
}
