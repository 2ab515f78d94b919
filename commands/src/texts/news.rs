//! What the asker of a change reads of it: in their own note while that can be changed, later in a reply that mentions them.

use crate::{
    model::{ChannelId, Span, Text, TicketId, UserId},
    text,
};

fn all(people: &[UserId]) -> Text {
    Text::joined(
        people.iter().map(|person| Text::from(*person)),
        &text! { en: [" and "], zh: ["、"] },
    )
}

/// Some agreed, and not enough.
pub(crate) fn more_are_needed(people: &[UserId]) -> Text {
    text! {
        en: ["Approved by ", all(people), "; more people are needed"],
        zh: [all(people), " 已批准，仍需更多人批准"],
    }
}

/// Enough agreed.
pub(crate) fn approved(people: &[UserId]) -> Text {
    text! { en: ["Approved by ", all(people), "; it is about to start"], zh: [all(people), " 已批准，即将开始"] }
}

/// It has begun.
pub(crate) fn runs(people: &[UserId]) -> Text {
    text! { en: ["Approved by ", all(people), "; it is running"], zh: [all(people), " 已批准，正在执行"] }
}

/// Where the rest is to be read.
pub(crate) fn see(channel: ChannelId, id: TicketId) -> Text {
    let link = || Span::TicketLink(id);
    text! { en: ["See ", channel, ": ", link()], zh: ["见 ", channel, "：", link()] }
}

/// The button by which the asker takes a request back.
pub(crate) fn withdraw() -> Text {
    text! { en: ["Withdraw"], zh: ["撤回"] }
}

/// A hold came to its end without a word.
pub(crate) fn hold_lapsed() -> Text {
    text! {
        en: ["Your hold has lapsed: nobody resumed it, and the run goes on"],
        zh: ["您的暂停已过期：无人恢复，执行继续"],
    }
}
