//! What is wrong with the words of a command, and what would be right.

use std::time::Duration;

use super::common::{length, option, or};
use crate::{
    model::{Text, WorkloadKind, code},
    text,
};

fn given(name: &str, value: &str) -> crate::model::Span {
    code(format!("{name}: {value}"))
}

pub(crate) fn not_text(name: &str, value: &str) -> Text {
    text! { en: [given(name, value), " is not text"], zh: [given(name, value), " 不是文本"] }
}

pub(crate) fn not_a_switch(name: &str, value: &str) -> Text {
    text! { en: [given(name, value), " is neither true nor false"], zh: [given(name, value), " 只能为 true 或 false"] }
}

pub(crate) fn not_whole(name: &str, value: &str) -> Text {
    text! { en: [given(name, value), " is not a whole number"], zh: [given(name, value), " 不是整数"] }
}

/// An example for a number.
pub(crate) fn for_example(name: &str, value: i64) -> Text {
    let example = || code(format!("{name}:{value}"));
    text! { en: ["For example ", example(), "."], zh: ["例如 ", example(), "。"] }
}

pub(crate) fn out_of_range(name: &str, value: &str) -> Text {
    text! { en: [given(name, value), " is out of range"], zh: [given(name, value), " 超出范围"] }
}

/// Whether the end of a range is only that of the type or of what Discord takes.
pub(crate) fn is_no_bound(most: i64) -> bool {
    const LARGEST_IN_DISCORD: i64 = 9_007_199_254_740_991;
    most >= LARGEST_IN_DISCORD || most == i64::from(i32::MAX)
}

/// The bounds of a number; an end without a meaning of its own is left out.
pub(crate) fn from_to(least: i64, most: i64) -> Text {
    if is_no_bound(most) {
        return text! { en: ["It must be ", least.to_string(), " or more."], zh: ["不得小于 ", least.to_string(), "。"] };
    }
    text! { en: ["It must be from ", least.to_string(), " to ", most.to_string(), "."], zh: ["取值范围为 ", least.to_string(), " 至 ", most.to_string(), "。"] }
}

pub(crate) fn not_a_length(name: &str, value: &str) -> Text {
    text! { en: [given(name, value), " is not a length of time"], zh: [given(name, value), " 不是时长"] }
}

pub(crate) fn lengths_look_like() -> Text {
    let examples = || ["15m", "2h", "1d"].map(|e| Text::from(code(e)));
    text! { en: ["Write it like ", or(examples()), "."], zh: ["格式如 ", or(examples()), "。"] }
}

pub(crate) fn length_from_to(least: Duration, most: Duration) -> Text {
    text! {
        en: ["It must be from ", length(least), " to ", length(most), "."],
        zh: ["取值范围为 ", length(least), " 至 ", length(most), "。"],
    }
}

pub(crate) fn not_known(name: &str, value: &str) -> Text {
    text! { en: [given(name, value), " is not known"], zh: [given(name, value), " 无法识别"] }
}

pub(crate) fn one_of(words: &[&str]) -> Text {
    text! { en: ["It is one of ", words.join(", "), "."], zh: ["可选值：", words.join("、"), "。"] }
}

pub(crate) fn missing(name: &str) -> Text {
    text! { en: ["The option ", code(name), " is missing"], zh: ["缺少选项 ", code(name)] }
}

pub(crate) fn add(name: &str) -> Text {
    text! { en: ["Add ", option(name), " to the command."], zh: ["请在命令中加上 ", option(name), "。"] }
}

pub(crate) fn no_such_option(name: &str) -> Text {
    text! { en: ["The option ", code(name), " does not exist here"], zh: ["此命令没有选项 ", code(name)] }
}

pub(crate) fn see_help() -> Text {
    text! {
        en: ["See ", code("/ceo help"), " for what this command takes."],
        zh: ["可用选项见 ", code("/ceo help"), "。"],
    }
}

pub(crate) fn workloads_look_like() -> Text {
    let examples =
        || ["deployment/ceoagent-api", "prod/ceoagent/statefulset/postgres"].map(|e| Text::from(code(e)));
    text! { en: ["Write it like ", or(examples()), "."], zh: ["格式如 ", or(examples()), "。"] }
}

pub(crate) fn pods_look_like() -> Text {
    let examples =
        || ["pod/ceoagent-api-5d8f7c9b4-x7k2p", "prod/ceoagent/pod/postgres-0"].map(|e| Text::from(code(e)));
    text! { en: ["Write it like ", or(examples()), "."], zh: ["格式如 ", or(examples()), "。"] }
}

pub(crate) fn objects_look_like() -> Text {
    let examples = || {
        [
            "deployment/ceoagent-api",
            "pod/postgres-0",
            "ceoagent/ingress/front",
        ]
        .map(|e| Text::from(code(e)))
    };
    text! { en: ["Write it like ", or(examples()), "."], zh: ["格式如 ", or(examples()), "。"] }
}

pub(crate) fn too_many_parts_of_an_object(text: &str) -> Text {
    text! { en: [code(text), " has too many parts for an object"], zh: [code(text), " 的段数过多，不是对象的写法"] }
}

pub(crate) fn too_many_parts(text: &str) -> Text {
    text! { en: [code(text), " has too many parts for a workload"], zh: [code(text), " 的段数过多，不是工作负载的写法"] }
}

pub(crate) fn no_kind_of_workload(word: &str) -> Text {
    let kinds = || or(WorkloadKind::ALL.map(|kind| Text::from(kind.singular())));
    text! {
        en: [code(word), " is not a kind of workload; it is ", kinds()],
        zh: [code(word), " 不是工作负载类型，应为 ", kinds()],
    }
}

pub(crate) fn no_name(part: &str) -> Text {
    text! {
        en: [code(part), " cannot be the name of anything in Kubernetes"],
        zh: [code(part), " 不是合法的 Kubernetes 名称"],
    }
}

/// No id of a person.
pub(crate) fn nobody(name: &str, value: &str) -> Text {
    text! { en: [given(name, value), " is nobody"], zh: [given(name, value), " 不是任何人"] }
}

/// What to do about that.
pub(crate) fn choose_a_person() -> Text {
    text! { en: ["Choose a person from the list."], zh: ["请从列表中选择人员。"] }
}

/// A kind of which no causes are known.
pub(crate) fn not_looked_into(word: &str) -> Text {
    text! { en: [code(word), " cannot be diagnosed"], zh: [code(word), " 不支持诊断"] }
}

/// What can be, by examples.
pub(crate) fn suspects_look_like() -> Text {
    let examples = || {
        [
            "deployment/ceoagent-api",
            "pod/postgres-0",
            "job/backup",
            "service/ceoagent-api",
            "ingress/front",
            "pvc/data-postgres-0",
            "node/worker-1",
        ]
        .map(|e| Text::from(code(e)))
    };
    text! { en: ["Write it like ", or(examples()), "."], zh: ["格式如 ", or(examples()), "。"] }
}
