//! Why a Service leads to nobody: the way from its selector to the ports of its pods, and who may come to them.

use super::{
    super::{buttons, contract::Context},
    case::Case,
    pods::Desk,
    roots, traffic,
};
use crate::{
    failure::Failure,
    health::{
        pod::is_ready,
        service::{endpoints, labels_text},
    },
    input::ObjectName,
    model::Text,
    objects::{EndpointSlice, Service, TargetPort},
    texts::diagnose as texts,
};

/// The case of a Service.
pub(super) async fn of_service(name: &ObjectName, cx: &Context<'_>) -> Result<Case, Failure> {
    let scope = name.scope();
    let mut desk = Desk::open(scope.clone(), cx).await?;
    let mut case = Case::new(format!("service/{}", name.name), scope.place());
    if !case.sees::<Service>(&desk.cached) {
        case.unknown = true;
        return Ok(case);
    }
    let service = desk.cached.needed::<Service>(&name.name)?;
    desk.listen().await;
    look_at(&mut case, &service, &desk);
    if case.sees::<EndpointSlice>(&desk.cached) {
        case.chain = traffic::chain(&service, &desk);
    } else {
        case.unknown = true;
    }
    let pods = traffic::pods_of(&service, &desk.cached);
    let starting = !pods.is_empty() && !pods.iter().any(|pod| is_ready(Some(pod)));
    if case.chain.is_empty() && starting {
        case.verdict = Some(line_of(&texts::on_their_way()));
    }
    let serves = pods.iter().any(|pod| is_ready(Some(pod)));
    if case.chain.is_empty() && serves {
        let isolated = roots::isolated(&mut case, &desk, &pods).await;
        case.chain.extend(isolated);
    }
    let owners = pods.iter().filter_map(|pod| desk.cached.owner_of(pod));
    if let Some(owner) = owners.into_iter().next() {
        let label = texts::button_of(&owner.short());
        case.actions.push(buttons::logs(&owner));
        case.actions.push(buttons::diagnose(&owner, label));
    }
    Ok(case)
}

/// Behind a name, with a colon.
fn line_of(words: &Text) -> Text {
    crate::line!["· ", words]
}

/// The way from its selector to the ports, as far as it was looked at.
fn look_at(case: &mut Case, service: &Service, desk: &Desk<'_>) {
    let pods = traffic::pods_of(service, &desk.cached);
    let selector = labels_text(&service.spec.selector);
    let found = match selector.is_empty() {
        true => texts::none(),
        false => texts::selects(&selector, i32::try_from(pods.len()).unwrap_or(i32::MAX)),
    };
    case.looked(texts::selector_word(), found);
    desk.look_at_pods(case, &pods);
    let slices = desk.cached.list::<EndpointSlice>();
    if case.sees::<EndpointSlice>(&desk.cached) {
        let ends = endpoints(service, slices.iter().map(AsRef::as_ref));
        case.looked(
            texts::slices_word(),
            texts::endpoints(ends.ready.len(), ends.not_ready.len()),
        );
    }
    let ports = service.spec.ports.iter().map(|port| {
        let to = match &port.target_port {
            Some(TargetPort::Name(name)) => name.to_string(),
            Some(TargetPort::Number(number)) => number.to_string(),
            None => port.port.to_string(),
        };
        texts::leads(port.port, &to)
    });
    case.looked(texts::ports_word(), Text::joined(ports, &texts::comma()));
}
