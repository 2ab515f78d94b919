//! The bot's Discord half against the simulated Discord, with a scripted engine and a store in memory: how it opens, answers,
//! completes, keeps living messages true, and what it does when Discord fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    reason = "a test fails by panicking, and reads from top to bottom"
)]

#[path = "discord_bot/answers.rs"]
mod answers;
#[path = "discord_bot/fakes.rs"]
mod fakes;
#[path = "discord_bot/gateway.rs"]
mod gateway;
#[path = "discord_bot/outbox.rs"]
mod outbox;
#[path = "discord_bot/world.rs"]
mod world;
