//! Which revision of a workload is meant, and what tells it from others.

use crate::{
    cluster::{Revision, split_image},
    diagnosis::{History, Standing},
    input::BadInput,
    texts::rollback as say,
};

/// The longest tag on a button, whose label holds 34 characters.
const TAG: usize = 16;

/// A button that was drawn when something else ran proposes what nobody means any more.
pub(super) fn still_so(name: &str, seen: Option<i64>, revisions: &[Revision]) -> Result<(), BadInput> {
    let now = revisions.iter().find(|r| r.current).map(|r| r.number);
    match (seen, now) {
        (Some(then), Some(now)) if then != now => {
            Err(BadInput::new(say::overtaken_button(name, then, now)).hint(say::look_first(name)))
        }
        _ => Ok(()),
    }
}

/// The revision that was named; without a name the newest that worked, and where none is known to have worked the newest
/// that is not known to have failed.
pub(super) fn choose<'r>(
    name: &str,
    revisions: &'r [Revision],
    wanted: Option<i64>,
    history: &History,
) -> Result<&'r Revision, BadInput> {
    let numbers = |of: &dyn Fn(&&Revision) -> bool| {
        let mut numbers: Vec<i64> = revisions.iter().filter(of).map(|r| r.number).collect();
        numbers.sort_unstable();
        numbers.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    if let Some(number) = wanted {
        let found = revisions.iter().find(|r| r.number == number);
        let none = || BadInput::new(say::no_such(name, number)).hint(say::it_holds(&numbers(&|_| true)));
        return found.ok_or_else(none);
    }
    let by_itself = [Standing::Worked, Standing::NotKnown];
    let found = by_itself
        .into_iter()
        .find_map(|standing| history.newest(revisions, standing));
    found.ok_or_else(|| match numbers(&|r| !r.current).as_slice() {
        [] => BadInput::new(say::no_earlier(name)).hint(say::only_this()),
        failed => BadInput::new(say::none_worked(name)).hint(say::name_one(failed)),
    })
}

/// The change-cause, where it is of this revision: tools that change a template without saying why leave the words of the
/// change before on it.
pub(super) fn own_cause<'r>(revision: &'r Revision, all: &[Revision]) -> Option<&'r str> {
    let cause = revision.change_cause.as_deref()?;
    let earlier = |other: &&Revision| {
        other.name != revision.name
            && other.change_cause.as_deref() == Some(cause)
            && other.created < revision.created
    };
    (!all.iter().any(|other| earlier(&other))).then_some(cause)
}

/// What tells a revision from others at a glance: the tag, where all its containers have one and the same.
pub(super) fn tag(revision: &Revision) -> Option<&str> {
    let mut tags = revision.images.iter().map(|(_, image)| split_image(image).1);
    let first = tags.next().filter(|tag| !tag.is_empty())?;
    (first.chars().count() <= TAG && tags.all(|tag| tag == first)).then_some(first)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::ops) fn revision(number: i64, cause: Option<&str>) -> Revision {
        Revision {
            number,
            name: format!("api-{number}"),
            template: serde_json::json!({ "n": number }),
            images: vec![("api".to_owned(), format!("acme/api:v{number}"))],
            created: crate::model::Timestamp::from_second(number).ok(),
            change_cause: cause.map(str::to_owned),
            current: false,
            pods: 0,
        }
    }

    /// Four revisions of which the last runs; marks as the watch notes them.
    fn chosen(wanted: Option<i64>, marks: &[&str]) -> Result<i64, String> {
        let mut all: Vec<Revision> = (1..=4).map(|n| revision(n, None)).collect();
        all[3].current = true;
        let history = History::noted(marks);
        choose("deployment/api", &all, wanted, &history)
            .map(|r| r.number)
            .map_err(|bad| bad.what.plain())
    }

    #[test]
    fn without_a_name_it_goes_to_the_newest_that_worked() {
        for (marks, goes_to) in [
            // The one before crashed, the one before that worked.
            (&["api-2", "!api-3", "api-4"][..], 2),
            // What worked once and failed later has worked.
            (&["api-3", "!api-3"], 3),
            (&["api-1", "api-2"], 2),
            // Nothing is known to have worked: the newest that is not known to have failed.
            (&["!api-3"], 2),
            (&[], 3),
        ] {
            assert_eq!(chosen(None, marks), Ok(goes_to), "{marks:?}");
        }
        let refused = chosen(None, &["!api-1", "!api-2", "!api-3", "api-4"]).unwrap_err();
        assert!(refused.contains("known to have worked"), "{refused}");
        assert_eq!(chosen(Some(3), &["!api-3"]), Ok(3), "who names one gets it");
        assert!(chosen(Some(9), &[]).unwrap_err().contains("no revision 9"));
    }

    #[test]
    fn a_cause_that_was_left_behind_is_not_told_as_that_of_the_revision() {
        let all = [
            revision(1, Some("kubectl set image api=acme/api:v1")),
            revision(2, Some("kubectl set image api=acme/api:v1")),
            revision(3, Some("bump to v3")),
            revision(4, None),
        ];
        let told: Vec<_> = all.iter().map(|r| own_cause(r, &all)).collect();
        let own = Some("kubectl set image api=acme/api:v1");
        assert_eq!(told, [own, None, Some("bump to v3"), None]);
    }

    #[test]
    fn a_button_of_another_time_does_nothing() {
        let mut all: Vec<Revision> = (1..=4).map(|n| revision(n, None)).collect();
        all[3].current = true;
        assert!(still_so("deployment/api", Some(4), &all).is_ok());
        assert!(still_so("deployment/api", None, &all).is_ok());
        let refused = still_so("deployment/api", Some(3), &all).unwrap_err();
        assert!(
            refused
                .what
                .plain()
                .contains("ran revision 3; it runs revision 4 now")
        );
    }
}
