//! How the name of an object is written, in full or as short as the channel allows, and whether somebody is typing it.

use crate::model::{Place, Scope, WorkloadKind};

/// Levels of the full notation: `cluster/namespace/kind/name`.
const CLUSTER: usize = 0;
const NAMESPACE: usize = 1;
const KIND: usize = 2;
const NAME: usize = 3;

/// A half-typed name. All its parts but the last are whole.
pub(super) struct Typed<'a> {
    parts: Vec<String>,
    place: &'a Place,
}

/// The kind of an object that is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A workload.
    Workload(WorkloadKind),
    /// A pod.
    Pod,
    /// A Job.
    Job,
    /// A Service.
    Service,
    /// An Ingress.
    Ingress,
    /// A HorizontalPodAutoscaler.
    Autoscaler,
}

impl Kind {
    /// As it is written.
    fn word(self) -> &'static str {
        match self {
            Self::Workload(kind) => kind.singular(),
            Self::Pod => "pod",
            Self::Job => "job",
            Self::Service => "service",
            Self::Ingress => "ingress",
            Self::Autoscaler => "hpa",
        }
    }

    /// Whether a word means it: it has several.
    fn is(self, word: &str) -> bool {
        match self {
            Self::Workload(kind) => WorkloadKind::parse(word) == Some(kind),
            Self::Pod => matches!(word, "pod" | "pods" | "po"),
            Self::Job => matches!(word, "job" | "jobs"),
            Self::Service => matches!(word, "service" | "services" | "svc"),
            Self::Ingress => matches!(word, "ingress" | "ingresses" | "ing"),
            Self::Autoscaler => matches!(
                word,
                "hpa" | "horizontalpodautoscaler" | "horizontalpodautoscalers"
            ),
        }
    }
}

/// An object, by the parts of its full notation.
#[derive(Clone, Copy)]
struct Object<'a> {
    cluster: &'a str,
    namespace: &'a str,
    kind: Kind,
    name: &'a str,
}

impl<'a> Typed<'a> {
    pub(super) fn new(text: &str, place: &'a Place) -> Self {
        let parts = text.split('/').map(|part| part.trim().to_lowercase());
        Self {
            parts: parts.collect(),
            place,
        }
    }

    /// Of objects of one kind in one namespace those that are being typed, as they are to be written, at most so many that
    /// begin as typed and so many that only contain it: whether it only contains it, how many parts it has, and the value.
    pub(super) fn spellings(
        &self,
        scope: &Scope,
        kind: Kind,
        names: &mut dyn Iterator<Item = &str>,
        most: usize,
    ) -> Vec<(bool, usize, String)> {
        let (mut begin, mut contain) = (Vec::new(), Vec::new());
        for name in names {
            if begin.len() == most {
                break;
            }
            let object = Object {
                cluster: &scope.cluster,
                namespace: scope.namespace.as_deref().unwrap_or_default(),
                kind,
                name,
            };
            let shortest = object.shortest(self.place);
            if let Some(level) = self.begins(object) {
                let level = level.min(shortest);
                begin.push((false, NAME - level, object.written(level)));
            } else if contain.len() < most && self.is_within(object) {
                contain.push((true, NAME - shortest, object.written(shortest)));
            }
        }
        begin.append(&mut contain);
        begin
    }

    /// From which level on the object is written so far, when it begins so.
    fn begins(&self, object: Object<'_>) -> Option<usize> {
        let (last, whole) = self.parts.split_last()?;
        let mut levels = (CLUSTER..=NAME).rev().filter(|level| level + whole.len() <= NAME);
        levels.find(|level| {
            let mut parts = whole.iter().enumerate();
            parts.all(|(n, part)| object.is(level + n, part)) && object.starts(level + whole.len(), last)
        })
    }

    /// Whether the name contains what is typed, where that is one part.
    fn is_within(&self, object: Object<'_>) -> bool {
        match self.parts.as_slice() {
            [part] => object.name.to_lowercase().contains(part),
            _ => false,
        }
    }
}

impl Object<'_> {
    fn part(&self, level: usize) -> &str {
        match level {
            CLUSTER => self.cluster,
            NAMESPACE => self.namespace,
            KIND => self.kind.word(),
            _ => self.name,
        }
    }

    /// Whether a word is the part of a level; a kind has several.
    fn is(&self, level: usize, word: &str) -> bool {
        match level {
            KIND => self.kind.is(word),
            _ => self.part(level).eq_ignore_ascii_case(word),
        }
    }

    /// Whether the part of a level may become what is begun.
    fn starts(&self, level: usize, begun: &str) -> bool {
        self.part(level).to_lowercase().starts_with(begun) || (level == KIND && self.is(level, begun))
    }

    /// The level from which on it must be written in a channel.
    fn shortest(&self, place: &Place) -> usize {
        if self.cluster != place.cluster {
            CLUSTER
        } else if self.namespace != place.namespace {
            NAMESPACE
        } else {
            KIND
        }
    }

    fn written(&self, level: usize) -> String {
        let parts: Vec<&str> = (level..=NAME).map(|level| self.part(level)).collect();
        parts.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ChannelId;

    /// What is offered in a channel of `prod/ceoagent` for a text, of one Deployment.
    fn offered(text: &str, at: (&str, &str), name: &str) -> Option<String> {
        let place = Place {
            channel: ChannelId(1),
            cluster: "prod".to_owned(),
            namespace: "ceoagent".to_owned(),
        };
        let typed = Typed::new(text, &place);
        let scope = Scope::namespace(at.0, at.1);
        let kind = Kind::Workload(WorkloadKind::Deployment);
        let mut found = typed.spellings(&scope, kind, &mut [name].into_iter(), 25);
        found.pop().map(|(_, _, value)| value)
    }

    #[test]
    fn a_name_is_completed_part_by_part_in_every_notation() {
        for (text, value) in [
            ("", "deployment/api"),
            ("ap", "deployment/api"),
            ("pi", "deployment/api"),
            ("dep", "deployment/api"),
            ("deploy/", "deployment/api"),
            ("Deployments/A", "deployment/api"),
            ("prod", "prod/ceoagent/deployment/api"),
            ("prod/", "prod/ceoagent/deployment/api"),
            ("prod/ceo", "prod/ceoagent/deployment/api"),
            ("prod/ceoagent/dep", "prod/ceoagent/deployment/api"),
            ("prod/ceoagent/deploy/a", "prod/ceoagent/deployment/api"),
            ("ceoagent/", "ceoagent/deployment/api"),
            ("ceoagent/deployment/ap", "ceoagent/deployment/api"),
        ] {
            let found = offered(text, ("prod", "ceoagent"), "api");
            assert_eq!(found.as_deref(), Some(value), "{text}");
        }
        for text in [
            "prod/other",
            "stage/",
            "sts/",
            "prod/ceoagent/sts",
            "x",
            "deployment/pi",
            "a/b/c/d/e",
        ] {
            assert_eq!(offered(text, ("prod", "ceoagent"), "api"), None, "{text}");
        }
    }

    #[test]
    fn what_is_elsewhere_is_written_so_that_it_is_found() {
        assert_eq!(
            offered("ap", ("prod", "other"), "api").as_deref(),
            Some("other/deployment/api")
        );
        assert_eq!(
            offered("ap", ("stage", "ceoagent"), "api").as_deref(),
            Some("stage/ceoagent/deployment/api")
        );
    }

    #[test]
    fn no_more_are_kept_than_are_shown() {
        let place = Place {
            channel: ChannelId(1),
            cluster: "prod".to_owned(),
            namespace: "ceoagent".to_owned(),
        };
        let names: Vec<String> = (0..10_000).map(|n| format!("api-{n:05}")).collect();
        let mut names = names.iter().map(String::as_str);
        let scope = Scope::namespace("prod", "ceoagent");
        let found = Typed::new("", &place).spellings(&scope, Kind::Pod, &mut names, 25);
        assert_eq!(found.len(), 25);
        assert_eq!(found[0].2, "pod/api-00000");
    }
}
