//! Is one person with a wide question, beside ten thousand pods, too much for the bot?

use ceo_tests::{
    kube::{fixtures::many_pods, mutations::Request},
    world::{IDS, PATIENCE, World, until},
};

use crate::says;

const PODS: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_pods_of_a_whole_namespace_are_counted_and_the_worst_of_them_listed() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    many_pods(sim, space, PODS)?;
    // By name it comes last. One pod serves on, the other crashes.
    world
        .cluster
        .deploy_as("zz-app", 1, world.cluster.draw.old)
        .await?;
    crate::incidents::run(&world, "zz-app", "exit 3").await?;
    let operator = world.operator();
    let told = || async {
        let answer = world.ask(&operator, "/ceo get pods").await?;
        let all = answer
            .text()
            .contains("10,002 pods of all workloads, 1 in trouble");
        Ok(all.then_some(answer))
    };
    let before = sim.requests().len();
    let answer = until(PATIENCE * 2, told).await?;
    says(
        &answer,
        &["zz-app-", "Listed are the first 500 of 10,002", "page 1 of 25"],
    );
    let asked = sim.requests().into_iter().skip(before);
    let lists = asked.filter(|r| r.user.ends_with("ceo-bot") && r.verb == "list" && r.resource == "pods");
    assert!(
        lists.count() <= PODS / 100 + 2,
        "the watch's own pages, and no list of the command's"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selector_that_fits_all_reads_a_few_pages_and_a_keystroke_reads_none() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    many_pods(sim, space, PODS)?;
    let known = || async {
        let line = "/ceo logs workload:load-99-";
        let found = world.operator().autocomplete(IDS.ops, line).await?;
        Ok((!found.is_empty()).then_some(()))
    };
    until(PATIENCE * 2, known).await?;

    let before = sim.requests().len();
    for typed in ["l", "lo", "load-0-", "load-0-x"] {
        let line = format!("/ceo logs workload:{typed}");
        let found = world.operator().autocomplete(IDS.ops, &line).await?;
        assert!(found.len() <= 25, "{}", found.len());
    }
    let answer = world
        .ask(&world.operator(), "/ceo get pods selector:app!=other")
        .await?;
    says(&answer, &["Only the first 500 were read"]);
    let asked: Vec<Request> = sim.requests().into_iter().skip(before).collect();
    let lists: Vec<&Request> = asked
        .iter()
        .filter(|r| r.user.ends_with("ceo-bot") && r.verb == "list" && r.resource == "pods")
        .collect();
    assert_eq!(lists.len(), 5, "{lists:?}");
    assert!(
        lists
            .iter()
            .all(|r| r.query.contains("limit=100") && r.query.contains("labelSelector"))
    );
    world.finish().await
}
