//! The store, Prometheus, and the Grafana beside it.

use futures::FutureExt;

use super::lines::{Line, Part};
use crate::{
    prometheus::Measured,
    settings::{Settings, Store as StoreSettings, private_file},
    store::{self, Store, StoreOptions},
};

pub(super) fn part(settings: &Settings) -> Part<'_> {
    Part {
        about: "store".to_owned(),
        fix: "see store.url; is the database up, is its disk full?",
        work: async move {
            let options = StoreOptions {
                timeout: settings.timing.store_timeout,
                open_timeout: settings.timing.check_timeout,
                ..StoreOptions::default()
            };
            let mut lines = vec![match write(&settings.store, options).await {
                Ok(()) => Line::good(
                    "store",
                    format!("{}: opened, tables up to date, written", kind(&settings.store)),
                ),
                Err(error) => Line::failed(
                    "store",
                    error.to_string(),
                    "see store.url; the bot needs to create tables and write there",
                ),
            }];
            lines.extend(readable_store(&settings.store));
            lines
        }
        .boxed(),
    }
}

/// What was asked, by whom and of what, is for those whom `/ceo audit` shows it to.
fn readable_store(settings: &StoreSettings) -> Option<Line> {
    let path = store::file(settings.url.expose())?;
    let who = private_file::read_by_others(std::path::Path::new(path))?;
    let fix = format!("chmod 600 {path} {path}-wal {path}-shm {path}.lock");
    Some(Line::note("store", format!("{path} can be read by {who}"), fix))
}

async fn write(
    settings: &StoreSettings,
    options: StoreOptions,
) -> Result<(), ceo_commands::ports::LedgerError> {
    let store = Store::open(settings.url.expose(), options).await?;
    let written = store.put("checked", env!("CARGO_PKG_VERSION")).await;
    store.close().await;
    written
}

/// The URL may hold a password; its first word does not.
fn kind(settings: &StoreSettings) -> &'static str {
    if settings.url.expose().starts_with("sqlite:") {
        "SQLite"
    } else {
        "PostgreSQL"
    }
}

pub(super) fn prometheus(settings: &Settings) -> Option<Part<'_>> {
    let prometheus = settings.prometheus.as_ref()?;
    Some(Part {
        about: "Prometheus".to_owned(),
        fix: "see prometheus.url; can this machine reach it?",
        work: async move {
            let fix = "see prometheus.url and prometheus.token";
            let mut url = prometheus.url.clone();
            url.set_path(&format!("{}/api/v1/query", url.path().trim_end_matches('/')));
            url.set_query(Some("query=1"));
            let mut request = reqwest::Client::new()
                .get(url)
                .timeout(settings.timing.prometheus_timeout);
            if let Some(token) = &prometheus.token {
                request = request.bearer_auth(token.expose());
            }
            vec![match request.send().await.map(|r| r.status()) {
                Ok(status) if status.is_success() => Line::good("Prometheus", "answers queries"),
                Ok(status) => Line::failed("Prometheus", format!("HTTP {status}"), fix),
                Err(error) => Line::failed("Prometheus", error.without_url().to_string(), fix),
            }]
        }
        .boxed(),
    })
}

/// Whether Grafana is open to everybody who reaches it. That it does not answer is no failure: the bot does not need it.
pub(super) fn grafana(settings: &Settings) -> Option<Part<'_>> {
    settings.links.grafana.as_ref()?;
    Some(Part {
        about: "Grafana".to_owned(),
        fix: "see links.grafana; can this machine reach it?",
        work: async move {
            let takes = match Measured::new(settings) {
                Ok(measured) => measured.grafana_takes_default().await,
                Err(_) => None,
            };
            vec![match takes {
                Some(false) => Line::good("Grafana", "does not take admin/admin"),
                Some(true) => Line::failed(
                    "Grafana",
                    "takes admin with the password admin",
                    "change the password there: whoever reaches it changes it",
                ),
                None => Line::note(
                    "Grafana",
                    "did not say whether it takes admin/admin",
                    "see links.grafana; can this machine reach it?",
                ),
            }]
        }
        .boxed(),
    })
}
