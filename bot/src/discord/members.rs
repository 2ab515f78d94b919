//! Who has which role, read from Discord at the time of asking: rights must not rest on what somebody was an hour ago.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ceo_commands::{
    model::{RoleId, UserId},
    ports::{Members, MembersError},
    texts::chat,
};
use futures::future::BoxFuture;
use serde_json::Value as Json;
use tokio::time::Instant;

use super::rest::{Rest, RestError, code};

/// The people of one server.
pub(super) struct DiscordMembers {
    rest: Arc<Rest>,
    guild: u64,
    within: Duration,
    counts_for: Duration,
    counts: Mutex<Option<(Instant, BTreeMap<RoleId, u64>)>>,
}

impl DiscordMembers {
    pub(super) fn new(rest: Arc<Rest>, guild: u64, within: Duration, counts_for: Duration) -> Self {
        Self {
            rest,
            guild,
            within,
            counts_for,
            counts: Mutex::default(),
        }
    }

    async fn in_time(
        &self,
        request: impl Future<Output = Result<Json, RestError>> + Send,
    ) -> Result<Json, RestError> {
        match tokio::time::timeout(self.within, request).await {
            Ok(result) => result,
            Err(_) => Err(RestError::Unknown(chat::nothing_within(self.within))),
        }
    }

    async fn read_roles(&self, user: UserId) -> Result<Vec<RoleId>, MembersError> {
        let member = match self.in_time(self.rest.member(self.guild, user.0)).await {
            Ok(member) => member,
            // Not here any more: no roles. Everything else is an outage, never a denial.
            Err(error) if matches!(error.code(), Some(code::UNKNOWN_MEMBER | code::UNKNOWN_USER)) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(MembersError(error.words())),
        };
        roles(&member).ok_or_else(|| MembersError(chat::member_without_roles()))
    }

    async fn read_counts(&self) -> Result<BTreeMap<RoleId, u64>, MembersError> {
        let fresh = {
            let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts
                .as_ref()
                .filter(|(at, _)| at.elapsed() < self.counts_for)
                .map(|(_, counts)| counts.clone())
        };
        if let Some(counts) = fresh {
            return Ok(counts);
        }
        let answer = self
            .in_time(self.rest.role_counts(self.guild))
            .await
            .map_err(|error| MembersError(error.words()))?;
        let read = counts(&answer).ok_or_else(|| MembersError(chat::no_list_of_roles()))?;
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), read.clone()));
        Ok(read)
    }
}

fn roles(member: &Json) -> Option<Vec<RoleId>> {
    member["roles"]
        .as_array()?
        .iter()
        .map(|id| id.as_str()?.parse().ok().map(RoleId))
        .collect()
}

fn counts(answer: &Json) -> Option<BTreeMap<RoleId, u64>> {
    answer
        .as_object()?
        .iter()
        .map(|(id, n)| Some((RoleId(id.parse().ok()?), n.as_u64()?)))
        .collect()
}

impl Members for DiscordMembers {
    fn roles(&self, user: UserId) -> BoxFuture<'_, Result<Vec<RoleId>, MembersError>> {
        Box::pin(self.read_roles(user))
    }

    fn role_counts(&self) -> BoxFuture<'_, Result<BTreeMap<RoleId, u64>, MembersError>> {
        Box::pin(self.read_counts())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_come_as_text_and_anything_else_is_an_outage() {
        assert_eq!(
            roles(&json!({"roles": ["111", "222"]})),
            Some(vec![RoleId(111), RoleId(222)])
        );
        assert_eq!(roles(&json!({"roles": []})), Some(vec![]));
        assert_eq!(roles(&json!({})), None);
        assert_eq!(roles(&json!({"roles": ["x"]})), None);
        assert_eq!(
            counts(&json!({"111": 3})),
            Some(BTreeMap::from([(RoleId(111), 3)]))
        );
        assert_eq!(counts(&json!([])), None);
        assert_eq!(counts(&json!({"111": "3"})), None);
    }
}
