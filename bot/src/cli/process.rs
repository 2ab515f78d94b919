//! How a command of the program runs and ends.

use std::process::ExitCode;

use crate::settings::{self, Settings};

/// Something failed.
pub(super) const FAILED: u8 = 1;
/// Wrong usage or settings; clap ends with the same.
pub(super) const WRONG: u8 = 2;

/// What a command of the program ends with.
pub(super) type Done = anyhow::Result<ExitCode>;

pub(super) fn on_runtime(work: impl Future<Output = Done>) -> Done {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("ceo")
        .build()?;
    let done = runtime.block_on(work);
    // What is still blocked by then (a name that does not resolve) shall not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done
}

pub(super) fn with_settings(file: &std::path::Path, work: impl FnOnce(Settings) -> Done) -> Done {
    match settings::load(file, &settings::environment()) {
        Ok(settings) => work(settings),
        Err(problems) => {
            eprintln!("The settings in {} are wrong:", file.display());
            for problem in &problems {
                eprintln!("  {problem}");
            }
            eprintln!(
                "{} to mend; nothing was started.",
                if problems.len() == 1 {
                    "1 thing".to_owned()
                } else {
                    format!("{} things", problems.len())
                }
            );
            Ok(ExitCode::from(WRONG))
        }
    }
}

/// To standard output; a reader that stops early (`| head`) is no failure.
pub(super) fn print(text: &str) -> Done {
    use std::io::{ErrorKind, Write};
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}
