//! What people do in the chat: they ask, confirm, approve, deny and take note.

use ceo_tests::{
    discord::{Message, Person},
    world::{IDS, settle, until},
};
use rand::{Rng as _, seq::IndexedRandom as _};

use crate::{
    story::{INTEREST, Step, Story},
    trouble::pause,
};

impl Story<'_> {
    fn person(&self, id: u64) -> Person {
        self.stage.discord.person(id)
    }

    /// Types a command and waits for the answer, which in an outage may not come.
    pub(crate) async fn say(&self, person: u64, line: &str) -> Option<Message> {
        let asked = self.person(person).slash(IDS.ops, line).await.ok()?;
        tokio::time::timeout(INTEREST, settle(&asked)).await.ok()?.ok()
    }

    /// Somebody says that they are on it, where something is told of it.
    pub(crate) async fn takes_note(&mut self) {
        let target = self.target();
        let told = self.stage.discord.messages(IDS.alerts).into_iter().rev();
        let found = told
            .filter(|m| m.from_bot && !m.deleted && m.text().contains(&target))
            .find(|m| m.labels().iter().any(|l| l == "Ack"));
        let who = [IDS.operator, IDS.lead].choose(&mut self.random).copied();
        if let (Some(found), Some(who)) = (found, who) {
            self.press(who, found.id, "Ack").await;
        }
    }

    async fn press(&self, person: u64, message: u64, button: &str) -> Option<Message> {
        let asked = self.person(person).press(message, button).await.ok()?;
        tokio::time::timeout(INTEREST, settle(&asked)).await.ok()?.ok()
    }

    /// The newest card about the workload that has such a button.
    async fn card(&self, button: &str) -> Option<Message> {
        let target = self.target();
        let look = || async {
            let all = self.stage.discord.messages(IDS.ops).into_iter().rev();
            let found = all
                .filter(|m| m.from_bot && !m.deleted && m.only_for.is_none())
                .find(|m| m.text().contains(&target) && m.labels().iter().any(|l| l == button));
            Ok(found)
        };
        until(INTEREST, look).await.ok()
    }

    pub(crate) async fn in_chat(&mut self, step: Step) {
        let target = self.target();
        if matches!(step, Step::ScaledInChat) {
            let count = self.random.random_range(1..=4);
            let asked = self
                .say(
                    IDS.operator,
                    &format!("/ceo scale workload:{target} replicas:{count}"),
                )
                .await;
            if let Some(asked) = asked {
                self.press(IDS.operator, asked.id, "Confirm").await;
            }
            return;
        }
        self.say(IDS.operator, &format!("/ceo rollback workload:{target}"))
            .await;
        let Some(card) = self.card("Approve").await else {
            return;
        };
        match step {
            Step::AskedAndDenied => {
                let Ok(asked) = self.person(IDS.lead).press(card.id, "Deny").await else {
                    return;
                };
                if let Ok(form) = asked.modal(INTEREST).await {
                    let inputs = form.inputs();
                    let name = inputs
                        .first()
                        .and_then(|i| i["custom_id"].as_str())
                        .unwrap_or_default();
                    let sent = self.person(IDS.lead).submit(&form, &[(name, "not now")]).await;
                    if let Ok(sent) = sent {
                        let _ = tokio::time::timeout(INTEREST, settle(&sent)).await;
                    }
                }
            }
            Step::AskedAndOvertaken => {
                self.good().await;
                pause(&mut self.random, 0..1000).await;
                self.press(IDS.lead, card.id, "Approve").await;
            }
            _ => {
                pause(&mut self.random, 0..1000).await;
                self.press(IDS.lead, card.id, "Approve").await;
            }
        }
    }
}
