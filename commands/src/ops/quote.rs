//! What pods say of themselves, as it may be quoted: freed of the namespace's secrets before it is cut.

use std::sync::Arc;

use super::contract::Context;
use crate::{health, model::Scope, objects::Pod, redact::Redactor};

/// What takes the secrets out of what a namespace's pods say; `None` where it is not known what is secret. While they say
/// nothing no Secret is read.
pub(super) async fn redactor(scope: &Scope, anything_said: bool, cx: &Context<'_>) -> Option<Arc<Redactor>> {
    let usual = cx.redactor;
    if !anything_said {
        return Some(Arc::clone(usual));
    }
    let namespace = scope.namespace.as_deref().unwrap_or_default();
    cx.view.redactor(&scope.cluster, namespace, usual).await.ok()
}

/// Whether a pod has something to say: what is wrong with it.
pub(super) fn says_something(pod: &Arc<Pod>) -> bool {
    health::why_not_ready(Some(pod)).is_some()
}

/// The pods with what they say, as it may be quoted.
pub(super) fn pods(pods: Vec<Arc<Pod>>, redactor: Option<&Redactor>) -> Vec<Arc<Pod>> {
    let quoted = |pod| Arc::new(health::quoted_pod(Arc::unwrap_or_clone(pod), redactor));
    pods.into_iter().map(quoted).collect()
}
