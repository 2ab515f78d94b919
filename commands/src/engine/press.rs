//! Takes a button: finds what it belongs to, and applies what was pressed, again when somebody else was faster.

use std::{sync::Arc, time::Duration};

use super::{
    card, claim,
    guard::roles,
    inner::Inner,
    interaction::{Ask, Form, FormField, Opening, Press, REASON, REASON_MAX, Reply},
    rows::load,
    submit,
    transition::{self, author, transition},
    turn::Turn,
};
use crate::{
    failure::{Failure, Refused},
    input::{Value, options_from_line},
    model::{Act, Actor, Effect, Reference, Report, Text, TicketId, Tone},
    ops::Handler,
    policy::Verdict,
    texts::{self, engine as say},
    ticket::{Directive, Event, Outcome, Stage, Ticket, Vote},
};

/// How long an answer to a press waits for the start that it brought about.
const KNOWN_WITHIN: Duration = Duration::from_millis(1500);
/// How often it looks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl Inner {
    /// How the first response to a button must be.
    pub(crate) fn opening_of_press(&self, press: &Press) -> Opening {
        match press.act {
            Act::Run => match ask_of(self, press) {
                Some(ask) => self.opening(&ask),
                None => Opening::Private,
            },
            Act::Deny if press.form.is_none() => Opening::Modal(deny_form(press)),
            Act::Confirm | Act::Cancel if press.on_private => Opening::Replace,
            Act::Page => Opening::Replace,
            _ => Opening::Private,
        }
    }
}

fn deny_form(press: &Press) -> Form {
    Form {
        act: Act::Deny,
        subject: press.subject.clone(),
        extra: press.extra.clone(),
        title: say::deny_form::title(&press.subject),
        fields: vec![FormField {
            id: REASON.to_owned(),
            label: say::deny_form::label(),
            paragraph: true,
            required: true,
            max: REASON_MAX,
            placeholder: say::deny_form::example(),
        }],
    }
}

/// The command that a button or a form stands for.
fn ask_of(inner: &Inner, press: &Press) -> Option<Ask> {
    if let Some(entry) = inner.catalogue.of_button(press.act) {
        let subject = entry.spec.options.first()?.spec().name.to_owned();
        return Some(Ask {
            event: press.event.clone(),
            actor: press.actor.clone(),
            place: press.place.clone(),
            locale: press.locale,
            command: entry.spec.path.to_owned(),
            options: [(subject, Value::Text(press.subject.clone()))].into(),
        });
    }
    let reason = press
        .form
        .as_ref()
        .and_then(|f| f.get(REASON))
        .map(|r| Value::Text(r.clone()));
    let mut ask = if press.subject.starts_with('~') {
        let held = inner.views.held(&press.subject)?;
        // A form answers for the person who opened it, with the roles of now.
        (held.actor.user == press.actor.user).then(|| Ask {
            actor: press.actor.clone(),
            ..held
        })?
    } else {
        Ask {
            event: String::new(),
            actor: press.actor.clone(),
            place: press.place.clone(),
            locale: press.locale,
            command: press.subject.clone(),
            options: options_from_line(press.extra.as_deref().unwrap_or_default()),
        }
    };
    ask.event.clone_from(&press.event);
    if let Some(reason) = reason {
        ask.options.insert(REASON.to_owned(), reason);
    }
    Some(ask)
}

/// Takes a button.
pub(crate) async fn press(inner: &Arc<Inner>, press: Press) -> Reply {
    let reference = Reference::new();
    match handle(inner, &press, &reference).await {
        Ok(reply) => reply,
        Err(failure) => {
            let as_ask = Ask {
                event: press.event.clone(),
                actor: press.actor.clone(),
                place: press.place.clone(),
                locale: press.locale,
                command: press.act.word().to_owned(),
                options: Default::default(),
            };
            submit::refuse(inner, &as_ask, about(&press), &reference, failure).await
        }
    }
}

/// The ticket that a button of a card is about.
fn about(press: &Press) -> Option<TicketId> {
    use Act::{Approve, Cancel, Confirm, Deny, Hold, Promote, Resume, RollBackNow};
    let of_a_ticket =
        [Confirm, Cancel, Approve, Deny, Hold, Resume, RollBackNow, Promote].contains(&press.act);
    press.subject.parse().ok().filter(|_| of_a_ticket)
}

async fn handle(inner: &Arc<Inner>, press: &Press, reference: &Reference) -> Result<Reply, Failure> {
    let refused = |line| Failure::Refused(Refused::Ticket(line));
    match press.act {
        Act::Run => match ask_of(inner, press) {
            Some(ask) => Ok(Box::pin(submit::submit(inner, ask)).await),
            None => Err(refused(say::form_lapsed())),
        },
        Act::Page => turn_page(inner, press).await.map_err(refused),
        Act::Confirm | Act::Cancel | Act::Approve | Act::Deny => decide(inner, press, reference).await,
        Act::Hold | Act::Resume | Act::RollBackNow | Act::Promote => direct(inner, press, reference).await,
        act if inner.catalogue.of_button(act).is_some() => match ask_of(inner, press) {
            Some(ask) => Ok(Box::pin(submit::submit(inner, ask)).await),
            None => Err(refused(other_version())),
        },
        Act::Ack | Act::Silence | Act::Stop | Act::Logs | Act::Diagnose | Act::Continue => {
            Err(refused(other_version()))
        }
    }
}

/// Another page: of those that are kept, else of the same command asked again, with the rights of now.
async fn turn_page(inner: &Arc<Inner>, press: &Press) -> Result<Reply, Text> {
    let extra = press.extra.as_deref().unwrap_or_default();
    let to = Turn::parse(extra);
    let number = to
        .as_ref()
        .map_or_else(|| extra.parse().unwrap_or(0), |to| to.page);
    if let Some(report) = inner.views.page(&press.subject, press.actor.user, number)? {
        return Ok(Reply::told(Box::new(report), false));
    }
    let to = to.ok_or_else(say::pages_lapsed)?;
    to.must_be_of(press.actor.user)?;
    let ask = to.asked_by(press);
    let shows = inner
        .catalogue
        .find(&ask.command)
        .is_some_and(|entry| matches!(entry.handler, Handler::Query(_)));
    if !shows {
        return Err(say::pages_lapsed());
    }
    Ok(Box::pin(submit::submit_for(inner, ask, number)).await)
}

fn other_version() -> Text {
    say::other_version()
}

fn ticket_id(press: &Press) -> Result<TicketId, Failure> {
    press
        .subject
        .parse()
        .map_err(|_| Failure::Refused(Refused::Ticket(other_version())))
}

async fn decide(inner: &Arc<Inner>, press: &Press, reference: &Reference) -> Result<Reply, Failure> {
    let id = ticket_id(press)?;
    let ticket = turn(inner, press, id, reference).await?;
    let ticket = if ticket.stage == Stage::Ready {
        started(inner, ticket).await
    } else {
        ticket
    };
    let report = match (press.act, &ticket.stage) {
        (_, Stage::Parked(_)) => Report::new(Tone::Info, texts::workflow::signed_off(id)),
        (Act::Cancel | Act::Deny, _) => card::card(&ticket),
        (_, Stage::AwaitingApproval) => {
            Report::new(Tone::Waiting, say::more_approvals()).line(say::it_is_in(ticket.channel, id))
        }
        (_, Stage::Done(Outcome::Stale | Outcome::Expired)) => Report {
            tone: ticket.shown.tone,
            ..Report::new(Tone::Off, ticket.shown.title.clone()).line(texts::news::see(ticket.channel, id))
        },
        _ => {
            let report = submit::started(&ticket);
            let title = if press.act == Act::Confirm {
                say::confirmed(id)
            } else {
                say::approved(id)
            };
            // What holds it up stands first on its card.
            let held_up = ticket.stage == Stage::Ready && ticket.shown.tone == Tone::Waiting;
            let why = ticket.shown.texts().next().filter(|_| held_up).cloned();
            Report { title, ..report }.lines(why)
        }
    };
    let report = Report {
        actions: vec![],
        ..report
    };
    let private = press.act != Act::Confirm && press.act != Act::Cancel;
    let reply = Reply::told(Box::new(report), private);
    Ok(if press.act == Act::Confirm {
        reply.noting(id)
    } else {
        reply
    })
}

/// The ticket once it is known to have started, or not to: whoever opened the gate reads what came of it. Not for long, they
/// wait for the answer.
async fn started(inner: &Inner, ticket: Ticket) -> Ticket {
    let id = ticket.id;
    let known = async {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            let Ok(ticket) = load(inner, id).await else {
                continue;
            };
            let waits = ticket.shown.tone == Tone::Waiting;
            let settled = match &ticket.stage {
                Stage::Ready => waits,
                // It has begun once it is about to write, or shows how far it is.
                Stage::Running(_) => inner
                    .ports
                    .ledger
                    .steps(id)
                    .await
                    .is_ok_and(|steps| !steps.is_empty()),
                _ => true,
            };
            if settled {
                return ticket;
            }
        }
    };
    tokio::time::timeout(KNOWN_WITHIN, known).await.unwrap_or(ticket)
}

/// What a button means for a ticket as it stands now. Roles are read again each time: whoever voted meanwhile counts.
async fn event_of(inner: &Inner, press: &Press, ticket: &Ticket) -> Result<Event, Failure> {
    let by = press.actor.user;
    Ok(match press.act {
        Act::Confirm => Event::Confirm {
            by,
            // Discord sends them with the click.
            roles: press.actor.roles.clone(),
        },
        Act::Cancel => Event::Cancel { by },
        Act::Hold | Act::Resume | Act::RollBackNow | Act::Promote => Event::Direct {
            by,
            directive: directive_of(press.act),
        },
        _ => {
            let voters = ticket.votes.iter().map(|v| v.user);
            let roles_now = roles(inner, voters.chain([by])).await?;
            let reason = press.form.as_ref().and_then(|f| f.get(REASON));
            let vote = Vote {
                user: by,
                name: press.actor.name.clone(),
                roles: roles_now.get(&by).cloned().unwrap_or_default(),
                approve: press.act == Act::Approve,
                // What was typed may hold a secret by mistake: it is taken out before anything is stored.
                reason: reason.map(|reason| inner.ports.redactor.text(reason)),
                at: inner.now(),
            };
            match ticket.stage {
                Stage::Parked(_) => Event::Sign { vote },
                _ => Event::Vote { vote, roles_now },
            }
        }
    })
}

/// Tells a running change something. Whoever may ask for the command may steer it, and so may its requester.
async fn direct(inner: &Arc<Inner>, press: &Press, reference: &Reference) -> Result<Reply, Failure> {
    let id = ticket_id(press)?;
    let ticket = load(inner, id).await?;
    may_steer(inner, &ticket, &press.actor)?;
    let directive = directive_of(press.act);
    let controls = inner
        .catalogue
        .find(&ticket.command)
        .map_or(&[][..], |entry| entry.spec.controls);
    // What can be held can be resumed.
    let needed = if directive == Directive::Continue {
        Directive::Hold
    } else {
        directive
    };
    if !controls.contains(&needed) {
        return Err(Failure::Refused(Refused::Ticket(other_version())));
    }
    turn(inner, press, id, reference).await?;
    if let Some(run) = inner.runs.get(&id) {
        run.send_replace(directive);
    }
    let report = Report::new(Tone::Info, told(directive, id)).line(say::see_ticket(id));
    Ok(Reply::told(Box::new(report), true))
}

fn directive_of(act: Act) -> Directive {
    match act {
        Act::Hold => Directive::Hold,
        Act::RollBackNow => Directive::RollBack,
        Act::Promote => Directive::Promote,
        _ => Directive::Continue,
    }
}

fn told(directive: Directive, id: TicketId) -> Text {
    match directive {
        Directive::Continue => say::told_to_go_on(id),
        Directive::Hold => say::told_to_hold(id),
        Directive::RollBack => say::told_to_roll_back(id),
        Directive::Promote => say::told_to_promote(id),
        Directive::Cancel => say::told_to_stop(id),
    }
}

fn may_steer(inner: &Inner, ticket: &Ticket, actor: &Actor) -> Result<(), Failure> {
    if actor.user == ticket.requester.user {
        return Ok(());
    }
    let Some(entry) = inner.catalogue.find(&ticket.command) else {
        return Err(Failure::Internal(format!(
            "ticket {} is of an unknown command",
            ticket.id
        )));
    };
    let q = crate::policy::Question {
        user: actor.user,
        roles: &actor.roles,
        command: &ticket.command,
        verb: ticket.verb,
        scopes: &ticket.scopes,
    };
    match crate::policy::judge(&inner.rules, &q) {
        Verdict::Allowed(_) => Ok(()),
        Verdict::Denied(_) => inner
            .gate(actor, &entry.spec, ticket.verb, &ticket.scopes)
            .map(|_| ())
            .map_err(Failure::Refused),
    }
}

/// Applies a button to a ticket, and starts what it opened.
async fn turn(
    inner: &Arc<Inner>,
    press: &Press,
    id: TicketId,
    reference: &Reference,
) -> Result<Ticket, Failure> {
    let by = author(Some(&press.actor), reference);
    let by = &by;
    let settled = transition(inner, Some(&press.event), || async move {
        let ticket = load(inner, id).await?;
        let event = event_of(inner, press, &ticket).await?;
        transition::prepare(inner, &ticket, event, by)
    });
    match settled.await {
        Ok(Some(settled)) => {
            if settled.effects.contains(&Effect::Launch) {
                claim::launch(inner, id);
            }
            Ok(settled.outcome)
        }
        Ok(None) => Err(Failure::Refused(Refused::Ticket(say::click_counted()))),
        Err(failure) => {
            if matches!(failure, Failure::Refused(_)) {
                transition::expire_if_due(inner, id, reference).await;
            }
            Err(failure)
        }
    }
}
