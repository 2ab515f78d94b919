//! Logs of containers.

use std::pin::Pin;

use futures::AsyncBufRead;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;

use super::{ClusterError, View, errors::Asked, view::asked};

/// Which lines of a log.
pub use kube::api::LogParams as Log;

/// A log as it comes.
pub type LogStream = Pin<Box<dyn AsyncBufRead + Send>>;

impl View {
    /// Lines of a container's log. Needs `get` on `pods/log`.
    ///
    /// # Errors
    /// [`ClusterError`]; [`ClusterError::Invalid`] says why a container has no log yet.
    pub async fn log(
        &self,
        cluster: &str,
        namespace: &str,
        pod: &str,
        which: &Log,
    ) -> Result<String, ClusterError> {
        let cluster = self.registry.in_namespace(cluster, namespace)?;
        let asked = Asked {
            name: pod,
            ..asked(cluster, "get", "pods/log", namespace)
        };
        cluster
            .read(&asked, |client| {
                let api = Api::<Pod>::namespaced(client, namespace);
                async move { api.logs(pod, which).await }
            })
            .await
    }

    /// A container's log as it comes; ends with the container, or when dropped. Needs `get` on `pods/log`.
    ///
    /// # Errors
    /// [`ClusterError`]; [`ClusterError::Invalid`] says why a container has no log yet.
    pub async fn log_stream(
        &self,
        cluster: &str,
        namespace: &str,
        pod: &str,
        which: &Log,
    ) -> Result<LogStream, ClusterError> {
        let cluster = self.registry.in_namespace(cluster, namespace)?;
        let asked = Asked {
            name: pod,
            ..asked(cluster, "get", "pods/log", namespace)
        };
        cluster
            .read(&asked, |client| {
                let api = Api::<Pod>::namespaced(client, namespace);
                async move {
                    let stream = api.log_stream(pod, which).await?;
                    Ok(Box::pin(stream) as LogStream)
                }
            })
            .await
    }
}
