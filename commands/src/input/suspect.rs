//! What somebody suspects: whatever may be why something does not work, as it is written.

use super::{BadInput, Runnable, is_name, parse_named, shorten};
use crate::{
    model::{Place, Scope, WorkloadKind},
    texts::input as say,
};

/// One Service of one cluster. Written `[cluster/][namespace/]service/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceName {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

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
    /// A workload, a pod or a Job.
    Runnable(Runnable),
    /// A Service.
    Service(ServiceName),
    /// A node.
    Node(NodeName),
}

impl Suspect {
    /// Reads `[cluster/][namespace/][kind/]name`; a node has no namespace.
    ///
    /// # Errors
    /// When it is none of the kinds that are looked into, or no name.
    pub fn parse(text: &str, place: &Place) -> Result<Self, BadInput> {
        if let Some(service) = parse_named(text, place, &["service", "services", "svc"]) {
            return service.map(|named| {
                Self::Service(ServiceName {
                    cluster: named.cluster,
                    namespace: named.namespace,
                    name: named.name,
                })
            });
        }
        if let Some(node) = parse_node(text, place) {
            return node.map(Self::Node);
        }
        let parts: Vec<&str> = text.split('/').map(str::trim).collect();
        if let [.., kind, _] = parts.as_slice()
            && !is_runnable(kind)
        {
            let bad = BadInput::new(say::not_looked_into(&shorten(kind)));
            return Err(bad.hint(say::suspects_look_like()));
        }
        Runnable::parse(text, place).map(Self::Runnable)
    }

    /// The scope that policy rules see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Runnable(runnable) => runnable.scope(),
            Self::Service(name) => Scope::namespace(&name.cluster, &name.namespace),
            Self::Node(name) => Scope::cluster(&name.cluster),
        }
    }
}

fn is_runnable(kind: &str) -> bool {
    let word = kind.to_ascii_lowercase();
    let known = ["pod", "pods", "po", "job", "jobs"];
    WorkloadKind::parse(&word).is_some() || known.contains(&word.as_str())
}

fn parse_node(text: &str, place: &Place) -> Option<Result<NodeName, BadInput>> {
    let is_kind = |word: &str| {
        ["node", "nodes", "no"]
            .iter()
            .any(|kind| kind.eq_ignore_ascii_case(word))
    };
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let (cluster, name) = match parts.as_slice() {
        [kind, name] if is_kind(kind) => (place.cluster.as_str(), *name),
        [cluster, kind, name] if is_kind(kind) => (*cluster, *name),
        _ => return None,
    };
    for part in [name, cluster] {
        if !is_name(part) {
            let bad = BadInput::new(say::no_name(&shorten(part)));
            return Some(Err(bad.hint(say::suspects_look_like())));
        }
    }
    Some(Ok(NodeName {
        cluster: cluster.to_owned(),
        name: name.to_owned(),
    }))
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
        assert!(matches!(parse("api"), Suspect::Runnable(Runnable::Workload(_))));
        assert!(matches!(
            parse("sts/db"),
            Suspect::Runnable(Runnable::Workload(_))
        ));
        assert!(matches!(parse("pod/db-0"), Suspect::Runnable(Runnable::Pod(_))));
        assert!(matches!(
            parse("job/migrate"),
            Suspect::Runnable(Runnable::Job(_))
        ));
        for (text, scope) in [
            ("service/front", "prod/shop"),
            ("svc/front", "prod/shop"),
            ("stage/other/Service/front", "stage/other"),
            ("node/n1", "prod"),
            ("stage/node/n1", "stage"),
        ] {
            assert_eq!(parse(text).scope().to_string(), scope, "{text}");
        }
    }

    #[test]
    fn what_is_not_looked_into_is_refused() {
        for text in ["pvc/data", "prod/shop/ingress/web", "hpa/api", "namespace/shop"] {
            let bad = Suspect::parse(text, &place()).unwrap_err();
            assert!(
                bad.what.plain().contains("cannot be diagnosed"),
                "{}",
                bad.what.plain()
            );
            assert!(bad.hint.unwrap_or_default().plain().contains("service/"));
        }
        for text in ["node/a b", "a/b/c/d/e", "node/", "service/!"] {
            assert!(Suspect::parse(text, &place()).is_err(), "{text}");
        }
    }
}
