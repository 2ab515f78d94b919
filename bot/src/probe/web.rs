//! A question by an address, from where the bot runs.

use std::time::Duration;

use anyhow::Context;
use ceo_commands::{
    cluster::why_no_answer, health::certificate::der_ends, model::Timestamp, ports::probe::Outcome, texts,
};
use reqwest::tls::TlsInfo;

/// How much of an answer is kept.
const BEGINS: usize = 2048;

/// What came of a question.
pub(super) struct Asked {
    pub(super) outcome: Outcome,
    /// When the certificate ends that was shown, where one was.
    pub(super) certificate_ends: Option<Timestamp>,
}

impl From<Outcome> for Asked {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            certificate_ends: None,
        }
    }
}

/// Asks by address. What it is sent to elsewhere is not asked: a redirection is an answer.
pub(super) struct Web {
    client: reqwest::Client,
    within: Duration,
}

impl Web {
    /// Trusts the usual authorities, and one more where it is given (PEM).
    pub(super) fn new(within: Duration, ca: Option<&[u8]>) -> anyhow::Result<Self> {
        let mut builder = reqwest::Client::builder()
            .use_rustls_tls()
            .tls_info(true)
            .timeout(within)
            // Each question makes its own way: an open connection hides a name or a certificate that went bad.
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none());
        if let Some(pem) = ca {
            for certificate in reqwest::Certificate::from_pem_bundle(pem)? {
                builder = builder.add_root_certificate(certificate);
            }
        }
        let client = builder.build().context("the HTTP client could not be built")?;
        Ok(Self { client, within })
    }

    pub(super) async fn ask(&self, url: &str) -> Asked {
        let mut answer = match self.client.get(url).send().await {
            Ok(answer) => answer,
            Err(error) if error.is_timeout() => {
                return Outcome::None(texts::probe::nothing_within(self.within)).into();
            }
            Err(error) => return Outcome::None(why_no_answer(&error.without_url())).into(),
        };
        let shown = answer.extensions().get::<TlsInfo>();
        let certificate_ends = shown.and_then(TlsInfo::peer_certificate).and_then(der_ends);
        let mut begins = Vec::new();
        // What breaks off was an answer nevertheless: its status is known.
        while let Ok(Some(more)) = answer.chunk().await {
            begins.extend_from_slice(&more);
            if begins.len() >= BEGINS {
                begins.truncate(BEGINS);
                break;
            }
        }
        let outcome = Outcome::Answered {
            status: answer.status().as_u16(),
            begins: String::from_utf8_lossy(&begins).into_owned(),
        };
        Asked {
            outcome,
            certificate_ends,
        }
    }
}
