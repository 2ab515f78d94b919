//! A volume that keeps its pods where no node is ready.

use super::finding::Remedy;
use crate::{health::volume::Stranded, model::Text, texts::diagnosis as texts};

/// A volume that can be used on no node that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tied {
    /// The claim that it is bound to.
    pub claim: String,
    /// Its name.
    pub volume: String,
    /// Where it could be used.
    pub to: Stranded,
}

impl Tied {
    /// Why a pod with it cannot start elsewhere.
    #[must_use]
    pub fn text(&self) -> Text {
        match &self.to {
            Stranded::NotReady(nodes) => texts::tied_to_failing(&self.claim, &self.volume, nodes),
            Stranded::Gone(places) => texts::tied_to_gone(&self.claim, &self.volume, places),
        }
    }

    /// What to do about it.
    pub(super) fn remedy(&self) -> Remedy {
        Remedy::advice(texts::bring_node_back())
    }
}
