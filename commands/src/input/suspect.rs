//! What somebody suspects: whatever may be why something does not work, as it is written.

use super::{
    BadInput, Input, JobName, ObjectName, Opt, OptionSpec, OptionValue, Suggest, option::OptionKind, shorten,
};
use crate::{
    model::{Place, PodName, Scope, WorkloadName},
    texts::input as say,
};

/// One node. Written `[cluster/]node/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeName {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// The object's name.
    pub name: String,
}

/// What may be why something does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suspect {
    /// A workload, or a bare name.
    Workload(WorkloadName),
    /// A pod.
    Pod(PodName),
    /// A Job.
    Job(JobName),
    /// A CronJob.
    CronJob(ObjectName),
    /// A Service.
    Service(ObjectName),
    /// An Ingress.
    Ingress(ObjectName),
    /// A PersistentVolumeClaim.
    Claim(ObjectName),
    /// A HorizontalPodAutoscaler.
    Autoscaler(ObjectName),
    /// A node.
    Node(NodeName),
}

impl Suspect {
    /// Reads `[cluster/][namespace/][kind/]name`; a node has no namespace.
    ///
    /// # Errors
    /// When it is none of the kinds that are looked into, or no name.
    pub fn parse(text: &str, place: &Place) -> Result<Self, BadInput> {
        let named = ObjectName::parse(text, place).map_err(|bad| bad.hint(say::suspects_look_like()))?;
        let bad = |what| Err(BadInput::new(what).hint(say::suspects_look_like()));
        if let Some(workload) = named.workload() {
            return Ok(Self::Workload(workload));
        }
        Ok(match named.kind.as_deref() {
            Some("pod") => Self::Pod(PodName {
                cluster: named.cluster,
                namespace: named.namespace,
                name: named.name,
            }),
            Some("job") => Self::Job(JobName {
                cluster: named.cluster,
                namespace: named.namespace,
                name: named.name,
            }),
            Some("cronjob") => Self::CronJob(named),
            Some("service") => Self::Service(named),
            Some("ingress") => Self::Ingress(named),
            Some("persistentvolumeclaim") => Self::Claim(named),
            Some("horizontalpodautoscaler") => Self::Autoscaler(named),
            Some("node") => match text.split('/').count() {
                2 => Self::Node(NodeName {
                    cluster: named.cluster,
                    name: named.name,
                }),
                // What stands where a namespace does is its cluster.
                3 => Self::Node(NodeName {
                    cluster: named.namespace,
                    name: named.name,
                }),
                _ => return bad(say::too_many_parts_of_an_object(&shorten(text))),
            },
            kind => return bad(say::not_looked_into(&shorten(kind.unwrap_or_default()))),
        })
    }

    /// The scope that policy rules see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Workload(name) => name.scope(),
            Self::Pod(name) => name.scope(),
            Self::Job(name) => Scope::namespace(&name.cluster, &name.namespace),
            Self::CronJob(name)
            | Self::Service(name)
            | Self::Ingress(name)
            | Self::Claim(name)
            | Self::Autoscaler(name) => name.scope(),
            Self::Node(name) => Scope::cluster(&name.cluster),
        }
    }
}

impl Opt<Suspect> {
    /// Whatever may be why something does not work.
    #[must_use]
    pub const fn suspect(name: &'static str) -> Self {
        Self::new(name, OptionKind::Text).suggest(Suggest::Suspect)
    }
}

impl OptionValue for Suspect {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        let text = input.text(spec.name)?;
        text.map(|text| Self::parse(&text, input.place())).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ChannelId;

    fn place() -> Place {
        Place {
            channel: ChannelId(1),
            cluster: "prod".to_owned(),
            namespace: "shop".to_owned(),
        }
    }

    #[test]
    fn each_kind_is_read_in_its_own_place() {
        let parse = |text: &str| Suspect::parse(text, &place()).unwrap();
        assert!(matches!(parse("api"), Suspect::Workload(_)));
        assert!(matches!(parse("sts/db"), Suspect::Workload(_)));
        assert!(matches!(parse("pod/db-0"), Suspect::Pod(_)));
        assert!(matches!(parse("job/migrate"), Suspect::Job(_)));
        for (text, scope) in [
            ("service/front", "prod/shop"),
            ("svc/front", "prod/shop"),
            ("stage/other/Service/front", "stage/other"),
            ("pvc/data-0", "prod/shop"),
            ("other/ing/front", "prod/other"),
            ("hpa/api", "prod/shop"),
            ("cj/nightly", "prod/shop"),
            ("node/n1", "prod"),
            ("stage/node/n1", "stage"),
        ] {
            assert_eq!(parse(text).scope().to_string(), scope, "{text}");
        }
    }

    #[test]
    fn what_is_not_looked_into_is_refused() {
        for text in ["cm/data", "prod/shop/secret/web", "pdb/api", "namespace/shop"] {
            let bad = Suspect::parse(text, &place()).unwrap_err();
            assert!(
                bad.what.plain().contains("cannot be diagnosed"),
                "{}",
                bad.what.plain()
            );
            assert!(bad.hint.unwrap_or_default().plain().contains("service/"));
        }
        for text in ["node/a b", "a/b/c/d/e", "node/", "service/!", "prod/shop/node/n1"] {
            assert!(Suspect::parse(text, &place()).is_err(), "{text}");
        }
    }
}
