//! `/ceo get quotas`.

use crate::{model::Text, text, texts::get::Noun};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "quota",
    many: "quotas",
    zh: "配额",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Quotas: used and allowed"], zh: ["配额用量与上限"] }
}

/// `2 quotas, 1 resource at its limit`
pub(crate) fn title(quotas: usize, ranges: usize, used_up: usize) -> Text {
    let (q, r) = (
        if quotas == 1 { " quota" } else { " quotas" },
        if ranges == 1 {
            " LimitRange"
        } else {
            " LimitRanges"
        },
    );
    let all = match ranges {
        0 => text! { en: [quotas, q], zh: [quotas, " 个配额"] },
        _ => text! {
            en: [quotas, q, " and ", ranges, r],
            zh: [quotas, " 个配额、", ranges, " 个 LimitRange"],
        },
    };
    match used_up {
        0 => all,
        1 => text! { en: [&all, ", 1 resource at its limit"], zh: [all, "，1 项资源已达上限"] },
        n => {
            text! { en: [&all, ", ", n, " resources at their limits"], zh: [all, "，", n, " 项资源已达上限"] }
        }
    }
}

/// Nothing more can be had.
pub(crate) fn used_up(used: &str, hard: &str) -> Text {
    text! { en: ["used up: ", used, " of ", hard], zh: ["已用尽：", used, "，上限 ", hard] }
}

/// Little is left.
pub(crate) fn nearly(percent: u32) -> Text {
    text! { en: [percent, " % used"], zh: ["已使用 ", percent, " %"] }
}

/// The heading over what holds for one type of thing.
pub(crate) fn range(name: &str, type_: &str) -> Text {
    text! { en: ["limitrange/", name, ", each ", type_], zh: ["limitrange/", name, "，每个 ", type_] }
}

/// What holds of what says nothing itself, and the bounds.
pub(crate) fn bounds(
    request: Option<&str>,
    limit: Option<&str>,
    min: Option<&str>,
    max: Option<&str>,
) -> Text {
    let part = |text: Option<&str>, en: &'static str, zh: &'static str| {
        text.map(|value| text! { en: [en, value], zh: [zh, value] })
    };
    let parts = [
        part(request, "request ", "默认请求 "),
        part(limit, "limit ", "默认上限 "),
        part(min, "min ", "最小 "),
        part(max, "max ", "最大 "),
    ];
    Text::joined(parts.into_iter().flatten(), &super::super::diagnosis::comma())
}

/// The head of a column.
pub(crate) fn resource() -> Text {
    text! { en: ["RESOURCE"], zh: ["资源"] }
}

/// The head of a column.
pub(crate) fn used() -> Text {
    text! { en: ["USED"], zh: ["已用"] }
}

/// The head of a column.
pub(crate) fn allowed() -> Text {
    text! { en: ["ALLOWED"], zh: ["上限"] }
}
