//! Does `/ceo status` say what is wrong first, and `get pods` list what there is?

use ceo_tests::world::{IDS, PATIENCE, World, until};

use crate::{says, says_not};

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_workload_and_who_changed_it_last() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let n = world.cluster.draw.replicas;
    let ask = format!("/ceo status workload:deployment/{app}");
    let look = || async {
        let answer = world.ask(&world.viewer(), &ask).await?;
        Ok(answer.text().contains("is healthy").then_some(answer))
    };
    let answer = until(PATIENCE, look).await?;
    assert!(!answer.is_ephemeral(), "state is for the channel");
    says(
        &answer,
        &[
            &format!("deployment/{app} is healthy"),
            &format!("{n} of {n} pods ready"),
            world.cluster.draw.old,
        ],
    );
    says(&answer, &["revision 1", "Last change"]);

    let card = world
        .ask(
            &world.operator(),
            &format!("/ceo scale workload:{app} replicas:{}", n + 1),
        )
        .await?;
    world.press(&world.operator(), card.id, "Confirm").await?;
    world.told(IDS.ops, &["Scaled"]).await?;
    let answer = world.ask(&world.viewer(), &ask).await?;
    says(
        &answer,
        &["Last change", &format!("<@{}>", IDS.operator), "ticket 1"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_tried_did_not_change_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let n = world.cluster.draw.replicas;
    let (operator, lead) = (world.operator(), world.lead());
    let scale = |to: i32| format!("/ceo scale workload:{app} replicas:{to}");
    let first = world.ask(&operator, &scale(n + 1)).await?;
    let second = world.ask(&lead, &scale(n + 2)).await?;
    world.press(&operator, first.id, "Confirm").await?;
    world.told(IDS.ops, &["Scaled"]).await?;
    // Its plan rests on a number that has changed since: it begins, sees that, and writes nothing.
    world.press(&lead, second.id, "Confirm").await?;
    world.told(IDS.ops, &["Not run"]).await?;
    let answer = world
        .ask(&world.viewer(), &format!("/ceo status workload:deployment/{app}"))
        .await?;
    says(
        &answer,
        &["Last change", &format!("<@{}>", IDS.operator), "ticket 1"],
    );
    says_not(&answer, &["ticket 2"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_comes_first() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    world
        .cluster
        .set_image("deployment", &app, "docker.io/local/api:v9.9.9")
        .await?;
    let look = || async {
        let answer = world
            .ask(&world.viewer(), &format!("/ceo status workload:deployment/{app}"))
            .await?;
        let text = answer.text();
        Ok((text.contains("ImagePullBackOff") || text.contains("ErrImagePull")).then_some(answer))
    };
    let answer = until(PATIENCE, look).await?;
    says(&answer, &["deployment/", "revision 2", "kubectl-set"]);
    says_not(&answer, &["is healthy"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_namespace_and_its_pods() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    world
        .cluster
        .stateful("postgres", 1, world.cluster.draw.old)
        .await?;
    let all = || async {
        let answer = world.ask(&world.viewer(), "/ceo status").await?;
        let text = answer.text();
        Ok((text.contains(&app) && text.contains("postgres")).then_some(answer))
    };
    says(&until(PATIENCE, all).await?, &["2 workloads"]);
    let pods = world.cluster.pods(&app).await?;
    let look = || async {
        let answer = world
            .ask(
                &world.viewer(),
                &format!("/ceo get pods workload:deployment/{app}"),
            )
            .await?;
        let every = pods.iter().all(|p| {
            p.metadata
                .name
                .as_ref()
                .is_some_and(|n| answer.text().contains(&n[n.len() - 5..]))
        });
        Ok((every && answer.text().contains("Running")).then_some(answer))
    };
    let answer = until(PATIENCE, look).await?;
    says_not(&answer, &["postgres"]);
    let name = pods[0].metadata.name.clone().unwrap_or_default();
    says(
        &world
            .ask(&world.viewer(), &format!("/ceo get pods selector:app={app}"))
            .await?,
        &[&name[name.len() - 5..]],
    );
    let bad = world
        .ask(&world.viewer(), "/ceo get pods selector:\"app in (\"")
        .await?;
    says(&bad, &["selector"]);
    assert!(bad.is_ephemeral());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_workload_gets_near_names_and_an_outsider_nothing() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let wrong = world
        .ask(
            &world.viewer(),
            &format!("/ceo status workload:deployment/{}", &app[..app.len() - 1]),
        )
        .await?;
    says(&wrong, &["There is no deployment", &app]);
    assert!(wrong.is_ephemeral());
    let outsider = world.discord.person(IDS.outsider);
    let refused = world
        .ask(&outsider, &format!("/ceo status workload:deployment/{app}"))
        .await?;
    says(&refused, &["You may not", &format!("<@&{}>", IDS.viewer_role)]);
    says(&world.ask(&outsider, "/ceo help").await?, &["You may not"]);
    says(
        &world.ask(&world.viewer(), "/ceo help").await?,
        &["/ceo status", "Ask others for", "/ceo rollback"],
    );
    let help = world.ask(&world.operator(), "/ceo help command:rollback").await?;
    says(
        &help,
        &["needs 1 of", &format!("<@&{}>", IDS.lead_role), "revision"],
    );
    world.finish().await
}
