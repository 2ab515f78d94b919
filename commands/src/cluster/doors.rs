//! The two doors to the clusters: a [`View`] for everybody, a [`Writer`] for who holds a permit.

use super::{View, Writer, registry::Registry};
use crate::ticket::Permit;

impl Registry {
    /// The clusters, for reading and rehearsing.
    #[must_use]
    pub fn view(&self) -> View {
        View::new(self.clone())
    }

    /// The clusters, for writing to the permit's targets.
    #[must_use]
    pub fn writer<'p>(&self, permit: &'p Permit) -> Writer<'p> {
        Writer::new(self.clone(), permit)
    }
}
