//! The slash command `/ceo`, drawn from the catalogue. Discord's rules for commands are checked here, so that a command that
//! Discord would refuse fails a test and not a start.

use ceo_commands::{
    input::{OptionKind, OptionSpec},
    model::{Locale, Text},
    ops::contract::{Group, Spec},
    texts,
};
use serde_json::{Map, Value as Json, json};

/// The word after the slash.
pub const NAME: &str = "ceo";
/// Discord's bound for the characters of one top-level command.
pub const BUDGET: usize = 8000;
/// Most entries of any list.
const ENTRIES: usize = 25;

const SUB_COMMAND: u8 = 1;
const SUB_COMMAND_GROUP: u8 = 2;

/// The command as Discord takes it. Everybody on the server sees it, in no direct message: who may do what is decided by the
/// policy on each request; `default_member_permissions` would hide it from operators until an administrator allows it by hand.
#[must_use]
pub fn command(catalogue: &[Spec], groups: &[Group]) -> Json {
    let mut options: Vec<Json> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for spec in catalogue {
        match spec.group() {
            None => options.push(sub_command(spec)),
            Some(word) if seen.contains(&word) => {}
            Some(word) => {
                seen.push(word);
                let members = catalogue.iter().filter(|other| other.group() == Some(word));
                let members: Vec<Json> = members.map(sub_command).collect();
                let group = groups.iter().find(|group| group.word == word);
                // A group that is not listed has no description, which is among the problems.
                let summary = group.map(|group| (group.summary)()).unwrap_or_default();
                options.push(node(SUB_COMMAND_GROUP, word, &summary, members));
            }
        }
    }
    let mut command = node(1, NAME, &texts::discord::runbook(), options);
    command["contexts"] = json!([0]);
    command["integration_types"] = json!([0]);
    command
}

fn node(kind: u8, name: &str, summary: &Text, options: Vec<Json>) -> Json {
    let mut node = json!({
        "type": kind,
        "name": name,
        "description": summary.plain(),
        "description_localizations": {"zh-CN": summary.plain_in(Locale::ZhCn)},
    });
    if !options.is_empty() {
        node["options"] = Json::Array(options);
    }
    node
}

fn sub_command(spec: &Spec) -> Json {
    // Discord wants required options first; the sort is stable, the rest keeps its order.
    let mut sorted: Vec<&OptionSpec> = spec.declared().collect();
    sorted.sort_by_key(|option| !option.required);
    node(
        SUB_COMMAND,
        spec.name(),
        &(spec.summary)(),
        sorted.into_iter().map(option).collect(),
    )
}

fn option(spec: &OptionSpec) -> Json {
    let kind = match spec.kind {
        OptionKind::Text | OptionKind::Duration { .. } => 3,
        OptionKind::Integer { .. } => 4,
        OptionKind::Bool => 5,
        OptionKind::User => 6,
    };
    let mut json = node(kind, spec.name, &(spec.summary)(), Vec::new());
    if spec.required {
        json["required"] = json!(true);
    }
    if let OptionKind::Integer { min, max } = spec.kind {
        json["min_value"] = json!(min);
        json["max_value"] = json!(max);
    }
    if let Some(choices) = spec.choices {
        let choice = |word| json!({"name": word, "value": word});
        json["choices"] = choices().into_iter().map(choice).collect();
    } else if spec.suggest.is_some() {
        json["autocomplete"] = json!(true);
    }
    json
}

/// The characters that count against [`BUDGET`]: name and description of every node, the longest language of each once, and
/// names and values of choices.
#[must_use]
pub fn weight(node: &Json) -> usize {
    let longest = |field: &str, localized: &str| {
        let own = node[field].as_str().map_or(0, |t| t.chars().count());
        let others = node[localized].as_object().into_iter().flat_map(Map::values);
        others
            .filter_map(Json::as_str)
            .map(|t| t.chars().count())
            .fold(own, usize::max)
    };
    let here = longest("name", "name_localizations") + longest("description", "description_localizations");
    let below = node["options"]
        .as_array()
        .into_iter()
        .flatten()
        .map(weight)
        .sum::<usize>();
    let choices = node["choices"].as_array().into_iter().flatten();
    let choices = choices.map(|choice| {
        let length = |field: &str| choice[field].as_str().map_or(0, |t| t.chars().count());
        length("name") + length("value")
    });
    here + below + choices.sum::<usize>()
}

/// What Discord would refuse of the command. A start ends with it, and a test comes first.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Too many characters in all.
    #[error("the command has {0} characters, Discord takes {BUDGET}")]
    Heavy(usize),
    /// Of one node, by its path.
    #[error("{0}: {1}")]
    Node(String, Wrong),
}

/// What Discord would refuse of one node.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Its name.
    #[error("{0:?} is no name for a command or an option")]
    Name(String),
    /// The length of its description.
    #[error("a description of {0} characters")]
    Description(usize),
    /// How many stand below it.
    #[error("{0} entries, Discord takes {ENTRIES}")]
    Entries(usize),
    /// Two below it have one name.
    #[error("two entries of one name")]
    Twice,
    /// What stands below it is not of one kind.
    #[error("commands and options mixed")]
    Mixed,
    /// The order of its options.
    #[error("a required option after an optional one")]
    Order,
}

/// What Discord would refuse; empty when all is well.
#[must_use]
pub fn problems(command: &Json) -> Vec<Problem> {
    let mut out = Vec::new();
    check(command, "", &mut out);
    let weight = weight(command);
    if weight > BUDGET {
        out.push(Problem::Heavy(weight));
    }
    out
}

fn check(node: &Json, above: &str, out: &mut Vec<Problem>) {
    let name = node["name"].as_str().unwrap_or_default();
    let path = format!("{above}/{name}");
    let wrong = wrong(node, name).into_iter();
    out.extend(wrong.map(|wrong| Problem::Node(path.clone(), wrong)));
    for option in node["options"].as_array().into_iter().flatten() {
        check(option, &path, out);
    }
}

fn wrong(node: &Json, name: &str) -> Vec<Wrong> {
    let mut out = Vec::new();
    if !is_name(name) {
        out.push(Wrong::Name(name.to_owned()));
    }
    let localized = node["description_localizations"]
        .as_object()
        .into_iter()
        .flat_map(Map::values);
    for text in localized.chain([&node["description"]]) {
        let length = text.as_str().map_or(0, |t| t.chars().count());
        if !(1..=100).contains(&length) {
            out.push(Wrong::Description(length));
        }
    }
    let options: Vec<&Json> = node["options"].as_array().into_iter().flatten().collect();
    if options.len() > ENTRIES {
        out.push(Wrong::Entries(options.len()));
    }
    let mut names: Vec<&str> = options.iter().filter_map(|o| o["name"].as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        out.push(Wrong::Twice);
    }
    let below = |option: &&&Json| {
        option["type"]
            .as_u64()
            .is_some_and(|t| t <= u64::from(SUB_COMMAND_GROUP))
    };
    let nested = options.iter().filter(below).count();
    if nested != 0 && nested != options.len() {
        out.push(Wrong::Mixed);
    }
    let required = |option: &&&Json| option["required"] == json!(true);
    if options
        .iter()
        .skip_while(required)
        .any(|option| required(&option))
    {
        out.push(Wrong::Order);
    }
    out
}

/// Discord's `^[-_'\p{L}\p{N}]{1,32}$`, lower case.
fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    (1..=32).contains(&length)
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '\''))
        && name.to_lowercase() == name
}

/// Whether what is registered says the same as what shall be: what Discord adds, and defaults that it writes out, aside.
#[must_use]
pub fn same(registered: &[Json], wanted: &Json) -> bool {
    match registered {
        [one] => normal(one, true) == normal(wanted, true),
        _ => false,
    }
}

/// Only what we say, in one form.
fn normal(node: &Json, top: bool) -> Json {
    const KNOWN: [&str; 12] = [
        "type",
        "name",
        "description",
        "description_localizations",
        "name_localizations",
        "required",
        "min_value",
        "max_value",
        "autocomplete",
        "choices",
        "default_member_permissions",
        "min_length",
    ];
    let mut out = Map::new();
    for key in KNOWN {
        let value = &node[key];
        let empty = match value {
            Json::Null | Json::Bool(false) => true,
            Json::Array(list) => list.is_empty(),
            Json::Object(map) => map.is_empty(),
            _ => false,
        };
        if !empty {
            let number = value.as_f64().filter(|_| key.ends_with("_value"));
            out.insert(key.to_owned(), number.map_or_else(|| value.clone(), |n| json!(n)));
        }
    }
    if top {
        out.entry("type").or_insert(json!(1));
        for key in ["contexts", "integration_types"] {
            let mut list: Vec<u64> = node[key]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Json::as_u64)
                .collect();
            list.sort_unstable();
            out.insert(key.to_owned(), json!(list));
        }
    }
    let options: Vec<Json> = node["options"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|o| normal(o, false))
        .collect();
    if !options.is_empty() {
        out.insert("options".to_owned(), Json::Array(options));
    }
    Json::Object(out)
}

#[cfg(test)]
mod tests {
    use ceo_commands::{
        input::{AnyOption, Choice, Opt},
        model::WorkloadName,
        ops::catalogue,
        policy::Verb,
        text,
    };

    use super::*;

    fn words() -> Text {
        text! { en: ["A text of forty-five characters, no more....."], zh: ["文字"] }
    }

    fn which() -> Text {
        text! { en: ["Which one"], zh: ["哪个"] }
    }

    const GET: Group = Group {
        word: "get",
        summary: words,
    };

    #[derive(Clone, Copy)]
    struct Order;

    impl Choice for Order {
        const ALL: &'static [(&'static str, Self)] = &[("name", Self), ("age", Self)];
    }

    const OPTION: Opt<Option<WorkloadName>> = Opt::workload("workload").about(which).optional();
    const COUNT: Opt<i32> = Opt::integer("replicas", 0..=50).about(which);
    const SORT: Opt<Option<Order>> = Opt::choice("sort").about(words).optional();

    fn spec(path: &'static str, options: &'static [&'static dyn AnyOption]) -> Spec {
        Spec::new(path, Verb::Read).about(words).options(options)
    }

    #[test]
    fn the_tree_is_what_discord_takes() {
        let specs = [
            spec("status", &[&OPTION]),
            spec("get pods", &[&SORT]),
            spec("scale", &[&OPTION, &COUNT]),
            spec("get nodes", &[]),
        ];
        let command = command(&specs, &[GET]);
        assert_eq!(problems(&command), Vec::<Problem>::new());
        assert_eq!(command["name"], "ceo");
        assert_eq!(command["options"][1]["type"], 2);
        assert_eq!(command["options"][1]["options"][1]["name"], "nodes");
        let sort = &command["options"][1]["options"][0]["options"][0];
        assert_eq!(sort["choices"][1], json!({"name": "age", "value": "age"}));
        assert_eq!(sort["autocomplete"], Json::Null, "Discord takes one of both");
        let scale = &command["options"][2]["options"];
        assert_eq!(scale[0]["name"], "replicas", "required options come first");
        assert_eq!(
            (&scale[0]["min_value"], &scale[0]["max_value"]),
            (&json!(0), &json!(50))
        );
        assert_eq!(scale[1]["autocomplete"], true);
        assert_eq!(scale[1]["description_localizations"]["zh-CN"], "哪个");
    }

    #[test]
    fn what_discord_refuses_is_named() {
        let bad = |edit: &dyn Fn(&mut Json)| {
            let mut command = command(&[spec("scale", &[&OPTION, &COUNT])], &[]);
            edit(&mut command);
            problems(&command)
        };
        assert_eq!(bad(&|_| {}).len(), 0);
        assert_eq!(bad(&|c| c["options"][0]["name"] = json!("Scale")).len(), 1);
        assert_eq!(
            bad(&|c| c["options"][0]["description"] = json!("x".repeat(101))).len(),
            1
        );
        assert_eq!(
            bad(&|c| c["options"][0]["options"][1]["name"] = json!("replicas")).len(),
            1
        );
        assert_eq!(
            bad(&|c| c["options"][0]["options"][1]["required"] = json!(true)).len(),
            0
        );
        assert_eq!(
            bad(&|c| c["options"][0]["options"].as_array_mut().unwrap().reverse()).len(),
            1
        );
        let many = |c: &mut Json| {
            c["options"] = (0..26)
                .map(|n| json!({"type": 1, "name": format!("n{n}"), "description": "x"}))
                .collect()
        };
        assert_eq!(bad(&many).len(), 1);
        let heavy = |c: &mut Json| {
            c["options"] = (0..25)
                .map(|n| json!({"type": 1, "name": format!("n{n}"), "description": "x", "options":
                    (0..10).map(|m| json!({"type": 3, "name": format!("o{m}"), "description": "y".repeat(40)})).collect::<Vec<_>>()}))
                .collect();
        };
        assert_eq!(bad(&heavy).len(), 1);
    }

    #[test]
    fn the_longest_language_counts_once() {
        let node = json!({"name": "ab", "description": "12345", "description_localizations": {"zh-CN": "1234567"},
            "options": [{"name": "c", "description": "d"}]});
        assert_eq!(weight(&node), 2 + 7 + 2);
    }

    #[test]
    fn what_discord_adds_is_no_difference_and_a_changed_word_is() {
        let wanted = command(&[spec("scale", &[&OPTION, &COUNT])], &[]);
        let mut stored = wanted.clone();
        stored["id"] = json!("1");
        stored["application_id"] = json!("2");
        stored["version"] = json!("3");
        stored["dm_permission"] = Json::Null;
        stored["nsfw"] = json!(false);
        stored["name_localizations"] = Json::Null;
        stored["options"][0]["options"][1]["required"] = json!(false);
        stored["options"][0]["options"][0]["min_value"] = json!(0.0);
        assert!(same(&[stored.clone()], &wanted));
        assert!(!same(&[], &wanted));
        assert!(!same(&[stored.clone(), stored.clone()], &wanted));
        stored["options"][0]["description"] = json!("other");
        assert!(!same(&[stored], &wanted));
    }

    /// What is registered, node by node: a change of it is seen by everybody, so it is made here on purpose.
    #[test]
    fn the_registered_command_is_the_one_that_was_agreed_on() {
        let specs: Vec<Spec> = catalogue::all().iter().map(|entry| entry.spec).collect();
        let command = command(&specs, catalogue::groups());
        assert_eq!(problems(&command), Vec::<Problem>::new());
        assert!(weight(&command) <= 7500, "{}", weight(&command));
        let mut lines = Vec::new();
        outline(&command, 0, &mut lines);
        assert_eq!(lines.join("\n"), include_str!("registered.txt").trim_end());
    }

    /// Room for fifty commands: few words each.
    #[test]
    fn descriptions_are_short() {
        for entry in catalogue::all() {
            let length = |text: &str| text.chars().count();
            let spec = &entry.spec;
            let both = |summary: fn() -> Text| {
                let text = summary();
                length(&text.plain()).max(length(&text.plain_in(Locale::ZhCn)))
            };
            assert!(both(spec.summary) <= 30, "{}: {:?}", spec.path, (spec.summary)());
            for option in spec.declared() {
                assert!(
                    both(option.summary) <= 20,
                    "{} {}: {:?}",
                    spec.path,
                    option.name,
                    (option.summary)()
                );
            }
        }
    }

    fn outline(node: &Json, depth: usize, lines: &mut Vec<String>) {
        let mut line = format!("{}{} {}", "  ".repeat(depth), node["type"], text(&node["name"]));
        for (key, value) in [
            ("required", &node["required"]),
            ("min", &node["min_value"]),
            ("max", &node["max_value"]),
            ("autocomplete", &node["autocomplete"]),
        ] {
            if !value.is_null() {
                line.push_str(&format!(" {key}={value}"));
            }
        }
        let choices = node["choices"].as_array().into_iter().flatten();
        for choice in choices {
            line.push_str(&format!(" |{}", text(&choice["value"])));
        }
        let zh = &node["description_localizations"]["zh-CN"];
        line.push_str(&format!(": {} / {}", text(&node["description"]), text(zh)));
        lines.push(line);
        for option in node["options"].as_array().into_iter().flatten() {
            outline(option, depth + 1, lines);
        }
    }

    fn text(json: &Json) -> &str {
        json.as_str().unwrap_or_default()
    }
}
