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
            .ask(&world.viewer(), &format!("/ceo get pods for:deployment/{app}"))
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

#[tokio::test(flavor = "multi_thread")]
async fn a_scaling_by_others_is_told_with_when_it_was_seen() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let n = world.cluster.draw.replicas;
    let ask = format!("/ceo status workload:deployment/{app}");
    let says_so = async |world: &World, words: &[&str]| {
        let look = || async {
            let answer = world.ask(&world.viewer(), &ask).await?;
            let text = answer.text();
            Ok(words.iter().all(|word| text.contains(word)).then_some(answer))
        };
        until(PATIENCE, look).await
    };
    says_so(&world, &["is healthy"]).await?;
    let params = kube::api::PatchParams {
        field_manager: Some("kubectl".to_owned()),
        ..Default::default()
    };
    let scale = kube::api::Patch::Merge(serde_json::json!({"spec": {"replicas": n + 1}}));
    let deployments = world.cluster.api::<k8s_openapi::api::apps::v1::Deployment>();
    deployments.patch_scale(&app, &params, &scale).await?;
    let seen = format!("replicas {n} → {} by kubectl, seen <t:", n + 1);
    let card = says_so(&world, &[&seen]).await?;
    says_not(&card, &["time not recorded"]);

    // What happened before it began to watch it does not know.
    assert_eq!(world.bot.stop().await?, 0);
    world.bot.start().await?;
    world.ready().await?;
    let card = says_so(&world, &["replicas by kubectl, time not recorded"]).await?;
    says_not(&card, &[&seen]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_pods_where_none_are_meant_to_be_is_no_warning() -> anyhow::Result<()> {
    /// The colours of a warning and of a fault.
    const ALARMING: [u64; 2] = [0x00FE_E75C, 0x00ED_4245];
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    world
        .cluster
        .merge(&app, serde_json::json!({"spec": {"replicas": 0}}))
        .await?;
    let ask = format!("/ceo get pods for:deployment/{app}");
    let look = || async {
        let answer = world.ask(&world.viewer(), &ask).await?;
        Ok(answer.text().contains("No pods").then_some(answer))
    };
    let answer = until(PATIENCE, look).await?;
    let colours: Vec<u64> = answer.embeds.iter().filter_map(|e| e["color"].as_u64()).collect();
    assert!(!colours.iter().any(|c| ALARMING.contains(c)), "{colours:06x?}");
    assert_eq!(colours.len(), 1);
    says_not(&answer, &["in trouble", "degraded", "down"]);
    world.finish().await
}
