//! What is told of messages holds no secret, and no half of one.

use super::*;

#[test]
fn a_secret_longer_than_what_is_told_is_hidden_whole() {
    let url = format!("postgres://ceo:{}@db/ceo", "swordfish-".repeat(40));
    let mut crash = pod(
        "a",
        waiting("CrashLoopBackOff", ""),
        end(3, "Error", "20:29:40", "20:29:41"),
        3,
    );
    crash["status"]["containerStatuses"][0]["lastState"]["terminated"]["message"] =
        json!(format!("cannot reach {url}\nbye"));
    let image = pod(
        "b",
        waiting("ErrImagePull", &format!("no answer of {url} within 5 s")),
        json!({}),
        0,
    );
    let sightings = seen(&[crash.clone(), image.clone()]);
    assert_eq!(sightings.len(), 2);
    for sighting in &sightings {
        let told = format!("{:?} {:?} {:?}", sighting.text, sighting.said, sighting.facts);
        assert!(!told.contains("swordfish") && told.contains("[hidden]"), "{told}");
    }
    assert_eq!(
        sightings[0].said.as_deref(),
        Some("cannot reach postgres://ceo:[hidden]@db/ceo bye")
    );
    let mut objects = vec![
        deployment(1, "local/api:v1", past_deadline()),
        replica_set("api-7f", "rs1", 1, "local/api:v1"),
    ];
    objects.push(pod(
        "c",
        waiting("CreateContainerError", &format!("no {url}")),
        json!({}),
        0,
    ));
    let stuck = super::super::sightings("prod", &Cached::holding("prod", "shop", &objects), look());
    assert!(
        stuck[0].facts[0].plain().contains("[hidden]"),
        "{:?}",
        stuck[0].facts
    );

    // Where the Secrets could not be read nothing is quoted, and the problem is told all the same.
    let mute = Look {
        quotes: None,
        ..look()
    };
    let mut objects = vec![
        deployment(1, "local/api:v1", healthy()),
        replica_set("api-7f", "rs1", 1, "local/api:v1"),
    ];
    objects.extend([crash, image]);
    let told = super::super::sightings("prod", &Cached::holding("prod", "shop", &objects), mute);
    assert_eq!(told[0].said, None);
    assert_eq!(told[1].text.plain(), "api waits: local/api:v1 cannot be pulled");
}

#[test]
fn the_cut_head_of_a_kept_log_is_not_told() {
    let mut crash = pod(
        "a",
        waiting("CrashLoopBackOff", ""),
        end(3, "Error", "20:29:40", "20:29:41"),
        3,
    );
    // The kubelet keeps the last 2048 bytes, wherever they begin.
    let kept = format!("{:x>1000}@db/ceo\n{:x>1040}\nFATAL: no database", "dfish", "x");
    crash["status"]["containerStatuses"][0]["lastState"]["terminated"]["message"] = json!(kept);
    let said = seen(&[crash])[0].said.clone().unwrap();
    assert!(
        !said.contains("dfish") && said.ends_with("FATAL: no database"),
        "{said}"
    );
}
