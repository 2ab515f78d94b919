//! The one place that knows Discord: what comes in becomes an `Ask` or a `Press`, what goes out is a `Report` drawn within
//! Discord's limits.
//!
//! ```text
//! gateway -> intake -> Dispatcher -> Report -> render -> rest      (answers to interactions)
//! store   -> outbox ----------> Report -> render -> rest      (living messages of channels)
//! Dispatcher -> members ---------------------------> rest        (who has which role)
//! ```

mod client;
mod columns;
pub mod components;
pub mod draw;
mod gateway;
mod intake;
mod members;
mod notes;
mod outbox;
pub mod ports;
pub mod render;
mod rest;
pub mod schema;
mod settings;
mod text;
mod witness;

#[cfg(test)]
mod limits;

use std::{collections::BTreeMap, time::Duration};

use ceo_commands::{model::Report, ports::Posted};

pub use self::{
    client::{Discord, QUIET},
    outbox::Outbox,
    ports::{Delivery, Dispatcher, NoSignals, OutboxRow, Rows, RowsError, Signals},
    settings::{DiscordSettings, Places, Timing},
    witness::{Seen, Witness},
};

/// How long a drawing waits for the address of a message that it links to; without it that is named.
const LINKS: Duration = Duration::from_secs(1);

/// How often it is looked whether a ticket's message is posted.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The same once the messages that the text links to are posted, or not in time: a card and the answer that leads to it
/// are made at the same moment.
async fn wall_with_links(rows: &dyn Rows, report: &Report, guild: u64) -> draw::Wall {
    let linked = render::linked(report);
    let posted = async {
        loop {
            let wall = wall(rows, report, guild).await;
            if linked.iter().all(|ticket| wall.tickets.contains_key(ticket)) {
                return wall;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    match tokio::time::timeout(LINKS, posted).await {
        Ok(wall) => wall,
        Err(_) => wall(rows, report, guild).await,
    }
}

/// The wall for a report: with the addresses of the messages that it links to.
async fn wall(rows: &dyn Rows, report: &Report, guild: u64) -> draw::Wall {
    let mut wall = draw::Wall {
        guild,
        ..draw::Wall::default()
    };
    for ticket in render::tickets(report) {
        if let Some(posted) = posted(rows, &format!("ticket:{ticket}")).await {
            wall.tickets.insert(ticket, posted);
        }
    }
    for key in render::messages(report) {
        if let Some(posted) = posted(rows, key).await {
            wall.messages.insert(key.to_owned(), posted);
        }
    }
    wall
}

/// Where a living message stands, if it does and that is found in time.
async fn posted(rows: &dyn Rows, key: &str) -> Option<Posted> {
    match tokio::time::timeout(LINKS, rows.row(key)).await {
        Ok(Ok(Some(row))) => {
            let message = row.message?;
            let channel = row.channel;
            return Some(Posted { channel, message });
        }
        Ok(Ok(None)) => {}
        Ok(Err(error)) => tracing::debug!(%error, key, "a message was not found"),
        Err(_) => tracing::debug!(key, "a message was not found in time"),
    }
    None
}

/// The bytes of a report's files that are in the store. One that is gone from there is drawn without.
async fn load_files(rows: &dyn Rows, report: &Report) -> Result<BTreeMap<String, Vec<u8>>, RowsError> {
    let mut files = BTreeMap::new();
    for file in report.files().filter(|file| file.bytes().is_none()) {
        match rows.blob(file.hash()).await? {
            Some(bytes) => drop(files.insert(file.hash().to_owned(), bytes)),
            None => tracing::error!(
                file = file.name,
                hash = file.hash(),
                "a file is gone from the store"
            ),
        }
    }
    Ok(files)
}

/// Stores the texts that buttons name. Whether all are stored.
async fn store_texts(rows: &dyn Rows, texts: &[(String, String)]) -> bool {
    for (key, text) in texts {
        if let Err(error) = rows.put(key, text).await {
            tracing::error!(%error, "a button's text could not be stored");
            return false;
        }
    }
    true
}
