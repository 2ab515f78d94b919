//! Why an Ingress leads to nobody.

use std::{collections::HashMap, sync::Arc};

use super::{
    super::{buttons, contract::Context},
    case::{Case, Told},
    pods::Desk,
    traffic,
};
use crate::{
    cluster::Select,
    diagnosis::{self, Finding, Routes},
    failure::Failure,
    health::{certificate::pem_ends, ingress::backends},
    input::ObjectName,
    model::{Text, Timestamp},
    objects::{Certificate, EndpointSlice, Ingress, IngressClass, Service},
    texts::diagnose as texts,
};

/// The case of an Ingress.
pub(super) async fn of_ingress(name: &ObjectName, cx: &Context<'_>) -> Result<Case, Failure> {
    let scope = name.scope();
    let mut desk = Desk::open(scope.clone(), cx).await?;
    let mut case = Case::new(format!("ingress/{}", name.name), scope.place());
    if !case.sees::<Ingress>(&desk.cached) {
        case.unknown = true;
        return Ok(case);
    }
    let ingress = desk.cached.needed::<Ingress>(&name.name)?;
    desk.listen().await;
    let (classes, certificates) = around(&mut case, &ingress, &desk).await;
    let ingresses = desk.cached.list::<Ingress>();
    let services = desk.cached.list::<Service>();
    let sees = case.sees::<Service>(&desk.cached) && case.sees::<EndpointSlice>(&desk.cached);
    let routes = Routes {
        classes: classes.as_deref(),
        certificates: certificates.as_ref(),
        ingresses: &ingresses,
        services: sees.then_some(services.as_slice()),
    };
    look_at(&mut case, &ingress, routes);
    let found = diagnosis::of_ingress(&ingress, routes, desk.look());
    let led = led_to(&mut case, &ingress, &services, &desk);
    tell(&mut case, &desk, &found, led);
    if !sees && case.chain.is_empty() {
        case.unknown = true;
    }
    for service in backends(&ingress).into_iter().take(2) {
        let short = format!("service/{service}");
        let label = texts::button_of(&short);
        case.actions
            .push(buttons::diagnose(&format!("{scope}/{short}"), label));
    }
    Ok(case)
}

type Certificates = HashMap<Box<str>, Option<Timestamp>>;

/// The classes of the cluster and the ends of the certificates, read side by side; the latter only where it names some.
async fn around(
    case: &mut Case,
    ingress: &Ingress,
    desk: &Desk<'_>,
) -> (Option<Vec<IngressClass>>, Option<Certificates>) {
    let names_some = ingress.spec.tls.iter().any(|tls| tls.secret_name.is_some());
    let select = Select::fields("type=kubernetes.io/tls");
    let secrets = async {
        match names_some {
            true => Some(desk.read_some::<Certificate>(&select).await),
            false => None,
        }
    };
    let (classes, secrets) = futures::join!(desk.read::<IngressClass>(), secrets);
    let classes = classes.known(case, desk);
    let secrets = secrets.and_then(|secrets| secrets.known(case, desk));
    let ends = secrets.map(|secrets| {
        let end = |secret: Certificate| {
            let at = pem_ends(&secret.data.certificate.0);
            (secret.metadata.name, at)
        };
        secrets.into_iter().map(end).collect()
    });
    (classes, ends)
}

fn look_at(case: &mut Case, ingress: &Ingress, routes: Routes<'_>) {
    if let Some(classes) = routes.classes {
        let names: Vec<String> = classes
            .iter()
            .map(|class| class.metadata.name.to_string())
            .collect();
        let wanted = ingress.spec.ingress_class_name.as_deref().unwrap_or_default();
        case.looked(texts::ingress_classes_word(), texts::wanted_of(wanted, &names));
    }
    let hosts = ingress.spec.rules.iter().filter_map(|rule| rule.host.as_deref());
    let hosts: Vec<String> = hosts.map(str::to_owned).collect();
    case.looked(texts::hosts_word(), crate::texts::common::names(&hosts));
    if let Some(certificates) = routes.certificates {
        let secrets = ingress
            .spec
            .tls
            .iter()
            .filter_map(|tls| tls.secret_name.as_deref());
        let told = secrets.map(|name| texts::certificate(name, certificates.get(name).copied().flatten()));
        case.looked(texts::certificates_word(), Text::joined(told, &texts::comma()));
    }
}

/// Why the Services that it leads to lead to nobody, of the first of which that is known.
fn led_to(case: &mut Case, ingress: &Ingress, services: &[Arc<Service>], desk: &Desk<'_>) -> Vec<Told> {
    let names = backends(ingress);
    let mut chain = vec![];
    for service in services
        .iter()
        .filter(|service| names.contains(&*service.metadata.name))
    {
        let found = traffic::chain(service, desk);
        let state = match found.is_empty() {
            true => texts::nothing_wrong_there(),
            false => texts::leads_to_nobody(),
        };
        case.looked(texts::service_word(&service.metadata.name), state);
        if chain.is_empty() && !found.is_empty() {
            chain = found;
            let name = (&*ingress.metadata.name, &*service.metadata.name);
            let text = texts::ingress_to_service(name.0, name.1);
            if let Some(last) = chain.last() {
                let hence = Told::following(last, text);
                chain.push(hence);
            }
        }
    }
    chain
}

fn tell(case: &mut Case, desk: &Desk<'_>, found: &[Finding], led: Vec<Told>) {
    let read = || texts::objects(&["Ingress", "IngressClass", "Service"].join(", "), desk.cx.now);
    let told = |finding: &Finding| Told::of(finding, finding.text(), desk.cx.now).resting_on(read());
    match found.split_first() {
        Some((first, rest)) => {
            case.chain.push(told(first));
            case.others.extend(rest.iter().map(Finding::text));
            case.others.extend(led.into_iter().next().map(|root| root.text));
        }
        None => case.chain = led,
    }
}
