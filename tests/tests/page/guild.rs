//! The page over the simulated Discord, with a bot of serenity's making in it: what the two say to each other is what
//! the page takes it for.

use ceo_tests::browser::{Key, start_or_skip};
use ceo_tests::discord::{page, person_api};

use crate::serenity_bot::{connect, guild, relaxed};

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one conversation, read from top to bottom")]
async fn a_conversation_with_a_bot() -> anyhow::Result<()> {
    let _turn = crate::ONE.acquire().await?;
    let Some(browser) = start_or_skip("a_conversation_with_a_bot").await? else {
        return Ok(());
    };
    let sim = guild(relaxed()).await?;
    let router = person_api::router(sim.clone()).merge(page::router());
    let address = sim.serve_page(([127, 0, 0, 1], 0).into(), router).await?;
    browser.open(&format!("http://{address}/")).await?;
    browser.wait_text(".banner", "ceo is offline").await?;
    let _bot = connect(&sim).await?;
    browser
        .wait("!document.querySelector('.banner') && document.querySelector('#line')")
        .await?;
    let say = async |line: &str| {
        browser
            .run("document.querySelector('#line').focus()", &[])
            .await?;
        browser.keys(&format!("{line}{}", Key::ENTER)).await
    };

    browser
        .run("document.querySelector('#line').focus()", &[])
        .await?;
    browser.keys("/ceo echo text:wor").await?;
    browser.wait_text(".suggest [role=option]", "wor (known)").await?;
    browser.keys(Key::TAB).await?;
    browser.keys("who:@le").await?;
    browser.wait_text(".suggest [role=option]", "@leo").await?;
    browser.keys(&format!("{}{}", Key::ENTER, Key::ENTER)).await?;
    browser.wait_text(".message", "wor leo (1 role, en-US)").await?;
    browser.wait_text(".above", "Olga used /ceo echo").await?;

    say("/ceo quick").await?;
    browser
        .wait_text(".message.ephemeral", "at once Only you can see this")
        .await?;
    say("/ceo file").await?;
    browser.wait_text(".file", "pod.log").await?;
    browser.wait_text(".file-preview", "line one line two").await?;

    say("/ceo buttons").await?;
    browser
        .wait("document.querySelector(\"[data-custom='v1:off']\")?.disabled")
        .await?;
    browser.click("[data-custom='v1:form']").await?;
    browser.wait("document.activeElement.name === 'reason'").await?;
    browser.keys(&format!("because{}", Key::ENTER)).await?;
    browser
        .wait_text(".message.ephemeral", "because: from a button")
        .await?;
    browser.click("[data-custom='v1:update']").await?;
    browser.wait_text(".message", "updated by olga").await?;
    browser
        .wait("!document.querySelector(\"[data-custom='v1:update']\")")
        .await?;

    say("/ceo silent").await?;
    browser.wait_text(".asked", "Sending command").await?;
    browser
        .wait_text(".asked .failure", "The application did not respond")
        .await?;
    let console = browser.console().await?;
    let scripts: Vec<&String> = console
        .iter()
        .filter(|line| !line.contains("/api/menu") && !line.contains("/api/hints"))
        .collect();
    assert!(scripts.is_empty(), "{scripts:#?}");
    Ok(())
}
