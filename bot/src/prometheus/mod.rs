//! Reads what was measured out of a Prometheus, and looks whether the Grafana beside it is open to everybody.

mod address;
mod answer;
mod grafana;

use std::time::Duration;

use anyhow::Context;
use ceo_commands::{
    cluster::why_no_answer,
    model::{Link, Timestamp},
    ports::metrics::{Found, Metrics, Panel, Range, Silence},
    texts::metrics as say,
};
use futures::future::BoxFuture;
use reqwest::StatusCode;
use url::Url;

use self::{address::below, grafana::Grafana};
use crate::settings::{Links, Secret, Settings};

/// How much of an answer is read.
const MOST: usize = 32 * 1024 * 1024;

/// A Prometheus.
struct Server {
    client: reqwest::Client,
    url: Url,
    token: Option<Secret>,
    within: Duration,
    home: String,
}

/// What was measured, as the settings say where it is read.
pub struct Measured {
    server: Option<Server>,
    panels: Vec<Panel>,
    links: Vec<Link>,
    grafana: Option<Grafana>,
}

impl Measured {
    /// Asks nobody yet.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let timing = settings.timing;
        let server = match &settings.prometheus {
            None => None,
            Some(prometheus) => Some(Server {
                client: client(timing.prometheus_timeout)?,
                url: prometheus.url.clone(),
                token: prometheus.token.clone(),
                within: timing.prometheus_timeout,
                home: prometheus.cluster.clone(),
            }),
        };
        let grafana = match &settings.links.grafana {
            None => None,
            Some(url) => Some(Grafana::new(
                client(timing.grafana_timeout)?,
                url,
                timing.grafana_every,
            )),
        };
        Ok(Self {
            server,
            panels: settings.panels.clone(),
            links: buttons(&settings.links),
            grafana,
        })
    }

    /// Whether Grafana takes the user and the password that it comes with: none where that is not known.
    pub async fn grafana_takes_default(&self) -> Option<bool> {
        self.grafana.as_ref()?.ask().await
    }
}

/// No redirection is followed: a token goes where the settings say, and nowhere else.
fn client(within: Duration) -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder()
        .use_rustls_tls()
        .timeout(within)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .context("the HTTP client could not be built")
}

fn buttons(links: &Links) -> Vec<Link> {
    let all = [
        ("Grafana".into(), &links.grafana),
        ("Prometheus".into(), &links.prometheus),
        (say::kubernetes_dashboard(), &links.kubernetes),
    ];
    let button = |(label, url): (_, &Option<Url>)| {
        let url = url.as_ref()?.to_string();
        Some(Link { label, url })
    };
    all.into_iter().filter_map(button).collect()
}

impl Server {
    async fn range(&self, range: Range) -> Result<Found, Silence> {
        let seconds = |at: Timestamp| at.as_second().to_string();
        let words = [
            ("query", range.query.clone()),
            ("start", seconds(range.from)),
            ("end", seconds(range.to)),
            ("step", range.step.as_secs().max(1).to_string()),
        ];
        let mut request = self
            .client
            .post(below(&self.url, "/api/v1/query_range"))
            .form(&words);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        let mut response = request.send().await.map_err(|error| self.silence(error))?;
        let status = response.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(Silence::Closed(status.as_u16()));
        }
        let mut body = Vec::new();
        while let Some(more) = response.chunk().await.map_err(|error| self.silence(error))? {
            if body.len() + more.len() > MOST {
                return Err(Silence::TooMuch(MOST as u64));
            }
            body.extend_from_slice(&more);
        }
        // Thousands of series take a while.
        let read = tokio::task::spawn_blocking(move || answer::read(&body, status.as_u16(), &range));
        read.await
            .unwrap_or_else(|_| Err(Silence::Outage(say::not_understood())))
    }

    fn silence(&self, error: reqwest::Error) -> Silence {
        Silence::Outage(if error.is_timeout() {
            say::nothing_within(self.within)
        } else if error.is_body() || error.is_decode() || format!("{error:?}").contains("IncompleteMessage") {
            say::broke_off()
        } else {
            why_no_answer(&error.without_url())
        })
    }
}

impl Metrics for Measured {
    fn is_there(&self) -> bool {
        self.server.is_some()
    }

    fn panels(&self) -> &[Panel] {
        if self.is_there() { &self.panels } else { &[] }
    }

    fn home(&self) -> &str {
        self.server.as_ref().map_or("", |server| &server.home)
    }

    fn links(&self) -> &[Link] {
        &self.links
    }

    fn range(&self, range: Range) -> BoxFuture<'_, Result<Found, Silence>> {
        Box::pin(async move {
            match &self.server {
                Some(server) => server.range(range).await,
                None => Ok(Found::default()),
            }
        })
    }

    fn open_grafana(&self) -> BoxFuture<'_, Option<Timestamp>> {
        Box::pin(async move { self.grafana.as_ref()?.open().await })
    }
}
