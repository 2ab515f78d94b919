//! Does `/ceo config` change one key after others agreed, say who notices, keep no secret, and know the way back?

use ceo_tests::world::{IDS, PATIENCE, World, until};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;

use crate::{says, says_not};

async fn make(world: &World, name: &str, more: serde_json::Value) -> anyhow::Result<()> {
    let mut object = json!({ "metadata": { "name": name }, "data": { "LOG_LEVEL": "info", "app.conf": "a=1\nb=2\n",
        "DB_PASSWORD": "hunter2222" } });
    if let (Some(object), Some(more)) = (object.as_object_mut(), more.as_object()) {
        object.extend(more.clone());
    }
    let maps = world.cluster.api::<ConfigMap>();
    maps.create(&PostParams::default(), &serde_json::from_value(object)?)
        .await?;
    Ok(())
}

async fn says_now(world: &World, name: &str, key: &str) -> anyhow::Result<Option<String>> {
    let map = world.cluster.api::<ConfigMap>().get(name).await?;
    Ok(map.data.unwrap_or_default().remove(key))
}

/// The card that awaits an approval.
async fn card(world: &World) -> anyhow::Result<ceo_tests::discord::Message> {
    until(PATIENCE, || async {
        let all = world.discord.messages(IDS.ops).into_iter();
        Ok(all
            .rev()
            .find(|m| m.labels().iter().any(|label| label == "Approve")))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_set_shown_and_taken_back() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let map = format!("{app}-settings");
    make(&world, &map, json!({})).await?;
    let env = json!({ "spec": { "template": { "spec": { "containers": [{ "name": "api",
        "envFrom": [{ "configMapRef": { "name": map } }] }] } } } });
    let strategic = Patch::Strategic(env);
    let deployments = world.cluster.api::<k8s_openapi::api::apps::v1::Deployment>();
    deployments
        .patch(&app, &PatchParams::default(), &strategic)
        .await?;
    world.cluster.rolled_out(&app).await?;
    let operator = world.operator();
    let line = format!("/ceo config set config:configmap/{map} key:LOG_LEVEL value:debug");
    let asked = until(PATIENCE, || async {
        let asked = world.ask(&operator, &line).await?;
        Ok(asked.text().contains("Asked for approval").then_some(asked))
    })
    .await?;
    says_not(&asked, &["hunter2222"]);
    let first = card(&world).await?;
    says(
        &first,
        &[
            &format!("Set LOG_LEVEL in configmap/{map}?"),
            "-  LOG_LEVEL: info",
            "+  LOG_LEVEL: debug",
            &format!("deployment/{app} reads it when its pods start"),
        ],
    );
    assert_eq!(
        says_now(&world, &map, "LOG_LEVEL").await?.as_deref(),
        Some("info")
    );
    world.press(&world.lead(), first.id, "Approve").await?;
    let done = world
        .told(IDS.ops, &[&format!("Set LOG_LEVEL in configmap/{map}")])
        .await?;
    says(&done, &["until a restart"]);
    let restart = format!("Restart {app}");
    until(PATIENCE, || async {
        let now = world.discord.message(done.id);
        Ok(now.filter(|m| m.labels().contains(&restart)))
    })
    .await?;
    assert_eq!(
        says_now(&world, &map, "LOG_LEVEL").await?.as_deref(),
        Some("debug")
    );
    says(&world.ask(&operator, &line).await?, &["says that already"]);

    let undo = format!("/ceo config undo config:configmap/{map}");
    world.ask(&operator, &undo).await?;
    let second = card(&world).await?;
    says(&second, &["-  LOG_LEVEL: debug", "+  LOG_LEVEL: info"]);
    says_not(&second, &["changed again since"]);
    world.press(&world.lead(), second.id, "Approve").await?;
    world.ended("succeeded", 2).await?;
    assert_eq!(
        says_now(&world, &map, "LOG_LEVEL").await?.as_deref(),
        Some("info")
    );

    // A key that was not there is taken away again; what somebody else wrote meanwhile is told.
    let new = format!("/ceo config set config:configmap/{map} key:NEW value:1");
    world.ask(&operator, &new).await?;
    let third = card(&world).await?;
    says(&third, &["+  NEW: 1"]);
    world.press(&world.lead(), third.id, "Approve").await?;
    world.ended("succeeded", 3).await?;
    let theirs = Patch::Merge(json!({ "data": { "NEW": "2" } }));
    let maps = world.cluster.api::<ConfigMap>();
    maps.patch(&map, &PatchParams::default(), &theirs).await?;
    world.ask(&operator, &undo).await?;
    let fourth = card(&world).await?;
    says(
        &fourth,
        &[
            &format!("Take NEW out of configmap/{map}?"),
            "-  NEW: 2",
            "changed again since ticket",
        ],
    );
    world.press(&world.lead(), fourth.id, "Approve").await?;
    world.ended("succeeded", 4).await?;
    assert_eq!(says_now(&world, &map, "NEW").await?, None);
    for message in world.discord.messages(IDS.ops) {
        world.discord.mark_read(message.id);
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_what_cannot_be_are_refused_and_kept_nowhere() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let (map, fixed) = (format!("{app}-settings"), format!("{app}-fixed"));
    make(&world, &map, json!({})).await?;
    make(&world, &fixed, json!({ "immutable": true })).await?;
    let operator = world.operator();
    let of = |name: &str, rest: &str| format!("/ceo config set config:configmap/{name} {rest}");
    for (line, words) in [
        (
            of(&map, "key:API_TOKEN value:tok-83jf92kd02"),
            "looks like a secret",
        ),
        (
            of(&map, "key:url value:postgres://u:pa55word@db/x"),
            "looks like a secret",
        ),
        (of(&map, "key:a/b value:1"), "is no key of a ConfigMap"),
        (of(&fixed, "key:LOG_LEVEL value:debug"), "is immutable"),
        (of("nobody", "key:LOG_LEVEL value:debug"), "nobody"),
        (
            "/ceo config set config:secret/x key:a value:b".to_owned(),
            "are not typed into a chat",
        ),
        (
            format!("/ceo config undo config:configmap/{map}"),
            "No change of configmap",
        ),
    ] {
        let told = world.ask(&operator, &line).await?;
        says(&told, &[words]);
        says_not(&told, &["tok-83jf92kd02", "pa55word", "hunter2222"]);
    }
    let viewer = world
        .ask(&world.viewer(), &of(&map, "key:LOG_LEVEL value:debug"))
        .await?;
    says(&viewer, &["You may not"]);
    assert!(world.tickets().await?.is_empty());
    let kept = std::fs::read(world.store())?;
    for secret in ["tok-83jf92kd02", "pa55word"] {
        let found = kept.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
        assert!(!found, "{secret} is in the store");
    }

    // What it said before looks like a secret: it is not shown, and cannot be put back.
    let line = of(&map, "key:DB_PASSWORD value:none");
    let told = world.ask(&operator, &line).await?;
    says(&told, &["looks like a secret"]);
    world.finish().await
}
