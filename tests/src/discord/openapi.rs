//! Request bodies held against Discord's OpenAPI document, where that exists. It is read leniently, as Discord itself
//! says of it: `oneOf` means `anyOf`, and integers may be written as strings.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::log::Request;

/// The document and the validators that have been needed so far: one per route, of the schemas that it reaches alone,
/// since the whole document takes long to compile.
struct Document {
    doc: Value,
    validators: Mutex<HashMap<String, Compiled>>,
}

/// A validator, or why there is none.
type Compiled = Result<Arc<Validator>, String>;

fn default_path() -> PathBuf {
    match std::env::var_os("DISCORD_OPENAPI") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/discord/openapi.json"),
    }
}

fn load(path: &Path) -> Option<Arc<Document>> {
    let text = std::fs::read_to_string(path).ok()?;
    let doc = serde_json::from_str(&text).ok()?;
    Some(Arc::new(Document {
        doc,
        validators: Mutex::new(HashMap::new()),
    }))
}

/// What does not fit in these requests; nothing where there is no document.
pub(super) fn check(path: Option<&Path>, requests: &[Request]) -> Vec<String> {
    static DEFAULT: OnceLock<Option<Arc<Document>>> = OnceLock::new();
    if requests.is_empty() {
        return Vec::new();
    }
    let document = match path {
        Some(path) => load(path),
        None => DEFAULT.get_or_init(|| load(&default_path())).clone(),
    };
    let Some(document) = document else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for request in requests.iter().filter(|request| !request.body.is_null()) {
        for problem in document.problems(request) {
            problems.push(format!("{} {}: {problem}", request.method, request.path));
        }
    }
    problems
}

impl Document {
    fn problems(&self, request: &Request) -> Vec<String> {
        let Some(template) = self.template(&request.method, &request.path) else {
            return vec!["no such operation in the document".to_owned()];
        };
        let key = format!("{} {template}", request.method);
        let known = self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        let validator = match known {
            Some(validator) => validator,
            None => {
                let made = self.compile(&request.method, &template);
                let mut all = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
                all.entry(key).or_insert(made).clone()
            }
        };
        match validator {
            Ok(validator) => validator
                .iter_errors(&request.body)
                .map(|error| describe(&error, &request.body))
                .collect(),
            Err(problem) => vec![problem],
        }
    }

    /// The document's path for a request; those with more words in them win.
    fn template(&self, method: &str, path: &str) -> Option<String> {
        let given: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        let fits = |template: &&String| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == given.len()
                && wanted
                    .iter()
                    .zip(&given)
                    .all(|(want, have)| want.starts_with('{') || want == have)
        };
        let paths = self.doc["paths"].as_object()?;
        let known = paths
            .iter()
            .filter(|(_, item)| item.get(method.to_lowercase()).is_some());
        known
            .map(|(template, _)| template)
            .filter(fits)
            .min_by_key(|template| template.matches('{').count())
            .cloned()
    }

    fn compile(&self, method: &str, template: &str) -> Compiled {
        let content = &self.doc["paths"][template][method.to_lowercase()]["requestBody"]["content"];
        let kinds = content.as_object();
        let kind = kinds.and_then(|kinds| kinds.get("application/json").or_else(|| kinds.values().next()));
        let schema = kind.ok_or("the operation takes no body")?["schema"].clone();
        let mut wanted = BTreeSet::new();
        references(&schema, &mut wanted);
        let mut schemas = Map::new();
        while let Some(name) = wanted.iter().find(|name| !schemas.contains_key(*name)).cloned() {
            let found = &self.doc["components"]["schemas"][&name];
            references(found, &mut wanted);
            schemas.insert(name.clone(), lenient(&name, found));
        }
        let whole = json!({"allOf": [lenient("", &schema)], "components": {"schemas": schemas}});
        let built = jsonschema::draft202012::options().build(&whole);
        built
            .map(Arc::new)
            .map_err(|error| format!("Discord's document does not compile: {error}"))
    }
}

fn references(node: &Value, out: &mut BTreeSet<String>) {
    match node {
        Value::Object(map) => {
            let target = map.get("$ref").and_then(Value::as_str);
            out.extend(
                target
                    .and_then(|target| target.strip_prefix("#/components/schemas/"))
                    .map(str::to_owned),
            );
            map.values().for_each(|value| references(value, out));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, out)),
        _ => {}
    }
}

/// The schema with `oneOf` read as `anyOf`, integers as numbers or numerals, and snowflakes as either.
fn lenient(name: &str, node: &Value) -> Value {
    if name == "SnowflakeType" {
        return json!({"anyOf": [{"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}, {"type": "integer", "minimum": 0}]});
    }
    match node {
        Value::Object(map) => {
            let mut out: Map<String, Value> = map
                .iter()
                .map(|(key, value)| {
                    (
                        if key == "oneOf" { "anyOf" } else { key }.to_owned(),
                        lenient("", value),
                    )
                })
                .collect();
            let integer = match out.get("type") {
                Some(Value::String(kind)) if kind == "integer" => Some(json!(["integer", "string"])),
                Some(Value::Array(kinds))
                    if kinds.contains(&json!("integer")) && !kinds.contains(&json!("string")) =>
                {
                    Some(Value::Array(
                        kinds.iter().cloned().chain([json!("string")]).collect(),
                    ))
                }
                _ => None,
            };
            if let Some(kinds) = integer {
                out.insert("type".to_owned(), kinds);
                out.insert("pattern".to_owned(), json!("^-?[0-9]{1,20}$"));
            }
            Value::Object(out)
        }
        Value::Array(items) => items.iter().map(|item| lenient("", item)).collect(),
        other => other.clone(),
    }
}

/// Where and what, short enough for a line.
fn describe(error: &jsonschema::ValidationError<'_>, body: &Value) -> String {
    let at = error.instance_path().to_string();
    let value = body.pointer(&at).unwrap_or(body).to_string();
    let short: String = value.chars().take(300).collect();
    let message: String = error.to_string().chars().take(200).collect();
    format!(
        "{}: {message} in {short}",
        if at.is_empty() { "<body>" } else { &at }
    )
}
