//! A change of many steps ([`super::drilling`]), killed at each of them. Whatever moment the process dies at, each write is made exactly once and the message tells the truth.

mod rising;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use ceo_bot::store::{Store, StoreOptions};
use ceo_commands::{
    cluster::{ClusterConfig, Registry},
    engine::{Ask, Engine, Home, Press},
    failure::Failure,
    model::{Act, Actor, ChannelId, Locale, Place, RoleId, TicketId, UserId},
    ops::{
        Entry,
        catalogue::Catalogue,
        contract::{Change, Context, Draft, Finished, Spec},
    },
    policy::{Alternative, Gate, May, Quorum, Rule, Rules, Verb, Where, Who},
    ports::{
        Ledger, Limits, Members, MembersError, Ports, Records, SystemClock, TicketFilter, Timing,
        chart::NoPictures, manual::NoManual, metrics::NoMetrics, probe::NoTargets,
    },
    redact::Redactor,
    ticket::{Outcome, Stage, Ticket, Until},
    workflow::Run,
};
use ceo_tests::kube::{access, fixtures::ceoagent, sim::KubeSim, sim::Options};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::{
    drilling::{Drill, DrillPlan, NoWords, PERSON},
    dying::{Dying, Mishap, What},
    world::{NS, config},
};

/// No life of the process lasts longer than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// One person, with one role.
struct OnePerson;

impl Members for OnePerson {
    fn roles(&self, _: UserId) -> BoxFuture<'_, Result<Vec<RoleId>, MembersError>> {
        Box::pin(async { Ok(vec![RoleId(1)]) })
    }
    fn role_counts(&self) -> BoxFuture<'_, Result<BTreeMap<RoleId, u64>, MembersError>> {
        Box::pin(async { Ok(BTreeMap::new()) })
    }
}

fn rules() -> Rules {
    let rule = Rule {
        who: vec![Who::User(PERSON)],
        may: vec![May::Verb(Verb::Change)],
        r#where: vec![Where {
            cluster: "*".to_owned(),
            namespace: "*".to_owned(),
        }],
        gate: None,
        deny: false,
    };
    Rules {
        rules: vec![rule],
        version: "drill".to_owned(),
    }
}

fn actor() -> Actor {
    Actor {
        user: PERSON,
        name: "ops-person".to_owned(),
        roles: vec![RoleId(1)],
    }
}

fn place() -> Place {
    Place {
        channel: ChannelId(1),
        cluster: "prod".to_owned(),
        namespace: NS.to_owned(),
    }
}

fn event() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("event {}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn press(act: Act, id: TicketId) -> Press {
    let reason = (act == Act::Deny).then(|| BTreeMap::from([("reason".to_owned(), "it is not".to_owned())]));
    Press {
        event: event(),
        actor: actor(),
        place: place(),
        locale: Locale::En,
        act,
        subject: id.to_string(),
        extra: None,
        form: reason,
        on_private: true,
    }
}

/// What one life of the process is given.
#[derive(Clone)]
struct Given {
    cluster: ClusterConfig,
    url: String,
    catalogue: Catalogue,
    mishap: Option<Mishap>,
    rules: Rules,
    /// When this life has seen enough.
    until: fn(&Ticket) -> bool,
}

impl Given {
    fn new(sim: &KubeSim, home: &tempfile::TempDir) -> Self {
        Self {
            cluster: config("prod", home, &sim.kubeconfig("secret-token-of-the-bot")),
            url: format!("sqlite:{}", home.path().join("ceo.db").display()),
            catalogue: Catalogue::of(vec![Entry::change(Drill)]),
            mishap: None,
            rules: rules(),
            until: is_over,
        }
    }

    /// One that dies just after something was stored.
    fn dying_at(self, at: &str) -> Self {
        let mishap = Some(Mishap {
            at: at.to_owned(),
            what: What::DiesAfter,
        });
        Self { mishap, ..self }
    }

    /// Lives once more, without a mishap.
    fn again(self) -> Self {
        Self { mishap: None, ..self }
    }

    /// Lives. Gives what [`live`] gives.
    async fn live(&self) -> (Option<Ticket>, Vec<String>) {
        let given = self.clone();
        tokio::task::spawn_blocking(move || live(&given)).await.unwrap()
    }
}

fn is_over(ticket: &Ticket) -> bool {
    matches!(ticket.stage, Stage::Done(_))
}

/// A cluster with the workload in it.
async fn cluster() -> KubeSim {
    let sim = KubeSim::start(Options::default()).await.unwrap();
    ceoagent::start(&sim).await.unwrap();
    sim.add_user("ceo-bot", "secret-token-of-the-bot", access::Rules::admin());
    sim
}

/// One life of the process, in a runtime of its own that is thrown away with everything in it. Gives the ticket at its
/// end, or nothing when the process died, and the moments that were seen.
fn live(given: &Given) -> (Option<Ticket>, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let dead = Arc::new(AtomicBool::new(false));
    let lived = runtime.block_on(lifetime(given, Arc::clone(&dead)));
    runtime.shutdown_background();
    lived
}

async fn lifetime(given: &Given, dead: Arc<AtomicBool>) -> (Option<Ticket>, Vec<String>) {
    let store = Store::open(&given.url, StoreOptions::default()).await.unwrap();
    let registry = Registry::connect(vec![given.cluster.clone()], Duration::from_secs(3)).await;
    let mut watches = JoinSet::new();
    registry.spawn_watches(&mut watches);
    let ledger = Arc::new(Dying {
        store: store.clone(),
        mishap: given.mishap.clone(),
        dead: Arc::clone(&dead),
        failed: AtomicBool::new(false),
        seen: Mutex::default(),
        stage: Mutex::new("nothing".to_owned()),
    });
    let ports = Ports {
        ledger: Arc::clone(&ledger) as Arc<dyn Ledger>,
        members: Arc::new(OnePerson),
        clock: Arc::new(SystemClock),
        timing: Timing {
            progress_every: Duration::from_millis(20),
            ..Timing::default()
        },
        limits: Limits::default(),
        redactor: Arc::new(Redactor::default()),
        probes: Arc::new(NoTargets),
        metrics: Arc::new(NoMetrics),
        pictures: Arc::new(NoPictures),
        checks: Arc::default(),
        manual: Arc::new(NoManual),
    };
    let home = Home {
        ops: ChannelId(1),
        holder: "ceo".to_owned(),
    };
    let engine = Engine::with_catalogue(given.catalogue, registry, ports, given.rules.clone(), home);
    engine.recover().await.unwrap();
    let began = tokio::time::Instant::now();
    while !dead.load(Ordering::SeqCst) {
        assert!(
            began.elapsed() < PATIENCE,
            "{:?}: {:?}",
            given.mishap,
            ledger.seen.lock().unwrap()
        );
        let ticket = store.tickets(TicketFilter::default()).await.unwrap().pop();
        if let Some(ticket) = ticket.as_ref().filter(|t| (given.until)(t)) {
            let seen = ledger.seen.lock().unwrap().clone();
            return (Some(ticket.clone()), seen);
        }
        // What never answers is what a dead process leaves.
        let _ = tokio::time::timeout(Duration::from_secs(1), go_on(&engine, ticket)).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seen = ledger.seen.lock().unwrap().clone();
    (None, seen)
}

/// What the people of this story do next.
async fn go_on(engine: &Engine, ticket: Option<Ticket>) {
    let Some(ticket) = ticket else {
        let ask = Ask {
            event: event(),
            actor: actor(),
            place: place(),
            locale: Locale::En,
            command: "drill".to_owned(),
            options: BTreeMap::new(),
        };
        engine.submit(ask).await;
        return;
    };
    match &ticket.stage {
        Stage::AwaitingConfirm => {
            engine.press(press(Act::Confirm, ticket.id)).await;
        }
        Stage::Parked(parked) if matches!(parked.until, Until::SignOff { .. }) => {
            engine.press(press(Act::Deny, ticket.id)).await;
        }
        _ => {
            let _ = engine.tick().await;
        }
    }
}

/// The story from its beginning to its end, with a mishap in it. Gives the moments of the first life.
async fn story(mishap: Option<Mishap>) -> Vec<String> {
    let sim = cluster().await;
    let home = tempfile::tempdir().unwrap();
    let before = sim.get("apps", "deployments", NS, ceoagent::API).unwrap();
    let given = Given {
        mishap: mishap.clone(),
        ..Given::new(&sim, &home)
    };
    let (mut ticket, seen) = given.live().await;
    if let Some(Mishap { at, what }) = &mishap
        && *what != What::StoreFails
    {
        // Whoever dies after the last thing was stored leaves nothing to do.
        let over = *what == What::DiesAfter && at.ends_with("becomes done");
        assert!(ticket.is_none() || over, "{mishap:?} never came: {seen:?}");
        (ticket, _) = given.again().live().await;
    }
    let ticket = ticket.unwrap();
    let told = ticket.shown.plain();
    assert_eq!(
        ticket.stage,
        Stage::Done(Outcome::RolledBack),
        "{mishap:?}: {told}"
    );
    assert!(told.contains("Drilled and turned back"), "{mishap:?}: {told}");
    assert_eq!(
        writes(&sim),
        [
            "create jobs",
            "patch deployments",
            "patch deployments",
            "patch configmaps",
            "delete jobs",
            "patch deployments"
        ],
        "{mishap:?}"
    );
    let after = sim.get("apps", "deployments", NS, ceoagent::API).unwrap();
    assert_eq!(
        after["spec"]["replicas"], before["spec"]["replicas"],
        "{mishap:?}"
    );
    assert_eq!(after["spec"]["revisionHistoryLimit"], 7, "{mishap:?}");
    let settings = sim.get("", "configmaps", NS, "drill").unwrap();
    assert_eq!(settings["data"]["state"], "drilled", "{mishap:?}");
    assert!(sim.get("batch", "jobs", NS, "drill").is_none(), "{mishap:?}");
    seen
}

/// What the bot really wrote, in order.
fn writes(sim: &KubeSim) -> Vec<String> {
    let all = sim.mutations().into_iter();
    all.filter(|m| m.user == "ceo-bot" && m.took_effect())
        .filter(|m| matches!(m.key.plural.as_str(), "jobs" | "deployments" | "configmaps"))
        .map(|m| format!("{} {}", m.verb, m.key.plural))
        .collect()
}

/// The moments of a story in which nothing goes wrong.
async fn moments() -> BTreeSet<String> {
    let moments = story(None).await;
    for step in Drill::STEPS {
        assert!(
            moments.iter().any(|m| m.starts_with(step)),
            "{step} is not among {moments:?}"
        );
    }
    let ended = moments.iter().filter(|m| *m == "delete the job ended").count();
    assert_eq!(
        ended, 1,
        "what returns nothing is finished all the same: {moments:?}"
    );
    let all: BTreeSet<String> = moments.into_iter().collect();
    assert!(all.len() >= 2 * Drill::STEPS.len(), "{all:?}");
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_survives_a_death_at_each_step_and_each_wait() {
    for at in moments().await {
        for what in [What::DiesBefore, What::DiesAfter] {
            let at = at.clone();
            story(Some(Mishap { at, what })).await;
        }
    }
}

/// A store that fails once ends no run: what it had to say waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_survives_a_failure_of_the_store_at_each_moment() {
    for at in moments().await {
        let what = What::StoreFails;
        story(Some(Mishap { at, what })).await;
    }
}

const PARKED: &str = "running becomes parked";

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_while_it_was_parked_is_theirs() {
    let sim = cluster().await;
    let home = tempfile::tempdir().unwrap();
    // Dead while it is parked: nobody has signed off yet.
    let given = Given::new(&sim, &home).dying_at(PARKED);
    assert!(given.live().await.0.is_none());
    let place = ceo_tests::kube::key::Key::namespaced("apps", "deployments", NS, ceoagent::API);
    sim.store()
        .update(&place, |d| d["spec"]["replicas"] = serde_json::json!(9))
        .unwrap();
    let ticket = given.again().live().await.0.unwrap();
    let told = ticket.shown.plain();
    assert_eq!(ticket.stage, Stage::Done(Outcome::Overtaken), "{told}");
    assert!(
        told.contains("spec.replicas") && told.contains("Nothing is rolled back by itself"),
        "{told}"
    );
    assert!(told.contains("Steps done"), "{told}");
    let after = sim.get("apps", "deployments", NS, ceoagent::API).unwrap();
    assert_eq!(after["spec"]["replicas"], 9, "what they did stands");
}

/// Rules under which others must agree.
fn stricter_rules() -> Rules {
    let others = Alternative {
        count: 1,
        of: vec![Who::User(UserId(8))],
    };
    let mut rules = rules();
    rules.rules[0].gate = Some(Gate::Approve(Quorum::any(vec![others], false)));
    rules.version = "stricter".to_owned();
    rules
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_became_stricter_while_it_was_parked_stops_it() {
    let sim = cluster().await;
    let home = tempfile::tempdir().unwrap();
    let given = Given::new(&sim, &home).dying_at(PARKED);
    assert!(given.live().await.0.is_none());
    let given = Given {
        rules: stricter_rules(),
        ..given.again()
    };
    let ticket = given.live().await.0.unwrap();
    let told = ticket.shown.plain();
    assert_eq!(ticket.stage, Stage::Done(Outcome::Interrupted), "{told}");
    assert!(
        told.contains("asks for more now") && told.contains("Steps done"),
        "{told}"
    );
    assert!(!told.contains("Nothing was done"), "{told}");
    assert_eq!(writes(&sim).len(), 5, "what was to come was not done");
}

/// An edit of a rule that speaks of others changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_another_rule_stops_nothing() {
    let sim = cluster().await;
    let home = tempfile::tempdir().unwrap();
    let given = Given::new(&sim, &home).dying_at(PARKED);
    assert!(given.live().await.0.is_none());
    let mut rules = rules();
    rules.rules.push(Rule {
        who: vec![Who::User(UserId(9))],
        ..rules.rules[0].clone()
    });
    rules.version = "another".to_owned();
    let given = Given {
        rules,
        ..given.again()
    };
    let ticket = given.live().await.0.unwrap();
    assert_eq!(ticket.stage, Stage::Done(Outcome::RolledBack));
}

/// The drill of a release whose plans hold something that those of this one do not.
struct AnotherRelease;

#[derive(Serialize, Deserialize)]
struct AnotherPlan {
    window: String,
}

impl Change for AnotherRelease {
    const SPEC: Spec = Drill::SPEC;
    const EVENT: &'static str = Drill::EVENT;
    const STEPS: &'static [&'static str] = Drill::STEPS;
    type Args = NoWords;
    type Plan = AnotherPlan;

    async fn plan(&self, _: NoWords, _: &Context<'_>) -> Result<Draft<AnotherPlan>, Failure> {
        Err(Failure::Internal("nobody asks for it".to_owned()))
    }

    async fn execute(&self, _: AnotherPlan, _: &Run<'_>) -> Result<Finished, Failure> {
        Err(Failure::Internal("nobody runs it".to_owned()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_this_release_cannot_read_stays_parked_and_says_so() {
    let sim = cluster().await;
    let home = tempfile::tempdir().unwrap();
    let given = Given::new(&sim, &home).dying_at(PARKED);
    assert!(given.live().await.0.is_none());
    let given = given.again();
    let other = Given {
        catalogue: Catalogue::of(vec![Entry::change(AnotherRelease)]),
        until: |ticket| ticket.shown.plain().contains("cannot read what is left to do"),
        ..given.clone()
    };
    let ticket = other.live().await.0.unwrap();
    assert!(
        matches!(ticket.stage, Stage::Parked(_)),
        "{}",
        ticket.shown.plain()
    );
    assert_eq!(writes(&sim).len(), 5);
    // Under the release that it was asked of it goes on.
    let ticket = given.live().await.0.unwrap();
    assert_eq!(ticket.stage, Stage::Done(Outcome::RolledBack));
}

/// A drill that cannot be taken up again.
struct Fragile;

impl Change for Fragile {
    const SPEC: Spec = Drill::SPEC.never_taken_up_again();
    const EVENT: &'static str = Drill::EVENT;
    const STEPS: &'static [&'static str] = Drill::STEPS;
    type Args = NoWords;
    type Plan = DrillPlan;

    async fn plan(&self, args: NoWords, cx: &Context<'_>) -> Result<Draft<DrillPlan>, Failure> {
        Drill.plan(args, cx).await
    }

    async fn execute(&self, plan: DrillPlan, run: &Run<'_>) -> Result<Finished, Failure> {
        Drill.execute(plan, run).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_up_again_ends_as_interrupted_with_what_was_done() {
    let sim = cluster().await;
    let home = tempfile::tempdir().unwrap();
    let given = Given {
        catalogue: Catalogue::of(vec![Entry::change(Fragile)]),
        ..Given::new(&sim, &home).dying_at("scale up ended")
    };
    assert!(given.live().await.0.is_none());
    let ticket = given.again().live().await.0.unwrap();
    let told = ticket.shown.plain();
    assert_eq!(ticket.stage, Stage::Done(Outcome::Interrupted), "{told}");
    assert!(
        told.contains("cannot be taken up again") && told.contains("scale up"),
        "{told}"
    );
    assert_eq!(writes(&sim), ["create jobs", "patch deployments"]);
}

/// Who can write the store's rows cannot make a run of it: the audit knows of no decision.
#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_written_as_decided_is_not_run() {
    let sim = cluster().await;
    let home = tempfile::tempdir().unwrap();
    let given = Given::new(&sim, &home).dying_at("nothing becomes awaiting_confirm");
    assert!(given.live().await.0.is_none());
    let store = Store::open(&given.url, StoreOptions::default()).await.unwrap();
    let mut ticket = store.tickets(TicketFilter::default()).await.unwrap().remove(0);
    ticket.version += 1;
    ticket.stage = Stage::Ready;
    ticket.execute_by = Some(ticket.approve_by);
    let commit = ceo_commands::ports::Commit {
        ticket: Some((ticket.clone(), Some(ticket.version - 1))),
        ..Default::default()
    };
    store.commit(commit).await.unwrap();
    drop(store);
    let ticket = given.again().live().await.0.unwrap();
    let told = ticket.shown.plain();
    assert_eq!(ticket.stage, Stage::Done(Outcome::Stale), "{told}");
    assert!(told.contains("not in the audit"), "{told}");
    assert!(writes(&sim).is_empty());
}
