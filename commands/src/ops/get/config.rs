//! `/ceo get config`: the keys of ConfigMaps and Secrets with their sizes, never a value; of a workload those that its pods
//! name, the missing ones first.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{self, List, Row},
        options,
        rights::{self, GET, LIST, Rbac},
    },
    family::{Family, MOST, Whose},
    references::{self, MAP, Named, References, SECRET},
};
use crate::{
    cluster::{ClusterError, Folded, NOT_OF_HELM, Select},
    failure::Failure,
    model::{Scope, Text, Timestamp, since},
    objects::{ConfigMap, Metadata, SecretKeys},
    policy::Verb,
    texts::get::{self, config as say},
};

/// The command.
pub struct GetConfig;

/// An object with the sizes of what it holds.
struct Held {
    kind: &'static str,
    name: String,
    made: Option<Timestamp>,
    sizes: BTreeMap<String, usize>,
}

impl Query for GetConfig {
    const SPEC: Spec = Spec::new("get config", Verb::Read)
        .stands_for(&[
            "kubectl get configmap",
            "kubectl get configmaps",
            "kubectl get cm",
            "kubectl get secret",
            "kubectl get secrets",
        ])
        .about(say::summary)
        .options(&[&options::FOR])
        .rbac(&[
            Rbac::on("core/configmaps", LIST),
            Rbac::on("core/pods", GET),
            Rbac::on("batch/jobs", GET),
        ])
        .also(&rights::ONE);
    type Args = Whose;

    async fn answer(&self, whose: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = whose.scope();
        let family = Family::asked(
            &whose,
            &[
                "deployment",
                "statefulset",
                "daemonset",
                "pod",
                "job",
                MAP,
                SECRET,
            ],
            "keys",
            cx,
        )
        .await?;
        let named = match &family {
            Some(family) => Some(named_by(family, &scope, cx).await?),
            None => None,
        };
        let maps = maps(&scope, cx).await?;
        let secrets = secrets(&scope, cx).await;
        let mut more = listing::unread(&maps);
        let mut held = maps.value;
        let maps = count(&held, MAP, named.as_ref());
        let mut notes = vec![say::no_values()];
        let secrets = match secrets {
            Ok(found) => {
                more = more.or(listing::unread(&found));
                let n = count(&found.value, SECRET, named.as_ref());
                held.extend(found.value);
                Some(n)
            }
            Err(error) => {
                notes.push(say::secrets_not_known(&error.in_a_line()));
                None
            }
        };
        notes.extend(more);
        let mut rows = rows(held, named.as_ref(), secrets.is_some(), cx.now);
        let of = Family::called(family.as_ref());
        listing::worst_first(&mut rows);
        let title = say::title(maps, secrets, of.as_ref(), listing::wrong(&rows));
        let list = List {
            what: say::NOUN,
            of,
            heads: vec![say::key(), say::size()],
            rows,
            notes,
        };
        Ok(list.titled(&title, &scope))
    }
}

/// The objects that the pods of an object name, or itself.
async fn named_by(family: &Family, scope: &Scope, cx: &Context<'_>) -> Result<References, Failure> {
    let namespace = scope.namespace.as_deref().unwrap_or_default();
    let live = async |resource: &str, at: &str| -> Result<Value, ClusterError> {
        let object = cx
            .view
            .value(&scope.cluster, namespace, resource, &family.name)
            .await?;
        Ok(object.pointer(at).cloned().unwrap_or_default())
    };
    let itself = |kind: &'static str| {
        let named = Named {
            needed: true,
            ..Named::default()
        };
        References::from([((kind, family.name.clone()), named)])
    };
    Ok(match (&family.workload, family.kind.as_str()) {
        (Some(workload), _) => references::of(&workload.template()["spec"]),
        (None, "pod") => references::of(&live("pods", "/spec").await?),
        (None, "job") => references::of(&live("batch/jobs", "/spec/template/spec").await?),
        (None, MAP) => itself(MAP),
        (None, _) => itself(SECRET),
    })
}

async fn maps(scope: &Scope, cx: &Context<'_>) -> Result<Folded<Vec<Held>>, ClusterError> {
    let select = Select::default().at_most(MOST);
    let take = |all: &mut Vec<Held>, map: ConfigMap| {
        let texts = map.data.into_iter().map(|(key, size)| (key, size.0));
        let bytes = map.binary_data.into_iter().map(|(key, size)| (key, size.0));
        all.push(Held::new(MAP, &map.metadata, texts.chain(bytes).collect()));
    };
    cx.view.fold(scope, &select, take).await
}

/// Needs `list` on `secrets`, which the bot has where its settings say so. Of the values the sizes are kept.
async fn secrets(scope: &Scope, cx: &Context<'_>) -> Result<Folded<Vec<Held>>, ClusterError> {
    let select = Select::fields(NOT_OF_HELM).at_most(MOST);
    let take = |all: &mut Vec<Held>, secret: SecretKeys| {
        let sizes = secret.data.into_iter().map(|(key, size)| (key, size.0));
        all.push(Held::new(SECRET, &secret.metadata, sizes.collect()));
    };
    cx.view.fold(scope, &select, take).await
}

impl Held {
    fn new(kind: &'static str, metadata: &Metadata, sizes: BTreeMap<String, usize>) -> Self {
        Self {
            kind,
            name: metadata.name.to_string(),
            made: metadata.creation_timestamp,
            sizes,
        }
    }
}

/// How many of a kind are shown.
fn count(held: &[Held], kind: &'static str, named: Option<&References>) -> usize {
    let shown = |held: &&Held| named.is_none_or(|named| named.contains_key(&(held.kind, held.name.clone())));
    held.iter().filter(|held| held.kind == kind).filter(shown).count()
}

/// A row for each key under its object, and one for each object that is named and not there. Where Secrets are not known,
/// none of them is told as missing.
fn rows(held: Vec<Held>, named: Option<&References>, secrets_known: bool, now: Timestamp) -> Vec<Row> {
    let mut rows = Vec::new();
    let is_there = |kind: &str, name: &str| held.iter().any(|held| held.kind == kind && held.name == name);
    for ((kind, name), of) in named.into_iter().flatten() {
        let known = *kind == MAP || secrets_known;
        if of.needed && known && !is_there(kind, name) {
            let cells = vec![Text::default()];
            rows.push(Row::new(format!("{kind}/{name}"), cells).because(Some(say::missing())));
        }
    }
    for object in held {
        let of = named.map(|named| named.get(&(object.kind, object.name.clone())));
        if let Some(None) = of {
            continue;
        }
        rows.extend(rows_of(&object, of.flatten(), now));
    }
    rows
}

fn rows_of(object: &Held, named: Option<&Named>, now: Timestamp) -> Vec<Row> {
    let short = format!("{}/{}", object.kind, object.name);
    let lacks: Vec<&str> = named
        .into_iter()
        .flat_map(|named| named.keys.iter().map(String::as_str))
        .filter(|key| !object.sizes.contains_key(*key))
        .collect();
    let age = object
        .made
        .map(|at| get::brief(since(at, now)))
        .unwrap_or_default();
    let heading = say::heading(&short, object.sizes.len(), &age);
    let row = |label: Text, size: Text| Row {
        label: label.plain(),
        ..Row::new(&short, vec![size]).below(heading.clone())
    };
    let sizes = object.sizes.iter();
    let mut rows: Vec<Row> = sizes
        .map(|(key, size)| row(key.as_str().into(), (*size).into()))
        .collect();
    if !lacks.is_empty() {
        let missing = Row::new(&short, vec![Text::default()]);
        rows.insert(0, missing.because(Some(say::lacks(&lacks))));
    } else if rows.is_empty() {
        rows.push(row(say::empty(), Text::default()));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(kind: &'static str, name: &str, keys: &[(&str, usize)]) -> Held {
        Held {
            kind,
            name: name.to_owned(),
            made: None,
            sizes: keys
                .iter()
                .map(|(key, size)| ((*key).to_owned(), *size))
                .collect(),
        }
    }

    fn told(named: Option<&References>, secrets_known: bool) -> Vec<String> {
        let mut all = vec![held(MAP, "settings", &[("level", 4)])];
        if secrets_known {
            all.push(held(SECRET, "login", &[("password", 12)]));
        }
        let rows = rows(all, named, secrets_known, Timestamp::UNIX_EPOCH);
        let line = |row: &Row| {
            let trouble = row.trouble.as_ref().map(Text::plain).unwrap_or_default();
            format!("{} {} {} {trouble}", row.name, row.label, row.cells[0].plain())
        };
        rows.iter().map(|row| line(row).trim_end().to_owned()).collect()
    }

    fn names(all: &[(&'static str, &str, &str)]) -> References {
        let one = |(kind, name, key): &(&'static str, &str, &str)| {
            let named = Named {
                keys: [(*key).to_owned()].into(),
                needed: true,
            };
            ((*kind, (*name).to_owned()), named)
        };
        all.iter().map(one).collect()
    }

    #[test]
    fn keys_and_sizes_are_told_and_nothing_else() {
        assert_eq!(
            told(None, true),
            ["configmap/settings level 4", "secret/login password 12"]
        );
    }

    #[test]
    fn what_pods_name_and_is_not_there_is_told() {
        let named = names(&[
            (MAP, "gone", "x"),
            (MAP, "settings", "port"),
            (SECRET, "token", "y"),
        ]);
        let all = told(Some(&named), true);
        assert!(
            all[0].starts_with("configmap/gone") && all[0].contains("is not there"),
            "{all:?}"
        );
        assert!(
            all[1].starts_with("secret/token") && all[1].contains("is not there"),
            "{all:?}"
        );
        assert!(all[2].contains("lacks what the pods name: port"), "{all:?}");
        assert!(!all.iter().any(|line| line.contains("login")), "{all:?}");
        let all = told(Some(&named), false);
        assert!(
            !all.iter().any(|line| line.contains("token")),
            "of Secrets nothing is known: {all:?}"
        );
    }
}
