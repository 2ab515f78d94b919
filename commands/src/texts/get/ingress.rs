//! `/ceo get ingress`.

use crate::{
    model::{Text, Timestamp, ago, code},
    text,
    texts::{diagnosis, get::Noun},
};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "Ingress",
    many: "Ingresses",
    zh: "Ingress",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Ingresses, hosts, certificates"], zh: ["Ingress、域名与证书"] }
}

/// Its certificate is over.
pub(crate) fn ended(at: Timestamp) -> Text {
    text! { en: ["its certificate ended ", ago(at)], zh: ["证书已于 ", ago(at), " 过期"] }
}

/// Its certificate is nearly over.
pub(crate) fn ends(at: Timestamp) -> Text {
    text! { en: ["its certificate ends ", ago(at)], zh: ["证书将于 ", ago(at), " 到期"] }
}

/// The Secret with its certificate is not there.
pub(crate) fn no_secret(name: &str) -> Text {
    text! {
        en: ["there is no Secret ", code(name), " of type ", code("kubernetes.io/tls")],
        zh: ["没有类型为 ", code("kubernetes.io/tls"), " 的 Secret ", code(name)],
    }
}

/// What holds no certificate.
pub(crate) fn unreadable(name: &str) -> Text {
    text! {
        en: ["the Secret ", code(name), " holds no certificate that can be read"],
        zh: ["Secret ", code(name), " 中没有可解析的证书"],
    }
}

/// Two faults.
pub(crate) fn both(one: &Text, other: &Text) -> Text {
    one.clone().and(diagnosis::semicolon()).and(other)
}

/// Why the ends of certificates are not told.
pub(crate) fn certificates_not_known(why: &Text) -> Text {
    text! {
        en: ["When certificates end is not known: ", why],
        zh: ["证书到期时间未知：", why],
    }
}

/// A cell of what is not known.
pub(crate) fn not_known() -> Text {
    text! { en: ["not known"], zh: ["未知"] }
}

/// A cell: without encryption.
pub(crate) fn plain() -> Text {
    text! { en: ["none"], zh: ["无"] }
}

/// A cell: by the controller's own certificate.
pub(crate) fn by_the_controller() -> Text {
    text! { en: ["default"], zh: ["默认证书"] }
}

/// A cell: any host.
pub(crate) fn any() -> Text {
    text! { en: ["any host"], zh: ["任意域名"] }
}

/// The head of a column.
pub(crate) fn hosts() -> Text {
    text! { en: ["HOSTS"], zh: ["域名"] }
}

/// The head of a column.
pub(crate) fn class() -> Text {
    text! { en: ["CLASS"], zh: ["类"] }
}

/// The head of a column: how long the certificate is good.
pub(crate) fn certificate() -> Text {
    text! { en: ["TLS ENDS"], zh: ["证书剩余"] }
}

/// The head of a column.
pub(crate) fn address() -> Text {
    text! { en: ["ADDRESS"], zh: ["地址"] }
}
