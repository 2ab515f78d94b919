//! `/ceo get cronjobs`.

use crate::{
    model::{Text, Timestamp, ago, code},
    text,
    texts::get::Noun,
};

/// What is listed.
pub(crate) const NOUN: Noun = Noun {
    one: "CronJob",
    many: "CronJobs",
    zh: "CronJob",
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["CronJobs and their last runs"], zh: ["CronJob 及最近一次运行"] }
}

/// How the last run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Run {
    /// It never ran.
    Never,
    /// It goes on.
    Running,
    /// It did its work.
    Succeeded,
    /// It gave up.
    Failed {
        /// Its Job.
        job: String,
        /// Why.
        why: Text,
    },
    /// Its Job is gone, and no later success is on record.
    NotKnown,
}

/// The cell of that.
pub(crate) fn run(run: &Run) -> Text {
    match run {
        Run::Never => text! { en: ["never ran"], zh: ["从未运行"] },
        Run::Running => text! { en: ["running"], zh: ["运行中"] },
        Run::Succeeded => text! { en: ["succeeded"], zh: ["成功"] },
        Run::Failed { .. } => text! { en: ["failed"], zh: ["失败"] },
        Run::NotKnown => text! { en: ["not known"], zh: ["未知"] },
    }
}

/// The last run failed.
pub(crate) fn failed(job: &str, why: &Text, success: Option<Timestamp>) -> Text {
    let head = text! { en: ["its last run ", code(job), " failed: ", why], zh: ["最近一次运行 ", code(job), " 失败：", why] };
    match success {
        Some(at) => {
            text! { en: [&head, "; the last success was ", ago(at)], zh: [head, "；上次成功 ", ago(at)] }
        }
        None => text! { en: [&head, "; no success is on record"], zh: [head, "；没有成功记录"] },
    }
}

/// Of a schedule that is off.
pub(crate) fn suspended(schedule: &str) -> Text {
    text! { en: [schedule, " (suspended)"], zh: [schedule, "（已暂停）"] }
}

/// The head of a column.
pub(crate) fn schedule() -> Text {
    text! { en: ["SCHEDULE"], zh: ["计划"] }
}

/// The head of a column.
pub(crate) fn last() -> Text {
    text! { en: ["LAST RUN"], zh: ["最近运行"] }
}
