//! Why a cluster did not do what it was asked, in the few words that stand in brackets or behind a colon.

use std::time::Duration;

use super::common::short_length;
use crate::{model::Text, text};

pub(crate) fn refused() -> Text {
    text! { en: ["connection refused"], zh: ["连接被拒绝"] }
}

pub(crate) fn reset() -> Text {
    text! { en: ["connection reset"], zh: ["连接被重置"] }
}

pub(crate) fn aborted() -> Text {
    text! { en: ["connection aborted"], zh: ["连接被中止"] }
}

pub(crate) fn broken() -> Text {
    text! { en: ["connection broken"], zh: ["连接中断"] }
}

pub(crate) fn not_connected() -> Text {
    text! { en: ["not connected"], zh: ["未连接"] }
}

pub(crate) fn cut_short() -> Text {
    text! { en: ["connection closed in the middle of the answer"], zh: ["应答未完，连接已关闭"] }
}

pub(crate) fn connection_timed_out() -> Text {
    text! { en: ["the connection timed out"], zh: ["连接超时"] }
}

pub(crate) fn host_unreachable() -> Text {
    text! { en: ["host unreachable"], zh: ["主机不可达"] }
}

pub(crate) fn network_unreachable() -> Text {
    text! { en: ["network unreachable"], zh: ["网络不可达"] }
}

pub(crate) fn unknown_host() -> Text {
    text! { en: ["its host name cannot be resolved"], zh: ["主机名无法解析"] }
}

pub(crate) fn not_in_time() -> Text {
    text! { en: ["no answer in time"], zh: ["响应超时"] }
}

/// Time ran out.
pub(crate) fn nothing_within(after: Duration) -> Text {
    text! {
        en: ["no answer within ", short_length(after)],
        zh: [short_length(after), "内无响应"],
    }
}

/// An answer that says only that the server failed.
pub(crate) fn answered(code: u16, message: &Text) -> Text {
    text! {
        en: ["it answered ", u32::from(code), ": ", message],
        zh: ["返回 ", u32::from(code), "：", message],
    }
}

pub(crate) fn answered_401() -> Text {
    text! {
        en: ["the API server answered 401 Unauthorized"],
        zh: ["API Server 返回 401 Unauthorized"],
    }
}

/// Where the API server says nothing.
pub(crate) fn no_reason() -> Text {
    text! { en: ["no reason was given"], zh: ["未说明原因"] }
}

pub(crate) fn credentials_failed() -> Text {
    text! {
        en: ["the kubeconfig's way to get credentials failed"],
        zh: ["kubeconfig 指定的凭据获取方式失败"],
    }
}

pub(crate) fn unreadable(why: &str) -> Text {
    text! { en: ["the answer could not be read: ", why], zh: ["应答无法解析：", why] }
}

pub(crate) fn object_unreadable(kind: &str, why: &str) -> Text {
    text! {
        en: ["the ", kind, " could not be read: ", why],
        zh: ["无法解析该 ", kind, "：", why],
    }
}

pub(crate) fn not_connected_yet() -> Text {
    text! { en: ["not connected yet"], zh: ["尚未连接"] }
}

pub(crate) fn kubeconfig_too_slow() -> Text {
    text! { en: ["reading its kubeconfig took too long"], zh: ["读取 kubeconfig 超时"] }
}

pub(crate) fn kubeconfig_no_yaml() -> Text {
    text! {
        en: ["its kubeconfig is not valid YAML of that kind"],
        zh: ["kubeconfig 不是有效的 YAML 配置"],
    }
}

pub(crate) fn no_name(resource: &str, name: &str) -> Text {
    text! {
        en: [resource, " ", name, " is no name in Kubernetes"],
        zh: [resource, " ", name, " 不是有效的 Kubernetes 名称"],
    }
}

pub(crate) fn no_resource(resource: &str) -> Text {
    text! {
        en: [resource, " is no resource of Kubernetes"],
        zh: [resource, " 不是 Kubernetes 资源"],
    }
}

pub(crate) fn no_path(path: &str, why: &str) -> Text {
    text! { en: [path, " is no path: ", why], zh: [path, " 不是有效路径：", why] }
}

pub(crate) fn list_too_slow() -> Text {
    text! { en: ["a list took too long"], zh: ["读取列表超时"] }
}

pub(crate) fn changed_while_written(name: &str) -> Text {
    text! { en: [name, " changed while it was written"], zh: [name, " 在写入期间被修改"] }
}

pub(crate) fn changed_each_time(name: &str) -> Text {
    text! { en: [name, " changed each time it was written"], zh: [name, " 每次写入时均已被修改"] }
}
