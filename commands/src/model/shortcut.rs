//! The commands that a button leads to.

/// A command that cards of other commands and of incidents offer. Its path stands here once, and the catalogue is held
/// against it: a button must not lead to a command that there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortcut {
    /// The state of a workload.
    Status,
    /// What its pods write.
    Logs,
    /// Its pods.
    Pods,
    /// Its template as it was.
    RollBack,
}

impl Shortcut {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Status, Self::Logs, Self::Pods, Self::RollBack];

    /// The path of its command, as in the catalogue.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Logs => "logs",
            Self::Pods => "get pods",
            Self::RollBack => "rollback",
        }
    }
}
