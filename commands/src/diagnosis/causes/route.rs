//! An Ingress leads to nobody, or shows no certificate: its class, its host, its certificates, its Services and their ports.

use std::collections::HashMap;

use crate::{
    cluster::near_of,
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Found, Remedy},
        scene::Look,
    },
    model::{Text, Timestamp},
    objects::{Ingress, IngressBackend, IngressClass, Service},
    texts::causes::{self as texts, Route},
};

/// What makes a class the one that Ingresses get which name none.
const DEFAULT: &str = "ingressclass.kubernetes.io/is-default-class";
/// How a class was named before there were any.
const OLD_CLASS: &str = "kubernetes.io/ingress.class";

/// An Ingress that does not lead where it shall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenIngress {
    /// Its name.
    pub ingress: String,
    /// What is broken.
    pub link: Route,
}

/// What stands around an Ingress, as far as it may be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Routes<'a> {
    /// The cluster's classes.
    pub classes: Option<&'a [IngressClass]>,
    /// The ends of the certificates, by Secret; of a Secret without one nothing.
    pub certificates: Option<&'a HashMap<Box<str>, Option<Timestamp>>>,
    /// The Ingresses of the namespace.
    pub ingresses: &'a [std::sync::Arc<Ingress>],
    /// Its Services.
    pub services: Option<&'a [std::sync::Arc<Service>]>,
}

impl BrokenIngress {
    /// All that is broken of an Ingress, the first link first.
    pub(in crate::diagnosis) fn of_ingress(
        ingress: &Ingress,
        around: Routes<'_>,
        look: Look<'_>,
    ) -> Vec<Found<Self>> {
        let links = [class(ingress, around), taken(ingress, around)];
        let links = links.into_iter().flatten();
        let links = links
            .chain(backends(ingress, around))
            .chain(certificates(ingress, around, look));
        links
            .map(|link| {
                Found::of(
                    Self {
                        ingress: ingress.metadata.name.to_string(),
                        link,
                    },
                    Certainty::Seen,
                    look.now,
                )
            })
            .collect()
    }
}

fn class(ingress: &Ingress, around: Routes<'_>) -> Option<Route> {
    let classes = around.classes?;
    let known = || classes.iter().map(|class| class.metadata.name.to_string());
    match ingress.spec.ingress_class_name.as_deref() {
        Some(wanted) => {
            let there = classes.iter().any(|class| *class.metadata.name == *wanted);
            (!there).then(|| Route::NoClass {
                class: wanted.to_owned(),
                known: known().collect(),
            })
        }
        None => {
            let old = ingress.metadata.annotations.get(OLD_CLASS).is_some();
            let own = |class: &IngressClass| class.metadata.annotations.get(DEFAULT) == Some("true");
            // Some controllers serve what names no class: where there are no classes at all, nothing is known of that.
            let lacks = !old && !classes.is_empty() && !classes.iter().any(own);
            lacks.then(|| Route::NoDefault {
                known: known().collect(),
            })
        }
    }
}

/// The hosts of an Ingress, each with a path.
fn hosts(ingress: &Ingress) -> impl Iterator<Item = (&str, &str)> {
    ingress.spec.rules.iter().flat_map(|rule| {
        let host = rule.host.as_deref().unwrap_or("*");
        let paths = rule.http.paths.iter();
        paths.map(move |path| (host, path.path.as_deref().unwrap_or("/")))
    })
}

/// Whether it is meant to share its hosts with another one, as some controllers know it.
fn shares(ingress: &Ingress) -> bool {
    let mut keys = ingress.metadata.annotations.iter();
    keys.any(|(key, value)| {
        let canary = key.ends_with("/canary") && value == "true";
        canary || key.ends_with("/mergeable-ingress-type")
    })
}

fn taken(ingress: &Ingress, around: Routes<'_>) -> Option<Route> {
    let own = ingress.spec.ingress_class_name.as_deref();
    let others = around.ingresses.iter().filter(|other| {
        let both = [ingress, other];
        other.metadata.name != ingress.metadata.name
            && !both.into_iter().any(shares)
            && other.spec.ingress_class_name.as_deref() == own
    });
    others.into_iter().find_map(|other| {
        let mut both = hosts(ingress).filter(|host| hosts(other).any(|taken| taken == *host));
        let (host, path) = both.find(|(host, _)| *host != "*")?;
        Some(Route::Taken {
            host: format!("{host}{path}"),
            other: other.metadata.name.to_string(),
        })
    })
}

fn backends(ingress: &Ingress, around: Routes<'_>) -> Vec<Route> {
    let paths = || ingress.spec.rules.iter().flat_map(|rule| &rule.http.paths);
    let all: Vec<&IngressBackend> = paths()
        .map(|path| &path.backend)
        .chain(&ingress.spec.default_backend)
        .collect();
    if all.is_empty() {
        return vec![Route::Nowhere];
    }
    let Some(services) = around.services else {
        return vec![];
    };
    let mut found: Vec<Route> = Vec::new();
    for backend in all.into_iter().filter_map(|backend| backend.service.as_ref()) {
        let service = services
            .iter()
            .find(|service| service.metadata.name == backend.name);
        let broken = match service {
            None => Some(Route::NoService {
                service: backend.name.to_string(),
                near: near_of(
                    &backend.name,
                    services.iter().map(|s| s.metadata.name.to_string()),
                ),
            }),
            Some(service) => port(service, &backend.port.name, backend.port.number),
        };
        found.extend(broken.filter(|broken| !found.contains(broken)));
    }
    found
}

fn port(service: &Service, name: &str, number: i32) -> Option<Route> {
    // What leads to a name outside needs to declare no port.
    if service.spec.type_ == "ExternalName" || (name.is_empty() && number == 0) {
        return None;
    }
    let ports = &service.spec.ports;
    let there = ports.iter().any(|port| match name {
        "" => port.port == number,
        name => port.name == *name,
    });
    (!there).then(|| Route::NoPort {
        service: service.metadata.name.to_string(),
        wanted: match name {
            "" => number.to_string(),
            name => name.to_owned(),
        },
        has: ports
            .iter()
            .map(|port| match &*port.name {
                "" => port.port.to_string(),
                name => format!("{name} ({})", port.port),
            })
            .collect(),
    })
}

fn certificates(ingress: &Ingress, around: Routes<'_>, look: Look<'_>) -> Vec<Route> {
    let Some(known) = around.certificates else {
        return vec![];
    };
    let names = ingress
        .spec
        .tls
        .iter()
        .filter_map(|tls| tls.secret_name.as_deref());
    let broken = names.filter_map(|name| {
        let secret = name.to_owned();
        match known.get(name) {
            None => Some(Route::NoSecret { secret }),
            Some(None) => Some(Route::NoCertificate { secret }),
            Some(Some(at)) if *at <= look.now => Some(Route::Ended { secret, at: *at }),
            Some(Some(_)) => None,
        }
    });
    broken.collect()
}

impl Detail for BrokenIngress {
    const WORD: &'static str = "broken_ingress";

    fn text(&self) -> Text {
        texts::ingress(&self.ingress, &self.link)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::advice(texts::mend_ingress(&self.ingress, &self.link)))
    }
}
