//! The README's table of commands.

use std::fmt::Write;

use ceo_commands::{
    model::Locale,
    ops::contract::Spec,
    policy::{Gate, Verb},
};

/// Markdown: a row a command.
#[must_use]
pub fn table() -> String {
    let mut text = String::from(
        "| command | what it does | 说明 | verb | before it runs |\n| --- | --- | --- | --- | --- |\n",
    );
    for spec in super::specs() {
        let summary = (spec.summary)();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            usage(spec),
            summary.plain(),
            summary.plain_in(Locale::ZhCn),
            spec.verb.word(),
            gate(spec.verb)
        );
    }
    text
}

/// `/ceo scale workload replicas [reason]`
fn usage(spec: &Spec) -> String {
    let mut text = format!("/ceo {}", spec.path);
    for option in spec.declared() {
        text.push(' ');
        text.push_str(&if option.required {
            option.name.to_owned()
        } else {
            format!("[{}]", option.name)
        });
    }
    text
}

fn gate(verb: Verb) -> &'static str {
    match verb.default_gate() {
        Gate::None => "nothing",
        Gate::Confirm => "the asker confirms",
        Gate::Approve(quorum) if quorum.reason => "others approve, with a reason",
        Gate::Approve(_) => "others approve",
    }
}
