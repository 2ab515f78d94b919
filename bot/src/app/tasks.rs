//! The bot's tasks, by name. None is meant to end before it is cancelled.

use std::collections::HashMap;

use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// Which task ended, and why.
pub(super) struct End {
    /// Its name.
    pub(super) name: String,
    /// Why, in a sentence.
    pub(super) why: String,
}

/// All tasks.
#[derive(Default)]
pub(super) struct Tasks {
    set: JoinSet<anyhow::Result<()>>,
    running: HashMap<Id, (String, CancellationToken)>,
}

impl Tasks {
    /// Starts a task that may end once `cancel` is cancelled.
    pub(super) fn spawn(
        &mut self,
        name: impl Into<String>,
        cancel: &CancellationToken,
        work: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        let name = name.into();
        let span = tracing::info_span!("task", name);
        let handle = self.set.spawn(work.instrument(span));
        self.running.insert(handle.id(), (name, cancel.clone()));
    }

    /// Until a task ends that should not have.
    pub(super) async fn first_end(&mut self) -> End {
        loop {
            if let Some(end) = self.next_end().await {
                return end;
            }
        }
    }

    /// Until a task of that name has ended; what else ends meanwhile is told when it should not have.
    pub(super) async fn wait_for(&mut self, name: &str) {
        while self.running.values().any(|(running, _)| running == name) {
            self.tell_next().await;
        }
    }

    /// Until all have ended.
    pub(super) async fn wait_for_all(&mut self) {
        while !self.running.is_empty() {
            self.tell_next().await;
        }
    }

    async fn tell_next(&mut self) {
        if let Some(end) = self.next_end().await {
            tracing::error!(task = end.name, why = end.why, "a part of the bot ended badly");
        }
    }

    /// The names of those that run.
    pub(super) fn names(&self) -> Vec<&str> {
        self.running.values().map(|(name, _)| name.as_str()).collect()
    }

    async fn next_end(&mut self) -> Option<End> {
        let Some(ended) = self.set.join_next_with_id().await else {
            // Nothing runs: whoever asked for an end waits for ever, and none of the callers asks then.
            return std::future::pending().await;
        };
        let (id, why) = match ended {
            Ok((id, Ok(()))) => (id, None),
            Ok((id, Err(error))) => (id, Some(format!("{error:#}"))),
            Err(error) => (error.id(), Some(format!("it panicked: {error}"))),
        };
        let (name, cancel) = self.running.remove(&id)?;
        match why {
            Some(why) => Some(End { name, why }),
            None if cancel.is_cancelled() => None,
            None => Some(End {
                name,
                why: "it came to an end".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_that_ends_on_its_own_is_named() {
        let cancel = CancellationToken::new();
        let mut tasks = Tasks::default();
        tasks.spawn("idle", &cancel, std::future::pending());
        tasks.spawn("broken", &cancel, async { anyhow::bail!("no more paper") });
        let end = tasks.first_end().await;
        assert_eq!((end.name.as_str(), end.why.as_str()), ("broken", "no more paper"));
        assert_eq!(tasks.names(), ["idle"]);
        tasks.spawn("finished", &cancel, async { Ok(()) });
        assert_eq!(tasks.first_end().await.name, "finished");
        tasks.spawn("panicking", &cancel, async { panic!("at the disco") });
        assert!(tasks.first_end().await.why.contains("at the disco"));
    }

    #[tokio::test]
    async fn a_cancelled_task_may_end() {
        let (stopped, on) = (CancellationToken::new(), CancellationToken::new());
        let mut tasks = Tasks::default();
        stopped.cancel();
        tasks.spawn("stopped", &stopped, async { Ok(()) });
        tasks.wait_for("stopped").await;
        tasks.spawn("on", &on, async { Ok(()) });
        assert_eq!(tasks.first_end().await.name, "on");
        tasks.wait_for_all().await;
    }
}
