//! `/ceo get ingress`: which hosts lead where, whether somebody is there, and how long the certificates are good.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::{
    super::{
        contract::{Answer, Context, Query, Spec},
        listing::{List, Row},
        options,
        rights::{self, LIST, Rbac},
    },
    family::{Family, MOST, Whose, known},
};
use crate::{
    cluster::{ClusterError, Select},
    failure::Failure,
    health::{
        certificate,
        ingress::{backends, problem},
        service::selects,
    },
    model::{Scope, Text, Timestamp, since},
    objects::{Certificate, EndpointSlice, Ingress, Service},
    ops::contract::Args,
    policy::Verb,
    texts::get::{self, ingress as say},
};

/// So long before its end a certificate is told as a fault: renewals are due a month before.
const SOON: Duration = Duration::from_secs(14 * 86_400);

/// The command.
pub struct GetIngress;

/// The ends of the certificates, by Secret; of a Secret without one nothing. An error where they may not be read.
type Certificates = Result<HashMap<Box<str>, Option<Timestamp>>, ClusterError>;

impl Query for GetIngress {
    const SPEC: Spec = Spec::new("get ingress", Verb::Read)
        .stands_for(&["kubectl get ingress", "kubectl get ing"])
        .about(say::summary)
        .options(&[&options::FOR])
        .rbac(&[
            Rbac::on("networking.k8s.io/ingresses", LIST),
            Rbac::on("core/services", LIST),
            Rbac::on("discovery.k8s.io/endpointslices", LIST),
        ])
        .also(&rights::ONE);
    type Args = Whose;

    async fn answer(&self, whose: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = whose.scope();
        let family = Family::asked(
            &whose,
            &[
                "ingress",
                "deployment",
                "statefulset",
                "daemonset",
                "service",
                "pod",
            ],
            say::NOUN.many,
            cx,
        )
        .await?;
        let mut ingresses: Vec<Arc<Ingress>> = known(&scope, cx).await?;
        let services: Vec<Service> = owned(known(&scope, cx).await?);
        if let Some(family) = &family {
            ingresses.retain(|ingress| belongs(ingress, family, &services));
            if ingresses.is_empty() {
                family.must_be()?;
            }
        }
        let slices: Vec<EndpointSlice> = owned(known(&scope, cx).await?);
        let encrypted = ingresses.iter().any(|ingress| !ingress.spec.tls.is_empty());
        let certificates = if encrypted {
            certificates(&scope, cx).await
        } else {
            Ok(HashMap::new())
        };
        let note = certificates
            .as_ref()
            .err()
            .map(|error| say::certificates_not_known(&error.in_a_line()));
        let rows = ingresses.iter().map(|ingress| {
            let (ends, wrong) = certificate(ingress, &certificates, cx.now);
            let leads = problem(ingress, &services, &slices);
            let trouble = match (leads, wrong) {
                (Some(one), Some(other)) => Some(say::both(&one, &other)),
                (one, other) => one.or(other),
            };
            row(ingress, ends).because(trouble)
        });
        Ok(List {
            what: say::NOUN,
            of: Family::called(family.as_ref()),
            heads: vec![
                get::name(),
                say::hosts(),
                say::class(),
                say::certificate(),
                say::address(),
            ],
            rows: rows.collect(),
            notes: note.into_iter().collect(),
        }
        .answer(&scope))
    }
}

/// Whether an Ingress is the object that was named, or leads to it.
fn belongs(ingress: &Ingress, family: &Family, services: &[Service]) -> bool {
    let labels = family.labels();
    let leads = |service: &Service| {
        let by_labels = || labels.iter().any(|labels| selects(service, labels));
        family.is("service", &service.metadata.name) || by_labels()
    };
    let to = backends(ingress);
    let mut there = services
        .iter()
        .filter(|service| to.contains(&*service.metadata.name));
    family.is("ingress", &ingress.metadata.name) || there.any(leads)
}

fn owned<K: Clone>(all: Vec<Arc<K>>) -> Vec<K> {
    all.into_iter().map(Arc::unwrap_or_clone).collect()
}

/// Needs `list` on `secrets`, which the bot has where its settings say so; only the certificates are kept of them.
async fn certificates(scope: &Scope, cx: &Context<'_>) -> Certificates {
    let select = Select::fields("type=kubernetes.io/tls").at_most(MOST);
    let take = |all: &mut HashMap<Box<str>, Option<Timestamp>>, secret: Certificate| {
        let ends = certificate::pem_ends(&secret.data.certificate.0);
        all.insert(secret.metadata.name, ends);
    };
    Ok(cx.view.fold(scope, &select, take).await?.value)
}

fn row(ingress: &Ingress, ends: Text) -> Row {
    let hosts: Vec<&str> = ingress
        .spec
        .rules
        .iter()
        .filter_map(|rule| rule.host.as_deref())
        .collect();
    let hosts = match hosts.as_slice() {
        [] => say::any(),
        hosts => hosts.join(",").into(),
    };
    let addresses: Vec<&str> = ingress
        .status
        .load_balancer
        .ingress
        .iter()
        .filter_map(|address| address.hostname.as_deref().or(address.ip.as_deref()))
        .collect();
    let class = ingress.spec.ingress_class_name.as_deref().unwrap_or_default();
    let cells = vec![hosts, class.into(), ends, addresses.join(",").into()];
    Row::new(&*ingress.metadata.name, cells)
}

/// The cell about its certificates, the one that ends first, and what is wrong with them.
fn certificate(ingress: &Ingress, all: &Certificates, now: Timestamp) -> (Text, Option<Text>) {
    let tls = &ingress.spec.tls;
    let names: Vec<&str> = tls.iter().filter_map(|tls| tls.secret_name.as_deref()).collect();
    let Ok(all) = all else {
        return (say::not_known(), None);
    };
    if tls.is_empty() {
        return (say::plain(), None);
    }
    if let Some(name) = names.iter().find(|name| !all.contains_key(**name)) {
        return (say::not_known(), Some(say::no_secret(name)));
    }
    if let Some(name) = names.iter().find(|name| all.get(**name) == Some(&None)) {
        return (say::not_known(), Some(say::unreadable(name)));
    }
    match names.iter().filter_map(|name| *all.get(*name)?).min() {
        None => (say::by_the_controller(), None),
        Some(at) if at <= now => (get::brief(Duration::ZERO), Some(say::ended(at))),
        Some(at) => {
            let left = since(now, at);
            (get::brief(left), (left < SOON).then(|| say::ends(at)))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_certificate_that_ends_first_is_told() {
        let day = |n: i64| Timestamp::from_second(n * 86_400).unwrap();
        let all: Certificates = Ok([
            ("long".into(), Some(day(200))),
            ("soon".into(), Some(day(105))),
            ("over".into(), Some(day(99))),
            ("bad".into(), None),
        ]
        .into());
        let told = |names: &[&str], all: &Certificates| {
            let tls: Vec<_> = names
                .iter()
                .map(|name| json!({ "hosts": ["a"], "secretName": name }))
                .collect();
            let ingress: Ingress = serde_json::from_value(json!({ "spec": { "tls": tls } })).unwrap();
            let (cell, wrong) = certificate(&ingress, all, day(100));
            (cell.plain(), wrong.map(|t| t.plain()).unwrap_or_default())
        };
        assert_eq!(told(&["long"], &all), ("100d".into(), String::new()));
        assert_eq!(told(&["long", "soon"], &all).0, "5d");
        assert!(told(&["soon"], &all).1.starts_with("its certificate ends"));
        assert!(told(&["over"], &all).1.starts_with("its certificate ended"));
        assert!(told(&["bad"], &all).1.contains("no certificate that can be read"));
        assert!(told(&["gone"], &all).1.contains("no Secret gone"));
        assert_eq!(told(&[], &all), ("none".into(), String::new()));
        let forbidden = Err(ClusterError::Invalid {
            message: Text::default(),
        });
        assert_eq!(told(&["long"], &forbidden), ("not known".into(), String::new()));
    }
}
