//! People and quorums in words.

use super::{Alternative, Quorum, Who};
use crate::{
    model::Text,
    texts::{common::or, policy as say},
};

/// `@lead, @admin or @somebody`.
#[must_use]
pub fn list_who(who: &[Who]) -> Text {
    or(who.iter().map(|one| match one {
        Who::Role(role) => Text::from(*role),
        Who::User(user) => Text::from(*user),
    }))
}

impl Quorum {
    /// `1 of @lead, or 2 of @admin; and 1 of @dba`.
    #[must_use]
    pub fn in_words(&self) -> Text {
        self.in_words_of(list_who)
    }

    /// The same with people called in other words.
    #[must_use]
    pub fn in_words_of(&self, people: impl Fn(&[Who]) -> Text) -> Text {
        let one = |a: &Alternative| say::count_of(a.count, &people(&a.of));
        let clause = |any: &Vec<Alternative>| Text::joined(any.iter().map(one), &say::or_else());
        Text::joined(self.every.iter().map(clause), &say::and_also())
    }
}
