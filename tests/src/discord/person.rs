//! Somebody at a Discord client: types commands, presses buttons, fills forms, reads.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use serde_json::{Value, json};

use super::DiscordSim;
use super::interact::{Seat, find_command};
use super::line;
use super::model::{Interaction, Kind, Message, Modal, Stage};
use super::rest::{Draft, draft_message};

/// How long `settled` waits, in real time.
const SETTLES_WITHIN: Duration = Duration::from_secs(60);

/// A member of the guild who acts.
#[derive(Debug, Clone)]
pub struct Person {
    sim: DiscordSim,
    user: u64,
}

impl Person {
    pub(super) fn new(sim: DiscordSim, user: u64) -> Self {
        Person { sim, user }
    }

    /// The user's id.
    pub fn id(&self) -> u64 {
        self.user
    }

    fn asked(&self, id: u64) -> Asked {
        Asked {
            sim: self.sim.clone(),
            id,
        }
    }

    /// Types a slash command: `/ceo scale workload:deployment/api replicas:5`.
    ///
    /// # Errors
    /// When the client would not send it: no such command, a missing or malformed option, no permission.
    pub async fn slash(&self, channel: u64, line: &str) -> anyhow::Result<Asked> {
        let parsed = self.parse(line, false)?;
        self.command(channel, &parsed.command, &Value::Array(parsed.options))
            .await
    }

    fn parse(&self, text: &str, focused: bool) -> anyhow::Result<line::Parsed> {
        let schema = {
            let state = self.sim.inner.lock();
            find_command(&state, self.user, line::command_name(text)?)?
                .body
                .clone()
        };
        line::parse(&schema, text, focused)
    }

    fn sits_in(&self, channel: u64) -> Seat {
        Seat {
            user: self.user,
            channel,
        }
    }

    /// Sends a command with options as Discord nests them.
    ///
    /// # Errors
    /// When the client would not send it.
    pub async fn command(&self, channel: u64, name: &str, options: &Value) -> anyhow::Result<Asked> {
        let id = self
            .sim
            .inner
            .begin_command(Kind::Command, self.sits_in(channel), name, options)?;
        Ok(self.asked(id))
    }

    /// The suggestions for the last option of a line that is still being typed, within three seconds.
    ///
    /// # Errors
    /// When the option has no suggestions, or the bot gave none in time.
    pub async fn autocomplete(&self, channel: u64, line: &str) -> anyhow::Result<Vec<Choice>> {
        let parsed = self.parse(line, true)?;
        self.suggestions(channel, &parsed.command, &Value::Array(parsed.options))
            .await
    }

    /// The suggestions for the option that is marked as focused.
    ///
    /// # Errors
    /// When there is none, or the bot gave none in time.
    pub async fn suggestions(
        &self,
        channel: u64,
        name: &str,
        options: &Value,
    ) -> anyhow::Result<Vec<Choice>> {
        let id = self
            .sim
            .inner
            .begin_command(Kind::Autocomplete, self.sits_in(channel), name, options)?;
        match self.asked(id).answer(Duration::from_secs(4)).await? {
            Answer::Choices(choices) => Ok(choices),
            other => bail!("suggestions were wanted, not {other:?}"),
        }
    }

    /// Presses the button with this label or custom id.
    ///
    /// # Errors
    /// When the person sees no such button, or it is disabled, or a link.
    pub async fn press(&self, message: u64, name: &str) -> anyhow::Result<Asked> {
        let id = self.sim.inner.begin_component(self.user, message, name, None)?;
        Ok(self.asked(id))
    }

    /// Presses a button that the message had, as a client does that has not drawn the newest state yet.
    ///
    /// # Errors
    /// When the person does not see the message.
    pub async fn press_anyway(&self, message: u64, custom_id: &str) -> anyhow::Result<Asked> {
        let id = self.sim.inner.begin_late_press(self.user, message, custom_id)?;
        Ok(self.asked(id))
    }

    /// Chooses values in a select.
    ///
    /// # Errors
    /// When the person sees no such select, or it does not offer these values.
    pub async fn select(&self, message: u64, custom_id: &str, values: &[&str]) -> anyhow::Result<Asked> {
        let id = self
            .sim
            .inner
            .begin_component(self.user, message, custom_id, Some(values))?;
        Ok(self.asked(id))
    }

    /// Fills a form and sends it: values by the inputs' custom ids or labels.
    ///
    /// # Errors
    /// When the client would not send it: a missing, too long or unknown field.
    pub async fn submit(&self, modal: &Modal, values: &[(&str, &str)]) -> anyhow::Result<Asked> {
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let id = self.sim.inner.begin_modal(self.user, modal, &values)?;
        Ok(self.asked(id))
    }

    /// Writes a plain message.
    ///
    /// # Errors
    /// When the person does not see the channel or writes nothing.
    pub fn say(&self, channel: u64, content: &str) -> anyhow::Result<u64> {
        let mut state = self.sim.inner.lock();
        let bits = super::permissions::of(&state, self.user, Some(channel));
        if bits & super::permissions::SEND_MESSAGES == 0 || !state.channels.contains_key(&channel) {
            bail!("user {} cannot write in {channel}", self.user);
        }
        if content.trim().is_empty() || content.chars().count() > 2000 {
            bail!("a message has 1 to 2000 characters");
        }
        let body = json!({"content": content});
        let draft = Draft {
            channel_id: channel,
            author_id: self.user,
            body: &body,
            files: &[],
            origin: None,
        };
        let message = draft_message(&mut state, draft);
        let id = message.id;
        state.post(message);
        Ok(id)
    }

    /// What the person's client shows in a channel, oldest first; ephemeral messages only when they are for this person.
    pub fn sees(&self, channel: u64) -> Vec<Message> {
        let state = self.sim.inner.lock();
        state
            .in_channel(channel)
            .filter(|message| state.visible(message, self.user))
            .cloned()
            .collect()
    }
}

/// A suggestion.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What is shown.
    pub name: String,
    /// What is sent.
    pub value: Value,
}

/// The first response to an interaction.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A message, or an edit of the message on which the button was.
    Message(Box<Message>),
    /// "The application is thinking": the answer is to come, to everybody or to the asker alone.
    Deferred {
        /// Whether only the asker will see it.
        ephemeral: bool,
    },
    /// A form.
    Modal(Modal),
    /// Acknowledged in silence; the message on which the button was may be edited later.
    Ack,
    /// Suggestions.
    Choices(Vec<Choice>),
}

/// An interaction that a person has begun.
#[derive(Debug, Clone)]
pub struct Asked {
    sim: DiscordSim,
    id: u64,
}

impl Asked {
    /// The interaction's id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The interaction as it stands.
    ///
    /// # Errors
    /// When it has been forgotten.
    pub fn interaction(&self) -> anyhow::Result<Interaction> {
        self.sim
            .inner
            .lock()
            .interactions
            .get(&self.id)
            .cloned()
            .context("the interaction is forgotten")
    }

    /// The bot's first response. The messages of the answer count as looked at.
    ///
    /// # Errors
    /// "The application did not respond" when the bot took more than three seconds; or nothing `within` that time.
    pub async fn answer(&self, within: Duration) -> anyhow::Result<Answer> {
        let id = self.id;
        let found = self.sim.inner.until(within, |state| {
            let one = state.interactions.get(&id)?;
            let (original, answer) = (one.original, one.answer);
            let answer = match one.first.as_ref().unwrap_or(&one.stage) {
                Stage::Sent => return None,
                Stage::Failed(error) => Err(anyhow!("{error}")),
                Stage::Modal(modal) => Ok(Answer::Modal(modal.clone())),
                Stage::Choices(choices) => Ok(Answer::Choices(choices.iter().map(choice).collect())),
                Stage::Deferred { update: true } => Ok(Answer::Ack),
                Stage::Deferred { update: false } => Ok(Answer::Deferred {
                    ephemeral: original
                        .and_then(|id| state.messages.get(&id))
                        .is_some_and(Message::is_ephemeral),
                }),
                Stage::Answered => {
                    let message = answer.and_then(|id| state.messages.get_mut(&id));
                    message.map_or(Ok(Answer::Ack), |message| {
                        message.read = true;
                        Ok(Answer::Message(Box::new(message.clone())))
                    })
                }
            };
            Some(answer)
        });
        found
            .await
            .with_context(|| format!("no first response in {within:?}"))?
    }

    /// The answer when it is there: the response, the edit of a deferred one, or the edited message with the button.
    ///
    /// # Errors
    /// When the bot did not answer, answered with a form, or the minute is over.
    pub async fn settled(&self) -> anyhow::Result<Message> {
        self.settled_within(SETTLES_WITHIN).await
    }

    /// As `settled`, with a limit of its own (real time).
    ///
    /// # Errors
    /// As `settled`.
    pub async fn settled_within(&self, within: Duration) -> anyhow::Result<Message> {
        let id = self.id;
        let found = self.sim.inner.until(within, |state| {
            let one = state.interactions.get(&id)?;
            let message = match &one.stage {
                Stage::Sent | Stage::Deferred { .. } => return None,
                Stage::Failed(error) => return Some(Err(anyhow!("{error}"))),
                Stage::Modal(modal) => return Some(Err(anyhow!("a form was opened: {:?}", modal.title))),
                Stage::Choices(_) => return Some(Err(anyhow!("suggestions are no message"))),
                Stage::Answered => one.answer,
            };
            let Some(message) = message.and_then(|id| state.messages.get_mut(&id)) else {
                return Some(Err(anyhow!("the answer is no message")));
            };
            message.read = true;
            Some(Ok(message.clone()))
        });
        found.await.with_context(|| format!("no answer in {within:?}"))?
    }

    /// The form with which the bot answers.
    ///
    /// # Errors
    /// When it answers with something else, or not in time.
    pub async fn modal(&self, within: Duration) -> anyhow::Result<Modal> {
        match self.answer(within).await? {
            Answer::Modal(modal) => Ok(modal),
            other => bail!("a form was wanted, not {other:?}"),
        }
    }

    /// The follow-up messages so far, oldest first; they count as looked at.
    pub fn followups(&self) -> Vec<Message> {
        let mut state = self.sim.inner.lock();
        let ids = state
            .interactions
            .get(&self.id)
            .map(|one| one.followups.clone())
            .unwrap_or_default();
        let mut out = Vec::new();
        for id in ids {
            if let Some(message) = state.messages.get_mut(&id) {
                message.read = true;
                out.push(message.clone());
            }
        }
        out
    }

    /// The follow-up number `index` (from 0), as soon as it is there.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn followup(&self, index: usize, within: Duration) -> anyhow::Result<Message> {
        let id = self.id;
        let found = self.sim.inner.until(within, |state| {
            let wanted = *state.interactions.get(&id)?.followups.get(index)?;
            let message = state.messages.get_mut(&wanted)?;
            message.read = true;
            Some(message.clone())
        });
        found
            .await
            .with_context(|| format!("no follow-up {index} in {within:?}"))
    }

    /// How long the first response took.
    pub fn latency(&self) -> Option<Duration> {
        let state = self.sim.inner.lock();
        let one = state.interactions.get(&self.id)?;
        Some(Duration::from_millis(
            u64::try_from(one.acked_ms? - one.created_ms).unwrap_or(0),
        ))
    }
}

fn choice(raw: &Value) -> Choice {
    Choice {
        name: raw["name"].as_str().unwrap_or_default().to_owned(),
        value: raw["value"].clone(),
    }
}
