//! Is a half-typed name completed from memory, in every notation, and only with what the asker may read?

use ceo_tests::world::{IDS, PATIENCE, Setup, World, until};
use serde_json::json;

/// A deployed workload whose name is completed already.
async fn known(world: &World) -> anyhow::Result<String> {
    let app = world.cluster.deploy().await?;
    let line = format!("/ceo logs workload:{app}");
    let look = || async {
        let found = world.operator().autocomplete(IDS.ops, &line).await?;
        // The workload and its pods.
        Ok((found.len() > 1).then_some(()))
    };
    until(PATIENCE, look).await?;
    Ok(app)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_completed_part_by_part() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = known(&world).await?;
    let (cluster, namespace) = (world.cluster.name(), world.cluster.namespace());
    let full = format!("{cluster}/{namespace}/deployment/{app}");
    let short = format!("deployment/{app}");
    for (typed, value) in [
        (format!("{cluster}/"), &full),
        (format!("{cluster}/{namespace}/dep"), &full),
        (format!("{cluster}/{namespace}/deploy/{}", &app[..4]), &full),
        (format!("deploy/{}", &app[..4]), &short),
        (app[1..5].to_owned(), &short),
    ] {
        let line = format!("/ceo status workload:{typed}");
        let found = world.operator().autocomplete(IDS.ops, &line).await?;
        assert!(
            found.iter().any(|choice| choice.value == json!(value)),
            "{typed}: {found:?}"
        );
        assert!(found.len() <= 25);
    }
    let line = format!("/ceo logs workload:{cluster}/{namespace}/pod/");
    let found = world.operator().autocomplete(IDS.ops, &line).await?;
    let pod = format!("{cluster}/{namespace}/pod/{app}-");
    assert!(
        !found.is_empty()
            && found
                .iter()
                .all(|c| c.value.as_str().unwrap_or_default().starts_with(&pod)),
        "{found:?}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_is_offered_nothing_and_nothing_is_asked_of_the_cluster() -> anyhow::Result<()> {
    let world = World::with(Setup::default()).await?;
    let app = known(&world).await?;
    let cluster = world.cluster.name();
    let requests = |world: &World| -> anyhow::Result<usize> {
        let all = world.cluster.sim()?.requests();
        let mine = |r: &&ceo_tests::kube::mutations::Request| {
            r.user.contains("ceo-bot") && !r.query.contains("watch=") && !r.path.ends_with("/version")
        };
        Ok(all.iter().filter(mine).count())
    };
    let simulated = !world.cluster.is_real();
    let before = if simulated { requests(&world)? } else { 0 };
    let outsider = world.discord.person(IDS.outsider);
    for line in [
        format!("/ceo status workload:{cluster}/"),
        format!("/ceo status workload:{app}"),
        format!("/ceo logs workload:pod/{app}"),
        format!("/ceo logs workload:deployment/{app} container:"),
        format!("/ceo rollback workload:deployment/{app} revision:"),
    ] {
        let found = outsider.autocomplete(IDS.ops, &line).await?;
        assert!(found.is_empty(), "{line}: {found:?}");
        world.operator().autocomplete(IDS.ops, &line).await?;
    }
    if simulated {
        assert_eq!(requests(&world)?, before, "completion asked the cluster");
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_is_offered_in_the_language_of_who_types() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy_two_revisions().await?;
    let line = format!("/ceo rollback workload:deployment/{app} revision:");
    for (locale, standing) in [("en-US", "1 ("), ("zh-CN", "1（")] {
        world.discord.set_locale(IDS.operator, locale);
        let look = || async {
            let found = world.operator().autocomplete(IDS.ops, &line).await?;
            Ok(found.into_iter().next())
        };
        let first = until(PATIENCE, look).await?;
        assert!(first.name.starts_with(standing), "{locale}: {first:?}");
    }
    world.finish().await
}
