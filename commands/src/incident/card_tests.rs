use super::*;
use crate::{
    incident::{
        Ending, Event, Left,
        samples::{at, ending, opened, sighting, timing},
        step,
    },
    input::options_from_line,
    line,
    model::{RoleId, UserId},
};

fn labels(report: &Report) -> Vec<String> {
    report.actions.iter().map(|a| a.label.plain()).collect()
}

fn place_of(report: &Report) -> String {
    report.place.as_ref().unwrap().plain()
}

fn full() -> Incident {
    let mut incident = opened(Problem::CrashLoopBackOff);
    incident.change = Some(LastChange {
        line: line!["image v1.1.0 → v1.2.0 by kubectl"],
        at: Some(at(-30)),
    });
    (incident.way_back, incident.fails) = (Some(7), Some(8));
    incident.manual = Some("Pod 无法启动 (ops.md)".into());
    incident
}

#[test]
fn the_way_back_says_what_ran_when_it_was_drawn() {
    let way_back = |incident: &Incident| {
        let report = card(incident, &timing());
        let last = report.actions.last().unwrap();
        options_from_line(last.extra.as_deref().unwrap())
    };
    let options = way_back(&full());
    assert_eq!(options.get("revision"), Some(&Value::Text("7".to_owned())));
    assert_eq!(options.get(SEEN), Some(&Value::Text("8".to_owned())));
    // What an earlier release stored knows it not.
    let old = Incident {
        fails: None,
        ..full()
    };
    assert_eq!(way_back(&old).get(SEEN), None);
}

#[test]
fn what_other_pods_showed_before_has_its_own_line() {
    let mut seen = sighting(Problem::NotReady, 40);
    seen.affected = vec!["api-c".to_owned()];
    seen.text = "api runs and is not ready".into();
    seen.since = at(35);
    let event = Event::Seen(Box::new(seen), Box::default());
    let (other, _) = step(&full(), event, at(40), &timing()).unwrap();
    let lines = card(&other, &timing()).plain();
    assert!(
        lines.contains("before that, in other pods, for 5 s until"),
        "{lines}"
    );
    assert!(lines.contains("api ends with exit code 3"), "{lines}");
    let (over, _) = step(&other, Event::Unseen(ending(50)), at(500), &timing()).unwrap();
    let lines = card(&over, &timing()).plain();
    assert!(lines.contains("pods that were not ready for 15 s"), "{lines}");
    assert!(lines.contains("before that, in other pods, for 5 s"), "{lines}");
}

#[test]
fn what_is_not_seen_any_more_is_not_said_of_now() {
    let mut incident = full();
    incident.facts = vec!["0 of 3 pods ready".into()];
    let now = card(&incident, &timing()).plain();
    assert!(now.contains("2 of 3 pods, 4 restarts, 1 of 3 serves"), "{now}");
    assert!(now.contains("0 of 3 pods ready"), "{now}");
    let (quiet, _) = step(&incident, Event::Quiet(at(20)), at(500), &timing()).unwrap();
    let then = card(&quiet, &timing()).plain();
    assert!(
        then.contains(", last seen with 2 of 3 pods, 4 restarts"),
        "{then}"
    );
    assert!(then.contains("Nothing of it seen since "), "{then}");
    assert!(
        then.contains("it counts as over once that is so for 1 min."),
        "{then}"
    );
    assert!(!then.contains("serve") && !then.contains("0 of 3"), "{then}");
    let line = state_in_words(&quiet).plain();
    assert!(line.contains(", not seen since "), "{line}");
    assert!(!state_in_words(&incident).plain().contains("not seen"));
}

#[test]
fn the_first_message_calls_whom_it_shall_and_the_last_nobody() {
    let incident = Incident {
        mention: vec![RoleId(111)],
        ..full()
    };
    assert_eq!(card(&incident, &timing()).ping, [RoleId(111)]);
    let (over, _) = step(&incident, Event::Unseen(ending(50)), at(500), &timing()).unwrap();
    assert!(card(&over, &timing()).ping.is_empty());
}

#[test]
fn an_event_that_says_the_same_again_is_left_out() {
    let mut incident = opened(Problem::ImagePull);
    incident.text =
        "api waits: api:v9 cannot be pulled (Back-off pulling: failed to resolve \"api:v9\": not found)"
            .into();
    let mut told = |event: &str| {
        let mut evidence = crate::incident::samples::evidence(95);
        evidence.event = Some(event.to_owned());
        incident.evidence = Some(evidence);
        let report = card(&incident, &timing());
        report.texts().any(|line| line.plain().starts_with("Event:"))
    };
    assert!(!told(
        "Failed to pull image: failed to resolve \"api:v9\": not found."
    ));
    assert!(told("Failed to pull image: the registry wants a password"));
    assert!(told("short"));
    incident.facts = vec![
        "the rollout makes no progress".into(),
        "Pod p: container api waits (failed to resolve \"api:v9\": not found)".into(),
    ];
    let lines: Vec<String> = card(&incident, &timing())
        .texts()
        .map(|line| line.plain())
        .collect();
    assert!(
        lines.contains(&"the rollout makes no progress.".to_owned()),
        "{lines:?}"
    );
    assert!(!lines.iter().any(|line| line.starts_with("Pod p:")), "{lines:?}");
}

#[test]
fn it_says_what_how_many_why_and_what_to_do() {
    let report = card(&full(), &timing());
    assert_eq!(report.tone, Tone::Bad);
    assert_eq!(place_of(&report), "prod / shop");
    let text = report.plain();
    for words in [
        "deployment/api: containers crash",
        "2 of 3 pods, 4 restarts",
        "exit code 3 (error of the program)",
        "Last lines before the end",
        "Changed just before: image v1.1.0 → v1.2.0 by kubectl",
        "Manual: Pod 无法启动 (ops.md)",
    ] {
        assert!(text.contains(words), "{words:?} is not in:\n{text}");
    }
    assert_eq!(
        report.codes().next().map(|c| c.text.as_str()),
        Some("booting\nFATAL: no database")
    );
    assert_eq!(
        labels(&report),
        [
            "Ack",
            "Silence 1 h",
            "Diagnose",
            "Logs",
            "Status",
            "Roll back to 7"
        ]
    );
    assert_eq!(report.actions[0].subject, "7");
    assert_eq!(
        report.actions[5].extra.as_deref(),
        Some("revision=7;seen=8;workload=prod/shop/deployment/api")
    );
    assert!(report.ping.is_empty(), "pings nobody");
}

#[test]
fn notes_of_people_stand_on_it_and_take_their_buttons_away() {
    let by = UserId(501);
    let name = || "operator".to_owned();
    let (acked, _) = step(&full(), Event::Ack { by, name: name() }, at(40), &timing()).unwrap();
    let (noted, _) = step(&acked, Event::Silence { by, name: name() }, at(50), &timing()).unwrap();
    let report = card(&noted, &timing());
    assert_eq!(labels(&report), ["Diagnose", "Logs", "Status", "Roll back to 7"]);
    let text = report.plain();
    assert!(text.contains("Acked: by @501 after 40 s"), "{text}");
    assert!(text.contains("Silenced: by @501, lapses"), "{text}");
}

#[test]
fn the_end_says_how_long_what_ended_it_and_who_was_on_it() {
    let by = UserId(501);
    let (acked, _) = step(
        &full(),
        Event::Ack {
            by,
            name: "operator".to_owned(),
        },
        at(40),
        &timing(),
    )
    .unwrap();
    let ending = Ending {
        at: at(372),
        by: Some(line!["the rollback of ticket 13"]),
        gone: false,
        left: None,
    };
    let (over, _) = step(&acked, Event::Unseen(ending), at(500), &timing()).unwrap();
    let report = card(&over, &timing());
    assert_eq!(report.tone, Tone::Good);
    let text = report.plain();
    for words in [
        "deployment/api: recovered",
        "crashed for 6 min 12 s, 4 restarts, ended by the rollback of ticket 13",
        "acked by @501 after 40 s",
        "At its worst 2 of 3 pods",
    ] {
        assert!(text.contains(words), "{words:?} is not in:\n{text}");
    }
    assert_eq!(labels(&report), ["Status"]);
    assert!(report.codes().next().is_none());
}

#[test]
fn what_was_deleted_did_not_recover() {
    let ending = Ending {
        at: at(60),
        by: None,
        gone: true,
        left: None,
    };
    let (over, _) = step(&full(), Event::Unseen(ending), at(500), &timing()).unwrap();
    let report = card(&over, &timing());
    assert_eq!(
        (report.tone, report.title.plain().as_str()),
        (Tone::Off, "deployment/api: over")
    );
    assert!(report.actions.is_empty());
}

#[test]
fn what_lacks_pods_still_did_not_recover() {
    for (left, words) in [
        (
            Left::Pods { ready: 0, desired: 3 },
            "When that was over, 0 of 3 pods were ready.",
        ),
        (Left::JobFailed, "It has not done its work since."),
    ] {
        let ending = Ending {
            left: Some(left),
            ..ending(60)
        };
        let (over, _) = step(&full(), Event::Unseen(ending), at(500), &timing()).unwrap();
        let report = card(&over, &timing());
        assert_eq!(
            (report.tone, report.title.plain().as_str()),
            (Tone::Off, "deployment/api: over")
        );
        let text = report.plain();
        assert!(text.contains(words), "{text}");
        assert_eq!(labels(&report), ["Status"]);
    }
}

#[test]
fn what_has_no_pods_counts_none() {
    let mut incident = opened(Problem::PodsRefused);
    (incident.affected, incident.most, incident.restarts) = (vec![], 0, 0);
    (incident.of, incident.serves) = (4, Some(2));
    let open = card(&incident, &timing()).plain();
    assert!(
        open.contains(", 2 of 4 serve") && !open.contains("0 of 4"),
        "{open}"
    );
    let words = state_in_words(&incident).plain();
    assert!(
        words.starts_with("pods cannot be made, since ") && !words.contains(" of "),
        "{words}"
    );
    let (over, _) = step(&incident, Event::Unseen(ending(60)), at(500), &timing()).unwrap();
    let over = card(&over, &timing()).plain();
    assert!(over.contains("At its worst: "), "{over}");
}

#[test]
fn buttons_fit_the_problem() {
    for (problem, expected) in [
        (
            Problem::OomKilled,
            vec!["Ack", "Silence 1 h", "Diagnose", "Logs", "Status"],
        ),
        (
            Problem::ImagePull,
            vec!["Ack", "Silence 1 h", "Diagnose", "Status"],
        ),
        (
            Problem::Unschedulable,
            vec!["Ack", "Silence 1 h", "Diagnose", "Status"],
        ),
        (
            Problem::RolloutDeadline,
            vec!["Ack", "Silence 1 h", "Diagnose", "Logs", "Status"],
        ),
    ] {
        assert_eq!(
            labels(&card(&opened(problem), &timing())),
            expected,
            "{problem:?}"
        );
    }
    let mut job = opened(Problem::CrashLoopBackOff);
    job.key.owner = crate::incident::Owner::new("job", "backup");
    let report = card(&job, &timing());
    assert_eq!(labels(&report), ["Ack", "Silence 1 h", "Diagnose", "Logs"]);
    assert_eq!(
        report.actions[3].extra.as_deref(),
        Some(&*format!(
            "container=api;since={};workload=prod/shop/pod/api-a",
            at(-60)
        ))
    );
    let mut node = opened(Problem::NodeNotReady);
    (node.key.namespace, node.key.owner) = (None, crate::incident::Owner::new("node", "n1"));
    let report = card(&node, &timing());
    assert_eq!(labels(&report), ["Ack", "Silence 1 h", "Diagnose"]);
    assert_eq!(report.actions[2].extra.as_deref(), Some("what=prod/node/n1"));
    assert_eq!(place_of(&report), "prod");
    assert!(report.plain().contains("2 of 3 nodes"), "{}", report.plain());
}

#[test]
fn a_log_that_is_gone_is_told_as_that_and_flaps_are_counted() {
    let mut incident = full();
    if let Some(evidence) = &mut incident.evidence {
        evidence.lines.clear();
        evidence.no_lines = Some("its log is gone from the node already".into());
    }
    let report = card(&incident, &timing());
    assert!(report.codes().next().is_none());
    assert!(
        report.plain().contains("its log is gone from the node already."),
        "{}",
        report.plain()
    );
    let (closed, _) = step(
        &incident,
        Event::Unseen(crate::incident::samples::ending(10)),
        at(90),
        &timing(),
    )
    .unwrap();
    let seen = Event::Seen(Box::new(sighting(Problem::CrashLoopBackOff, 95)), Box::default());
    let (back, _) = step(&closed, seen, at(95), &timing()).unwrap();
    assert_eq!(card(&back, &timing()).footer.unwrap().plain(), "came back once");
}

#[test]
fn a_name_cannot_add_options_to_a_button() {
    let mut incident = full();
    incident.key.owner.name = "postgres;share=true".to_owned();
    incident.affected = vec![incident.key.owner.name.clone()];
    for action in card(&incident, &timing()).actions {
        let Some(extra) = action.extra else { continue };
        let options = crate::input::options_from_line(&extra);
        assert!(!options.contains_key("share"), "{extra}");
        let workload = options
            .get("workload")
            .or_else(|| options.get("what"))
            .map(ToString::to_string)
            .unwrap_or_default();
        let whole = ["deployment", "pod"].map(|kind| format!("prod/shop/{kind}/postgres;share=true"));
        assert!(whole.contains(&workload), "{workload}");
    }
}

/// What a text holds beside Chinese: words of Latin letters, without those that are names, quotes or words of Kubernetes.
fn foreign(text: &str) -> Vec<String> {
    const KNOWN: [&str; 15] = [
        "Pod",
        "Job",
        "kubelet",
        "Pods",
        "deployment",
        "api",
        "image",
        "kubectl",
        "node",
        "n1",
        "NotReady",
        "OOMKilled",
        "cpu",
        "Pending",
        "v",
    ];
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter(|word| !KNOWN.contains(word) && !word.starts_with("v1"))
        .map(str::to_owned)
        .collect()
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn in_chinese_a_card_reads_chinese_throughout() {
    use crate::{
        health::{exit, scheduling},
        model::Locale,
        texts::{diagnosis, incident as words},
    };
    let by = UserId(501);
    let name = || "operator".to_owned();
    let crash = || diagnosis::ends_with("api", &exit::words(3, Some("Error")), true);
    let memory = || diagnosis::ends_with("api", &exit::words(137, Some("OOMKilled")), false);
    let image = || diagnosis::image(&"api".into(), "api:v1");
    let nodes = || {
        let message =
            "0/4 nodes are available: 3 Insufficient cpu, 1 node(s) were unschedulable. preemption: no";
        diagnosis::pending(&scheduling::parse(message).text())
    };
    let late = || diagnosis::no_progress(Some(2), 0, 3, 2);
    let node = || crate::health::node::NodeTrouble::Silent.text();
    let change = || {
        let what = diagnosis::parts(&[diagnosis::Part::Image, diagnosis::Part::Replicas]);
        what.and(diagnosis::by_manager("kubectl"))
    };
    for (problem, text) in [
        (Problem::CrashLoopBackOff, crash()),
        (Problem::OomKilled, memory()),
        (Problem::ImagePull, image()),
        (Problem::Unschedulable, nodes()),
        (
            Problem::KilledByProbe,
            diagnosis::killed_by_liveness(&"api".into()),
        ),
        (
            Problem::MissingReference,
            diagnosis::reference_missing(&"api".into()),
        ),
        (
            Problem::Volume,
            diagnosis::pending(&diagnosis::claim_unbound(&[])),
        ),
        (Problem::PodsRefused, diagnosis::refused()),
        (Problem::NotReady, diagnosis::readiness_fails(&"api".into())),
        (Problem::JobFailed, diagnosis::job_tried(2)),
        (Problem::RolloutDeadline, late()),
        (Problem::NodeNotReady, node()),
    ] {
        let mut incident = opened(problem);
        incident.text = text;
        incident.facts = vec![late(), words::now(&memory())];
        incident.flaps = 2;
        incident.change = Some(LastChange {
            line: change(),
            at: Some(at(-30)),
        });
        incident.way_back = Some(7);
        if let Some(evidence) = &mut incident.evidence {
            evidence.lines.clear();
            evidence.no_lines = Some(words::log_gone());
        }
        let (acked, _) = step(&incident, Event::Ack { by, name: name() }, at(40), &timing()).unwrap();
        let (silent, _) = step(&acked, Event::Silence { by, name: name() }, at(50), &timing()).unwrap();
        let ending = Ending {
            at: at(372),
            by: Some(words::by_change(&change())),
            gone: false,
            left: None,
        };
        let (over, _) = step(&acked, Event::Unseen(ending), at(500), &timing()).unwrap();
        for incident in [&incident, &silent, &over] {
            let report = card(incident, &timing());
            let labels = report.actions.iter().map(|a| a.label.plain_in(Locale::ZhCn));
            let footer = report.footer.iter().map(|f| f.plain_in(Locale::ZhCn));
            // Times are drawn by whoever reads.
            let all: Vec<String> = [report.plain_in(Locale::ZhCn)]
                .into_iter()
                .chain(labels)
                .chain(footer)
                .map(|text| {
                    let words = text.split_whitespace();
                    words
                        .filter(|word| !word.contains("2026-"))
                        .collect::<Vec<_>>()
                        .join(" ")
                })
                .collect();
            for text in all {
                let foreign: Vec<_> = foreign(&text)
                    .into_iter()
                    .filter(|word| !word.ends_with('Z') && !word.starts_with('T'))
                    .collect();
                assert!(foreign.is_empty(), "{problem:?}: {foreign:?} in\n{text}");
            }
            let state = state_in_words(incident).plain_in(Locale::ZhCn);
            assert!(!state.contains("since") && !state.contains(", "), "{state}");
        }
    }
}

#[test]
fn it_says_what_still_serves_and_what_it_comes_back_from() {
    let of = |serves, of| {
        let incident = Incident { serves, of, ..full() };
        card(&incident, &timing()).texts().next().unwrap().plain()
    };
    assert!(
        of(Some(4), 5).ends_with("2 of 5 pods, 4 restarts, 4 of 5 serve"),
        "{}",
        of(Some(4), 5)
    );
    assert!(of(Some(1), 3).ends_with(", 1 of 3 serves"), "{}", of(Some(1), 3));
    assert!(of(Some(0), 3).ends_with(", nothing serves"), "{}", of(Some(0), 3));
    assert!(
        of(None, 3).ends_with("4 restarts"),
        "what is not known is not said"
    );
    let back = Incident {
        returned: Some(crate::incident::Returned {
            from: crate::incident::IncidentId(6),
            ended: at(-60),
        }),
        ..full()
    };
    let text = card(&back, &timing()).plain();
    assert!(text.contains("It came back: incident 6 ended"), "{text}");
}

#[test]
fn the_logs_are_those_of_a_failing_pod_around_its_time() {
    let line = |incident: &Incident| {
        let report = card(incident, &timing());
        let mut actions = report.actions.into_iter();
        actions
            .find(|a| a.label.plain() == "Logs")
            .unwrap()
            .extra
            .unwrap()
    };
    let mut incident = full();
    assert_eq!(
        line(&incident),
        format!("container=api;since={};workload=prod/shop/pod/api-a", at(-60))
    );
    if let Some(evidence) = &mut incident.evidence {
        evidence.about.running = true;
        evidence.about.ended = Some(at(30));
    }
    assert_eq!(
        line(&incident),
        format!(
            "container=api;previous=true;since={};workload=prod/shop/pod/api-a",
            at(-30)
        ),
        "what ended is the container before"
    );
    incident.affected = vec!["api-b".into()];
    assert_eq!(
        line(&incident),
        format!("since={};workload=prod/shop/pod/api-b", at(-60)),
        "that pod is gone"
    );
}
