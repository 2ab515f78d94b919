//! A network policy keeps one pod from another.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Found, Remedy},
        scene::Look,
    },
    health::network::{self, Side},
    model::Text,
    objects::{NetworkPolicy, Pod},
    texts::causes as texts,
};

/// Pods that network policies keep from others. Whether they are heeded depends on what runs the cluster's network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShutOut {
    /// The policies that together allow nothing of it.
    pub policies: Vec<String>,
    /// On which side.
    pub side: Side,
    /// Who is kept out; `None` where all are.
    pub from: Option<String>,
    /// Who cannot be reached: `deployment/db`.
    pub to: String,
    /// On which port; `None` where it is all of them.
    pub port: Option<i32>,
}

/// Two ends of a way.
#[derive(Clone, Copy)]
pub struct Way<'w> {
    /// A pod at one end, and what its owner is called.
    pub from: (&'w Pod, &'w str),
    /// The same at the other.
    pub to: (&'w Pod, &'w str),
    /// On which port.
    pub port: i32,
}

impl ShutOut {
    /// Between two pods.
    pub(in crate::diagnosis) fn between(
        policies: &[NetworkPolicy],
        way: Way<'_>,
        look: Look<'_>,
    ) -> Option<Found<Self>> {
        let (side, names) = network::shut(policies, way.from.0, way.to.0, way.port)?;
        Some(found(
            Self {
                policies: names.into_iter().map(str::to_owned).collect(),
                side,
                from: Some(way.from.1.to_owned()),
                to: way.to.1.to_owned(),
                port: Some(way.port),
            },
            Certainty::Likely,
            look,
        ))
    }

    /// From everybody.
    pub(in crate::diagnosis) fn from_all(
        policies: &[NetworkPolicy],
        to: &Pod,
        name: &str,
        look: Look<'_>,
    ) -> Option<Found<Self>> {
        let names = network::shut_to_all(policies, to)?;
        Some(found(
            Self {
                policies: names.into_iter().map(str::to_owned).collect(),
                side: Side::Ingress,
                from: None,
                to: name.to_owned(),
                port: None,
            },
            Certainty::Possible,
            look,
        ))
    }
}

fn found(cause: ShutOut, certainty: Certainty, look: Look<'_>) -> Found<ShutOut> {
    Found::of(cause, certainty, look.now)
}

impl Detail for ShutOut {
    const WORD: &'static str = "shut_out";

    fn text(&self) -> Text {
        texts::shut_out(
            &self.policies,
            self.side == Side::Egress,
            self.from.as_deref(),
            &self.to,
            self.port,
        )
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::advice(texts::open_policy(&self.policies)))
    }
}
