//! What pods say of themselves, as it may be quoted: freed of the namespace's secrets before it is cut.

use std::sync::Arc;

use super::contract::Context;
use crate::{
    diagnosis::{self, Look, Surroundings},
    failure::Failure,
    model::Scope,
    objects::{Node, Pod},
    redact::Redactor,
};

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
pub(super) fn says_something(pod: &Pod, look: Look<'_>) -> bool {
    diagnosis::of_pod(pod, look).is_some()
}

/// How pods are looked at now: as incidents do, so that both see the same. `quotes` is what hides secrets.
pub(super) fn look<'a>(cx: &Context<'a>, quotes: Option<&'a Redactor>) -> Look<'a> {
    Look::new(cx.now, &cx.timing.incident).quoting(quotes)
}

/// What stands around the pods of a namespace, as the watches know it: warnings, and nodes that fail.
pub(super) fn around(scope: &Scope, cx: &Context<'_>) -> Result<Surroundings, Failure> {
    let namespace = scope.namespace.as_deref().unwrap_or_default();
    let nodes = cx.view.cluster_scope(&scope.cluster)?.list::<Node>();
    let around = Surroundings::of(&cx.view.cached(&scope.cluster, namespace)?);
    Ok(around.on(nodes.iter().map(AsRef::as_ref)))
}

/// The same with the volumes that keep pods where no node is ready. Costs nothing while no pod waits for that.
pub(super) async fn with_volumes<'p>(
    around: Surroundings,
    scope: &Scope,
    pods: impl IntoIterator<Item = &'p Pod>,
    cx: &Context<'_>,
) -> Surroundings {
    let tied = diagnosis::tied(cx.view, scope, &around, pods).await;
    around.holding(tied)
}
