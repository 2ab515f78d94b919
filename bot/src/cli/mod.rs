//! The command line. Exit codes: 0 done, 1 something failed (what, is on standard error), 2 wrong usage or settings.

mod audit;
mod check;
mod logging;
mod process;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use process::{Done, FAILED, WRONG, on_runtime, print, with_settings};

use crate::{
    app,
    catalogue::{self, Account, Extras},
    settings,
};

#[derive(Parser)]
#[command(
    name = "ceo-bot",
    version,
    about = "The Kubernetes runbook in a Discord chat",
    after_help = "Exit codes: 0 done, 1 something failed, 2 wrong usage or settings.\nLogs go to standard error; RUST_LOG=debug shows more of them."
)]
struct Cli {
    #[command(flatten)]
    config: ConfigFile,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Clone)]
struct ConfigFile {
    /// The settings file
    #[arg(long, value_name = "FILE", default_value = "ceo.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the bot until SIGTERM
    Run,
    /// Checks settings, Discord, clusters, rights and store, and says how to mend what fails
    Check,
    /// Writes a settings file to fill in; never overwrites one
    Init,
    /// Prints the Kubernetes manifests of the rights that the bot needs
    Rbac(RbacOptions),
    /// Prints the table of commands (Markdown)
    Commands,
    /// Works on the audit
    #[command(subcommand)]
    Audit(audit::Audit),
}

#[derive(Args)]
struct RbacOptions {
    /// Namespaces to serve, instead of those in the settings (then no settings are read)
    #[arg(long = "namespace", value_name = "NAMESPACE")]
    namespaces: Vec<String>,
    /// The bot's ServiceAccount
    #[arg(long, value_name = "NAMESPACE/NAME", default_value = "ceo/ceo-bot", value_parser = account)]
    service_account: (String, String),
    /// With the right to read Secrets, as redact.secret_values needs; else the settings decide
    #[arg(long)]
    secret_values: bool,
    /// With the right to ask Services through the API server, as health targets with a service need; else the settings decide
    #[arg(long)]
    service_proxy: bool,
    /// With the right to run checks in containers, as exec.enabled needs; else the settings decide
    #[arg(long)]
    exec: bool,
    /// For settings that make pods which ask health targets (exec.probe_image).
    #[arg(long)]
    probe_pods: bool,
}

fn account(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => {
            Ok((namespace.to_owned(), name.to_owned()))
        }
        _ => Err("expected NAMESPACE/NAME, like ceo/ceo-bot".to_owned()),
    }
}

/// Runs the program with these arguments; the first is the program's name.
pub fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(told) => {
            // Help and version are no failures; a closed pipe is not worth telling.
            let code = u8::try_from(told.exit_code()).unwrap_or(WRONG);
            let _ = told.print();
            return ExitCode::from(code);
        }
    };
    // Two providers in one process make rustls panic; an error here only says that one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let file = cli.config.config;
    let done = match cli.command {
        Command::Run => with_settings(&file, |settings| {
            logging::start(settings.log, app::redactor(&settings));
            on_runtime(app::run(settings))
        }),
        Command::Check => check::command(&file),
        Command::Init => init(&file),
        Command::Rbac(options) => rbac(&file, options),
        Command::Commands => print(&catalogue::table()),
        Command::Audit(command) => with_settings(&file, |settings| {
            logging::start(settings.log, app::redactor(&settings));
            on_runtime(audit::run(settings, command))
        }),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ceo-bot: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn init(file: &std::path::Path) -> Done {
    use std::io::Write;
    // It may come to hold a token.
    let opened = settings::private_file::options().create_new(true).open(file);
    match opened {
        Ok(mut new) => new.write_all(settings::template().as_bytes())?,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            anyhow::bail!("{} is there already and was left as it is", file.display())
        }
        Err(e) => anyhow::bail!("{} cannot be written: {e}", file.display()),
    }
    print(&format!(
        "Wrote {}. Fill in what stands in <angle brackets>, then: ceo-bot check --config {}\n",
        file.display(),
        file.display()
    ))
}

fn rbac(file: &std::path::Path, options: RbacOptions) -> Done {
    let (namespace, name) = options.service_account;
    let account = |serves, extras| Account {
        namespace: namespace.clone(),
        name: name.clone(),
        serves,
        extras,
    };
    if !options.namespaces.is_empty() {
        let extras = Extras {
            secret_values: options.secret_values,
            service_proxy: options.service_proxy,
            exec: options.exec,
            probe_pods: options.probe_pods,
        };
        let account = account(options.namespaces, extras);
        return print(&catalogue::manifest(&account));
    }
    with_settings(file, |settings| {
        let many = settings.clusters.len() > 1;
        let mut text = String::new();
        for (at, cluster) in settings.clusters.iter().enumerate() {
            if many {
                let separator = if at == 0 { "" } else { "---\n" };
                text.push_str(&format!("{separator}# cluster {}\n", cluster.name));
            }
            let asked = settings.extras(&cluster.name);
            let extras = Extras {
                secret_values: options.secret_values || asked.secret_values,
                service_proxy: options.service_proxy || asked.service_proxy,
                exec: options.exec || asked.exec,
                probe_pods: options.probe_pods || asked.probe_pods,
            };
            let account = account(cluster.namespaces.clone(), extras);
            text.push_str(&catalogue::manifest(&account));
        }
        print(&text)
    })
}
