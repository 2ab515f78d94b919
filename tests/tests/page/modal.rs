//! Forms: what must be filled, where the focus is, what happens when the bot does not take it.

use ceo_tests::browser::Key;
use serde_json::json;

use crate::scene;
use crate::stage::{OPERATOR, OPS};

#[tokio::test]
async fn a_form_is_checked_sent_and_kept_when_it_fails() -> anyhow::Result<()> {
    let scene = scene!("a_form_is_checked_sent_and_kept_when_it_fails");
    let (stage, browser) = (&scene.stage, &scene.browser);
    scene.types(&format!("/ceo get pods{}", Key::ENTER)).await?;
    let (_, id) = stage.post(1).await?;
    let row = |field| json!({ "type": 1, "components": [field] });
    let modal = json!({ "custom_id": "form", "title": "Set a value", "components": [
        row(json!({ "type": 4, "custom_id": "key", "label": "Key", "style": 1, "required": true, "min_length": 3, "max_length": 8 })),
        row(json!({ "type": 4, "custom_id": "value", "label": "Value", "style": 2, "required": false })),
    ] });
    stage.emit(
        "interaction",
        json!({ "id": id, "state": "modal", "modal": modal }),
        Some(OPERATOR),
    );
    browser.wait("document.activeElement.name === 'key'").await?;
    browser.keys(Key::ENTER).await?;
    browser
        .wait_text(".field-error", "This field is required")
        .await?;
    browser.keys("ab").await?;
    browser.wait_text(".field-error", "At least 3 characters").await?;
    browser.keys("cdefghijk").await?; // the input takes no more than eight
    browser.keys(Key::TAB).await?;
    browser.keys("two\nlines").await?;
    for _ in 0..6 {
        browser.keys(Key::TAB).await?;
        browser.wait("document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)").await?;
    }
    browser.click("dialog [type=submit]").await?;
    let (body, second) = stage.post(2).await?;
    assert_eq!(
        body,
        json!({ "as": OPERATOR, "channel_id": OPS, "kind": "modal", "interaction_id": id, "custom_id": "form",
                "fields": { "key": "abcdefgh", "value": "two\nlines" } })
    );
    stage.emit(
        "interaction",
        json!({ "id": second, "state": "failed", "error": "The application did not respond" }),
        Some(OPERATOR),
    );
    browser
        .wait_text(".form-error", "The application did not respond")
        .await?;
    browser.click("dialog [type=submit]").await?;
    let (again, third) = stage.post(3).await?;
    assert_eq!(again["fields"], body["fields"], "nothing typed is lost");
    stage.emit(
        "interaction",
        json!({ "id": third, "state": "answered" }),
        Some(OPERATOR),
    );
    browser.wait("!document.querySelector('dialog')").await?;
    browser.wait("document.activeElement.id === 'line'").await?;
    browser.keys("typing goes on").await?;
    assert_eq!(scene.line().await?, "typing goes on");
    Ok(())
}

#[tokio::test]
async fn escape_closes_a_form_and_sends_nothing() -> anyhow::Result<()> {
    let scene = scene!("escape_closes_a_form_and_sends_nothing");
    let (stage, browser) = (&scene.stage, &scene.browser);
    scene.types(&format!("/ceo get pods{}", Key::ENTER)).await?;
    let (_, id) = stage.post(1).await?;
    stage.emit("interaction", json!({ "id": id, "state": "modal", "modal": { "custom_id": "f", "title": "Why", "components": [] } }), Some(OPERATOR));
    browser.wait("document.querySelector('dialog[open]')").await?;
    browser.keys(Key::ESCAPE).await?;
    browser.wait("!document.querySelector('dialog')").await?;
    scene.types(&format!("next{}", Key::ENTER)).await?;
    assert_eq!(stage.post(2).await?.0["content"], "next");
    Ok(())
}
