//! What every case is made at: the caches of a namespace, what hides its secrets, and what its pods show and say.

use std::sync::Arc;

use super::{
    super::{contract::Context, quote},
    case::{Case, Told},
};
use crate::{
    cluster::{Cached, ClusterError},
    diagnosis::{self, Certainty, Finding, Look, Said, Surroundings, Words},
    failure::Failure,
    health,
    incident::Subject,
    model::{Scope, Text},
    objects::{Event, Node, Pod, Service},
    redact::Redactor,
    texts::diagnose as texts,
};

/// Where a case is made.
pub(super) struct Desk<'a> {
    /// The request.
    pub(super) cx: &'a Context<'a>,
    /// The namespace.
    pub(super) scope: Scope,
    /// Its caches.
    pub(super) cached: Cached,
    around: Surroundings,
    quotes: Option<Arc<Redactor>>,
    /// Why nothing may be quoted, where that is so.
    deaf: Option<ClusterError>,
}

impl<'a> Desk<'a> {
    /// At a namespace whose caches are whole. Nothing of what programs say is quoted yet.
    pub(super) async fn open(scope: Scope, cx: &'a Context<'a>) -> Result<Self, Failure> {
        let namespace = scope.namespace.as_deref().unwrap_or_default();
        let cached = cx.view.cached(&scope.cluster, namespace)?;
        cached.fresh_again().await?;
        let around = quote::around(&scope, cx)?;
        Ok(Self {
            cx,
            scope,
            cached,
            around,
            quotes: None,
            deaf: None,
        })
    }

    /// From now on what programs say is quoted, if it gets known in time what of it is secret.
    pub(super) async fn listen(&mut self) {
        let namespace = self.cached.namespace();
        let redactor = self
            .cx
            .view
            .redactor(&self.scope.cluster, namespace, self.cx.redactor);
        match self.in_time(redactor).await {
            Ok(redactor) => self.quotes = Some(redactor),
            Err(why) => self.deaf = Some(why),
        }
    }

    /// How things are looked at.
    pub(super) fn look(&self) -> Look<'_> {
        quote::look(self.cx, self.quotes.as_deref()).among(&self.around)
    }

    /// What a read gives, if it comes in time.
    pub(super) async fn in_time<T>(
        &self,
        read: impl Future<Output = Result<T, ClusterError>>,
    ) -> Result<T, ClusterError> {
        let after = self.cx.timing.cluster_timeout;
        let cluster = self.scope.cluster.clone();
        let late = |_| Err(ClusterError::Timeout { cluster, after });
        tokio::time::timeout(after, read).await.unwrap_or_else(late)
    }

    /// The causes that pods show, the worst first, each with how many pods show it.
    pub(super) fn causes<'p>(&self, pods: impl IntoIterator<Item = &'p Pod>) -> Vec<(Finding, usize)> {
        let groups = diagnosis::by_state(pods, self.look()).into_iter();
        let found = groups.filter_map(|group| Some((group.finding?, group.pods.len())));
        found
            .filter(|(finding, _)| finding.certainty != Certainty::Possible)
            .collect()
    }

    /// A cause as it is told.
    pub(super) fn told(&self, finding: &Finding, pods: usize) -> Told {
        Told::of(finding, texts::in_all(&finding.line(), pods), self.cx.now)
    }

    /// What pods show, in a case: their states, the warnings about them, their nodes.
    pub(super) fn look_at_pods(&self, case: &mut Case, pods: &[Arc<Pod>]) {
        let groups = diagnosis::by_state(pods.iter().map(AsRef::as_ref), self.look());
        let states = groups
            .iter()
            .map(|group| texts::so_many(group.pods.len(), &group.status));
        let states = match groups.is_empty() {
            true => texts::none(),
            false => Text::joined(states, &texts::comma()),
        };
        case.looked(texts::pods_word(), states);
        if case.sees::<Event>(&self.cached) {
            let about = |event: &&Arc<Event>| {
                let name = &event.involved_object.name;
                pods.iter().any(|pod| pod.metadata.name == *name)
            };
            let events = self.cached.list::<Event>();
            let mut reasons: Vec<String> = events
                .iter()
                .filter(|event| event.type_ == "Warning")
                .filter(about)
                .map(|event| event.reason.to_string())
                .collect();
            reasons.sort();
            reasons.dedup();
            let said = match reasons.is_empty() {
                true => texts::none(),
                false => reasons.join(", ").into(),
            };
            case.looked(texts::events_word(), said);
        }
        let Ok(nodes) = self.cx.view.cluster_scope(&self.scope.cluster) else {
            return;
        };
        if case.sees::<Node>(&nodes) {
            let on = |node: &&Arc<Node>| pods.iter().any(|pod| *pod.spec.node_name == *node.metadata.name);
            let all = nodes.list::<Node>();
            let states = all.iter().filter(on).map(|node| health::node::state(node));
            let states: Vec<_> = states.collect();
            let wrong = states.iter().filter(|state| !state.is_well()).count();
            case.looked(texts::nodes_word(), texts::wrong_of(wrong, states.len()));
        }
    }

    /// The last words of the container that a cause is about; in them may be named who else is to blame.
    pub(super) async fn look_at_words(&self, case: &mut Case, subject: &Subject) {
        let Some(container) = &subject.container else {
            return;
        };
        let what = texts::log_word(container);
        let Some(quotes) = self.quotes.as_deref() else {
            if let Some(why) = &self.deaf {
                case.missed(texts::missed(&what, &self.cx.redactor.line(why.brief())));
            }
            return;
        };
        let said = Said {
            quotes,
            view: self.cx.view,
            now: self.cx.now,
            cluster: &self.scope.cluster,
            namespace: self.cached.namespace(),
            subject,
        };
        match self.in_time(said.words()).await {
            Ok(None) => {}
            Ok(Some(Words::Lines(lines))) => {
                case.looked(what, texts::lines(lines.len()));
                case.lines = lines;
            }
            Ok(Some(Words::None(why))) => case.looked(what, why),
            Err(why) => case.missed(texts::missed(&what, &quotes.line(why.brief()))),
        }
    }

    /// What explains the end of a container: the Service that its last words name, where that leads to nobody.
    pub(super) fn blamed(&self, case: &mut Case) -> Option<Arc<Service>> {
        if case.lines.is_empty() || !case.sees::<Service>(&self.cached) {
            return None;
        }
        let services = self.cached.list::<Service>();
        diagnosis::named_service(&case.lines, self.cached.namespace(), &services).cloned()
    }
}

/// Whether the last words of a container tell something about a cause.
pub(super) fn ends(finding: &Finding) -> bool {
    finding.problem().is_some_and(crate::incident::Problem::is_an_end)
}
