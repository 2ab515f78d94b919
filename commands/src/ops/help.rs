//! `/ceo help`: what I may do here, what stands before it, and who may do the rest.

use super::{
    catalogue,
    contract::{Answer, Args, Context, Query, Spec},
};
use crate::{
    failure::Failure,
    input::{BadInput, Input, Opt, OptionKind, OptionSpec},
    line,
    model::{Field, Report, Scope, Text, Tone, code, spell},
    policy::{Gate, Verb, list_who},
    texts,
};

const COMMAND: Opt<Option<String>> = Opt::command("command").about(texts::help::command).optional();

/// The command.
pub struct Help;

/// Its words.
pub struct HelpArgs {
    command: Option<String>,
    scope: Scope,
}

impl Args for HelpArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let command = input.take(&COMMAND)?;
        Ok(Self {
            command: command.map(|c| c.trim_start_matches("/ceo").trim().to_lowercase()),
            scope: input.here(),
        })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Query for Help {
    const SPEC: Spec = Spec::new("help", Verb::Read)
        .about(texts::help::summary)
        .private()
        .options(&[&COMMAND]);
    type Args = HelpArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let report = match &args.command {
            None => overview(&args.scope, cx),
            Some(name) => match catalogue::find(name) {
                Some(entry) => detail(&entry.spec, &args.scope, cx),
                None => return Err(Failure::Input(unknown(name))),
            },
        };
        Ok(Answer::Once(Box::new(report)))
    }
}

fn unknown(name: &str) -> BadInput {
    let near = catalogue::all()
        .iter()
        .map(|entry| entry.spec.path)
        .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
    let bad = BadInput::new(line!["There is no command ", code(format!("/ceo {name}"))]);
    match near {
        Some(near) => bad.hint(line!["Did you mean ", code(format!("/ceo {near}")), "?"]),
        None => bad,
    }
}

/// The words after a command for the gate before it.
fn gate_words(gate: &Gate) -> Text {
    match gate {
        Gate::None => Text::default(),
        Gate::Confirm => line![" · you confirm"],
        Gate::Approve(quorum) => {
            let line = line![" · needs "].and(quorum.in_words());
            if quorum.reason {
                line.and(", and a reason")
            } else {
                line
            }
        }
    }
}

fn overview(scope: &Scope, cx: &Context<'_>) -> Report {
    let mut mine = Vec::new();
    let mut others = Vec::new();
    for entry in catalogue::all() {
        let spec = &entry.spec;
        let head = line![code(format!("/ceo {}", spec.path)), " ", (spec.summary)()];
        match cx.rights.gate(cx.actor, spec, scope) {
            Some(gate) => mine.push(head.and(gate_words(&gate))),
            None => {
                let who = cx.rights.who_may(spec, scope);
                let who = if who.is_empty() {
                    line![" · nobody, by the policy"]
                } else {
                    line![" · "].and(list_who(&who))
                };
                others.push(line![code(format!("/ceo {}", spec.path))].and(who));
            }
        }
    }
    let mut report = Report::new(Tone::Info, line!["What you may do in ", scope.to_string()]);
    let none = mine.is_empty();
    report = report.lines(mine);
    if none {
        report.add(line![
            "Nothing, by the policy. An administrator can give you a role."
        ]);
    }
    if !others.is_empty() {
        report.add(Field {
            name: "Ask others for".into(),
            lines: others,
            inline: false,
        });
    }
    report.footer(format!(
        "A bare name means {scope} here · ceo {}",
        env!("CARGO_PKG_VERSION")
    ))
}

fn detail(spec: &Spec, scope: &Scope, cx: &Context<'_>) -> Report {
    let mut report =
        Report::new(Tone::Info, line![code(format!("/ceo {}", spec.path))]).line((spec.summary)());
    report = report.lines(spec.declared().map(option_line));
    let gate = match cx.rights.gate(cx.actor, spec, scope) {
        Some(gate) => line!["You may use it in ", scope.to_string()].and(gate_words(&gate)),
        None => {
            let who = cx.rights.who_may(spec, scope);
            if who.is_empty() {
                line!["Nobody may use it in ", scope.to_string(), ", by the policy."]
            } else {
                list_who(&who).and(" may use it in ").and(scope.to_string())
            }
        }
    };
    report
        .field("Who", gate)
        .footer(format!("verb: {}", spec.verb.word()))
}

/// `replicas (required, 0 to 2147483647) How many pods`
fn option_line(option: &OptionSpec) -> Text {
    let must = if option.required { "required" } else { "optional" };
    let range = match (option.kind, option.choices) {
        (OptionKind::Integer { min, max }, _) => format!(", {min} to {max}"),
        (OptionKind::Duration { min, max }, _) => format!(", {} to {}", spell(min), spell(max)),
        (_, Some(choices)) => format!(", {}", choices().join(" | ")),
        _ => String::new(),
    };
    line![
        code(option.name),
        format!(" ({must}{range}) "),
        (option.summary)()
    ]
}
