//! Does `/ceo image` show what changes, ask others, roll it out, and tell how that went?

use ceo_tests::world::{IDS, World};

use crate::{says, says_not};

#[tokio::test(flavor = "multi_thread")]
async fn another_tag_runs_after_a_lead_approved() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let old = world.cluster.image(&app).await?;
    let name = old
        .rsplit_once(':')
        .map_or(old.as_str(), |(name, _)| name)
        .to_owned();
    let new = world.cluster.draw.new.to_owned();
    let line = format!("/ceo image workload:deployment/{app} image:{new}");
    let asked = world.ask(&world.operator(), &line).await?;
    says(&asked, &["Asked for approval"]);
    let title = format!("Change deployment/{app}, container");
    let card = world.told(IDS.ops, &[&title]).await?;
    says(
        &card,
        &[
            &format!("-  image: {old}"),
            &format!("+  image: {new}"),
            "a tag can be moved to another image",
            "replaced, at least",
        ],
    );
    assert_eq!(world.cluster.image(&app).await?, old, "nobody has approved");
    world.press(&world.lead(), card.id, "Approve").await?;
    let done = world
        .told(
            IDS.ops,
            &[&format!("Changed deployment/{app} to {new}"), "pods ready"],
        )
        .await?;
    assert_eq!(done.id, card.id);
    assert_eq!(world.cluster.image(&app).await?, new);
    let same = world.ask(&world.operator(), &line).await?;
    says(&same, &["has the image", "already"]);

    // One that cannot be pulled sticks, with the cause and the way back.
    let tag = format!("gone-{:04x}", rand::random::<u16>());
    if let Ok(sim) = world.cluster.sim() {
        sim.image(&format!("*:{tag}")).pull_fails("manifest unknown");
    }
    let line = format!("/ceo image workload:deployment/{app} image::{tag}");
    world.ask(&world.operator(), &line).await?;
    let card = world.told(IDS.ops, &[&title, &format!("{name}:{tag}")]).await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    let stuck = world
        .told(IDS.ops, &["is stuck", &format!("{name}:{tag}")])
        .await?;
    says(&stuck, &["0 of", "new pods ready", "cannot be pulled"]);
    says_not(&stuck, &["Changed deployment"]);
    let labels = stuck.labels();
    assert!(
        labels.iter().any(|label| label.starts_with("Roll back to 2")),
        "{labels:?}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_image_or_no_container_is_told() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let ask = |rest: &str| {
        let (world, line) = (&world, format!("/ceo image workload:deployment/{app} {rest}"));
        async move { world.ask(&world.operator(), &line).await }
    };
    for bad in ["Nginx:1", "a;reboot", "a:b:c", ":"] {
        says(
            &ask(&format!("image:{bad}")).await?,
            &["names no image", "registry.example"],
        );
    }
    let answer = ask("image::v9 container:nginx").await?;
    says(&answer, &["has no container `nginx`", "There are: "]);
    let line = format!("/ceo image workload:deployment/{app} image::v9");
    says(&world.ask(&world.viewer(), &line).await?, &["You may not"]);
    let answer = world
        .ask(
            &world.operator(),
            &format!("/ceo image workload:deployment/{app} image:nginx"),
        )
        .await?;
    says(&answer, &["Asked for approval"]);
    world.told(IDS.ops, &["has no tag of its own (latest)"]).await?;
    world.finish().await
}
