//! What the caches do not hold: the last lines of the container that ended, and what the events say of the pod. Read with
//! a bound in time and size; what cannot be read is told as what it is.

use std::{sync::Arc, time::Duration};

use super::{
    surroundings::{self, Surroundings},
    volumes::tied,
    words::short,
};
use crate::{
    cluster::{ClusterError, Log, Select, View},
    incident::{Evidence, Sighting, Subject},
    model::{Scope, Text, Timestamp},
    objects::{ContainerState, Event, Node, Pod, event_time},
    redact::{MARK, Redactor},
    texts::incident as texts,
};

/// Lines of the log that are told.
const LINES: usize = 12;
/// The longest line that is told.
const WIDTH: usize = 180;
/// Bytes of a log that are read.
const BYTES: i64 = 64 * 1024;
/// Whether a log is the kubelet's own word about there being none: with status 200 and as if the program had said it.
fn is_gone(log: &str) -> bool {
    let line = log.trim_end();
    !line.contains('\n')
        && (line.starts_with("unable to retrieve container logs for ")
            || line.starts_with("failed to try resolving symlinks in path ")
            || line.starts_with("failed to open log file "))
}

/// What takes the secrets of a namespace out of what comes from there, or why they are not known.
pub type Hiding = Result<Arc<Redactor>, ClusterError>;

/// Collects evidence about a sighting, without secrets; where it is not known what is secret, none. Takes at most `within`;
/// what did not come by then is missing and tried again. Needs `get` on `pods/log` and `list` on `events`; without them
/// it says so. For what [`tied`] needs, see there.
pub async fn gather(
    view: &View,
    sighting: &Sighting,
    hiding: &Hiding,
    within: Duration,
    now: Timestamp,
) -> Option<Evidence> {
    let about = sighting.subject.clone()?;
    let namespace = sighting.key.namespace.as_deref()?;
    let mut evidence = Evidence {
        lines: vec![],
        no_lines: None,
        said: sighting.said.clone(),
        event: None,
        tied: None,
        incomplete: false,
        at: now,
        about: about.clone(),
    };
    let quotes = match hiding {
        Ok(redactor) => redactor,
        Err(why) => {
            evidence.incomplete = true;
            evidence.no_lines = Some(texts::secrets_unreadable(&why.brief()));
            return Some(evidence);
        }
    };
    let of = Said {
        quotes,
        view,
        now,
        cluster: &sighting.key.cluster,
        namespace,
        subject: &about,
    };
    let log = async {
        match (&about.container, sighting.key.problem) {
            (Some(container), problem) if problem.is_an_end() && of.ran(container) => {
                bounded(within, of.last_lines(container)).await.map(Some)
            }
            _ => Ok(None),
        }
    };
    let (log, event, tied) = tokio::join!(log, bounded(within, of.warning()), of.tied());
    evidence.tied = tied;
    match log {
        Ok(None) => {}
        Ok(Some(Words::Lines(lines))) => evidence.lines = lines,
        Ok(Some(Words::None(why))) => evidence.no_lines = Some(why),
        Err(why) => {
            evidence.incomplete = !matches!(why, ClusterError::Forbidden { .. });
            let mut why = why.brief();
            why.map_text(&|said| quotes.quote(said));
            evidence.no_lines = Some(texts::log_unreadable(&why));
        }
    }
    match event {
        Ok(event) => evidence.event = event,
        Err(why) => evidence.incomplete |= !matches!(why, ClusterError::Forbidden { .. }),
    }
    Some(evidence)
}

/// An answer, or that it did not come in time.
///
/// # Errors
/// [`ClusterError`].
async fn bounded<T>(
    within: Duration,
    read: impl Future<Output = Result<T, ClusterError>>,
) -> Result<T, ClusterError> {
    match tokio::time::timeout(within, read).await {
        Ok(read) => read,
        Err(_) => Err(ClusterError::Other {
            code: 0,
            reason: "Timeout".to_owned(),
            message: crate::texts::unanswered::nothing_within(within),
        }),
    }
}

/// What a container said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// These lines.
    Lines(Vec<String>),
    /// None, and why.
    None(Text),
}

/// What a container said, and what is said of it: whose, and where it is read.
pub struct Said<'a> {
    /// What takes the secrets out of it.
    pub quotes: &'a Redactor,
    /// Where it is read.
    pub view: &'a View,
    /// Now.
    pub now: Timestamp,
    /// The cluster's name in the settings.
    pub cluster: &'a str,
    /// The namespace.
    pub namespace: &'a str,
    /// Whose.
    pub subject: &'a Subject,
}

impl Said<'_> {
    /// The last lines of its container before it ended, without secrets; `None` where no container is known to have run.
    /// Needs `get` on `pods/log`.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub async fn words(&self) -> Result<Option<Words>, ClusterError> {
        match &self.subject.container {
            Some(container) if self.ran(container) => self.last_lines(container).await.map(Some),
            _ => Ok(None),
        }
    }

    /// The last lines of the container that ended. While it runs again that is the previous container; while it waits it
    /// is what the kubelet still calls the current one, and `previous` would be the one before, which is gone.
    async fn last_lines(&self, container: &str) -> Result<Words, ClusterError> {
        let order = if self.subject.running {
            [true, false]
        } else {
            [false, true]
        };
        let mut told = Words::None(texts::log_empty());
        for previous in order {
            // What runs now has not ended: its lines are none before the end.
            if !previous && self.subject.running {
                break;
            }
            match self.log(container, previous).await {
                Ok(text) if is_gone(&text) => {
                    told = Words::None(texts::log_gone());
                }
                Ok(text) => {
                    let lines = tail(&text, self.quotes);
                    if !lines.is_empty() {
                        return Ok(Words::Lines(lines));
                    }
                }
                // No previous container, or none that started: the kubelet says which.
                Err(ClusterError::Invalid { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(told)
    }

    async fn log(&self, container: &str, previous: bool) -> Result<String, ClusterError> {
        let which = Log {
            container: Some(container.to_owned()),
            previous,
            tail_lines: Some(i64::try_from(LINES).unwrap_or(i64::MAX)),
            limit_bytes: Some(BYTES),
            ..Log::default()
        };
        self.view
            .log(self.cluster, self.namespace, &self.subject.pod, &which)
            .await
    }

    /// The pod as the watches know it.
    fn pod(&self) -> Option<Arc<Pod>> {
        let cached = self.view.cached(self.cluster, self.namespace).ok()?;
        cached.get(&self.subject.pod)
    }

    /// Why it cannot start elsewhere.
    async fn tied(&self) -> Option<Text> {
        let pod = self.pod()?;
        let nodes = self.view.cluster_scope(self.cluster).ok()?.list::<Node>();
        let around = Surroundings::default().on(nodes.iter().map(AsRef::as_ref));
        let scope = Scope::namespace(self.cluster, self.namespace);
        let all = tied(self.view, &scope, &around, [&*pod]).await;
        Some(all.first()?.text())
    }

    /// Whether a container is not known to have never run: what could not be started wrote nothing, and nobody expects it to.
    fn ran(&self, container: &str) -> bool {
        self.pod().is_none_or(|pod| ran(&pod, container))
    }

    /// The newest warning about the pod as it is now that is not merely a repetition of its status.
    async fn warning(&self) -> Result<Option<String>, ClusterError> {
        let select = Select::fields(format!(
            "involvedObject.kind=Pod,involvedObject.name={}",
            self.subject.pod
        ));
        let events: Vec<Event> = self.view.list(self.cluster, self.namespace, &select).await?;
        let pod = self.pod();
        let is_now = |e: &Event| {
            pod.as_ref()
                .is_none_or(|pod| surroundings::belongs(e, pod, self.now))
        };
        let newest = events
            .iter()
            .filter(|e| e.type_ == "Warning" && !is_noise(e) && is_now(e))
            .max_by_key(|e| event_time(e));
        Ok(newest.map(|e| short(&self.quotes.quote_in_a_line(words(e)))))
    }
}

/// Whether a container of a pod has run: ended otherwise than by not being started, or runs.
fn ran(pod: &Pod, container: &str) -> bool {
    let status = &pod.status;
    let mut all = status
        .container_statuses
        .iter()
        .chain(&status.init_container_statuses);
    let Some(container) = all.find(|c| c.name == *container) else {
        return true;
    };
    let started = |state: &ContainerState| {
        let end = state.terminated.as_deref();
        state.running.is_some()
            || end.is_some_and(|end| !matches!(&*end.reason, "StartError" | "ContainerCannotRun"))
    };
    started(&container.state) || started(&container.last_state)
}

/// What an Event says, without the colon of what was left empty behind it.
fn words(event: &Event) -> &str {
    surroundings::message(event).trim_end_matches([':', ' '])
}

/// Events that repeat what the status says, or that follow from it.
fn is_noise(event: &Event) -> bool {
    let message = &*event.message;
    match &*event.reason {
        "BackOff" | "MissingClusterDNS" | "DNSConfigForming" => true,
        "Failed" => message.starts_with("Error: "),
        _ => message.is_empty(),
    }
}

/// The last lines of a text, harmless: no control characters, no secrets, none too long.
fn tail(text: &str, quotes: &Redactor) -> Vec<String> {
    // A text of this length was cut where it ends: what stands there may be half a secret.
    let cut = i64::try_from(text.len()).unwrap_or(i64::MAX) >= BYTES && !text.ends_with('\n');
    let text = match text.rsplit_once('\n') {
        Some((whole, _)) if cut => whole,
        _ => text,
    };
    let clean = quotes.quote(text);
    let mut lines: Vec<&str> = clean.lines().filter(|l| !l.trim().is_empty()).collect();
    // The lines of a key are one secret.
    lines.dedup_by(|next, line| next == line && *next == MARK);
    let from = lines.len().saturating_sub(LINES);
    lines[from..].iter().map(|line| cut_at(line, WIDTH)).collect()
}

fn cut_at(line: &str, width: usize) -> String {
    match line.char_indices().nth(width) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_harmless_and_few() {
        let long = "x".repeat(1000);
        let text = format!("\u{1b}[31mred\u{1b}[0m\r\n\n  \na\u{0}b\u{7}\n{long}\n");
        let usual = Redactor::default();
        let lines = tail(&text, &usual);
        assert_eq!(lines[..2], ["red", "ab"]);
        assert_eq!(lines[2].chars().count(), WIDTH + 1);
        let many: String = (0..100).map(|n| format!("line {n}\n")).collect();
        let lines = tail(&many, &usual);
        assert_eq!((lines.len(), lines[LINES - 1].as_str()), (LINES, "line 99"));
    }

    #[test]
    fn secrets_are_hidden_before_anything_is_cut() {
        let usual = Redactor::default();
        let url = format!("no answer of postgres://ceo:{}@db/ceo", "swordfish-".repeat(30));
        let known = Redactor::new(["correct horse battery staple".to_owned()]);
        let phrase = format!("{} correct horse battery staple", "x".repeat(WIDTH - 10));
        let body = "MIIEpAIBAAKCAQEA7bq0jS1Yp2V5tQ9sZr4x8uLw3nKfTgHcVbNmQwErTyUiOpAs";
        let key = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{body}\nlevel=info {body}\n-----END RSA PRIVATE KEY----- read"
        );
        let coloured = "token ghp_aB3dE6gH9j\u{1b}[0mK2mN5pQ8sT1vW4yZ7aB3dE6 sent";
        let halved = format!("{}\nurl=postgres://ceo:sword", "y".repeat(64 * 1024));
        for (redactor, text, hidden) in [
            (&usual, url.as_str(), "swordfish"),
            (&known, phrase.as_str(), "correct"),
            (&usual, key.as_str(), "MIIE"),
            (&usual, coloured, "vW4yZ7"),
            (&usual, halved.as_str(), "sword"),
        ] {
            let told = tail(text, redactor).join("\n");
            assert!(!told.contains(hidden), "{told}");
        }
        assert_eq!(
            tail(&key, &usual),
            ["[hidden]", "[hidden] read"],
            "one secret, and what follows it"
        );
    }

    #[test]
    fn a_log_that_is_gone_is_no_word_of_the_program() {
        for gone in [
            "unable to retrieve container logs for containerd://9b7a",
            "failed to try resolving symlinks in path \"/var/log/pods/a_b_c/api/3.log\": lstat /var/log/pods/a_b_c: no such file or directory",
            "failed to open log file \"/var/log/pods/a_b_c/api/3.log\": open /var/log/pods/a_b_c/api/3.log: no such file or directory\n",
        ] {
            assert!(is_gone(gone), "{gone}");
        }
        assert!(
            !is_gone("failed to open log file /data/x\nbye"),
            "a program's own lines"
        );
    }

    #[test]
    fn a_container_that_never_ran_has_no_log_to_miss() {
        let pod = |reason: &str| -> Pod {
            serde_json::from_value(
                serde_json::json!({ "status": { "containerStatuses": [ { "name": "api",
                "state": { "waiting": { "reason": "RunContainerError" } },
                "lastState": { "terminated": { "exitCode": 128, "reason": reason } } } ] } }),
            )
            .unwrap()
        };
        assert!(!ran(&pod("StartError"), "api"));
        assert!(ran(&pod("Error"), "api") && ran(&pod("StartError"), "other"));
    }

    #[test]
    fn a_probe_that_said_nothing_leaves_no_colon() {
        let event: Event =
            serde_json::from_value(serde_json::json!({ "message": "Liveness probe failed: " })).unwrap();
        assert_eq!(words(&event), "Liveness probe failed");
    }

    #[test]
    fn what_repeats_the_status_is_no_evidence() {
        let event = |reason: &str, message: &str| -> Event {
            serde_json::from_value(
                serde_json::json!({ "metadata": {}, "involvedObject": {}, "type": "Warning",
                "reason": reason, "message": message }),
            )
            .unwrap()
        };
        assert!(is_noise(&event(
            "BackOff",
            "Back-off restarting failed container"
        )));
        assert!(is_noise(&event("Failed", "Error: ImagePullBackOff")));
        assert!(!is_noise(&event(
            "Failed",
            "Failed to pull image \"x\": not found"
        )));
        assert!(!is_noise(&event("Unhealthy", "Liveness probe failed: ")));
    }
}
