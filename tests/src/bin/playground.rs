//! `cargo run --bin playground`: a chat with the real bot, a simulated Discord and a simulated cluster, in the browser.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use ceo_tests::playground::{Options, Playground};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

/// Play with `ceo`: no account, no cluster, no Docker.
#[derive(Parser)]
struct Arguments {
    /// The page's port; without it the first free one from 8888 on.
    #[arg(long)]
    port: Option<u16>,
    /// Keep settings, database and log in this directory.
    #[arg(long)]
    state: Option<PathBuf>,
    /// The language of what a channel reads: en or zh-CN. What one person reads alone follows their own.
    #[arg(long)]
    language: Option<String>,
    /// Be the bot: how the playground starts itself again.
    #[arg(long, hide = true, requires = "config")]
    as_bot: bool,
    /// The bot's settings.
    #[arg(long, hide = true)]
    config: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (arguments.as_bot, arguments.config) {
        (true, Some(config)) => return as_bot(config),
        _ => play(Options {
            port: arguments.port,
            state: arguments.state,
            pace: None,
            language: arguments.language,
        }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the bot in this process with these settings, as `ceo-bot run --config FILE` does.
fn as_bot(config: PathBuf) -> ExitCode {
    std::thread::spawn(end_with_the_playground);
    let arguments: [OsString; 4] = ["ceo-bot".into(), "run".into(), "--config".into(), config.into()];
    ceo_bot::main_with(arguments.into_iter())
}

/// The playground holds the other end of the standard input and writes nothing into it: it ends when the playground
/// does, by `kill -9` too. Both simulators are gone then, so there is nothing left to bring to rest.
fn end_with_the_playground() {
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink()); // an error says the same as the end
    eprintln!("the playground is gone, and its bot goes too");
    std::process::exit(1);
}

#[tokio::main]
async fn play(options: Options) -> anyhow::Result<()> {
    // From here on, so that one that comes during the start is not lost.
    let mut terminated = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let program = std::env::current_exe().context("where this program is")?;
    let playground = Playground::start(options, &program).await?;
    println!("\n  Open {} and type / in the chat.\n", playground.url());
    println!("  Try: /ceo status. Then \"Break things\", top right, and see what the bot makes of it.");
    println!(
        "  Be the operator, the lead or the viewer: bottom left. The bot's log: {}",
        playground.directory().join("bot.log").display()
    );
    println!("  Ctrl-C (or SIGTERM) ends everything.\n");
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.context("waiting for Ctrl-C")?,
        _ = terminated.recv() => {}
    }
    println!("ending ...");
    playground.stop().await;
    Ok(())
}
