//! A change of many steps, killed at each of them: it creates a Job, waits for it, writes twice, parks for a sign-off, and
//! turns back. Whatever moment the process dies at, each write is made exactly once and the message tells the truth.

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
    cluster::{ClusterConfig, Patch, Registry, Target, patch, precondition_of, target},
    engine::{Ask, Engine, Home, Press},
    failure::Failure,
    input::{BadInput, Input},
    model::{Act, Actor, ChannelId, Locale, Place, Report, RoleId, Scope, TicketId, Tone, UserId, Workload},
    objects::Pod,
    ops::{
        Entry,
        catalogue::Catalogue,
        contract::{Args, Change, Context, Draft, Finished, Spec},
    },
    policy::{May, Rule, Rules, Verb, Where, Who},
    ports::{Ledger, Limits, Members, MembersError, Ports, Records, SystemClock, TicketFilter, Timing},
    redact::Redactor,
    ticket::{Outcome, Precondition, Stage, Ticket, Until, Woken},
    workflow::{Look, Run, Waited, Written},
};
use ceo_tests::kube::{access, fixtures, fixtures::ceoagent, sim::KubeSim, sim::Options};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::{
    dying::{Death, Dying},
    world::{NS, api, config},
};

const CREATE: &str = "create the job";
const WAIT: &str = "wait for the job";
const FIRST: &str = "scale up";
const SECOND: &str = "keep fewer revisions";
const ASK: &str = "wait for the sign-off";
const BACK: &str = "scale back";

const REPLICAS: &str = "/spec/replicas";
const HISTORY: &str = "/spec/revisionHistoryLimit";

/// Who asks and who signs off.
const PERSON: UserId = UserId(7);
/// No life of the process lasts longer than this.
const PATIENCE: Duration = Duration::from_secs(30);

struct Drill;

struct NoWords(Scope);

impl Args for NoWords {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self(input.here()))
    }

    fn scope(&self) -> Scope {
        self.0.clone()
    }
}

#[derive(Serialize, Deserialize)]
struct DrillPlan {
    workload: Workload,
    job: Target,
    count: i32,
    object: Precondition,
}

impl Change for Drill {
    const SPEC: Spec = Spec::new("drill", Verb::Change).private();
    const EVENT: &'static str = "CeoDrilled";
    const STEPS: &'static [&'static str] = &[CREATE, WAIT, FIRST, SECOND, ASK, BACK];
    type Args = NoWords;
    type Plan = DrillPlan;

    async fn plan(&self, _: NoWords, cx: &Context<'_>) -> Result<Draft<DrillPlan>, Failure> {
        let workload = api();
        let object = cx.view.workload(&workload).await?;
        let count = object.replicas().unwrap_or(1);
        cx.view
            .rehearse(&Patch::on(&object, vec![patch::replace(REPLICAS, count + 1)]))
            .await?;
        let job = Target {
            cluster: workload.cluster.clone(),
            namespace: NS.to_owned(),
            resource: "batch/jobs".to_owned(),
            name: "drill".to_owned(),
        };
        let object = precondition_of(&object, &[REPLICAS]);
        Ok(Draft {
            preview: Report::new(Tone::Waiting, "Drill?"),
            verb: Verb::Change,
            scopes: vec![workload.scope()],
            risks: vec![],
            preconditions: vec![object.clone()],
            targets: vec![workload.to_string(), target("prod", NS, "batch/jobs", "drill")],
            plan: DrillPlan {
                workload,
                job,
                count,
                object,
            },
        })
    }

    async fn execute(&self, plan: DrillPlan, run: &Run<'_>) -> Result<Finished, Failure> {
        let job = &plan.job;
        run.once(
            CREATE,
            |writer| async move {
                let object = fixtures::job(NS, &job.name, "exit 0", 1);
                Ok(Written::of(&writer.create(job, object).await?))
            },
            |_| run.look_for_created(CREATE, job),
        )
        .await?;
        let place = plan.workload.scope();
        let waited = run
            .wait(WAIT, &place, Duration::from_secs(20), |cached, _| {
                let done = cached
                    .list::<Pod>()
                    .iter()
                    .any(|pod| pod.metadata.name.starts_with("drill-") && pod.status.phase == "Succeeded");
                if done {
                    Look::Met
                } else {
                    Look::Going(Report::new(Tone::Info, "Drilling"))
                }
            })
            .await?;
        if waited != Waited::Met {
            return Ok(ended(Outcome::Failed, "The job did not end"));
        }
        write(run, FIRST, &plan.object, (REPLICAS, plan.count + 1)).await?;
        write(run, SECOND, &plan.object_without_fields(), (HISTORY, 7)).await?;
        run.checkpoint().await?;
        let until = Until::SignOff {
            question: "Is all well?".into(),
            by: vec![Who::User(PERSON)],
            lapses: run.now() + Duration::from_secs(600),
        };
        let woken = run
            .park(ASK, until, Report::new(Tone::Waiting, "Waits for a person"))
            .await?;
        if !matches!(woken, Woken::Refused { .. }) {
            return Ok(ended(Outcome::Succeeded, "Drilled"));
        }
        let left = run.left_by(FIRST).unwrap();
        write(run, BACK, &left, (REPLICAS, plan.count)).await?;
        Ok(ended(Outcome::RolledBack, "Drilled and turned back"))
    }
}

impl DrillPlan {
    fn object_without_fields(&self) -> Precondition {
        Precondition {
            fields: vec![],
            ..self.object.clone()
        }
    }
}

async fn write(
    run: &Run<'_>,
    step: &str,
    object: &Precondition,
    to: (&str, i32),
) -> Result<Written, Failure> {
    let ops = &[patch::replace(to.0, to.1)];
    run.once(
        step,
        |writer| async move { Ok(Written::of(&writer.patch(object, ops).await?)) },
        |before| run.look(step, object, before, |now| patch::is_done_in(ops, now)),
    )
    .await
}

fn ended(outcome: Outcome, title: &str) -> Finished {
    Finished {
        outcome,
        report: Report::new(Tone::Good, title),
    }
}

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
    death: Option<Death>,
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
        death: given.death.clone(),
        dead: Arc::clone(&dead),
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
    };
    let home = Home {
        ops: ChannelId(1),
        holder: "ceo".to_owned(),
    };
    let engine = Engine::with_catalogue(given.catalogue, registry, ports, rules(), home);
    engine.recover().await.unwrap();
    let began = tokio::time::Instant::now();
    while !dead.load(Ordering::SeqCst) {
        assert!(
            began.elapsed() < PATIENCE,
            "{:?}: {:?}",
            given.death,
            ledger.seen.lock().unwrap()
        );
        let ticket = store.tickets(TicketFilter::default()).await.unwrap().pop();
        if let Some(ticket) = ticket.as_ref().filter(|t| matches!(t.stage, Stage::Done(_))) {
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

/// The story from its beginning to its end, with a death in it. Gives the moments of the first life.
async fn story(catalogue: Catalogue, death: Option<Death>) -> Vec<String> {
    let sim = KubeSim::start(Options::default()).await.unwrap();
    ceoagent::start(&sim).await.unwrap();
    sim.add_user("ceo-bot", "secret-token-of-the-bot", access::Rules::admin());
    let home = tempfile::tempdir().unwrap();
    let before = sim.get("apps", "deployments", NS, ceoagent::API).unwrap();
    let mut given = Given {
        cluster: config("prod", &home, &sim.kubeconfig("secret-token-of-the-bot")),
        url: format!("sqlite:{}", home.path().join("ceo.db").display()),
        catalogue,
        death: death.clone(),
    };
    let first = given.clone();
    let (mut ticket, seen) = tokio::task::spawn_blocking(move || live(&first)).await.unwrap();
    if let Some(death) = &death {
        // Whoever dies after the last thing was stored leaves nothing to do.
        let over = death.stored && death.at.ends_with("becomes done");
        assert!(ticket.is_none() || over, "{death:?} never came: {seen:?}");
        given.death = None;
        (ticket, _) = tokio::task::spawn_blocking(move || live(&given)).await.unwrap();
    }
    let ticket = ticket.unwrap();
    let told = ticket.shown.plain();
    assert_eq!(
        ticket.stage,
        Stage::Done(Outcome::RolledBack),
        "{death:?}: {told}"
    );
    assert!(told.contains("Drilled and turned back"), "{death:?}: {told}");
    assert_eq!(
        writes(&sim),
        [
            "create jobs",
            "patch deployments",
            "patch deployments",
            "patch deployments"
        ],
        "{death:?}"
    );
    let after = sim.get("apps", "deployments", NS, ceoagent::API).unwrap();
    assert_eq!(after["spec"]["replicas"], before["spec"]["replicas"], "{death:?}");
    assert_eq!(after["spec"]["revisionHistoryLimit"], 7, "{death:?}");
    seen
}

/// What the bot really wrote, in order.
fn writes(sim: &KubeSim) -> Vec<String> {
    let all = sim.mutations().into_iter();
    all.filter(|m| m.user == "ceo-bot" && m.took_effect())
        .filter(|m| matches!(m.key.plural.as_str(), "jobs" | "deployments"))
        .map(|m| format!("{} {}", m.verb, m.key.plural))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_survives_a_death_at_each_step_and_each_wait() {
    let catalogue = Catalogue::of(vec![Entry::change(Drill)]);
    let moments = story(catalogue, None).await;
    for step in Drill::STEPS {
        assert!(
            moments.iter().any(|m| m.starts_with(step)),
            "{step} is not among {moments:?}"
        );
    }
    let all: BTreeSet<String> = moments.into_iter().collect();
    assert!(all.len() >= 2 * Drill::STEPS.len(), "{all:?}");
    let deaths = all.into_iter().flat_map(|at| {
        [false, true].map(|stored| Death {
            at: at.clone(),
            stored,
        })
    });
    for death in deaths {
        story(catalogue, Some(death)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_while_it_was_parked_is_theirs() {
    let catalogue = Catalogue::of(vec![Entry::change(Drill)]);
    let sim = KubeSim::start(Options::default()).await.unwrap();
    ceoagent::start(&sim).await.unwrap();
    sim.add_user("ceo-bot", "secret-token-of-the-bot", access::Rules::admin());
    let home = tempfile::tempdir().unwrap();
    let given = Given {
        cluster: config("prod", &home, &sim.kubeconfig("secret-token-of-the-bot")),
        url: format!("sqlite:{}", home.path().join("ceo.db").display()),
        catalogue,
        // Dead while it is parked: nobody has signed off yet.
        death: Some(Death {
            at: "running becomes parked".to_owned(),
            stored: true,
        }),
    };
    let first = given.clone();
    let (none, _) = tokio::task::spawn_blocking(move || live(&first)).await.unwrap();
    assert!(none.is_none());
    let place = ceo_tests::kube::key::Key::namespaced("apps", "deployments", NS, ceoagent::API);
    sim.store()
        .update(&place, |d| d["spec"]["replicas"] = serde_json::json!(9))
        .unwrap();
    let again = Given { death: None, ..given };
    let (ticket, _) = tokio::task::spawn_blocking(move || live(&again)).await.unwrap();
    let ticket = ticket.unwrap();
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
