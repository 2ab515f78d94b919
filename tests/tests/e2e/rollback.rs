//! Does `/ceo rollback` show what changes, get it approved, restore what kubectl would restore, and tell how it went?

use std::time::Duration;

use ceo_tests::world::{IDS, PATIENCE, Setup, World, settle, until};
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use serde_json::json;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

use crate::{says, says_not};

/// A short image, as a card shows it.
fn tag(image: &str) -> &str {
    image.rsplit(':').next().unwrap_or(image)
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_asks_lead_approves_the_old_template_serves() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let (old, new) = (world.cluster.draw.old, world.cluster.draw.new);

    let words = format!("/ceo rollback workload:deployment/{app} reason:\"it cannot reach the database\"");
    let asked = world.ask(&world.operator(), &words).await?;
    assert!(asked.is_ephemeral());
    says(
        &asked,
        &[
            "Asked for approval: ticket 1",
            "1 of",
            &format!("<@&{}>", IDS.lead_role),
            "2 people can approve",
        ],
    );

    let card = world
        .told(IDS.ops, &[&format!("Roll back deployment/{app} to revision 1?")])
        .await?;
    says(
        &card,
        &["it cannot reach the database", &format!("<@{}>", IDS.operator)],
    );
    says(
        &card,
        &[
            &format!("-  image: {new}"),
            &format!("+  image: {old}"),
            "Effect",
            "pods counted",
            "Needs",
        ],
    );
    says(
        &card,
        &[
            "Whether revision 1 ever worked is not known",
            "What runs now, revision 2, is healthy",
        ],
    );
    assert_eq!(card.labels(), ["Approve", "Deny"]);
    assert_eq!(
        card.pings.roles,
        [IDS.lead_role],
        "the leads are called, once, and nobody else"
    );
    assert_eq!(
        world.cluster.image(&app).await?,
        new,
        "nothing happens before the approval"
    );

    says(
        &world.press(&world.lead(), card.id, "Approve").await?,
        &["Approved: ticket 1"],
    );
    let done = world
        .told(
            IDS.ops,
            &[
                &format!("Rolled back deployment/{app} to revision 1"),
                "now revision 3",
            ],
        )
        .await?;
    assert_eq!(done.id, card.id, "one message from the question to the verdict");
    says(
        &done,
        &[
            &format!("approved by <@{}>", IDS.lead),
            "never seen with fewer than",
        ],
    );
    says_not(&done, &["Approve"]);
    world.cluster.rolled_out(&app).await?;
    assert_eq!(world.cluster.image(&app).await?, old);
    world.finish().await
}

/// What the card told is so no more: kubectl would refuse to undo a paused rollout, and there is nothing to undo of what
/// is gone.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_paused_or_deleted_after_the_card_is_stale() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let operator = world.operator();
    let line = format!("/ceo rollback workload:deployment/{app} revision:1");
    world.ask(&operator, &line).await?;
    let card = world.told(IDS.ops, &["revision 1?", "ticket 1"]).await?;
    world
        .cluster
        .merge(&app, json!({"spec": {"paused": true}}))
        .await?;
    let answer = world.press(&world.lead(), card.id, "Approve").await?;
    says(&answer, &["Not run"]);
    says_not(&answer, &["Its progress is in"]);
    let stale = world.told(IDS.ops, &["Not run", "spec.paused"]).await?;
    assert_eq!(stale.id, card.id);
    assert_eq!(world.cluster.image(&app).await?, world.cluster.draw.new);

    world
        .cluster
        .merge(&app, json!({"spec": {"paused": false}}))
        .await?;
    world.ask(&operator, &line).await?;
    let card = world.told(IDS.ops, &["revision 1?", "ticket 2"]).await?;
    world
        .cluster
        .api::<Deployment>()
        .delete(&app, &Default::default())
        .await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    let gone = world.told(IDS.ops, &["Not run", "it was deleted"]).await?;
    says_not(&gone, &["Did you mean", "Failed"]);
    world.ended("stale", 2).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stateful_set_and_a_daemon_set_go_back_too() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (old, new) = (world.cluster.draw.old, world.cluster.draw.new);
    world.cluster.stateful("postgres", 2, old).await?;
    world.cluster.set_image("statefulset", "postgres", new).await?;
    world.cluster.stateful_rolled_out("postgres").await?;
    world.cluster.daemon("agent", old).await?;
    world.cluster.set_image("daemonset", "agent", new).await?;
    world.cluster.daemon_rolled_out("agent").await?;

    for name in ["statefulset/postgres", "daemonset/agent"] {
        world
            .ask(
                &world.operator(),
                &format!("/ceo rollback workload:{name} revision:1"),
            )
            .await?;
        let card = world
            .told(IDS.ops, &[&format!("Roll back {name} to revision 1?"), tag(old)])
            .await?;
        world.press(&world.lead(), card.id, "Approve").await?;
        world
            .told(IDS.ops, &[&format!("Rolled back {name} to revision 1")])
            .await?;
    }
    let image =
        |object: serde_json::Value| object["spec"]["template"]["spec"]["containers"][0]["image"].clone();
    let set = world.cluster.api::<StatefulSet>().get("postgres").await?;
    assert_eq!(image(serde_json::to_value(set)?), json!(old));
    let set = world.cluster.api::<DaemonSet>().get("agent").await?;
    assert_eq!(image(serde_json::to_value(set)?), json!(old));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_rolled_back_is_said_and_nothing_changes() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let operator = world.operator();
    for (words, expected) in [
        (
            format!("workload:deployment/{app} revision:7"),
            "has no revision 7",
        ),
        (
            format!("workload:deployment/{app} revision:2"),
            "is what runs now",
        ),
        (format!("workload:deployment/{app}x"), "Did you mean"),
    ] {
        let answer = world.ask(&operator, &format!("/ceo rollback {words}")).await?;
        says(&answer, &[expected]);
        assert!(answer.is_ephemeral());
    }
    world
        .cluster
        .merge(&app, json!({"spec": {"paused": true}}))
        .await?;
    says(
        &world
            .ask(&operator, &format!("/ceo rollback workload:{app}"))
            .await?,
        &["is paused"],
    );
    let denied = world
        .ask(&world.viewer(), &format!("/ceo rollback workload:{app}"))
        .await?;
    says(&denied, &["You may not", "rollback"]);
    assert_eq!(world.cluster.image(&app).await?, world.cluster.draw.new);
    assert!(world.tickets().await?.is_empty(), "a refusal makes no ticket");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_that_sticks_says_why() -> anyhow::Result<()> {
    let world = World::with(Setup::default().timing("change_deadline", "8s")).await?;
    let app = world.cluster.deploy().await?;
    // The first revision cannot be pulled any more: what was there is gone from the registry.
    world
        .cluster
        .set_image("deployment", &app, "docker.io/local/api:v9.9.9")
        .await?;
    let second = |d: &Deployment| {
        let notes = d.metadata.annotations.clone().unwrap_or_default();
        notes
            .get("deployment.kubernetes.io/revision")
            .is_some_and(|r| r == "2")
    };
    world.cluster.reaches(&app, second).await?;
    world
        .cluster
        .set_image("deployment", &app, world.cluster.draw.new)
        .await?;
    world.cluster.rolled_out(&app).await?;

    world
        .ask(
            &world.operator(),
            &format!("/ceo rollback workload:{app} revision:2"),
        )
        .await?;
    let card = world.told(IDS.ops, &["to revision 2?", "v9.9.9"]).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    let stuck = world.told(IDS.ops, &["Rollback to revision 2 is stuck"]).await?;
    says(&stuck, &["Image"]);
    let reason = || async {
        let now = world
            .discord
            .message(card.id)
            .map(|m| m.text())
            .unwrap_or_default();
        Ok(now.contains("cannot be pulled").then_some(()))
    };
    if let Err(error) = until(PATIENCE, reason).await {
        let seen = world
            .discord
            .message(card.id)
            .map(|m| m.text())
            .unwrap_or_default();
        anyhow::bail!("{error}: {seen}");
    }
    world.told(IDS.ops, &["did not end within 8 s"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn revisions_complete_as_they_are_typed() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let look = || async {
        let line = format!("/ceo rollback workload:deployment/{app} revision:");
        let found = world.operator().autocomplete(IDS.ops, &line).await?;
        Ok((!found.is_empty()).then_some(found))
    };
    let found = until(PATIENCE, look).await?;
    assert_eq!(found.len(), 1, "the revision that runs is not offered: {found:?}");
    assert!(found[0].name.contains(tag(world.cluster.draw.old)), "{found:?}");
    let line = format!("/ceo rollback workload:{}", &app[..5]);
    let names = world.operator().autocomplete(IDS.ops, &line).await?;
    assert_eq!(names[0].value, json!(format!("deployment/{app}")));
    let outsider = world.discord.person(IDS.outsider);
    assert!(
        outsider.autocomplete(IDS.ops, &line).await?.is_empty(),
        "who may not read sees no names"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_wants_a_reason_opens_a_form() -> anyhow::Result<()> {
    let policy = ceo_tests::world::POLICY.replace(
        "of = [\"role:lead\"] }] }",
        "of = [\"role:lead\"] }], reason = true }",
    );
    let world = World::with(Setup::default().policy(&policy)).await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let operator = world.operator();
    let asked = operator
        .slash(IDS.ops, &format!("/ceo rollback workload:deployment/{app}"))
        .await?;
    let form = asked.modal(Duration::from_secs(3)).await?;
    let sent = operator.submit(&form, &[("reason", "p95 doubled")]).await?;
    says(&ceo_tests::world::settle(&sent).await?, &["Asked for approval"]);
    let card = world.told(IDS.ops, &["p95 doubled"]).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_costs_seven_requests() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    // Resolved by the caches once they know the workload; before that one more read would be fair.
    let known = || async {
        let line = format!("/ceo rollback workload:{app}");
        Ok((!world.operator().autocomplete(IDS.ops, &line).await?.is_empty()).then_some(()))
    };
    until(PATIENCE, known).await?;
    let count = |world: &World| -> anyhow::Result<usize> {
        let all = world.cluster.sim()?.requests();
        let mine = |r: &&ceo_tests::kube::mutations::Request| {
            r.user.contains("ceo-bot") && !r.query.contains("watch=") && !r.path.ends_with("/version")
        };
        Ok(all.iter().filter(mine).count())
    };
    let before = count(&world)?;
    world
        .ask(
            &world.operator(),
            &format!("/ceo rollback workload:deployment/{app}"),
        )
        .await?;
    let card = world.told(IDS.ops, &["Roll back", "revision 1?"]).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back"]).await?;
    let spent = count(&world)? - before;
    assert!(spent <= 7, "{spent} requests");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_way_of_a_rollback_that_sticks_knows_when_it_is_overtaken() -> anyhow::Result<()> {
    let world = World::with(Setup::with_quick_incidents()).await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let app = world.cluster.deploy_two_revisions().await?;
    let ask = format!("/ceo rollback workload:deployment/{app} revision:");
    // What runs has been seen to work for a while, and that is on record.
    let pods = world.cluster.pods(&app).await?;
    let stays = pods.iter().find(|pod| pod.metadata.deletion_timestamp.is_none());
    let owners = stays
        .and_then(|pod| pod.metadata.owner_references.clone())
        .unwrap_or_default();
    let known = || async {
        let mut db = SqliteConnectOptions::new()
            .filename(world.store())
            .read_only(true)
            .connect()
            .await?;
        let row = sqlx::query("SELECT 1 FROM worked WHERE mark = $1").bind(&owners[0].name);
        let found = row.fetch_optional(&mut db).await?;
        db.close().await?;
        Ok(found.map(|_| ()))
    };
    until(PATIENCE, known).await?;
    // No node takes its pods.
    crate::scale::cordon_all(&world).await?;
    world.ask(&world.operator(), &format!("{ask}1")).await?;
    let card = world
        .told(IDS.ops, &[&format!("Roll back deployment/{app} to revision 1?")])
        .await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    let stuck = world.told(IDS.ops, &["Rollback to revision 1 is stuck"]).await?;
    let other = stuck
        .labels()
        .into_iter()
        .find(|label| label.contains("Roll back to 2"));
    let other = other.unwrap_or_else(|| panic!("revision 2 worked: {:?}", stuck.labels()));
    let button = stuck.button(&other).unwrap_or_default();
    let id = button["custom_id"].as_str().unwrap_or_default();
    // Pressed at once it asks.
    let asked = world.press(&world.operator(), stuck.id, &other).await?;
    says(&asked, &["Asked for approval: ticket 2"]);
    world.told(IDS.ops, &["to revision 2?"]).await?;
    // Once something else runs it proposes nothing, also where a client has not drawn yet that the button is gone.
    let draw = &world.cluster.draw;
    let images = ["v1.0.0", "v1.1.0", "v1.2.0"].map(|tag| format!("docker.io/local/api:{tag}"));
    let third = images
        .iter()
        .find(|i| **i != draw.old && **i != draw.new)
        .unwrap();
    world.cluster.set_image("deployment", &app, third).await?;
    world.told(IDS.ops, &["was overtaken"]).await?;
    let fourth = |d: &Deployment| {
        let notes = d.metadata.annotations.as_ref();
        notes.is_some_and(|n| {
            n.get("deployment.kubernetes.io/revision")
                .is_some_and(|r| r == "4")
        })
    };
    world.cluster.reaches(&app, fourth).await?;
    let refused = world.operator().press_anyway(stuck.id, id).await?;
    let refused = settle(&refused).await?;
    assert!(refused.is_ephemeral());
    let overtaken = "ran revision 3; it runs revision 4 now";
    says(
        &refused,
        &["This button is from when", overtaken, "Nothing was asked"],
    );
    assert_eq!(world.tickets().await?.len(), 2, "nothing more was proposed");
    world.told(IDS.alerts, &["pods fit on no node"]).await?;
    world.finish().await
}
