//! Writes: what was approved and nothing else, once.

use ceo_commands::cluster::{CHANGE_CAUSE, ClusterError, MARK, WriteError, patch, precondition_of};
use ceo_tests::kube::{faults::Effect, fixtures::ceoagent, key::Key};
use serde_json::json;

use crate::world::{NS, World, api, permit_for, workload};

fn replicas(count: i64) -> Vec<json_patch::PatchOperation> {
    vec![patch::replace("/spec/replicas", count)]
}

fn key() -> Key {
    Key::namespaced("apps", "deployments", NS, ceoagent::API)
}

const PATCH: &str = "/deployments/ceoagent-api";

#[tokio::test]
async fn a_write_carries_who_and_why_and_its_preconditions() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let precondition = precondition_of(&object, &["/spec/replicas"]);
    let before = world.requests().len();
    let permit = permit_for(&[&api()]).await;
    let writer = world
        .registry
        .writer(&permit)
        .saying("scale workload:deployment/ceoagent-api replicas:5");
    let written = writer.patch(&precondition, &replicas(5)).await.unwrap();
    assert_eq!(written["spec"]["replicas"], 5);
    // A scaling makes no revision: Kubernetes would copy its change-cause to the one that runs.
    assert!(
        written["metadata"]["annotations"][CHANGE_CAUSE]
            .as_str()
            .is_none_or(|cause| !cause.starts_with("ceo"))
    );
    let mark = written["metadata"]["annotations"][MARK].as_str().unwrap();
    assert!(mark.starts_with(&format!("{}/", permit.ticket())), "{mark}");
    let methods: Vec<String> = world.requests()[before..]
        .iter()
        .map(|(m, _)| m.clone())
        .collect();
    assert_eq!(methods, ["GET", "PATCH"]);
    let writes = world.writes();
    assert_eq!(writes.len(), 1);
    let tests: Vec<&str> = writes[0]
        .body
        .as_array()
        .unwrap()
        .iter()
        .filter(|o| o["op"] == "test")
        .filter_map(|o| o["path"].as_str())
        .collect();
    assert_eq!(tests, ["/metadata/uid", "/metadata/generation"]);
    let fresh = world.view.workload(&api()).await.unwrap();
    let changed = fresh.last_change().unwrap();
    assert_eq!(changed.manager.as_deref(), Some("ceo"));
}

#[tokio::test]
async fn writing_twice_changes_once() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let precondition = precondition_of(&object, &["/spec/replicas"]);
    let permit = permit_for(&[&api()]).await;
    let writer = world.registry.writer(&permit).saying("scale");
    for _ in 0..2 {
        let written = writer.patch(&precondition, &replicas(5)).await.unwrap();
        assert_eq!(written["spec"]["replicas"], 5);
    }
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn an_annotation_map_is_made_where_there_is_none() {
    let world = World::new().await;
    let agent = workload(ceo_commands::model::WorkloadKind::DaemonSet, "log-agent");
    let place = Key::namespaced("apps", "daemonsets", NS, "log-agent");
    world
        .sim
        .store()
        .update(&place, |d| {
            d["metadata"].as_object_mut().map(|m| m.remove("annotations"));
        })
        .unwrap();
    let object = world.view.workload(&agent).await.unwrap();
    let precondition = precondition_of(&object, &["/spec/template"]);
    let permit = permit_for(&[&agent]).await;
    let image = patch::replace(
        "/spec/template/spec/containers/0/image",
        "docker.io/local/log-agent:4",
    );
    let written = world
        .registry
        .writer(&permit)
        .patch(&precondition, &[image])
        .await
        .unwrap();
    assert!(
        written["metadata"]["annotations"][CHANGE_CAUSE].is_string(),
        "{written}"
    );
}

#[tokio::test]
async fn a_changed_template_is_stale_and_told() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let precondition = precondition_of(&object, &["/spec/replicas", "/spec/template"]);
    assert_eq!(
        world
            .view
            .check(std::slice::from_ref(&precondition))
            .await
            .unwrap()
            .len(),
        1
    );
    ceoagent::roll(&world.sim, "docker.io/local/api:v1.2.0", "by hand").unwrap();
    ceoagent::settle(&world.sim).await.unwrap();
    let permit = permit_for(&[&api()]).await;
    let Err(WriteError::Stale(moved)) = world
        .registry
        .writer(&permit)
        .patch(&precondition, &replicas(5))
        .await
    else {
        panic!("the template moved");
    };
    assert_eq!(moved.field, "spec.template");
    assert_eq!(moved.how.unwrap().plain(), "image v1.1.0 → v1.2.0");
    assert!(matches!(
        world.view.check(&[precondition]).await,
        Err(WriteError::Stale(_))
    ));
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn what_is_not_held_may_move() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let precondition = precondition_of(&object, &["/spec/template"]);
    world
        .sim
        .store()
        .update(&key(), |d| d["spec"]["replicas"] = json!(4))
        .unwrap();
    let permit = permit_for(&[&api()]).await;
    let image = vec![patch::replace(
        "/spec/template/spec/containers/0/image",
        "docker.io/local/api:v1.0.0",
    )];
    world
        .registry
        .writer(&permit)
        .patch(&precondition, &image)
        .await
        .unwrap();
    assert_eq!(world.writes().len(), 1);
    let fresh = world.view.workload(&api()).await.unwrap();
    let cause = fresh.last_change().unwrap().cause.unwrap();
    assert_eq!(
        cause,
        format!("ceo: change by ops-person, ticket {}", permit.ticket())
    );
}

#[tokio::test]
async fn an_object_that_is_gone_or_another_is_stale() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let mut precondition = precondition_of(&object, &["/spec/replicas"]);
    let permit = permit_for(&[&api()]).await;
    let writer = world.registry.writer(&permit);
    let uid = std::mem::replace(&mut precondition.uid, "another".to_owned());
    let Err(WriteError::Stale(moved)) = writer.patch(&precondition, &replicas(5)).await else {
        panic!("it is another object")
    };
    assert!(
        moved.line().plain().contains("another of the same name"),
        "{moved}"
    );
    precondition.uid = uid;
    world.sim.store().delete(&key());
    let Err(WriteError::Stale(moved)) = writer.patch(&precondition, &replicas(5)).await else {
        panic!("it is gone")
    };
    assert!(moved.line().plain().contains("it was deleted"), "{moved}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_permit_covers_its_targets_only() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let precondition = precondition_of(&object, &["/spec/replicas"]);
    let permit = permit_for(&[&workload(
        ceo_commands::model::WorkloadKind::DaemonSet,
        "log-agent",
    )])
    .await;
    let before = world.requests().len();
    let refused = world
        .registry
        .writer(&permit)
        .patch(&precondition, &replicas(5))
        .await;
    assert!(
        matches!(refused, Err(WriteError::Outside(target)) if target == "prod/ceoagent/deployment/ceoagent-api")
    );
    assert_eq!(world.requests().len(), before);
}

#[tokio::test]
async fn lost_answers_and_conflicts_never_double_a_write() {
    for effect in [
        Effect::CutAfter,
        Effect::CutBefore,
        Effect::AppliedThenHang,
        Effect::Hang,
        Effect::AppliedThenStatus(500),
        Effect::Status(409),
        Effect::RetryAfter(429, 1),
    ] {
        let world = World::new().await;
        let object = world.view.workload(&api()).await.unwrap();
        let precondition = precondition_of(&object, &["/spec/replicas"]);
        world
            .sim
            .faults()
            .inject("PATCH", PATCH, 1, effect.clone())
            .unwrap();
        let permit = permit_for(&[&api()]).await;
        let written = world
            .registry
            .writer(&permit)
            .patch(&precondition, &replicas(5))
            .await;
        assert_eq!(written.unwrap()["spec"]["replicas"], 5, "{effect:?}");
        assert_eq!(world.sim.faults().hits(), 1, "{effect:?}");
        assert_eq!(world.writes().len(), 1, "{effect:?}");
    }
}

#[tokio::test]
async fn what_was_made_and_set_back_since_is_not_made_again() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let precondition = precondition_of(&object, &["/spec/replicas"]);
    let before = object.replicas();
    let permit = permit_for(&[&api()]).await;
    let writer = world.registry.writer(&permit);
    writer.patch(&precondition, &replicas(5)).await.unwrap();
    world
        .sim
        .store()
        .update(&key(), |d| d["spec"]["replicas"] = json!(before))
        .unwrap();
    let again = writer.patch(&precondition, &replicas(5)).await;
    let Err(WriteError::SetBack(moved)) = again else {
        panic!("{again:?}");
    };
    assert!(moved.line().plain().contains("set back since"), "{moved}");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_generation_that_moves_in_between_is_tried_again_and_a_wrong_patch_is_not() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let precondition = precondition_of(&object, &["/spec/replicas"]);
    let permit = permit_for(&[&api()]).await;
    let writer = world.registry.writer(&permit);
    // The read is held up while somebody changes another field: the patch is then tested
    // against a generation that is gone.
    let path = format!("{PATCH}\\?fieldManager");
    world
        .sim
        .faults()
        .inject(
            "PATCH",
            &path,
            1,
            Effect::Delay(std::time::Duration::from_millis(300)),
        )
        .unwrap();
    let ops = replicas(5);
    let write = writer.patch(&precondition, &ops);
    let annotate = async {
        crate::world::until("the patch is on its way", || world.sim.faults().hits() == 1).await;
        world
            .sim
            .store()
            .update(&key(), |d| d["spec"]["revisionHistoryLimit"] = json!(4))
            .unwrap();
    };
    let (written, ()) = futures::join!(write, annotate);
    assert_eq!(written.unwrap()["spec"]["replicas"], 5);
    assert_eq!(world.writes().len(), 1);
    let patches = world.requests().iter().filter(|(m, _)| m == "PATCH").count();
    assert_eq!(patches, 2, "the first failed its test");

    let fresh = world.view.workload(&api()).await.unwrap();
    let precondition = precondition_of(&fresh, &["/spec/replicas"]);
    let writer = writer
        .saying("something else")
        .for_step("another", std::sync::Arc::new(Silent));
    let wrong = writer
        .patch(&precondition, &[patch::replace("/spec/nope/deeper", 1)])
        .await;
    assert!(
        matches!(wrong, Err(WriteError::Cluster(ClusterError::Invalid { .. }))),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn an_event_is_put_on_the_object_once() {
    let world = World::new().await;
    let object = world.view.workload(&api()).await.unwrap();
    let permit = permit_for(&[&api()]).await;
    let writer = world.registry.writer(&permit);
    for _ in 0..2 {
        writer
            .event(&object, "Scaled", "3 to 5 by ops-person")
            .await
            .unwrap();
    }
    let (events, _) = world.sim.store().list("events.k8s.io", "events", Some(NS));
    let (core, _) = world.sim.store().list("", "events", Some(NS));
    let ours: Vec<_> = events
        .iter()
        .chain(&core)
        .filter(|e| e["reason"] == "Scaled")
        .collect();
    assert_eq!(ours.len(), 1, "{ours:?}");
}

/// Notes of a step that nobody keeps.
struct Silent;

impl ceo_commands::cluster::Notes for Silent {
    fn about_to_send(
        &self,
        _: ceo_commands::ticket::Before,
    ) -> futures::future::BoxFuture<'_, Result<(), ceo_commands::failure::Failure>> {
        Box::pin(async { Ok(()) })
    }

    fn left(&self, _: ceo_commands::ticket::Precondition) {}
}
