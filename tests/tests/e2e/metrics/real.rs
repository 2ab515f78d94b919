//! A real Prometheus that scrapes an exporter of this test: what the bot asks is what Prometheus answers.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Router, extract::State, routing::get};
use ceo_tests::world::{PATIENCE, Setup, World, until};
use tokio::process::{Child, Command};

use super::picture;
use crate::{asks_until, says, says_not};

/// The program, where there is one. With `CI=true` one that is missing is a failure.
fn program() -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join("prometheus"))
        .find(|file| file.is_file());
    if found.is_none() {
        let ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!ci, "there is no prometheus here, and CI=true");
        eprintln!("SKIPPED: there is no prometheus here, so nothing of this test was checked");
    }
    found
}

/// What the service would say of itself: a little more at each look.
async fn exporter() -> anyhow::Result<std::net::SocketAddr> {
    async fn metrics(State(looks): State<Arc<AtomicU64>>) -> String {
        let n = looks.fetch_add(1, Ordering::Relaxed);
        let buckets: String = [("0.1", 9), ("0.5", 10), ("+Inf", 10)]
            .iter()
            .map(|(le, each)| {
                format!(
                    "http_request_duration_seconds_bucket{{le=\"{le}\"}} {}\n",
                    n * each
                )
            })
            .collect();
        format!(
            "shop_queue 42\nhttp_requests_total{{status=\"200\"}} {}\nhttp_requests_total{{status=\"500\"}} {n}\n{buckets}",
            n * 3,
        )
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::new(AtomicU64::new(0)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Prometheus with a configuration, a port and a folder of its own. It ends with its handle.
async fn start(
    program: &std::path::Path,
    folder: &std::path::Path,
    namespace: &str,
) -> anyhow::Result<(Child, String)> {
    let target = exporter().await?;
    let config = folder.join("prometheus.yml");
    let yaml = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: shop\n  static_configs:\n  \
         - targets: [\"{target}\"]\n    labels: {{namespace: {namespace}}}\n"
    );
    std::fs::write(&config, yaml)?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let child = Command::new(program)
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("prometheus.log"))?)
        .kill_on_drop(true)
        .spawn()?;
    let url = format!("http://127.0.0.1:{port}");
    let ready = || async {
        let answer = reqwest::get(format!("{url}/-/ready")).await;
        Ok(answer
            .is_ok_and(|answer| answer.status().is_success())
            .then_some(()))
    };
    until(PATIENCE, ready).await?;
    Ok((child, url))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_understands_what_is_asked_and_is_understood() -> anyhow::Result<()> {
    let Some(program) = program() else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let mut world = World::before_the_bot(Setup::default()).await?;
    let namespace = world.cluster.namespace().to_owned();
    let (_prometheus, url) = start(&program, folder.path(), &namespace).await?;
    world.resettle(|setup| {
        setup.more = format!(
            "[prometheus]\nurl = \"{url}\"\n\
             [[panels]]\nname = \"queue\"\nquery = 'sum(shop_queue{{namespace=\"$namespace\"}})'\nbelow = 40\n"
        );
    })?;
    world.bot.start().await?;
    world.ready().await?;
    let answer = asks_until(
        &world,
        "/ceo metrics panel:queue range:15m",
        &["queue is over its limit: 42 now, limit <40"],
    )
    .await?;
    picture(&answer);
    // One request of four fails, and nine of ten take no longer than 100 ms.
    let answer = asks_until(
        &world,
        "/ceo metrics range:15m",
        &["25%", ">99.9%", "75%", "300ms"],
    )
    .await?;
    says(&answer, &["CPU", "NO DATA", "NOT CONFIGURED", "Tokens"]);
    says_not(&answer, &["NO ANSWER", "its query is none"]);
    let ask = |line: &'static str| {
        let world = &world;
        async move { world.ask(&world.operator(), line).await }
    };
    says(
        &ask("/ceo metrics query:sum(shop_queue range:15m").await?,
        &["Prometheus cannot read this query", "unclosed left parenthesis"],
    );
    says(
        &ask("/ceo metrics query:shop_queue range:15m").await?,
        &["42 now"],
    );
    says(&ask("/ceo metrics query:1/0").await?, &["∞ now"]);
    says(
        &ask("/ceo metrics query:nothing_of_it").await?,
        &["No data", "no zero"],
    );
    says(
        &ask("/ceo metrics query:http_requests_total").await?,
        &["2 series", "200", "500"],
    );
    world.finish().await
}
