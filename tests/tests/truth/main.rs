//! Is what the bot says so? Many stories are drawn and played at once in a simulated cluster: rollouts good and bad,
//! people who change things by hand and by chat, nodes that fail; while the bot is killed, and cluster, chat and store
//! fall out. Then each sentence of each state of each message is held against what the simulators know to have been so
//! at that moment. A sentence that no rule here knows fails too, so none goes unread.
//!
//! Eight acts of 25 stories are played, each in a cluster of its own with quotas, Jobs, probes and three nodes.
//! `cargo test --workspace --test truth -- --ignored` takes three minutes on two cores. It is no part of the suite until it has
//! passed five times in a row: of some 7,000 sentences it still finds one or two that no rule knows.
//! `CEO_TRUTH_SEED` plays one drawn act again, `CEO_TRUTH_DUMP` names a file that gets every sentence with its verdict.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    reason = "a test fails by panicking, and a table of rules is long"
)]

mod chat;
mod claims;
mod facts;
mod hands;
mod jobs;
mod pieces;
mod record;
mod story;
mod trouble;

use std::time::Duration;

use ceo_tests::world::{Setup, World};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

/// Stories of an act, which share a cluster, a chat and a bot.
const STORIES: usize = 25;

/// One test an act, so that as many are played at once as there are cores.
macro_rules! acts {
    ($($name:ident: $disasters:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        #[ignore = "drawn anew each run, and some sentences are too rare to have a rule yet; see the module"]
        async fn $name() -> anyhow::Result<()> {
            act(Disasters::$disasters).await
        }
    )*};
}

acts! {
    what_is_said_of_good_and_bad_rollouts_is_so: None,
    what_is_said_of_more_rollouts_is_so: None,
    what_is_said_between_kills_of_the_bot_is_so: Kills,
    what_is_said_between_more_kills_is_so: Kills,
    what_is_said_between_still_more_kills_is_so: Kills,
    what_is_said_between_outages_is_so: Outages,
    what_is_said_between_more_outages_is_so: Outages,
    what_is_said_between_still_more_outages_is_so: Outages,
}

/// What befalls an act beside its stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disasters {
    /// Nothing.
    None,
    /// `kill -9`, now and then.
    Kills,
    /// The API server, Discord and the store fall out by turns.
    Outages,
}

async fn act(disasters: Disasters) -> anyhow::Result<()> {
    let seed = std::env::var("CEO_TRUTH_SEED").ok().and_then(|s| s.parse().ok());
    let seed: u64 = seed.unwrap_or_else(rand::random);
    println!("CEO_TRUTH_SEED={seed} plays this act again: {disasters:?}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::with(Setup::with_quick_incidents().timing("incident_settle", "2s")).await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let store = world.store();
    let sim = world.cluster.sim()?;
    for node in ["node-2", "node-3"] {
        sim.add_node(node, &ceo_tests::kube::node::Size::default());
    }
    let place = world.cluster.namespace();
    let quota = serde_json::json!({"apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": {"name": hands::QUOTA, "namespace": place},
        "spec": {"hard": {"requests.ephemeral-storage": "100"}}});
    let quota = serde_json::from_value(quota)?;
    let quotas = world.cluster.api::<k8s_openapi::api::core::v1::ResourceQuota>();
    quotas.create(&kube::api::PostParams::default(), &quota).await?;
    let record = record::Record::begin(sim);
    {
        let stage = story::Stage {
            discord: &world.discord,
            cluster: &world.cluster,
            record: &record,
            store: &store,
        };
        let stories = (0..STORIES).map(|_| {
            let random = StdRng::seed_from_u64(random.random());
            story::play(stage, random)
        });
        let (end, over) = tokio::sync::watch::channel(false);
        let stories = async {
            let told = futures::future::join_all(stories).await;
            end.send_replace(true);
            told.into_iter().collect::<anyhow::Result<Vec<()>>>()
        };
        let trouble = trouble::bring(disasters, stage, (&mut world.bot, seed ^ 1), over);
        let (told, ended) = tokio::join!(stories, trouble);
        told?;
        ended?;
    }
    // What was told last is told within this time.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let code = world.bot.stop().await?;
    let history = record.end();
    let wrong = claims::judge(&history, &world.discord, world.cluster.sim()?);
    assert_eq!(code, 0, "the bot ended otherwise than well");
    assert!(
        world.discord.violations().is_empty(),
        "{:?}",
        world.discord.violations()
    );
    let writes = world.cluster.sim()?.violations();
    assert!(writes.is_empty(), "{writes:?}");
    world.leave().await?;
    assert!(
        wrong.is_empty(),
        "CEO_TRUTH_SEED={seed}: {} sentences are not so:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    Ok(())
}
