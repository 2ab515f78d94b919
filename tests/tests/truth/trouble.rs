//! What befalls the bot and what it rests on.

use std::time::Duration;

use ceo_tests::{
    discord::RestFault,
    world::{Bot, PATIENCE},
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, sqlite::SqliteConnectOptions};
use tokio::sync::watch;

use crate::{
    Disasters,
    record::{Out, now},
    story::Stage,
};

/// Brings trouble until it is told that the stories are over. What it broke is whole again then.
pub(crate) async fn bring(
    disasters: Disasters,
    stage: Stage<'_>,
    (bot, random): (&mut Bot, u64),
    mut over: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut random = StdRng::seed_from_u64(random);
    loop {
        let quiet = match disasters {
            Disasters::None => 0..1,
            Disasters::Kills => 1500..4000,
            Disasters::Outages => 1000..3000,
        };
        tokio::select! {
            // Whoever tells is gone only with the act.
            _ = over.wait_for(|over| *over) => return Ok(()),
            () = pause(&mut random, quiet) => {}
        }
        match disasters {
            Disasters::None => pause(&mut random, 100..200).await,
            Disasters::Kills => {
                let from = now();
                bot.kill().await?;
                pause(&mut random, 0..1500).await;
                bot.start().await?;
                bot.ready(PATIENCE).await?;
                stage.record.away(Out::Bot, from, now());
            }
            Disasters::Outages => {
                let from = now();
                let what = match random.random_range(0..3) {
                    0 => {
                        let faults = stage.cluster.sim()?.faults();
                        faults.down(true);
                        pause(&mut random, 300..2500).await;
                        faults.down(false);
                        Out::Cluster
                    }
                    1 => {
                        stage.discord.faults().rest("", 12, RestFault::Status(502))?;
                        pause(&mut random, 300..2000).await;
                        stage.discord.faults().clear();
                        Out::Discord
                    }
                    _ => {
                        let options = SqliteConnectOptions::new()
                            .filename(stage.store)
                            .busy_timeout(Duration::from_secs(20));
                        let mut db = options.connect().await?;
                        db.execute("BEGIN IMMEDIATE").await?;
                        pause(&mut random, 300..2000).await;
                        db.execute("ROLLBACK").await?;
                        db.close().await?;
                        Out::Store
                    }
                };
                stage.record.away(what, from, now());
            }
        }
    }
}

/// People and troubles take their time; nothing is concluded from how much.
pub(crate) async fn pause(random: &mut StdRng, milliseconds: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(random.random_range(milliseconds))).await;
}
