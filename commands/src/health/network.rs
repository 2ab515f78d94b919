//! Whether network policies keep one pod from another. What depends on namespaces' labels or on addresses counts as allowed:
//! nothing is said to be shut that may be open.

use crate::objects::{NetworkPolicy, Pod, PolicyPeer, PolicyPort, PolicyRule, TargetPort};

/// On which side traffic is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Where it arrives.
    Ingress,
    /// Where it leaves.
    Egress,
}

impl Side {
    fn rules(self, policy: &NetworkPolicy) -> &[PolicyRule] {
        match self {
            Self::Ingress => &policy.spec.ingress,
            Self::Egress => &policy.spec.egress,
        }
    }

    /// Whether a policy says something of it. What the API server fills in where nothing is said is filled in here, too.
    fn is_of(self, policy: &NetworkPolicy) -> bool {
        let types = &policy.spec.policy_types;
        match self {
            Self::Ingress => types.is_empty() || types.iter().any(|word| *word == *"Ingress"),
            Self::Egress => {
                types.iter().any(|word| *word == *"Egress")
                    || (types.is_empty() && !policy.spec.egress.is_empty())
            }
        }
    }
}

/// The policies that say something of a pod on a side.
pub fn about<'p>(
    policies: &'p [NetworkPolicy],
    side: Side,
    pod: &Pod,
) -> impl Iterator<Item = &'p NetworkPolicy> {
    policies
        .iter()
        .filter(move |policy| side.is_of(policy) && policy.spec.pod_selector.means(&pod.metadata.labels))
}

/// The policies that together keep one pod from a port of another one in the same namespace, and on which side.
#[must_use]
pub fn shut<'p>(
    policies: &'p [NetworkPolicy],
    from: &Pod,
    to: &Pod,
    port: i32,
) -> Option<(Side, Vec<&'p str>)> {
    [(Side::Ingress, to, from), (Side::Egress, from, to)]
        .into_iter()
        .find_map(|(side, own, other)| {
            let mut names = Vec::new();
            for policy in about(policies, side, own) {
                let rules = side.rules(policy);
                if rules.iter().any(|rule| allows(rule, other, to, port)) {
                    return None;
                }
                names.push(&*policy.metadata.name);
            }
            (!names.is_empty()).then_some((side, names))
        })
}

/// The policies that together let nobody in to a pod.
#[must_use]
pub fn shut_to_all<'p>(policies: &'p [NetworkPolicy], pod: &Pod) -> Option<Vec<&'p str>> {
    let all: Vec<&NetworkPolicy> = about(policies, Side::Ingress, pod).collect();
    let none = !all.is_empty() && all.iter().all(|policy| policy.spec.ingress.is_empty());
    none.then(|| all.iter().map(|policy| &*policy.metadata.name).collect())
}

fn allows(rule: &PolicyRule, other: &Pod, to: &Pod, port: i32) -> bool {
    let peer = rule.peers.is_empty() || rule.peers.iter().any(|peer| is_peer(peer, other));
    let open = |allowed: &PolicyPort| covers(allowed, to, port);
    peer && (rule.ports.is_empty() || rule.ports.iter().any(open))
}

fn is_peer(peer: &PolicyPeer, other: &Pod) -> bool {
    if peer.ip_block.is_some() || peer.namespace_selector.is_some() {
        return true;
    }
    let selector = peer.pod_selector.as_ref();
    selector.is_some_and(|selector| selector.means(&other.metadata.labels))
}

fn covers(allowed: &PolicyPort, to: &Pod, port: i32) -> bool {
    match &allowed.port {
        None => true,
        Some(TargetPort::Number(number)) => match allowed.end_port {
            Some(end) => (*number..=end).contains(&port),
            None => *number == port,
        },
        Some(TargetPort::Name(name)) => to.spec.named_port(name).is_none_or(|known| known == port),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(app: &str) -> Pod {
        serde_json::from_value(json!({ "metadata": { "name": app, "labels": { "app": app } },
            "spec": { "containers": [ { "name": "c", "ports": [ { "name": "sql", "containerPort": 5432 } ] } ] } }))
        .unwrap()
    }

    fn policy(name: &str, spec: &Value) -> NetworkPolicy {
        serde_json::from_value(json!({ "metadata": { "name": name }, "spec": spec })).unwrap()
    }

    fn told(specs: &[Value]) -> Option<(Side, usize)> {
        let policies: Vec<NetworkPolicy> = specs.iter().map(|spec| policy("p", spec)).collect();
        let (side, names) = shut(&policies, &pod("api"), &pod("db"), 5432)?;
        Some((side, names.len()))
    }

    #[test]
    fn what_no_rule_allows_is_shut() {
        let db = json!({ "matchLabels": { "app": "db" } });
        let api = json!({ "matchLabels": { "app": "api" } });
        let all = json!({ "podSelector": db, "policyTypes": ["Ingress"] });
        let by = |peer: Value, port: Value| json!({ "podSelector": db, "ingress": [ { "from": [peer], "ports": [ { "port": port } ] } ] });
        assert_eq!(told(&[]), None);
        assert_eq!(told(std::slice::from_ref(&all)), Some((Side::Ingress, 1)));
        assert_eq!(
            told(&[json!({ "podSelector": api, "policyTypes": ["Ingress"] })]),
            None
        );
        let out = json!({ "podSelector": api, "policyTypes": ["Egress"], "egress": [ { "ports": [ { "port": 53 } ] } ] });
        assert_eq!(told(&[out]), Some((Side::Egress, 1)));
        for (spec, open) in [
            (by(json!({ "podSelector": api }), json!(5432)), true),
            (by(json!({ "podSelector": api }), json!("sql")), true),
            (by(json!({ "podSelector": api }), json!(80)), false),
            (by(json!({ "podSelector": db }), json!(5432)), false),
            (
                by(
                    json!({ "podSelector": { "matchExpressions": [ { "key": "app", "operator": "In", "values": ["api"] } ] } }),
                    json!(5432),
                ),
                true,
            ),
            // What is not known counts as allowed.
            (by(json!({ "namespaceSelector": {} }), json!(5432)), true),
            (
                by(json!({ "ipBlock": { "cidr": "10.0.0.0/8" } }), json!(5432)),
                true,
            ),
        ] {
            assert_eq!(told(std::slice::from_ref(&spec)).is_none(), open, "{spec}");
            assert_eq!(told(&[all.clone(), spec.clone()]).is_none(), open, "{spec}");
        }
    }

    #[test]
    fn policies_without_a_rule_let_nobody_in() {
        let spec = json!({ "podSelector": {}, "policyTypes": ["Ingress"] });
        let some = json!({ "podSelector": {}, "ingress": [ { "from": [ { "podSelector": {} } ] } ] });
        let shut = policy("shut", &spec);
        assert_eq!(
            shut_to_all(std::slice::from_ref(&shut), &pod("db")),
            Some(vec!["shut"])
        );
        assert_eq!(shut_to_all(&[shut, policy("some", &some)], &pod("db")), None);
        assert_eq!(shut_to_all(&[], &pod("db")), None);
    }
}
