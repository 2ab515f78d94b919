//! Whether an Ingress leads to somebody, and how long its certificate is good.

use std::collections::BTreeSet;

use super::service::endpoints;
use crate::{
    model::Text,
    objects::{EndpointSlice, Ingress, Service},
    texts::health as texts,
};

/// The Services that an Ingress sends requests to.
#[must_use]
pub fn backends(ingress: &Ingress) -> BTreeSet<&str> {
    let paths = ingress
        .spec
        .rules
        .iter()
        .flat_map(|rule| rule.http.paths.iter().map(|path| &path.backend));
    let all = paths.chain(&ingress.spec.default_backend);
    all.filter_map(|backend| backend.service.as_ref())
        .map(|service| &*service.name)
        .collect()
}

/// What is wrong with where an Ingress leads to.
#[must_use]
pub fn problem(ingress: &Ingress, services: &[Service], slices: &[EndpointSlice]) -> Option<Text> {
    let names = backends(ingress);
    let resource = ingress.spec.rules.iter().flat_map(|rule| &rule.http.paths);
    if names.is_empty() && resource.count() == 0 && ingress.spec.default_backend.is_none() {
        return Some(texts::leads_nowhere());
    }
    names.into_iter().find_map(|name| {
        let Some(service) = services.iter().find(|service| *service.metadata.name == *name) else {
            return Some(texts::no_backend(name));
        };
        let problem = endpoints(service, slices).problem(service)?;
        Some(texts::backend(name, &problem))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ingress(services: &[&str]) -> Ingress {
        let path = |name: &&str| json!({ "path": "/", "backend": { "service": { "name": name } } });
        let paths: Vec<_> = services.iter().map(path).collect();
        serde_json::from_value(json!({ "metadata": { "name": "i" }, "spec": {
            "rules": [ { "host": "a.example", "http": { "paths": paths } } ] } }))
        .unwrap()
    }

    fn service(name: &str) -> Service {
        serde_json::from_value(
            json!({ "metadata": { "name": name }, "spec": { "selector": { "app": name } } }),
        )
        .unwrap()
    }

    fn slice(of: &str, ready: bool) -> EndpointSlice {
        serde_json::from_value(
            json!({ "metadata": { "labels": { "kubernetes.io/service-name": of } },
            "endpoints": [ { "addresses": ["10.0.0.1"], "conditions": { "ready": ready } } ] }),
        )
        .unwrap()
    }

    #[test]
    fn an_ingress_leads_to_somebody_or_it_is_told_why_not() {
        let services = [service("a"), service("b")];
        let slices = [slice("a", true), slice("b", false)];
        for (backends, told) in [
            (&["a"][..], None),
            (&["a", "b"], Some("Service b: its only pod is not ready")),
            (&["gone"], Some("its Service gone does not exist")),
            (&[], Some("it leads nowhere: no rule and no default")),
        ] {
            let told_now = problem(&ingress(backends), &services, &slices);
            assert_eq!(told_now.map(|t| t.plain()).as_deref(), told);
        }
    }
}
