//! The causes that are known, the worst first. A new one is a file with a type that implements `Detail`, and a line in
//! the list below: status, incidents and stuck runs know it from then on.

pub use crate::texts::causes::{PullError, Route, Scaling, Unbound};

use super::{
    detail::Detail,
    finding::{Certainty, Found, Remedy},
    scene::{Look, PodScene, Scene},
};
use crate::{
    incident::Problem,
    model::{Text, since},
    texts::diagnosis as texts,
};

macro_rules! causes {
    ($($module:ident::$name:ident),* $(,)?) => {
        $(mod $module; pub use $module::$name;)*

        /// What can be wrong, with the facts of the case.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Cause {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name)),*
        }

        $(impl From<Found<$name>> for Finding {
            fn from(found: Found<$name>) -> Self {
                found.map(Cause::$name)
            }
        })*

        impl Cause {
            /// The word in tests and metrics: `image_pull`.
            #[must_use]
            pub fn word(&self) -> &'static str {
                match self { $(Self::$name(_) => $name::WORD),* }
            }

            /// What is wrong, in words.
            #[must_use]
            pub fn text(&self) -> Text {
                match self { $(Self::$name(detail) => detail.text()),* }
            }

            /// The same under a title that names the workload and counts pods and restarts.
            #[must_use]
            pub fn told(&self) -> Text {
                match self { $(Self::$name(detail) => detail.told()),* }
            }

            /// The kind of incident that it makes, where it is one that is told by itself.
            #[must_use]
            pub fn problem(&self) -> Option<Problem> {
                match self { $(Self::$name(detail) => detail.problem()),* }
            }

            /// The same behind the word of kubectl's STATUS column, without that word.
            #[must_use]
            pub fn without_status(&self) -> Text {
                match self { $(Self::$name(detail) => detail.without_status()),* }
            }

            /// Whether it often passes by itself within moments.
            #[must_use]
            pub fn may_pass(&self) -> bool {
                match self { $(Self::$name(detail) => detail.may_pass()),* }
            }

            /// What to do about it.
            #[must_use]
            pub fn remedy(&self) -> Option<Remedy> {
                match self { $(Self::$name(detail) => detail.remedy()),* }
            }

            /// Its place in the list: the worst first.
            #[must_use]
            pub fn rank(&self) -> usize {
                const WORDS: &[&str] = &[$($name::WORD),*];
                WORDS.iter().position(|word| *word == self.word()).unwrap_or(WORDS.len())
            }
        }

        /// All that is wrong with a pod, the worst first.
        pub(super) fn of_pod(scene: PodScene<'_>) -> Vec<Finding> {
            [$($name::of_pod(scene).map(Finding::from)),*].into_iter().flatten().collect()
        }

        /// All that is wrong with a workload beside its pods, the worst first.
        pub(super) fn of_workload(scene: &Scene<'_>) -> Vec<Finding> {
            [$($name::of_workload(scene).map(Finding::from)),*].into_iter().flatten().collect()
        }
    };
}

causes! {
    failing_node::OnFailingNode,
    memory::OutOfMemory,
    killed::KilledByProbe,
    crash::CrashLoop,
    start::CannotStart,
    reference::MissingReference,
    image::ImagePull,
    scheduling::Unschedulable,
    ended::Ended,
    whole::PodFailed,
    warning::Warned,
    probe::ProbeFails,
    gate::Gated,
    quota::QuotaUsedUp,
    refused::Refused,
    held::Held,
    deadline::PastDeadline,
    node::NodeNotReady,
    pressure::NodeShort,
    claim::UnboundClaim,
    service::BrokenService,
    route::BrokenIngress,
    scaling::CannotScale,
    policy::ShutOut,
    rights::LacksRight,
    job::JobFailed,
}

pub use policy::Way;
pub use reference::missing_object;
pub use route::Routes;
pub use service::{Link, NearMiss};

/// What is wrong, and why it is thought so.
pub type Finding = Found<Cause>;

impl Finding {
    /// What is wrong, in words.
    #[must_use]
    pub fn text(&self) -> Text {
        self.cause.text()
    }

    /// Whether it is more than a moment of a start, or of what often passes by itself: incidents wait as long.
    #[must_use]
    pub fn is_due(&self, look: Look<'_>) -> bool {
        !self.cause.may_pass() || since(self.since, look.now) >= look.patience
    }

    /// Whether something fails, as far as is known: not what somebody holds back, nor what may be over.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let held = matches!(self.cause, Cause::Held(_) | Cause::Gated(_));
        !held && self.certainty < Certainty::Possible
    }

    /// The same with the pod in front, where it is one's.
    #[must_use]
    pub fn line(&self) -> Text {
        match &self.subject {
            Some(subject) => texts::pod(&subject.pod, &self.text()),
            None => self.text(),
        }
    }

    /// The kind of incident that it makes, where it is one of those that are told by themselves.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        self.cause.problem()
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        self.cause.remedy()
    }
}
