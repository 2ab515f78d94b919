//! `[[probes]]`: where the service itself is asked how it is.

use std::path::Path;

use ceo_commands::{
    model::Scope,
    ports::probe::{Target, Way},
};
use url::Url;

use super::{
    Cluster, Probe,
    problem::{Problems, suggestion},
    raw::{List, RawProbe, Text},
    services::file,
};

/// What a service answers by the conventions of Kubernetes and Prometheus.
const PATHS: [&str; 3] = ["/health", "/ready", "/metrics"];

pub(super) fn targets(
    raw: List<RawProbe>,
    home: &Path,
    clusters: &[Cluster],
    problems: &mut Problems,
) -> Vec<Probe> {
    let mut targets: Vec<Probe> = Vec::new();
    for (at, one) in raw.into_iter().enumerate() {
        let (Some(one), key) = (one, format!("probes[{at}]")) else {
            continue;
        };
        let Some(target) = target(&key, one, home, clusters, problems) else {
            continue;
        };
        let same = |known: &Probe| known.target.name == target.target.name;
        if targets.iter().any(same) {
            let name = &target.target.name;
            problems.add(
                format!("{key}.name"),
                format!("there are two health targets \"{name}\""),
            );
        }
        targets.push(target);
    }
    targets
}

fn target(
    key: &str,
    raw: RawProbe,
    home: &Path,
    clusters: &[Cluster],
    problems: &mut Problems,
) -> Option<Probe> {
    let ca = raw
        .ca
        .and_then(|Text(name)| file(&format!("{key}.ca"), &name, home, problems));
    let scope = place(&format!("{key}.where"), raw.r#where, clusters, problems);
    let paths = paths(&format!("{key}.paths"), raw.paths, problems);
    let way = way(key, raw.url, raw.service, problems);
    let name = match raw.name {
        Some(Text(name)) if !name.is_empty() && name.chars().count() <= 40 => Some(name),
        Some(_) => {
            problems.add(format!("{key}.name"), "is empty or longer than 40 characters");
            None
        }
        None => {
            if !problems.at(&format!("{key}.name")) {
                problems.add(
                    format!("{key}.name"),
                    "is missing; expected a short name like \"api\"",
                );
            }
            None
        }
    };
    if ca.is_some() && matches!(way, Some(Way::Proxy(_))) {
        problems.add(
            format!("{key}.ca"),
            "has no meaning with a service: the API server asks it. Remove one of them",
        );
    }
    let target = Target {
        name: name?,
        scope: scope?,
        way: way?,
        paths,
    };
    Some(Probe { target, ca })
}

/// `prod/ceoagent`; without it the first cluster and its first namespace.
fn place(key: &str, raw: Option<Text>, clusters: &[Cluster], problems: &mut Problems) -> Option<Scope> {
    let Some(Text(text)) = raw else {
        let first = clusters.first()?;
        return Some(Scope::namespace(&first.name, first.namespaces.first()?));
    };
    let all = || {
        clusters
            .iter()
            .flat_map(|c| c.namespaces.iter().map(|n| format!("{}/{n}", c.name)))
    };
    if let Some((cluster, namespace)) = text.split_once('/')
        && all().any(|place| place == text)
    {
        return Some(Scope::namespace(cluster, namespace));
    }
    let known: Vec<String> = all().collect();
    let near = suggestion(&text, known.iter().map(String::as_str));
    problems.add(
        key,
        format!("\"{text}\" is no cluster and namespace of these settings; expected a text like \"prod/ceoagent\"{near}"),
    );
    None
}

fn paths(key: &str, raw: Option<List<Text>>, problems: &mut Problems) -> Vec<String> {
    let Some(list) = raw else {
        return PATHS.map(str::to_owned).to_vec();
    };
    if list.is_empty() {
        problems.add(key, "is empty; expected paths like [\"/health\"], or no such key");
    }
    let mut paths = Vec::new();
    for (at, text) in list.into_iter().enumerate() {
        let Some(Text(path)) = text else { continue };
        if !path.starts_with('/') || path.chars().any(|c| c.is_whitespace() || c.is_control()) {
            problems.add(
                format!("{key}[{at}]"),
                format!("\"{path}\" is no path; expected a text like \"/health\""),
            );
        } else if paths.contains(&path) {
            problems.add(format!("{key}[{at}]"), format!("\"{path}\" is listed twice"));
        } else {
            paths.push(path);
        }
    }
    paths
}

fn way(key: &str, url: Option<Text>, service: Option<Text>, problems: &mut Problems) -> Option<Way> {
    match (url, service) {
        (Some(Text(url)), None) => web(&format!("{key}.url"), &url, problems),
        (None, Some(Text(service))) => proxied(&format!("{key}.service"), service, problems),
        (Some(_), Some(_)) => {
            problems.add(key, "has a url and a service; expected one of them");
            None
        }
        (None, None) => {
            if !problems.at(key) {
                problems.add(
                    key,
                    "has neither a url, like \"https://api.example.com\", nor a service, like \"ceoagent-api:80\"",
                );
            }
            None
        }
    }
}

fn web(key: &str, text: &str, problems: &mut Problems) -> Option<Way> {
    match Url::parse(text) {
        Ok(url) if url.password().is_some() || !url.username().is_empty() => {
            // It stands in messages.
            problems.add(key, "holds a user or a password; such a target cannot be shown");
            None
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            problems.add(key, "has more than an address; what is asked for stands in paths");
            None
        }
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            Some(Way::Url(text.trim_end_matches('/').to_owned()))
        }
        _ => {
            problems.add(
                key,
                "is not an address; expected a text like \"https://api.example.com\"",
            );
            None
        }
    }
}

/// `ceoagent-api:80`, `ceoagent-api:web`, `https:ceoagent-api:443`, as the API server writes it.
fn proxied(key: &str, text: String, problems: &mut Problems) -> Option<Way> {
    let parts: Vec<&str> = text.split(':').collect();
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let fits = match parts.as_slice() {
        [name, port] => word(name) && word(port),
        ["http" | "https", name, port] => word(name) && word(port),
        _ => false,
    };
    if fits {
        return Some(Way::Proxy(text));
    }
    problems.add(
        key,
        format!("\"{text}\" is no Service with its port; expected a text like \"ceoagent-api:80\""),
    );
    None
}

#[cfg(test)]
mod tests {
    use super::{super::tests::raw, *};

    fn read(toml: &str) -> (Vec<Probe>, Vec<String>) {
        let cluster = Cluster {
            name: "prod".to_owned(),
            kubeconfig: None,
            context: None,
            namespaces: vec!["ceoagent".to_owned(), "shop".to_owned()],
            production: true,
        };
        #[derive(serde::Deserialize)]
        struct File {
            probes: Vec<RawProbe>,
        }
        let file: File = raw(toml);
        let mut problems = Problems::default();
        let raw = file.probes.into_iter().map(Some).collect();
        let targets = targets(raw, Path::new("."), &[cluster], &mut problems);
        let told = problems.finish(&std::collections::BTreeMap::new());
        (targets, told.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_target_is_an_address_or_a_service() {
        let (targets, told) = read(
            "[[probes]]\nname = \"web\"\nurl = \"https://api.example.com/\"\n\
             [[probes]]\nname = \"api\"\nwhere = \"prod/shop\"\nservice = \"api:80\"\npaths = [\"/up\"]\n",
        );
        assert_eq!(told, Vec::<String>::new());
        let ways: Vec<&str> = targets.iter().map(|t| t.target.way.address()).collect();
        assert_eq!(ways, ["https://api.example.com", "api:80"]);
        assert_eq!(targets[0].target.paths, PATHS);
        assert_eq!(targets[0].target.scope, Scope::namespace("prod", "ceoagent"));
        assert_eq!(targets[1].target.scope, Scope::namespace("prod", "shop"));
        assert_eq!(targets[1].target.paths, ["/up"]);
    }

    #[test]
    fn each_mistake_is_told_with_what_is_expected() {
        for (lines, told) in [
            ("name = \"a\"", "nor a service"),
            ("url = \"https://a.example\"", "probes[0].name: is missing"),
            ("name = \"a\"\nurl = \"ftp://a\"", "is not an address"),
            (
                "name = \"a\"\nurl = \"https://u:p@a.example\"",
                "holds a user or a password",
            ),
            (
                "name = \"a\"\nurl = \"https://a.example/?x=1\"",
                "stands in paths",
            ),
            ("name = \"a\"\nservice = \"api\"", "no Service with its port"),
            (
                "name = \"a\"\nservice = \"api:80\"\nurl = \"http://a\"",
                "expected one of them",
            ),
            (
                "name = \"a\"\nservice = \"api:80\"\nwhere = \"prod/shp\"",
                "is no cluster and namespace",
            ),
            (
                "name = \"a\"\nservice = \"api:80\"\npaths = [\"up\"]",
                "is no path",
            ),
            ("name = \"a\"\nservice = \"api:80\"\npaths = []", "is empty"),
            (
                "name = \"a\"\nservice = \"api:80\"\nca = \"none.pem\"",
                "cannot be read",
            ),
        ] {
            let (_, all) = read(&format!("[[probes]]\n{lines}\n"));
            assert!(all.iter().any(|one| one.contains(told)), "{lines}: {all:?}");
            assert!(all.iter().all(|one| !one.contains("u:p@")), "{all:?}");
        }
    }
}
