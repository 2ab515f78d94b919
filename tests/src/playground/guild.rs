//! The guild that the playground plays in: three channels, three roles, and a person for each role.

use crate::discord::DiscordSim;

/// Channel ids, as in the settings' example.
pub(super) const OPS: u64 = 3000;
pub(super) const ALERTS: u64 = 3001;
pub(super) const AUDIT: u64 = 3002;

/// Role ids; the simulation gives colours by id, and these three differ.
pub(super) const OPERATOR: u64 = 111;
pub(super) const LEAD: u64 = 222;
pub(super) const VIEWER: u64 = 332;

/// Adds channels, roles and people.
pub(super) fn people(discord: &DiscordSim) {
    for (id, name) in [(OPS, "ops"), (ALERTS, "alerts"), (AUDIT, "audit")] {
        discord.add_channel(id, name);
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
