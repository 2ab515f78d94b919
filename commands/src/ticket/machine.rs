//! The life of a ticket, as a pure function: a state, an event and a time give the next state and what is to be done
//! about it, or a refusal in a sentence. Clocks are checked here, so inside the transaction that stores the result.

use std::collections::BTreeMap;

use super::{Directive, Lease, Outcome, Parked, Stage, Tally, Ticket, Until, Vote, Woken, WokenAt, tally};
use crate::{
    model::{Effect, Refusal, Report, RoleId, Timestamp, UserId},
    policy::{Gate, Question, Quorum, Rules, Verdict, forbidden, judge},
    texts::{
        self,
        audit::event,
        ticket::{self as say, click},
    },
};

/// The roles of people as just read from the chat.
pub type RolesNow = BTreeMap<UserId, Vec<RoleId>>;

/// What happens to a ticket.
#[derive(Debug, Clone)]
pub enum Event {
    /// Somebody pressed Confirm.
    Confirm {
        /// Who.
        by: UserId,
        /// Their roles, as read when they pressed.
        roles: Vec<RoleId>,
    },
    /// Somebody pressed Cancel.
    Cancel {
        /// Who.
        by: UserId,
    },
    /// Somebody pressed Approve or said why not. The roles are those of all who voted, this one included.
    Vote {
        /// The say.
        vote: Vote,
        /// Read when it arrived.
        roles_now: RolesNow,
    },
    /// A process begins the run. The roles are those of the requester and of all who approved.
    Start {
        /// Which process, until when.
        lease: Lease,
        /// Read when it starts.
        roles_now: RolesNow,
    },
    /// The process that runs it is still there, or another takes over from one that is not.
    Renew(Lease, Box<News>),
    /// The process that runs it puts it aside until something comes.
    Park {
        /// Which process.
        holder: String,
        /// Where it waits, and for what.
        parked: Box<Parked>,
        /// What its message says meanwhile.
        report: Box<Report>,
    },
    /// Somebody says whether a parked run goes on.
    Sign {
        /// The say, with the roles as just read.
        vote: Vote,
    },
    /// What it was parked for has come: a process goes on with it.
    Wake {
        /// Which process, until when.
        lease: Lease,
        /// The roles of its people, read now.
        roles_now: RolesNow,
    },
    /// A button told the run something.
    Direct {
        /// Who.
        by: UserId,
        /// What.
        directive: Directive,
    },
    /// It is over. Of a run only the process that holds it can say so.
    Finish {
        /// Which process.
        holder: String,
        /// How it ended.
        outcome: Outcome,
        /// What its message says at last.
        report: Box<Report>,
    },
    /// Time went by.
    Tick,
}

/// What a run has to say with a sign of life.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// What its message shows from now on.
    pub shown: Option<Report>,
    /// It writes no more: the targets are free.
    pub released: Option<bool>,
    /// How long it has run in all.
    pub ran: Option<std::time::Duration>,
    /// A hold that nobody ended is over.
    pub lapsed_hold: bool,
}

type Stepped = Result<(Ticket, Vec<Effect>), Refusal>;

/// Applies an event. See the module's words; the ticket that comes back has the next version.
///
/// # Errors
/// When the event does not fit the state, the person or the time. Nothing changes then, except that an expired ticket
/// is to be expired by a [`Event::Tick`].
pub fn step(ticket: &Ticket, event: Event, rules: &Rules, now: Timestamp) -> Stepped {
    let mut next = Ticket {
        version: ticket.version + 1,
        ..ticket.clone()
    };
    match event {
        Event::Confirm { by, roles } => confirm(next, by, &roles, rules, now),
        Event::Cancel { by } => cancel(next, by, now),
        Event::Vote { vote, roles_now } => cast(next, vote, &roles_now, rules, now),
        Event::Start { lease, roles_now } => start(next, lease, &roles_now, rules, now),
        Event::Renew(lease, news) => renew(next, lease, *news, now),
        Event::Park {
            holder,
            parked,
            report,
        } => {
            next.shown = *report;
            park(next, &holder, *parked)
        }
        Event::Sign { vote } => sign(next, vote, now),
        Event::Wake { lease, roles_now } => wake(next, lease, &roles_now, rules, now),
        Event::Direct { by, directive } => direct(next, by, directive),
        Event::Finish {
            holder,
            outcome,
            report,
        } => {
            next.shown = *report;
            finish(next, &holder, outcome, now)
        }
        Event::Tick => tick(next, now),
    }
}

fn confirm(mut t: Ticket, by: UserId, roles: &[RoleId], rules: &Rules, now: Timestamp) -> Stepped {
    waiting_for(&t, &Stage::AwaitingConfirm, now)?;
    if by != t.requester.user {
        return Err(Refusal(click::only_confirms(t.requester.user)));
    }
    still_may(&t, roles, rules)?;
    ready(&mut t, now);
    Ok((
        t,
        vec![Effect::Record("confirmed", String::new()), Effect::Launch],
    ))
}

fn cancel(mut t: Ticket, by: UserId, now: Timestamp) -> Stepped {
    if !matches!(t.stage, Stage::AwaitingConfirm | Stage::AwaitingApproval) {
        return Err(decided(&t));
    }
    if by != t.requester.user {
        return Err(Refusal(click::only_takes_back(t.requester.user)));
    }
    end(&mut t, Outcome::Cancelled, now);
    Ok((t, vec![Effect::Record("cancelled", String::new()), Effect::Show]))
}

fn cast(mut t: Ticket, vote: Vote, roles_now: &RolesNow, rules: &Rules, now: Timestamp) -> Stepped {
    waiting_for(&t, &Stage::AwaitingApproval, now)?;
    let Some(quorum) = t.quorum().cloned() else {
        return Err(decided(&t));
    };
    if let Some(earlier) = t.votes.iter().find(|v| v.user == vote.user) {
        return Err(Refusal(click::voted_already(earlier.approve, earlier.at)));
    }
    if vote.user == t.requester.user {
        return Err(Refusal(click::not_your_own(vote.approve)));
    }
    let none = Vec::new();
    let roles = roles_now.get(&vote.user).unwrap_or(&none);
    let approvers = quorum.approvers();
    if !approvers.iter().any(|w| w.is(vote.user, roles)) {
        let who = crate::policy::list_who(&approvers);
        return Err(Refusal(click::not_yours(&who)));
    }
    if vote.approve {
        if forbidden(rules, &question(&t, vote.user, roles)) {
            return Err(Refusal(click::forbidden_to_you()));
        }
        // With the roles of the asking: those of now are read at the start.
        still_may(&t, &t.requester.roles, rules)?;
    }
    t.votes.push(vote.clone());
    if !vote.approve {
        end(&mut t, Outcome::Denied, now);
        let why = vote.reason.unwrap_or_default();
        return Ok((t, vec![Effect::Record("denied", why), Effect::Show]));
    }
    let mut effects = vec![Effect::Record("approved", String::new()), Effect::Show];
    if count(&t, &quorum, roles_now, rules).met {
        ready(&mut t, now);
        effects.push(Effect::Launch);
    }
    Ok((t, effects))
}

fn start(mut t: Ticket, lease: Lease, roles_now: &RolesNow, rules: &Rules, now: Timestamp) -> Stepped {
    if t.stage != Stage::Ready {
        return Err(decided(&t));
    }
    if t.execute_by.is_none_or(|by| now >= by) {
        return Err(Refusal(click::started_too_late()));
    }
    if let Some(lapsed) = stands(&t, roles_now, rules)? {
        // The approval is void, the request is not: somebody else can still approve while the first clock runs.
        t.votes.retain(|v| !lapsed.contains(&v.user));
        t.stage = Stage::AwaitingApproval;
        t.execute_by = None;
        let detail = say::no_longer_approvers(&lapsed).plain();
        return Ok((
            t,
            vec![Effect::Record(event::APPROVAL_LAPSED, detail), Effect::Show],
        ));
    }
    t.started = Some(now);
    t.stage = Stage::Running(lease);
    Ok((t, vec![Effect::Record("started", String::new()), Effect::Show]))
}

/// Whether what was decided still holds, by the rules and roles of now: the requester's right, no gate stricter than the
/// one that was passed, and the quorum. Where the quorum does not hold, gives those who are no approvers any more. An edit
/// of rules that speak of something else changes nothing.
///
/// # Errors
/// When the request itself no longer stands.
pub fn stands(t: &Ticket, roles_now: &RolesNow, rules: &Rules) -> Result<Option<Vec<UserId>>, Refusal> {
    let roles = roles_now.get(&t.requester.user).map_or(&[][..], Vec::as_slice);
    still_may(t, roles, rules)?;
    let Some(quorum) = t.quorum() else {
        return Ok(None);
    };
    let count = count(t, quorum, roles_now, rules);
    Ok((!count.met).then_some(count.lapsed))
}

/// Counts the approvals; those of people whom a rule forbids it count no more.
fn count(t: &Ticket, quorum: &Quorum, roles_now: &RolesNow, rules: &Rules) -> Tally {
    let bound = |vote: &&Vote| {
        let roles = roles_now.get(&vote.user).map_or(&[][..], Vec::as_slice);
        vote.approve && forbidden(rules, &question(t, vote.user, roles))
    };
    let lapsed: Vec<UserId> = t.votes.iter().filter(bound).map(|v| v.user).collect();
    let votes: Vec<Vote> = t
        .votes
        .iter()
        .filter(|v| !lapsed.contains(&v.user))
        .cloned()
        .collect();
    let mut count = tally(quorum, t.requester.user, &votes, roles_now);
    count.lapsed.extend(lapsed);
    count
}

fn question<'a>(t: &'a Ticket, user: UserId, roles: &'a [RoleId]) -> Question<'a> {
    Question {
        user,
        roles,
        command: &t.command,
        verb: t.verb,
        scopes: &t.scopes,
    }
}

/// The requester's right, with the roles given, behind a gate that is no stricter than the one of the ticket.
fn still_may(t: &Ticket, roles: &[RoleId], rules: &Rules) -> Result<(), Refusal> {
    match judge(rules, &question(t, t.requester.user, roles)) {
        Verdict::Allowed(gate) => {
            let wants_reason = matches!(&gate, Gate::Approve(quorum) if quorum.reason);
            if t.gate.covers(&gate) && (t.reason.is_some() || !wants_reason) {
                Ok(())
            } else {
                Err(Refusal(click::stricter_now()))
            }
        }
        Verdict::Denied(_) => Err(Refusal(click::role_gone(t.requester.user))),
    }
}

fn renew(mut t: Ticket, lease: Lease, news: News, now: Timestamp) -> Stepped {
    match &t.stage {
        Stage::Running(current) if current.holder == lease.holder || now >= current.until => {
            t.stage = Stage::Running(lease);
            t.released = news.released.unwrap_or(t.released);
            if let Some(ran) = news.ran {
                t.ran_ms = u64::try_from(ran.as_millis()).unwrap_or(u64::MAX);
            }
            let mut effects = Vec::new();
            if news.lapsed_hold {
                t.directive = Directive::Continue;
                effects.push(Effect::Record(event::HOLD_LAPSED, String::new()));
                let held_by = t.held_by.take();
                effects.extend(held_by.map(|person| Effect::Call(person, texts::news::hold_lapsed())));
            }
            let Some(shown) = news.shown else {
                return Ok((t, effects));
            };
            t.shown = shown;
            effects.push(Effect::Say);
            Ok((t, effects))
        }
        Stage::Running(_) => Err(Refusal(click::another_process())),
        _ => Err(decided(&t)),
    }
}

fn park(mut t: Ticket, holder: &str, parked: Parked) -> Stepped {
    match &t.stage {
        Stage::Running(lease) if lease.holder == holder => {}
        Stage::Running(_) => return Err(Refusal(click::another_process())),
        _ => return Err(decided(&t)),
    }
    let step = parked.step.clone();
    t.stage = Stage::Parked(parked);
    t.released = false;
    Ok((t, vec![Effect::Record("parked", step), Effect::Say]))
}

fn sign(mut t: Ticket, vote: Vote, now: Timestamp) -> Stepped {
    let Stage::Parked(Parked {
        step,
        until: Until::SignOff { by, lapses, .. },
    }) = &t.stage
    else {
        return Err(decided(&t));
    };
    if !by.iter().any(|who| who.is(vote.user, &vote.roles)) {
        let who = crate::policy::list_who(by);
        return Err(Refusal(texts::workflow::not_yours_to_sign(&who)));
    }
    if now >= *lapses {
        return Err(Refusal(click::lapsed(*lapses)));
    }
    let (word, by) = if vote.approve {
        let by = Woken::Signed {
            by: vote.user,
            at: now,
        };
        (event::SIGNED_OFF, by)
    } else {
        let by = Woken::Refused {
            by: vote.user,
            at: now,
            why: vote.reason.clone(),
        };
        (event::NOT_SIGNED_OFF, by)
    };
    let step = step.clone();
    t.stage = Stage::Parked(Parked {
        step: step.clone(),
        until: Until::Time(now),
    });
    t.woken = Some(WokenAt { step, by });
    let detail = vote.reason.unwrap_or_default();
    Ok((t, vec![Effect::Record(word, detail), Effect::Launch]))
}

/// What a parked run goes on with, once it may.
fn wake(mut t: Ticket, lease: Lease, roles_now: &RolesNow, rules: &Rules, now: Timestamp) -> Stepped {
    let Stage::Parked(parked) = &t.stage else {
        return Err(decided(&t));
    };
    if !parked.is_due(now) {
        return Err(Refusal(texts::workflow::parked()));
    }
    if stands(&t, roles_now, rules)?.is_some() {
        return Err(Refusal(texts::workflow::approvers_no_more()));
    }
    if t.woken.as_ref().is_none_or(|woken| woken.step != parked.step) {
        let by = match parked.until {
            Until::Time(_) => Woken::Due,
            Until::SignOff { .. } => Woken::Lapsed,
        };
        t.woken = Some(WokenAt {
            step: parked.step.clone(),
            by,
        });
    }
    t.stage = Stage::Running(lease);
    Ok((t, vec![Effect::Record("woken", String::new())]))
}

impl Parked {
    /// Whether the run can go on.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        let at = match &self.until {
            Until::Time(at) => at,
            Until::SignOff { lapses, .. } => lapses,
        };
        now >= *at
    }
}

fn direct(mut t: Ticket, by: UserId, directive: Directive) -> Stepped {
    if !matches!(t.stage, Stage::Running(_)) {
        return Err(decided(&t));
    }
    if t.directive == directive {
        return Err(Refusal(click::asked_already()));
    }
    t.directive = directive;
    t.held_by = (directive == Directive::Hold).then_some(by);
    let word = format!("{directive:?} by {by}");
    Ok((t, vec![Effect::Record("directed", word)]))
}

fn finish(mut t: Ticket, holder: &str, outcome: Outcome, now: Timestamp) -> Stepped {
    match &t.stage {
        Stage::Done(_) => return Err(decided(&t)),
        Stage::Running(lease) if lease.holder != holder => {
            return Err(Refusal(click::another_process()));
        }
        _ => {}
    }
    end(&mut t, outcome, now);
    let title = t.shown.title.plain();
    Ok((t, vec![Effect::Record("finished", title), Effect::Say]))
}

fn tick(mut t: Ticket, now: Timestamp) -> Stepped {
    let over = match t.stage {
        Stage::AwaitingConfirm | Stage::AwaitingApproval => now >= t.approve_by,
        Stage::Ready => t.execute_by.is_some_and(|by| now >= by),
        Stage::Running(_) | Stage::Parked(_) | Stage::Done(_) => false,
    };
    if !over {
        return Err(Refusal(click::not_due()));
    }
    end(&mut t, Outcome::Expired, now);
    Ok((t, vec![Effect::Record("expired", String::new()), Effect::Show]))
}

/// The stage and the first clock.
fn waiting_for(t: &Ticket, stage: &Stage, now: Timestamp) -> Result<(), Refusal> {
    if t.stage != *stage {
        return Err(decided(t));
    }
    if now >= t.approve_by {
        return Err(Refusal(click::lapsed(t.approve_by)));
    }
    Ok(())
}

fn ready(t: &mut Ticket, now: Timestamp) {
    t.stage = Stage::Ready;
    t.execute_by = Some(now.checked_add(t.run_within).unwrap_or(Timestamp::MAX));
}

fn end(t: &mut Ticket, outcome: Outcome, now: Timestamp) {
    t.stage = Stage::Done(outcome);
    t.ended = Some(now);
}

/// What a late click reads: what became of it, by whom, when.
fn decided(t: &Ticket) -> Refusal {
    let last = t.votes.last();
    let when = t.ended.or(t.started).unwrap_or(t.created);
    Refusal(match (&t.stage, last) {
        (Stage::AwaitingConfirm, _) => click::waits_for(t.requester.user),
        (Stage::AwaitingApproval, _) => click::waits_for_approval(),
        (Stage::Ready, _) => click::decided(),
        (Stage::Running(_), Some(v)) if v.approve => click::approved_and_runs(v.user, v.at),
        (Stage::Running(_), _) => click::runs_since(when),
        (Stage::Parked(_), _) => texts::workflow::goes_on_by_itself(),
        (Stage::Done(Outcome::Denied), Some(v)) => click::denied(v.user, v.at),
        (Stage::Done(Outcome::Cancelled), _) => click::taken_back(t.requester.user, when),
        (Stage::Done(Outcome::Expired), _) => click::lapsed(when),
        (Stage::Done(outcome), _) => click::over(&outcome.word().into(), when),
    })
}

impl Ticket {
    /// The state in which a new ticket begins, by its gate.
    #[must_use]
    pub fn first_stage(gate: &Gate) -> Stage {
        match gate {
            Gate::None => Stage::Ready,
            Gate::Confirm => Stage::AwaitingConfirm,
            Gate::Approve(_) => Stage::AwaitingApproval,
        }
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
