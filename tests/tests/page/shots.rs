//! Pictures of the playground, for people to look at. Not a test: it checks nothing but that they can be taken.
//!
//! `CEO_SHOTS=/some/directory cargo test -p ceo-tests --test page -- --ignored shots` starts a playground and takes
//! them; with `CEO_SHOTS_URL=http://127.0.0.1:8888/` they are taken of one that runs already.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ceo_tests::browser::{Browser, Key};
use ceo_tests::playground::{Options, Playground};

#[tokio::test]
#[ignore = "takes pictures; wants CEO_SHOTS to say where to"]
async fn shots() -> anyhow::Result<()> {
    let to = PathBuf::from(std::env::var_os("CEO_SHOTS").context("CEO_SHOTS names no directory")?);
    std::fs::create_dir_all(&to)?;
    let running = std::env::var("CEO_SHOTS_URL").ok();
    let own = match running {
        Some(_) => None,
        None => {
            Some(Playground::start(Options::default(), Path::new(env!("CARGO_BIN_EXE_playground"))).await?)
        }
    };
    let url = running
        .or_else(|| own.as_ref().map(Playground::url))
        .context("no address")?;
    let browser = Browser::start().await?;
    for scheme in ["dark", "light"] {
        browser.media("prefers-color-scheme", scheme).await?;
        for (form, width, height) in [("wide", 1280, 900), ("narrow", 360, 740)] {
            browser.size(width, height).await?;
            tour(&browser, &url, &to, &format!("{scheme}-{form}")).await?;
        }
    }
    if let Some(own) = own {
        own.stop().await;
    }
    Ok(())
}

async fn tour(browser: &Browser, url: &str, to: &Path, name: &str) -> anyhow::Result<()> {
    let shot = |what: &str| to.join(format!("{name}-{what}.png"));
    browser.open("about:blank").await?;
    browser.open(url).await?;
    browser.wait("document.querySelector('#persons [aria-checked=true]') && document.querySelector('#chat .start')").await?;
    browser.screenshot(&shot("1-chat")).await?;
    browser
        .run("document.querySelector('#line').focus()", &[])
        .await?;
    browser.keys("/").await?;
    browser
        .wait("document.querySelector('.suggest:not([hidden])')")
        .await?;
    browser.screenshot(&shot("2-commands")).await?;
    browser.keys(Key::ESCAPE).await?;
    browser
        .run(
            "const l = document.querySelector('#line'); l.value = ''; l.dispatchEvent(new Event('input'))",
            &[],
        )
        .await?;
    browser.click("#break").await?;
    browser.wait("document.querySelector('[role=menu]')").await?;
    browser.screenshot(&shot("3-menu")).await?;
    browser.keys(Key::ESCAPE).await
}
