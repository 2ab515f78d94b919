//! Bodies in Kubernetes' protobuf encoding, made into JSON.
//!
//! Clients built with Go's typed clients (kubectl's `auth can-i`, `create`, `drain`) send their objects so and have no
//! other form to fall back to. Only what they send is described; anything else is refused, so that nothing is lost
//! in silence. Field numbers are those of the `generated.proto` files of `k8s.io/api` and `k8s.io/apimachinery`.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use serde_json::{Map, Value, json};

/// Why a body could not be read.
pub(super) type Unreadable = String;

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Bytes,
    Int,
    Bool,
    Message(&'static str),
    /// A string map.
    Map,
    /// A map of bytes.
    ByteMap,
    /// A map of quantities.
    Quantities,
    /// `intstr.IntOrString`.
    IntOrString,
    /// A time, which a client never sets.
    Ignored,
}

/// Number, name, kind, whether it is a list.
type Field = (u64, &'static str, Kind, bool);

type Table = HashMap<&'static str, Vec<Field>>;

static TYPES: LazyLock<Table> = LazyLock::new(|| TABLE.lines().filter_map(parse).collect());

fn parse(line: &'static str) -> Option<(&'static str, Vec<Field>)> {
    let (name, rest) = line
        .trim()
        .split_once(": ")
        .or_else(|| Some((line.trim().strip_suffix(':')?, "")))?;
    Some((name, rest.split_whitespace().filter_map(field).collect()))
}

/// `NUMBER:name`, `NUMBER*:name` for a list; `=` gives what is no text.
fn field(word: &'static str) -> Option<Field> {
    let (number, rest) = word.split_once(':')?;
    let (name, kind) = rest.split_once('=').unwrap_or((rest, ""));
    let kind = match kind {
        "" => Kind::Text,
        "#" => Kind::Int,
        "?" => Kind::Bool,
        "!" => Kind::Bytes,
        "{}" => Kind::Map,
        "{!}" => Kind::ByteMap,
        "{q}" => Kind::Quantities,
        "%" => Kind::IntOrString,
        "-" => Kind::Ignored,
        other => Kind::Message(other),
    };
    Some((
        number.trim_end_matches('*').parse().ok()?,
        name,
        kind,
        number.ends_with('*'),
    ))
}

/// `=#` is a number, `=?` a truth value, `=!` bytes, `={}` a map of texts, `={!}` of bytes, `={q}` of quantities, `=%` a
/// number or a text, `=-` something that clients never set, `=Type` a message.
const TABLE: &str = "
    ObjectMeta: 1:name 2:generateName 3:namespace 4:selfLink 5:uid 6:resourceVersion 7:generation=# 8:creationTimestamp=- 11:labels={} 12:annotations={} 13*:ownerReferences=OwnerReference 14*:finalizers
    OwnerReference: 1:kind 3:name 4:uid 5:apiVersion 6:controller=? 7:blockOwnerDeletion=?
    SelfSubjectAccessReview: 1:metadata=ObjectMeta 2:spec=AccessSpec 3:status=-
    AccessSpec: 1:resourceAttributes=ResourceAttributes 2:nonResourceAttributes=NonResourceAttributes
    ResourceAttributes: 1:namespace 2:verb 3:group 4:version 5:resource 6:subresource 7:name
    NonResourceAttributes: 1:path 2:verb
    SelfSubjectRulesReview: 1:metadata=ObjectMeta 2:spec=RulesSpec 3:status=-
    RulesSpec: 1:namespace
    SelfSubjectReview: 1:metadata=ObjectMeta 2:status=-
    Namespace: 1:metadata=ObjectMeta 2:spec=NamespaceSpec 3:status=-
    NamespaceSpec: 1*:finalizers
    ServiceAccount: 1:metadata=ObjectMeta
    ConfigMap: 1:metadata=ObjectMeta 2:data={} 3:binaryData={!} 4:immutable=?
    Secret: 1:metadata=ObjectMeta 2:data={!} 3:type 4:stringData={} 5:immutable=?
    Eviction: 1:metadata=ObjectMeta 2:deleteOptions=DeleteOptions
    DeleteOptions: 1:gracePeriodSeconds=# 2:preconditions=Preconditions 3:orphanDependents=? 4:propagationPolicy 5*:dryRun
    Preconditions: 1:uid 2:resourceVersion
    HorizontalPodAutoscaler: 1:metadata=ObjectMeta 2:spec=AutoscalerSpec 3:status=-
    AutoscalerSpec: 1:scaleTargetRef=ScaleTarget 2:minReplicas=# 3:maxReplicas=# 4:targetCPUUtilizationPercentage=#
    ScaleTarget: 1:kind 2:name 3:apiVersion
    Deployment: 1:metadata=ObjectMeta 2:spec=DeploymentSpec 3:status=-
    DeploymentSpec: 1:replicas=# 2:selector=LabelSelector 3:template=PodTemplateSpec 4:strategy=DeploymentStrategy 5:minReadySeconds=# 6:revisionHistoryLimit=# 7:paused=? 9:progressDeadlineSeconds=#
    DeploymentStrategy: 1:type 2:rollingUpdate=RollingUpdate
    RollingUpdate: 1:maxUnavailable=% 2:maxSurge=%
    LabelSelector: 1:matchLabels={} 2*:matchExpressions=Requirement
    Requirement: 1:key 2:operator 3*:values
    Job: 1:metadata=ObjectMeta 2:spec=JobSpec 3:status=-
    JobSpec: 1:parallelism=# 2:completions=# 3:activeDeadlineSeconds=# 4:selector=LabelSelector 5:manualSelector=? 6:template=PodTemplateSpec 7:backoffLimit=# 8:ttlSecondsAfterFinished=# 9:completionMode 10:suspend=? 14:podReplacementPolicy
    CronJob: 1:metadata=ObjectMeta 2:spec=CronJobSpec 3:status=-
    CronJobSpec: 1:schedule 2:startingDeadlineSeconds=# 3:concurrencyPolicy 4:suspend=? 5:jobTemplate=JobTemplateSpec 6:successfulJobsHistoryLimit=# 7:failedJobsHistoryLimit=# 8:timeZone
    JobTemplateSpec: 1:metadata=ObjectMeta 2:spec=JobSpec
    PodTemplateSpec: 1:metadata=ObjectMeta 2:spec=PodSpec
    PodSpec: 2*:containers=Container 3:restartPolicy 4:terminationGracePeriodSeconds=# 5:activeDeadlineSeconds=# 6:dnsPolicy 7:nodeSelector={} 8:serviceAccountName 9:serviceAccount 10:nodeName 11:hostNetwork=? 12:hostPID=? 13:hostIPC=? 14:securityContext=Empty 16:hostname 17:subdomain 19:schedulerName 20*:initContainers=Container 21:automountServiceAccountToken=? 24:priorityClassName
    Container: 1:name 2:image 3*:command 4*:args 5:workingDir 6*:ports=ContainerPort 7*:env=EnvVar 8:resources=ResourceRequirements 10:livenessProbe=Probe 11:readinessProbe=Probe 13:terminationMessagePath 14:imagePullPolicy 15:securityContext=Empty 16:stdin=? 17:stdinOnce=? 18:tty=? 20:terminationMessagePolicy 22:startupProbe=Probe
    ContainerPort: 1:name 2:hostPort=# 3:containerPort=# 4:protocol 5:hostIP
    EnvVar: 1:name 2:value
    ResourceRequirements: 1:limits={q} 2:requests={q}
    Probe: 1:handler=ProbeHandler 2:initialDelaySeconds=# 3:timeoutSeconds=# 4:periodSeconds=# 5:successThreshold=# 6:failureThreshold=#
    ProbeHandler: 1:exec=Exec 2:httpGet=HttpGet 3:tcpSocket=TcpSocket
    Exec: 1*:command
    HttpGet: 1:path 2:port=% 3:host 4:scheme
    TcpSocket: 1:port=% 2:host
    Empty: 
    Unknown: 1:typeMeta=TypeMeta 2:raw=! 3:contentEncoding 4:contentType
    TypeMeta: 1:apiVersion 2:kind
";

/// A body as JSON.
///
/// # Errors
/// A sentence that says what is not understood.
pub(super) fn to_json(body: &[u8]) -> Result<Value, Unreadable> {
    let rest = body
        .strip_prefix(b"k8s\0")
        .ok_or("the body does not begin as a protobuf object does")?;
    let envelope = message(rest, "Unknown")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, version) = (
        text(&envelope["typeMeta"]["kind"]),
        text(&envelope["typeMeta"]["apiVersion"]),
    );
    let raw = base64::engine::general_purpose::STANDARD
        .decode(text(&envelope["raw"]))
        .map_err(|e| e.to_string())?;
    let mut object = message(&raw, &kind)?;
    object["kind"] = json!(kind);
    object["apiVersion"] = json!(version);
    Ok(object)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn varint(&mut self) -> Result<u64, Unreadable> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self
                .0
                .split_first()
                .ok_or("the body ends in the middle of a number")?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number is too long".into())
    }

    fn bytes(&mut self) -> Result<&'a [u8], Unreadable> {
        let length = usize::try_from(self.varint()?).map_err(|error| error.to_string())?;
        if length > self.0.len() {
            return Err("the body ends in the middle of a field".into());
        }
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        Ok(bytes)
    }
}

fn message(bytes: &[u8], kind: &str) -> Result<Value, Unreadable> {
    let described = TYPES
        .get(kind)
        .ok_or_else(|| format!("{kind} in protobuf is not understood"))?;
    let mut reader = Reader(bytes);
    let mut object = Map::new();
    while !reader.0.is_empty() {
        let tag = reader.varint()?;
        let (number, wire) = (tag >> 3, tag & 7);
        let found = described.iter().find(|field| field.0 == number);
        let Some((_, name, field, list)) = found else {
            let empty = match wire {
                0 => reader.varint()? == 0,
                2 => reader.bytes()?.is_empty(),
                _ => false,
            };
            if empty {
                continue;
            }
            return Err(format!("field {number} of {kind} in protobuf is not understood"));
        };
        let value = match (wire, field) {
            (0, Kind::Bool) => json!(reader.varint()? != 0),
            (0, _) => json!(reader.varint()?.cast_signed()),
            (2, field) => value(reader.bytes()?, *field)?,
            _ => return Err(format!("field {name} of {kind} in protobuf is not understood")),
        };
        add(&mut object, name, value, *field, *list);
    }
    if let Some(handler) = object.remove("handler") {
        object.extend(handler.as_object().cloned().unwrap_or_default());
    }
    Ok(Value::Object(object))
}

fn add(object: &mut Map<String, Value>, name: &str, value: Value, kind: Kind, list: bool) {
    match kind {
        Kind::Ignored => (),
        // Typed clients send every string, also the empty ones, which JSON leaves out.
        Kind::Text if value == "" => (),
        Kind::Map | Kind::ByteMap | Kind::Quantities => {
            let map = object.entry(name).or_insert_with(|| json!({}));
            if let (Some(map), Some(entry)) = (map.as_object_mut(), value.as_object()) {
                map.extend(entry.clone());
            }
        }
        _ if list => {
            let items = object.entry(name).or_insert_with(|| json!([]));
            if let Some(items) = items.as_array_mut() {
                items.push(value);
            }
        }
        _ => {
            object.insert(name.to_owned(), value);
        }
    }
}

fn value(bytes: &[u8], kind: Kind) -> Result<Value, Unreadable> {
    let text = |bytes: &[u8]| json!(String::from_utf8_lossy(bytes));
    let encoded = |bytes: &[u8]| json!(base64::engine::general_purpose::STANDARD.encode(bytes));
    Ok(match kind {
        Kind::Text => text(bytes),
        Kind::Bytes => encoded(bytes),
        Kind::Message(kind) => message(bytes, kind)?,
        Kind::Map => entry(bytes, |bytes| Ok(text(bytes)))?,
        Kind::ByteMap => entry(bytes, |bytes| Ok(encoded(bytes)))?,
        Kind::Quantities => entry(bytes, |bytes| Ok(first(bytes, 1)?.map_or(Value::Null, text)))?,
        Kind::IntOrString => int_or_string(bytes)?,
        Kind::Ignored | Kind::Int | Kind::Bool => Value::Null,
    })
}

fn entry(bytes: &[u8], read: impl Fn(&[u8]) -> Result<Value, Unreadable>) -> Result<Value, Unreadable> {
    let key = first(bytes, 1)?.unwrap_or_default();
    let value = read(first(bytes, 2)?.unwrap_or_default())?;
    let mut map = Map::new();
    map.insert(String::from_utf8_lossy(key).into_owned(), value);
    Ok(Value::Object(map))
}

/// The first field of bytes with that number.
fn first(bytes: &[u8], wanted: u64) -> Result<Option<&[u8]>, Unreadable> {
    let mut reader = Reader(bytes);
    while !reader.0.is_empty() {
        let tag = reader.varint()?;
        match tag & 7 {
            0 => {
                reader.varint()?;
            }
            2 => {
                let found = reader.bytes()?;
                if tag >> 3 == wanted {
                    return Ok(Some(found));
                }
            }
            _ => return Err("a field in protobuf is not understood".into()),
        }
    }
    Ok(None)
}

fn int_or_string(bytes: &[u8]) -> Result<Value, Unreadable> {
    let mut reader = Reader(bytes);
    let (mut is_text, mut number, mut text) = (false, 0, String::new());
    while !reader.0.is_empty() {
        match reader.varint()? {
            0x08 => is_text = reader.varint()? == 1,
            0x10 => number = reader.varint()?.cast_signed(),
            0x1a => text = String::from_utf8_lossy(reader.bytes()?).into_owned(),
            _ => return Err("an int-or-string in protobuf is not understood".into()),
        }
    }
    Ok(if is_text { json!(text) } else { json!(number) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2, u8::try_from(bytes.len()).unwrap()];
        out.extend_from_slice(bytes);
        out
    }

    #[test]
    fn a_review_is_read() {
        let attributes = [
            field(1, b"ceoagent"),
            field(2, b"patch"),
            field(5, b"deployments"),
            field(7, b""),
        ]
        .concat();
        let raw = field(2, &field(1, &attributes));
        let meta = [
            field(1, b"authorization.k8s.io/v1"),
            field(2, b"SelfSubjectAccessReview"),
        ]
        .concat();
        let body = [b"k8s\0".to_vec(), field(1, &meta), field(2, &raw)].concat();
        let object = to_json(&body).unwrap();
        assert_eq!(
            object["spec"]["resourceAttributes"],
            json!({"namespace": "ceoagent", "verb": "patch", "resource": "deployments"})
        );
        assert_eq!(object["kind"], "SelfSubjectAccessReview");
        assert!(to_json(b"k8s\0\x0a\x7f").is_err());
    }
}
