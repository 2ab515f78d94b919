//! What one commit of the ledger does inside its transaction. Everything is turned to text before the transaction
//! begins, so that no other writer waits for it.

use std::collections::BTreeSet;

use ceo_commands::{
    model::{TicketId, Timestamp},
    ports::{Commit, Committed, LedgerError, Post, Priority},
    ticket::{Stage, StepRecord, Ticket, Vote},
};
use sqlx::AnyConnection;

use super::{
    audit,
    blobs::{self, Named},
    incidents::{self, IncidentRow},
    text,
    write::Fault,
};

/// A commit as rows.
pub(super) struct CommitRows {
    now: i64,
    once: Option<String>,
    ticket: Option<TicketRow>,
    steps: Vec<StepRow>,
    incidents: Vec<IncidentRow>,
    posts: Vec<PostRow>,
    audit: Vec<audit::NewRow>,
}

struct TicketRow {
    id: TicketId,
    expect: Option<i64>,
    version: i64,
    stage: &'static str,
    outcome: &'static str,
    created: i64,
    body: String,
    targets: BTreeSet<String>,
    files: Named,
    /// Whether no other ticket may run on the targets.
    holds: bool,
    /// All that stand after this commit: those of people who are no approvers any more are gone.
    votes: Vec<VoteRow>,
}

struct VoteRow {
    person: String,
    at: i64,
    approve: bool,
    new: bool,
}

struct StepRow {
    name: String,
    finished: bool,
    body: String,
}

struct PostRow {
    key: String,
    channel: String,
    report: String,
    files: Named,
    priority: &'static str,
    last: bool,
}

impl CommitRows {
    /// # Errors
    /// When the commit contradicts itself, or a key cannot be stored.
    pub(super) fn of(commit: Commit) -> Result<Self, LedgerError> {
        if commit.ticket.is_none() && !(commit.votes.is_empty() && commit.steps.is_empty()) {
            return Err(LedgerError::Store(
                "votes and steps belong to a ticket, and none was given".to_owned(),
            ));
        }
        if let Some(once) = &commit.once {
            text::key(once)?;
        }
        Ok(Self {
            now: Timestamp::now().as_millisecond(),
            once: commit.once,
            ticket: match commit.ticket {
                Some((ticket, expect)) => Some(TicketRow::of(ticket, expect, commit.votes)?),
                None => None,
            },
            steps: commit
                .steps
                .into_iter()
                .map(StepRow::of)
                .collect::<Result<_, _>>()?,
            incidents: commit
                .incidents
                .into_iter()
                .map(|(incident, expect)| IncidentRow::of(&incident, expect))
                .collect::<Result<_, _>>()?,
            posts: commit
                .posts
                .into_iter()
                .map(PostRow::of)
                .collect::<Result<_, _>>()?,
            audit: commit
                .audit
                .iter()
                .map(audit::NewRow::of)
                .collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn audit_rows(&self) -> u64 {
        self.audit.len() as u64
    }

    pub(super) fn has_posts(&self) -> bool {
        !self.posts.is_empty()
    }
}

impl TicketRow {
    fn of(mut ticket: Ticket, expect: Option<i64>, new: Vec<Vote>) -> Result<Self, LedgerError> {
        if let Some(expect) = expect
            && ticket.version != expect + 1
        {
            let (id, version) = (ticket.id, ticket.version);
            let what = format!(
                "ticket {id} has version {version} where {} must follow",
                expect + 1
            );
            return Err(LedgerError::Store(what));
        }
        let cast: BTreeSet<_> = new.iter().map(|v| v.user).collect();
        for vote in new {
            if !ticket.votes.iter().any(|v| v.user == vote.user) {
                ticket.votes.push(vote);
            }
        }
        for target in &ticket.targets {
            text::key(target)?;
        }
        Ok(Self {
            holds: ticket.stage.word() == "running" && !ticket.released,
            id: ticket.id,
            expect,
            version: ticket.version,
            stage: ticket.stage.word(),
            outcome: match ticket.stage {
                Stage::Done(outcome) => outcome.word(),
                _ => "",
            },
            created: ticket.created.as_millisecond(),
            body: text::canonical(&ticket)?,
            files: Named::of(ticket.message_key(), [&ticket.preview, &ticket.shown]),
            votes: ticket
                .votes
                .iter()
                .map(|v| VoteRow::of(v, cast.contains(&v.user)))
                .collect(),
            targets: ticket.targets.into_iter().collect(),
        })
    }
}

impl VoteRow {
    fn of(vote: &Vote, new: bool) -> Self {
        Self {
            person: vote.user.0.to_string(),
            at: vote.at.as_millisecond(),
            approve: vote.approve,
            new,
        }
    }
}

impl StepRow {
    fn of(step: StepRecord) -> Result<Self, LedgerError> {
        text::key(&step.name)?;
        Ok(Self {
            finished: step.is_done(),
            body: text::canonical(&step)?,
            name: step.name,
        })
    }
}

impl PostRow {
    fn of(post: Post) -> Result<Self, LedgerError> {
        text::key(&post.key)?;
        Ok(Self {
            report: text::canonical(&post.report)?,
            files: Named::of(format!("message:{}", post.key), [&post.report]),
            channel: post.channel.0.to_string(),
            priority: match post.priority {
                Priority::Answer => "answer",
                Priority::Alert => "alert",
            },
            last: post.last,
            key: post.key,
        })
    }
}

/// Stores all of it. The caller's transaction is taken back when this fails.
pub(super) async fn store(parts: &CommitRows, db: &mut AnyConnection) -> Result<Committed, Fault> {
    if let Some(event) = &parts.once {
        let added =
            sqlx::query("INSERT INTO handled (event, at) VALUES ($1, $2) ON CONFLICT (event) DO NOTHING")
                .bind(event.clone())
                .bind(parts.now)
                .execute(&mut *db)
                .await?;
        if added.rows_affected() == 0 {
            return Err(LedgerError::Duplicate.into());
        }
    }
    if let Some(ticket) = &parts.ticket {
        // Told before a conflict: a second press of the same person loses the race too, and this says why.
        let standing = not_voted_before(ticket, db).await?;
        swap(ticket, db).await?;
        replace_votes(ticket, &standing, db).await?;
        claim_targets(ticket, db).await?;
        blobs::update(&ticket.files, db).await?;
        for step in &parts.steps {
            upsert_step(ticket.id, step, db).await?;
        }
    }
    for incident in &parts.incidents {
        incidents::upsert(incident, db).await?;
    }
    for post in &parts.posts {
        upsert_post(post, parts.now, db).await?;
        blobs::update(&post.files, db).await?;
    }
    let audit_seq = audit::append(&parts.audit, db).await?;
    Ok(Committed { audit_seq })
}

async fn not_voted_before(ticket: &TicketRow, db: &mut AnyConnection) -> Result<Vec<String>, Fault> {
    let sql = "SELECT person FROM votes WHERE ticket = $1";
    let standing: Vec<String> = sqlx::query_scalar(sql).bind(ticket.id.0).fetch_all(db).await?;
    if ticket.votes.iter().any(|v| v.new && standing.contains(&v.person)) {
        return Err(LedgerError::Voted.into());
    }
    Ok(standing)
}

/// Inserts the ticket, or replaces the version that is expected to be there.
async fn swap(ticket: &TicketRow, db: &mut AnyConnection) -> Result<(), Fault> {
    let sql = match ticket.expect {
        None => {
            "INSERT INTO tickets (id, version, stage, outcome, created, body) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (id) DO NOTHING"
        }
        Some(_) => {
            "UPDATE tickets SET version = $2, stage = $3, outcome = $4, created = $5, body = $6 \
             WHERE id = $1 AND version = $7"
        }
    };
    let mut query = sqlx::query(sql)
        .bind(ticket.id.0)
        .bind(ticket.version)
        .bind(ticket.stage)
        .bind(ticket.outcome)
        .bind(ticket.created)
        .bind(ticket.body.clone());
    if let Some(expect) = ticket.expect {
        query = query.bind(expect);
    }
    if query.execute(db).await?.rows_affected() == 0 {
        return Err(LedgerError::Conflict.into());
    }
    Ok(())
}

/// The rows of the votes become those of the ticket: a vote that lapsed makes room for another by the same person.
async fn replace_votes(ticket: &TicketRow, standing: &[String], db: &mut AnyConnection) -> Result<(), Fault> {
    for person in standing {
        if !ticket.votes.iter().any(|v| v.person == *person) {
            sqlx::query("DELETE FROM votes WHERE ticket = $1 AND person = $2")
                .bind(ticket.id.0)
                .bind(person.clone())
                .execute(&mut *db)
                .await?;
        }
    }
    for vote in &ticket.votes {
        if !standing.contains(&vote.person) {
            sqlx::query("INSERT INTO votes (ticket, person, at, approve) VALUES ($1, $2, $3, $4)")
                .bind(ticket.id.0)
                .bind(vote.person.clone())
                .bind(vote.at)
                .bind(i64::from(vote.approve))
                .execute(&mut *db)
                .await?;
        }
    }
    Ok(())
}

/// Notes what the ticket touches, and keeps two from running on the same target. The unique index would refuse it too;
/// asking first is how the other one's number is known, and PostgreSQL ends a transaction at its first error.
async fn claim_targets(ticket: &TicketRow, db: &mut AnyConnection) -> Result<(), Fault> {
    let running = ticket.holds;
    sqlx::query("DELETE FROM ticket_targets WHERE ticket = $1")
        .bind(ticket.id.0)
        .execute(&mut *db)
        .await?;
    for target in &ticket.targets {
        if running {
            let sql = "SELECT ticket FROM ticket_targets WHERE target = $1 AND running = 1";
            if let Some(other) = sqlx::query_scalar(sql)
                .bind(target.clone())
                .fetch_optional(&mut *db)
                .await?
            {
                return Err(LedgerError::Busy(TicketId(other)).into());
            }
        }
        sqlx::query("INSERT INTO ticket_targets (ticket, target, running) VALUES ($1, $2, $3)")
            .bind(ticket.id.0)
            .bind(target.clone())
            .bind(i64::from(running))
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// A step that has a result keeps it: who would store "begun" over it has not seen it, and would act twice.
async fn upsert_step(ticket: TicketId, step: &StepRow, db: &mut AnyConnection) -> Result<(), Fault> {
    let kept = sqlx::query(
        "INSERT INTO steps (ticket, name, place, finished, body) \
         VALUES ($1, $2, (SELECT COALESCE(MAX(place), 0) + 1 FROM steps WHERE ticket = $1), $3, $4) \
         ON CONFLICT (ticket, name) DO UPDATE SET finished = excluded.finished, body = excluded.body \
         WHERE steps.finished = 0 OR excluded.finished = 1",
    )
    .bind(ticket.0)
    .bind(step.name.clone())
    .bind(i64::from(step.finished))
    .bind(step.body.clone())
    .execute(db)
    .await?;
    if kept.rows_affected() == 0 {
        return Err(LedgerError::Conflict.into());
    }
    Ok(())
}

/// The newest content wins. Content that says nothing new is no change: the message is not drawn again.
async fn upsert_post(post: &PostRow, now: i64, db: &mut AnyConnection) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO outbox (name, channel, report, version, priority, final, waiting_since, attempted, \
                             delivered, delivered_hash, delivered_at, posted_channel, message, posted_at) \
         VALUES ($1, $2, $3, 1, $4, $5, $6, 0, 0, '', 0, '', '', 0) \
         ON CONFLICT (name) DO UPDATE SET channel = excluded.channel, report = excluded.report, \
             version = outbox.version + 1, priority = excluded.priority, final = excluded.final, \
             waiting_since = CASE WHEN outbox.delivered < outbox.version \
                                  THEN outbox.waiting_since ELSE excluded.waiting_since END \
         WHERE outbox.channel <> excluded.channel OR outbox.report <> excluded.report \
            OR outbox.priority <> excluded.priority OR outbox.final <> excluded.final",
    )
    .bind(post.key.clone())
    .bind(post.channel.clone())
    .bind(post.report.clone())
    .bind(post.priority)
    .bind(i64::from(post.last))
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}
