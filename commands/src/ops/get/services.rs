//! `/ceo get services`: the Services of the namespace, or those that lead to a workload, and who is behind them.

use super::super::{
    contract::{Answer, Args, Context, Query, Spec},
    listing::{self, Row},
    options,
    rights::{GET, LIST, Rbac},
};
use crate::{
    cluster::Select,
    failure::Failure,
    health::service::{endpoints, selects},
    input::{BadInput, Input},
    model::{Report, Scope, Text, Tone, WorkloadName},
    objects::{EndpointSlice, Service, ServicePort},
    policy::Verb,
    texts::get,
};

/// The command.
pub struct GetServices;

/// Its words.
pub struct GetServicesArgs {
    workload: Option<WorkloadName>,
    scope: Scope,
}

impl Args for GetServicesArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let workload = input.take(&options::ANY_WORKLOAD)?;
        let scope = workload
            .as_ref()
            .map_or_else(|| input.here(), WorkloadName::scope);
        Ok(Self { workload, scope })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

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
        .options(&[&options::ANY_WORKLOAD])
        .rbac(&[
            Rbac::on("core/services", LIST),
            Rbac::on("discovery.k8s.io/endpointslices", LIST),
            Rbac::on("apps/deployments", GET),
            Rbac::on("apps/statefulsets", GET),
            Rbac::on("apps/daemonsets", GET),
        ]);
    type Args = GetServicesArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let namespace = args.scope.namespace.as_deref().unwrap_or_default();
        let cluster = args.scope.cluster.as_str();
        let every = Select::default();
        let mut services: Vec<Service> = cx.view.list(cluster, namespace, &every).await?;
        let slices: Vec<EndpointSlice> = cx.view.list(cluster, namespace, &every).await?;
        let mut of: Option<Text> = None;
        if let Some(name) = &args.workload {
            let workload = cx.view.resolve(name).await?;
            let labels = cx
                .view
                .workload(&workload)
                .await?
                .template_parts()
                .metadata
                .labels;
            services.retain(|service| selects(service, &labels));
            of = Some(workload.short().into());
        }
        let place = args.scope.place();
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
