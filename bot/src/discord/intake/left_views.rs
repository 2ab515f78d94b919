//! Live views that a process left standing when it died: the next one says under them that they ended, while their tokens
//! live, and offers to begin again.

use std::{sync::Arc, time::Duration};

use ceo_commands::model::{Action, Locale, Report, Text, Timestamp, Tone};
use serde_json::json;

use super::{
    live_views::{LeftView, LeftViews},
    read::Origin,
    state::Intake,
};
use crate::discord::{draw::Wall, render, rest::Reach};

/// Where they are kept: all of them in one value, each until it is over.
const KEY: &str = "live_views";
/// So long an interaction can be answered.
const TOKEN_LIVES: Duration = Duration::from_secs(15 * 60);
/// Between two tries to read what was left.
const AGAIN: Duration = Duration::from_secs(1);

impl Intake {
    /// Keeps a view, so that it can be ended after a crash. `last` is what is said then, with the button that begins again.
    pub(super) async fn keep_view(&self, id: &str, origin: &Origin, locale: Locale, last: Report) {
        let view = LeftView {
            application: origin.reach.application,
            token: origin.reach.token.clone(),
            until: Timestamp::now()
                .checked_add(TOKEN_LIVES)
                .unwrap_or(Timestamp::MAX),
            locale,
            // A button that would repeat a secret is left out here.
            last: self.settings.redactor.report(last),
        };
        let mut shown = self.shown.lock().await;
        shown.insert(id.to_owned(), view);
        self.store_shown(&shown).await;
    }

    /// Forgets a view that is over. Its token must not lie in the store any longer than it is of use: a store that fails
    /// meanwhile is asked again.
    pub(super) async fn forget_view(&self, id: &str) {
        self.shown.lock().await.remove(id);
        loop {
            {
                let shown = self.shown.lock().await;
                if self.store_shown(&shown).await {
                    return;
                }
            }
            tokio::select! {
                () = self.cancel.cancelled() => return,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }

    /// Says whether they are stored.
    async fn store_shown(&self, shown: &LeftViews) -> bool {
        let Ok(json) = serde_json::to_string(shown) else {
            return true;
        };
        let stored = self.rows.put(KEY, &json).await;
        if let Err(error) = &stored {
            tracing::warn!(%error, "the live views were not stored");
        }
        stored.is_ok()
    }

    /// Ends what the process before left standing, beside everything else.
    pub(in crate::discord) fn end_left_views(self: &Arc<Self>) {
        let intake = Arc::clone(self);
        self.tasks.spawn(async move { intake.end_all_left().await });
    }

    async fn end_all_left(&self) {
        let left = loop {
            match self.rows.get(KEY).await {
                Ok(left) => break left,
                // What is left can wait for the store as long as its token lives; each try asks again.
                Err(error) => tracing::debug!(%error, "the live views of before could not be read"),
            }
            tokio::select! {
                () = self.cancel.cancelled() => return,
                () = tokio::time::sleep(AGAIN) => {}
            }
        };
        let left: LeftViews = left
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default();
        for (id, view) in left {
            if view.until > Timestamp::now() && !self.shown.lock().await.contains_key(&id) {
                self.end_left(&view).await;
            }
        }
        let shown = self.shown.lock().await;
        self.store_shown(&shown).await;
    }

    /// Says so above what it showed last, which stays.
    async fn end_left(&self, view: &LeftView) {
        let wall = Wall {
            locale: view.locale,
            ..Wall::default()
        };
        let drawn = render::draw(&view.last, &wall);
        super::super::store_texts(self.rows.as_ref(), &drawn.button_texts).await;
        let body = json!({
            "content": view.last.title.plain_in(view.locale),
            "components": drawn.body["components"],
            "allowed_mentions": {"parse": []},
        });
        let reach = Reach {
            application: view.application,
            token: view.token.clone(),
        };
        if let Err(error) = self.rest.edit_original(&reach, &body, &[]).await {
            tracing::debug!(%error, "a live view of before could not be ended");
        }
    }
}

/// What is said under a view that a crash ended.
pub(super) fn farewell(words: Text, again: Action) -> Report {
    Report::new(Tone::Off, words).action(again)
}
