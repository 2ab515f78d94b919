//! What is told of a command that ran in a container, and which pod it runs in.

use std::{sync::Arc, time::Duration};

use crate::{
    cluster::{Ended, InContainer},
    health::{self, exit},
    model::{Block, Code, File, Report, Text, Tone},
    objects::Pod,
    texts::exec as say,
};

/// How much of what was written stands in the message; all of it goes along as a file then.
const INLINE: usize = 1300;

/// A pod whose container runs: a ready one before others, then by name.
pub(super) fn running(pods: &[Arc<Pod>], container: &str) -> Option<Arc<Pod>> {
    let running = pods.iter().filter(|pod| {
        let mut all = pod.status.container_statuses.iter();
        all.any(|status| *status.name == *container && status.state.running.is_some())
    });
    running
        .min_by_key(|pod| (!health::state(pod).ready, pod.metadata.name.to_string()))
        .map(Arc::clone)
}

/// What was run.
pub(super) struct Told<'a> {
    /// What it is called.
    pub(super) name: &'a str,
    /// Where.
    pub(super) place: &'a InContainer,
    /// Its words, without secrets.
    pub(super) words: &'a str,
    /// How long it was waited for.
    pub(super) within: Duration,
    /// How long it took.
    pub(super) took: Duration,
}

impl Told<'_> {
    /// How it ended, and what it wrote; that is without secrets.
    pub(super) fn report(&self, ended: &Ended, text: &str) -> Report {
        let name = self.name;
        let (tone, title) = match ended {
            Ended::Code(0) => (Tone::Good, say::passed(name)),
            Ended::Code(code) => (Tone::Bad, say::failed(name, *code, &exit::words(*code, None))),
            Ended::NotStarted(_) => (Tone::Bad, say::not_started(name)),
            Ended::NotInTime => (Tone::Waiting, say::not_in_time(name, self.within)),
            Ended::TooMuch => (Tone::Waiting, say::too_much(name)),
            Ended::NotKnown => (Tone::Waiting, say::not_known(name)),
        };
        let mut report = Report::new(tone, title)
            .line(say::ran(self.words, &self.place.pod, &self.place.container))
            .line(say::took(self.took));
        if let Ended::NotStarted(why) = ended {
            report.add(Text::from(why.as_str()));
        }
        if text.is_empty() {
            if matches!(ended, Ended::Code(_)) {
                report.add(say::wrote_nothing());
            }
            return report;
        }
        let shown: String = text.chars().take(INLINE).collect();
        let whole = shown.len() == text.len();
        report = report.code(Code {
            language: String::new(),
            text: shown,
        });
        if !whole {
            let file = File::new(format!("{name}.txt"), say::file(name), text.as_bytes().to_vec());
            report.blocks.push(Block::File(file));
        }
        report
    }
}
