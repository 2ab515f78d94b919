//! `/ceo get services`.

use crate::{model::Text, text};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Services and their endpoints"], zh: ["Service 及其端点"] }
}

fn services(n: usize) -> Text {
    text! { en: [n, if n == 1 { " Service" } else { " Services" }], zh: [n, " 个 Service"] }
}

/// There are none.
pub(crate) fn none(of: Option<&Text>) -> Text {
    match of {
        Some(of) => {
            text! { en: ["No Service leads to ", of], zh: ["没有 Service 指向 ", of] }
        }
        None => text! { en: ["No Services"], zh: ["没有 Service"] },
    }
}

/// `3 Services of deployment/x, 1 without a ready endpoint`; without `of` those of a whole namespace, which the title's
/// place names.
pub(crate) fn title(n: usize, of: Option<&Text>, wrong: usize) -> Text {
    let all = match of {
        Some(of) => text! { en: [services(n), " of ", of], zh: [of, "：", services(n)] },
        None => services(n),
    };
    match wrong {
        0 => all,
        _ => text! {
            en: [&all, ", ", wrong, " without a ready endpoint"],
            zh: [all, "，", wrong, " 个没有就绪的端点"],
        },
    }
}

/// The head of a column.
pub(crate) fn address() -> Text {
    text! { en: ["TYPE CLUSTER-IP"], zh: ["类型 集群 IP"] }
}

/// The head of a column.
pub(crate) fn ports() -> Text {
    text! { en: ["PORTS"], zh: ["端口"] }
}

/// The head of a column: how many endpoints are ready, and how many are not.
pub(crate) fn endpoints() -> Text {
    text! { en: ["READY/NOT"], zh: ["就绪/未就绪"] }
}
