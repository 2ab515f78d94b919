//! Claims, Ingresses and autoscalers: the first thing that is broken is told, and what works is not.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};

use super::{super::*, look, now};
use crate::{
    model::Timestamp,
    objects::{
        Event, HorizontalPodAutoscaler, Ingress, IngressClass, PersistentVolumeClaim, Service, StorageClass,
    },
};

fn read<K: serde::de::DeserializeOwned>(object: Value) -> K {
    serde_json::from_value(object).unwrap()
}

fn claim(phase: &str, class: Option<&str>) -> PersistentVolumeClaim {
    read(
        json!({"metadata": {"name": "data", "creationTimestamp": "2026-11-22T20:00:00Z"},
        "spec": {"storageClassName": class, "volumeName": "pv-1"}, "status": {"phase": phase}}),
    )
}

fn class(name: &str, mode: &str, default: bool) -> StorageClass {
    let own = json!({"storageclass.kubernetes.io/is-default-class": default.to_string()});
    read(json!({"metadata": {"name": name, "annotations": own}, "volumeBindingMode": mode}))
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn a_claim_is_told_by_what_it_lacks() {
    let two = [
        class("fast", "Immediate", false),
        class("late", "WaitForFirstConsumer", false),
    ];
    let own = [class("fast", "Immediate", true)];
    let warning: Event = read(
        json!({"type": "Warning", "reason": "ProvisioningFailed", "message": "no space left",
        "lastTimestamp": "2026-11-22T20:29:00Z", "involvedObject": {"kind": "PersistentVolumeClaim", "name": "data"}}),
    );
    let told =
        |claim: &PersistentVolumeClaim, classes: Option<&[StorageClass]>, events: &[Event], used: bool| {
            of_claim(claim, classes, events, used, look()).map(|finding| finding.text().plain())
        };
    for (phase, wanted, classes, events, used, says) in [
        ("Bound", Some("gone"), Some(&two[..]), &[][..], true, None),
        (
            "Pending",
            Some("fas"),
            Some(&two[..]),
            &[],
            true,
            Some("there is no storage class fas (there are: fast, late)"),
        ),
        (
            "Pending",
            None,
            Some(&two[..]),
            &[],
            true,
            Some("it names no storage class, and the cluster has no default (there are: fast, late)"),
        ),
        (
            "Pending",
            None,
            Some(&own[..]),
            &[],
            true,
            Some("it has no volume yet, and nothing says why"),
        ),
        ("Pending", Some("late"), Some(&two[..]), &[], false, None),
        ("Pending", Some("late"), Some(&two[..]), &[], true, None),
        (
            "Pending",
            Some("late"),
            Some(&two[..]),
            std::slice::from_ref(&warning),
            true,
            Some("it has no volume yet: no space left"),
        ),
        (
            "Pending",
            Some("fast"),
            Some(&two[..]),
            std::slice::from_ref(&warning),
            true,
            Some("it has no volume yet: no space left"),
        ),
        (
            "Pending",
            Some("gone"),
            None,
            &[],
            true,
            Some("it has no volume yet, and nothing says why"),
        ),
        (
            "Lost",
            Some("fast"),
            None,
            &[],
            true,
            Some("its volume pv-1 is gone, and what was on it"),
        ),
    ] {
        let text = told(&claim(phase, wanted), classes, events, used);
        let says = says.map(|words| format!("Volume claim data: {words}"));
        assert_eq!(text, says, "{phase} {wanted:?} {used}");
    }
}

fn ingress(name: &str, spec: Value) -> Arc<Ingress> {
    Arc::new(read(json!({"metadata": {"name": name}, "spec": spec})))
}

fn rule(host: &str, service: &str, port: &Value) -> Value {
    json!([{"host": host, "http": {"paths": [{"path": "/", "backend": {"service": {"name": service, "port": port}}}]}}])
}

fn links(own: &Arc<Ingress>, others: &[Arc<Ingress>]) -> Vec<String> {
    let classes: Vec<IngressClass> = vec![read(json!({"metadata": {"name": "nginx"}}))];
    let service = json!({"metadata": {"name": "web"}, "spec": {"ports": [{"name": "http", "port": 80}]}});
    let services: Vec<Arc<Service>> = vec![Arc::new(read(service))];
    let day = |n: i64| Timestamp::from_second(now().as_second() + n * 86_400).unwrap();
    let ends = [("good", Some(day(30))), ("over", Some(day(-1))), ("bad", None)];
    let ends: HashMap<Box<str>, Option<Timestamp>> =
        ends.into_iter().map(|(name, at)| (name.into(), at)).collect();
    let around = Routes {
        classes: Some(&classes),
        certificates: Some(&ends),
        ingresses: others,
        services: Some(&services),
    };
    let found = of_ingress(own, around, look());
    found
        .iter()
        .map(|finding| finding.cause.text().plain().replace("Ingress own: ", ""))
        .collect()
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn an_ingress_is_told_by_its_first_broken_link() {
    let port = json!({"number": 80});
    let with = |more: Value| {
        let mut spec = json!({"ingressClassName": "nginx", "rules": rule("a.example", "web", &port)});
        for (key, value) in more.as_object().into_iter().flatten() {
            spec[key] = value.clone();
        }
        ingress("own", spec)
    };
    let tls = |secret: &str| json!({"tls": [{"hosts": ["a.example"], "secretName": secret}]});
    for (own, says) in [
        (with(json!({})), None),
        (with(tls("good")), None),
        (
            with(json!({"rules": rule("a.example", "web", &json!({"name": "http"}))})),
            None,
        ),
        (
            with(json!({"ingressClassName": "ngnix"})),
            Some("there is no ingress class ngnix (there are: nginx)"),
        ),
        (
            with(json!({"ingressClassName": null})),
            Some("it names no ingress class, and the cluster has no default (there are: nginx)"),
        ),
        (
            with(json!({"rules": []})),
            Some("it leads nowhere: no rule and no default"),
        ),
        (
            with(json!({"rules": rule("a.example", "wed", &port)})),
            Some("there is no Service wed; there is web"),
        ),
        (
            with(json!({"rules": rule("a.example", "web", &json!({"number": 81}))})),
            Some("Service web has no port 81 (it has: http (80))"),
        ),
        (
            with(tls("gone")),
            Some("there is no Secret gone of type kubernetes.io/tls for its certificate"),
        ),
        (
            with(tls("bad")),
            Some("Secret bad holds no certificate that can be read"),
        ),
    ] {
        let found = links(&own, std::slice::from_ref(&own));
        assert_eq!(found.first().map(String::as_str), says);
        assert!(found.len() <= 1, "{found:?}");
    }
    let over = links(&with(tls("over")), &[]);
    assert!(
        over[0].starts_with("its certificate in Secret over ended"),
        "{over:?}"
    );
    let own = with(json!({}));
    let other = ingress(
        "other",
        json!({"ingressClassName": "nginx", "rules": rule("a.example", "web", &port)}),
    );
    let elsewhere = ingress(
        "elsewhere",
        json!({"ingressClassName": "nginx", "rules": rule("b.example", "web", &port)}),
    );
    assert_eq!(
        links(&own, &[own.clone(), elsewhere.clone()]),
        Vec::<String>::new()
    );
    assert_eq!(
        links(&own, &[own.clone(), elsewhere, other.clone()]),
        ["Ingress other takes a.example/, too"]
    );
    let canary = json!({"metadata": {"name": "own", "annotations": {"nginx.ingress.kubernetes.io/canary": "true"}},
        "spec": {"ingressClassName": "nginx", "rules": rule("a.example", "web", &port)}});
    assert_eq!(
        links(&Arc::new(read(canary)), &[other]),
        Vec::<String>::new(),
        "it shares on purpose"
    );
}

#[test]
fn an_autoscaler_is_told_by_what_its_controller_says() {
    let told = |conditions: Value, known: Option<&[&str]>| {
        let hpa: HorizontalPodAutoscaler = read(
            json!({"metadata": {"name": "h"}, "status": {"conditions": conditions},
            "spec": {"maxReplicas": 4, "scaleTargetRef": {"kind": "Deployment", "name": "api"}}}),
        );
        let known = known.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let finding = of_autoscaler(&hpa, known, look())?;
        Some(finding.text().plain().replace("Autoscaler h: ", ""))
    };
    let blind = |message: &str| json!([{"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": message}]);
    assert_eq!(told(json!([]), Some(&["api"])), None);
    assert_eq!(
        told(
            json!([{"type": "ScalingActive", "status": "False", "reason": "ScalingDisabled"}]),
            None
        ),
        None
    );
    assert_eq!(
        told(
            json!([{"type": "ScalingLimited", "status": "True", "reason": "TooFewReplicas"}]),
            None
        ),
        None
    );
    for (conditions, known, says) in [
        (
            json!([]),
            Some(&["apis", "web"][..]),
            "what it scales, deployment/api, does not exist; there is apis",
        ),
        (
            blind("failed to get cpu utilization: missing request for cpu in container web of Pod api-1"),
            Some(&["api"]),
            "it scales by cpu in percent of the request, and container web of deployment/api requests none",
        ),
        (
            blind(
                "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)",
            ),
            None,
            "the cluster serves no resource metrics",
        ),
        (
            blind("did not receive metrics for targeted pods"),
            None,
            "it cannot scale now: did not receive metrics for targeted pods",
        ),
        (
            json!([{"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas"}]),
            None,
            "it would want more than its maximum of 4 pods",
        ),
    ] {
        assert_eq!(told(conditions, known).as_deref(), Some(says));
    }
}
