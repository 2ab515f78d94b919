//! `/ceo get …`: the group, and the heads of columns that several lists have.

pub(crate) mod changes;
pub(crate) mod config;
pub(crate) mod cronjobs;
pub(crate) mod events;
pub(crate) mod hpa;
pub(crate) mod ingress;
pub(crate) mod jobs;
pub(crate) mod nodes;
pub(crate) mod pods;
pub(crate) mod quotas;
pub(crate) mod services;
pub(crate) mod top;
pub(crate) mod volumes;

use std::time::Duration;

use crate::{model::Text, text};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["List objects"], zh: ["列出对象"] }
}

/// The head of a column.
pub(crate) fn name() -> Text {
    text! { en: ["NAME"], zh: ["名称"] }
}

/// What a list is of.
#[derive(Clone, Copy)]
pub(crate) struct Noun {
    /// `Ingress`.
    pub(crate) one: &'static str,
    /// `Ingresses`.
    pub(crate) many: &'static str,
    /// What it is called in Chinese.
    pub(crate) zh: &'static str,
}

impl Noun {
    /// A word of Latin letters stands apart from Chinese ones.
    fn in_chinese(self) -> String {
        let apart = self.zh.starts_with(|c: char| c.is_ascii());
        format!("{}{}", if apart { " " } else { "" }, self.zh)
    }

    fn count(self, n: usize) -> Text {
        let en = if n == 1 { self.one } else { self.many };
        text! { en: [n, " ", en], zh: [n, " 个", self.in_chinese()] }
    }
}

/// What there is of an object; of a whole place, which stands beside the title, that alone.
pub(crate) fn of(all: &Text, of: Option<&Text>) -> Text {
    match of {
        Some(of) => text! { en: [all, " of ", of], zh: [of, "：", all] },
        None => all.clone(),
    }
}

/// `3 Ingresses of deployment/x, 1 in trouble`
pub(crate) fn title(what: Noun, n: usize, whose: Option<&Text>, wrong: usize) -> Text {
    let all = of(&what.count(n), whose);
    match wrong {
        0 => all,
        _ => text! { en: [&all, ", ", wrong, " in trouble"], zh: [all, "，", wrong, " 个异常"] },
    }
}

/// There are none.
pub(crate) fn none(what: Noun, whose: Option<&Text>) -> Text {
    match whose {
        Some(of) => {
            text! { en: ["No ", what.many, " of ", of], zh: [of, "：没有", what.in_chinese()] }
        }
        None => text! { en: ["No ", what.many], zh: ["没有", what.in_chinese()] },
    }
}

/// More were not asked for.
pub(crate) fn only_the_first(n: usize) -> Text {
    text! {
        en: ["Only the first ", n, " were read; there are more."],
        zh: ["仅读取前 ", n, " 个，还有更多。"],
    }
}

/// The head of a column.
pub(crate) fn age() -> Text {
    text! { en: ["AGE"], zh: ["时长"] }
}

/// The head of a column.
pub(crate) fn state() -> Text {
    text! { en: ["STATE"], zh: ["状态"] }
}

/// A length of time as kubectl's columns have it, in one unit: `10m`, `3h`, `2d`.
pub(crate) fn brief(length: Duration) -> Text {
    let s = length.as_secs();
    Text::from(match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}m", s / 60),
        3600..86_400 => format!("{}h", s / 3600),
        _ => format!("{}d", s / 86_400),
    })
}

/// `selector app=postgres`, as a part of a title.
pub(crate) fn of_selector(selector: &str) -> Text {
    text! { en: ["selector ", selector], zh: ["选择器 ", selector] }
}
