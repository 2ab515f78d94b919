//! `get` and `list`.

use std::sync::Arc;

use base64::Engine as _;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Value, json};

use super::Api;
use super::answer::Answer;
use super::call::{Call, Form, Place, Target};
use crate::kube::{discovery, metrics as resource_metrics, status::Failure, table};

/// One object.
pub(super) fn get(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let object = api
        .store
        .get_shared(&target.named())
        .ok_or_else(|| target.not_found())?;
    Ok(present(200, call, target, &object))
}

/// An object in the form that was asked for.
pub(super) fn present(status: u16, call: &Call, target: &Target, object: &Value) -> Answer {
    match call.form() {
        Form::Table => {
            let mut table = table::table(
                target.resource.plural,
                std::iter::once(object),
                call.include(),
                true,
            );
            table["metadata"]["resourceVersion"] = object["metadata"]["resourceVersion"].clone();
            Answer::json(status, &table)
        }
        Form::Metadata => Answer::json(status, &table::partial(object)),
        Form::Object if target.converts() => Answer::json(status, &target.outward(object)),
        Form::Object => Answer::json(status, object),
    }
}

/// What a list request selects.
pub(super) struct Page {
    pub(super) objects: Vec<Arc<Value>>,
    pub(super) rv: u64,
    next: Option<String>,
    remaining: Option<usize>,
}

/// A collection, whole or in pages.
pub(super) fn list(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let page = page(api, call, target)?;
    let mut metadata = json!({"resourceVersion": page.rv.to_string()});
    if let Some(next) = &page.next {
        metadata["continue"] = json!(next);
    }
    if let Some(remaining) = page.remaining {
        metadata["remainingItemCount"] = json!(remaining);
    }
    let objects = page.objects.iter().map(AsRef::as_ref);
    match call.form() {
        Form::Table => {
            let mut table = table::table(target.resource.plural, objects, call.include(), true);
            table["metadata"] = metadata;
            Ok(Answer::json(200, &table))
        }
        Form::Metadata => {
            let items: Vec<Value> = objects.map(table::partial).collect();
            Ok(Answer::json(
                200,
                &json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
                "metadata": metadata, "items": items}),
            ))
        }
        Form::Object => {
            let converted: Vec<Value>;
            let items: Vec<&Value> = if target.converts() {
                converted = objects.map(|object| target.outward(object)).collect();
                converted.iter().collect()
            } else {
                objects.collect()
            };
            let list = List {
                kind: target.resource.kind,
                api_version: target.api_version(),
                metadata,
                items,
            };
            let body = serde_json::to_string(&list).map_err(|error| Failure::internal(&error.to_string()))?;
            Ok(Answer::new(200, "application/json", body))
        }
    }
}

/// Selects objects by namespace, selectors, resource version, `limit` and `continue`.
pub(super) fn page(api: &Api, call: &Call, target: &Target) -> Result<Page, Failure> {
    let selector = call.selector(target.resource.plural)?;
    let limit = call
        .param("limit")
        .and_then(|text| text.parse::<usize>().ok())
        .filter(|limit| *limit > 0);
    let (group, plural) = (target.resource.group, target.resource.plural);
    let token = call.param("continue").map(Token::decode).transpose()?;
    let exact = snapshot_version(api, call)?;
    let (mut objects, rv) = match token.as_ref().map(|token| token.rv).or(exact) {
        Some(rv) => {
            let objects = api.store.list_at(group, plural, rv).map_err(|_| {
                Failure::expired(if token.is_some() {
                    "The provided continue parameter is too old to display a consistent list result. You can start a \
                     new list without the continue parameter."
                } else {
                    "The resourceVersion for the provided list is too old."
                })
            })?;
            (objects, rv)
        }
        None => api.store.list_shared(group, plural, target.namespace.as_deref()),
    };
    if let Some(namespace) = &target.namespace {
        objects.retain(|object| object["metadata"]["namespace"] == namespace.as_str());
    }
    match &token {
        // Within a namespace they are sorted as the token counts.
        Some(token) if target.namespace.is_some() => {
            objects.drain(..objects.partition_point(|object| place(object) < token.start));
        }
        Some(token) => objects.retain(|object| place(object) >= token.start),
        None => {}
    }
    if !selector.is_empty() {
        objects.retain(|object| selector.matches(object));
    }
    let mut page = Page {
        objects,
        rv,
        next: None,
        remaining: None,
    };
    if let Some(limit) = limit
        && page.objects.len() > limit
    {
        let rest = page.objects.split_off(limit);
        if let (Some(last), true) = (page.objects.last(), !rest.is_empty()) {
            page.next = Some(
                Token {
                    rv,
                    start: format!("{}\0", place(last)),
                }
                .encode(),
            );
        }
        page.remaining = selector.is_empty().then_some(rest.len());
    }
    Ok(page)
}

/// The resource version at which the list must be read exactly; `None` for the present.
fn snapshot_version(api: &Api, call: &Call) -> Result<Option<u64>, Failure> {
    let Some(text) = call.param("resourceVersion") else {
        return Ok(None);
    };
    let Ok(rv) = text.parse::<u64>() else {
        return Err(Failure::bad_request(format!(
            "resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: invalid syntax"
        )));
    };
    let current = api.store.newest();
    if rv > current {
        let message = format!("Too large resource version: {rv}, current: {current}");
        let details = json!({"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
            "retryAfterSeconds": 1});
        return Err(Failure {
            code: 504,
            reason: "Timeout",
            message,
            details: Some(details),
        });
    }
    Ok((call.param("resourceVersionMatch") == Some("Exact")).then_some(rv))
}

fn place(object: &Value) -> String {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    format!("{}/{}", text("namespace"), text("name"))
}

/// Where the next page begins.
struct Token {
    rv: u64,
    start: String,
}

impl Token {
    fn encode(&self) -> String {
        let token = json!({"v": "meta.k8s.io/v1", "rv": self.rv, "start": self.start});
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(token.to_string())
    }

    fn decode(text: &str) -> Result<Token, Failure> {
        let invalid = || Failure::bad_request("continue key is not valid: invalid character in token");
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| invalid())?;
        let token: Value = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
        match (token["rv"].as_u64(), token["start"].as_str()) {
            (Some(rv), Some(start)) => Ok(Token {
                rv,
                start: start.to_owned(),
            }),
            _ => Err(invalid()),
        }
    }
}

/// A list, written without copying its items; they carry neither kind nor version, as in the real answer.
struct List<'a> {
    kind: &'a str,
    api_version: String,
    metadata: Value,
    items: Vec<&'a Value>,
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("kind", &format!("{}List", self.kind))?;
        map.serialize_entry("apiVersion", &self.api_version)?;
        map.serialize_entry("metadata", &self.metadata)?;
        map.serialize_entry("items", &Items(&self.items))?;
        map.end()
    }
}

struct Items<'a>(&'a [&'a Value]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            sequence.serialize_element(&Item(item))?;
        }
        sequence.end()
    }
}

struct Item<'a>(&'a Value);

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0.as_object().into_iter().flatten() {
            if !matches!(name.as_str(), "kind" | "apiVersion") {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

/// The resource metrics API, which the cluster may not have.
pub(super) fn metrics(api: &Api, call: &Call, place: &Place) -> Answer {
    if !resource_metrics::installed(&api.node) || !discovery::served(&place.group, Some(&place.version), true)
    {
        return Answer::page_not_found();
    }
    let (kind, mut items) = match place.plural.as_str() {
        "pods" => (
            "PodMetrics",
            resource_metrics::pods(&api.store, &api.node, place.namespace.as_deref()),
        ),
        "nodes" => ("NodeMetrics", resource_metrics::nodes(&api.store, &api.node)),
        _ => return Answer::page_not_found(),
    };
    if let Some(name) = &place.name {
        let found = items
            .into_iter()
            .find(|item| item["metadata"]["name"] == name.as_str());
        let missing = || Failure::not_found_named("metrics.k8s.io", &place.plural, name).into();
        return found.map_or_else(missing, |item| Answer::json(200, &item));
    }
    match call.selector(&place.plural) {
        Ok(selector) => items.retain(|item| selector.matches(item)),
        Err(failure) => return failure.into(),
    }
    Answer::json(
        200,
        &json!({"kind": format!("{kind}List"), "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {},
        "items": items}),
    )
}
