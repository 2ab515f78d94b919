//! A slash command typed on one line, understood as the client understands it: by the registered schema.
//!
//! `/ceo rollback workload:deployment/api reason:"it is down"`: words up to the options choose group and subcommand; an
//! option's value goes on until the next word that is an option's name with a colon, or is quoted.

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

/// A line that has been understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The command's name.
    pub command: String,
    /// Options as Discord nests them.
    pub options: Vec<Value>,
}

fn options_of(node: &Value) -> &[Value] {
    node["options"].as_array().map_or(&[], Vec::as_slice)
}

fn kind(option: &Value) -> u64 {
    option["type"].as_u64().unwrap_or(0)
}

/// The command's name in a line.
///
/// # Errors
/// When the line is not a slash command.
pub fn command_name(line: &str) -> anyhow::Result<&str> {
    let rest = line
        .trim_start()
        .strip_prefix('/')
        .context("a command begins with a slash")?;
    rest.split_whitespace().next().context("a command has a name")
}

/// Understands a line by the schema of its command. With `focused` the last option is still being typed: it is marked
/// and taken as it is.
///
/// # Errors
/// When the client would not send this.
pub fn parse(schema: &Value, line: &str, focused: bool) -> anyhow::Result<Parsed> {
    let command = command_name(line)?.to_owned();
    ensure!(
        schema["name"] == command.as_str(),
        "the schema is of another command"
    );
    let start = line.find(&command).map_or(line.len(), |at| at + command.len());
    let mut rest = &line[start..];
    let mut node = schema;
    let mut path: Vec<&Value> = Vec::new();
    while options_of(node)
        .iter()
        .any(|option| matches!(kind(option), 1 | 2))
    {
        let trimmed = rest.trim_start();
        let word = trimmed.split_whitespace().next().unwrap_or_default();
        let next = options_of(node)
            .iter()
            .find(|option| option["name"] == word && matches!(kind(option), 1 | 2));
        let names: Vec<&str> = options_of(node)
            .iter()
            .filter_map(|option| option["name"].as_str())
            .collect();
        node = next.with_context(|| {
            format!(
                "after {:?} comes one of {names:?}, not {word:?}",
                path_name(&path)
            )
        })?;
        path.push(node);
        rest = &trimmed[word.len()..];
    }
    let mut leaves = Vec::new();
    let pairs = split(node, rest, focused)?;
    let count = pairs.len();
    for (index, (option, text)) in pairs.into_iter().enumerate() {
        let last = focused && index + 1 == count;
        let value = if last { json!(text) } else { value(option, &text)? };
        let mut leaf = json!({"name": option["name"], "type": option["type"], "value": value});
        if last {
            leaf["focused"] = json!(true);
        }
        leaves.push(leaf);
    }
    let mut options = leaves;
    for step in path.iter().rev() {
        options = vec![json!({"name": step["name"], "type": step["type"], "options": options})];
    }
    Ok(Parsed { command, options })
}

fn path_name(path: &[&Value]) -> String {
    path.iter()
        .filter_map(|step| step["name"].as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Splits `name:value name:"quoted value"` by the names that there are.
fn split<'s>(node: &'s Value, text: &str, open_end: bool) -> anyhow::Result<Vec<(&'s Value, String)>> {
    let mut out: Vec<(&Value, String)> = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (option, value) = starts_option(node, rest).with_context(|| {
            let names: Vec<&str> = options_of(node)
                .iter()
                .filter_map(|option| option["name"].as_str())
                .collect();
            format!("{rest:?} is no option; there are {names:?}")
        })?;
        ensure!(
            !out.iter().any(|(seen, _)| seen["name"] == option["name"]),
            "{} is given twice",
            option["name"]
        );
        let (value, after) = take_value(node, value, open_end)?;
        out.push((option, value));
        rest = after.trim_start();
    }
    Ok(out)
}

/// The option whose name and colon stand at the beginning, and what follows.
fn starts_option<'s, 't>(node: &'s Value, text: &'t str) -> Option<(&'s Value, &'t str)> {
    options_of(node).iter().find_map(|option| {
        let rest = text.strip_prefix(option["name"].as_str()?)?.strip_prefix(':')?;
        Some((option, rest))
    })
}

fn take_value<'t>(node: &Value, text: &'t str, open_end: bool) -> anyhow::Result<(String, &'t str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut out = String::new();
        let mut chars = quoted.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Ok((out, &quoted[at + 1..])),
                '\\' => out.extend(
                    chars
                        .next()
                        .map(|(_, escaped)| if escaped == 'n' { '\n' } else { escaped }),
                ),
                _ => out.push(c),
            }
        }
        ensure!(open_end, "a quotation mark is not closed");
        return Ok((out, ""));
    }
    let ends = text.char_indices().filter(|(_, c)| c.is_whitespace());
    let end = ends
        .map(|(at, _)| at)
        .find(|at| starts_option(node, text[*at..].trim_start()).is_some());
    let (value, rest) = text.split_at(end.unwrap_or(text.len()));
    Ok((
        if open_end {
            value.to_owned()
        } else {
            value.trim_end().to_owned()
        },
        rest,
    ))
}

/// A number as it is typed.
fn number(value: &Value) -> Option<String> {
    value.is_number().then(|| value.to_string())
}

/// A typed word as the option's type wants it; names of choices become their values.
fn value(option: &Value, text: &str) -> anyhow::Result<Value> {
    let name = &option["name"];
    if let Some(choices) = option["choices"].as_array().filter(|choices| !choices.is_empty()) {
        let chosen = choices.iter().find(|choice| {
            choice["name"] == text
                || choice["value"] == text
                || number(&choice["value"]).as_deref() == Some(text)
        });
        let names: Vec<&Value> = choices.iter().map(|choice| &choice["name"]).collect();
        return Ok(
            chosen.with_context(|| format!("{name} is one of {names:?}, not {text:?}"))?["value"].clone(),
        );
    }
    Ok(match kind(option) {
        4 => json!(
            text.parse::<i64>()
                .with_context(|| format!("{name} takes a whole number, not {text:?}"))?
        ),
        5 => match text.to_lowercase().as_str() {
            "true" => json!(true),
            "false" => json!(false),
            _ => bail!("{name} is true or false, not {text:?}"),
        },
        6..=9 => {
            let id = text.trim_matches(|c| "<@!&#>".contains(c));
            ensure!(
                id.parse::<u64>().is_ok(),
                "{name} takes a mention or an id, not {text:?}"
            );
            json!(id)
        }
        10 => json!(
            text.parse::<f64>()
                .with_context(|| format!("{name} takes a number, not {text:?}"))?
        ),
        11 => bail!("{name}: files cannot be typed"),
        _ => json!(text),
    })
}

/// Checks options against the schema as the client does before it sends them, and completes the command's full name.
/// With `typing` (autocomplete) required options may still be missing.
///
/// # Errors
/// When the client would not send this.
pub fn check(node: &Value, options: &[Value], typing: bool, full_name: &mut String) -> anyhow::Result<()> {
    let schema = options_of(node);
    if schema.iter().any(|option| matches!(kind(option), 1 | 2)) {
        let [chosen] = options else {
            bail!("/{full_name} needs a subcommand")
        };
        let step = schema
            .iter()
            .find(|option| option["name"] == chosen["name"] && matches!(kind(option), 1 | 2));
        let step = step.with_context(|| format!("/{full_name} has no {}", chosen["name"]))?;
        full_name.push(' ');
        full_name.push_str(step["name"].as_str().unwrap_or_default());
        return check(step, options_of(chosen), typing, full_name);
    }
    for given in options {
        let option = schema.iter().find(|option| option["name"] == given["name"]);
        let option = option.with_context(|| format!("/{full_name} has no option {}", given["name"]))?;
        ensure!(
            option["type"] == given["type"],
            "{} has another type",
            given["name"]
        );
        if given["focused"] == true {
            ensure!(
                option["autocomplete"] == true,
                "{} has no suggestions",
                given["name"]
            );
        } else {
            check_value(option, &given["value"])?;
        }
    }
    let missing = schema.iter().find(|option| {
        option["required"] == true && !options.iter().any(|given| given["name"] == option["name"])
    });
    match missing {
        Some(option) if !typing => bail!("/{full_name} needs {}", option["name"]),
        _ => Ok(()),
    }
}

fn check_value(option: &Value, value: &Value) -> anyhow::Result<()> {
    let name = &option["name"];
    let fits = match kind(option) {
        3 => value.is_string(),
        4 => value.is_i64() || value.is_u64(),
        5 => value.is_boolean(),
        10 => value.is_number(),
        _ => value.is_string(),
    };
    ensure!(fits, "{name} does not take {value}");
    if let Some(choices) = option["choices"].as_array().filter(|choices| !choices.is_empty()) {
        ensure!(
            choices.iter().any(|choice| choice["value"] == *value),
            "{name} has no choice {value}"
        );
    }
    if let Some(number) = value.as_f64() {
        ensure!(
            option["min_value"].as_f64().is_none_or(|min| number >= min),
            "{name} is at least {}",
            option["min_value"]
        );
        ensure!(
            option["max_value"].as_f64().is_none_or(|max| number <= max),
            "{name} is at most {}",
            option["max_value"]
        );
    }
    if let Some(text) = value.as_str().filter(|_| kind(option) == 3) {
        let length = u64::try_from(text.chars().count())?;
        let max = option["max_length"].as_u64().unwrap_or(6000);
        ensure!(
            length >= option["min_length"].as_u64().unwrap_or(0),
            "{name} is too short"
        );
        ensure!(length <= max, "{name} takes at most {max} characters");
        ensure!(length > 0 || option["required"] != true, "{name} is empty");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        json!({"name": "ceo", "description": "d", "options": [
            {"type": 1, "name": "scale", "description": "d", "options": [
                {"type": 3, "name": "workload", "description": "d", "required": true, "autocomplete": true},
                {"type": 4, "name": "replicas", "description": "d", "required": true, "min_value": 0, "max_value": 100},
                {"type": 3, "name": "reason", "description": "d"},
                {"type": 5, "name": "force", "description": "d"}]},
            {"type": 2, "name": "get", "description": "d", "options": [
                {"type": 1, "name": "pods", "description": "d", "options": [
                    {"type": 3, "name": "sort", "description": "d", "choices": [{"name": "Age", "value": "age"}]}]}]}]})
    }

    fn full(line: &str) -> anyhow::Result<(Vec<Value>, String)> {
        let parsed = parse(&schema(), line, false)?;
        let mut name = parsed.command.clone();
        check(&schema(), &parsed.options, false, &mut name)?;
        Ok((parsed.options, name))
    }

    #[test]
    fn values_end_where_the_next_option_begins() {
        let (options, name) =
            full("/ceo scale workload:prod/deployment/api:x replicas:5 reason:load is up: now force:true")
                .unwrap();
        assert_eq!(name, "ceo scale");
        let leaves = options[0]["options"].as_array().unwrap();
        assert_eq!(leaves[0]["value"], "prod/deployment/api:x");
        assert_eq!(leaves[1]["value"], 5);
        assert_eq!(leaves[2]["value"], "load is up: now");
        assert_eq!(leaves[3]["value"], true);
    }

    #[test]
    fn quoted_values_may_hold_anything() {
        let (options, _) =
            full(r#"/ceo scale workload:"a b" replicas:1 reason:"say \"force:true\"""#).unwrap();
        assert_eq!(options[0]["options"][2]["value"], "say \"force:true\"");
    }

    #[test]
    fn the_client_sends_nothing_that_the_schema_forbids() {
        for (line, why) in [
            ("/ceo", "comes one of"),
            ("/ceo scale workload:x", "needs \"replicas\""),
            ("/ceo scale workload:x replicas:many", "whole number"),
            ("/ceo scale workload:x replicas:101", "at most"),
            ("/ceo scale workload:x replicas:1 colour:red", "whole number"),
            ("/ceo get pods sort:size", "one of"),
            ("/ceo scale workload:x workload:y replicas:1", "twice"),
            ("ceo scale", "slash"),
        ] {
            let error = format!("{:#}", full(line).map(|_| ()).unwrap_err());
            assert!(error.contains(why), "{line}: {error}");
        }
        assert_eq!(
            full("/ceo get pods sort:Age").unwrap().0[0]["options"][0]["options"][0]["value"],
            "age"
        );
    }

    #[test]
    fn an_option_that_is_being_typed_is_marked() {
        let parsed = parse(&schema(), "/ceo scale replicas:3 workload:dep", true).unwrap();
        let leaves = parsed.options[0]["options"].as_array().unwrap();
        assert_eq!(
            leaves[1],
            json!({"name": "workload", "type": 3, "value": "dep", "focused": true})
        );
        check(&schema(), &parsed.options, true, &mut "ceo".to_owned()).unwrap();
    }
}
