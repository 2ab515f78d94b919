//! The witness of the audit: a channel in which heads of the chain are posted and nothing is ever changed. Whoever holds
//! the database cannot rewrite what stands there: no stored row leads to a message of it, and `Rest` edits none.

use std::{collections::BTreeMap, sync::Arc};

use ceo_commands::model::{ChannelId, Report};
use serde_json::{Value as Json, json};
use serenity::http::{LightMethod, Route};
use sha2::{Digest, Sha256};

use super::{
    draw, render,
    rest::{Call, Rest},
    settings::DiscordSettings,
};

/// Messages that Discord lists at once.
const PAGE: usize = 100;
/// Discord's limit for a nonce.
const NONCE: usize = 25;

/// The channel.
pub struct Witness {
    rest: Arc<Rest>,
    settings: Arc<DiscordSettings>,
    channel: ChannelId,
}

/// A head that stands in the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `SEQ:HASH`.
    pub head: String,
    /// The day on which Discord took it (UTC), `2026-11-25`.
    pub day: String,
    /// When it was edited, in Discord's words. The bot edits none.
    pub edited: Option<String>,
}

impl Witness {
    pub(super) fn new(rest: Arc<Rest>, settings: Arc<DiscordSettings>, channel: ChannelId) -> Self {
        Self {
            rest,
            settings,
            channel,
        }
    }

    /// The heads among the newest messages, newest first; at most so many pages of a hundred are read.
    ///
    /// # Errors
    /// When Discord does not give them, in words.
    pub async fn heads(&self, pages: usize) -> Result<Vec<Seen>, String> {
        let words = |error: super::rest::RestError| error.to_string();
        let me = self.rest.once(Call::new(LightMethod::Get, Route::UserMe)).await;
        let me = me.map_err(words)?["id"].as_str().unwrap_or_default().to_owned();
        let mut heads = Vec::new();
        let mut before: Option<String> = None;
        for _ in 0..pages {
            let route = Route::ChannelMessages {
                channel_id: self.channel.0.max(1).into(),
            };
            let mut call = Call::new(LightMethod::Get, route);
            let before_it = before.take().map(|id| ("before", id));
            call.params = Some(
                [("limit", PAGE.to_string())]
                    .into_iter()
                    .chain(before_it)
                    .collect(),
            );
            let page = self.rest.once(call).await.map_err(words)?;
            let page = page.as_array().cloned().unwrap_or_default();
            heads.extend(page.iter().filter_map(|message| seen(message, &me)));
            before = page
                .last()
                .and_then(|message| message["id"].as_str())
                .map(str::to_owned);
            if page.len() < PAGE {
                break;
            }
        }
        Ok(heads)
    }

    /// Posts a head. Twice the same within some minutes is once.
    ///
    /// # Errors
    /// When Discord does not take it, in words.
    pub async fn post(&self, head: &str, report: &Report) -> Result<(), String> {
        let wall = draw::Wall {
            guild: self.settings.guild,
            files: BTreeMap::new(),
            locale: self.settings.language,
            ..draw::Wall::default()
        };
        let mut body = render::draw(report, &wall).uploading();
        let nonce = hex::encode(Sha256::digest(format!("{}\n{head}", self.channel)));
        body["nonce"] = json!(nonce.chars().take(NONCE).collect::<String>());
        body["enforce_nonce"] = json!(true);
        body["allowed_mentions"] = json!({ "parse": [] });
        let posted = self.rest.post(self.channel.0, &body, &[]).await;
        posted.map(drop).map_err(|error| error.to_string())
    }
}

/// The head in a message that the bot itself posted. An answer to a command shows what others wrote, and is none.
fn seen(message: &Json, me: &str) -> Option<Seen> {
    let plain = message["type"] == 0
        && message["webhook_id"].is_null()
        && message["interaction_metadata"].is_null()
        && message["author"]["id"].as_str() == Some(me);
    let texts = [
        message["content"].as_str(),
        message["embeds"][0]["description"].as_str(),
    ];
    let head = texts.into_iter().flatten().find_map(head_in).filter(|_| plain)?;
    let day = message["timestamp"].as_str()?.get(..10)?.to_owned();
    let edited = message["edited_timestamp"].as_str().map(str::to_owned);
    Some(Seen { head, day, edited })
}

/// `SEQ:HASH` within a text.
fn head_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':'));
    let is_head = |word: &&str| {
        word.split_once(':').is_some_and(|(seq, hash)| {
            let digits = !seq.is_empty() && seq.bytes().all(|b| b.is_ascii_digit());
            digits && hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    words.into_iter().find(is_head).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_bot_itself_posted_is_a_head() {
        let head = format!("41:{}", "0f".repeat(32));
        let message = |more: Json| {
            let mut message = json!({"type": 0, "author": {"id": "9"}, "content": "", "timestamp": "2026-11-25T03:00:00.000000+00:00",
                "edited_timestamp": null, "embeds": [{"description": format!("Head `{head}`\nfor later")}]});
            for (key, value) in more.as_object().into_iter().flatten() {
                message[key] = value.clone();
            }
            message
        };
        let found = seen(&message(json!({})), "9").unwrap();
        assert_eq!(
            (found.head.as_str(), found.day.as_str(), found.edited),
            (head.as_str(), "2026-11-25", None)
        );
        for other in [
            json!({"author": {"id": "8"}}),
            json!({"type": 20}),
            json!({"webhook_id": "7"}),
            json!({"interaction_metadata": {"id": "7"}}),
            json!({"embeds": []}),
            json!({"embeds": [{"description": "Head `41:00ff`"}]}),
        ] {
            assert_eq!(seen(&message(other.clone()), "9"), None, "{other}");
        }
        let edited = message(json!({"edited_timestamp": "2026-11-25T04:00:00+00:00"}));
        assert!(seen(&edited, "9").unwrap().edited.is_some());
    }
}
