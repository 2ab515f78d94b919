//! What the last words of a program mean.

use crate::{
    model::{Text, code},
    text,
};

/// What the kernel refused a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// The program is made for another architecture.
    Architecture,
    /// Its root filesystem may not be written, by its own settings.
    ReadOnlyRoot {
        /// What it wanted to write.
        path: String,
    },
    /// Something is mounted there that may not be written, by its own settings.
    ReadOnlyMount {
        /// What it wanted to write.
        path: String,
        /// Where it is mounted.
        at: String,
        /// The volume, as the pod calls it.
        volume: String,
    },
    /// It may not use a file.
    Denied {
        /// Which.
        path: String,
        /// As which user it runs, where the pod says so.
        user: Option<i64>,
        /// The mount that it is in.
        mount: Option<Mount>,
        /// The group to which the pod gives its volumes.
        group: Option<i64>,
    },
    /// There is no room.
    Full {
        /// Where.
        path: Option<String>,
        /// The mount that it is in.
        mount: Option<Mount>,
    },
}

/// A mount of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub at: String,
    /// The volume, as the pod calls it.
    pub volume: String,
    /// The claim behind it, where it is one.
    pub claim: Option<String>,
    /// How much it may hold, where the pod says so.
    pub limit: Option<String>,
    /// Whether it may not be written.
    pub read_only: bool,
}

/// What the kernel refused, and which setting or mount that is about.
pub(crate) fn meaning(what: &Meaning, architecture: Option<&str>) -> Text {
    match what {
        Meaning::Architecture => match architecture {
            Some(name) => text! {
                en: ["its program is not made for the node's architecture ", code(name)],
                zh: ["程序与节点架构 ", code(name), " 不匹配"],
            },
            None => text! {
                en: ["its program is made for another architecture than the node's"],
                zh: ["程序与节点架构不匹配"],
            },
        },
        Meaning::ReadOnlyRoot { path } => text! {
            en: ["it wants to write ", code(path.clone()), ", but has ", code("readOnlyRootFilesystem"), " and no volume there"],
            zh: ["需要写入 ", code(path.clone()), "，但已设置 ", code("readOnlyRootFilesystem"), "，且该路径未挂载存储卷"],
        },
        Meaning::ReadOnlyMount { path, at, volume } => text! {
            en: ["it wants to write ", code(path.clone()), ", but volume ", code(volume.clone()), " is mounted read-only at ", code(at.clone())],
            zh: ["需要写入 ", code(path.clone()), "，但存储卷 ", code(volume.clone()), " 以只读方式挂载于 ", code(at.clone())],
        },
        Meaning::Denied {
            path,
            user,
            mount,
            group,
        } => {
            let whom = user.map_or_else(
                Text::default,
                |user| text! { en: [" as user ", user.to_string()], zh: ["（以用户 ", user.to_string(), " 运行）"] },
            );
            let place = mount.as_ref().map_or_else(Text::default, |mount| match group {
                Some(group) => text! {
                    en: [", on ", at(mount), " with ", code("fsGroup"), " ", group.to_string()],
                    zh: ["，位于", at(mount), "，", code("fsGroup"), " 为 ", group.to_string()],
                },
                None => text! {
                    en: [", on ", at(mount), ", and the pod sets no ", code("fsGroup")],
                    zh: ["，位于", at(mount), "，Pod 未设置 ", code("fsGroup")],
                },
            });
            text! {
                en: ["it may not use ", code(path.clone()), &whom, &place],
                zh: ["无权访问 ", code(path.clone()), whom, place],
            }
        }
        Meaning::Full { path, mount } => full(path.as_deref(), mount.as_ref()),
    }
}

fn full(path: Option<&str>, mount: Option<&Mount>) -> Text {
    match (path, mount) {
        (_, Some(mount)) => {
            let limit = mount.limit.as_ref().map_or_else(
                Text::default,
                |limit| text! { en: [", which may hold ", limit.clone()], zh: ["，容量上限 ", limit.clone()] },
            );
            text! {
                en: ["there is no space left on ", at(mount), &limit],
                zh: [at(mount), "空间不足", limit],
            }
        }
        (Some(path), None) => text! {
            en: ["there is no space left for ", code(path), ", which is on no volume but on the node's own disk"],
            zh: [code(path), " 空间不足，该路径未挂载存储卷，使用的是节点磁盘"],
        },
        (None, None) => text! {
            en: ["there is no space left; its last lines name no path"],
            zh: ["空间不足，末尾日志未指明路径"],
        },
    }
}

/// A mount, in words.
fn at(mount: &Mount) -> Text {
    match &mount.claim {
        Some(claim) => text! {
            en: ["volume claim ", code(claim.clone()), " at ", code(mount.at.clone())],
            zh: ["存储卷声明 ", code(claim.clone()), "（挂载于 ", code(mount.at.clone()), "）"],
        },
        None => text! {
            en: ["volume ", code(mount.volume.clone()), " at ", code(mount.at.clone())],
            zh: ["存储卷 ", code(mount.volume.clone()), "（挂载于 ", code(mount.at.clone()), "）"],
        },
    }
}
