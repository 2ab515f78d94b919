//! From a request to its handler.

use std::sync::Arc;

use axum::body::Body;
use http::{Method, Request, Response, header, request::Parts};
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::call::{Call, Target, header_text};
use super::faulty::{self, Before};
use super::{
    Api, exec, logs, patching, proto, proxy, read, removal, reviews, scale, subresource, watching, write,
};
use crate::kube::{access::User, discovery, metrics, mutations, openapi, status::Failure};

/// The largest body that is read (the real server's limit).
const BODY_LIMIT: usize = 3 * 1024 * 1024;

/// Answers one request.
pub(super) async fn handle(api: Arc<Api>, request: Request<Body>, cut: CancellationToken) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let uri = parts
        .uri
        .path_and_query()
        .map_or_else(|| "/".to_owned(), ToString::to_string);
    let effect = api.faults.meet(parts.method.as_str(), &uri);
    let user = authenticate(&api, &parts);
    let anonymous = User {
        name: String::new(),
        rules: crate::kube::access::Rules::none(),
    };
    let (user, refusal) = match user {
        Ok(user) => (user, None),
        Err(failure) => (anonymous, Some(failure)),
    };
    let mut call = Call::new(user, &parts, bytes::Bytes::new());
    let seq = record(&api, &call, &parts);
    let response = match faulty::before(effect.as_ref(), call.flag("watch"), &cut).await {
        Before::Answer(answer) => answer.into_response(),
        Before::Proceed => {
            let answer = match refusal {
                Some(failure) => failure.into(),
                None => match axum::body::to_bytes(body, BODY_LIMIT).await {
                    Ok(body) => {
                        call.body = body;
                        let answered = plain_body(&mut call).and_then(|()| route(&api, call, &parts));
                        answered.unwrap_or_else(Answer::from)
                    }
                    Err(_) => Failure::bad_request("the body of the request could not be read").into(),
                },
            };
            faulty::after(effect, answer.into_response(), cut).await
        }
    };
    api.log.answered(seq, response.status().as_u16());
    response
}

fn record(api: &Api, call: &Call, parts: &Parts) -> u64 {
    let attributes = call.attributes();
    let resource = match attributes.subresource.as_str() {
        "" => attributes.resource,
        sub => format!("{}/{sub}", attributes.resource),
    };
    api.log.request(mutations::Request {
        seq: 0,
        user: call.user.name.clone(),
        method: call.method.to_string(),
        path: call.path.clone(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        verb: attributes.verb,
        resource,
        status: 0,
    })
}

/// Health and version are told to anybody, everything else to users only.
fn authenticate(api: &Api, parts: &Parts) -> Result<User, Failure> {
    let header = header_text(&parts.headers, header::AUTHORIZATION);
    let token = header.strip_prefix("Bearer ").map(str::trim);
    let public = ["/healthz", "/livez", "/readyz", "/version"];
    match token {
        Some(token) => api.users.by_token(token).ok_or_else(Failure::unauthorized),
        None if public.iter().any(|path| parts.uri.path().starts_with(path)) => {
            Ok(api.users.by_name("system:anonymous"))
        }
        None => Err(Failure::unauthorized()),
    }
}

/// Makes a body in protobuf into JSON, which is all that the handlers read.
fn plain_body(call: &mut Call) -> Result<(), Failure> {
    if call
        .content_type
        .starts_with("application/vnd.kubernetes.protobuf")
        && !call.body.is_empty()
    {
        let object = proto::to_json(&call.body).map_err(|what| {
            let mut failure = Failure::unsupported_media("application/json");
            failure.message = format!("{} ({what})", failure.message);
            failure
        })?;
        call.body = object.to_string().into();
    }
    Ok(())
}

/// Authorization, then the handler.
fn route(api: &Arc<Api>, mut call: Call, parts: &Parts) -> Result<Answer, Failure> {
    let attributes = call.attributes();
    let other = header_text(&parts.headers, "impersonate-user");
    if !other.is_empty() {
        let mut wanted = attributes.clone();
        wanted.verb = "impersonate".into();
        wanted.group = String::new();
        wanted.resource = "users".into();
        wanted.name.clone_from(&other);
        if !call.user.rules.allows(&wanted) {
            let verb = format!("impersonate-on:user-info:{}", attributes.verb);
            return Err(attributes.refusal_of(&call.user.name, &verb));
        }
        call.user = api.users.by_name(&other);
    }
    if !call.user.rules.allows(&attributes) {
        return Err(attributes.refusal(&call.user.name));
    }
    match &call.place {
        None => Ok(plain(api, &call)),
        Some(place)
            if place.group.starts_with("authorization.") || place.group.starts_with("authentication.") =>
        {
            reviews::review(api, &call, place)
        }
        Some(place) if place.group == "metrics.k8s.io" => Ok(read::metrics(api, &call, place)),
        Some(place) => match Target::of(place) {
            Some(target) => resource(api, &call, target),
            None if discovery::served(&place.group, Some(&place.version), metrics::installed(&api.node)) => {
                Err(Failure::no_such_resource())
            }
            None => Ok(Answer::page_not_found()),
        },
    }
}

fn resource(api: &Arc<Api>, call: &Call, target: Target) -> Result<Answer, Failure> {
    let named = target.name.is_some();
    if target.resource.namespaced && target.namespace.is_none() && (named || call.method == Method::POST) {
        return Err(Failure::no_such_resource());
    }
    match target.sub.as_deref() {
        None => (),
        Some("exec") => return exec::exec(api, call, &target),
        Some("log") => return logs::log(api, call, &target),
        Some("proxy") => return proxy::proxy(api, call, &target),
        Some("scale") => return scale::scale(api, call, &target),
        Some(_) => return subresource::handle(api, call, &target),
    }
    match (&call.method, named) {
        (&Method::GET, true) => read::get(api, call, &target),
        (&Method::GET, false) if call.flag("watch") => watching::watch(api, call, &target),
        (&Method::GET, false) => read::list(api, call, &target),
        (&Method::POST, false) => write::create(api, call, &target),
        (&Method::PUT, true) => write::update(api, call, &target),
        (&Method::PATCH, true) => patching::patch(api, call, &target),
        (&Method::DELETE, true) => removal::delete(api, call, &target),
        (&Method::DELETE, false) => removal::delete_collection(api, call, &target),
        _ => Err(Failure::method_not_allowed()),
    }
}

/// Health, version, discovery and OpenAPI.
fn plain(api: &Api, call: &Call) -> Answer {
    let path = call.path.trim_end_matches('/');
    let metrics = metrics::installed(&api.node);
    let found = match path {
        "/healthz" | "/livez" | "/readyz" => return Answer::text(200, "ok"),
        "/version" => Some(discovery::version(&api.version)),
        "/api" | "/apis" => return root(api, call, path == "/api"),
        "/api/v1" => discovery::resource_list("", "v1", metrics),
        "/openapi/v3" => Some(openapi::index()),
        "/openapi/v2" => Some(openapi::swagger()),
        other => match (other.strip_prefix("/openapi/v3/"), other.strip_prefix("/apis/")) {
            (Some(path), _) => openapi::document(path),
            (None, Some(group)) => match group.split_once('/') {
                Some((group, version)) => discovery::resource_list(group, version, metrics),
                None => discovery::group(group, metrics),
            },
            _ if other.starts_with("/healthz/")
                || other.starts_with("/livez/")
                || other.starts_with("/readyz/") =>
            {
                return Answer::text(200, "ok");
            }
            _ => None,
        },
    };
    found.map_or_else(Answer::page_not_found, |value| Answer::json(200, &value))
}

fn root(api: &Api, call: &Call, core: bool) -> Answer {
    let metrics = metrics::installed(&api.node);
    for (version, content_type) in [
        (
            "v2",
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        ),
        (
            "v2beta1",
            "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        ),
    ] {
        let wanted = |kind: &str| {
            kind.contains("as=APIGroupDiscoveryList")
                && kind.split(';').any(|part| part.trim() == format!("v={version}"))
        };
        if call.accept.split(',').any(wanted) {
            let body = discovery::aggregated(core, version, metrics).to_string();
            return Answer::new(200, content_type, body);
        }
    }
    match core {
        true => Answer::json(200, &discovery::api_versions(&api.address)),
        false => Answer::json(200, &discovery::group_list(metrics)),
    }
}
