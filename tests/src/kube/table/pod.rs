//! The status column of a pod, which is a small story of its own.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cells::{age, text};

/// Ready, status, restarts.
pub(super) fn cells(pod: &Value, now: Timestamp) -> [Value; 3] {
    let statuses = || {
        pod["status"]["containerStatuses"]
            .as_array()
            .into_iter()
            .flatten()
    };
    let total = pod["spec"]["containers"].as_array().map_or(0, Vec::len);
    let ready = statuses()
        .filter(|status| status["ready"] == true && status["state"].get("running").is_some())
        .count();
    let mut reason = text(&pod["status"]["phase"]);
    if let Some(given) = pod["status"]["reason"].as_str() {
        reason = given.to_owned();
    }
    let (initializing, init_restarts, init_last) = initialization(pod, &mut reason);
    let (mut restarts, mut last) = (init_restarts, init_last);
    if !initializing {
        restarts = 0;
        last = None;
        let mut running = false;
        for status in statuses().rev() {
            restarts += status["restartCount"].as_i64().unwrap_or(0);
            last = last.max(finished(&status["lastState"]));
            let (waiting, terminated) = (&status["state"]["waiting"], &status["state"]["terminated"]);
            if waiting["reason"].as_str().is_some_and(|why| !why.is_empty()) {
                reason = text(&waiting["reason"]);
            } else if terminated.is_object() {
                reason = ended(terminated, "");
            } else if status["ready"] == true && status["state"].get("running").is_some() {
                running = true;
            }
        }
        if reason == "Completed" && running {
            let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
            let ready = conditions
                .into_iter()
                .any(|c| c["type"] == "Ready" && c["status"] == "True");
            reason = if ready {
                "Running".into()
            } else {
                "NotReady".into()
            };
        }
    }
    if pod["metadata"]
        .get("deletionTimestamp")
        .is_some_and(|time| !time.is_null())
    {
        let finished = matches!(pod["status"]["phase"].as_str(), Some("Failed" | "Succeeded"));
        if pod["status"]["reason"] == "NodeLost" {
            reason = "Unknown".into();
        } else if !finished {
            reason = "Terminating".into();
        }
    }
    let restarts = match last {
        Some(last) if restarts > 0 => format!("{restarts} ({} ago)", age(last, now)),
        _ => restarts.to_string(),
    };
    [json!(format!("{ready}/{total}")), json!(reason), json!(restarts)]
}

fn finished(state: &Value) -> Option<Timestamp> {
    state["terminated"]["finishedAt"].as_str()?.parse().ok()
}

fn ended(terminated: &Value, prefix: &str) -> String {
    let why = terminated["reason"].as_str().unwrap_or_default();
    match (why, terminated["signal"].as_i64().unwrap_or(0)) {
        ("", 0) => format!(
            "{prefix}ExitCode:{}",
            terminated["exitCode"].as_i64().unwrap_or(0)
        ),
        ("", signal) => format!("{prefix}Signal:{signal}"),
        (why, _) => format!("{prefix}{why}"),
    }
}

/// Whether init containers are still at work; then the reason tells how far they are.
fn initialization(pod: &Value, reason: &mut String) -> (bool, i64, Option<Timestamp>) {
    let total = pod["spec"]["initContainers"].as_array().map_or(0, Vec::len);
    let (mut restarts, mut last) = (0, None);
    let statuses = pod["status"]["initContainerStatuses"]
        .as_array()
        .into_iter()
        .flatten();
    for (index, status) in statuses.enumerate() {
        restarts += status["restartCount"].as_i64().unwrap_or(0);
        last = last.max(finished(&status["lastState"]));
        let (waiting, terminated) = (&status["state"]["waiting"], &status["state"]["terminated"]);
        if terminated["exitCode"] == 0 {
            continue;
        }
        if terminated.is_object() {
            *reason = ended(terminated, "Init:");
        } else if waiting["reason"]
            .as_str()
            .is_some_and(|why| !why.is_empty() && why != "PodInitializing")
        {
            *reason = format!("Init:{}", text(&waiting["reason"]));
        } else {
            *reason = format!("Init:{index}/{total}");
        }
        return (true, restarts, last);
    }
    (false, restarts, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(containers: Value) -> String {
        let pod = json!({"spec": {"containers": [{}]}, "status": {"phase": "Running", "containerStatuses": containers}});
        text(&cells(&pod, Timestamp::now())[1])
    }

    #[test]
    fn the_status_column_reads_as_kubectl_shows_it() {
        assert_eq!(
            status(json!([{"ready": true, "state": {"running": {}}}])),
            "Running"
        );
        assert_eq!(
            status(json!([{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}])),
            "CrashLoopBackOff"
        );
        assert_eq!(
            status(json!([{"state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}])),
            "OOMKilled"
        );
        assert_eq!(
            status(json!([{"state": {"terminated": {"exitCode": 2}}}])),
            "ExitCode:2"
        );
    }
}
