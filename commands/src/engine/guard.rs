//! The rules, applied: what a person may, what stands before it, and whether anybody could open it.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::{
    inner::Inner,
    interaction::{Ask, Form, FormField, Opening, REASON, REASON_MAX},
};
use crate::{
    failure::{Failure, Refused},
    input::{Input, Value},
    model::{Act, Actor, Scope, Text, UserId},
    ops::{
        Entry, Handler, catalogue,
        contract::{Rights, Spec},
    },
    policy::{Crowd, Gate, Question, Quorum, Verb, Verdict, Who, Why, denied, judge, who_may},
    texts::engine as say,
    ticket::RolesNow,
};

/// A request that was read and judged.
pub(crate) struct Judged {
    pub(crate) entry: &'static Entry,
    pub(crate) input: Input,
    pub(crate) reason: Option<String>,
    /// How much it can do with these words.
    pub(crate) verb: Verb,
    /// What it is about, as far as the words tell.
    pub(crate) scope: Option<Scope>,
    /// Whether the answer is for the asker alone.
    pub(crate) private: bool,
    pub(crate) gate: Gate,
}

impl Judged {
    /// What it is about, in words.
    pub(crate) fn place(&self) -> String {
        self.scope.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

impl Inner {
    /// Reads the words and judges them by verb and scope: a lower bound, from memory alone.
    pub(crate) fn judge_ask(&self, ask: &Ask) -> Result<Judged, Failure> {
        let entry = self.catalogue.find(&ask.command).ok_or_else(|| {
            crate::input::BadInput::new(say::no_command(&ask.command)).hint(say::see_help())
        })?;
        let mut options = ask.options.clone();
        let reason = match options.remove(REASON) {
            Some(Value::Text(text)) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
            Some(other) => Some(other.to_string()),
            None => None,
        };
        let input = Input::new(options, ask.place.clone());
        let said = entry.inspect(input.clone())?;
        let gate = match &said.scope {
            Some(scope) => self.gate(&ask.actor, &entry.spec, said.verb, std::slice::from_ref(scope))?,
            // What it is about is judged when it is known.
            None => Gate::None,
        };
        Ok(Judged {
            entry,
            input,
            reason,
            verb: said.verb,
            scope: said.scope,
            private: entry.spec.private && !said.shared,
            gate,
        })
    }

    /// The gate before a command, or the refusal that names who may.
    pub(crate) fn gate(
        &self,
        actor: &Actor,
        spec: &Spec,
        verb: Verb,
        scopes: &[Scope],
    ) -> Result<Gate, Refused> {
        let command = spec.path;
        let q = Question {
            user: actor.user,
            roles: &actor.roles,
            command,
            verb,
            scopes,
        };
        let place = scopes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        match judge(&self.rules, &q) {
            Verdict::Allowed(gate) => Ok(gate),
            Verdict::Denied(Why::NoApprover) => Err(Refused::Unsatisfiable {
                command: command.to_owned(),
                place,
                needs: say::no_approver_named(),
            }),
            Verdict::Denied(Why::NoRule | Why::Forbidden) => {
                let who_may = scopes
                    .first()
                    .map(|scope| who_may(&self.rules, command, verb, scope))
                    .unwrap_or_default()
                    .into_iter()
                    .filter(|w| !w.is(actor.user, &actor.roles))
                    .collect();
                Err(Refused::NotAllowed {
                    command: command.to_owned(),
                    verb,
                    place,
                    who_may,
                })
            }
        }
    }

    /// Whether people other than the asker could open the gate, as the chat counts them now. Gives how many could.
    pub(crate) async fn could_open(
        &self,
        q: &Question<'_>,
        quorum: &Quorum,
        place: &str,
    ) -> Result<u64, Failure> {
        let crowd = self.crowd(q, quorum).await?;
        if !crowd.could_open(quorum) {
            return Err(Failure::Refused(Refused::Unsatisfiable {
                command: q.command.to_owned(),
                place: place.to_owned(),
                needs: say::too_few_besides_you(&quorum.in_words()),
            }));
        }
        Ok(crowd.approvers(quorum))
    }

    /// The people besides the asker whom no rule denies it. Where rules deny something, the roles of whom they or the gate
    /// name by id are read as well: somebody denied is no approver by any of their roles.
    async fn crowd(&self, q: &Question<'_>, quorum: &Quorum) -> Result<Crowd, Failure> {
        let counts = self.ports.members.role_counts();
        let counts = counts.await.map_err(|e| Failure::Dependency {
            what: "Discord".into(),
            detail: e.0,
        })?;
        let denied = denied(&self.rules, q.command, q.verb, q.scopes);
        let crowd = Crowd::new(counts).asked_by(q.user, q.roles);
        if denied.is_empty() {
            return Ok(crowd);
        }
        let named: BTreeSet<UserId> = denied
            .iter()
            .chain(&quorum.approvers())
            .filter_map(|who| match who {
                Who::User(user) if *user != q.user => Some(*user),
                _ => None,
            })
            .collect();
        let known = roles(self, named.into_iter()).await?;
        let crowd = known
            .iter()
            .fold(crowd, |crowd, (user, roles)| crowd.knowing(*user, roles));
        Ok(crowd.without(denied))
    }

    /// How the first response must be.
    pub(crate) fn opening(&self, ask: &Ask) -> Opening {
        let Ok(judged) = self.judge_ask(ask) else {
            return Opening::Private;
        };
        match (&judged.entry.handler, &judged.gate) {
            (Handler::Query(_), _) if judged.private => Opening::Private,
            (Handler::Query(_), _) => Opening::Public,
            (Handler::Change(_), Gate::Approve(quorum)) if quorum.reason && judged.reason.is_none() => {
                Opening::Modal(self.reason_form(ask, (judged.entry.spec.reason)()))
            }
            (Handler::Change(_) | Handler::Record(_), _) => Opening::Private,
        }
    }

    fn reason_form(&self, ask: &Ask, example: Text) -> Form {
        Form {
            act: Act::Run,
            subject: self.views.hold(ask.clone(), self.now()),
            extra: None,
            title: say::reason_form::title(&ask.command),
            fields: vec![FormField {
                id: REASON.into(),
                label: say::reason_form::label(),
                paragraph: true,
                required: true,
                max: REASON_MAX,
                placeholder: example,
            }],
        }
    }
}

impl Rights for Inner {
    fn commands(&self) -> Vec<&'static Spec> {
        self.catalogue.entries().iter().map(|entry| &entry.spec).collect()
    }

    fn reads(&self, actor: &Actor, scope: &Scope) -> bool {
        let scopes = std::slice::from_ref(scope);
        let reading = catalogue::reading();
        let q = Question {
            user: actor.user,
            roles: &actor.roles,
            command: reading.path,
            verb: reading.verb,
            scopes,
        };
        matches!(judge(&self.rules, &q), Verdict::Allowed(_))
    }

    fn gate(&self, actor: &Actor, spec: &Spec, scope: &Scope) -> Option<Gate> {
        Inner::gate(self, actor, spec, spec.verb, std::slice::from_ref(scope)).ok()
    }

    fn who_may(&self, spec: &Spec, scope: &Scope) -> Vec<Who> {
        who_may(&self.rules, spec.path, spec.verb, scope)
    }
}

/// The roles of people, read from the chat now.
///
/// # Errors
/// When the chat does not say: an outage, not a denial.
pub(crate) async fn roles(inner: &Inner, people: impl Iterator<Item = UserId>) -> Result<RolesNow, Failure> {
    let read = people.map(|user| async move { (user, inner.ports.members.roles(user).await) });
    let mut now = RolesNow::new();
    for (user, roles) in join_all(read).await {
        let roles = roles.map_err(|e| Failure::Dependency {
            what: "Discord".into(),
            detail: e.0,
        })?;
        now.insert(user, roles);
    }
    Ok(now)
}
