//! What a workload refers to and somebody wrote since its pods began: a variable of a container keeps the value of its start.

use std::sync::Arc;

use super::{super::get::references, case::Case, pods::Desk};
use crate::{
    cluster::{NOT_OF_HELM, Select, WorkloadObject},
    health::pod::is_counted,
    model::{Text, Timestamp},
    objects::{ConfigRecord, Pod, SecretRecord, Written},
    texts::diagnose as texts,
};

/// So many of them are told.
const MOST: usize = 3;

/// The ConfigMaps and Secrets of a workload that were written after its oldest pod was made.
pub(super) async fn look(case: &mut Case, desk: &Desk<'_>, object: &WorkloadObject, pods: &[Arc<Pod>]) {
    let named = references::of(&object.template()["spec"]);
    let names = |kind: &str| -> Vec<&str> {
        let of_kind = named.keys().filter(|(of, _)| *of == kind);
        of_kind.map(|(_, name)| name.as_str()).collect()
    };
    let (maps, secrets) = (names(references::MAP), names(references::SECRET));
    let oldest = pods.iter().filter(|pod| is_counted(pod));
    let Some(oldest) = oldest.filter_map(|pod| pod.metadata.creation_timestamp).min() else {
        return;
    };
    let not_of_helm = Select::fields(NOT_OF_HELM);
    let (map_records, secret_records) = futures::join!(
        async {
            if maps.is_empty() {
                None
            } else {
                Some(desk.read::<ConfigRecord>().await)
            }
        },
        async {
            if secrets.is_empty() {
                None
            } else {
                Some(desk.read_some::<SecretRecord>(&not_of_helm).await)
            }
        },
    );
    let map_records = map_records
        .and_then(|read| read.known(case, desk))
        .unwrap_or_default();
    let secret_records = secret_records
        .and_then(|read| read.known(case, desk))
        .unwrap_or_default();
    let maps = map_records
        .iter()
        .filter(|record| maps.contains(&&*record.metadata.name))
        .map(|record| ("ConfigMap", &*record.metadata.name, record.written.as_slice()));
    let secrets = secret_records
        .iter()
        .filter(|record| secrets.contains(&&*record.metadata.name))
        .map(|record| ("Secret", &*record.metadata.name, record.written.as_slice()));
    let mut found: Vec<(Timestamp, Text)> = maps
        .chain(secrets)
        .filter_map(|(kind, name, written)| {
            let (at, by) = last(written)?;
            let older = pods.iter().filter(|pod| is_counted(pod));
            let older = older.filter(|pod| pod.metadata.creation_timestamp.is_some_and(|made| made < at));
            (at > oldest).then(|| (at, texts::rewritten(kind, name, by, at, older.count())))
        })
        .collect();
    found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    case.rewritten = found.into_iter().map(|(_, text)| text).take(MOST).collect();
}

/// When keys were written last, and by what.
fn last(written: &[Written]) -> Option<(Timestamp, &str)> {
    let all = written
        .iter()
        .filter_map(|entry| Some((entry.time?, entry.manager.as_str())));
    all.max_by_key(|(at, _)| *at)
}
