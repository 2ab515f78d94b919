//! What can go wrong between a bot and Discord, to be switched on by tests and by the playground's menu.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use regex::Regex;

/// What happens to a REST request instead of, or beside, its effect.
#[derive(Debug, Clone)]
pub enum RestFault {
    /// 429 with this `retry_after`; nothing happens.
    TooMany {
        /// How long the bot is to wait.
        retry_after: Duration,
        /// Whether the global limit is said to be hit.
        global: bool,
    },
    /// An error status without a body that means anything (500, 502, 503); nothing happens.
    Status(u16),
    /// No answer at all, ever; nothing happens.
    Hang,
    /// The effect takes place and the answer never comes.
    HangAfter,
    /// The connection is cut; nothing happens.
    CutBefore,
    /// The effect takes place, then the connection is cut.
    CutAfter,
    /// The answer is late.
    Slow(Duration),
    /// Discord's own error with this status and code ("50013"); nothing happens.
    Refuse {
        /// HTTP status.
        status: u16,
        /// Discord's error code.
        code: u32,
        /// Discord's sentence.
        message: String,
    },
}

/// What happens to the gateway connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayFault {
    /// "Reconnect and resume" (op 7).
    Reconnect,
    /// "Invalid session" (op 9); the flag says whether it can be resumed.
    InvalidSession(bool),
    /// A close frame with a code, or without one.
    Close(Option<u16>),
    /// The TCP connection is reset.
    Reset,
    /// Heartbeats are not acknowledged any more on this connection.
    StopAcks,
}

#[derive(Debug)]
struct Planned {
    route: Regex,
    times: u32,
    fault: RestFault,
}

#[derive(Debug, Default)]
struct Plan {
    rest: Vec<Planned>,
    duplicate_interactions: u32,
    lose_interactions: u32,
    fail_resumes: u32,
    refuse_connections: bool,
}

/// The faults that are planned. All of them are taken in the order in which they were planned.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Plan>);

impl Faults {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next `times` REST requests whose "METHOD /path" matches the expression suffer `fault`. The path has no
    /// `/api/v10`: `"POST /channels/3000/messages$"`.
    ///
    /// # Errors
    /// When the expression is not a regular expression.
    pub fn rest(&self, route: &str, times: u32, fault: RestFault) -> anyhow::Result<()> {
        let route = Regex::new(route)?;
        self.plan().rest.push(Planned { route, times, fault });
        Ok(())
    }

    /// Forgets every planned fault.
    pub fn clear(&self) {
        *self.plan() = Plan::default();
    }

    /// The next `times` interactions reach the bot twice.
    pub fn duplicate_interactions(&self, times: u32) {
        self.plan().duplicate_interactions = times;
    }

    /// The next `times` interactions never reach the bot.
    pub fn lose_interactions(&self, times: u32) {
        self.plan().lose_interactions = times;
    }

    /// The next `times` RESUMEs are answered with "invalid session".
    pub fn fail_resumes(&self, times: u32) {
        self.plan().fail_resumes = times;
    }

    /// Whether the gateway turns every new connection away (an outage of Discord).
    pub fn refuse_connections(&self, refuse: bool) {
        self.plan().refuse_connections = refuse;
    }

    pub(super) fn take_rest(&self, line: &str) -> Option<RestFault> {
        let mut plan = self.plan();
        let planned = plan
            .rest
            .iter_mut()
            .find(|planned| planned.times > 0 && planned.route.is_match(line))?;
        planned.times -= 1;
        Some(planned.fault.clone())
    }

    /// How often the next interaction is delivered.
    pub(super) fn take_deliveries(&self) -> u32 {
        let mut plan = self.plan();
        if plan.lose_interactions > 0 {
            plan.lose_interactions -= 1;
            return 0;
        }
        if plan.duplicate_interactions > 0 {
            plan.duplicate_interactions -= 1;
            return 2;
        }
        1
    }

    pub(super) fn take_failed_resume(&self) -> bool {
        let mut plan = self.plan();
        let fails = plan.fail_resumes > 0;
        plan.fail_resumes = plan.fail_resumes.saturating_sub(1);
        fails
    }

    pub(super) fn refuses_connections(&self) -> bool {
        self.plan().refuse_connections
    }
}
