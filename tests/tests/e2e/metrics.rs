//! Does `/ceo metrics` show the figures of the manual against their limits, and never a figure that nobody measured?

mod real;

use ceo_tests::{
    discord::Message,
    prometheus::{PrometheusSim, Reply, Series},
    world::{IDS, Setup, World},
};
use serde_json::json;

use crate::{says, says_not};

/// A world whose bot reads a simulated Prometheus; `NAMESPACE` and `PROMETHEUS` in the settings stand for its own.
async fn with(more: &str) -> anyhow::Result<(World, PrometheusSim)> {
    let sim = PrometheusSim::start().await?;
    let mut world = World::before_the_bot(Setup::default()).await?;
    let namespace = world.cluster.namespace().to_owned();
    let more = format!("[prometheus]\nurl = \"PROMETHEUS\"\n{more}");
    world.resettle(|setup| {
        setup.more = more
            .replace("NAMESPACE", &namespace)
            .replace("PROMETHEUS", &sim.url());
        setup.timing.push(("prometheus_timeout", "4s".to_owned()));
        setup.timing.push(("grafana_timeout", "1s".to_owned()));
    })?;
    world.bot.start().await?;
    world.ready().await?;
    Ok((world, sim))
}

/// A steady series without labels.
fn steady(figure: f64) -> Reply {
    Reply::Series(vec![Series::steady(json!({}), figure)])
}

/// The one picture of a message, with its words.
#[track_caller]
fn picture(message: &Message) -> String {
    let file = message
        .attachments
        .iter()
        .find(|file| file.filename == "metrics.png");
    let file = file.unwrap_or_else(|| panic!("no picture at:\n{}", message.text()));
    assert!(file.bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "it is no PNG");
    assert!(message.embeds[0]["image"]["url"].as_str().is_some());
    file.description.clone().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_figure_stands_where_it_belongs_and_none_is_made_up() -> anyhow::Result<()> {
    let (world, sim) = with("").await?;
    sim.answers("container_cpu_usage", steady(83.31));
    sim.answers("container_memory", steady(41.0));
    // It was measured until ten minutes ago.
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_secs_f64();
    let ended = Series::new(json!({}), move |at| (at < now - 600.0).then_some(61.0));
    sim.answers("kubelet_volume", Reply::Series(vec![ended]));
    let spiked = Series::new(json!({}), move |at| {
        Some(if at < now - 900.0 { 0.4 } else { 0.02 })
    });
    sim.answers("http_requests_total", Reply::Series(vec![spiked]));
    sim.answers("100 - (", steady(99.95));
    sim.answers(
        "histogram_quantile",
        Reply::error(503, "timeout", "query timed out in expression evaluation"),
    );
    let answer = world.ask(&world.viewer(), "/ceo metrics").await?;
    says(
        &answer,
        &[
            "1 of 6 figures is over its limit, 2 not known",
            "OVER THE LIMIT",
            "CPU",
            "83.3%",
            "<70%",
            "WAS OVER THE LIMIT",
            "0.4%",
            "NO ANSWER",
            "P95: Prometheus says: `query timed out in expression evaluation`",
            "NO DATA NOW",
            "WITHIN THE LIMIT",
            "99.95%",
            ">99.9%",
            "NOT CONFIGURED",
            "Decisions",
            "The last 1 h, one figure every 30 s",
        ],
    );
    let words = picture(&answer);
    assert!(words.contains("CPU 83.3% now, limit <70%"), "{words}");
    assert!(words.contains("Disk no data now"), "{words}");
    assert!(!words.contains("Tokens"), "{words}");
    let namespace = world.cluster.namespace();
    let asked = sim.asked();
    assert!(
        asked
            .iter()
            .all(|one| one.query.contains(&format!("namespace=\"{namespace}\""))),
        "{asked:?}"
    );
    assert!(
        asked.iter().all(|one| (one.length - 3600.0).abs() < 1.0),
        "{asked:?}"
    );

    let one = world.press(&world.viewer(), answer.id, "CPU").await?;
    says(&one, &["CPU is over its limit: 83.3% now, limit <70%"]);
    picture(&one);
    let day = world.press(&world.viewer(), one.id, "24h").await?;
    says(&day, &["CPU is over its limit", "The last 1 d"]);
    let last = sim.asked().pop().map(|one| one.length);
    assert_eq!(last, Some(86_400.0));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_no_zero() -> anyhow::Result<()> {
    let (world, sim) = with("").await?;
    let answer = world.ask(&world.viewer(), "/ceo metrics").await?;
    says(
        &answer,
        &["No figure with a limit is known", "NO DATA", "NOT CONFIGURED"],
    );
    says_not(&answer, &[" 0%", "WITHIN"]);
    let one = world.ask(&world.viewer(), "/ceo metrics panel:errors").await?;
    says(&one, &["Errors: no data", "That is no zero"]);
    sim.answers(
        "container_cpu",
        Reply::Series(vec![Series::steady(json!({}), f64::NAN)]),
    );
    sim.answers(
        "container_memory",
        Reply::Series(vec![Series::steady(json!({}), f64::INFINITY)]),
    );
    let one = world.ask(&world.viewer(), "/ceo metrics panel:cpu").await?;
    says(&one, &["CPU: no data"]);
    let one = world.ask(&world.viewer(), "/ceo metrics panel:memory").await?;
    says(&one, &["Memory is over its limit: ∞ now, limit <80%"]);
    picture(&one);
    let one = world.ask(&world.viewer(), "/ceo metrics panel:tokens").await?;
    says(&one, &["Tokens: not configured", "`[[panels]]`", "`tokens`"]);

    let offered = world
        .viewer()
        .autocomplete(IDS.ops, "/ceo metrics panel:me")
        .await?;
    let offered: Vec<String> = offered.into_iter().map(|choice| choice.name).collect();
    assert_eq!(offered, ["memory"]);
    let answer = world.ask(&world.viewer(), "/ceo metrics panel:memroy").await?;
    says(&answer, &["There is no panel `memroy`", "Did you mean `memory`?"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_told_as_one_and_as_nothing_else() -> anyhow::Result<()> {
    let (world, sim) = with("").await?;
    sim.answers("", Reply::Never);
    let answer = world.ask(&world.viewer(), "/ceo metrics").await?;
    says(
        &answer,
        &[
            "Prometheus did not answer (no answer within 4 s)",
            "an outage, not a missing right",
        ],
    );
    sim.answers("", Reply::Says(502, "<html>Bad Gateway</html>".to_owned()));
    let answer = world.ask(&world.viewer(), "/ceo metrics").await?;
    says(&answer, &["Prometheus did not answer (HTTP 502)"]);
    sim.answers("", Reply::Says(200, "<html>Welcome</html>".to_owned()));
    let answer = world.ask(&world.viewer(), "/ceo metrics panel:cpu").await?;
    says(
        &answer,
        &["Prometheus did not answer (the answer is not of Prometheus)"],
    );
    sim.answers("", Reply::Half);
    let answer = world.ask(&world.viewer(), "/ceo metrics panel:cpu").await?;
    says(&answer, &["Prometheus did not answer (the answer broke off)"]);
    sim.answers("", Reply::Says(401, "who?".to_owned()));
    let answer = world.ask(&world.viewer(), "/ceo metrics").await?;
    says(
        &answer,
        &[
            "Prometheus answered nothing",
            "HTTP 401: it does not let the bot in",
            "`prometheus.token`",
        ],
    );
    drop(sim);
    let answer = world.ask(&world.viewer(), "/ceo metrics").await?;
    says(&answer, &["Prometheus did not answer (connection refused)"]);
    says_not(&answer, &["may not", "0%"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn promql_is_another_right_and_what_it_shows_is_bounded() -> anyhow::Result<()> {
    let (world, sim) = with("").await?;
    let refused = world.ask(&world.viewer(), "/ceo metrics query:up").await?;
    says(&refused, &["You may not", "prod"]);
    assert_eq!(sim.asked(), []);

    sim.answers(
        "((",
        Reply::error(
            400,
            "bad_data",
            "invalid parameter \"query\": 1:3: parse error: unclosed left parenthesis token=hunter2222",
        ),
    );
    let answer = world.ask(&world.operator(), "/ceo metrics query:up((").await?;
    says(
        &answer,
        &[
            "Prometheus cannot read this query",
            "1:3: parse error: unclosed left parenthesis",
        ],
    );
    says_not(&answer, &["hunter2222"]);

    let many = (0..5000).map(|n| {
        let labels = json!({"__name__": "up", "job": "x", "pod": format!("p\u{202e}{n}\n")});
        Series::new(labels, move |_| Some(f64::from(n)))
    });
    sim.answers("many", Reply::Series(many.collect()));
    let answer = world
        .ask(&world.operator(), "/ceo metrics query:many range:15m")
        .await?;
    says(
        &answer,
        &[
            "5,000 series, the highest first",
            "p4999",
            "4,990 of 5,000 series are left out",
        ],
    );
    says_not(&answer, &["\u{202e}"]);
    picture(&answer);
    let again = world.press(&world.operator(), answer.id, "Ask again").await?;
    says(&again, &["5,000 series"]);

    let empty = world.ask(&world.operator(), "/ceo metrics query:nothing").await?;
    says(&empty, &["No data", "That is no zero"]);
    sim.answers("seven", steady(7.0));
    let one = world.ask(&world.operator(), "/ceo metrics query:seven").await?;
    says(&one, &["7 now", "`seven`"]);
    let both = world
        .ask(&world.operator(), "/ceo metrics query:up panel:cpu")
        .await?;
    says(&both, &["A panel and a query are two questions"]);
    // Who looked at what is on record.
    let audit = world.ask(&world.operator(), "/ceo audit").await?;
    says(&audit, &["query:seven"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn panels_are_of_places_and_their_variables_are_values() -> anyhow::Result<()> {
    let sim = PrometheusSim::start().await?;
    let mut world = World::before_the_bot(Setup::default()).await?;
    let namespace = world.cluster.namespace().to_owned();
    std::fs::write(world.dir().join("prometheus-token"), "s3cr3t-of-prometheus\n")?;
    world.resettle(|setup| {
        // The viewer reads of the one namespace, not of the cluster.
        setup.policy = setup.policy.replacen("\"*/*\"", &format!("\"prod/{namespace}\""), 1);
        setup.more = format!(
            "[prometheus]\nurl = \"{}\"\ntoken_file = \"prometheus-token\"\n\
             [[panels]]\nname = \"nodes\"\ntitle = \"节点负载\"\nquery = \"sum(node_load1)\"\nbelow = 8\n\
             [[panels]]\nname = \"queue\"\nquery = 'queue{{ns=\"$namespace\",pod=~\"$pods\"}}[$window]'\nunit = \"/s\"\n",
            sim.url()
        );
    })?;
    world.bot.start().await?;
    world.ready().await?;
    sim.answers("", steady(5.0));
    let answer = world.ask(&world.viewer(), "/ceo metrics").await?;
    says(&answer, &["queue", "5/s"]);
    says_not(&answer, &["节点负载"]);
    let none = world.ask(&world.viewer(), "/ceo metrics panel:nodes").await?;
    says(&none, &["There is no panel `nodes`"]);
    let answer = world.ask(&world.operator(), "/ceo metrics panel:nodes").await?;
    says(&answer, &["节点负载 is within its limit: 5 now, limit <8"]);
    assert!(picture(&answer).contains("节点负载"));

    let app = world.cluster.deploy().await?;
    let line = format!("/ceo metrics panel:queue range:6h workload:deployment/{app}");
    let answer = crate::asks_until(&world, &line, &["queue: 5/s now", &format!("deployment/{app}")]).await?;
    // The rollout that made it is told, and marked.
    says(&answer, &["revision 1"]);
    picture(&answer);
    let asked = sim.asked().pop().map(|one| (one.query, one.authorization));
    let query = format!(
        "queue{{ns=\"{namespace}\",pod=~\"{}-[a-z0-9]{{1,10}}-[a-z0-9]{{5}}\"}}[240s]",
        app.replace('-', "\\\\-")
    );
    assert_eq!(
        asked,
        Some((query, Some("Bearer s3cr3t-of-prometheus".to_owned())))
    );
    let none = world
        .ask(&world.viewer(), "/ceo metrics workload:deployment/nope")
        .await?;
    says(&none, &["There is no deployment `nope`"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn links_lead_further_and_an_open_grafana_is_told() -> anyhow::Result<()> {
    let (world, sim) = with(
        "[links]\ngrafana = \"PROMETHEUS\"\nprometheus = \"https://prometheus.example.com/graph\"\n\
         kubernetes = \"http://localhost:8001/ui\"\n",
    )
    .await?;
    sim.grafana(200, "{\"id\":1,\"login\":\"admin\"}");
    sim.answers("container_cpu", steady(5.0));
    let answer = world.ask(&world.viewer(), "/ceo metrics").await?;
    says(
        &answer,
        &[
            "Grafana takes admin with the password admin",
            "Change the password",
        ],
    );
    let links: Vec<(String, String)> = answer
        .buttons()
        .iter()
        .filter(|button| button["style"] == 5)
        .map(|button| {
            [&button["label"], &button["url"]]
                .map(|text| text.as_str().unwrap_or_default().to_owned())
                .into()
        })
        .collect();
    let grafana = format!("{}/", sim.url());
    let expected = [
        ("Grafana", grafana.as_str()),
        ("Prometheus", "https://prometheus.example.com/graph"),
        ("Kubernetes", "http://localhost:8001/ui"),
    ];
    assert_eq!(
        links,
        expected.map(|(label, url)| (label.to_owned(), url.to_owned()))
    );
    world.ask(&world.viewer(), "/ceo metrics panel:cpu").await?;
    assert_eq!(sim.tried(), 1, "what was seen is remembered");
    let (_, text) = world.bot.command(&["check"]).await?;
    assert!(text.contains("takes admin with the password admin"), "{text}");
    assert!(
        text.contains("Prometheus") && text.contains("answers queries"),
        "{text}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grafana_that_is_closed_strange_or_silent_is_not_told() -> anyhow::Result<()> {
    for (status, body) in [(401, "{}"), (200, "<html>Sign in</html>"), (302, ""), (500, "")] {
        let (world, sim) = with("[links]\ngrafana = \"PROMETHEUS\"\n").await?;
        sim.grafana(status, body);
        let answer = world.ask(&world.viewer(), "/ceo metrics panel:cpu").await?;
        says(&answer, &["CPU: no data"]);
        says_not(&answer, &["password"]);
        assert_eq!(sim.tried(), 1, "{status}");
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_prometheus_it_says_how_to_get_one_also_in_chinese() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(Setup::default()).await?;
    world.bot.env("CEO__DISCORD__LANGUAGE", "zh-CN");
    world.bot.start().await?;
    world.ready().await?;
    let answer = world.ask(&world.viewer(), "/ceo metrics").await?;
    says(&answer, &["未配置 Prometheus", "[prometheus]"]);
    world.finish().await
}
