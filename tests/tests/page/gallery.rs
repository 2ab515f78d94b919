//! Every kind of message there is, one after the other, for people to look at.

use ceo_tests::browser::Key;

use crate::{
    shots::Form,
    story::{ALERTS, LEAD, OPERATOR, OPS, Story},
};

const VIEWER: &str = "30";

/// What is asked while all is well: who asks, the line, and what its picture is called.
const CALM: [(&str, &str, &str); 27] = [
    (OPERATOR, "/ceo status", "status-all"),
    (
        OPERATOR,
        "/ceo status workload:deployment/ceoagent-api",
        "status-one",
    ),
    (OPERATOR, "/ceo get pods", "pods"),
    (OPERATOR, "/ceo get services", "services"),
    (OPERATOR, "/ceo logs workload:deployment/ceoagent-api", "logs"),
    (
        OPERATOR,
        "/ceo logs workload:deployment/ceoagent-api patterns:true",
        "patterns",
    ),
    (OPERATOR, "/ceo health", "health"),
    (OPERATOR, "/ceo metrics", "metrics"),
    (OPERATOR, "/ceo metrics panel:p95 range:6h", "metrics-one"),
    (OPERATOR, "/ceo metrics query:process_open_fds", "metrics-query"),
    (OPERATOR, "/ceo runbook find words:数据库连接", "runbook"),
    (
        OPERATOR,
        "/ceo exec check check:disk workload:statefulset/postgres",
        "exec-disk",
    ),
    (OPERATOR, "/ceo diagnose", "diagnose-well"),
    (OPERATOR, "/ceo get events", "events"),
    (OPERATOR, "/ceo get changes", "changes"),
    (OPERATOR, "/ceo get top", "top"),
    (
        VIEWER,
        "/ceo rollout status workload:deployment/ceoagent-api",
        "rollout-status",
    ),
    (
        VIEWER,
        "/ceo rollout history workload:deployment/ceoagent-api",
        "rollout-history",
    ),
    (
        OPERATOR,
        "/ceo rollout pause workload:deployment/ceoagent-api",
        "rollout-pause",
    ),
    (
        OPERATOR,
        "/ceo tune resources workload:deployment/ceoagent-api memory_limit:256Mi reason:it runs out of memory",
        "tune-resources",
    ),
    (
        OPERATOR,
        "/ceo config set config:configmap/ceoagent-config key:LOG_LEVEL value:debug reason:one hour of debug",
        "config-set",
    ),
    (OPERATOR, "/ceo help", "help"),
    (
        OPERATOR,
        "/ceo scale workload:deployment/nope replicas:2",
        "not-there",
    ),
    (
        OPERATOR,
        "/ceo scale workload:deployment/ceoagent-api replicas:50",
        "scale-far",
    ),
    (
        VIEWER,
        "/ceo scale workload:deployment/ceoagent-api replicas:2",
        "refused",
    ),
    (
        OPERATOR,
        "/ceo rollback workload:deployment/ceoagent-api reason:it crashes",
        "rollback-asked",
    ),
    (OPERATOR, "/ceo guard pending", "pending"),
];

/// What is broken, and what is asked then.
const BROKEN: [(&str, &[(&str, &str)]); 4] = [
    (
        "crashing",
        &[
            ("/ceo status workload:deployment/ceoagent-api", "crash-status"),
            ("/ceo diagnose what:deployment/ceoagent-api", "crash-diagnose"),
            ("/ceo get pods for:deployment/ceoagent-api", "crash-pods"),
        ],
    ),
    (
        "missing",
        &[
            ("/ceo status workload:deployment/ceoagent-api", "image-status"),
            ("/ceo diagnose what:deployment/ceoagent-api", "image-diagnose"),
            ("/ceo get pods", "image-pods"),
        ],
    ),
    (
        "node-down",
        &[
            ("/ceo status", "node-status-all"),
            ("/ceo diagnose what:node/node-1", "node-diagnose"),
            ("/ceo status workload:statefulset/postgres", "node-status-one"),
            ("/ceo get pods", "node-pods"),
        ],
    ),
    ("outage", &[("/ceo status", "outage-status")]),
];

impl Story<'_> {
    /// Asks everything, breaks everything, and takes a picture of each answer.
    pub(crate) async fn shows_everything(&self, language: &str) -> anyhow::Result<()> {
        if language != "en" {
            self.switches_to(language).await?;
        }
        for (person, line, name) in CALM {
            self.becomes(person).await?;
            self.goes_to(OPS).await?;
            self.shows(line, name).await?;
        }
        self.becomes(LEAD).await?;
        self.goes_to(OPS).await?;
        self.picture("card-for-lead", "", Form::ALL).await?;
        self.becomes(OPERATOR).await?;
        for (entry, asked) in BROKEN {
            self.breaks(entry).await?;
            for (line, name) in asked {
                self.shows(line, name).await?;
            }
            self.goes_to(ALERTS).await?;
            self.picture(&format!("alert-{entry}"), "", Form::ALL).await?;
            self.goes_to(OPS).await?;
        }
        self.shows("/ceo audit", "audit").await
    }

    async fn breaks(&self, entry: &str) -> anyhow::Result<()> {
        self.browser
            .run(
                "for (const one of document.querySelectorAll('.toast')) one.remove()",
                &[],
            )
            .await?;
        self.browser.click("#break").await?;
        self.browser
            .click(&format!("[role=menu] [data-id={entry}]"))
            .await?;
        // Told where nobody looks; what is not told by then is seen to be missing in the picture.
        let _ = self.browser.wait_text(".toast", "New in #alerts").await;
        Ok(())
    }

    /// Asks, and takes pictures of the answer.
    async fn shows(&self, line: &str, name: &str) -> anyhow::Result<()> {
        let count = "document.querySelectorAll('#chat li.message').length";
        let before = self.browser.run(&format!("return {count}"), &[]).await?;
        self.browser
            .run("document.querySelector('#line').focus()", &[])
            .await?;
        self.clears_the_line().await?;
        self.browser.keys(line).await?;
        self.browser
            .keys(&format!("{}{}", Key::ESCAPE, Key::ENTER))
            .await?;
        self.browser
            .wait(&format!(
                "{count} > {before} && !document.querySelector('#chat .asked') && [...document.querySelectorAll('#chat li.message')].at(-1)?.querySelector('.embed, .failure')"
            ))
            .await?;
        self.picture(name, "", Form::ALL).await
    }
}
