//! What is kept in memory only, because losing it costs a repeated command: pages of an answer, and requests that wait
//! for a form.

use std::time::Duration;

use dashmap::DashMap;

use super::interaction::Ask;
use crate::{
    model::{Act, Action, Report, Style, Text, Timestamp, UserId, since},
    texts::engine as say,
};

const KEPT_FOR: Duration = Duration::from_secs(15 * 60);
const MOST: usize = 2000;

#[derive(Default)]
pub(crate) struct Views {
    pages: DashMap<String, (Timestamp, UserId, Vec<Report>)>,
    pending: DashMap<String, (Timestamp, Ask)>,
}

impl Views {
    /// Keeps pages and gives the first, with its buttons.
    pub(crate) fn open(&self, owner: UserId, pages: Vec<Report>, now: Timestamp) -> Report {
        let mut pages = pages;
        if pages.len() < 2 {
            return pages.pop().unwrap_or_default();
        }
        if self.pages.len() >= MOST {
            self.forget_oldest();
        }
        let id = crate::model::Reference::new().to_string();
        let first = with_turning_buttons(&id, &pages, 0);
        self.pages.insert(id, (now, owner, pages));
        first
    }

    /// A page, for its owner.
    pub(crate) fn page(&self, id: &str, who: UserId, number: usize) -> Result<Report, Text> {
        let Some(kept) = self.pages.get(id) else {
            return Err(say::pages_lapsed());
        };
        let (_, owner, pages) = kept.value();
        if *owner != who {
            return Err(say::pages_of(*owner));
        }
        Ok(with_turning_buttons(
            id,
            pages,
            number.min(pages.len().saturating_sub(1)),
        ))
    }

    /// Keeps a request until its form comes back.
    pub(crate) fn hold(&self, ask: Ask, now: Timestamp) -> String {
        let id = format!("~{}", crate::model::Reference::new());
        self.pending.insert(id.clone(), (now, ask));
        id
    }

    /// The request of a form. Stays, so that a form sent twice is an event handled twice, not a lost one.
    pub(crate) fn held(&self, id: &str) -> Option<Ask> {
        self.pending.get(id).map(|kept| kept.1.clone())
    }

    pub(crate) fn forget(&self, now: Timestamp) {
        self.pages.retain(|_, (at, ..)| since(*at, now) < KEPT_FOR);
        self.pending.retain(|_, (at, _)| since(*at, now) < KEPT_FOR);
    }

    fn forget_oldest(&self) {
        let oldest = self
            .pages
            .iter()
            .min_by_key(|kept| kept.0)
            .map(|kept| kept.key().clone());
        if let Some(id) = oldest {
            self.pages.remove(&id);
        }
    }
}

fn with_turning_buttons(id: &str, pages: &[Report], number: usize) -> Report {
    let mut page = pages.get(number).cloned().unwrap_or_default();
    let turn = |to: usize, label: Text| {
        let mut action = Action::new(Act::Page, id, label, Style::Secondary);
        action.extra = Some(to.to_string());
        action
    };
    if number > 0 {
        page.actions.push(turn(number - 1, say::newer()));
    }
    if number + 1 < pages.len() {
        page.actions.push(turn(number + 1, say::older()));
    }
    page.footer(say::page_of(number + 1, pages.len()))
}
