//! `/ceo logs`: what it takes, what was read, what is missing and why.

use super::common::{length, pods};
use crate::{
    model::{Text, Timestamp, ago, bold, code, grouped},
    text,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Logs of a workload or a pod"], zh: ["工作负载或 Pod 的日志"] }
}

/// The option.
pub(crate) fn workload() -> Text {
    text! { en: ["kind/name, pod/name"], zh: ["类型/名称 或 pod/名称"] }
}

/// The option.
pub(crate) fn container() -> Text {
    text! { en: ["Which container"], zh: ["容器"] }
}

/// The option.
pub(crate) fn since() -> Text {
    text! { en: ["Like 15m, 2h"], zh: ["如 15m、2h"] }
}

/// The option.
pub(crate) fn tail() -> Text {
    text! { en: ["Lines of each pod"], zh: ["每个 Pod 的最新行数"] }
}

/// The option.
pub(crate) fn grep() -> Text {
    text! { en: ["Regular expression"], zh: ["正则表达式"] }
}

/// The option.
pub(crate) fn invert() -> Text {
    text! { en: ["Without a match"], zh: ["不匹配的行"] }
}

/// The option.
pub(crate) fn previous() -> Text {
    text! { en: ["The container before"], zh: ["上一个容器"] }
}

/// The option.
pub(crate) fn follow() -> Text {
    text! { en: ["Live"], zh: ["实时"] }
}

/// The option.
pub(crate) fn share() -> Text {
    text! { en: ["Show to the channel"], zh: ["频道可见"] }
}

/// Why that is.
pub(crate) fn nothing_more_to_come() -> Text {
    text! { en: ["A container that has ended logs nothing more."], zh: ["已结束的容器不会再有新日志。"] }
}

/// A switch without what it switches.
pub(crate) fn invert_needs_a_pattern() -> Text {
    text! { en: [code("invert"), " needs a pattern to invert"], zh: [code("invert"), " 须与模式一起使用"] }
}

/// What to do about that.
pub(crate) fn add_grep() -> Text {
    text! { en: ["Add ", code("grep:…"), " to the command."], zh: ["请在命令中添加 ", code("grep:…"), "。"] }
}

/// A search that is too long.
pub(crate) fn pattern_too_long(most: usize) -> Text {
    text! { en: ["The pattern is longer than ", most, " characters"], zh: ["模式超过 ", most, " 个字符"] }
}

/// What to do about that.
pub(crate) fn search_for_less() -> Text {
    text! {
        en: ["Search for less, and narrow it down from there."],
        zh: ["请先用较短的模式搜索，再逐步缩小范围。"],
    }
}

/// A search that cannot be, in the library's own words.
pub(crate) fn no_pattern(typed: &str, why: &str) -> Text {
    let option = code(format!("grep:{typed}"));
    text! {
        en: [option.clone(), " is not a regular expression: ", why],
        zh: [option, " 不是有效的正则表达式：", why],
    }
}

/// Why a pattern is refused that is one.
pub(crate) fn too_much_memory() -> &'static str {
    "it needs too much memory"
}

/// Where the error is: behind the last character, or before some text.
pub(crate) fn wrong_at(character: usize, here: &str) -> Text {
    if here.is_empty() {
        text! { en: ["At its end (character ", character, "). "], zh: ["在末尾（第 ", character, " 个字符）。"] }
    } else {
        let found = code(here);
        text! {
            en: ["At character ", character, ": ", found.clone(), ". "],
            zh: ["在第 ", character, " 个字符处：", found, "。"],
        }
    }
}

/// How to search for characters that mean something in a pattern.
pub(crate) fn search_literally(escaped: &str) -> Text {
    text! {
        en: ["To search for the characters themselves write ", code(escaped), "."],
        zh: ["如需按字面搜索，请写 ", code(escaped), "。"],
    }
}

/// A beginning that has not been.
pub(crate) fn in_the_future(since: &str) -> Text {
    let option = code(format!("since: {since}"));
    text! { en: [option.clone(), " is in the future"], zh: [option, " 晚于当前时间"] }
}

/// A beginning that nobody remembers.
pub(crate) fn too_long_ago(since: &str) -> Text {
    let option = code(format!("since: {since}"));
    text! { en: [option.clone(), " is out of range"], zh: [option, " 超出范围"] }
}

/// How beginnings are written.
pub(crate) fn beginnings() -> Text {
    text! {
        en: ["Write it like ", code("15m"), " or ", code("2h"), "."],
        zh: ["写法如 ", code("15m"), " 或 ", code("2h"), "。"],
    }
}

/// The furthest back.
pub(crate) fn within_the_last(most: std::time::Duration) -> Text {
    text! { en: ["It must be within the last ", length(most), "."], zh: ["须在最近 ", length(most), "以内。"] }
}

/// A container that the target has not.
pub(crate) fn no_such_container(whose: &str, name: &str) -> Text {
    text! { en: [whose, " has no container ", code(name)], zh: [whose, " 没有容器 ", code(name)] }
}

/// A choice that the asker must make.
pub(crate) fn which_container(whose: &str, n: usize) -> Text {
    text! {
        en: [whose, " has ", n, " containers; say which one"],
        zh: [whose, " 有 ", n, " 个容器，请指定其一"],
    }
}

fn containers(names: &[String], or: &str) -> Text {
    let each = names
        .iter()
        .map(|name| Text::from(code(format!("container:{name}"))));
    Text::joined(each, &Text::from(or))
}

/// `Add container:api or container:worker; of the init containers container:migrate.`
pub(crate) fn containers_to_choose_from(app: &[String], init: &[String]) -> Text {
    let (en, zh) = (" or ", " 或 ");
    let init = match init {
        [] => Text::default(),
        _ => text! {
            en: ["; of the init containers ", containers(init, en)],
            zh: ["；初始化容器为 ", containers(init, zh)],
        },
    };
    text! { en: ["Add ", containers(app, en), &init, "."], zh: ["请添加 ", containers(app, zh), init, "。"] }
}

/// A target without pods.
pub(crate) fn no_pods(target: &str) -> Text {
    text! { en: [target, " has no pods"], zh: [target, " 没有 Pod"] }
}

/// What that means.
pub(crate) fn nothing_logs() -> Text {
    text! {
        en: ["So there is nothing that logs. It may be scaled to zero, or its pods cannot be made."],
        zh: ["因此没有日志。它可能已缩容至 0，或无法创建 Pod。"],
    }
}

/// The title.
pub(crate) fn title(target: &str) -> Text {
    text! { en: ["Logs of ", target], zh: [target, " 的日志"] }
}

/// The title when each pod's log is missing.
pub(crate) fn no_log(target: &str) -> Text {
    text! { en: ["No log of ", target, " can be shown"], zh: ["无法显示 ", target, " 的日志"] }
}

/// The title when nothing came in the time that was asked for.
pub(crate) fn nothing_in_that_time(target: &str) -> Text {
    text! { en: [target, " has logged nothing in that time"], zh: [target, " 在此期间没有日志"] }
}

/// The title when there is nothing at all.
pub(crate) fn nothing_at_all(target: &str) -> Text {
    text! { en: [target, " has logged nothing"], zh: [target, " 没有日志"] }
}

/// The title when nothing was found.
pub(crate) fn no_match(target: &str) -> Text {
    text! { en: ["No line of ", target, " matches"], zh: [target, " 没有匹配的行"] }
}

/// When a silent log last said something.
pub(crate) fn newest_before(at: Timestamp) -> Text {
    text! { en: ["The newest line before is from ", ago(at), "."], zh: ["此前最后一行日志的时间：", ago(at), "。"] }
}

/// `3 pods`, or `40 pods of 60`.
pub(crate) fn of_pods(n: i32, more: usize) -> Text {
    let all = usize::try_from(n).unwrap_or_default() + more;
    match more {
        0 => pods(n),
        _ => text! { en: [pods(n), " of ", all], zh: [all, " 个 Pod 中的 ", n, " 个"] },
    }
}

/// Whose log, behind the pods.
pub(crate) fn of_container(name: &str, previous: bool) -> Text {
    let before = if previous {
        text! { en: [", the one before"], zh: ["（上一个）"] }
    } else {
        Text::default()
    };
    text! { en: [" · container ", code(name), &before], zh: [" · 容器 ", code(name), before] }
}

/// From when on.
pub(crate) fn last(time: std::time::Duration) -> Text {
    text! { en: [" · last ", length(time)], zh: [" · 最近 ", length(time)] }
}

/// How many lines at most.
pub(crate) fn newest(lines: u64, each: bool) -> Text {
    let (en, zh) = if each {
        (" of each pod", "每个 Pod ")
    } else {
        ("", "")
    };
    text! { en: [" · newest ", counted(lines), en], zh: [" · ", zh, "最新 ", counted(lines)] }
}

/// `1 line`, `12,402 lines`
pub(crate) fn counted(lines: u64) -> Text {
    let plural = if lines == 1 { " line" } else { " lines" };
    text! { en: [grouped(lines), plural], zh: [grouped(lines), " 行"] }
}

/// In the place of lines that were left out; it stands among lines of a log, which have no language.
pub(crate) fn left_out(lines: u64) -> String {
    format!("… +{} …", grouped(lines))
}

/// How many lines there were.
pub(crate) fn read(lines: u64) -> Text {
    text! { en: [" · ", counted(lines)], zh: [" · 共 ", counted(lines)] }
}

/// What was searched for, and how much of it there was.
pub(crate) fn matching(pattern: &str, invert: bool, matched: u64, lines: u64) -> Text {
    let how = if invert {
        text! { en: [" · not matching "], zh: [" · 不匹配 "] }
    } else {
        text! { en: [" · matching "], zh: [" · 匹配 "] }
    };
    text! {
        en: [&how, code(pattern), " · ", grouped(matched), " of ", counted(lines)],
        zh: [how, code(pattern), " · ", counted(lines), "中 ", grouped(matched), " 行"],
    }
}

/// How many secrets were taken out.
pub(crate) fn hidden(values: u64) -> Text {
    let plural = if values == 1 { " value" } else { " values" };
    text! { en: [" · ", grouped(values), plural, " hidden"], zh: [" · 已隐藏 ", grouped(values), " 个值"] }
}

/// Why a pod's log is missing or short, behind its name.
pub(crate) fn of_pod(pod: &str, why: &Text) -> Text {
    text! { en: [code(pod), ": ", why], zh: [code(pod), "：", why] }
}

/// The same of several pods.
pub(crate) fn of_several(n: i32, why: &Text) -> Text {
    text! { en: [pods(n), ": ", why], zh: [pods(n), "：", why] }
}

/// Troubles that are not told one by one.
pub(crate) fn more_troubles(n: usize) -> Text {
    text! { en: ["… and ", n, if n == 1 { " more trouble" } else { " more troubles" }], zh: ["…… 另有 ", n, " 个问题"] }
}

/// Lines that were cut.
pub(crate) fn long_lines(n: u64) -> Text {
    text! {
        en: [counted(n), " longer than 16 KiB: searched and shown no further than that"],
        zh: [counted(n), "超过 16 KiB：仅搜索和显示此长度以内的部分"],
    }
}

/// Reading was ended.
pub(crate) fn unfinished() -> Text {
    text! {
        en: [
            "Reading took too long and was ended: newer lines are missing. Ask for less with ", code("since"), " or ",
            code("tail"), "."
        ],
        zh: ["读取时间过长，已中止：缺少较新的行。请用 ", code("since"), " 或 ", code("tail"), " 缩小范围。"],
    }
}

/// Containers beside the one that is shown.
pub(crate) fn not_shown(names: &[String]) -> Text {
    let names = code(names.join(", "));
    text! { en: ["not shown: container ", names.clone()], zh: ["未显示的容器：", names] }
}

/// The option.
pub(crate) fn patterns() -> Text {
    text! { en: ["Alike lines once"], zh: ["合并相似行"] }
}

/// Why it does not go with `follow`.
pub(crate) fn patterns_are_of_what_was() -> Text {
    text! { en: ["Alike lines are counted in what was written until now."], zh: ["相似行只统计已写入的日志。"] }
}

/// A button that counts alike lines.
pub(crate) fn its_patterns() -> Text {
    text! { en: ["Alike lines once"], zh: ["合并相似行"] }
}

/// A button that shows the lines themselves.
pub(crate) fn its_lines() -> Text {
    text! { en: ["Show the lines"], zh: ["显示原始行"] }
}

/// The title over what is said again and again.
pub(crate) fn title_of_patterns(target: &str, n: usize) -> Text {
    let kinds = if n == 1 { " kind of line" } else { " kinds of line" };
    text! {
        en: ["Logs of ", target, ": ", n, kinds],
        zh: [target, " 的日志：", n, " 类日志行"],
    }
}

/// Lines that say the same.
pub(crate) struct Repeated<'a> {
    /// How many.
    pub(crate) count: u64,
    /// When how many of them came, as bars.
    pub(crate) over_time: &'a str,
    /// When the last came.
    pub(crate) last: Timestamp,
    /// Of how many pods, where there are several.
    pub(crate) pods: Option<usize>,
    /// What they have in common.
    pub(crate) template: &'a str,
}

/// What is said so often, and when it was said last.
pub(crate) fn pattern(said: &Repeated<'_>) -> Text {
    let count = format!("{}×", said.count);
    let bars = code(said.over_time);
    let pods = match said.pods {
        Some(1) => text! { en: [", in 1 pod"], zh: ["，1 个 Pod"] },
        Some(n) => text! { en: [", in ", n, " pods"], zh: ["，", n, " 个 Pod"] },
        None => Text::default(),
    };
    text! {
        en: [bold(&count), " ", bars.clone(), " last ", ago(said.last), &pods, ": ", code(said.template)],
        zh: [bold(&count), " ", bars, " 最近 ", ago(said.last), pods, "：", code(said.template)],
    }
}

/// There are more kinds.
pub(crate) fn more_patterns(n: usize) -> Text {
    text! { en: ["and ", n, " more in the file"], zh: ["另有 ", n, " 类，见附件"] }
}

/// Lines of kinds that were not told apart any more.
pub(crate) fn beyond_patterns(lines: u64) -> Text {
    text! { en: [counted(lines), " of still other kinds"], zh: ["其余类别共 ", counted(lines)] }
}

/// Not all lines were kept to be compared.
pub(crate) fn of_the_newest(lines: u64) -> Text {
    text! { en: ["counted in the newest ", counted(lines), "; those before are not in it"], zh: ["仅统计最新 ", counted(lines), "，更早的未计入"] }
}

/// What the file is, for those who cannot see it.
pub(crate) fn file_of_patterns(name: &str) -> Text {
    text! { en: ["Kinds of lines in the log of ", name], zh: [name, " 的日志行类别"] }
}

/// The small print about the times.
pub(crate) fn in_utc() -> Text {
    text! { en: ["times in UTC"], zh: ["时间为 UTC"] }
}

/// What a file holds.
pub(crate) fn held(lines: u64, all: bool) -> Text {
    if all {
        text! { en: ["all ", counted(lines)], zh: ["全部 ", counted(lines)] }
    } else {
        text! { en: ["the newest ", counted(lines)], zh: ["最新 ", counted(lines)] }
    }
}

/// The small print about a file.
pub(crate) fn in_file(held: &Text, file: &str, size: &str) -> Text {
    text! { en: [held, ": ", file, " (", size, ")"], zh: [held, "：", file, "（", size, "）"] }
}

/// What a file is, for those who cannot see it.
pub(crate) fn file(name: &str, held: &Text) -> Text {
    text! { en: ["Log of ", name, ", ", held], zh: [name, " 的日志，", held] }
}

/// A button that asks the same again.
pub(crate) fn refresh() -> Text {
    text! { en: ["Refresh"], zh: ["刷新"] }
}

/// A button that goes further back.
pub(crate) fn older() -> Text {
    text! { en: ["Older"], zh: ["更早"] }
}

/// A button that shows the container that runs.
pub(crate) fn present_container() -> Text {
    text! { en: ["Present container"], zh: ["当前容器"] }
}

/// A button that shows the container that ended.
pub(crate) fn previous_container() -> Text {
    text! { en: ["Previous container"], zh: ["上一个容器"] }
}

/// A button that shows what comes.
pub(crate) fn follow_on() -> Text {
    text! { en: ["Follow"], zh: ["跟踪"] }
}

/// A button that shows what comes, once more.
pub(crate) fn follow_again() -> Text {
    text! { en: ["Follow again"], zh: ["再次跟踪"] }
}

/// Nothing came yet.
pub(crate) fn nothing_so_far() -> Text {
    text! {
        en: ["Nothing logged so far; lines show here as they come."],
        zh: ["尚无日志；有新日志时会显示在此处。"],
    }
}

/// Nothing came.
pub(crate) fn nothing_came() -> Text {
    text! { en: ["Nothing was logged."], zh: ["没有日志。"] }
}

/// Why following ended: nobody looks for ever.
pub(crate) fn over_after(minutes: u64) -> Text {
    text! { en: ["over after ", minutes, if minutes == 1 { " minute" } else { " minutes" }], zh: ["已满 ", minutes, " 分钟，结束"] }
}

/// Why following ended: there is nothing to follow.
pub(crate) fn target_gone(target: &str) -> Text {
    text! { en: [target, " is gone"], zh: [target, " 已不存在"] }
}

/// How many lines come.
pub(crate) fn rate(lines: &str) -> Text {
    text! { en: [lines, " lines/s"], zh: [lines, " 行/秒"] }
}

/// Pods that are not followed any more.
pub(crate) fn ended(n: i32) -> Text {
    text! { en: [" · ", pods(n), " ended"], zh: [" · ", pods(n), "已结束"] }
}

/// Streams that broke and went on.
pub(crate) fn resumed(times: u64) -> Text {
    match times {
        1 => text! { en: [" · cut and resumed once"], zh: [" · 中断并恢复 1 次"] },
        n => text! { en: [" · cut and resumed ", n, " times"], zh: [" · 中断并恢复 ", n, " 次"] },
    }
}

/// Why there is no log: the kubelet's reason.
pub(crate) fn waiting(container: &str, reason: &Text) -> Text {
    text! {
        en: ["container ", container, " is waiting to start: ", reason],
        zh: ["容器 ", container, " 尚未启动：", reason],
    }
}

/// The kubelet's reason, in our words.
pub(crate) fn not_created_yet() -> Text {
    text! { en: ["it was not created yet"], zh: ["尚未创建"] }
}

/// Why there is no log: the scheduler's reason, which may not be known.
pub(crate) fn unscheduled(reason: &Text) -> Text {
    match reason.is_empty() {
        true => text! { en: ["not scheduled to a node yet"], zh: ["尚未调度到节点"] },
        false => text! { en: ["not scheduled to a node yet: ", reason], zh: ["尚未调度到节点：", reason] },
    }
}

/// Why there is no log of the container before.
pub(crate) fn no_previous(container: &str) -> Text {
    text! {
        en: ["container ", container, " has not ended before: there is no previous log"],
        zh: ["容器 ", container, " 此前未结束过：没有之前的日志"],
    }
}

/// Why there is no log any more.
pub(crate) fn removed() -> Text {
    text! {
        en: ["the container is gone from its node already, and its log with it"],
        zh: ["容器及其日志已从节点上移除"],
    }
}

/// Why there is no log of one pod of several.
pub(crate) fn has_no_container(container: &str) -> Text {
    text! { en: ["has no container ", container], zh: ["没有容器 ", container] }
}

/// Why there is no more of it.
pub(crate) fn pod_gone() -> Text {
    text! { en: ["the pod is gone"], zh: ["Pod 已不存在"] }
}

/// Why there is no more of it.
pub(crate) fn pod_replaced() -> Text {
    text! { en: ["the pod was replaced"], zh: ["Pod 已被替换"] }
}

/// Why there is no more of it.
pub(crate) fn pod_ended(status: &str) -> Text {
    text! { en: ["the pod ended: ", status], zh: ["Pod 已结束：", status] }
}

/// Why it is not whole.
pub(crate) fn stalled() -> Text {
    text! { en: ["the log stopped coming before it was whole"], zh: ["日志未传输完即停止"] }
}

/// Why it is not whole.
pub(crate) fn cut() -> Text {
    text! { en: ["the connection broke before the log was whole"], zh: ["日志未传输完，连接即中断"] }
}
