//! The settings as written: everything optional and hardly typed, so that reading goes on after a mistake and every
//! mistake is told. What the texts mean is for the other modules of `settings`.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A list whose wrong elements were taken out after they were told of.
pub(super) type List<T> = Vec<Option<T>>;

/// Text, or a number written without quotes: ids are copied out of Discord as digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Seen;
        impl Visitor<'_> for Seen {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text in quotes")
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Text, E> {
                Ok(Text(v.trim().to_owned()))
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
        }
        d.deserialize_any(Seen)
    }
}

/// `true` or `false`, also as the text that an environment variable gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Seen;
        impl Visitor<'_> for Seen {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }
            fn visit_bool<E: de::Error>(self, v: bool) -> Result<Flag, E> {
                Ok(Flag(v))
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Flag, E> {
                match v {
                    "true" => Ok(Flag(true)),
                    "false" => Ok(Flag(false)),
                    _ => Err(E::invalid_value(de::Unexpected::Str(v), &self)),
                }
            }
        }
        d.deserialize_any(Seen)
    }
}

/// A whole number, also as the text that an environment variable gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count(pub(super) u32);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Seen;
        impl Visitor<'_> for Seen {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of at least 1")
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Count, E> {
                match u32::try_from(v) {
                    Ok(n) if n > 0 => Ok(Count(n)),
                    _ => Err(E::invalid_value(de::Unexpected::Signed(v), &self)),
                }
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Count, E> {
                self.visit_i64(i64::try_from(v).unwrap_or(i64::MAX))
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Count, E> {
                v.parse()
                    .map_err(|_| E::invalid_value(de::Unexpected::Str(v), &self))
                    .and_then(|n: i64| self.visit_i64(n))
            }
        }
        d.deserialize_any(Seen)
    }
}

/// A number, also as the text that an environment variable gives. No infinity, and not what is no number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(pub(super) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Seen;
        impl Visitor<'_> for Seen {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Number, E> {
                if v.is_finite() {
                    Ok(Number(v))
                } else {
                    Err(E::invalid_value(de::Unexpected::Float(v), &self))
                }
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Number, E> {
                // Bounds of figures are small; 32 bits lose nothing.
                match i32::try_from(v) {
                    Ok(small) => Ok(Number(f64::from(small))),
                    Err(_) => self.visit_str(&v.to_string()),
                }
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Number, E> {
                self.visit_str(&v.to_string())
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Number, E> {
                match v.parse::<f64>() {
                    Ok(number) => self.visit_f64(number),
                    Err(_) => Err(E::invalid_value(de::Unexpected::Str(v), &self)),
                }
            }
        }
        d.deserialize_any(Seen)
    }
}

/// `gate = "confirm"` or `gate = { approve = [...] }`.
#[derive(Debug)]
pub(super) enum RawGate {
    /// A word.
    Word(String),
    /// A table.
    Table(RawApprove),
}

impl<'de> Deserialize<'de> for RawGate {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = RawGate;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "\"none\", \"confirm\" or { approve = [{ count = 1, of = [\"role:...\"] }], reason = true }",
                )
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<RawGate, E> {
                Ok(RawGate::Word(v.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawGate, A::Error> {
                RawApprove::deserialize(MapAccessDeserializer::new(map)).map(RawGate::Table)
            }
        }
        d.deserialize_any(Seen)
    }
}

macro_rules! tables {
    ($( $(#[doc = $doc:literal])+ $name:ident { $($field:ident: $kind:ty,)* } )*) => {
        $( $(#[doc = $doc])+
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, expecting = "a table")]
        pub(super) struct $name { $(pub(super) $field: Option<$kind>,)* } )*
    };
}

tables! {
    /// `[discord]`
    RawDiscord {
        token: Text,
        token_file: Text,
        guild: Text,
        language: Text,
        api_address: Text,
        extra_ca: Text,
        channels: RawChannels,
        places: List<RawPlace>,
    }
    /// `[discord.channels]`
    RawChannels {
        ops: Text,
        alerts: Text,
        audit: Text,
    }
    /// `[[discord.places]]`
    RawPlace {
        channel: Text,
        cluster: Text,
        namespace: Text,
    }
    /// `[[clusters]]`
    RawCluster {
        name: Text,
        kubeconfig: Text,
        context: Text,
        namespaces: List<Text>,
        production: Flag,
    }
    /// `[store]`
    RawStore {
        url: Text,
    }
    /// `[http]`
    RawHttp {
        listen: Text,
        alertmanager_token: Text,
    }
    /// `[prometheus]`
    RawPrometheus {
        url: Text,
        token: Text,
        token_file: Text,
        cluster: Text,
    }
    /// `[[panels]]`
    RawPanel {
        name: Text,
        title: Text,
        query: Text,
        unit: Text,
        below: Number,
        above: Number,
        r#where: Text,
    }
    /// `[links]`
    RawLinks {
        grafana: Text,
        prometheus: Text,
        kubernetes: Text,
    }
    /// `[[probes]]`
    RawProbe {
        name: Text,
        r#where: Text,
        url: Text,
        service: Text,
        paths: List<Text>,
        ca: Text,
    }
    /// `[[policy]]`
    RawRule {
        who: List<Text>,
        may: List<Text>,
        r#where: List<Text>,
        gate: RawGate,
        deny: Flag,
    }
    /// The table of a `gate`
    RawApprove {
        approve: List<RawAlternative>,
        reason: Flag,
    }
    /// One element of `approve`
    RawAlternative {
        count: Count,
        of: List<Text>,
    }
    /// `[alerts]`
    RawAlerts {
        mention: List<Text>,
    }
    /// `[limits]`
    RawLimits {
        changes_an_hour: Count,
        replicas: List<RawReplicas>,
    }
    /// `[[limits.replicas]]`
    RawReplicas {
        r#where: List<Text>,
        max: Count,
    }
    /// `[exec]`
    RawExec {
        enabled: Flag,
        free: Flag,
        probe_image: Text,
    }
    /// `[[checks]]`
    RawCheck {
        name: Text,
        argv: List<Text>,
        container: Text,
        timeout: Text,
    }
    /// `[runbook]`
    RawRunbook {
        path: Text,
    }
    /// `[redact]`
    RawRedact {
        secret_values: Flag,
        patterns: List<Text>,
    }
    /// `[log]`
    RawLog {
        format: Text,
    }
}

/// `[roles]`: a name and its Discord role ids.
pub(super) type RawRoles = BTreeMap<String, Option<List<Text>>>;

/// `[timing]`
pub(super) type RawTiming = BTreeMap<String, Option<Text>>;
