//! Sightings and times for the tests of this floor.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Birth, Ending, Evidence, Found, Incident, IncidentId, Key, Owner, Problem, Sighting, Subject, Timing,
    open,
};
use crate::model::{ChannelId, Timestamp};

/// So many seconds after a round moment.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub(crate) fn timing() -> Timing {
    Timing {
        settle: Duration::from_secs(60),
        patience: Duration::from_secs(20),
        flap: Duration::from_secs(600),
        edit_every: Duration::from_secs(10),
        evidence_every: Duration::from_secs(30),
        mention_every: Duration::from_secs(300),
        silence: Duration::from_secs(3600),
    }
}

pub(crate) fn key(problem: Problem) -> Key {
    Key {
        cluster: "prod".to_owned(),
        namespace: Some("shop".to_owned()),
        owner: Owner::new("deployment", "api"),
        problem,
    }
}

/// Two of three pods in trouble since second 0, seen at `second`.
pub(crate) fn sighting(problem: Problem, second: i64) -> Sighting {
    Sighting {
        key: key(problem),
        affected: vec!["api-a".to_owned(), "api-b".to_owned()],
        beside: vec![],
        uids: BTreeMap::new(),
        of: 3,
        serves: Some(1),
        restarts: 4,
        text: "api ends with exit code 3 (error of the program)".into(),
        facts: vec![],
        said: None,
        since: at(0),
        last: at(second),
        subject: Some(Subject {
            pod: "api-a".to_owned(),
            container: Some("api".to_owned()),
            ended: Some(at(0)),
            running: false,
        }),
    }
}

pub(crate) fn evidence(second: i64) -> Evidence {
    Evidence {
        about: sighting(Problem::CrashLoopBackOff, 0).subject.unwrap(),
        lines: vec!["booting".to_owned(), "FATAL: no database".to_owned()],
        no_lines: None,
        said: None,
        event: None,
        tied: None,
        incomplete: false,
        at: at(second),
    }
}

/// Opened at second 5.
pub(crate) fn opened(problem: Problem) -> Incident {
    let found = Found {
        evidence: Some(evidence(5)),
        ..Found::default()
    };
    open(
        &sighting(problem, 5),
        found,
        Birth {
            id: IncidentId(7),
            channel: ChannelId(3001),
            mention: &[],
            returned: None,
            now: at(5),
        },
    )
    .0
}

pub(crate) fn ending(second: i64) -> Ending {
    Ending {
        at: at(second),
        by: None,
        gone: false,
        left: None,
    }
}
