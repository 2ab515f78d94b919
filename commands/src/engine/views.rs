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
/// Answers that are kept for all people, and for one.
const MOST: usize = 2000;
const A_PERSON: usize = 20;
/// Bytes of the pages of one answer, and of all that are kept.
const ROOM: usize = 512 * 1024;
const ALL: usize = 16 * 1024 * 1024;

#[derive(Default)]
pub(crate) struct Views {
    pages: DashMap<String, Kept>,
    pending: DashMap<String, (Timestamp, Ask)>,
}

/// Pages of an answer.
struct Kept {
    at: Timestamp,
    owner: UserId,
    pages: Vec<Report>,
    bytes: usize,
}

impl Views {
    /// Keeps pages and gives the first, with its buttons. What is more than there is room for is left out, and told.
    pub(crate) fn open(&self, owner: UserId, pages: Vec<Report>, now: Timestamp) -> Report {
        let (mut pages, bytes) = fitting(pages);
        if pages.len() < 2 {
            return pages.pop().unwrap_or_default();
        }
        while self.count(|kept| kept.owner == owner) >= A_PERSON {
            self.forget_oldest(|kept| kept.owner == owner);
        }
        while self.pages.len() >= MOST || (!self.pages.is_empty() && self.bytes() + bytes > ALL) {
            self.forget_oldest(|_| true);
        }
        let id = crate::model::Reference::new().to_string();
        let first = with_turning_buttons(&id, &pages, 0);
        let kept = Kept {
            at: now,
            owner,
            pages,
            bytes,
        };
        self.pages.insert(id, kept);
        first
    }

    fn bytes(&self) -> usize {
        self.pages.iter().map(|kept| kept.bytes).sum()
    }

    fn count(&self, of: impl Fn(&Kept) -> bool) -> usize {
        self.pages.iter().filter(|kept| of(kept)).count()
    }

    /// A page, for its owner.
    pub(crate) fn page(&self, id: &str, who: UserId, number: usize) -> Result<Report, Text> {
        let Some(kept) = self.pages.get(id) else {
            return Err(say::pages_lapsed());
        };
        let Kept { owner, pages, .. } = kept.value();
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
        self.pages.retain(|_, kept| since(kept.at, now) < KEPT_FOR);
        self.pending.retain(|_, (at, _)| since(*at, now) < KEPT_FOR);
    }

    fn forget_oldest(&self, of: impl Fn(&Kept) -> bool) {
        let oldest = self
            .pages
            .iter()
            .filter(|kept| of(kept))
            .min_by_key(|kept| kept.at)
            .map(|kept| kept.key().clone());
        if let Some(id) = oldest {
            self.pages.remove(&id);
        }
    }
}

/// The pages that there is room for, at least the first, and how many bytes they have.
fn fitting(mut pages: Vec<Report>) -> (Vec<Report>, usize) {
    let mut bytes = 0;
    let mut fit = 0;
    for page in &pages {
        // What it would be if it were stored: near enough to what it holds in memory.
        bytes += serde_json::to_vec(page).map_or(0, |text| text.len());
        if fit > 0 && bytes > ROOM {
            break;
        }
        fit += 1;
    }
    let all = pages.len();
    pages.truncate(fit);
    if fit < all {
        let note = say::pages_left_out(all - fit);
        pages = pages.into_iter().map(|page| page.footer(&note)).collect();
    }
    (pages, bytes)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Tone;

    fn pages(count: usize, bytes: usize) -> Vec<Report> {
        let page = |n: usize| Report::new(Tone::Info, format!("{n}")).line("x".repeat(bytes));
        (0..count).map(page).collect()
    }

    #[test]
    fn pages_are_bounded_by_bytes_and_say_so() {
        let views = Views::default();
        let now = Timestamp::UNIX_EPOCH;
        let first = views.open(UserId(1), pages(500, 10_000), now);
        let footer = first.footer.map(|footer| footer.plain()).unwrap_or_default();
        assert!(footer.contains("more pages are left out"), "{footer}");
        assert!(views.bytes() <= ROOM + 20_000, "{}", views.bytes());
        let one = views.open(UserId(1), pages(1, 10 * ROOM), now);
        assert_eq!(one.title.plain(), "0", "one page is kept nowhere");
        for n in 0..200 {
            views.open(UserId(2 + n), pages(100, 10_000), now);
        }
        assert!(views.bytes() <= ALL, "{}", views.bytes());
    }

    #[test]
    fn one_person_keeps_no_more_than_their_share() {
        let views = Views::default();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        views.open(UserId(9), pages(2, 10), at(0));
        for second in 0..100 {
            views.open(UserId(1), pages(2, 10), at(second));
        }
        assert_eq!(views.count(|kept| kept.owner == UserId(1)), A_PERSON);
        assert_eq!(
            views.count(|kept| kept.owner == UserId(9)),
            1,
            "others lose nothing by it"
        );
    }
}
