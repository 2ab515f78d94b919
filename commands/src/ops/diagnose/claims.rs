//! Why a volume claim has no volume.

use super::{
    super::contract::Context,
    case::{Case, Told},
    pods::Desk,
    reads::Read,
};
use crate::{
    cluster::{ClusterError, Select, missing, near_of},
    diagnosis::{self, Finding},
    failure::Failure,
    health::static_volume,
    input::ObjectName,
    model::Text,
    objects::{Event, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass},
    texts::diagnose as texts,
};

/// The claims of a namespace, with what explains them.
struct Claims {
    claims: Read<PersistentVolumeClaim>,
    classes: Read<StorageClass>,
    events: Read<Event>,
}

impl Claims {
    async fn read(desk: &Desk<'_>) -> Self {
        let about = Select::fields("involvedObject.kind=PersistentVolumeClaim");
        let (claims, classes, events) =
            futures::join!(desk.read(), desk.read(), desk.read_some::<Event>(&about));
        Self {
            claims,
            classes,
            events,
        }
    }
}

/// The case of a claim.
pub(super) async fn of_claim(name: &ObjectName, cx: &Context<'_>) -> Result<Case, Failure> {
    let scope = name.scope();
    let mut desk = Desk::open(scope.clone(), cx).await?;
    desk.listen().await;
    let Claims {
        claims,
        classes,
        events,
    } = Claims::read(&desk).await;
    let claims = claims.needed()?;
    let Some(claim) = claims.iter().find(|claim| *claim.metadata.name == *name.name) else {
        let names = claims.iter().map(|claim| claim.metadata.name.to_string());
        return Err(missing::<PersistentVolumeClaim>(&scope, &name.name, names).into());
    };
    let mut case = Case::new(format!("pvc/{}", name.name), scope.place());
    let phase = &*claim.status.phase;
    case.looked(texts::claim_word(), phase.into());
    let classes = classes.known(&mut case, &desk);
    look_at_class(&mut case, claim, classes.as_deref());
    let users = users(&desk, &name.name);
    let used_by = match users.is_empty() {
        true => texts::none(),
        false => users.join(", ").into(),
    };
    case.looked(texts::pods_word(), used_by);
    let events = events.known(&mut case, &desk).unwrap_or_default();
    let used = !users.is_empty();
    let finding = diagnosis::of_claim(claim, classes.as_deref(), &events, used, desk.look());
    match finding.filter(|finding| finding.is_due(desk.look())) {
        Some(finding) => {
            let told = told_with_volumes(&mut case, &desk, &finding, claim, classes.as_deref()).await;
            case.chain.push(told);
        }
        None if phase == "Bound" => case.verdict = Some(texts::is_bound(&claim.spec.volume_name)),
        None if !used => case.verdict = Some(texts::waits_for_its_first_pod()),
        None => case.verdict = Some(texts::waits_for_its_pod()),
    }
    if phase == "Bound" {
        case.missed(texts::fill_not_known());
    }
    Ok(case)
}

fn look_at_class(case: &mut Case, claim: &PersistentVolumeClaim, classes: Option<&[StorageClass]>) {
    let wanted = claim.spec.storage_class_name.as_deref().unwrap_or_default();
    let known = classes.into_iter().flatten();
    let names: Vec<String> = known.map(|class| class.metadata.name.to_string()).collect();
    if classes.is_some() {
        case.looked(texts::classes_word(), texts::wanted_of(wanted, &names));
    }
}

/// The pods that name a claim.
fn users(desk: &Desk<'_>, claim: &str) -> Vec<String> {
    let pods = desk.cached.list::<Pod>();
    let users = pods
        .iter()
        .filter(|pod| pod.spec.claims.iter().any(|name| **name == *claim));
    users.map(|pod| pod.metadata.name.to_string()).collect()
}

fn told(finding: &Finding, desk: &Desk<'_>) -> Told {
    let read = texts::objects(&["PersistentVolumeClaim", "StorageClass"].join(", "), desk.cx.now);
    Told::of(finding, finding.text(), desk.cx.now).resting_on(read)
}

/// How a claim of this class gets its volume.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    /// A provisioner makes it.
    ByClass,
    /// Somebody makes it: the claim asks for no class, or for one that makes none.
    ByHand,
    /// Somebody makes it if one of that class is there already: the class itself is no object.
    Perhaps,
}

/// How a claim gets its volume. The cluster's own class, where the claim names none, is not looked for.
fn made(claim: &PersistentVolumeClaim, classes: Option<&[StorageClass]>) -> Made {
    if static_volume::asks_for_none(claim) {
        return Made::ByHand;
    }
    let (Some(wanted), Some(classes)) = (claim.spec.storage_class_name.as_deref(), classes) else {
        return Made::ByClass;
    };
    match classes.iter().find(|class| *class.metadata.name == *wanted) {
        None => Made::Perhaps,
        Some(class) if class.provisioner == "kubernetes.io/no-provisioner" => Made::ByHand,
        Some(_) => Made::ByClass,
    }
}

/// A finding about a claim as it is told, with the volume that comes nearest where only one that is made by hand helps.
async fn told_with_volumes(
    case: &mut Case,
    desk: &Desk<'_>,
    finding: &Finding,
    claim: &PersistentVolumeClaim,
    classes: Option<&[StorageClass]>,
) -> Told {
    let mut told = told(finding, desk);
    let made = made(claim, classes);
    if *claim.status.phase == *"Lost" || made == Made::ByClass {
        return told;
    }
    let Some(volumes) = desk.read::<PersistentVolume>().await.known(case, desk) else {
        return told;
    };
    let class = claim.spec.storage_class_name.as_deref().unwrap_or_default();
    let of_class = volumes
        .iter()
        .any(|volume| *volume.spec.storage_class_name == *class);
    if made == Made::Perhaps && !of_class {
        return told;
    }
    let more = match static_volume::nearest(claim, &volumes) {
        None => texts::no_volumes(),
        Some((volume, why)) if !why.is_empty() => texts::nearest_volume(&volume.metadata.name, &why),
        Some(_) => return told,
    };
    told.text = texts::claim_because(&claim.metadata.name, &more);
    told.advice = Some(texts::make_volume());
    told
}

/// What is wrong with the claims of a pod that waits for them.
pub(super) async fn behind(case: &mut Case, desk: &Desk<'_>, names: &[String]) -> Vec<Told> {
    let Claims {
        claims,
        classes,
        events,
    } = Claims::read(desk).await;
    let Some(claims) = claims.known(case, desk) else {
        return vec![];
    };
    let classes = classes.known(case, desk);
    let events = events.known(case, desk).unwrap_or_default();
    let own = claims
        .iter()
        .filter(|claim| names.iter().any(|name| **name == *claim.metadata.name));
    let own: Vec<&PersistentVolumeClaim> = own.collect();
    let states = own
        .iter()
        .map(|claim| -> Text { crate::line![&*claim.metadata.name, " ", &*claim.status.phase] });
    let states = match own.is_empty() {
        true => texts::none(),
        false => Text::joined(states, &texts::comma()),
    };
    case.looked(texts::claims_word(), states);
    if own.is_empty() {
        let all = claims.iter().map(|claim| claim.metadata.name.to_string());
        let all: Vec<String> = all.collect();
        let near: Vec<String> = names.iter().flat_map(|name| near_of(name, all.clone())).collect();
        if !near.is_empty() {
            case.others.push(texts::perhaps(&texts::looks_like(&near)));
        }
    }
    let found = own.into_iter().find_map(|claim| {
        let finding = diagnosis::of_claim(claim, classes.as_deref(), &events, true, desk.look())?;
        finding.is_due(desk.look()).then_some((claim, finding))
    });
    match found {
        Some((claim, finding)) => {
            vec![told_with_volumes(case, desk, &finding, claim, classes.as_deref()).await]
        }
        None => vec![],
    }
}

/// What is wrong with the claims of a namespace, each with its name.
pub(super) async fn of_place(desk: &Desk<'_>) -> Result<(usize, Vec<(String, Finding)>), ClusterError> {
    let Claims {
        claims,
        classes,
        events,
    } = Claims::read(desk).await;
    let claims = claims.needed()?;
    let classes = classes.needed().ok();
    let events = events.needed().unwrap_or_default();
    let found = claims.iter().filter_map(|claim| {
        let used = !users(desk, &claim.metadata.name).is_empty();
        let finding = diagnosis::of_claim(claim, classes.as_deref(), &events, used, desk.look())?;
        finding
            .is_due(desk.look())
            .then(|| (claim.metadata.name.to_string(), finding))
    });
    Ok((claims.len(), found.collect()))
}
