//! Nothing is invented where all is well, or on its way; and what could not be looked at is said.

use ceo_tests::{
    kube::{access::Rules, faults::Effect},
    world::{Setup, World},
};
use serde_json::json;

use super::{deploy, deployment, drawn, is_well, job, says_of, service, world};
use crate::says_not;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_well_or_on_its_way_has_no_cause() -> anyhow::Result<()> {
    let world = world().await?;
    let app = world.cluster.deploy().await?;
    let (front, away) = (drawn("front"), drawn("away"));
    service(
        &world,
        &front,
        json!({"selector": {"app": app}, "ports": [{"port": 80, "targetPort": 8000}]}),
    )
    .await?;
    service(
        &world,
        &away,
        json!({"type": "ExternalName", "externalName": "example.com"}),
    )
    .await?;
    let api = format!("deployment/{app}");
    is_well(&world, &api, &["is healthy", &format!("Service {front}: ")]).await?;
    is_well(
        &world,
        &format!("service/{front}"),
        &["80 to 8000", &format!("`app={app}` matches")],
    )
    .await?;
    is_well(&world, &format!("service/{away}"), &[]).await?;

    let (done, runs, held) = (drawn("done"), drawn("runs"), drawn("held"));
    job(&world, &done, json!({}), "echo ok; exit 0").await?;
    job(&world, &runs, json!({}), "sleep 100000").await?;
    job(&world, &held, json!({"suspend": true}), "exit 0").await?;
    is_well(&world, &format!("job/{done}"), &["Completed"]).await?;
    is_well(&world, &format!("job/{runs}"), &["Running"]).await?;
    is_well(&world, &format!("job/{held}"), &[]).await?;

    // Half a minute until it is ready, and two in which that is all right.
    let slow = drawn("slow");
    let probe = json!({"httpGet": {"path": "/health", "port": 8000}, "initialDelaySeconds": 30, "periodSeconds": 1, "failureThreshold": 90});
    deploy(
        &world,
        deployment(
            &slow,
            world.cluster.draw.old,
            &json!({"readinessProbe": probe}),
            &json!({}),
        ),
    )
    .await?;
    is_well(&world, &format!("deployment/{slow}"), &["is starting", "Running"]).await?;

    let rolling = drawn("rolling");
    world
        .cluster
        .deploy_as(&rolling, 2, world.cluster.draw.old)
        .await?;
    world
        .cluster
        .merge(&rolling, json!({"spec": {"paused": true}}))
        .await?;
    world
        .cluster
        .set_image("deployment", &rolling, world.cluster.draw.new)
        .await?;
    is_well(&world, &format!("deployment/{rolling}"), &["is paused"]).await?;
    let patch = json!({"spec": {"paused": false, "template": {"spec": {"containers": [
        {"name": "api", "image": world.cluster.draw.new, "readinessProbe": probe}]}}}});
    world.cluster.merge(&rolling, patch).await?;
    is_well(&world, &format!("deployment/{rolling}"), &["is rolling out"]).await?;

    world
        .cluster
        .merge(&app, json!({"spec": {"replicas": 0}}))
        .await?;
    is_well(&world, &api, &["is scaled to zero"]).await?;
    world.finish().await
}

/// Leaves a pod of an application behind that was thrown out before, as a kubelet under pressure does.
fn evict(world: &World, app: &str) -> anyhow::Result<()> {
    use ceo_tests::kube::key::Key;
    let (sim, place) = (world.cluster.sim()?, world.cluster.namespace());
    let names = sim.pod_names(place, &format!("{app}-*"));
    let one = names.first().ok_or_else(|| anyhow::anyhow!("no pod"))?;
    let mut pod = sim.get("", "pods", place, one).unwrap_or_default();
    let name = format!("{one}x");
    pod["metadata"]["name"] = json!(name);
    pod["metadata"]["uid"] = json!(sim.store().uid());
    pod["status"] =
        json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."});
    let made = sim
        .store()
        .create(&Key::namespaced("", "pods", place, &name), pod);
    made.map(|_| ()).map_err(|error| anyhow::anyhow!("{error:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_was_evicted_and_replaced_is_no_cause() -> anyhow::Result<()> {
    let world = world().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let app = world.cluster.deploy().await?;
    evict(&world, &app)?;
    is_well(&world, &format!("deployment/{app}"), &["is healthy", "Evicted"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_looked_at_is_said() -> anyhow::Result<()> {
    let setup = Setup::default()
        .timing("incident_patience", "100ms")
        .timing("incident_look_every", "1s")
        .timing("incident_settle", "3s")
        .timing("cluster_timeout", "1s");
    let mut world = World::before_the_bot(setup).await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let place = world.cluster.namespace().to_owned();
    world
        .cluster
        .restrict(Rules::none().allow(Some(&place), &["*"], &["*"], &["*"]))?;
    world.bot.start().await?;
    world.ready().await?;
    let crash = drawn("crash");
    let command = json!({"command": ["/bin/sh", "-c", "echo last words; exit 7"]});
    deploy(
        &world,
        deployment(&crash, world.cluster.draw.old, &command, &json!({})),
    )
    .await?;
    let what = format!("deployment/{crash}");
    let nodes = "nodes: the bot does not see them now";
    says_of(
        &world,
        &what,
        &["exit code 7", "last words", "Not looked at", nodes],
    )
    .await?;
    let answer = says_of(&world, "node/n1", &["not known", nodes]).await?;
    says_not(&answer, &["Nothing wrong found", "Cause"]);
    // The API server hangs: what the bot knows is told still, and what it does not is said.
    world
        .cluster
        .sim()?
        .faults()
        .inject("GET", "/pods/[^/]+/log", 100, Effect::Hang)?;
    let slow = says_of(
        &world,
        &what,
        &[
            "exit code 7",
            "last lines of container api: ",
            "did not answer within 1 s",
        ],
    )
    .await?;
    says_not(&slow, &["last words", "1 line"]);
    world.cluster.sim()?.faults().clear();
    world.finish().await
}
