use super::*;
use crate::incident::{
    Event, Owner,
    samples::{at, ending, key, opened, sighting, timing},
    step,
};

fn folded(sightings: &[Problem], incidents: &[Incident]) -> Folded {
    let sightings = sightings.iter().map(|p| sighting(*p, 100)).collect();
    fold(sightings, incidents, at(100), &timing())
}

fn new(folded: &Folded) -> Vec<Problem> {
    folded.new.iter().map(|s| s.key.problem).collect()
}

fn closed(problem: Problem) -> Incident {
    step(&opened(problem), Event::Unseen(ending(10)), at(90), &timing())
        .unwrap()
        .0
}

#[test]
fn one_trouble_is_one_message() {
    use Problem::{CrashLoopBackOff, ImagePull, NodeNotReady, OomKilled, RolloutDeadline, Unschedulable};
    for (seen, told) in [
        (vec![OomKilled, CrashLoopBackOff], vec![OomKilled]),
        (
            vec![CrashLoopBackOff, OomKilled, RolloutDeadline],
            vec![OomKilled],
        ),
        (vec![CrashLoopBackOff, RolloutDeadline], vec![CrashLoopBackOff]),
        (vec![RolloutDeadline, ImagePull], vec![ImagePull]),
        (vec![RolloutDeadline, Unschedulable], vec![Unschedulable]),
        (vec![RolloutDeadline], vec![RolloutDeadline]),
        (
            vec![CrashLoopBackOff, ImagePull],
            vec![CrashLoopBackOff, ImagePull],
        ),
        (vec![NodeNotReady], vec![NodeNotReady]),
    ] {
        assert_eq!(new(&folded(&seen, &[])), told, "{seen:?}");
    }
}

#[test]
fn a_covered_rollout_becomes_a_fact() {
    let mut rollout = sighting(Problem::RolloutDeadline, 100);
    rollout.text = "the rollout makes no progress".into();
    rollout.since = at(-900);
    let seen = vec![sighting(Problem::ImagePull, 100), rollout];
    let folded = fold(seen, &[], at(100), &timing());
    assert_eq!(folded.new[0].facts, ["the rollout makes no progress".into()]);
    assert_eq!(
        folded.new[0].since,
        at(0),
        "the image is not missing since the rollout began"
    );
}

#[test]
fn other_owners_are_other_matters() {
    let mut other = sighting(Problem::CrashLoopBackOff, 100);
    other.key.owner = Owner::new("deployment", "worker");
    let folded = fold(
        vec![sighting(Problem::OomKilled, 100), other],
        &[],
        at(100),
        &timing(),
    );
    assert_eq!(folded.new.len(), 2);
}

#[test]
fn what_is_open_takes_what_belongs_to_it() {
    use Problem::{CrashLoopBackOff, ImagePull, OomKilled, RolloutDeadline};
    for (open, seen, taken, told) in [
        (CrashLoopBackOff, CrashLoopBackOff, true, vec![]),
        (CrashLoopBackOff, OomKilled, true, vec![]),
        (OomKilled, CrashLoopBackOff, true, vec![]),
        (RolloutDeadline, ImagePull, true, vec![]),
        (CrashLoopBackOff, ImagePull, false, vec![ImagePull]),
        // Its cause may be gone while the condition still stands: it neither keeps the cause alive nor is told yet.
        (CrashLoopBackOff, RolloutDeadline, false, vec![]),
    ] {
        let incident = opened(open);
        let folded = folded(&[seen], std::slice::from_ref(&incident));
        assert_eq!(folded.known.len() == 1, taken, "{open:?} {seen:?}");
        assert_eq!(folded.unseen.is_empty(), taken, "{open:?} {seen:?}");
        assert_eq!(new(&folded), told, "{open:?} {seen:?}");
    }
}

#[test]
fn what_was_closed_a_moment_ago_comes_back_as_itself() {
    use Problem::{CrashLoopBackOff, ImagePull, OomKilled, RolloutDeadline};
    for (was, seen, back) in [
        (CrashLoopBackOff, CrashLoopBackOff, true),
        (OomKilled, CrashLoopBackOff, false),
        (RolloutDeadline, RolloutDeadline, true),
        (CrashLoopBackOff, ImagePull, false),
        (CrashLoopBackOff, RolloutDeadline, false),
        (RolloutDeadline, CrashLoopBackOff, false),
    ] {
        let folded = folded(&[seen], &[closed(was)]);
        assert_eq!(folded.back.len() == 1, back, "{was:?} {seen:?}");
        assert_eq!(folded.new.is_empty(), back, "{was:?} {seen:?}");
        assert!(folded.known.is_empty(), "it is told anew");
        assert!(folded.unseen.is_empty(), "what is closed is not missed");
    }
    let silent = Incident {
        silenced_until: Some(at(5000)),
        ..closed(CrashLoopBackOff)
    };
    let quiet = folded(&[CrashLoopBackOff], &[silent]);
    assert_eq!(
        (quiet.known.len(), quiet.back.len()),
        (1, 0),
        "nobody wants a new message about it"
    );
    let late = fold(
        vec![sighting(CrashLoopBackOff, 2000)],
        &[closed(CrashLoopBackOff)],
        at(2000),
        &timing(),
    );
    assert_eq!(late.new.len(), 1, "after the window it is another incident");
}

#[test]
fn no_more_are_in_trouble_than_there_are() {
    let mut other = sighting(Problem::NotReady, 100);
    other.affected = vec!["api-c".to_owned(), "api-d".to_owned()];
    let seen = vec![sighting(Problem::CrashLoopBackOff, 100), other];
    let folded = fold(seen, &[], at(100), &timing());
    let one = &folded.new[0];
    assert_eq!((one.affected.len(), one.of), (4, 4), "one of them is a surge's");
}

#[test]
fn the_key_says_whose_and_what() {
    assert_eq!(
        key(Problem::OomKilled).to_string(),
        "prod/shop/deployment/api/oom_killed"
    );
    let mut node = key(Problem::NodeNotReady);
    (node.namespace, node.owner) = (None, Owner::new("node", "n1"));
    assert_eq!(node.target(), "prod/node/n1");
    assert_eq!(node.workload(), None);
    assert_eq!(
        key(Problem::OomKilled).workload().map(|w| w.to_string()),
        Some("prod/shop/deployment/api".to_owned())
    );
    let words: std::collections::BTreeSet<_> = Problem::ALL.iter().map(|p| p.word()).collect();
    assert_eq!(words.len(), Problem::ALL.len());
}
