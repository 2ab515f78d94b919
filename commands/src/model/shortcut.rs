//! The commands that a button leads to.

/// The enum, its list and its paths from one table, so that none can lack one of them.
macro_rules! shortcuts {
    ($($(#[doc = $doc:literal])+ $name:ident => $path:literal, $about:literal;)+) => {
        /// A command that cards of other commands and of incidents offer. Its path stands here once, and the catalogue is
        /// held against it: a button must not lead to a command that there is not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Shortcut {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Shortcut {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The path of its command, as in the catalogue.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)+
                }
            }

            /// The option in which it takes what it is about.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$name => $about,)+
                }
            }
        }
    };
}

shortcuts! {
    /// The state of a workload.
    Status => "status", "workload";
    /// What its pods write.
    Logs => "logs", "workload";
    /// Its pods.
    Pods => "get pods", "for";
    /// Its template as it was.
    RollBack => "rollback", "workload";
    /// Why it does not work.
    Diagnose => "diagnose", "what";
}
