//! What one person shall read of a ticket: in their own note while it can be changed, later as a reply that mentions them.

use ceo_commands::{
    model::{ChannelId, TicketId, Timestamp, UserId},
    ports::Posted,
};
use serde_json::json;
use tokio::time::Instant;

use super::{
    trouble::Waits,
    worker::{Outcome, Worker, nonce},
};
use crate::discord::{
    draw::Wall,
    notes::Note,
    ports::{Delivery, OutboxRow},
    render::{self, Drawn},
    rest::code,
};

/// What an asker's note is about, in the key of its row.
const NEWS: &str = "news:";

impl Worker {
    /// Tells it. What is no end is told in the note alone: nobody is called for every step.
    pub(super) async fn tell(&mut self, row: &OutboxRow, person: UserId) -> Outcome {
        let Some(ticket) = row.report.ticket else {
            tracing::error!(key = row.key, "news that name no ticket");
            return Outcome::Left;
        };
        let note = self
            .notes
            .of(ticket, Instant::now())
            .filter(|_| row.key.starts_with(NEWS));
        if let Some(note) = note {
            match self.change_note(row, &note).await {
                Ok(delivery) => return Outcome::Told(delivery),
                Err(error) if error.passing() => return Outcome::Again(Waits::Rest(error)),
                Err(error) => {
                    let gone = [code::UNKNOWN_MESSAGE, code::UNKNOWN_WEBHOOK, code::BAD_TOKEN];
                    if !error.code().is_some_and(|code| gone.contains(&code)) {
                        tracing::warn!(%ticket, %error, "the note of an asker could not be changed");
                    }
                    self.notes.forget(ticket);
                }
            }
        }
        if !row.last {
            return Outcome::Left;
        }
        self.reply(row, ticket, person).await
    }

    async fn draw_for(&self, row: &OutboxRow, locale: ceo_commands::model::Locale) -> Drawn {
        let wall = Wall {
            locale,
            ..crate::discord::wall(self.rows.as_ref(), &row.report, self.settings.guild).await
        };
        render::draw(&row.report, &wall)
    }

    async fn change_note(
        &self,
        row: &OutboxRow,
        note: &Note,
    ) -> Result<Delivery, crate::discord::rest::RestError> {
        let drawn = self.draw_for(row, note.locale).await;
        self.rest
            .edit_original(&note.reach, &drawn.uploading(), &drawn.files)
            .await?;
        // No message of a channel: what comes after it is looked at anew.
        Ok(self.told(row, &drawn, ChannelId(0), 0))
    }

    /// Replies to the ticket's message. A ticket that has none was asked for and given up in private.
    async fn reply(&mut self, row: &OutboxRow, ticket: TicketId, person: UserId) -> Outcome {
        let card = match self.rows.row(&format!("ticket:{ticket}")).await {
            Ok(card) => card.and_then(|card| card.message),
            Err(error) => return Outcome::Again(error.into()),
        };
        let Some(card) = card else {
            return Outcome::Left;
        };
        if let Err(error) = self.rows.attempt(&row.key).await {
            return Outcome::Again(error.into());
        }
        let drawn = self.draw_for(row, self.settings.language).await;
        let mut body = drawn.uploading();
        body["content"] = json!(format!("<@{person}>"));
        body["allowed_mentions"] = json!({"parse": [], "users": [person.to_string()]});
        body["nonce"] = json!(nonce(&row.key, row.channel, Some(card)));
        body["enforce_nonce"] = json!(true);
        body["message_reference"] = json!({
            "message_id": card.to_string(),
            "channel_id": row.channel.to_string(),
            "guild_id": self.settings.guild.to_string(),
            "fail_if_not_exists": false,
        });
        self.spend();
        let answer = match self.rest.post(row.channel.0, &body, &drawn.files).await {
            Ok(answer) => answer,
            Err(error) => return self.failed(&error),
        };
        match answer["id"].as_str().and_then(|id| id.parse().ok()) {
            Some(message) => Outcome::Told(self.told(row, &drawn, row.channel, message)),
            None => Outcome::Again(Waits::Unnamed),
        }
    }

    fn told(&self, row: &OutboxRow, drawn: &Drawn, channel: ChannelId, message: u64) -> Delivery {
        Delivery {
            key: row.key.clone(),
            version: row.version,
            hash: drawn.hash(),
            posted: Posted { channel, message },
            at: Timestamp::now(),
        }
    }
}
