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
mod config;
mod describe;
mod diagnose;
mod doctor;
mod exec;
mod follow;
mod gateway;
mod health;
mod hold;
mod image;
mod incidents;
mod languages;
mod lists;
mod logs;
mod metrics;
mod ratelimit;
mod redaction;
mod restart;
mod restart_recovery;
mod rollback;
mod rollout;
mod runbook;
mod scale;
mod secrets;
mod services;
mod status;
mod tables;
mod tune;
mod workflows;

use ceo_tests::{
    discord::Message,
    world::{PATIENCE, World, until},
};

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

/// Asks until the answer says all of this.
async fn asks_until(world: &World, line: &str, words: &[&str]) -> anyhow::Result<Message> {
    let look = || async {
        let answer = world.ask(&world.viewer(), line).await?;
        let text = answer.text();
        Ok(words.iter().all(|word| text.contains(word)).then_some(answer))
    };
    match until(PATIENCE, look).await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let last = world.ask(&world.viewer(), line).await?;
            Err(error.context(format!("{line} never says {words:?}; it says:\n{}", last.text())))
        }
    }
}
