//! Which autoscaler owns the count of a workload.

use std::sync::Arc;

use crate::{
    cluster::{Select, View},
    failure::Failure,
    health::{self, hpa::HpaState},
    model::Workload,
    objects::HorizontalPodAutoscaler,
};

/// The autoscaler of a workload: it would undo a count that is set by hand, within seconds. Asked of the API server where the
/// caches are not whole: that none is known is no word that there is none.
pub(super) async fn by(workload: &Workload, view: &View) -> Result<Option<HpaState>, Failure> {
    let cached = view.cached(&workload.cluster, &workload.namespace)?;
    let whole = cached.knows::<HorizontalPodAutoscaler>() && cached.error().is_none();
    let scalers = if whole {
        cached.list::<HorizontalPodAutoscaler>()
    } else {
        let all = Select::default();
        view.list::<HorizontalPodAutoscaler>(&workload.cluster, &workload.namespace, &all)
            .await?
            .into_iter()
            .map(Arc::new)
            .collect()
    };
    let owns =
        |hpa: &&Arc<HorizontalPodAutoscaler>| health::hpa::owns(hpa, workload.kind.kind(), &workload.name);
    Ok(scalers.iter().find(owns).map(|hpa| health::hpa::state(hpa)))
}
