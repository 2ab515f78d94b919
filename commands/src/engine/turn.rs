//! What a button that turns a page carries: whose pages, which one, and the command that gives them anew when they are kept no
//! more. So it works after a restart, and shows what is true then.

use std::{collections::BTreeMap, fmt};

use super::interaction::Ask;
use crate::{
    input::{Value, options_from_line, options_to_line},
    model::{Text, UserId},
    texts::engine as say,
};

/// The way to a page. Written `page:owner:command:options`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Which page, from 0 on.
    pub(crate) page: usize,
    /// Whose pages.
    pub(crate) owner: UserId,
    command: String,
    options: BTreeMap<String, Value>,
}

impl Turn {
    /// To a page of the answer to a command.
    pub(crate) fn to(page: usize, ask: &Ask) -> Self {
        Self {
            page,
            owner: ask.actor.user,
            command: ask.command.clone(),
            options: ask.options.clone(),
        }
    }

    /// To another page of the same.
    pub(crate) fn at(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// Reads what a button carries; nothing when it carries no more than a page, as those of the first release do.
    pub(crate) fn parse(extra: &str) -> Option<Self> {
        let mut parts = extra.splitn(4, ':');
        let page = parts.next()?.parse().ok()?;
        let owner = UserId(parts.next()?.parse().ok()?);
        let command = parts.next()?.to_owned();
        let options = options_from_line(parts.next()?);
        Some(Self {
            page,
            owner,
            command,
            options,
        })
    }

    /// Pages are turned by who asked for them.
    pub(crate) fn must_be_of(&self, who: UserId) -> Result<(), Text> {
        if self.owner == who {
            Ok(())
        } else {
            Err(say::pages_of(self.owner))
        }
    }

    /// The command, to be asked again by who presses.
    pub(crate) fn asked_by(self, press: &super::interaction::Press) -> Ask {
        Ask {
            event: press.event.clone(),
            actor: press.actor.clone(),
            place: press.place.clone(),
            locale: press.locale,
            command: self.command,
            options: self.options,
        }
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = options_to_line(&self.options);
        write!(f, "{}:{}:{}:{options}", self.page, self.owner.0, self.command)
    }
}
