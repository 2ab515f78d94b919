//! Commands in containers, over a WebSocket as the API server speaks it: bounded in time and in what is read.

use std::time::Duration;

use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::Status};
use kube::{Api, api::AttachParams};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::{
    ClusterError, View, WriteError, Writer, errors::Asked, registry::Registry, view::asked, writer::before_of,
};
use crate::ticket::Precondition;

/// How much of what a command writes is read.
const MOST: usize = 64 * 1024;

/// A container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InContainer {
    /// The cluster's name.
    pub cluster: String,
    /// The namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
}

/// How a command ended, as far as it was waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// By itself, with this exit code.
    Code(i32),
    /// It was not started; in the words of the container runtime.
    NotStarted(String),
    /// It was not waited for any longer: it may still run.
    NotInTime,
    /// It wrote more than is read: it may still run.
    TooMuch,
    /// The connection broke before its end came: it may still run.
    NotKnown,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// What it wrote to its standard output, then to its standard error, at most 64 KiB of each.
    pub output: Vec<u8>,
    /// How it ended.
    pub ended: Ended,
}

impl Ended {
    /// The same with other words of the container runtime.
    #[must_use]
    pub fn map_words(self, words: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::NotStarted(why) => Self::NotStarted(words(why)),
            other => other,
        }
    }
}

impl View {
    /// Runs a command of the settings in a container. It is given as its words: no shell reads them. Needs `get` and `create`
    /// on `pods/exec`, which reach everything that the container may do.
    ///
    /// # Errors
    /// [`ClusterError`] when the command was not begun.
    pub async fn run_check(
        &self,
        place: &InContainer,
        argv: &[String],
        within: Duration,
    ) -> Result<Ran, ClusterError> {
        self.registry.execute(place, argv, within).await
    }
}

impl Writer<'_> {
    /// Runs a command in a container of a pod, once. What it does is not known to anybody, so it is never sent again: what
    /// is not known to have ended is told as not known. Needs `get` on `pods`, and `get` and `create` on `pods/exec`.
    ///
    /// # Errors
    /// [`WriteError::Stale`] when the pod is another one by now, and [`WriteError::Cluster`]; nothing was begun then, but for
    /// [`ClusterError::Unsure`].
    pub async fn execute(
        &self,
        pod: &Precondition,
        container: &str,
        argv: &[String],
        within: Duration,
    ) -> Result<Ran, WriteError> {
        if let Some(target) = self.outside(pod) {
            return Err(WriteError::Outside(target));
        }
        let fresh = self.registry.view().fresh(pod).await?;
        self.about_to_send(before_of(&fresh)).await?;
        let place = InContainer {
            cluster: pod.cluster.clone(),
            namespace: pod.namespace.clone(),
            pod: pod.name.clone(),
            container: container.to_owned(),
        };
        Ok(self.registry.execute(&place, argv, within).await?)
    }
}

impl Registry {
    async fn execute(
        &self,
        place: &InContainer,
        argv: &[String],
        within: Duration,
    ) -> Result<Ran, ClusterError> {
        let cluster = self.in_namespace(&place.cluster, &place.namespace)?;
        let asked = Asked {
            name: &place.pod,
            // A command that was perhaps begun is told as that.
            writes: true,
            ..asked(cluster, "create", "pods/exec", &place.namespace)
        };
        let api = Api::<Pod>::namespaced(cluster.client().await?, &place.namespace);
        let params = AttachParams::default().stdin(false).container(&place.container);
        let mut attached = cluster
            .timed(&asked, api.exec(&place.pod, argv.to_vec(), &params))
            .await?;
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let (stdout, stderr, status) = (attached.stdout(), attached.stderr(), attached.take_status());
        let all = async {
            let whole = tokio::join!(read(stdout, &mut out), read(stderr, &mut err));
            match status {
                Some(status) if whole == (true, true) => ended(status.await.as_ref()),
                Some(_) => Ended::TooMuch,
                None => Ended::NotKnown,
            }
        };
        let ended = tokio::time::timeout(within, all)
            .await
            .unwrap_or(Ended::NotInTime);
        attached.abort();
        out.append(&mut err);
        Ok(Ran { output: out, ended })
    }
}

/// Reads to the end; `false` when there was more than is read.
async fn read(from: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) -> bool {
    let Some(mut from) = from else { return true };
    let mut chunk = [0_u8; 4096];
    while let Ok(n) = from.read(&mut chunk).await {
        let Some(new) = chunk.get(..n).filter(|new| !new.is_empty()) else {
            return true;
        };
        into.extend_from_slice(new);
        if into.len() > MOST {
            into.truncate(MOST);
            return false;
        }
    }
    true
}

/// The end that the API server tells of: success, an exit code, or that nothing was started.
fn ended(status: Option<&Status>) -> Ended {
    let Some(status) = status else {
        return Ended::NotKnown;
    };
    if status.status.as_deref() == Some("Success") {
        return Ended::Code(0);
    }
    let causes = status
        .details
        .iter()
        .flat_map(|details| details.causes.iter().flatten());
    let code = causes
        .filter(|cause| cause.reason.as_deref() == Some("ExitCode"))
        .find_map(|cause| cause.message.as_ref()?.parse().ok());
    match (code, status.reason.as_deref()) {
        (Some(code), Some("NonZeroExitCode")) => Ended::Code(code),
        _ => Ended::NotStarted(status.message.clone().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_end_is_a_code_or_nothing_was_started() {
        let of = |status: serde_json::Value| ended(serde_json::from_value(status).ok().as_ref());
        assert_eq!(of(json!({ "status": "Success" })), Ended::Code(0));
        let code = json!({ "status": "Failure", "reason": "NonZeroExitCode",
            "message": "command terminated with non-zero exit code: exit status 2",
            "details": { "causes": [{ "reason": "ExitCode", "message": "2" }] } });
        assert_eq!(of(code), Ended::Code(2));
        let missing = json!({ "status": "Failure", "reason": "InternalError", "code": 500,
            "message": "error executing command in container: exec: \"psql\": executable file not found in $PATH" });
        assert!(matches!(of(missing), Ended::NotStarted(why) if why.contains("not found in $PATH")));
        assert_eq!(ended(None), Ended::NotKnown);
    }

    #[tokio::test]
    async fn no_more_is_read_than_there_is_room_for() {
        let mut all = Vec::new();
        assert!(read(Some(&b"short"[..]), &mut all).await);
        assert_eq!(all, b"short");
        let long = vec![b'x'; 2 * MOST];
        let mut cut = Vec::new();
        assert!(!read(Some(long.as_slice()), &mut cut).await);
        assert_eq!(cut.len(), MOST);
    }
}
