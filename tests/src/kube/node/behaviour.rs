//! What containers do beyond running well, as a scenario says.

use std::sync::Arc;
use std::time::Duration;

use super::HttpAnswer;

/// Which containers a rule is about: patterns with `*`, and `*` alone for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Namespace.
    pub namespace: String,
    /// Pod name.
    pub pod: String,
    /// Container name.
    pub container: String,
    /// Image reference.
    pub image: String,
}

impl Match {
    /// Every container of every pod.
    pub fn any() -> Match {
        let any = || "*".to_owned();
        Match {
            namespace: any(),
            pod: any(),
            container: any(),
            image: any(),
        }
    }

    /// Containers of this image, everywhere.
    pub fn image(pattern: &str) -> Match {
        Match {
            image: pattern.into(),
            ..Match::any()
        }
    }

    /// The containers of pods with such names in a namespace.
    pub fn pod(namespace: &str, pattern: &str) -> Match {
        Match {
            namespace: namespace.into(),
            pod: pattern.into(),
            ..Match::any()
        }
    }

    /// Only the container of that name.
    #[must_use]
    pub fn container(mut self, pattern: &str) -> Match {
        self.container = pattern.into();
        self
    }

    /// Whether the rule is about this container.
    pub fn covers(&self, who: &Who<'_>) -> bool {
        glob(&self.namespace, who.namespace)
            && glob(&self.pod, who.pod)
            && glob(&self.container, who.container)
            && glob(&self.image, who.image)
    }
}

/// A container, as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// Namespace.
    pub namespace: &'a str,
    /// Pod name.
    pub pod: &'a str,
    /// Container name.
    pub container: &'a str,
    /// Image reference.
    pub image: &'a str,
}

/// When the readiness probe first succeeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readiness {
    /// After the pace's `ready`.
    #[default]
    Paced,
    /// After this time.
    After(Duration),
    /// Never: connection refused.
    Never,
}

/// How a container ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Exit code.
    pub code: i32,
    /// `OOMKilled` for one that ran out of memory; `None`: `Completed` or `Error` by the code.
    pub reason: Option<&'static str>,
    /// How long it runs before; `None`: the pace's `start`.
    pub after: Option<Duration>,
}

/// What a container does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// The image cannot be pulled: containerd's sentence.
    pub pull_error: Option<String>,
    /// The container cannot be started: containerd's sentence (`RunContainerError`).
    pub start_error: Option<String>,
    /// It ends by itself.
    pub exit: Option<Exit>,
    /// Readiness.
    pub readiness: Readiness,
    /// Whether its liveness probe fails.
    pub liveness_fails: bool,
    /// Whether it lets its whole grace period pass and is then killed (137).
    pub ignores_sigterm: bool,
    /// What it logs when it starts.
    pub lines: Vec<String>,
    /// How often it logs a line of its own accord.
    pub tick: Option<Duration>,
    /// What it answers over HTTP, by path, before what its image answers.
    pub answers: Vec<(String, HttpAnswer)>,
}

/// A gate that keeps pods from becoming ready.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub namespace: String,
    pub pod: String,
    /// How many pods may still pass.
    pub allow: usize,
    /// Ready pods become unready as well.
    pub closed_for_all: bool,
}

/// An image of the registry.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub pattern: String,
    /// Whether the node has it already.
    pub present: bool,
    /// Where it listens for HTTP.
    pub port: Option<u16>,
}

/// All rules of a cluster; the latest rule about a container counts.
pub(crate) struct Scenario {
    pub rules: Vec<(Match, Arc<Behaviour>)>,
    pub gates: Vec<Gate>,
    pub images: Vec<Image>,
    /// Whose pods admission refuses: namespace, a pattern of names, and the API server's sentence.
    pub refusals: Vec<(String, String, String)>,
    /// A crashed container shows `terminated` during its whole back-off, as in the recordings, and not
    /// `waiting: CrashLoopBackOff`.
    pub shows_terminated: bool,
}

impl Default for Scenario {
    fn default() -> Scenario {
        let image = |pattern: &str, port| Image {
            pattern: pattern.into(),
            present: true,
            port,
        };
        let mut scenario = Scenario {
            rules: Vec::new(),
            gates: Vec::new(),
            refusals: Vec::new(),
            shows_terminated: false,
            images: vec![
                image("docker.io/local/api:v1.0.0", Some(8000)),
                image("docker.io/local/api:v1.1.0", Some(8000)),
                image("docker.io/local/api:v1.2.0", Some(8000)),
                image("docker.io/local/crash:1", None),
                image("docker.io/local/postgres:*", None),
                image("docker.io/local/weaviate:*", Some(8080)),
                image("docker.io/local/log-agent:*", None),
                image("docker.io/local/backup:*", None),
            ],
        };
        let crash = Behaviour {
            exit: Some(Exit {
                code: 3,
                reason: None,
                after: None,
            }),
            lines: vec![
                "starting".into(),
                "panic: cannot connect to database postgres:5432: connection refused".into(),
            ],
            ..Behaviour::default()
        };
        scenario
            .rules
            .push((Match::image("docker.io/local/crash:*"), Arc::new(crash)));
        scenario
    }
}

impl Scenario {
    /// What the rules say about a container; `None`: nothing.
    pub(crate) fn of(&self, who: &Who<'_>) -> Option<Arc<Behaviour>> {
        self.rules
            .iter()
            .rev()
            .find(|(rule, _)| rule.covers(who))
            .map(|(_, behaviour)| behaviour.clone())
    }

    /// Changes what is said about these containers.
    pub(crate) fn change(&mut self, rule: &Match, change: impl FnOnce(&mut Behaviour)) {
        let place = self.rules.iter().position(|(present, _)| present == rule);
        let mut behaviour =
            place.map_or_else(Behaviour::default, |place| (*self.rules.remove(place).1).clone());
        change(&mut behaviour);
        self.rules.push((rule.clone(), Arc::new(behaviour)));
    }

    /// The image of the registry that a reference names.
    pub(crate) fn image(&self, reference: &str) -> Option<&Image> {
        self.images
            .iter()
            .rev()
            .find(|image| glob(&image.pattern, reference))
    }

    /// What admission says of a new pod, where it refuses it.
    pub(crate) fn refusal(&self, namespace: &str, pod: &str) -> Option<String> {
        let covers =
            |(place, pattern, _): &&(String, String, String)| place == namespace && glob(pattern, pod);
        let (.., sentence) = self.refusals.iter().find(covers)?;
        Some(sentence.replace("{pod}", pod))
    }

    /// Whether a pod that is not ready may become so; passing a gate with a count uses it up.
    pub(crate) fn admits(&mut self, namespace: &str, pod: &str) -> bool {
        let mut covering = self
            .gates
            .iter_mut()
            .filter(|gate| glob(&gate.namespace, namespace) && glob(&gate.pod, pod));
        let Some(gate) = covering.next() else { return true };
        if gate.allow == 0 {
            return false;
        }
        gate.allow -= 1;
        true
    }

    /// Whether a ready pod must become unready.
    pub(crate) fn withdraws(&self, namespace: &str, pod: &str) -> bool {
        self.gates
            .iter()
            .any(|gate| gate.closed_for_all && glob(&gate.namespace, namespace) && glob(&gate.pod, pod))
    }
}

/// Whether `text` fits a pattern in which `*` stands for anything.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    // `split` gives at least one part.
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(glob("*", ""));
        assert!(glob("docker.io/local/api:*", "docker.io/local/api:v1.0.0"));
        assert!(glob("a*b*c", "axxbyyc"));
        assert!(!glob("a*b*c", "axxbyy"));
        assert!(!glob("a", "ab"));
    }

    #[test]
    fn the_latest_rule_counts_and_gates_use_up() {
        let mut scenario = Scenario::default();
        let who = Who {
            namespace: "n",
            pod: "p-1",
            container: "api",
            image: "docker.io/local/api:v1.0.0",
        };
        assert!(scenario.of(&who).is_none());
        scenario.change(&Match::pod("n", "p-*"), |behaviour| {
            behaviour.liveness_fails = true
        });
        assert!(
            scenario
                .of(&who)
                .is_some_and(|behaviour| behaviour.liveness_fails)
        );
        let gate = Gate {
            namespace: "n".into(),
            pod: "p-*".into(),
            allow: 1,
            closed_for_all: false,
        };
        scenario.gates.push(gate);
        assert!(scenario.admits("n", "p-1") && !scenario.admits("n", "p-2") && scenario.admits("n", "q"));
    }
}
