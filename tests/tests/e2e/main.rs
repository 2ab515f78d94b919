//! The real bot between a cluster and a chat, one module a question. Each test reads as a conversation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    reason = "a test fails by panicking, and reads from top to bottom"
)]

mod approvals;
mod approvers;
mod audit;
mod bounds;
mod completion;
mod describe;
mod diagnose;
mod doctor;
mod exec;
mod follow;
mod gateway;
mod health;
mod hold;
mod incidents;
mod languages;
mod lists;
mod logs;
mod ratelimit;
mod redaction;
mod restart_recovery;
mod rollback;
mod runbook;
mod scale;
mod secrets;
mod services;
mod status;
mod tables;

use ceo_tests::discord::Message;

/// Fails unless a message says all of this.
#[track_caller]
fn says(message: &Message, words: &[&str]) {
    let text = message.text();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in:\n{text}");
    }
}

/// Fails when a message says any of this.
#[track_caller]
fn says_not(message: &Message, words: &[&str]) {
    let text = message.text();
    for word in words {
        assert!(!text.contains(word), "{word:?} is in:\n{text}");
    }
}

/// The lines of a message's code block.
fn block(message: &Message) -> Vec<String> {
    let text = message.text();
    let inside = text.split("```").nth(1).unwrap_or_default();
    inside.lines().skip(1).map(str::to_owned).collect()
}

/// A file of a message as text.
fn file(message: &Message) -> anyhow::Result<String> {
    let file = message
        .attachments
        .first()
        .ok_or_else(|| anyhow::anyhow!("no file"))?;
    Ok(String::from_utf8(file.bytes.to_vec())?)
}
