//! The simulation's own time: the machine's clock plus an offset that tests move forward, so that tokens and messages
//! grow old without anybody waiting.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// A clock that tests can put forward.
#[derive(Debug, Clone)]
pub struct Clock {
    offset: watch::Sender<i64>,
}

impl Clock {
    /// A clock that shows the machine's time plus `offset`.
    pub fn new(offset: Duration) -> Self {
        Clock {
            offset: watch::Sender::new(millis(offset)),
        }
    }

    /// Now, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        millis(real) + *self.offset.borrow()
    }

    /// Puts the clock forward and wakes everything that sleeps by it.
    pub fn advance(&self, by: Duration) {
        self.offset.send_modify(|offset| *offset += millis(by));
    }

    /// Returns when the clock shows `at_ms` or later.
    pub async fn sleep_until(&self, at_ms: i64) {
        let mut moved = self.offset.subscribe();
        loop {
            let left = at_ms - self.now_ms();
            if left <= 0 {
                return;
            }
            let nap = Duration::from_millis(u64::try_from(left).unwrap_or(0));
            tokio::select! {
                () = tokio::time::sleep(nap) => {}
                _ = moved.changed() => {}
            }
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}

/// A time as Discord writes it: `2026-01-02T03:04:05.678000+00:00`.
pub fn iso(ms: i64) -> String {
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string(),
        Err(_) => "1970-01-01T00:00:00.000000+00:00".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_discord_writes_them() {
        assert_eq!(iso(1_767_323_045_678), "2026-01-02T03:04:05.678000+00:00");
    }

    #[tokio::test]
    async fn advancing_wakes_sleepers() {
        let clock = Clock::new(Duration::ZERO);
        let at = clock.now_ms() + 900_000;
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(at).await }
        });
        clock.advance(Duration::from_secs(901));
        tokio::time::timeout(Duration::from_secs(5), sleeper)
            .await
            .unwrap()
            .unwrap();
    }
}
