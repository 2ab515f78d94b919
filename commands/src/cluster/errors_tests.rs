//! Answers of a real 1.36 API server (`06-scale`, `09-errors`, `15-preconditions`), and how they are told.

use std::io;

use serde_json::{Value, json};

use super::*;
use crate::model::{Locale, Reference};

fn asked() -> Asked<'static> {
    Asked {
        cluster: "prod",
        verb: "patch",
        resource: "apps/deployments",
        namespace: "ceoagent",
        name: "nope",
        writes: false,
    }
}

fn told(status: Value) -> ClusterError {
    let status: Status = serde_json::from_value(status).unwrap();
    ClusterError::of_status(&status, &asked())
}

fn failure(code: u16, reason: &str, message: &str) -> Value {
    json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "code": code, "reason": reason, "message": message })
}

fn report(error: &ClusterError) -> String {
    error.report(&Reference("7c21e0".to_owned())).plain()
}

#[test]
fn a_missing_right_names_the_verb_and_the_resource() {
    let error = told(failure(
        403,
        "Forbidden",
        "deployments.apps \"ceoagent-api\" is forbidden: User \"ceo-bot\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"ceoagent\"",
    ));
    let ClusterError::Forbidden { verb, resource, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((verb.as_str(), resource.as_str()), ("patch", "deployments.apps"));
    let text = report(&error);
    assert!(
        text.starts_with("The bot may not patch deployments.apps in prod/ceoagent\n"),
        "{text}"
    );
    assert!(text.contains("ceo-bot rbac"), "{text}");
    let core = told(failure(
        403,
        "Forbidden",
        "secrets is forbidden: User \"ceo-bot\" cannot list resource \"secrets\" in API group \"\" in the namespace \"ceoagent\"",
    ));
    assert!(
        matches!(core, ClusterError::Forbidden { verb, resource, .. } if verb == "list" && resource == "secrets")
    );
}

#[test]
fn a_quota_and_admission_are_no_missing_right() {
    for status in [
        failure(
            403,
            "Forbidden",
            "pods \"x\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1",
        ),
        failure(
            403,
            "Forbidden",
            "pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": privileged",
        ),
        failure(
            400,
            "BadRequest",
            "admission webhook \"policy.example.com\" denied the request: no",
        ),
        json!({ "status": "Failure", "code": 429, "reason": "TooManyRequests",
                "message": "Cannot evict pod as it would violate the pod's disruption budget.",
                "details": { "causes": [ { "reason": "DisruptionBudget",
                    "message": "The disruption budget readiness-failing needs 1 healthy pods and has 0 currently" } ] } }),
    ] {
        let error = told(status);
        assert!(matches!(error, ClusterError::Refused { .. }), "{error:?}");
        assert!(report(&error).contains("not a missing right"));
    }
}

#[test]
fn other_answers_are_told_apart() {
    let unauthorized = told(failure(401, "Unauthorized", "Unauthorized"));
    assert!(matches!(unauthorized, ClusterError::Unauthorized { .. }));
    let conflict = told(failure(
        409,
        "Conflict",
        "Operation cannot be fulfilled on deployments.apps \"ceoagent-api\": the object has been modified; please apply your changes to the latest version and try again",
    ));
    assert!(matches!(conflict, ClusterError::Conflict { .. }));
    assert!(matches!(
        told(failure(
            409,
            "AlreadyExists",
            "namespaces \"ceoagent\" already exists"
        )),
        ClusterError::AlreadyExists { .. }
    ));
    let invalid = told(failure(
        422,
        "Invalid",
        "Scale.autoscaling \"ceoagent-api\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    ));
    assert!(report(&invalid).contains("must be greater than or equal to 0"));
    let slow = told(
        json!({ "status": "Failure", "code": 429, "reason": "TooManyRequests", "message": "slow down",
                            "details": { "retryAfterSeconds": 3 } }),
    );
    assert_eq!(
        slow,
        ClusterError::Throttled {
            cluster: "prod".to_owned(),
            retry_after: Some(Duration::from_secs(3))
        }
    );
    // A path that nobody serves answers in plain text.
    let no_api = told(failure(404, "Failed to parse error data", "404 page not found"));
    assert!(matches!(no_api, ClusterError::NoApi { .. }));
    assert!(told(failure(503, "ServiceUnavailable", "down")).is_outage());
}

#[test]
fn not_found_names_what_is_missing_and_what_is_near() {
    let mut error = told(json!({ "status": "Failure", "code": 404, "reason": "NotFound",
        "message": "deployments.apps \"nope\" not found", "details": { "name": "nope", "group": "apps", "kind": "deployments" } }));
    if let ClusterError::NotFound { near, .. } = &mut error {
        near.push("ceoagent-api".to_owned());
    }
    assert_eq!(
        report(&error),
        "There is no deployment nope in prod/ceoagent\nDid you mean ceoagent-api?"
    );
    let namespace = told(json!({ "status": "Failure", "code": 404, "reason": "NotFound",
        "message": "namespaces \"gone\" not found", "details": { "name": "gone", "kind": "namespaces" } }));
    assert!(
        matches!(namespace, ClusterError::NotFound { what, name, .. } if what == "namespace" && name == "gone")
    );
}

#[test]
fn an_outage_is_no_denial_and_a_lost_answer_is_no_no() {
    let refused = ClusterError::Unreachable {
        cluster: "prod".to_owned(),
        detail: crate::texts::unanswered::refused(),
    };
    assert_eq!(
        report(&refused),
        "The cluster prod did not answer (connection refused)\nNothing was changed. This is an outage of the API server, not a missing right."
    );
    let slow = ClusterError::too_slow(&asked(), Duration::from_secs(5));
    assert!(report(&slow).starts_with("The cluster prod did not answer within 5 s\nNothing was changed."));
    let write = Asked {
        writes: true,
        ..asked()
    };
    let unsure = ClusterError::too_slow(&write, Duration::from_millis(400));
    assert!(matches!(unsure, ClusterError::Unsure { .. }));
    let text = report(&unsure);
    assert!(
        text.contains("no answer within 400 ms") && text.contains("may have been made"),
        "{text}"
    );
    assert!(!text.contains("Nothing was changed"), "{text}");
    // 500 in the middle of a write leaves it open as well; 503 means that it was not taken on, where the API server itself
    // says so, and not where something before it does.
    let status_of = |code, reason: &str| {
        serde_json::from_value::<Status>(failure(code, reason, "etcdserver: request timed out")).unwrap()
    };
    let status = |code| status_of(code, "InternalError");
    assert!(matches!(
        ClusterError::of_status(&status(500), &write),
        ClusterError::Unsure { .. }
    ));
    assert!(matches!(
        ClusterError::of_status(&status_of(503, "ServiceUnavailable"), &write),
        ClusterError::Unreachable { .. }
    ));
    assert!(matches!(
        ClusterError::of_status(&status_of(503, "Failed to parse error data"), &write),
        ClusterError::Unsure { .. }
    ));
    assert!(matches!(
        ClusterError::of_status(&status(500), &asked()),
        ClusterError::Unreachable { .. }
    ));
}

#[test]
fn a_chinese_asker_reads_no_english_of_ours() {
    let chinese = |error: &ClusterError| {
        let report = error.report(&Reference("7c21e0".to_owned()));
        let texts: Vec<String> = report.texts().map(|text| text.plain_in(Locale::ZhCn)).collect();
        format!("{}\n{}", report.title.plain_in(Locale::ZhCn), texts.join("\n"))
    };
    let write = Asked {
        writes: true,
        ..asked()
    };
    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    let refused = ClusterError::of(&kube::Error::Service(Box::new(refused)), &asked());
    for (error, said) in [
        (refused, "集群 prod 无响应（连接被拒绝）"),
        (
            ClusterError::too_slow(&asked(), Duration::from_secs(5)),
            "集群 prod 在 5 秒内无响应",
        ),
        (
            ClusterError::too_slow(&write, Duration::from_millis(400)),
            "集群 prod 未确认该变更（400 毫秒内无响应）",
        ),
        (
            told(failure(401, "Unauthorized", "Unauthorized")),
            "API Server 返回 401 Unauthorized",
        ),
        (told(failure(504, "Timeout", "")), "返回 504：未说明原因"),
        (told(failure(418, "Teapot", "")), "418 Teapot: 未说明原因"),
    ] {
        let text = chinese(&error);
        assert!(text.contains(said), "{text}");
        for word in ["did not", "answered", "connection", "within", "reason", "Nothing"] {
            assert!(!text.contains(word), "{word:?} in {text}");
        }
        assert!(
            error.brief().plain_in(Locale::ZhCn).contains("集群"),
            "{:?}",
            error.brief()
        );
    }
}

#[test]
fn why_an_incident_shows_no_lines_is_told_in_chinese_too() {
    let slow = ClusterError::too_slow(&asked(), Duration::from_secs(5)).brief();
    for (told, whole) in [
        (
            crate::texts::incident::secrets_unreadable(&slow),
            "未显示日志：无法读取需要隐藏的 Secret：集群 prod 在 5 秒内无响应",
        ),
        (
            crate::texts::incident::log_unreadable(&slow),
            "无法读取日志：集群 prod 在 5 秒内无响应",
        ),
    ] {
        assert_eq!(told.plain_in(Locale::ZhCn), whole);
    }
}

#[test]
fn a_log_reads_the_english_of_what_people_read() {
    let conflict = told(failure(409, "Conflict", "the object has been modified"));
    assert_eq!(
        conflict.to_string(),
        "somebody else changed the object at the same time: the object has been modified"
    );
    let slow = ClusterError::too_slow(&asked(), Duration::from_secs(5));
    assert_eq!(slow.to_string(), "the cluster prod did not answer within 5 s");
}

#[test]
fn every_error_has_a_title_and_a_reference() {
    for error in [
        told(failure(401, "Unauthorized", "")),
        told(failure(418, "Teapot", "")),
        ClusterError::UnknownCluster {
            name: "x".to_owned(),
            known: vec![],
        },
        ClusterError::OutsideSettings {
            cluster: "prod".to_owned(),
            namespace: "x".to_owned(),
            known: vec!["y".to_owned()],
        },
        ClusterError::Misconfigured {
            cluster: "prod".to_owned(),
            detail: "no file".into(),
        },
    ] {
        let report = error.report(&Reference("7c21e0".to_owned()));
        assert!(
            !report.title.is_empty() && report.texts().next().is_some(),
            "{error:?}"
        );
        assert_eq!(
            report.footer.map(|f| f.plain()).as_deref(),
            Some("Reference 7c21e0")
        );
    }
}
