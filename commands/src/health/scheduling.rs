//! The scheduler's message in words: `0/4 nodes are available: 3 Insufficient memory, 1 node(s) were unschedulable. …`
//! becomes `0 of 4 nodes fit: 3 lack memory, 1 is cordoned`.

use crate::{
    model::Text,
    texts::health::{self as texts, Unfit},
};

/// Why no node fits, as the scheduler counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodesFit {
    /// Counted.
    Counted {
        /// Nodes that fit.
        fit: String,
        /// All nodes.
        all: String,
        /// Why the others do not, and how many of them.
        reasons: Vec<(Option<u32>, Unfit)>,
    },
    /// No node was looked for: a volume claim of the pod is not bound.
    Unbound,
    /// No node was looked for: there is no such volume claim.
    NoClaim(String),
    /// A message of another form, as it is.
    Words(String),
}

impl NodesFit {
    /// Whether it is for a volume that some nodes cannot have.
    #[must_use]
    pub fn is_for_a_volume(&self) -> bool {
        let reasons = match self {
            Self::Counted { reasons, .. } => reasons.as_slice(),
            _ => &[],
        };
        reasons.iter().any(|(_, why)| *why == Unfit::Volume)
    }

    /// `0 of 4 nodes fit: 3 lack memory, 1 is cordoned`
    #[must_use]
    pub fn text(&self) -> Text {
        let (fit, all, reasons) = match self {
            Self::Words(words) => return words.as_str().into(),
            Self::Unbound => return texts::claim_unbound(),
            Self::NoClaim(name) => return texts::no_claim(name),
            Self::Counted { fit, all, reasons } => (fit, all, reasons),
        };
        let head = texts::nodes_fit(fit, all);
        if reasons.is_empty() {
            return head;
        }
        let told = reasons.iter().map(|(count, why)| match (count, why) {
            (Some(count), why) => texts::unfit(*count, why),
            (None, Unfit::Other(words)) => words.as_str().into(),
            (None, why) => texts::unfit(0, why),
        });
        texts::nodes_fit_because(&head, told.collect())
    }
}

/// What the scheduler's message says.
#[must_use]
pub fn parse(message: &str) -> NodesFit {
    if let Some(volume) = volume(message) {
        return volume;
    }
    let words = || NodesFit::Words(message.trim().trim_end_matches('.').to_owned());
    let Some((counts, rest)) = message.split_once(" nodes are available") else {
        return words();
    };
    let Some((fit, all)) = counts.split_once('/') else {
        return words();
    };
    // What follows is about claims and preemption: nothing that a person can act on.
    let rest = rest.trim_start_matches(':').trim();
    let reasons = rest.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let reasons = if reasons.is_empty() {
        vec![]
    } else {
        parts(reasons).into_iter().map(reason).collect()
    };
    let (fit, all) = (fit.to_owned(), all.to_owned());
    NodesFit::Counted { fit, all, reasons }
}

/// Before it looks at nodes the scheduler looks at the pod's claims.
fn volume(message: &str) -> Option<NodesFit> {
    let own = message.split(" preemption: ").next().unwrap_or_default();
    if own.contains("unbound immediate PersistentVolumeClaims")
        || own.contains("unbound PersistentVolumeClaim")
    {
        return Some(NodesFit::Unbound);
    }
    let (_, rest) = own.split_once("persistentvolumeclaim \"")?;
    let (name, after) = rest.split_once('"')?;
    after
        .starts_with(" not found")
        .then(|| NodesFit::NoClaim(name.to_owned()))
}

/// Splits at commas that do not stand in the braces of a taint.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let mut from = 0;
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[from..].trim());
    parts
}

fn reason(part: &str) -> (Option<u32>, Unfit) {
    let (count, what) = part.split_once(' ').unwrap_or(("", part));
    let Ok(count) = count.parse::<u32>() else {
        return (None, Unfit::Other(part.to_owned()));
    };
    let what = what.trim_start_matches("node(s) ");
    (Some(count), unfit(what))
}

fn unfit(what: &str) -> Unfit {
    if let Some(resource) = what.strip_prefix("Insufficient ") {
        return Unfit::Lack(resource.to_owned());
    }
    if let Some((_, taints)) = what.split_once("untolerated taint") {
        let key = taints
            .trim_start_matches("(s)")
            .trim_matches(|c: char| matches!(c, ' ' | '{' | '}'));
        return tainted(key.split(':').next().unwrap_or(key).trim());
    }
    if matches!(what, "were unschedulable" | "was unschedulable") {
        Unfit::Cordoned
    } else if matches!(what, "Too many pods") {
        Unfit::Full
    } else if what.starts_with("didn't match Pod's node affinity") {
        Unfit::Selector
    } else if what.starts_with("didn't match pod anti-affinity") {
        Unfit::AntiAffinity
    } else if what.starts_with("didn't match pod topology spread") {
        Unfit::Spread
    } else if what.starts_with("had volume node affinity conflict")
        || what.starts_with("didn't match PersistentVolume's node affinity")
    {
        Unfit::Volume
    } else if what.starts_with("didn't have free ports") {
        Unfit::Port
    } else {
        Unfit::Other(what.to_owned())
    }
}

fn tainted(key: &str) -> Unfit {
    match key {
        "node.kubernetes.io/unreachable" | "node.kubernetes.io/not-ready" => Unfit::NotReady,
        "node.kubernetes.io/unschedulable" => Unfit::Cordoned,
        "node.kubernetes.io/memory-pressure" => Unfit::MemoryPressure,
        "node.kubernetes.io/disk-pressure" => Unfit::DiskPressure,
        "node-role.kubernetes.io/control-plane" => Unfit::ControlPlane,
        key => Unfit::Taint(key.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn messages_of_the_scheduler_are_told_in_words() {
        for (message, told) in [
            // 07-failing-pods
            (
                "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
                "0 of 1 node fit: 1 lacks cpu",
            ),
            (
                "0/4 nodes are available: 3 Insufficient memory, 1 node(s) were unschedulable. preemption: 0/4 nodes are available.",
                "0 of 4 nodes fit: 3 lack memory, 1 is cordoned",
            ),
            (
                "0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 2 node(s) had untolerated taint(s) {a/b: c, d: e}.",
                "0 of 3 nodes fit: 1 is not ready, 2 have the taint a/b",
            ),
            (
                "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
                "a volume claim of the pod is not bound",
            ),
            (
                "0/2 nodes are available: persistentvolumeclaim \"data\" not found. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
                "the volume claim data does not exist",
            ),
            (
                "0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
                "0 of 2 nodes fit: 1 has a taint that the pod does not tolerate, 1 is cordoned",
            ),
            (
                "0/3 nodes are available: 1 node(s) had volume node affinity conflict, 2 node(s) didn't match PersistentVolume's node affinity.",
                "0 of 3 nodes fit: 1 cannot reach the volume, 2 cannot reach the volume",
            ),
            (
                "0/2 nodes are available: 2 Too many pods.",
                "0 of 2 nodes fit: 2 have no room for another pod",
            ),
            (
                "no nodes available to schedule pods.",
                "no nodes available to schedule pods",
            ),
        ] {
            assert_eq!(parse(message).text().plain(), told);
        }
    }
}
