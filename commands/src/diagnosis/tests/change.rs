//! Who is suspected, where a way back leads, and what ended it.

use super::*;
use crate::{
    incident::WayBack,
    model::{Actor, ChannelId, Report, Text, TicketId, UserId},
    policy::{Gate, Verb},
    ticket::{Directive, Outcome, Stage, Ticket},
};

/// Revision 2 crashes; pods of revision 1 as given.
fn broken_rollout(old: &[Value]) -> (Cached, WorkloadObject, Vec<crate::cluster::Revision>, Sighting) {
    let mut new = pod(
        "n",
        waiting("CrashLoopBackOff", ""),
        end(3, "Error", "20:29:40", "20:29:41"),
        3,
    );
    new["metadata"]["ownerReferences"][0]["name"] = json!("api-8a");
    new["metadata"]["ownerReferences"][0]["uid"] = json!("rs2");
    let mut objects = vec![
        deployment(2, "local/api:v2", past_deadline()),
        replica_set("api-7f", "rs1", 1, "local/api:v1"),
        replica_set("api-8a", "rs2", 2, "local/api:v2"),
        new,
    ];
    objects.extend(old.iter().cloned());
    let cached = Cached::holding("prod", "shop", &objects);
    let object = cached.workloads().remove(0);
    let revisions = crate::cluster::revisions_of(&object, objects[1..3].to_vec());
    let sighting = sightings("prod", &cached, look())
        .into_iter()
        .find(|s| s.key.problem == Problem::CrashLoopBackOff)
        .unwrap();
    (cached, object, revisions, sighting)
}

#[test]
fn the_way_back_leads_to_what_is_known_to_have_worked() {
    let (cached, object, revisions, sighting) = broken_rollout(&[well("a")]);
    assert_eq!(
        way_back(&cached, &object, &revisions, &[], &sighting),
        Some(WayBack { to: 1, from: 2 }),
        "it serves"
    );

    let (cached, object, revisions, sighting) = broken_rollout(&[]);
    assert_eq!(
        way_back(&cached, &object, &revisions, &[], &sighting),
        None,
        "nobody knows that it worked"
    );
    let worked = ["api-7f".to_owned()];
    assert_eq!(
        way_back(&cached, &object, &revisions, &worked, &sighting),
        Some(WayBack { to: 1, from: 2 }),
        "it was seen to work"
    );

    let fails_too = pod(
        "a",
        waiting("CrashLoopBackOff", ""),
        end(3, "Error", "20:29:40", "20:29:41"),
        3,
    );
    let (cached, object, revisions, sighting) = broken_rollout(&[fails_too]);
    assert_eq!(
        way_back(&cached, &object, &revisions, &worked, &sighting),
        None,
        "the old one fails as well"
    );
}

#[test]
fn the_suspect_is_named() {
    let (_, object, revisions, _) = broken_rollout(&[]);
    let change = last_change(&object, &revisions, &[], Some(usual())).unwrap();
    let text = change.line.plain();
    assert!(
        text.starts_with("image v1 → v2 by kubectl (field manager kubectl-set)"),
        "{text}"
    );
    assert_eq!(change.at, Some("2026-11-22T20:09:00Z".parse().unwrap()));
    let ended = |opened: &str, generation| {
        let span = Span {
            opened: opened.parse().unwrap(),
            generation,
            last_seen: now(),
            until: now(),
        };
        ended_by(&object, &revisions, &[], span, Some(usual())).map(|l: Text| l.plain())
    };
    let first = ended("2026-11-22T20:08:00Z", None).unwrap();
    assert!(first.starts_with("a change: image v1 → v2 by kubectl"), "{first}");
    assert_eq!(
        ended("2026-11-22T20:09:00Z", None),
        None,
        "what was there before did not end it"
    );
    assert!(
        ended("2026-11-22T20:09:00Z", Some(1)).is_some(),
        "changed within the same second"
    );
    assert_eq!(ended("2026-11-22T20:09:00Z", Some(2)), None, "not changed since");
    let untold = ended("2026-11-22T20:09:01Z", Some(1)).unwrap();
    assert!(
        untold.contains("does not tell by whom"),
        "a newer generation without a newer entry: {untold}"
    );
}

#[test]
fn a_revision_works_when_all_its_pods_have_been_ready_for_a_while() {
    let of = |pods: &[Value]| {
        let mut objects = vec![
            deployment(1, "local/api:v1", healthy()),
            replica_set("api-7f", "rs1", 1, "local/api:v1"),
        ];
        objects.extend(pods.iter().cloned());
        let cached = Cached::holding("prod", "shop", &objects);
        works(&cached, &cached.workloads()[0], look())
    };
    let mut fresh = well("b");
    fresh["status"]["conditions"][0]["lastTransitionTime"] = json!("2026-11-22T20:29:30Z");
    let crashed = pod("b", running(), end(1, "Error", "20:00:00", "20:29:50"), 1);
    assert_eq!(of(&[well("a"), well("b")]), Some("api-7f".to_owned()));
    assert_eq!(of(&[well("a"), fresh]), None, "ready for a moment only");
    assert_eq!(of(&[well("a"), crashed]), None, "one ended a moment ago");
    assert_eq!(of(&[]), None);
}

#[test]
fn recovery_is_dated_by_the_objects() {
    let cached = Cached::holding(
        "prod",
        "shop",
        &[
            deployment(1, "local/api:v1", healthy()),
            replica_set("api-7f", "rs1", 1, "local/api:v1"),
            well("a"),
            well("b"),
        ],
    );
    let key = &seen(&[pod("p", waiting("CrashLoopBackOff", ""), json!({}), 3)])[0].key;
    assert_eq!(
        recovered_at(&cached, key),
        Some("2026-11-22T20:10:00Z".parse().unwrap())
    );
    let none = Cached::holding("prod", "shop", &[]);
    assert_eq!(recovered_at(&none, key), None);
}

/// A ticket of the Deployment that began at this time and is as told.
fn ticket(id: i64, began: &str, stage: Stage, released: bool) -> Ticket {
    Ticket {
        id: TicketId(id),
        version: 1,
        released,
        command: "rollback".into(),
        typed: String::new(),
        options: std::collections::BTreeMap::default(),
        requester: Actor {
            user: UserId(1),
            name: "olga".into(),
            roles: vec![],
        },
        reason: None,
        asked_in: ChannelId(1),
        channel: ChannelId(1),
        verb: Verb::Release,
        scopes: vec![],
        targets: vec!["prod/shop/deployment/api".into()],
        plan: Value::Null,
        preconditions: vec![],
        preview: Report::default(),
        stage,
        gate: Gate::Confirm,
        policy: "v1".into(),
        created: now(),
        approve_by: now(),
        run_within: Duration::from_secs(600),
        execute_by: None,
        votes: vec![],
        directive: Directive::Continue,
        held_by: None,
        woken: None,
        ran_ms: 0,
        started: Some(format!("2026-11-22T{began}Z").parse().unwrap()),
        ended: None,
        shown: Report::default(),
    }
}

/// The Deployment as the bot changed it last, at 20:09, in the name of a ticket.
fn changed_by_us(cause: &str) -> WorkloadObject {
    let mut object = deployment(2, "local/api:v2", healthy());
    object["metadata"]["managedFields"][0]["manager"] = json!("ceo");
    object["metadata"]["annotations"]["kubernetes.io/change-cause"] = json!(cause);
    Cached::holding("prod", "shop", &[object]).workloads().remove(0)
}

const DONE: Stage = Stage::Done(Outcome::Succeeded);

#[test]
fn the_maker_is_the_ticket_that_wrote_and_not_the_newest_that_ran() {
    let tickets = [
        ticket(9, "20:20:00", DONE, false),
        ticket(8, "20:08:59", Stage::Done(Outcome::Stale), false),
        ticket(7, "20:08:58", Stage::Done(Outcome::Failed), false),
        ticket(6, "20:08:57", Stage::Done(Outcome::Failed), true),
        ticket(5, "20:08:50", DONE, false),
        ticket(4, "20:00:00", DONE, false),
    ];
    let of = |cause: &str| {
        let changed = changed_by_us(cause).last_change().unwrap();
        maker(&changed, &tickets).map(|t| t.id.0)
    };
    assert_eq!(
        of("ceo: rollback workload:api by olga, ticket 5"),
        Some(5),
        "it is named"
    );
    assert_eq!(of("ceo: x by y, ticket 1, ticket 4"), Some(4));
    assert_eq!(of("upgrade"), Some(6), "the last that wrote before it");
    assert_eq!(
        of("ceo: scale by olga, ticket 7"),
        Some(7),
        "it failed, but not before it wrote its name"
    );
    for named in [8, 9, 77] {
        let cause = format!("ceo: scale by olga, ticket {named}");
        assert_eq!(
            of(&cause),
            Some(6),
            "{named} wrote nothing, or too late, or is not known"
        );
    }
    let by_hand = deployment(2, "local/api:v2", healthy());
    let by_hand = Cached::holding("prod", "shop", &[by_hand]).workloads().remove(0);
    assert_eq!(maker(&by_hand.last_change().unwrap(), &tickets), None);
}

#[test]
fn what_came_after_the_end_did_not_end_it() {
    let object = changed_by_us("ceo: rollback by olga, ticket 5");
    let tickets = [
        ticket(9, "20:20:00", DONE, false),
        ticket(5, "20:08:50", DONE, false),
    ];
    let until = |until: &str, tickets: &[Ticket]| {
        let span = Span {
            opened: "2026-11-22T20:00:00Z".parse().unwrap(),
            generation: Some(1),
            last_seen: format!("2026-11-22T{until}Z").parse().unwrap(),
            until: format!("2026-11-22T{until}Z").parse().unwrap(),
        };
        ended_by(&object, &[], tickets, span, Some(usual())).map(|l| l.plain())
    };
    assert!(until("20:10:00", &tickets).unwrap().contains("ticket 5"));
    assert!(until("20:21:00", &tickets).unwrap().contains("ticket 9"));
    assert_eq!(until("20:08:00", &tickets), None, "both came later");
    let stale = [ticket(8, "20:05:00", Stage::Done(Outcome::Stale), false)];
    assert!(!until("20:10:00", &stale).is_some_and(|by| by.contains("ticket 8")));

    let by_hand = deployment(2, "local/api:v2", healthy());
    let by_hand = Cached::holding("prod", "shop", &[by_hand]).workloads().remove(0);
    let span = |until: &str| Span {
        opened: "2026-11-22T20:00:00Z".parse().unwrap(),
        generation: Some(1),
        last_seen: until.parse().unwrap(),
        until: until.parse().unwrap(),
    };
    let ended = |until: &str| ended_by(&by_hand, &[], &[], span(until), Some(usual()));
    assert!(ended("2026-11-22T20:09:00Z").is_some());
    assert_eq!(
        ended("2026-11-22T20:08:59Z"),
        None,
        "kubectl came a second too late"
    );
}

#[test]
fn an_autoscaler_is_neither_suspect_nor_saviour() {
    let mut object = deployment(1, "local/api:v1", healthy());
    let scaled = json!({"manager": "kube-controller-manager", "operation": "Update", "subresource": "scale",
        "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:replicas": {}}}});
    object["metadata"]["managedFields"]
        .as_array_mut()
        .unwrap()
        .push(scaled);
    let of = |object: &Value| {
        Cached::holding("prod", "shop", std::slice::from_ref(object))
            .workloads()
            .remove(0)
    };
    let last = of(&object).last_change().unwrap();
    assert_eq!(last.manager.as_deref(), Some("kubectl-set"));
    let ended = |object: &Value| {
        let span = Span {
            opened: "2026-11-22T20:10:00Z".parse().unwrap(),
            generation: Some(1),
            last_seen: now(),
            until: now(),
        };
        ended_by(&of(object), &[], &[], span, Some(usual())).map(|l| l.plain())
    };
    assert_eq!(ended(&object), None, "its scaling explains the new generation");
    // A person who scales does so through the same subresource.
    object["metadata"]["managedFields"][1]["manager"] = json!("kubectl");
    assert_eq!(
        ended(&object).unwrap(),
        "a change of its spec, maybe replicas by kubectl, time not recorded"
    );
    let last = last_change(&of(&object), &[], &[], Some(usual())).unwrap();
    assert!(
        last.line
            .plain()
            .ends_with("; replicas by kubectl, time not recorded"),
        "{}",
        last.line.plain()
    );
}

/// A ReplicaSet of this revision, made then, with these variables.
fn made(revision: i64, at: &str, image: &str, env: &[&str]) -> Value {
    let mut set = replica_set(
        &format!("api-{revision}-{at}"),
        &format!("rs{at}"),
        revision,
        image,
    );
    set["metadata"]["creationTimestamp"] = json!(format!("2026-11-22T{at}Z"));
    let env: Vec<Value> = env
        .iter()
        .map(|name| json!({"name": name, "value": "x"}))
        .collect();
    set["spec"]["template"]["spec"]["containers"][0]["env"] = json!(env);
    set
}

/// What is told of the last change of a Deployment, made at 20:00:00, whose record has these entries.
fn told(sets: &[Value], entries: &[(&str, &str, Value)], tickets: &[Ticket]) -> (String, Option<Timestamp>) {
    let newest = sets.last().unwrap();
    let mut object = deployment(2, "", healthy());
    object["spec"]["template"] = newest["spec"]["template"].clone();
    object["metadata"]["creationTimestamp"] = json!("2026-11-22T20:00:00Z");
    object["metadata"]["annotations"]["ceo/step"] = json!("5/1/set");
    let entry = |(manager, at, spec): &(&str, &str, Value)| {
        json!({"manager": manager, "operation": "Update", "time": format!("2026-11-22T{at}Z"), "apiVersion": "apps/v1",
            "fieldsType": "FieldsV1", "fieldsV1": spec})
    };
    object["metadata"]["managedFields"] = entries.iter().map(entry).collect();
    let object = Cached::holding("prod", "shop", &[object]).workloads().remove(0);
    let revisions = crate::cluster::revisions_of(&object, sets.to_vec());
    let change = last_change(&object, &revisions, tickets, Some(usual())).unwrap();
    (change.line.plain(), change.at)
}

fn container(field: &Value) -> Value {
    json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"api\"}": field}}}}})
}

fn creation() -> (&'static str, &'static str, Value) {
    let whole = json!({"f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": {"f:spec": {}}}});
    ("kubectl-create", "20:00:00", whole)
}

fn at(time: &str) -> Option<Timestamp> {
    Some(format!("2026-11-22T{time}Z").parse().unwrap())
}

#[test]
fn a_field_taken_away_is_nobodys_change() {
    let image = || ("kubectl-set", "20:05:00", container(&json!({"f:image": {}})));
    // Taken away from what came with a change of somebody else's.
    let sets = [
        made(1, "20:00:00", "a:v1", &["NEED", "A"]),
        made(2, "20:05:01", "a:v2", &["NEED", "A"]),
        made(3, "20:09:00", "a:v2", &["A"]),
    ];
    let (line, when) = told(&sets, &[creation(), image()], &[]);
    assert!(line.starts_with("env NEED removed"), "{line}");
    assert!(line.ends_with("; the object does not tell by whom"), "{line}");
    assert_eq!(when, at("20:09:00"));

    // The same taken away again: the old ReplicaSet is used, whose age tells nothing.
    let sets = [
        made(2, "20:05:01", "a:v1", &["A", "NEED"]),
        made(3, "20:00:00", "a:v1", &["A"]),
    ];
    let (line, when) = told(&sets, &[creation()], &[]);
    assert_eq!(line, "env NEED removed; the object does not tell by whom");
    assert_eq!(when, None);

    // By `kubectl apply`, whose own copy of the object changes with it.
    let applied = (
        "kubectl-client-side-apply",
        "20:08:59",
        json!({"f:spec": {"f:selector": {}}}),
    );
    let sets = [
        made(1, "20:00:00", "a:v1", &["NEED"]),
        made(2, "20:09:00", "a:v1", &[]),
    ];
    let (line, _) = told(&sets, &[applied], &[]);
    assert!(
        line.starts_with("env NEED removed by kubectl (field manager kubectl-client-side-apply)"),
        "{line}"
    );

    // By the bot: its mark goes along with each write, though it owns nothing of the spec by it.
    let ours = (
        "ceo",
        "20:08:59",
        json!({"f:metadata": {"f:annotations": {"f:ceo/step": {}}}}),
    );
    let (line, _) = told(&sets, &[creation(), ours], &[ticket(5, "20:08:58", DONE, false)]);
    assert!(line.starts_with("env NEED removed by"), "{line}");
    assert!(line.contains("ticket 5"), "{line}");
}

#[test]
fn what_changed_is_what_the_revisions_differ_in() {
    let owns = |field: Value| ("kubectl-set", "20:09:00", field);
    let both = container(&json!({"f:image": {}, "f:env": {}}));
    let two = |second: &str| {
        [
            made(1, "20:00:00", "a:v1", &[]),
            made(2, second, "a:v2", &[]),
            made(3, "20:09:00", "a:v2", &["NEW"]),
        ]
    };
    let (line, _) = told(&two("20:05:00"), &[creation(), owns(both)], &[]);
    assert!(
        line.starts_with("env NEW added by kubectl"),
        "not the image of before: {line}"
    );

    // What made no revision is none of the template.
    let resources = container(&json!({"f:resources": {}}));
    let mut patched = resources.clone();
    patched["f:spec"]["f:minReadySeconds"] = json!({});
    let later = ("kubectl-patch", "20:20:00", patched);
    let (line, when) = told(&two("20:05:00"), &[creation(), later], &[]);
    assert!(
        line.starts_with("its spec by kubectl (field manager kubectl-patch)"),
        "{line}"
    );
    assert_eq!(when, at("20:20:00"));

    let scaled = ("kubectl-edit", "20:20:00", json!({"f:spec": {"f:replicas": {}}}));
    let (line, _) = told(&two("20:05:00"), &[creation(), scaled], &[]);
    assert!(line.starts_with("replicas by kubectl"), "{line}");

    let (line, _) = told(&[made(1, "20:00:00", "a:v1", &[])], &[creation()], &[]);
    assert!(line.starts_with("the whole object by kubectl"), "{line}");
}

#[test]
fn a_ticket_is_told_by_what_it_changed() {
    let ours = || ("ceo", "20:09:00", container(&json!({"f:image": {}})));
    let tickets = [Ticket {
        typed: "do it".into(),
        ..ticket(5, "20:08:58", DONE, false)
    }];
    let mut again = made(3, "20:00:00", "a:v1", &[]);
    again["metadata"]["annotations"]["kubernetes.io/change-cause"] = json!("ceo: x by y, ticket 5");
    let sets = [made(2, "20:05:00", "a:v2", &[]), again.clone()];
    let (line, _) = told(&sets, &[creation(), ours()], &tickets);
    assert!(
        line.starts_with("image v2 → v1 by") && line.contains("ticket 5"),
        "{line}"
    );
    // What it did after that made no revision.
    again["metadata"]["annotations"]["kubernetes.io/change-cause"] = json!("ceo: x by y, ticket 4");
    let (line, _) = told(&[sets[0].clone(), again], &[creation(), ours()], &tickets);
    assert!(line.starts_with("do it by"), "{line}");
}

#[test]
fn who_wrote_just_before_it_was_last_seen_ended_it() {
    let object = changed_by_us("ceo: rollback by olga, ticket 9");
    let tickets = [
        ticket(9, "20:08:50", DONE, false),
        ticket(5, "20:05:00", DONE, false),
        ticket(2, "20:04:44", DONE, false),
    ];
    let by = |last_seen: &str| {
        let span = Span {
            opened: at("20:00:00").unwrap(),
            generation: Some(1),
            last_seen: at(last_seen).unwrap(),
            until: at("20:20:00").unwrap(),
        };
        ended_by(&object, &[], &tickets, span, Some(usual()))
            .unwrap()
            .plain()
    };
    assert!(by("20:04:45").contains("ticket 2 "), "{}", by("20:04:45"));
    assert!(by("20:06:00").contains("ticket 5 "), "{}", by("20:06:00"));
    assert!(
        by("20:04:00").contains("ticket 2 "),
        "nobody before it, then who came next"
    );
}
