//! `/ceo audit`: who did what, when, and how it ended.

use super::contract::{Answer, Args, Context, Query, Spec};
use crate::{
    failure::Failure,
    input::{BadInput, Input, Opt, Suggest},
    line,
    model::{Report, Scope, TicketId, Tone, UserId, ago, code},
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
            let report = Report::new(Tone::Info, "Nothing on record fits")
                .line("Leave out an option to see more; without any, all is shown.");
            return Ok(Answer::Once(Box::new(report)));
        }
        let total = rows.len();
        let pages = rows.chunks(PAGE).map(|chunk| page(chunk, total, &args)).collect();
        Ok(Answer::Pages(pages))
    }
}

fn page(rows: &[AuditRow], total: usize, args: &AuditArgs) -> Report {
    let mut report = Report::new(Tone::Info, "On record");
    report = report.at(narrowed(args)).lines(rows.iter().map(row));
    let whole = if total >= MOST as usize {
        format!("the newest {total} entries")
    } else {
        format!("{total} entries")
    };
    report.footer(whole)
}

fn narrowed(args: &AuditArgs) -> String {
    let mut words = Vec::new();
    words.extend(args.workload.clone());
    words.extend(args.outcome.clone());
    words.extend(args.ticket.map(|t| format!("ticket {t}")));
    if words.is_empty() {
        "newest first".to_owned()
    } else {
        words.join(" · ")
    }
}

/// `#41 3 minutes ago @operator asked scale prod/ceoagent/deployment/x · ticket 13 · succeeded · 4f1c9a`
fn row(row: &AuditRow) -> crate::model::Text {
    let e = &row.entry;
    let mut line = line![format!("{}. ", row.seq), ago(e.at), " "];
    line = match e.actor {
        Some(user) => line.and(user),
        None => line.and("the bot"),
    };
    line = line
        .and(" ")
        .and(crate::model::bold(&e.event))
        .and(" ")
        .and(code(&e.command));
    if !e.target.is_empty() {
        line = line.and(" ").and(&e.target);
    }
    if let Some(ticket) = e.ticket {
        line = line.and(format!(" · ticket {ticket}"));
    }
    if !e.outcome.is_empty() && e.outcome != "ok" {
        line = line.and(format!(" · {}", e.outcome));
    }
    if !e.detail.is_empty() {
        line = line.and(" · ").and(cut(&e.detail));
    }
    line.and(format!(" · {}", e.reference))
}

fn cut(text: &str) -> String {
    const MOST: usize = 120;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST - 1).chain(['…']).collect()
    }
}
