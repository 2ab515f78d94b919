//! What of a troubled workload still serves, and what its containers may use: told beside the trouble.

use std::collections::HashMap;

use crate::{
    cluster::Cached,
    health::pod::{self, is_counted},
    incident::{Owner, Problem, Sighting},
    model::Text,
    objects::Pod,
    texts::incident as texts,
};

/// Completes what was seen: of how many pods, how many of them serve, and the limit that a container ran into.
pub fn count(sightings: &mut [Sighting], cached: &Cached) {
    let mut ready: HashMap<Owner, u32> = HashMap::new();
    for sighting in sightings.iter().filter(|s| s.key.workload().is_some()) {
        ready.entry(sighting.key.owner.clone()).or_default();
    }
    if !ready.is_empty() {
        let serving = |pod: &&std::sync::Arc<Pod>| is_counted(pod) && pod::is_ready(Some(pod));
        for pod in cached.list::<Pod>().iter().filter(serving) {
            let owner = cached.owner_of(pod).map(|workload| Owner::of(&workload));
            if let Some(ready) = owner.and_then(|owner| ready.get_mut(&owner)) {
                *ready += 1;
            }
        }
    }
    for sighting in sightings {
        let uid = |name: &String| Some((name.clone(), cached.get::<Pod>(name)?.metadata.uid.to_string()));
        sighting.uids = sighting.affected.iter().filter_map(uid).collect();
        if let Some(object) = sighting.key.workload().and_then(|w| cached.workload(&w)) {
            let affected = u32::try_from(sighting.affected.len()).unwrap_or(u32::MAX);
            let desired = u32::try_from(object.desired()).unwrap_or_default();
            // The extra pods of a rollout are none of those that shall be there.
            sighting.of = desired.max(affected);
            sighting.serves = ready.get(&sighting.key.owner).copied();
        }
        let limit = memory_limit(sighting, cached);
        sighting.facts.extend(limit);
    }
}

/// The limit that a container ran into.
fn memory_limit(sighting: &Sighting, cached: &Cached) -> Option<Text> {
    let subject = sighting
        .subject
        .as_ref()
        .filter(|_| sighting.key.problem == Problem::OomKilled)?;
    let pod = cached.get::<Pod>(&subject.pod)?;
    let mut containers = pod.spec.containers.iter().chain(pod.spec.init_containers.iter());
    let name = subject.container.as_deref()?;
    let limit = containers
        .find(|c| *c.name == *name)?
        .resources
        .limits
        .get("memory")?;
    Some(texts::memory_limit(name, limit))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::incident::{Subject, samples};

    fn pod(name: &str, ready: bool) -> Value {
        json!({"kind": "Pod", "metadata": {"name": name, "namespace": "shop", "uid": name, "ownerReferences":
                [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api-7f", "uid": "rs1", "controller": true}]},
            "spec": {"containers": [{"name": "api", "resources": {"limits": {"memory": "64Mi"}}}]},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}]}})
    }

    #[test]
    fn extra_pods_of_a_rollout_do_not_count_and_the_limit_stands_beside_memory() {
        let mut objects = vec![
            json!({"kind": "Deployment", "metadata": {"name": "api", "namespace": "shop", "uid": "d1"},
                "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "api"}}, "template": {}}, "status": {}}),
            json!({"kind": "ReplicaSet", "metadata": {"name": "api-7f", "namespace": "shop", "uid": "rs1", "ownerReferences":
                    [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "api", "uid": "d1", "controller": true}]},
                "spec": {"selector": {}, "template": {}}, "status": {}}),
        ];
        objects.extend([
            pod("api-a", false),
            pod("api-b", false),
            pod("api-c", true),
            pod("api-d", true),
        ]);
        let seen = |problem, subject: &str| {
            let mut all = [Sighting {
                subject: Some(Subject {
                    pod: "api-a".into(),
                    container: Some(subject.into()),
                    ended: None,
                    running: false,
                }),
                ..samples::sighting(problem, 0)
            }];
            count(&mut all, &Cached::holding("prod", "shop", &objects));
            let [sighting] = all;
            let facts: Vec<String> = sighting.facts.iter().map(Text::plain).collect();
            (sighting.of, sighting.serves, facts.concat())
        };
        assert_eq!(
            seen(Problem::CrashLoopBackOff, "api"),
            (3, Some(2), String::new()),
            "of three, not of four"
        );
        let memory = "the memory limit of api is 64Mi".to_owned();
        assert_eq!(seen(Problem::OomKilled, "api"), (3, Some(2), memory));
        assert_eq!(seen(Problem::OomKilled, "other").2, "");
    }
}
