//! What a thread may be.

use serde_json::Value;

use super::form::{ApiError, Form, integer};

/// Checks name, archive time and slow mode of a thread that is made or changed.
///
/// # Errors
/// What Discord answers.
pub fn check(body: &Value, creating: bool) -> Result<(), ApiError> {
    let mut form = Form::default();
    form.text("name", &body["name"], 1..=100, creating);
    if !body["auto_archive_duration"].is_null() {
        form.choice(
            "auto_archive_duration",
            &body["auto_archive_duration"],
            &[60, 1440, 4320, 10080],
        );
    }
    if integer(&body["rate_limit_per_user"]).is_some_and(|seconds| !(0..=21_600).contains(&seconds)) {
        form.add(
            "rate_limit_per_user",
            "NUMBER_TYPE_RANGE",
            "int value should be between 0 and 21600.",
        );
    }
    form.finish()
}
