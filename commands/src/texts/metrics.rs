//! `/ceo metrics`.

use std::time::Duration;

use super::{
    common::{self, length},
    unanswered,
};
use crate::{
    line,
    model::{Limit, Span, Text, TicketId, Timestamp, ago, bold, code},
    text,
};

/// The command.
pub(crate) fn summary() -> Text {
    text! { en: ["Figures against their limits"], zh: ["查看关键指标与阈值"] }
}

/// An option.
pub(crate) fn panel() -> Text {
    text! { en: ["Only this panel"], zh: ["仅此面板"] }
}

/// An option.
pub(crate) fn range() -> Text {
    text! { en: ["How far back"], zh: ["时间范围"] }
}

/// An option.
pub(crate) fn query() -> Text {
    text! { en: ["PromQL instead"], zh: ["自定义 PromQL"] }
}

/// An option.
pub(crate) fn workload() -> Text {
    text! { en: ["Only of this"], zh: ["仅此工作负载"] }
}

/// The titles of the panels that come with the bot, by their names.
#[must_use]
pub fn title_of(name: &str) -> Text {
    match name {
        "cpu" => text! { en: ["CPU"], zh: ["CPU 使用率"] },
        "memory" => text! { en: ["Memory"], zh: ["内存使用率"] },
        "disk" => text! { en: ["Disk"], zh: ["磁盘使用率"] },
        "requests" => text! { en: ["Requests"], zh: ["请求速率"] },
        "errors" => text! { en: ["Errors"], zh: ["错误率"] },
        "p95" => text! { en: ["P95"], zh: ["P95 响应时间"] },
        "availability" => text! { en: ["Available"], zh: ["可用性"] },
        "decisions" => text! { en: ["Decisions"], zh: ["决策处理速率"] },
        "skills" => text! { en: ["Skills"], zh: ["Skill 成功率"] },
        "tokens" => text! { en: ["Tokens"], zh: ["Token 使用量"] },
        other => other.into(),
    }
}

/// What those who look further press.
#[must_use]
pub fn kubernetes_dashboard() -> Text {
    text! { en: ["Kubernetes"], zh: ["Kubernetes 仪表板"] }
}

/// Both a panel and a query.
pub(crate) fn two_questions() -> Text {
    text! { en: ["A panel and a query are two questions"], zh: ["panel 与 query 不能同时使用"] }
}

/// What to do about it.
pub(crate) fn leave_one_out() -> Text {
    text! { en: ["Leave one of them out."], zh: ["请只保留其中一个。"] }
}

/// More than is asked.
pub(crate) fn too_long(most: usize) -> Text {
    text! {
        en: ["The query is longer than ", most, " characters"],
        zh: ["查询超过 ", most, " 个字符"],
    }
}

/// No Prometheus is in the settings.
pub(crate) fn none() -> Text {
    text! { en: ["No Prometheus is configured"], zh: ["未配置 Prometheus"] }
}

/// What gives one.
pub(crate) fn how_to_add() -> Text {
    text! {
        en: ["Whoever runs the bot adds one to its settings: ", code("[prometheus]"), " with a url."],
        zh: ["由机器人管理员在设置中添加：", code("[prometheus]"), "，含 url。"],
    }
}

/// No panel is of this cluster, or none that the person may read of.
pub(crate) fn no_panels_here(here: &str, home: &str) -> Text {
    if here == home {
        text! { en: ["No panel is for you here"], zh: ["此处没有您可查看的面板"] }
    } else {
        text! {
            en: ["Prometheus holds figures of ", code(home), ", not of ", code(here)],
            zh: ["Prometheus 中为 ", code(home), " 的指标，没有 ", code(here), " 的指标"],
        }
    }
}

/// PromQL is asked where its figures are from.
pub(crate) fn other_cluster(home: &str) -> Text {
    text! {
        en: ["Prometheus holds figures of ", code(home)],
        zh: ["Prometheus 中为 ", code(home), " 的指标"],
    }
}

/// Where to ask it.
pub(crate) fn ask_there(home: &str) -> Text {
    text! {
        en: ["Ask in a channel of ", code(home), "."],
        zh: ["请在 ", code(home), " 的频道中查询。"],
    }
}

/// There is none of that name.
pub(crate) fn no_such(name: &str) -> Text {
    text! { en: ["There is no panel ", code(name)], zh: ["没有面板 ", code(name)] }
}

/// Those that there are.
pub(crate) fn there_are(names: &[String]) -> Text {
    text! { en: ["There are: ", common::names(names)], zh: ["现有：", common::names(names)] }
}

/// Those that look like it.
pub(crate) fn did_you_mean(near: &[String]) -> Text {
    let near = || common::or(near.iter().map(|name| line![code(name)]));
    text! { en: ["Did you mean ", near(), "?"], zh: ["您是否要找 ", near(), "？"] }
}

/// Why no answer came in time.
#[must_use]
pub fn nothing_within(after: Duration) -> Text {
    unanswered::nothing_within(after)
}

/// An answer that is none of Prometheus.
#[must_use]
pub fn status(code: u16) -> Text {
    text! { en: ["HTTP ", code.to_string()], zh: ["HTTP ", code.to_string()] }
}

/// It does not know the bot.
pub(crate) fn not_let_in(code: u16) -> Text {
    text! {
        en: ["HTTP ", code.to_string(), ": it does not let the bot in. Whoever runs the bot looks at ", self::code("prometheus.token"), "."],
        zh: ["HTTP ", code.to_string(), "：拒绝机器人访问，请由机器人管理员检查 ", self::code("prometheus.token"), "。"],
    }
}

/// Nothing was answered, for one reason.
pub(crate) fn nothing_answered() -> Text {
    text! { en: ["Prometheus answered nothing"], zh: ["Prometheus 未返回任何结果"] }
}

/// What came is not what Prometheus says.
#[must_use]
pub fn not_understood() -> Text {
    text! { en: ["the answer is not of Prometheus"], zh: ["应答不是 Prometheus 的格式"] }
}

/// It broke off.
#[must_use]
pub fn broke_off() -> Text {
    text! { en: ["the answer broke off"], zh: ["应答中断"] }
}

/// The query is none.
pub(crate) fn no_query() -> Text {
    text! { en: ["Prometheus cannot read this query"], zh: ["Prometheus 无法解析此查询"] }
}

/// The query was not answered.
pub(crate) fn query_not_answered() -> Text {
    text! { en: ["Prometheus did not answer this query"], zh: ["Prometheus 未返回此查询的结果"] }
}

/// Why there is no answer.
pub(crate) fn outage(why: &Text) -> Text {
    text! { en: ["no answer: ", why], zh: ["无应答：", why] }
}

/// Why there is no answer, in Prometheus' words.
pub(crate) fn not_read(said: &str) -> Text {
    text! { en: ["its query is none: ", code(said)], zh: ["查询语句有误：", code(said)] }
}

/// Why there is no answer, in Prometheus' words.
pub(crate) fn refused(said: &str) -> Text {
    text! { en: ["Prometheus says: ", code(said)], zh: ["Prometheus 返回：", code(said)] }
}

/// Why there is no answer.
pub(crate) fn too_much(most: u64) -> Text {
    let most = most / (1024 * 1024);
    text! {
        en: ["the answer is larger than ", most, " MiB: ask for fewer series, or a shorter range"],
        zh: ["应答超过 ", most, " MiB：请减少序列或缩短时间范围"],
    }
}

/// How things stand: nothing that has a limit is known.
pub(crate) fn nothing_known() -> Text {
    text! { en: ["No figure with a limit is known"], zh: ["有阈值的指标均无数据"] }
}

/// How things stand.
pub(crate) fn all_within(limited: usize) -> Text {
    match limited {
        1 => text! { en: ["1 figure is within its limit"], zh: ["1 项指标在阈值内"] },
        all => {
            text! { en: ["All ", all, " figures are within their limits"], zh: [all, " 项指标均在阈值内"] }
        }
    }
}

/// How things stand: nothing is over now, something was.
pub(crate) fn some_were_over(was: usize, limited: usize) -> Text {
    let verb = if was == 1 {
        " figures was over its limit, none is now"
    } else {
        " figures were over their limits, none is now"
    };
    text! {
        en: [was, " of ", limited, verb],
        zh: [limited, " 项指标中 ", was, " 项曾越限，当前均在阈值内"],
    }
}

/// How things stand.
pub(crate) fn some_over(over: usize, limited: usize) -> Text {
    let verb = if over == 1 {
        " figures is over its limit"
    } else {
        " figures are over their limits"
    };
    text! {
        en: [over, " of ", limited, verb],
        zh: [limited, " 项指标中 ", over, " 项越限"],
    }
}

/// What is not known beside that.
pub(crate) fn and_unknown(unknown: usize) -> Text {
    text! { en: [", ", unknown, " not known"], zh: ["，", unknown, " 项未知"] }
}

/// The head of a column.
pub(crate) fn figure() -> Text {
    text! { en: ["FIGURE"], zh: ["指标"] }
}

/// The head of a column.
pub(crate) fn now() -> Text {
    text! { en: ["NOW"], zh: ["当前"] }
}

/// The head of a column.
pub(crate) fn worst() -> Text {
    text! { en: ["WORST"], zh: ["最差"] }
}

/// The head of a column.
pub(crate) fn worst_or_highest(limit: Option<Limit>) -> Text {
    match limit {
        Some(_) => worst(),
        None => text! { en: ["HIGHEST"], zh: ["最高"] },
    }
}

/// The head of a column.
pub(crate) fn limit() -> Text {
    text! { en: ["LIMIT"], zh: ["阈值"] }
}

/// The head of a column.
pub(crate) fn series() -> Text {
    text! { en: ["SERIES"], zh: ["序列"] }
}

/// What stands where nothing is known.
pub(crate) fn nothing() -> Text {
    "–".into()
}

/// Over rows.
pub(crate) fn over() -> Text {
    text! { en: ["OVER THE LIMIT"], zh: ["越限"] }
}

/// Over rows.
pub(crate) fn was_over() -> Text {
    text! { en: ["WAS OVER THE LIMIT"], zh: ["曾越限"] }
}

/// Over rows.
pub(crate) fn silent() -> Text {
    text! { en: ["NO ANSWER"], zh: ["无应答"] }
}

/// Over rows.
pub(crate) fn none_now() -> Text {
    text! { en: ["NO DATA NOW"], zh: ["当前无数据"] }
}

/// Over rows.
pub(crate) fn no_data() -> Text {
    text! { en: ["NO DATA"], zh: ["无数据"] }
}

/// Over rows.
pub(crate) fn within() -> Text {
    text! { en: ["WITHIN THE LIMIT"], zh: ["阈值内"] }
}

/// Over rows.
pub(crate) fn no_limit() -> Text {
    text! { en: ["WITHOUT A LIMIT"], zh: ["无阈值"] }
}

/// Over rows.
pub(crate) fn not_set_up() -> Text {
    text! { en: ["NOT CONFIGURED"], zh: ["未配置"] }
}

/// One panel of many that has no answer.
pub(crate) fn panel_silent(title: &Text, why: &Text) -> Text {
    text! { en: [title, ": ", why], zh: [title, "：", why] }
}

/// How one stands.
pub(crate) fn one_over(title: &Text, now: &str, limit: &str) -> Text {
    text! {
        en: [title, " is over its limit: ", now, " now, limit ", limit],
        zh: [title, "越限：当前 ", now, "，阈值 ", limit],
    }
}

/// How one stands.
pub(crate) fn one_was_over(title: &Text, worst: &str, now: &str, limit: &str) -> Text {
    text! {
        en: [title, " was over its limit: ", worst, " at worst, ", now, " now, limit ", limit],
        zh: [title, "曾越限：最差 ", worst, "，当前 ", now, "，阈值 ", limit],
    }
}

/// How one stands.
pub(crate) fn one_within(title: &Text, now: &str, limit: &str) -> Text {
    text! {
        en: [title, " is within its limit: ", now, " now, limit ", limit],
        zh: [title, "在阈值内：当前 ", now, "，阈值 ", limit],
    }
}

/// How one stands.
pub(crate) fn one_is(title: &Text, now: &str) -> Text {
    text! { en: [title, ": ", now, " now"], zh: [title, "：当前 ", now] }
}

/// How one stands.
pub(crate) fn one_silent(title: &Text) -> Text {
    text! { en: [title, ": not known"], zh: [title, "：未知"] }
}

/// How one stands.
pub(crate) fn one_none_now(title: &Text, worst: &str) -> Text {
    text! {
        en: [title, ": no data now, ", worst, " at worst before"],
        zh: [title, "：当前无数据，此前最差 ", worst],
    }
}

/// How one stands.
pub(crate) fn one_no_data(title: &Text) -> Text {
    text! { en: [title, ": no data"], zh: [title, "：无数据"] }
}

/// How one stands.
pub(crate) fn one_not_set_up(title: &Text) -> Text {
    text! { en: [title, ": not configured"], zh: [title, "：未配置"] }
}

/// What gives it.
pub(crate) fn how_to_set_up(name: &str) -> Text {
    text! {
        en: ["Whoever runs the bot says in its settings what gives it: ", code("[[panels]]"), " with name ", code(name), " and a query."],
        zh: ["由机器人管理员在设置中指定：", code("[[panels]]"), "，name 为 ", code(name), "，并给出 query。"],
    }
}

/// What nothing means.
pub(crate) fn why_no_data() -> Text {
    text! {
        en: ["Prometheus answered, and holds nothing of it: an exporter may be missing, or named otherwise. That is no zero."],
        zh: ["Prometheus 有应答，但没有此项数据：可能缺少 exporter，或指标名不同。这不等于零。"],
    }
}

/// What an answer to PromQL is called.
pub(crate) fn query_title() -> Text {
    "PromQL".into()
}

/// What came.
pub(crate) fn query_empty() -> Text {
    text! { en: ["No data"], zh: ["无数据"] }
}

/// What came.
pub(crate) fn query_one(now: &str) -> Text {
    text! { en: [now, " now"], zh: ["当前 ", now] }
}

/// What came.
pub(crate) fn query_many(all: usize) -> Text {
    text! { en: [all, if all == 1 { " series" } else { " series, the highest first" }], zh: [all, " 条序列，按最高值排列"] }
}

/// What is not shown.
pub(crate) fn left_out(left: usize, all: usize) -> Text {
    text! {
        en: [left, " of ", all, " series are left out: those that are shown are the worst."],
        zh: ["共 ", all, " 条序列，未显示 ", left, " 条；已显示的为最差者。"],
    }
}

/// What is not drawn.
pub(crate) fn not_all_drawn(left: usize) -> Text {
    text! { en: [left, " more are not in the picture."], zh: ["另有 ", left, " 项未画入图中。"] }
}

/// The picture is missing.
pub(crate) fn no_picture() -> Text {
    text! { en: ["The picture could not be drawn."], zh: ["图表绘制失败。"] }
}

/// What the figures are of.
pub(crate) fn stretch(back: Duration, step: Duration) -> Text {
    text! {
        en: ["The last ", length(back), ", one figure every ", length(step), "; times in the picture are UTC."],
        zh: ["最近 ", length(back), "，每 ", length(step), " 一个数值；图中时间为 UTC。"],
    }
}

/// The button that asks again.
pub(crate) fn again() -> Text {
    text! { en: ["Ask again"], zh: ["刷新"] }
}

/// A rollout.
pub(crate) fn revision(workload: &str, number: i64) -> Text {
    let number = number.to_string();
    text! { en: [workload, " revision ", &number], zh: [workload, " 版本 ", number] }
}

/// What a ticket did.
pub(crate) fn ticket(what: &Text, id: TicketId) -> Text {
    line![what, " · ", Span::TicketLink(id)]
}

/// A moment that the picture marks with a number.
pub(crate) fn moment(number: usize, what: &Text, at: Timestamp) -> Text {
    line![bold(number.to_string()), " · ", what, " ", ago(at)]
}

/// Moments that are not marked.
pub(crate) fn earlier_moments(left: usize) -> Text {
    text! { en: [left, " earlier changes are not marked."], zh: ["另有 ", left, " 次较早的变更未标出。"] }
}

/// Nothing is marked.
pub(crate) fn rollouts_not_known(why: &Text) -> Text {
    text! { en: ["Rollouts are not marked: ", why], zh: ["未标出发布时刻：", why] }
}

/// Tickets are not marked.
pub(crate) fn changes_not_known(why: &Text) -> Text {
    text! { en: ["Tickets are not marked: ", why], zh: ["未标出工单：", why] }
}

/// The picture in words: a figure.
pub(crate) fn picture_of(title: &Text, now: Option<&str>, limit: Option<&str>) -> Text {
    let now = now.map_or_else(
        || text! { en: ["no data now"], zh: ["当前无数据"] },
        |now| text! { en: [now, " now"], zh: ["当前 ", now] },
    );
    match limit {
        Some(limit) => {
            text! { en: [title, " ", &now, ", limit ", limit], zh: [title, " ", now, "，阈值 ", limit] }
        }
        None => text! { en: [title, " ", &now], zh: [title, " ", now] },
    }
}

/// The picture in words.
pub(crate) fn picture(of: impl Iterator<Item = Text>, back: Duration, marks: usize) -> Text {
    let semicolon = text! { en: ["; "], zh: ["；"] };
    let of = Text::joined(of, &semicolon);
    let marked = match marks {
        0 => Text::default(),
        1 => text! { en: [" 1 change is marked."], zh: ["标出 1 次变更。"] },
        many => text! { en: [" ", many, " changes are marked."], zh: ["标出 ", many, " 次变更。"] },
    };
    text! {
        en: ["Lines over the last ", length(back), ": ", &of, ".", &marked],
        zh: ["最近 ", length(back), " 的折线图：", of, "。", marked],
    }
}

/// Grafana is open to everybody.
pub(crate) fn open_grafana(at: Timestamp) -> Text {
    text! {
        en: [bold("Grafana takes admin with the password admin"), ", seen ", ago(at), ": whoever reaches it changes it. Change the password."],
        zh: [bold("Grafana 仍接受 admin/admin 登录"), "（", ago(at), "测得）：任何能访问者均可修改，请更改密码。"],
    }
}
