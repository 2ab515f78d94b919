//! An object of Kubernetes as it may be shown: no value of a Secret, nothing that looks like one, and without what only
//! machines read.

use serde_json::{Map, Value};

use super::{mark::MARK, redactor::Redactor};

/// kubectl's copy of the whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Redactor {
    /// The object without secrets, without `managedFields` and without kubectl's copy of it. Of a Secret every value is hidden.
    #[must_use]
    pub fn object(&self, object: &Value) -> Value {
        let mut shown = self.any("", object);
        if let Some(metadata) = shown.pointer_mut("/metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
        let annotations = shown
            .pointer_mut("/metadata/annotations")
            .and_then(Value::as_object_mut);
        if let Some(annotations) = annotations {
            annotations.remove(LAST_APPLIED);
        }
        if object["kind"] == "Secret" {
            for field in ["data", "stringData"] {
                for value in shown
                    .get_mut(field)
                    .and_then(Value::as_object_mut)
                    .into_iter()
                    .flatten()
                {
                    *value.1 = MARK.into();
                }
            }
        }
        shown
    }

    /// A value behind a name.
    fn any(&self, name: &str, value: &Value) -> Value {
        match value {
            Value::Object(map) => self.map(map).into(),
            Value::Array(all) if all.iter().all(Value::is_string) => {
                let words: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
                self.arguments(&words).into()
            }
            Value::Array(all) => all.iter().map(|one| self.any(name, one)).collect(),
            Value::String(text) if text.contains('\n') => self.quote(text).into(),
            Value::String(text) => self.value(name, text).into(),
            other => other.clone(),
        }
    }

    /// The fields of an object. A pair of a name and a value is a variable, or a header: its value goes by its name.
    fn map(&self, map: &Map<String, Value>) -> Map<String, Value> {
        let pair = map.get("name").and_then(Value::as_str);
        let shown = map.iter().map(|(key, value)| {
            let shown = match (pair, key.as_str()) {
                (Some(named), "value") => self.any(named, value),
                // What something is called is no secret, whatever it speaks of.
                (_, "name" | "secretName" | "key" | "kind" | "type" | "namespace") => self.plain(value),
                _ => self.any(key, value),
            };
            (key.clone(), shown)
        });
        shown.collect()
    }

    /// A name: freed of what looks like a secret by itself.
    fn plain(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.quote(text).into(),
            other => self.any("", other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_secret_the_keys_are_shown() {
        let secret = json!({ "kind": "Secret", "metadata": { "name": "login", "managedFields": [ { "manager": "helm" } ],
            "annotations": { LAST_APPLIED: "{\"data\":{\"password\":\"aHVudGVyMg==\"}}", "owner": "shop" } },
            "type": "Opaque", "data": { "password": "aHVudGVyMg==", "user": "c2hvcA==" } });
        let shown = Redactor::default().object(&secret);
        assert_eq!(
            shown,
            json!({ "kind": "Secret", "metadata": { "name": "login", "annotations": { "owner": "shop" } },
                "type": "Opaque", "data": { "password": MARK, "user": MARK } })
        );
    }

    #[test]
    fn what_speaks_of_a_secret_is_hidden_and_what_names_one_is_shown() {
        let pod = json!({ "kind": "Pod", "spec": {
            "volumes": [ { "name": "v", "secret": { "secretName": "shop-login" } } ],
            "containers": [ { "name": "api", "args": ["--password", "hunter2hunter2", "--port=80"], "env": [
                { "name": "DATABASE_PASSWORD", "value": "hunter2hunter2" },
                { "name": "LEVEL", "value": "info" },
                { "name": "TOKEN", "valueFrom": { "secretKeyRef": { "name": "shop-login", "key": "token" } } } ] } ] } });
        let text = Redactor::default().object(&pod).to_string();
        assert!(!text.contains("hunter2"), "{text}");
        for kept in ["shop-login", "\"info\"", "--port=80", "\"key\":\"token\""] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
    }
}
