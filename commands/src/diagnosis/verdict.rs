//! How a workload is, in one word: what status, lists of pods and the namespace's overview say of it.

use super::{
    causes::{Cause, Finding},
    found,
    scene::Scene,
};
use crate::{
    cluster::WorkloadObject,
    health::RolloutState,
    model::{Tone, WorkloadKind},
};

/// How a workload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is no such object any more.
    Gone,
    /// No pods are wanted.
    ScaledToZero,
    /// A DaemonSet that no node matches.
    NoNode,
    /// All is there, and nothing was wrong lately.
    Healthy,
    /// All is there, and something is wrong, was a moment ago, or is told as an incident still.
    Troubled,
    /// Pods are starting; nothing is replaced.
    Starting,
    /// Pods are going; nothing is replaced.
    ScalingDown,
    /// Pods are being replaced.
    RollingOut,
    /// The rollout is paused.
    Paused,
    /// Pods are replaced when somebody deletes them.
    OnDelete,
    /// Old pods serve in full, the new ones do not come up.
    RolloutFails,
    /// The rollout is past its deadline.
    Stuck,
    /// Too few pods serve, and some are in trouble.
    Degraded,
    /// No pod serves, and some are in trouble.
    Down,
}

impl Verdict {
    /// Its colour.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Healthy => Tone::Good,
            Self::ScaledToZero | Self::NoNode => Tone::Off,
            Self::Troubled
            | Self::Starting
            | Self::ScalingDown
            | Self::RollingOut
            | Self::Paused
            | Self::OnDelete => Tone::Waiting,
            Self::Gone | Self::RolloutFails | Self::Stuck | Self::Degraded | Self::Down => Tone::Bad,
        }
    }
}

/// Whether it is not known how many pods are wanted: a DaemonSet's controller has not counted the nodes yet.
fn is_unknown(scene: &Scene<'_>) -> bool {
    let daemon = |w: &WorkloadObject| w.kind() == WorkloadKind::DaemonSet;
    scene.rollout.state == RolloutState::Unseen && scene.workload.is_some_and(daemon)
}

/// How a workload is, with all its pods. `told`: an incident of it is open.
#[must_use]
pub fn verdict(scene: &Scene<'_>, told: bool) -> Verdict {
    let rollout = scene.rollout;
    // What one that leaves still holds (a host port, a volume), the next one waits for.
    let makes_way = scene.pods.iter().any(|pod| found::makes_way(pod, scene.look));
    let waits = |found: &Finding| makes_way && matches!(found.cause, Cause::Unschedulable(_));
    let of_pods = scene.pods.iter().filter_map(|pod| found::of_pod(pod, scene.look));
    let of_pods = of_pods.filter(|found| !waits(found));
    let refused = found::refused(scene).filter(|found| found.is_due(scene.look));
    let found: Vec<Finding> = of_pods.chain(refused).collect();
    let fails = found.iter().any(Finding::is_failure);
    match rollout.state {
        RolloutState::Gone => Verdict::Gone,
        RolloutState::Complete if rollout.desired == 0 => match scene.workload.map(|w| w.kind()) {
            Some(WorkloadKind::DaemonSet) => Verdict::NoNode,
            _ => Verdict::ScaledToZero,
        },
        RolloutState::Complete if found.is_empty() && !told => Verdict::Healthy,
        RolloutState::Complete => Verdict::Troubled,
        // Of pods that nobody wants none fails: they are on their way out.
        state if rollout.desired == 0 && state != RolloutState::Stuck && !is_unknown(scene) => {
            Verdict::ScalingDown
        }
        RolloutState::Stuck => Verdict::Stuck,
        _ if fails && rollout.serves_in_full() && rollout.is_replacing() => Verdict::RolloutFails,
        _ if fails && rollout.serves_in_full() => Verdict::Troubled,
        _ if fails && rollout.available == 0 => Verdict::Down,
        _ if fails => Verdict::Degraded,
        RolloutState::Paused => Verdict::Paused,
        RolloutState::OnDelete => Verdict::OnDelete,
        _ if rollout.is_replacing() => Verdict::RollingOut,
        _ if rollout.pods > rollout.desired => Verdict::ScalingDown,
        _ => Verdict::Starting,
    }
}
