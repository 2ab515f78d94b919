//! Rate buckets as Discord has them: fixed windows that start with their first request, told in headers, and one limit
//! over everything.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::options::{Limit, Rates};

/// Which limit a route falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Creating messages.
    MessageCreate,
    /// Editing messages.
    MessageEdit,
    /// Deleting messages.
    MessageDelete,
    /// Follow-ups and edits of responses; outside the global limit.
    Webhook,
    /// First responses; no limit but the interaction itself.
    Callback,
    /// Registering commands.
    Commands,
    /// Threads.
    Threads,
    /// Everything else.
    Other,
}

/// What the headers of an answer say.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Discord's opaque name of the bucket.
    pub hash: String,
    /// The window's size.
    pub limit: u32,
    /// How many are left in it.
    pub remaining: u32,
    /// When it ends, milliseconds since 1970.
    pub reset_ms: i64,
    /// Milliseconds until then.
    pub reset_after_ms: i64,
}

/// The verdict on one request.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// Taken.
    Pass(Option<Standing>),
    /// The bucket is empty.
    Wait(Standing),
    /// The global limit is reached; milliseconds to wait.
    WaitGlobally(i64),
}

#[derive(Debug)]
struct Window {
    used: u32,
    ends_ms: i64,
}

/// All buckets.
#[derive(Debug)]
pub struct Buckets {
    rates: Rates,
    windows: HashMap<String, Window>,
    global: Window,
}

impl Buckets {
    /// Empty buckets of these sizes.
    pub fn new(rates: Rates) -> Self {
        Buckets {
            rates,
            windows: HashMap::new(),
            global: Window { used: 0, ends_ms: 0 },
        }
    }

    /// The sizes.
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// Other sizes from now on.
    pub fn set_rates(&mut self, rates: Rates) {
        *self = Buckets::new(rates);
    }

    fn limit(&self, class: Class) -> Option<Limit> {
        Some(match class {
            Class::MessageCreate => self.rates.message_create,
            Class::MessageEdit => self.rates.message_edit,
            Class::MessageDelete => self.rates.message_delete,
            Class::Webhook => self.rates.webhook,
            Class::Callback => return None,
            Class::Commands => self.rates.commands,
            Class::Threads => self.rates.threads,
            Class::Other => self.rates.other,
        })
    }

    /// Counts one request at `now` against its bucket and the global limit.
    pub fn take(&mut self, class: Class, key: &str, now: i64) -> Verdict {
        if !matches!(class, Class::Webhook | Class::Callback) {
            let limit = self.rates.global;
            if let Err(ends) = count(&mut self.global, limit, now) {
                return Verdict::WaitGlobally(ends - now);
            }
        }
        let Some(limit) = self.limit(class) else {
            return Verdict::Pass(None);
        };
        let window = self
            .windows
            .entry(key.to_owned())
            .or_insert(Window { used: 0, ends_ms: 0 });
        let taken = count(window, limit, now);
        let standing = Standing {
            hash: hash(class, key),
            limit: limit.requests,
            remaining: limit.requests.saturating_sub(window.used),
            reset_ms: window.ends_ms,
            reset_after_ms: window.ends_ms - now,
        };
        if taken.is_ok() {
            Verdict::Pass(Some(standing))
        } else {
            Verdict::Wait(standing)
        }
    }
}

fn count(window: &mut Window, limit: Limit, now: i64) -> Result<(), i64> {
    if window.ends_ms <= now {
        let length = i64::try_from(limit.window.as_millis()).unwrap_or(i64::MAX);
        *window = Window {
            used: 0,
            ends_ms: now.saturating_add(length),
        };
    }
    if window.used >= limit.requests {
        return Err(window.ends_ms);
    }
    window.used += 1;
    Ok(())
}

fn hash(class: Class, key: &str) -> String {
    let mut hasher = DefaultHasher::new();
    class.hash(&mut hasher);
    // Discord's name of a bucket does not contain the channel: the same for all channels.
    key.split('|').next().hash(&mut hasher);
    format!("{:016x}{:016x}", hasher.finish(), hasher.finish().rotate_left(17))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_starts_with_its_first_request_and_ends_by_itself() {
        let mut buckets = Buckets::new(Rates {
            message_create: Limit::new(2, 5_000),
            ..Rates::from_seed(7)
        });
        let take = |buckets: &mut Buckets, now| buckets.take(Class::MessageCreate, "POST messages|3", now);
        assert!(
            matches!(take(&mut buckets, 1_000), Verdict::Pass(Some(s)) if s.remaining == 1 && s.reset_ms == 6_000)
        );
        assert!(matches!(take(&mut buckets, 3_000), Verdict::Pass(Some(s)) if s.remaining == 0));
        assert!(matches!(take(&mut buckets, 5_999), Verdict::Wait(s) if s.reset_after_ms == 1));
        assert!(matches!(take(&mut buckets, 6_000), Verdict::Pass(Some(_))));
    }

    #[test]
    fn fifty_a_second_and_no_more_but_for_callbacks() {
        let mut buckets = Buckets::new(Rates {
            other: Limit::new(1_000, 1_000),
            ..Rates::from_seed(7)
        });
        for n in 0..50 {
            assert!(matches!(
                buckets.take(Class::Other, &format!("GET {n}"), 10),
                Verdict::Pass(_)
            ));
        }
        assert!(matches!(
            buckets.take(Class::Other, "GET x", 510),
            Verdict::WaitGlobally(500)
        ));
        assert!(matches!(
            buckets.take(Class::Callback, "POST cb", 510),
            Verdict::Pass(None)
        ));
        assert!(matches!(
            buckets.take(Class::Webhook, "POST wh", 510),
            Verdict::Pass(Some(_))
        ));
    }
}
