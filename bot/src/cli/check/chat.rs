//! Discord: the token, the server, the channels with the permissions that the bot needs there, the roles.

use std::collections::{BTreeMap, BTreeSet};

use ceo_commands::model::{ChannelId, RoleId};
use futures::FutureExt;
use reqwest::{Certificate, Client, StatusCode};
use serde_json::Value;

use super::{
    lines::{Line, Part},
    quorum,
};
use crate::settings::{Discord, Settings, private_file};

/// The permissions that the bot cannot do without in its channels: bit, name.
const PERMISSIONS: [(u32, &str); 5] = [
    (10, "View Channel"),
    (11, "Send Messages"),
    (14, "Embed Links"),
    (15, "Attach Files"),
    (16, "Read Message History"),
];
const ADMINISTRATOR: u64 = 1 << 3;
const MENTION_ALL: u64 = 1 << 17;

/// The sum of [`PERMISSIONS`], as an invitation's URL wants it.
const INVITED_WITH: u64 = 117_760;

pub(super) fn part(settings: &Settings) -> Part<'_> {
    Part {
        about: "Discord".to_owned(),
        fix: "can this machine reach https://discord.com?",
        work: look(settings).boxed(),
    }
}

/// A request that did not give what was asked for.
enum Refusal {
    Status(StatusCode),
    Silent(String),
}

impl Refusal {
    fn words(&self) -> String {
        match self {
            Self::Status(status) => format!("Discord answered HTTP {status}"),
            Self::Silent(why) => format!("Discord did not answer: {why}"),
        }
    }
}

struct Rest<'a> {
    client: Client,
    discord: &'a Discord,
}

impl<'a> Rest<'a> {
    fn new(settings: &'a Settings) -> Result<Self, reqwest::Error> {
        let discord = &settings.discord;
        let mut client = Client::builder().timeout(settings.timing.discord_timeout);
        if let Some(pem) = &discord.extra_ca {
            for certificate in Certificate::from_pem_bundle(pem)? {
                client = client.add_root_certificate(certificate);
            }
        }
        if let Some(address) = discord.api_address {
            client = client.no_proxy().resolve("discord.com", address);
        }
        Ok(Self {
            client: client.build()?,
            discord,
        })
    }

    async fn get(&self, path: &str) -> Result<Value, Refusal> {
        let silent = |e: reqwest::Error| {
            let cause = std::iter::successors(std::error::Error::source(&e), |e| e.source()).last();
            Refusal::Silent(cause.map_or_else(|| e.to_string(), ToString::to_string))
        };
        let answer = self
            .client
            .get(format!("https://discord.com/api/v10{path}"))
            .header("Authorization", format!("Bot {}", self.discord.token.expose()))
            .header(
                "User-Agent",
                concat!("DiscordBot (ceo, ", env!("CARGO_PKG_VERSION"), ")"),
            )
            .send()
            .await
            .map_err(silent)?;
        if !answer.status().is_success() {
            return Err(Refusal::Status(answer.status()));
        }
        answer.json().await.map_err(silent)
    }
}

async fn look(settings: &Settings) -> Vec<Line> {
    let rest = match Rest::new(settings) {
        Ok(rest) => rest,
        Err(error) => {
            let fix = "expected a root certificate in PEM in discord.extra_ca";
            return vec![Line::failed("Discord", error.to_string(), fix)];
        }
    };
    let me = match rest.get("/users/@me").await {
        Ok(me) => me,
        Err(Refusal::Status(StatusCode::UNAUTHORIZED)) => {
            let fix =
                "Developer Portal, your application, Bot, Reset Token; put the new one into the settings";
            return vec![Line::failed("Discord token", "Discord does not know it", fix)];
        }
        Err(other) => {
            let fix = "can this machine reach https://discord.com?";
            return vec![Line::failed("Discord token", other.words(), fix)];
        }
    };
    let id = me["id"].as_str().unwrap_or_default();
    let mut lines = vec![Line::good(
        "Discord token",
        format!("bot {}", text(&me["username"])),
    )];
    lines.extend(server(&rest, settings, id).await);
    lines
}

async fn server(rest: &Rest<'_>, settings: &Settings, me: &str) -> Vec<Line> {
    let guild = settings.discord.guild;
    let at = format!("/guilds/{guild}");
    let (paths, counts) = (
        [at.clone(), format!("{at}/roles"), format!("{at}/members/{me}")],
        format!("{at}/roles/member-counts"),
    );
    let (found, roles, member, counts) = tokio::join!(
        rest.get(&paths[0]),
        rest.get(&paths[1]),
        rest.get(&paths[2]),
        rest.get(&counts)
    );
    let (found, roles, member) = match (found, roles, member) {
        (Ok(found), Ok(roles), Ok(member)) => (found, roles, member),
        (Err(why), ..) | (_, Err(why), _) | (.., Err(why)) => {
            let fix = format!(
                "is discord.guild right? Invite the bot: https://discord.com/oauth2/authorize?client_id={me}&scope=bot+applications.commands&permissions={INVITED_WITH}"
            );
            return vec![Line::failed("Discord server", why.words(), fix)];
        }
    };
    let mut lines = vec![Line::good("Discord server", text(&found["name"]))];
    lines.extend(readable_token(&settings.discord));
    let rights = Rights::new(guild, me, &roles, &member);
    let channels = settings.discord.channels;
    let named: BTreeMap<ChannelId, &str> = [
        (channels.audit, "audit"),
        (channels.alerts, "alerts"),
        (channels.ops, "ops"),
    ]
    .into();
    let mut has: BTreeMap<ChannelId, u64> = BTreeMap::new();
    for (id, name) in &named {
        let (line, permissions) = channel(rest, &rights, *id, name).await;
        lines.push(line);
        has.extend(permissions.map(|permissions| (*id, permissions)));
    }
    lines.extend(known_roles(settings, &roles));
    lines.extend(mentions(settings, &roles, &has));
    lines.extend(match counts {
        Ok(counts) => quorum::lines(settings, &count_of(&counts)),
        Err(why) => vec![Line::note(
            "approvers",
            why.words(),
            "check again; the bot asks at each request",
        )],
    });
    lines
}

/// Whoever reads the token can speak as the bot.
fn readable_token(discord: &Discord) -> Option<Line> {
    let path = discord.token_file.as_deref()?;
    let who = private_file::read_by_others(path)?;
    Some(Line::note(
        "Discord token",
        format!("{} can be read by {who}", path.display()),
        format!("chmod 600 {}", path.display()),
    ))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("without a name").to_owned()
}

fn bits(value: &Value) -> u64 {
    value.as_str().and_then(|t| t.parse().ok()).unwrap_or(0)
}

fn id_of(value: &Value) -> u64 {
    bits(&value["id"])
}

fn count_of(counts: &Value) -> BTreeMap<RoleId, u64> {
    let counts = counts.as_object().into_iter().flatten();
    counts
        .filter_map(|(role, n)| Some((RoleId(role.parse().ok()?), n.as_u64()?)))
        .collect()
}

/// The line of a channel, and what the bot may do there.
async fn channel(rest: &Rest<'_>, rights: &Rights, id: ChannelId, name: &str) -> (Line, Option<u64>) {
    let about = format!("channel {name}");
    let channel = match rest.get(&format!("/channels/{id}")).await {
        Ok(channel) => channel,
        Err(why) => {
            let fix = format!("is discord.channels.{name} right, and may the bot see that channel?");
            return (Line::failed(about, why.words(), fix), None);
        }
    };
    if bits(&channel["guild_id"]) != rights.guild {
        let line = Line::failed(
            about,
            format!("#{} belongs to another server", text(&channel["name"])),
            format!("see discord.channels.{name}"),
        );
        return (line, None);
    }
    let has = rights.in_channel(&channel);
    let missing: Vec<&str> = PERMISSIONS
        .iter()
        .filter(|(bit, _)| has & (1 << bit) == 0)
        .map(|(_, name)| *name)
        .collect();
    if missing.is_empty() {
        let line = Line::good(about, format!("#{}", text(&channel["name"])));
        return (line, Some(has));
    }
    let line = Line::failed(
        about,
        format!(
            "#{}: the bot lacks {}",
            text(&channel["name"]),
            missing.join(", ")
        ),
        "Edit Channel, Permissions, add the bot's role and allow these",
    );
    (line, Some(has))
}

/// What the bot may do, by its roles.
struct Rights {
    guild: u64,
    me: u64,
    roles: BTreeSet<u64>,
    base: u64,
}

impl Rights {
    fn new(guild: u64, me: &str, roles: &Value, member: &Value) -> Self {
        let mine: BTreeSet<u64> = member["roles"]
            .as_array()
            .into_iter()
            .flatten()
            .map(bits)
            // The role of everybody has the server's id.
            .chain([guild])
            .collect();
        let base = roles
            .as_array()
            .into_iter()
            .flatten()
            .filter(|role| mine.contains(&id_of(role)))
            .fold(0, |sum, role| sum | bits(&role["permissions"]));
        Self {
            guild,
            me: me.parse().unwrap_or(0),
            roles: mine,
            base,
        }
    }

    /// Discord's order: everybody's overwrite, then all roles' together, then one's own.
    fn in_channel(&self, channel: &Value) -> u64 {
        if self.base & ADMINISTRATOR != 0 {
            return u64::MAX;
        }
        let overwrites: Vec<&Value> = channel["permission_overwrites"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        let apply = |has: u64, which: &dyn Fn(u64) -> bool| {
            let chosen = overwrites.iter().filter(|o| which(id_of(o)));
            let (allow, deny) = chosen.fold((0, 0), |(allow, deny), o| {
                (allow | bits(&o["allow"]), deny | bits(&o["deny"]))
            });
            (has & !deny) | allow
        };
        let has = apply(self.base, &|id| id == self.guild);
        let has = apply(has, &|id| id != self.guild && self.roles.contains(&id));
        apply(has, &|id| id == self.me)
    }
}

fn by_id(roles: &Value) -> BTreeMap<u64, &Value> {
    let roles = roles.as_array().into_iter().flatten();
    roles.map(|role| (id_of(role), role)).collect()
}

fn known_roles(settings: &Settings, roles: &Value) -> Vec<Line> {
    let there = by_id(roles);
    let mut lines = Vec::new();
    for (name, ids) in &settings.roles {
        let about = format!("role {name}");
        let gone: Vec<String> = ids
            .iter()
            .filter(|id| !there.contains_key(&id.0))
            .map(ToString::to_string)
            .collect();
        lines.push(if gone.is_empty() {
            let names: Vec<String> = ids
                .iter()
                .map(|id| format!("@{}", text(&there[&id.0]["name"])))
                .collect();
            Line::good(about, names.join(", "))
        } else {
            Line::failed(
                about,
                format!("the server has no role {}", gone.join(", ")),
                format!("see roles.{name}: Server Settings, Roles, right-click, Copy Role ID"),
            )
        });
    }
    lines
}

/// Who is mentioned in a channel and would not be notified, by what the bot may do there. What is not known of a channel is
/// told by the channel's own line.
fn mentions(settings: &Settings, roles: &Value, has: &BTreeMap<ChannelId, u64>) -> Vec<Line> {
    let channels = settings.discord.channels;
    let quiet = |id: ChannelId| {
        has.get(&id)
            .is_some_and(|has| has & (MENTION_ALL | ADMINISTRATOR) == 0)
    };
    let approving = quorum::approving_roles(settings);
    let called = settings.mention.iter().copied().collect();
    let all = [
        (channels.ops, "requests", &approving),
        (channels.alerts, "incidents", &called),
    ];
    let of = all.into_iter().filter(|(channel, ..)| quiet(*channel));
    of.filter_map(|(_, of, mentioned)| unheard(of, mentioned, roles))
        .collect()
}

/// The roles whose mention notifies nobody, where the bot may not mention every role.
fn unheard(of: &str, mentioned: &BTreeSet<RoleId>, roles: &Value) -> Option<Line> {
    let there = by_id(roles);
    let quiet: Vec<String> = mentioned
        .iter()
        .filter_map(|id| there.get(&id.0))
        .filter(|role| role["mentionable"] != true)
        .map(|role| format!("@{}", text(&role["name"])))
        .collect();
    (!quiet.is_empty()).then(|| {
        Line::note(
            "mentions",
            format!("{} will not be notified of {of}", quiet.join(", ")),
            "Server Settings, Roles, allow anyone to @mention this role; or give the bot that permission",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_invitation_asks_for_what_the_check_wants() {
        let sum: u64 = PERMISSIONS.iter().map(|(bit, _)| 1 << bit).sum();
        assert_eq!(sum, INVITED_WITH);
    }

    #[test]
    fn a_role_that_cannot_be_mentioned_is_named_with_what_it_misses() {
        let roles = json!([
            { "id": "5", "name": "lead", "mentionable": false },
            { "id": "6", "name": "admin", "mentionable": true },
            { "id": "7", "name": "viewer", "mentionable": false },
        ]);
        let line = unheard("requests", &[RoleId(5), RoleId(6)].into(), &roles).unwrap();
        assert_eq!(line.found, "@lead will not be notified of requests");
        assert!(line.fix.contains("allow anyone to @mention this role"));
        assert_eq!(unheard("requests", &[RoleId(6)].into(), &roles), None);
    }

    #[test]
    fn overwrites_apply_in_discords_order() {
        let roles = json!([
            { "id": "1", "permissions": (1u64 << 10).to_string() },
            { "id": "5", "permissions": (1u64 << 11).to_string() },
            { "id": "6", "permissions": "8" },
        ]);
        let rights = Rights::new(1, "9", &roles, &json!({ "roles": ["5"] }));
        let overwrite = |id: &str, allow: u64, deny: u64| json!({ "id": id, "allow": allow.to_string(), "deny": deny.to_string() });
        let table = [
            (json!([]), 0b11 << 10),
            (json!([overwrite("1", 0, 1 << 10)]), 1 << 11),
            (
                json!([overwrite("1", 0, 1 << 10), overwrite("5", 1 << 10, 0)]),
                0b11 << 10,
            ),
            (
                json!([overwrite("9", 0, 1 << 10), overwrite("5", 1 << 10, 0)]),
                1 << 11,
            ),
            (json!([overwrite("7", 0, 1 << 10)]), 0b11 << 10),
        ];
        for (overwrites, expected) in table {
            let channel = json!({ "permission_overwrites": overwrites });
            assert_eq!(rights.in_channel(&channel), expected, "{channel}");
        }
        let admin = Rights::new(1, "9", &roles, &json!({ "roles": ["6"] }));
        assert_eq!(
            admin.in_channel(&json!({ "permission_overwrites": [overwrite("1", 0, 1 << 10)] })),
            u64::MAX
        );
    }
}
