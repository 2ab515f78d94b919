//! Does the bot wait as long as Discord says, and lose nothing meanwhile?

use std::time::Duration;

use ceo_tests::{
    discord::{Limit, Rates, RestFault},
    world::{IDS, Setup, World},
};

use crate::says;

#[tokio::test(flavor = "multi_thread")]
async fn refused_for_a_while() -> anyhow::Result<()> {
    let tight = Rates {
        message_edit: Limit::new(2, 1500),
        message_create: Limit::new(1, 1000),
        ..Rates::relaxed()
    };
    let setup = Setup {
        rates: Some(tight),
        ..Setup::default()
    }
    .timing("edit_every", "20ms");
    let world = World::with(setup).await?;
    let app = world.cluster.deploy().await?;
    let wait = RestFault::TooMany {
        retry_after: Duration::from_millis(700),
        global: false,
    };
    world.discord.faults().rest("/channels/", 3, wait)?;
    for more in 1..=3 {
        let to = world.cluster.draw.replicas + more;
        let card = world
            .ask(
                &world.operator(),
                &format!("/ceo scale workload:{app} replicas:{to}"),
            )
            .await?;
        world.press(&world.operator(), card.id, "Confirm").await?;
        world.told(IDS.ops, &["Scaled", &format!("to {to}")]).await?;
    }
    let refused = world
        .discord
        .requests()
        .iter()
        .filter(|r| r.status == 429)
        .count();
    assert!(refused > 0, "some were refused");
    // `finish` fails on every request that was sent again before its time.
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_fails_for_a_while_loses_no_message() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let to = world.cluster.draw.replicas + 1;
    let card = world
        .ask(
            &world.operator(),
            &format!("/ceo scale workload:{app} replicas:{to}"),
        )
        .await?;
    world
        .discord
        .faults()
        .rest("/channels/", 4, RestFault::Status(502))?;
    world
        .discord
        .faults()
        .rest("/channels/", 1, RestFault::CutAfter)?;
    let answer = world.press(&world.operator(), card.id, "Confirm").await?;
    // It goes on with the ticket: a quick end may stand there already.
    says(&answer, &["ticket 1"]);
    world.told(IDS.ops, &["Scaled"]).await?;
    let messages = world.discord.messages(IDS.ops);
    assert_eq!(
        messages.iter().filter(|m| m.only_for.is_none()).count(),
        1,
        "posted once"
    );
    world.finish().await
}
