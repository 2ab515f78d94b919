//! What a first response to an interaction may be.

use serde_json::Value;

use super::components::check_modal;
use super::form::{ApiError, Form};
use super::messages::{self, Context};
use crate::discord::model::{EPHEMERAL, Kind};

/// Checks the body of a callback to an interaction of this kind and returns its type.
///
/// # Errors
/// What Discord answers.
pub fn check(body: &Value, kind: Kind, has_message: bool, context: Context) -> Result<u64, ApiError> {
    let mut form = Form::default();
    let allowed: &[u64] = match kind {
        Kind::Autocomplete => &[8],
        Kind::Command => &[4, 5, 9],
        Kind::Component => &[4, 5, 6, 7, 9],
        Kind::Modal if has_message => &[4, 5, 6, 7],
        Kind::Modal => &[4, 5],
    };
    let chosen = form.choice("type", &body["type"], allowed);
    let data = &body["data"];
    match chosen {
        Some(4 | 7) if data.is_null() => form.required("data"),
        Some(5) => {
            let flags = data["flags"].as_u64().unwrap_or(0);
            if flags & !EPHEMERAL != 0 {
                form.add(
                    "data.flags",
                    "BASE_TYPE_INVALID_FLAGS",
                    "Only the EPHEMERAL flag can be set",
                );
            }
        }
        Some(8) => choices(&mut form, data),
        Some(9) => {
            form.text("data.custom_id", &data["custom_id"], 1..=100, true);
            form.text("data.title", &data["title"], 1..=45, true);
            check_modal(&mut form, &data["components"]);
        }
        _ => {}
    }
    form.finish()?;
    match chosen {
        Some(4) => nested(messages::check(
            data,
            Context {
                creating: true,
                interaction: true,
                ..context
            },
        ))?,
        Some(7) => nested(messages::check(
            data,
            Context {
                creating: false,
                interaction: true,
                ..context
            },
        ))?,
        _ => {}
    }
    Ok(chosen.unwrap_or(0))
}

fn choices(form: &mut Form, data: &Value) {
    if !data["choices"].is_array() {
        form.required("data.choices");
        return;
    }
    let list = form.list("data.choices", &data["choices"], 25);
    for (index, choice) in list.iter().enumerate() {
        let at = format!("data.choices.{index}");
        form.text(&Form::at(&at, "name"), &choice["name"], 1..=100, true);
        if choice["value"].is_string() {
            form.text(&Form::at(&at, "value"), &choice["value"], 0..=100, false);
        } else if !choice["value"].is_number() {
            form.required(&Form::at(&at, "value"));
        }
    }
}

/// The errors of a message are one level deeper in a callback.
fn nested(result: Result<(), ApiError>) -> Result<(), ApiError> {
    result.map_err(|mut error| {
        error.errors = error
            .errors
            .take()
            .map(|errors| serde_json::json!({"data": errors}));
        error
    })
}
