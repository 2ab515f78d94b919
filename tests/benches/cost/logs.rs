//! A search through a long log.

use std::time::Duration;

use ceo_tests::world::World;

use crate::measure::{Table, as_shipped, asked, mib, ms, shell};

/// Lines of the log.
const LINES: u64 = 1_000_000;

/// `logs grep` beside `kubectl logs | grep`, over the same million lines.
pub(crate) async fn grep() -> anyhow::Result<Table> {
    let mut table = Table::default();
    let mut world = World::before_the_bot(as_shipped()).await?;
    world.bot.env("RUST_LOG", "info");
    world.bot.start().await?;
    world.ready().await?;
    world
        .cluster
        .deploy_as("flood", 1, world.cluster.draw.old)
        .await?;
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    tokio::time::sleep(Duration::from_secs(2)).await;
    // What a first answer needs is there.
    world
        .ask(&world.operator(), "/ceo logs workload:flood tail:1")
        .await?;
    sim.generate_log(space, "flood-*", LINES, |n| match n % 100_000 {
        77 => format!("needle {n}").into_bytes(),
        _ => format!("level=info msg=\"request served\" path=/v1/decisions status=200 took_ms=17 n={n}")
            .into_bytes(),
    });
    let line = "/ceo logs workload:flood grep:needle";
    let shell_line = format!("kubectl -n {space} logs deployment/flood | grep needle");
    world.bot.forget_peak()?;
    let (_, before) = world.bot.memory()?;
    // In turns, so that both meet the same moments of the machine.
    let (mut own, mut kubectl) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        own.push(asked(&world, line, 1).await?);
        kubectl.push(shell(&world, &shell_line).await?);
    }
    own.sort_unstable();
    kubectl.sort_unstable();
    let (own, kubectl) = (own[2], kubectl[2]);
    table.row("logs grep over 1,000,000 lines", ms(own), "");
    table.row("kubectl logs | grep", ms(kubectl), "");
    table.row(
        "ratio",
        format!("{:.2}", own.as_secs_f64() / kubectl.as_secs_f64()),
        "<= 0.8",
    );
    let (peak, _) = world.bot.memory()?;
    table.row("more memory", mib(peak.saturating_sub(before)), "<= 32 MiB");
    world.leave().await?;
    Ok(table)
}
