//! What an image was asked for with.

use super::super::common::{names, or};
use crate::{
    model::{Text, code},
    text,
};

/// Nothing says with what.
pub(crate) fn no_pull_secret(account: &str) -> Text {
    text! {
        en: ["the pod names no pull secret, and got none of its ServiceAccount ", code(account)],
        zh: ["Pod 未指定拉取凭据，其 ServiceAccount ", code(account), " 也未提供"],
    }
}

/// What it names, where nothing more is known.
pub(crate) fn pull_secrets_named(all: &[String]) -> Text {
    text! {
        en: ["it names the pull secrets ", names(all), ", of which nothing could be read"],
        zh: ["引用的拉取凭据为 ", names(all), "，但无法读取其内容"],
    }
}

/// A pull secret that is not there.
pub(crate) fn pull_secret_missing(name: &str, near: &[String]) -> Text {
    match near {
        [] => text! {
            en: ["its pull secret ", code(name), " does not exist"],
            zh: ["拉取凭据 ", code(name), " 不存在"],
        },
        near => {
            let near = or(near.iter().map(|name| code(name.clone()).into()));
            text! {
                en: ["its pull secret ", code(name), " does not exist; there is ", &near],
                zh: ["拉取凭据 ", code(name), " 不存在；相近的有 ", near],
            }
        }
    }
}

/// A pull secret that is none.
pub(crate) fn pull_secret_of_type(name: &str, kind: &str) -> Text {
    text! {
        en: ["its pull secret ", code(name), " is of type ", code(kind), ", not ", code("kubernetes.io/dockerconfigjson")],
        zh: ["拉取凭据 ", code(name), " 的类型为 ", code(kind), "，应为 ", code("kubernetes.io/dockerconfigjson")],
    }
}

/// A pull secret for other registries.
pub(crate) fn pull_secret_for_others(name: &str, host: &str, held: &[String]) -> Text {
    text! {
        en: ["its pull secret ", code(name), " holds no login for ", code(host), " (it holds: ", names(held), ")"],
        zh: ["拉取凭据 ", code(name), " 中没有 ", code(host), " 的登录信息（现有：", names(held), "）"],
    }
}

/// A pull secret that the registry does not take.
pub(crate) fn pull_secret_refused(name: &str, host: &str) -> Text {
    text! {
        en: ["its pull secret ", code(name), " holds a login for ", code(host), ", which does not help"],
        zh: ["拉取凭据 ", code(name), " 中有 ", code(host), " 的登录信息，但未被接受或无权限"],
    }
}
