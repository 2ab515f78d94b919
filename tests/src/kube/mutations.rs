//! What was asked of the server: every request, and every write with the object before and after it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::key::Key;

/// One HTTP request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Counts from 1.
    pub seq: u64,
    /// The user, or empty for one that was not authenticated.
    pub user: String,
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Query, undecoded; empty for none.
    pub query: String,
    /// RBAC verb (`list`, `watch`, ...; the method in lower case for URLs that are no resource).
    pub verb: String,
    /// `plural` or `plural/subresource`; empty for URLs that are no resource.
    pub resource: String,
    /// Status code; 0 if the connection was cut before an answer.
    pub status: u16,
}

/// One write, whether it succeeded or was refused.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// Counts from 1.
    pub seq: u64,
    /// When.
    pub time: jiff::Timestamp,
    /// Who.
    pub user: String,
    /// `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verb: String,
    /// What (for `deletecollection` and failed creations with `generateName` the name is empty).
    pub key: Key,
    /// `status`, `scale`, `eviction`, ...
    pub subresource: Option<String>,
    /// `json`, `merge`, `strategic`, `apply` for patches.
    pub patch_type: Option<String>,
    /// The body; null for none.
    pub body: Value,
    /// The object before; `None` if there was none.
    pub before: Option<Arc<Value>>,
    /// The object afterwards (of a dry run: as it would be); `None` when it is gone or the write was refused.
    pub after: Option<Arc<Value>>,
    /// Status code of the answer.
    pub code: u16,
    /// Whether it was `dryRun=All`, which changes nothing.
    pub dry_run: bool,
}

impl Mutation {
    /// Whether an object changed: not refused, no dry run.
    pub fn took_effect(&self) -> bool {
        self.code < 300 && !self.dry_run
    }
}

type Guard = Arc<dyn Fn(&Mutation) -> Result<(), String> + Send + Sync>;

#[derive(Default)]
struct Records {
    requests: Vec<Request>,
    mutations: Vec<Mutation>,
    violations: Vec<String>,
    guard: Option<Guard>,
}

/// The record of both.
#[derive(Default)]
pub struct Log {
    records: Mutex<Records>,
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    /// How many requests there were, by user, verb and resource.
    pub fn counts(&self) -> BTreeMap<(String, String, String), usize> {
        let mut counts = BTreeMap::new();
        for request in &self.lock().requests {
            let key = (
                request.user.clone(),
                request.verb.clone(),
                request.resource.clone(),
            );
            *counts.entry(key).or_default() += 1;
        }
        counts
    }

    /// Every write so far.
    pub fn mutations(&self) -> Vec<Mutation> {
        self.lock().mutations.clone()
    }

    /// What the guard complained of.
    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    /// Has every write that took effect looked at.
    pub fn guard(&self, guard: impl Fn(&Mutation) -> Result<(), String> + Send + Sync + 'static) {
        self.lock().guard = Some(Arc::new(guard));
    }

    pub(crate) fn request(&self, mut request: Request) -> u64 {
        let mut records = self.lock();
        request.seq = records.requests.len() as u64 + 1;
        let seq = request.seq;
        records.requests.push(request);
        seq
    }

    pub(crate) fn answered(&self, seq: u64, status: u16) {
        let index = usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(request) = self.lock().requests.get_mut(index) {
            request.status = status;
        }
    }

    pub(crate) fn mutation(&self, mut mutation: Mutation) {
        let guard = {
            let mut records = self.lock();
            mutation.seq = records.mutations.len() as u64 + 1;
            records.mutations.push(mutation.clone());
            records.guard.clone()
        };
        if let Some(guard) = guard
            && mutation.took_effect()
            && let Err(sentence) = guard(&mutation)
        {
            let violation = format!(
                "{} {} by {}: {sentence}",
                mutation.verb, mutation.key, mutation.user
            );
            self.lock().violations.push(violation);
        }
    }
}
