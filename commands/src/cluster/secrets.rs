//! The values of a namespace's Secrets, for hiding them in what comes from that namespace and for nothing else.

use std::sync::Arc;

use super::{ClusterError, Select, View};
use crate::{objects::Secret, redact::Redactor};

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
        // What Helm keeps of a release is no secret value but a large archive: it is not even asked for.
        let select = Select::fields("type!=helm.sh/release.v1");
        let secrets: Vec<Secret> = self.list(cluster, namespace, &select).await?;
        let values = secrets
            .into_iter()
            .flat_map(|secret| secret.data.into_values())
            .map(|value| value.0);
        Ok(Arc::new(Redactor::clone(usual).and_values(values)))
    }
}
