//! `/ceo get quotas`: what the quotas of the namespace allow and what of that is used, and what its LimitRanges fill in.

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{self, List, Row},
        rights::{LIST, Rbac},
    },
    family::MOST,
};
use crate::{
    cluster::Select,
    failure::Failure,
    health::{
        quantity::written,
        quota::{self, Used},
    },
    input::{BadInput, Input},
    model::{Scope, Text},
    objects::{LimitRange, LimitRangeItem, ResourceQuota},
    policy::Verb,
    texts::get::quotas as say,
};

/// The command.
pub struct GetQuotas;

/// Its words: none. Quotas are of the namespace.
pub struct GetQuotasArgs(Scope);

impl Args for GetQuotasArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self(input.here()))
    }

    fn scope(&self) -> Scope {
        self.0.clone()
    }
}

impl Query for GetQuotas {
    const SPEC: Spec = Spec::new("get quotas", Verb::Read)
        .stands_for(&["kubectl get resourcequota", "kubectl get quota"])
        .about(say::summary)
        .rbac(&[
            Rbac::on("core/resourcequotas", LIST),
            Rbac::on("core/limitranges", LIST),
        ]);
    type Args = GetQuotasArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = args.0;
        let select = Select::default().at_most(MOST);
        let quotas: Vec<ResourceQuota> = cx.view.list_in(&scope, &select).await?;
        let ranges: Vec<LimitRange> = cx.view.list_in(&scope, &select).await?;
        let mut rows = rows_of_quotas(&quotas);
        let used_up = quotas.iter().flat_map(quota::used).filter(is_refused).count();
        let title = say::title(quotas.len(), ranges.len(), used_up);
        listing::worst_first(&mut rows);
        rows.sort_by_key(|row| row.under.as_ref().map(Text::plain));
        rows.extend(ranges.iter().flat_map(rows_of_range));
        let list = List {
            what: say::NOUN,
            of: None,
            heads: vec![say::resource(), say::used(), say::allowed()],
            rows,
            notes: vec![],
        };
        Ok(list.titled(&title, &scope))
    }
}

/// What is forbidden altogether is somebody's wish.
fn is_refused(used: &Used) -> bool {
    used.is_used_up() && used.hard > 0.0
}

fn rows_of_quotas(quotas: &[ResourceQuota]) -> Vec<Row> {
    let of_quota = |quota: &ResourceQuota| {
        let heading = format!("quota/{}", quota.metadata.name);
        let used = quota::used(quota).into_iter();
        used.map(move |used| row(&used).below(heading.as_str()))
            .collect::<Vec<_>>()
    };
    quotas.iter().flat_map(of_quota).collect()
}

fn row(used: &Used) -> Row {
    let write = |value| written(&used.resource, value);
    let trouble = match used {
        used if is_refused(used) => Some(say::used_up(&write(used.used), &write(used.hard))),
        used if used.is_nearly_used_up() => Some(say::nearly(used.percent())),
        _ => None,
    };
    let share = format!("{} ({} %)", write(used.used), used.percent());
    Row::new(&used.resource, vec![share.into(), write(used.hard).into()]).because(trouble)
}

/// What a LimitRange says, a row for each resource of each type of thing.
fn rows_of_range(range: &LimitRange) -> Vec<Row> {
    let of_item = |item: &LimitRangeItem| {
        let heading = say::range(&range.metadata.name, &item.type_);
        let maps = [&item.default_request, &item.default, &item.min, &item.max];
        let mut resources: Vec<&str> = maps
            .iter()
            .flat_map(|map| map.iter().map(|(name, _)| name))
            .collect();
        resources.sort_unstable();
        resources.dedup();
        let row = |resource: &str| {
            let bounds = say::bounds(
                item.default_request.get(resource),
                item.default.get(resource),
                item.min.get(resource),
                item.max.get(resource),
            );
            Row::new(resource, vec![Text::default(), bounds]).below(heading.clone())
        };
        resources.into_iter().map(row).collect::<Vec<_>>()
    };
    range.spec.limits.iter().flat_map(of_item).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_at_its_limit_is_told_and_what_is_forbidden_is_not() {
        let quota: ResourceQuota = serde_json::from_value(json!({ "metadata": { "name": "q" }, "status": {
            "hard": { "pods": "4", "services.loadbalancers": "0", "requests.memory": "1Gi" },
            "used": { "pods": "4", "services.loadbalancers": "0", "requests.memory": "960Mi" } } }))
        .unwrap();
        let told: Vec<String> = rows_of_quotas(&[quota])
            .iter()
            .map(|row| {
                let cells: Vec<String> = row.cells.iter().map(Text::plain).collect();
                let trouble = row.trouble.as_ref().map(Text::plain).unwrap_or_default();
                format!("{} {} {trouble}", row.name, cells.join(" of "))
            })
            .collect();
        assert_eq!(
            told,
            [
                "pods 4 (100 %) of 4 used up: 4 of 4",
                "requests.memory 960Mi (93 %) of 1Gi 93 % used",
                "services.loadbalancers 0 (100 %) of 0 ",
            ]
        );
    }

    #[test]
    fn a_limit_range_is_told_by_what_it_fills_in() {
        let range: LimitRange =
            serde_json::from_value(json!({ "metadata": { "name": "l" }, "spec": { "limits": [
            { "type": "Container", "default": { "cpu": "500m" }, "defaultRequest": { "cpu": "100m" },
              "max": { "memory": "2Gi" } } ] } }))
            .unwrap();
        let rows = rows_of_range(&range);
        let told: Vec<String> = rows
            .iter()
            .map(|row| format!("{} {}", row.name, row.cells[1].plain()))
            .collect();
        assert_eq!(told, ["cpu request 100m, limit 500m", "memory max 2Gi"]);
    }
}
