//! Words that stand in many sentences: lengths of time, counts, alternatives, the mark of an answer.

use std::time::Duration;

use crate::{
    model::{Reference, Span, Text, code, spell},
    text,
};

/// A human length of time: `41 s`, `6 min 12 s`.
#[must_use]
pub fn length(length: Duration) -> Text {
    let s = length.as_secs();
    let (large, unit, small, part) = match s {
        0..60 => return text! { en: [spell(length)], zh: [s, " 秒"] },
        60..3600 => (s / 60, " 分钟", s % 60, " 秒"),
        3600..86_400 => (s / 3600, " 小时", (s % 3600) / 60, " 分钟"),
        _ => (s / 86_400, " 天", (s % 86_400) / 3600, " 小时"),
    };
    if small == 0 {
        text! { en: [spell(length)], zh: [large, unit] }
    } else {
        text! { en: [spell(length)], zh: [large, unit, " ", small, part] }
    }
}

/// How long something went on: what was over within a second went on all the same.
#[must_use]
pub fn lasted(length_of_it: Duration) -> Text {
    if length_of_it < Duration::from_secs(1) {
        text! { en: ["less than a second"], zh: ["不到 1 秒"] }
    } else {
        length(length_of_it)
    }
}

/// The same, and milliseconds where a second would be a lie.
#[must_use]
pub fn short_length(short: Duration) -> Text {
    if short < Duration::from_secs(1) {
        text! { en: [short.as_millis() as u64, " ms"], zh: [short.as_millis() as u64, " 毫秒"] }
    } else {
        length(short)
    }
}

/// `1 pod`, `3 pods`.
#[must_use]
pub fn pods(n: i32) -> Text {
    text! { en: [n, if n == 1 { " pod" } else { " pods" }], zh: [n, " 个 Pod"] }
}

/// `a, b or c`.
#[must_use]
pub fn or(all: impl IntoIterator<Item = Text>) -> Text {
    let all: Vec<Text> = all.into_iter().collect();
    let last = all.len().saturating_sub(1);
    let mut out = Text::default();
    for (n, one) in all.into_iter().enumerate() {
        if n > 0 && n == last {
            out.push(text! { en: [" or "], zh: [" 或 "] });
        } else if n > 0 {
            out.push(text! { en: [", "], zh: ["、"] });
        }
        out.push(one);
    }
    out
}

/// Names one after the other, or `none`.
#[must_use]
pub fn names(all: &[String]) -> Text {
    if all.is_empty() {
        text! { en: ["none"], zh: ["无"] }
    } else {
        text! { en: [all.join(", ")], zh: [all.join("、")] }
    }
}

/// The small print that names an answer.
#[must_use]
pub fn reference(mark: &Reference) -> Text {
    text! { en: ["Reference ", mark.to_string()], zh: ["参考号 ", mark.to_string()] }
}

/// An option with the place of its value, as one types it.
#[must_use]
pub fn option(name: &str) -> Span {
    code(format!("{name}:…"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Locale;

    #[test]
    fn lengths_are_said_in_both_languages() {
        for (seconds, en, zh) in [
            (0, "0 s", "0 秒"),
            (41, "41 s", "41 秒"),
            (372, "6 min 12 s", "6 分钟 12 秒"),
            (3600, "1 h", "1 小时"),
            (446_400, "5 d 4 h", "5 天 4 小时"),
        ] {
            let text = length(Duration::from_secs(seconds));
            assert_eq!(
                (text.plain(), text.plain_in(Locale::ZhCn)),
                (en.into(), zh.into())
            );
        }
        for (millis, en, zh) in [
            (0, "less than a second", "不到 1 秒"),
            (999, "less than a second", "不到 1 秒"),
            (1000, "1 s", "1 秒"),
        ] {
            let text = lasted(Duration::from_millis(millis));
            assert_eq!(
                (text.plain(), text.plain_in(Locale::ZhCn)),
                (en.into(), zh.into())
            );
        }
        assert_eq!(
            short_length(Duration::from_millis(20)).plain_in(Locale::ZhCn),
            "20 毫秒"
        );
    }

    #[test]
    fn alternatives_end_with_or() {
        let three = || ["a", "b", "c"].map(Text::from);
        assert_eq!(or(three()).plain(), "a, b or c");
        assert_eq!(or(three()).plain_in(Locale::ZhCn), "a、b 或 c");
        assert_eq!(or(["a".into()]).plain(), "a");
    }
}
