//! What components may be: rows, buttons, selects, and the containers of "components v2".

use std::collections::HashSet;

use serde_json::Value;

use super::form::Form;

const ROW: u64 = 1;
const BUTTON: u64 = 2;
/// Selects of strings, users, roles, mentionables, channels.
const SELECTS: [u64; 5] = [3, 5, 6, 7, 8];
/// Section, text, thumbnail, gallery, file, separator, container.
const V2: [u64; 7] = [9, 10, 11, 12, 13, 14, 17];

#[derive(Debug, Default)]
struct Tally {
    count: usize,
    text: usize,
    ids: HashSet<String>,
}

/// Checks the components of a message.
pub fn check(form: &mut Form, components: &Value, v2: bool) {
    let rows = form.list("components", components, if v2 { 40 } else { 5 });
    let mut tally = Tally::default();
    for (index, row) in rows.iter().enumerate() {
        let path = format!("components.{index}");
        let allowed: &[u64] = if v2 { &[ROW, 9, 10, 12, 13, 14, 17] } else { &[ROW] };
        if form
            .choice(&Form::at(&path, "type"), &row["type"], allowed)
            .is_some()
        {
            walk(form, &path, row, &mut tally);
        }
    }
    if v2 && tally.count > 40 {
        form.add(
            "components",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 40 or fewer in length.",
        );
    }
    if v2 && tally.text > 4000 {
        let text = "The total text displayed cannot exceed 4000 characters";
        form.add("components", "COMPONENT_MAX_TOTAL_COMPONENTS_SIZE", text);
    }
}

fn walk(form: &mut Form, path: &str, component: &Value, tally: &mut Tally) {
    tally.count += 1;
    tally.text += component["content"]
        .as_str()
        .map_or(0, |text| text.chars().count());
    let kind = component["type"].as_u64().unwrap_or(0);
    custom_id(form, path, component, tally);
    match kind {
        ROW => row(form, path, component, tally),
        BUTTON => button(form, path, component),
        kind if SELECTS.contains(&kind) => select(form, path, component),
        kind if V2.contains(&kind) => container(form, path, component, tally),
        _ => form.add(
            &Form::at(path, "type"),
            "UNION_TYPE_CHOICES",
            "Value of field \"type\" is not a component.",
        ),
    }
}

fn custom_id(form: &mut Form, path: &str, component: &Value, tally: &mut Tally) {
    let at = Form::at(path, "custom_id");
    form.text(&at, &component["custom_id"], 1..=100, false);
    if let Some(id) = component["custom_id"].as_str()
        && !tally.ids.insert(id.to_owned())
    {
        form.add(
            &at,
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        );
    }
}

fn row(form: &mut Form, path: &str, row: &Value, tally: &mut Tally) {
    let at = Form::at(path, "components");
    let parts = form.list(&at, &row["components"], 5);
    if parts.is_empty() {
        form.add(&at, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
    }
    let selects = parts.iter().filter(|part| part["type"] != BUTTON).count();
    if selects > 0 && parts.len() > 1 {
        form.add(
            &at,
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        );
    }
    for (index, part) in parts.iter().enumerate() {
        let at = format!("{at}.{index}");
        let allowed: Vec<u64> = [BUTTON].into_iter().chain(SELECTS).collect();
        if form
            .choice(&Form::at(&at, "type"), &part["type"], &allowed)
            .is_some()
        {
            walk(form, &at, part, tally);
        }
    }
}

fn button(form: &mut Form, path: &str, button: &Value) {
    let style = form.choice(&Form::at(path, "style"), &button["style"], &[1, 2, 3, 4, 5, 6]);
    form.text(&Form::at(path, "label"), &button["label"], 0..=80, false);
    form.text(&Form::at(path, "url"), &button["url"], 0..=512, false);
    let (has_id, has_url) = (button["custom_id"].is_string(), button["url"].is_string());
    match style {
        Some(5) if has_id => {
            let text = "A custom id and url cannot both be specified";
            form.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", text);
        }
        Some(5) if !has_url => form.add(path, "BUTTON_COMPONENT_URL_REQUIRED", "A url is required"),
        Some(1..=4) if has_url => {
            let text = "A custom id and url cannot both be specified";
            form.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", text);
        }
        Some(1..=4) if !has_id => form.add(
            path,
            "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
            "A custom id is required",
        ),
        _ => {}
    }
    let bare = button["label"].as_str().unwrap_or_default().is_empty() && !button["emoji"].is_object();
    if style != Some(6) && bare {
        form.add(
            path,
            "BUTTON_COMPONENT_INVALID_EMOJI_AND_LABEL",
            "A label or an emoji is required",
        );
    }
}

fn select(form: &mut Form, path: &str, select: &Value) {
    form.text(
        &Form::at(path, "placeholder"),
        &select["placeholder"],
        0..=150,
        false,
    );
    if !select["custom_id"].is_string() {
        form.required(&Form::at(path, "custom_id"));
    }
    if select["type"] != 3 {
        return;
    }
    let at = Form::at(path, "options");
    let options = form.list(&at, &select["options"], 25);
    if options.is_empty() {
        form.add(&at, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.");
    }
    let mut values = HashSet::new();
    for (index, option) in options.iter().enumerate() {
        let at = format!("{at}.{index}");
        form.text(&Form::at(&at, "label"), &option["label"], 1..=100, true);
        form.text(&Form::at(&at, "value"), &option["value"], 1..=100, true);
        form.text(
            &Form::at(&at, "description"),
            &option["description"],
            0..=100,
            false,
        );
        if !values.insert(option["value"].to_string()) {
            let text = "The specified option value is already used";
            form.add(
                &Form::at(&at, "value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                text,
            );
        }
    }
}

fn container(form: &mut Form, path: &str, component: &Value, tally: &mut Tally) {
    if let Some(parts) = component["components"].as_array() {
        for (index, part) in parts.iter().enumerate() {
            walk(form, &format!("{path}.components.{index}"), part, tally);
        }
    }
    if component["accessory"].is_object() {
        walk(form, &Form::at(path, "accessory"), &component["accessory"], tally);
    }
    if component["type"] == 10 {
        form.text(&Form::at(path, "content"), &component["content"], 1..=4000, true);
    }
}

/// Checks the components of a modal: rows with one text input each, or labels.
pub fn check_modal(form: &mut Form, components: &Value) {
    let at = "data.components";
    let rows = form.list(at, components, 5);
    if rows.is_empty() {
        form.add(at, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
    }
    let mut ids = HashSet::new();
    for (index, row) in rows.iter().enumerate() {
        let path = format!("{at}.{index}");
        let inner = match form.choice(&Form::at(&path, "type"), &row["type"], &[ROW, 10, 18]) {
            Some(ROW) => {
                let parts = form.list(&Form::at(&path, "components"), &row["components"], 1);
                parts
                    .first()
                    .map(|part| (format!("{path}.components.0"), part, true))
            }
            Some(18) => {
                form.text(&Form::at(&path, "label"), &row["label"], 1..=45, true);
                form.text(
                    &Form::at(&path, "description"),
                    &row["description"],
                    0..=100,
                    false,
                );
                Some((format!("{path}.component"), &row["component"], false))
            }
            _ => None,
        };
        let Some((path, input, labelled)) = inner else {
            continue;
        };
        let id = &input["custom_id"];
        form.text(&Form::at(&path, "custom_id"), id, 1..=100, true);
        if !ids.insert(id.to_string()) {
            let text = "Component custom id cannot be duplicated";
            form.add(
                &Form::at(&path, "custom_id"),
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                text,
            );
        }
        if input["type"] == 4 {
            text_input(form, &path, input, labelled);
        } else if labelled {
            form.choice(&Form::at(&path, "type"), &input["type"], &[4]);
        }
    }
}

fn text_input(form: &mut Form, path: &str, input: &Value, labelled: bool) {
    form.choice(&Form::at(path, "style"), &input["style"], &[1, 2]);
    form.text(&Form::at(path, "label"), &input["label"], 1..=45, labelled);
    form.text(
        &Form::at(path, "placeholder"),
        &input["placeholder"],
        0..=100,
        false,
    );
    form.text(&Form::at(path, "value"), &input["value"], 0..=4000, false);
    for (key, low) in [("min_length", 0), ("max_length", 1)] {
        if input[key]
            .as_i64()
            .is_some_and(|length| !(low..=4000).contains(&length))
        {
            let text = format!("int value should be between {low} and 4000.");
            form.add(&Form::at(path, key), "NUMBER_TYPE_RANGE", text);
        }
    }
    let length = input["value"].as_str().map_or(0, |value| value.chars().count());
    let max = input["max_length"].as_u64().unwrap_or(4000);
    if length as u64 > max {
        form.add(
            &Form::at(path, "value"),
            "BASE_TYPE_MAX_LENGTH",
            format!("Must be {max} or fewer in length."),
        );
    }
}
