//! What goes wrong on purpose: error answers, delays, hangs, cut connections, an API server that is down.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use regex::Regex;
use tokio::sync::watch;

/// What a fault does to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Answer with this status code and a fitting `Status` body, without doing anything.
    Status(u16),
    /// Answer with this status code and a `Retry-After` of so many seconds.
    RetryAfter(u16, u32),
    /// Apply the request, then answer with this status code nevertheless.
    AppliedThenStatus(u16),
    /// End a watch at once by an ERROR event with this code (410: too old resource version).
    WatchError(u16),
    /// Wait, then go on as usual.
    Delay(Duration),
    /// Never answer.
    Hang,
    /// Apply the request, then never answer.
    AppliedThenHang,
    /// Cut the connection before the request has any effect.
    CutBefore,
    /// Apply the request, then cut the connection without an answer.
    CutAfter,
    /// Cut the connection after so many bytes of the answer's body.
    CutStream(usize),
}

#[derive(Debug)]
struct Fault {
    method: String,
    path: Regex,
    left: usize,
    effect: Effect,
}

/// The faults that wait for their request.
#[derive(Debug)]
pub struct Faults {
    waiting: Mutex<Vec<Fault>>,
    hits: Mutex<usize>,
    down: watch::Sender<bool>,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            waiting: Mutex::default(),
            hits: Mutex::default(),
            down: watch::Sender::new(false),
        }
    }
}

impl Faults {
    /// The next `times` requests with this method (`*` for any) whose path and query match `path` meet `effect`.
    ///
    /// # Errors
    /// When `path` is no regular expression.
    pub fn inject(&self, method: &str, path: &str, times: usize, effect: Effect) -> Result<(), regex::Error> {
        let fault = Fault {
            method: method.to_uppercase(),
            path: Regex::new(path)?,
            left: times,
            effect,
        };
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fault);
        Ok(())
    }

    /// Forgets the faults that have not been met.
    pub fn clear(&self) {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// How many requests have met a fault.
    pub fn hits(&self) -> usize {
        *self.hits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many faults still wait for a request (each counted as often as it may be met).
    pub fn waiting(&self) -> usize {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|fault| fault.left)
            .sum()
    }

    /// While down, open connections are dropped and new ones reset.
    pub fn down(&self, down: bool) {
        self.down.send_replace(down);
    }

    pub(crate) fn watch_down(&self) -> watch::Receiver<bool> {
        self.down.subscribe()
    }

    /// The effect that this request meets, if any.
    pub(crate) fn meet(&self, method: &str, path_and_query: &str) -> Option<Effect> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let index = waiting.iter().position(|fault| {
            (fault.method == "*" || fault.method == method) && fault.path.is_match(path_and_query)
        })?;
        let fault = &mut waiting[index];
        fault.left = fault.left.saturating_sub(1);
        let effect = fault.effect.clone();
        if fault.left == 0 {
            waiting.remove(index);
        }
        *self.hits.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Some(effect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_met_as_often_as_asked() {
        let faults = Faults::default();
        faults
            .inject("patch", "/deployments/", 2, Effect::Status(409))
            .unwrap();
        assert_eq!(faults.meet("GET", "/apis/apps/v1/deployments/x"), None);
        assert_eq!(
            faults.meet("PATCH", "/apis/apps/v1/deployments/x"),
            Some(Effect::Status(409))
        );
        assert_eq!(
            faults.meet("PATCH", "/apis/apps/v1/deployments/x"),
            Some(Effect::Status(409))
        );
        assert_eq!(faults.meet("PATCH", "/apis/apps/v1/deployments/x"), None);
        assert_eq!(faults.hits(), 2);
    }
}
