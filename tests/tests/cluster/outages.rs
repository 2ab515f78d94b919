//! Clusters that fail: they are told as what they are, delay no other, and are found again.

use std::time::{Duration, Instant};

use ceo_commands::{
    cluster::{ClusterError, Registry, WriteError, patch, precondition_of},
    model::{Reference, Workload},
};
use ceo_tests::kube::{
    faults::Effect,
    fixtures::ceoagent,
    sim::{KubeSim, Options},
};
use tokio::task::JoinSet;

use crate::world::{NS, TIMEOUT, World, api, config, permit_for, until};

#[tokio::test]
async fn an_api_server_that_is_down_is_an_outage_and_not_a_denial() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    world.sim.faults().down(true);
    let error = world.view.workload(&api()).await.unwrap_err();
    assert!(error.is_outage(), "{error:?}");
    let text = error.report(&Reference::new()).plain();
    assert!(
        text.contains("Nothing was changed. This is an outage of the API server, not a missing right."),
        "{text}"
    );
    let precondition = precondition_of(&object, &["/spec/replicas"]);
    let permit = permit_for(&[&api()]).await;
    let write = world
        .registry
        .writer(&permit)
        .patch(&precondition, &[patch::replace("/spec/replicas", 5)])
        .await;
    assert!(matches!(write, Err(WriteError::Cluster(e)) if e.is_outage()));
    world.sim.faults().down(false);
    assert_eq!(world.view.workload(&api()).await.unwrap().replicas(), Some(3));
}

#[tokio::test]
async fn what_is_still_being_read_is_no_outage() {
    let world = World::new().await;
    let before = world.cached().fresh().unwrap_err();
    assert!(before.is_outage(), "a run waits for it: {before:?}");
    let text = before.report(&Reference::new()).plain();
    assert!(
        text.contains("still being read") && text.contains("Nothing was changed."),
        "{text}"
    );
    assert!(
        !text.contains("outage") && !text.contains("did not answer"),
        "{text}"
    );
    let world = world.watching().await;
    world.cached().fresh().unwrap();
    world.sim.faults().down(true);
    until("the watches see the outage", || world.cached().error().is_some()).await;
    let during = world
        .cached()
        .fresh()
        .unwrap_err()
        .report(&Reference::new())
        .plain();
    assert!(
        during.contains("did not answer") && during.contains("an outage of the API server"),
        "{during}"
    );
}

#[tokio::test]
async fn nobody_waits_longer_than_the_timeout() {
    let world = World::new().await;
    world
        .sim
        .faults()
        .inject("GET", "/deployments/ceoagent-api", 9, Effect::Hang)
        .unwrap();
    let began = Instant::now();
    let error = world.view.workload(&api()).await.unwrap_err();
    assert!(
        matches!(
            &error,
            ClusterError::Timeout { .. } | ClusterError::Unreachable { .. }
        ),
        "{error:?}"
    );
    assert!(began.elapsed() < TIMEOUT * 2, "{:?}", began.elapsed());
}

#[tokio::test]
async fn reads_outlive_what_passes() {
    let world = World::new().await;
    for effect in [Effect::CutBefore, Effect::Status(503), Effect::Status(500)] {
        world
            .sim
            .faults()
            .inject("GET", "/deployments/ceoagent-api", 1, effect.clone())
            .unwrap();
        assert_eq!(
            world.view.workload(&api()).await.unwrap().replicas(),
            Some(3),
            "{effect:?}"
        );
        assert_eq!(world.sim.faults().waiting(), 0);
    }
}

#[tokio::test]
async fn watches_come_back_after_an_outage_and_after_a_lost_history() {
    let world = World::new().await.watching().await;
    let cached = world.cached();
    world.sim.faults().down(true);
    until("the watches notice", || world.view.clusters()[0].error.is_some()).await;
    assert!(cached.workload(&api()).is_some(), "what was known stays known");
    world
        .sim
        .faults()
        .inject("GET", "watch=true", 20, Effect::WatchError(410))
        .unwrap();
    ceoagent::roll(&world.sim, "docker.io/local/api:v1.2.0", "meanwhile").unwrap();
    world.sim.faults().down(false);
    until("the watches caught up", || {
        let object = cached.workload(&api());
        object.is_some_and(|o| o.images()[0].1.ends_with("v1.2.0"))
            && world.view.clusters()[0].error.is_none()
    })
    .await;
}

#[tokio::test]
async fn a_dead_and_a_broken_cluster_delay_no_other() {
    let (good, dead) = (
        World::new().await,
        KubeSim::start(Options::default()).await.unwrap(),
    );
    let configs = vec![
        config("dead", &good.home, &dead.kubeconfig("admin")),
        config("broken", &good.home, "token: secret\n  nonsense: ["),
        config(
            "prod",
            &good.home,
            &good.sim.kubeconfig("secret-token-of-the-bot"),
        ),
    ];
    dead.faults().down(true);
    let registry = Registry::connect(configs, TIMEOUT).await;
    let mut tasks = JoinSet::new();
    registry.spawn_watches(&mut tasks);
    let view = registry.view();
    let cached = view.cached("prod", NS).unwrap();
    let began = Instant::now();
    until("the good one is whole", || cached.synced()).await;
    assert!(began.elapsed() < Duration::from_secs(10));
    let of = |cluster: &str| Workload {
        cluster: cluster.to_owned(),
        ..api()
    };
    assert_eq!(view.workload(&of("prod")).await.unwrap().replicas(), Some(3));
    assert!(view.workload(&of("dead")).await.unwrap_err().is_outage());
    let broken = view.workload(&of("broken")).await.unwrap_err();
    let text = broken.report(&Reference::new()).plain();
    assert!(matches!(broken, ClusterError::Misconfigured { .. }), "{broken:?}");
    assert!(!text.contains("secret"), "{text}");
    // The file is mended; nobody restarts anything.
    std::fs::write(
        good.home.path().join("broken"),
        good.sim.kubeconfig("secret-token-of-the-bot"),
    )
    .unwrap();
    assert_eq!(view.workload(&of("broken")).await.unwrap().replicas(), Some(3));
    let mended = view.cached("broken", NS).unwrap();
    until("its watches go on", || mended.synced()).await;
    let info = view.clusters();
    assert!(!info[0].synced && info[1].synced && info[2].synced);
    assert!(tasks.try_join_next().is_none(), "no watch ends by itself");
}

#[tokio::test]
async fn a_new_kubeconfig_is_read_on_reload() {
    let world = World::new().await.watching().await;
    let other = KubeSim::start(Options::default()).await.unwrap();
    ceoagent::start(&other).await.unwrap();
    ceoagent::roll(&other, "docker.io/local/api:v7", "elsewhere").unwrap();
    std::fs::write(world.home.path().join("prod"), other.kubeconfig("admin")).unwrap();
    world.registry.reload().await;
    let live = world.view.workload(&api()).await.unwrap();
    assert!(live.images()[0].1.ends_with(":v7"));
    let cached = world.cached();
    until("the watches moved over", || {
        cached
            .workload(&api())
            .is_some_and(|o| o.images()[0].1.ends_with(":v7"))
    })
    .await;
}

#[tokio::test]
async fn a_revoked_token_is_told_as_such() {
    let world = World::new().await;
    world.sim.revoke_token("secret-token-of-the-bot");
    let error = world.view.workload(&api()).await.unwrap_err();
    assert!(matches!(error, ClusterError::Unauthorized { .. }), "{error:?}");
}
