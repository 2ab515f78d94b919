//! A volume claim has no volume, and why: its class, its volume, what its controller says.

use crate::{
    cluster::near_of,
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Evidence, Found, Remedy},
        scene::Look,
    },
    model::Text,
    objects::{Event, PersistentVolumeClaim, StorageClass, event_time},
    texts::causes::{self as texts, Unbound},
};

/// What makes a class the one that claims get which name none.
const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// A volume claim that has no volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnboundClaim {
    /// Its name.
    pub claim: String,
    /// Why.
    pub why: Unbound,
}

impl UnboundClaim {
    /// In a claim. `classes` are those of the cluster where they may be read; `events` those about claims; `used` says whether
    /// a pod names it: one that waits for its first pod waits for nothing else.
    pub(in crate::diagnosis) fn of_claim(
        claim: &PersistentVolumeClaim,
        classes: Option<&[StorageClass]>,
        events: &[Event],
        used: bool,
        look: Look<'_>,
    ) -> Option<Found<Self>> {
        let name = &claim.metadata.name;
        let mut evidence = vec![];
        let why = match &*claim.status.phase {
            "Lost" => Unbound::Lost {
                volume: claim.spec.volume_name.to_string(),
            },
            "Pending" | "" => {
                let about = |event: &&Event| {
                    event.type_ == "Warning"
                        && event.involved_object.kind == *"PersistentVolumeClaim"
                        && event.involved_object.name == *name
                };
                let warning = events.iter().filter(about).max_by_key(|event| event_time(event));
                evidence.extend(warning.map(|event| Evidence::Event {
                    reason: event.reason.to_string(),
                    message: look.said(&event.message),
                    at: event_time(event),
                }));
                pending(claim, classes, warning, used, look)?
            }
            _ => return None,
        };
        Some(Found {
            evidence,
            since: claim.metadata.creation_timestamp.unwrap_or(look.now),
            ..Found::of(
                Self {
                    claim: name.to_string(),
                    why,
                },
                Certainty::Seen,
                look.now,
            )
        })
    }
}

/// Why a claim waits; `None` where that is as it should be.
fn pending(
    claim: &PersistentVolumeClaim,
    classes: Option<&[StorageClass]>,
    warning: Option<&Event>,
    used: bool,
    look: Look<'_>,
) -> Option<Unbound> {
    let said = || match warning {
        Some(event) => Unbound::Said {
            words: look.said(&event.message),
        },
        None => Unbound::NotKnown,
    };
    let Some(classes) = classes else {
        return Some(said());
    };
    let names = || classes.iter().map(|class| class.metadata.name.to_string());
    match claim.spec.storage_class_name.as_deref() {
        // It wants a volume that somebody made by hand.
        Some("") => Some(said()),
        Some(wanted) => match classes.iter().find(|class| *class.metadata.name == *wanted) {
            None => {
                let near = near_of(wanted, names());
                let others = names().filter(|name| !near.contains(name));
                let known = near.iter().cloned().chain(others).collect();
                let class = wanted.to_owned();
                Some(Unbound::NoClass { class, known })
            }
            Some(class) if class.volume_binding_mode == "WaitForFirstConsumer" => {
                // Where a pod uses it and no warning speaks, the pod is what is waited for.
                let waits = !used || warning.is_none();
                (!waits).then(said)
            }
            Some(_) => Some(said()),
        },
        None => {
            let own = |class: &StorageClass| class.metadata.annotations.get(DEFAULT) == Some("true");
            match classes.iter().any(own) {
                true => Some(said()),
                false => Some(Unbound::NoDefault {
                    known: names().collect(),
                }),
            }
        }
    }
}

impl Detail for UnboundClaim {
    const WORD: &'static str = "unbound_claim";

    fn text(&self) -> Text {
        texts::claim(&self.claim, &self.why)
    }

    fn may_pass(&self) -> bool {
        matches!(self.why, Unbound::NotKnown | Unbound::Said { .. })
    }

    fn remedy(&self) -> Option<Remedy> {
        texts::mend_claim(&self.claim, &self.why).map(Remedy::advice)
    }
}
