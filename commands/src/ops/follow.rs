//! Follows a written change to its end: one message with a bar, pods by state, and the cause when it sticks. It reads the
//! watch caches, so it costs no requests and sees the end as soon as the cluster says it.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use super::{buttons, contract::Finished};
use crate::{
    cluster::{Cached, ClusterError, WorkloadObject},
    diagnosis::{self, Scene, Surroundings},
    failure::Failure,
    health::{
        pod::is_ready,
        rollout::{Rollout, RolloutState},
    },
    line,
    model::{Action, Field, Progress, Report, Text, Timestamp, Tone, Workload, code, since},
    objects::Pod,
    redact::Redactor,
    texts::{self, follow as say},
    ticket::{Directive, Outcome},
    workflow::{Look, Run, Waited},
};

/// What is followed, and how it is worded.
pub(super) struct Follow<'a> {
    /// The run that follows.
    pub(super) run: &'a Run<'a>,
    /// The object.
    pub(super) workload: &'a Workload,
    /// Its generation after the write: older states are of before.
    pub(super) generation: i64,
    /// When it was written.
    pub(super) since: Timestamp,
    /// What makes its end.
    pub(super) end: End,
    /// `Rolling back deployment/x to revision 7`.
    pub(super) doing: Text,
    /// `Rollback to revision 7`, for "… is stuck".
    pub(super) noun: Text,
    /// `Rolled back deployment/x to revision 7`, given the object at its end.
    pub(super) done: Box<dyn Fn(&WorkloadObject) -> Text + Send + Sync + 'a>,
    /// The outcome when it has come to its end.
    pub(super) outcome: Outcome,
    /// What people can press meanwhile.
    pub(super) buttons: Vec<Action>,
    /// The button that asks for the way back, when it sticks and there is one.
    pub(super) way_back: Option<Action>,
    /// Whether the object still is as this change wrote it.
    pub(super) ours: Box<dyn Fn(&WorkloadObject) -> bool + Send + Sync + 'a>,
}

/// What makes the end of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Every pod is of the new template, and available.
    Template,
    /// There are as many pods as asked for, whatever their template: a rollout that is paused makes no new ones.
    Count,
}

impl End {
    fn is_reached(self, rollout: &Rollout) -> bool {
        let counted = rollout.pods == rollout.desired && rollout.available >= rollout.desired;
        rollout.is_complete() || self == Self::Count && rollout.state == RolloutState::Paused && counted
    }

    /// How many of the pods that are asked for are ready. While pods of an older template run beside the new ones, those
    /// of the new one are counted, and called so: the rollout's own numbers do not tell whose a ready pod is.
    fn standing(self, scenery: &Scenery<'_>) -> Standing {
        let Scenery { rollout, pods } = *scenery;
        let of = rollout.desired;
        if self == Self::Template && rollout.old_pods > 0 {
            let ready = pods.iter().filter(|pod| is_ready(Some(pod))).count();
            let ready = i32::try_from(ready).unwrap_or(i32::MAX).min(of);
            return Standing {
                ready,
                of,
                words: say::new_ready(ready, of),
            };
        }
        let ready = rollout.ready_of_desired();
        let words = rollout.ready_in_words();
        if rollout.extra > 0 {
            return Standing {
                ready: of,
                of: rollout.pods,
                words,
            };
        }
        Standing {
            ready,
            of,
            // One that is ready counts only after `minReadySeconds`.
            words: match rollout.available {
                available if available < ready => words.and(say::of_which_available(available)),
                _ => words,
            },
        }
    }
}

/// How far a rollout has come.
pub(super) fn bar(rollout: &Rollout, new_pods: &[Arc<Pod>]) -> Progress {
    let scenery = Scenery {
        rollout,
        pods: new_pods,
    };
    End::Template.standing(&scenery).bar()
}

/// How many pods are ready, of how many, and that in words.
struct Standing {
    ready: i32,
    of: i32,
    words: Text,
}

impl Standing {
    fn bar(&self) -> Progress {
        let number = |n: i32| u32::try_from(n).unwrap_or(0);
        Progress {
            done: number(self.ready),
            total: number(self.of).max(1),
        }
    }
}

/// What was seen on the way.
struct Seen {
    least_available: Option<i32>,
    numbers: Option<[i32; 3]>,
    moved_at: Timestamp,
    /// How it ended, once it has.
    end: Option<Finished>,
}

/// How following ended.
pub(super) enum Followed {
    /// The change is over.
    Ended(Box<Finished>),
    /// A button said something first.
    Told(Directive),
}

/// A rollout with the pods of its new template.
struct Scenery<'s> {
    rollout: &'s Rollout,
    pods: &'s [Arc<Pod>],
}

impl Follow<'_> {
    /// Follows to the end, or to the next word of a button.
    ///
    /// # Errors
    /// When the run was taken over. A cluster that does not answer is waited for, and said.
    pub(super) async fn until_told(&self, step: &str) -> Result<Followed, Failure> {
        let mut seen = Seen {
            least_available: None,
            numbers: None,
            moved_at: self.run.now(),
            end: None,
        };
        // The deadline of the whole change is shorter: what has not ended then is told as that.
        let within = self.run.timing().change_deadline * 2;
        let place = self.workload.scope();
        let waited = self
            .run
            .wait(step, &place, within, |cached, now| {
                self.look(cached, now, &mut seen)
            })
            .await?;
        Ok(match (waited, seen.end) {
            (Waited::Told(directive), _) => Followed::Told(directive),
            (Waited::Gone, _) => Followed::Ended(Box::new(self.gone())),
            (_, Some(end)) => Followed::Ended(Box::new(end)),
            // Its end was stored by a former life, which could not tell it any more.
            (_, None) => Followed::Ended(Box::new(self.as_it_is().await?)),
        })
    }

    /// Follows to the end, whatever buttons say.
    ///
    /// # Errors
    /// As [`Self::until_told`].
    pub(super) async fn to_the_end(&self, step: &str) -> Result<Finished, Failure> {
        loop {
            match self.until_told(step).await? {
                Followed::Ended(finished) => return Ok(*finished),
                Followed::Told(directive) => self.run.obey(directive),
            }
        }
    }

    fn look(&self, cached: &Cached, now: Timestamp, seen: &mut Seen) -> Look {
        let Some(object) = cached.workload(self.workload) else {
            return Look::Gone;
        };
        if object.generation() < self.generation {
            return Look::Behind(self.titled().line(texts::workflow::written()));
        }
        let rollout = &object.rollout(now);
        let pods = &cached.new_pods_of(&object);
        let scenery = Scenery { rollout, pods };
        if (self.ours)(&object) {
            seen.note(rollout, now);
        }
        if let Some(end) = self.end_of(&object, &scenery, seen) {
            seen.end = Some(end);
            return Look::Met;
        }
        let idle = since(seen.moved_at, now);
        let report = if idle >= self.run.timing().stuck_after {
            self.stuck(&object, &scenery, idle)
        } else {
            self.going(&scenery)
        };
        Look::Going(self.with_buttons(report))
    }

    /// How it has ended, if it has.
    fn end_of(&self, object: &WorkloadObject, scenery: &Scenery<'_>, seen: &Seen) -> Option<Finished> {
        if !(self.ours)(object) {
            return Some(self.overtaken(object));
        }
        if self.end.is_reached(scenery.rollout) {
            return Some(self.finished(object, seen.least_available));
        }
        (scenery.rollout.state == RolloutState::Stuck).then(|| Finished {
            outcome: Outcome::Failed,
            report: self.stuck(object, scenery, since(seen.moved_at, self.run.now())),
        })
    }

    /// How it is now, when it is known to have ended. The caches of a process that has just begun may hold nothing yet, so
    /// the API server itself is asked; what has moved since its end is followed to its next one.
    async fn as_it_is(&self) -> Result<Finished, Failure> {
        let (run, workload) = (self.run, self.workload);
        let seen = Seen {
            least_available: None,
            numbers: None,
            moved_at: run.now(),
            end: None,
        };
        loop {
            let object = run.answered(|| async {
                match run.view().workload(workload).await {
                    Ok(object) => Ok(Some(object)),
                    Err(ClusterError::NotFound { .. }) => Ok(None),
                    Err(error) => Err(error.into()),
                }
            });
            let Some(object) = object.await? else {
                return Ok(self.gone());
            };
            let rollout = &object.rollout(run.now());
            let cached = run.view().cached(&workload.cluster, &workload.namespace)?;
            let pods = &cached.new_pods_of(&object);
            if let Some(end) = self.end_of(&object, &Scenery { rollout, pods }, &seen) {
                return Ok(end);
            }
            tokio::time::sleep(run.timing().progress_every).await;
        }
    }

    fn titled(&self) -> Report {
        Report::new(Tone::Info, self.doing.clone()).at(self.workload.scope().place())
    }

    fn gone(&self) -> Finished {
        Finished {
            outcome: Outcome::Failed,
            report: Report::new(Tone::Bad, say::gone(&self.workload.short()))
                .at(self.workload.scope().place()),
        }
    }

    fn with_buttons(&self, mut report: Report) -> Report {
        report.actions.extend(self.buttons.iter().cloned());
        report
    }

    /// How long ago it was written.
    fn took(&self) -> Duration {
        since(self.since, self.run.now())
    }

    fn going(&self, scenery: &Scenery<'_>) -> Report {
        let groups = diagnosis::by_state(scenery.pods.iter().map(AsRef::as_ref), look_of(self.run));
        let states: Vec<String> = groups
            .iter()
            .filter(|g| g.status != "Running")
            .map(|g| format!("{} {}", g.pods.len(), g.status))
            .collect();
        let standing = self.end.standing(scenery);
        self.titled()
            .block(standing.bar())
            .line(say::so_far(&standing.words, &states, self.took()))
            .lines(self.why(scenery))
    }

    /// Why it does not get on, where that can be seen. A pod that is only starting is no cause.
    fn why(&self, scenery: &Scenery<'_>) -> Vec<Text> {
        let place = &self.workload;
        let cached = self.run.view().cached(&place.cluster, &place.namespace);
        let around = cached.map(|cached| Surroundings::of(&cached)).unwrap_or_default();
        let scene = Scene {
            rollout: scenery.rollout,
            workload: None,
            pods: scenery.pods.iter().map(AsRef::as_ref).collect(),
            look: look_of(self.run).among(&around),
        };
        let found = diagnosis::why_stuck(&scene);
        found.iter().map(diagnosis::Finding::line).collect()
    }

    fn finished(&self, object: &WorkloadObject, least: Option<i32>) -> Finished {
        let rollout = object.rollout(self.run.now());
        let words = say::at_its_end(rollout.ready, rollout.desired, self.took(), least);
        Finished {
            outcome: self.outcome,
            report: Report::new(Tone::Good, (self.done)(object))
                .at(self.workload.scope().place())
                .line(words)
                .action(buttons::status(self.workload)),
        }
    }

    fn stuck(&self, object: &WorkloadObject, scenery: &Scenery<'_>, idle: Duration) -> Report {
        let standing = self.end.standing(scenery);
        let words = if scenery.rollout.state == RolloutState::Stuck {
            say::past_deadline(&standing.words)
        } else {
            say::no_progress(&standing.words, idle)
        };
        let mut report = Report::new(Tone::Bad, say::stuck(&self.noun, &self.workload.short()))
            .at(self.workload.scope().place())
            .block(standing.bar())
            .line(words)
            .lines(self.why(scenery));
        let images: Vec<String> = object.images().into_iter().map(|(_, image)| image).collect();
        if !images.is_empty() {
            report.add(Field {
                name: say::image(),
                lines: vec![line![code(images.join(", "))]],
                inline: true,
            });
        }
        report.actions.push(buttons::status(self.workload));
        report.actions.extend(self.way_back.clone());
        report
    }

    /// Somebody wrote the same fields after us: this change is over, and it must not be told as a success.
    fn overtaken(&self, object: &WorkloadObject) -> Finished {
        let change = object.last_change();
        let by = change.as_ref().and_then(|change| change.manager.as_deref());
        let at = change.as_ref().and_then(|change| change.at);
        let title = say::overtaken(&self.noun, &self.workload.short(), by, at);
        Finished {
            outcome: Outcome::Overtaken,
            report: Report::new(Tone::Waiting, title)
                .at(self.workload.scope().place())
                .line(say::theirs_is_newer())
                .action(buttons::status(self.workload)),
        }
    }
}

impl Seen {
    /// Remembers what the verdict needs.
    fn note(&mut self, rollout: &Rollout, now: Timestamp) {
        let numbers = [rollout.updated, rollout.ready, rollout.available];
        if self.numbers != Some(numbers) {
            self.numbers = Some(numbers);
            self.moved_at = now;
        }
        let available = rollout.available;
        let least = self
            .least_available
            .map_or(available, |least| least.min(available));
        self.least_available = Some(least);
    }
}

/// As incidents look, so that both name the same cause. What only the settings know as secret is hidden when it is shown.
fn look_of(run: &Run<'_>) -> diagnosis::Look<'static> {
    static USUAL: LazyLock<Redactor> = LazyLock::new(Redactor::default);
    diagnosis::Look::new(run.now(), &run.timing().incident).quoting(Some(&USUAL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health;

    fn rollout(spec: serde_json::Value, status: serde_json::Value) -> Rollout {
        let object = serde_json::from_value(serde_json::json!({
            "metadata": { "name": "api", "namespace": "shop", "uid": "u", "generation": 2 },
            "spec": spec, "status": status,
        }))
        .unwrap();
        health::rollout::deployment(Some(&object), Timestamp::UNIX_EPOCH)
    }

    /// Whose the available pods are is not in the status: one old pod that is not ready made a new one uncounted.
    #[test]
    fn beside_old_pods_the_new_ones_are_counted_and_called_so() {
        let pod = |name: &str, ready: bool| {
            let status = if ready { "True" } else { "False" };
            let pod = serde_json::json!({ "kind": "Pod", "metadata": { "name": name, "namespace": "shop", "uid": name },
                "spec": {}, "status": { "conditions": [{ "type": "Ready", "status": status }] } });
            Arc::new(serde_json::from_value::<Pod>(pod).unwrap())
        };
        let going = |of: [i32; 4], pods: &[Arc<Pod>]| {
            let [all, updated, ready, available] = of;
            let spec = serde_json::json!({ "replicas": 3, "selector": { "matchLabels": { "app": "api" } }, "template": {} });
            let status = serde_json::json!({ "observedGeneration": 2, "replicas": all, "updatedReplicas": updated,
                "readyReplicas": ready, "availableReplicas": available });
            let rollout = rollout(spec, status);
            let standing = End::Template.standing(&Scenery {
                rollout: &rollout,
                pods,
            });
            (standing.ready, standing.words.plain())
        };
        let new = [pod("a", true), pod("b", false)];
        assert_eq!(
            going([3, 2, 1, 1], &new),
            (1, "1 of 3 new pods ready".to_owned()),
            "the old one is not"
        );
        assert_eq!(going([4, 2, 3, 3], &new), (1, "1 of 3 new pods ready".to_owned()));
        let all = [pod("a", true), pod("b", true), pod("c", true)];
        assert_eq!(going([3, 3, 3, 3], &all), (3, "3 of 3 pods ready".to_owned()));
        assert_eq!(
            going([3, 3, 3, 1], &all),
            (3, "3 of 3 pods ready, 1 available".to_owned()),
            "minReadySeconds has not passed"
        );
    }

    /// A paused rollout makes no pods of its pending template; a count is reached all the same.
    #[test]
    fn a_count_is_reached_while_the_rollout_is_paused() {
        let paused = |pods: i32, available: i32| {
            let spec = serde_json::json!({ "replicas": 2, "paused": true,
                "selector": { "matchLabels": { "app": "api" } }, "template": {} });
            let status = serde_json::json!({ "observedGeneration": 2, "replicas": pods, "updatedReplicas": 0,
                "readyReplicas": available, "availableReplicas": available });
            rollout(spec, status)
        };
        assert_eq!(paused(2, 2).state, RolloutState::Paused);
        assert!(End::Count.is_reached(&paused(2, 2)));
        let standing = End::Count.standing(&Scenery {
            rollout: &paused(2, 2),
            pods: &[],
        });
        assert_eq!(standing.ready, 2, "they serve, whatever their template");
        assert!(!End::Template.is_reached(&paused(2, 2)));
        assert!(!End::Count.is_reached(&paused(3, 3)), "one is still to go");
        assert!(!End::Count.is_reached(&paused(2, 1)));
    }
}
