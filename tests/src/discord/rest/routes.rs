//! The routes that exist, with the limit each falls under and its handler.

use super::super::rates::Class;
use super::super::state::State;
use super::{Call, Outcome, channels, commands, guilds, interactions, messages, webhooks};

type Handler = fn(&mut State, &Call) -> Outcome;

/// How much of the path is part of a bucket's key.
#[derive(Clone, Copy)]
enum Major {
    /// Nothing.
    None,
    /// The first placeholder: guild, channel or application.
    First,
    /// The first two: an interaction or webhook with its token, an application's guild.
    Two,
}

/// A route that fits a request.
pub(super) struct Found {
    pub(super) template: &'static str,
    pub(super) params: Vec<String>,
    pub(super) class: Class,
    pub(super) bucket: String,
    pub(super) handler: Handler,
}

type Row = (&'static str, &'static str, Class, Major, Handler);

// Templates with words in a place come before those with a placeholder there.
const ROUTES: &[Row] = &[
    ("GET", "/gateway", Class::Other, Major::None, guilds::gateway),
    (
        "GET",
        "/gateway/bot",
        Class::Other,
        Major::None,
        guilds::gateway_bot,
    ),
    ("GET", "/users/@me", Class::Other, Major::None, guilds::me),
    (
        "GET",
        "/users/@me/guilds",
        Class::Other,
        Major::None,
        guilds::my_guilds,
    ),
    ("GET", "/users/{user}", Class::Other, Major::None, guilds::user),
    (
        "GET",
        "/applications/@me",
        Class::Other,
        Major::None,
        guilds::application,
    ),
    (
        "GET",
        "/oauth2/applications/@me",
        Class::Other,
        Major::None,
        guilds::application,
    ),
    (
        "GET",
        "/guilds/{guild}",
        Class::Other,
        Major::First,
        guilds::guild,
    ),
    (
        "GET",
        "/guilds/{guild}/roles",
        Class::Other,
        Major::First,
        guilds::roles,
    ),
    (
        "GET",
        "/guilds/{guild}/roles/member-counts",
        Class::Other,
        Major::First,
        guilds::role_member_counts,
    ),
    (
        "GET",
        "/guilds/{guild}/roles/{role}",
        Class::Other,
        Major::First,
        guilds::role,
    ),
    (
        "GET",
        "/guilds/{guild}/channels",
        Class::Other,
        Major::First,
        guilds::channels,
    ),
    (
        "GET",
        "/guilds/{guild}/members",
        Class::Other,
        Major::First,
        guilds::members,
    ),
    (
        "GET",
        "/guilds/{guild}/members/{user}",
        Class::Other,
        Major::First,
        guilds::member,
    ),
    (
        "GET",
        "/guilds/{guild}/threads/active",
        Class::Other,
        Major::First,
        guilds::active_threads,
    ),
    (
        "GET",
        "/channels/{channel}",
        Class::Other,
        Major::First,
        channels::get,
    ),
    (
        "PATCH",
        "/channels/{channel}",
        Class::Threads,
        Major::First,
        channels::edit,
    ),
    (
        "DELETE",
        "/channels/{channel}",
        Class::Threads,
        Major::First,
        channels::delete,
    ),
    (
        "POST",
        "/channels/{channel}/typing",
        Class::Other,
        Major::First,
        channels::typing,
    ),
    (
        "POST",
        "/channels/{channel}/threads",
        Class::Threads,
        Major::First,
        channels::create_thread,
    ),
    (
        "POST",
        "/channels/{channel}/messages/{m}/threads",
        Class::Threads,
        Major::First,
        channels::thread_from_message,
    ),
    (
        "PUT",
        "/channels/{channel}/thread-members/{user}",
        Class::Threads,
        Major::First,
        channels::join_thread,
    ),
    (
        "GET",
        "/channels/{channel}/messages",
        Class::Other,
        Major::First,
        messages::list,
    ),
    (
        "POST",
        "/channels/{channel}/messages",
        Class::MessageCreate,
        Major::First,
        messages::create,
    ),
    (
        "GET",
        "/channels/{channel}/messages/{message}",
        Class::Other,
        Major::First,
        messages::get,
    ),
    (
        "PATCH",
        "/channels/{channel}/messages/{message}",
        Class::MessageEdit,
        Major::First,
        messages::edit,
    ),
    (
        "DELETE",
        "/channels/{channel}/messages/{message}",
        Class::MessageDelete,
        Major::First,
        messages::delete,
    ),
    (
        "GET",
        "/applications/{a}/commands",
        Class::Other,
        Major::First,
        commands::list_global,
    ),
    (
        "PUT",
        "/applications/{a}/commands",
        Class::Commands,
        Major::First,
        commands::overwrite_global,
    ),
    (
        "POST",
        "/applications/{a}/commands",
        Class::Commands,
        Major::First,
        commands::create_global,
    ),
    (
        "GET",
        "/applications/{a}/commands/{c}",
        Class::Other,
        Major::First,
        commands::get_global,
    ),
    (
        "PATCH",
        "/applications/{a}/commands/{c}",
        Class::Commands,
        Major::First,
        commands::edit_global,
    ),
    (
        "DELETE",
        "/applications/{a}/commands/{c}",
        Class::Commands,
        Major::First,
        commands::delete_global,
    ),
    (
        "GET",
        "/applications/{a}/guilds/{g}/commands",
        Class::Other,
        Major::Two,
        commands::list,
    ),
    (
        "PUT",
        "/applications/{a}/guilds/{g}/commands",
        Class::Commands,
        Major::Two,
        commands::overwrite,
    ),
    (
        "POST",
        "/applications/{a}/guilds/{g}/commands",
        Class::Commands,
        Major::Two,
        commands::create,
    ),
    (
        "GET",
        "/applications/{a}/guilds/{g}/commands/permissions",
        Class::Other,
        Major::Two,
        commands::permissions,
    ),
    (
        "GET",
        "/applications/{a}/guilds/{g}/commands/{c}",
        Class::Other,
        Major::Two,
        commands::get,
    ),
    (
        "PATCH",
        "/applications/{a}/guilds/{g}/commands/{c}",
        Class::Commands,
        Major::Two,
        commands::edit,
    ),
    (
        "DELETE",
        "/applications/{a}/guilds/{g}/commands/{c}",
        Class::Commands,
        Major::Two,
        commands::delete,
    ),
    (
        "POST",
        "/interactions/{i}/{token}/callback",
        Class::Callback,
        Major::Two,
        interactions::callback,
    ),
    (
        "POST",
        "/webhooks/{a}/{token}",
        Class::Webhook,
        Major::Two,
        webhooks::follow_up,
    ),
    (
        "GET",
        "/webhooks/{a}/{token}/messages/{message}",
        Class::Webhook,
        Major::Two,
        webhooks::get,
    ),
    (
        "PATCH",
        "/webhooks/{a}/{token}/messages/{message}",
        Class::Webhook,
        Major::Two,
        webhooks::edit,
    ),
    (
        "DELETE",
        "/webhooks/{a}/{token}/messages/{message}",
        Class::Webhook,
        Major::Two,
        webhooks::delete,
    ),
    (
        "GET",
        "/attachments/{channel}/{attachment}/{name}",
        Class::Callback,
        Major::None,
        guilds::attachment,
    ),
];

/// The route for a request, if there is one.
pub(super) fn find(method: &str, path: &str) -> Option<Found> {
    ROUTES.iter().filter(|row| row.0 == method).find_map(|row| {
        let params = matches(row.1, path)?;
        let major = match row.3 {
            Major::None => String::new(),
            Major::First => params.iter().take(1).cloned().collect(),
            Major::Two => params.iter().take(2).cloned().collect::<Vec<_>>().join("/"),
        };
        // Creating, editing and deleting through a webhook share one bucket; so do all command registrations.
        let name = match row.2 {
            Class::Webhook => "webhook".to_owned(),
            Class::Commands => "commands".to_owned(),
            _ => format!("{method} {}", row.1),
        };
        Some(Found {
            template: row.1,
            params,
            class: row.2,
            bucket: format!("{name}|{major}"),
            handler: row.4,
        })
    })
}

fn matches(template: &str, path: &str) -> Option<Vec<String>> {
    let (mut wanted, mut given) = (template.split('/'), path.trim_end_matches('/').split('/'));
    let mut params = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(want), Some(have)) if want.starts_with('{') => params.push(have.to_owned()),
            (Some(want), Some(have)) if want == have => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_win_over_placeholders_and_buckets_follow_the_major_parameter() {
        assert_eq!(
            find("GET", "/guilds/1/roles/member-counts").unwrap().template,
            "/guilds/{guild}/roles/member-counts"
        );
        assert_eq!(find("GET", "/users/@me").unwrap().template, "/users/@me");
        assert!(find("GET", "/guilds/1/bans").is_none());
        let bucket = |path| find("PATCH", path).unwrap().bucket;
        assert_eq!(bucket("/channels/3/messages/5"), bucket("/channels/3/messages/6"));
        assert_ne!(bucket("/channels/3/messages/5"), bucket("/channels/4/messages/5"));
        assert_ne!(
            bucket("/webhooks/1/a/messages/@original"),
            bucket("/webhooks/1/b/messages/@original")
        );
    }
}
