//! `checkpoint`: obeys what buttons said.

use super::Run;
use crate::{
    failure::Failure,
    model::{Act, Action, Report, Style, Text, Tone},
    texts,
    ticket::Directive,
};

/// What the run is to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Go on.
    Continue,
    /// End without finishing.
    Cancel,
    /// Skip the rest of a soak.
    Promote,
    /// Turn back.
    RollBack,
}

impl Run<'_> {
    /// What a button told the run last.
    #[must_use]
    pub fn directive(&self) -> Directive {
        self.journal.directive()
    }

    /// Obeys what buttons said, between steps. On hold it stands still, and its deadline with it, until somebody says
    /// otherwise; a hold that nobody ends lapses loudly.
    ///
    /// # Errors
    /// When the run was taken over by another process.
    pub async fn checkpoint(&self) -> Result<Told, Failure> {
        self.checkpoint_in(None).await
    }

    /// The same, saying in which state the object is left meanwhile.
    ///
    /// # Errors
    /// As [`Self::checkpoint`].
    pub async fn checkpoint_in(&self, state: Option<Text>) -> Result<Told, Failure> {
        loop {
            match self.directive() {
                Directive::Continue => return Ok(Told::Continue),
                Directive::Cancel => return Ok(Told::Cancel),
                Directive::Promote => return Ok(Told::Promote),
                Directive::RollBack => return Ok(Told::RollBack),
                Directive::Hold => self.stand_still(state.clone()).await?,
            }
        }
    }

    async fn stand_still(&self, state: Option<Text>) -> Result<(), Failure> {
        let length = self.timing().hold_within;
        let until = self
            .now()
            .checked_add(length)
            .unwrap_or(crate::model::Timestamp::MAX);
        let ticket = self.permit().ticket();
        let report = Report::new(Tone::Waiting, texts::workflow::on_hold())
            .lines(state)
            .line(texts::workflow::hold_lapses(until))
            .action(Action::new(
                Act::Resume,
                ticket,
                texts::workflow::resume(),
                Style::Primary,
            ))
            .action(Action::new(
                Act::RollBackNow,
                ticket,
                texts::workflow::roll_back_now(),
                Style::Danger,
            ));
        self.show(report).await?;
        self.journal.on_hold(true);
        let told = tokio::time::timeout(length, self.journal.directed(Directive::Hold)).await;
        self.journal.on_hold(false);
        if told.is_err() {
            tracing::warn!(%ticket, "a hold lapsed; the run goes on");
            self.journal.hold_lapsed().await?;
        }
        Ok(())
    }
}
