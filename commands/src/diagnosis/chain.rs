//! What one thing needs of another: a program that ends because it cannot reach a Service says so in its last words.

use std::sync::Arc;

use crate::{cluster::near_of, objects::Service};

/// Words of a line about a connection that did not come about.
const FAILURES: [&str; 10] = [
    "connect",
    "refused",
    "nxdomain",
    "resolve",
    "unreachable",
    "timed",
    "timeout",
    "getaddrinfo",
    "lookup",
    "translate",
];

/// Words before a name that make it one of a host.
const BEFORE: [&str; 8] = [
    "host",
    "lookup",
    "resolve",
    "server",
    "enotfound",
    "econnrefused",
    "dial",
    "name",
];

/// The Service of this namespace that the last line about a connection which failed names as its host.
#[must_use]
pub fn named_service<'s>(
    lines: &[String],
    namespace: &str,
    services: &'s [Arc<Service>],
) -> Option<&'s Arc<Service>> {
    lines.iter().rev().find_map(|line| {
        let line = line.to_lowercase();
        let fails = FAILURES.iter().any(|word| line.contains(word));
        let hosts = if fails { hosts(&line) } else { vec![] };
        let named = |service: &&Arc<Service>| {
            let name = &*service.metadata.name;
            hosts.iter().any(|host| is_of(host, name, namespace))
        };
        services.iter().find(named)
    })
}

/// The host that the last line about a name which nobody knows names, where it is none of this namespace's Services and looks
/// like some of them: it, and those.
#[must_use]
pub fn unknown_host(
    lines: &[String],
    namespace: &str,
    services: &[Arc<Service>],
) -> Option<(String, Vec<String>)> {
    let line = lines
        .iter()
        .rev()
        .map(|line| line.to_lowercase())
        .find(|line| is_unknown(line))?;
    let names = || services.iter().map(|service| service.metadata.name.to_string());
    hosts(&line).into_iter().find_map(|host| {
        let name = host.split('.').next().unwrap_or(host);
        let is_here = is_of(host, name, namespace) && !names().any(|known| known == name);
        let near = near_of(name, names());
        (is_here && !near.is_empty()).then(|| (name.to_owned(), near))
    })
}

/// Whether a line is about a name that nobody knows.
fn is_unknown(line: &str) -> bool {
    let contains = |words: &[&str]| words.iter().any(|word| line.contains(word));
    contains(&[
        "no such host",
        "nxdomain",
        "enotfound",
        "name or service not known",
        "could not translate host name",
        "temporary failure in name resolution",
    ])
}

/// Whether a host is a Service: `postgres`, `postgres.shop`, `postgres.shop.svc.cluster.local`.
fn is_of(host: &str, service: &str, namespace: &str) -> bool {
    let Some(rest) = host.strip_prefix(service) else {
        return false;
    };
    let Some(rest) = rest.strip_prefix('.') else {
        return rest.is_empty();
    };
    let Some(rest) = rest.strip_prefix(namespace) else {
        return false;
    };
    rest.is_empty() || rest == ".svc" || rest.starts_with(".svc.")
}

/// The words of a line that stand where hosts do: before a port, behind a slash, an at or a quote, behind `host`.
fn hosts(line: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let mut found = Vec::new();
    let mut word_before = "";
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if length == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let word = rest[..length].trim_end_matches('.');
        let before = line[..at].chars().next_back();
        let mut behind = rest[length..].chars();
        let has_port = behind.next() == Some(':') && behind.next().is_some_and(|c| c.is_ascii_digit());
        let is_marked = before.is_some_and(|c| matches!(c, '/' | '@' | '"' | '\'' | '=' | '`'));
        if has_port || is_marked || BEFORE.contains(&word_before) || word.contains(".svc") {
            found.push(word);
        }
        word_before = word;
        at += length;
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(line: &str) -> Option<String> {
        let service = |name: &str| {
            let object = json!({ "metadata": { "name": name }, "spec": {} });
            Arc::new(serde_json::from_value(object).unwrap())
        };
        let all = ["api", "postgres", "postgres-replica", "database"].map(service);
        let found = named_service(&["booting".to_owned(), line.to_owned()], "shop", &all);
        found.map(|service| service.metadata.name.to_string())
    }

    #[test]
    fn the_host_of_a_connection_that_failed_is_found() {
        for line in [
            "panic: cannot connect to database postgres:5432: connection refused",
            "dial tcp: lookup postgres on 10.96.0.10:53: no such host",
            "could not translate host name \"postgres\" to address: Name or service not known",
            "connection to server at \"postgres.shop.svc.cluster.local\", port 5432 failed: timeout",
            "FATAL cannot reach postgres://ceo:[hidden]@postgres.shop:5432/ceo: connect timed out",
            "Error: getaddrinfo ENOTFOUND postgres",
        ] {
            assert_eq!(named(line).as_deref(), Some("postgres"), "{line}");
        }
    }

    #[test]
    fn a_word_of_a_sentence_is_no_host() {
        for line in [
            "cannot connect to the database",
            "api failed to connect",
            "postgres:5432 accepted the login",
            "connect to postgres.other:5432 refused",
            "connect to postgres-7:5432 refused",
            "panic: out of range",
        ] {
            assert_eq!(named(line), None, "{line}");
        }
        let services: Vec<Arc<Service>> = ["postgres", "cache"]
            .map(|name| Arc::new(serde_json::from_value(json!({ "metadata": { "name": name } })).unwrap()))
            .to_vec();
        for (line, told) in [
            (
                "dial tcp: lookup postgress on 10.96.0.10:53: no such host",
                Some("postgress"),
            ),
            ("getaddrinfo ENOTFOUND postgress.shop.svc", Some("postgress")),
            ("dial tcp: lookup postgres on 10.96.0.10:53: no such host", None),
            (
                "dial tcp: lookup example.com on 10.96.0.10:53: no such host",
                None,
            ),
            ("lookup postgress.other on 10.96.0.10:53: no such host", None),
            ("connect to postgress:5432 refused", None),
        ] {
            let found = unknown_host(&[line.to_owned()], "shop", &services);
            assert_eq!(found.map(|(name, _)| name).as_deref(), told, "{line}");
        }
        assert_eq!(
            named("connect to postgres-replica:5432: refused").as_deref(),
            Some("postgres-replica")
        );
    }
}
