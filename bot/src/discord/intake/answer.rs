//! The answers to an interaction: the first response, and the one report.

use std::time::Duration;

use ceo_commands::{
    engine::{Form, Opening},
    model::{Locale, Reference, Report},
};
use serde_json::{Value as Json, json};
use tokio::time::Instant;

use super::{read::Origin, state::Intake, words::Trouble};
use crate::discord::{
    components::ButtonText,
    draw::Wall,
    render::{self, Drawn},
    rest::{Reach, RestError, code},
};

/// Only the asker sees the message.
const EPHEMERAL: u64 = 64;
/// Between two tries of the first response.
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// How the interaction was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    Private,
    Public,
    /// The message under the button is the one to edit; whether only the presser sees it.
    Replaced {
        private: bool,
    },
}

impl Opened {
    /// How the engine wants it; an error is the form that comes first.
    pub(super) fn of(opening: Opening, on_private: bool) -> Result<Self, Form> {
        match opening {
            Opening::Private => Ok(Self::Private),
            Opening::Public => Ok(Self::Public),
            Opening::Replace => Ok(Self::Replaced { private: on_private }),
            Opening::Modal(form) => Err(form),
        }
    }

    /// Whether only one person sees what is shown there.
    pub(super) fn is_private(self) -> bool {
        matches!(self, Self::Private | Self::Replaced { private: true })
    }

    /// The callback that opens so.
    pub(super) fn body(self) -> Json {
        match self {
            Self::Private => json!({"type": 5, "data": {"flags": EPHEMERAL}}),
            Self::Public => json!({"type": 5}),
            Self::Replaced { .. } => json!({"type": 6}),
        }
    }
}

/// What became of the first response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// Discord has it.
    Accepted,
    /// Somebody else answered: the interaction was delivered to two of us.
    Taken,
    /// It is too late, or Discord would not have it.
    Lost,
}

/// A first response that says it all, to the asker alone.
pub(super) fn message(report: &Report, locale: Locale) -> Json {
    let wall = Wall {
        locale,
        ..Wall::default()
    };
    let mut data = render::draw(report, &wall).body;
    data["flags"] = json!(EPHEMERAL);
    json!({"type": 4, "data": data})
}

impl Intake {
    /// Sends the first response, again and again until Discord has it or the time is over. A repeated callback does no harm:
    /// Discord answers the second with "already acknowledged", which after a lost answer is good news.
    pub(super) async fn first_response(
        &self,
        id: u64,
        reach: &Reach,
        body: &Json,
        received: Instant,
    ) -> First {
        let timing = &self.settings.timing;
        let until = received + timing.respond;
        let mut tries = 0_u32;
        while tries == 0 || Instant::now() < until {
            let end = until.min(Instant::now() + timing.respond_try);
            let sent = tokio::time::timeout_at(end, self.rest.callback(id, &reach.token, body)).await;
            match sent {
                Ok(Ok(())) => return First::Accepted,
                Ok(Err(error)) if error.code() == Some(code::ACKNOWLEDGED) => {
                    return if tries > 0 { First::Accepted } else { First::Taken };
                }
                Ok(Err(error)) if !error.passing() => {
                    let late = error.code() == Some(code::UNKNOWN_INTERACTION);
                    tracing::error!(interaction = id, %error, late, "the first response was refused");
                    return First::Lost;
                }
                Ok(Err(error @ (RestError::Failed { .. } | RestError::NotSent(_)))) => {
                    tracing::warn!(interaction = id, %error, "the first response failed");
                }
                unknown => {
                    let error = unknown
                        .err()
                        .map_or_else(|| "cut".to_owned(), |late| late.to_string());
                    tracing::warn!(interaction = id, error, "the first response got no answer");
                    // Perhaps it arrived and only its answer was lost: then there is a response to look at.
                    let look = tokio::time::timeout(timing.respond_try, self.rest.original(reach)).await;
                    if look.is_ok_and(|found| found.is_ok()) {
                        return First::Accepted;
                    }
                }
            }
            tries += 1;
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
        tracing::error!(
            interaction = id,
            "no first response within the time that Discord gives"
        );
        First::Lost
    }

    /// Tells what is the matter where the interaction was opened.
    pub(super) async fn say(&self, origin: &Origin, opened: Opened, trouble: Trouble, reference: &Reference) {
        self.tell(origin, opened, &trouble.report(reference), true).await;
    }

    pub(super) async fn tell(&self, origin: &Origin, opened: Opened, report: &Report, private: bool) {
        let locale = self.language(origin, private || opened.is_private());
        let drawn = self.draw(origin, report, locale).await;
        let sent = self.send(origin, opened, &drawn, private).await;
        let Err(error) = sent else {
            return;
        };
        let reference = Reference::new();
        if matches!(
            error.code(),
            Some(code::UNKNOWN_MESSAGE | code::UNKNOWN_WEBHOOK | code::BAD_TOKEN)
        ) {
            tracing::warn!(interaction = origin.id, %error, "nobody waits for this answer any more");
            return;
        }
        tracing::error!(interaction = origin.id, %error, %reference, "an answer could not be shown");
        if matches!(
            error,
            RestError::Refused {
                status: 400 | 413,
                ..
            }
        ) {
            let plain = render::draw_plainly(report, &reference.0, locale);
            if let Err(error) = self.send(origin, opened, &plain, private).await {
                tracing::error!(interaction = origin.id, %error, %reference, "nor could its plain form");
            }
        }
    }

    async fn send(
        &self,
        origin: &Origin,
        opened: Opened,
        drawn: &Drawn,
        private: bool,
    ) -> Result<(), RestError> {
        let mut body = drawn.uploading();
        match opened {
            // The public place is left first: a follow-up to a pending one would take its place, visible to all.
            Opened::Public if private => match self.rest.delete_original(&origin.reach).await {
                Ok(()) => {}
                Err(error) if error.code() == Some(code::UNKNOWN_MESSAGE) => {}
                Err(error) => return Err(error),
            },
            // A no to one person does not take the place of what all see.
            Opened::Replaced { private: false } if private => {}
            _ => {
                return self
                    .rest
                    .edit_original(&origin.reach, &body, &drawn.files)
                    .await
                    .map(drop);
            }
        }
        body["flags"] = json!(EPHEMERAL);
        self.rest
            .follow_up(&origin.reach, &body, &drawn.files)
            .await
            .map(drop)
    }

    /// What one person sees alone is in their language, what a channel sees in the channel's.
    pub(super) fn language(&self, origin: &Origin, private: bool) -> Locale {
        if private {
            origin.locale
        } else {
            self.settings.language
        }
    }

    pub(super) async fn draw(&self, origin: &Origin, report: &Report, locale: Locale) -> Drawn {
        let files = super::super::load_files(self.rows.as_ref(), report).await;
        let wall = Wall {
            files: files.unwrap_or_else(|error| {
                tracing::warn!(interaction = origin.id, %error, "files could not be loaded");
                Default::default()
            }),
            max_file: origin.max_file,
            locale,
            ..super::super::wall_with_links(self.rows.as_ref(), report, self.settings.guild).await
        };
        let drawn = render::draw(report, &wall);
        if !drawn.left_out.is_empty() {
            tracing::warn!(interaction = origin.id, buttons = ?drawn.left_out, "buttons could not be drawn");
        }
        self.store_texts(&drawn.button_texts).await;
        drawn
    }

    /// Stores the texts that buttons name. Whether all are stored.
    pub(super) async fn store_texts(&self, texts: &[ButtonText]) -> bool {
        super::super::store_texts(self.rows.as_ref(), texts).await
    }
}
