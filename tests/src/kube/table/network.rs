//! The cells of services and what belongs to them.

use serde_json::{Value, json};

use super::cells::{Cells, labels, or, text};

/// The cells of a network object, and those that only `-o wide` shows.
pub(super) fn cells(plural: &str, object: &Value) -> Cells {
    match plural {
        "services" => service(object),
        "ingresses" => (ingress(object), Vec::new()),
        "endpointslices" => (slice(object), Vec::new()),
        "endpoints" => (vec![json!(few(&endpoints(object), "<none>"))], Vec::new()),
        _ => (
            vec![json!(labels(&object["spec"]["podSelector"]["matchLabels"]))],
            Vec::new(),
        ),
    }
}

fn texts<'a>(list: &'a Value, of: impl Fn(&'a Value) -> String) -> Vec<String> {
    list.as_array().into_iter().flatten().map(of).collect()
}

fn service(object: &Value) -> Cells {
    let spec = &object["spec"];
    let external = match spec["type"].as_str() {
        Some("ExternalName") => text(&spec["externalName"]),
        Some("LoadBalancer") => {
            let first = &object["status"]["loadBalancer"]["ingress"][0];
            or(&first["ip"], &or(&first["hostname"], "<pending>"))
        }
        _ => or(&spec["externalIPs"][0], "<none>"),
    };
    let address = or(&spec["clusterIP"], "<none>");
    let cells = vec![
        spec["type"].clone(),
        json!(address),
        json!(external),
        json!(service_ports(spec)),
    ];
    (cells, vec![json!(labels(&spec["selector"]))])
}

fn ingress(object: &Value) -> Vec<Value> {
    let spec = &object["spec"];
    let hosts = texts(&spec["rules"], |rule| or(&rule["host"], "*"));
    let hosts = if hosts.is_empty() {
        "*".into()
    } else {
        hosts.join(",")
    };
    let first = &object["status"]["loadBalancer"]["ingress"][0];
    let address = or(&first["ip"], &text(&first["hostname"]));
    let ports = if spec.get("tls").is_some() {
        "80, 443"
    } else {
        "80"
    };
    vec![
        json!(or(&spec["ingressClassName"], "<none>")),
        json!(hosts),
        json!(address),
        json!(ports),
    ]
}

fn slice(object: &Value) -> Vec<Value> {
    let ports = texts(&object["ports"], |port| or(&port["port"], "*"));
    let ports = if ports.is_empty() {
        "<unset>".into()
    } else {
        ports.join(",")
    };
    let endpoints = object["endpoints"].as_array().into_iter().flatten();
    let addresses: Vec<String> = endpoints
        .flat_map(|endpoint| texts(&endpoint["addresses"], text))
        .collect();
    vec![
        object["addressType"].clone(),
        json!(ports),
        json!(few(&addresses, "<unset>")),
    ]
}

fn endpoints(object: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for subset in object["subsets"].as_array().into_iter().flatten() {
        for address in subset["addresses"].as_array().into_iter().flatten() {
            all.extend(texts(&subset["ports"], |port| {
                format!("{}:{}", text(&address["ip"]), text(&port["port"]))
            }));
        }
    }
    all
}

fn few(items: &[String], none: &str) -> String {
    match items.len() {
        0 => none.to_owned(),
        1..=3 => items.join(","),
        more => format!("{} + {} more...", items[..3].join(","), more - 3),
    }
}

fn service_ports(spec: &Value) -> String {
    let ports: Vec<String> = spec["ports"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|port| {
            let node = port["nodePort"]
                .as_i64()
                .map(|node| format!(":{node}"))
                .unwrap_or_default();
            format!("{}{node}/{}", text(&port["port"]), or(&port["protocol"], "TCP"))
        })
        .collect();
    if ports.is_empty() {
        "<none>".into()
    } else {
        ports.join(",")
    }
}
