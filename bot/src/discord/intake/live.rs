//! Live views: reports that replace one another in the answer to one interaction, for as long as its token lives.

use ceo_commands::{
    engine::{Ask, Press},
    failure::{Failure, not_yours},
    input::options_to_line,
    model::{Act, Action, Locale, Reference, Report, Style, Text, Tone, UserId},
    ops::contract::ReportStream,
    texts,
};
use futures::{FutureExt, StreamExt, stream::Fuse};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    answer::{First, Opened, message},
    left_views::farewell,
    read::Origin,
    state::Intake,
    words::Trouble,
};
use crate::discord::rest::code;

/// A view that is to be shown.
pub(super) struct LiveView {
    id: String,
    owner: UserId,
    /// The button that starts it anew.
    again: Action,
    /// The language of those who see it.
    locale: Locale,
}

impl LiveView {
    /// `command`: what asked for it.
    pub(super) fn new(id: String, owner: UserId, command: Option<&Ask>, locale: Locale) -> Self {
        let again = again(command, &id);
        Self {
            id,
            owner,
            again,
            locale,
        }
    }
}

/// Why a live view ended.
enum End {
    /// The stream ended, and said why.
    Over,
    /// Its owner stopped it.
    Stopped,
    /// Its time is over; it can go on.
    Lapsed,
    /// The message or the token is gone: nobody looks at it any more.
    Gone,
}

impl Intake {
    /// Shows a view to its end: then its last report without a Stop button, or with one to go on.
    pub(super) async fn live(&self, origin: &Origin, view: LiveView, stream: ReportStream) {
        let stop = self.live_views.open(&view.id, view.owner);
        let begin_again = Action {
            label: texts::discord::follow_again(),
            ..view.again.clone()
        };
        let last = farewell(texts::discord::ended_by_a_restart(), begin_again);
        self.keep_view(&view.id, origin, view.locale, last).await;
        let (last, end) = self.follow(origin, &view, stream, &stop).await;
        self.live_views.close(&view.id);
        match (last, end) {
            (_, End::Gone) => {}
            (None, _) => {
                self.say(origin, Opened::Private, Trouble::Failed, &Reference::new())
                    .await
            }
            (Some(last), End::Over) => drop(self.edit_live(origin, &last, view.locale).await),
            (Some(last), End::Stopped) => {
                let last = ended(last, texts::discord::stopped());
                drop(self.edit_live(origin, &last, view.locale).await);
            }
            (Some(last), End::Lapsed) => {
                // A button that would repeat a secret is left out here, and the footer says so.
                let last = ended(last, texts::discord::paused()).action(view.again);
                let last = self.settings.redactor.report(last);
                drop(self.edit_live(origin, &last, view.locale).await);
            }
        }
        self.forget_view(&view.id).await;
        self.engine.close_view(&view.id);
    }

    /// Draws the first report at once, then the newest at a calm pace. Gives the last one, and why it ended.
    async fn follow(
        &self,
        origin: &Origin,
        view: &LiveView,
        stream: ReportStream,
        stop: &CancellationToken,
    ) -> (Option<Report>, End) {
        let timing = &self.settings.timing;
        // Looking for the newest report may find the end, which is then found again.
        let mut stream = stream.fuse();
        let lapse = origin.received + timing.live_for;
        let mut newest: Option<Report> = None;
        let mut shown: Option<Report> = None;
        let mut next = Instant::now();
        let end = loop {
            tokio::select! {
                report = stream.next() => match report {
                    Some(report) => newest = Some(report),
                    None => break End::Over,
                },
                () = tokio::time::sleep_until(next), if newest.is_some() => {
                    let Some(report) = latest(&mut stream, newest.take()) else { continue };
                    if shown.as_ref() != Some(&report) {
                        let button = Action::new(Act::Stop, &view.id, texts::discord::stop(), Style::Secondary);
                        if self.edit_live(origin, &report.clone().action(button), view.locale).await.is_err() {
                            break End::Gone;
                        }
                        shown = Some(report);
                    }
                    next = Instant::now() + timing.live_every;
                },
                () = stop.cancelled() => break End::Stopped,
                () = tokio::time::sleep_until(lapse) => break End::Lapsed,
                () = self.cancel.cancelled() => break End::Lapsed,
            }
        };
        (newest.or(shown), end)
    }

    /// The Stop button of a view that is shown here. `None` when there is none: the engine may know more.
    pub(super) async fn stop_view(&self, origin: &Origin, press: &Press) -> Option<&'static str> {
        let (owner, stop) = self.live_views.find(&press.subject)?;
        let body = if owner == press.actor.user {
            stop.cancel();
            Opened::Replaced {
                private: press.on_private,
            }
            .body()
        } else {
            message(
                &Failure::Refused(not_yours(owner)).report(&Reference::new()),
                origin.locale,
            )
        };
        Some(
            match self
                .first_response(origin.id, &origin.reach, &body, origin.received)
                .await
            {
                First::Accepted => "told",
                First::Taken => "repeated",
                First::Lost => "late",
            },
        )
    }

    /// Edits the view's message. Failures that may pass are logged only: the next edit is due soon.
    ///
    /// # Errors
    /// When the message or the token is gone.
    async fn edit_live(&self, origin: &Origin, report: &Report, locale: Locale) -> Result<(), End> {
        let drawn = self.draw(origin, report, locale).await;
        let edited = self
            .rest
            .edit_original(&origin.reach, &drawn.uploading(), &drawn.files)
            .await;
        let Err(error) = edited else {
            return Ok(());
        };
        let gone = matches!(
            error.code(),
            Some(code::UNKNOWN_MESSAGE | code::UNKNOWN_WEBHOOK | code::BAD_TOKEN)
        );
        tracing::warn!(interaction = origin.id, %error, gone, "a live view could not be edited");
        if gone { Err(End::Gone) } else { Ok(()) }
    }
}

/// The last report of a view. Its small print spoke of what was so while it ran: how it ended stands there instead.
fn ended(mut last: Report, how: Text) -> Report {
    last.tone = Tone::Off;
    last.footer = Some(how);
    last
}

/// The newest report that is there already.
fn latest(stream: &mut Fuse<ReportStream>, mut newest: Option<Report>) -> Option<Report> {
    // Bounded: a stream that always has one more must not hold up the edit.
    for _ in 0..1000 {
        match stream.next().now_or_never() {
            Some(Some(report)) => newest = Some(report),
            _ => break,
        }
    }
    newest
}

/// The button that goes on with a view: the same command again, so that it works after a restart. A view without a
/// command is for the engine to know.
fn again(command: Option<&Ask>, view: &str) -> Action {
    let Some(ask) = command else {
        return Action::new(Act::Continue, view, "Continue", Style::Secondary);
    };
    Action::run(&ask.command, options_to_line(&ask.options), "Continue")
}

#[cfg(test)]
mod tests {
    use ceo_commands::{
        input::{Value, options_from_line},
        model::{Actor, ChannelId, Place},
    };

    use super::*;

    #[test]
    fn the_words_of_a_command_come_back_from_its_button() {
        let options = [
            (
                "workload".to_owned(),
                Value::Text("prod/ns/deployment/api".to_owned()),
            ),
            ("grep".to_owned(), Value::Text("a=b;c%3Bd|100%".to_owned())),
            ("follow".to_owned(), Value::Bool(true)),
        ];
        let ask = Ask {
            event: "interaction:1".to_owned(),
            actor: Actor {
                user: UserId(1),
                name: "olga".to_owned(),
                roles: Vec::new(),
            },
            place: Place {
                channel: ChannelId(1),
                cluster: "prod".to_owned(),
                namespace: "ns".to_owned(),
            },
            locale: Locale::En,
            command: "logs".to_owned(),
            options: options.into(),
        };
        let action = again(Some(&ask), "view7");
        assert_eq!((action.act, action.subject.as_str()), (Act::Run, "logs"));
        assert_eq!(options_from_line(&action.extra.unwrap()), ask.options);
        assert_eq!(again(None, "view7").act, Act::Continue);
    }
}
