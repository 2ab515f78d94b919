//! `/ceo config …`.

use super::common::names;
use crate::{
    model::{Text, code},
    text,
};

/// The group.
pub(crate) fn summary() -> Text {
    text! { en: ["Keys of ConfigMaps"], zh: ["ConfigMap 配置项"] }
}

/// `config set`.
pub(crate) fn set_summary() -> Text {
    text! { en: ["Sets a key of a ConfigMap"], zh: ["设置 ConfigMap 的键"] }
}

/// `config undo`.
pub(crate) fn undo_summary() -> Text {
    text! { en: ["Takes back a config set"], zh: ["撤销配置修改"] }
}

/// An option.
pub(crate) fn map() -> Text {
    text! { en: ["configmap/name"], zh: ["configmap/名称"] }
}

/// An option.
pub(crate) fn key() -> Text {
    text! { en: ["Like LOG_LEVEL"], zh: ["例如 LOG_LEVEL"] }
}

/// An option.
pub(crate) fn value() -> Text {
    text! { en: ["No secrets"], zh: ["请勿填写密钥"] }
}

/// An option.
pub(crate) fn which() -> Text {
    text! { en: ["Default: the last"], zh: ["默认：最近一次"] }
}

/// An example of a reason.
pub(crate) fn example_reason() -> Text {
    text! { en: ["we need its debug log for an hour"], zh: ["需要一小时的调试日志"] }
}

/// An example of a reason.
pub(crate) fn reason_to_undo() -> Text {
    text! { en: ["the debug log fills the disk"], zh: ["调试日志占满磁盘"] }
}

/// A word that is no key.
pub(crate) fn no_key(key: &str) -> Text {
    text! { en: [code(key), " is no key of a ConfigMap"], zh: [code(key), " 不是合法的 ConfigMap 键"] }
}

/// What keys look like.
pub(crate) fn keys_look_like() -> Text {
    text! {
        en: ["Keys are letters, digits, ", code("-"), ", ", code("_"), " and ", code("."), ": ", code("LOG_LEVEL"), ", ", code("app.conf"), "."],
        zh: ["键由字母、数字、", code("-"), "、", code("_"), " 和 ", code("."), " 组成：", code("LOG_LEVEL"), "、", code("app.conf"), "。"],
    }
}

/// It is about a Secret.
pub(crate) fn no_secrets(name: &str) -> Text {
    text! {
        en: ["secret/", name, ": values of Secrets are not typed into a chat"],
        zh: ["secret/", name, "：请勿在聊天中输入 Secret 的值"],
    }
}

/// What they are set with.
pub(crate) fn where_secrets_come_from() -> Text {
    let line = || {
        code(
            "kubectl create secret generic NAME --from-file=KEY --dry-run=client -o yaml | kubectl apply -f -",
        )
    };
    text! {
        en: ["Put it into a Secret from a shell: ", line(), ". Nothing was changed."],
        zh: ["请在终端写入 Secret：", line(), "。未做任何变更。"],
    }
}

/// It is about something else.
pub(crate) fn no_config_map(name: &str) -> Text {
    text! { en: [name, " is no ConfigMap"], zh: [name, " 不是 ConfigMap"] }
}

/// The API server refuses every change of it.
pub(crate) fn immutable(name: &str) -> Text {
    text! { en: ["configmap/", name, " is immutable"], zh: ["configmap/", name, " 不可变（immutable）"] }
}

/// What to do then.
pub(crate) fn make_another() -> Text {
    text! {
        en: ["Make one of another name and let the workload refer to that. Nothing was changed."],
        zh: ["请新建另一个 ConfigMap 并让工作负载引用它。未做任何变更。"],
    }
}

/// Bytes are not typed.
pub(crate) fn binary(name: &str, key: &str) -> Text {
    text! {
        en: [code(key), " of configmap/", name, " holds bytes, not text"],
        zh: ["configmap/", name, " 的 ", code(key), " 是二进制数据"],
    }
}

/// It is so already.
pub(crate) fn same(name: &str, key: &str) -> Text {
    text! { en: [code(key), " of configmap/", name, " says that already"], zh: ["configmap/", name, " 的 ", code(key), " 已是该值"] }
}

/// Behind that.
pub(crate) fn nothing_changed() -> Text {
    text! { en: ["Nothing was changed."], zh: ["未做任何变更。"] }
}

/// It would be shown on the card and stored.
pub(crate) fn holds_a_secret(key: &str) -> Text {
    text! {
        en: ["What was typed for ", code(key), " looks like a secret. It was not kept: a card and the audit would show it"],
        zh: [code(key), " 的值疑似密钥，未予保存：卡片和审计会显示它"],
    }
}

/// The card's title.
pub(crate) fn question(key: &str, name: &str) -> Text {
    text! { en: ["Set ", key, " in configmap/", name, "?"], zh: ["设置 configmap/", name, " 的 ", key, "？"] }
}

/// The card's title.
pub(crate) fn question_of_removal(key: &str, name: &str) -> Text {
    text! { en: ["Take ", key, " out of configmap/", name, "?"], zh: ["从 configmap/", name, " 中移除 ", key, "？"] }
}

/// When pods notice.
pub(crate) fn reads_at_start(workload: &str) -> Text {
    text! {
        en: [workload, " reads it when its pods start: those that run keep what they have until a restart"],
        zh: [workload, " 在 Pod 启动时读取：运行中的 Pod 在重启前保持原值"],
    }
}

/// When pods notice.
pub(crate) fn has_files(workload: &str) -> Text {
    text! {
        en: [workload, " has it as a file, which the kubelet brings up to date within a minute or two; whether the program reads it again is its own affair"],
        zh: [workload, " 以文件形式挂载，kubelet 会在一两分钟内更新；程序是否重新读取取决于其自身"],
    }
}

/// No workload of the namespace does.
pub(crate) fn nobody_uses_it() -> Text {
    text! {
        en: ["no Deployment, StatefulSet or DaemonSet of the namespace refers to this key"],
        zh: ["该命名空间中没有 Deployment、StatefulSet 或 DaemonSet 引用此键"],
    }
}

/// The way back is cut.
pub(crate) fn not_kept() -> Text {
    text! {
        en: ["What it says now looks like a secret: it is not kept, so this cannot be undone here."],
        zh: ["当前值疑似密钥，未予保存，因此无法在此撤销。"],
    }
}

/// When it is done.
pub(crate) fn set(key: &str, name: &str) -> Text {
    text! { en: ["Set ", key, " in configmap/", name], zh: ["已设置 configmap/", name, " 的 ", key] }
}

/// When it is done.
pub(crate) fn removed(key: &str, name: &str) -> Text {
    text! { en: ["Took ", key, " out of configmap/", name], zh: ["已从 configmap/", name, " 中移除 ", key] }
}

/// There is no way back.
pub(crate) fn was_not_kept(key: &str, ticket: i64) -> Text {
    text! {
        en: ["What ", code(key), " said before ticket ", ticket.to_string(), " looked like a secret and was not kept"],
        zh: ["工单 ", ticket.to_string(), " 之前 ", code(key), " 的值疑似密钥，未予保存"],
    }
}

/// Somebody else changed it in between.
pub(crate) fn changed_since(ticket: i64) -> Text {
    text! {
        en: ["It was changed again since ticket ", ticket.to_string(), ": look at what goes."],
        zh: ["工单 ", ticket.to_string(), " 之后又有修改：请核对将被覆盖的值。"],
    }
}

/// The bot has changed nothing there.
pub(crate) fn nothing_to_undo(name: &str) -> Text {
    text! { en: ["No change of configmap/", name, " is known that could be undone"], zh: ["没有可撤销的 configmap/", name, " 修改"] }
}

/// Which changes are kept.
pub(crate) fn only_own_changes() -> Text {
    text! {
        en: ["Kept are the last ten changes made with ", code("/ceo config set"), ". Nothing was changed."],
        zh: ["仅保留最近十次 ", code("/ceo config set"), " 的修改。未做任何变更。"],
    }
}

/// None has that number.
pub(crate) fn no_such_change(name: &str, ticket: i64) -> Text {
    text! {
        en: ["Ticket ", ticket.to_string(), " is no change of configmap/", name, " that is kept"],
        zh: ["工单 ", ticket.to_string(), " 不是已保留的 configmap/", name, " 修改"],
    }
}

/// Those that there are.
pub(crate) fn changes_are(all: &[String]) -> Text {
    text! { en: ["Tickets: ", names(all), "."], zh: ["工单：", names(all), "。"] }
}
