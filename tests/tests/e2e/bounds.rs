//! Is one person with a wide question, beside ten thousand pods, too much for the bot?

use ceo_tests::{
    kube::{fixtures::many_pods, mutations::Request},
    world::{IDS, PATIENCE, World, until},
};

use crate::says;

const PODS: usize = 10_000;

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
