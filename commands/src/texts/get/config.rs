//! `/ceo get config`.

use crate::{
    model::{Text, code},
    text,
    texts::{
        diagnosis,
        get::{self, Noun},
    },
};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "ConfigMap",
    many: "ConfigMaps",
    zh: "ConfigMap",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Keys of ConfigMaps and Secrets"], zh: ["ConfigMap 与 Secret 的键"] }
}

/// `2 ConfigMaps and 1 Secret of deployment/x, 1 in trouble`
pub(crate) fn title(maps: usize, secrets: Option<usize>, whose: Option<&Text>, wrong: usize) -> Text {
    let m = if maps == 1 { " ConfigMap" } else { " ConfigMaps" };
    let all = match secrets {
        None => text! { en: [maps, m], zh: [maps, " 个 ConfigMap"] },
        Some(n) => {
            let s = if n == 1 { " Secret" } else { " Secrets" };
            text! {
                en: [maps, m, " and ", n, s],
                zh: [maps, " 个 ConfigMap、", n, " 个 Secret"],
            }
        }
    };
    let all = get::of(&all, whose);
    match wrong {
        0 => all,
        _ => text! { en: [&all, ", ", wrong, " in trouble"], zh: [all, "，", wrong, " 个异常"] },
    }
}

/// Named by a template, and not there.
pub(crate) fn missing() -> Text {
    text! {
        en: ["it is named by the pods, and is not there: they do not start"],
        zh: ["Pod 引用了该对象，但其不存在，Pod 无法启动"],
    }
}

/// It is there, and lacks keys that a template names.
pub(crate) fn lacks(keys: &[&str]) -> Text {
    let all = || keys.iter().map(|key| Text::from(code(*key)));
    let keys = || Text::joined(all(), &diagnosis::comma());
    text! {
        en: ["it lacks what the pods name: ", keys(), "; they do not start"],
        zh: ["缺少 Pod 引用的键：", keys(), "，Pod 无法启动"],
    }
}

/// The heading over the keys of an object.
pub(crate) fn heading(name: &str, keys: usize, age: &Text) -> Text {
    let k = if keys == 1 { " key, " } else { " keys, " };
    text! { en: [name, ": ", keys, k, age], zh: [name, "：", keys, " 个键，", age] }
}

/// Secrets are left out.
pub(crate) fn secrets_not_known(why: &Text) -> Text {
    text! { en: ["Secrets are left out: ", why], zh: ["未列出 Secret：", why] }
}

/// Values are left out, always.
pub(crate) fn no_values() -> Text {
    text! { en: ["Values are not shown."], zh: ["不显示值。"] }
}

/// An object without a key.
pub(crate) fn empty() -> Text {
    text! { en: ["(no key)"], zh: ["（无键）"] }
}

/// The head of a column.
pub(crate) fn key() -> Text {
    text! { en: ["KEY"], zh: ["键"] }
}

/// The head of a column.
pub(crate) fn size() -> Text {
    text! { en: ["BYTES"], zh: ["字节"] }
}
