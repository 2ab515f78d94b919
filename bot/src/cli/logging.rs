//! Logs, to standard error: lines for people, or JSON for machines. How much is for `RUST_LOG` to say. Each line is freed of
//! secrets as the last thing: what people typed and what servers quoted is logged in many places, and told in one.

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::Arc,
};

use ceo_commands::redact::Redactor;
use tracing_subscriber::{EnvFilter, Layer, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{discord::QUIET, settings::LogFormat};

/// What is logged without `RUST_LOG`.
const USUAL: &str = "info,sqlx=warn,kube=warn";

/// They log each failed request, which every caller of ours tells once in its own words.
const TOLD_BY_US: &str = "kube_client=off,kube_runtime=off";

/// Starts logging; a second call changes nothing.
pub(super) fn start(format: LogFormat, redactor: Redactor) {
    let wanted = std::env::var("RUST_LOG").unwrap_or_default();
    let wanted = if wanted.trim().is_empty() {
        USUAL
    } else {
        wanted.as_str()
    };
    // The later directive for a target wins, so nobody can make those libraries write tokens into the log.
    let filter = EnvFilter::try_new(format!("{wanted},{QUIET},{TOLD_BY_US}"))
        .unwrap_or_else(|_| EnvFilter::new(format!("{USUAL},{QUIET},{TOLD_BY_US}")));
    let clean = Clean {
        redactor: Arc::new(redactor),
        format,
        to: io::stderr,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(clean);
    let layer = match format {
        LogFormat::Text => lines
            .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
            .boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).boxed(),
    };
    // It fails only when logging runs already.
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(filter))
        .try_init();
}

/// Writes lines without their secrets.
#[derive(Clone)]
struct Clean<W> {
    redactor: Arc<Redactor>,
    format: LogFormat,
    to: W,
}

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for Clean<W> {
    type Writer = Clean<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        Clean {
            redactor: Arc::clone(&self.redactor),
            format: self.format,
            to: self.to.make_writer(),
        }
    }
}

impl<W: Write> Write for Clean<W> {
    /// The subscriber writes each event at once, so that no secret comes in two halves.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let (body, end) = match text.strip_suffix('\n') {
            Some(body) => (body, "\n"),
            None => (text.as_ref(), ""),
        };
        let clean = match self.format {
            LogFormat::Text => self.redactor.clean(body).0,
            LogFormat::Json => Cow::Owned(json(body, &self.redactor)),
        };
        // One write a line: those of other tasks must not come in between.
        self.to.write_all(format!("{clean}{end}").as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A line of JSON with each of its texts cleaned by itself, so that it stays JSON.
fn json(line: &str, redactor: &Redactor) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(from) = rest.find('"') {
        let (before, text) = rest.split_at(from);
        out.push_str(before);
        let Some(end) = end_of(text) else {
            // No JSON after all.
            out.push_str(&redactor.text(text));
            return out;
        };
        let (literal, after) = text.split_at(end);
        match serde_json::from_str::<String>(literal).map(|text| redactor.text(&text)) {
            Ok(clean) => out.push_str(&serde_json::Value::String(clean).to_string()),
            Err(_) => out.push_str(&redactor.text(literal)),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where a text in quotes ends, its last quote included.
fn end_of(text: &str) -> Option<usize> {
    let mut escaped = false;
    let inner = text.char_indices().skip(1);
    for (at, c) in inner {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written of an event with a token, a private key and a password as its fields.
    fn logged(format: LogFormat) -> String {
        let kept = Kept::default();
        let to = kept.clone();
        let clean = Clean {
            redactor: Arc::new(Redactor::new(["correct horse battery".to_owned()])),
            format,
            to: move || to.clone(),
        };
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(clean);
        let layer = match format {
            LogFormat::Text => lines.boxed(),
            LogFormat::Json => lines.json().flatten_event(true).boxed(),
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let token = format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9");
            let key = "-----BEGIN PRIVATE KEY-----\nMIIEsecret\n";
            let why = format!("there is no deployment `{token}`; password:");
            tracing::info!(why, key, said = "is it \"correct horse battery\"?", "refused");
            tracing::info!(n = 1, "next");
        });
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn secrets_are_in_no_line_and_the_lines_stay_whole() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let log = logged(format);
            for secret in ["ghp_", "MIIE", "correct horse"] {
                assert!(!log.contains(secret), "{log}");
            }
            assert!(
                log.contains("there is no deployment") && log.contains("[hidden]"),
                "{log}"
            );
            assert!(log.ends_with('\n') && log.contains("next"), "{log}");
        }
    }

    #[test]
    fn lines_of_json_stay_json() {
        let log = logged(LogFormat::Json);
        let lines: Vec<serde_json::Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["said"], "is it \"[hidden]\"?");
        assert_eq!(lines[0]["message"], "refused");
        assert_eq!(lines[1]["n"], 1);
    }
}
