//! What kubelets, controllers and admission webhooks wrote into the status of objects, as it may be quoted. It happens
//! before anybody words or cuts it: half a secret looks like none.

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::redact::MARK;

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

    fn told(pod: Pod, quotes: Option<&Redactor>) -> String {
        let pod = quoted_pod(pod, quotes);
        let waiting = pod.status.container_statuses[0].state.waiting.as_ref();
        waiting.unwrap().message.to_string()
    }

    #[test]
    fn a_secret_is_hidden_whole_before_anything_is_cut() {
        let pod = waiting(&format!("cannot reach {} now", url()));
        let text = told(pod, Some(&Redactor::default()));
        assert!(!text.contains("swordfish") && text.contains(MARK), "{text}");
    }

    #[test]
    fn where_nothing_may_be_quoted_no_message_is_left() {
        assert_eq!(told(waiting("plain words"), None), "");
    }
}
