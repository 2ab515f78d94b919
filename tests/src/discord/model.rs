//! The nouns of a guild: roles, members, channels, messages, interactions. Plain data; what they look like on the wire
//! is in `json`.

use bytes::Bytes;
use serde_json::Value;

/// Message flag: the link previews are hidden.
pub const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// Message flag: a thread hangs on this message.
pub const HAS_THREAD: u64 = 1 << 5;
/// Message flag: only one person sees the message.
pub const EPHEMERAL: u64 = 1 << 6;
/// Message flag: the application is "thinking".
pub const LOADING: u64 = 1 << 7;
/// Message flag: no push notification.
pub const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
/// Message flag: the message consists of components alone.
pub const COMPONENTS_V2: u64 = 1 << 15;

/// A role of the guild.
#[derive(Debug, Clone)]
pub struct Role {
    /// Snowflake.
    pub id: u64,
    /// Name as shown.
    pub name: String,
    /// RGB, 0 for none.
    pub color: u32,
    /// Permission bits.
    pub permissions: u64,
    /// Whether it belongs to an integration.
    pub managed: bool,
    /// Whether anybody may mention it.
    pub mentionable: bool,
}

/// Somebody in the guild, the bot included.
#[derive(Debug, Clone)]
pub struct Member {
    /// Snowflake of the user.
    pub id: u64,
    /// The user name.
    pub username: String,
    /// The name shown.
    pub display_name: String,
    /// Role ids, without `@everyone`.
    pub roles: Vec<u64>,
    /// Whether it is a bot.
    pub bot: bool,
    /// The language of the person's client.
    pub locale: String,
    /// When it joined, milliseconds since 1970.
    pub joined_ms: i64,
}

/// Allowed and denied permission bits of a role or member in one channel.
#[derive(Debug, Clone, Copy)]
pub struct Overwrite {
    /// The role's or the member's id.
    pub target: u64,
    /// Whether the target is a member.
    pub member: bool,
    /// Bits granted.
    pub allow: u64,
    /// Bits taken.
    pub deny: u64,
}

/// A text channel or a thread.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Snowflake.
    pub id: u64,
    /// Name without `#`.
    pub name: String,
    /// The topic line.
    pub topic: Option<String>,
    /// Permission overwrites; a thread uses those of its parent.
    pub overwrites: Vec<Overwrite>,
    /// Set for threads.
    pub thread: Option<Thread>,
}

/// What a channel has when it is a thread.
#[derive(Debug, Clone)]
pub struct Thread {
    /// The channel in which it lives.
    pub parent_id: u64,
    /// Who made it.
    pub owner_id: u64,
    /// Discord's channel type: 10 announcement, 11 public, 12 private.
    pub kind: u64,
    /// Minutes of silence after which it hides.
    pub auto_archive_minutes: u64,
    /// Whether it is archived.
    pub archived: bool,
    /// Whether only moderators may un-archive it.
    pub locked: bool,
    /// When `archived` last changed.
    pub archive_ms: i64,
    /// When it was made.
    pub created_ms: i64,
    /// Members who joined.
    pub members: Vec<u64>,
}

/// A file on a message.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Snowflake.
    pub id: u64,
    /// Name with extension.
    pub filename: String,
    /// Alternative text.
    pub description: Option<String>,
    /// MIME type.
    pub content_type: String,
    /// The content.
    pub bytes: Bytes,
}

/// Whom a message pinged, after `allowed_mentions` had its say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pings {
    /// Users.
    pub users: Vec<u64>,
    /// Roles.
    pub roles: Vec<u64>,
    /// `@everyone` or `@here`.
    pub everyone: bool,
}

/// What a message looked like before an edit.
#[derive(Debug, Clone)]
pub struct Revision {
    /// When this state was replaced, milliseconds since 1970.
    pub until_ms: i64,
    /// Text.
    pub content: String,
    /// Embeds as sent.
    pub embeds: Vec<Value>,
    /// Components as sent.
    pub components: Vec<Value>,
    /// File names.
    pub files: Vec<String>,
    /// Flags.
    pub flags: u64,
}

/// The interaction a message answers.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Snowflake of the interaction.
    pub interaction_id: u64,
    /// 2 command, 3 component, 5 modal.
    pub kind: u8,
    /// Full name of the command ("ceo rollout status"), empty for components.
    pub name: String,
    /// Who asked.
    pub user_id: u64,
}

/// A message with everything Discord knows of it, deleted ones included.
#[derive(Debug, Clone)]
pub struct Message {
    /// Snowflake.
    pub id: u64,
    /// Channel or thread.
    pub channel_id: u64,
    /// Who wrote it.
    pub author_id: u64,
    /// Whether the bot under test wrote it.
    pub from_bot: bool,
    /// Text.
    pub content: String,
    /// Embeds as stored.
    pub embeds: Vec<Value>,
    /// Components as sent.
    pub components: Vec<Value>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Message flags.
    pub flags: u64,
    /// When it was posted, milliseconds since 1970.
    pub created_ms: i64,
    /// When what it says first stood there: later than when it was posted, where it took the place of "thinking".
    pub shown_ms: i64,
    /// When it was last edited.
    pub edited_ms: Option<i64>,
    /// The sender's nonce.
    pub nonce: Option<String>,
    /// The message to which this one replies.
    pub reply_to: Option<u64>,
    /// The interaction which it answers.
    pub origin: Option<Origin>,
    /// The only person who sees it.
    pub only_for: Option<u64>,
    /// Whom it pinged when it was posted.
    pub pings: Pings,
    /// Former states, oldest first.
    pub revisions: Vec<Revision>,
    /// Whether it is gone.
    pub deleted: bool,
    /// Whether a test has looked at it.
    pub read: bool,
    /// The thread that hangs on it.
    pub thread_id: Option<u64>,
}

impl Message {
    /// Whether only one person sees it.
    pub fn is_ephemeral(&self) -> bool {
        self.flags & EPHEMERAL != 0
    }

    /// Whether the bot has deferred and not said anything yet.
    pub fn is_loading(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// All the words a reader sees: content, embeds, component texts, names of files; one part per line.
    pub fn text(&self) -> String {
        let mut parts = vec![self.content.clone()];
        for embed in &self.embeds {
            for pointer in ["/author/name", "/title", "/description"] {
                parts.extend(embed.pointer(pointer).and_then(Value::as_str).map(str::to_owned));
            }
            for field in embed["fields"].as_array().into_iter().flatten() {
                for key in ["name", "value"] {
                    parts.extend(field[key].as_str().map(str::to_owned));
                }
            }
            parts.extend(
                embed
                    .pointer("/footer/text")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
        }
        each_component(&self.components, &mut |component| {
            parts.extend(component["content"].as_str().map(str::to_owned));
        });
        parts.extend(self.attachments.iter().map(|file| file.filename.clone()));
        parts.retain(|part| !part.is_empty());
        parts.join("\n")
    }

    /// Every button, in order: those that open links too.
    pub fn buttons(&self) -> Vec<Value> {
        let mut found = Vec::new();
        each_component(&self.components, &mut |component| {
            if component["type"] == 2 {
                found.push(component.clone());
            }
        });
        found
    }

    /// The labels of the buttons which can be pressed.
    pub fn labels(&self) -> Vec<String> {
        let usable = self
            .buttons()
            .into_iter()
            .filter(|button| button["disabled"] != true);
        usable
            .filter_map(|button| button["label"].as_str().map(str::to_owned))
            .collect()
    }

    /// The button with this label or custom id.
    pub fn button(&self, name: &str) -> Option<Value> {
        let mut buttons = self.buttons().into_iter();
        buttons.find(|button| button["custom_id"] == name || button["label"] == name)
    }
}

/// Visits every component of a tree, containers before their parts.
pub fn each_component(components: &[Value], visit: &mut dyn FnMut(&Value)) {
    for component in components {
        visit(component);
        if let Some(inner) = component["components"].as_array() {
            each_component(inner, visit);
        }
        for key in ["accessory", "component"] {
            if component[key].is_object() {
                each_component(std::slice::from_ref(&component[key]), visit);
            }
        }
    }
}

/// The kinds of interactions, numbered as Discord numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A slash command.
    Command = 2,
    /// A button or a select.
    Component = 3,
    /// Suggestions for an option that is being typed.
    Autocomplete = 4,
    /// A submitted form.
    Modal = 5,
}

/// How far an interaction has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Sent to the bot.
    Sent,
    /// Acknowledged; an answer is to follow (`update`: as an edit of the message with the button).
    Deferred {
        /// Whether the answer will be an edit of the message on which the button was.
        update: bool,
    },
    /// Answered.
    Answered,
    /// Answered with a form.
    Modal(Modal),
    /// Answered with suggestions.
    Choices(Vec<Value>),
    /// Nothing came in time; the text is what the client shows.
    Failed(String),
}

/// A form that the bot has opened for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Modal {
    /// The interaction which it answers.
    pub interaction_id: u64,
    /// The bot's id for it.
    pub custom_id: String,
    /// The heading.
    pub title: String,
    /// Rows or labels with their inputs.
    pub components: Vec<Value>,
}

impl Modal {
    /// The inputs, in order, without their rows and labels.
    pub fn inputs(&self) -> Vec<Value> {
        let mut inputs = Vec::new();
        each_component(&self.components, &mut |component| {
            if component["custom_id"].is_string() {
                inputs.push(component.clone());
            }
        });
        inputs
    }
}

/// An interaction and what became of it.
#[derive(Debug, Clone)]
pub struct Interaction {
    /// Snowflake.
    pub id: u64,
    /// The secret by which the bot answers.
    pub token: String,
    /// What kind it is.
    pub kind: Kind,
    /// Who acts.
    pub user_id: u64,
    /// Where.
    pub channel_id: u64,
    /// When, milliseconds since 1970.
    pub created_ms: i64,
    /// When the bot's first response came.
    pub acked_ms: Option<i64>,
    /// How far it has come.
    pub stage: Stage,
    /// The bot's first response.
    pub first: Option<Stage>,
    /// The message that is the answer: the response, or what took the place of a deferred one.
    pub answer: Option<u64>,
    /// Full name of the command.
    pub name: String,
    /// What was sent to the bot as `data`.
    pub data: Value,
    /// The message with the button.
    pub source: Option<u64>,
    /// The response message: new, or the one with the button.
    pub original: Option<u64>,
    /// Follow-up messages, oldest first.
    pub followups: Vec<u64>,
}
