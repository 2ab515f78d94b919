//! Which of a container's ends counts, and as what: the last one, one that comes again and again, one for lack of memory.

use std::time::Duration;

use super::{
    finding::{Certainty, Evidence, Found},
    scene::{ContainerName, InContainer, Look},
    surroundings::{self, ProbeKind},
    words::short,
};
use crate::{
    health::exit,
    model::{Text, Timestamp, since},
    objects::{ContainerStatus, Event, Pod, Terminated, event_time},
    redact::Redactor,
    texts::diagnosis as texts,
};

/// A container that ran for so long did not crash in a loop: from then on the kubelet forgets its back-off, too.
const LONG_RUN: Duration = Duration::from_secs(10 * 60);
/// Ends so soon after the start are told as such.
const SOON: Duration = Duration::from_secs(10);

/// Whether the kubelet's word is one for a container that cannot be started.
pub(super) fn is_start_error(reason: &str) -> bool {
    matches!(
        reason,
        "RunContainerError" | "CreateContainerError" | "StartError" | "PostStartHookError"
    )
}

/// How a container ended, and what that means now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fall {
    /// Its exit code and the kubelet's word for it; `None` where nothing tells them any more.
    pub exit: Option<(i32, Option<String>)>,
    /// How often it was started again.
    pub restarts: i32,
    /// Whether an end for lack of memory explains it.
    pub out_of_memory: bool,
    /// Whether it never ran.
    pub not_started: bool,
    /// Whether it ends again and again, or is about to.
    pub again: bool,
    /// Whether it ended within seconds of its start.
    pub soon: bool,
    /// Whether it runs again.
    pub running: bool,
    /// When the run that ended last had begun.
    pub began: Option<Timestamp>,
    /// When it ended first, as far as known.
    pub since: Option<Timestamp>,
    /// When it ended last.
    pub ended: Option<Timestamp>,
    /// The last moment at which this is known to have held.
    pub last: Timestamp,
}

/// When a container is started again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    /// Whatever its end.
    Always,
    /// After a failure.
    OnFailure,
    /// Never.
    Never,
}

impl Policy {
    fn of(pod: &Pod, container: &ContainerStatus, init: bool) -> Self {
        let mut sidecars = pod.spec.init_containers.iter();
        let sidecar = sidecars.any(|c| c.name == container.name && c.restart_policy == "Always");
        match &*pod.spec.restart_policy {
            _ if sidecar => Self::Always,
            "Never" => Self::Never,
            // An init container that succeeded is done.
            "OnFailure" | "Always" if init => Self::OnFailure,
            "OnFailure" => Self::OnFailure,
            _ if init => Self::OnFailure,
            _ => Self::Always,
        }
    }

    /// Whether such an end is followed by another start.
    fn starts_again(self, end: &Terminated) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => end.exit_code != 0,
            Self::Never => false,
        }
    }
}

/// How long it ran before it ended.
fn ran(end: &Terminated) -> Option<Duration> {
    Some(since(end.started_at?, end.finished_at?))
}

fn is_oom(end: Option<&Terminated>) -> bool {
    end.is_some_and(|e| e.reason == "OOMKilled")
}

/// Whether it ran so long before this end that what was before is another matter, told as over.
fn recovered_before(end: Option<&Terminated>, look: Look) -> bool {
    end.and_then(ran).is_some_and(|length| length >= look.settle)
}

/// The end in question.
struct End<'c> {
    end: Option<&'c Terminated>,
    again: bool,
    last: Timestamp,
    running: bool,
}

/// The end in question of a container, if there is one.
fn end_of<'c>(c: &'c ContainerStatus, policy: Policy, look: Look<'_>) -> Option<End<'c>> {
    let before = c.last_state.terminated.as_deref();
    let is = |end, again| End {
        end,
        again,
        last: look.now,
        running: false,
    };
    if let Some(waiting) = &c.state.waiting {
        let start_error = is_start_error(&waiting.reason);
        let again = waiting.reason == "CrashLoopBackOff" || (start_error && c.restart_count > 0);
        return again.then(|| is(before, true));
    }
    let short = |end: &Terminated| ran(end).is_none_or(|length| length < LONG_RUN);
    if let Some(end) = c.state.terminated.as_deref() {
        let often = is_oom(Some(end)) || (c.restart_count > 0 && short(end));
        let again = policy.starts_again(end) && often;
        return (again || end.exit_code != 0).then(|| is(Some(end), again));
    }
    // It runs. That it ended a moment ago still counts: the next end may be seconds away, and whoever looks shall know.
    let end = before?;
    let recent = end.finished_at.filter(|at| since(*at, look.now) < look.settle)?;
    let often = is_oom(before) || (c.restart_count > 1 && short(end));
    policy.starts_again(end).then(|| End {
        end: Some(end),
        again: often,
        last: recent.min(look.now),
        running: true,
    })
}

impl Fall {
    /// Of a container, if it ended and that counts.
    pub(super) fn of(of: &InContainer<'_>) -> Option<Self> {
        let (c, look) = (of.status, of.scene.look);
        let found = end_of(c, Policy::of(of.scene.pod, c, of.init), look)?;
        let before = c.last_state.terminated.as_deref();
        let earlier = before.filter(|_| !recovered_before(found.end, look));
        // Two ends are known: that one of them was for lack of memory explains both, unless it ran well in between.
        let out_of_memory = is_oom(found.end) || is_oom(earlier);
        // The end that is told is the one that explains.
        let told = match found.end {
            end if out_of_memory && !is_oom(end) => before,
            end => end,
        };
        let first = [earlier, found.end].into_iter().flatten();
        Some(Self {
            exit: told.map(|end| (end.exit_code, reason(end))),
            restarts: c.restart_count,
            out_of_memory,
            not_started: told.is_some_and(|end| matches!(&*end.reason, "StartError" | "ContainerCannotRun")),
            again: found.again,
            soon: told.and_then(ran).is_some_and(|length| length < SOON),
            running: found.running,
            since: first.filter_map(|end| end.finished_at).min(),
            began: found.end.and_then(|end| end.started_at),
            ended: found.end.and_then(|end| end.finished_at),
            last: found.last,
        })
    }

    /// The finding with the times of this end.
    pub(super) fn timed<C>(self, mut finding: Found<C>) -> Found<C> {
        finding.since = self.since.unwrap_or(finding.since);
        finding.last = self.last;
        if let Some(subject) = &mut finding.subject {
            subject.ended = self.ended;
            subject.running = self.running;
        }
        if let Some((code, reason)) = self.exit {
            let at = self.ended;
            finding.evidence.push(Evidence::Ended { code, reason, at });
        }
        finding
    }

    /// By which probe the kubelet had it killed, with the warning that says so: an end without an error or by a signal, after a
    /// probe that failed. Of many warnings the kubelet tells few, so that one of an earlier run counts a little.
    pub(super) fn killed<'e>(&self, of: &InContainer<'e>) -> Option<Kill<'e>> {
        let (code, _) = self.exit.as_ref()?;
        if !matches!(code, 0 | 137 | 143) || self.out_of_memory || self.not_started {
            return None;
        }
        let kills = |kind: ProbeKind| matches!(kind, ProbeKind::Liveness | ProbeKind::Startup);
        let event =
            of.unhealthy(|kind, event| kills(kind) && surroundings::is_fresh(event, of.scene.look.now))?;
        let in_this_run = match (self.began, event_time(event)) {
            (Some(began), Some(at)) => at.as_second() >= began.as_second(),
            _ => false,
        };
        Some(Kill {
            probe: ProbeKind::of(event)?,
            event,
            certainty: if in_this_run {
                Certainty::Seen
            } else {
                Certainty::Likely
            },
        })
    }

    fn exit_words(&self) -> Option<Text> {
        let (code, reason) = self.exit.as_ref()?;
        Some(exit::words(*code, reason.as_deref()))
    }

    /// `container api, exit code 3 (error of the program), 6 restarts`
    pub(super) fn text(&self, container: &ContainerName) -> Text {
        match self.exit_words() {
            Some(exit) => texts::ended(&container.text(), &exit, self.restarts),
            None => texts::ends_again(&container.text()),
        }
    }

    /// `api ends with exit code 3 (error of the program) within seconds of its start`
    pub(super) fn told(&self, container: &ContainerName) -> Text {
        match self.exit_words() {
            Some(exit) => texts::ends_with(&container.name, &exit, self.soon),
            None => texts::ends_again(&container.bare()),
        }
    }
}

/// That the kubelet ended a container because a probe failed.
pub(super) struct Kill<'e> {
    /// Which probe.
    pub(super) probe: ProbeKind,
    /// The warning that says so.
    pub(super) event: &'e Event,
    /// How sure that is.
    pub(super) certainty: Certainty,
}

fn reason(end: &Terminated) -> Option<String> {
    Some(end.reason.to_string()).filter(|r| !r.is_empty())
}

/// The kubelet keeps so many bytes of a log where a program left no words of its own: what it cut may begin in a secret.
const KEPT: usize = 2048;

/// What a container left in its termination log when it last ended.
pub(super) fn said(pod: &Pod, container: &str, quotes: &Redactor) -> Option<String> {
    let status = &pod.status;
    let mut all = status
        .container_statuses
        .iter()
        .chain(&status.init_container_statuses);
    let container = all.find(|c| c.name == *container)?;
    let end = container.state.terminated.as_deref();
    let raw = &*end.or(container.last_state.terminated.as_deref())?.message;
    let whole = match raw.split_once('\n') {
        Some((_, rest)) if raw.len() >= KEPT => rest,
        _ => raw,
    };
    let clean = quotes.quote(whole);
    let lines: Vec<&str> = clean.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    (!lines.is_empty()).then(|| short(&lines.join(" ")))
}
