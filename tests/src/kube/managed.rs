//! `managedFields`: who wrote which field last, recorded on each write.
//!
//! A field set is kept as the set of its paths, whose elements are those of FieldsV1 (`f:spec`, `k:{"name":"api"}`).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{schema::Shape, store::now};

/// The path of a field, as elements of FieldsV1.
pub type Path = Vec<String>;

/// A set of fields.
pub type FieldSet = BTreeSet<Path>;

/// Who writes, and by which kind of write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The field manager.
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: &'static str,
    /// The version that the writer used.
    pub api_version: String,
    /// `status` or `scale`; empty for the object itself.
    pub subresource: String,
}

/// One entry of `managedFields`, with its set decoded.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entry without its fields.
    pub head: Value,
    /// The fields.
    pub set: FieldSet,
}

impl Entry {
    /// Whether this is the entry of that writer.
    pub fn is_of(&self, writer: &Writer) -> bool {
        self.head["manager"] == writer.manager.as_str()
            && self.head["operation"] == writer.operation
            && self.head["subresource"].as_str().unwrap_or_default() == writer.subresource
            && (writer.operation == "Apply" || self.head["apiVersion"] == writer.api_version.as_str())
    }

    /// How the manager is named in a conflict.
    pub fn title(&self) -> String {
        let mut title = self.head["manager"].to_string();
        if let Some(subresource) = self.head["subresource"].as_str() {
            title.push_str(&format!(" with subresource {subresource:?}"));
        }
        if self.head["operation"] == "Update" {
            title.push_str(&format!(
                " using {}",
                self.head["apiVersion"].as_str().unwrap_or_default()
            ));
        }
        title
    }
}

/// The fields that a configuration names, except those that the server owns: what an apply owns.
pub fn set_of(object: &Value, shape: &Shape) -> FieldSet {
    let mut set = all_of(object, shape);
    let inner: Vec<Path> = set
        .iter()
        .filter(|path| is_container(path, &set))
        .cloned()
        .collect();
    for path in inner {
        set.remove(&path);
    }
    set
}

/// Whether the path is a map or a list of which members are in the set; such a member of a list stays.
fn is_container(path: &Path, set: &FieldSet) -> bool {
    let member = path.last().is_some_and(|last| last.starts_with("k:"));
    !member
        && set
            .range(path.clone()..)
            .nth(1)
            .is_some_and(|next| next.starts_with(path))
}

/// All fields of an object, maps and lists themselves included: what an update that creates it owns.
pub fn all_of(object: &Value, shape: &Shape) -> FieldSet {
    let mut set = FieldSet::new();
    walk(None, object, shape, &mut Vec::new(), &mut set);
    set.retain(|path| !is_servers(path));
    set
}

/// The fields of `after` that are new or differ from `before`.
pub fn changed(before: &Value, after: &Value, shape: &Shape) -> FieldSet {
    let mut set = FieldSet::new();
    walk(Some(before), after, shape, &mut Vec::new(), &mut set);
    set.retain(|path| !is_servers(path));
    set
}

fn is_servers(path: &[String]) -> bool {
    const OWN: [&str; 11] = [
        "f:name",
        "f:namespace",
        "f:uid",
        "f:resourceVersion",
        "f:generation",
        "f:creationTimestamp",
        "f:deletionTimestamp",
        "f:deletionGracePeriodSeconds",
        "f:managedFields",
        "f:selfLink",
        "f:generateName",
    ];
    match path {
        [] => true,
        [one] => matches!(one.as_str(), "f:apiVersion" | "f:kind" | "f:metadata"),
        [one, two, ..] => one == "f:metadata" && OWN.contains(&two.as_str()),
    }
}

fn walk(before: Option<&Value>, after: &Value, shape: &Shape, path: &mut Path, set: &mut FieldSet) {
    if before == Some(after) {
        return;
    }
    match (shape, after) {
        (Shape::Struct(_) | Shape::Open | Shape::Map, Value::Object(fields)) => {
            let fresh = before.is_none_or(|before| !before.is_object());
            if fields.is_empty() || (fresh && *shape == Shape::Map) {
                set.insert(path.clone());
            }
            for (name, value) in fields {
                let inner = shape.field(name).unwrap_or(Shape::Leaf);
                path.push(format!("f:{name}"));
                walk(
                    before.and_then(|before| before.get(name)),
                    value,
                    &inner,
                    path,
                    set,
                );
                path.pop();
            }
        }
        (Shape::Keyed(kind, keys), Value::Array(items)) => {
            if before.is_none_or(|before| !before.is_array()) {
                set.insert(path.clone());
            }
            let list = Keyed {
                before,
                items,
                kind,
                keys,
            };
            walk_items(&list, path, set);
        }
        (Shape::Set, Value::Array(items)) => {
            if before.is_none_or(|before| !before.is_array()) {
                set.insert(path.clone());
            }
            let old = before.and_then(Value::as_array);
            for item in items
                .iter()
                .filter(|item| !old.is_some_and(|old| old.contains(item)))
            {
                path.push(format!("v:{item}"));
                set.insert(path.clone());
                path.pop();
            }
        }
        _ => {
            set.insert(path.clone());
        }
    }
}

/// A list whose items are told apart by keys, before and now.
struct Keyed<'a> {
    before: Option<&'a Value>,
    items: &'a [Value],
    kind: &'static str,
    keys: &'a [&'static str],
}

fn walk_items(list: &Keyed<'_>, path: &mut Path, set: &mut FieldSet) {
    let Keyed {
        before,
        items,
        kind,
        keys,
    } = *list;
    for item in items {
        let same = |old: &&Value| keys.iter().all(|key| old.get(key) == item.get(key));
        let old = before
            .and_then(Value::as_array)
            .and_then(|old| old.iter().find(same));
        path.push(item_key(item, keys));
        if old.is_none() {
            set.insert(path.clone());
        }
        walk(old, item, &Shape::Struct(kind), path, set);
        path.pop();
    }
}

fn item_key(item: &Value, keys: &[&str]) -> String {
    let key: Map<String, Value> = keys
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), item.get(key)?.clone())))
        .collect();
    format!("k:{}", Value::Object(key))
}

/// The FieldsV1 form of a set.
pub fn encode(set: &FieldSet) -> Value {
    let mut root = json!({});
    for path in set {
        let mut node = &mut root;
        for element in path {
            node = &mut node[element.as_str()];
            if !node.is_object() {
                *node = json!({});
            }
        }
        let longer = set.range(path.clone()..).nth(1);
        if longer.is_some_and(|next| next.starts_with(path)) {
            node["."] = json!({});
        }
    }
    root
}

/// The set of a FieldsV1 value.
pub fn decode(fields: &Value) -> FieldSet {
    let mut set = FieldSet::new();
    collect(fields, &mut Vec::new(), &mut set);
    set
}

fn collect(node: &Value, path: &mut Path, set: &mut FieldSet) {
    let Some(children) = node.as_object() else { return };
    if children.is_empty() && !path.is_empty() {
        set.insert(path.clone());
    }
    for (element, child) in children {
        if element == "." {
            set.insert(path.clone());
            continue;
        }
        path.push(element.clone());
        collect(child, path, set);
        path.pop();
    }
}

/// `.spec.containers[name="api"].image`
pub fn display(path: &[String]) -> String {
    let mut text = String::new();
    for element in path {
        if let Some(name) = element.strip_prefix("f:") {
            text.push_str(&format!(".{name}"));
        } else if let Some(key) = element.strip_prefix("k:") {
            let key: Value = serde_json::from_str(key).unwrap_or_default();
            let parts: Vec<String> = key
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            text.push_str(&format!("[{}]", parts.join(",")));
        } else if let Some(value) = element.strip_prefix("v:") {
            text.push_str(&format!("[={value}]"));
        }
    }
    text
}

/// The entries of an object.
pub fn entries(object: &Value) -> Vec<Entry> {
    let list = object["metadata"]["managedFields"]
        .as_array()
        .into_iter()
        .flatten();
    list.map(|entry| {
        let mut head = entry.clone();
        let fields = head
            .as_object_mut()
            .and_then(|head| head.remove("fieldsV1"))
            .unwrap_or_default();
        Entry {
            head,
            set: decode(&fields),
        }
    })
    .collect()
}

/// Writes entries back, sorted as the real server sorts them: Apply first, then by time and manager.
pub fn store(object: &mut Value, mut entries: Vec<Entry>) {
    entries.retain(|entry| !entry.set.is_empty());
    entries.sort_by_key(|entry| {
        let text = |field: &str| entry.head[field].as_str().unwrap_or_default().to_owned();
        (text("operation"), text("time"), text("manager"))
    });
    let list: Vec<Value> = entries
        .into_iter()
        .map(|entry| {
            let mut head = entry.head;
            head["fieldsV1"] = encode(&entry.set);
            head
        })
        .collect();
    if !list.is_empty() {
        object["metadata"]["managedFields"] = json!(list);
    } else if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
}

/// Records a write other than an apply: the writer owns what changed, nobody else does, and what is gone is nobody's.
pub fn record_update(before: &Value, after: &mut Value, writer: &Writer, shape: &Shape) {
    let mut mine = changed(before, after, shape);
    if writer.subresource.is_empty() {
        mine.retain(|path| path.first().is_none_or(|first| first != "f:status"));
    }
    let present = all_of(after, shape);
    let mut entries = entries(before);
    for entry in &mut entries {
        let same = entry.is_of(writer);
        entry
            .set
            .retain(|path| present.contains(path) && (same || !mine.contains(path)));
    }
    if !mine.is_empty() {
        touch(&mut entries, writer, |set| set.extend(mine.iter().cloned()));
    }
    store(after, entries);
}

/// Changes the set of a writer, whose entry is made if there is none, and notes the time.
pub fn touch(entries: &mut Vec<Entry>, writer: &Writer, change: impl FnOnce(&mut FieldSet)) {
    if !entries.iter().any(|entry| entry.is_of(writer)) {
        let mut head = json!({"manager": writer.manager, "operation": writer.operation,
            "apiVersion": writer.api_version, "fieldsType": "FieldsV1"});
        if !writer.subresource.is_empty() {
            head["subresource"] = json!(writer.subresource);
        }
        entries.push(Entry {
            head,
            set: FieldSet::new(),
        });
    }
    if let Some(entry) = entries.iter_mut().find(|entry| entry.is_of(writer)) {
        change(&mut entry.set);
        // The recorded server keeps no time for writes through `scale`.
        if writer.subresource != "scale" {
            entry.head["time"] = json!(now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::schema;

    fn writer(manager: &str) -> Writer {
        Writer {
            manager: manager.into(),
            operation: "Update",
            api_version: "apps/v1".into(),
            subresource: String::new(),
        }
    }

    #[test]
    fn the_last_writer_of_a_field_owns_it() {
        let shape = schema::of_kind("Deployment");
        let mut first = json!({"metadata": {"name": "a"}, "spec": {"replicas": 1, "template": {"spec": {
            "containers": [{"name": "api", "image": "x:1"}]}}}});
        record_update(&json!({}), &mut first, &writer("kubectl-create"), &shape);
        let mut second = first.clone();
        second["spec"]["template"]["spec"]["containers"][0]["image"] = json!("x:2");
        record_update(&first, &mut second, &writer("kubectl-set"), &shape);
        let entries = entries(&second);
        let set = entries
            .iter()
            .find(|entry| entry.head["manager"] == "kubectl-set")
            .unwrap();
        assert_eq!(
            encode(&set.set),
            json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"api\"}": {"f:image": {}}}}}}})
        );
        let create = entries
            .iter()
            .find(|entry| entry.head["manager"] == "kubectl-create")
            .unwrap();
        let image = set.set.first().unwrap();
        assert!(!create.set.contains(image));
        assert_eq!(
            display(image),
            ".spec.template.spec.containers[name=\"api\"].image"
        );
        assert_eq!(decode(&encode(&create.set)), create.set);
    }
}
