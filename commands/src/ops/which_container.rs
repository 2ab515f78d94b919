//! Which container of a workload is meant.

use serde_json::Value;

use crate::{cluster::WorkloadObject, input::BadInput, texts::image as say};

/// A container of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chosen {
    /// Its place among the containers.
    pub(super) place: usize,
    /// Its name.
    pub(super) container: String,
    /// All of it.
    pub(super) value: Value,
}

impl Chosen {
    /// Its image.
    pub(super) fn image(&self) -> &str {
        self.value["image"].as_str().unwrap_or_default()
    }
}

/// The container that is meant; without a name the only one.
///
/// # Errors
/// When there is none of that name, or several and no name.
pub(super) fn chosen(object: &WorkloadObject, wanted: Option<&str>) -> Result<Chosen, BadInput> {
    let template = object.template();
    let all = template.pointer("/spec/containers").and_then(Value::as_array);
    let all: Vec<Chosen> = all
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(place, value)| Chosen {
            place,
            container: value["name"].as_str().unwrap_or_default().to_owned(),
            value: value.clone(),
        })
        .collect();
    let names: Vec<String> = all.iter().map(|one| one.container.clone()).collect();
    let name = object.workload().short();
    let told = match wanted {
        Some(wanted) => say::no_container(&name, wanted),
        None => say::several_containers(&name),
    };
    let mut meant = all
        .into_iter()
        .filter(|one| wanted.is_none_or(|wanted| one.container == wanted));
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(BadInput::new(told).hint(say::there_are(&names))),
    }
}
