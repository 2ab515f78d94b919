//! Why a request got no answer: the one telling word in the client library's chain of errors.

use std::{error::Error as _, io};

/// Why there was no answer.
pub(super) struct NoAnswer {
    /// In a few words: `connection refused`.
    pub(super) words: String,
    /// Whether it is certain that the request did not reach the API server.
    pub(super) before_sending: bool,
}

/// Why there was no answer, in words.
pub(super) fn words_of(error: &kube::Error) -> String {
    reason_of(error).words
}

/// Finds the word for a broken connection in a chain of errors.
pub(super) fn reason_of(error: &kube::Error) -> NoAnswer {
    let mut connecting = false;
    let mut last = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        connecting |= words.contains("client error (Connect)") || words.contains("dns error");
        if cause.is::<tower::timeout::error::Elapsed>() {
            return NoAnswer {
                words: "no answer in time".to_owned(),
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
        words: if tls { format!("TLS: {last}") } else { last },
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

fn io_words(error: &io::Error) -> Option<(String, bool)> {
    let (words, before) = match error.kind() {
        io::ErrorKind::ConnectionRefused => ("connection refused", true),
        io::ErrorKind::ConnectionReset => ("connection reset", false),
        io::ErrorKind::ConnectionAborted => ("connection aborted", false),
        io::ErrorKind::BrokenPipe => ("connection broken", false),
        io::ErrorKind::NotConnected => ("not connected", false),
        io::ErrorKind::UnexpectedEof => ("connection closed in the middle of the answer", false),
        io::ErrorKind::TimedOut => ("the connection timed out", false),
        io::ErrorKind::HostUnreachable => ("host unreachable", true),
        io::ErrorKind::NetworkUnreachable => ("network unreachable", true),
        _ => {
            let text = error.to_string();
            return text
                .contains("failed to lookup address")
                .then(|| ("its host name cannot be resolved".to_owned(), true));
        }
    };
    Some((words.to_owned(), before))
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
