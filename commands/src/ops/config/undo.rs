//! `/ceo config undo`: puts back what a key of a ConfigMap said before one of the bot's own changes.

use super::{
    super::{
        contract::{Args, Change, Context, Draft, Finished, Spec},
        options,
        rights::{self, GET, PATCH, Rbac},
    },
    key_change::{KeyPlan, MAPS, Wanted, execute, map_of},
    set::{ConfigSet, MAP},
};
use crate::{
    cluster::target as target_in_words,
    failure::Failure,
    input::{BadInput, Input, ObjectName, Opt},
    model::Scope,
    policy::Verb,
    ports::TicketFilter,
    texts::{config as say, workflow::step},
    ticket::{Outcome, Ticket},
    workflow::Run,
};

const TICKET: Opt<Option<i64>> = Opt::long("ticket", 1..=LARGEST).about(say::which).optional();

/// The largest number that Discord knows.
const LARGEST: i64 = 9_007_199_254_740_991;
/// Changes that one can go back from.
const KEPT: u32 = 10;

/// The command.
pub struct ConfigUndo;

/// Its words.
pub struct ConfigUndoArgs {
    map: ObjectName,
    ticket: Option<i64>,
}

impl Args for ConfigUndoArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let args = Self {
            map: input.take(&MAP)?,
            ticket: input.take(&TICKET)?,
        };
        map_of(&args.map)?;
        Ok(args)
    }

    fn verb(&self) -> Verb {
        Verb::Release
    }

    fn scope(&self) -> Scope {
        Scope::namespace(&self.map.cluster, &self.map.namespace)
    }
}

impl Change for ConfigUndo {
    const SPEC: Spec = Spec::new("config undo", Verb::Release)
        .about(say::undo_summary)
        .because(say::reason_to_undo)
        .private()
        .options(&[&MAP, &TICKET, &options::REASON])
        .rbac(&[Rbac::on("core/configmaps", GET | PATCH), rights::EVENTS]);
    const EVENT: &'static str = "CeoConfigurationUndone";
    const STEPS: &'static [&'static str] = &[step::SET_KEY];
    type Args = ConfigUndoArgs;
    type Plan = KeyPlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let map = &args.map;
        let filter = TicketFilter {
            target: Some(target_in_words(&map.cluster, &map.namespace, MAPS, &map.name)),
            outcome: Some(Outcome::Succeeded),
            limit: KEPT,
            ..TicketFilter::default()
        };
        let tickets = cx.records.tickets(filter).await?;
        let (number, change) = chosen(map, &tickets, args.ticket)?;
        if change.forgotten {
            let lost = BadInput::new(say::was_not_kept(&change.key, number));
            return Err(lost.hint(say::where_secrets_come_from()).into());
        }
        let wanted = Wanted {
            map,
            key: &change.key,
            to: change.from.as_deref(),
        };
        let mut draft = wanted.plan(cx).await?;
        if draft.plan.from != change.to {
            draft.preview = draft.preview.line(say::changed_since(number));
        }
        Ok(draft)
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        execute(plan, run).await
    }
}

/// The change to go back from: the one that was named, else the newest.
fn chosen(map: &ObjectName, tickets: &[Ticket], wanted: Option<i64>) -> Result<(i64, KeyPlan), BadInput> {
    let ours =
        |ticket: &&Ticket| [ConfigSet::SPEC.path, ConfigUndo::SPEC.path].contains(&ticket.command.as_str());
    let changes: Vec<(i64, KeyPlan)> = tickets
        .iter()
        .filter(ours)
        .filter_map(|ticket| {
            let plan = serde_json::from_value(ticket.plan.clone()).ok()?;
            Some((ticket.id.0, plan))
        })
        .collect();
    let numbers: Vec<String> = changes.iter().map(|(number, _)| number.to_string()).collect();
    let meant = match wanted {
        Some(wanted) => changes.into_iter().find(|(number, _)| *number == wanted),
        None => changes.into_iter().max_by_key(|(number, _)| *number),
    };
    meant.ok_or_else(|| match numbers.as_slice() {
        [] => BadInput::new(say::nothing_to_undo(&map.name)).hint(say::only_own_changes()),
        _ => BadInput::new(say::no_such_change(&map.name, wanted.unwrap_or_default()))
            .hint(say::changes_are(&numbers)),
    })
}
