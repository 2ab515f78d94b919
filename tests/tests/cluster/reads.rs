//! Reads: live, from the caches, by a person's words, and with too few rights.

use ceo_commands::{
    cluster::{ClusterError, Log, Patch, Right, Select, patch},
    diagnosis::{self, Cause, Look, Scene},
    failure::Failure,
    health::{self, RolloutState},
    incident::Timing,
    model::{Timestamp, WorkloadKind, WorkloadName},
    objects::{Event, Node, Pod, StatefulSet},
};
use ceo_tests::kube::{
    access::Rules,
    fixtures::{ceoagent, install, stateful_set},
};

use crate::world::{NS, World, api, until, workload};

fn named(kind: Option<WorkloadKind>, name: &str) -> WorkloadName {
    WorkloadName {
        cluster: "prod".to_owned(),
        namespace: NS.to_owned(),
        kind,
        name: name.to_owned(),
    }
}

#[tokio::test]
async fn the_caches_know_a_workload_with_all_that_belongs_to_it() {
    let world = World::new().await.watching().await;
    let cached = world.cached();
    let object = cached.workload(&api()).unwrap();
    assert_eq!((object.replicas(), object.revision()), (Some(3), Some(2)));
    assert!(object.rollout(Timestamp::now()).is_complete());
    until("three pods of revision 2", || {
        cached.pods_of(&api()).len() == 3 && cached.new_pods_of(&object).len() == 3
    })
    .await;
    for pod in cached.pods_of(&api()) {
        assert!(health::pod::is_ready(Some(&pod)));
        assert_eq!(cached.owner_of(&pod), Some(api()));
    }
    assert_eq!(cached.replica_sets_of(&api()).len(), 2);
    let agent = workload(WorkloadKind::DaemonSet, "log-agent");
    assert!(!cached.pods_of(&agent).is_empty());
    assert_eq!(
        cached.new_pods_of(&cached.workload(&agent).unwrap()).len(),
        cached.pods_of(&agent).len()
    );
    let names: Vec<String> = cached.workloads().iter().map(|w| w.workload().short()).collect();
    assert_eq!(names[0], "deployment/ceoagent-api");
    assert_eq!(names.len(), 4);
    assert_eq!(world.asked(), 0, "nothing was asked but by the watches");
    let info = &world.view.clusters()[0];
    assert!(info.synced && info.error.is_none() && info.production);
}

#[tokio::test]
async fn a_change_wakes_whoever_waits_for_one() {
    let world = World::new().await.watching().await;
    let cached = world.cached();
    let mut changed = cached.changed();
    let mut changes = cached.events();
    ceoagent::roll(&world.sim, "docker.io/local/api:v1.2.0", "next").unwrap();
    let rolled = async {
        loop {
            let object = cached.workload(&api()).unwrap();
            let rollout = object.rollout(Timestamp::now());
            if rollout.is_complete() && object.images()[0].1.ends_with("v1.2.0") {
                return object;
            }
            changed.changed().await.unwrap();
        }
    };
    let object = tokio::time::timeout(crate::world::PATIENCE, rolled)
        .await
        .unwrap();
    assert_eq!(object.revision(), Some(3));
    assert_eq!(world.asked(), 0);
    let first = changes.try_recv().unwrap();
    assert_eq!(
        (first.kind, first.name.as_deref()),
        ("deployments", Some(ceoagent::API))
    );
}

#[tokio::test]
async fn revisions_are_the_same_live_and_cached() {
    let world = World::new().await.watching().await;
    let live = world.view.workload(&api()).await.unwrap();
    let revisions = world.view.revisions(&live).await.unwrap();
    let short: Vec<_> = revisions.iter().map(|r| (r.number, r.current, r.pods)).collect();
    assert_eq!(short, [(2, true, 3), (1, false, 0)]);
    assert_eq!(revisions[1].images[0].1, "docker.io/local/api:v1.0.0");
    assert_eq!(revisions[1].change_cause.as_deref(), Some("initial v1.0.0"));
    assert_eq!(world.asked(), 1, "one GET; the other request is a LIST");
    let cached = world
        .view
        .cached_revisions(&world.cached().workload(&api()).unwrap())
        .unwrap();
    let numbers: Vec<_> = cached.iter().map(|r| (r.number, r.current)).collect();
    assert_eq!(numbers, [(2, true), (1, false)]);
    let agent = workload(WorkloadKind::DaemonSet, "log-agent");
    let agent = world.view.workload(&agent).await.unwrap();
    let kept = world.view.revisions(&agent).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].current && kept[0].pods > 0);
}

#[tokio::test]
async fn words_become_a_workload_or_a_helpful_no() {
    let world = World::new().await.watching().await;
    let twin = stateful_set(NS, ceoagent::API, 1, "docker.io/local/api:v1.0.0");
    let found = world.view.resolve(&named(None, ceoagent::API)).await.unwrap();
    assert_eq!(found, api());
    assert_eq!(world.asked(), 0, "what is known costs no request");
    install(world.sim.store(), twin).unwrap();
    let cached = world.cached();
    until("the twin is known", || {
        cached
            .list::<StatefulSet>()
            .iter()
            .any(|s| *s.metadata.name == *ceoagent::API)
    })
    .await;
    let Err(Failure::Input(ambiguous)) = world.view.resolve(&named(None, ceoagent::API)).await else {
        panic!("two workloads have this name");
    };
    let hint = ambiguous.hint.unwrap().plain();
    assert_eq!(hint, "Write deployment/ceoagent-api or statefulset/ceoagent-api.");
    let unknown = world
        .view
        .resolve(&named(Some(WorkloadKind::Deployment), "ceoagent-ap"))
        .await;
    let Err(Failure::Cluster(ClusterError::NotFound { near, .. })) = unknown else {
        panic!("{:?}", unknown.map_err(|e| e.to_string()));
    };
    assert_eq!(near[0], "ceoagent-api");
    let mut elsewhere = named(None, "x");
    elsewhere.namespace = "kube-system".to_owned();
    assert!(matches!(
        world.view.resolve(&elsewhere).await,
        Err(Failure::Cluster(ClusterError::OutsideSettings { .. }))
    ));
    elsewhere.cluster = "dev".to_owned();
    assert!(matches!(
        world.view.resolve(&elsewhere).await,
        Err(Failure::Cluster(ClusterError::UnknownCluster { .. }))
    ));
}

#[tokio::test]
async fn names_are_found_before_the_caches_are_whole() {
    let world = World::new().await;
    assert_eq!(
        world.view.resolve(&named(None, ceoagent::API)).await.unwrap(),
        api()
    );
    let unknown = world
        .view
        .workload(&workload(WorkloadKind::StatefulSet, "nope"))
        .await;
    assert!(
        matches!(unknown, Err(ClusterError::NotFound { what, name, .. }) if what == "statefulset" && name == "nope")
    );
}

#[tokio::test]
async fn typed_reads_logs_and_the_version() {
    let world = World::new().await;
    for line in ["booting", "ready"] {
        assert!(world.sim.node().append_log(NS, "ceoagent-api-*", "api", line) > 0);
    }
    let select = Select::labels("app=ceoagent-api");
    let pods = world.view.list::<Pod>("prod", NS, &select).await.unwrap();
    assert_eq!(pods.len(), 3);
    let name = pods[0].metadata.name.clone();
    let one = world.view.get::<Pod>("prod", NS, &name).await.unwrap();
    assert_eq!(one.metadata.uid, pods[0].metadata.uid);
    let which = Log {
        tail_lines: Some(2),
        ..Log::default()
    };
    let log = world.view.log("prod", NS, &name, &which).await.unwrap();
    assert!(log.ends_with("ready\n"), "{log}");
    let stream = world.view.log_stream("prod", NS, &name, &which).await.unwrap();
    let lines: Vec<String> = futures::TryStreamExt::try_collect(futures::AsyncBufReadExt::lines(stream))
        .await
        .unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(world.view.version("prod").await.unwrap(), "v1.36.2");
    let metrics = world.view.values("prod", NS, "metrics.k8s.io/pods", None).await;
    assert!(
        matches!(metrics, Ok(_) | Err(ClusterError::NoApi { .. })),
        "{metrics:?}"
    );
    assert!(matches!(
        world.view.list::<Pod>("prod", "kube-system", &select).await,
        Err(ClusterError::OutsideSettings { .. })
    ));
}

#[tokio::test]
async fn a_rehearsal_tells_what_would_be_and_changes_nothing() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let patch = Patch::on(&object, vec![patch::replace("/spec/replicas", 7)]);
    let would_be = world.view.rehearse(&patch).await.unwrap();
    assert_eq!(would_be["spec"]["replicas"], 7);
    let refused = world
        .view
        .rehearse(&Patch::on(&object, vec![patch::replace("/spec/replicas", -1)]))
        .await;
    let Err(ClusterError::Invalid { message }) = refused else {
        panic!("{refused:?}")
    };
    let message = message.plain();
    assert!(
        message.contains("must be greater than or equal to 0"),
        "{message}"
    );
    assert!(world.writes().is_empty());
    assert!(
        world
            .sim
            .mutations()
            .iter()
            .filter(|m| m.user == "ceo-bot")
            .all(|m| m.dry_run)
    );
}

#[tokio::test]
async fn missing_rights_are_told_and_the_rest_goes_on() {
    let readable = [
        "pods",
        "deployments",
        "replicasets",
        "statefulsets",
        "daemonsets",
        "controllerrevisions",
    ];
    let rules = readable.iter().fold(Rules::none(), |rules, resource| {
        rules.allow(Some(NS), &["*"], &[*resource], &["get", "list", "watch"])
    });
    let world = World::with(rules).await.watching().await;
    let object = world.view.workload(&api()).await.unwrap();
    let patch = Patch::on(&object, vec![patch::replace("/spec/replicas", 7)]);
    let Err(ClusterError::Forbidden { verb, resource, .. }) = world.view.rehearse(&patch).await else {
        panic!("it may not patch");
    };
    assert_eq!((verb.as_str(), resource.as_str()), ("patch", "deployments.apps"));
    let right = Right {
        group: "apps",
        resource: "deployments",
        verbs: &["get", "patch", "list"],
    };
    assert_eq!(
        world.view.missing_verbs("prod", Some(NS), &right).await.unwrap(),
        ["patch"]
    );
    assert!(!world.view.cluster_scope("prod").unwrap().knows::<Node>());
    let events = world.view.list::<Event>("prod", NS, &Select::default()).await;
    assert!(matches!(events, Err(ClusterError::Forbidden { .. })));
    let cached = world.cached();
    until("the services' watch tells its missing right", || {
        cached
            .watches()
            .iter()
            .any(|w| w.kind == "services" && w.optional && w.error.is_some())
    })
    .await;
    assert!(
        cached.synced() && cached.error().is_none(),
        "what is optional is no failure of the cluster"
    );
}

#[tokio::test]
async fn a_broken_rollout_is_told_with_its_cause() {
    let world = World::new().await.watching().await;
    world
        .sim
        .node()
        .image("docker.io/local/api:v1.2.0")
        .crashes(3, &["FATAL: database connection refused"]);
    ceoagent::roll(&world.sim, "docker.io/local/api:v1.2.0", "next").unwrap();
    let cached = world.cached();
    let look = || {
        let object = cached.workload(&api()).unwrap();
        let pods = cached.new_pods_of(&object);
        let rollout = object.rollout(Timestamp::now());
        let scene = Scene {
            rollout: &rollout,
            workload: Some(&object),
            pods: pods.iter().map(AsRef::as_ref).collect(),
            look: Look::new(Timestamp::now(), &Timing::default()),
        };
        let mut found = diagnosis::why_stuck(&scene);
        found.retain(|finding| matches!(finding.cause, Cause::CrashLoop(_)));
        (rollout.state == RolloutState::Progressing)
            .then(|| found.pop())
            .flatten()
    };
    until("the crash is seen", || look().is_some()).await;
    let told = look().map(|finding| finding.line().plain()).unwrap_or_default();
    assert!(
        told.contains("container api, exit code 3 (error of the program)"),
        "{told}"
    );
}
