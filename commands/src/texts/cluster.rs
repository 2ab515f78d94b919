//! What is told when a cluster fails, refuses or does not answer, and how a change of an object is worded.

use std::time::Duration;

use super::common::{names, or, short_length};
use crate::{
    model::{Span, Text, code},
    text,
};

/// What happened with the other side's own words.
pub(crate) fn in_its_words(what: &Text, message: &Text) -> Text {
    text! { en: [what, ": ", message], zh: [what, "：", message] }
}

/// What an outage of a read says besides.
pub(crate) fn outage_of_a_read() -> Text {
    text! {
        en: ["Nothing was changed. This is an outage of the API server, not a missing right."],
        zh: ["未做任何变更。这是 API Server 故障，并非权限不足。"],
    }
}

pub(crate) fn nothing_changed() -> Text {
    text! { en: ["Nothing was changed."], zh: ["未做任何变更。"] }
}

pub(crate) fn unreachable(cluster: &str, detail: &Text) -> Text {
    text! {
        en: ["the cluster ", cluster, " did not answer (", detail, ")"],
        zh: ["集群 ", cluster, " 无响应（", detail, "）"],
    }
}

pub(crate) fn still_reading(cluster: &str) -> Text {
    text! {
        en: ["the objects of the cluster ", cluster, " are still being read"],
        zh: ["仍在读取集群 ", cluster, " 的对象"],
    }
}

pub(crate) fn reading_takes_seconds() -> Text {
    text! {
        en: ["Nothing was changed. The bot began to watch it a moment ago: ask again in a few seconds."],
        zh: ["未做任何变更。机器人刚开始监视该集群，请几秒后重试。"],
    }
}

pub(crate) fn too_slow(cluster: &str, after: Duration) -> Text {
    text! {
        en: ["the cluster ", cluster, " did not answer within ", short_length(after)],
        zh: ["集群 ", cluster, " 在 ", short_length(after), "内无响应"],
    }
}

pub(crate) fn unconfirmed(cluster: &str, detail: &Text) -> Text {
    text! {
        en: ["the cluster ", cluster, " did not confirm the change (", detail, ")"],
        zh: ["集群 ", cluster, " 未确认该变更（", detail, "）"],
    }
}

pub(crate) fn may_have_been_made() -> Text {
    text! {
        en: ["It may have been made: look at the object before asking again."],
        zh: ["变更可能已生效，重新申请前请先查看对象。"],
    }
}

pub(crate) fn outage_not_a_right() -> Text {
    text! {
        en: ["This is an outage of the API server, not a missing right."],
        zh: ["这是 API Server 故障，并非权限不足。"],
    }
}

pub(crate) fn slow_down(cluster: &str) -> Text {
    text! {
        en: ["the cluster ", cluster, " asks the bot to slow down"],
        zh: ["集群 ", cluster, " 要求机器人降低请求频率"],
    }
}

pub(crate) fn try_again_in(after: Option<Duration>) -> Text {
    let when = after.map_or_else(|| text! { en: ["a moment"], zh: ["片刻"] }, short_length);
    text! {
        en: ["Nothing was changed. Try again in ", &when, ". This is no missing right."],
        zh: ["未做任何变更。请在 ", when, "后重试。并非权限不足。"],
    }
}

pub(crate) fn bad_credentials(cluster: &str) -> Text {
    text! {
        en: ["the cluster ", cluster, " does not accept the bot's credentials"],
        zh: ["集群 ", cluster, " 不接受机器人的凭据"],
    }
}

/// What the other side said, as a sentence of its own.
pub(crate) fn said_and_nothing_changed(detail: &Text) -> Text {
    text! { en: [detail, ". Nothing was changed."], zh: [detail, "。未做任何变更。"] }
}

pub(crate) fn renew_credentials() -> Text {
    text! {
        en: ["Whoever runs the bot must renew the kubeconfig or the service account's token."],
        zh: ["请机器人的维护人员更新 kubeconfig 或 ServiceAccount 令牌。"],
    }
}

pub(crate) fn bad_settings(cluster: &str) -> Text {
    text! {
        en: ["the settings of the cluster ", cluster, " do not work"],
        zh: ["集群 ", cluster, " 的配置无法使用"],
    }
}

pub(crate) fn run_check() -> Text {
    text! {
        en: ["Whoever runs the bot sees more with ", code("ceo-bot check"), "."],
        zh: ["机器人的维护人员可用 ", code("ceo-bot check"), " 查看详情。"],
    }
}

/// Near names, where there are any.
pub(crate) fn did_you_mean(near: &[String]) -> Option<Text> {
    let near = || or(near.iter().map(|name| Text::from(code(name))));
    (!near().is_empty())
        .then(|| text! { en: ["Did you mean ", near(), "?"], zh: ["您要找的是 ", near(), " 吗？"] })
}

pub(crate) fn no_such(what: &str, name: &str, place: &str) -> Text {
    text! {
        en: ["there is no ", what, " ", code(name), " in ", place],
        zh: [place, " 中没有 ", what, " ", code(name)],
    }
}

pub(crate) fn no_api(cluster: &str, api: &str) -> Text {
    text! {
        en: ["the cluster ", cluster, " does not serve ", code(api)],
        zh: ["集群 ", cluster, " 不提供 ", code(api)],
    }
}

pub(crate) fn not_installed() -> Text {
    text! {
        en: ["It is not installed there, or its server is down. Nothing was changed."],
        zh: ["该 API 未安装，或其服务不可用。未做任何变更。"],
    }
}

pub(crate) fn no_such_cluster(name: &str) -> Text {
    text! { en: ["there is no cluster ", code(name), " in the settings"], zh: ["配置中没有集群 ", code(name)] }
}

pub(crate) fn known_are(known: &[String]) -> Text {
    text! { en: ["Known are: ", names(known), "."], zh: ["已配置：", names(known), "。"] }
}

pub(crate) fn outside_settings(cluster: &str, namespace: &str) -> Text {
    text! {
        en: ["the namespace ", code(namespace), " of ", cluster, " is not in the settings"],
        zh: ["集群 ", cluster, " 的命名空间 ", code(namespace), " 不在配置中"],
    }
}

pub(crate) fn looks_at(known: &[String]) -> Text {
    text! {
        en: ["The bot looks at: ", names(known), ". An administrator can add it."],
        zh: ["机器人管理的命名空间：", names(known), "。可由管理员添加。"],
    }
}

pub(crate) fn bot_may_not(verb: &str, resource: &str, place: &str) -> Text {
    text! {
        en: ["the bot may not ", verb, " ", code(resource), " in ", place],
        zh: ["机器人无权在 ", place, " 中对 ", code(resource), " 执行 ", verb],
    }
}

pub(crate) fn and_more(what: &Text, more: &Text) -> Text {
    text! { en: [what, ". ", more], zh: [what, "。", more] }
}

pub(crate) fn secrets_by_setting() -> Text {
    let (setting, print) = (|| code("redact.secret_values"), || code("ceo-bot rbac"));
    text! {
        en: ["That right is off unless ", setting(), " is on; then ", print(), " prints the rule to add."],
        zh: ["该权限默认不授予；开启 ", setting(), " 后，", print(), " 可输出需要添加的规则。"],
    }
}

pub(crate) fn lacks_verb(verb: &str, resource: &str) -> Text {
    let (verb, resource, print) = (|| code(verb), || code(resource), || code("ceo-bot rbac"));
    text! {
        en: ["Its role in Kubernetes lacks the verb ", verb(), " on ", resource(), "; ", print(), " prints the rule to add."],
        zh: ["其 Kubernetes 角色缺少对 ", resource(), " 的 ", verb(), " 权限，", print(), " 可输出需要添加的规则。"],
    }
}

pub(crate) fn server_said(message: &Text) -> Text {
    text! {
        en: ["The API server said: ", message, ". Nothing was changed."],
        zh: ["API Server 返回：", message, "。未做任何变更。"],
    }
}

pub(crate) fn refused() -> Text {
    text! { en: ["the cluster refused it"], zh: ["集群拒绝了该操作"] }
}

/// The other side's own words, closed with a full stop.
pub(crate) fn said(message: &Text) -> Text {
    text! { en: [message, "."], zh: [message, "。"] }
}

pub(crate) fn quota_or_admission() -> Text {
    text! {
        en: ["A quota or an admission rule said no; it is not a missing right. Nothing was changed."],
        zh: ["被配额或准入规则拒绝，并非权限不足。未做任何变更。"],
    }
}

pub(crate) fn conflict() -> Text {
    text! { en: ["somebody else changed the object at the same time"], zh: ["对象同时被他人修改"] }
}

pub(crate) fn ask_again_for_the_state() -> Text {
    text! {
        en: ["Nothing was changed. Ask again to see the new state."],
        zh: ["未做任何变更。请重新申请以查看最新状态。"],
    }
}

pub(crate) fn invalid() -> Text {
    text! { en: ["the API server does not accept this"], zh: ["API Server 不接受该请求"] }
}

pub(crate) fn exists() -> Text {
    text! { en: ["it is there already"], zh: ["对象已存在"] }
}

pub(crate) fn unexpected() -> Text {
    text! { en: ["the cluster answered something unexpected"], zh: ["集群返回了意外的应答"] }
}

/// One bare name that several workloads bear.
pub(crate) fn ambiguous(name: &str, count: usize, place: &str) -> Text {
    text! {
        en: [code(name), " is the name of ", count, " workloads in ", place],
        zh: [place, " 中有 ", count, " 个工作负载名为 ", code(name)],
    }
}

pub(crate) fn write_one_of(full: Vec<Span>) -> Text {
    let full = or(full.into_iter().map(Text::from));
    text! { en: ["Write ", &full, "."], zh: ["请写明 ", full, "。"] }
}

pub(crate) fn deleted_and_made_anew() -> Text {
    text! {
        en: ["it was deleted and another of the same name was created"],
        zh: ["对象已被删除，并创建了同名对象"],
    }
}

pub(crate) fn deleted() -> Text {
    text! { en: ["it was deleted"], zh: ["对象已被删除"] }
}

pub(crate) fn set_back() -> Text {
    text! {
        en: ["this change had been made, and was set back since"],
        zh: ["该变更曾生效，之后被还原"],
    }
}

/// `replicas 3 → 5`
pub(crate) fn from_to(name: &str, before: &str, now: &str) -> Text {
    Text::from(format!("{name} {before} → {now}"))
}

pub(crate) fn is_now(name: &str, now: &str) -> Text {
    text! { en: [name, " is ", now, " now"], zh: [name, " 现为 ", now] }
}

/// What of a pod template differs, in a few words each.
pub(crate) mod change {
    use super::{Text, text};

    /// ` of api`, where there are several containers.
    fn of(container: Option<&str>) -> Text {
        container.map_or_else(
            Text::default,
            |name| text! { en: [" of ", name], zh: ["（", name, "）"] },
        )
    }

    pub(crate) fn container_added(name: &str) -> Text {
        text! { en: ["container ", name, " added"], zh: ["新增容器 ", name] }
    }

    pub(crate) fn container_removed(name: &str) -> Text {
        text! { en: ["container ", name, " removed"], zh: ["移除容器 ", name] }
    }

    pub(crate) fn restarted() -> Text {
        text! { en: ["restarted"], zh: ["重启"] }
    }

    pub(crate) fn others() -> Text {
        text! { en: ["other fields of the pod template"], zh: ["Pod 模板的其他字段"] }
    }

    pub(crate) fn image(container: Option<&str>, old: &str, new: &str) -> Text {
        text! {
            en: ["image", of(container), " ", old, " → ", new],
            zh: ["镜像", of(container), " ", old, " → ", new],
        }
    }

    pub(crate) fn variable(container: Option<&str>, name: &str, values: Option<(&Text, &Text)>) -> Text {
        match values {
            Some((was, now)) => text! {
                en: ["env", of(container), " ", name, " ", was, " → ", now],
                zh: ["环境变量", of(container), " ", name, " ", was, " → ", now],
            },
            None => text! {
                en: ["env", of(container), " ", name, " changed"],
                zh: ["环境变量", of(container), " ", name, " 已修改"],
            },
        }
    }

    pub(crate) fn from_secret(name: &str, key: &str) -> Text {
        text! { en: ["from secret ", name, "/", key], zh: ["取自 Secret ", name, "/", key] }
    }

    pub(crate) fn from_config_map(name: &str, key: &str) -> Text {
        text! { en: ["from config map ", name, "/", key], zh: ["取自 ConfigMap ", name, "/", key] }
    }

    pub(crate) fn from_field(path: &str) -> Text {
        text! { en: ["from ", path], zh: ["取自 ", path] }
    }

    pub(crate) fn from_elsewhere() -> Text {
        text! { en: ["from elsewhere"], zh: ["取自他处"] }
    }

    pub(crate) fn empty() -> Text {
        text! { en: ["empty"], zh: ["空"] }
    }

    pub(crate) fn variable_added(container: Option<&str>, name: &str) -> Text {
        text! {
            en: ["env", of(container), " ", name, " added"],
            zh: ["新增环境变量", of(container), " ", name],
        }
    }

    pub(crate) fn variable_removed(container: Option<&str>, name: &str) -> Text {
        text! {
            en: ["env", of(container), " ", name, " removed"],
            zh: ["移除环境变量", of(container), " ", name],
        }
    }

    /// A part of a container that is told without its value.
    #[derive(Clone, Copy)]
    pub(crate) enum Part {
        Resources,
        Command,
        Arguments,
        EnvironmentSources,
    }

    impl Part {
        pub(crate) const ALL: [Self; 4] = [
            Self::Resources,
            Self::Command,
            Self::Arguments,
            Self::EnvironmentSources,
        ];

        /// The field of the container.
        pub(crate) fn key(self) -> &'static str {
            match self {
                Self::Resources => "resources",
                Self::Command => "command",
                Self::Arguments => "args",
                Self::EnvironmentSources => "envFrom",
            }
        }
    }

    pub(crate) fn part(container: Option<&str>, part: Part) -> Text {
        let (en, zh) = match part {
            Part::Resources => ("resources", "资源配置"),
            Part::Command => ("command", "启动命令"),
            Part::Arguments => ("arguments", "启动参数"),
            Part::EnvironmentSources => ("environment sources", "环境变量来源"),
        };
        text! { en: [en, of(container)], zh: [zh, of(container)] }
    }
}
