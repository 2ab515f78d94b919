//! From an interaction to its answer. The first response goes out within three seconds whatever happens; every way out of a
//! handler, a panic and a deadline included, tells the person something.

mod answer;
mod left_views;
mod live;
mod live_views;
mod read;
mod seen;
mod state;
mod unanswered;
mod words;

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, PoisonError},
    time::Duration,
};

use ceo_commands::{
    engine::{Ask, Choice, Form, Opening, Partial, Press, Reply},
    model::{Act, Locale, Reference},
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Value as Json, json};
use serenity::all::Interaction;
use tokio::time::Instant;

pub(super) use self::state::Intake;
use self::{
    answer::{First, Opened},
    live::LiveView,
    read::{Origin, Request},
    words::Trouble,
};
use super::{
    components::{self, Extra},
    ports::Dispatcher,
    rest::Reach,
    text,
};

/// Most choices of a completion, and the bound of their texts.
const CHOICES: usize = 25;
const CHOICE: usize = 100;

impl Intake {
    /// Waits until what is being answered is answered, at most so long.
    pub(super) async fn drain(&self, within: Duration) {
        self.tasks.close();
        if tokio::time::timeout(within, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                open = self.tasks.len(),
                "interactions were still being answered at the end"
            );
        }
    }

    /// Handles one interaction in a task of its own.
    pub(super) fn take(self: &Arc<Self>, interaction: Interaction) {
        if !self.is_first(interaction.id().get()) {
            tracing::debug!(interaction = interaction.id().get(), "delivered twice");
            return;
        }
        let intake = Arc::clone(self);
        let id = interaction.id().get();
        self.unanswered.came(id);
        self.tasks.spawn(async move {
            if let Some((origin, request)) = read::read(interaction, &intake.settings.places) {
                intake.handle(origin, request).await;
            }
            intake.unanswered.answered(id);
        });
    }

    /// Answers an interaction that serenity could not read, from the two words that an answer needs.
    pub(super) fn take_unreadable(self: &Arc<Self>, raw: &Json) {
        let number = |v: &Json| {
            v.as_str()
                .and_then(|t| t.parse::<u64>().ok())
                .or_else(|| v.as_u64())
        };
        let (Some(id), Some(token)) = (number(&raw["id"]), raw["token"].as_str()) else {
            tracing::error!("an interaction without an id or a token cannot be answered");
            return;
        };
        if !self.is_first(id) {
            return;
        }
        let reference = Reference::new();
        tracing::error!(interaction = id, %reference, kind = %raw["type"], "an interaction could not be read");
        self.signals.handled("unparsed");
        let locale = Locale::from_tag(raw["locale"].as_str().unwrap_or_default());
        let body = if raw["type"].as_u64() == Some(4) {
            json!({"type": 8, "data": {"choices": []}})
        } else {
            answer::message(&Trouble::Unreadable.report(&reference), locale)
        };
        let reach = Reach {
            application: number(&raw["application_id"]).unwrap_or_default(),
            token: token.to_owned(),
        };
        let intake = Arc::clone(self);
        self.tasks.spawn(async move {
            intake.first_response(id, &reach, &body, Instant::now()).await;
        });
    }

    fn is_first(&self, id: u64) -> bool {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .first(id, Instant::now())
    }

    async fn handle(&self, origin: Origin, request: Request) {
        let (kind, words) = (request.kind(), request.log_name());
        let outcome = match request {
            Request::Suggest(partial) => self.suggest(&origin, partial).await,
            _ if origin.guild != Some(self.settings.guild) => self.trouble(&origin, Trouble::Elsewhere).await,
            Request::Old(_) | Request::Strange(_) => self.trouble(&origin, Trouble::Old).await,
            Request::Command(ask) => {
                let opening = self
                    .decide(|engine| engine.opening(&ask))
                    .map(|o| Opened::of(o, false));
                let command = ask.clone();
                self.work(&origin, opening, Some(&command), || self.engine.submit(ask))
                    .await
            }
            Request::Press(press, extra) => match self.complete(press, extra).await {
                Some(press) => self.handle_press(&origin, press).await,
                None => self.trouble(&origin, Trouble::Old).await,
            },
        };
        self.signals.handled(outcome);
        tracing::info!(
            interaction = origin.id,
            actor = %origin.actor.user,
            command = words,
            kind,
            outcome,
            took = ?origin.received.elapsed(),
            "interaction"
        );
    }

    async fn handle_press(&self, origin: &Origin, press: Press) -> &'static str {
        if press.act == Act::Stop
            && let Some(outcome) = self.stop_view(origin, &press).await
        {
            return outcome;
        }
        let opening = self
            .decide(|engine| engine.opening_of_press(&press))
            .map(|opening| {
                // A form cannot follow a form.
                let after_form = press.form.is_some() && matches!(opening, Opening::Modal(_));
                Opened::of(
                    if after_form { Opening::Private } else { opening },
                    press.on_private,
                )
            });
        self.work(origin, opening, None, || self.engine.press(press))
            .await
    }

    /// Fetches a button's text from the store where it stands there. `None` when it does not any more.
    async fn complete(&self, mut press: Press, extra: Option<Extra>) -> Option<Press> {
        let Some(Extra::Stored(key)) = extra else {
            return Some(press);
        };
        match tokio::time::timeout(Duration::from_secs(1), self.rows.get(&key)).await {
            Ok(Ok(Some(text))) => {
                press.extra = Some(text);
                Some(press)
            }
            Ok(Ok(None)) => None,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a button's text could not be read");
                None
            }
            Err(_) => {
                tracing::warn!("a button's text could not be read in time");
                None
            }
        }
    }

    /// Asks the engine how to open. `None` when it panicked.
    fn decide(&self, opening: impl FnOnce(&dyn Dispatcher) -> Opening) -> Option<Opening> {
        std::panic::catch_unwind(AssertUnwindSafe(|| opening(self.engine.as_ref()))).ok()
    }

    /// Opens, works, answers. Gives the word for metrics.
    async fn work<'a>(
        &'a self,
        origin: &Origin,
        opening: Option<Result<Opened, Form>>,
        command: Option<&Ask>,
        start: impl FnOnce() -> BoxFuture<'a, Reply>,
    ) -> &'static str {
        let opened = match opening {
            None => return self.failed_before_it_began(origin).await,
            Some(Err(form)) => return self.show_form(origin, &form).await,
            Some(Ok(opened)) => opened,
        };
        match self
            .first_response(origin.id, &origin.reach, &opened.body(), origin.received)
            .await
        {
            First::Accepted => self.signals.acknowledged("work", origin.received.elapsed()),
            First::Taken => return "repeated",
            First::Lost => return "late",
        }
        self.unanswered.answered(origin.id);
        self.unanswered.nobody().await;
        let until = origin.received + self.settings.timing.handle;
        let turn =
            tokio::time::timeout(self.settings.timing.turn, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            tracing::warn!(interaction = origin.id, "too many interactions at once");
            self.say(origin, opened, Trouble::Busy, &Reference::new()).await;
            return "busy";
        };
        let reply = tokio::time::timeout_at(until, AssertUnwindSafe(start()).catch_unwind()).await;
        drop(turn);
        match reply {
            Ok(Ok(reply)) => self.answer(origin, opened, reply, command).await,
            Ok(Err(_)) => {
                let reference = Reference::new();
                tracing::error!(interaction = origin.id, %reference, "a handler panicked");
                self.say(origin, opened, Trouble::Failed, &reference).await;
                "failed"
            }
            Err(_) => {
                let reference = Reference::new();
                tracing::error!(interaction = origin.id, %reference, "a handler exceeded its deadline");
                self.say(origin, opened, Trouble::Late, &reference).await;
                "failed"
            }
        }
    }

    async fn failed_before_it_began(&self, origin: &Origin) -> &'static str {
        tracing::error!(
            interaction = origin.id,
            "the engine panicked while it decided how to answer"
        );
        self.trouble(origin, Trouble::Failed).await;
        "failed"
    }

    async fn show_form(&self, origin: &Origin, form: &Form) -> &'static str {
        let drawn = components::form(form, origin.locale);
        let (data, keep) = match drawn {
            Ok(drawn) => drawn,
            Err(error) => {
                tracing::error!(%error, "a form could not be drawn");
                return self.trouble(origin, Trouble::Failed).await;
            }
        };
        if !self.store_texts(keep.as_slice()).await {
            return self.trouble(origin, Trouble::Failed).await;
        }
        let body = json!({"type": 9, "data": data});
        match self
            .first_response(origin.id, &origin.reach, &body, origin.received)
            .await
        {
            First::Accepted => {
                self.signals.acknowledged("form", origin.received.elapsed());
                "form"
            }
            First::Taken => "repeated",
            First::Lost => "late",
        }
    }

    /// Shows the engine's reply. Gives the word for metrics.
    async fn answer(
        &self,
        origin: &Origin,
        opened: Opened,
        reply: Reply,
        command: Option<&Ask>,
    ) -> &'static str {
        match reply {
            Reply::Told {
                report,
                private,
                note,
                ..
            } => {
                if let Some(ticket) = note.filter(|_| opened.is_private()) {
                    let reach = origin.reach.clone();
                    self.notes.keep(ticket, reach, origin.locale, origin.received);
                }
                self.tell(origin, opened, &report, private).await;
                "told"
            }
            Reply::Live { view, owner, stream } => {
                let locale = self.language(origin, opened.is_private());
                let view = LiveView::new(view, owner, command, locale);
                self.live(origin, view, stream).await;
                "live"
            }
            Reply::Repeated => {
                // The first handling answers; what this one opened is taken away.
                if !matches!(opened, Opened::Replaced { .. })
                    && let Err(error) = self.rest.delete_original(&origin.reach).await
                {
                    tracing::debug!(interaction = origin.id, %error, "nothing to take away");
                }
                "repeated"
            }
        }
    }

    /// A first response that says what is the matter, to the asker alone.
    async fn trouble(&self, origin: &Origin, trouble: Trouble) -> &'static str {
        let reference = Reference::new();
        tracing::info!(interaction = origin.id, ?trouble, %reference, "answered without the engine");
        let body = answer::message(&trouble.report(&reference), origin.locale);
        match self
            .first_response(origin.id, &origin.reach, &body, origin.received)
            .await
        {
            First::Accepted => "told",
            First::Taken => "repeated",
            First::Lost => "late",
        }
    }

    async fn suggest(&self, origin: &Origin, partial: Partial) -> &'static str {
        let within = self.settings.timing.suggest;
        let suggested = AssertUnwindSafe(self.engine.suggest(partial)).catch_unwind();
        let choices = match tokio::time::timeout(within, suggested).await {
            _ if origin.guild != Some(self.settings.guild) => Vec::new(),
            Ok(Ok(choices)) => choices,
            Ok(Err(_)) => {
                tracing::error!(interaction = origin.id, "a completion panicked");
                Vec::new()
            }
            Err(_) => {
                tracing::warn!(
                    interaction = origin.id,
                    ?within,
                    "a completion was not ready in time"
                );
                Vec::new()
            }
        };
        let body = json!({"type": 8, "data": {"choices": choices_json(&choices)}});
        match self
            .first_response(origin.id, &origin.reach, &body, origin.received)
            .await
        {
            First::Accepted => {
                self.signals.acknowledged("suggest", origin.received.elapsed());
                "told"
            }
            First::Taken => "repeated",
            First::Lost => "late",
        }
    }
}

/// The choices that Discord takes: a value that is too long cannot be sent back, so it is left out, not cut.
fn choices_json(choices: &[Choice]) -> Vec<Json> {
    choices
        .iter()
        .filter(|choice| !choice.value.is_empty() && text::units(&choice.value) <= CHOICE)
        .take(CHOICES)
        .map(|choice| {
            let name = text::cut(text::clean(&choice.name).trim(), CHOICE);
            let name = if name.is_empty() {
                choice.value.clone()
            } else {
                name
            };
            json!({"name": name, "value": choice.value})
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_keep_discords_bounds() {
        let choice = |name: &str, value: &str| Choice {
            name: name.into(),
            value: value.into(),
        };
        let long = "x".repeat(101);
        let mut all = vec![
            choice(&long, "a"),
            choice("b", &long),
            choice("", "c"),
            choice("d", ""),
        ];
        all.extend((0..40).map(|n| choice("n", &n.to_string())));
        let json = choices_json(&all);
        assert_eq!(json.len(), 25);
        assert_eq!(json[0]["value"], "a");
        assert!(
            json.iter()
                .all(|c| c["name"].as_str().unwrap().chars().count() <= 100)
        );
        assert_eq!(json[1], serde_json::json!({"name": "c", "value": "c"}));
    }
}
