//! Text from a cluster, a bot or a person is text, wherever it stands; and the page keeps to itself.

use serde_json::json;

use crate::scene;
use crate::stage::{OPERATOR, Stage};

const EVIL: &str = "<img src=x onerror=window.hit=1><script>window.hit=1</script>";

fn everywhere(stage: &Stage) {
    stage.says(json!({
        "content": format!("{EVIL} [click](javascript:window.hit=1) **{EVIL}** `{EVIL}`\n```html\n{EVIL}\n```"),
        "author": { "id": "901", "username": EVIL, "bot": true },
        "interaction_metadata": { "id": "5", "name": EVIL, "user": { "id": "902", "username": EVIL } },
        "embeds": [{
            "title": EVIL, "description": EVIL, "url": "javascript:window.hit=1", "author": { "name": EVIL, "url": "javascript:1" },
            "fields": [{ "name": EVIL, "value": EVIL, "inline": true }], "footer": { "text": EVIL },
            "image": { "url": "https://elsewhere.invalid/pixel.png" }, "thumbnail": { "url": "javascript:window.hit=1" },
        }],
        "components": [
            { "type": 1, "components": [
                { "type": 2, "style": 1, "label": EVIL, "custom_id": EVIL },
                { "type": 2, "style": 5, "label": "link", "url": "javascript:window.hit=1" }] },
            { "type": 1, "components": [{ "type": 3, "custom_id": "s", "placeholder": EVIL,
                "options": [{ "label": EVIL, "value": EVIL, "description": EVIL }] }] },
        ],
        "attachments": [{ "id": "1", "filename": "<img src=x onerror=window.hit=1>.log", "size": 20, "content_type": "text/plain" }],
    }));
}

#[tokio::test]
async fn text_is_text_in_every_field() -> anyhow::Result<()> {
    let scene = scene!("text_is_text_in_every_field", everywhere);
    let browser = &scene.browser;
    browser.wait_text(".file-preview", "two <img src=x>").await?;
    browser.click("[data-action=select]").await?;
    browser.wait_text(".popup", "<script>").await?;
    browser.keys(ceo_tests::browser::Key::ESCAPE).await?;
    browser.click("[data-action=press]").await?;
    let (body, id) = scene.stage.post(1).await?;
    assert_eq!(body["custom_id"], EVIL);
    let field =
        json!({ "type": 4, "custom_id": "f", "label": EVIL, "style": 1, "placeholder": EVIL, "value": EVIL });
    let modal =
        json!({ "custom_id": "m", "title": EVIL, "components": [{ "type": 1, "components": [field] }] });
    scene.stage.emit(
        "interaction",
        json!({ "id": id, "state": "modal", "modal": modal }),
        Some(OPERATOR),
    );
    browser.wait_text("dialog h2", "<img src=x").await?;
    let found = browser
        .run(
            "const bad = document.querySelectorAll('img[src=x], #main script, dialog script, [href^=javascript], [onerror]');
             const outside = [...document.querySelectorAll('img')].filter((one) => !one.src.startsWith(location.origin));
             return [window.hit ?? 0, bad.length, outside.length, document.querySelectorAll('[style]').length > 0]",
            &[],
        )
        .await?;
    assert_eq!(
        found.as_array().map(|all| all[..3].to_vec()),
        Some(vec![json!(0), json!(0), json!(0)])
    );
    let shown = browser.text(".embed").await?;
    assert_eq!(
        shown.matches("<script>window.hit=1</script>").count(),
        7,
        "every field shows the text itself: {shown}"
    );
    let console = browser.console().await?;
    assert!(
        console.is_empty(),
        "the policy had to stop something, or a script threw: {console:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn nonsense_from_the_server_breaks_nothing() -> anyhow::Result<()> {
    let scene = scene!("nonsense_from_the_server_breaks_nothing");
    for data in [
        json!(null),
        json!({}),
        json!({ "message": 5 }),
        json!({ "channel_id": "1", "message": { "id": "9" } }),
    ] {
        scene.stage.emit("message", data.clone(), None);
        scene.stage.emit("interaction", data.clone(), None);
        scene.stage.emit("bot", data, None);
    }
    scene.stage.emit("bot", json!({ "online": true }), None);
    scene.stage.says(json!({ "content": "still here", "embeds": [{}], "components": [{ "type": 17 }, { "type": 1, "components": [{ "type": 99 }] }],
        "timestamp": "never" }));
    scene.browser.wait_text(".message", "still here").await?;
    Ok(())
}

#[tokio::test]
async fn the_page_is_served_with_its_policy_and_nothing_else() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    for path in ["", "app.js", "page.css"] {
        let answer = client.get(format!("{}{path}", stage.url())).send().await?;
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"].to_str()?;
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    }
    for path in ["nothing.js", "../Cargo.toml", "%2e%2e/page.rs", "page/app.js"] {
        assert_eq!(
            client
                .get(format!("{}{path}", stage.url()))
                .send()
                .await?
                .status(),
            404,
            "{path}"
        );
    }
    assert_eq!(client.post(stage.url()).send().await?.status(), 405);
    Ok(())
}
