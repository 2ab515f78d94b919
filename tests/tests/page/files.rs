//! Files on messages: pictures are shown and enlarged, texts are read where they are, everything can be fetched.

use base64::Engine;
use ceo_tests::browser::{Key, start_or_skip};
use serenity::all::{ChannelId, CreateAttachment, CreateMessage};

use crate::channels::open;
use crate::serenity_bot::{CHANNEL, connect, guild, relaxed};

/// A picture of one pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test]
async fn pictures_are_shown_and_texts_are_unfolded() -> anyhow::Result<()> {
    let _turn = crate::ONE.acquire().await?;
    let Some(browser) = start_or_skip("pictures_are_shown_and_texts_are_unfolded").await? else {
        return Ok(());
    };
    let sim = guild(relaxed()).await?;
    let bot = connect(&sim).await?;
    let address = open(&sim, &browser).await?;
    let png = base64::engine::general_purpose::STANDARD.decode(PNG)?;
    let lines: Vec<String> = (1..=40).map(|n| format!("line {n} <b>of</b> 40")).collect();
    let log = lines.join("\n").into_bytes();
    let both = CreateMessage::new()
        .content("see both")
        .add_file(CreateAttachment::bytes(png, "load.png"))
        .add_file(CreateAttachment::bytes(log.clone(), "api pod #1.log"));
    ChannelId::new(CHANNEL).send_message(&bot.http, both).await?;

    browser
        .wait("document.querySelector('.message .picture img')?.naturalWidth === 1")
        .await?;
    browser.click(".message .picture").await?;
    browser.wait("document.querySelector('dialog.lightbox[open] img').naturalWidth === 1 && document.querySelector('.lightbox-bar').innerText.includes('load.png')").await?;
    browser.keys(Key::ESCAPE).await?;
    browser.wait("!document.querySelector('dialog')").await?;

    browser.wait_text(".file-preview", "line 6 <b>of</b> 40").await?;
    assert!(!browser.text(".file-preview").await?.contains("line 7"));
    browser.wait_text(".file-more", "Show all 40 lines").await?;
    browser.click(".file-more").await?;
    browser.wait_text(".file-preview", "line 40 <b>of</b> 40").await?;
    browser.click(".file-more").await?;
    browser
        .wait("!document.querySelector('.file-preview').innerText.includes('line 7')")
        .await?;

    let link = browser
        .run(
            "const a = document.querySelector('.file-names a'); return [a.download, new URL(a.href).pathname]",
            &[],
        )
        .await?;
    assert_eq!(link[0], "api pod #1.log");
    let path = link[1].as_str().unwrap_or_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.get(format!("http://{address}{path}")).send().await?;
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.bytes().await?, log, "what is fetched is the file");
    let console = browser.console().await?;
    let scripts: Vec<&String> = console
        .iter()
        .filter(|line| !line.contains("/api/menu") && !line.contains("/api/hints"))
        .collect();
    assert!(scripts.is_empty(), "{scripts:#?}");
    Ok(())
}
