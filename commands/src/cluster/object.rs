//! A workload's object, whichever of the three kinds it is. Read live it keeps the API server's own JSON beside the typed
//! form: a template that is written back must not lose fields that this build does not know.

use std::sync::Arc;

use serde_json::Value;

use super::{
    ClusterError,
    fields::{self, Changed},
    pace::{self, Pace},
    paths,
    scalings::SeenScaling,
};
use crate::{
    health::rollout::{self, Rollout},
    model::{Timestamp, Workload, WorkloadKind},
    objects::{DaemonSet, Deployment, LabelSelector, Metadata, PodTemplate, StatefulSet, TemplateParts},
    texts,
};

/// The typed object.
#[derive(Debug, Clone)]
pub enum TypedWorkload {
    /// A Deployment.
    Deployment(Arc<Deployment>),
    /// A StatefulSet.
    StatefulSet(Arc<StatefulSet>),
    /// A DaemonSet.
    DaemonSet(Arc<DaemonSet>),
}

/// A workload's object as it was read.
#[derive(Debug, Clone)]
pub struct WorkloadObject {
    cluster: String,
    object: TypedWorkload,
    raw: Option<Arc<Value>>,
    scaling: Option<Box<SeenScaling>>,
}

/// A change of the number of replicas of which the object records no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaled<'a> {
    /// Who made it.
    pub by: &'a str,
    /// The same as the watch saw it come, where it did.
    pub seen: Option<&'a SeenScaling>,
}

/// Another tool that owns the object and may undo what is done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Managed {
    /// Which.
    pub by: Tool,
    /// Its application, release or Kustomization, where the object names it.
    pub of: Option<String>,
}

/// A tool that keeps objects as its own sources say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Puts back what differs, where self-heal is on.
    ArgoCd,
    /// Puts back what differs at its next reconciliation.
    Flux,
    /// Sets its own state with the next upgrade.
    Helm,
}

impl WorkloadObject {
    /// From a live answer.
    pub(super) fn of_value(cluster: &str, kind: WorkloadKind, value: Value) -> Result<Self, ClusterError> {
        let raw = Arc::new(value);
        let unreadable = |e: serde_json::Error| ClusterError::Other {
            code: 0,
            reason: "UnreadableAnswer".to_owned(),
            message: texts::unanswered::object_unreadable(kind.singular(), &e.to_string()),
        };
        let object = match kind {
            WorkloadKind::Deployment => TypedWorkload::Deployment(Arc::new(read(&raw).map_err(unreadable)?)),
            WorkloadKind::StatefulSet => {
                TypedWorkload::StatefulSet(Arc::new(read(&raw).map_err(unreadable)?))
            }
            WorkloadKind::DaemonSet => TypedWorkload::DaemonSet(Arc::new(read(&raw).map_err(unreadable)?)),
        };
        Ok(Self {
            cluster: cluster.to_owned(),
            object,
            raw: Some(raw),
            scaling: None,
        })
    }

    /// From a cache. What it holds is trimmed: good for showing, not for holds and not for writing back.
    #[must_use]
    pub fn cached(cluster: &str, object: TypedWorkload) -> Self {
        Self {
            cluster: cluster.to_owned(),
            object,
            raw: None,
            scaling: None,
        }
    }

    /// With the last change of its number of replicas that its watch saw.
    pub(super) fn seen_scaled(self, scaling: Option<SeenScaling>) -> Self {
        Self {
            scaling: scaling.map(Box::new),
            ..self
        }
    }

    /// The Deployment, when it is one.
    #[must_use]
    pub fn deployment(&self) -> Option<&Deployment> {
        match &self.object {
            TypedWorkload::Deployment(d) => Some(d),
            _ => None,
        }
    }

    /// The StatefulSet, when it is one.
    #[must_use]
    pub fn stateful_set(&self) -> Option<&StatefulSet> {
        match &self.object {
            TypedWorkload::StatefulSet(s) => Some(s),
            _ => None,
        }
    }

    /// The DaemonSet, when it is one.
    #[must_use]
    pub fn daemon_set(&self) -> Option<&DaemonSet> {
        match &self.object {
            TypedWorkload::DaemonSet(d) => Some(d),
            _ => None,
        }
    }

    /// The whole object as the API server gave it; null when it came out of the caches.
    #[must_use]
    pub fn value(&self) -> Value {
        self.raw.as_deref().cloned().unwrap_or_default()
    }

    /// The object's metadata.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        match &self.object {
            TypedWorkload::Deployment(d) => &d.metadata,
            TypedWorkload::StatefulSet(s) => &s.metadata,
            TypedWorkload::DaemonSet(d) => &d.metadata,
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> WorkloadKind {
        match &self.object {
            TypedWorkload::Deployment(_) => WorkloadKind::Deployment,
            TypedWorkload::StatefulSet(_) => WorkloadKind::StatefulSet,
            TypedWorkload::DaemonSet(_) => WorkloadKind::DaemonSet,
        }
    }

    /// Its full name.
    #[must_use]
    pub fn workload(&self) -> Workload {
        Workload {
            cluster: self.cluster.clone(),
            namespace: self.metadata().namespace.to_string(),
            kind: self.kind(),
            name: self.name().to_owned(),
        }
    }

    /// Its name in tickets and permits: `cluster/namespace/kind/name`.
    #[must_use]
    pub fn target(&self) -> String {
        self.workload().to_string()
    }

    /// Its resource: `apps/deployments`.
    #[must_use]
    pub fn resource(&self) -> String {
        paths::resource_of(self.kind())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.metadata().name
    }

    /// Its identity: another object of the same name has another one.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.metadata().uid
    }

    /// Grows with each change of its spec (of a Deployment's annotations, too).
    #[must_use]
    pub fn generation(&self) -> i64 {
        self.metadata().generation
    }

    /// The generation that its controller has seen.
    #[must_use]
    pub fn observed_generation(&self) -> i64 {
        match &self.object {
            TypedWorkload::Deployment(d) => d.status.observed_generation,
            TypedWorkload::StatefulSet(s) => s.status.observed_generation,
            TypedWorkload::DaemonSet(d) => d.status.observed_generation,
        }
        .unwrap_or_default()
    }

    /// How many pods it shall have; `None` for a DaemonSet, whose nodes decide.
    #[must_use]
    pub fn replicas(&self) -> Option<i32> {
        match &self.object {
            TypedWorkload::Deployment(d) => Some(d.spec.replicas.unwrap_or(1)),
            TypedWorkload::StatefulSet(s) => Some(s.spec.replicas.unwrap_or(1)),
            TypedWorkload::DaemonSet(_) => None,
        }
    }

    /// How many pods it shall have, of whichever kind it is.
    #[must_use]
    pub fn desired(&self) -> i32 {
        match &self.object {
            TypedWorkload::DaemonSet(d) => d.status.desired_number_scheduled,
            _ => self.replicas().unwrap_or_default(),
        }
    }

    fn pod_template(&self) -> &PodTemplate {
        match &self.object {
            TypedWorkload::Deployment(d) => &d.spec.template,
            TypedWorkload::StatefulSet(s) => &s.spec.template,
            TypedWorkload::DaemonSet(d) => &d.spec.template,
        }
    }

    /// Its pod template as JSON, no field lost.
    #[must_use]
    pub fn template(&self) -> Value {
        self.pod_template().value()
    }

    /// What is shown of its pod template. Reads it each time.
    #[must_use]
    pub fn template_parts(&self) -> TemplateParts {
        self.pod_template().parts()
    }

    /// Container and image of each container, init containers last.
    #[must_use]
    pub fn images(&self) -> Vec<(String, String)> {
        let spec = self.template_parts().spec;
        let containers = spec.containers.iter().chain(spec.init_containers.iter());
        containers
            .map(|c| (c.name.to_string(), c.image.to_string()))
            .collect()
    }

    fn label_selector(&self) -> &LabelSelector {
        match &self.object {
            TypedWorkload::Deployment(d) => &d.spec.selector,
            TypedWorkload::StatefulSet(s) => &s.spec.selector,
            TypedWorkload::DaemonSet(d) => &d.spec.selector,
        }
    }

    /// The label selector of its pods as a query has it: `app=ceoagent-api,tier in (web)`.
    #[must_use]
    pub fn selector(&self) -> String {
        selector_text(self.label_selector())
    }

    /// Whether its rollout is paused.
    #[must_use]
    pub fn paused(&self) -> bool {
        self.deployment().is_some_and(|d| d.spec.paused)
    }

    /// The number of its current revision, where the object says it (a Deployment).
    #[must_use]
    pub fn revision(&self) -> Option<i64> {
        self.annotation("deployment.kubernetes.io/revision")?.parse().ok()
    }

    /// An annotation.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata().annotations.get(name)
    }

    fn label(&self, name: &str) -> Option<&str> {
        self.metadata().labels.get(name)
    }

    /// What its rollout may take away and add at a time.
    #[must_use]
    pub fn pace(&self) -> Pace {
        match &self.object {
            TypedWorkload::Deployment(d) => pace::pace_of_deployment(&d.spec.strategy, self.desired()),
            TypedWorkload::StatefulSet(s) => {
                pace::pace_of_stateful_set(&s.spec.update_strategy, self.desired())
            }
            TypedWorkload::DaemonSet(d) => pace::pace_of_daemon_set(&d.spec.update_strategy, self.desired()),
        }
    }

    /// The tool that owns it and may undo what is done to it.
    #[must_use]
    pub fn managed(&self) -> Option<Managed> {
        let argo = self
            .label("argocd.argoproj.io/instance")
            .or_else(|| self.annotation("argocd.argoproj.io/tracking-id"));
        if let Some(application) = argo {
            let application = application.split(':').next().unwrap_or_default();
            return Some(Managed {
                by: Tool::ArgoCd,
                of: Some(application.to_owned()),
            });
        }
        let flux = self
            .label("kustomize.toolkit.fluxcd.io/name")
            .or_else(|| self.label("helm.toolkit.fluxcd.io/name"));
        if let Some(name) = flux {
            return Some(Managed {
                by: Tool::Flux,
                of: Some(name.to_owned()),
            });
        }
        let release = self.annotation("meta.helm.sh/release-name");
        let labelled = self.label("app.kubernetes.io/managed-by") == Some("Helm");
        (release.is_some() || labelled).then(|| Managed {
            by: Tool::Helm,
            of: release.map(str::to_owned),
        })
    }

    /// Who changed its spec last, as far as its record dates that.
    #[must_use]
    pub fn last_change(&self) -> Option<Changed> {
        fields::last_change(self.metadata())
    }

    /// Whether an autoscaler may have changed its number of replicas since a moment.
    #[must_use]
    pub fn may_be_autoscaled_since(&self, since: Timestamp) -> bool {
        fields::may_be_autoscaled_since(self.metadata(), since)
    }

    /// Who set its number of replicas at a time that is not recorded, as `kubectl scale` does.
    #[must_use]
    pub fn scaled(&self) -> Option<Scaled<'_>> {
        let by = fields::scaled_by(self.metadata())?;
        let seen = self.scaling.as_deref();
        Some(Scaled {
            by,
            seen: seen.filter(|seen| seen.explains(by, self.replicas())),
        })
    }

    /// How its rollout stands.
    #[must_use]
    pub fn rollout(&self, now: Timestamp) -> Rollout {
        match &self.object {
            TypedWorkload::Deployment(d) => rollout::deployment(Some(d), now),
            TypedWorkload::StatefulSet(s) => rollout::stateful_set(Some(s), now),
            TypedWorkload::DaemonSet(d) => rollout::daemon_set(Some(d), now),
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(raw: &Value) -> Result<T, serde_json::Error> {
    T::deserialize(raw)
}

/// A label selector as a query has it.
#[must_use]
pub(super) fn selector_text(selector: &LabelSelector) -> String {
    let labels = selector
        .match_labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let expressions = selector.match_expressions.iter().map(|e| {
        let values = e.values.iter().map(|v| &**v).collect::<Vec<_>>().join(",");
        match &*e.operator {
            "In" => format!("{} in ({values})", e.key),
            "NotIn" => format!("{} notin ({values})", e.key),
            "DoesNotExist" => format!("!{}", e.key),
            _ => e.key.to_string(),
        }
    });
    labels.chain(expressions).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
#[path = "object_tests.rs"]
mod tests;
