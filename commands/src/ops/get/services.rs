//! `/ceo get services`: the Services of the namespace, or those that lead to a workload, and who is behind them.

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{self, Row},
        options,
        rights::{self, LIST, Rbac},
    },
    family::{Family, Whose},
};
use crate::{
    cluster::Select,
    failure::Failure,
    health::service::{endpoints, selects},
    model::{Report, Tone},
    objects::{EndpointSlice, Service, ServicePort},
    policy::Verb,
    texts::get,
};

/// What Services lead to, and themselves.
const KINDS: [&str; 5] = ["deployment", "statefulset", "daemonset", "pod", "service"];

/// The command.
pub struct GetServices;

impl Query for GetServices {
    const SPEC: Spec = Spec::new("get services", Verb::Read)
        .stands_for(&[
            "kubectl get svc",
            "kubectl get service",
            "kubectl get services",
            "kubectl get endpoints",
            "kubectl get endpointslices",
        ])
        .about(get::services::summary)
        .options(&[&options::FOR])
        .rbac(&[
            Rbac::on("core/services", LIST),
            Rbac::on("discovery.k8s.io/endpointslices", LIST),
        ])
        .also(&rights::ONE);
    type Args = Whose;

    async fn answer(&self, whose: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = whose.scope();
        let family = Family::asked(&whose, &KINDS, "Services", cx).await?;
        let every = Select::default();
        let mut services: Vec<Service> = cx.view.list_in(&scope, &every).await?;
        let slices: Vec<EndpointSlice> = cx.view.list_in(&scope, &every).await?;
        if let Some(family) = &family {
            let labels = family.labels();
            services.retain(|service| {
                let leads = labels.iter().any(|labels| selects(service, labels));
                leads || family.is("service", &service.metadata.name)
            });
            if services.is_empty() {
                family.must_be()?;
            }
        }
        let of = Family::called(family.as_ref());
        let place = scope.place();
        if services.is_empty() {
            return Ok(Report::new(Tone::Off, get::services::none(of.as_ref()))
                .at(place)
                .into());
        }
        let mut rows: Vec<Row> = services.iter().map(|service| row(service, &slices)).collect();
        listing::worst_first(&mut rows);
        let title = get::services::title(rows.len(), of.as_ref(), listing::wrong(&rows));
        let heads = [
            get::name(),
            get::services::ports(),
            get::services::endpoints(),
            get::services::address(),
        ];
        Ok(listing::pages(&title, &place, &heads, &rows))
    }
}

fn row(service: &Service, slices: &[EndpointSlice]) -> Row {
    let behind = endpoints(service, slices);
    let ports: Vec<String> = service.spec.ports.iter().map(port).collect();
    let ends = format!("{}/{}", behind.ready.len(), behind.not_ready.len());
    let address = format!("{} {}", service.spec.type_, service.spec.cluster_ip);
    Row {
        name: service.metadata.name.to_string(),
        label: service.metadata.name.to_string(),
        under: None,
        cells: vec![ports.join(",").into(), ends.into(), address.into()],
        trouble: behind.problem(service),
    }
}

/// `80/TCP`, or with the port of the nodes `80:30080/TCP`, as kubectl writes it.
fn port(port: &ServicePort) -> String {
    let protocol = &port.protocol;
    match port.node_port {
        Some(node) => format!("{}:{node}/{protocol}", port.port),
        None => format!("{}/{protocol}", port.port),
    }
}
