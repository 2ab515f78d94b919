//! The guild that the playground plays in: three channels, three roles, and a person for each role.

use crate::discord::DiscordSim;

/// Channel ids, as in the settings' example.
pub(super) const OPS: u64 = 3000;
pub(super) const ALERTS: u64 = 3001;
pub(super) const AUDIT: u64 = 3002;

/// The channels, with what each is for.
const CHANNELS: [(u64, &str, &str); 3] = [
    (
        OPS,
        "ops",
        "Commands and changes: ask here, approve here, watch here how a change goes.",
    ),
    (
        ALERTS,
        "alerts",
        "What is wrong in the cluster: one message for each trouble, kept up to date until it is over.",
    ),
    (
        AUDIT,
        "audit",
        "Witness of the record of changes. The bot alone writes here; /ceo audit reads the record.",
    ),
];

/// Role ids; the simulation gives colours by id, and these three differ.
pub(super) const OPERATOR: u64 = 111;
pub(super) const LEAD: u64 = 222;
pub(super) const VIEWER: u64 = 332;

/// Adds channels, roles and people.
pub(super) fn people(discord: &DiscordSim) {
    for (id, name, topic) in CHANNELS {
        discord.add_channel(id, name);
        discord.set_topic(id, topic);
    }
    for (id, name) in [(OPERATOR, "operator"), (LEAD, "lead"), (VIEWER, "viewer")] {
        discord.add_role(id, name);
    }
    for (id, name, role) in [
        (10, "operator", OPERATOR),
        (20, "lead", LEAD),
        (30, "viewer", VIEWER),
    ] {
        discord.add_member(id, name, name, &[role]);
    }
}
