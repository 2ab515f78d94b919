//! What an application command may be: names, counts, nesting, order of options, and the 8000 characters in all.

use std::collections::HashSet;

use serde_json::Value;

use super::form::{ApiError, Form, integer};

const SUBCOMMAND: u64 = 1;
const GROUP: u64 = 2;
/// Characters of one top-level command, over all its names, descriptions and choices.
pub const MAX_CHARACTERS: usize = 8_000;

pub(crate) const LOCALES: [&str; 32] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl",
    "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja",
    "zh-TW", "ko",
];

/// Checks one command; `path` is its index in a bulk overwrite, else empty.
pub fn check(form: &mut Form, path: &str, command: &Value) {
    let kind = integer(&command["type"]).unwrap_or(1);
    if kind != 1 {
        form.text(&Form::at(path, "name"), &command["name"], 1..=32, true);
        return;
    }
    names(form, path, command);
    form.text(
        &Form::at(path, "description"),
        &command["description"],
        1..=100,
        true,
    );
    options(form, path, command, 0);
    if characters(command) > MAX_CHARACTERS {
        let text = format!("Command exceeds maximum size ({MAX_CHARACTERS})");
        form.add(path, "APPLICATION_COMMAND_TOO_LARGE", text);
    }
    for (key, allowed) in [("contexts", &[0, 1, 2][..]), ("integration_types", &[0, 1][..])] {
        for (index, value) in form
            .list(&Form::at(path, key), &command[key], 3)
            .iter()
            .enumerate()
        {
            form.choice(&Form::at(path, format_args!("{key}.{index}")), value, allowed);
        }
    }
    let permissions = &command["default_member_permissions"];
    if !permissions.is_null() && integer(permissions).is_none() {
        let text = format!("Could not interpret {permissions} as permissions.");
        form.add(
            &Form::at(path, "default_member_permissions"),
            "BITFIELD_TYPE_CONVERT",
            text,
        );
    }
}

/// Checks the body of a bulk overwrite.
///
/// # Errors
/// What Discord answers.
pub fn check_all(body: &Value) -> Result<(), ApiError> {
    let mut form = Form::default();
    let Some(commands) = body.as_array() else {
        return Form::fail(
            "",
            "LIST_TYPE_CONVERT",
            "Only iterables may be used in a ListType",
        );
    };
    let mut seen = HashSet::new();
    for (index, command) in commands.iter().enumerate() {
        check(&mut form, &index.to_string(), command);
        if !seen.insert((
            integer(&command["type"]).unwrap_or(1),
            command["name"].to_string(),
        )) {
            let text = "Application command names must be unique";
            form.add(
                &format!("{index}.name"),
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                text,
            );
        }
    }
    form.finish()?;
    let slash = commands
        .iter()
        .filter(|command| integer(&command["type"]).unwrap_or(1) == 1)
        .count();
    if slash > 100 {
        return Err(ApiError::new(
            400,
            30032,
            "Maximum number of application commands reached (100)",
        ));
    }
    Ok(())
}

fn names(form: &mut Form, path: &str, node: &Value) {
    let at = Form::at(path, "name");
    form.text(&at, &node["name"], 1..=32, true);
    if node["name"]
        .as_str()
        .is_some_and(|name| !name.is_empty() && !name_fits(name))
    {
        form.add(&at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
    for key in ["name_localizations", "description_localizations"] {
        for (locale, text) in node[key].as_object().into_iter().flatten() {
            let at = Form::at(path, format_args!("{key}.{locale}"));
            if !LOCALES.contains(&locale.as_str()) {
                form.add(
                    &at,
                    "DICT_TYPE_KEYS_CHOICES",
                    format!("Value '{locale}' is not a valid locale"),
                );
            }
            let is_name = key == "name_localizations";
            form.text(&at, text, 1..=if is_name { 32 } else { 100 }, true);
            if is_name && text.as_str().is_some_and(|name| !name_fits(name)) {
                form.add(&at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
            }
        }
    }
}

/// `^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$`, lower case where there is one.
pub fn name_fits(name: &str) -> bool {
    let scripts = |c: char| ('\u{900}'..='\u{97f}').contains(&c) || ('\u{e00}'..='\u{e7f}').contains(&c);
    let fits = |c: char| "-_'".contains(c) || c.is_alphanumeric() || scripts(c);
    let length = name.chars().count();
    (1..=32).contains(&length) && name.chars().all(fits) && name.to_lowercase() == name
}

fn options(form: &mut Form, path: &str, node: &Value, depth: usize) {
    let at = Form::at(path, "options");
    let options = form.list(&at, &node["options"], 25);
    let kind = |option: &Value| integer(&option["type"]).unwrap_or(0);
    let nested = options
        .iter()
        .filter(|option| matches!(kind(option), 1 | 2))
        .count();
    if nested > 0 && nested < options.len() {
        let text = "Sub-command and sub-command group option types are mutually exclusive to all other types";
        form.add(&at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text);
    }
    let mut seen = HashSet::new();
    let mut optional_seen = false;
    for (index, option) in options.iter().enumerate() {
        let at = format!("{at}.{index}");
        if !seen.insert(option["name"].to_string()) {
            let text = "Option name already exists in the options";
            form.add(
                &Form::at(&at, "name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                text,
            );
        }
        names(form, &at, option);
        form.text(
            &Form::at(&at, "description"),
            &option["description"],
            1..=100,
            true,
        );
        match form.choice(
            &Form::at(&at, "type"),
            &option["type"],
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        ) {
            Some(kind @ (SUBCOMMAND | GROUP)) => nesting(form, &at, option, kind, depth),
            Some(_) => {
                let required = option["required"] == true;
                if required && optional_seen {
                    let text = "Required options must be placed before non-required options";
                    form.add(&at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text);
                }
                optional_seen |= !required;
                leaf(form, &at, option);
            }
            None => {}
        }
    }
}

fn nesting(form: &mut Form, path: &str, option: &Value, kind: u64, depth: usize) {
    // command > group > subcommand > options, and nothing deeper
    let fits = match kind {
        GROUP => {
            depth == 0
                && option["options"].as_array().is_some_and(|inner| {
                    !inner.is_empty() && inner.iter().all(|one| integer(&one["type"]) == Some(1))
                })
        }
        _ => !option["options"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|one| matches!(integer(&one["type"]), Some(1 | 2))),
    };
    if !fits {
        let text = "Sub-command and sub-command group option types are mutually exclusive to all other types";
        form.add(
            &Form::at(path, "options"),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            text,
        );
        return;
    }
    options(form, path, option, depth + 1);
}

fn leaf(form: &mut Form, path: &str, option: &Value) {
    let kind = integer(&option["type"]).unwrap_or(0);
    let choices = form.list(&Form::at(path, "choices"), &option["choices"], 25);
    if option["autocomplete"] == true && !choices.is_empty() {
        let text = "Autocomplete and choices are mutually exclusive";
        form.add(
            path,
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES_EXCLUSIVE",
            text,
        );
    }
    if !matches!(kind, 3 | 4 | 10) && (option["autocomplete"] == true || !choices.is_empty()) {
        let text = "Only string, integer and number options take choices or autocomplete";
        form.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text);
    }
    for (index, choice) in choices.iter().enumerate() {
        let at = format!("{path}.choices.{index}");
        form.text(&Form::at(&at, "name"), &choice["name"], 1..=100, true);
        let fits = match kind {
            3 => choice["value"]
                .as_str()
                .is_some_and(|value| value.chars().count() <= 100),
            4 => integer(&choice["value"]).is_some(),
            _ => choice["value"].is_number(),
        };
        if !fits {
            let text = format!(
                "Could not interpret {} as a choice of this option.",
                choice["value"]
            );
            form.add(&Form::at(&at, "value"), "BASE_TYPE_INVALID", text);
        }
    }
    for (low, high) in [("min_value", "max_value"), ("min_length", "max_length")] {
        if let (Some(min), Some(max)) = (option[low].as_f64(), option[high].as_f64())
            && min > max
        {
            form.add(
                &Form::at(path, low),
                "NUMBER_TYPE_MAX",
                format!("{low} is larger than {high}"),
            );
        }
        let fits = if low == "min_value" {
            matches!(kind, 4 | 10)
        } else {
            kind == 3
        };
        if !fits && (!option[low].is_null() || !option[high].is_null()) {
            form.add(
                &Form::at(path, low),
                "BASE_TYPE_INVALID",
                format!("{low} does not fit this type"),
            );
        }
    }
}

/// The characters that count towards the limit: of every node the longest localization of name and description, and of
/// every choice that of its name, and its value.
pub fn characters(node: &Value) -> usize {
    let longest = |node: &Value, key: &str| {
        let plain = node[key].as_str().map_or(0, |text| text.chars().count());
        let localized = node[format!("{key}_localizations")]
            .as_object()
            .into_iter()
            .flatten();
        localized
            .filter_map(|(_, text)| text.as_str())
            .map(|text| text.chars().count())
            .fold(plain, usize::max)
    };
    let mut total = longest(node, "name") + longest(node, "description");
    for choice in node["choices"].as_array().into_iter().flatten() {
        let value = match &choice["value"] {
            Value::String(text) => text.chars().count(),
            other => other.to_string().chars().count(),
        };
        total += longest(choice, "name") + value;
    }
    let inner = node["options"].as_array().into_iter().flatten();
    total + inner.map(characters).sum::<usize>()
}

/// A definition as Discord stores it: without nulls, empty lists and the defaults of options.
pub fn normalize(node: &mut Value) {
    let Some(map) = node.as_object_mut() else { return };
    let default = |key: &str, value: &Value| {
        value.is_null()
            || (matches!(key, "required" | "autocomplete") && *value == false)
            || (matches!(key, "choices" | "options" | "channel_types")
                && value.as_array().is_some_and(Vec::is_empty))
            || (key.ends_with("_localizations") && value.as_object().is_some_and(serde_json::Map::is_empty))
    };
    map.retain(|key, value| !default(key, value));
    if let Some(bits) = map.get_mut("default_member_permissions")
        && let Some(number) = bits.as_u64()
    {
        *bits = Value::String(number.to_string());
    }
    for key in ["options", "choices"] {
        map.get_mut(key)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
            .for_each(normalize);
    }
}
