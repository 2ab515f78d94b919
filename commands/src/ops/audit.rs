//! `/ceo audit`: who did what, when, and how it ended.

use super::contract::{Answer, Args, Context, Query, Spec};
use crate::{
    failure::Failure,
    input::{BadInput, Input, Opt, Suggest},
    line,
    model::{Report, RoleId, Scope, Span, Text, TicketId, Tone, UserId, ago, code},
    policy::Verb,
    ports::{AuditFilter, AuditRow, LedgerError},
    texts,
};

/// Rows on one page.
const PAGE: usize = 8;
/// Rows that one question shows.
const MOST: u32 = 200;
/// How many times so many rows one question looks back for some that the asker may read.
const READS: usize = 10;

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
        let (rows, more) = readable(&args, cx).await?;
        if rows.is_empty() {
            let report = Report::new(Tone::Info, texts::audit::nothing());
            return Ok(report.line(texts::audit::ask_for_more()).into());
        }
        let footer = texts::audit::entries(rows.len(), more);
        let page = |rows: &[AuditRow]| {
            Report::new(Tone::Info, texts::audit::title())
                .at(narrowed(&args))
                .lines(rows.iter().map(row))
                .footer(&footer)
        };
        Ok(Answer::Pages(rows.chunks(PAGE).map(page).collect()))
    }
}

/// The newest rows that the asker may read, and whether there may be more.
async fn readable(args: &AuditArgs, cx: &Context<'_>) -> Result<(Vec<AuditRow>, bool), LedgerError> {
    let mut filter = AuditFilter {
        actor: args.person,
        target: args.workload.clone(),
        outcome: args.outcome.clone(),
        ticket: args.ticket,
        before: None,
        limit: MOST,
    };
    let mut rows = Vec::new();
    for _ in 0..READS {
        let read = cx.records.audit(filter.clone()).await?;
        let last = read.len() < MOST as usize;
        filter.before = read.last().map(|row| row.seq);
        rows.extend(read.into_iter().filter(|row| may_read(row, cx)));
        if rows.len() > MOST as usize {
            rows.truncate(MOST as usize);
            return Ok((rows, true));
        }
        if last {
            return Ok((rows, false));
        }
    }
    Ok((rows, true))
}

/// Whether the asker may read a row: the audit of each place that it is about. One about no place is for whoever acted
/// in it, and for those who may read the audit of a whole cluster.
fn may_read(row: &AuditRow, cx: &Context<'_>) -> bool {
    let may = |scope: &Scope| cx.rights.gate(cx.actor, &Audit::SPEC, scope).is_some();
    let about = places(&row.entry.target);
    if about.is_empty() {
        let clusters = cx.view.clusters();
        return row.entry.actor == Some(cx.actor.user)
            || clusters.iter().all(|cluster| may(&Scope::cluster(&cluster.name)));
    }
    about.iter().all(may)
}

/// The places of a row's targets: `prod/ceoagent/deployment/api, prod/shop`.
fn places(target: &str) -> Vec<Scope> {
    let one = |target: &str| {
        let mut parts = target.split('/');
        let cluster = parts.next().filter(|part| !part.is_empty())?;
        Some(match parts.next().filter(|part| !part.is_empty()) {
            // `prod/node/worker-1` belongs to the cluster.
            Some(_) if target.split('/').count() == 3 => Scope::cluster(cluster),
            Some(namespace) => Scope::namespace(cluster, namespace),
            None => Scope::cluster(cluster),
        })
    };
    target.split(", ").filter_map(one).collect()
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

/// `#41 3 minutes ago @operator asked scale prod/ceoagent/deployment/x · ticket 13 · succeeded · 4f1c9a`
fn row(row: &AuditRow) -> Text {
    let e = &row.entry;
    let who = e.actor.map_or_else(texts::audit::the_bot, Text::from);
    // With a full stop behind the number, Discord would count by itself.
    let mut line = line![
        format!("#{} ", row.seq),
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
            .filter(|outcome| !outcome.is_empty() && *outcome != "ok" && **outcome != e.event)
            .map(|outcome| texts::audit::ended(outcome)),
        Some(&e.detail)
            .filter(|detail| !detail.is_empty())
            .map(|detail| people_in(&cut(detail))),
        Some(Text::from(e.reference.to_string())),
    ];
    behind
        .into_iter()
        .flatten()
        .fold(line, |line, piece| line.and(" · ").and(piece))
}

/// What was said, with the people in it as people: the record holds `@5` and `@&222`.
fn people_in(detail: &str) -> Text {
    let mut line = Text::default();
    let mut rest = detail;
    while let Some(at) = rest.find('@') {
        let (before, behind) = rest.split_at(at);
        let (role, number) = match behind.strip_prefix("@&") {
            Some(number) => (true, number),
            None => (false, behind.get(1..).unwrap_or_default()),
        };
        let digits = number.len() - number.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (id, after) = number.split_at(digits);
        let one = id.parse().ok().filter(|id| *id > 0);
        // Within an address it is no person.
        let apart = !before.ends_with(|c: char| c.is_alphanumeric());
        match one.filter(|_| apart) {
            Some(id) => {
                let who = if role {
                    Span::Role(RoleId(id))
                } else {
                    Span::User(UserId(id))
                };
                line = line.and(before).and(who);
                rest = after;
            }
            None => {
                line = line.and(format!("{before}@"));
                rest = behind.get(1..).unwrap_or_default();
            }
        }
    }
    line.and(rest)
}

fn cut(text: &str) -> String {
    const MOST: usize = 120;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Timestamp, ports::AuditEntry};

    #[test]
    fn the_places_of_a_row() {
        let (shop, api) = (
            Scope::namespace("prod", "shop"),
            Scope::namespace("prod", "ceoagent"),
        );
        for (target, expected) in [
            ("prod/ceoagent/deployment/api", vec![api.clone()]),
            (
                "prod/ceoagent/deployment/api, prod/shop/deployment/web",
                vec![api.clone(), shop.clone()],
            ),
            ("prod/shop", vec![shop]),
            ("prod", vec![Scope::cluster("prod")]),
            ("prod/node/worker-1", vec![Scope::cluster("prod")]),
            ("", vec![]),
        ] {
            assert_eq!(places(target), expected, "{target}");
        }
    }

    #[test]
    fn a_row_is_told_with_its_number_its_people_and_nothing_twice() {
        let entry = AuditEntry {
            at: Timestamp::UNIX_EPOCH,
            actor: Some(UserId(5)),
            event: "refused".to_owned(),
            command: "approve".to_owned(),
            ticket: Some(TicketId(3)),
            outcome: "refused".to_owned(),
            detail: "You may not. @&222 can, or @7; write to ops@example.com".to_owned(),
            reference: "4f1c9a".to_owned(),
            ..AuditEntry::default()
        };
        let line = row(&AuditRow {
            seq: 19,
            hash: String::new(),
            entry,
        });
        let spans: Vec<&Span> = line.all_spans().collect();
        assert!(
            spans.contains(&&Span::Role(RoleId(222))) && spans.contains(&&Span::User(UserId(7))),
            "{spans:?}"
        );
        let told = line.plain();
        assert!(
            told.starts_with("#19 ") && told.contains("ops@example.com"),
            "{told}"
        );
        assert_eq!(told.matches("refused").count(), 1, "{told}");
    }
}
