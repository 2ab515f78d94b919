//! `/ceo audit`: who did what, when, and how it ended.

use super::contract::{Answer, Args, Context, Query, Spec};
use crate::{
    failure::Failure,
    input::{BadInput, Input, Opt, Suggest},
    line,
    model::{Report, Scope, Text, TicketId, Tone, UserId, ago, code},
    policy::Verb,
    ports::{AuditFilter, AuditRow},
    texts,
};

/// Rows on one page.
const PAGE: usize = 8;
/// Rows that one question looks back.
const MOST: u32 = 200;

const PERSON: Opt<Option<UserId>> = Opt::user("person").about(texts::audit::person).optional();
const WORKLOAD: Opt<Option<String>> = Opt::text("workload")
    .suggest(Suggest::Workload)
    .about(texts::audit::workload)
    .optional();
const OUTCOME: Opt<Option<String>> = Opt::outcome("outcome").about(texts::audit::outcome).optional();
const TICKET: Opt<Option<TicketId>> = Opt::ticket("ticket").about(texts::audit::ticket).optional();

/// The command.
pub struct Audit;

/// Its words.
pub struct AuditArgs {
    person: Option<UserId>,
    workload: Option<String>,
    outcome: Option<String>,
    ticket: Option<TicketId>,
    scope: Scope,
}

impl Args for AuditArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            person: input.take(&PERSON)?,
            workload: input.take(&WORKLOAD)?,
            outcome: input.take(&OUTCOME)?.map(|o| o.to_lowercase()),
            ticket: input.take(&TICKET)?,
            scope: input.here(),
        })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Query for Audit {
    const SPEC: Spec = Spec::new("audit", Verb::Sensitive)
        .about(texts::audit::summary)
        .private()
        .options(&[&PERSON, &WORKLOAD, &OUTCOME, &TICKET]);
    type Args = AuditArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let filter = AuditFilter {
            actor: args.person,
            target: args.workload.clone(),
            outcome: args.outcome.clone(),
            ticket: args.ticket,
            before: None,
            limit: MOST,
        };
        let rows = cx.records.audit(filter).await?;
        if rows.is_empty() {
            let report = Report::new(Tone::Info, texts::audit::nothing());
            return Ok(report.line(texts::audit::ask_for_more()).into());
        }
        let footer = texts::audit::entries(rows.len(), rows.len() >= MOST as usize);
        let page = |rows: &[AuditRow]| {
            Report::new(Tone::Info, texts::audit::title())
                .at(narrowed(&args))
                .lines(rows.iter().map(row))
                .footer(&footer)
        };
        Ok(Answer::Pages(rows.chunks(PAGE).map(page).collect()))
    }
}

/// What narrows the list.
fn narrowed(args: &AuditArgs) -> Text {
    let mut words: Vec<Text> = Vec::new();
    words.extend(args.workload.as_ref().map(Text::from));
    words.extend(args.outcome.as_deref().map(texts::audit::ended));
    words.extend(args.ticket.map(texts::audit::of_ticket));
    if words.is_empty() {
        return texts::audit::newest_first();
    }
    Text::joined(words, &Text::from(" · "))
}

/// `41. 3 minutes ago @operator asked scale prod/ceoagent/deployment/x · ticket 13 · succeeded · 4f1c9a`
fn row(row: &AuditRow) -> Text {
    let e = &row.entry;
    let who = e.actor.map_or_else(texts::audit::the_bot, Text::from);
    let mut line = line![
        format!("{}. ", row.seq),
        ago(e.at),
        " ",
        who,
        " ",
        texts::audit::event(&e.event),
        " ",
        code(&e.command)
    ];
    if !e.target.is_empty() {
        line = line.and(" ").and(&e.target);
    }
    let behind = [
        e.ticket.map(texts::audit::of_ticket),
        Some(&e.outcome)
            .filter(|outcome| !outcome.is_empty() && *outcome != "ok")
            .map(|outcome| texts::audit::ended(outcome)),
        Some(&e.detail)
            .filter(|detail| !detail.is_empty())
            .map(|detail| Text::from(cut(detail))),
        Some(Text::from(e.reference.to_string())),
    ];
    behind
        .into_iter()
        .flatten()
        .fold(line, |line, piece| line.and(" · ").and(piece))
}

fn cut(text: &str) -> String {
    const MOST: usize = 120;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST - 1).chain(['…']).collect()
    }
}
