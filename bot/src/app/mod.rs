//! The composition root: builds the parts, hands them to each other, and keeps their tasks. The first task that ends on
//! its own account ends the process, with the reason in the log: half a bot would be worse than none. A cluster or
//! Discord that is down does not end it; the parts wait and try again.

mod adapters;
mod counted_ledger;
mod maintenance;
mod parts;
mod shutdown;
mod signals;
mod tasks;
mod witness;

use std::process::ExitCode;

use parts::Parts;
pub use parts::{cluster_config, discord_settings, redactor};
use shutdown::{OsSignal, OsSignals};
use tasks::Tasks;
use tokio_util::sync::CancellationToken;

use crate::settings::Settings;

/// Runs the bot until SIGTERM or SIGINT, or until a part of it ends.
///
/// # Errors
/// When it cannot start: the store does not open, the HTTP address is taken.
pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let mut os_signals = OsSignals::listen()?;
    let parts = tokio::select! {
        parts = Parts::build(&settings) => parts?,
        () = os_signals.asked() => return Ok(ExitCode::SUCCESS),
    };
    // Two steps down: first nothing new comes in, and at the end nothing goes out any more.
    let (intake, outlet) = (CancellationToken::new(), CancellationToken::new());
    let mut tasks = Tasks::default();
    spawn(&settings, &parts, &mut tasks, &intake, &outlet);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    let code = loop {
        tokio::select! {
            asked = os_signals.next() => match asked {
                OsSignal::Stop => {
                    tracing::info!(within = ?settings.timing.shutdown_within, "stopping");
                    break ExitCode::SUCCESS;
                }
                OsSignal::Reload => {
                    tracing::info!("reading the kubeconfigs again");
                    parts.registry.reload().await;
                }
            },
            why = tasks.first_end() => {
                tracing::error!(task = why.name, why = why.why, "a part of the bot ended; stopping");
                break ExitCode::FAILURE;
            }
        }
    };
    intake.cancel();
    tokio::select! {
        () = drain(&settings, &parts, &mut tasks, &outlet) => {}
        () = os_signals.asked() => {
            tracing::warn!("asked again to stop: leaving at once");
            return Ok(ExitCode::FAILURE);
        }
    }
    parts.store.close().await;
    tracing::info!("stopped");
    Ok(code)
}

fn spawn(
    settings: &Settings,
    parts: &Parts,
    tasks: &mut Tasks,
    intake: &CancellationToken,
    outlet: &CancellationToken,
) {
    let timing = settings.timing;
    let (discord, engine, rows) = (
        parts.discord.clone(),
        parts.dispatcher.clone(),
        parts.rows.clone(),
    );
    let cancel = intake.clone();
    tasks.spawn("gateway", intake, async move {
        discord.run(engine, rows, cancel).await
    });
    let outbox = parts.discord.outbox(parts.rows.clone());
    let cancel = outlet.clone();
    tasks.spawn("outbox", outlet, async move {
        outbox.run(cancel).await;
        Ok(())
    });
    let (listener, state, cancel) = (parts.listener.clone(), parts.http.clone(), outlet.clone());
    tasks.spawn("http", outlet, async move {
        crate::http::serve(listener.take()?, state, cancel).await?;
        Ok(())
    });
    let (store, health, cancel) = (parts.store.clone(), parts.http.health.clone(), outlet.clone());
    tasks.spawn("store", outlet, async move {
        crate::http::watch_store(store, health, timing.sweep_every, cancel).await;
        Ok(())
    });
    for (name, watch) in parts.registry.watches() {
        let cancel = outlet.clone();
        tasks.spawn(name, outlet, async move {
            tokio::select! {
                () = watch => {}
                () = cancel.cancelled() => {}
            }
            Ok(())
        });
    }
    for (cluster, watch) in parts.incidents(settings) {
        let cancel = intake.clone();
        tasks.spawn(format!("incidents:{cluster}"), intake, async move {
            Box::pin(watch.run(cancel)).await;
            Ok(())
        });
    }
    spawn_calm(settings, parts, tasks, intake);
}

/// What is done now and then, whatever people ask.
fn spawn_calm(settings: &Settings, parts: &Parts, tasks: &mut Tasks, intake: &CancellationToken) {
    let left = parts.left_incidents(settings, intake.clone());
    tasks.spawn("incidents", intake, async move {
        left.await;
        Ok(())
    });
    let (heads, cancel) = (parts.heads(settings), intake.clone());
    tasks.spawn("witness", intake, async move {
        heads.run(cancel).await;
        Ok(())
    });
    let (probes, cancel) = (parts.probes.clone(), intake.clone());
    tasks.spawn("probes", intake, async move {
        probes.run(cancel).await;
        Ok(())
    });
    let (maintenance, cancel) = (parts.maintenance(settings), intake.clone());
    tasks.spawn("maintenance", intake, async move {
        maintenance.run(cancel).await;
        Ok(())
    });
}

/// Lets what is under way come to rest: answers first, then runs hand over their leases, then the messages are shown.
async fn drain(settings: &Settings, parts: &Parts, tasks: &mut Tasks, outlet: &CancellationToken) {
    let until = tokio::time::Instant::now() + settings.timing.shutdown_within;
    let rest = async {
        tasks.wait_for("gateway").await;
        parts.engine.drain().await;
        maintenance::shown(&parts.store).await;
    };
    if tokio::time::timeout_at(until, rest).await.is_err() {
        tracing::warn!("not everything came to rest in time; what is left goes on at the next start");
    }
    outlet.cancel();
    // The messages on their way, and requests to the HTTP server, have the rest of the time and a little more.
    let last = until.max(tokio::time::Instant::now() + std::time::Duration::from_secs(1));
    if tokio::time::timeout_at(last, tasks.wait_for_all()).await.is_err() {
        tracing::warn!(tasks = ?tasks.names(), "still busy at the end");
    }
}
