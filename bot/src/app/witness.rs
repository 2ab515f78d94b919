//! Once a day the audit's head is posted where the database's administrator cannot change it; a day without one is told.

use std::time::Duration;

use ceo_commands::{
    model::{ChannelId, Report, Timestamp, Tone, since},
    ports::{Commit, Ledger, LedgerError, Post, Priority},
    texts::discord as texts,
};
use tokio_util::sync::CancellationToken;

use crate::{discord::Witness, store::Store};

/// The head of a day, from before it is first posted on: `2026-11-25 SEQ:HASH`.
const HEAD: &str = "audit_head";
/// The day whose head is known to stand in the channel.
const POSTED: &str = "audit_head_posted";
/// When that was; before the first one, when the first was tried.
const POSTED_AT: &str = "audit_head_at";
/// The message about missing heads.
const MESSAGE: &str = "audit-witness";
/// After so long without a head people are told.
const OVERDUE: Duration = Duration::from_secs(25 * 3600);
/// The longest pause after a failure.
const LONGEST: Duration = Duration::from_secs(300);

/// Posts heads.
pub(super) struct Heads {
    pub(super) store: Store,
    pub(super) witness: Witness,
    pub(super) alerts: ChannelId,
    pub(super) every: Duration,
}

impl Heads {
    /// Until it is cancelled.
    pub(super) async fn run(self, cancel: CancellationToken) {
        let mut pause = self.every;
        while !cancel.is_cancelled() {
            pause = match self.look(Timestamp::now()).await {
                Ok(()) => self.every,
                Err(why) => {
                    tracing::warn!(why, "the audit's head was not posted");
                    (pause * 2).min(LONGEST.max(self.every))
                }
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn look(&self, now: Timestamp) -> Result<(), String> {
        let words = |error: LedgerError| error.to_string();
        let day = now.strftime("%Y-%m-%d").to_string();
        if self.store.get(POSTED).await.map_err(words)?.as_deref() == Some(day.as_str()) {
            return Ok(());
        }
        let Some(head) = self.head_of(&day).await.map_err(words)? else {
            return Ok(());
        };
        let posted = self.post(&day, &head).await;
        let done = match &posted {
            Ok(()) => self.posted(&day, now).await,
            Err(why) => self.missing(why, now).await,
        };
        done.map_err(words)?;
        posted
    }

    /// The head of a day: chosen once, so that each try posts the same.
    async fn head_of(&self, day: &str) -> Result<Option<String>, LedgerError> {
        let stored = self.store.get(HEAD).await?.unwrap_or_default();
        if let Some(head) = stored.strip_prefix(day) {
            return Ok(Some(head.trim().to_owned()));
        }
        let head = self.store.audit_head().await?;
        if head.seq == 0 {
            return Ok(None);
        }
        self.store.put(HEAD, &format!("{day} {head}")).await?;
        Ok(Some(head.to_string()))
    }

    /// Posts it, unless an earlier try arrived.
    async fn post(&self, day: &str, head: &str) -> Result<(), String> {
        if self.witness.heads(1).await?.iter().any(|seen| seen.day == day) {
            return Ok(());
        }
        let rows = head
            .split(':')
            .next()
            .and_then(|seq| seq.parse().ok())
            .unwrap_or(0);
        let command = "ceo-bot audit verify --witness SEQ:HASH";
        let report = Report::new(Tone::Info, texts::audit_head(rows, day))
            .line(texts::head(head))
            .line(texts::what_a_head_is_for(command));
        self.witness.post(head, &report).await
    }

    async fn posted(&self, day: &str, now: Timestamp) -> Result<(), LedgerError> {
        if self.store.outbox_row(MESSAGE).await?.is_some_and(|row| !row.last) {
            self.tell(Report::new(Tone::Good, texts::heads_again()), true)
                .await?;
        }
        self.store
            .put(POSTED_AT, &now.as_millisecond().to_string())
            .await?;
        self.store.put(POSTED, day).await
    }

    /// Tells people once a day went by without a head.
    async fn missing(&self, why: &str, now: Timestamp) -> Result<(), LedgerError> {
        let stored = self.store.get(POSTED_AT).await?;
        let last = stored
            .and_then(|at| at.parse().ok())
            .and_then(|at| Timestamp::from_millisecond(at).ok());
        let Some(last) = last else {
            return self.store.put(POSTED_AT, &now.as_millisecond().to_string()).await;
        };
        if !is_overdue(last, now) {
            return Ok(());
        }
        let report = Report::new(Tone::Bad, texts::no_head())
            .line(texts::no_head_since(last))
            .line(texts::head_refused(why));
        self.tell(report, false).await
    }

    async fn tell(&self, report: Report, last: bool) -> Result<(), LedgerError> {
        let post = Post {
            key: MESSAGE.to_owned(),
            channel: self.alerts,
            report,
            priority: Priority::Alert,
            last,
        };
        let commit = Commit {
            posts: vec![post],
            ..Commit::default()
        };
        self.store.commit(commit).await.map(drop)
    }
}

fn is_overdue(last: Timestamp, now: Timestamp) -> bool {
    since(last, now) > OVERDUE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_a_head_is_told_and_an_hour_is_not() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        assert!(!is_overdue(at(100), at(124)));
        assert!(is_overdue(at(100), at(126)));
        assert!(!is_overdue(at(126), at(100)), "a clock that was set back");
    }
}
