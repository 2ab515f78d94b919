//! A container that waits for its settings is told by what of them does not go, and not as one that lacks an object.

use super::*;

#[test]
fn settings_that_do_not_go_are_no_missing_objects() {
    for (message, says, advice) in [
        (
            "container has runAsNonRoot and image will run as root (pod: \"p_shop(1)\", container: api)",
            "it cannot be set up as its spec says: runAsNonRoot is set, and the image runs as root",
            "runAsUser",
        ),
        (
            "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root",
            "the image names its user by a word",
            "runAsUser",
        ),
        (
            "container's runAsUser breaks non-root policy (pod: \"p_shop(1)\", container: api)",
            "runAsNonRoot is set, and runAsUser is 0",
            "runAsUser",
        ),
        (
            "failed to prepare subPath for volumeMount \"data\" of container \"api\"",
            "it cannot be set up as its spec says (failed to prepare subPath",
            "correct what it names in the spec",
        ),
        (
            "secret \"login\" not found",
            "there is no Secret login",
            "create what it refers to",
        ),
    ] {
        let waits = waiting("CreateContainerConfigError", message);
        let object: Pod = serde_json::from_value(pod("p", waits, json!({}), 0)).unwrap();
        let finding = of_pod(&object, look()).unwrap();
        let told = finding.text().plain();
        assert!(told.contains(says), "{told}");
        assert_eq!(
            told.contains("what it refers to is missing"),
            message.contains("not found"),
            "{told}"
        );
        let remedy = finding.remedy().and_then(|remedy| remedy.advice).unwrap().plain();
        assert!(remedy.contains(advice), "{remedy}");
    }
}
