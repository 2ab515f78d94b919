//! What a test does with a page: open, click, type, look, wait for a condition.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use base64::Engine;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::Driver;

/// The longest that a condition on the page may take to come true, on a machine that is busy with other tests.
const DEADLINE: Duration = Duration::from_secs(45);
/// The pause between two looks at the page.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// The name under which WebDriver hands out references to elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys without a letter, as WebDriver writes them; they go into the text that is typed.
pub struct Key;

#[allow(missing_docs, reason = "each is the key that its name says")]
impl Key {
    pub const TAB: &str = "\u{e004}";
    pub const ENTER: &str = "\u{e007}";
    pub const SHIFT: &str = "\u{e008}";
    pub const ALT: &str = "\u{e00a}";
    pub const ESCAPE: &str = "\u{e00c}";
    pub const UP: &str = "\u{e013}";
    pub const DOWN: &str = "\u{e015}";
}

/// A browser with one page.
pub struct Browser {
    driver: Driver,
}

impl Browser {
    /// Starts a browser with an empty page of 1280 x 900.
    ///
    /// # Errors
    /// Those of [`Driver::start`].
    pub async fn start() -> anyhow::Result<Browser> {
        Ok(Browser {
            driver: Driver::start().await?,
        })
    }

    /// Loads an address.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub async fn open(&self, url: &str) -> anyhow::Result<()> {
        self.driver.post("/url", &json!({ "url": url })).await.map(|_| ())
    }

    /// Runs a function body in the page; `arguments` are its arguments, what it returns comes back. Promises are awaited.
    ///
    /// # Errors
    /// What it throws.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> anyhow::Result<Value> {
        self.driver
            .post("/execute/sync", &json!({ "script": script, "args": arguments }))
            .await
    }

    /// Waits until an expression of the page is truthy, and gives its value.
    ///
    /// # Errors
    /// After 45 s: with the expression and the text of the page.
    pub async fn wait(&self, expression: &str) -> anyhow::Result<Value> {
        let end = Instant::now() + DEADLINE;
        let script = format!("return ({expression})");
        loop {
            let value = self.run(&script, &[]).await?;
            if !matches!(value, Value::Null | Value::Bool(false)) && value != json!("") && value != json!(0) {
                return Ok(value);
            }
            if Instant::now() > end {
                let text = self.run("return document.body.innerText", &[]).await?;
                bail!(
                    "not within {DEADLINE:?}: {expression}\nthe page says:\n{}",
                    text.as_str().unwrap_or_default()
                );
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Waits until an element's text contains `part`; line breaks and spaces count as one space.
    ///
    /// # Errors
    /// Those of [`Browser::wait`].
    pub async fn wait_text(&self, css: &str, part: &str) -> anyhow::Result<()> {
        let (css, part) = (json!(css), json!(part));
        self.wait(&format!(
            "[...document.querySelectorAll({css})].some((one) => one.innerText.replace(/\\s+/g, ' ').includes({part}))"
        ))
        .await
        .map(|_| ())
    }

    /// The text of the first element that matches, as a person sees it.
    ///
    /// # Errors
    /// When there is none.
    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        let value = self
            .run(
                "return document.querySelector(arguments[0])?.innerText",
                &[json!(css)],
            )
            .await?;
        Ok(value
            .as_str()
            .with_context(|| format!("there is no {css}"))?
            .to_owned())
    }

    /// Waits for an element and clicks its middle; it must be visible and not covered.
    ///
    /// # Errors
    /// When it does not appear, or the driver cannot click it.
    pub async fn click(&self, css: &str) -> anyhow::Result<()> {
        self.click_on(&format!("document.querySelector({})", json!(css)))
            .await
    }

    /// Waits until an expression of the page gives an element that can be clicked, and clicks its middle. A page that
    /// moves under the pointer makes the driver refuse, without a click; then it looks again.
    ///
    /// # Errors
    /// Those of [`Browser::wait`]; and the driver's last refusal when there is no clicking it within the same time.
    pub async fn click_on(&self, expression: &str) -> anyhow::Result<()> {
        let end = Instant::now() + DEADLINE;
        loop {
            let found = self.wait(expression).await?;
            let id = found[ELEMENT]
                .as_str()
                .context("the expression gives no element")?;
            match self
                .driver
                .post(&format!("/element/{id}/click"), &json!({}))
                .await
            {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > end => {
                    return Err(error.context(format!("click {expression}")));
                }
                Err(_) => sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Types into whatever has the focus, key by key.
    ///
    /// # Errors
    /// When it takes no keys.
    pub async fn keys(&self, text: &str) -> anyhow::Result<()> {
        let found = self.driver.get("/element/active").await?;
        let id = found[ELEMENT].as_str().context("nothing has the focus")?;
        self.driver
            .post(&format!("/element/{id}/value"), &json!({ "text": text }))
            .await
            .map(|_| ())
    }

    /// Sets the size of the window's content; below 500 px it behaves as a phone.
    ///
    /// # Errors
    /// When the driver cannot.
    pub async fn size(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await
    }

    /// Sets a media feature, e.g. `prefers-color-scheme` to `light`.
    ///
    /// # Errors
    /// When the driver cannot.
    pub async fn media(&self, feature: &str, value: &str) -> anyhow::Result<()> {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features).await
    }

    async fn cdp(&self, command: &str, params: Value) -> anyhow::Result<()> {
        self.driver
            .post("/goog/cdp/execute", &json!({ "cmd": command, "params": params }))
            .await
            .map(|_| ())
    }

    /// Saves a picture of the window as PNG.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub async fn screenshot(&self, file: &Path) -> anyhow::Result<()> {
        let taken = self.driver.get("/screenshot").await?;
        let png = base64::engine::general_purpose::STANDARD.decode(taken.as_str().context("no picture")?)?;
        tokio::fs::write(file, png)
            .await
            .with_context(|| file.display().to_string())
    }

    /// What the browser wrote to its console since the last call: scripts that threw, and what the policy stopped.
    ///
    /// # Errors
    /// When the driver cannot tell.
    pub async fn console(&self) -> anyhow::Result<Vec<String>> {
        let lines = self.driver.post("/se/log", &json!({ "type": "browser" })).await?;
        let lines = lines.as_array().cloned().unwrap_or_default();
        Ok(lines
            .iter()
            .filter_map(|line| line["message"].as_str().map(str::to_owned))
            .collect())
    }
}
