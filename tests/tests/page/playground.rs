//! The playground as a whole: the page over the real simulators, the menu, and who may ask for what.

use std::path::Path;
use std::time::Duration;

use ceo_tests::browser::{Key, start_or_skip};
use ceo_tests::kube::sim::Pace;
use ceo_tests::playground::{Options, Playground};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

async fn start() -> anyhow::Result<Playground> {
    let options = Options {
        port: Some(0),
        state: None,
        pace: Some(Pace::fast()),
        language: None,
    };
    Playground::start(options, Path::new(env!("CARGO_BIN_EXE_playground"))).await
}

async fn ask(
    client: &Client,
    method: Method,
    url: String,
    body: Value,
) -> anyhow::Result<(StatusCode, Value)> {
    let answer = client.request(method, url).json(&body).send().await?;
    Ok((answer.status(), answer.json().await.unwrap_or_default()))
}

#[tokio::test]
async fn the_menu_breaks_things_and_puts_them_right() -> anyhow::Result<()> {
    let playground = start().await?;
    let (client, url) = (Client::builder().no_proxy().build()?, playground.url());
    let kube = &playground.world.kube;
    let within = Duration::from_secs(20);
    let image = |image: &str| {
        let image = image.to_owned();
        move |store: &ceo_tests::kube::store::Store| {
            let (pods, _) = store.list_shared("", "pods", Some("ceoagent"));
            pods.iter()
                .any(|pod| pod["spec"]["containers"][0]["image"] == image.as_str())
        }
    };
    assert!(
        kube.reaches(within, image("docker.io/local/api:v1.1.0")).await,
        "there is a history from the start"
    );
    assert!(
        kube.rolled_out("ceoagent", "deployments", "ceoagent-api", within)
            .await
    );
    let (_, menu) = ask(&client, Method::GET, format!("{url}api/menu"), json!(null)).await?;
    assert!(menu.as_array().is_some_and(|all| all.len() >= 10), "{menu}");
    for entry in menu.as_array().into_iter().flatten() {
        let id = entry["id"].as_str().unwrap_or_default();
        if id == "outage" || id == "throttle" {
            continue; // they last longer than a test may
        }
        let (status, said) = ask(&client, Method::POST, format!("{url}api/menu/{id}"), json!({})).await?;
        assert_eq!(status, 200, "{id}: {said}");
    }
    assert!(
        kube.reaches(within, |store| !image("docker.io/local/api:v9.9.9")(store))
            .await,
        "the last entry put all right"
    );
    assert!(
        kube.rolled_out("ceoagent", "deployments", "ceoagent-api", within)
            .await
    );
    let (status, _) = ask(&client, Method::POST, format!("{url}api/menu/nothing"), json!({})).await?;
    assert_eq!(status, 404);
    playground.stop().await;
    Ok(())
}

#[tokio::test]
async fn other_sites_are_turned_away() -> anyhow::Result<()> {
    let playground = start().await?;
    let (client, url) = (Client::builder().no_proxy().build()?, playground.url());
    for path in ["", "app.js", "api/world", "api/menu", "api/hints"] {
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("host", "evil.example"),
            ("host", "127.0.0.1:1"),
        ] {
            let answer = client
                .get(format!("{url}{path}"))
                .header(name, value)
                .send()
                .await?;
            assert_eq!(answer.status(), 403, "{path} with {name}: {value}");
        }
    }
    let kill = client
        .post(format!("{url}api/menu/kill"))
        .header("origin", "http://localhost:1")
        .send()
        .await?;
    assert_eq!(kill.status(), 403);
    playground.stop().await;
    Ok(())
}

#[tokio::test]
async fn garbage_is_refused_with_a_reason_and_breaks_nothing() -> anyhow::Result<()> {
    let playground = start().await?;
    let (client, url) = (Client::builder().no_proxy().build()?, playground.url());
    let garbage = [
        json!(null),
        json!([]),
        json!({ "as": "x" }),
        json!({ "as": "10", "kind": "button", "message_id": "-1" }),
        json!({ "as": "10", "channel_id": "3000", "kind": "command", "command": "ceo", "options": { "deep": [[[]]] } }),
    ];
    for body in garbage {
        for path in [
            "api/interactions",
            "api/autocomplete",
            "api/channels/3000/messages",
            "api/channels/none/messages",
        ] {
            let (status, answer) = ask(&client, Method::POST, format!("{url}{path}"), body.clone()).await?;
            assert!(status.is_client_error(), "{path} {body}: {status} {answer}");
        }
    }
    let messages = format!("{url}api/channels/3000/messages");
    let raw = client
        .post(format!("{url}api/interactions"))
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await?;
    assert!(raw.status().is_client_error());
    for path in [
        "api/channels/3000/messages",
        "api/channels/3000/messages?as=-1",
        "api/events?as=you",
        "api/nothing",
    ] {
        let answer = client.get(format!("{url}{path}")).send().await?;
        assert!(answer.status().is_client_error(), "{path}: {}", answer.status());
    }
    let says = |body: Value| ask(&client, Method::POST, messages.clone(), body);
    let (status, answer) = says(json!({ "as": "999", "content": "hello" })).await?;
    assert_eq!(status, 400);
    assert!(answer["error"].is_string(), "it says what is wrong: {answer}");
    let (status, _) = says(json!({ "as": "10", "content": "x".repeat(5_000_000) })).await?;
    assert_eq!(status, 413, "a body without end is not read");
    let (status, said) = says(json!({ "as": "10", "content": "still here" })).await?;
    assert_eq!(status, 200, "nothing broke: {said}");
    playground.stop().await;
    Ok(())
}

#[tokio::test]
async fn people_talk_over_the_real_simulation() -> anyhow::Result<()> {
    let _turn = crate::ONE.acquire().await?;
    let Some(browser) = start_or_skip("people_talk_over_the_real_simulation").await? else {
        return Ok(());
    };
    let playground = start().await?;
    browser.open(&playground.url()).await?;
    browser.wait("document.activeElement?.id === 'line'").await?;
    browser.keys(&format!("hello <@20>{}", Key::ENTER)).await?;
    browser.wait_text(".message", "hello @lead").await?;
    browser.wait_text("#persons [data-id='20'] .badge", "1").await?;
    browser.click("#persons [data-id='20']").await?;
    browser.wait_text(".message.calls", "hello @lead").await?;
    browser.wait("!document.querySelector('.banner')").await?; // the bot is up
    browser
        .run("document.querySelector('#line').focus()", &[])
        .await?;
    browser.keys("/ceo status").await?;
    browser.wait_text(".suggest [role=option]", "/ceo status").await?;
    browser.keys(Key::ENTER).await?;
    browser
        .wait_text(".message .above", "lead used /ceo status")
        .await?;
    browser.wait_text(".embed", "deployment/ceoagent-api").await?;
    browser.click("#break").await?;
    browser.wait_text("[role=menu]", "Kill the bot").await?;
    browser
        .wait("[...document.querySelectorAll('[role=menu] [role=group]')].map((one) => one.ariaLabel).join() === 'Roll out,Pods and nodes,Outages,Repair'")
        .await?;
    browser.click("[role=menu] [data-id=crash]").await?;
    browser.wait_text(".toast", "has crashed").await?;
    browser.wait("document.activeElement?.id === 'line'").await?;
    browser.click("#break").await?;
    browser.click("[role=menu] [data-id=missing]").await?;
    // What is told in another channel leads there, and each channel says what it is for.
    browser.wait_text(".toast", "New in #alerts: ").await?;
    browser.click(".toast-way").await?;
    browser.wait_text("#channel-name", "alerts").await?;
    browser
        .wait_text("#chat .start", "one message for each trouble")
        .await?;
    playground.stop().await;
    Ok(())
}
