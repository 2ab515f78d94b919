//! Reading, merging, sieving and following logs: bounded in memory whatever the cluster sends, and freed of secrets before
//! anything is searched or shown.

mod containers;
mod draw;
mod follow;
mod kept;
mod lines;
mod once;
mod patterns;
mod question;
mod read;
mod resume;
mod scene;
mod show;
mod sieve;
mod tail;
mod target;
mod trouble;

pub(crate) use self::{
    containers::{Names, containers},
    follow::{Following, follow},
    once::once,
    question::{BACK, Question, TAIL_MOST},
    read::Source,
    scene::Scene,
    sieve::{Grep, Sieve},
    target::Target,
};
