//! `/ceo get …`: lists of objects.

pub mod changes;
pub mod config;
pub mod cronjobs;
pub mod events;
mod family;
pub mod hpa;
pub mod ingress;
pub mod jobs;
pub mod nodes;
pub mod pods;
pub mod quotas;
pub(super) mod references;
pub mod services;
pub mod top;
pub mod volumes;

use super::{Entry, contract::Group};
use crate::texts;

/// The group.
pub(super) const GROUP: Group = Group {
    word: "get",
    summary: texts::get::summary,
};

/// Its commands, in the order of the help.
pub(super) fn commands() -> Vec<Entry> {
    vec![
        Entry::query(pods::GetPods),
        Entry::query(services::GetServices),
        Entry::query(ingress::GetIngress),
        Entry::query(events::GetEvents),
        Entry::query(nodes::GetNodes),
        Entry::query(jobs::GetJobs),
        Entry::query(cronjobs::GetCronJobs),
        Entry::query(hpa::GetHpa),
        Entry::query(volumes::GetVolumes),
        Entry::query(config::GetConfig),
        Entry::query(quotas::GetQuotas),
        Entry::query(top::GetTop),
        Entry::query(changes::GetChanges),
    ]
}
