//! Who asks, and where.

use serde::{Deserialize, Serialize};

use super::{ChannelId, RoleId, UserId};

/// A person as the chat presented them with the request. The name is for reading; rights hang on the ids alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// What the chat calls them.
    pub name: String,
    /// Their roles at the time of the request.
    pub roles: Vec<RoleId>,
}

/// The language in which a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Locale {
    /// English, and what everybody gets whose language is not spoken here.
    #[default]
    En,
    /// Chinese as written in China.
    ZhCn,
}

impl Locale {
    /// From the tag that a chat client sends (`zh-CN`, `en-GB`).
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        if tag.starts_with("zh") {
            Self::ZhCn
        } else {
            Self::En
        }
    }
}

/// Where a request was made, and what a bare workload name means there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The channel.
    pub channel: ChannelId,
    /// The cluster that a name without one belongs to.
    pub cluster: String,
    /// The namespace that a name without one belongs to.
    pub namespace: String,
}
