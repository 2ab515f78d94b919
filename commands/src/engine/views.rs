//! What is kept in memory only, because losing it costs little: pages of an answer, whose buttons carry the command that is
//! asked again where they are gone, and requests that wait for a form.

use std::time::Duration;

use dashmap::DashMap;

use super::{interaction::Ask, turn::Turn};
use crate::{
    model::{Act, Action, File, Locale, Report, Style, Text, Timestamp, UserId, since},
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
    /// Whose, and what asks for them again.
    again: Turn,
    pages: Vec<Report>,
    bytes: usize,
}

impl Kept {
    /// A page with the buttons to its neighbours.
    fn page(&self, id: &str, number: usize) -> Report {
        let pages = self.pages.len();
        let number = number.min(pages.saturating_sub(1));
        let mut page = self.pages.get(number).cloned().unwrap_or_default();
        let turn = |to: usize, label: Text| {
            let mut action = Action::new(Act::Page, id, label, Style::Secondary);
            action.extra = Some(self.again.at(to).to_string());
            action
        };
        if number > 0 {
            page.actions.push(turn(number - 1, say::previous()));
        }
        if number + 1 < pages {
            page.actions.push(turn(number + 1, say::next()));
        }
        page.footer(say::page_of(number + 1, pages))
    }
}

impl Views {
    /// Keeps the pages of a command's answer and gives one of them, with its buttons. Where there is no room for all of them,
    /// the whole is a file under it.
    pub(crate) fn open(&self, ask: &Ask, mut pages: Vec<Report>, number: usize, now: Timestamp) -> Report {
        let all = pages.len();
        let (fit, bytes) = fitting(&pages);
        let whole = (fit < all).then(|| whole(&pages, ask));
        pages.truncate(fit);
        if pages.len() < 2 {
            return pages.pop().unwrap_or_default();
        }
        let owner = ask.actor.user;
        while self.count(|kept| kept.again.owner == owner) >= A_PERSON {
            self.forget_oldest(|kept| kept.again.owner == owner);
        }
        while self.pages.len() >= MOST || (!self.pages.is_empty() && self.bytes() + bytes > ALL) {
            self.forget_oldest(|_| true);
        }
        let id = crate::model::Reference::new().to_string();
        let kept = Kept {
            at: now,
            again: Turn::to(0, ask),
            pages,
            bytes,
        };
        let shown = kept.page(&id, number);
        self.pages.insert(id, kept);
        match whole {
            Some(file) => shown.footer(say::pages_left_out(all - fit)).file(file),
            None => shown,
        }
    }

    fn bytes(&self) -> usize {
        self.pages.iter().map(|kept| kept.bytes).sum()
    }

    fn count(&self, of: impl Fn(&Kept) -> bool) -> usize {
        self.pages.iter().filter(|kept| of(kept)).count()
    }

    /// A page, for its owner; nothing when it is not kept any more.
    pub(crate) fn page(&self, id: &str, who: UserId, number: usize) -> Result<Option<Report>, Text> {
        let Some(kept) = self.pages.get(id) else {
            return Ok(None);
        };
        kept.again.must_be_of(who)?;
        Ok(Some(kept.page(id, number)))
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

/// How many pages there is room for, at least the first, and how many bytes they have.
fn fitting(pages: &[Report]) -> (usize, usize) {
    let mut bytes = 0;
    for (n, page) in pages.iter().enumerate() {
        // What it would be if it were stored: near enough to what it holds in memory.
        let with_this = bytes + serde_json::to_vec(page).map_or(0, |text| text.len());
        if n > 0 && with_this > ROOM {
            return (n, bytes);
        }
        bytes = with_this;
    }
    (pages.len(), bytes)
}

/// All pages as one text, in the language of who asked: columns apart by tabs, so that other programs read them too.
fn whole(pages: &[Report], ask: &Ask) -> File {
    let mut text = String::new();
    for page in pages {
        text.extend(
            page.texts()
                .map(|line| format!("{}\n", line.plain_in(ask.locale))),
        );
        for row in page.tables().flat_map(|table| &table.rows) {
            text.push_str(&tabbed(row, ask.locale));
        }
    }
    let head = pages
        .iter()
        .flat_map(Report::tables)
        .next()
        .map(|table| tabbed(&table.head, ask.locale));
    let name = format!("{}.txt", ask.command.replace(' ', "-"));
    File::new(
        name,
        say::the_whole(),
        format!("{}{text}", head.unwrap_or_default()).into_bytes(),
    )
}

fn tabbed(cells: &[Text], locale: Locale) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.plain_in(locale)).collect();
    format!("{}\n", cells.join("\t"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Actor, ChannelId, Place, Table, Tone};

    fn pages(count: usize, bytes: usize) -> Vec<Report> {
        let page = |n: usize| {
            let rows = vec![vec![Text::from(format!("row {n}")), "x".repeat(bytes).into()]];
            let head = vec!["NAME".into(), "STATE".into()];
            Report::new(Tone::Info, format!("{n}")).table(Table { head, rows })
        };
        (0..count).map(page).collect()
    }

    fn ask(user: u64) -> Ask {
        Ask {
            event: String::new(),
            actor: Actor {
                user: UserId(user),
                roles: vec![],
                name: String::new(),
            },
            place: Place {
                channel: ChannelId(1),
                cluster: "prod".to_owned(),
                namespace: "shop".to_owned(),
            },
            locale: Locale::En,
            command: "get pods".to_owned(),
            options: [("selector".to_owned(), "app=x;tier=y".to_owned())]
                .map(|(name, value)| (name, crate::input::Value::Text(value)))
                .into(),
        }
    }

    #[test]
    fn pages_are_bounded_by_bytes_and_the_whole_is_a_file() {
        let views = Views::default();
        let now = Timestamp::UNIX_EPOCH;
        let first = views.open(&ask(1), pages(500, 10_000), 0, now);
        let footer = first.footer.as_ref().map(Text::plain).unwrap_or_default();
        assert!(footer.contains("the whole is in the file"), "{footer}");
        let file = first.files().next().unwrap();
        let text = String::from_utf8(file.bytes().unwrap().to_vec()).unwrap();
        assert!(text.starts_with("NAME\tSTATE\nrow 0\t") && text.contains("\nrow 499\t"));
        assert_eq!(file.name, "get-pods.txt");
        assert!(views.bytes() <= ROOM, "{}", views.bytes());
        let one = views.open(&ask(1), pages(1, 10 * ROOM), 0, now);
        assert_eq!(one.title.plain(), "0", "one page is kept nowhere");
        for n in 0..200 {
            views.open(&ask(2 + n), pages(100, 10_000), 0, now);
        }
        assert!(views.bytes() <= ALL, "{}", views.bytes());
    }

    #[test]
    fn a_button_carries_what_asks_again() {
        let views = Views::default();
        let second = views.open(&ask(7), pages(3, 10), 1, Timestamp::UNIX_EPOCH);
        assert_eq!(second.title.plain(), "1");
        let to: Vec<Turn> = second
            .actions
            .iter()
            .filter_map(|action| Turn::parse(action.extra.as_deref()?))
            .collect();
        assert_eq!(to, [Turn::to(0, &ask(7)), Turn::to(2, &ask(7))]);
        let id = &second.actions[0].subject;
        assert!(views.page(id, UserId(8), 0).is_err(), "of somebody else");
        assert!(views.page(id, UserId(7), 0).unwrap().is_some());
        assert_eq!(views.page("gone", UserId(7), 0), Ok(None));
    }

    #[test]
    fn one_person_keeps_no_more_than_their_share() {
        let views = Views::default();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        views.open(&ask(9), pages(2, 10), 0, at(0));
        for second in 0..100 {
            views.open(&ask(1), pages(2, 10), 0, at(second));
        }
        assert_eq!(views.count(|kept| kept.again.owner == UserId(1)), A_PERSON);
        assert_eq!(
            views.count(|kept| kept.again.owner == UserId(9)),
            1,
            "others lose nothing by it"
        );
    }
}
