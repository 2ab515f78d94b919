//! Many people at once.

use ceo_tests::world::{IDS, World};

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
    let asked = (0..COMMANDS).map(|_| person.slash(IDS.ops, &line));
    let asked = futures::future::try_join_all(asked).await?;
    let mut took = Vec::new();
    for one in &asked {
        one.settled().await?;
        took.extend(one.latency());
    }
    let (p50, p99) = p50_p99(took);
    table.row("200 commands at once, acknowledged: p50", ms(p50), "");
    table.row("200 commands at once, acknowledged: p99", ms(p99), "<= 50 ms");
    world.leave().await?;
    Ok(table)
}
