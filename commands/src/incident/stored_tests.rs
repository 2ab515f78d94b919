//! Incidents as the first release stored them are read, and go on.

use super::{
    Event, Incident, card,
    samples::{at, ending, sighting, timing},
    step,
};
use crate::{incident::Problem, model::Locale};

/// An open one, as the first release wrote it: sentences as plain strings, its change as a list of pieces.
const OPEN: &str = r#"{"acked":{"at":"2026-09-21T13:33:50Z","by":"501","name":"operator"},"affected":["api-a","api-b"],
    "change":{"at":"2026-09-21T13:32:50Z","line":[{"Plain":"image v1.1.0 → v1.2.0"},{"Plain":" by "},{"User":"503"},
    {"Plain":" ("},{"TicketLink":12},{"Plain":")"}]},"channel":"3001","closed":null,"ending":null,
    "evidence":{"about":{"container":"api","ended":"2026-09-21T13:33:20Z","pod":"api-a","running":false},
    "at":"2026-09-21T13:33:25Z","event":null,"incomplete":false,"lines":[],"no_lines":"its log is gone from the node already",
    "said":null},"facts":["the rollout makes no progress"],"flaps":0,"generation":2,"id":7,
    "key":{"cluster":"prod","namespace":"shop","owner":{"kind":"deployment","name":"api"},"problem":"crash_loop_back_off"},
    "last_seen":"2026-09-21T13:33:25Z","most":2,"of":3,"opened":"2026-09-21T13:33:20Z","restarts":4,
    "shown":"2026-09-21T13:33:25Z","silenced":null,"silenced_until":null,
    "text":"api ends with exit code 3 (error of the program)","version":1,"way_back":7}"#;

#[test]
fn an_open_incident_of_the_first_release_is_read_and_goes_on() {
    let incident: Incident = serde_json::from_str(OPEN).unwrap();
    let report = card(&incident, &timing());
    let en = report.plain();
    for words in [
        "deployment/api: containers crash",
        "api ends with exit code 3 (error of the program).",
        "the rollout makes no progress.",
        "its log is gone from the node already.",
        "image v1.1.0 → v1.2.0 by @503 (ticket 12)",
    ] {
        assert!(en.contains(words), "{words:?} is not in:\n{en}");
    }
    // What was worded in one language stays so; what is worded when it is drawn is not.
    let zh = report.plain_in(Locale::ZhCn);
    assert!(
        zh.contains("容器反复崩溃") && zh.contains("error of the program"),
        "{zh}"
    );

    let again: Incident = serde_json::from_str(&serde_json::to_string(&incident).unwrap()).unwrap();
    assert_eq!(again, incident);
    let seen = Event::Seen(Box::new(sighting(Problem::CrashLoopBackOff, 40)), Box::default());
    let (next, _) = step(&incident, seen, at(40), &timing()).unwrap();
    let (over, _) = step(&next, Event::Unseen(ending(50)), at(500), &timing()).unwrap();
    assert!(!over.is_open());
    let stored: Incident = serde_json::from_str(&serde_json::to_string(&over).unwrap()).unwrap();
    assert_eq!(stored, over);
}
