//! `/ceo get events`: what happened in the namespace, to an object, or to pods of a selector. Events of one object and one
//! reason are one row.

use std::{cmp::Reverse, collections::HashMap, collections::HashSet};

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{self, List, Row},
        options, quote,
        rights::{self, LIST, Rbac},
        selector,
    },
    family::{Family, Whose},
};
use crate::{
    cluster::{Folded, Select},
    failure::Failure,
    input::{BadInput, Input},
    model::{Report, Scope, Timestamp, Tone, since},
    objects::{Event, Pod, event_time},
    policy::Verb,
    redact::Redactor,
    texts::get::{self, events as say},
};

/// The most Events that are looked at: so many are two hundred requests, and a namespace in a storm.
const MOST: u32 = 20_000;

/// The command.
pub struct GetEvents;

/// Its words.
pub struct GetEventsArgs {
    whose: Whose,
    selector: Option<String>,
}

impl Args for GetEventsArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let whose = Whose::parse(input)?;
        let selector = input.take(&selector::SELECTOR)?;
        if whose.of.is_some() && selector.is_some() {
            let both = crate::texts::options::exclusive("for", "selector");
            return Err(BadInput::new(both).hint(get::pods::give_one()));
        }
        Ok(Self { whose, selector })
    }

    fn scope(&self) -> Scope {
        self.whose.scope()
    }
}

/// Events of one object and one reason.
#[derive(Default)]
struct Group {
    warning: bool,
    times: i64,
    last: Option<Timestamp>,
    message: Box<str>,
}

/// By kind, name and reason.
type Groups = HashMap<(String, String, String), Group>;

impl Query for GetEvents {
    const SPEC: Spec = Spec::new("get events", Verb::Read)
        .stands_for(&["kubectl get events", "kubectl events"])
        .about(say::summary)
        .options(&[&options::FOR, &selector::SELECTOR])
        .rbac(EVENTS)
        .also(&rights::ONE);
    type Args = GetEventsArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = args.scope();
        let family = Family::of(&args.whose, cx).await?;
        let (pods, of) = match &args.selector {
            Some(labels) => {
                let pods = pods_of(labels, &scope, cx).await?;
                (Some(pods), Some(get::of_selector(labels)))
            }
            None => (None, Family::called(family.as_ref())),
        };
        let wanted = |kind: &str, name: &str| {
            let in_family = family.as_ref().is_none_or(|family| family.has(kind, name));
            let of_a_pod = pods
                .as_ref()
                .is_none_or(|pods| kind == "Pod" && pods.contains(name));
            in_family && of_a_pod
        };
        let take = |groups: &mut Groups, event: Event| {
            let about = &event.involved_object;
            if wanted(&about.kind, &about.name) {
                add(groups, &event);
            }
        };
        let found: Folded<Groups> = cx.view.fold(&scope, &select(family.as_ref()), take).await?;
        if found.value.is_empty() {
            if let Some(family) = &family {
                family.must_be()?;
            }
            let none = Report::new(Tone::Off, say::none(of.as_ref())).at(scope.place());
            return Ok(none.line(say::forgotten()).into());
        }
        let warned = found.value.values().any(|group| group.warning);
        let redactor = quote::redactor(&scope, warned, cx).await;
        let notes = listing::unread(&found).into_iter().collect();
        let rows = rows(found.value, redactor.as_deref(), cx.now);
        let title = say::title(rows.len(), of.as_ref(), listing::wrong(&rows));
        let list = List {
            what: say::NOUN,
            of,
            heads: vec![get::name(), say::reason(), say::times(), say::last()],
            rows,
            notes,
        };
        Ok(list.titled(&title, &scope))
    }
}

const EVENTS: &[Rbac] = &[Rbac::on("core/events", LIST), Rbac::on("core/pods", LIST)];

/// The names of the pods with such labels.
async fn pods_of(labels: &str, scope: &Scope, cx: &Context<'_>) -> Result<HashSet<Box<str>>, Failure> {
    let listed = cx.view.list_in::<Pod>(scope, &selector::select(labels)).await;
    let pods = listed.map_err(|error| selector::unreadable(error, labels))?;
    Ok(pods.into_iter().map(|pod| pod.metadata.name).collect())
}

/// Of one object that has no others only its own are asked for.
fn select(family: Option<&Family>) -> Select {
    let alone = family.filter(|family| family.is_alone());
    Select {
        fields: alone.map(|family| format!("involvedObject.name={}", family.name)),
        ..Select::default().at_most(MOST)
    }
}

fn add(groups: &mut Groups, event: &Event) {
    let about = &event.involved_object;
    let key = (
        about.kind.to_lowercase(),
        about.name.to_string(),
        event.reason.to_string(),
    );
    let group = groups.entry(key).or_default();
    group.times += i64::from(event.times());
    group.warning |= event.type_ == "Warning";
    let at = event_time(event);
    if group.message.is_empty() || at >= group.last {
        group.message.clone_from(&event.message);
    }
    group.last = group.last.max(at);
}

/// Warnings before the rest, each the newest first.
fn rows(groups: Groups, redactor: Option<&Redactor>, now: Timestamp) -> Vec<Row> {
    let mut sorted: Vec<_> = groups.into_iter().collect();
    sorted.sort_by(|(a_key, a), (b_key, b)| {
        let order = |group: &Group| (!group.warning, Reverse(group.last));
        order(a).cmp(&order(b)).then_with(|| a_key.cmp(b_key))
    });
    let both = sorted.first().is_some_and(|(_, group)| group.warning)
        && sorted.last().is_some_and(|(_, group)| !group.warning);
    let row = |((kind, name, reason), group): ((String, String, String), Group)| {
        // What it says is told where it is known what is secret.
        let message = redactor.map(|redactor| redactor.quote_in_a_line(&group.message));
        let told = say::told(
            &reason,
            group.times,
            group.last,
            message.as_deref().unwrap_or_default(),
        );
        let seen = group.last.map(|at| since(at, now));
        let cells = vec![reason.into(), format!("{}x", group.times).into(), say::seen(seen)];
        let row = Row::new(format!("{kind}/{name}"), cells).because(group.warning.then_some(told));
        match (both, group.warning) {
            (false, _) => row,
            (true, true) => row.below(say::warnings()),
            (true, false) => row.below(say::normal()),
        }
    };
    sorted.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Text;

    fn event(name: &str, reason: &str, kind: &str, second: i64) -> Event {
        let at = Timestamp::from_second(second).unwrap().to_string();
        serde_json::from_value(
            json!({ "involvedObject": { "kind": "Pod", "name": name }, "reason": reason,
            "type": kind, "message": format!("{reason} of {second}"), "count": 2, "lastTimestamp": at }),
        )
        .unwrap()
    }

    fn told(events: &[Event]) -> Vec<String> {
        let mut groups = Groups::new();
        for event in events {
            add(&mut groups, event);
        }
        let now = Timestamp::from_second(1000).unwrap();
        let rows = rows(groups, Some(&Redactor::default()), now);
        let words = |row: &Row| {
            let cells: Vec<String> = row.cells.iter().map(Text::plain).collect();
            format!("{} {}", row.name, cells.join(" "))
        };
        rows.iter().map(words).collect()
    }

    #[test]
    fn events_of_one_object_and_reason_are_one_and_warnings_come_first() {
        let events = [
            event("a", "Pulled", "Normal", 990),
            event("a", "BackOff", "Warning", 400),
            event("a", "BackOff", "Warning", 700),
            event("b", "BackOff", "Warning", 900),
        ];
        assert_eq!(
            told(&events),
            [
                "pod/b BackOff 2x 1m",
                "pod/a BackOff 4x 5m",
                "pod/a Pulled 2x 10s"
            ]
        );
    }

    #[test]
    fn the_newest_words_are_told_and_none_where_they_may_not_be() {
        let mut groups = Groups::new();
        for second in [700, 400] {
            add(&mut groups, &event("a", "BackOff", "Warning", second));
        }
        let trouble = |groups, redactor| {
            let rows = rows(groups, redactor, Timestamp::from_second(1000).unwrap());
            rows[0].trouble.as_ref().map(Text::plain).unwrap_or_default()
        };
        let clean = Redactor::default();
        let mut again = Groups::new();
        add(&mut again, &event("a", "BackOff", "Warning", 400));
        assert!(trouble(groups, Some(&clean)).ends_with(": BackOff of 700"));
        assert!(!trouble(again, None).contains("of 400"));
    }
}
