//! Does `/ceo logs` show what was logged, all of it and nothing else, whatever is logged?

use anyhow::Context;
use ceo_tests::{
    discord::Message,
    kube::faults::Effect,
    world::{PATIENCE, Setup, World, until},
};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;

use crate::{block, file, says, says_not};

/// Asks until the answer says something: a log needs a moment to come into being.
async fn ask_until(world: &World, line: &str, word: &str) -> anyhow::Result<Message> {
    let look = || async {
        let answer = world.ask(&world.operator(), line).await?;
        Ok(answer.text().contains(word).then_some(answer))
    };
    until(PATIENCE, look)
        .await
        .with_context(|| format!("{line} until it says {word}"))
}

fn name_of(pod: &Pod) -> String {
    pod.metadata.name.clone().unwrap_or_default()
}

fn mark_of(pod: &Pod) -> String {
    name_of(pod).rsplit('-').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pods_of_a_workload_are_merged_by_time_with_a_mark_each() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let n = world.cluster.draw.replicas;
    let answer = ask_until(
        &world,
        &format!("/ceo logs workload:deployment/{app} tail:3"),
        "level=info",
    )
    .await?;
    assert!(answer.is_ephemeral(), "logs are for the asker alone");
    says(
        &answer,
        &[
            &format!("Logs of deployment/{app}"),
            &format!("{n} pods"),
            "container `api`",
            "times in UTC",
        ],
    );
    let lines = block(&answer);
    for pod in world.cluster.pods(&app).await? {
        let mark = format!("{} ", mark_of(&pod));
        assert!(
            lines.iter().any(|line| line.starts_with(&mark)),
            "{mark}: {lines:?}"
        );
    }
    let times: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert!(times.is_sorted(), "{lines:?}");

    // One pod, by its name: no mark is needed.
    let pod = name_of(world.cluster.pods(&app).await?.first().context("no pod")?);
    let one = world
        .ask(&world.operator(), &format!("/ceo logs workload:pod/{pod}"))
        .await?;
    says(&one, &[&format!("Logs of pod/{pod}"), "1 pod", "level=info"]);
    says_not(
        &one,
        &[&format!("\n{}", pod.rsplit('-').next().unwrap_or_default())],
    );

    let status = ask_until(&world, &format!("/ceo status workload:deployment/{app}"), "ready").await?;
    let again = world.press(&world.operator(), status.id, "Logs").await?;
    says(&again, &[&format!("Logs of deployment/{app}")]);
    says(&world.ask(&world.operator(), "/ceo audit").await?, &["logs"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_is_for_the_channel_and_a_viewer_gets_nothing() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let line = format!("/ceo logs workload:deployment/{app} share:true");
    let answer = ask_until(&world, &line, "level=info").await?;
    assert!(!answer.is_ephemeral(), "it was shared");
    let refused = world.ask(&world.viewer(), &line).await?;
    says(&refused, &["You may not"]);
    assert!(refused.is_ephemeral());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_goes_through_all_and_what_is_long_is_a_file() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    let (every, each) = (rand::random_range(40..60_u64), rand::random_range(4000..6000_u64));
    let pods = sim.generate_log(space, &format!("{app}-*"), each, move |n| match n % every {
        0 => format!("error number {n}").into_bytes(),
        _ => format!("info number {n}").into_bytes(),
    }) as u64;
    // The line with which each container began comes on top.
    let (all, matching) = (pods * (each + 1), pods * each.div_ceil(every));
    let grouped = |n: u64| {
        if n < 1000 {
            n.to_string()
        } else {
            format!("{},{:03}", n / 1000, n % 1000)
        }
    };
    let asked = format!("/ceo logs workload:deployment/{app} grep:\"^error|timeout\"");
    let answer = world.ask(&world.operator(), &asked).await?;
    says(
        &answer,
        &[
            "matching `^error|timeout`",
            &format!("{} of {} lines", grouped(matching), grouped(all)),
        ],
    );
    let text = file(&answer)?;
    assert_eq!(text.lines().count() as u64, matching);
    assert!(
        text.lines().all(|line| line.contains(" error number ")),
        "{text:.300}"
    );
    let lines = block(&answer);
    assert!(
        lines.first().is_some_and(|line| line.ends_with("error number 0")),
        "{lines:?}"
    );
    let last = (each - 1) / every * every;
    assert!(
        lines
            .last()
            .is_some_and(|line| line.ends_with(&format!(" {last}"))),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.starts_with("… +")), "{lines:?}");

    let answer = world
        .ask(&world.operator(), &format!("{asked} invert:true tail:100"))
        .await?;
    says(&answer, &["not matching", &format!("of {} lines", pods * 100)]);
    says_not(&answer, &["error number"]);
    let none = world
        .ask(
            &world.operator(),
            &format!("/ceo logs workload:{app} grep:nowhere"),
        )
        .await?;
    says(
        &none,
        &["No line of", "matches", &format!("0 of {} lines", grouped(all))],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_lines_take_little_memory() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .cluster
        .deploy_as("flood", 1, world.cluster.draw.old)
        .await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    // Warm: what a first answer needs is there.
    ask_until(&world, "/ceo logs workload:flood grep:started", "started").await?;
    sim.generate_log(space, "flood-*", 1_000_000, |n| match n % 100_000 {
        77 => format!("needle {n}").into_bytes(),
        _ => format!("level=info msg=\"request served\" n={n}").into_bytes(),
    });
    world.bot.forget_peak()?;
    let (_, before) = world.bot.memory()?;
    let answer = world
        .ask(&world.operator(), "/ceo logs workload:flood grep:needle")
        .await?;
    says(&answer, &["needle 77", "needle 900077", "10 of 1,000,001 lines"]);
    let (peak, _) = world.bot.memory()?;
    let more = peak.saturating_sub(before);
    println!("a million lines took {more} KiB more");
    assert!(more <= 32 * 1024, "{more} KiB");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_says_in_place_of_a_log_is_told_as_what_it_is() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    ask_until(
        &world,
        &format!("/ceo logs workload:deployment/{app}"),
        "level=info",
    )
    .await?;
    let before = world
        .ask(
            &world.operator(),
            &format!("/ceo logs workload:deployment/{app} previous:true"),
        )
        .await?;
    says(
        &before,
        &["No log of", "has not ended before: there is no previous log"],
    );

    // An image that is not there: the container waits.
    world.cluster.deploy_as("well", 1, world.cluster.draw.old).await?;
    world
        .cluster
        .set_image("deployment", "well", "docker.io/local/api:v9.9.9")
        .await?;
    ask_until(
        &world,
        "/ceo logs workload:deployment/well",
        "is waiting to start: ",
    )
    .await?;

    // Several containers and none named.
    let sidecar = json!({"spec": {"template": {"spec": {"containers": [
        {"name": "worker", "image": world.cluster.draw.new}]}}}});
    let api = world.cluster.api::<k8s_openapi::api::apps::v1::Deployment>();
    api.patch(&app, &PatchParams::default(), &Patch::Strategic(sidecar))
        .await?;
    let asked = format!("/ceo logs workload:deployment/{app}");
    let several = ask_until(&world, &asked, "2 containers; say which one").await?;
    says(&several, &["container:api", "container:worker"]);
    assert!(several.is_ephemeral());
    let named = ask_until(&world, &format!("{asked} container:worker"), "container `worker`").await?;
    says(&named, &["not shown: container `api`"]);
    let wrong = world
        .ask(&world.operator(), &format!("{asked} container:zzz"))
        .await?;
    says(&wrong, &["has no container", "zzz", "container:worker"]);

    // A pod that no node can take.
    let greedy = json!({"metadata": {"name": "greedy"}, "spec": {"containers": [{
        "name": "api", "image": world.cluster.draw.old, "resources": {"requests": {"cpu": "999"}}}]}});
    let pods = world.cluster.api::<Pod>();
    pods.create(&PostParams::default(), &serde_json::from_value(greedy)?)
        .await?;
    ask_until(
        &world,
        "/ceo logs workload:pod/greedy",
        "not scheduled to a node yet",
    )
    .await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_container_before_and_the_one_that_is_gone() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    world
        .cluster
        .deploy_as("frail", 1, world.cluster.draw.old)
        .await?;
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    sim.crash_pod(space, "frail-*", 3, &["FATAL: database connection refused"]);
    let asked = "/ceo logs workload:deployment/frail previous:true";
    let before = ask_until(&world, asked, "FATAL: database connection refused").await?;
    says(&before, &["the one before"]);
    assert!(
        before.labels().contains(&"Present container".to_owned()),
        "{:?}",
        before.labels()
    );
    let present = world
        .press(&world.operator(), before.id, "Present container")
        .await?;
    says(&present, &["level=info"]);
    assert!(present.labels().contains(&"Previous container".to_owned()));

    // It crashes at once, again and again: while it is down, the one before it is removed already.
    sim.image(world.cluster.draw.new).crashes(3, &["booting"]);
    world
        .cluster
        .set_image("deployment", "frail", world.cluster.draw.new)
        .await?;
    let look = || async {
        for pod in sim.pod_names(space, "frail-*") {
            let line = format!("/ceo logs workload:pod/{pod} previous:true");
            let answer = world.ask(&world.operator(), &line).await?;
            if answer.text().contains("gone from its node already") {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    };
    says_not(
        &until(PATIENCE, look).await?,
        &["unable to retrieve", "containerd://"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_answered_with_what_would() -> anyhow::Result<()> {
    let world = World::start().await?;
    let app = world.cluster.deploy().await?;
    let pod = name_of(world.cluster.pods(&app).await?.first().context("no pod")?);
    for (words, expected) in [
        (
            format!("workload:{app} grep:\"error|(timeout\""),
            "At character 7",
        ),
        (
            format!("workload:{app} grep:\"error|(timeout\""),
            "unclosed group",
        ),
        (
            format!("workload:{app} since:2999-01-01T00:00:00Z"),
            "is in the future",
        ),
        (
            format!("workload:{app} since:10years"),
            "It must be from 1 s to 30 d",
        ),
        (format!("workload:{app} since:soon"), "not a length of time"),
        (format!("workload:{app} invert:true"), "needs a pattern"),
        (
            format!("workload:{app} previous:true follow:true"),
            "exclude each other",
        ),
        (
            format!("workload:pod/{}zz", &pod[..pod.len() - 2]),
            "Did you mean",
        ),
        (
            "workload:deployment/nowhere-at-all".to_owned(),
            "There is no deployment",
        ),
        ("workload:elsewhere/pod/x".to_owned(), "elsewhere"),
    ] {
        let answer = world
            .ask(&world.operator(), &format!("/ceo logs {words}"))
            .await?;
        says(&answer, &[expected]);
        assert!(answer.is_ephemeral(), "{words}");
    }
    // Discord itself does not send a number that is out of bounds.
    let operator = world.operator();
    let line = format!("/ceo logs workload:{app} tail:1000000");
    assert!(operator.slash(ceo_tests::world::IDS.ops, &line).await.is_err());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_log_says_so_and_since_when() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    world
        .cluster
        .deploy_as("quiet", 2, world.cluster.draw.old)
        .await?;
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    ask_until(&world, "/ceo logs workload:quiet", "level=info").await?;
    let look = || async {
        let answer = world
            .ask(&world.operator(), "/ceo logs workload:quiet since:1s")
            .await?;
        Ok(answer
            .text()
            .contains("has logged nothing in that time")
            .then_some(answer))
    };
    says(
        &until(PATIENCE, look).await?,
        &["The newest line before is from <t:", "last 1 s"],
    );
    let api = world.cluster.api::<k8s_openapi::api::apps::v1::Deployment>();
    api.patch(
        "quiet",
        &PatchParams::default(),
        &Patch::Merge(json!({"spec": {"replicas": 0}})),
    )
    .await?;
    ask_until(&world, "/ceo logs workload:quiet", "has no pods").await?;
    assert!(sim.pod_names(space, "quiet-*").is_empty());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_logged_does_no_harm() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.cluster.deploy_as("odd", 1, world.cluster.draw.old).await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    let mut huge = vec![b'x'; 1 << 20];
    huge.extend_from_slice(b" the end of the huge line");
    for line in [
        &b"\x1b[31;1mred\x1b[0m alert"[..],
        b"bytes \xff\xfe\xc3\x28 that are no text",
        b"nul \0 and bell \x07",
        b"``` @everyone <@501> <@&111> [x](https://evil.example) ``` after",
        b"\xe2\x80\xae turned around",
        b"~~~ # heading > quote ||spoiler||",
        &huge,
        b"the last line",
    ] {
        sim.append_log(space, "odd-*", "api", line.to_vec());
    }
    let answer = ask_until(&world, "/ceo logs workload:odd", "the last line").await?;
    let text = answer.text();
    says(
        &answer,
        &["red alert", "1 line longer than 16 KiB", "turned around"],
    );
    assert!(!text.contains(['\u{1b}', '\0', '\u{7}', '\u{202e}']), "{text}");
    assert_eq!(text.matches("```").count(), 2, "the block is one block: {text}");
    assert!(answer.pings.users.is_empty() && answer.pings.roles.is_empty() && !answer.pings.everyone);
    let whole = file(&answer)?;
    assert!(whole.len() < 16 * 1024, "the huge line is cut: {}", whole.len());
    assert!(
        whole.contains("… [✂]") && whole.contains("the last line"),
        "{whole:.200}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_that_cuts_hangs_or_refuses() -> anyhow::Result<()> {
    let world = World::with(Setup::default().timing("cluster_timeout", "1s")).await?;
    world
        .cluster
        .deploy_as("flaky", 1, world.cluster.draw.old)
        .await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    let (sim, space) = (world.cluster.sim()?, world.cluster.namespace());
    ask_until(&world, "/ceo logs workload:flaky", "level=info").await?;
    sim.generate_log(space, "flaky-*", 50_000, |n| format!("line {n}").into_bytes());
    let log = "/pods/flaky-.*/log";
    sim.faults().inject("GET", log, 1, Effect::CutStream(200_000))?;
    let cut = world
        .ask(&world.operator(), "/ceo logs workload:flaky grep:line")
        .await?;
    says(
        &cut,
        &[
            "the connection broke before the log was whole",
            "Logs of deployment/flaky",
        ],
    );
    // Reads are repeated within their time, so each try hangs.
    sim.faults().inject("GET", log, 5, Effect::Hang)?;
    let hung = world.ask(&world.operator(), "/ceo logs workload:flaky").await?;
    says(&hung, &["did not answer"]);
    sim.faults().clear();
    sim.faults().inject("GET", log, 1, Effect::Status(403))?;
    let refused = world.ask(&world.operator(), "/ceo logs workload:flaky").await?;
    says_not(&refused, &["Logs of deployment/flaky"]);
    sim.faults().clear();
    let fine = world.ask(&world.operator(), "/ceo logs workload:flaky").await?;
    says(&fine, &["line 49999"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_again_and_again_is_told_once_with_errors_first() -> anyhow::Result<()> {
    let world = World::start().await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let space = world.cluster.namespace().to_owned();
    let said = [
        "GET /users/17 200 in 3ms",
        "GET /users/18 200 in 4ms",
        "Traceback (most recent call last):",
        "  File \"db.py\", line 7, in connect",
        "OperationalError: password=hunter22 refused by 10.1.2.3:5432",
        "GET /users/19 200 in 12ms",
    ];
    world.cluster.sim()?.node().pods(&space, "*").logs(&said);
    let app = world.cluster.deploy().await?;
    let n = u64::try_from(world.cluster.draw.replicas)?;
    let ask = format!("/ceo logs workload:deployment/{app} patterns:true");
    let answer = ask_until(&world, &ask, &format!("**{}×**", 3 * n)).await?;
    let text = answer.text();
    says(
        &answer,
        &[
            &format!("in {n} pods"),
            "`GET /users/* * in *`",
            "OperationalError: ",
        ],
    );
    says_not(&answer, &["hunter22", "/users/17"]);
    let (error, usual) = (text.find("OperationalError"), text.find("GET /users"));
    assert!(error < usual, "errors first:\n{text}");
    let whole = file(&answer)?;
    assert!(
        whole.contains("line 7, in connect") && !whole.contains("hunter22"),
        "{whole}"
    );
    let lines = world
        .press(&world.operator(), answer.id, "Show the lines")
        .await?;
    says(&lines, &["GET /users/19 200 in 12ms"]);
    let ask = format!("{ask} follow:true");
    let answer = world.ask(&world.operator(), &ask).await?;
    says(&answer, &["patterns", "follow", "Alike lines are counted"]);
    world.finish().await
}
