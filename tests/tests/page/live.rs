//! Messages that change under one's eyes, answers that do not come, connections that end.

use ceo_tests::browser::Key;
use serde_json::{Value, json};

use crate::scene;
use crate::stage::{ALERTS, LEAD, OPERATOR, OPS, Stage};

fn many(stage: &Stage) {
    for number in 0..40 {
        stage.says(json!({ "content": format!("line {number}\nand more") }));
    }
}

fn button(label: &str) -> Value {
    json!([{ "type": 1, "components": [{ "type": 2, "style": 1, "label": label, "custom_id": "go" }] }])
}

const TOP: &str = "document.querySelector('#chat .scroller').scrollTop";
const END: &str = "(() => { const s = document.querySelector('#chat .scroller'); return s.scrollHeight - s.scrollTop - s.clientHeight < 2 })()";

#[tokio::test]
async fn edits_move_nothing_and_take_no_focus() -> anyhow::Result<()> {
    let scene = scene!("edits_move_nothing_and_take_no_focus", many);
    let (stage, browser) = (&scene.stage, &scene.browser);
    browser.wait(END).await?;
    let id = stage.says(json!({ "content": "0 of 3", "components": button("Hold") }));
    browser.wait_text(".message", "0 of 3").await?;
    browser.wait(END).await?;
    browser
        .run("document.querySelector('[data-custom=go]').focus()", &[])
        .await?;
    for step in 1..=3 {
        stage.edits(
            &id,
            json!({ "content": format!("{step} of 3\n{}", "more\n".repeat(step)) }),
        );
        browser.wait_text(".message", &format!("{step} of 3")).await?;
        browser.wait(END).await?;
        assert_eq!(
            browser
                .run("return document.activeElement.dataset.custom", &[])
                .await?,
            "go",
            "the button keeps the focus"
        );
    }
    assert!(browser.text(".message:last-child").await?.contains("(edited)"));
    // further up, what is read stays where it is, whether messages change above it or come below it
    browser.run("const s = document.querySelector('#chat .scroller'); s.scrollTop = 900; window.seen = [...document.querySelectorAll('.message')].find((one) => one.getBoundingClientRect().top > 200)", &[]).await?;
    browser.wait("!document.querySelector('.jump').hidden").await?;
    let before = browser
        .run("return window.seen.getBoundingClientRect().top", &[])
        .await?;
    let first = "1400000000000004096";
    stage.edits(first, json!({ "content": "grown\n".repeat(12) }));
    stage.says(json!({ "content": "below" }));
    browser.wait_text(".message", "below").await?;
    let after = browser
        .run("return window.seen.getBoundingClientRect().top", &[])
        .await?;
    assert!(
        (before.as_f64().unwrap_or(0.0) - after.as_f64().unwrap_or(999.0)).abs() < 1.5,
        "{before} became {after}"
    );
    browser.click(".jump").await?;
    browser.wait(END).await?;
    assert_ne!(browser.run(&format!("return {TOP}"), &[]).await?, json!(0));
    Ok(())
}

#[tokio::test]
async fn an_answer_is_awaited_shown_or_missed() -> anyhow::Result<()> {
    let scene = scene!("an_answer_is_awaited_shown_or_missed");
    let (stage, browser) = (&scene.stage, &scene.browser);
    scene.types(&format!("/ceo get pods{}", Key::ENTER)).await?;
    let (_, id) = stage.post(1).await?;
    browser.wait_text(".asked", "Sending command").await?;
    stage.emit(
        "interaction",
        json!({ "id": id, "state": "deferred" }),
        Some(OPERATOR),
    );
    let operator = json!({ "id": OPERATOR, "username": "operator" });
    let message = stage.says(json!({ "flags": 128, "interaction_metadata": { "id": id, "name": "ceo get pods", "user": operator } }));
    browser.wait_text(".message", "ceo is thinking...").await?;
    browser.wait("!document.querySelector('.asked')").await?;
    browser.wait_text(".above", "operator used /ceo get pods").await?;
    stage.edits(
        &message,
        json!({ "flags": 0, "content": "3 pods", "components": button("Again") }),
    );
    browser.wait_text(".message", "3 pods").await?;

    browser.click("[data-custom=go]").await?;
    let (body, id) = stage.post(2).await?;
    assert_eq!(
        body,
        json!({ "as": OPERATOR, "channel_id": OPS, "message_id": message, "kind": "button", "custom_id": "go" })
    );
    browser
        .wait("document.querySelector('[data-custom=go]').getAttribute('aria-busy')")
        .await?;
    stage.emit(
        "interaction",
        json!({ "id": id, "state": "failed", "error": "The application did not respond" }),
        Some(OPERATOR),
    );
    browser
        .wait_text(".failure", "The application did not respond")
        .await?;

    scene.types(&format!("/ceo get pods{}", Key::ENTER)).await?;
    let (_, id) = stage.post(3).await?;
    stage.emit(
        "interaction",
        json!({ "id": id, "state": "failed" }),
        Some(OPERATOR),
    );
    browser
        .wait_text(".asked .failure", "The application did not respond")
        .await?;
    assert!(
        !browser.text("#chat").await?.contains("NEW"),
        "answers that one waits for are not new"
    );
    browser.click(".asked [data-action=dismiss]").await?;
    browser.wait("!document.querySelector('.asked')").await?;
    Ok(())
}

#[tokio::test]
async fn a_lost_server_is_told_and_found_again() -> anyhow::Result<()> {
    let scene = scene!("a_lost_server_is_told_and_found_again");
    let (stage, browser) = (&scene.stage, &scene.browser);
    stage.emit("bot", json!({ "online": false }), None);
    browser.wait_text(".banner", "ceo is offline").await?;
    stage.emit("bot", json!({ "online": true }), None);
    browser.wait("!document.querySelector('.banner')").await?;
    stage.down(true);
    browser
        .wait_text(".banner", "The playground does not answer")
        .await?;
    stage.says(json!({ "content": "said meanwhile" }));
    stage.down(false);
    browser.wait_text(".message", "said meanwhile").await?;
    browser.wait("!document.querySelector('.banner')").await?;
    stage.says(json!({ "content": "and after" }));
    browser.wait_text(".message", "and after").await?;
    stage.emit("reset", json!({}), None);
    stage.says(json!({ "content": "after the reset" }));
    browser.wait_text(".message", "after the reset").await?;
    Ok(())
}

#[tokio::test]
async fn what_is_loaded_undoes_nothing_that_came_meanwhile() -> anyhow::Result<()> {
    let scene = scene!("what_is_loaded_undoes_nothing_that_came_meanwhile");
    let (stage, browser) = (&scene.stage, &scene.browser);
    browser.wait("document.querySelector('#line')").await?;
    stage.holds();
    stage.emit("reset", json!({}), None);
    stage.held(2).await?; // the load has its world, and waits for the messages of both channels
    stage.registers(
        json!([{ "id": "1", "name": "ceo", "type": 1, "description": "runbook", "options": [
        { "type": 1, "name": "fresh", "description": "Registered while the page loads" }] }]),
    );
    stage.emit("bot", json!({ "online": false }), None);
    browser.wait_text(".banner", "ceo is offline").await?;
    let a_while = "performance.now() > (window.from ??= performance.now()) + 300"; // an answer that is not held has come
    browser.wait(a_while).await?;
    stage.says(json!({ "content": "told during the load" }));
    browser.wait_text(".message", "told during the load").await?;
    scene.types("/ceo f").await?;
    browser
        .wait_text(".suggest", "No command is called like that")
        .await?;
    stage.lets_go();
    browser
        .wait_text(".suggest [role=option]", "Registered while the page loads")
        .await?;
    browser.wait_text(".banner", "ceo is offline").await?;
    browser.wait_text(".message", "told during the load").await
}

#[tokio::test]
async fn unread_messages_and_calls_are_counted() -> anyhow::Result<()> {
    let scene = scene!("unread_messages_and_calls_are_counted");
    let (stage, browser) = (&scene.stage, &scene.browser);
    let channel = format!("#channels [data-id='{ALERTS}']");
    let button = "window.button = document.querySelector(arguments[0]); window.button.focus()";
    browser.run(button, &[json!(channel)]).await?;
    stage.says(json!({ "channel_id": ALERTS, "content": "<@&111> and <@&222>: it burns" }));
    browser
        .wait(&format!(
            "document.querySelector(\"{channel}\").classList.contains('unread')"
        ))
        .await?;
    browser.wait_text(&format!("{channel} .badge"), "1").await?;
    assert_eq!(
        browser
            .run("return document.activeElement === window.button", &[])
            .await?,
        true,
        "an alert takes no focus, and the button under a pointer stays the same"
    );
    browser
        .wait_text(&format!("#persons [data-id='{LEAD}'] .badge"), "1")
        .await?;
    browser.click(&channel).await?;
    browser.wait_text(".message.calls", "it burns").await?;
    browser
        .wait("!document.querySelector('#channels .unread, #channels .badge')")
        .await?;
    assert_eq!(browser.text(".message .mention.mine").await?, "@operator");
    let first = stage.says(json!({ "content": "the first" }));
    let link = format!("https://discord.com/channels/2000/{OPS}/{first}");
    stage.says(json!({ "channel_id": ALERTS, "content": format!("see [ticket 7]({link})") }));
    browser.click(".message .md .text-button").await?;
    browser.wait_text(".message.flash", "the first").await?;
    stage.says(json!({ "content": "the second" }));
    browser.wait_text(".message", "the second").await?;
    assert!(
        !browser.text("#chat").await?.contains("NEW"),
        "what comes while one looks is not new"
    );
    stage.says(json!({ "channel_id": ALERTS, "content": "it burns again" }));
    browser
        .wait(&format!(
            "document.querySelector(\"{channel}\").classList.contains('unread')"
        ))
        .await?;
    browser.click(&channel).await?;
    browser.wait_text(".new-line", "NEW").await?;
    Ok(())
}

#[tokio::test]
async fn it_fits_a_telephone() -> anyhow::Result<()> {
    let scene = scene!("it_fits_a_telephone", |stage: &Stage| {
        let long = "deployment/".to_owned() + &"a".repeat(200);
        stage.says(json!({ "content": long, "components": button(&"label ".repeat(13)), "embeds": [{ "title": long, "description":
            format!("```\n{long}\n```"), "fields": [{ "name": long, "value": long, "inline": true }], "footer": { "text": long } }] }));
    });
    let browser = &scene.browser;
    browser.size(360, 740).await?;
    scene.load("").await?;
    assert_eq!(
        browser
            .run("return document.documentElement.scrollWidth", &[])
            .await?,
        360
    );
    let beyond = "return [...document.querySelectorAll('#chat .message *, #top *')].filter((one) => one.getBoundingClientRect().right > 361 && !one.closest('pre')).length";
    assert_eq!(
        browser.run(beyond, &[]).await?,
        0,
        "something reaches beyond the edge"
    );
    // a window that was wide has its list of members open: on a narrow one it would cover the messages
    browser.size(1280, 900).await?;
    scene.load("").await?;
    let members = "document.querySelector('#members').getClientRects().length > 0";
    browser.wait(members).await?;
    browser.size(360, 740).await?;
    browser.wait(&format!("!({members})")).await?;
    browser.click("#toggle-members").await?;
    browser.wait(members).await?;
    browser.keys(Key::ESCAPE).await?;
    browser.wait(&format!("!({members})")).await?;
    browser.click("#open-side").await?;
    browser.click(&format!("#persons [data-id='{LEAD}']")).await?;
    browser
        .wait(&format!(
            "document.querySelector('#persons [aria-checked=true]').dataset.id === '{LEAD}'"
        ))
        .await?;
    Ok(())
}
