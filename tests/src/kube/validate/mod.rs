//! What the API server refuses about an object: unknown fields, invalid values, changes of what cannot change.

mod decoding;
mod immutable;
mod quantity;

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use crate::kube::status::Cause;

pub use decoding::{drop_unknown, type_errors, unknown_fields};
pub use quantity::quantity;

const SUBDOMAIN: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

fn whole(pattern: &str) -> Regex {
    // The patterns are constants of this file and compile; the tests below use each.
    Regex::new(&format!("^{pattern}$")).unwrap_or_else(|_| unreachable!("a constant pattern"))
}

static IS_SUBDOMAIN: LazyLock<Regex> = LazyLock::new(|| whole(SUBDOMAIN));
static IS_LABEL: LazyLock<Regex> = LazyLock::new(|| whole(LABEL));
static IS_LABEL_VALUE: LazyLock<Regex> =
    LazyLock::new(|| whole("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"));

/// What is wrong with a new object.
pub fn create(object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let kind = object["kind"].as_str().unwrap_or_default();
    name(object, kind, &mut causes);
    labels(&object["metadata"]["labels"], "metadata.labels", &mut causes);
    spec(object, kind, &mut causes);
    causes
}

/// What is wrong with a change.
pub fn update(before: &Value, after: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let kind = after["kind"].as_str().unwrap_or_default();
    labels(&after["metadata"]["labels"], "metadata.labels", &mut causes);
    immutable::check(before, after, kind, &mut causes);
    spec(after, kind, &mut causes);
    causes
}

fn name(object: &Value, kind: &str, causes: &mut Vec<Cause>) {
    let name = &object["metadata"]["name"];
    let text = name.as_str().unwrap_or_default();
    if text.is_empty() {
        causes.push(Cause::required(
            "metadata.name",
            "name or generateName is required",
        ));
    } else if matches!(kind, "Namespace" | "Service") && !IS_LABEL.is_match(text) {
        let detail = format!(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start \
             and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
             '{LABEL}')"
        );
        causes.push(Cause::invalid("metadata.name", name, &detail));
    } else if text.len() > 253 || !IS_SUBDOMAIN.is_match(text) && !kind.contains("Role") {
        let detail = format!(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
             start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
             '{SUBDOMAIN}')"
        );
        causes.push(Cause::invalid("metadata.name", name, &detail));
    }
}

fn labels(labels: &Value, field: &str, causes: &mut Vec<Cause>) {
    for (_, value) in labels.as_object().into_iter().flatten() {
        let text = value.as_str().unwrap_or_default();
        if text.len() > 63 {
            causes.push(Cause::invalid(field, value, "must be no more than 63 bytes"));
        } else if !IS_LABEL_VALUE.is_match(text) {
            let detail = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
                '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or \
                '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
            causes.push(Cause::invalid(field, value, detail));
        }
    }
}

fn spec(object: &Value, kind: &str, causes: &mut Vec<Cause>) {
    let spec = &object["spec"];
    match kind {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => workload(spec, kind, causes),
        "Job" => {
            pod_spec(&spec["template"]["spec"], "spec.template.spec", causes);
            restart_policy(&spec["template"]["spec"], "spec.template.spec", causes);
        }
        "CronJob" => {
            let field = "spec.jobTemplate.spec.template.spec";
            pod_spec(&spec["jobTemplate"]["spec"]["template"]["spec"], field, causes);
            restart_policy(&spec["jobTemplate"]["spec"]["template"]["spec"], field, causes);
        }
        "Pod" => pod_spec(spec, "spec", causes),
        "HorizontalPodAutoscaler" => autoscaler(spec, causes),
        "PodDisruptionBudget"
            if spec.get("minAvailable").is_some() && spec.get("maxUnavailable").is_some() =>
        {
            let detail = "minAvailable and maxUnavailable cannot be both set";
            causes.push(Cause::invalid("spec", &json!({}), detail));
        }
        "Service"
            if spec["type"] != "ExternalName"
                && spec["clusterIP"] != "None"
                && spec["ports"].as_array().is_none_or(Vec::is_empty) =>
        {
            causes.push(Cause::required("spec.ports", ""));
        }
        "Lease" => {
            let seconds = &spec["leaseDurationSeconds"];
            if seconds.as_i64().is_some_and(|seconds| seconds <= 0) {
                causes.push(Cause::invalid(
                    "spec.leaseDurationSeconds",
                    seconds,
                    "must be greater than 0",
                ));
            }
        }
        _ => (),
    }
}

fn workload(spec: &Value, kind: &str, causes: &mut Vec<Cause>) {
    for field in [
        "replicas",
        "minReadySeconds",
        "revisionHistoryLimit",
        "progressDeadlineSeconds",
    ] {
        not_negative(spec, field, "spec", causes);
    }
    let empty = |selector: &Value| {
        ["matchLabels", "matchExpressions"]
            .iter()
            .all(|part| match &selector[part] {
                Value::Object(map) => map.is_empty(),
                Value::Array(list) => list.is_empty(),
                _ => true,
            })
    };
    if spec.get("selector").is_none() {
        causes.push(Cause::required("spec.selector", ""));
    } else if empty(&spec["selector"]) {
        let detail = format!("empty selector is invalid for {}", kind.to_lowercase());
        causes.push(Cause::invalid("spec.selector", &json!({}), &detail));
    } else {
        let template = &spec["template"]["metadata"]["labels"];
        let selector = crate::kube::selector::Selector::from_object(&spec["selector"]).unwrap_or_default();
        if !selector.matches_labels(template) {
            let value = if template.is_null() {
                json!({})
            } else {
                template.clone()
            };
            let detail = "`selector` does not match template `labels`";
            causes.push(Cause::invalid("spec.template.metadata.labels", &value, detail));
        }
    }
    if kind == "Deployment" {
        strategy(spec, causes);
    }
    let template = &spec["template"]["spec"];
    pod_spec(template, "spec.template.spec", causes);
    let policy = &template["restartPolicy"];
    if policy.is_string() && policy != "Always" {
        causes.push(Cause::unsupported(
            "spec.template.spec.restartPolicy",
            policy,
            &["Always"],
        ));
    }
}

fn strategy(spec: &Value, causes: &mut Vec<Cause>) {
    let strategy = &spec["strategy"];
    match strategy["type"].as_str() {
        Some("Recreate") if strategy.get("rollingUpdate").is_some() => {
            let detail = "may not be specified when strategy `type` is 'Recreate'";
            causes.push(Cause::forbidden("spec.strategy.rollingUpdate", detail));
        }
        Some("RollingUpdate") => {
            let zero = |value: &Value| *value == 0 || *value == "0%";
            let rolling = &strategy["rollingUpdate"];
            if zero(&rolling["maxSurge"]) && zero(&rolling["maxUnavailable"]) {
                let detail = "may not be 0 when `maxSurge` is 0";
                let field = "spec.strategy.rollingUpdate.maxUnavailable";
                causes.push(Cause::invalid(field, &rolling["maxUnavailable"], detail));
            }
        }
        Some("Recreate") | None => (),
        Some(_) => {
            let supported = ["Recreate", "RollingUpdate"];
            causes.push(Cause::unsupported(
                "spec.strategy.type",
                &strategy["type"],
                &supported,
            ));
        }
    }
}

fn not_negative(spec: &Value, field: &str, path: &str, causes: &mut Vec<Cause>) {
    if spec[field].as_i64().is_some_and(|value| value < 0) {
        let detail = "must be greater than or equal to 0";
        causes.push(Cause::invalid(format!("{path}.{field}"), &spec[field], detail));
    }
}

fn restart_policy(spec: &Value, path: &str, causes: &mut Vec<Cause>) {
    let policy = &spec["restartPolicy"];
    if policy.is_null() || policy == "Always" {
        let supported = ["OnFailure", "Never"];
        causes.push(Cause::unsupported(
            format!("{path}.restartPolicy"),
            policy,
            &supported,
        ));
    }
}

fn pod_spec(spec: &Value, path: &str, causes: &mut Vec<Cause>) {
    if spec["containers"].as_array().is_none_or(Vec::is_empty) {
        causes.push(Cause::required(format!("{path}.containers"), ""));
    }
    let mut names: Vec<&Value> = Vec::new();
    for list in ["initContainers", "containers"] {
        for (index, container) in spec[list].as_array().into_iter().flatten().enumerate() {
            let path = format!("{path}.{list}[{index}]");
            let name = &container["name"];
            match name.as_str().unwrap_or_default() {
                "" => causes.push(Cause::required(format!("{path}.name"), "")),
                text if !IS_LABEL.is_match(text) => {
                    let detail = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \
                        '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', \
                        regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
                    causes.push(Cause::invalid(format!("{path}.name"), name, detail));
                }
                _ if names.contains(&name) => causes.push(Cause::duplicate(format!("{path}.name"), name)),
                _ => (),
            }
            names.push(name);
            match container["image"].as_str().unwrap_or_default() {
                "" => causes.push(Cause::required(format!("{path}.image"), "")),
                text if text.trim() != text => {
                    let detail = "must not have leading or trailing whitespace";
                    causes.push(Cause::invalid(
                        format!("{path}.image"),
                        &container["image"],
                        detail,
                    ));
                }
                _ => (),
            }
            resources(container, &path, causes);
        }
    }
}

fn resources(container: &Value, path: &str, causes: &mut Vec<Cause>) {
    let resources = &container["resources"];
    for (name, request) in resources["requests"].as_object().into_iter().flatten() {
        let limit = &resources["limits"][name];
        let (Some(asked), Some(most)) = (quantity(request), quantity(limit)) else {
            continue;
        };
        if asked > most {
            let limit = limit.as_str().map_or_else(|| limit.to_string(), str::to_owned);
            let detail = format!("must be less than or equal to {name} limit of {limit}");
            let request = json!(
                request
                    .as_str()
                    .map_or_else(|| request.to_string(), str::to_owned)
            );
            causes.push(Cause::invalid(
                format!("{path}.resources.requests"),
                &request,
                &detail,
            ));
        }
    }
}

fn autoscaler(spec: &Value, causes: &mut Vec<Cause>) {
    let (least, most) = (&spec["minReplicas"], &spec["maxReplicas"]);
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    if number(most) < 1 {
        causes.push(Cause::invalid(
            "spec.maxReplicas",
            &json!(number(most)),
            "must be greater than 0",
        ));
    }
    if least.is_i64() && number(least) < 1 {
        let detail = "must be greater than or equal to 1";
        causes.push(Cause::invalid("spec.minReplicas", least, detail));
    } else if number(most) >= 1 && number(most) < number(least) {
        let detail = "must be greater than or equal to `minReplicas`";
        causes.push(Cause::invalid("spec.maxReplicas", most, detail));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_deployment_is_refused_as_recorded() {
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "Bad_Name"},
            "spec": {"selector": {}, "template": {"spec": {"containers": []}}}});
        let fields: Vec<_> = create(&object).into_iter().map(|cause| cause.field).collect();
        assert_eq!(
            fields,
            ["metadata.name", "spec.selector", "spec.template.spec.containers"]
        );
    }
}
