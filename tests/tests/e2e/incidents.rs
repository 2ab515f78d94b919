//! Does what goes wrong tell itself, once, with its evidence and the way out, from first sight to end?

use anyhow::Context;
use ceo_tests::{
    discord::Message,
    kube::access::Rules,
    world::{IDS, PATIENCE, Setup, World, until},
};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Node};
use kube::{
    Api,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::{says, says_not};

mod kinds;
mod lifetime;
mod mentions;
mod secrets;
mod soon;
mod volumes;

/// A secret that a program writes into its log.
const SECRET: &str = "hunter2hunter2";
const CRASH: &str =
    "echo booting; echo 'FATAL: postgres://ceo:hunter2hunter2@db/ceo database connection refused'; exit 3";

/// A world with the drawn Deployment, healthy.
pub(crate) async fn world() -> anyhow::Result<(World, String)> {
    let world = World::with(Setup::with_quick_incidents()).await?;
    let app = world.cluster.deploy().await?;
    Ok((world, app))
}

/// The same for a team with a manual.
async fn world_with_a_manual() -> anyhow::Result<(World, String)> {
    let mut world = World::before_the_bot(Setup::with_quick_incidents()).await?;
    let manual = "# 运维手册\n\n## Pod 无法启动\n\n状态为 `CrashLoopBackOff`\n";
    std::fs::write(world.dir().join("ops.md"), manual)?;
    world.resettle(|setup| setup.more.push_str("[runbook]\npath = \"ops.md\"\n"))?;
    world.bot.start().await?;
    world.ready().await?;
    let app = world.cluster.deploy().await?;
    Ok((world, app))
}

/// A person with kubectl changes the container.
pub(crate) async fn change(world: &World, app: &str, container: Value) -> anyhow::Result<()> {
    let mut container = container;
    container["name"] = json!("api");
    let patch = json!({"spec": {"template": {"spec": {"containers": [container]}}}});
    let params = PatchParams {
        field_manager: Some("kubectl-edit".to_owned()),
        ..PatchParams::default()
    };
    world
        .cluster
        .api::<Deployment>()
        .patch(app, &params, &Patch::Strategic(patch))
        .await?;
    Ok(())
}

pub(crate) async fn run(world: &World, app: &str, shell: &str) -> anyhow::Result<()> {
    change(world, app, json!({"command": ["/bin/sh", "-c", shell]})).await
}

/// The image's own command again, and another image: who only takes a field away owns nothing by that, and is not named.
async fn mend(world: &World, app: &str) -> anyhow::Result<()> {
    let image = world.cluster.draw.new;
    change(world, app, json!({"command": null, "image": image})).await?;
    world.cluster.rolled_out(app).await
}

/// What the bot told by itself in #alerts.
fn alerts(world: &World) -> Vec<Message> {
    let all = world.discord.messages(IDS.alerts);
    all.into_iter()
        .filter(|m| m.from_bot && !m.deleted && m.only_for.is_none() && m.origin.is_none())
        .collect()
}

#[track_caller]
pub(crate) fn only_one(world: &World) {
    let all = alerts(world);
    let texts: Vec<String> = all.iter().map(Message::text).collect();
    assert_eq!(
        all.len(),
        1,
        "one trouble is one message:\n{}",
        texts.join("\n---\n")
    );
}

/// Waits until a message says all of this.
async fn becomes(world: &World, id: u64, words: &[&str]) -> anyhow::Result<Message> {
    let look = || async {
        let now = world.discord.message(id);
        Ok(now.filter(|m| words.iter().all(|w| m.text().contains(w))))
    };
    let found = until(PATIENCE, look).await;
    let text = || world.discord.message(id).map(|m| m.text()).unwrap_or_default();
    found.with_context(|| format!("the message does not become {words:?}; it says:\n{}", text()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_loop_from_first_sight_through_its_rollback_to_its_end() -> anyhow::Result<()> {
    let (world, app) = world_with_a_manual().await?;
    let operator = world.operator();
    let status = format!("/ceo status workload:deployment/{app}");
    says(&world.ask(&operator, &status).await?, &["Open incidents", "none"]);

    run(&world, &app, CRASH).await?;
    let told = world
        .told(IDS.alerts, &[&format!("deployment/{app}: containers crash")])
        .await?;
    let told = becomes(
        &world,
        told.id,
        &["FATAL: postgres", "database connection refused"],
    )
    .await?;
    says(
        &told,
        &[
            "booting",
            "api ends with exit code 3 (error of the program)",
            "restart",
            "Changed just before",
            "command",
            "kubectl (field manager kubectl-edit)",
            "Pod 无法启动 (`ops.md`)",
        ],
    );
    says(&told, &["ceo:[hidden]@db"]);
    says_not(&told, &[SECRET]);
    assert!(
        told.pings.roles.is_empty() && told.pings.users.is_empty(),
        "no route says that anybody is called"
    );
    let labels = [
        "Ack",
        "Silence 1 h",
        "Diagnose",
        "Logs",
        "Status",
        "Roll back to 1",
    ];
    assert_eq!(told.labels(), labels);
    says(
        &world.ask(&operator, &status).await?,
        &["Open incidents", "containers crash"],
    );

    // As a command by its number, and as a button, it is the same record.
    let line = "/ceo alert ack incident:";
    let offered = operator.autocomplete(IDS.ops, line).await?;
    assert!(
        offered.iter().any(|c| c.name.contains("containers crash")),
        "{offered:?}"
    );
    let unknown = world.ask(&operator, "/ceo alert ack incident:9999").await?;
    says(&unknown, &["There is no incident 9999"]);
    says(
        &world
            .ask(&world.viewer(), "/ceo alert silence incident:1")
            .await?,
        &["You may not"],
    );
    says(&world.press(&operator, told.id, "Ack").await?, &["Acked"]);
    says(
        &world.ask(&operator, "/ceo alert ack incident:1").await?,
        &["acked this"],
    );
    let acked = becomes(
        &world,
        told.id,
        &["Acked", &format!("by <@{}> after", IDS.operator)],
    )
    .await?;
    assert_eq!(acked.labels(), labels[1..]);

    let log = world.press(&operator, told.id, "Logs").await?;
    says(&log, &["database connection refused"]);
    says_not(&log, &[SECRET]);

    let asked = world.press(&operator, told.id, "Roll back to 1").await?;
    says(&asked, &["Asked for approval: ticket 1"]);
    let card = world
        .told(IDS.ops, &[&format!("Roll back deployment/{app} to revision 1?")])
        .await?;
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["Rolled back", "to revision 1"]).await?;

    let over = becomes(&world, told.id, &["recovered"]).await?;
    says(
        &over,
        &[
            "crashed for",
            "restart",
            "ended by the rollback of",
            "ticket 1",
            &format!("acked by <@{}> after", IDS.operator),
        ],
    );
    assert_eq!(over.labels(), ["Status"]);
    only_one(&world);
    let status = world.ask(&operator, &status).await?;
    says(&status, &["Open incidents", "none"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_without_memory_is_one_incident_and_not_a_crash_as_well() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    run(
        &world,
        &app,
        "echo allocating; head -c 200000000 /dev/zero | tail",
    )
    .await?;
    let title = format!("deployment/{app}: containers run out of memory");
    let told = world.told(IDS.alerts, &[&title]).await?;
    says(
        &told,
        &["exit code 137 (OOMKilled: it used more memory than its limit)"],
    );
    becomes(&world, told.id, &["Last lines", "allocating"]).await?;
    // A few more ends, so that every state in between was seen.
    let look = || async {
        let pods = world.cluster.pods(&app).await?;
        let restarts = |p: &k8s_openapi::api::core::v1::Pod| {
            let statuses = p
                .status
                .iter()
                .flat_map(|s| s.container_statuses.iter().flatten());
            statuses.map(|c| c.restart_count).max()
        };
        Ok(pods.iter().filter_map(restarts).any(|n| n >= 3).then_some(()))
    };
    until(PATIENCE * 2, look).await?;
    mend(&world, &app).await?;
    says(
        &becomes(&world, told.id, &["recovered"]).await?,
        &["ran out of memory for", "by kubectl"],
    );
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_cannot_be_pulled_and_the_rollout_that_sticks_on_it() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    world
        .cluster
        .merge(&app, json!({"spec": {"progressDeadlineSeconds": 10}}))
        .await?;
    world
        .cluster
        .set_image("deployment", &app, "docker.io/local/api:v9.9.9")
        .await?;
    let title = format!("deployment/{app}: an image cannot be pulled");
    let told = world.told(IDS.alerts, &[&title, "v9.9.9"]).await?;
    let told = becomes(&world, told.id, &["makes no progress"]).await?;
    says_not(&told, &["Event:"]);
    says(
        &told,
        &["image", "→ v9.9.9", "kubectl (field manager kubectl-set)"],
    );
    assert_eq!(
        told.labels(),
        ["Ack", "Silence 1 h", "Diagnose", "Status", "Roll back to 1"],
        "there is no log to show"
    );
    world
        .cluster
        .set_image("deployment", &app, world.cluster.draw.new)
        .await?;
    world.cluster.rolled_out(&app).await?;
    says(
        &becomes(&world, told.id, &["recovered"]).await?,
        &[
            "could not pull an image for",
            "ended by a change: image",
            "kubectl (field manager kubectl-set)",
        ],
    );
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_that_fit_on_no_node() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    change(&world, &app, json!({"resources": {"requests": {"cpu": "640"}}})).await?;
    let told = world
        .told(
            IDS.alerts,
            &[&format!("deployment/{app}: pods fit on no node"), "lack", "cpu"],
        )
        .await?;
    says(&told, &["resources"]);
    says_not(&told, &["Manual"]);
    assert!(
        told.labels().contains(&"Roll back to 1".to_owned()),
        "{:?}",
        told.labels()
    );
    change(&world, &app, json!({"resources": {"requests": {"cpu": "10m"}}})).await?;
    world.cluster.rolled_out(&app).await?;
    becomes(
        &world,
        told.id,
        &["recovered", "had pods that fit on no node for"],
    )
    .await?;
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_past_its_deadline_says_why() -> anyhow::Result<()> {
    let (world, app) = world().await?;
    world
        .cluster
        .merge(&app, json!({"spec": {"progressDeadlineSeconds": 5}}))
        .await?;
    // Its probe has more patience than the rollout: until then nobody can know that it fails.
    let silent =
        json!({"command": ["/bin/sh", "-c", "sleep 100000"], "readinessProbe": {"failureThreshold": 600}});
    change(&world, &app, silent).await?;
    let told = world
        .told(
            IDS.alerts,
            &[&format!("deployment/{app}: the rollout is past its deadline")],
        )
        .await?;
    says(
        &told,
        &["the rollout to revision 2 makes no progress", "readiness probe"],
    );
    says(
        &told,
        &[&format!(
            "0 of {} new pods available",
            world.cluster.draw.replicas
        )],
    );
    assert!(
        told.labels().contains(&"Roll back to 1".to_owned()),
        "{:?}",
        told.labels()
    );
    mend(&world, &app).await?;
    becomes(&world, told.id, &["recovered", "was past its deadline for"]).await?;
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_not_ready_and_ready_again() -> anyhow::Result<()> {
    let world = World::with(Setup::with_quick_incidents()).await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let nodes: Api<Node> = Api::all(world.cluster.client.clone());
    let all = nodes.list(&ListParams::default()).await?.items;
    let node = all[0].metadata.name.clone().context("a node without a name")?;
    world.cluster.sim()?.node_not_ready(&node);
    let told = world
        .told(IDS.alerts, &[&format!("node/{node}: the node is not ready")])
        .await?;
    says(
        &told,
        &[
            "the container runtime does not answer",
            &format!("1 of {}", all.len()),
        ],
    );
    assert_eq!(told.labels(), ["Ack", "Silence 1 h", "Diagnose"]);
    says(
        &world.ask(&world.operator(), "/ceo status").await?,
        &["Open incidents", &format!("node/{node}"), "the node is not ready"],
    );
    world.cluster.sim()?.node_ready(&node);
    becomes(
        &world,
        told.id,
        &[&format!("node/{node}: recovered"), "was not ready for"],
    )
    .await?;
    only_one(&world);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_in_one_namespace_are_enough() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(Setup::with_quick_incidents()).await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let namespace = world.cluster.namespace().to_owned();
    world
        .cluster
        .restrict(Rules::none().allow(Some(&namespace), &["*"], &["*"], &["*"]))?;
    world.bot.start().await?;
    world.ready().await?;
    let app = world.cluster.deploy().await?;
    run(&world, &app, CRASH).await?;
    let told = world.told(IDS.alerts, &["containers crash"]).await?;
    world
        .cluster
        .api::<Deployment>()
        .delete(&app, &DeleteParams::background())
        .await?;
    let over = becomes(&world, told.id, &[&format!("deployment/{app}: over")]).await?;
    says(&over, &[&format!("ended by the deletion of deployment/{app}")]);
    only_one(&world);
    world.finish().await
}
