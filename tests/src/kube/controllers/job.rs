//! The Job controller: pods until enough of them succeeded or too many failed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Cx;
use super::meta::{condition, deleting, is_true, name, namespace, pod_key, text, uid};
use super::pods::{active, begin_delete, delete, from_template, ready, submit};
use crate::kube::events::{Report, Source};
use crate::kube::key::Key;
use crate::kube::store;

const SOURCE: Source = Source::Controller("job-controller");

/// How the pods of a Job stand.
struct Count {
    active: Vec<Arc<Value>>,
    succeeded: i64,
    failed: i64,
    terminating: i64,
}

/// One look at one Job.
pub(super) fn reconcile(cx: &mut Cx, key: &Key) -> Option<Duration> {
    let job = cx.store.get_shared(key).filter(|job| !deleting(job))?;
    if is_true(&job, "Complete") || is_true(&job, "Failed") {
        return expire(cx, key, &job);
    }
    let job = complete_spec(cx, key, &job)?;
    if job["spec"]["suspend"] == true {
        return suspend(cx, key, &job);
    }
    let began = *cx.began.entry(uid(&job).to_owned()).or_insert_with(Instant::now);
    let count = count(cx, &job);
    let wanted = job["spec"]["completions"].as_i64().unwrap_or(1);
    let deadline = job["spec"]["activeDeadlineSeconds"]
        .as_i64()
        .map(|seconds| cx.seconds(seconds));
    if count.succeeded >= wanted {
        return finish(
            cx,
            key,
            &count,
            End::Complete("CompletionsReached", "Reached expected number of succeeded pods"),
        );
    }
    if deadline.is_some_and(|deadline| began.elapsed() >= deadline) {
        return finish(
            cx,
            key,
            &count,
            End::Failed(
                "DeadlineExceeded",
                "Job was active longer than specified deadline",
            ),
        );
    }
    let failures = count.failed + restarts(&job, &count);
    if failures > job["spec"]["backoffLimit"].as_i64().unwrap_or(6) {
        let message = "Job has reached the specified backoff limit";
        return finish(cx, key, &count, End::Failed("BackoffLimitExceeded", message));
    }
    let pause = create(cx, &job, &count, wanted);
    write_status(cx, key, &job);
    let left = deadline.map(|deadline| deadline.saturating_sub(began.elapsed()));
    pause.into_iter().chain(left).min()
}

/// Containers that are restarted in place (`OnFailure`) count as failures too.
fn restarts(job: &Value, count: &Count) -> i64 {
    if job["spec"]["template"]["spec"]["restartPolicy"] != "OnFailure" {
        return 0;
    }
    let statuses = count.active.iter().flat_map(|pod| {
        pod["status"]["containerStatuses"]
            .as_array()
            .into_iter()
            .flatten()
    });
    statuses
        .map(|status| status["restartCount"].as_i64().unwrap_or(0))
        .sum()
}

/// What the API server adds to a Job: labels and selector by its uid.
fn complete_spec(cx: &mut Cx, key: &Key, job: &Arc<Value>) -> Option<Arc<Value>> {
    if job["spec"]["selector"].is_object() {
        return Some(job.clone());
    }
    let (uid, name) = (uid(job).to_owned(), name(job).to_owned());
    let written = cx.store.update(key, |job| {
        let labels = &mut job["spec"]["template"]["metadata"]["labels"];
        for prefix in ["batch.kubernetes.io/", ""] {
            labels[format!("{prefix}controller-uid")] = json!(uid);
            labels[format!("{prefix}job-name")] = json!(name);
        }
        job["spec"]["selector"] = json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}});
    });
    cx.catch_up();
    written.ok().map(Arc::new)
}

fn count(cx: &Cx, job: &Value) -> Count {
    let mut count = Count {
        active: Vec::new(),
        succeeded: 0,
        failed: 0,
        terminating: 0,
    };
    for pod in cx.index.owned(&cx.store, uid(job), "pods") {
        match text(&pod, "/status/phase") {
            "Succeeded" => count.succeeded += 1,
            "Failed" => count.failed += 1,
            _ if active(&pod) => count.active.push(pod),
            _ => count.terminating += 1,
        }
    }
    count
}

/// Starts what is missing; after failures only when the growing pause is over, which is returned.
fn create(cx: &mut Cx, job: &Value, count: &Count, wanted: i64) -> Option<Duration> {
    let parallel = job["spec"]["parallelism"].as_i64().unwrap_or(1);
    let running = i64::try_from(count.active.len()).unwrap_or(0) + count.terminating;
    let missing = parallel.min(wanted - count.succeeded) - running;
    if missing <= 0 {
        return None;
    }
    if count.failed > 0 {
        let pause = cx
            .pace
            .crash_backoff_first
            .saturating_mul(1 << (count.failed - 1).clamp(0, 6));
        let (known, since) = cx.retries.get(uid(job)).copied().unwrap_or((0, Instant::now()));
        if known != count.failed {
            cx.retries
                .insert(uid(job).to_owned(), (count.failed, Instant::now()));
            return Some(pause);
        }
        let left = pause.saturating_sub(since.elapsed());
        if !left.is_zero() {
            return Some(left);
        }
    }
    for _ in 0..missing {
        match submit(cx, from_template(job, &job["spec"]["template"])) {
            Ok(pod) => {
                let message = format!("Created pod: {}", name(&pod));
                cx.events
                    .record(&SOURCE, Report::normal(job, "SuccessfulCreate", message));
            }
            Err(error) => {
                let message = format!("Error creating: {error}");
                cx.events
                    .record(&SOURCE, Report::warning(job, "FailedCreate", message));
                return Some(cx.failed(&Key::namespaced("batch", "jobs", namespace(job), name(job))));
            }
        }
    }
    None
}

fn status(job: &Value, count: &Count) -> Value {
    let start = job["status"]["startTime"]
        .as_str()
        .map_or_else(store::now, str::to_owned);
    let readies = count.active.iter().filter(|pod| ready(pod)).count();
    let mut status = json!({
        "ready": readies, "startTime": start, "terminating": count.terminating, "uncountedTerminatedPods": {},
    });
    let running = i64::try_from(count.active.len()).unwrap_or(0);
    for (field, count) in [
        ("active", running),
        ("failed", count.failed),
        ("succeeded", count.succeeded),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    if job["status"]["conditions"].is_array() {
        status["conditions"] = job["status"]["conditions"].clone();
    }
    status
}

fn write_status(cx: &mut Cx, key: &Key, job: &Value) {
    let count = count(cx, job);
    let status = status(job, &count);
    // Gone meanwhile: nothing to tell.
    let _ = cx.store.update_shared(key, |job| job["status"] = status);
}

/// How a Job ends: the reason of its last condition, and its message.
enum End<'a> {
    Complete(&'a str, &'a str),
    Failed(&'a str, &'a str),
}

fn finish(cx: &mut Cx, key: &Key, count: &Count, end: End<'_>) -> Option<Duration> {
    let (first, kind, reason, message) = match end {
        End::Complete(reason, message) => ("SuccessCriteriaMet", "Complete", reason, message),
        End::Failed(reason, message) => ("FailureTarget", "Failed", reason, message),
    };
    for pod in &count.active {
        delete(cx, &pod_key(namespace(pod), name(pod)));
    }
    let job = cx.store.get_shared(key)?;
    let mut status = status(&job, count);
    let now = store::now();
    let entry = |kind: &str| {
        json!({"lastProbeTime": now, "lastTransitionTime": now, "message": message, "reason": reason,
               "status": "True", "type": kind})
    };
    status["conditions"] = json!([entry(first), entry(kind)]);
    status["ready"] = json!(0);
    if let Some(status) = status.as_object_mut() {
        status.remove("active");
    }
    if kind == "Complete" {
        status["completionTime"] = json!(now);
        cx.events
            .record(&SOURCE, Report::normal(&job, "Completed", "Job completed".into()));
    } else {
        cx.events
            .record(&SOURCE, Report::warning(&job, reason, message.into()));
    }
    // Gone meanwhile: nothing to tell.
    let _ = cx.store.update_shared(key, |job| job["status"] = status);
    cx.catch_up();
    let job = cx.store.get_shared(key)?;
    expire(cx, key, &job)
}

/// Removes a finished Job after `ttlSecondsAfterFinished`.
fn expire(cx: &mut Cx, key: &Key, job: &Value) -> Option<Duration> {
    let ttl = cx.seconds(job["spec"]["ttlSecondsAfterFinished"].as_i64()?);
    let since = *cx
        .finished
        .entry(uid(job).to_owned())
        .or_insert_with(Instant::now);
    let left = ttl.saturating_sub(since.elapsed());
    if left.is_zero() {
        cx.store.delete(key);
        return None;
    }
    Some(left)
}

fn suspend(cx: &mut Cx, key: &Key, job: &Value) -> Option<Duration> {
    for pod in count(cx, job).active {
        begin_delete(&cx.store, &pod_key(namespace(&pod), name(&pod)), None);
    }
    let now = store::now();
    let entry = json!({"lastProbeTime": now, "lastTransitionTime": now, "message": "Job suspended",
                       "reason": "JobSuspended", "status": "True", "type": "Suspended"});
    if condition(job, "Suspended").is_none() {
        cx.events
            .record(&SOURCE, Report::normal(job, "Suspended", "Job suspended".into()));
        // Gone meanwhile: nothing to tell.
        let _ = cx
            .store
            .update_shared(key, |job| job["status"]["conditions"] = json!([entry]));
    }
    None
}
