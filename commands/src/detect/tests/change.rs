//! Who is suspected, where a way back leads, and what ended it.

use super::*;
use crate::model::Line;

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
    let sighting = detect("prod", &cached, look())
        .into_iter()
        .find(|s| s.key.problem == Problem::CrashLoopBackOff)
        .unwrap();
    (cached, object, revisions, sighting)
}

#[test]
fn the_way_back_leads_to_what_is_known_to_have_worked() {
    let (cached, object, revisions, sighting) = broken_rollout(&[well("a")]);
    assert_eq!(
        way_back(&cached, &object, (&revisions, &[]), &sighting),
        Some(1),
        "it serves"
    );

    let (cached, object, revisions, sighting) = broken_rollout(&[]);
    assert_eq!(
        way_back(&cached, &object, (&revisions, &[]), &sighting),
        None,
        "nobody knows that it worked"
    );
    let worked = ["api-7f".to_owned()];
    assert_eq!(
        way_back(&cached, &object, (&revisions, &worked), &sighting),
        Some(1),
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
        way_back(&cached, &object, (&revisions, &worked), &sighting),
        None,
        "the old one fails as well"
    );
}

#[test]
fn the_suspect_is_named() {
    let (_, object, revisions, _) = broken_rollout(&[]);
    let change = last_change(&object, &revisions, &[]).unwrap();
    let text = change.line.plain();
    assert!(
        text.starts_with("image v1 → v2 by kubectl (field manager kubectl-set)"),
        "{text}"
    );
    assert_eq!(change.at, Some("2026-11-22T20:09:00Z".parse().unwrap()));
    let ended = |opened: &str, generation| {
        let began = (opened.parse().unwrap(), generation);
        ended_by(&object, &revisions, &[], began).map(|l: Line| l.plain())
    };
    let first = ended("2026-11-22T20:08:00Z", None).unwrap();
    assert!(first.starts_with("image v1 → v2 by kubectl"), "{first}");
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
