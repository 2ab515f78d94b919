//! The doctor: everything that the bot needs, each looked at now, side by side, with what to do beside each thing that
//! fails. Nothing here changes anything but the store's tables, which are brought up to date.

mod chat;
mod cluster;
mod lines;
mod quorum;
mod storage;

use std::{path::Path, process::ExitCode, time::Duration};

use lines::{Line, Part, State};

use super::process::{Done, FAILED, on_runtime, print};
use crate::settings::{self, Settings};

pub(super) fn command(file: &Path) -> Done {
    match settings::load(file, &settings::environment()) {
        Ok(settings) => {
            let lines = on_lines(&settings, file)?;
            let failed = lines.iter().filter(|l| l.state == State::Failed).count();
            print(&lines::table(&lines))?;
            print(&match failed {
                0 => "\nAll is well.\n".to_owned(),
                1 => "\n1 thing to mend.\n".to_owned(),
                n => format!("\n{n} things to mend.\n"),
            })?;
            Ok(if failed == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(FAILED)
            })
        }
        Err(problems) => {
            let lines: Vec<Line> = problems
                .into_iter()
                .map(|p| Line::failed("settings", p.key, p.what))
                .collect();
            print(&lines::table(&lines))?;
            print("\nNothing else was checked: mend the settings first.\n")?;
            Ok(ExitCode::from(FAILED))
        }
    }
}

fn on_lines(settings: &Settings, file: &Path) -> anyhow::Result<Vec<Line>> {
    let mut lines = vec![Line::good("settings", file.display().to_string())];
    on_runtime(async {
        lines.extend(look(settings).await);
        Ok(ExitCode::SUCCESS)
    })?;
    Ok(lines)
}

/// All parts at once, in the order in which they are told.
async fn look(settings: &Settings) -> Vec<Line> {
    let within = settings.timing.check_timeout;
    let mut parts = vec![chat::part(settings)];
    parts.extend(settings.clusters.iter().map(|c| cluster::part(settings, c)));
    parts.extend(storage::prometheus(settings));
    parts.extend(storage::grafana(settings));
    parts.push(storage::part(settings));
    let bounded = parts.into_iter().map(|part| bound(part, within));
    futures::future::join_all(bounded).await.concat()
}

async fn bound(part: Part<'_>, within: Duration) -> Vec<Line> {
    match tokio::time::timeout(within, part.work).await {
        Ok(lines) => lines,
        Err(_) => vec![Line::failed(
            part.about,
            format!("no answer within {}", humantime::format_duration(within)),
            part.fix,
        )],
    }
}
