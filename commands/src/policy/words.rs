//! People and quorums in words.

use super::{Alternative, Quorum, Who};
use crate::{line, model::Text};

/// `@lead, @admin or @somebody`.
#[must_use]
pub fn list_who(who: &[Who]) -> Text {
    let mut line = Text::default();
    for (i, one) in who.iter().enumerate() {
        if i > 0 {
            line = line.and(if i + 1 == who.len() { " or " } else { ", " });
        }
        line = match one {
            Who::Role(role) => line.and(*role),
            Who::User(user) => line.and(*user),
        };
    }
    line
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
        let one = |a: &Alternative| line![a.count, " of "].and(people(&a.of));
        let clause = |any: &Vec<Alternative>| joined(any.iter().map(one), ", or ");
        joined(self.every.iter().map(clause), "; and ")
    }
}

fn joined(parts: impl Iterator<Item = Text>, between: &'static str) -> Text {
    let with = |line: Text, part| line.and(between).and(part);
    parts.reduce(with).unwrap_or_default()
}
