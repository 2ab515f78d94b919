//! `kubectl rollout` of Deployments, StatefulSets and DaemonSets.

use ceo_tests::kube::fixtures;
use serde_json::json;

use super::plain;
use super::world::{World, contains_all};

const DEPLOYMENT: &str = "deployment.apps/ceoagent-api";

async fn started() -> Option<World> {
    let world = World::start().await?;
    fixtures::install(world.sim.store(), plain()).unwrap();
    world.rolled_out("deployments", "ceoagent-api", "ceoagent").await;
    Some(world)
}

/// Rolls from v1.0.0 to v1.1.0, with the reasons of the recordings.
async fn upgrade(world: &World) {
    let cause = "annotate deploy/ceoagent-api --overwrite -n ceoagent kubernetes.io/change-cause";
    world.ok(&format!("{cause}=initial~v1.0.0")).await;
    let image = "set image deploy/ceoagent-api api=docker.io/local/api:v1.1.0 -n ceoagent";
    world
        .says(&[(image, &format!("{DEPLOYMENT} image updated\n"))])
        .await;
    world.ok(&format!("{cause}=upgrade~to~v1.1.0")).await;
    let status = world
        .ok("rollout status deploy/ceoagent-api -n ceoagent --timeout=60s")
        .await;
    assert!(
        status.ends_with("deployment \"ceoagent-api\" successfully rolled out\n"),
        "{status}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_and_undo_of_a_deployment() {
    let Some(world) = started().await else { return };
    let wait = "wait --for=condition=Available deploy/ceoagent-api -n ceoagent --timeout=30s";
    world
        .says(&[(wait, &format!("{DEPLOYMENT} condition met\n"))])
        .await;
    upgrade(&world).await;
    let history = "rollout history deploy/ceoagent-api -n ceoagent";
    let rows = "REVISION  CHANGE-CAUSE\n1         initial v1.0.0\n2         upgrade to v1.1.0\n\n";
    world.says(&[(history, &format!("{DEPLOYMENT} \n{rows}"))]).await;
    contains_all(
        &world.ok(&format!("{history} --revision=1")).await,
        &[
            &format!("{DEPLOYMENT} with revision #1\nPod Template:\n  Labels:\tapp=ceoagent-api\n"),
            "  Annotations:\tkubernetes.io/change-cause: initial v1.0.0\n",
            "Readiness:\thttp-get http://:8000/health delay=0s timeout=1s period=1s #success=1 #failure=3",
        ],
    );
    let undo = "rollout undo deploy/ceoagent-api -n ceoagent";
    let missing = "error: unable to find specified revision 99 in history";
    world
        .refuses(&[(&format!("{undo} --to-revision=99"), missing)])
        .await;
    let same = format!("{DEPLOYMENT} skipped rollback (current template already matches revision 2)\n");
    let back = format!("{DEPLOYMENT} rolled back\n");
    world
        .says(&[(&format!("{undo} --to-revision=2"), &same), (undo, &back)])
        .await;
    world.rolled_out("deployments", "ceoagent-api", "ceoagent").await;
    let rows = "REVISION  CHANGE-CAUSE\n2         upgrade to v1.1.0\n3         initial v1.0.0\n\n";
    world.says(&[(history, &format!("{DEPLOYMENT} \n{rows}"))]).await;
    world.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pause_resume_and_restart_of_a_deployment() {
    let Some(world) = started().await else { return };
    upgrade(&world).await;
    let line = |what: &str| format!("rollout {what} deploy/ceoagent-api -n ceoagent");
    let (pause, resume, restart, undo) = (line("pause"), line("resume"), line("restart"), line("undo"));
    world.says(&[(&pause, &format!("{DEPLOYMENT} paused\n"))]).await;
    let no_undo = "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again";
    let no_restart =
        "error: deployments.apps \"ceoagent-api\" can't restart paused deployment (run rollout resume first)";
    world.refuses(&[(&undo, no_undo), (&restart, no_restart)]).await;
    let (resumed, restarted) = (
        format!("{DEPLOYMENT} resumed\n"),
        format!("{DEPLOYMENT} restarted\n"),
    );
    world.says(&[(&resume, &resumed), (&restart, &restarted)]).await;
    world
        .ok("rollout status deploy/ceoagent-api -n ceoagent --timeout=60s")
        .await;
    world.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollout_that_sticks() {
    let Some(world) = World::start().await else { return };
    let mut object = plain();
    object["spec"]["progressDeadlineSeconds"] = json!(5);
    fixtures::install(world.sim.store(), object).unwrap();
    world.rolled_out("deployments", "ceoagent-api", "ceoagent").await;
    world
        .ok("set image deploy/ceoagent-api api=docker.io/local/api:v9.9.9 -n ceoagent")
        .await;
    let status = "rollout status deploy/ceoagent-api -n ceoagent --timeout=60s";
    world
        .refuses(&[(
            status,
            "error: deployment \"ceoagent-api\" exceeded its progress deadline",
        )])
        .await;
    world.ok("rollout undo deploy/ceoagent-api -n ceoagent").await;
    world.ok(status).await;
    world.sim.stop().await;
}

/// Update, history, undo and restart of a set in namespace `broken` whose container is named like itself.
async fn rolls(world: &World, kind: &str, name: &str, done: &str) {
    let (what, plural) = (format!("{kind}/{name}"), format!("{kind}s"));
    let told = format!("{kind}.apps/{name}");
    world.rolled_out(&plural, name, "broken").await;
    world
        .ok(&format!(
            "set image {what} {name}=docker.io/local/api:v1.1.0 -n broken"
        ))
        .await;
    let status = world
        .ok(&format!("rollout status {what} -n broken --timeout=60s"))
        .await;
    assert!(status.ends_with(done), "{status}");
    let (history, undo) = (
        format!("rollout history {what} -n broken"),
        format!("rollout undo {what} -n broken"),
    );
    let rows = |first: u8| {
        let second = first + 1;
        format!("{told} \nREVISION  CHANGE-CAUSE\n{first}         <none>\n{second}         <none>\n\n")
    };
    world
        .says(&[(&history, &rows(1)), (&undo, &format!("{told} rolled back\n"))])
        .await;
    world.rolled_out(&plural, name, "broken").await;
    world.says(&[(&history, &rows(2))]).await;
    let missing = "error: unable to find specified revision 99 in history";
    world
        .refuses(&[(&format!("{undo} --to-revision=99"), missing)])
        .await;
    world
        .says(&[(
            &format!("rollout restart {what} -n broken"),
            &format!("{told} restarted\n"),
        )])
        .await;
    world.rolled_out(&plural, name, "broken").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stateful_set() {
    let Some(world) = World::start().await else { return };
    let set = fixtures::stateful_set("broken", "postgres", 2, "docker.io/local/api:v1.0.0");
    fixtures::install(world.sim.store(), set).unwrap();
    let done = "partitioned roll out complete: 2 new pods have been updated...\n";
    rolls(&world, "statefulset", "postgres", done).await;
    world.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_set() {
    let Some(world) = World::start().await else { return };
    fixtures::install(
        world.sim.store(),
        fixtures::daemon_set("broken", "agent", "docker.io/local/api:v1.0.0"),
    )
    .unwrap();
    rolls(
        &world,
        "daemonset",
        "agent",
        "daemon set \"agent\" successfully rolled out\n",
    )
    .await;
    world.sim.stop().await;
}
