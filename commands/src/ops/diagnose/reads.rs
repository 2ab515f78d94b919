//! What no watch has is read when it explains something: each kind by itself and beside the others, none of them longer than
//! a cluster may take. What may not be read is said.

use super::{case::Case, pods::Desk};
use crate::{
    cluster::{ClusterError, Kind, Select},
    model::Scope,
    texts::diagnose as texts,
};

/// The most objects of a kind that are read.
const MOST: u32 = 1000;

/// The objects of a kind, or why they are not known.
pub(super) struct Read<K>(Result<Vec<K>, ClusterError>);

impl Desk<'_> {
    /// The objects of a kind in the namespace; of what belongs to the cluster, all of them.
    pub(super) async fn read<K: Kind>(&self) -> Read<K> {
        self.read_some(&Select::default()).await
    }

    /// Those with these fields.
    pub(super) async fn read_some<K: Kind>(&self, select: &Select) -> Read<K> {
        let scope = match K::API.scope {
            crate::cluster::KindScope::Namespaced => self.scope.clone(),
            crate::cluster::KindScope::Cluster => Scope::cluster(&self.scope.cluster),
        };
        let select = select.clone().at_most(MOST);
        // Several of them are read at once, and each holds a page.
        Read(Box::pin(self.in_time(self.cx.view.list_in(&scope, &select))).await)
    }
}

impl<K: Kind> Read<K> {
    /// The objects; that they may not be read is said in the case.
    pub(super) fn known(self, case: &mut Case, desk: &Desk<'_>) -> Option<Vec<K>> {
        match self.0 {
            Ok(objects) => Some(objects),
            Err(error) => {
                let why = desk.cx.redactor.line(error.in_a_line());
                case.missed(texts::missed(&K::API.plural.into(), &why));
                None
            }
        }
    }

    /// The objects, where the answer is about nothing else.
    pub(super) fn needed(self) -> Result<Vec<K>, ClusterError> {
        self.0
    }
}
