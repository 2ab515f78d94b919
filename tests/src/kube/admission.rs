//! What comes between a valid object and the store: namespaces that exist, quotas, addresses, disruption budgets.

use serde_json::{Value, json};

use super::{key::Key, selector::Selector, status::Failure, store::Store, validate::quantity};

/// Checks what depends on other objects when an object is created, and fills what only the cluster can fill.
///
/// # Errors
/// 404 or 403 for the namespace, 403 for a quota.
pub fn create(store: &Store, key: &Key, object: &mut Value) -> Result<(), Failure> {
    if let Some(namespace) = &key.namespace {
        let place = Key::cluster("", "namespaces", namespace);
        let Some(found) = store.get_shared(&place) else {
            return Err(Failure::not_found(&place));
        };
        if found["metadata"].get("deletionTimestamp").is_some() {
            let what = format!(
                "unable to create new content in namespace {namespace} because it is being terminated"
            );
            return Err(Failure::forbidden(&key.group, &key.plural, &key.name, &what));
        }
    }
    match (key.group.as_str(), key.plural.as_str()) {
        ("", "pods") => check_pod_quota(store, object)?,
        ("", "services") => service_address(store, object),
        ("batch", "jobs") => job_identity(store, object),
        _ => (),
    }
    Ok(())
}

/// Whether the quotas of the namespace leave room for one more pod.
///
/// # Errors
/// 403 with the recorded sentence (`exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1`).
pub fn check_pod_quota(store: &Store, pod: &Value) -> Result<(), Failure> {
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let (quotas, _) = store.list_shared("", "resourcequotas", Some(namespace));
    if quotas.is_empty() {
        return Ok(());
    }
    let (pods, _) = store.list_shared("", "pods", Some(namespace));
    for quota in quotas {
        let Some(hard) = quota["spec"]["hard"].as_object() else {
            continue;
        };
        let mut exceeded: [Vec<String>; 3] = Default::default();
        for (resource, limit) in hard {
            let Some(asked) = usage(pod, resource) else {
                continue;
            };
            let used: f64 = pods
                .iter()
                .filter(|pod| counts(pod))
                .filter_map(|pod| usage(pod, resource))
                .sum();
            if quantity(limit).is_some_and(|limit| used + asked > limit) {
                exceeded[0].push(format!("{resource}={}", display(asked, resource)));
                exceeded[1].push(format!("{resource}={}", display(used, resource)));
                exceeded[2].push(format!("{resource}={}", limit.as_str().unwrap_or_default()));
            }
        }
        if !exceeded[0].is_empty() {
            let quota = quota["metadata"]["name"].as_str().unwrap_or_default();
            let [asked, used, limit] = exceeded.map(|list| list.join(","));
            let what = format!("exceeded quota: {quota}, requested: {asked}, used: {used}, limited: {limit}");
            return Err(Failure::forbidden("", "pods", name, &what));
        }
    }
    Ok(())
}

fn counts(pod: &Value) -> bool {
    !matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"))
}

/// What a pod uses of a quota's resource; `None` for one that it does not name: then the quota does not hold it.
pub fn usage(pod: &Value, resource: &str) -> Option<f64> {
    let (list, name) = match resource {
        "pods" | "count/pods" => return Some(1.0),
        "cpu" | "memory" => ("requests", resource),
        other => other
            .split_once('.')
            .filter(|(list, _)| matches!(*list, "requests" | "limits"))?,
    };
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    containers
        .filter_map(|container| quantity(&container["resources"][list][name]))
        .reduce(|sum, one| sum + one)
}

fn display(value: f64, resource: &str) -> String {
    const MEBI: f64 = 1_048_576.0;
    match resource {
        _ if resource.ends_with("memory") && value >= MEBI && value % MEBI == 0.0 => {
            format!("{}Mi", value / MEBI)
        }
        _ if resource.ends_with("cpu") && value.fract() != 0.0 => format!("{}m", (value * 1000.0).round()),
        _ => format!("{value}"),
    }
}

/// Gives a Service an address that no other has.
fn service_address(store: &Store, service: &mut Value) {
    let spec = &mut service["spec"];
    if spec["type"] == "ExternalName" {
        return;
    }
    if !spec["clusterIP"].is_string() {
        let (services, _) = store.list_shared("", "services", None);
        let taken = |ip: &str| services.iter().any(|service| service["spec"]["clusterIP"] == ip);
        let mut ip = String::new();
        while ip.is_empty() || taken(&ip) {
            ip = format!(
                "10.0.{}.{}",
                rand::random_range(0..16),
                rand::random_range(1..255)
            );
        }
        spec["clusterIP"] = json!(ip);
    }
    spec["clusterIPs"] = json!([spec["clusterIP"]]);
    if service.get("status").is_none() {
        service["status"] = json!({"loadBalancer": {}});
    }
}

/// Gives a Job the selector and the labels by which its pods are found.
fn job_identity(store: &Store, job: &mut Value) {
    if job["spec"]["manualSelector"] == true || job["spec"]["selector"].is_object() {
        return;
    }
    let uid = store.uid();
    let name = job["metadata"]["name"].clone();
    let labels = [
        ("batch.kubernetes.io/controller-uid", json!(uid)),
        ("batch.kubernetes.io/job-name", name.clone()),
        ("controller-uid", json!(uid)),
        ("job-name", name),
    ];
    job["metadata"]["uid"] = json!(uid);
    job["spec"]["selector"] = json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}});
    for (label, value) in labels {
        job["spec"]["template"]["metadata"]["labels"][label] = value.clone();
        job["metadata"]["labels"][label] = value;
    }
}

/// Whether the disruption budgets allow this pod to be evicted.
///
/// # Errors
/// 429 with the recorded sentence.
pub fn check_eviction(store: &Store, pod: &Value) -> Result<(), Failure> {
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    let (budgets, _) = store.list_shared("policy", "poddisruptionbudgets", Some(namespace));
    let (pods, _) = store.list_shared("", "pods", Some(namespace));
    for budget in budgets {
        let Some(selector) = Selector::from_object(&budget["spec"]["selector"]) else {
            continue;
        };
        if !selector.matches(pod) {
            continue;
        }
        let covered: Vec<_> = pods
            .iter()
            .filter(|pod| selector.matches(pod) && counts(pod))
            .collect();
        let healthy = i64::try_from(covered.iter().filter(|pod| is_ready(pod)).count()).unwrap_or(0);
        let wanted = desired_healthy(&budget["spec"], i64::try_from(covered.len()).unwrap_or(0));
        if healthy - wanted <= 0 {
            let name = budget["metadata"]["name"].as_str().unwrap_or_default();
            let sentence = format!(
                "The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently"
            );
            return Err(Failure::disruption_budget(&sentence));
        }
    }
    Ok(())
}

/// How many healthy pods a budget wants of so many expected.
pub fn desired_healthy(spec: &Value, expected: i64) -> i64 {
    let share = |value: &Value| match value.as_str().and_then(|text| text.strip_suffix('%')) {
        Some(percent) => (expected * percent.parse::<i64>().unwrap_or(0) + 99) / 100,
        None => value.as_i64().unwrap_or(0),
    };
    match spec.get("maxUnavailable") {
        Some(most) => (expected - share(most)).max(0),
        None => share(&spec["minAvailable"]),
    }
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    conditions
        .into_iter()
        .any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
        && pod["metadata"].get("deletionTimestamp").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_quota_refuses_as_recorded() {
        let store = Store::new(1);
        let quota = json!({"spec": {"hard": {"pods": "1"}}});
        store
            .create(&Key::namespaced("", "resourcequotas", "quota", "q"), quota)
            .unwrap();
        let pod = json!({"metadata": {"name": "b", "namespace": "quota"}});
        assert_eq!(check_pod_quota(&store, &pod), Ok(()));
        store
            .create(&Key::namespaced("", "pods", "quota", "a"), pod.clone())
            .unwrap();
        assert_eq!(
            check_pod_quota(&store, &pod).unwrap_err().message,
            "pods \"b\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"
        );
    }

    #[test]
    fn budgets_round_up() {
        assert_eq!(desired_healthy(&json!({"minAvailable": "50%"}), 3), 2);
        assert_eq!(desired_healthy(&json!({"maxUnavailable": 1}), 3), 2);
    }
}
