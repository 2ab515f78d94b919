//! What keeps a claim from its volume, and who holds one.

use super::super::common::names;
use crate::{
    model::{Text, code},
    text,
};

/// What keeps a volume from a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// It is too small.
    Size {
        /// So much it has.
        has: String,
        /// So much is asked for.
        wants: String,
    },
    /// It does not offer an access mode.
    Modes {
        /// What it offers.
        has: Vec<String>,
        /// What is asked for.
        wants: Vec<String>,
    },
    /// It lacks the labels.
    Labels,
    /// It is of another class.
    Class {
        /// Which; empty for none.
        has: String,
    },
    /// It is, or was, another claim's.
    Taken {
        /// Whose: `shop/data`.
        by: String,
        /// `Bound`, `Released`.
        phase: String,
    },
}

/// A claim, and why it has no volume.
pub(crate) fn claim_because(name: &str, why: &Text) -> Text {
    text! { en: ["Volume claim ", code(name), ": ", why], zh: ["存储卷声明 ", code(name), "：", why] }
}

/// What to do about a claim that no volume fits.
pub(crate) fn make_volume() -> Text {
    text! {
        en: ["make a PersistentVolume that fits the claim, or a claim that fits one"],
        zh: ["创建与该声明匹配的 PersistentVolume，或调整声明以匹配现有存储卷"],
    }
}

/// No volume is there.
pub(crate) fn no_volumes() -> Text {
    text! {
        en: ["no storage class makes volumes for it, and there is no PersistentVolume"],
        zh: ["没有存储类为其创建存储卷，也没有可用的 PersistentVolume"],
    }
}

/// The volume that comes nearest, and what keeps it from the claim.
pub(crate) fn nearest_volume(name: &str, why: &[Misfit]) -> Text {
    let and = text! { en: [" and "], zh: ["，且"] };
    let why = Text::joined(why.iter().map(misfit), &and);
    text! {
        en: ["no PersistentVolume fits; ", code(name), " comes nearest, but ", &why],
        zh: ["没有匹配的 PersistentVolume；最接近的是 ", code(name), "，但", why],
    }
}

fn misfit(why: &Misfit) -> Text {
    match why {
        Misfit::Size { has, wants } => text! {
            en: ["has ", has.clone(), " of the ", wants.clone(), " that are asked for"],
            zh: ["容量为 ", has.clone(), "，小于请求的 ", wants.clone()],
        },
        Misfit::Modes { has, wants } => text! {
            en: ["offers ", names(has), ", not ", names(wants)],
            zh: ["访问模式为 ", names(has), "，不支持 ", names(wants)],
        },
        Misfit::Labels => {
            text! { en: ["lacks the labels of the claim's selector"], zh: ["标签与选择器不符"] }
        }
        Misfit::Class { has } if has.is_empty() => {
            text! { en: ["is of no storage class"], zh: ["未指定存储类"] }
        }
        Misfit::Class { has } => text! {
            en: ["is of storage class ", code(has.clone())],
            zh: ["属于存储类 ", code(has.clone())],
        },
        Misfit::Taken { by, phase } if phase == "Released" => text! {
            en: ["is kept for the former claim ", code(by.clone()), " (Released)"],
            zh: ["仍保留给此前的存储卷声明 ", code(by.clone()), "（Released）"],
        },
        Misfit::Taken { by, .. } => text! {
            en: ["belongs to claim ", code(by.clone())],
            zh: ["已被存储卷声明 ", code(by.clone()), " 占用"],
        },
    }
}

/// Who holds the volume that a pod waits for.
pub(crate) fn held_by(claim: &str, pod: &str, node: &str) -> Text {
    text! {
        en: ["claim ", code(claim), " is in use by pod ", code(pod), " on node ", code(node)],
        zh: ["存储卷声明 ", code(claim), " 正被节点 ", code(node), " 上的 Pod ", code(pod), " 使用"],
    }
}

/// Where a volume is attached still, without a pod that the bot sees.
pub(crate) fn attached_to(claim: &str, volume: &str, node: &str) -> Text {
    text! {
        en: ["volume ", code(volume), " of claim ", code(claim), " is still attached to node ", code(node)],
        zh: ["存储卷声明 ", code(claim), " 的存储卷 ", code(volume), " 仍挂接在节点 ", code(node), " 上"],
    }
}
