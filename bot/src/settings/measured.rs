//! `[prometheus]` and `[links]`: where what was measured is read, and where people look further.

use std::path::Path;

use url::Url;

use super::{
    Cluster, Links, Prometheus, Secret,
    problem::{Problems, suggestion},
    raw::{RawLinks, RawPrometheus, Text},
    services::{file, secret},
};

pub(super) fn prometheus(
    raw: RawPrometheus,
    home: &Path,
    clusters: &[Cluster],
    problems: &mut Problems,
) -> Option<Prometheus> {
    let token = token(raw.token, raw.token_file, home, problems);
    let cluster = match raw.cluster {
        None => clusters.first().map(|cluster| cluster.name.clone()),
        Some(Text(name)) => {
            if !clusters.iter().any(|cluster| cluster.name == name) {
                let near = suggestion(&name, clusters.iter().map(|cluster| cluster.name.as_str()));
                problems.add(
                    "prometheus.cluster",
                    format!("there is no cluster \"{name}\"{near}"),
                );
            }
            Some(name)
        }
    };
    let Some(Text(text)) = raw.url else {
        if !problems.at("prometheus") {
            problems.add(
                "prometheus.url",
                "is missing; expected an address like \"http://prometheus:9090\"",
            );
        }
        return None;
    };
    Some(Prometheus {
        // It stands in no message.
        url: address("prometheus.url", &text, true, problems)?,
        token,
        cluster: cluster.unwrap_or_default(),
    })
}

fn token(
    token: Option<Text>,
    token_file: Option<Text>,
    home: &Path,
    problems: &mut Problems,
) -> Option<Secret> {
    match (token, token_file) {
        (Some(_), Some(_)) => {
            problems.add(
                "prometheus.token",
                "is set, and so is prometheus.token_file; expected one of them",
            );
            None
        }
        (token, None) => secret("prometheus.token", token, problems),
        (None, Some(Text(path))) => {
            let bytes = file("prometheus.token_file", &path, home, problems)?;
            let text = String::from_utf8_lossy(&bytes).trim().to_owned();
            secret("prometheus.token_file", Some(Text(text)), problems)
        }
    }
}

/// Where a browser goes. It stands in messages, so it holds no password.
pub(super) fn links(raw: RawLinks, problems: &mut Problems) -> Links {
    let mut link = |key: &str, text: Option<Text>| {
        let Text(text) = text?;
        let url = address(key, &text, false, problems)?;
        if url.as_str().len() > 512 {
            problems.add(key, "is longer than the 512 characters of a button");
        }
        Some(url)
    };
    Links {
        grafana: link("links.grafana", raw.grafana),
        prometheus: link("links.prometheus", raw.prometheus),
        kubernetes: link("links.kubernetes", raw.kubernetes),
    }
}

fn address(key: &str, text: &str, with_user: bool, problems: &mut Problems) -> Option<Url> {
    match Url::parse(text) {
        // The text itself is not repeated.
        Ok(url) if !with_user && (url.password().is_some() || !url.username().is_empty()) => {
            problems.add(key, "holds a user or a password; it stands in messages");
            None
        }
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
        _ => {
            problems.add(
                key,
                "is not an address; expected a text like \"http://prometheus:9090\"",
            );
            None
        }
    }
}
