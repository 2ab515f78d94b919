//! `[[panels]]`: the figures that are worth looking at. Ten come with the bot, those that the manual says to watch; the
//! settings add others, or say otherwise of these.

use ceo_commands::{
    model::{Limit, Scope, Side, Text as Words, Unit},
    ports::metrics::Panel,
    texts::metrics::title_of,
};

use super::{
    Cluster,
    problem::{Problems, suggestion},
    raw::{List, Number, RawPanel, Text},
};

/// The longest name: it is typed, and drawn.
const NAME: usize = 20;
/// The longest title.
const TITLE: usize = 40;
/// The longest unit.
const UNIT: usize = 8;
/// The longest query.
const QUERY: usize = 4000;

/// What a panel that comes with the bot is, but for its title.
struct Shipped {
    name: &'static str,
    unit: &'static str,
    limit: Option<Limit>,
    query: Option<String>,
}

fn below(bound: f64) -> Option<Limit> {
    let side = Side::Below;
    Some(Limit { side, bound })
}

fn above(bound: f64) -> Option<Limit> {
    let side = Side::Above;
    Some(Limit { side, bound })
}

/// What containers use of what they may use at the most, those alone that have a limit.
fn of_limits(used: &str, resource: &str) -> String {
    let limits = format!("kube_pod_container_resource_limits{{{OF_PODS},resource=\"{resource}\"}}");
    format!(
        "100 * sum({used} and on (namespace, pod, container) {limits}) / sum({limits} and on (namespace, pod, container) {used})"
    )
}

/// The share of requests that failed, by the label in which the status stands. Without requests it is no number; where
/// no series has that label there is no figure, rather than a nought.
fn errors(label: &str) -> String {
    let requests = |status: &str| {
        format!("sum(rate(http_requests_total{{namespace=\"$namespace\",{label}{status}}}[$window]))")
    };
    let (all, failed) = (requests("!=\"\""), requests("=~\"5..\""));
    format!("(100 * ({failed} or 0 * {all}) / {all})")
}

/// The pods that are asked about.
const OF_PODS: &str = "namespace=\"$namespace\",pod=~\"$pods\"";

/// The figures of the manual. What only the service itself can tell has no query until the settings give it one.
fn shipped() -> Vec<Shipped> {
    let panel = |name, unit, limit, query: Option<String>| Shipped {
        name,
        unit,
        limit,
        query,
    };
    let cpu = format!("rate(container_cpu_usage_seconds_total{{{OF_PODS},container!=\"\"}}[$window])");
    let memory = format!("container_memory_working_set_bytes{{{OF_PODS},container!=\"\"}}");
    let disk = "100 * max(kubelet_volume_stats_used_bytes{namespace=\"$namespace\"} / kubelet_volume_stats_capacity_bytes{namespace=\"$namespace\"})";
    let requests = "sum(rate(http_requests_total{namespace=\"$namespace\"}[$window]))";
    let p95 = "1000 * histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{namespace=\"$namespace\"}[$window])))";
    let failed = format!("{} or {}", errors("status"), errors("code"));
    vec![
        panel("cpu", "%", below(70.0), Some(of_limits(&cpu, "cpu"))),
        panel("memory", "%", below(80.0), Some(of_limits(&memory, "memory"))),
        panel("disk", "%", below(85.0), Some(disk.to_owned())),
        panel("requests", "/s", None, Some(requests.to_owned())),
        panel("errors", "%", below(0.1), Some(failed.clone())),
        panel("p95", "ms", below(500.0), Some(p95.to_owned())),
        panel(
            "availability",
            "%",
            above(99.9),
            Some(format!("100 - ({failed})")),
        ),
        panel("decisions", "/s", None, None),
        panel("skills", "%", None, None),
        panel("tokens", "/s", None, None),
    ]
}

/// All panels, those that come with the bot first.
pub(super) fn panels(raw: List<RawPanel>, clusters: &[Cluster], problems: &mut Problems) -> Vec<Panel> {
    let mut panels: Vec<Panel> = shipped().into_iter().map(Panel::from).collect();
    let mut named: Vec<String> = Vec::new();
    for (at, one) in raw.into_iter().enumerate() {
        let (Some(one), key) = (one, format!("panels[{at}]")) else {
            continue;
        };
        let Some(name) = name(&key, one.name.as_ref(), problems) else {
            continue;
        };
        if named.contains(&name) {
            problems.add(format!("{key}.name"), format!("there are two panels \"{name}\""));
            continue;
        }
        named.push(name.clone());
        let at = panels.iter().position(|panel| panel.name == name);
        let before = at.map_or_else(|| new(name), |at| panels[at].clone());
        let panel = panel(&key, before, one, clusters, problems);
        match at {
            Some(at) => panels[at] = panel,
            None => panels.push(panel),
        }
    }
    panels
}

impl From<Shipped> for Panel {
    fn from(shipped: Shipped) -> Self {
        Self {
            name: shipped.name.to_owned(),
            title: title_of(shipped.name),
            query: shipped.query,
            unit: Unit(shipped.unit.to_owned()),
            limit: shipped.limit,
            place: None,
        }
    }
}

fn name(key: &str, raw: Option<&Text>, problems: &mut Problems) -> Option<String> {
    let key = format!("{key}.name");
    let expected = format!("expected up to {NAME} small letters, digits and hyphens, like \"queue\"");
    let Some(Text(name)) = raw else {
        if !problems.at(&key) {
            problems.add(key, format!("is missing; {expected}"));
        }
        return None;
    };
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=NAME).contains(&name.len()) && name.chars().all(fits) {
        return Some(name.clone());
    }
    problems.add(key, format!("\"{name}\" cannot be a panel's name; {expected}"));
    None
}

/// A panel of which nothing is known yet.
fn new(name: String) -> Panel {
    Panel {
        title: Words::from(&name),
        name,
        query: None,
        unit: Unit::default(),
        limit: None,
        place: None,
    }
}

/// A panel as the settings have it; what they do not say is as it was.
fn panel(key: &str, mut panel: Panel, raw: RawPanel, clusters: &[Cluster], problems: &mut Problems) -> Panel {
    if let Some(Text(title)) = raw.title {
        let shown =
            !title.is_empty() && title.chars().count() <= TITLE && !title.chars().any(char::is_control);
        if !shown {
            problems.add(
                format!("{key}.title"),
                format!("is empty or longer than {TITLE} characters"),
            );
        }
        panel.title = title.into();
    }
    if let Some(Text(unit)) = raw.unit {
        if unit.len() > UNIT || !unit.chars().all(|c| c.is_ascii_graphic()) {
            problems.add(
                format!("{key}.unit"),
                format!(
                    "\"{unit}\" is no unit; expected up to {UNIT} letters like \"%\", \"ms\", \"/s\" or \"B\""
                ),
            );
        }
        panel.unit = Unit(unit);
    }
    match (raw.below, raw.above) {
        (Some(_), Some(_)) => problems.add(key, "has a bound below and one above; expected one of them"),
        (Some(Number(bound)), None) => panel.limit = below(bound),
        (None, Some(Number(bound))) => panel.limit = above(bound),
        (None, None) => {}
    }
    if let Some(Text(query)) = raw.query {
        if query.is_empty() || query.chars().count() > QUERY {
            problems.add(
                format!("{key}.query"),
                format!("is empty or longer than {QUERY} characters"),
            );
        }
        panel.query = Some(query);
    }
    if panel.query.is_none() && !problems.at(&format!("{key}.query")) {
        problems.add(
            format!("{key}.query"),
            "is missing; expected PromQL like \"sum(rate(jobs_total[$window]))\"",
        );
    }
    if let Some(Text(text)) = raw.r#where {
        panel.place = place(&format!("{key}.where"), &text, clusters, problems);
    }
    panel
}

/// `prod/ceoagent`, or `prod` for what is of the cluster as a whole.
fn place(key: &str, text: &str, clusters: &[Cluster], problems: &mut Problems) -> Option<Scope> {
    let all = || {
        let namespaces = clusters.iter().flat_map(|cluster| {
            let of = |namespace| Scope::namespace(&cluster.name, namespace);
            cluster.namespaces.iter().map(of)
        });
        namespaces.chain(clusters.iter().map(|cluster| Scope::cluster(&cluster.name)))
    };
    if let Some(scope) = all().find(|scope| scope.to_string() == text) {
        return Some(scope);
    }
    let known: Vec<String> = all().map(|scope| scope.to_string()).collect();
    let near = suggestion(text, known.iter().map(String::as_str));
    problems.add(
        key,
        format!("\"{text}\" is no place of these settings; expected a text like \"prod/ceoagent\" or \"prod\"{near}"),
    );
    None
}

#[cfg(test)]
mod tests {
    use super::{super::tests::raw, *};

    fn read(toml: &str) -> (Vec<Panel>, Vec<String>) {
        let cluster = Cluster {
            name: "prod".to_owned(),
            kubeconfig: None,
            context: None,
            namespaces: vec!["ceoagent".to_owned()],
            production: true,
        };
        #[derive(serde::Deserialize)]
        struct File {
            #[serde(default)]
            panels: Vec<RawPanel>,
        }
        let file: File = raw(toml);
        let mut problems = Problems::default();
        let raw = file.panels.into_iter().map(Some).collect();
        let panels = panels(raw, &[cluster], &mut problems);
        let told = problems.finish(&std::collections::BTreeMap::new());
        (panels, told.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_figures_of_the_manual_come_with_the_bot() {
        let (panels, told) = read("x = 1\n");
        assert_eq!(told, Vec::<String>::new());
        let limits: Vec<String> = panels
            .iter()
            .map(|panel| {
                let limit = panel.limit.map(|limit| limit.written(&panel.unit));
                format!("{} {}", panel.name, limit.unwrap_or_default())
            })
            .collect();
        assert_eq!(
            limits,
            [
                "cpu <70%",
                "memory <80%",
                "disk <85%",
                "requests ",
                "errors <0.1%",
                "p95 <500ms",
                "availability >99.9%",
                "decisions ",
                "skills ",
                "tokens "
            ]
        );
        let without: Vec<&str> = panels
            .iter()
            .filter(|panel| panel.query.is_none())
            .map(|panel| panel.name.as_str())
            .collect();
        assert_eq!(without, ["decisions", "skills", "tokens"]);
    }

    #[test]
    fn settings_add_panels_and_say_otherwise_of_those_that_there_are() {
        let (panels, told) = read(
            "[[panels]]\nname = \"tokens\"\nquery = \"sum(rate(tokens_total[$window]))\"\n\
             [[panels]]\nname = \"cpu\"\nbelow = 60\n\
             [[panels]]\nname = \"queue\"\ntitle = \"队列\"\nquery = \"queue_length\"\nunit = \"jobs\"\nbelow = 1e3\nwhere = \"prod\"\n",
        );
        assert_eq!(told, Vec::<String>::new());
        assert_eq!(panels.len(), 11);
        assert!(
            panels[9].query.is_some() && panels[9].unit.0 == "/s",
            "{:?}",
            panels[9]
        );
        assert_eq!(panels[0].limit, below(60.0));
        assert!(panels[0].query.as_ref().unwrap().contains("cpu"));
        assert_eq!(panels[10].place, Some(Scope::cluster("prod")));
        assert_eq!(panels[10].limit, below(1000.0));
    }

    #[test]
    fn each_mistake_is_told_with_what_is_expected() {
        for (lines, told) in [
            ("query = \"up\"", "panels[0].name: is missing"),
            ("name = \"A b\"\nquery = \"up\"", "cannot be a panel's name"),
            ("name = \"a\"", "panels[0].query: is missing"),
            ("name = \"tokens\"", "panels[0].query: is missing"),
            ("name = \"a\"\nquery = \"\"", "panels[0].query: is empty"),
            (
                "name = \"a\"\nquery = \"up\"\nbelow = 1\nabove = 2",
                "expected one of them",
            ),
            ("name = \"a\"\nquery = \"up\"\nunit = \"个\"", "is no unit"),
            (
                "name = \"a\"\nquery = \"up\"\nwhere = \"prud\"",
                "did you mean \"prod\"?",
            ),
            (
                "name = \"a\"\nquery = \"up\"\ntitle = \"\"",
                "panels[0].title: is empty",
            ),
            (
                "name = \"a\"\nquery = \"up\"\n[[panels]]\nname = \"a\"\nquery = \"up\"",
                "panels[1].name: there are two panels \"a\"",
            ),
        ] {
            let (_, all) = read(&format!("[[panels]]\n{lines}\n"));
            assert!(all.iter().any(|one| one.contains(told)), "{lines}: {all:?}");
            assert_eq!(all.len(), 1, "{lines}: {all:?}");
        }
    }
}
