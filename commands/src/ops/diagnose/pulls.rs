//! What an image that is refused was asked for with: the pull secrets that the pod names, whether they are there, of the right
//! type, and for which registries they hold a login. Of a login nothing is read but the registry's name.

use serde_json::Value;

use super::{case::Case, pods::Desk};
use crate::{
    cluster::{NOT_OF_HELM, Select, near_of},
    diagnosis::{Cause, Finding, PullError},
    health::registry::{self, LOGIN},
    model::Text,
    objects::PullSecret,
    texts::diagnose as texts,
};

/// What is known of the logins behind a finding about an image that the registry does not give.
pub(super) async fn logins(case: &mut Case, desk: &Desk<'_>, finding: &Finding) -> Vec<Text> {
    let Cause::ImagePull(cause) = &finding.cause else {
        return vec![];
    };
    let refused = matches!(
        cause.why,
        Some(PullError::Unauthorized | PullError::NotFoundOrUnauthorized)
    );
    let Some(subject) = finding.subject.as_ref().filter(|_| refused) else {
        return vec![];
    };
    let (cluster, namespace) = (&desk.scope.cluster, desk.cached.namespace());
    let read = desk.cx.view.value(cluster, namespace, "pods", &subject.pod);
    let Ok(pod) = desk.in_time(read).await else {
        return vec![];
    };
    let named = named(&pod["spec"]);
    if named.is_empty() {
        let account = pod["spec"]["serviceAccountName"].as_str().unwrap_or("default");
        return vec![texts::no_pull_secret(account)];
    }
    let Some(secrets) = desk
        .read_some::<PullSecret>(&Select::fields(NOT_OF_HELM))
        .await
        .known(case, desk)
    else {
        return vec![texts::pull_secrets_named(&named)];
    };
    let told = named.iter().map(|name| of_secret(name, &secrets, &cause.image));
    told.collect()
}

/// The pull secrets that a pod names; its ServiceAccount's were put there when it was made.
fn named(spec: &Value) -> Vec<String> {
    let all = spec["imagePullSecrets"].as_array().into_iter().flatten();
    all.filter_map(|one| Some(one["name"].as_str()?.to_owned()))
        .collect()
}

fn of_secret(name: &str, secrets: &[PullSecret], image: &str) -> Text {
    let Some(secret) = secrets.iter().find(|secret| *secret.metadata.name == *name) else {
        let logins = secrets.iter().filter(|secret| LOGIN.contains(&&*secret.type_));
        let near = near_of(name, logins.map(|secret| secret.metadata.name.to_string()));
        return texts::pull_secret_missing(name, &near);
    };
    if !LOGIN.contains(&&*secret.type_) {
        return texts::pull_secret_of_type(name, &secret.type_);
    }
    let held: Vec<String> = secret
        .data
        .registries
        .iter()
        .map(|held| registry::host(held))
        .collect();
    let host = registry::of_image(image);
    match secret
        .data
        .registries
        .iter()
        .any(|held| registry::serves(held, image))
    {
        true => texts::pull_secret_refused(name, host),
        false => texts::pull_secret_for_others(name, host, &held),
    }
}
