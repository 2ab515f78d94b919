//! Permission bits, and who has which in a channel (Discord's documented algorithm).

use super::state::State;

/// Everything is allowed.
pub const ADMINISTRATOR: u64 = 1 << 3;
/// Seeing a channel.
pub const VIEW_CHANNEL: u64 = 1 << 10;
/// Posting messages.
pub const SEND_MESSAGES: u64 = 1 << 11;
/// Deleting the messages of others, pinning.
pub const MANAGE_MESSAGES: u64 = 1 << 13;
/// Embeds.
pub const EMBED_LINKS: u64 = 1 << 14;
/// Files.
pub const ATTACH_FILES: u64 = 1 << 15;
/// Reading what was written before.
pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
/// Pinging everyone and every role.
pub const MENTION_EVERYONE: u64 = 1 << 17;
/// Using slash commands.
pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
/// Locking, archiving and deleting threads of others.
pub const MANAGE_THREADS: u64 = 1 << 34;
/// Making public threads.
pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
/// Posting in threads.
pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;

/// What `@everyone` has in a new guild, as far as this simulation cares.
pub const EVERYONE: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS;

/// What the invitation of the bot asks for.
pub const BOT: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS;

/// The permissions of a member in a channel, or in the guild when the channel is `None` or unknown.
pub fn of(state: &State, user: u64, channel: Option<u64>) -> u64 {
    let Some(member) = state.members.get(&user) else {
        return 0;
    };
    if user == state.owner_id {
        return u64::MAX;
    }
    let role_bits = |id: &u64| state.roles.get(id).map_or(0, |role| role.permissions);
    let base =
        role_bits(&state.guild_id) | member.roles.iter().map(role_bits).fold(0, |all, bits| all | bits);
    if base & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    let Some(channel) = channel.and_then(|id| state.channels.get(&id)) else {
        return base;
    };
    let place = match &channel.thread {
        Some(thread) => state.channels.get(&thread.parent_id).unwrap_or(channel),
        None => channel,
    };
    let mut bits = base;
    let mut apply = |allow: u64, deny: u64| bits = (bits & !deny) | allow;
    for over in place
        .overwrites
        .iter()
        .filter(|over| over.target == state.guild_id)
    {
        apply(over.allow, over.deny);
    }
    let of_roles = place
        .overwrites
        .iter()
        .filter(|over| !over.member && member.roles.contains(&over.target));
    let (allow, deny) = of_roles.fold((0, 0), |(allow, deny), over| {
        (allow | over.allow, deny | over.deny)
    });
    apply(allow, deny);
    for over in place
        .overwrites
        .iter()
        .filter(|over| over.member && over.target == user)
    {
        apply(over.allow, over.deny);
    }
    if bits & VIEW_CHANNEL == 0 { 0 } else { bits }
}
