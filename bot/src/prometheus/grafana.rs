//! Whether Grafana takes the user and the password that it comes with. A wrong password counts there as an attempt to break
//! in, so it is asked rarely, whoever asks the bot however often.

use std::time::Duration;

use ceo_commands::model::Timestamp;
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};
use url::Url;

use super::address::below;

/// What every Grafana comes with.
const DEFAULT: &str = "admin";
/// After so long at the most it is asked again when it did not answer.
const AGAIN: Duration = Duration::from_secs(300);

/// What was seen, and when.
#[derive(Clone, Copy)]
struct Seen {
    asked: Instant,
    at: Timestamp,
    takes: Option<bool>,
}

/// A Grafana.
pub(super) struct Grafana {
    client: reqwest::Client,
    url: Url,
    every: Duration,
    seen: Mutex<Option<Seen>>,
}

impl Grafana {
    pub(super) fn new(client: reqwest::Client, url: &Url, every: Duration) -> Self {
        Self {
            client,
            url: below(url, "/api/user"),
            every,
            seen: Mutex::new(None),
        }
    }

    /// When it was seen to be open.
    pub(super) async fn open(&self) -> Option<Timestamp> {
        let mut seen = self.seen.lock().await;
        let fresh = seen.filter(|seen| {
            let every = if seen.takes.is_some() {
                self.every
            } else {
                self.every.min(AGAIN)
            };
            seen.asked.elapsed() < every
        });
        let now = match fresh {
            Some(seen) => seen,
            None => Seen {
                takes: self.ask().await,
                asked: Instant::now(),
                at: Timestamp::now(),
            },
        };
        *seen = Some(now);
        (now.takes == Some(true)).then_some(now.at)
    }

    /// Whether it takes them; none where it did not say so.
    pub(super) async fn ask(&self) -> Option<bool> {
        /// Who one is there. Pages that answer 200 to everything are no Grafana.
        #[derive(Deserialize)]
        struct User {
            login: String,
        }
        let request = self.client.get(self.url.clone());
        let answer = request.basic_auth(DEFAULT, Some(DEFAULT)).send().await.ok()?;
        match answer.status().as_u16() {
            401 | 403 => Some(false),
            200 => {
                let user: User = answer.json().await.ok()?;
                Some(!user.login.is_empty())
            }
            _ => None,
        }
    }
}
