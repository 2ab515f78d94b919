//! What people read when a cluster fails, refuses or does not answer: one line of what, one of what to do.

use std::time::Duration;

use super::ClusterError;
use crate::{
    line,
    model::{Reference, Report, Text, Tone, code, spell},
};

/// What an outage of a read says besides.
const OUTAGE: &str = "Nothing was changed. This is an outage of the API server, not a missing right.";

impl ClusterError {
    /// What the asker reads: one line of what, one of what to do.
    #[must_use]
    pub fn report(&self, reference: &Reference) -> Report {
        let (title, lines) = self.words();
        let tone = match self {
            Self::NotFound { .. } | Self::UnknownCluster { .. } | Self::OutsideSettings { .. } => {
                Tone::Waiting
            }
            _ => Tone::Bad,
        };
        Report::new(tone, title)
            .lines(lines)
            .footer(format!("Reference {reference}"))
    }

    fn words(&self) -> (Text, Vec<Text>) {
        match self {
            Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Unsure { .. }
            | Self::Throttled { .. }
            | Self::Unauthorized { .. }
            | Self::Misconfigured { .. } => self.words_of_an_outage(),
            Self::NotFound { .. }
            | Self::NoApi { .. }
            | Self::UnknownCluster { .. }
            | Self::OutsideSettings { .. } => self.words_of_what_is_missing(),
            Self::Forbidden {
                verb,
                resource,
                namespace,
                cluster,
                message,
            } => words_of_a_missing_right(verb, resource, &place(cluster, namespace), message),
            Self::Refused { message } => (
                line!["The cluster refused it"],
                vec![
                    line![message, "."],
                    line![
                        "A quota or an admission rule said no; it is not a missing right. Nothing was changed."
                    ],
                ],
            ),
            Self::Conflict { message } => (
                line!["Somebody else changed the object at the same time"],
                vec![
                    line![message, "."],
                    line!["Nothing was changed. Ask again to see the new state."],
                ],
            ),
            Self::Invalid { message } => (
                line!["The API server does not accept this"],
                vec![line![message, "."], line!["Nothing was changed."]],
            ),
            Self::AlreadyExists { message } => (
                line!["It is there already"],
                vec![line![message, "."], line!["Nothing was changed."]],
            ),
            Self::Other {
                code,
                reason,
                message,
            } => (
                line!["The cluster answered something unexpected"],
                vec![line![format!("{code} {reason}: {message}. Nothing was changed.")]],
            ),
        }
    }

    fn words_of_an_outage(&self) -> (Text, Vec<Text>) {
        match self {
            Self::Unreachable { cluster, detail } => (
                line!["The cluster ", cluster, " did not answer (", detail, ")"],
                vec![line![OUTAGE]],
            ),
            Self::Timeout { cluster, after } => (
                line![
                    "The cluster ",
                    cluster,
                    " did not answer within ",
                    spell_short(*after)
                ],
                vec![line![OUTAGE]],
            ),
            Self::Unsure { cluster, detail } => (
                line![
                    "The cluster ",
                    cluster,
                    " did not confirm the change (",
                    detail,
                    ")"
                ],
                vec![
                    line!["It may have been made: look at the object before asking again."],
                    line!["This is an outage of the API server, not a missing right."],
                ],
            ),
            Self::Throttled { cluster, retry_after } => (
                line!["The cluster ", cluster, " asks the bot to slow down"],
                vec![line![
                    "Nothing was changed. Try again in ",
                    retry_after.map_or_else(|| "a moment".to_owned(), spell_short),
                    ". This is no missing right."
                ]],
            ),
            Self::Unauthorized { cluster, detail } => (
                line!["The cluster ", cluster, " does not accept the bot's credentials"],
                vec![
                    line![detail, ". Nothing was changed."],
                    line!["Whoever runs the bot must renew the kubeconfig or the service account's token."],
                ],
            ),
            Self::Misconfigured { cluster, detail } => (
                line!["The settings of the cluster ", cluster, " do not work"],
                vec![
                    line![detail, ". Nothing was changed."],
                    line!["Whoever runs the bot sees more with ", code("ceo-bot check"), "."],
                ],
            ),
            other => (line![other.to_string()], Vec::new()),
        }
    }

    fn words_of_what_is_missing(&self) -> (Text, Vec<Text>) {
        match self {
            Self::NotFound {
                cluster,
                namespace,
                what,
                name,
                near,
            } => (
                line![
                    "There is no ",
                    what,
                    " ",
                    code(name),
                    " in ",
                    place(cluster, namespace)
                ],
                did_you_mean(near).into_iter().collect(),
            ),
            Self::NoApi { cluster, api } => (
                line!["The cluster ", cluster, " does not serve ", code(api)],
                vec![line![
                    "It is not installed there, or its server is down. Nothing was changed."
                ]],
            ),
            Self::UnknownCluster { name, known } => (
                line!["There is no cluster ", code(name), " in the settings"],
                vec![line!["Known are: ", list(known), "."]],
            ),
            Self::OutsideSettings {
                cluster,
                namespace,
                known,
            } => (
                line![
                    "The namespace ",
                    code(namespace),
                    " of ",
                    cluster,
                    " is not in the settings"
                ],
                vec![line![
                    "The bot looks at: ",
                    list(known),
                    ". An administrator can add it."
                ]],
            ),
            other => (line![other.to_string()], Vec::new()),
        }
    }
}

fn words_of_a_missing_right(verb: &str, resource: &str, place: &str, message: &str) -> (Text, Vec<Text>) {
    (
        line!["The bot may not ", verb, " ", code(resource), " in ", place],
        vec![
            line![
                "Its role in Kubernetes lacks the verb ",
                code(verb),
                " on ",
                code(resource),
                "; ",
                code("ceo-bot rbac"),
                " prints the rule to add."
            ],
            line!["The API server said: ", message, ". Nothing was changed."],
        ],
    )
}

/// `prod/ceoagent`, or `prod`.
fn place(cluster: &str, namespace: &str) -> String {
    if namespace.is_empty() {
        cluster.to_owned()
    } else {
        format!("{cluster}/{namespace}")
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// `Did you mean x, y?`
pub(super) fn did_you_mean(near: &[String]) -> Option<Text> {
    let mut names = near.iter();
    let mut line = line!["Did you mean ", code(names.next()?)];
    for name in names {
        line = line.and(" or ").and(code(name));
    }
    Some(line.and("?"))
}

/// `5 s`, and milliseconds where a second would be a lie.
pub(super) fn spell_short(length: Duration) -> String {
    if length < Duration::from_secs(1) {
        format!("{} ms", length.as_millis())
    } else {
        spell(length)
    }
}
