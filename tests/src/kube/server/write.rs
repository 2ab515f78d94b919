//! `create` and `update`, and what every write has in common.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Api;
use super::answer::Answer;
use super::call::{Call, Target};
use super::read::present;
use crate::kube::{
    admission, convert, defaults,
    key::Key,
    managed,
    mutations::Mutation,
    status::{Cause, Failure},
    store::StoreError,
    validate,
};

/// How often a write without a resourceVersion is tried when others write at the same time.
const TRIES: usize = 5;

/// What a write did.
pub(super) struct Written {
    pub(super) key: Key,
    pub(super) before: Option<Arc<Value>>,
    pub(super) after: Option<Value>,
    pub(super) warnings: Vec<String>,
    pub(super) code: u16,
}

/// Notes a write, whether it succeeded or not, and hands its result on.
pub(super) fn record(
    api: &Api,
    call: &Call,
    target: &Target,
    result: Result<Written, Failure>,
) -> Result<Written, Failure> {
    let text = || Value::String(String::from_utf8_lossy(&call.body).into_owned());
    let body = if call.body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&call.body).unwrap_or_else(|_| text())
    };
    let (key, before, after, code) = match &result {
        Ok(written) => (
            written.key.clone(),
            written.before.clone(),
            written.after.clone().map(Arc::new),
            written.code,
        ),
        Err(failure) => {
            let name = target
                .name
                .as_deref()
                .or(body["metadata"]["name"].as_str())
                .unwrap_or_default();
            let key = target.key(name);
            let before = api.store.get_shared(&key);
            (key, before, None, failure.code)
        }
    };
    api.log.mutation(Mutation {
        seq: 0,
        time: jiff::Timestamp::now(),
        user: call.user.name.clone(),
        verb: call.attributes().verb,
        key,
        subresource: target.sub.clone(),
        patch_type: call
            .patch_type()
            .ok()
            .filter(|_| call.method == http::Method::PATCH)
            .map(|kind| kind.name().into()),
        body,
        before,
        after,
        code,
        dry_run: call.dry_run().unwrap_or(false),
    });
    result
}

/// The answer to a write.
pub(super) fn answer(call: &Call, target: &Target, written: Written) -> Answer {
    let object = written.after.unwrap_or_default();
    let mut answer = present(written.code, call, target, &object);
    answer.warnings = written.warnings;
    answer
}

/// The body as an object of the kind that the path names, in its stored version.
pub(super) fn decode(call: &Call, target: &Target, warnings: &mut Vec<String>) -> Result<Value, Failure> {
    let kind = target.resource.kind;
    let object: Value = serde_json::from_slice(&call.body).map_err(|error| malformed(call, kind, &error))?;
    let (given, version) = (
        object["kind"].as_str().unwrap_or(kind),
        object["apiVersion"].as_str(),
    );
    let expected = target.api_version();
    if given != kind || version.is_some_and(|version| version != expected) {
        let message = format!(
            "the API version in the data ({}) does not match the expected API version ({expected})",
            version.unwrap_or_default()
        );
        if given == kind {
            return Err(Failure::bad_request(message));
        }
        let message = format!(
            "{given} in version {:?} cannot be handled as a {kind}: no kind {given:?} is registered for \
            the internal version of group {:?} in scheme",
            target.version, target.group
        );
        return Err(Failure::bad_request(message));
    }
    let mut object = object;
    object["kind"] = json!(kind);
    object["apiVersion"] = json!(expected);
    check_fields(call, &object, target, warnings)?;
    let mut object = convert::inward(object, &target.group, &target.version);
    validate::drop_unknown(&mut object, &target.shape());
    if let Some(sentence) = validate::type_errors(&object) {
        return Err(Failure::bad_request(sentence));
    }
    Ok(object)
}

fn malformed(call: &Call, kind: &str, error: &serde_json::Error) -> Failure {
    let text = String::from_utf8_lossy(&call.body);
    let what = match text.chars().nth(1) {
        Some(found) if text.starts_with('{') && found != '"' => {
            format!("invalid character '{found}' looking for beginning of object key string")
        }
        _ => error.to_string(),
    };
    Failure::bad_request(format!(
        "the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: \
         {what} ({text})"
    ))
}

/// `fieldValidation`: unknown fields are refused, told in a warning (the default), or ignored.
fn check_fields(
    call: &Call,
    object: &Value,
    target: &Target,
    warnings: &mut Vec<String>,
) -> Result<(), Failure> {
    let unknown = validate::unknown_fields(object, &target.shape());
    if unknown.is_empty() {
        return Ok(());
    }
    let sentences: Vec<String> = unknown
        .iter()
        .map(|field| format!("unknown field {field:?}"))
        .collect();
    match call.param("fieldValidation") {
        Some("Strict") => {
            let (kind, version) = (target.resource.kind, &target.version);
            let message = format!(
                "{kind} in version {version:?} cannot be handled as a {kind}: strict decoding error: {}",
                sentences.join(", ")
            );
            Err(Failure::bad_request(message))
        }
        Some("Ignore") => Ok(()),
        _ => {
            warnings.extend(sentences);
            Ok(())
        }
    }
}

/// Adds an object.
pub(super) fn create(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let mut warnings = Vec::new();
    let result =
        decode(call, target, &mut warnings).and_then(|object| insert(api, call, target, object, "Update"));
    let written = record(api, call, target, result)?;
    Ok(answer(call, target, Written { warnings, ..written }))
}

/// Adds a decoded object: name, namespace, defaults, validation, admission, field manager.
pub(super) fn insert(
    api: &Api,
    call: &Call,
    target: &Target,
    mut object: Value,
    operation: &'static str,
) -> Result<Written, Failure> {
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    place(target, &mut object)?;
    if object["metadata"]["name"].as_str().is_none_or(str::is_empty)
        && let Some(prefix) = object["metadata"]["generateName"].as_str()
    {
        object["metadata"]["name"] = json!(format!("{prefix}{}", api.store.suffix()));
    }
    for field in [
        "uid",
        "managedFields",
        "resourceVersion",
        "deletionTimestamp",
        "generation",
    ] {
        object["metadata"]
            .as_object_mut()
            .map(|metadata| metadata.remove(field));
    }
    if target.resource.has_sub("status") {
        object.as_object_mut().map(|object| object.remove("status"));
    }
    let record_of = object.clone();
    complete(&mut object);
    let key = target.key(object["metadata"]["name"].as_str().unwrap_or_default());
    let causes = validate::create(&object);
    if !causes.is_empty() {
        return Err(invalid(target, &key.name, &causes));
    }
    admission::create(&api.store, &key, &mut object)?;
    // An apply owns what its configuration says; any other writer owns what it made, defaults included.
    let writer = call.writer(target, operation);
    let mut entries = Vec::new();
    let mut set = match operation {
        "Apply" => managed::set_of(&record_of, &target.shape()),
        _ => managed::all_of(&object, &target.shape()),
    };
    set.retain(|path| path.first().is_none_or(|first| first != "f:status"));
    managed::touch(&mut entries, &writer, |fields| *fields = set);
    managed::store(&mut object, entries);
    let after = match call.dry_run()? {
        true => api.store.rehearse_create(&key, object),
        false => api.store.create(&key, object),
    };
    let after = after.map_err(|error| refused(target, error))?;
    Ok(Written {
        key,
        before: None,
        after: Some(after),
        warnings: Vec::new(),
        code: 201,
    })
}

/// The namespace of the path goes into the object, or is the same.
fn place(target: &Target, object: &mut Value) -> Result<(), Failure> {
    let Some(namespace) = &target.namespace else {
        return Ok(());
    };
    match object["metadata"]["namespace"].as_str() {
        Some(given) if !given.is_empty() && given != namespace => Err(Failure::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        )),
        _ => {
            object["metadata"]["namespace"] = json!(namespace);
            Ok(())
        }
    }
}

/// Drops what typed decoding drops, and fills the defaults.
pub(super) fn complete(object: &mut Value) {
    for part in ["metadata", "spec", "data"] {
        if let Some(part) = object.get_mut(part) {
            defaults::prune(part);
        }
    }
    defaults::apply(object);
}

pub(super) fn invalid(target: &Target, name: &str, causes: &[Cause]) -> Failure {
    Failure::invalid(&target.group, target.resource.kind, name, causes)
}

/// A refusal of the store in the words of the API.
pub(super) fn refused(target: &Target, error: StoreError) -> Failure {
    let in_group = |key: Key| Key {
        group: target.group.clone(),
        ..key
    };
    match error {
        StoreError::AlreadyExists(key) => Failure::already_exists(&in_group(key)),
        StoreError::NotFound(key) => Failure::not_found(&in_group(key)),
        StoreError::Conflict(key) => Failure::conflict(&in_group(key)),
    }
}

/// Replaces an object.
pub(super) fn update(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let mut warnings = Vec::new();
    let result = decode(call, target, &mut warnings).and_then(|object| {
        let name = target.name.as_deref().unwrap_or_default();
        if object["metadata"]["name"]
            .as_str()
            .is_some_and(|given| given != name)
        {
            let given = object["metadata"]["name"].as_str().unwrap_or_default();
            let message =
                format!("the name of the object ({given}) does not match the name on the URL ({name})");
            return Err(Failure::bad_request(message));
        }
        if target.resource.kind == "Lease" && object["metadata"].get("resourceVersion").is_none() {
            let cause = Cause::invalid(
                "metadata.resourceVersion",
                &json!(0),
                "must be specified for an update",
            );
            return Err(invalid(target, name, &[cause]));
        }
        change(api, call, target, |_| Ok(object.clone()))
    });
    let written = record(api, call, target, result)?;
    Ok(answer(call, target, Written { warnings, ..written }))
}

/// Changes an object: `make` says from the present one what it shall be. Without a resourceVersion in what it makes
/// that differs from the present one, the write is tried again when another came between.
pub(super) fn change(
    api: &Api,
    call: &Call,
    target: &Target,
    make: impl Fn(&Value) -> Result<Value, Failure>,
) -> Result<Written, Failure> {
    let key = target.named();
    let mut last = target.not_found();
    for _ in 0..TRIES {
        let before = api.store.get_shared(&key).ok_or_else(|| target.not_found())?;
        let mut wanted = make(&before)?;
        check_identity(target, &before, &wanted)?;
        let from_apply = call
            .patch_type()
            .is_ok_and(|kind| kind == super::call::PatchType::Apply)
            && call.method == http::Method::PATCH;
        reconcile(target, &before, &mut wanted)?;
        if !from_apply {
            managed::record_update(
                &before,
                &mut wanted,
                &call.writer(target, "Update"),
                &target.shape(),
            );
        }
        let done = |after: Value| Written {
            key: key.clone(),
            before: Some(before.clone()),
            after: Some(after),
            warnings: Vec::new(),
            code: 200,
        };
        let rv = before["metadata"]["resourceVersion"].as_str();
        if unchanged(&before, &wanted) {
            return Ok(done(Value::clone(&before)));
        }
        if call.dry_run()? {
            return Ok(done(api.store.rehearse_update(&key, &before, wanted)));
        }
        match api.store.replace(&key, rv, wanted) {
            Ok(after) => return Ok(done(after)),
            Err(error) => last = refused(target, error),
        }
    }
    Err(last)
}

/// A stale resourceVersion or another uid is a conflict.
fn check_identity(target: &Target, before: &Value, wanted: &Value) -> Result<(), Failure> {
    let (old, new) = (&before["metadata"], &wanted["metadata"]);
    if let Some(uid) = new["uid"].as_str()
        && old["uid"] != uid
    {
        let key = Key {
            group: target.group.clone(),
            ..target.named()
        };
        let mut failure = Failure::conflict(&key);
        let actual = old["uid"].as_str().unwrap_or_default();
        failure.message = format!(
            "Operation cannot be fulfilled on {} \"{}\": Precondition failed: UID in precondition: {uid}, UID in object \
             meta: {actual}",
            key.qualified(),
            key.name
        );
        return Err(failure);
    }
    match new["resourceVersion"].as_str() {
        Some(rv) if !rv.is_empty() && old["resourceVersion"] != rv => Err(Failure::conflict(&Key {
            group: target.group.clone(),
            ..target.named()
        })),
        _ => Ok(()),
    }
}

/// Keeps what this write may not touch, fills the defaults, validates.
fn reconcile(target: &Target, before: &Value, wanted: &mut Value) -> Result<(), Failure> {
    if target.sub.as_deref() == Some("status") {
        keep_all_but_status(before, wanted);
        return Ok(());
    }
    keep_metadata(before, wanted);
    if target.resource.has_sub("status") {
        match before.get("status") {
            Some(status) => wanted["status"] = status.clone(),
            None => {
                wanted.as_object_mut().map(|object| object.remove("status"));
            }
        }
    }
    if target.resource.kind == "Service" {
        for field in ["clusterIP", "clusterIPs"] {
            if wanted["spec"].get(field).is_none() {
                wanted["spec"][field] = before["spec"][field].clone();
            }
        }
    }
    complete(wanted);
    let causes = validate::update(before, wanted);
    if causes.is_empty() {
        Ok(())
    } else {
        Err(invalid(
            target,
            target.name.as_deref().unwrap_or_default(),
            &causes,
        ))
    }
}

/// A write to `status` changes the status and the annotations.
fn keep_all_but_status(before: &Value, wanted: &mut Value) {
    let status = wanted["status"].take();
    let mut kept = before.clone();
    kept["status"] = status;
    for field in ["annotations", "managedFields"] {
        if let Some(value) = wanted["metadata"].get(field) {
            kept["metadata"][field] = value.clone();
        }
    }
    *wanted = kept;
}

/// Metadata that only the server writes.
fn keep_metadata(before: &Value, wanted: &mut Value) {
    for field in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
        match before["metadata"].get(field) {
            Some(value) => wanted["metadata"][field] = value.clone(),
            None => {
                wanted["metadata"]
                    .as_object_mut()
                    .map(|metadata| metadata.remove(field));
            }
        }
    }
    for field in [
        "uid",
        "creationTimestamp",
        "generation",
        "resourceVersion",
        "namespace",
        "name",
    ] {
        if let Some(value) = before["metadata"].get(field) {
            wanted["metadata"][field] = value.clone();
        }
    }
}

/// Whether a write changes nothing but the record of who wrote.
fn unchanged(before: &Value, wanted: &Value) -> bool {
    let bare = |object: &Value| {
        let mut object = object.clone();
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.remove("managedFields");
        }
        object
    };
    bare(before) == bare(wanted) && managed_sets(before) == managed_sets(wanted)
}

fn managed_sets(object: &Value) -> Vec<(String, String, managed::FieldSet)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = managed::entries(object).into_iter();
    entries
        .map(|entry| {
            (
                text(&entry.head["manager"]),
                text(&entry.head["operation"]),
                entry.set,
            )
        })
        .collect()
}
