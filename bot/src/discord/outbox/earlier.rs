//! A post whose answer was lost may have been taken all the same. Discord knows its nonce for a few minutes only; later the
//! message is found by what its buttons say, so that nobody sees two cards of one thing.

use ceo_commands::model::Act;
use serde_json::{Value as Json, json};
use serenity::http::{LightMethod, Route};

use super::worker::Worker;
use crate::discord::{
    components::parse_id,
    ports::OutboxRow,
    rest::{Call, RestError},
};

/// Messages that Discord lists at once.
const PAGE: u32 = 100;

impl Worker {
    /// The bot's own messages of a row among the newest of its channel, newest first.
    ///
    /// # Errors
    /// When Discord does not list them.
    pub(super) async fn earlier(&self, row: &OutboxRow) -> Result<Vec<Json>, RestError> {
        let me = self.rest.once(Call::new(LightMethod::Get, Route::UserMe)).await?;
        let mut call = Call::new(
            LightMethod::Get,
            Route::ChannelMessages {
                channel_id: row.channel.0.max(1).into(),
            },
        );
        call.params = Some(vec![("limit", PAGE.to_string())]);
        let page = self.rest.once(call).await?;
        let all = page.as_array().into_iter().flatten();
        let own = all.filter(|message| message["author"]["id"] == me["id"] && is_of(message, &row.key));
        Ok(own.cloned().collect())
    }

    /// Takes the buttons off the cards besides the one that is kept up to date.
    pub(super) async fn end_doubles(&mut self, row: &OutboxRow, doubles: &[Json]) {
        for double in doubles {
            let Some(message) = id_of(double) else { continue };
            let at = ceo_commands::ports::Posted {
                channel: row.channel,
                message,
            };
            self.spend();
            if let Err(error) = self.rest.edit(at, &json!({"components": []}), &[]).await {
                tracing::warn!(key = row.key, %error, "a card's double keeps its buttons");
            }
        }
    }
}

/// The number of a message.
pub(super) fn id_of(message: &Json) -> Option<u64> {
    message["id"].as_str()?.parse().ok()
}

/// Whether a message is a row's card: one of its buttons decides about just that.
fn is_of(message: &Json, key: &str) -> bool {
    let rows = message["components"].as_array().into_iter().flatten();
    let buttons = rows.flat_map(|row| row["components"].as_array().into_iter().flatten());
    buttons
        .filter_map(|button| parse_id(button["custom_id"].as_str()?).ok())
        .any(|id| kind_of(id.act).is_some_and(|kind| key == format!("{kind}:{}", id.subject)))
}

/// What a button decides about, as keys begin; `None`: it leads elsewhere, and stands on cards of other things as well.
fn kind_of(act: Act) -> Option<&'static str> {
    match act {
        Act::Confirm
        | Act::Cancel
        | Act::Approve
        | Act::Deny
        | Act::Hold
        | Act::Resume
        | Act::RollBackNow
        | Act::Promote => Some("ticket"),
        Act::Ack | Act::Silence => Some("incident"),
        Act::Stop | Act::Page | Act::Run | Act::Logs | Act::Diagnose | Act::Continue => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_known_by_what_its_buttons_decide() {
        let message =
            |id: &str| json!({"components": [{"type": 1, "components": [{"type": 2, "custom_id": id}]}]});
        for (id, key, is) in [
            ("v1:approve:13", "ticket:13", true),
            ("v1:deny:13", "ticket:13", true),
            ("v1:approve:13", "ticket:1", false),
            ("v1:approve:13", "incident:13", false),
            ("v1:ack:7", "incident:7", true),
            ("v1:run:status:workload=x", "ticket:13", false),
            ("v0:approve:13", "ticket:13", false),
        ] {
            assert_eq!(is_of(&message(id), key), is, "{id} of {key}");
        }
        assert!(!is_of(&json!({"components": []}), "ticket:13"));
    }
}
