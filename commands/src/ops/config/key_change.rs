//! A change of one key of a ConfigMap: planned, shown, written once. What was there before is kept with the ticket, which is
//! the way back.

use json_patch::PatchOperation;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    super::{
        contract::{Context, Draft, Finished},
        diff, restart,
    },
    users::{self, Notices, User},
};
use crate::{
    cluster::{Patch, patch, precondition_of_value, target as target_in_words},
    failure::Failure,
    input::{BadInput, ObjectName},
    model::{Report, Scope, Text, Tone},
    policy::Verb,
    redact::Redactor,
    texts::{self, config as say, workflow::step},
    ticket::{Outcome, Precondition},
    workflow::{Run, Written},
};

/// ConfigMaps, as paths write them.
pub(super) const MAPS: &str = "configmaps";
/// Where their texts stand.
const DATA: &str = "/data";
/// Buttons that restart who uses it.
const RESTARTS: usize = 3;

/// The ConfigMap of a name. A Secret's values are not typed into a chat.
pub(super) fn map_of(name: &ObjectName) -> Result<(), BadInput> {
    match name.kind.as_deref() {
        None | Some("configmap") => Ok(()),
        Some("secret") => {
            Err(BadInput::new(say::no_secrets(&name.name)).hint(say::where_secrets_come_from()))
        }
        Some(other) => Err(BadInput::new(say::no_config_map(&format!(
            "{other}/{}",
            name.name
        )))),
    }
}

/// What will be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeyPlan {
    pub(super) cluster: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) key: String,
    /// What it says now; `None` where there is no such key.
    pub(super) from: Option<String>,
    /// What it shall say; `None` takes it away.
    pub(super) to: Option<String>,
    /// Whether what it said before looks like a secret, and is not kept.
    #[serde(default)]
    pub(super) forgotten: bool,
    /// Whether the object has texts at all.
    has_data: bool,
    precondition: Precondition,
    users: Vec<User>,
}

impl KeyPlan {
    fn path(&self) -> String {
        let key = self.key.replace('~', "~0").replace('/', "~1");
        format!("{DATA}/{key}")
    }

    fn operations(&self) -> Vec<PatchOperation> {
        match &self.to {
            Some(to) if self.has_data => vec![patch::add(&self.path(), to.as_str())],
            Some(to) => vec![patch::add(DATA, json!({ self.key.as_str(): to }))],
            None => vec![patch::remove(&self.path())],
        }
    }

    fn scope(&self) -> Scope {
        Scope::namespace(&self.cluster, &self.namespace)
    }
}

/// Which key of which ConfigMap shall say what.
pub(super) struct Wanted<'a> {
    pub(super) map: &'a ObjectName,
    pub(super) key: &'a str,
    pub(super) to: Option<&'a str>,
}

impl Wanted<'_> {
    /// Reads the object, rehearses the change, and says what it would do.
    pub(super) async fn plan(&self, cx: &Context<'_>) -> Result<Draft<KeyPlan>, Failure> {
        let Self { map, key, to } = self;
        let (cluster, namespace) = (&map.cluster, &map.namespace);
        let object = cx.view.value(cluster, namespace, MAPS, &map.name).await?;
        if object["immutable"] == true {
            return Err(BadInput::new(say::immutable(&map.name))
                .hint(say::make_another())
                .into());
        }
        if !object["binaryData"][key].is_null() {
            return Err(BadInput::new(say::binary(&map.name, key)).into());
        }
        let from = object["data"][key].as_str();
        if from == *to {
            return Err(BadInput::new(say::same(&map.name, key))
                .hint(say::nothing_changed())
                .into());
        }
        // What is stored with the ticket, and stands on its card, must hold no secret.
        let redactor = cx.view.redactor(cluster, namespace, cx.redactor).await?;
        if to.is_some_and(|to| is_secret(&redactor, key, to)) {
            return Err(BadInput::new(say::holds_a_secret(key))
                .hint(say::where_secrets_come_from())
                .into());
        }
        let forgotten = from.is_some_and(|from| is_secret(&redactor, key, from));
        let precondition = precondition_of_value(cluster, MAPS, &object, &[]);
        let mut plan = KeyPlan {
            cluster: cluster.clone(),
            namespace: namespace.clone(),
            name: map.name.clone(),
            key: (*key).to_owned(),
            from: from.filter(|_| !forgotten).map(str::to_owned),
            to: to.map(str::to_owned),
            forgotten,
            has_data: object["data"].is_object(),
            precondition,
            users: users::of(&cx.view.cached(cluster, namespace)?, &map.name, key),
        };
        let held = if plan.has_data {
            plan.path()
        } else {
            DATA.to_owned()
        };
        plan.precondition = precondition_of_value(cluster, MAPS, &object, &[&held, "/immutable"]);
        cx.view.rehearse(&rehearsal(&plan)).await?;
        Ok(Draft {
            preview: preview(&plan, from, &redactor),
            verb: Verb::Release,
            scopes: vec![plan.scope()],
            risks: vec![],
            preconditions: vec![plan.precondition.clone()],
            targets: vec![target_in_words(cluster, namespace, MAPS, &plan.name)],
            plan,
        })
    }
}

/// Whether a text looks like a secret, alone or under its key.
fn is_secret(redactor: &Redactor, key: &str, text: &str) -> bool {
    redactor.text(text) != text || text.lines().any(|line| redactor.value(key, line) != line)
}

/// The operations on the object that was read, and no other of its name.
fn rehearsal(plan: &KeyPlan) -> Patch {
    let mut ops = plan.operations();
    ops.insert(0, patch::test("/metadata/uid", plan.precondition.uid.as_str()));
    Patch {
        cluster: plan.cluster.clone(),
        namespace: plan.namespace.clone(),
        resource: MAPS.to_owned(),
        name: plan.name.clone(),
        ops,
    }
}

fn preview(plan: &KeyPlan, from: Option<&str>, redactor: &Redactor) -> Report {
    let mut report = Report {
        title: match plan.to {
            Some(_) => say::question(&plan.key, &plan.name),
            None => say::question_of_removal(&plan.key, &plan.name),
        },
        ..Report::default()
    }
    .at(plan.scope().place())
    .field(texts::impact::effect(), effect(&plan.users));
    let hidden = |line: &str| redactor.value(&plan.key, line);
    let values = diff::Values {
        name: &plan.key,
        before: from,
        after: plan.to.as_deref(),
    };
    diff::values(&values, &hidden).add_to(&mut report);
    if plan.forgotten {
        report = report.field(texts::status::note(), say::not_kept());
    }
    report
}

fn effect(users: &[User]) -> Text {
    if users.is_empty() {
        return say::nobody_uses_it();
    }
    Text::joined(users.iter().map(User::line), &Text::from("; "))
}

/// Writes it, once, and says who does not notice it by themselves.
pub(super) async fn execute(plan: KeyPlan, run: &Run<'_>) -> Result<Finished, Failure> {
    let (object, ops) = (&plan.precondition, &plan.operations());
    run.once(
        step::SET_KEY,
        |writer| async move { Ok(Written::of(&writer.patch(object, ops).await?)) },
        |before| run.look(step::SET_KEY, object, before, |now| is_done(&plan, ops, now)),
    )
    .await?;
    let title = match plan.to {
        Some(_) => say::set(&plan.key, &plan.name),
        None => say::removed(&plan.key, &plan.name),
    };
    let mut report = Report::new(Tone::Good, title)
        .at(plan.scope().place())
        .lines(plan.users.iter().map(User::line));
    let waiting = plan.users.iter().filter(|user| user.notices == Notices::AtStart);
    for user in waiting.take(RESTARTS) {
        report = report.action(restart::button(&user.workload));
    }
    Ok(Finished {
        outcome: Outcome::Succeeded,
        report,
    })
}

/// What was taken away is not there; what was set is.
fn is_done(plan: &KeyPlan, ops: &[PatchOperation], now: &Value) -> bool {
    match plan.to {
        Some(_) => patch::is_done_in(ops, now),
        None => now["data"][&plan.key].is_null(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(key: &str, to: Option<&str>, has_data: bool) -> KeyPlan {
        serde_json::from_value(
            json!({ "cluster": "prod", "namespace": "shop", "name": "settings", "key": key,
            "from": "info", "to": to, "has_data": has_data, "users": [], "precondition": {
            "resource": "configmaps", "cluster": "prod", "namespace": "shop", "name": "settings", "uid": "u1",
            "fields": [["/data/level", "ab"]] } }),
        )
        .unwrap()
    }

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let ops = |plan: &KeyPlan| serde_json::to_value(plan.operations()).unwrap();
        assert_eq!(
            ops(&plan("app/level~", Some("debug"), true)),
            json!([{ "op": "add", "path": "/data/app~1level~0", "value": "debug" }])
        );
        assert_eq!(
            ops(&plan("level", Some("debug"), false)),
            json!([{ "op": "add", "path": "/data", "value": { "level": "debug" } }])
        );
        assert_eq!(
            ops(&plan("level", None, true)),
            json!([{ "op": "remove", "path": "/data/level" }])
        );
        let gone = plan("level", None, true);
        assert!(is_done(&gone, &gone.operations(), &json!({ "data": {} })));
        assert!(!is_done(
            &gone,
            &gone.operations(),
            &json!({ "data": { "level": "info" } })
        ));
    }

    #[test]
    fn what_looks_like_a_secret_is_one() {
        let redactor = Redactor::default();
        for (key, text) in [
            ("DB_PASSWORD", "hunter2222"),
            ("url", "postgres://u:pa55word@db/x"),
            ("app.conf", "level=info\npassword=hunter2222"),
        ] {
            assert!(is_secret(&redactor, key, text), "{key}: {text}");
        }
        for (key, text) in [
            ("LEVEL", "debug"),
            ("app.conf", "level=info\nworkers=4"),
            ("x", ""),
        ] {
            assert!(!is_secret(&redactor, key, text), "{key}: {text}");
        }
    }
}
