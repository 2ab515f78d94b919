//! What the tools do that keep objects as their own sources say.

use crate::{model::Text, text};

/// Argo CD's application holds it.
pub(crate) fn by_argo_cd(kind: &str, application: Option<&str>) -> Text {
    let (en, zh) = of("application ", "应用 ", application);
    text! {
        en: ["the ", kind, " is managed by Argo CD", &en, "; it may put the old state back"],
        zh: ["该 ", kind, " 由 Argo CD", &zh, "管理，改动可能被其还原"],
    }
}

/// Flux holds it.
pub(crate) fn by_flux(kind: &str, name: Option<&str>) -> Text {
    let (en, zh) = of("", "", name);
    text! {
        en: ["the ", kind, " is managed by Flux", &en, "; it may put the old state back"],
        zh: ["该 ", kind, " 由 Flux", &zh, "管理，改动可能被其还原"],
    }
}

/// A release of Helm holds it.
pub(crate) fn by_helm(kind: &str, release: Option<&str>) -> Text {
    let (en, zh) = of("release ", "release ", release);
    text! {
        en: ["the ", kind, " is managed by Helm", &en, "; its next upgrade puts its own state back"],
        zh: ["该 ", kind, " 由 Helm", &zh, "管理，下次升级时会恢复为其自身的状态"],
    }
}

/// Which one, in brackets, where it is known.
fn of(en: &str, zh: &str, name: Option<&str>) -> (String, String) {
    let Some(name) = name else {
        return (String::new(), " ".to_owned());
    };
    (format!(" ({en}{name})"), format!("（{zh}{name}）"))
}
