//! Each way of failing shows what the recordings show.

use serde_json::Value;

use super::super::meta::{is_true, text};
use super::{SOON, cluster, events_of};
use crate::kube::fixtures::broken;
use crate::kube::key::Key;
use crate::kube::sim::KubeSim;
use crate::kube::store::Store;

/// The reason that the first container of a pod shows, waiting or ended.
fn reason(pod: &Value) -> String {
    let of = |list: &str| {
        let state = &pod["status"][list][0]["state"];
        let told = [&state["waiting"]["reason"], &state["terminated"]["reason"]];
        told.iter()
            .find_map(|reason| reason.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let init = of("initContainerStatuses");
    if init.is_empty() {
        of("containerStatuses")
    } else {
        init
    }
}

async fn shows(sim: &KubeSim, prefix: &str, wanted: &str) {
    let pods = |store: &Store| store.list("", "pods", Some("broken")).0;
    let fits = |pod: &Value| text(pod, "/metadata/name").starts_with(prefix) && reason(pod) == wanted;
    let found = sim.reaches(SOON, |store| pods(store).iter().any(fits)).await;
    let told: Vec<String> = pods(sim.store())
        .iter()
        .map(|pod| format!("{} {}", text(pod, "/metadata/name"), reason(pod)))
        .collect();
    assert!(found, "{prefix} never showed {wanted}: {told:#?}");
}

#[tokio::test]
async fn pods_show_why_they_fail() {
    let sim = cluster().await;
    broken::start(&sim).unwrap();
    for (prefix, wanted) in [
        ("crash-loop", "CrashLoopBackOff"),
        ("oom-killed", "OOMKilled"),
        ("image-pull", "ImagePullBackOff"),
        ("config-error", "CreateContainerConfigError"),
        ("bad-command", "RunContainerError"),
        ("init-failing", "CrashLoopBackOff"),
        ("liveness-failing", "CrashLoopBackOff"),
        ("volume-missing", "ContainerCreating"),
        ("backup-ok", "Completed"),
        ("backup-fail", "Error"),
    ] {
        shows(&sim, prefix, wanted).await;
    }
    // The first failure of a pull is seen for a moment only; its event stays.
    let failed = events_of(sim.store(), "broken", "Pod", "Failed");
    assert!(
        failed.iter().any(|message| message == "Error: ErrImagePull"),
        "{failed:?}"
    );
    let unready = events_of(sim.store(), "broken", "Pod", "Unhealthy");
    assert!(
        unready
            .iter()
            .any(|message| message.contains(":8000/ready\": dial tcp")),
        "{unready:?}"
    );
    sim.stop().await;
}

#[tokio::test]
async fn jobs_quotas_and_the_scheduler_tell_why() {
    let sim = cluster().await;
    broken::start(&sim).unwrap();
    let job = |store: &Store, name: &str| {
        store
            .get(&Key::namespaced("batch", "jobs", "broken", name))
            .unwrap()
    };
    let ended = |store: &Store| {
        is_true(&job(store, "backup-ok"), "Complete") && is_true(&job(store, "backup-fail"), "Failed")
    };
    assert!(sim.reaches(SOON, ended).await);
    let sentence = "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are \
                    available: 1 Preemption is not helpful for scheduling.";
    assert_eq!(
        events_of(sim.store(), "broken", "Pod", "FailedScheduling"),
        [sentence]
    );
    let quota = Key::namespaced("apps", "deployments", "quota", "over-quota");
    let short = |store: &Store| {
        let deployment = store.get(&quota).unwrap();
        is_true(&deployment, "ReplicaFailure") && deployment["status"]["availableReplicas"] == 1
    };
    assert!(
        sim.reaches(SOON, short).await,
        "{:#}",
        sim.store().get(&quota).unwrap()
    );
    sim.stop().await;
}
