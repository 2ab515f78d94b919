//! The `exec` subresource over WebSocket (`v5.channel.k8s.io`, `v4.channel.k8s.io`).

use futures::{SinkExt as _, StreamExt as _};
use http::header;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, frame::coding::CloseCode},
    },
};

use super::Api;
use super::answer::Answer;
use super::call::{Call, Target};
use crate::kube::{
    access::Attributes,
    execs::{Outcome, Run},
    status::Failure,
};

/// How long the other side may take to close.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(5);

/// Opens the channel and runs the command.
pub(super) fn exec(api: &Api, call: &Call, target: &Target) -> Result<Answer, Failure> {
    // Since 1.35 an upgrade by GET needs `create` too.
    let wanted = Attributes {
        verb: "create".into(),
        ..call.attributes()
    };
    if !call.user.rules.allows(&wanted) {
        return Err(wanted.refusal(&call.user.name));
    }
    let pod = api
        .store
        .get_shared(&target.named())
        .ok_or_else(|| target.not_found())?;
    let container = container(call, target, &pod)?;
    let argv: Vec<String> = call.commands.clone();
    if argv.is_empty() {
        return Err(Failure::bad_request(
            "you must specify at least 1 command for the container",
        ));
    }
    let (Some(upgrade), false) = (call.upgrade.clone(), call.websocket_key.is_empty()) else {
        return Err(Failure::bad_request("Upgrade request required"));
    };
    let protocol = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
        .into_iter()
        .find(|protocol| {
            call.websocket_protocols
                .split(',')
                .any(|offered| offered.trim() == *protocol)
        });
    let Some(protocol) = protocol else {
        return Err(Failure::bad_request(
            "unable to upgrade: no protocol that both sides speak",
        ));
    };
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let run = Run {
        user: call.user.name.clone(),
        pod: format!("{namespace}/{}", target.name.as_deref().unwrap_or_default()),
        container,
        argv: argv.clone(),
    };
    let outcome = api.execs.run(run);
    tokio::spawn(converse(upgrade, outcome, argv));
    let mut answer = Answer::text(101, "");
    answer.headers = vec![
        (header::CONNECTION, "Upgrade".into()),
        (header::UPGRADE, "websocket".into()),
        (
            header::SEC_WEBSOCKET_ACCEPT,
            derive_accept_key(call.websocket_key.as_bytes()),
        ),
        (header::SEC_WEBSOCKET_PROTOCOL, protocol.into()),
    ];
    Ok(answer)
}

/// The container that is meant, if it runs.
fn container(call: &Call, target: &Target, pod: &Value) -> Result<String, Failure> {
    let name = target.name.as_deref().unwrap_or_default();
    let containers = pod["spec"]["containers"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let names: Vec<&str> = containers
        .iter()
        .filter_map(|container| container["name"].as_str())
        .collect();
    let container = match (call.param("container"), names.as_slice()) {
        (Some(asked), names) if names.contains(&asked) => asked,
        (Some(asked), _) => {
            return Err(Failure::bad_request(format!(
                "container {asked} is not valid for pod {name}"
            )));
        }
        (None, [only]) => only,
        (None, many) => {
            let sentence = format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                many.join(" ")
            );
            return Err(Failure::bad_request(sentence));
        }
    };
    if matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) {
        let phase = pod["status"]["phase"].as_str().unwrap_or_default();
        let sentence = format!("cannot exec into a container in a completed pod; current phase is {phase}");
        return Err(Failure::bad_request(sentence));
    }
    let statuses = pod["status"]["containerStatuses"]
        .as_array()
        .into_iter()
        .flatten();
    let mut running = statuses.filter(|status| status["state"].get("running").is_some());
    if !running.any(|status| status["name"] == container) {
        return Err(Failure::internal(&format!(
            "unable to upgrade connection: container not found (\"{container}\")"
        )));
    }
    Ok(container.to_owned())
}

/// Sends the outcome over the channels: 1 is the output, 2 the errors, 3 the status.
async fn converse(upgrade: OnUpgrade, outcome: Option<Outcome>, argv: Vec<String>) {
    let Ok(connection) = upgrade.await else { return };
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(connection), Role::Server, None).await;
    let status = status(outcome.as_ref(), &argv).to_string();
    let outcome = outcome.unwrap_or_default();
    tokio::time::sleep(outcome.takes).await;
    for (channel, text) in [(1, &outcome.stdout), (2, &outcome.stderr), (3, &status)] {
        if text.is_empty() {
            continue;
        }
        let frame = [&[channel], text.as_bytes()].concat();
        if socket.send(Message::binary(frame)).await.is_err() {
            return;
        }
    }
    // The other side may be gone already, which ends the conversation as well.
    let _ = socket
        .close(Some(CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        }))
        .await;
    let drained = async { while let Some(Ok(_)) = socket.next().await {} };
    let _ = tokio::time::timeout(CLOSING, drained).await;
}

fn status(outcome: Option<&Outcome>, argv: &[String]) -> Value {
    match outcome {
        None => {
            let command = argv.first().map_or("", String::as_str);
            let sentence = format!(
                "Internal error occurred: error executing command in container: failed to exec in container: failed to \
                 start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: \
                 {command:?}: executable file not found in $PATH"
            );
            json!({"metadata": {}, "status": "Failure", "message": sentence, "reason": "InternalError", "code": 500})
        }
        Some(outcome) if outcome.code == 0 => json!({"metadata": {}, "status": "Success"}),
        Some(outcome) => {
            let message = format!(
                "command terminated with non-zero exit code: exit status {}",
                outcome.code
            );
            let causes = json!([{"reason": "ExitCode", "message": outcome.code.to_string()}]);
            json!({"metadata": {}, "status": "Failure", "message": message, "reason": "NonZeroExitCode",
                "details": {"causes": causes}})
        }
    }
}
