//! `delete` and `deletecollection`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Api;
use super::answer::Answer;
use super::call::{Call, Target};
use super::read;
use super::write::{Written, record};
use crate::kube::{
    key::Key,
    status::{self, Failure},
    store::now,
};

/// `DeleteOptions`, from the body and the query.
#[derive(Default)]
pub(super) struct Options {
    uid: Option<String>,
    rv: Option<String>,
    grace: Option<i64>,
    propagation: Option<String>,
}

impl Options {
    pub(super) fn read(call: &Call) -> Result<Options, Failure> {
        let body: Value = if call.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&call.body).map_err(|error| Failure::bad_request(error.to_string()))?
        };
        Ok(Options::of(&body, call))
    }

    /// From `DeleteOptions` in a body, completed by the query.
    pub(super) fn of(body: &Value, call: &Call) -> Options {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let orphans = body["orphanDependents"]
            .as_bool()
            .or_else(|| call.param("orphanDependents").map(|t| t == "true"));
        Options {
            uid: text(&body["preconditions"]["uid"]),
            rv: text(&body["preconditions"]["resourceVersion"]),
            grace: body["gracePeriodSeconds"].as_i64().or_else(|| {
                call.param("gracePeriodSeconds")
                    .and_then(|text| text.parse().ok())
            }),
            propagation: text(&body["propagationPolicy"])
                .or_else(|| call.param("propagationPolicy").map(str::to_owned))
                .or_else(|| orphans.map(|orphan| if orphan { "Orphan" } else { "Background" }.to_owned())),
        }
    }
}

/// Removes one object, or begins to.
pub(super) fn delete(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let options = Options::read(call)?;
    let key = target.named();
    let result = remove(api, target, &key, &options, call.dry_run()?);
    let written = record(api, call, target, result)?;
    match &written.after {
        Some(object) => Ok(read::present(200, call, target, object)),
        None => {
            let uid = written
                .before
                .as_ref()
                .map_or(Value::Null, |object| object["metadata"]["uid"].clone());
            if target.resource.kind == "Pod" {
                // A pod that is removed at once is answered with the pod as it last was.
                return Ok(read::present(
                    200,
                    call,
                    target,
                    written.before.as_deref().unwrap_or(&Value::Null),
                ));
            }
            let key = Key {
                group: target.group.clone(),
                ..key
            };
            Ok(Answer::json(200, &status::success(&key, &uid)))
        }
    }
}

/// Removes every object that the query selects.
pub(super) fn delete_collection(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    let options = Options::read(call)?;
    let page = read::page(api, call, target)?;
    let dry_run = call.dry_run()?;
    for object in &page.objects {
        let key = Key {
            namespace: object["metadata"]["namespace"].as_str().map(str::to_owned),
            ..target.key(object["metadata"]["name"].as_str().unwrap_or_default())
        };
        let one = Target {
            name: Some(key.name.clone()),
            namespace: key.namespace.clone(),
            ..target.clone()
        };
        match record(api, call, &one, remove(api, &one, &key, &options, dry_run)) {
            Ok(_) | Err(Failure { code: 404, .. }) => (),
            Err(failure) => return Err(failure),
        }
    }
    let items: Vec<Value> = page.objects.iter().map(|object| target.outward(object)).collect();
    Ok(Answer::json(
        200,
        &json!({"kind": format!("{}List", target.resource.kind), "apiVersion": target.api_version(),
        "metadata": {"resourceVersion": api.store.newest().to_string()}, "items": items}),
    ))
}

/// The steps of a deletion: preconditions, grace of pods, finalizers, removal.
pub(super) fn remove(
    api: &Api,
    target: &Target,
    key: &Key,
    options: &Options,
    dry_run: bool,
) -> Result<Written, Failure> {
    let before = api.store.get_shared(key).ok_or_else(|| target.not_found())?;
    check(target, key, options, &before)?;
    let done = |after: Option<Value>| Written {
        key: key.clone(),
        before: Some(before.clone()),
        after,
        warnings: Vec::new(),
        code: 200,
    };
    let mut after = Value::clone(&before);
    let waits = match target.resource.kind {
        "Pod" => begin_pod(&mut after, options),
        "Namespace" => {
            after["status"]["phase"] = json!("Terminating");
            true
        }
        _ => begin(&mut after, options),
    };
    if !waits {
        if !dry_run {
            api.store.delete(key);
        }
        return Ok(done(None));
    }
    if after["metadata"].get("deletionTimestamp").is_none() {
        after["metadata"]["deletionTimestamp"] = json!(now());
    }
    if dry_run {
        return Ok(done(Some(after)));
    }
    let stored = api.store.update(key, |object| {
        let status = object["status"].take();
        *object = after.clone();
        if target.resource.kind != "Namespace" && !status.is_null() {
            object["status"] = status;
        }
    });
    match stored {
        Ok(object) => Ok(done(Some(object))),
        // It vanished by itself in this moment.
        Err(_) => Ok(done(None)),
    }
}

fn check(target: &Target, key: &Key, options: &Options, before: &Arc<Value>) -> Result<(), Failure> {
    let metadata = &before["metadata"];
    for (field, name, asked) in [
        ("UID", "uid", &options.uid),
        ("ResourceVersion", "resourceVersion", &options.rv),
    ] {
        let actual = metadata[name].as_str().unwrap_or_default();
        if let Some(asked) = asked
            && asked != actual
        {
            return Err(Failure::precondition(
                key,
                target.resource.kind,
                field,
                asked,
                actual,
            ));
        }
    }
    Ok(())
}

/// Whether a pod gets time to end; then the time is noted in it.
fn begin_pod(pod: &mut Value, options: &Options) -> bool {
    let finished = matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
    let placed = pod["spec"]["nodeName"]
        .as_str()
        .is_some_and(|node| !node.is_empty());
    let spec = pod["spec"]["terminationGracePeriodSeconds"]
        .as_i64()
        .unwrap_or(30);
    let mut grace = options.grace.unwrap_or(spec).max(0);
    let kept = pod["metadata"]["finalizers"]
        .as_array()
        .is_some_and(|list| !list.is_empty());
    if (grace == 0 || finished || !placed) && !kept {
        return false;
    }
    if let Some(earlier) = pod["metadata"]["deletionGracePeriodSeconds"].as_i64() {
        // A second deletion can only shorten the time.
        grace = grace.min(earlier);
    }
    pod["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
    if pod["metadata"].get("deletionTimestamp").is_none() {
        let end = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_secs(grace));
        let end = end.unwrap_or_else(|_| jiff::Timestamp::now());
        pod["metadata"]["deletionTimestamp"] = json!(end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    true
}

/// Whether finalizers hold an object back: its own, or the one that the propagation policy brings.
fn begin(object: &mut Value, options: &Options) -> bool {
    let mut finalizers = object["metadata"]["finalizers"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    finalizers.retain(|name| name != "foregroundDeletion" && name != "orphan");
    match options.propagation.as_deref() {
        Some("Foreground") => finalizers.push(json!("foregroundDeletion")),
        Some("Orphan") => finalizers.push(json!("orphan")),
        _ => (),
    }
    if finalizers.is_empty() {
        return false;
    }
    object["metadata"]["finalizers"] = json!(finalizers);
    object["metadata"]["deletionGracePeriodSeconds"] = json!(0);
    true
}
