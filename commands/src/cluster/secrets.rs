//! The values of a namespace's Secrets, for hiding them in what comes from that namespace and for nothing else.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;

use super::{ClusterError, Select, View};
use crate::redact::Redactor;

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
        let secrets: Vec<Secret> = self.list(cluster, namespace, &Select::default()).await?;
        // What Helm keeps of a release is no secret value but a large archive.
        let secrets = secrets
            .into_iter()
            .filter(|s| s.type_.as_deref() != Some("helm.sh/release.v1"));
        let values = secrets
            .flat_map(|secret| secret.data.unwrap_or_default().into_values())
            .filter_map(|value| String::from_utf8(value.0).ok());
        Ok(Arc::new(Redactor::clone(usual).and_values(values)))
    }
}
