//! Does `/ceo exec check` run what the settings name, and nothing that somebody types?

use std::time::Duration;

use ceo_tests::{
    discord::Message,
    kube::execs::Outcome,
    world::{IDS, PATIENCE, Setup, World, settle, until},
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

/// A world in which people may run commands of their own, and its Deployment.
async fn free() -> anyhow::Result<Option<(World, String)>> {
    let setup = Setup {
        more: "[exec]\nenabled = true\nfree = true\n".to_owned(),
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

/// Asks for a command, with a reason, and gives the card.
async fn asked(world: &World, app: &str, command: &str) -> anyhow::Result<Message> {
    let operator = world.operator();
    let line = format!("/ceo exec free workload:deployment/{app} command:{command}");
    let form = operator.slash(IDS.ops, &line).await?;
    let form = form.modal(PATIENCE).await?;
    let asked = operator
        .submit(&form, &[("reason", "the queue is stuck")])
        .await?;
    says(&settle(&asked).await?, &["Asked for approval", "2 of"]);
    world
        .told(IDS.ops, &["Run this in container api of", "the queue is stuck"])
        .await
}

async fn approved_twice(world: &World, card: &Message) -> anyhow::Result<()> {
    world.press(&world.lead(), card.id, "Approve").await?;
    world.told(IDS.ops, &["So far"]).await?;
    world.press(&world.second_lead(), card.id, "Approve").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_of_ones_own_runs_once_after_two_others_said_yes() -> anyhow::Result<()> {
    let Some((world, app)) = free().await? else {
        return Ok(());
    };
    let execs = world.cluster.sim()?.execs();
    execs.on(
        "^queuectl purge",
        Outcome::prints("purged 12 of 12\npassword=hunter22\n"),
    )?;
    let card = asked(&world, &app, "queuectl purge 'dead letters' > $HOME").await?;
    says(
        &card,
        &[
            "queuectl purge 'dead letters' '>'",
            "cannot be rehearsed, and nothing takes it back",
            "It is waited for 1 min",
        ],
    );
    assert_eq!(execs.runs(), [], "nobody has said yes");
    approved_twice(&world, &card).await?;
    let done = world
        .told(IDS.ops, &["queuectl: exit code 0", "purged 12 of 12"])
        .await?;
    assert_eq!(done.id, card.id);
    says(&done, &["[hidden]", "in container `api` of"]);
    says_not(&done, &["hunter22"]);
    let runs = execs.runs();
    assert_eq!(runs.len(), 1);
    assert_eq!(
        runs[0].argv,
        ["queuectl", "purge", "dead letters", ">", "$HOME"],
        "no shell has read it"
    );
    // One that fails is told as that.
    execs.on("^queuectl drain", Outcome::fails(3, "no such queue"))?;
    let card = asked(&world, &app, "queuectl drain x").await?;
    approved_twice(&world, &card).await?;
    world
        .told(IDS.ops, &["queuectl: exit code 3", "no such queue"])
        .await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_a_secret_or_is_no_command_is_not_kept() -> anyhow::Result<()> {
    let Some((world, app)) = free().await? else {
        return Ok(());
    };
    let operator = world.operator();
    let ask = |rest: String| {
        let (operator, line) = (&operator, format!("/ceo exec free workload:{rest} reason:stuck"));
        async move { settle(&operator.slash(IDS.ops, &line).await?).await }
    };
    let secret = ask(format!(
        "deployment/{app} command:psql postgres://u:hunter22@db/x"
    ))
    .await?;
    says(&secret, &["holds what looks like a secret", "sh -c"]);
    let open = ask(format!("deployment/{app} command:sh -c \"open")).await?;
    says(&open, &["That is no command", "pipes and variables"]);
    let none = ask(format!("deployment/{app}-none command:df")).await?;
    says(&none, &["There is no"]);
    let viewer = world.viewer();
    let line = format!("/ceo exec free workload:deployment/{app} command:df reason:stuck");
    says(&world.ask(&viewer, &line).await?, &["You may not"]);
    assert_eq!(world.cluster.sim()?.execs().runs(), []);
    let told = world.discord.messages(IDS.ops);
    assert!(told.iter().all(|message| !message.text().contains("hunter22")));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_was_cut_off_is_not_run_again() -> anyhow::Result<()> {
    let Some((mut world, app)) = free().await? else {
        return Ok(());
    };
    let slow = Outcome {
        takes: Duration::from_secs(30),
        ..Outcome::default()
    };
    world.cluster.sim()?.execs().on("^queuectl", slow)?;
    let card = asked(&world, &app, "queuectl rebuild").await?;
    approved_twice(&world, &card).await?;
    let runs = || world.cluster.sim().map(|sim| sim.execs().runs().len());
    until(PATIENCE, || async { Ok((runs()? == 1).then_some(())) }).await?;
    world.bot.kill().await?;
    world.bot.start().await?;
    world.ready().await?;
    let told = world
        .told(IDS.ops, &["Whether `queuectl rebuild` ran in", "is not known"])
        .await?;
    assert_eq!(told.id, card.id);
    says(&told, &["It was not sent again"]);
    says_not(&told, &["Nothing was"]);
    assert_eq!(world.cluster.sim()?.execs().runs().len(), 1);
    // The asker's own note went with the process that wrote it: a reply that mentions them tells the end.
    let mention = format!("<@{}>", IDS.operator);
    let news = || async {
        let all = world.discord.messages(IDS.ops);
        Ok(all
            .into_iter()
            .find(|message| message.content.starts_with(&mention)))
    };
    world.discord.mark_read(until(PATIENCE, news).await?.id);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_ones_own_have_a_setting_of_their_own() -> anyhow::Result<()> {
    let Some((world, app)) = allowed().await? else {
        return Ok(());
    };
    let line = format!("/ceo exec free workload:deployment/{app} command:df reason:stuck");
    let answer = world.ask(&world.operator(), &line).await?;
    says(
        &answer,
        &["Commands of one's own are not run here", "[exec] free = true"],
    );
    world.finish().await
}
