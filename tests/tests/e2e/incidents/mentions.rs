//! Does an incident call whom the settings name, once; and does its button keep to what its label said?

use ceo_tests::world::{IDS, Setup, World};

use super::{CRASH, alerts, becomes, mend, run};
use crate::{says, says_not};

/// Pings of all messages in #alerts, oldest first.
fn called(world: &World) -> Vec<Vec<u64>> {
    alerts(world).into_iter().map(|m| m.pings.roles).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_settings_name_is_called_once_and_again_when_it_comes_back() -> anyhow::Result<()> {
    let mut setup = Setup::with_quick_incidents().timing("incident_mention_every", "10ms");
    setup.more = "[alerts]\nmention = [\"role:operator\"]\n".to_owned();
    let world = World::with(setup).await?;
    let app = world.cluster.deploy().await?;
    run(&world, &app, CRASH).await?;
    let first = world.told(IDS.alerts, &["containers crash"]).await?;
    assert_eq!(first.pings.roles, [IDS.operator_role]);
    mend(&world, &app).await?;
    let over = becomes(&world, first.id, &["recovered"]).await?;
    says_not(&over, &[&format!("<@&{}>", IDS.operator_role)]);

    run(&world, &app, CRASH).await?;
    let again = world
        .told(IDS.alerts, &["containers crash", "It came back"])
        .await?;
    assert_ne!(again.id, first.id);
    assert_eq!(
        called(&world),
        [[IDS.operator_role], [IDS.operator_role]],
        "once each"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_a_time_call_once() -> anyhow::Result<()> {
    let mut setup = Setup::with_quick_incidents();
    setup.more = "[alerts]\nmention = [\"role:operator\"]\n".to_owned();
    let world = World::with(setup).await?;
    let (first, draw) = (world.cluster.deploy().await?, &world.cluster.draw);
    let second = format!("{first}-too");
    world.cluster.deploy_as(&second, 1, draw.old).await?;
    let apps = [first, second];
    for app in &apps {
        run(&world, app, CRASH).await?;
        world
            .told(IDS.alerts, &[&format!("deployment/{app}: containers crash")])
            .await?;
    }
    let calls: Vec<u64> = called(&world).concat();
    assert_eq!(calls, [IDS.operator_role]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_red_card_rolls_nothing_else_back() -> anyhow::Result<()> {
    let world = World::with(Setup::with_quick_incidents().timing("incident_edit_every", "1h")).await?;
    let app = world.cluster.deploy().await?;
    run(&world, &app, CRASH).await?;
    let told = world.told(IDS.alerts, &["containers crash"]).await?;
    let told = becomes(&world, told.id, &["Changed just before"]).await?;
    assert!(
        told.labels().contains(&"Roll back to 1".to_owned()),
        "{:?}",
        told.labels()
    );
    // Somebody rolls out another attempt; the card is not drawn anew.
    run(&world, &app, "echo another; exit 4").await?;
    let answer = world.press(&world.operator(), told.id, "Roll back to 1").await?;
    says(
        &answer,
        &[
            "This button is from when",
            "ran revision 2; it runs revision 3 now",
            "Nothing was asked",
        ],
    );
    world.finish().await
}
