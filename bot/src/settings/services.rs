//! The sections about the world around the bot: clusters, store, HTTP, durations, what is hidden, logs.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use url::Url;

use super::{
    Cluster, Http, LogFormat, Redact, Secret, Store, Timings,
    problem::{Problems, suggestion},
    raw::{List, RawCluster, RawHttp, RawLog, RawRedact, RawRunbook, RawStore, RawTiming, Text},
    timing,
};

/// A path of the settings, meant from the settings file.
pub(super) fn path(text: &str, home: &Path) -> PathBuf {
    home.join(text)
}

/// The bytes of a file that the settings name.
pub(super) fn file(key: &str, name: &str, home: &Path, problems: &mut Problems) -> Option<Vec<u8>> {
    let path = path(name, home);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(e) => {
            problems.add(key, format!("{} cannot be read: {e}", path.display()));
            None
        }
    }
}

pub(super) fn clusters(raw: List<RawCluster>, home: &Path, problems: &mut Problems) -> Vec<Cluster> {
    if raw.is_empty() && !problems.at("clusters") {
        problems.add(
            "clusters",
            "is missing; expected at least one [[clusters]] with a name and namespaces",
        );
    }
    let mut names = BTreeSet::new();
    let mut list = Vec::new();
    for (at, cluster) in raw.into_iter().enumerate() {
        let (Some(cluster), key) = (cluster, format!("clusters[{at}]")) else {
            continue;
        };
        let name = cluster_name(&key, cluster.name, problems);
        if let Some(name) = &name
            && !names.insert(name.clone())
        {
            problems.add(
                format!("{key}.name"),
                format!("there are two clusters \"{name}\""),
            );
        }
        let kubeconfig = cluster.kubeconfig.map(|Text(text)| {
            let _readable = file(&format!("{key}.kubeconfig"), &text, home, problems).is_some();
            path(&text, home)
        });
        list.push(Cluster {
            name: name.unwrap_or_default(),
            kubeconfig,
            context: cluster.context.map(|Text(text)| text),
            namespaces: namespaces(&key, cluster.namespaces, problems),
            production: cluster.production.is_some_and(|f| f.0),
        });
    }
    list
}

fn cluster_name(key: &str, name: Option<Text>, problems: &mut Problems) -> Option<String> {
    let key = format!("{key}.name");
    let Some(Text(name)) = name else {
        if !problems.at(&key) {
            problems.add(key, "is missing; expected a short name like \"prod\"");
        }
        return None;
    };
    // A workload is written cluster/namespace/kind/name, and rules are globs over cluster/namespace.
    if is_dns_label(&name) {
        return Some(name);
    }
    problems.add(
        key,
        format!("\"{name}\" cannot be a cluster's name; expected up to 63 small letters, digits and hyphens"),
    );
    None
}

/// RFC 1123: what Kubernetes takes as a namespace's name.
fn is_dns_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn namespaces(key: &str, raw: Option<List<Text>>, problems: &mut Problems) -> Vec<String> {
    let key = format!("{key}.namespaces");
    let list: Vec<String> = raw
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .map(|t| t.0)
        .collect();
    if list.is_empty() && !problems.at(&key) {
        problems.add(
            &key,
            "is missing; expected the namespaces that the bot may see, like [\"ceoagent\"]",
        );
    }
    for (at, name) in list.iter().enumerate() {
        if !is_dns_label(name) {
            problems.add(
                format!("{key}[{at}]"),
                format!(
                    "\"{name}\" cannot be a namespace's name; expected small letters, digits and hyphens"
                ),
            );
        } else if list[..at].contains(name) {
            problems.add(format!("{key}[{at}]"), format!("\"{name}\" is listed twice"));
        }
    }
    list
}

pub(super) fn store(raw: RawStore, home: &Path, problems: &mut Problems) -> Option<Store> {
    // There is a default, so a missing value is a wrong one that was told of.
    let Text(url) = raw.url?;
    if let Some(rest) = url.strip_prefix("sqlite:") {
        let name = rest.strip_prefix("//").unwrap_or(rest);
        if name.is_empty() {
            problems.add(
                "store.url",
                "names no file; expected a text like \"sqlite:ceo.db\"",
            );
            return None;
        }
        let url = if name.starts_with(":memory:") {
            url
        } else {
            format!("sqlite:{}", path(name, home).display())
        };
        return Some(Store {
            url: Secret::new(url),
        });
    }
    let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if postgres && Url::parse(&url).is_ok() {
        return Some(Store {
            url: Secret::new(url),
        });
    }
    // The text itself may hold a password.
    problems.add(
        "store.url",
        "is not understood; expected a text like \"sqlite:ceo.db\" or \"postgres://user:password@host/database\"",
    );
    None
}

pub(super) fn http(raw: RawHttp, problems: &mut Problems) -> Option<Http> {
    let token = secret("http.alertmanager_token", raw.alertmanager_token, problems);
    let Text(text) = raw.listen?;
    match text.parse() {
        Ok(listen) => Some(Http {
            listen,
            alertmanager_token: token,
        }),
        Err(_) => {
            problems.add(
                "http.listen",
                format!(
                    "\"{text}\" is not an address; expected an IP address and a port like \"127.0.0.1:9180\""
                ),
            );
            None
        }
    }
}

pub(super) fn secret(key: &str, text: Option<Text>, problems: &mut Problems) -> Option<Secret> {
    let Text(text) = text?;
    if text.is_empty() {
        problems.add(key, "is empty; expected a token, or no such key");
        return None;
    }
    Some(Secret::new(text))
}

/// Where the team's manual stands; that it is there is seen at once, not in the night in which it is needed.
pub(super) fn runbook(raw: RawRunbook, home: &Path, problems: &mut Problems) -> Option<PathBuf> {
    let Text(text) = raw.path?;
    let path = path(&text, home);
    if let Err(error) = std::fs::metadata(&path) {
        problems.add(
            "runbook.path",
            format!("{} cannot be read: {error}", path.display()),
        );
        return None;
    }
    Some(path)
}

pub(super) fn timing(raw: RawTiming, problems: &mut Problems) -> Timings {
    let given: BTreeMap<String, String> = raw
        .into_iter()
        .filter_map(|(key, text)| Some((key, text?.0)))
        .collect();
    timing::unknown(&given, problems);
    let timings = Timings::read(&given, problems);
    timings.check(problems);
    timings
}

pub(super) fn redact(raw: RawRedact, problems: &mut Problems) -> Redact {
    let mut patterns = Vec::new();
    for (at, pattern) in raw.patterns.unwrap_or_default().into_iter().enumerate() {
        let Some(Text(pattern)) = pattern else { continue };
        match regex::Regex::new(&pattern) {
            Ok(regex) => patterns.push(regex),
            Err(e) => problems.add(
                format!("redact.patterns[{at}]"),
                format!("is not a regular expression: {e}"),
            ),
        }
    }
    Redact {
        secret_values: raw.secret_values.is_some_and(|f| f.0),
        patterns,
    }
}

pub(super) fn log(raw: &RawLog, problems: &mut Problems) -> LogFormat {
    match raw.format.as_ref().map(|t| t.0.as_str()) {
        None | Some("text") => LogFormat::Text,
        Some("json") => LogFormat::Json,
        Some(other) => {
            problems.add(
                "log.format",
                format!("\"{other}\" is no format{}", suggestion(other, ["text", "json"])),
            );
            LogFormat::Text
        }
    }
}
