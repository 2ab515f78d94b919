//! What things are called where a whole text would be too much: in the middle of a link, of a title, of small print.

use crate::model::{Locale, TicketId};

/// What a ticket is called: `ticket 13`.
#[must_use]
pub fn ticket_name(id: TicketId, locale: Locale) -> String {
    match locale {
        Locale::En => format!("ticket {id}"),
        Locale::ZhCn => format!("工单 {id}"),
    }
}
