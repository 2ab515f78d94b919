//! What is known of one thing that was looked into: a value that every kind fills and one place draws.

use crate::{
    cluster::{Cached, Watched},
    diagnosis::{Certainty, Evidence, Finding},
    health::exit,
    incident::Problem,
    model::{Action, Text, Timestamp, Tone},
    texts::diagnose as texts,
};

/// A cause, or what follows from one, as it is told.
pub(super) struct Told {
    /// A sentence that names objects and values.
    pub(super) text: Text,
    /// How certain.
    pub(super) certainty: Certainty,
    /// What it rests on, each with its source and its time.
    pub(super) evidence: Vec<Text>,
    /// What people can do.
    pub(super) advice: Option<Text>,
    /// The problem that incidents call it, by which a manual's section is found.
    pub(super) problem: Option<Problem>,
}

impl Told {
    /// A finding under a sentence.
    pub(super) fn of(finding: &Finding, text: Text, now: Timestamp) -> Self {
        Self {
            text,
            certainty: finding.certainty,
            evidence: finding.evidence.iter().map(|e| words(e, now)).collect(),
            advice: finding.remedy().and_then(|remedy| remedy.advice),
            problem: finding.problem(),
        }
    }

    /// What one piece of evidence says.
    pub(super) fn seen(text: Text, certainty: Certainty, evidence: &Evidence, now: Timestamp) -> Self {
        Self {
            text,
            certainty,
            evidence: vec![words(evidence, now)],
            advice: None,
            problem: None,
        }
    }

    /// What follows from another.
    pub(super) fn following(from: &Self, text: Text) -> Self {
        Self {
            text,
            certainty: from.certainty,
            evidence: vec![],
            advice: None,
            problem: None,
        }
    }

    /// With one more thing that it rests on.
    pub(super) fn resting_on(mut self, evidence: Text) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// No more certain than that.
    pub(super) fn at_most(mut self, certainty: Certainty) -> Self {
        self.certainty = self.certainty.max(certainty);
        self
    }
}

fn words(evidence: &Evidence, now: Timestamp) -> Text {
    match evidence {
        Evidence::Ended { code, reason, at } => texts::ended(&exit::words(*code, reason.as_deref()), *at),
        Evidence::Waiting { reason, message } => {
            let message = message.as_deref().unwrap_or_default();
            // What the kubelet says behind it is the pod's name and uid.
            let short = message.split_once(" restarting failed container");
            texts::waits(reason, short.map_or(message, |(back_off, _)| back_off), now)
        }
        Evidence::Condition { kind, since } => texts::condition(kind, *since),
        Evidence::Event { reason, message, at } => texts::event(reason, message, *at),
    }
}

/// What is known of one thing.
pub(super) struct Case {
    /// `deployment/api`
    pub(super) name: String,
    /// `prod / shop`
    pub(super) place: String,
    /// How it is, in words behind its name; `None` where only the cause tells.
    pub(super) verdict: Option<Text>,
    /// Its colour where a cause was found.
    pub(super) tone: Tone,
    /// Whether too little is known to say that nothing is wrong.
    pub(super) unknown: bool,
    /// The causes of one chain: each explains the next.
    pub(super) chain: Vec<Told>,
    /// What is wrong beside them.
    pub(super) others: Vec<Text>,
    /// What was looked at and found there, in this order.
    looked: Vec<(Text, Text)>,
    /// What was not, and why.
    missed: Vec<Text>,
    /// The last lines of the container that shows it.
    pub(super) lines: Vec<String>,
    /// The last change.
    pub(super) change: Option<Text>,
    /// What it refers to that was written since its pods began.
    pub(super) rewritten: Vec<Text>,
    /// What is known to have worked.
    pub(super) worked: Option<Text>,
    /// The section of the team's manual.
    pub(super) manual: Option<Text>,
    /// Buttons.
    pub(super) actions: Vec<Action>,
}

impl Case {
    /// Nothing is known yet.
    pub(super) fn new(name: impl Into<String>, place: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            place: place.into(),
            verdict: None,
            tone: Tone::Bad,
            unknown: false,
            chain: vec![],
            others: vec![],
            looked: vec![],
            missed: vec![],
            lines: vec![],
            change: None,
            rewritten: vec![],
            worked: None,
            manual: None,
            actions: vec![],
        }
    }

    /// Something was looked at.
    pub(super) fn looked(&mut self, what: Text, found: Text) {
        self.looked.push((what, found));
    }

    /// Something was not.
    pub(super) fn missed(&mut self, what: Text) {
        self.missed.push(what);
    }

    /// Some things were not.
    pub(super) fn missed_all(&mut self, what: Vec<Text>) {
        self.missed.extend(what);
    }

    /// Whether a kind is seen as it is now; where not, that is said.
    pub(super) fn sees<K: Watched>(&mut self, cached: &Cached) -> bool {
        if cached.knows::<K>() {
            return true;
        }
        self.missed.extend(unseen::<K>(cached));
        false
    }

    /// What was looked at, numbered.
    pub(super) fn steps(&self) -> Vec<Text> {
        let steps = self.looked.iter().enumerate();
        steps
            .map(|(n, (what, found))| texts::step(n + 1, what, found))
            .collect()
    }

    /// What was not looked at.
    pub(super) fn not_looked_at(&self) -> &[Text] {
        &self.missed
    }
}

/// Why a kind is not seen as it is now, where it is not.
pub(super) fn unseen<K: Watched>(cached: &Cached) -> Option<Text> {
    if cached.knows::<K>() {
        return None;
    }
    let plural = K::API.plural;
    let mut watches = cached.watches().into_iter();
    let error = watches
        .find(|watch| watch.kind == plural)
        .and_then(|watch| watch.error);
    let why = error.map_or_else(texts::still_read, Text::from);
    Some(texts::not_seen(plural, &why))
}
