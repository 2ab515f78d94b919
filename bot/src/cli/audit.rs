//! `ceo-bot audit verify` and `ceo-bot audit export`: what an auditor runs, with the bot running or not.

use std::process::ExitCode;

use clap::Subcommand;

use super::process::{Done, FAILED, print};
use crate::{
    settings::Settings,
    store::{AuditHead, Store, StoreOptions, VerifyError},
};

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Recomputes the chain of hashes and names the first row that does not fit
    Verify {
        /// A head noted earlier, as the bot posts it to the audit channel: that row must still be there unchanged
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
        Audit::Verify { witness } => verify(&store, witness.as_ref()).await,
        Audit::Export => export(&store).await,
    };
    store.close().await;
    done
}

async fn verify(store: &Store, witness: Option<&AuditHead>) -> Done {
    match store.verify(witness).await {
        Ok(head) => print(&format!(
            "The audit is whole: {} rows. Its head: {head}\n",
            head.seq
        )),
        Err(VerifyError::Broken(broken)) => {
            eprintln!("ceo-bot: {broken}");
            Ok(ExitCode::from(FAILED))
        }
        Err(VerifyError::Store(error)) => Err(error.into()),
    }
}

async fn export(store: &Store) -> Done {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let rows = store.export(&mut out).await?;
    eprintln!("{rows} rows");
    Ok(ExitCode::SUCCESS)
}
