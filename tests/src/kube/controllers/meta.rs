//! Small readings of objects that every controller needs: names, labels, owners, hashes.

use serde_json::{Value, json};

use crate::kube::key::Key;

/// The string at a JSON pointer; empty when absent.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The integer at a JSON pointer; 0 when absent.
pub(crate) fn int(object: &Value, pointer: &str) -> i64 {
    object
        .pointer(pointer)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// `metadata.name`.
pub(crate) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// `metadata.namespace`.
pub(crate) fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

/// `metadata.uid`.
pub(crate) fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

/// `metadata.generation`.
pub(crate) fn generation(object: &Value) -> i64 {
    int(object, "/metadata/generation")
}

/// An annotation; empty when absent.
pub(crate) fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    object["metadata"]["annotations"][key]
        .as_str()
        .unwrap_or_default()
}

/// Whether the object is under deletion.
pub(crate) fn deleting(object: &Value) -> bool {
    object["metadata"]
        .get("deletionTimestamp")
        .is_some_and(|time| !time.is_null())
}

/// The desired number of replicas of a workload.
pub(crate) fn replicas(object: &Value) -> i64 {
    object["spec"]["replicas"].as_i64().unwrap_or(1)
}

/// The owner reference that is the controller of the object.
pub(crate) fn controller_of(object: &Value) -> Option<&Value> {
    object["metadata"]["ownerReferences"]
        .as_array()?
        .iter()
        .find(|owner| owner["controller"] == true)
}

/// The owner reference that a controller writes on what it creates.
pub(crate) fn owner_reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"], "blockOwnerDeletion": true, "controller": true,
        "kind": owner["kind"], "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
    })
}

/// Whether `labels` fulfil a `LabelSelector` (`matchLabels` and `matchExpressions`). An absent selector matches
/// nothing, an empty one everything.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    if !selector.is_object() {
        return false;
    }
    let pairs = selector["matchLabels"]
        .as_object()
        .is_none_or(|wanted| wanted.iter().all(|(key, value)| labels.get(key) == Some(value)));
    let expressions = selector["matchExpressions"]
        .as_array()
        .is_none_or(|all| all.iter().all(|expression| fulfils(expression, labels)));
    pairs && expressions
}

/// One term of `matchExpressions`, of labels or of a node affinity.
pub(crate) fn fulfils(expression: &Value, labels: &Value) -> bool {
    let key = expression["key"].as_str().unwrap_or_default();
    let value = labels.get(key);
    let listed = expression["values"]
        .as_array()
        .is_some_and(|values| value.is_some_and(|value| values.contains(value)));
    match expression["operator"].as_str().unwrap_or_default() {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        _ => false,
    }
}

/// The status of a condition (`True`, `False`, `Unknown`); empty when there is none of that type.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"]
        .as_array()?
        .iter()
        .find(|condition| condition["type"] == kind)
}

/// Whether a condition is there and `True`.
pub(crate) fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

/// A number that is an integer or a percentage of `total`, rounded as asked. Kubernetes rounds surge up and
/// unavailability down.
pub(crate) fn scaled(value: &Value, total: i64, up: bool) -> i64 {
    if let Some(number) = value.as_i64() {
        return number;
    }
    let percent: i64 = value
        .as_str()
        .and_then(|text| text.trim_end_matches('%').parse().ok())
        .unwrap_or(0);
    let product = percent * total;
    if up {
        (product + 99).div_euclid(100)
    } else {
        product.div_euclid(100)
    }
}

const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The name part that Kubernetes makes of a template: FNV-1a of its content in the alphabet without vowels. The
/// content is hashed as JSON here (the real one hashes a Go dump), so hashes look the same and are not the same.
pub(crate) fn hash(template: &Value, salt: i64) -> String {
    let mut content = template.to_string();
    if salt > 0 {
        content.push_str(&salt.to_string());
    }
    let number = content.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    number
        .to_string()
        .bytes()
        .map(|digit| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()]))
        .collect()
}

/// The template without what a controller added to it, and without fields that mean the same as their absence.
pub(crate) fn bare_template(template: &Value) -> Value {
    let mut bare = template.clone();
    if let Some(labels) = bare
        .pointer_mut("/metadata/labels")
        .and_then(Value::as_object_mut)
    {
        labels.remove("pod-template-hash");
    }
    if let Some(metadata) = bare["metadata"].as_object_mut() {
        metadata.retain(|_, value| !value.is_null());
        if metadata
            .get("annotations")
            .and_then(Value::as_object)
            .is_some_and(serde_json::Map::is_empty)
        {
            metadata.remove("annotations");
        }
    }
    bare
}

/// The key of a pod.
pub(crate) fn pod_key(namespace: &str, name: &str) -> Key {
    Key::namespaced("", "pods", namespace, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_round_as_kubernetes_does() {
        assert_eq!(scaled(&json!("25%"), 3, true), 1);
        assert_eq!(scaled(&json!("25%"), 3, false), 0);
        assert_eq!(scaled(&json!("50%"), 5, true), 3);
        assert_eq!(scaled(&json!("50%"), 5, false), 2);
        assert_eq!(scaled(&json!(2), 5, false), 2);
    }

    #[test]
    fn selectors_need_every_term() {
        let labels = json!({"app": "api", "tier": "web"});
        assert!(selects(&json!({"matchLabels": {"app": "api"}}), &labels));
        assert!(!selects(&json!({"matchLabels": {"app": "db"}}), &labels));
        let expression =
            json!({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["web"]}]});
        assert!(!selects(&expression, &labels));
        assert!(!selects(&Value::Null, &labels));
    }

    #[test]
    fn a_hash_looks_like_a_template_hash() {
        let hash = hash(&json!({"spec": {}}), 0);
        assert!((7..=10).contains(&hash.len()), "{hash}");
        assert!(hash.bytes().all(|byte| ALPHABET.contains(&byte)));
    }
}
