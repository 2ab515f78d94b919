//! `/ceo get volumes`: the volume claims of the namespace or of an object's pods, those without a volume first.

use std::{collections::HashSet, sync::Arc};

use super::{
    super::{
        contract::{Answer, Args, Context, Query, Spec},
        listing::{self, List, Row},
        options, quote,
        rights::{self, LIST, Rbac},
    },
    family::{Family, MOST, Whose, known},
};
use crate::{
    cluster::{Folded, Select},
    failure::Failure,
    health::{quantity, volume},
    model::{Scope, Text, since},
    objects::{Event, PersistentVolumeClaim, Pod, StorageClass, event_time},
    policy::Verb,
    redact::Redactor,
    texts::get::{self, volumes as say},
};

/// The kind, as an option has it.
const CLAIM: &str = "persistentvolumeclaim";

/// The command.
pub struct GetVolumes;

impl Query for GetVolumes {
    const SPEC: Spec = Spec::new("get volumes", Verb::Read)
        .stands_for(&["kubectl get pvc", "kubectl get pv"])
        .about(say::summary)
        .options(&[&options::FOR])
        .rbac(&[
            Rbac::on("core/persistentvolumeclaims", LIST),
            Rbac::on("core/pods", LIST),
            Rbac::on("core/events", LIST),
            Rbac::in_cluster("storage.k8s.io/storageclasses", LIST),
        ])
        .also(&rights::ONE);
    type Args = Whose;

    async fn answer(&self, whose: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let scope = whose.scope();
        let family = Family::asked(
            &whose,
            &["deployment", "statefulset", "daemonset", "pod", "job", CLAIM],
            say::NOUN.many,
            cx,
        )
        .await?;
        let claimed: Option<HashSet<Box<str>>> = family.as_ref().map(|family| {
            let of_pods = family.pods.iter().flat_map(|pod| pod.spec.claims.iter().cloned());
            let itself = (family.kind == CLAIM).then(|| family.name.as_str().into());
            of_pods.chain(itself).collect()
        });
        let select = Select::default().at_most(MOST);
        let take = |all: &mut Vec<PersistentVolumeClaim>, claim: PersistentVolumeClaim| {
            if claimed
                .as_ref()
                .is_none_or(|names| names.contains(&claim.metadata.name))
            {
                all.push(claim);
            }
        };
        let found: Folded<Vec<PersistentVolumeClaim>> = cx.view.fold(&scope, &select, take).await?;
        if let (Some(family), true) = (&family, found.value.is_empty()) {
            family.must_be()?;
        }
        let pending = found.value.iter().any(|claim| claim.status.phase == "Pending");
        let around = Around::of(&scope, pending, cx).await?;
        let mut notes = vec![];
        if !found.value.is_empty() {
            notes.push(say::fill_not_known());
        }
        notes.extend(listing::unread(&found));
        Ok(List {
            what: say::NOUN,
            of: Family::called(family.as_ref()),
            heads: vec![
                get::name(),
                get::state(),
                say::size(),
                say::class(),
                say::used_by(),
                get::age(),
            ],
            rows: found.value.iter().map(|claim| row(claim, &around, cx)).collect(),
            notes,
        }
        .answer(&scope))
    }
}

/// What explains a claim.
struct Around {
    pods: Vec<Arc<Pod>>,
    /// The cluster's classes, where they may be read.
    classes: Option<Vec<StorageClass>>,
    warnings: Vec<Event>,
    redactor: Option<Arc<Redactor>>,
}

impl Around {
    async fn of(scope: &Scope, pending: bool, cx: &Context<'_>) -> Result<Self, Failure> {
        let mut around = Self {
            pods: known(scope, cx).await?,
            classes: None,
            warnings: vec![],
            redactor: quote::redactor(scope, pending, cx).await,
        };
        if pending {
            let cluster = Scope::cluster(&scope.cluster);
            let all = Select::default().at_most(MOST);
            // Both explain: what may not be read is left out.
            around.classes = cx.view.list_in(&cluster, &all).await.ok();
            let about = Select::fields("involvedObject.kind=PersistentVolumeClaim").at_most(MOST);
            around.warnings = cx.view.list_in(scope, &about).await.unwrap_or_default();
        }
        Ok(around)
    }

    /// The newest words about a claim.
    fn said(&self, claim: &PersistentVolumeClaim) -> Option<String> {
        let own = self
            .warnings
            .iter()
            .filter(|event| event.involved_object.name == claim.metadata.name);
        let newest = own.max_by_key(|event| event_time(event))?;
        let redactor = self.redactor.as_ref()?;
        Some(redactor.quote_in_a_line(&newest.message))
    }
}

fn row(claim: &PersistentVolumeClaim, around: &Around, cx: &Context<'_>) -> Row {
    let name = &claim.metadata.name;
    let users: Vec<&Arc<Pod>> = around
        .pods
        .iter()
        .filter(|pod| pod.spec.claims.contains(name))
        .collect();
    let used_by = match users.as_slice() {
        [] => say::nobody(),
        [pod] => Text::from(&*pod.metadata.name),
        several => say::pods(several.len()),
    };
    let class = match claim.spec.storage_class_name.as_deref() {
        Some(class) => class.into(),
        None => say::default_class(),
    };
    let said = around.said(claim);
    let trouble = volume::problem(
        claim,
        around.classes.as_deref(),
        said.as_deref(),
        !users.is_empty(),
    );
    let age = claim
        .metadata
        .creation_timestamp
        .map(|at| get::brief(since(at, cx.now)));
    let cells = vec![
        claim.status.phase.to_string().into(),
        size(claim),
        class,
        used_by,
        age.unwrap_or_default(),
    ];
    Row::new(&**name, cells).because(trouble)
}

/// What it has; what it asks for beside that where that is more.
fn size(claim: &PersistentVolumeClaim) -> Text {
    let asked = quantity::amount(&claim.spec.resources.requests, "storage");
    let has = quantity::amount(&claim.status.capacity, "storage");
    match (has, asked) {
        (Some(has), Some(asked)) if asked > has => say::grows(&quantity::bytes(has), &quantity::bytes(asked)),
        (Some(size), _) | (None, Some(size)) => quantity::bytes(size).into(),
        (None, None) => Text::default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_that_grows_says_so() {
        let claim = |has: Option<&str>, asked: &str| -> PersistentVolumeClaim {
            let capacity = has.map_or(json!({}), |has| json!({ "storage": has }));
            serde_json::from_value(
                json!({ "spec": { "resources": { "requests": { "storage": asked } } },
                "status": { "capacity": capacity } }),
            )
            .unwrap()
        };
        for (has, asked, told) in [
            (Some("10Gi"), "10Gi", "10Gi"),
            (Some("10Gi"), "20Gi", "10Gi, asked for 20Gi"),
            (Some("12Gi"), "10Gi", "12Gi"),
            (None, "10Gi", "10Gi"),
        ] {
            assert_eq!(size(&claim(has, asked)).plain(), told);
        }
    }
}
