//! `/ceo exec …`.

use std::time::Duration;

use super::common::{length, names, short_length};
use crate::{
    model::{Text, code},
    text,
};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["Commands in containers"], zh: ["在容器中执行"] }
}

/// The command.
pub(crate) fn check_summary() -> Text {
    text! { en: ["Runs a named check"], zh: ["执行预设检查"] }
}

/// The option.
pub(crate) fn check() -> Text {
    text! { en: ["Which check"], zh: ["检查名称"] }
}

/// The option.
pub(crate) fn workload() -> Text {
    text! { en: ["Where: kind/name"], zh: ["位置，类型/名称"] }
}

/// The option.
pub(crate) fn host() -> Text {
    text! { en: ["host or host:port"], zh: ["主机 或 主机:端口"] }
}

/// The option.
pub(crate) fn container() -> Text {
    text! { en: ["Which container"], zh: ["容器"] }
}

/// The settings allow none.
pub(crate) fn not_enabled() -> Text {
    text! { en: ["Nothing is run in containers here"], zh: ["未启用容器内检查"] }
}

/// What allows it.
pub(crate) fn how_to_enable() -> Text {
    text! {
        en: ["Whoever runs the bot allows it with ", code("[exec] enabled = true"), ", and gives the bot the right that ", code("ceo-bot rbac"), " then prints."],
        zh: ["由机器人管理员设置 ", code("[exec] enabled = true"), "，并授予 ", code("ceo-bot rbac"), " 随后输出的权限。"],
    }
}

/// There is none of that name.
pub(crate) fn no_such(name: &str) -> Text {
    text! { en: ["There is no check ", code(name)], zh: ["没有名为 ", code(name), " 的检查"] }
}

/// Those that there are.
pub(crate) fn there_are(all: &[String]) -> Text {
    text! { en: ["There are: ", names(all)], zh: ["现有：", names(all)] }
}

/// A check lacks the host that it asks for.
pub(crate) fn wants_a_host(name: &str, port: bool) -> Text {
    let form = code(if port { "host:port" } else { "host" });
    text! {
        en: ["The check ", code(name), " asks for a host: give the option ", code("host"), " as ", form.clone()],
        zh: ["检查 ", code(name), " 需要主机：请在选项 ", code("host"), " 中填写 ", form],
    }
}

/// A check was given a host for nothing.
pub(crate) fn wants_no_host(name: &str) -> Text {
    text! { en: ["The check ", code(name), " takes no host"], zh: ["检查 ", code(name), " 不需要主机"] }
}

/// What was given cannot be one.
pub(crate) fn no_host(asked: &str) -> Text {
    text! {
        en: [code(asked), " is no host: expected a name or an address, with a port behind a colon where one is needed"],
        zh: [code(asked), " 不是主机：应为名称或地址，需要时以冒号加端口"],
    }
}

/// No container of that name runs.
pub(crate) fn nothing_runs(of: &str, container: &str) -> Text {
    text! {
        en: ["No pod of ", of, " has the container ", code(container), " running"],
        zh: [of, " 没有 Pod 正在运行容器 ", code(container)],
    }
}

/// It ended well.
pub(crate) fn passed(name: &str) -> Text {
    text! { en: [name, ": exit code 0"], zh: [name, "：退出码 0"] }
}

/// It ended badly.
pub(crate) fn failed(name: &str, exit_code: i32, words: &Text) -> Text {
    text! { en: [name, ": exit code ", exit_code, " (", words, ")"], zh: [name, "：退出码 ", exit_code, "（", words, "）"] }
}

/// It was not started.
pub(crate) fn not_started(name: &str) -> Text {
    text! { en: [name, " was not started"], zh: [name, " 未能启动"] }
}

/// It took too long.
pub(crate) fn not_in_time(name: &str, within: Duration) -> Text {
    text! {
        en: [name, " did not end within ", length(within), "; it may still run"],
        zh: [name, " 在 ", length(within), " 内未结束，可能仍在运行"],
    }
}

/// It wrote too much.
pub(crate) fn too_much(name: &str) -> Text {
    text! {
        en: [name, " wrote more than is read; how it ended is not known"],
        zh: [name, " 输出过多，未读完；结果未知"],
    }
}

/// The connection broke.
pub(crate) fn not_known(name: &str) -> Text {
    text! {
        en: ["How ", name, " ended is not known: the connection broke"],
        zh: [name, " 的结果未知：连接中断"],
    }
}

/// What was run and where.
pub(crate) fn ran(words: &str, pod: &str, container: &str) -> Text {
    text! {
        en: ["Ran ", code(words), " in container ", code(container), " of ", code(pod)],
        zh: ["已在 ", code(pod), " 的容器 ", code(container), " 中执行 ", code(words)],
    }
}

/// How long it took.
pub(crate) fn took(time: Duration) -> Text {
    text! { en: ["Took ", short_length(time)], zh: ["耗时 ", short_length(time)] }
}

/// It wrote nothing.
pub(crate) fn wrote_nothing() -> Text {
    text! { en: ["It wrote nothing."], zh: ["没有输出。"] }
}

/// What the file is, for those who cannot see it.
pub(crate) fn file(name: &str) -> Text {
    text! { en: ["What ", name, " wrote"], zh: [name, " 的输出"] }
}
