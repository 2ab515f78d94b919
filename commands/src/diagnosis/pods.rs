//! What is wrong with one pod: at most one of the problems, the worst of its containers.

use std::time::Duration;

use super::Look;
use crate::{
    health::{ProblemKind, exit, pod, problem, quoted_pod, why_not_ready},
    incident::Problem,
    model::{Timestamp, since},
    objects::{ContainerStatus, Pod, PodStatus, Terminated},
    redact::Redactor,
};

/// A container that ran for so long did not crash in a loop: from then on the kubelet forgets its back-off, too.
const LONG_RUN: Duration = Duration::from_secs(10 * 60);
/// Ends so soon after the start are told as such.
const SOON: Duration = Duration::from_secs(10);

/// A pod in trouble.
pub(super) struct Trouble {
    pub(super) problem: Problem,
    pub(super) pod: String,
    pub(super) container: Option<String>,
    pub(super) text: String,
    pub(super) said: Option<String>,
    pub(super) restarts: i32,
    pub(super) since: Timestamp,
    pub(super) last: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) running: bool,
}

/// Whether a pod is one of those that shall run: what ended for good or is on its way out crashes no more.
pub(super) fn is_counted(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_none() && !pod::is_over(pod)
}

/// What is wrong with a pod, if it is one of the problems.
pub(super) fn trouble(pod: &Pod, look: Look<'_>) -> Option<Trouble> {
    let own = containers(&pod.status).filter_map(|(container, init)| {
        let policy = Policy::of(pod, container, init);
        container_trouble(pod, container, policy, look)
    });
    let worst = own.min_by_key(|t| t.problem);
    worst.or_else(|| unschedulable(pod, look))
}

/// The containers, and whether each is an init container.
fn containers(status: &PodStatus) -> impl Iterator<Item = (&ContainerStatus, bool)> {
    let main = status.container_statuses.iter().map(|c| (c, false));
    let init = status.init_container_statuses.iter().map(|c| (c, true));
    main.chain(init)
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

/// Which of a container's ends is a problem now, and when that was last so.
struct Fall<'c> {
    problem: Problem,
    end: Option<&'c Terminated>,
    last: Timestamp,
    running: bool,
}

fn container_trouble(pod: &Pod, c: &ContainerStatus, policy: Policy, look: Look<'_>) -> Option<Trouble> {
    if let Some(text) = image_trouble(c, look.quotes) {
        return Some(Trouble {
            problem: Problem::ImagePull,
            container: Some(c.name.to_string()),
            text,
            last: look.now,
            ended: None,
            running: false,
            ..of(pod, look)
        });
    }
    let fall = fall(c, policy, look)?;
    let before = c
        .last_state
        .terminated
        .as_deref()
        .filter(|_| !recovered_before(fall.end, look));
    let first = [before, fall.end]
        .into_iter()
        .flatten()
        .filter_map(|end| end.finished_at)
        .min();
    // The end that the title speaks of.
    let told = match fall.problem {
        Problem::OomKilled if !is_oom(fall.end) => before,
        _ => fall.end,
    };
    let base = of(pod, look);
    Some(Trouble {
        problem: fall.problem,
        container: Some(c.name.to_string()),
        text: words(c, told),
        said: fall.end.and_then(|end| said(end, look.quotes?)),
        since: first.unwrap_or(base.since),
        last: fall.last,
        ended: fall.end.and_then(|end| end.finished_at),
        running: fall.running,
        ..base
    })
}

/// What all troubles of a pod share.
fn of(pod: &Pod, look: Look<'_>) -> Trouble {
    let state = pod::state(pod);
    Trouble {
        problem: Problem::Unschedulable,
        since: not_ready_since(pod).or(state.created).unwrap_or(look.now),
        pod: state.name,
        container: None,
        text: String::new(),
        said: None,
        restarts: state.restarts,
        last: look.now,
        ended: None,
        running: false,
    }
}

fn fall<'c>(c: &'c ContainerStatus, policy: Policy, look: Look<'_>) -> Option<Fall<'c>> {
    let now = c.state.terminated.as_deref();
    let before = c.last_state.terminated.as_deref();
    let kind = |end| {
        // Two ends are known: that one of them was for lack of memory explains both, unless it ran well in between.
        if is_oom(end) || (is_oom(before) && !recovered_before(end, look)) {
            Problem::OomKilled
        } else {
            Problem::CrashLoopBackOff
        }
    };
    if let Some(waiting) = &c.state.waiting {
        let again = match &*waiting.reason {
            "CrashLoopBackOff" => true,
            "RunContainerError" | "CreateContainerError" | "StartError" | "PostStartHookError" => {
                c.restart_count > 0
            }
            _ => false,
        };
        return again.then(|| Fall {
            problem: kind(before),
            end: before,
            last: look.now,
            running: false,
        });
    }
    let short = |end: &Terminated| ran(end).is_none_or(|length| length < LONG_RUN);
    if let Some(end) = now {
        let again = is_oom(now) || (c.restart_count > 0 && short(end));
        return (policy.starts_again(end) && again).then(|| Fall {
            problem: kind(now),
            end: now,
            last: look.now,
            running: false,
        });
    }
    // It runs. That it ended a moment ago still counts: the next end may be seconds away.
    let end = before?;
    let recent = end.finished_at.filter(|at| since(*at, look.now) < look.settle)?;
    let again = is_oom(before) || (c.restart_count > 1 && short(end));
    (policy.starts_again(end) && again).then(|| Fall {
        problem: kind(before),
        end: before,
        last: recent.min(look.now),
        running: true,
    })
}

/// `api ends with exit code 3 (error of the program) within seconds of its start`
fn words(c: &ContainerStatus, end: Option<&Terminated>) -> String {
    let Some(end) = end else {
        return format!("{} ends again and again", c.name);
    };
    let code = exit::words(end.exit_code, Some(&*end.reason).filter(|r| !r.is_empty()));
    let soon = ran(end).is_some_and(|length| length < SOON);
    let soon = if soon { " within seconds of its start" } else { "" };
    format!("{} ends with {code}{soon}", c.name)
}

/// The kubelet keeps so many bytes of a log where a program left no words of its own: what it cut may begin in a secret.
const KEPT: usize = 2048;

/// What it left in its termination log.
fn said(end: &Terminated, quotes: &Redactor) -> Option<String> {
    let raw = &*end.message;
    let whole = match raw.split_once('\n') {
        Some((_, rest)) if raw.len() >= KEPT => rest,
        _ => raw,
    };
    let clean = quotes.quote(whole);
    let lines: Vec<&str> = clean.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    (!lines.is_empty()).then(|| problem::short(&lines.join(" ")))
}

/// Why the image of a container cannot be pulled.
fn image_trouble(c: &ContainerStatus, quotes: Option<&Redactor>) -> Option<String> {
    let waiting = c.state.waiting.as_ref()?;
    if !problem::is_image(&waiting.reason) {
        return None;
    }
    let message = Some(&*waiting.message).filter(|m| !m.is_empty());
    let why = match (message, quotes) {
        (Some(message), Some(redactor)) => {
            let why = problem::short(&redactor.quote(message));
            format!(" ({})", why.trim_end_matches(['.', ':', ' ']))
        }
        _ => String::new(),
    };
    let image = if c.image.is_empty() {
        "its image"
    } else {
        &*c.image
    };
    Some(format!("{} waits: {image} cannot be pulled{why}", c.name))
}

fn unschedulable(pod: &Pod, look: Look<'_>) -> Option<Trouble> {
    let told = pod
        .status
        .condition("PodScheduled")
        .filter(|c| c.status == "False")?;
    let quoted = quoted_pod(pod.clone(), look.quotes);
    let problem = why_not_ready(Some(&quoted)).filter(|p| p.kind == ProblemKind::Unschedulable)?;
    let base = of(pod, look);
    Some(Trouble {
        text: problem.text,
        since: told.last_transition_time.unwrap_or(base.since),
        ..base
    })
}

fn not_ready_since(pod: &Pod) -> Option<Timestamp> {
    let ready = pod.status.condition("Ready").filter(|c| c.status != "True")?;
    ready.last_transition_time
}
