//! Which container's log: the one that was named, the only one, or the one that is not a helper of it.

use super::target::Target;
use crate::{
    cluster::{Cached, View},
    input::{BadInput, WorkloadOrPod},
    model::{Place, Text, WorkloadKind},
    objects::{Container, Pod},
    texts,
};

/// Containers that others put beside the application.
const HELPERS: [&str; 17] = [
    "cloud-sql-proxy",
    "cloudsql-proxy",
    "config-reloader",
    "consul-dataplane",
    "daprd",
    "datadog-agent",
    "envoy",
    "filebeat",
    "fluent-bit",
    "fluentd",
    "istio-proxy",
    "kuma-sidecar",
    "linkerd-proxy",
    "oauth2-proxy",
    "otc-container",
    "otel-collector",
    "vault-agent",
];

const DEFAULT: &str = "kubectl.kubernetes.io/default-container";

/// The containers of a target's pods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) app: Vec<String>,
    pub(crate) init: Vec<String>,
    /// The one that the pods name themselves.
    default: Option<String>,
}

/// The container whose log is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) name: String,
    /// The application's containers that are not shown.
    pub(crate) beside: Vec<String>,
}

impl Names {
    /// The template's and the pods', which may be of an older template.
    pub(crate) fn of(target: &Target, cached: &Cached) -> Self {
        let mut names = Self::default();
        let pods = target.pods(cached);
        let workload = match target {
            Target::Workload(workload) => Some(workload.clone()),
            Target::Pod(_) => pods.first().and_then(|pod| cached.owner_of(pod)),
        };
        let object = workload.and_then(|workload| cached.workload(&workload));
        if let Some(template) = object.map(|object| object.template_parts()) {
            names.default = template.metadata.annotations.get(DEFAULT).map(str::to_owned);
            add(&mut names.app, template.spec.containers.iter().map(name_of));
            add(&mut names.init, template.spec.init_containers.iter().map(name_of));
        }
        for pod in &pods {
            names.add_pod(pod);
        }
        names
    }

    fn add_pod(&mut self, pod: &Pod) {
        add(&mut self.app, pod.spec.containers.iter().map(name_of));
        add(&mut self.init, pod.spec.init_containers.iter().map(name_of));
        add(
            &mut self.app,
            pod.status.container_statuses.iter().map(|c| c.name.to_string()),
        );
        add(
            &mut self.init,
            pod.status
                .init_container_statuses
                .iter()
                .map(|c| c.name.to_string()),
        );
    }

    /// All of them, the application's first.
    pub(crate) fn all(self) -> Vec<String> {
        self.app.into_iter().chain(self.init).collect()
    }

    /// The container that is meant.
    ///
    /// # Errors
    /// When there is no such one, or several could be: the hint names them.
    pub(crate) fn choose(&self, wanted: Option<&str>, whose: &str) -> Result<Chosen, BadInput> {
        let chosen = |name: &str| Chosen {
            name: name.to_owned(),
            beside: self.app.iter().filter(|other| *other != name).cloned().collect(),
        };
        if let Some(wanted) = wanted {
            // Nothing is known of pods that are not scheduled yet: then the cluster decides.
            let unknown = self.app.is_empty() && self.init.is_empty();
            if unknown || self.app.iter().chain(&self.init).any(|name| name == wanted) {
                return Ok(chosen(wanted));
            }
            return Err(BadInput::new(texts::logs::no_such_container(whose, wanted)).hint(self.hint()));
        }
        if let Some(default) = self.default.as_ref().filter(|d| self.app.contains(d)) {
            return Ok(chosen(default));
        }
        let own: Vec<&String> = self
            .app
            .iter()
            .filter(|name| !HELPERS.contains(&name.as_str()))
            .collect();
        match (self.app.as_slice(), own.as_slice()) {
            ([only], _) => Ok(chosen(only)),
            (_, [own]) => Ok(chosen(own)),
            _ => Err(BadInput::new(texts::logs::which_container(whose, self.app.len())).hint(self.hint())),
        }
    }

    fn hint(&self) -> Text {
        texts::logs::containers_to_choose_from(&self.app, &self.init)
    }
}

fn name_of(container: &Container) -> String {
    container.name.to_string()
}

fn add(names: &mut Vec<String>, more: impl IntoIterator<Item = String>) {
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

/// The containers of a half-typed workload or pod, as the watches know them: for completion.
pub(crate) fn containers(view: &View, text: &str, place: &Place) -> Vec<String> {
    let Ok(asked) = WorkloadOrPod::parse(text, place) else {
        return Vec::new();
    };
    let scope = asked.scope();
    let Ok(cached) = view.cached(&scope.cluster, scope.namespace.as_deref().unwrap_or_default()) else {
        return Vec::new();
    };
    let target = match asked {
        WorkloadOrPod::Pod(pod) => Target::Pod(pod),
        WorkloadOrPod::Workload(name) => {
            let mut known = WorkloadKind::ALL
                .into_iter()
                .filter(|kind| name.kind.is_none_or(|wanted| wanted == *kind))
                .map(|kind| name.of_kind(kind))
                .filter(|workload| cached.workload(workload).is_some());
            match known.next() {
                Some(workload) => Target::Workload(workload),
                None => return Vec::new(),
            }
        }
    };
    Names::of(&target, &cached).all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(app: &[&str], init: &[&str], default: Option<&str>) -> Names {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Names {
            app: owned(app),
            init: owned(init),
            default: default.map(str::to_owned),
        }
    }

    #[test]
    fn the_container_that_is_meant() {
        for (app, wanted, default, chosen) in [
            (vec!["api"], None, None, "api"),
            (vec!["istio-proxy", "api"], None, None, "api"),
            (vec!["istio-proxy"], None, None, "istio-proxy"),
            (vec!["api", "sidecar"], None, Some("sidecar"), "sidecar"),
            (vec!["api", "sidecar"], Some("api"), Some("sidecar"), "api"),
            (vec!["api"], Some("migrate"), None, "migrate"),
        ] {
            let found = names(&app, &["migrate"], default)
                .choose(wanted, "deployment/x")
                .unwrap();
            assert_eq!(found.name, chosen, "{app:?}");
        }
    }

    #[test]
    fn several_are_named_and_an_unknown_one_too() {
        let all = names(&["api", "sidecar"], &["migrate"], None);
        let error = all.choose(None, "deployment/x").unwrap_err();
        assert_eq!(error.what.plain(), "deployment/x has 2 containers; say which one");
        assert_eq!(
            error.hint.unwrap().plain(),
            "Add container:api or container:sidecar; of the init containers container:migrate."
        );
        let error = all.choose(Some("zzz"), "deployment/x").unwrap_err();
        assert_eq!(error.what.plain(), "deployment/x has no container zzz");
    }
}
