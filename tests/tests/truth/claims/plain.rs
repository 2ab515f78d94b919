//! Sentences that claim nothing which the simulators could know otherwise: places, labels, advice, times to come.

use super::{Rule, rule};

/// Each of these is only what it names, in a message whose other sentences are held against the cluster.
const PLAIN: &[&str] = &[
    r"prod / ceo-test-\w+",
    r"prod",
    r"page \d+ of \d+",
    r"ticket \d+",
    r"Manual: .*",
    r"lapses <t:\d+:R>; then it must start within .*",
    r"It lapses <t:\d+:R>",
    r"It is in <#\d+>: ticket \d+",
    r"<@&?\d+>",
    r"Asked for approval: ticket \d+",
    r"(?:Approved|Confirmed|Denied): ticket \d+",
    r"Its progress is in <#\d+>: (?:ticket \d+|\[ticket \d+\]\(\S+\))",
    r"Last lines before the end:?",
    r"Ask again to see the new plan",
    r"audit [0-9a-f]{6}",
    r"It starts now",
    r"The newer change has its own message, or none",
    r"What this wrote is no longer what the object asks for",
    r"See /ceo status .*",
    r"Do: .*",
    r"… \d+ more",
    r"As of: .*",
    r"Reference [0-9a-f]+",
    r"Reason: .*",
    r"it starts now",
    r"\d+ of \d+ shown",
    r"Confirm .*",
    r"Scale a Deployment or a StatefulSet",
    r"This is over \(\w+\) since <t:\d+:R>",
    r"[Tt]he objects of the cluster prod are still being read",
    r"The bot began to watch it a moment ago: ask again in a few seconds",
    r"Whether revision \d+ ever worked is not known: the bot has not seen it ready for long",
    r"Name one to go there all the same",
    r"Its history holds .*",
    r"Ask again to see the new state",
    r"See <#\d+>: \[ticket \d+\]\(\S+\)",
    r"It is in <#\d+>: \[ticket \d+\]\(\S+\)",
    r"Waiting",
    r"This ended <t:\d+:R>",
    r"The others see that you are on it",
    r"What was written stays; the bot looks again",
    r"its log is gone from the node already",
    r"It is about to start now",
];

pub(super) fn rules() -> Vec<Rule> {
    PLAIN.iter().map(|pattern| rule(pattern, |_, _| Ok(()))).collect()
}
