//! `/ceo get events`.

use std::time::Duration;

use crate::{
    model::{Text, Timestamp, ago},
    text,
    texts::get::{self, Noun},
};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "Event",
    many: "Events",
    zh: "事件",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["What happened, newest first"], zh: ["事件，最新的在前"] }
}

/// `12 kinds of Events of deployment/x, 3 of them warnings`
pub(crate) fn title(n: usize, whose: Option<&Text>, warnings: usize) -> Text {
    let kinds = if n == 1 {
        " kind of Event"
    } else {
        " kinds of Events"
    };
    let all = get::of(&text! { en: [n, kinds], zh: [n, " 类事件"] }, whose);
    match (warnings, n) {
        (0, _) => all,
        (1, 1) => text! { en: [&all, ", a warning"], zh: [all, "，为警告"] },
        (1, _) => text! { en: [&all, ", 1 of them a warning"], zh: [all, "，其中 1 类为警告"] },
        _ => {
            text! { en: [&all, ", ", warnings, " of them warnings"], zh: [all, "，其中 ", warnings, " 类为警告"] }
        }
    }
}

/// There are none. The API server forgets them after an hour.
pub(crate) fn none(whose: Option<&Text>) -> Text {
    match whose {
        Some(of) => text! { en: ["No Events of ", of, " are kept"], zh: [of, "：没有保留的事件"] },
        None => text! { en: ["No Events are kept"], zh: ["没有保留的事件"] },
    }
}

/// Why that says little.
pub(crate) fn forgotten() -> Text {
    text! {
        en: ["An API server keeps Events for an hour unless it is told otherwise."],
        zh: ["API Server 默认只保留一小时内的事件。"],
    }
}

/// `FailedScheduling 3 times, last 2 minutes ago: 0/4 nodes are available`
pub(crate) fn told(reason: &str, times: i64, last: Option<Timestamp>, message: &str) -> Text {
    let head = match times {
        1 => Text::from(reason),
        _ => text! { en: [reason, " ", times, " times"], zh: [reason, " ", times, " 次"] },
    };
    let head = match last {
        Some(at) => text! { en: [&head, ", last ", ago(at)], zh: [head, "，最近一次 ", ago(at)] },
        None => head,
    };
    if message.is_empty() {
        head
    } else {
        text! { en: [&head, ": ", message], zh: [head, "：", message] }
    }
}

/// How long ago, in a column.
pub(crate) fn seen(ago: Option<Duration>) -> Text {
    ago.map(get::brief).unwrap_or_default()
}

/// The heading over what went wrong.
pub(crate) fn warnings() -> Text {
    text! { en: ["Warning"], zh: ["警告"] }
}

/// The heading over the rest.
pub(crate) fn normal() -> Text {
    text! { en: ["Normal"], zh: ["正常"] }
}

/// The head of a column.
pub(crate) fn reason() -> Text {
    text! { en: ["REASON"], zh: ["原因"] }
}

/// The head of a column.
pub(crate) fn times() -> Text {
    text! { en: ["TIMES"], zh: ["次数"] }
}

/// The head of a column.
pub(crate) fn last() -> Text {
    text! { en: ["LAST"], zh: ["最近"] }
}
