//! What a person can write, and what becomes of it.

use super::*;
use crate::model::{ChannelId, Place, Timestamp};

fn place() -> Place {
    Place {
        channel: ChannelId(1),
        cluster: "prod".to_owned(),
        namespace: "ceoagent".to_owned(),
    }
}

fn parse(options: &[(&str, &str)]) -> Result<LogsArgs, BadInput> {
    let mut all = BTreeMap::from([("workload".to_owned(), Value::Text("deployment/api".to_owned()))]);
    for (name, value) in options {
        let value = match *value {
            "true" => Value::Bool(true),
            other => Value::Text(other.to_owned()),
        };
        all.insert((*name).to_owned(), value);
    }
    let mut input = Input::new(all, place());
    let args = LogsArgs::parse(&mut input)?;
    input.finish()?;
    Ok(args)
}

fn refused(options: &[(&str, &str)]) -> String {
    match parse(options) {
        Ok(_) => panic!("{options:?} was taken"),
        Err(bad) => format!("{}. {}", bad.what.plain(), bad.hint.unwrap_or_default().plain()),
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_what_would() {
    for (options, words) in [
        (vec![("tail", "1000000")], "It must be from 1 to 100000"),
        (vec![("tail", "0")], "out of range"),
        (vec![("tail", "many")], "not a whole number"),
        (vec![("since", "10years")], "It must be from 1 s to 30 d"),
        (vec![("since", "-5m")], "not a length of time"),
        (vec![("since", "0")], "out of range"),
        (vec![("since", "yesterday")], "Write it like 15m"),
        (vec![("invert", "true")], "needs a pattern"),
        (
            vec![("previous", "true"), ("follow", "true")],
            "exclude each other",
        ),
        (vec![("grep", "(")], "At character 1"),
        (vec![("workload", "pod/bad name")], "cannot be the name"),
        (vec![("workload", "job/x")], "not a kind of workload"),
        (vec![("lines", "5")], "does not exist"),
    ] {
        let said = refused(&options);
        assert!(said.contains(words), "{options:?}: {said}");
    }
}

#[test]
fn a_moment_must_have_been_and_not_too_long_ago() {
    let now: Timestamp = "2026-11-22T20:00:00Z".parse().unwrap();
    for (since, words) in [
        ("2026-11-22T20:00:01Z", "is in the future"),
        ("2016-11-22T20:00:00Z", "within the last 30 d"),
    ] {
        let args = parse(&[("since", since)]).unwrap();
        let bad = args.question.check(now).unwrap_err();
        let said = format!("{} {}", bad.what.plain(), bad.hint.unwrap().plain());
        assert!(said.contains(words), "{said}");
    }
    for fine in ["2026-11-22T19:00:00Z", "15m", "30"] {
        let args = parse(&[("since", fine)]).unwrap();
        assert!(args.question.check(now).is_ok(), "{fine}");
    }
}

#[test]
fn what_is_not_bounded_is_bounded_unless_it_is_searched() {
    assert_eq!(parse(&[]).unwrap().question.tail(), Some(500));
    assert_eq!(parse(&[("grep", "x")]).unwrap().question.tail(), None);
    assert_eq!(parse(&[("since", "1h")]).unwrap().question.tail(), None);
    assert_eq!(
        parse(&[("since", "1h"), ("tail", "7")]).unwrap().question.tail(),
        Some(7)
    );
}

#[test]
fn pods_and_workloads_of_anywhere() {
    let asked = |text: &str| parse(&[("workload", text)]).unwrap().asked;
    assert!(matches!(asked("api"), WorkloadOrPod::Workload(_)));
    let WorkloadOrPod::Pod(pod) = asked("stage/other/pod/api-1") else {
        panic!("no pod")
    };
    assert_eq!(pod.to_string(), "stage/other/pod/api-1");
    assert_eq!(asked("other/po/api-1").scope().to_string(), "prod/other");
}

#[test]
fn an_answer_is_private_unless_it_is_shared() {
    const { assert!(Logs::SPEC.private) };
    assert!(!parse(&[]).unwrap().shared());
    assert!(parse(&[("share", "true")]).unwrap().shared());
    let logs = super::super::catalogue::find("logs").unwrap();
    let options = BTreeMap::from([("workload".to_owned(), Value::Text("deployment/api".to_owned()))]);
    let inspected = logs.inspect(Input::new(options, place())).unwrap();
    assert_eq!(inspected.verb, Verb::Sensitive);
}

#[test]
fn buttons_ask_the_same_again() {
    let args = parse(&[("grep", "a=b;c%"), ("tail", "5"), ("share", "true")]).unwrap();
    let target = Target::Pod(crate::model::PodName {
        cluster: "prod".to_owned(),
        namespace: "ceoagent".to_owned(),
        name: "p".to_owned(),
    });
    let scene = Scene::empty(target, "api");
    let button = again(&scene, &args, &[("tail", Some(Value::Int(50)))], "Older".into());
    let options = crate::input::options_from_line(&button.extra.unwrap());
    let mut input = Input::new(options, place());
    let parsed = LogsArgs::parse(&mut input).unwrap();
    input.finish().unwrap();
    assert_eq!(parsed.question.grep.unwrap().typed, "a=b;c%");
    assert_eq!((parsed.question.tail, parsed.share), (Some(50), true));
    assert!(matches!(parsed.asked, WorkloadOrPod::Pod(_)));
}

#[test]
fn the_blanks_around_a_pattern_belong_to_it() {
    let args = parse(&[("grep", "n=1 ")]).unwrap();
    assert_eq!(args.question.grep.unwrap().typed, "n=1 ");
    assert!(parse(&[("grep", "  ")]).unwrap().question.grep.is_none());
}
