//! Why a request got no answer: the one telling word in the client library's chain of errors.

use std::{error::Error, io};

use crate::{model::Text, texts::unanswered as say};

/// Why there was no answer.
pub(super) struct NoAnswer {
    /// In a few words: `connection refused`.
    pub(super) words: Text,
    /// Whether it is certain that the request did not reach the API server.
    pub(super) before_sending: bool,
}

/// Why a request over HTTP got no answer, in a few words: `connection refused`.
#[must_use]
pub fn why_no_answer(error: &(dyn Error + 'static)) -> Text {
    reason_of(error).words
}

/// Why there was no answer, in words.
pub(super) fn words_of(error: &kube::Error) -> Text {
    reason_of(error).words
}

/// Finds the word for a broken connection in a chain of errors.
pub(super) fn reason_of(error: &(dyn Error + 'static)) -> NoAnswer {
    let mut connecting = false;
    let mut last = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        connecting |= words.contains("client error (Connect)") || words.contains("dns error");
        if cause.is::<tower::timeout::error::Elapsed>() {
            return NoAnswer {
                words: say::not_in_time(),
                before_sending: false,
            };
        }
        if let Some(found) = cause.downcast_ref::<io::Error>().and_then(io_words) {
            return NoAnswer {
                before_sending: connecting || found.1,
                words: found.0,
            };
        }
        if !words.is_empty() {
            last = words;
        }
        source = cause.source();
    }
    let last = without_number(&last);
    let tls = last.contains("certificate") || last.contains("TLS") || last.contains("tls");
    NoAnswer {
        words: Text::from(if tls { format!("TLS: {last}") } else { last }),
        before_sending: connecting || tls,
    }
}

/// Without the number that only the operating system knows: `Connection reset by peer (os error 104)`.
fn without_number(words: &str) -> String {
    let Some((before, rest)) = words.split_once(" (os error ") else {
        return words.to_owned();
    };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{before}{after}")
}

fn io_words(error: &io::Error) -> Option<(Text, bool)> {
    let (words, before) = match error.kind() {
        io::ErrorKind::ConnectionRefused => (say::refused(), true),
        io::ErrorKind::ConnectionReset => (say::reset(), false),
        io::ErrorKind::ConnectionAborted => (say::aborted(), false),
        io::ErrorKind::BrokenPipe => (say::broken(), false),
        io::ErrorKind::NotConnected => (say::not_connected(), false),
        io::ErrorKind::UnexpectedEof => (say::cut_short(), false),
        io::ErrorKind::TimedOut => (say::connection_timed_out(), false),
        io::ErrorKind::HostUnreachable => (say::host_unreachable(), true),
        io::ErrorKind::NetworkUnreachable => (say::network_unreachable(), true),
        _ => {
            let text = error.to_string();
            return text
                .contains("failed to lookup address")
                .then(|| (say::unknown_host(), true));
        }
    };
    Some((words, before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_the_operating_system_is_told() {
        for (words, told) in [
            (
                "Connection reset by peer (os error 104)",
                "Connection reset by peer",
            ),
            ("a: b (os error 32), later", "a: b, later"),
            ("plain", "plain"),
        ] {
            assert_eq!(without_number(words), told);
        }
    }
}
