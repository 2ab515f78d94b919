//! Does `/ceo exec check` run what the settings name, and nothing that somebody types?

use std::time::Duration;

use ceo_tests::{
    kube::execs::Outcome,
    world::{IDS, PATIENCE, Setup, World, until},
};

use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::{file, says, says_not};

const CHECKS: &str = "[exec]\nenabled = true\n[[checks]]\nname = \"queue\"\nargv = [\"queuectl\", \"list\"]\n\
timeout = \"1s\"\n";

async fn allowed() -> anyhow::Result<Option<(World, String)>> {
    let setup = Setup {
        more: CHECKS.to_owned(),
        ..Setup::default()
    };
    let world = World::with(setup).await?;
    if world.cluster.is_real() {
        world.leave().await?;
        return Ok(None);
    }
    let app = world.cluster.deploy().await?;
    Ok(Some((world, app)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_check_is_run_and_what_it_wrote_is_told_without_secrets() -> anyhow::Result<()> {
    let Some((world, app)) = allowed().await? else {
        return Ok(());
    };
    let execs = world.cluster.sim()?.execs();
    execs.on(
        "^df -h$",
        Outcome::prints("Filesystem Use%\n/dev/vda 91%\npassword=hunter22\n"),
    )?;
    execs.on("^getent hosts gone", Outcome::fails(2, ""))?;
    execs.on(
        "^psql|^sh -c exec psql",
        Outcome::prints(&"row of many\n".repeat(300)),
    )?;
    let ask = |line: String| {
        let world = &world;
        async move { world.ask(&world.operator(), &line).await }
    };
    let seen = || async {
        let answer = ask(format!("/ceo exec check check:disk workload:deployment/{app}")).await?;
        Ok(answer.text().contains("exit code 0").then_some(answer))
    };
    let answer = until(PATIENCE, seen).await?;
    assert!(
        answer.is_ephemeral(),
        "what a container holds is for the asker alone"
    );
    says(
        &answer,
        &[
            "disk: exit code 0",
            "Ran `df -h` in container `api` of",
            "/dev/vda 91%",
            "[hidden]",
        ],
    );
    says_not(&answer, &["hunter22"]);

    let answer = ask(format!(
        "/ceo exec check check:dns workload:deployment/{app} host:gone.example"
    ))
    .await?;
    says(
        &answer,
        &[
            "dns: exit code 2",
            "`getent hosts gone.example`",
            "It wrote nothing.",
        ],
    );
    let answer = ask(format!(
        "/ceo exec check check:postgres workload:deployment/{app}"
    ))
    .await?;
    says(&answer, &["postgres: exit code 0"]);
    assert_eq!(file(&answer)?.matches("row of many").count(), 300);
    // Nobody's words become a command of their own.
    for bad in ["-h", "x;reboot", "$(id)"] {
        let answer = ask(format!(
            "/ceo exec check check:dns workload:deployment/{app} host:{bad}"
        ))
        .await?;
        says(&answer, &["is no host"]);
    }
    let ran: Vec<Vec<String>> = execs.runs().into_iter().map(|run| run.argv).collect();
    assert!(
        ran.iter()
            .flatten()
            .all(|word| !word.contains("reboot") && !word.contains("$(id)")),
        "{ran:?}"
    );

    let answer = ask(format!("/ceo exec check check:shell workload:deployment/{app}")).await?;
    says(&answer, &["There is no check `shell`", "postgres-locks", "queue"]);
    let offered = world
        .operator()
        .autocomplete(IDS.ops, "/ceo exec check check:po")
        .await?;
    assert_eq!(offered.len(), 4, "{offered:?}");
    let answer = world
        .ask(
            &world.viewer(),
            &format!("/ceo exec check check:disk workload:deployment/{app}"),
        )
        .await?;
    says(&answer, &["You may not"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_start_or_end_is_told_as_that() -> anyhow::Result<()> {
    let Some((world, app)) = allowed().await? else {
        return Ok(());
    };
    let execs = world.cluster.sim()?.execs();
    execs.on(
        "^queuectl",
        Outcome {
            takes: Duration::from_secs(30),
            ..Outcome::default()
        },
    )?;
    let line = format!("/ceo exec check check:queue workload:deployment/{app}");
    let answer = world.ask(&world.operator(), &line).await?;
    says(&answer, &["queue did not end within 1 s; it may still run"]);
    let line = format!("/ceo exec check check:tcp workload:deployment/{app} host:postgres:5432");
    let answer = world.ask(&world.operator(), &line).await?;
    says(
        &answer,
        &["tcp was not started", "executable file not found in $PATH"],
    );
    says_not(&answer, &["exit code"]);
    let none = Patch::Merge(json!({ "spec": { "replicas": 0 } }));
    let workloads = world.cluster.api::<Deployment>();
    workloads.patch(&app, &PatchParams::default(), &none).await?;
    let none = || async {
        let line = format!("/ceo exec check check:disk workload:deployment/{app}");
        let answer = world.ask(&world.operator(), &line).await?;
        Ok(answer.text().contains("No pod of").then_some(answer))
    };
    says(
        &until(PATIENCE, none).await?,
        &["has the container `api` running"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_run_unless_the_settings_allow_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let line = format!("/ceo exec check check:disk workload:deployment/{app}");
    let answer = world.ask(&world.operator(), &line).await?;
    says(
        &answer,
        &["Nothing is run in containers here", "[exec] enabled = true"],
    );
    if let Ok(sim) = world.cluster.sim() {
        assert_eq!(sim.execs().runs(), []);
    }
    world.finish().await
}
