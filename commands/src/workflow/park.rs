//! `park`: ends the task and keeps the ticket, until a time or a person's sign-off.

use super::Run;
use crate::{
    failure::Failure,
    model::{Act, Action, Report, Style, ago},
    texts,
    ticket::{Parked, Until, Woken},
};

impl Run<'_> {
    /// Puts the run aside. It holds no lease, no target and no memory meanwhile, so others may write; who wakes it takes
    /// the targets again, judges again, and holds the world against the fields as the last steps left them. Nothing is
    /// parked on hold: a rollout that was paused is resumed first.
    ///
    /// # Errors
    /// When the run was taken over by another process.
    pub async fn park(&self, step: &str, until: Until, report: Report) -> Result<Woken, Failure> {
        if let Some(stored) = self.stored(step)? {
            return Ok(stored);
        }
        if let Some(woken) = self.journal.woken(step) {
            self.finish(step, &woken).await?;
            return Ok(woken);
        }
        self.checkpoint().await?;
        let ticket = self.permit().ticket();
        let report = match &until {
            Until::Time(_) => report,
            Until::SignOff { question, lapses, .. } => report
                .line(question.clone().and(" ").and(ago(*lapses)))
                .action(Action::new(
                    Act::Approve,
                    ticket,
                    texts::workflow::approve(),
                    Style::Success,
                ))
                .action(Action::new(
                    Act::Deny,
                    ticket,
                    texts::workflow::deny(),
                    Style::Danger,
                )),
        };
        let report = self.with_steps(report);
        let parked = Parked {
            step: step.to_owned(),
            until,
        };
        self.journal.park(parked, report).await?;
        // The task ends here: whoever drives it drops it.
        std::future::pending().await
    }
}
