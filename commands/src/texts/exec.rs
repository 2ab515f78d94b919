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

/// The command.
pub(crate) fn free_summary() -> Text {
    text! { en: ["Runs any command, once"], zh: ["执行任意命令（一次）"] }
}

/// The option.
pub(crate) fn command() -> Text {
    text! { en: ["Program and words"], zh: ["程序及其参数"] }
}

/// A reason that somebody may have.
pub(crate) fn free_reason() -> Text {
    text! { en: ["the queue is stuck; its worker must be told"], zh: ["队列卡住，需要通知其处理进程"] }
}

/// What was typed is too long to stand on the card.
pub(crate) fn too_long(most: usize) -> Text {
    text! {
        en: ["A command has at most ", most, " characters: all of it stands on the card"],
        zh: ["命令不得超过 ", most, " 个字符：卡片需完整显示"],
    }
}

/// What was typed has no words.
pub(crate) fn no_words() -> Text {
    text! {
        en: ["That is no command: it is empty, or a quotation mark is not closed"],
        zh: ["不是命令：内容为空，或引号未闭合"],
    }
}

/// What would be one.
pub(crate) fn example_of_words() -> Text {
    text! {
        en: ["No shell reads it, so pipes and variables need one: ", code("sh -c 'ps | wc -l'")],
        zh: ["命令不经过 shell，管道和变量需显式使用 shell：", code("sh -c 'ps | wc -l'")],
    }
}

/// The settings do not allow it.
pub(crate) fn free_not_enabled() -> Text {
    text! { en: ["Commands of one's own are not run here"], zh: ["未启用任意命令执行"] }
}

/// What allows it.
pub(crate) fn how_to_enable_free() -> Text {
    text! {
        en: ["Whoever runs the bot allows it with ", code("[exec] free = true"), ". Checks with a name are another command of this group."],
        zh: ["由机器人管理员设置 ", code("[exec] free = true"), "。预设检查是本组的另一条命令。"],
    }
}

/// It would be stored and shown.
pub(crate) fn holds_a_secret() -> Text {
    text! {
        en: ["The command holds what looks like a secret. It was not kept: a card and the audit would show it"],
        zh: ["命令中含有疑似密钥的内容，未予保存：卡片和审计会显示它"],
    }
}

/// Where secrets come from instead.
pub(crate) fn secrets_of_the_container() -> Text {
    text! {
        en: ["Let a shell of the container take it from its own environment: ", code("sh -c 'psql \"$DATABASE_URL\"'")],
        zh: ["让容器内的 shell 从自身环境变量读取：", code("sh -c 'psql \"$DATABASE_URL\"'")],
    }
}

/// The card's title.
pub(crate) fn free_question(pod: &str, container: &str) -> Text {
    text! {
        en: ["Run this in container ", container, " of ", pod, "?"],
        zh: ["在 ", pod, " 的容器 ", container, " 中执行以下命令？"],
    }
}

/// What it may do.
pub(crate) fn free_effect() -> Text {
    text! {
        en: ["whatever it can do there. It cannot be rehearsed, and nothing takes it back"],
        zh: ["命令在容器内能做的一切，无法预演，也无法撤销"],
    }
}

/// How long it is waited for, and who reads what it writes.
pub(crate) fn free_note(within: Duration) -> Text {
    text! {
        en: ["It is waited for ", length(within), ". What it writes is shown here, without the secrets that are known."],
        zh: ["最多等待 ", length(within), "。输出会显示在此处，已知的密钥会被隐去。"],
    }
}

/// The command.
pub(crate) fn probe_summary() -> Text {
    text! { en: ["Asks a target from a pod"], zh: ["从 Pod 内探测健康目标"] }
}

/// No image is named.
pub(crate) fn no_probe_image() -> Text {
    text! { en: ["No probe pods are made here"], zh: ["未启用探测 Pod"] }
}

/// What names one.
pub(crate) fn how_to_name_probe_image() -> Text {
    text! {
        en: ["Whoever runs the bot names an image that holds curl: ", code("[exec] probe_image"), ", and gives the bot the rights that ", code("ceo-bot rbac"), " then prints."],
        zh: ["由机器人管理员指定包含 curl 的镜像：", code("[exec] probe_image"), "，并授予 ", code("ceo-bot rbac"), " 随后输出的权限。"],
    }
}

/// A Service whose port is not known.
pub(crate) fn no_port(service: &str) -> Text {
    text! {
        en: ["Which port ", code(service), " stands for is not known: there is no such Service, or it names no such port"],
        zh: [code(service), " 对应的端口未知：没有该 Service，或其中没有该端口"],
    }
}

/// The card's title.
pub(crate) fn probe_question(target: &str) -> Text {
    text! { en: ["Ask ", target, " from a pod?"], zh: ["从 Pod 内探测 ", target, "？"] }
}

/// The field with the addresses.
pub(crate) fn asks() -> Text {
    text! { en: ["Asks"], zh: ["探测地址"] }
}

/// The addresses.
pub(crate) fn addresses(urls: &[&str]) -> Text {
    let urls = urls.iter().map(|url| Text::from(code(*url)));
    Text::joined(urls, &text! { en: [", "], zh: ["、"] })
}

/// What is made for it, and for how long.
pub(crate) fn probe_effect(image: &str, within: Duration) -> Text {
    text! {
        en: ["a pod of ", code(image), " without rights, which asks each address once and is deleted then, after ", length(within), " at the latest"],
        zh: ["创建一个无权限的 ", code(image), " Pod，每个地址探测一次，随后删除，最迟 ", length(within), " 后"],
    }
}

/// While it runs.
pub(crate) fn asking(target: &str) -> Text {
    text! { en: ["Asking ", target, " from a pod"], zh: ["正在从 Pod 内探测 ", target] }
}

/// How the pod is.
pub(crate) fn pod_is(pod: &str, state: &str) -> Text {
    text! { en: [code(pod), " is ", state], zh: [code(pod), "：", state] }
}

/// How the pod was when it was looked at last.
pub(crate) fn pod_was(pod: &str, state: &str) -> Text {
    text! { en: [code(pod), " was ", state, "; it has been deleted."], zh: [code(pod), " 当时为 ", state, "，已删除。"] }
}

/// The pod did not end.
pub(crate) fn probe_not_ended(target: &str, within: Duration) -> Text {
    text! {
        en: [target, " was not asked: the pod did not end within ", length(within)],
        zh: ["未能探测 ", target, "：Pod 在 ", length(within), " 内未结束"],
    }
}

/// Somebody deleted it.
pub(crate) fn probe_gone(pod: &str) -> Text {
    text! {
        en: [code(pod), " is gone: somebody deleted it before its answers were read"],
        zh: [code(pod), " 已不存在：读取结果之前被人删除"],
    }
}

/// From where it was asked.
pub(crate) fn asked_from(pod: &str, node: Option<&str>) -> Text {
    match node {
        Some(node) => text! {
            en: ["Asked once from the pod ", code(pod), " on ", code(node), "; the pod has been deleted."],
            zh: ["由 ", code(node), " 上的 Pod ", code(pod), " 探测一次，该 Pod 已删除。"],
        },
        None => text! {
            en: ["Asked once from the pod ", code(pod), ", which has been deleted."],
            zh: ["由 Pod ", code(pod), " 探测一次，该 Pod 已删除。"],
        },
    }
}

/// A path without an answer, in curl's words.
pub(crate) fn silent(path: &str, why: &str) -> Text {
    text! { en: [code(path), ": no answer (", why, ")"], zh: [code(path), "：无应答（", why, "）"] }
}

/// The same where curl said nothing.
pub(crate) fn silent_without_words(path: &str) -> Text {
    text! { en: [code(path), ": no answer"], zh: [code(path), "：无应答"] }
}

/// The bot was stopped, or the answer lost.
pub(crate) fn perhaps_ran(words: &str, pod: &str) -> Text {
    text! {
        en: ["Whether ", code(words), " ran in ", code(pod), ", and how it ended, is not known"],
        zh: [code(words), " 是否已在 ", code(pod), " 中执行及其结果未知"],
    }
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
