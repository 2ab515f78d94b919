//! `/ceo image`.

use super::common::names;
use crate::{
    model::{Text, code},
    text,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Another image for a workload"], zh: ["更换工作负载的镜像"] }
}

/// The option.
pub(crate) fn option() -> Text {
    text! { en: ["name:tag, or :tag"], zh: ["名称:标签 或 :标签"] }
}

/// The option.
pub(crate) fn container() -> Text {
    text! { en: ["Which container"], zh: ["容器"] }
}

/// An example of a reason, in the form that asks for one.
pub(crate) fn example_reason() -> Text {
    text! { en: ["v1.2.1 mends the login"], zh: ["v1.2.1 修复了登录问题"] }
}

/// What was given names no image.
pub(crate) fn no_reference(asked: &str) -> Text {
    text! { en: [code(asked), " names no image"], zh: [code(asked), " 不是镜像名称"] }
}

/// What would.
pub(crate) fn example() -> Text {
    text! {
        en: ["Like ", code("registry.example/team/api:v1.2.1"), ", or ", code(":v1.2.1"), " for another tag of what runs"],
        zh: ["例如 ", code("registry.example/team/api:v1.2.1"), "；只换标签可写 ", code(":v1.2.1")],
    }
}

/// A paused rollout makes no new pods.
pub(crate) fn paused(name: &str) -> Text {
    text! {
        en: ["The rollout of ", name, " is paused, so a new image would not run"],
        zh: [name, " 的发布已暂停，新镜像不会运行"],
    }
}

/// It is that already.
pub(crate) fn same(name: &str, container: &str, image: &str) -> Text {
    text! {
        en: ["Container ", code(container), " of ", name, " has the image ", code(image), " already"],
        zh: [name, " 的容器 ", code(container), " 已使用镜像 ", code(image)],
    }
}

/// No container is called so.
pub(crate) fn no_container(name: &str, wanted: &str) -> Text {
    text! { en: [name, " has no container ", code(wanted)], zh: [name, " 没有容器 ", code(wanted)] }
}

/// Which one is meant is not said.
pub(crate) fn several_containers(name: &str) -> Text {
    text! { en: [name, " has several containers: say which"], zh: [name, " 有多个容器，请指定"] }
}

/// Those that there are.
pub(crate) fn there_are(all: &[String]) -> Text {
    text! { en: ["There are: ", names(all)], zh: ["现有：", names(all)] }
}

/// The card's title.
pub(crate) fn question(name: &str, container: &str, image: &str) -> Text {
    text! {
        en: ["Change ", name, ", container ", container, ", to ", image, "?"],
        zh: ["将 ", name, " 的容器 ", container, " 更换为 ", image, "？"],
    }
}

/// A name that means whatever was pushed last.
pub(crate) fn floating() -> Text {
    text! {
        en: ["⚠️ Its name has no tag of its own (latest): which image it means may differ from node to node and from day to day, and a rollback to it may bring another one."],
        zh: ["⚠️ 没有固定标签（latest）：不同节点、不同时间可能是不同镜像，回滚也不一定得到同一镜像。"],
    }
}

/// A tag can be moved.
pub(crate) fn no_digest() -> Text {
    text! {
        en: ["It has no digest: a tag can be moved to another image. Whether it is there to pull is not known yet."],
        zh: ["未指定摘要：标签可能指向其他镜像。是否可拉取尚不清楚。"],
    }
}

/// While it goes on.
pub(crate) fn changing(name: &str, image: &str) -> Text {
    text! { en: ["Changing ", name, " to ", image], zh: ["正在将 ", name, " 更换为 ", image] }
}

/// What it is called.
pub(crate) fn noun(image: &str) -> Text {
    text! { en: ["Change to ", image], zh: ["更换为 ", image] }
}

/// When it is over.
pub(crate) fn changed(name: &str, image: &str) -> Text {
    text! { en: ["Changed ", name, " to ", image], zh: ["已将 ", name, " 更换为 ", image] }
}
