//! A request as the handlers see it: who asks for what, in which form.

use std::collections::HashMap;

use http::{HeaderMap, Method, header, request::Parts};
use serde_json::Value;

use crate::kube::{
    access::{Attributes, User},
    key::Key,
    managed::Writer,
    resources::{self, Resource, group_version},
    schema::{self, Shape},
    selector::Selector,
    status::Failure,
    table::Include,
};

/// Where a path of the API points to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) plural: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) sub: Option<String>,
    /// What follows the subresource, with its slash (`proxy/health` gives `/health`).
    pub(crate) rest: String,
}

impl Place {
    /// Reads `/api/v1/...` and `/apis/GROUP/VERSION/...`; `None` for any other path.
    pub(crate) fn parse(path: &str) -> Option<Place> {
        let (group, rest) = if let Some(rest) = path.strip_prefix("/api/") {
            ("", rest)
        } else {
            path.strip_prefix("/apis/")?.split_once('/')?
        };
        let (version, rest) = rest.split_once('/')?;
        let mut parts = rest.splitn(6, '/').filter(|part| !part.is_empty()).peekable();
        let mut place = Place {
            group: group.into(),
            version: version.into(),
            ..Place::default()
        };
        let first = parts.next()?;
        place.plural = first.to_owned();
        if first == "namespaces" && group.is_empty() {
            let Some(name) = parts.next() else {
                return Some(place);
            };
            match parts.next() {
                None => place.name = Some(name.to_owned()),
                Some(sub @ ("finalize" | "status")) if parts.peek().is_none() => {
                    place.name = Some(name.to_owned());
                    place.sub = Some(sub.to_owned());
                }
                Some(plural) => {
                    place.namespace = Some(name.to_owned());
                    place.plural = plural.to_owned();
                }
            }
        } else if first == "namespaces" {
            place.namespace = Some(parts.next()?.to_owned());
            place.plural = parts.next()?.to_owned();
        }
        if place.name.is_none() {
            place.name = parts.next().map(str::to_owned);
            place.sub = parts.next().map(str::to_owned);
        }
        let rest: Vec<&str> = parts.collect();
        place.rest = if rest.is_empty() {
            String::new()
        } else {
            format!("/{}", rest.join("/"))
        };
        Some(place)
    }
}

/// In which form objects are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Object,
    Table,
    Metadata,
}

/// How the body of a request changes an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatchType {
    Json,
    Merge,
    Strategic,
    Apply,
}

impl PatchType {
    pub(crate) fn name(self) -> &'static str {
        match self {
            PatchType::Json => "json",
            PatchType::Merge => "merge",
            PatchType::Strategic => "strategic",
            PatchType::Apply => "apply",
        }
    }
}

/// One request.
pub(crate) struct Call {
    pub(crate) user: User,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) place: Option<Place>,
    pub(crate) accept: String,
    pub(crate) content_type: String,
    pub(crate) agent: String,
    pub(crate) body: bytes::Bytes,
    /// The repeated parameter `command`.
    pub(crate) commands: Vec<String>,
    /// By which the connection becomes something else than HTTP.
    pub(crate) upgrade: Option<hyper::upgrade::OnUpgrade>,
    pub(crate) websocket_key: String,
    pub(crate) websocket_protocols: String,
}

pub(crate) fn header_text(headers: &HeaderMap, name: impl header::AsHeaderName) -> String {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

impl Call {
    pub(crate) fn new(user: User, parts: &Parts, body: bytes::Bytes) -> Call {
        let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        Call {
            user,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            commands: query
                .filter(|(name, _)| name == "command")
                .map(|(_, word)| word.into_owned())
                .collect(),
            query: query.into_owned().collect(),
            upgrade: parts.extensions.get().cloned(),
            websocket_key: header_text(&parts.headers, header::SEC_WEBSOCKET_KEY),
            websocket_protocols: header_text(&parts.headers, header::SEC_WEBSOCKET_PROTOCOL),
            place: Place::parse(parts.uri.path()),
            accept: header_text(&parts.headers, header::ACCEPT),
            content_type: header_text(&parts.headers, header::CONTENT_TYPE),
            agent: header_text(&parts.headers, header::USER_AGENT),
            body,
        }
    }

    /// A query parameter that is not empty.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether a query parameter is on.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(
            self.query.get(name).map(String::as_str),
            Some("true" | "1" | "True")
        )
    }

    /// Whether nothing shall be stored: by the query, or by the options in the body of a deletion or an eviction.
    ///
    /// # Errors
    /// 400 for a value other than `All`.
    pub(crate) fn dry_run(&self) -> Result<bool, Failure> {
        let evicts = self
            .place
            .as_ref()
            .is_some_and(|place| place.sub.as_deref() == Some("eviction"));
        if self.method == Method::DELETE || evicts {
            let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
            let options = if evicts { &body["deleteOptions"] } else { &body };
            if options["dryRun"][0] == "All" {
                return Ok(true);
            }
        }
        match self.param("dryRun") {
            None => Ok(false),
            Some("All") => Ok(true),
            Some(other) => Err(Failure::bad_request(format!(
                "dryRun: Unsupported value: {other:?}"
            ))),
        }
    }

    pub(crate) fn selector(&self, plural: &str) -> Result<Selector, Failure> {
        let text = |name: &str| self.query.get(name).map(String::as_str).unwrap_or_default();
        Selector::parse(plural, text("labelSelector"), text("fieldSelector"))
    }

    /// The form that `Accept` asks for.
    pub(crate) fn form(&self) -> Form {
        for kind in self.accept.split(',').map(str::trim) {
            if kind.contains("as=Table") {
                return Form::Table;
            }
            if kind.contains("as=PartialObjectMetadata") {
                return Form::Metadata;
            }
            if kind.starts_with("application/json") || kind.starts_with("*/*") {
                return Form::Object;
            }
        }
        Form::Object
    }

    pub(crate) fn include(&self) -> Include {
        Include::parse(self.param("includeObject"))
    }

    pub(crate) fn patch_type(&self) -> Result<PatchType, Failure> {
        match self.content_type.split(';').next().unwrap_or_default().trim() {
            "application/json-patch+json" => Ok(PatchType::Json),
            "application/merge-patch+json" => Ok(PatchType::Merge),
            "application/strategic-merge-patch+json" => Ok(PatchType::Strategic),
            "application/apply-patch+yaml" => Ok(PatchType::Apply),
            _ => Err(Failure::unsupported_media(
                "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, \
                 application/apply-patch+yaml",
            )),
        }
    }

    /// Who is recorded in `managedFields`: the parameter, else the first part of the user agent.
    pub(crate) fn writer(&self, target: &Target, operation: &'static str) -> Writer {
        let agent = self
            .agent
            .split('/')
            .next()
            .filter(|agent| !agent.is_empty())
            .unwrap_or("unknown");
        Writer {
            manager: self.param("fieldManager").unwrap_or(agent).to_owned(),
            operation,
            api_version: target.api_version(),
            subresource: target.sub.clone().unwrap_or_default(),
        }
    }

    /// What authorization looks at.
    pub(crate) fn attributes(&self) -> Attributes {
        let Some(place) = &self.place else {
            let verb = self.method.as_str().to_lowercase();
            return Attributes {
                verb,
                path: self.path.clone(),
                ..Attributes::default()
            };
        };
        let named = place.name.is_some();
        let verb = match self.method {
            Method::GET | Method::HEAD if named => "get",
            Method::GET | Method::HEAD if self.flag("watch") => "watch",
            Method::GET | Method::HEAD => "list",
            Method::POST => "create",
            Method::PUT => "update",
            Method::PATCH => "patch",
            Method::DELETE if named => "delete",
            Method::DELETE => "deletecollection",
            _ => "unknown",
        };
        let only = || {
            let selector = self.selector(&place.plural).ok()?;
            selector
                .only_name()
                .map(str::to_owned)
                .filter(|_| matches!(verb, "list" | "watch"))
        };
        Attributes {
            verb: verb.into(),
            group: place.group.clone(),
            resource: place.plural.clone(),
            subresource: place.sub.clone().unwrap_or_default(),
            // A namespace is in itself, as the real server has it.
            namespace: match &place.namespace {
                None if place.plural == "namespaces" && place.group.is_empty() => place.name.clone(),
                namespace => namespace.clone(),
            }
            .unwrap_or_default(),
            name: place.name.clone().or_else(only).unwrap_or_default(),
            path: self.path.clone(),
        }
    }
}

/// A place whose resource is served and stored.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) resource: &'static Resource,
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) sub: Option<String>,
    pub(crate) rest: String,
}

impl Target {
    /// `None` when the group, version or resource is not served, or the namespace is where none belongs.
    pub(crate) fn of(place: &Place) -> Option<Target> {
        let resource = resources::by_plural(&place.group, &place.plural)?;
        let events = place.group == "events.k8s.io";
        let version = if events {
            place.version == "v1"
        } else {
            resource.versions.contains(&place.version.as_str())
        };
        let scoped = resource.namespaced || place.namespace.is_none();
        let sub = place.sub.as_deref().is_none_or(|sub| resource.has_sub(sub));
        (version && scoped && sub).then(|| Target {
            resource,
            group: place.group.clone(),
            version: place.version.clone(),
            namespace: place.namespace.clone(),
            name: place.name.clone(),
            sub: place.sub.clone(),
            rest: place.rest.clone(),
        })
    }

    /// The key of an object of this resource in this namespace.
    pub(crate) fn key(&self, name: &str) -> Key {
        Key {
            group: self.resource.group.into(),
            plural: self.resource.plural.into(),
            namespace: self.namespace.clone(),
            name: name.into(),
        }
    }

    /// The key of the object that the path names; the name is empty for a collection.
    pub(crate) fn named(&self) -> Key {
        self.key(self.name.as_deref().unwrap_or_default())
    }

    /// The version in which the request speaks.
    pub(crate) fn api_version(&self) -> String {
        group_version(&self.group, &self.version)
    }

    pub(crate) fn shape(&self) -> Shape {
        schema::of_kind(self.resource.kind)
    }

    /// The 404 for the named object, in the group of the request.
    pub(crate) fn not_found(&self) -> Failure {
        let name = self.name.as_deref().unwrap_or_default();
        Failure::not_found_named(&self.group, self.resource.plural, name)
    }

    /// An object in the version of the request.
    pub(crate) fn outward(&self, object: &Value) -> Value {
        crate::kube::convert::outward(object, &self.group, &self.version)
    }

    /// Whether stored objects must be converted for this request.
    pub(crate) fn converts(&self) -> bool {
        crate::kube::convert::needed(&self.group, &self.version, self.resource.plural)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> (String, Option<String>, Option<String>, Option<String>, String) {
        let place = Place::parse(path).unwrap();
        (place.plural, place.namespace, place.name, place.sub, place.rest)
    }

    #[test]
    fn paths_are_read() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            place("/api/v1/pods"),
            ("pods".into(), None, None, None, String::new())
        );
        assert_eq!(
            place("/api/v1/namespaces/a"),
            ("namespaces".into(), None, some("a"), None, String::new())
        );
        assert_eq!(
            place("/apis/apps/v1/namespaces/a/deployments/b/scale"),
            (
                "deployments".into(),
                some("a"),
                some("b"),
                some("scale"),
                String::new()
            )
        );
        assert_eq!(
            place("/api/v1/namespaces/a/services/b:80/proxy/x/y"),
            (
                "services".into(),
                some("a"),
                some("b:80"),
                some("proxy"),
                "/x/y".into()
            )
        );
        assert_eq!(Place::parse("/apis/apps/v1"), None);
    }
}
