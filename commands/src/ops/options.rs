//! Options that several commands take.

use super::contract::{OptionKind, OptionSpec, Suggest, Text};

/// The workload that a command is about.
pub(super) const WORKLOAD: OptionSpec = OptionSpec {
    name: "workload",
    summary: Text {
        en: "[cluster/][namespace/]kind/name",
        zh: "[集群/][命名空间/]类型/名称",
    },
    kind: OptionKind::Text,
    required: true,
    suggest: Some(Suggest::Workload),
};

/// The same where it may be left out.
pub(super) const WORKLOAD_OPTIONAL: OptionSpec = OptionSpec {
    required: false,
    ..WORKLOAD
};

/// Why something is asked for.
pub(super) const REASON: OptionSpec = OptionSpec {
    name: "reason",
    summary: Text {
        en: "Why, for those who approve",
        zh: "原因，供审批人参考",
    },
    kind: OptionKind::Text,
    required: false,
    suggest: None,
};
