//! Logs, to standard error: lines for people, or JSON for machines. How much is for `RUST_LOG` to say.

use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{discord::QUIET, settings::LogFormat};

/// What is logged without `RUST_LOG`.
const USUAL: &str = "info,sqlx=warn,kube=warn";

/// They log each failed request, which every caller of ours tells once in its own words.
const TOLD_BY_US: &str = "kube_client=off,kube_runtime=off";

/// Starts logging; a second call changes nothing.
pub(super) fn start(format: LogFormat) {
    let wanted = std::env::var("RUST_LOG").unwrap_or_default();
    let wanted = if wanted.trim().is_empty() {
        USUAL
    } else {
        wanted.as_str()
    };
    // The later directive for a target wins, so nobody can make those libraries write tokens into the log.
    let filter = EnvFilter::try_new(format!("{wanted},{QUIET},{TOLD_BY_US}"))
        .unwrap_or_else(|_| EnvFilter::new(format!("{USUAL},{QUIET},{TOLD_BY_US}")));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = match format {
        LogFormat::Text => lines
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).boxed(),
    };
    // It fails only when logging runs already.
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(filter))
        .try_init();
}
