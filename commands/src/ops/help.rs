//! `/ceo help`: what I may do here, what stands before it, and who may do the rest.

use super::contract::{Answer, Args, Context, Query, Spec};
use crate::{
    failure::Failure,
    input::{BadInput, Input, Opt, OptionKind, OptionSpec},
    line,
    model::{Field, Report, Scope, Span, Text, Tone, code},
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
            Some(name) => match cx.rights.commands().into_iter().find(|spec| spec.path == name) {
                Some(spec) => detail(spec, &args.scope, cx),
                None => return Err(Failure::Input(unknown(name, cx))),
            },
        };
        Ok(report.into())
    }
}

fn unknown(name: &str, cx: &Context<'_>) -> BadInput {
    let all = cx.rights.commands();
    let near = all
        .iter()
        .map(|spec| spec.path)
        .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
    let bad = BadInput::new(texts::help::unknown(name));
    match near {
        Some(near) => bad.hint(texts::help::did_you_mean(near)),
        None => bad,
    }
}

/// The words after a command for the gate before it.
fn gate_words(gate: &Gate) -> Text {
    match gate {
        Gate::None => Text::default(),
        Gate::Confirm => texts::help::you_confirm(),
        Gate::Approve(quorum) => texts::help::needs(&quorum.in_words(), quorum.reason),
    }
}

fn typed(spec: &Spec) -> Span {
    code(format!("/ceo {}", spec.path))
}

fn overview(scope: &Scope, cx: &Context<'_>) -> Report {
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for spec in cx.rights.commands() {
        if let Some(gate) = cx.rights.gate(cx.actor, spec, scope) {
            mine.push(line![typed(spec), " ", (spec.summary)(), gate_words(&gate)]);
            continue;
        }
        let who = cx.rights.who_may(spec, scope);
        others.push(match who.as_slice() {
            [] => line![typed(spec), texts::help::nobody()],
            _ => line![typed(spec), " · ", list_who(&who)],
        });
    }
    if mine.is_empty() {
        mine.push(texts::help::nothing());
    }
    let place = scope.to_string();
    let mut report = Report::new(Tone::Info, texts::help::title(&place)).lines(mine);
    if !others.is_empty() {
        report.add(Field::of(texts::help::ask_others(), others));
    }
    report.footer(texts::help::bare_name(&place, env!("CARGO_PKG_VERSION")))
}

fn detail(spec: &Spec, scope: &Scope, cx: &Context<'_>) -> Report {
    let place = scope.to_string();
    let gate = match cx.rights.gate(cx.actor, spec, scope) {
        Some(gate) => texts::help::you_may(&place).and(gate_words(&gate)),
        None => match cx.rights.who_may(spec, scope).as_slice() {
            [] => texts::help::nobody_may(&place),
            who => texts::help::they_may(&list_who(who), &place),
        },
    };
    Report::new(Tone::Info, typed(spec))
        .line((spec.summary)())
        .lines(spec.declared().map(option_line))
        .field(texts::help::who(), gate)
        .footer(texts::help::verb(spec.verb.word()))
}

/// `replicas (required, 0 to 100) How many pods`
fn option_line(option: &OptionSpec) -> Text {
    let range = match (option.kind, option.choices) {
        (OptionKind::Integer { min, max }, _) => texts::help::from_to(min, max),
        (OptionKind::Duration { min, max }, _) => texts::help::lengths(min, max),
        (_, Some(choices)) => texts::help::one_of(&choices()),
        _ => Text::default(),
    };
    let takes = texts::help::takes(option.required, &range);
    line![code(option.name), takes, (option.summary)()]
}
