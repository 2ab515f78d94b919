//! What a probe that fails asks, beside what its container says it opens.

use serde_json::Value;

use super::pods::Desk;
use crate::{
    diagnosis::{Cause, Finding, ProbeKind},
    model::Text,
    texts::diagnose as texts,
};

/// What the probe of a finding asks, and the ports of its container; `None` where it asks no port, or that is not known.
pub(super) async fn asked(desk: &Desk<'_>, finding: &Finding) -> Option<Text> {
    let field = match &finding.cause {
        Cause::KilledByProbe(cause) => match cause.probe {
            ProbeKind::Startup => "startupProbe",
            ProbeKind::Liveness | ProbeKind::Readiness => "livenessProbe",
        },
        Cause::ProbeFails(cause) if cause.started => "readinessProbe",
        Cause::ProbeFails(_) => "startupProbe",
        _ => return None,
    };
    let subject = finding.subject.as_ref()?;
    let read = desk
        .cx
        .view
        .value(&desk.scope.cluster, desk.cached.namespace(), "pods", &subject.pod);
    let pod = desk.in_time(read).await.ok()?;
    let name = subject.container.as_deref()?;
    let containers = ["containers", "initContainers"].map(|list| pod["spec"][list].as_array());
    let mut containers = containers.into_iter().flatten().flatten();
    let container = containers.find(|container| container["name"] == name)?;
    told(container, field)
}

/// The same of a container as it is.
fn told(container: &Value, field: &str) -> Option<Text> {
    let probe = &container[field];
    let way = ["httpGet", "tcpSocket", "grpc"]
        .into_iter()
        .find(|way| probe[*way].is_object())?;
    let port = word(&probe[way]["port"])?;
    let path = probe[way]["path"].as_str().unwrap_or_default();
    let ports = container["ports"].as_array().into_iter().flatten();
    let declared: Vec<(String, String)> = ports
        .filter_map(|known| {
            let name = known["name"].as_str().unwrap_or_default();
            Some((word(&known["containerPort"])?, name.to_owned()))
        })
        .collect();
    let opens = declared
        .iter()
        .any(|(number, name)| *number == port || *name == port);
    let all = declared.iter().map(|(number, name)| match name.as_str() {
        "" => number.clone(),
        name => format!("{name} ({number})"),
    });
    let all: Vec<String> = all.collect();
    Some(texts::probe_asks(
        field,
        &format!("{port}{path}"),
        &all,
        opens || all.is_empty(),
    ))
}

/// A port, by its number or its name.
fn word(port: &Value) -> Option<String> {
    match port {
        Value::Number(number) => Some(number.to_string()),
        Value::String(name) => Some(name.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_port_of_a_probe_stands_beside_those_of_its_container() {
        let of = |probe: Value, ports: Value| {
            let container = json!({"name": "api", "readinessProbe": probe, "ports": ports});
            told(&container, "readinessProbe").map(|text| text.plain())
        };
        let http = |port: Value| json!({"httpGet": {"path": "/ready", "port": port}});
        let ports = || json!([{"name": "http", "containerPort": 8000}]);
        for (probe, ports, says) in [
            (
                http(json!(8001)),
                ports(),
                Some("readinessProbe asks 8001/ready, and the container declares only http (8000)"),
            ),
            (
                http(json!(8000)),
                ports(),
                Some("readinessProbe asks 8000/ready; the container declares http (8000)"),
            ),
            (
                http(json!("http")),
                ports(),
                Some("readinessProbe asks http/ready; the container declares http (8000)"),
            ),
            (
                json!({"tcpSocket": {"port": 9}}),
                json!([]),
                Some("readinessProbe asks 9; the container declares none"),
            ),
            (json!({"exec": {"command": ["true"]}}), ports(), None),
            (Value::Null, ports(), None),
        ] {
            assert_eq!(of(probe, ports).as_deref(), says);
        }
    }
}
