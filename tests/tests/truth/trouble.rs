//! What befalls the bot and what it rests on.

use std::{future::pending, time::Duration};

use ceo_tests::{
    discord::RestFault,
    world::{Bot, PATIENCE},
};
use rand::{Rng as _, rngs::StdRng};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, sqlite::SqliteConnectOptions};

use crate::{
    Disasters,
    record::{Out, now},
    story::Stage,
};

/// Brings trouble until it is dropped.
pub(crate) async fn bring(
    disasters: Disasters,
    stage: Stage<'_>,
    bot: &mut Bot,
    mut random: StdRng,
) -> anyhow::Result<()> {
    loop {
        match disasters {
            Disasters::None => pending::<()>().await,
            Disasters::Kills => {
                pause(&mut random, 1500..4000).await;
                let from = now();
                bot.kill().await?;
                pause(&mut random, 0..1500).await;
                bot.start().await?;
                bot.ready(PATIENCE).await?;
                stage.record.away(Out::Bot, from, now());
            }
            Disasters::Outages => {
                pause(&mut random, 1000..3000).await;
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
