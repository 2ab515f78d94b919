//! The settings: defaults, then a file (TOML), then the environment (`CEO__DISCORD__TOKEN`; scalars only). Whoever edits
//! them at night gets every mistake at once, each with its key and what was expected there, misspelt keys included.
//! Relative paths are meant from the settings file, so that it does not matter where the bot is started.

mod chat;
mod checks;
mod measured;
mod panels;
pub mod private_file;
mod probes;
mod problem;
mod raw;
mod read;
mod rules;
mod secret;
mod services;
mod template;
#[cfg(test)]
mod tests;
mod timing;
mod values;

use std::{collections::BTreeMap, path::Path};

pub use problem::Problem;
pub use secret::Secret;
pub use template::template;
pub use timing::Timings;
pub use values::{
    Channels, Cluster, Discord, Http, Links, LogFormat, Probe, Prometheus, Redact, Settings, Store,
};

/// Reads and checks the settings.
///
/// # Errors
/// Everything that is wrong with them.
pub fn load(path: &Path, env: &BTreeMap<String, String>) -> Result<Settings, Vec<Problem>> {
    let mut problems = problem::Problems::default();
    let settings = read_all(path, env, &mut problems);
    match settings {
        Some(settings) if problems.is_empty() => Ok(settings),
        _ => Err(problems.finish(env)),
    }
}

/// The variables of the environment that are settings.
#[must_use]
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
        .filter(|(k, _)| k.starts_with("CEO__"))
        .collect()
}

fn read_all(
    path: &Path,
    env: &BTreeMap<String, String>,
    problems: &mut problem::Problems,
) -> Option<Settings> {
    let tree = read::merge(path, env, problems)?;
    let home = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    read::unknown_sections(&tree, problems);
    let timing = services::timing(read::section(&tree, "timing", problems), problems);
    let clusters = services::clusters(read::section(&tree, "clusters", problems), home, problems);
    let discord = chat::discord(
        read::section(&tree, "discord", problems),
        home,
        &clusters,
        problems,
    );
    let store = services::store(read::section(&tree, "store", problems), home, problems);
    let http = services::http(read::section(&tree, "http", problems), problems);
    let asked = tree.get("prometheus").is_some();
    let prometheus = read::section(&tree, "prometheus", problems);
    let prometheus = asked.then(|| measured::prometheus(prometheus, home, &clusters, problems));
    let panels = panels::panels(read::section(&tree, "panels", problems), &clusters, problems);
    let links = measured::links(read::section(&tree, "links", problems), problems);
    let probes = read::section(&tree, "probes", problems);
    let probes = probes::targets(probes, home, &clusters, problems);
    let checks = checks::checks(
        &read::section(&tree, "exec", problems),
        read::section(&tree, "checks", problems),
        problems,
    );
    let runbook = services::runbook(read::section(&tree, "runbook", problems), home, problems);
    let roles = rules::roles(read::section(&tree, "roles", problems), problems);
    let policy = rules::policy(
        read::section(&tree, "policy", problems),
        &roles,
        &clusters,
        problems,
    );
    let mention = rules::mention(read::section(&tree, "alerts", problems), &roles, problems);
    let limits = rules::limits(read::section(&tree, "limits", problems), &clusters, problems);
    let redact = services::redact(read::section(&tree, "redact", problems), problems);
    let log = services::log(&read::section(&tree, "log", problems), problems);
    Some(Settings {
        discord: discord?,
        clusters,
        store: store?,
        http: http?,
        prometheus: prometheus.flatten(),
        panels,
        links,
        probes,
        checks,
        runbook,
        roles,
        policy,
        mention,
        timing,
        limits,
        redact,
        log,
    })
}
