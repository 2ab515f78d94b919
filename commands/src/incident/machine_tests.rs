use std::time::Duration;

use super::*;
use crate::incident::samples::{at, ending, evidence, opened, sighting, timing};

const OPERATOR: UserId = UserId(501);

fn see(incident: &Incident, sighting: Sighting, second: i64) -> (Incident, Vec<Effect>) {
    let event = Event::Seen(Box::new(sighting), Box::default());
    step(incident, event, at(second), &timing()).unwrap()
}

fn miss(incident: &Incident, recovered: i64, second: i64) -> (Incident, Vec<Effect>) {
    step(incident, Event::Unseen(ending(recovered)), at(second), &timing()).unwrap()
}

fn birth(returned: Option<&Incident>) -> Birth<'_> {
    Birth {
        id: IncidentId(7),
        channel: ChannelId(1),
        mention: &[],
        returned,
        now: at(5),
    }
}

fn ack_event() -> Event {
    Event::Ack {
        by: OPERATOR,
        name: "operator".to_owned(),
    }
}

fn silence_event() -> Event {
    Event::Silence {
        by: OPERATOR,
        name: "operator".to_owned(),
    }
}

fn words(effects: &[Effect]) -> Vec<&str> {
    effects
        .iter()
        .map(|e| match e {
            Effect::Store => "store",
            Effect::Show => "show",
            Effect::Say => "say",
            Effect::Call(..) => "call",
            Effect::Launch => "launch",
            Effect::Record(event, _) => event,
        })
        .collect()
}

#[test]
fn what_passes_by_itself_must_hold_for_a_while() {
    for (problem, waits) in [
        (Problem::OomKilled, false),
        (Problem::CrashLoopBackOff, false),
        (Problem::ImagePull, true),
        (Problem::Unschedulable, true),
        (Problem::RolloutDeadline, false),
        (Problem::NodeNotReady, true),
    ] {
        let seen = sighting(problem, 0);
        assert_eq!(due(&seen, at(0), &timing()), !waits, "{problem:?} at once");
        assert_eq!(
            due(&seen, at(19), &timing()),
            !waits,
            "{problem:?} a moment before"
        );
        assert!(
            due(&seen, at(20), &timing()),
            "{problem:?} when its time has come"
        );
    }
}

#[test]
fn the_first_sight_is_stored_shown_and_on_record() {
    let seen = sighting(Problem::CrashLoopBackOff, 5);
    let (incident, effects) = open(&seen, Found::default(), birth(None));
    assert_eq!(words(&effects), ["store", "show", "opened"]);
    assert_eq!(
        (incident.opened, incident.last_seen, incident.version),
        (at(0), at(5), 1)
    );
    assert_eq!((incident.most, incident.of, incident.restarts), (2, 3, 4));
    let skewed = Sighting {
        since: at(500),
        ..seen
    };
    let (incident, _) = open(&skewed, Found::default(), birth(None));
    assert_eq!(
        incident.opened,
        at(5),
        "a cluster's clock that runs ahead opens nothing in the future"
    );
}

#[test]
fn only_what_is_worth_reading_changes_the_message() {
    let incident = opened(Problem::CrashLoopBackOff);
    let (same, effects) = see(&incident, sighting(Problem::CrashLoopBackOff, 30), 30);
    assert!(effects.is_empty(), "the same again is no news: {effects:?}");
    assert_eq!((same.last_seen, same.version), (at(30), 1));

    let worse = Sighting {
        restarts: 5,
        ..sighting(Problem::CrashLoopBackOff, 14)
    };
    let (_, effects) = see(&incident, worse.clone(), 14);
    assert!(effects.is_empty(), "too early after the last change");
    let (next, effects) = see(
        &incident,
        Sighting {
            last: at(15),
            ..worse
        },
        15,
    );
    assert_eq!(words(&effects), ["store", "show"]);
    assert_eq!((next.restarts, next.version, next.shown), (5, 2, at(15)));
}

#[test]
fn restarts_and_numbers_of_pods_remember_the_worst() {
    let incident = opened(Problem::CrashLoopBackOff);
    let better = Sighting {
        affected: vec!["api-a".to_owned()],
        restarts: 1,
        ..sighting(Problem::CrashLoopBackOff, 20)
    };
    let (next, _) = see(&incident, better, 20);
    assert_eq!((next.affected.len(), next.most, next.restarts), (1, 2, 4));
}

#[test]
fn a_pod_of_a_stateful_set_is_not_the_one_before_it() {
    let of = |problem, uid: &str, second| Sighting {
        uids: [("db-0".to_owned(), uid.to_owned())].into(),
        affected: vec!["db-0".to_owned()],
        beside: vec![],
        ..sighting(problem, second)
    };
    let (incident, _) = open(&of(Problem::OomKilled, "u1", 5), Found::default(), birth(None));
    let (same, _) = see(&incident, of(Problem::CrashLoopBackOff, "u1", 20), 20);
    assert_eq!((same.key.problem, same.former), (Problem::OomKilled, None));
    let (other, _) = see(&incident, of(Problem::CrashLoopBackOff, "u2", 20), 20);
    assert_eq!(other.key.problem, Problem::CrashLoopBackOff);
    assert!(
        other.former.is_some(),
        "what the one before showed has its own line"
    );
}

#[test]
fn a_job_that_gave_up_crashes_no_more() {
    let incident = opened(Problem::CrashLoopBackOff);
    let mut gave_up = sighting(Problem::JobFailed, 20);
    (gave_up.affected, gave_up.text) = (vec![], "its pods failed more often than it allows".into());
    let (now, _) = see(&incident, gave_up, 20);
    assert_eq!(now.key.problem, Problem::JobFailed);
    assert_eq!(now.text.plain(), "its pods failed more often than it allows");
    assert!(now.former.is_some(), "that it crashed has its own line");
}

#[test]
fn no_more_serve_than_are_counted() {
    let mut seen = sighting(Problem::CrashLoopBackOff, 5);
    (seen.of, seen.serves) = (3, Some(4));
    let (incident, _) = open(&seen, Found::default(), birth(None));
    assert_eq!(incident.serves, Some(3));
}

#[test]
fn it_is_over_when_it_has_not_held_for_the_settle_time() {
    let incident = opened(Problem::CrashLoopBackOff);
    let (still, effects) = miss(&incident, 30, 64);
    assert!(
        effects.is_empty() && still.is_open(),
        "a container between two crashes runs, too"
    );
    let (closed, effects) = miss(&incident, 30, 65);
    assert_eq!(words(&effects), ["store", "show", "recovered"]);
    assert_eq!(closed.closed, Some(at(65)));
    assert_eq!(
        closed.ending.as_ref().map(|e| e.at),
        Some(at(30)),
        "the duration ends with the recovery"
    );
    let (again, effects) = miss(&closed, 30, 200);
    assert!(effects.is_empty(), "told once");
    assert_eq!(again, closed);
}

#[test]
fn what_is_not_seen_any_more_is_told_as_such_until_it_is_over_or_back() {
    let incident = opened(Problem::CrashLoopBackOff);
    let away = |incident: &Incident, second: i64| {
        step(incident, Event::Quiet(at(20)), at(second), &timing()).unwrap()
    };
    assert_eq!(
        words(&away(&incident, 29).1),
        [""; 0],
        "it may only run for a moment"
    );
    let (quiet, effects) = away(&incident, 30);
    assert_eq!(
        (words(&effects), quiet.quiet),
        (vec!["store", "show"], Some(at(20)))
    );
    assert_eq!(words(&away(&quiet, 50).1), [""; 0], "it is told once");

    let (back, effects) = see(&quiet, sighting(Problem::CrashLoopBackOff, 31), 31);
    assert_eq!(
        (words(&effects), back.quiet),
        (vec!["store", "show"], None),
        "that it is back does not wait for its turn"
    );
    let (over, _) = miss(&quiet, 20, 90);
    assert_eq!((over.quiet, over.is_open()), (None, false));
    assert_eq!(words(&away(&over, 100).1), [""; 0]);

    let (silent, _) = step(&incident, silence_event(), at(6), &timing()).unwrap();
    assert_eq!(words(&away(&silent, 30).1), ["store"]);
}

#[test]
fn the_end_lies_between_the_last_sight_and_now() {
    let incident = opened(Problem::CrashLoopBackOff);
    for (recovered, end) in [(-50, 5), (3, 5), (40, 40), (9000, 70)] {
        let (closed, _) = miss(&incident, recovered, 70);
        assert_eq!(
            closed.ending.map(|e| e.at),
            Some(at(end)),
            "recovered at {recovered}"
        );
    }
}

#[test]
fn what_comes_back_within_the_window_is_the_same_incident() {
    let (closed, _) = miss(&opened(Problem::CrashLoopBackOff), 10, 70);
    assert!(reopens(&closed, at(70 + 599), &timing()));
    assert!(!reopens(&closed, at(70 + 600), &timing()));
    assert!(
        !reopens(&opened(Problem::CrashLoopBackOff), at(70), &timing()),
        "an open one is not reopened"
    );
    let (back, effects) = see(&closed, sighting(Problem::CrashLoopBackOff, 71), 71);
    assert_eq!(words(&effects), ["store", "show", "reopened"]);
    assert_eq!(
        (back.flaps, back.opened, back.closed, &back.ending),
        (1, at(0), None, &None)
    );
    let (closed, _) = miss(&back, 75, 140);
    let (back, _) = see(&closed, sighting(Problem::CrashLoopBackOff, 150), 150);
    assert_eq!(back.flaps, 2);
}

#[test]
fn a_problem_becomes_the_one_that_explains_it_and_never_the_other_way() {
    let crash = opened(Problem::CrashLoopBackOff);
    let (oom, effects) = see(&crash, sighting(Problem::OomKilled, 6), 6);
    assert_eq!(
        words(&effects),
        ["store", "show", "changed"],
        "at once, whatever the pace of edits"
    );
    assert_eq!((oom.key.problem, oom.id), (Problem::OomKilled, crash.id));
    let (still, _) = see(&oom, sighting(Problem::CrashLoopBackOff, 20), 20);
    assert_eq!(still.key.problem, Problem::OomKilled);
    let mut memory = sighting(Problem::OomKilled, 6);
    memory.text = "api ends with exit code 137".into();
    let (oom, _) = see(&crash, memory, 6);
    let (still, _) = see(&oom, sighting(Problem::CrashLoopBackOff, 30), 30);
    assert_eq!(
        still.text.plain(),
        "api ends with exit code 137",
        "the sentence under the title is about the title"
    );
    assert_eq!(
        still.facts.iter().map(Text::plain).collect::<Vec<_>>(),
        ["now api ends with exit code 3 (error of the program)"]
    );
}

fn shown_by(problem: Problem, pods: &[&str], second: i64, text: &str) -> Sighting {
    Sighting {
        affected: pods.iter().map(|&pod| pod.to_owned()).collect(),
        text: text.into(),
        ..sighting(problem, second)
    }
}

/// A container that crashes in a loop runs between its crashes; that of another image may only be not ready.
#[test]
fn what_other_pods_showed_is_not_said_of_those_in_trouble_now() {
    let memory =
        |pods: &[&str], second| shown_by(Problem::OomKilled, pods, second, "api ends with exit code 137");
    let not_ready = |pods: &[&str], second| Sighting {
        restarts: 0,
        since: at(second - 3),
        ..shown_by(Problem::NotReady, pods, second, "api runs and is not ready")
    };
    let (first, _) = open(&memory(&["api-a"], 5), Found::default(), birth(None));
    let (same, _) = see(&first, not_ready(&["api-a", "api-b"], 20), 20);
    assert_eq!(same.key.problem, Problem::OomKilled, "api-a runs for a moment");
    let (both, _) = see(&same, memory(&["api-a"], 32), 32);
    assert_eq!(both.shown_by, ["api-a"]);

    let (other, effects) = see(&both, not_ready(&["api-b"], 36), 36);
    assert_eq!(words(&effects), ["store", "show", "changed"], "at once");
    assert_eq!(
        (
            other.key.problem,
            other.text.plain().as_str(),
            other.restarts,
            other.most
        ),
        (Problem::NotReady, "api runs and is not ready", 0, 1)
    );
    assert!(other.facts.is_empty() && other.evidence.is_none());
    let former = other.former.clone().unwrap();
    assert_eq!(
        (former.text.plain().as_str(), former.until, former.replaced),
        ("api ends with exit code 137", at(32), at(33))
    );
    assert_eq!((other.opened, other.began()), (at(0), at(33)));
    // What shows it again is the first trouble again.
    let (again, _) = see(&other, memory(&["api-b"], 60), 60);
    assert_eq!((again.key.problem, &again.former), (Problem::OomKilled, &None));
    // A Job's pods are gone when it gives up: why it did stays, of then.
    let (gone, _) = see(
        &first,
        shown_by(Problem::JobFailed, &[], 20, "the Job gave up"),
        20,
    );
    assert_eq!(gone.key.problem, Problem::JobFailed);
    assert_eq!(gone.former.map(|f| f.text), Some(first.text.clone()));
    assert_eq!(
        gone.evidence, first.evidence,
        "its last lines are still its last lines"
    );
}

#[test]
fn one_person_is_on_it() {
    let incident = opened(Problem::CrashLoopBackOff);
    let (acked, effects) = step(&incident, ack_event(), at(40), &timing()).unwrap();
    assert_eq!(words(&effects), ["store", "show", "acked"]);
    assert_eq!(effects[2], Effect::Record("acked", "after 40 s".to_owned()));
    assert_eq!(
        acked.acked.as_ref().map(|n| (n.by, n.at)),
        Some((OPERATOR, at(40)))
    );
    let Refusal(line) = step(&acked, ack_event(), at(50), &timing()).unwrap_err();
    assert!(line.plain().contains("acked this"), "{}", line.plain());
    let (closed, _) = miss(&incident, 10, 70);
    for event in [ack_event(), silence_event()] {
        let Refusal(line) = step(&closed, event, at(80), &timing()).unwrap_err();
        assert!(line.plain().contains("ended"), "{}", line.plain());
    }
}

#[test]
fn silence_stops_the_edits_and_not_the_record() {
    let (silent, effects) = step(
        &opened(Problem::CrashLoopBackOff),
        silence_event(),
        at(10),
        &timing(),
    )
    .unwrap();
    assert_eq!(words(&effects), ["store", "show", "silenced"]);
    assert_eq!(silent.silenced_until, Some(at(3610)));
    assert!(
        step(&silent, silence_event(), at(20), &timing()).is_err(),
        "twice means nothing"
    );
    let worse = |second| Sighting {
        restarts: 50,
        ..sighting(Problem::CrashLoopBackOff, second)
    };
    let (louder, effects) = see(&silent, worse(100), 100);
    assert_eq!(words(&effects), ["store"], "kept, and not told");
    let (_, effects) = miss(&louder, 100, 200);
    assert_eq!(
        words(&effects),
        ["store", "show", "recovered"],
        "a message must not go on telling what is over"
    );
    let (after, effects) = see(&louder, worse(3610), 3610);
    assert_eq!(words(&effects), ["store", "show"], "the silence lapsed");
    assert_eq!((after.silenced, after.silenced_until), (None, None));
}

#[test]
fn evidence_is_read_once_and_again_when_there_is_something_new() {
    let seen = sighting(Problem::CrashLoopBackOff, 5);
    let incident = opened(Problem::CrashLoopBackOff);
    assert!(wants_evidence(None, &seen, at(5), &timing()));
    assert!(
        !wants_evidence(Some(&incident), &seen, at(500), &timing()),
        "nothing new"
    );
    let mut other = seen.clone();
    if let Some(subject) = &mut other.subject {
        subject.ended = Some(at(20));
    }
    assert!(
        !wants_evidence(Some(&incident), &other, at(34), &timing()),
        "not so soon"
    );
    assert!(wants_evidence(Some(&incident), &other, at(35), &timing()));
    let mut broken = incident.clone();
    if let Some(evidence) = &mut broken.evidence {
        evidence.incomplete = true;
    }
    assert!(
        wants_evidence(Some(&broken), &seen, at(35), &timing()),
        "an outage is tried again"
    );
    let nobody = Sighting {
        subject: None,
        ..seen
    };
    assert!(!wants_evidence(None, &nobody, at(5), &timing()));
}

#[test]
fn lines_that_were_read_are_not_lost_with_the_container() {
    let incident = opened(Problem::CrashLoopBackOff);
    let gone = Evidence {
        lines: vec![],
        no_lines: Some("its log is gone".into()),
        ..evidence(40)
    };
    let found = Found {
        evidence: Some(gone),
        ..Found::default()
    };
    let event = Event::Seen(Box::new(sighting(Problem::CrashLoopBackOff, 40)), Box::new(found));
    let (next, _) = step(&incident, event, at(40), &timing()).unwrap();
    let evidence = next.evidence.unwrap();
    assert_eq!(
        (evidence.lines.len(), evidence.no_lines, evidence.at),
        (2, None, at(40))
    );
}

#[test]
fn versions_grow_only_with_what_is_stored() {
    let incident = opened(Problem::CrashLoopBackOff);
    let mut version = incident.version;
    let mut now = incident;
    for second in (10..4000).step_by(7) {
        let seen = Sighting {
            restarts: second / 100,
            ..sighting(Problem::CrashLoopBackOff, second)
        };
        let (next, effects) = see(&now, seen, second);
        let stored = effects.contains(&Effect::Store);
        assert_eq!(next.version, version + i64::from(stored));
        assert!(
            stored || !effects.contains(&Effect::Show),
            "what is shown is stored"
        );
        if stored {
            let apart = since(now.shown, at(second));
            assert!(apart >= Duration::from_secs(10), "{apart:?} after the last edit");
            (now, version) = (next.clone(), next.version);
        }
    }
}

#[test]
fn how_long_it_lasts_is_stored_every_now_and_then_and_nothing_else_is() {
    let incident = opened(Problem::CrashLoopBackOff);
    let seen = |incident: &Incident, second: i64| {
        let event = Event::Seen(
            Box::new(sighting(Problem::CrashLoopBackOff, second)),
            Box::default(),
        );
        step(incident, event, at(second), &timing()).unwrap()
    };
    assert_eq!(
        seen(&incident, 30).1,
        [],
        "half of the time to settle is not over"
    );
    let (next, effects) = seen(&incident, 35);
    assert_eq!(effects, [Effect::Store]);
    assert_eq!((next.last_seen, next.version), (at(35), incident.version + 1));
    // A difference that is too early to be shown is not stored either: it would never be shown.
    let mut worse = sighting(Problem::CrashLoopBackOff, 40);
    worse.restarts += 1;
    let shown = Incident {
        shown: at(39),
        ..incident.clone()
    };
    let event = Event::Seen(Box::new(worse.clone()), Box::default());
    let (next, effects) = step(&shown, event, at(40), &timing()).unwrap();
    assert_eq!((effects, next.restarts), (vec![Effect::Store], incident.restarts));
    worse.last = at(50);
    let event = Event::Seen(Box::new(worse.clone()), Box::default());
    let (next, effects) = step(&next, event, at(50), &timing()).unwrap();
    assert_eq!(
        (effects, next.restarts),
        (vec![Effect::Store, Effect::Show], worse.restarts)
    );
}

#[test]
fn what_comes_back_is_a_new_one_that_counts_from_then() {
    let (before, _) = miss(&opened(Problem::CrashLoopBackOff), 65, 130);
    let seen = sighting(Problem::CrashLoopBackOff, 205);
    let birth = Birth {
        id: IncidentId(8),
        now: at(205),
        ..birth(Some(&before))
    };
    let (back, effects) = open(&seen, Found::default(), birth);
    assert_eq!(words(&effects), ["store", "show", "reopened"]);
    let ended = before.ending.unwrap().at;
    assert_eq!(
        back.returned,
        Some(Returned {
            from: before.id,
            ended
        })
    );
    assert_eq!(
        (back.opened, back.flaps),
        (ended, 1),
        "the objects remember the first time; it was well in between"
    );
}

#[test]
fn a_new_process_looks_after_the_messages_of_what_is_open() {
    let open = opened(Problem::CrashLoopBackOff);
    let of = |incident: &Incident| step(incident, Event::Inherited, at(100), &timing()).unwrap();
    let (next, effects) = of(&open);
    assert_eq!(words(&effects), ["store", "show"]);
    assert_eq!(
        Incident {
            version: open.version,
            ..next
        },
        open,
        "nothing is said that was not said"
    );
    let (closed, _) = miss(&open, 10, 90);
    assert!(of(&closed).1.is_empty());
}
