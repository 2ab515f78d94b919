//! `/ceo health`.

use std::time::Duration;

use super::{common, unanswered};
use crate::{
    line,
    model::{Text, Timestamp, ago, bold, code},
    text,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Asks the service how it is"], zh: ["探测服务健康端点"] }
}

/// The option.
pub(crate) fn target() -> Text {
    text! { en: ["Only this target"], zh: ["仅此目标"] }
}

/// Why no answer came in time.
#[must_use]
pub fn nothing_within(after: Duration) -> Text {
    unanswered::nothing_within(after)
}

/// The button that asks from within.
pub(crate) fn from_a_pod(name: &str) -> Text {
    text! { en: ["Ask ", name, " from a pod"], zh: ["从 Pod 内探测 ", name] }
}

/// How the one target is.
pub(crate) fn title_of_one(name: &str, troubled: usize, asked: usize) -> Text {
    match (troubled, asked) {
        (0, _) => text! { en: [name, " answers"], zh: [name, " 应答正常"] },
        (all, asked) if all == asked => {
            text! { en: [name, " does not answer as it should"], zh: [name, " 应答异常"] }
        }
        (some, asked) => text! {
            en: [name, ": ", some, " of ", asked, " paths not answered as they should be"],
            zh: [name, "：", asked, " 个路径中 ", some, " 个应答异常"],
        },
    }
}

/// How several targets are.
pub(crate) fn title_of_all(targets: usize, troubled: usize) -> Text {
    match troubled {
        0 => text! { en: [targets, " health targets answer"], zh: [targets, " 个健康目标应答正常"] },
        some => text! {
            en: [targets, " health targets, ", some, " not answering as they should"],
            zh: [targets, " 个健康目标，", some, " 个应答异常"],
        },
    }
}

/// Which target, and that it is reached by its address.
pub(crate) fn by_address(name: &str, url: &str) -> Text {
    line![bold(name), " · ", code(url)]
}

/// Which target, and that the API server passes the questions on.
pub(crate) fn by_service(name: &str, service: &str) -> Text {
    text! {
        en: [bold(name), " · Service ", code(service), " through the API server"],
        zh: [bold(name), " · Service ", code(service), "，经 API server 转发"],
    }
}

/// The head of a column.
pub(crate) fn path() -> Text {
    text! { en: ["PATH"], zh: ["路径"] }
}

/// The head of a column.
pub(crate) fn status() -> Text {
    text! { en: ["CODE"], zh: ["状态码"] }
}

/// The head of a column.
pub(crate) fn now() -> Text {
    text! { en: ["NOW"], zh: ["本次"] }
}

/// What stands where nothing answered.
pub(crate) fn nothing() -> Text {
    "–".into()
}

/// An answer that is no good one.
pub(crate) fn answered(path: &str, status: u16, begins: &str) -> Text {
    let status = u32::from(status);
    if begins.is_empty() {
        text! { en: [code(path), " answers ", status], zh: [code(path), " 返回 ", status] }
    } else {
        text! { en: [code(path), " answers ", status, ": ", code(begins)], zh: [code(path), " 返回 ", status, "：", code(begins)] }
    }
}

/// An answer that sends elsewhere.
pub(crate) fn redirected(path: &str, status: u16) -> Text {
    let status = u32::from(status);
    text! {
        en: [code(path), " answers ", status, ", a redirection, which was not followed"],
        zh: [code(path), " 返回 ", status, "（重定向，未跟随）"],
    }
}

/// No answer.
pub(crate) fn unanswered(path: &str, why: &Text) -> Text {
    text! { en: [code(path), " was not answered: ", why], zh: [code(path), " 无应答：", why] }
}

/// No path was answered, all for one reason.
pub(crate) fn all_unanswered(why: &Text) -> Text {
    text! { en: ["no path was answered: ", why], zh: ["所有路径均无应答：", why] }
}

/// What P50 and P95 are taken from.
pub(crate) fn taken_from(asked: usize, since: Timestamp) -> Text {
    text! {
        en: ["P50 and P95 are of the last ", asked, " questions, the first ", ago(since), "."],
        zh: ["P50 与 P95 取自最近 ", asked, " 次探测，首次于 ", ago(since), "。"],
    }
}

/// How often a path failed lately.
pub(crate) fn failed_lately(path: &str, failed: usize, asked: usize) -> Text {
    text! {
        en: [code(path), ": ", failed, " of the last ", asked, " questions not answered as they should be"],
        zh: [code(path), "：最近 ", asked, " 次探测中 ", failed, " 次应答异常"],
    }
}

/// How long the certificate is good.
pub(crate) fn certificate(at: Timestamp) -> Text {
    text! { en: ["its certificate is good until ", ago(at)], zh: ["证书有效期至 ", ago(at)] }
}

/// No target is in the settings, or none that the person may read of.
pub(crate) fn none() -> Text {
    text! { en: ["No health target is configured here"], zh: ["此处未配置健康目标"] }
}

/// What gives one.
pub(crate) fn how_to_add() -> Text {
    text! {
        en: ["Whoever runs the bot adds one to its settings: ", code("[[probes]]"), " with a name and a url or a service."],
        zh: ["由机器人管理员在设置中添加：", code("[[probes]]"), "，含 name 与 url 或 service。"],
    }
}

/// There is none of that name.
pub(crate) fn no_such(name: &str) -> Text {
    text! { en: ["There is no health target ", code(name)], zh: ["没有健康目标 ", code(name)] }
}

/// Those that there are.
pub(crate) fn there_are(names: &[String]) -> Text {
    text! { en: ["There are: ", common::names(names)], zh: ["现有：", common::names(names)] }
}

/// A time in a cell, the same in each language: `12 ms`, `1.25 s`.
pub(crate) fn took(time: Duration) -> Text {
    if time < Duration::from_secs(1) {
        return format!("{} ms", time.as_millis()).into();
    }
    format!("{:.2} s", time.as_secs_f64()).into()
}

/// The button that asks again.
pub(crate) fn again() -> Text {
    text! { en: ["Ask again"], zh: ["再次探测"] }
}
