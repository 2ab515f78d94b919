//! The name of an object of any kind, as somebody wrote it.

use super::{BadInput, Input, Opt, OptionSpec, OptionValue, Suggest, is_name, option::OptionKind, shorten};
use crate::{
    model::{Place, Scope, WorkloadKind, WorkloadName},
    texts::input as say,
};

/// Words for kinds that are neither the kind itself nor its plural, as kubectl takes them.
const SHORT: [(&str, &str); 16] = [
    ("po", "pod"),
    ("deploy", "deployment"),
    ("sts", "statefulset"),
    ("ds", "daemonset"),
    ("rs", "replicaset"),
    ("svc", "service"),
    ("ing", "ingress"),
    ("ingresses", "ingress"),
    ("no", "node"),
    ("cm", "configmap"),
    ("cj", "cronjob"),
    ("pvc", "persistentvolumeclaim"),
    ("hpa", "horizontalpodautoscaler"),
    ("quota", "resourcequota"),
    ("limits", "limitrange"),
    ("pdb", "poddisruptionbudget"),
];

/// An object of any kind. Written `[cluster/][namespace/][kind/]name`; without a kind it is a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    /// The cluster's name in the settings.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The kind in lower case and in the singular, where it was said: `deployment`.
    pub kind: Option<String>,
    /// The object's name.
    pub name: String,
}

impl ObjectName {
    /// Reads `[cluster/][namespace/][kind/]name`.
    ///
    /// # Errors
    /// When a part is no name.
    pub fn parse(text: &str, place: &Place) -> Result<Self, BadInput> {
        let parts: Vec<&str> = text.split('/').map(str::trim).collect();
        let bad = |what| BadInput::new(what).hint(say::objects_look_like());
        let (cluster, namespace, kind, name) = match parts.as_slice() {
            [name] => (None, None, None, *name),
            [kind, name] => (None, None, Some(*kind), *name),
            [ns, kind, name] => (None, Some(*ns), Some(*kind), *name),
            [cluster, ns, kind, name] => (Some(*cluster), Some(*ns), Some(*kind), *name),
            _ => return Err(bad(say::too_many_parts_of_an_object(&shorten(text)))),
        };
        for part in [Some(name), kind, namespace, cluster].into_iter().flatten() {
            if !is_name(part) {
                return Err(bad(say::no_name(&shorten(part))));
            }
        }
        Ok(Self {
            cluster: cluster.unwrap_or(&place.cluster).to_owned(),
            namespace: namespace.unwrap_or(&place.namespace).to_owned(),
            kind: kind.map(kind_of),
            name: name.to_owned(),
        })
    }

    /// The scope that policy rules see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::namespace(&self.cluster, &self.namespace)
    }

    /// As a workload, where it can be one.
    #[must_use]
    pub fn workload(&self) -> Option<WorkloadName> {
        let kind = match &self.kind {
            None => None,
            Some(kind) => Some(WorkloadKind::parse(kind)?),
        };
        Some(WorkloadName {
            cluster: self.cluster.clone(),
            namespace: self.namespace.clone(),
            kind,
            name: self.name.clone(),
        })
    }

    /// As kubectl writes it: `pod/x`.
    #[must_use]
    pub fn short(&self) -> String {
        match &self.kind {
            Some(kind) => format!("{kind}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// The kind of a word, in lower case and in the singular.
fn kind_of(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    if let Some((_, kind)) = SHORT.iter().find(|(short, _)| *short == word) {
        return (*kind).to_owned();
    }
    let plural = word.strip_suffix('s').filter(|stem| !stem.ends_with('s'));
    plural.map_or_else(|| word.clone(), str::to_owned)
}

impl Opt<ObjectName> {
    /// An object of any kind; workloads and pods complete it.
    #[must_use]
    pub const fn object(name: &'static str) -> Self {
        Self::new(name, OptionKind::Text).suggest(Suggest::WorkloadOrPod)
    }
}

impl OptionValue for ObjectName {
    fn read(spec: &OptionSpec, input: &mut Input) -> Result<Option<Self>, BadInput> {
        let text = input.text(spec.name)?;
        text.map(|text| Self::parse(&text, input.place())).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ChannelId;

    #[test]
    fn objects_are_read_as_kubectl_writes_them() {
        let place = Place {
            channel: ChannelId(1),
            cluster: "prod".to_owned(),
            namespace: "shop".to_owned(),
        };
        for (text, short, namespace) in [
            ("api", "api", "shop"),
            ("deploy/api", "deployment/api", "shop"),
            ("Pods/api-1", "pod/api-1", "shop"),
            ("ing/front", "ingress/front", "shop"),
            ("ingresses/front", "ingress/front", "shop"),
            ("ingress/front", "ingress/front", "shop"),
            ("pvc/data-0", "persistentvolumeclaim/data-0", "shop"),
            ("other/certificates/front", "certificate/front", "other"),
            ("prod/other/svc/front", "service/front", "other"),
        ] {
            let read = ObjectName::parse(text, &place).unwrap();
            assert_eq!(
                (read.short().as_str(), read.namespace.as_str()),
                (short, namespace),
                "{text}"
            );
        }
        for text in ["", "/", "pod/", "a/b/c/d/e", "pod/x y"] {
            assert!(ObjectName::parse(text, &place).is_err(), "{text}");
        }
        let bare = ObjectName::parse("api", &place).unwrap();
        assert_eq!(bare.workload().and_then(|name| name.kind), None);
        assert!(ObjectName::parse("svc/api", &place).unwrap().workload().is_none());
    }
}
