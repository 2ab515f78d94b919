//! The bot: Discord, HTTP, storage. It translates between the chat and `ceo-commands`, which knows Kubernetes, and never
//! builds a change to a cluster itself.

pub mod app;
pub mod catalogue;
pub mod chart;
pub mod cli;
pub mod discord;
pub mod http;
pub mod manual;
pub mod probe;
pub mod prometheus;
pub mod settings;
pub mod store;
pub mod watch;

use std::{ffi::OsString, process::ExitCode};

/// The program `ceo-bot`.
#[must_use]
pub fn main() -> ExitCode {
    main_with(std::env::args_os())
}

/// The program with other arguments than the process's; the first is the program's name, as always.
pub fn main_with(args: impl Iterator<Item = OsString>) -> ExitCode {
    cli::run(args)
}
