//! Who sees which channel, and threads: the page over the simulated Discord, which knows the rights.

use std::net::SocketAddr;

use ceo_tests::browser::{Browser, Key, start_or_skip};
use ceo_tests::discord::{DiscordSim, page, person_api};
use serenity::all::{ChannelId, CreateMessage, CreateThread};

use crate::serenity_bot::{CHANNEL, LEAD, OPERATOR, connect, guild, relaxed};

/// The right to see a channel.
const VIEW_CHANNEL: u64 = 1 << 10;
/// A channel for leads.
const PRIVATE: u64 = 3005;
const LEADS: u64 = 222;

/// Serves the page of a simulated Discord and opens it as the operator.
pub(crate) async fn open(sim: &DiscordSim, browser: &Browser) -> anyhow::Result<SocketAddr> {
    let router = person_api::router(sim.clone()).merge(page::router());
    let address = sim.serve_page(([127, 0, 0, 1], 0).into(), router).await?;
    browser.size(1280, 900).await?;
    browser
        .open(&format!("http://{address}/#as={OPERATOR}&channel={CHANNEL}"))
        .await?;
    browser.wait("document.activeElement?.id === 'line'").await?;
    Ok(address)
}

#[tokio::test]
async fn a_channel_is_there_for_those_who_may_see_it() -> anyhow::Result<()> {
    let _turn = crate::ONE.acquire().await?;
    let Some(browser) = start_or_skip("a_channel_is_there_for_those_who_may_see_it").await? else {
        return Ok(());
    };
    let sim = guild(relaxed()).await?;
    sim.add_channel(PRIVATE, "leads");
    sim.set_overwrite(PRIVATE, sim.guild_id(), 0, VIEW_CHANNEL); // everyone's role has the guild's id
    sim.set_overwrite(PRIVATE, LEADS, VIEW_CHANNEL, 0);
    sim.person(LEAD).say(PRIVATE, "said before")?;
    let address = open(&sim, &browser).await?;
    browser.wait_text("#channels", "ops").await?;
    sim.person(LEAD)
        .say(PRIVATE, &format!("said now, about <@{OPERATOR}>"))?;
    sim.person(LEAD).say(CHANNEL, "for everybody")?;
    browser.wait_text("#chat .message", "for everybody").await?;
    let whole = browser.run("return document.body.innerText", &[]).await?;
    let whole = whole.as_str().unwrap_or_default();
    assert!(
        !whole.contains("leads") && !whole.contains("said before"),
        "{whole}"
    );
    let known = "const { state } = await import('/state.js'); return JSON.stringify([...state.messages.values()].map((one) => [...one.values()]))";
    let known = browser.run(known, &[]).await?;
    assert!(
        !known.as_str().unwrap_or_default().contains("said now"),
        "the page was told: {known}"
    );
    let client = reqwest::Client::builder().no_proxy().build()?;
    let asked = format!("http://{address}/api/channels/{PRIVATE}/messages?as={OPERATOR}");
    assert_eq!(client.get(asked).send().await?.status(), 403);

    browser.click(&format!("#persons [data-id='{LEAD}']")).await?;
    browser.click(&format!("#channels [data-id='{PRIVATE}']")).await?;
    browser.wait_text("#chat .message", "said before").await?;
    browser
        .wait_text("#chat .message", "said now, about @Olga")
        .await?;
    browser.click(&format!("#persons [data-id='{OPERATOR}']")).await?;
    browser
        .wait(&format!(
            "!document.querySelector(\"#channels [data-id='{PRIVATE}']\") && !document.querySelector('#chat').innerText.includes('said now')"
        ))
        .await?;
    browser.wait_text("#chat .message", "for everybody").await
}

#[tokio::test]
async fn a_thread_hangs_on_its_message_and_opens_beside_the_channel() -> anyhow::Result<()> {
    let _turn = crate::ONE.acquire().await?;
    let Some(browser) = start_or_skip("a_thread_hangs_on_its_message_and_opens_beside_the_channel").await?
    else {
        return Ok(());
    };
    let sim = guild(relaxed()).await?;
    let bot = connect(&sim).await?;
    open(&sim, &browser).await?;
    let channel = ChannelId::new(CHANNEL);
    let message = channel
        .send_message(&bot.http, CreateMessage::new().content("it burns"))
        .await?;
    let thread = channel
        .create_thread_from_message(&bot.http, message.id, CreateThread::new("what we know"))
        .await?;
    thread.id.say(&bot.http, "the first fact").await?;
    browser
        .wait_text(".thread-card", "what we know 1 message")
        .await?;
    let item = format!("#channels .is-thread[data-id='{}']", thread.id);
    browser
        .wait(&format!(
            "document.querySelector(\"{item}\").classList.contains('unread')"
        ))
        .await?;

    browser.click(".thread-card").await?;
    browser.wait_text("#thread h2", "what we know").await?;
    browser.wait_text("#thread .message", "the first fact").await?;
    browser
        .wait(&format!(
            "!document.querySelector(\"{item}\").classList.contains('unread')"
        ))
        .await?;
    browser.click("#thread-line").await?;
    browser.keys(&format!("a second one{}", Key::ENTER)).await?;
    browser.wait_text("#thread .message", "a second one").await?;
    assert!(!browser.text("#chat .log").await?.contains("a second one"));
    let said = sim.messages(thread.id.get());
    assert!(
        said.iter()
            .any(|one| one.content == "a second one" && one.author_id == OPERATOR),
        "{said:#?}"
    );

    browser.click("[aria-label='Close the thread']").await?;
    browser
        .wait("document.querySelector('#thread').hidden && document.activeElement.id === 'line'")
        .await?;
    thread.id.say(&bot.http, "a third").await?;
    browser
        .wait(&format!(
            "document.querySelector(\"{item}\").classList.contains('unread')"
        ))
        .await?;
    browser.wait_text(".thread-card", "what we know 3 messages").await
}
