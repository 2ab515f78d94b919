//! "Try this": lines for somebody who sees the bot for the first time, in an order that tells a story.

use serde_json::{Value, json};

/// Who says what, and why.
const HINTS: &[(&str, &str, &str)] = &[
    (
        "operator",
        "/ceo status",
        "How is everything? The answer is one card.",
    ),
    (
        "operator",
        "/ceo scale workload:deployment/ceoagent-api replicas:5",
        "Look at the preview, then press Confirm and watch.",
    ),
    (
        "operator",
        "/ceo get pods",
        "Break things > Crash a pod, then ask this.",
    ),
    (
        "operator",
        "/ceo diagnose",
        "Break things, in any way; then ask why.",
    ),
    (
        "viewer",
        "/ceo health",
        "What the service says of itself, and how fast.",
    ),
    (
        "viewer",
        "/ceo metrics",
        "The manual's figures against their limits, as a picture.",
    ),
    (
        "viewer",
        "/ceo runbook find words:数据库连接",
        "The team's manual, with what does the same here.",
    ),
    (
        "viewer",
        "/ceo get events",
        "What happened, warnings first, one line a kind.",
    ),
    (
        "viewer",
        "/ceo get changes",
        "What was changed, by whom, in one list.",
    ),
    (
        "viewer",
        "/ceo describe object:secret/ceoagent-secrets as:yaml",
        "Any kind; of a Secret the keys only.",
    ),
    (
        "operator",
        "/ceo rollback workload:deployment/ceoagent-api reason:it crashes",
        "Break things > an image that crashes; see #alerts, then this.",
    ),
    (
        "viewer",
        "/ceo rollout status workload:deployment/ceoagent-api",
        "Roll out v1.2.0, then follow it to its end.",
    ),
    (
        "viewer",
        "/ceo rollout history workload:deployment/ceoagent-api",
        "The revisions, and which of them worked.",
    ),
    (
        "operator",
        "/ceo tune resources workload:deployment/ceoagent-api memory_limit:256Mi",
        "Break things > Run a pod out of memory; then ask for more.",
    ),
    (
        "operator",
        "/ceo config set config:configmap/ceoagent-config key:LOG_LEVEL value:debug",
        "One key: who notices it, and the way back.",
    ),
    (
        "lead",
        "/ceo guard pending",
        "Be the lead: press Approve in #ops.",
    ),
    (
        "viewer",
        "/ceo scale workload:deployment/ceoagent-api replicas:2",
        "A viewer may not: read how a refusal sounds.",
    ),
    (
        "operator",
        "/ceo logs workload:deployment/ceoagent-api follow:true",
        "The pods' logs, live, until Stop.",
    ),
    (
        "operator",
        "/ceo logs workload:deployment/ceoagent-api patterns:true",
        "What the log says again and again, once.",
    ),
    (
        "operator",
        "/ceo exec check check:disk workload:statefulset/postgres",
        "A named check in a container; nobody types a shell.",
    ),
    ("operator", "/ceo help", "Who may do what here."),
];

/// What `GET /api/hints` answers, less the commands that the bot does not have.
pub(super) fn answer(commands: &[Value]) -> Value {
    let known = |line: &str| {
        let mut words = line
            .trim_start_matches('/')
            .split(' ')
            .take_while(|word| !word.contains(':'))
            .peekable();
        let mut level = commands;
        while let Some(word) = words.next() {
            let Some(found) = level.iter().find(|one| one["name"] == word) else {
                return false;
            };
            level = found["options"].as_array().map_or(&[], Vec::as_slice);
            if words.peek().is_none() {
                return true;
            }
        }
        false
    };
    let shown = HINTS
        .iter()
        .filter(|(_, line, _)| commands.is_empty() || known(line));
    shown
        .map(|(who, line, text)| json!({ "as": who, "line": line, "text": text }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_whose_command_is_missing_is_not_given() {
        let commands = [json!({ "name": "ceo", "options": [
            { "name": "status", "type": 1 },
            { "name": "guard", "type": 2, "options": [{ "name": "pending", "type": 1 }] },
        ] })];
        let lines: Vec<Value> = answer(&commands)
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["line"].clone())
            .collect();
        assert_eq!(lines, ["/ceo status", "/ceo guard pending"]);
        assert_eq!(
            answer(&[]).as_array().unwrap().len(),
            HINTS.len(),
            "before the bot is up all of them stand there"
        );
    }
}
