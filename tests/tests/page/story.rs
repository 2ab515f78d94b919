//! A day with the bot, played on the real playground by clicks and keys alone: a look around, a change, an outage that
//! tells itself, the way back with a second person's consent, and a log that is followed. [`Story`] is what a person
//! does; the pictures of it are taken by `shots`.

use std::path::Path;

use ceo_tests::browser::{Browser, Key, start_or_skip};
use ceo_tests::kube::sim::Pace;
use ceo_tests::playground::{Options, Playground};
use serde_json::json;

use crate::shots::{Camera, Form};

/// Ids of the playground's channels and people, as its page knows them.
pub(crate) const OPS: &str = "3000";
pub(crate) const ALERTS: &str = "3001";
pub(crate) const OPERATOR: &str = "10";
pub(crate) const LEAD: &str = "20";

const INCIDENT: &str = "deployment/ceoagent-api: containers crash";
const CARD: &str = "Roll back deployment/ceoagent-api to revision 2?";
const DONE: &str = "Rolled back deployment/ceoagent-api to revision 2";

/// A person at the page, and whoever takes pictures of what they see.
pub(crate) struct Story<'a> {
    pub(crate) browser: &'a Browser,
    pub(crate) camera: Option<&'a Camera>,
}

impl Story<'_> {
    /// Opens the page and waits until the bot can be asked.
    pub(crate) async fn begin(&self, playground: &Playground) -> anyhow::Result<()> {
        let kube = &playground.world.kube;
        let within = std::time::Duration::from_secs(60);
        let at_new = |store: &ceo_tests::kube::store::Store| {
            let (pods, _) = store.list_shared("", "pods", Some("ceoagent"));
            let mut api = pods
                .iter()
                .filter(|pod| pod["metadata"]["labels"]["app"] == "ceoagent-api");
            api.any(|pod| pod["spec"]["containers"][0]["image"] == "docker.io/local/api:v1.1.0")
        };
        anyhow::ensure!(kube.reaches(within, at_new).await, "no second revision");
        let rolled = kube.rolled_out("ceoagent", "deployments", "ceoagent-api", within);
        anyhow::ensure!(rolled.await, "the second revision does not come up");
        self.browser.open("about:blank").await?;
        self.browser.open(&playground.url()).await?;
        self.browser
            .wait("document.activeElement?.id === 'line' && !document.querySelector('.banner')")
            .await?;
        self.browser.keys("/").await?;
        self.browser
            .wait_text(".suggest [role=option]", "/ceo status")
            .await?;
        self.clears_the_line().await
    }

    pub(crate) async fn clears_the_line(&self) -> anyhow::Result<()> {
        self.browser
            .run(
                "const l = document.querySelector('#line'); l.value = ''; l.dispatchEvent(new Event('input'))",
                &[],
            )
            .await
            .map(|_| ())
    }

    /// The newest message whose title begins with this text, as an expression of the page.
    fn message(text: &str) -> String {
        let text = json!(text);
        format!(
            "[...document.querySelectorAll('#chat li.message')].findLast((one) => one.querySelector('.embed-title')?.innerText.startsWith({text}))"
        )
    }

    /// Waits until the newest message of this title, the first of these texts, has all of them.
    async fn reads(&self, texts: &[&str]) -> anyhow::Result<()> {
        let message = Self::message(texts.first().copied().unwrap_or_default());
        let texts = json!(texts);
        self.browser
            .wait(&format!(
                "((one) => one && {texts}.every((text) => one.innerText.replace(/\\s+/g, ' ').includes(text)))({message})"
            ))
            .await
            .map(|_| ())
    }

    /// Presses the button with this label on the newest message of this title.
    async fn press(&self, text: &str, label: &str) -> anyhow::Result<()> {
        let (message, label) = (Self::message(text), json!(label));
        let button = format!(
            "[...({message}?.querySelectorAll('[data-action=press]') ?? [])].find((one) => one.innerText.trim() === {label} && !one.disabled)"
        );
        self.browser.click_on(&button).await
    }

    /// Types a command and sends it.
    pub(crate) async fn says(&self, line: &str) -> anyhow::Result<()> {
        self.browser.click("#line").await?;
        self.browser.keys(line).await?;
        self.browser.keys(&format!("{}{}", Key::ESCAPE, Key::ENTER)).await
    }

    pub(crate) async fn goes_to(&self, channel: &str) -> anyhow::Result<()> {
        self.browser
            .click(&format!("#channels [data-id='{channel}']"))
            .await?;
        self.browser
            .wait(&format!(
                "document.querySelector(\"#channels [data-id='{channel}'][aria-current=page]\")"
            ))
            .await
            .map(|_| ())
    }

    pub(crate) async fn becomes(&self, person: &str) -> anyhow::Result<()> {
        self.browser
            .click(&format!("#persons [data-id='{person}']"))
            .await?;
        self.browser
            .wait(&format!(
                "document.querySelector('#persons [aria-checked=true]').dataset.id === '{person}'"
            ))
            .await
            .map(|_| ())
    }

    pub(crate) async fn picture(&self, name: &str, about: &str, forms: &[Form]) -> anyhow::Result<()> {
        match self.camera {
            Some(camera) => {
                camera
                    .take(self.browser, name, &Self::message(about), forms)
                    .await
            }
            None => Ok(()),
        }
    }

    /// The whole day, in order.
    pub(crate) async fn play(&self) -> anyhow::Result<()> {
        self.looks_around().await?;
        self.scales().await?;
        self.meets_the_incident().await?;
        self.asks_for_the_way_back().await?;
        self.lead_approves().await?;
        self.reads_the_end().await?;
        self.follows_the_log().await?;
        self.speaks_chinese().await
    }

    async fn looks_around(&self) -> anyhow::Result<()> {
        self.says("/ceo status workload:deployment/ceoagent-api").await?;
        self.reads(&[
            "deployment/ceoagent-api is healthy",
            "3 of 3 pods ready",
            "v1.1.0",
        ])
        .await?;
        self.picture("1-status", "deployment/ceoagent-api is healthy", Form::WIDE)
            .await
    }

    async fn scales(&self) -> anyhow::Result<()> {
        let question = "Scale deployment/ceoagent-api from 3 to 5?";
        self.says("/ceo scale workload:deployment/ceoagent-api replicas:5")
            .await?;
        self.reads(&[question, "2 pods added", "Only you can see this"])
            .await?;
        self.picture("2-confirm", question, Form::WIDE).await?;
        self.press(question, "Confirm").await?;
        self.reads(&["Scaled deployment/ceoagent-api from 3 to 5", "5 of 5 pods ready"])
            .await
    }

    async fn meets_the_incident(&self) -> anyhow::Result<()> {
        let browser = self.browser;
        browser.click("#break").await?;
        browser.click("[role=menu] [data-id=crashing]").await?;
        browser.wait_text(".toast", "v1.3.0-broken").await?;
        browser
            .wait(&format!(
                "document.querySelector(\"#channels [data-id='{ALERTS}'].unread\") && document.querySelector(\"#channels [data-id='{OPS}'][aria-current=page]\")"
            ))
            .await?;
        self.goes_to(ALERTS).await?;
        self.reads(&[
            INCIDENT,
            "api ends with exit code 3 (error of the program)",
            "Last lines before the end",
            "FATAL: database connection refused",
            "Changed just before",
            "v1.1.0 → v1.3.0-broken",
        ])
        .await?;
        browser
            .wait(&format!(
                "!document.querySelector(\"#channels [data-id='{ALERTS}'].unread\")"
            ))
            .await?;
        browser.wait("!document.querySelector('.toast')").await?; // it covers what the picture is about
        self.picture("3-incident", INCIDENT, Form::ALL).await?;
        self.press(INCIDENT, "Ack").await?;
        self.reads(&[INCIDENT, "Acked by @operator after"]).await
    }

    async fn asks_for_the_way_back(&self) -> anyhow::Result<()> {
        self.press(INCIDENT, "Roll back to 2").await?;
        self.browser
            .wait("document.activeElement.name === 'reason'")
            .await?;
        self.browser.keys("v1.3.0 cannot reach the database").await?;
        self.picture("4-reason", INCIDENT, Form::WIDE).await?;
        self.browser.click("dialog [type=submit]").await?;
        self.reads(&["Asked for approval", "Only you can see this"]).await
    }

    async fn lead_approves(&self) -> anyhow::Result<()> {
        let badge = format!("#persons [data-id='{LEAD}'] .badge");
        self.browser.wait_text(&badge, "1").await?;
        self.becomes(LEAD).await?;
        self.goes_to(OPS).await?;
        self.reads(&[
            CARD,
            "asked by @operator: “v1.3.0 cannot reach the database”",
            "- image: docker.io/local/api:v1.3.0-broken",
            "+ image: docker.io/local/api:v1.1.0",
        ])
        .await?;
        self.browser.wait_text(".message.calls", CARD).await?;
        self.picture("5-card-as-lead", CARD, Form::ALL).await?;
        self.press(CARD, "Approve").await?;
        self.reads(&[DONE, "approved by @lead"]).await?;
        self.picture("6-rolled-back", DONE, Form::WIDE).await
    }

    async fn reads_the_end(&self) -> anyhow::Result<()> {
        self.becomes(OPERATOR).await?;
        self.goes_to(ALERTS).await?;
        self.reads(&[
            "deployment/ceoagent-api: recovered",
            "crashed for",
            "ended by the rollback of",
            "acked by @operator",
        ])
        .await?;
        let told = self
            .browser
            .run(
                "return document.querySelectorAll('#chat li.message:not(.ephemeral) .embed').length",
                &[],
            )
            .await?;
        anyhow::ensure!(
            told == 1,
            "one trouble is one message, from first to last; here are {told}"
        );
        self.picture("7-recovered", "deployment/ceoagent-api: recovered", Form::WIDE)
            .await
    }

    async fn follows_the_log(&self) -> anyhow::Result<()> {
        let title = "Logs of deployment/ceoagent-api";
        self.goes_to(OPS).await?;
        self.says("/ceo logs workload:deployment/ceoagent-api follow:true")
            .await?;
        self.reads(&[title, "lines/s", "GET /v1/", "Only you can see this"])
            .await?;
        let last = format!(
            "{}.querySelector('pre').innerText.trim().split('\\n').at(-1)",
            Self::message(title)
        );
        for _ in 0..3 {
            let seen = self.browser.wait(&last).await?;
            self.browser.wait(&format!("{last} !== {seen}")).await?;
        }
        self.picture("8-follow", title, Form::WIDE).await?;
        self.press(title, "Stop").await?;
        self.reads(&[title, "stopped"]).await?;
        let gone = format!("!{}.innerText.includes('lines/s')", Self::message(title));
        self.browser.wait(&gone).await.map(|_| ())
    }
}

#[tokio::test]
async fn a_day_from_the_first_look_to_the_recovered_incident() -> anyhow::Result<()> {
    let _turn = crate::ONE.acquire().await?;
    let Some(browser) = start_or_skip("a_day_from_the_first_look_to_the_recovered_incident").await? else {
        return Ok(());
    };
    let options = Options {
        port: Some(0),
        state: None,
        pace: Some(Pace::fast()),
        language: None,
    };
    let playground = Playground::start(options, Path::new(env!("CARGO_BIN_EXE_playground"))).await?;
    browser.size(1280, 900).await?;
    let story = Story {
        browser: &browser,
        camera: None,
    };
    story.begin(&playground).await?;
    story.play().await?;
    let console = browser.console().await?;
    assert!(console.is_empty(), "{console:#?}");
    playground.stop().await;
    Ok(())
}
