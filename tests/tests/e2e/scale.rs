//! Does `/ceo scale` ask, do, follow and tell?

use std::time::Duration;

use ceo_tests::{
    kube::faults::Effect,
    world::{IDS, PATIENCE, Setup, World, until},
};

use serde_json::json;

use crate::{says, says_not};

#[tokio::test(flavor = "multi_thread")]
async fn operator_scales_up_after_a_second_look() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let (from, to) = (world.cluster.draw.replicas, world.cluster.draw.replicas + 2);
    let operator = world.operator();

    let card = world
        .ask(
            &operator,
            &format!("/ceo scale workload:deployment/{app} replicas:{to}"),
        )
        .await?;
    says(
        &card,
        &[
            &format!("Scale deployment/{app} from {from} to {to}?"),
            "2 pods added",
        ],
    );
    assert!(card.is_ephemeral(), "only the asker sees the question");
    assert_eq!(card.labels(), ["Confirm", "Withdraw"]);
    assert_eq!(
        world
            .cluster
            .deployment(&app)
            .await?
            .spec
            .and_then(|s| s.replicas),
        Some(from)
    );

    let answer = world.press(&operator, card.id, "Confirm").await?;
    let text = answer.text();
    assert!(
        text.contains("Confirmed: ticket 1") || text.contains("Done: Scale"),
        "it goes on with the ticket, and a quick end may stand there already: {text}"
    );
    assert!(answer.labels().is_empty(), "no button is left to press twice");

    let done = world
        .told(
            IDS.ops,
            &[&format!("Scaled deployment/{app} from {from} to {to}")],
        )
        .await?;
    says(
        &done,
        &[
            &format!("{to} of {to} pods ready"),
            &format!("<@{}>", IDS.operator),
        ],
    );
    let object = world.cluster.deployment(&app).await?;
    assert_eq!(object.spec.and_then(|s| s.replicas), Some(to));
    // A scaling makes no revision, so it leaves no change-cause on the one that runs; its own mark names the ticket.
    let notes = object.metadata.annotations.unwrap_or_default();
    assert!(
        !notes
            .get("kubernetes.io/change-cause")
            .is_some_and(|cause| cause.contains("operator")),
        "{notes:?}"
    );
    assert!(notes["ceo/step"].starts_with("1/"), "{notes:?}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_takes_it_back() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let card = world
        .ask(&operator, &format!("/ceo scale workload:{app} replicas:9"))
        .await?;
    let gone = world.press(&operator, card.id, "Withdraw").await?;
    says(&gone, &["Withdrawn", "Nothing was done"]);
    assert!(gone.labels().is_empty());
    let spec = world.cluster.deployment(&app).await?.spec;
    assert_eq!(spec.and_then(|s| s.replicas), Some(world.cluster.draw.replicas));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_answered_and_changes_nothing() -> anyhow::Result<()> {
    let setup = Setup {
        more: "[[limits.replicas]]\nwhere = [\"*/*\"]\nmax = 50\n".to_owned(),
        ..Setup::default()
    };
    let world = World::with(setup).await?;
    let app = world.cluster.deploy().await?;
    world.cluster.daemon("agent", world.cluster.draw.old).await?;
    let (operator, viewer) = (world.operator(), world.viewer());
    let present = world.cluster.draw.replicas;
    let before = world.cluster.deployment(&app).await?.metadata.resource_version;

    for (words, expected) in [
        (
            format!("workload:deployment/{app}x replicas:3"),
            "Did you mean".to_owned(),
        ),
        (
            format!("workload:deployment/{app} replicas:{present}"),
            format!("has {present} replicas already"),
        ),
        (
            format!("workload:deployment/{app} replicas:51"),
            "over the limit of 50".to_owned(),
        ),
        (
            "workload:daemonset/agent replicas:2".to_owned(),
            "has no replicas".to_owned(),
        ),
        (
            format!("workload:other/{app} replicas:2"),
            "not a kind of workload".to_owned(),
        ),
        (
            format!("workload:elsewhere/deployment/{app} replicas:2"),
            "elsewhere".to_owned(),
        ),
    ] {
        let answer = world.ask(&operator, &format!("/ceo scale {words}")).await?;
        says(&answer, &[&expected]);
        assert!(answer.is_ephemeral(), "{words}: a refusal is for the asker alone");
        assert!(answer.labels().is_empty(), "{words}");
    }
    let denied = world
        .ask(
            &viewer,
            &format!("/ceo scale workload:deployment/{app} replicas:5"),
        )
        .await?;
    says(&denied, &["You may not", &format!("<@&{}>", IDS.operator_role)]);
    let after = world.cluster.deployment(&app).await?.metadata.resource_version;
    assert_eq!(before, after, "nothing was written");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_autoscaler_owns_the_count() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    world.cluster.autoscale(&app, 2, 6).await?;
    let status = format!("/ceo status workload:deployment/{app}");
    let seen = || async {
        let answer = world.ask(&world.operator(), &status).await?;
        Ok(answer.text().contains("HPA").then_some(()))
    };
    until(PATIENCE, seen).await?;
    let answer = world
        .ask(
            &world.operator(),
            &format!("/ceo scale workload:{app} replicas:7"),
        )
        .await?;
    says(&answer, &["HPA", "owns the count", "2 to 6"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_autoscaler_that_came_after_the_card_stops_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let (from, more) = (world.cluster.draw.replicas, world.cluster.draw.replicas + 1);
    let line = format!("/ceo scale workload:{app} replicas:{more}");
    let card = world.ask(&operator, &line).await?;
    world.cluster.autoscale(&app, from, 9).await?;
    let status = format!("/ceo status workload:deployment/{app}");
    let seen = || async {
        let answer = world.ask(&operator, &status).await?;
        Ok(answer.text().contains("HPA").then_some(()))
    };
    until(PATIENCE, seen).await?;
    world.press(&operator, card.id, "Confirm").await?;
    world.told(IDS.ops, &["Not run", "owns the count"]).await?;
    let spec = world.cluster.deployment(&app).await?.spec;
    assert_eq!(spec.and_then(|s| s.replicas), Some(from));
    world.finish().await
}

/// A paused rollout makes no new pods of its template; the count is another matter.
#[tokio::test(flavor = "multi_thread")]
async fn a_paused_workload_is_scaled_to_the_end() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let image = json!({"name": "api", "image": world.cluster.draw.new});
    let containers = world.cluster.deployment(&app).await?.spec;
    let name = containers
        .and_then(|s| s.template.spec)
        .map(|s| s.containers[0].name.clone());
    let pending = json!({"spec": {"paused": true, "template": {"spec": {"containers": [
        {"name": name, "image": image["image"]} ]}}}});
    world.cluster.merge(&app, pending).await?;
    let operator = world.operator();
    let more = world.cluster.draw.replicas + 1;
    let line = format!("/ceo scale workload:{app} replicas:{more}");
    let card = world.ask(&operator, &line).await?;
    says(&card, &["The rollout is paused"]);
    world.press(&operator, card.id, "Confirm").await?;
    let done = world.told(IDS.ops, &["Scaled", &format!("to {more}")]).await?;
    says(&done, &[&format!("{more} of {more} pods ready")]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_overtook_is_recorded_as_that() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let sim = world.cluster.sim()?;
    sim.hold_readiness(world.cluster.namespace(), &format!("{app}*"), 0);
    let operator = world.operator();
    let more = world.cluster.draw.replicas + 1;
    let line = format!("/ceo scale workload:{app} replicas:{more}");
    let card = world.ask(&operator, &line).await?;
    world.press(&operator, card.id, "Confirm").await?;
    world.told(IDS.ops, &["Scaling deployment/"]).await?;
    world
        .cluster
        .merge(&app, json!({"spec": {"replicas": more + 1}}))
        .await?;
    world.told(IDS.ops, &["was overtaken"]).await?;
    world.ended("overtaken", 1).await?;
    let events = world
        .cluster
        .api::<k8s_openapi::api::events::v1::Event>()
        .list(&Default::default())
        .await?;
    let ours = |e: &&k8s_openapi::api::events::v1::Event| e.reason.as_deref() == Some("CeoScaled");
    assert_eq!(
        events.items.iter().filter(ours).count(),
        0,
        "it is theirs to tell"
    );
    sim.release_readiness(world.cluster.namespace(), &format!("{app}*"));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_is_for_its_person_once_and_in_time() -> anyhow::Result<()> {
    let world = World::with(Setup::default().timing("approve_within", "3s")).await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let words = format!(
        "/ceo scale workload:{app} replicas:{}",
        world.cluster.draw.replicas + 1
    );

    let card = world.ask(&operator, &words).await?;
    assert!(
        world.lead().press(card.id, "Confirm").await.is_err(),
        "others do not even see it"
    );
    world.ended("expired", 1).await?;
    // The click of a client that has not drawn yet that the buttons are gone.
    let late = operator.press_anyway(card.id, "v1:confirm:1").await?;
    let late = ceo_tests::world::settle(&late).await?;
    says(&late, &["lapsed"]);
    assert!(late.is_ephemeral());

    let card = world.ask(&operator, &words).await?;
    world.press(&operator, card.id, "Confirm").await?;
    world.told(IDS.ops, &["Scaled"]).await?;
    // The click of a client that has not drawn the change yet.
    let twice = operator.press_anyway(card.id, "v1:confirm:2").await?;
    says(
        &ceo_tests::world::settle(&twice).await?,
        &["This is over (succeeded)"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_lapsed_is_done() -> anyhow::Result<()> {
    let world = World::with(Setup::default().timing("approve_within", "300ms")).await?;
    let app = world.cluster.deploy().await?;
    world
        .ask(
            &world.operator(),
            &format!("/ceo scale workload:{app} replicas:8"),
        )
        .await?;
    world.ended("expired", 1).await?;
    let spec = world.cluster.deployment(&app).await?.spec;
    assert_eq!(spec.and_then(|s| s.replicas), Some(world.cluster.draw.replicas));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_right_meanwhile_cannot_confirm() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let card = world
        .ask(&operator, &format!("/ceo scale workload:{app} replicas:8"))
        .await?;
    world.discord.set_roles(IDS.operator, &[]);
    says(
        &world.press(&operator, card.id, "Confirm").await?,
        &["may not do this any more"],
    );
    let spec = world.cluster.deployment(&app).await?.spec;
    assert_eq!(spec.and_then(|s| s.replicas), Some(world.cluster.draw.replicas));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_and_could_not_start_says_so() -> anyhow::Result<()> {
    let setup = Setup::default()
        .timing("run_within", "2s")
        .timing("cluster_timeout", "12s");
    let world = World::with(setup).await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let operator = world.operator();
    let sim = world.cluster.sim()?;
    let mut cards = Vec::new();
    for replicas in [8, 9] {
        let line = format!("/ceo scale workload:{app} replicas:{replicas}");
        cards.push(world.ask(&operator, &line).await?);
    }
    sim.faults().inject("PATCH", "/deployments/", 1, Effect::Hang)?;
    world.press(&operator, cards[0].id, "Confirm").await?;
    until(PATIENCE, || async {
        Ok((sim.faults().waiting() == 0).then_some(()))
    })
    .await?;
    world.press(&operator, cards[1].id, "Confirm").await?;
    world
        .told(IDS.ops, &["It waits: ticket 1 is changing the same object"])
        .await?;
    world
        .told(
            IDS.ops,
            &["ticket 2", "could not start in time", "Nothing was done"],
        )
        .await?;
    world.told(IDS.ops, &["Scaled", "to 8"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_wait_count_against_the_limit() -> anyhow::Result<()> {
    let setup = Setup {
        more: "[limits]\nchanges_an_hour = 2\n".to_owned(),
        ..Setup::default()
    };
    let world = World::with(setup).await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let ask = |replicas: i32| format!("/ceo scale workload:{app} replicas:{replicas}");
    let first = world.ask(&operator, &ask(7)).await?;
    says(&first, &["Scale deployment/"]);
    says(&world.ask(&operator, &ask(8)).await?, &["Scale deployment/"]);
    says(
        &world.ask(&operator, &ask(9)).await?,
        &["You have 2 changes that wait or started within the last hour"],
    );
    world.press(&operator, first.id, "Withdraw").await?;
    says(&world.ask(&operator, &ask(9)).await?, &["Scale deployment/"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_does_not_answer_is_an_outage_not_a_denial() -> anyhow::Result<()> {
    let world = World::with(Setup::default().timing("cluster_timeout", "1s")).await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    world.cluster.sim()?.faults().down(true);
    let answer = world
        .ask(
            &world.operator(),
            &format!("/ceo scale workload:deployment/{app} replicas:7"),
        )
        .await?;
    says(
        &answer,
        &[
            "The cluster prod did not answer",
            "Nothing was changed",
            "Reference",
        ],
    );
    says_not(&answer, &["may not", "denied"]);
    world.cluster.sim()?.faults().down(false);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn scaling_to_zero_needs_two_others_and_a_reason() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let operator = world.operator();
    let asked = operator
        .slash(IDS.ops, &format!("/ceo scale workload:{app} replicas:0"))
        .await?;
    let form = asked.modal(Duration::from_secs(3)).await?;
    let asked = operator
        .submit(&form, &[("reason", "the queue is poisoned")])
        .await?;
    says(
        &ceo_tests::world::settle(&asked).await?,
        &["Asked for approval", "2 of"],
    );
    let card = world
        .told(
            IDS.ops,
            &["from", "to 0?", "the queue is poisoned", "nothing serves"],
        )
        .await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    says(
        &world.told(IDS.ops, &["So far"]).await?,
        &[&format!("<@{}>", IDS.lead)],
    );
    world.press(&world.second_lead(), card.id, "Approve").await?;
    world
        .told(IDS.ops, &[&format!("Scaled deployment/{app}"), "to 0"])
        .await?;
    assert_eq!(
        world
            .cluster
            .deployment(&app)
            .await?
            .spec
            .and_then(|s| s.replicas),
        Some(0)
    );
    world.finish().await
}

/// No node takes another pod.
pub(crate) async fn cordon_all(world: &World) -> anyhow::Result<()> {
    let nodes: kube::Api<k8s_openapi::api::core::v1::Node> = kube::Api::all(world.cluster.client.clone());
    for node in nodes.list(&Default::default()).await?.items {
        world
            .cluster
            .sim()?
            .cordon(&node.metadata.name.unwrap_or_default(), true);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_of_another_time_asks_for_nothing() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let app = world.cluster.deploy().await?;
    let n = world.cluster.draw.replicas;
    cordon_all(&world).await?;
    let ask = format!("/ceo scale workload:deployment/{app} replicas:{}", n + 1);
    let card = world.ask(&world.operator(), &ask).await?;
    world.press(&world.operator(), card.id, "Confirm").await?;
    let stuck = world.told(IDS.ops, &["is stuck"]).await?;
    let back = stuck.button(&format!("Set back to {n}"));
    let back = back.unwrap_or_else(|| panic!("no way back: {:?}", stuck.labels()));
    let back = back["custom_id"].as_str().unwrap_or_default();
    // Somebody sets another count past the bot; a client has not drawn yet that the button is gone.
    world
        .cluster
        .merge(&app, json!({"spec": {"replicas": n + 3}}))
        .await?;
    world.told(IDS.ops, &["was overtaken"]).await?;
    let refused = world.operator().press_anyway(stuck.id, back).await?;
    let refused = ceo_tests::world::settle(&refused).await?;
    assert!(refused.is_ephemeral());
    let words = format!("had {} replicas; it has {} now", n + 1, n + 3);
    says(
        &refused,
        &["This button is from when", &words, "Nothing was asked"],
    );
    assert_eq!(world.tickets().await?.len(), 1, "nothing was proposed");
    world.finish().await
}
