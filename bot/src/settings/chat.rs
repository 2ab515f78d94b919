//! `[discord]`: who the bot is, whom it serves, and in which channels.

use std::{collections::BTreeMap, net::SocketAddr, path::Path};

use ceo_commands::model::{ChannelId, Locale};

use super::{
    Channels, Cluster, Discord, Secret,
    problem::{Problems, suggestion},
    raw::{List, RawChannels, RawDiscord, RawPlace, Text},
    services,
};

/// What Discord's ids look like.
const AN_ID: &str = "expected a Discord id, which is a number like \"1180000000000000000\" (turn on Developer Mode in Discord, then right-click, Copy ID)";

/// The channel of the witness.
const AUDIT: &str = "discord.channels.audit";
const SHARED: &str = "has another use, too; expected a channel of its own: the audit's heads stand there, and no message of it is ever changed";

pub(super) fn discord(
    raw: RawDiscord,
    home: &Path,
    clusters: &[Cluster],
    problems: &mut Problems,
) -> Option<Discord> {
    let token_file = raw.token_file.as_ref().map(|Text(path)| home.join(path));
    let token = token(raw.token, raw.token_file, home, problems);
    let guild = id("discord.guild", raw.guild, problems);
    let language = language(raw.language, problems);
    let api_address = raw.api_address.and_then(|Text(text)| {
        let address: Option<SocketAddr> = text.parse().ok();
        if address.is_none() {
            problems.add(
                "discord.api_address",
                format!(
                    "\"{text}\" is not an address; expected an IP address and a port like \"127.0.0.1:8443\""
                ),
            );
        }
        address
    });
    let extra_ca = raw.extra_ca.and_then(|Text(path)| {
        let pem = services::file("discord.extra_ca", &path, home, problems)?;
        if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
            problems.add(
                "discord.extra_ca",
                format!("{path} holds no certificate; expected a PEM file"),
            );
        }
        Some(pem)
    });
    let channels = channels(raw.channels.unwrap_or_default(), problems);
    let places = places(raw.places.unwrap_or_default(), clusters, problems);
    if channels.is_some_and(|channels| places.contains_key(&channels.audit)) {
        problems.add(AUDIT, SHARED);
    }
    let first = clusters.first();
    Some(Discord {
        token: token?,
        guild: guild?,
        language,
        api_address,
        extra_ca,
        channels: channels?,
        token_file,
        default_place: (
            first.map(|c| c.name.clone()).unwrap_or_default(),
            first
                .and_then(|c| c.namespaces.first().cloned())
                .unwrap_or_default(),
        ),
        places,
    })
}

/// The language of channels.
fn language(text: Option<Text>, problems: &mut Problems) -> Locale {
    match text {
        None => Locale::default(),
        Some(Text(text)) if text == "en" => Locale::En,
        Some(Text(text)) if text == "zh-CN" => Locale::ZhCn,
        Some(Text(text)) => {
            problems.add(
                "discord.language",
                format!("\"{text}\" is none that the bot speaks; expected \"en\" or \"zh-CN\""),
            );
            Locale::default()
        }
    }
}

/// A Discord id: 64 bits, never 0.
pub(super) fn id(key: &str, text: Option<Text>, problems: &mut Problems) -> Option<u64> {
    let Some(Text(text)) = text else {
        if !problems.at(key) {
            problems.add(key, format!("is missing; {AN_ID}"));
        }
        return None;
    };
    match text.parse() {
        Ok(id) if id > 0 => Some(id),
        _ => {
            problems.add(key, format!("\"{text}\" is no id; {AN_ID}"));
            None
        }
    }
}

fn token(
    token: Option<Text>,
    token_file: Option<Text>,
    home: &Path,
    problems: &mut Problems,
) -> Option<Secret> {
    let (key, text) = match (token, token_file) {
        (Some(_), Some(_)) => {
            problems.add(
                "discord.token",
                "is set, and so is discord.token_file; expected one of them",
            );
            return None;
        }
        (Some(Text(text)), None) => ("discord.token", text),
        (None, Some(Text(path))) => {
            let bytes = services::file("discord.token_file", &path, home, problems)?;
            (
                "discord.token_file",
                String::from_utf8_lossy(&bytes).trim().to_owned(),
            )
        }
        (None, None) => {
            if !problems.at("discord.token") {
                problems.add(
                    "discord.token",
                    "is missing; expected the bot's token: the environment variable CEO__DISCORD__TOKEN, or discord.token_file",
                );
            }
            return None;
        }
    };
    let wrong = if text.is_empty() {
        Some("is empty; expected the bot's token")
    } else if text.starts_with("Bot ") {
        Some("begins with \"Bot \"; expected the token alone")
    } else if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Some("holds spaces or line breaks; expected the bot's token alone")
    } else {
        None
    };
    match wrong {
        Some(what) => {
            problems.add(key, what);
            None
        }
        None => Some(Secret::new(text)),
    }
}

fn channels(raw: RawChannels, problems: &mut Problems) -> Option<Channels> {
    let mut optional = |key: &str, text: Option<Text>| {
        text.and_then(|text| id(&format!("discord.channels.{key}"), Some(text), problems))
    };
    let alerts = optional("alerts", raw.alerts);
    let audit = id(AUDIT, raw.audit, problems);
    let ops = id("discord.channels.ops", raw.ops, problems);
    if audit.is_some() && (audit == ops || audit == alerts) {
        problems.add(AUDIT, SHARED);
    }
    let (ops, audit) = (ops?, audit?);
    Some(Channels {
        ops: ChannelId(ops),
        alerts: ChannelId(alerts.unwrap_or(ops)),
        audit: ChannelId(audit),
    })
}

fn places(
    raw: List<RawPlace>,
    clusters: &[Cluster],
    problems: &mut Problems,
) -> BTreeMap<ChannelId, (String, String)> {
    let mut places = BTreeMap::new();
    for (at, place) in raw.into_iter().enumerate() {
        let (Some(place), key) = (place, format!("discord.places[{at}]")) else {
            continue;
        };
        let channel = id(&format!("{key}.channel"), place.channel, problems).map(ChannelId);
        let Some(cluster) = named_cluster(&key, place.cluster, clusters, problems) else {
            continue;
        };
        let namespace = match place.namespace {
            None => cluster.namespaces.first().cloned().unwrap_or_default(),
            Some(Text(name)) if cluster.namespaces.contains(&name) => name,
            Some(_) if problems.at("clusters") => continue,
            Some(Text(name)) => {
                problems.add(
                    format!("{key}.namespace"),
                    format!(
                        "\"{name}\" is not among the namespaces of the cluster {}{}",
                        cluster.name,
                        suggestion(&name, cluster.namespaces.iter().map(String::as_str))
                    ),
                );
                continue;
            }
        };
        let Some(channel) = channel else { continue };
        if places
            .insert(channel, (cluster.name.clone(), namespace))
            .is_some()
        {
            problems.add(
                format!("{key}.channel"),
                format!("the channel {channel} has a place already"),
            );
        }
    }
    places
}

fn named_cluster<'a>(
    key: &str,
    name: Option<Text>,
    clusters: &'a [Cluster],
    problems: &mut Problems,
) -> Option<&'a Cluster> {
    let Some(Text(name)) = name else {
        return clusters.first();
    };
    let found = clusters.iter().find(|c| c.name == name);
    // What follows from a mistake in [[clusters]] is not told again.
    if found.is_none() && !problems.at("clusters") {
        problems.add(
            format!("{key}.cluster"),
            format!(
                "there is no cluster \"{name}\"{}",
                suggestion(&name, clusters.iter().map(|c| c.name.as_str()))
            ),
        );
    }
    found
}
