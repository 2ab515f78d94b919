//! `/ceo audit`: who did what, when, and how it ended.

use super::contract::{Answer, Args, Context, OptionKind, OptionSpec, Query, Spec, Suggest, Text};
use crate::{
    failure::Failure,
    input::{BadInput, Input},
    line,
    model::{Report, Scope, TicketId, Tone, UserId, ago, code},
    policy::Verb,
    ports::{AuditFilter, AuditRow},
};

/// Rows on one page.
const PAGE: usize = 8;
/// Rows that one question looks back.
const MOST: u32 = 200;

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
        let scope = Scope::namespace(&input.place().cluster, &input.place().namespace);
        let person = match input.text("person")? {
            None => None,
            Some(id) => Some(id.parse().map(UserId).map_err(|_| {
                BadInput::new(line![code(format!("person: {id}")), " is nobody"])
                    .hint("Choose a person from the list.")
            })?),
        };
        Ok(Self {
            person,
            workload: input.text("workload")?,
            outcome: input.text("outcome")?.map(|o| o.to_lowercase()),
            ticket: input.integer("ticket", 1..=i64::MAX)?.map(TicketId),
            scope,
        })
    }

    fn verb(&self) -> Verb {
        Verb::Sensitive
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

impl Query for Audit {
    const SPEC: Spec = Spec {
        name: "audit",
        group: None,
        summary: Text {
            en: "Who did what, and how it ended",
            zh: "谁做了什么，结果如何",
        },
        verb: Verb::Sensitive,
        private: true,
        options: &[
            OptionSpec {
                name: "person",
                summary: Text {
                    en: "Only by this person",
                    zh: "仅此人",
                },
                kind: OptionKind::User,
                required: false,
                suggest: None,
            },
            OptionSpec {
                name: "workload",
                summary: Text {
                    en: "Only about this object",
                    zh: "仅此对象",
                },
                kind: OptionKind::Text,
                required: false,
                suggest: Some(Suggest::Workload),
            },
            OptionSpec {
                name: "outcome",
                summary: Text {
                    en: "Only what ended so",
                    zh: "仅此结果",
                },
                kind: OptionKind::Text,
                required: false,
                suggest: Some(Suggest::Outcome),
            },
            OptionSpec {
                name: "ticket",
                summary: Text {
                    en: "Only this ticket",
                    zh: "仅此工单",
                },
                kind: OptionKind::Integer {
                    min: 1,
                    max: 9_007_199_254_740_991,
                },
                required: false,
                suggest: None,
            },
        ],
        controls: &[],
        rbac: &[],
    };
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
        let ledger = cx.ports.ledger.as_ref();
        let rows = ledger.audit(filter).await?;
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
