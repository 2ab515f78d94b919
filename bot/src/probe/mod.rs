//! Asks the service how it is, as its users do: the health targets of the settings, by their address or through the API
//! server, now and then and whenever somebody wants to know.

mod lately;
mod web;

use std::{collections::HashMap, sync::Arc, time::Duration};

use ceo_commands::{
    cluster::{Passed, View},
    model::Text,
    ports::{
        Clock,
        probe::{Outcome, Probed, Probes, Target, Way},
    },
};
use futures::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;

use self::{lately::Memory, web::Web};
use crate::settings::Probe;

/// How targets are asked.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long one question may take.
    pub within: Duration,
    /// How often the targets are asked while nobody wants to know.
    pub every: Duration,
}

/// Asks the targets.
pub struct Prober {
    targets: Vec<Target>,
    /// What asks those by their addresses that the API server passes no questions on to, by their names.
    webs: HashMap<String, Web>,
    view: View,
    clock: Arc<dyn Clock>,
    memory: Memory,
    pace: Pace,
}

impl Prober {
    /// Asks nobody yet.
    ///
    /// # Errors
    /// When a root certificate is none.
    pub fn new(
        configured: Vec<Probe>,
        pace: Pace,
        view: View,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let (mut targets, mut webs) = (Vec::new(), HashMap::new());
        for Probe { target, ca } in configured {
            if matches!(target.way, Way::Url(_)) {
                webs.insert(target.name.clone(), Web::new(pace.within, ca.as_deref())?);
            }
            targets.push(target);
        }
        Ok(Self {
            targets,
            webs,
            view,
            clock,
            memory: Memory::default(),
            pace,
        })
    }

    /// Asks all targets again and again, so that there is something to compare with when somebody looks.
    pub async fn run(&self, cancel: CancellationToken) {
        loop {
            tokio::select! {
                _ = join_all(self.targets.iter().map(|target| self.probe(target))) => {}
                () = cancel.cancelled() => return,
            }
            tokio::select! {
                () = tokio::time::sleep(self.pace.every) => {}
                () = cancel.cancelled() => return,
            }
        }
    }

    async fn ask(&self, target: &Target, path: &str) -> Probed {
        let at = self.clock.now();
        let began = tokio::time::Instant::now();
        let asked = match self.webs.get(&target.name) {
            Some(web) => web.ask(&format!("{}{path}", target.way.address())).await,
            None => self.through_the_cluster(target, path).await.into(),
        };
        let took = began.elapsed();
        let answered = matches!(asked.outcome, Outcome::Answered { .. }).then_some(took);
        let key = format!("{}{path}", target.name);
        Probed {
            path: path.to_owned(),
            took,
            certificate_ends: asked.certificate_ends,
            lately: self.memory.add(key, at, answered, asked.outcome.is_well()),
            outcome: asked.outcome,
        }
    }

    async fn through_the_cluster(&self, target: &Target, path: &str) -> Outcome {
        let (cluster, namespace) = (
            &target.scope.cluster,
            target.scope.namespace.as_deref().unwrap_or_default(),
        );
        let passed = self
            .view
            .through_service(cluster, namespace, target.way.address(), path);
        match passed.await {
            Ok(Passed::Answered { status, body }) => Outcome::Answered {
                status,
                begins: String::from_utf8_lossy(&body).into_owned(),
            },
            Ok(Passed::NotPassed(words)) => Outcome::None(Text::from(words)),
            Err(error) => Outcome::None(error.in_a_line()),
        }
    }
}

impl Probes for Prober {
    fn targets(&self) -> &[Target] {
        &self.targets
    }

    fn probe<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Vec<Probed>> {
        Box::pin(join_all(target.paths.iter().map(|path| self.ask(target, path))))
    }
}
