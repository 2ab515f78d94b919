//! Whether a Service has somebody behind it.

use crate::{
    model::Text,
    objects::{EndpointSlice, Pairs, Service},
    texts::health as texts,
};

/// Who stands behind a Service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endpoints {
    /// Pods that get traffic.
    pub ready: Vec<String>,
    /// Pods that are selected and not ready.
    pub not_ready: Vec<String>,
    /// Pods that are on their way out.
    pub terminating: Vec<String>,
}

impl Endpoints {
    /// What is wrong, in words; `None` when somebody is ready.
    #[must_use]
    pub fn problem(&self, service: &Service) -> Option<Text> {
        if !self.ready.is_empty() || service.spec.type_ == "ExternalName" {
            return None;
        }
        let selector = Some(&service.spec.selector).filter(|s| !s.is_empty());
        Some(match (selector, self.not_ready.len()) {
            (None, _) => texts::no_selector(),
            (Some(selector), 0) => texts::selects_nothing(&labels_text(selector)),
            (Some(_), n) => texts::none_ready(n),
        })
    }
}

/// `app=x,tier=y`.
#[must_use]
pub fn labels_text(labels: &Pairs) -> String {
    let pairs: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    pairs.join(",")
}

/// Who stands behind a Service, from the slices of its namespace. A pod in several slices (two address families) counts once.
#[must_use]
pub fn endpoints<'a>(service: &Service, slices: impl IntoIterator<Item = &'a EndpointSlice>) -> Endpoints {
    let name = &*service.metadata.name;
    let mut found = Endpoints::default();
    let own = slices
        .into_iter()
        .filter(|s| s.metadata.labels.get("kubernetes.io/service-name") == Some(name));
    for endpoint in own.flat_map(|s| &s.endpoints) {
        let who = endpoint
            .target_ref
            .as_ref()
            .map(|t| &t.name)
            .or_else(|| endpoint.addresses.first())
            .map(ToString::to_string)
            .unwrap_or_default();
        let conditions = &endpoint.conditions;
        // Unknown counts as ready, as the API's documentation of `conditions.ready` says.
        let ready = conditions.ready.unwrap_or(true);
        let terminating = conditions.terminating.unwrap_or(false);
        let list = match (ready, terminating) {
            (true, _) => &mut found.ready,
            (false, true) => &mut found.terminating,
            (false, false) => &mut found.not_ready,
        };
        if !list.contains(&who) {
            list.push(who);
        }
    }
    found
}

/// Whether a Service sends traffic to pods with these labels.
#[must_use]
pub fn selects(service: &Service, labels: &Pairs) -> bool {
    labels.contain(&service.spec.selector)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn service(selector: &serde_json::Value) -> Service {
        serde_json::from_value(json!({ "metadata": { "name": "s" }, "spec": { "selector": selector } }))
            .unwrap()
    }

    fn slice(of: &str, endpoints: &serde_json::Value) -> EndpointSlice {
        serde_json::from_value(json!({ "addressType": "IPv4", "endpoints": endpoints,
            "metadata": { "labels": { "kubernetes.io/service-name": of } } }))
        .unwrap()
    }

    fn endpoint(pod: &str, ready: bool, terminating: bool) -> serde_json::Value {
        json!({ "addresses": ["10.0.0.1"], "targetRef": { "kind": "Pod", "name": pod },
                "conditions": { "ready": ready, "serving": ready, "terminating": terminating } })
    }

    #[test]
    fn who_stands_behind_a_service() {
        let s = service(&json!({ "app": "x" }));
        let slices = [
            slice(
                "s",
                &json!([endpoint("a", true, false), endpoint("b", false, false)]),
            ),
            slice(
                "s",
                &json!([endpoint("a", true, false), endpoint("c", false, true)]),
            ),
            slice("other", &json!([endpoint("z", true, false)])),
            // 07-failing-pods: a selector that matches nothing gives null.
            slice("s", &json!(null)),
        ];
        let found = endpoints(&s, &slices);
        assert_eq!(found.ready, ["a"]);
        assert_eq!(found.not_ready, ["b"]);
        assert_eq!(found.terminating, ["c"]);
        assert_eq!(found.problem(&s), None);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let s = service(&json!({ "app": "nope" }));
        assert_eq!(
            endpoints(&s, &[slice("s", &json!(null))])
                .problem(&s)
                .map(|t| t.plain())
                .as_deref(),
            Some("its selector app=nope matches no running pod")
        );
        let two = slice(
            "s",
            &json!([endpoint("a", false, false), endpoint("b", false, false)]),
        );
        assert_eq!(
            endpoints(&s, &[two]).problem(&s).map(|t| t.plain()).as_deref(),
            Some("none of its 2 pods is ready")
        );
        let bare = service(&json!(null));
        assert_eq!(
            endpoints(&bare, &[]).problem(&bare).map(|t| t.plain()).as_deref(),
            Some("it has no selector, and nobody gave it endpoints")
        );
    }

    #[test]
    fn a_selector_selects_by_all_its_labels() {
        let labels = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let s = service(&json!({ "app": "x", "tier": "y" }));
        assert!(selects(
            &s,
            &labels(&[("app", "x"), ("tier", "y"), ("more", "z")])
        ));
        assert!(!selects(&s, &labels(&[("app", "x")])));
        assert!(
            !selects(&service(&json!({})), &labels(&[("app", "x")])),
            "an empty selector selects nothing"
        );
    }
}
