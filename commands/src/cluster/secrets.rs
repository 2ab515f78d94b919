//! The values of a namespace's Secrets, for hiding them in what comes from that namespace and for nothing else.

use std::sync::Arc;

use super::{ClusterError, Select, View};
use crate::{objects::Secret, redact::Redactor};

/// Fields of the Secrets that hold something of the namespace's own: what Helm keeps of a release is a large archive, and is
/// not even asked for.
pub(crate) const NOT_OF_HELM: &str = "type!=helm.sh/release.v1";

impl View {
    /// What hides secrets in what programs of a namespace wrote: the usual, and where the settings say so
    /// (`redact.secret_values`) the values of its Secrets. Needs `list` on `secrets` then.
    ///
    /// # Errors
    /// [`ClusterError`]; then nothing that programs wrote may be shown.
    pub async fn redactor(
        &self,
        cluster: &str,
        namespace: &str,
        usual: &Arc<Redactor>,
    ) -> Result<Arc<Redactor>, ClusterError> {
        if !usual.wants_secret_values() {
            return Ok(Arc::clone(usual));
        }
        let select = Select::fields(NOT_OF_HELM);
        let secrets: Vec<Secret> = self.list(cluster, namespace, &select).await?;
        let values = secrets
            .into_iter()
            .flat_map(|secret| secret.data.into_values())
            .map(|value| value.0);
        Ok(Arc::new(Redactor::clone(usual).and_values(values)))
    }
}
