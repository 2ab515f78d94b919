//! Reads Discord's interactions: who, where, and what is wanted.

use std::collections::BTreeMap;

use ceo_commands::{
    engine::{Ask, Partial, Press},
    input::Value,
    model::{Actor, ChannelId, Locale, Place, RoleId, UserId},
};
use serenity::all::{
    ActionRowComponent, CommandDataOption, CommandDataOptionValue as Given, CommandInteraction,
    ComponentInteraction, Interaction, Member, MessageFlags, ModalInteraction, User,
};
use tokio::time::Instant;

use crate::discord::{components, rest::Reach, schema, settings::Places};

/// What every interaction has.
pub(super) struct Origin {
    /// Names the event.
    pub(super) id: u64,
    pub(super) reach: Reach,
    pub(super) guild: Option<u64>,
    pub(super) actor: Actor,
    pub(super) place: Place,
    pub(super) locale: Locale,
    /// The largest file that the answer may carry.
    pub(super) max_file: usize,
    pub(super) received: Instant,
}

/// What is wanted.
pub(super) enum Request {
    Command(Ask),
    /// A button or a form; its extra may stand in the store.
    Press(Press, Option<components::Extra>),
    Suggest(Partial),
    /// A button of another version.
    Old(components::OldButton),
    /// A command that we never registered, or something that is none of the above.
    Strange(String),
}

impl Request {
    /// The word for metrics.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::Press(press, _) if press.form.is_some() => "form",
            Self::Press(..) | Self::Old(_) => "button",
            Self::Suggest(_) => "suggest",
            Self::Strange(_) => "strange",
        }
    }

    /// The words for the log: the command's name or the button's action, no arguments.
    pub(super) fn log_name(&self) -> String {
        match self {
            Self::Command(ask) => ask.command.clone(),
            Self::Press(press, _) => format!("{}:{}", press.act.word(), press.subject),
            Self::Suggest(partial) => partial.command.clone(),
            Self::Old(old) => old.0.clone(),
            Self::Strange(what) => what.clone(),
        }
    }
}

/// Reads one; `None` for Discord's own ping, which never comes over a gateway.
pub(super) fn read(interaction: Interaction, places: &Places) -> Option<(Origin, Request)> {
    let interaction_id = interaction.id().get();
    let received = Instant::now();
    let origin = |o: Raw<'_>| Origin {
        id: interaction_id,
        reach: Reach {
            application: o.application,
            token: o.token.to_owned(),
        },
        guild: o.guild,
        actor: actor(o.user, o.member),
        place: places.of(ChannelId(o.channel)),
        locale: Locale::from_tag(o.locale),
        max_file: usize::try_from(o.max_file).unwrap_or(usize::MAX),
        received,
    };
    Some(match interaction {
        Interaction::Command(i) => {
            let origin = origin(command_raw(&i));
            let request = command(&i, &origin);
            (origin, request)
        }
        Interaction::Autocomplete(i) => {
            let origin = origin(command_raw(&i));
            let request = partial(&i, &origin);
            (origin, request)
        }
        Interaction::Component(i) => {
            let origin = origin(component_raw(&i));
            let request = press(&origin, &i.data.custom_id, None, private(i.message.flags));
            (origin, request)
        }
        Interaction::Modal(i) => {
            let origin = origin(modal_raw(&i));
            let flags = i.message.as_ref().and_then(|m| m.flags);
            let request = press(&origin, &i.data.custom_id, Some(fields(&i)), private(flags));
            (origin, request)
        }
        _ => return None,
    })
}

struct Raw<'a> {
    application: u64,
    token: &'a str,
    guild: Option<u64>,
    user: &'a User,
    member: Option<&'a Member>,
    channel: u64,
    locale: &'a str,
    max_file: u32,
}

macro_rules! raw {
    ($name:ident, $kind:ty, $as_ref:ident) => {
        fn $name(i: &$kind) -> Raw<'_> {
            Raw {
                application: i.application_id.get(),
                token: &i.token,
                guild: i.guild_id.map(|g| g.get()),
                user: &i.user,
                member: i.member.$as_ref(),
                channel: i.channel_id.get(),
                locale: &i.locale,
                max_file: i.attachment_size_limit,
            }
        }
    };
}
raw!(command_raw, CommandInteraction, as_deref);
raw!(component_raw, ComponentInteraction, as_ref);
raw!(modal_raw, ModalInteraction, as_ref);

fn actor(user: &User, member: Option<&Member>) -> Actor {
    let name = member
        .and_then(|m| m.nick.clone())
        .or_else(|| user.global_name.as_ref().map(ToString::to_string))
        .unwrap_or_else(|| user.name.clone());
    Actor {
        user: UserId(user.id.get()),
        name,
        roles: member
            .map(|m| m.roles.iter().map(|r| RoleId(r.get())).collect())
            .unwrap_or_default(),
    }
}

/// Names the event in the ledger, so that one delivered twice is handled once.
fn event(origin: &Origin) -> String {
    format!("interaction:{}", origin.id)
}

fn private(flags: Option<MessageFlags>) -> bool {
    flags.is_some_and(|f| f.contains(MessageFlags::EPHEMERAL))
}

fn command(i: &CommandInteraction, origin: &Origin) -> Request {
    let Some((command, options)) = walk(i) else {
        return Request::Strange(format!("/{}", i.data.name));
    };
    let options = options
        .iter()
        .filter_map(|o| Some((o.name.clone(), value(&o.value)?)))
        .collect();
    Request::Command(Ask {
        event: event(origin),
        actor: origin.actor.clone(),
        place: origin.place.clone(),
        locale: origin.locale,
        command,
        options,
    })
}

fn partial(i: &CommandInteraction, origin: &Origin) -> Request {
    let Some((command, given)) = walk(i) else {
        return Request::Strange(format!("/{}", i.data.name));
    };
    let mut focused = None;
    let mut options = BTreeMap::new();
    for option in given {
        if let Given::Autocomplete { value, .. } = &option.value {
            focused = Some((option.name.clone(), value.clone()));
        } else if let Some(value) = value(&option.value) {
            options.insert(option.name.clone(), value);
        }
    }
    let (focused, text) = focused.unwrap_or_default();
    let (actor, place) = (origin.actor.clone(), origin.place.clone());
    Request::Suggest(Partial {
        actor,
        place,
        locale: origin.locale,
        command,
        options,
        focused,
        text,
    })
}

/// The full name of the command, and its options. `None` when it is not ours.
fn walk(i: &CommandInteraction) -> Option<(String, &[CommandDataOption])> {
    if i.data.name != schema::NAME {
        return None;
    }
    let mut words = Vec::new();
    let mut options: &[CommandDataOption] = &i.data.options;
    while let [one] = options {
        match &one.value {
            Given::SubCommandGroup(inner) => {
                words.push(one.name.as_str());
                options = inner;
            }
            Given::SubCommand(inner) => {
                words.push(one.name.as_str());
                options = inner;
                break;
            }
            _ => return None,
        }
    }
    if words.is_empty() {
        None
    } else {
        Some((words.join(" "), options))
    }
}

/// A person, a role or a channel is its id as text.
fn value(given: &Given) -> Option<Value> {
    Some(match given {
        Given::Boolean(on) => Value::Bool(*on),
        Given::Integer(n) => Value::Int(*n),
        Given::Number(n) => Value::Text(n.to_string()),
        Given::String(text) | Given::Autocomplete { value: text, .. } => Value::Text(text.clone()),
        Given::User(id) => Value::Text(id.get().to_string()),
        Given::Role(id) => Value::Text(id.get().to_string()),
        Given::Channel(id) => Value::Text(id.get().to_string()),
        Given::Mentionable(id) => Value::Text(id.get().to_string()),
        _ => return None,
    })
}

fn press(origin: &Origin, id: &str, form: Option<BTreeMap<String, String>>, on_private: bool) -> Request {
    match components::parse_id(id) {
        Err(old) => Request::Old(old),
        Ok(components::CustomId { act, subject, extra }) => {
            let here = match &extra {
                Some(components::Extra::Here(text)) => Some(text.clone()),
                _ => None,
            };
            let press = Press {
                event: event(origin),
                actor: origin.actor.clone(),
                place: origin.place.clone(),
                locale: origin.locale,
                act,
                subject,
                extra: here,
                form,
                on_private,
            };
            Request::Press(press, extra)
        }
    }
}

fn fields(i: &ModalInteraction) -> BTreeMap<String, String> {
    i.data
        .components
        .iter()
        .flat_map(|row| &row.components)
        .filter_map(|component| match component {
            ActionRowComponent::InputText(input) => {
                Some((input.custom_id.clone(), input.value.clone().unwrap_or_default()))
            }
            _ => None,
        })
        .collect()
}
