//! The page in a real browser. Skipped, loudly, where there is no chromedriver; with `CI=true` that is a failure.
//!
//! `stage` plays the server word by word, so that each module here is about the page alone; `guild` and
//! `playground` have the real simulators behind them.

mod channels;
mod chinese;
mod commands;
mod files;
mod gallery;
mod guild;
mod hostile;
mod live;
mod look;
mod markdown;
mod modal;
mod playground;
mod process;
#[path = "../discord_sim/bot.rs"]
#[allow(dead_code, reason = "the tests of the simulation use what this one does not")]
mod serenity_bot;
mod shots;
mod stage;
mod story;

use ceo_tests::browser::{Browser, start_or_skip};
use stage::Stage;
use tokio::sync::{Semaphore, SemaphorePermit};

/// One browser at a time: each wants a processor of its own.
static ONE: Semaphore = Semaphore::const_new(1);

/// A browser with the page open.
struct Scene {
    stage: Stage,
    browser: Browser,
    _turn: SemaphorePermit<'static>,
}

impl Scene {
    /// `None` when there is no browser and that is allowed.
    async fn open(test: &str) -> anyhow::Result<Option<Scene>> {
        Scene::with(test, |_| ()).await
    }

    /// The same after `before` has put something on the stage.
    async fn with(test: &str, before: impl FnOnce(&Stage)) -> anyhow::Result<Option<Scene>> {
        let turn = ONE.acquire().await?;
        let Some(browser) = start_or_skip(test).await? else {
            return Ok(None);
        };
        let stage = Stage::start().await?;
        before(&stage);
        browser.size(1280, 900).await?;
        let scene = Scene {
            stage,
            browser,
            _turn: turn,
        };
        scene.load("").await?;
        Ok(Some(scene))
    }

    /// Loads the page with something behind its address, and waits until it is connected.
    async fn load(&self, rest: &str) -> anyhow::Result<()> {
        self.browser.open("about:blank").await?; // another fragment alone would not load anything
        self.browser.open(&format!("{}{rest}", self.stage.url())).await?;
        self.browser.wait("document.querySelector('#persons [aria-checked=true]') && document.querySelector('#chat .start')").await?;
        self.connected().await
    }

    async fn connected(&self) -> anyhow::Result<()> {
        self.browser
            .run(
                "const { state } = await import('/state.js'); window.pageState = state",
                &[],
            )
            .await?;
        self.browser
            .wait("window.pageState.link === 'live'")
            .await
            .map(|_| ())
    }

    /// What stands in the command line.
    async fn line(&self) -> anyhow::Result<String> {
        let value = self
            .browser
            .run("return document.querySelector('#line').value", &[])
            .await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Focuses the command line and types.
    async fn types(&self, text: &str) -> anyhow::Result<()> {
        self.browser
            .run("document.querySelector('#line').focus()", &[])
            .await?;
        self.browser.keys(text).await
    }
}

/// Opens a scene, or ends the test when there is no browser.
macro_rules! scene {
    ($name:literal) => {
        match crate::Scene::open($name).await? {
            Some(scene) => scene,
            None => return Ok(()),
        }
    };
    ($name:literal, $before:expr) => {
        match crate::Scene::with($name, $before).await? {
            Some(scene) => scene,
            None => return Ok(()),
        }
    };
}
pub(crate) use scene;
