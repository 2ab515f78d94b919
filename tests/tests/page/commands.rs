//! The command line: suggestions, keys, what is sent, history, drafts.

use ceo_tests::browser::Key;
use serde_json::json;

use crate::scene;
use crate::stage::{LEAD, OPERATOR, OPS};

#[tokio::test]
async fn a_command_is_written_with_the_keyboard_alone() -> anyhow::Result<()> {
    let scene = scene!("a_command_is_written_with_the_keyboard_alone");
    let (stage, browser) = (&scene.stage, &scene.browser);
    scene.types("/sc").await?;
    browser
        .wait_text(".suggest [role=option]", "Change the number of replicas")
        .await?;
    stage.will_suggest(0, &["deployment/api", "deployment/web"]);
    browser.keys(Key::ENTER).await?;
    assert_eq!(
        scene.line().await?,
        "/ceo scale workload:",
        "the first required option comes along"
    );
    browser
        .wait_text(".suggest [role=option]", "deployment/web")
        .await?;
    browser.keys(Key::DOWN).await?;
    let active = "document.getElementById(document.querySelector('#line').getAttribute('aria-activedescendant'))?.innerText";
    assert_eq!(browser.wait(active).await?, "deployment/web");
    browser.keys(Key::TAB).await?;
    assert_eq!(
        scene.line().await?,
        "/ceo scale workload:deployment/web replicas:"
    );
    browser
        .wait_text(".suggest-head", "required, whole number, 0 to 50")
        .await?;
    browser.keys("5 reason:too slow, because: reasons").await?;
    browser.keys(Key::ENTER).await?;
    let (body, _) = stage.post(1).await?;
    assert_eq!(
        body,
        json!({ "as": OPERATOR, "channel_id": OPS, "kind": "command", "command": "ceo", "options": [
            { "type": 1, "name": "scale", "options": [
                { "type": 3, "name": "workload", "value": "deployment/web" },
                { "type": 4, "name": "replicas", "value": 5 },
                { "type": 3, "name": "reason", "value": "too slow, because: reasons" },
            ] },
        ] })
    );
    browser
        .wait("document.querySelector('#line').value === ''")
        .await?;
    browser.keys(Key::UP).await?;
    assert!(
        scene.line().await?.ends_with("reason:too slow, because: reasons"),
        "arrow up brings the line back"
    );
    Ok(())
}

#[tokio::test]
async fn escape_puts_the_menu_away_and_leaves_the_line() -> anyhow::Result<()> {
    let scene = scene!("escape_puts_the_menu_away_and_leaves_the_line");
    let browser = &scene.browser;
    let open = "document.querySelector('#chat .suggest:not([hidden])')";
    scene.types("/").await?;
    browser.wait(open).await?;
    let first = browser.text(".suggest [role=option]").await?;
    assert!(
        first.contains("/ceo status") && first.contains("State of a workload"),
        "each command has its description: {first}"
    );
    browser.keys(Key::ESCAPE).await?;
    browser.wait(&format!("!{open}")).await?;
    assert_eq!(scene.line().await?, "/");
    browser.keys("ceo get pods ").await?;
    browser
        .wait_text(".suggest [role=option]", "sort text optional By what")
        .await?;
    browser.keys(&format!("{}{}", Key::DOWN, Key::ENTER)).await?;
    assert_eq!(
        scene.line().await?,
        "/ceo get pods sort:",
        "arrow and Enter take what is marked"
    );
    browser.wait_text(".suggest [role=option]", "restarts").await?;
    browser.keys(&format!("{}{}", Key::DOWN, Key::TAB)).await?;
    assert_eq!(scene.line().await?.trim_end(), "/ceo get pods sort:restarts");
    browser.keys(&format!("{}{}", Key::ESCAPE, Key::ENTER)).await?;
    let (body, _) = scene.stage.post(1).await?;
    let pods = &body["options"][0]["options"][0];
    assert_eq!(
        pods["options"],
        json!([{ "type": 3, "name": "sort", "value": "restarts" }])
    );
    Ok(())
}

#[tokio::test]
async fn the_newest_answer_to_autocomplete_wins() -> anyhow::Result<()> {
    let scene = scene!("the_newest_answer_to_autocomplete_wins");
    let (stage, browser) = (&scene.stage, &scene.browser);
    stage.will_suggest(1500, &["deployment/late"]);
    stage.will_suggest(0, &["deployment/web"]);
    scene.types("/ceo status workload:d").await?;
    stage.asked(1).await?;
    browser.keys("e").await?;
    browser
        .wait_text(".suggest [role=option]", "deployment/web")
        .await?;
    let late = "performance.now() > (window.from ??= performance.now()) + 1800"; // the other answer has come by now
    browser.wait(late).await?;
    assert!(!browser.text(".suggest").await?.contains("late"));
    let focused = &stage.asked(2).await?["options"][0]["options"][0];
    assert_eq!(
        focused,
        &json!({ "type": 3, "name": "workload", "value": "de", "focused": true })
    );
    Ok(())
}

#[tokio::test]
async fn what_does_not_fit_is_said_and_not_sent() -> anyhow::Result<()> {
    let scene = scene!("what_does_not_fit_is_said_and_not_sent");
    let browser = &scene.browser;
    let cases = [
        ("/ceo scale workload:x replicas:99", "replicas must be at most 50"),
        (
            "/ceo scale workload:x replicas:five",
            "replicas must be a whole number",
        ),
        ("/ceo scale workload:x", "replicas is required"),
        ("/ceo get pods sort:size", "sort must be one of age, restarts"),
        ("/ceo get pods wide:perhaps", "wide must be True or False"),
        ("/ceo nothing", "There is no command /ceo nothing"),
        ("/ceo get pods sort:age sort:age", "sort is given twice"),
    ];
    for (line, complaint) in cases {
        scene.types(line).await?;
        browser.keys(Key::ESCAPE).await?;
        browser.keys(Key::ENTER).await?;
        browser.wait_text(".line-error:not([hidden])", complaint).await?;
        browser.run("const l = document.querySelector('#line'); l.value = ''; l.dispatchEvent(new Event('input'))", &[]).await?;
    }
    scene.stage.will_refuse("the reason of the server");
    scene.types("/ceo get pods").await?;
    browser.keys(Key::ENTER).await?;
    browser
        .wait_text(".line-error", "the reason of the server")
        .await?;
    assert_eq!(scene.line().await?, "/ceo get pods", "a refused line is not lost");
    browser.keys(Key::ENTER).await?;
    let (body, _) = scene.stage.post(1).await?;
    assert_eq!(
        body["options"][0]["options"][0]["name"], "pods",
        "nothing that did not fit was sent before: {body}"
    );
    Ok(())
}

#[tokio::test]
async fn each_person_keeps_drafts_and_private_messages() -> anyhow::Result<()> {
    let scene = scene!(
        "each_person_keeps_drafts_and_private_messages",
        |stage: &crate::Stage| {
            stage.says_to(json!({ "content": "for the operator" }), Some(OPERATOR));
        }
    );
    let (stage, browser) = (&scene.stage, &scene.browser);
    browser
        .wait_text(".message.ephemeral", "Only you can see this")
        .await?;
    scene.types("half a thought").await?;
    browser.keys(&format!("{}2", Key::ALT)).await?;
    browser
        .wait("document.querySelector('#persons [aria-checked=true]').dataset.id === '20'")
        .await?;
    browser
        .wait("!document.querySelector('.message.ephemeral')")
        .await?;
    assert_eq!(scene.line().await?, "");
    scene.types(&format!("hello{}", Key::ENTER)).await?;
    assert_eq!(
        stage.post(1).await?.0,
        json!({ "as": LEAD, "content": "hello", "channel_id": OPS })
    );
    browser.click("#persons .person:nth-child(1)").await?;
    browser
        .wait("document.querySelector('#line').value === 'half a thought'")
        .await?;
    browser
        .wait_text(".message.ephemeral", "for the operator")
        .await?;
    browser.click(".message.ephemeral [data-action=dismiss]").await?;
    browser
        .wait("!document.querySelector('.message.ephemeral')")
        .await?;
    scene.load("").await?;
    assert!(
        !browser.text("#chat").await?.contains("for the operator"),
        "dismissed stays dismissed"
    );
    Ok(())
}

#[tokio::test]
async fn a_hint_fills_the_line_of_its_person() -> anyhow::Result<()> {
    let scene = scene!("a_hint_fills_the_line_of_its_person");
    scene.browser.click("#hint-list button").await?;
    scene
        .browser
        .wait("document.querySelector('#line').value === '/ceo status workload:deployment/web'")
        .await?;
    scene
        .browser
        .wait("document.querySelector('#persons [aria-checked=true]').dataset.id === '20'")
        .await?;
    // Whom one has become is said, with the way back.
    scene.browser.wait_text(".toast", "You are lead now").await?;
    scene.browser.click(".toast-way").await?;
    scene
        .browser
        .wait("document.querySelector('#persons [aria-checked=true]').dataset.id === '10'")
        .await?;
    scene.browser.wait_text("#hint-list", "As lead:").await?;
    assert!(
        scene
            .browser
            .text("#hint-list")
            .await?
            .contains("See <b>how</b> it is")
    );
    Ok(())
}
