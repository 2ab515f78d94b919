//! A simulated cluster with the CEOAgent service in it, the product's registry over its socket, and a permit.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use ceo_commands::{
    cluster::{Cached, ClusterConfig, Registry, View},
    incident::{Incident, IncidentId},
    model::{Actor, ChannelId, Report, Scope, TicketId, Timestamp, UserId, Workload, WorkloadKind},
    policy::{Gate, May, Rule, Rules as Policy, Verb, Where, Who},
    ports::{
        AuditFilter, AuditRow, Commit, Committed, IncidentFilter, Ledger, LedgerError, Posted, Records,
        TicketFilter,
    },
    ticket::{Directive, Lease, Permit, Stage, StepRecord, Ticket, permit},
};
use ceo_tests::kube::{
    access::Rules,
    fixtures::ceoagent,
    mutations::Mutation,
    sim::{KubeSim, Options},
};
use futures::future::BoxFuture;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// The timeout of one request in these tests.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(1500);
/// The namespace of the service.
pub(crate) const NS: &str = ceoagent::NAMESPACE;

pub(crate) struct World {
    pub(crate) sim: KubeSim,
    pub(crate) registry: Registry,
    pub(crate) view: View,
    pub(crate) home: TempDir,
    tasks: JoinSet<String>,
}

/// Waits until something holds; a test that waits in vain fails.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !holds() {
        assert!(tokio::time::Instant::now() < end, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn config(name: &str, home: &TempDir, kubeconfig: &str) -> ClusterConfig {
    let path = home.path().join(name);
    std::fs::write(&path, kubeconfig).unwrap();
    ClusterConfig {
        name: name.to_owned(),
        kubeconfig: Some(path),
        context: None,
        namespaces: vec![NS.to_owned()],
        production: true,
    }
}

impl World {
    /// The service at v1.1.0, revision 2, seen by a bot that may do everything.
    pub(crate) async fn new() -> World {
        World::with(Rules::admin()).await
    }

    /// The same with a bot of these rights.
    pub(crate) async fn with(rules: Rules) -> World {
        let sim = KubeSim::start(Options::default()).await.unwrap();
        ceoagent::start(&sim).await.unwrap();
        sim.add_user("ceo-bot", "secret-token-of-the-bot", rules);
        let home = tempfile::tempdir().unwrap();
        let prod = config("prod", &home, &sim.kubeconfig("secret-token-of-the-bot"));
        let registry = Registry::connect(vec![prod], TIMEOUT).await;
        World {
            view: registry.view(),
            registry,
            sim,
            home,
            tasks: JoinSet::new(),
        }
    }

    /// Starts the watches and waits until they know the namespace.
    pub(crate) async fn watching(mut self) -> World {
        self.registry.spawn_watches(&mut self.tasks);
        let cached = self.cached();
        until("the caches are whole", || cached.synced()).await;
        self
    }

    pub(crate) fn cached(&self) -> Cached {
        self.view.cached("prod", NS).unwrap()
    }

    /// Requests of the bot so far: method and path of each.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        let of_bot = self.sim.requests().into_iter().filter(|r| r.user == "ceo-bot");
        of_bot.map(|r| (r.method, r.path)).collect()
    }

    /// Requests of the bot that a watch did not make (it lists, watches, and asks whether it may see nodes).
    pub(crate) fn asked(&self) -> usize {
        let of_bot = self.sim.requests().into_iter().filter(|r| r.user == "ceo-bot");
        of_bot
            .filter(|r| r.verb != "watch" && r.verb != "list" && r.resource != "selfsubjectaccessreviews")
            .count()
    }

    /// The bot's writes that changed something.
    pub(crate) fn writes(&self) -> Vec<Mutation> {
        let writes = self.sim.mutations().into_iter();
        writes
            .filter(|m| m.user == "ceo-bot" && m.took_effect() && m.key.plural != "events")
            .filter(|m| m.key.plural != "selfsubjectaccessreviews")
            .collect()
    }
}

pub(crate) fn api() -> Workload {
    workload(WorkloadKind::Deployment, ceoagent::API)
}

pub(crate) fn workload(kind: WorkloadKind, name: &str) -> Workload {
    Workload {
        cluster: "prod".to_owned(),
        namespace: NS.to_owned(),
        kind,
        name: name.to_owned(),
    }
}

/// A ledger that stores nothing but accepts everything: permits are made by the real door.
#[derive(Default)]
struct Accepting(Mutex<Vec<Commit>>);

impl Ledger for Accepting {
    fn allocate(&self) -> BoxFuture<'_, Result<TicketId, LedgerError>> {
        static NEXT: AtomicI64 = AtomicI64::new(1);
        Box::pin(async { Ok(TicketId(NEXT.fetch_add(1, Ordering::Relaxed))) })
    }
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, LedgerError>> {
        self.0.lock().unwrap().push(commit);
        Box::pin(async { Ok(Committed { audit_seq: None }) })
    }
    fn next_incident(&self) -> BoxFuture<'_, Result<IncidentId, LedgerError>> {
        Box::pin(async { Ok(IncidentId(1)) })
    }
    fn note_worked(&self, _: Vec<(Workload, String)>) -> BoxFuture<'_, Result<(), LedgerError>> {
        Box::pin(async { Ok(()) })
    }
}

impl Records for Accepting {
    fn ticket(&self, _: TicketId) -> BoxFuture<'_, Result<Option<Ticket>, LedgerError>> {
        Box::pin(async { Ok(None) })
    }
    fn tickets(&self, _: TicketFilter) -> BoxFuture<'_, Result<Vec<Ticket>, LedgerError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn steps(&self, _: TicketId) -> BoxFuture<'_, Result<Vec<StepRecord>, LedgerError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn audit(&self, _: AuditFilter) -> BoxFuture<'_, Result<Vec<AuditRow>, LedgerError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn posted(&self, _: String) -> BoxFuture<'_, Result<Option<Posted>, LedgerError>> {
        Box::pin(async { Ok(None) })
    }
    fn incident(&self, _: IncidentId) -> BoxFuture<'_, Result<Option<Incident>, LedgerError>> {
        Box::pin(async { Ok(None) })
    }
    fn incidents(&self, _: IncidentFilter) -> BoxFuture<'_, Result<Vec<Incident>, LedgerError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn worked(&self, _: &Workload) -> BoxFuture<'_, Result<Vec<String>, LedgerError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn anything_goes() -> Policy {
    let rule = Rule {
        who: vec![Who::User(UserId(7))],
        may: vec![May::Verb(Verb::Change)],
        r#where: vec![Where {
            cluster: "*".to_owned(),
            namespace: "*".to_owned(),
        }],
        gate: None,
        deny: false,
    };
    Policy {
        rules: vec![rule],
        version: "test".to_owned(),
    }
}

/// A permit for some targets, claimed as the engine claims one.
pub(crate) async fn permit_for(targets: &[&Workload]) -> Permit {
    let ledger = Arc::new(Accepting::default());
    let id = ledger.allocate().await.unwrap();
    let now = Timestamp::now();
    let rules = anything_goes();
    let later = now + Duration::from_secs(600);
    let ticket = Ticket {
        options: Default::default(),
        released: false,
        id,
        version: 1,
        command: "scale".to_owned(),
        typed: "workload:deployment/ceoagent-api replicas:5".to_owned(),
        requester: Actor {
            user: UserId(7),
            name: "ops-person".to_owned(),
            roles: Vec::new(),
        },
        reason: None,
        asked_in: ChannelId(1),
        channel: ChannelId(1),
        verb: Verb::Change,
        scopes: vec![Scope::namespace("prod", NS)],
        targets: targets.iter().map(ToString::to_string).collect(),
        plan: serde_json::Value::Null,
        preconditions: Vec::new(),
        preview: Report::default(),
        gate: Gate::Confirm,
        policy: rules.version.clone(),
        created: now,
        approve_by: later,
        run_within: Duration::from_secs(600),
        execute_by: Some(later),
        stage: Stage::Ready,
        votes: Vec::new(),
        directive: Directive::default(),
        held_by: None,
        woken: None,
        ran_ms: 0,
        started: None,
        ended: None,
        shown: Report::default(),
    };
    start(ledger.as_ref(), &ticket, &rules).await
}

/// Starts a ticket that is ready.
async fn start(ledger: &dyn Ledger, ticket: &Ticket, rules: &Policy) -> Permit {
    let now = Timestamp::now();
    let lease = Lease {
        holder: "test".to_owned(),
        until: now + Duration::from_secs(600),
    };
    let start = permit::Start {
        lease,
        roles_now: ceo_commands::ticket::RolesNow::new(),
        rules,
        now,
    };
    let (permit, _) = permit::claim(ledger, ticket, start, &|_, _| Commit::default())
        .await
        .unwrap();
    permit
}
