//! `ceo-bot audit verify` and `ceo-bot audit export`: what an auditor runs, with the bot running or not.

use std::{process::ExitCode, sync::Arc};

use clap::Subcommand;

use super::process::{Done, FAILED, print};
use crate::{
    app,
    discord::{Discord, NoSignals, Seen},
    settings::Settings,
    store::{AuditHead, Store, StoreOptions, VerifyError},
};

/// Pages of a hundred messages that are read of the channel: three years of heads.
const PAGES: usize = 11;

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Recomputes the chain of hashes and names the first row that does not fit
    Verify {
        /// A head noted elsewhere: that row must still be there unchanged, as those of the audit channel must
        #[arg(long, value_name = "SEQ:HASH")]
        witness: Option<AuditHead>,
    },
    /// Writes the rows to standard output, one JSON object a line, oldest first
    Export,
}

pub(super) async fn run(settings: Settings, command: Audit) -> Done {
    let options = StoreOptions {
        timeout: settings.timing.store_timeout,
        ..StoreOptions::default()
    };
    let store = Store::open(settings.store.url.expose(), options).await?;
    let done = match command {
        Audit::Verify { witness } => verify(&store, &settings, witness).await,
        Audit::Export => export(&store).await,
    };
    store.close().await;
    done
}

/// Recomputes the chain, and holds it against the heads of the witness's channel and the one that was given.
async fn verify(store: &Store, settings: &Settings, given: Option<AuditHead>) -> Done {
    let posted = match heads(settings).await {
        Ok(posted) => posted,
        Err(why) => {
            eprintln!("ceo-bot: the heads in the channel of discord.channels.audit could not be read: {why}");
            vec![]
        }
    };
    let parsed = posted.iter().filter_map(|seen| seen.head.parse().ok());
    let witnesses: Vec<AuditHead> = parsed.chain(given.clone()).collect();
    let head = match store.verify(&witnesses).await {
        Ok(head) => head,
        Err(VerifyError::Broken(broken)) => {
            eprintln!("ceo-bot: {broken}");
            return Ok(ExitCode::from(FAILED));
        }
        Err(VerifyError::Store(error)) => return Err(error.into()),
    };
    let mut text = format!("The audit is whole: {} rows. Its head: {head}\n", head.seq);
    text.push_str(&held_against(&posted, given.as_ref()));
    print(&text)?;
    let edited = posted.iter().find_map(|seen| Some((seen, seen.edited.as_ref()?)));
    if let Some((seen, at)) = edited {
        eprintln!(
            "ceo-bot: the head {} was edited in the channel at {at}. The bot edits none: somebody else holds its token",
            seen.head
        );
        return Ok(ExitCode::from(FAILED));
    }
    Ok(ExitCode::SUCCESS)
}

async fn heads(settings: &Settings) -> Result<Vec<Seen>, String> {
    let discord = Discord::connect(app::discord_settings(settings), Arc::new(NoSignals));
    let discord = discord.await.map_err(|error| format!("{error:#}"))?;
    discord
        .witness(settings.discord.channels.audit)
        .heads(PAGES)
        .await
}

/// Which heads the chain was held against, in words.
fn held_against(posted: &[Seen], given: Option<&AuditHead>) -> String {
    let row = |head: &str| head.split(':').next().unwrap_or_default().to_owned();
    let mut all: Vec<String> = posted
        .iter()
        .map(|seen| format!("row {} posted on {}", row(&seen.head), seen.day))
        .collect();
    all.extend(given.map(|head| format!("row {} given here", head.seq)));
    if all.is_empty() {
        return "It was held against no head, so rows that were all written anew are not found. Give one: --witness SEQ:HASH\n"
            .to_owned();
    }
    format!("Held against {} heads: {}.\n", all.len(), all.join(", "))
}

async fn export(store: &Store) -> Done {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let rows = store.export(&mut out).await?;
    eprintln!("{rows} rows");
    Ok(ExitCode::SUCCESS)
}
