//! What kubelets, controllers and admission webhooks wrote into the status of objects, as it may be quoted. It happens
//! before anybody words or cuts it: half a secret looks like none.

use super::Rollout;
use crate::{
    objects::{ContainerState, Pod},
    redact::Redactor,
};

fn quote(text: &mut Box<str>, quotes: Option<&Redactor>) {
    if !text.is_empty() {
        *text = quotes
            .map(|redactor| redactor.quote(text))
            .unwrap_or_default()
            .into();
    }
}

/// The pod with its messages without secrets; without any message where nothing may be quoted.
#[must_use]
pub fn quoted_pod(mut pod: Pod, quotes: Option<&Redactor>) -> Pod {
    let status = &mut pod.status;
    quote(&mut status.message, quotes);
    for condition in &mut status.conditions {
        quote(&mut condition.message, quotes);
    }
    let lists = [
        &mut status.init_container_statuses,
        &mut status.container_statuses,
    ];
    for container in lists.into_iter().flatten() {
        // A name, and nobody's message; still it may hold what somebody declared a secret.
        if let Some(redactor) = quotes {
            container.image = redactor.text(&container.image).into();
        }
        for state in [&mut container.state, &mut container.last_state] {
            quote_state(state, quotes);
        }
    }
    pod
}

fn quote_state(state: &mut ContainerState, quotes: Option<&Redactor>) {
    if let Some(waiting) = &mut state.waiting {
        quote(&mut waiting.message, quotes);
    }
    if let Some(ended) = &mut state.terminated {
        quote(&mut ended.message, quotes);
    }
}

/// The rollout with what its controller quotes of others without secrets; a refusal that may not be quoted is told as one.
#[must_use]
pub fn quoted_rollout(mut rollout: Rollout, quotes: Option<&Redactor>) -> Rollout {
    if let Some(failure) = &mut rollout.failure {
        *failure = match quotes {
            Some(redactor) => redactor.quote(failure),
            None => "the API server refuses them".to_owned(),
        };
    }
    rollout
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{health::why_not_ready, redact::MARK};

    /// A password whose end lies past what is told of a message.
    fn url() -> String {
        format!("postgres://ceo:{}@db/ceo", "swordfish-".repeat(40))
    }

    fn waiting(message: &str) -> Pod {
        serde_json::from_value(json!({ "metadata": { "name": "p" }, "status": { "phase": "Pending",
            "conditions": [ { "type": "Ready", "status": "False" } ],
            "containerStatuses": [ { "name": "api", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
                "state": { "waiting": { "reason": "CreateContainerError", "message": message } } } ] } }))
        .unwrap()
    }

    #[test]
    fn a_secret_longer_than_what_is_told_is_hidden_whole() {
        let pod = quoted_pod(
            waiting(&format!("cannot reach {} now", url())),
            Some(&Redactor::default()),
        );
        let text = why_not_ready(Some(&pod)).unwrap().text;
        assert!(!text.contains("swordfish") && text.contains(MARK), "{text}");
    }

    #[test]
    fn where_nothing_may_be_quoted_the_reason_alone_is_told() {
        let text = why_not_ready(Some(&quoted_pod(waiting("plain words"), None)))
            .unwrap()
            .text;
        assert_eq!(text, "container api cannot be started");
        let object = json!({ "metadata": {}, "spec": { "replicas": 3, "selector": {}, "template": {} }, "status": {
            "conditions": [ { "type": "ReplicaFailure", "status": "True", "message": "denied: plain words" } ] } });
        let object = serde_json::from_value(object).unwrap();
        let rollout = crate::health::rollout::deployment(Some(&object), crate::model::Timestamp::UNIX_EPOCH);
        let rollout = quoted_rollout(rollout, None);
        assert_eq!(rollout.failure.as_deref(), Some("the API server refuses them"));
    }
}
