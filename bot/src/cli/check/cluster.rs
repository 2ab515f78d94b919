//! A cluster: whether it answers, and whether it gives every right that the commands and the watches need.

use std::collections::{BTreeMap, BTreeSet};

use ceo_commands::{
    cluster::{ClusterError, Registry, Right, View, skips_verification},
    model::Scope,
    ops::rights::Reach,
};
use futures::{FutureExt, StreamExt, future::BoxFuture};

use super::lines::{Line, Part};
use crate::{
    app,
    catalogue::{self, Need},
    settings::{Cluster, Settings},
};

/// Questions at once; an API server queues what is more.
const AT_ONCE: usize = 8;

/// The binding that manifests of earlier releases gave to every install.
const SHARED: &str = "ceo-bot";

const APPLY: &str = "ceo-bot rbac, and kubectl apply -f - what it prints";

pub(super) fn part<'a>(settings: &'a Settings, cluster: &'a Cluster) -> Part<'a> {
    Part {
        about: format!("cluster {}", cluster.name),
        fix: "does this machine reach the API server of the kubeconfig's context?",
        work: look(settings, cluster).boxed(),
    }
}

async fn look(settings: &Settings, cluster: &Cluster) -> Vec<Line> {
    let about = format!("cluster {}", cluster.name);
    let config = vec![app::cluster_config(cluster)];
    let view = Registry::connect(config, settings.timing.cluster_timeout)
        .await
        .view();
    let version = match view.version(&cluster.name).await {
        Ok(version) => version,
        Err(error) => {
            let fix = "see this cluster's kubeconfig and context in the settings";
            return vec![Line::failed(about, error.to_string(), fix)];
        }
    };
    let mut lines = vec![Line::good(about.clone(), format!("Kubernetes {version}"))];
    if skips_verification(&app::cluster_config(cluster)).await {
        lines.push(Line::note(
            about.clone(),
            "insecure-skip-tls-verify is on: whoever stands between can read the bot's token and answer for the API server",
            "give the kubeconfig the certificate-authority of that cluster, and remove insecure-skip-tls-verify",
        ));
    }
    if let Ok(accounts) = view.bound_accounts(&cluster.name, SHARED).await
        && accounts.len() > 1
    {
        lines.push(Line::note(
            about.clone(),
            format!(
                "several installs share the ClusterRoleBinding {SHARED}: {}",
                accounts.join(", ")
            ),
            "ceo-bot rbac --service-account NAMESPACE/NAME gives each its own",
        ));
    }
    let needs = catalogue::needs(settings.extras(&cluster.name));
    for namespace in &cluster.namespaces {
        lines.push(rights(&view, cluster, Some(namespace), &needs).await);
    }
    lines.push(rights(&view, cluster, None, &needs).await);
    lines
}

/// Asks for every right that must reach into a namespace, or over the whole cluster.
async fn rights(view: &View, cluster: &Cluster, namespace: Option<&str>, needs: &BTreeSet<Need>) -> Line {
    let (about, reach) = match namespace {
        Some(namespace) => (
            format!("rights in {}/{namespace}", cluster.name),
            Reach::Namespace,
        ),
        None => (format!("rights in all of {}", cluster.name), Reach::Cluster),
    };
    let wanted = wanted(needs, reach);
    let count: usize = wanted.iter().map(|asked| asked.verbs.len()).sum();
    let scope = Scope {
        cluster: cluster.name.clone(),
        namespace: namespace.map(str::to_owned),
    };
    let asks: Vec<BoxFuture<'_, _>> = wanted
        .into_iter()
        .map(|asked| ask(view, &scope, asked).boxed())
        .collect();
    let answers: Vec<_> = futures::stream::iter(asks)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut missing = BTreeSet::new();
    for answer in answers {
        match answer {
            Ok((_, verbs)) if verbs.is_empty() => {}
            Ok((resource, verbs)) => {
                missing.insert(format!("{} {resource}", verbs.join(",")));
            }
            Err(error) => {
                return Line::failed(
                    about,
                    error.to_string(),
                    "check again when the API server answers",
                );
            }
        }
    }
    if missing.is_empty() {
        return Line::good(about, format!("all {count}"));
    }
    let found = format!("missing: {}", missing.into_iter().collect::<Vec<_>>().join("; "));
    match namespace {
        Some(_) => Line::failed(about, found, APPLY),
        None => Line::note(
            about,
            found,
            format!(
                "optional, for the commands about nodes: {APPLY}. Two installs that share a ClusterRoleBinding take it from each other"
            ),
        ),
    }
}

/// What is asked about one resource.
struct Asked {
    group: &'static str,
    resource: &'static str,
    verbs: Vec<&'static str>,
}

/// What is to be asked about each resource.
fn wanted(needs: &BTreeSet<Need>, reach: Reach) -> Vec<Asked> {
    let mut wanted: BTreeMap<(&'static str, &'static str), Vec<&'static str>> = BTreeMap::new();
    for Need {
        group,
        resource,
        verb,
        ..
    } in needs.iter().filter(|n| n.reach == reach)
    {
        wanted.entry((group, resource)).or_default().push(verb);
    }
    wanted
        .into_iter()
        .map(|((group, resource), verbs)| Asked {
            group,
            resource,
            verbs,
        })
        .collect()
}

/// The verbs that are missing for one resource.
async fn ask(view: &View, scope: &Scope, asked: Asked) -> Result<(&'static str, Vec<String>), ClusterError> {
    let right = Right {
        group: asked.group,
        resource: asked.resource,
        verbs: &asked.verbs,
    };
    let missing = view
        .missing_verbs(&scope.cluster, scope.namespace.as_deref(), &right)
        .await?;
    Ok((asked.resource, missing))
}
