//! Why no node takes a pod, beyond what the scheduler counts: what is read for it, and how it is told.

use futures::future;

use super::{case::Case, pods::Desk};
use crate::{
    cluster::{ClusterError, Select},
    diagnosis::{Cause, Finding},
    health::{
        placing::{self, Around},
        scheduling::NodesFit,
    },
    model::{Scope, Text},
    objects::{Node, Occupant, PersistentVolume, PersistentVolumeClaim},
    texts::{diagnose as texts, health::Unfit},
};

/// The most pods that are read.
const MOST: u32 = 10_000;
/// So many reasons are told.
const REASONS: usize = 4;
/// So many claims are followed.
const CLAIMS: usize = 4;

/// What keeps the pod of a finding off the nodes.
pub(super) async fn of_nodes(case: &mut Case, desk: &Desk<'_>, finding: &Finding) -> Vec<Text> {
    let Cause::Unschedulable(cause) = &finding.cause else {
        return vec![];
    };
    let (Some(subject), Some(fit @ NodesFit::Counted { reasons, .. })) = (&finding.subject, &cause.nodes)
    else {
        return vec![];
    };
    let Ok(cached) = desk.cx.view.cluster_scope(&desk.scope.cluster) else {
        return vec![];
    };
    // That the nodes are not known is said where pods are looked at.
    if !cached.knows::<Node>() {
        return vec![];
    }
    let by_volume = reasons.iter().any(|(_, why)| *why == Unfit::Volume);
    let claims = if by_volume { cause.claims.as_slice() } else { &[] };
    let (pod, occupants, volumes) = futures::join!(
        desk.in_time(desk.cx.view.get_in::<Occupant>(&desk.scope, &subject.pod)),
        occupants(desk, reasons),
        future::join_all(claims.iter().take(CLAIMS).map(|claim| volume(desk, claim))),
    );
    let Ok(pod) = pod else {
        return vec![];
    };
    let volumes: Vec<(String, PersistentVolume)> = volumes.into_iter().flatten().collect();
    let nodes = cached.list::<Node>();
    let nodes: Vec<&Node> = nodes.iter().map(AsRef::as_ref).collect();
    let around = Around {
        nodes: &nodes,
        occupants: occupants.pods.as_deref(),
        whole: occupants.whole,
        volumes: &volumes,
    };
    let found = placing::obstacles(&pod, around, fit);
    if !found.is_empty() {
        case.missed_all(occupants.missed);
    }
    let may_name = |namespace: &str| {
        let scope = Scope::namespace(&desk.scope.cluster, namespace);
        desk.cx.rights.reads(desk.cx.actor, &scope)
    };
    let told = found.iter().take(REASONS);
    told.map(|one| texts::obstacle(one, &may_name)).collect()
}

/// The pods on the nodes, as far as they are known.
#[derive(Default)]
struct Occupants {
    pods: Option<Vec<Occupant>>,
    whole: bool,
    missed: Vec<Text>,
}

/// Reads them where it matters who is where: of the whole cluster where that is allowed, else of what the bot serves.
async fn occupants(desk: &Desk<'_>, reasons: &[(Option<u32>, Unfit)]) -> Occupants {
    let matters = |why: &Unfit| {
        let by_pods = matches!(why, Unfit::Lack(_) | Unfit::AntiAffinity | Unfit::Port);
        by_pods || matches!(why, Unfit::Other(words) if words.contains("affinity"))
    };
    if !reasons.iter().any(|(_, why)| matters(why)) {
        return Occupants::default();
    }
    let cluster = &desk.scope.cluster;
    let why = match running(desk, &Scope::cluster(cluster)).await {
        Ok((pods, whole)) => {
            return Occupants {
                pods: Some(pods),
                whole,
                missed: vec![],
            };
        }
        Err(why) => desk.cx.redactor.line(why.in_a_line()),
    };
    let known = desk.cx.view.clusters().into_iter();
    let served = known
        .filter(|known| known.name == *cluster)
        .flat_map(|known| known.namespaces);
    let scopes: Vec<Scope> = served.map(|name| Scope::namespace(cluster, &name)).collect();
    let read = future::join_all(scopes.iter().map(|scope| running(desk, scope))).await;
    let pods: Vec<Vec<Occupant>> = read.into_iter().flatten().map(|(pods, _)| pods).collect();
    Occupants {
        pods: (!pods.is_empty()).then(|| pods.into_iter().flatten().collect()),
        whole: false,
        missed: vec![texts::others_not_counted(&why)],
    }
}

/// The pods of a scope that take something of a node, and whether these are all.
async fn running(desk: &Desk<'_>, scope: &Scope) -> Result<(Vec<Occupant>, bool), ClusterError> {
    let select = Select::fields("spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed").at_most(MOST);
    let read = desk
        .cx
        .view
        .fold(scope, &select, |all: &mut Vec<Occupant>, pod| all.push(pod));
    let folded = Box::pin(desk.in_time(read)).await?;
    Ok((folded.value, !folded.more))
}

/// The volume that a claim is bound to.
async fn volume(desk: &Desk<'_>, claim: &str) -> Option<(String, PersistentVolume)> {
    let read = async {
        let known: PersistentVolumeClaim = desk.cx.view.get_in(&desk.scope, claim).await?;
        let cluster = Scope::cluster(&desk.scope.cluster);
        desk.cx
            .view
            .get_in::<PersistentVolume>(&cluster, &known.spec.volume_name)
            .await
    };
    let volume = desk.in_time(read).await.ok()?;
    Some((claim.to_owned(), volume))
}
