//! `/ceo get hpa`: what the autoscalers measure and want, those that cannot scale or would want more first.

use std::sync::Arc;

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{List, Row},
        options, quote,
        rights::{self, LIST, Rbac},
    },
    family::{Family, Whose, known},
};
use crate::{
    failure::Failure,
    health::hpa,
    model::Text,
    objects::HorizontalPodAutoscaler,
    policy::Verb,
    redact::Redactor,
    texts::get::{self, hpa as say},
};

/// The command.
pub struct GetHpa;

impl Query for GetHpa {
    const SPEC: Spec = Spec::new("get hpa", Verb::Read)
        .stands_for(&["kubectl get hpa"])
        .about(say::summary)
        .options(&[&options::FOR])
        .rbac(&[Rbac::on("autoscaling/horizontalpodautoscalers", LIST)])
        .also(&rights::ONE);
    type Args = Whose;

    async fn answer(&self, whose: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = whose.scope();
        let family = Family::asked(
            &whose,
            &["deployment", "statefulset", "horizontalpodautoscaler"],
            say::NOUN.many,
            cx,
        )
        .await?;
        let mut scalers: Vec<Arc<HorizontalPodAutoscaler>> = known(&scope, cx).await?;
        if let Some(family) = &family {
            scalers.retain(|hpa| {
                let target = &hpa.spec.scale_target_ref;
                family.is(&target.kind, &target.name)
                    || family.is("horizontalpodautoscaler", &hpa.metadata.name)
            });
        }
        let said = scalers.iter().any(|hpa| hpa::state(hpa).problem.is_some());
        let redactor = quote::redactor(&scope, said, cx).await;
        Ok(List {
            what: say::NOUN,
            of: Family::called(family.as_ref()),
            heads: vec![get::name(), say::of(), say::replicas(), say::metrics()],
            rows: scalers.iter().map(|hpa| row(hpa, redactor.as_deref())).collect(),
            notes: vec![],
        }
        .answer(&scope))
    }
}

fn row(hpa: &HorizontalPodAutoscaler, redactor: Option<&Redactor>) -> Row {
    let state = hpa::state(hpa);
    let target = &hpa.spec.scale_target_ref;
    let metrics = if state.metrics.is_empty() && !hpa.spec.metrics.is_empty() {
        say::other_metrics()
    } else {
        Text::joined(state.metrics, &say::comma())
    };
    let trouble = match &state.problem {
        Some(words) => {
            let quoted = redactor.map(|redactor| redactor.quote_in_a_line(words));
            Some(say::cannot(&quoted.unwrap_or_default()))
        }
        None => state.at_max.then(|| say::at_maximum(state.max)),
    };
    let cells = vec![
        format!("{}/{}", target.kind.to_lowercase(), target.name).into(),
        say::pods(state.current, state.min, state.max),
        metrics,
    ];
    Row::new(state.name, cells).because(trouble)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(status: &Value) -> (String, Option<String>) {
        let hpa: HorizontalPodAutoscaler = serde_json::from_value(json!({ "metadata": { "name": "h" }, "status": status,
            "spec": { "minReplicas": 2, "maxReplicas": 10, "scaleTargetRef": { "kind": "Deployment", "name": "api" },
                "metrics": [ { "type": "Resource", "resource": { "name": "cpu",
                    "target": { "type": "Utilization", "averageUtilization": 70 } } } ] } }))
        .unwrap();
        let row = row(&hpa, Some(&Redactor::default()));
        let cells: Vec<String> = row.cells.iter().map(Text::plain).collect();
        (cells.join("|"), row.trouble.map(|t| t.plain()))
    }

    #[test]
    fn an_autoscaler_without_metrics_and_one_at_its_maximum_are_told() {
        // 06-scale: hpa-without-metrics
        let (cells, trouble) = told(
            &json!({ "currentReplicas": 5, "desiredReplicas": 0, "conditions": [
            { "type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": "no metrics" } ] }),
        );
        assert_eq!(cells, "deployment/api|5 (2 to 10)|CPU unknown of 70 %");
        assert_eq!(trouble.as_deref(), Some("it cannot scale now: no metrics"));
        let (_, trouble) = told(&json!({ "currentReplicas": 10, "desiredReplicas": 10 }));
        assert_eq!(trouble.as_deref(), Some("at its maximum of 10"));
        let (cells, trouble) = told(
            &json!({ "currentReplicas": 3, "desiredReplicas": 3, "currentMetrics": [
            { "type": "Resource", "resource": { "name": "cpu", "current": { "averageUtilization": 41 } } } ] }),
        );
        assert_eq!(
            (cells.as_str(), trouble),
            ("deployment/api|3 (2 to 10)|CPU 41 % of 70 %", None)
        );
    }
}
