//! What may be run in containers: commands that whoever runs the bot has named, and nothing else.

use std::time::Duration;

use crate::{input::BadInput, texts::exec as say};

/// How long a check may take unless it says otherwise.
pub const WITHIN: Duration = Duration::from_secs(10);

/// A command with a name. Its words go to the container as they are: no shell reads them, so nothing that people type can
/// become another command. `{host}` and `{port}` in a word stand for what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedCheck {
    /// Its name.
    pub name: String,
    /// The program and its words.
    pub argv: Vec<String>,
    /// The container that it runs in; none: the pod's main one.
    pub container: Option<String>,
    /// How long it may take.
    pub within: Duration,
}

/// The checks of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// Whether any may be run.
    pub enabled: bool,
    /// Whether commands of people's own may be, too.
    pub free: bool,
    /// The image of pods that ask health targets, which holds curl; `None`: no such pods are made.
    pub probe_image: Option<String>,
    /// Those that may.
    pub all: Vec<NamedCheck>,
}

/// Asks Postgres as the user that its container was started with.
const PSQL: &str = include_str!("checks/psql.sh");
const ACTIVITY: &str = include_str!("checks/activity.sql");
const SLOW: &str = include_str!("checks/slow.sql");
const LOCKS: &str = include_str!("checks/locks.sql");

/// Those that come with the bot. They look and change nothing.
#[must_use]
pub fn shipped() -> Vec<NamedCheck> {
    let check = |name: &str, argv: &[&str]| NamedCheck {
        name: name.to_owned(),
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        container: None,
        within: WITHIN,
    };
    // A shell of the container finds its own user and database; what it runs stands here, and nobody's words are in it.
    let sql = |name: &str, statement: &str| {
        check(name, &["sh", "-c", PSQL.trim_end(), "psql", statement.trim_end()])
    };
    vec![
        check("disk", &["df", "-h"]),
        check("dns", &["getent", "hosts", "{host}"]),
        check("tcp", &["nc", "-z", "-w", "5", "{host}", "{port}"]),
        sql("postgres", "SELECT 1"),
        sql("postgres-activity", ACTIVITY),
        sql("postgres-slow", SLOW),
        sql("postgres-locks", LOCKS),
    ]
}

impl NamedCheck {
    /// Its words with what was asked for: `postgres`, `postgres:5432`.
    ///
    /// # Errors
    /// When it asks for a host or a port that was not given, or what was given is none.
    pub fn words(&self, asked: Option<&str>) -> Result<Vec<String>, BadInput> {
        let wants = |what: &str| self.argv.iter().any(|word| word.contains(what));
        let (host, port) = match asked {
            Some(asked) => host_and_port(asked)?,
            None => ("", None),
        };
        if wants("{host}") && host.is_empty() || wants("{port}") && port.is_none() {
            return Err(BadInput::new(say::wants_a_host(&self.name, wants("{port}"))));
        }
        if asked.is_some() && !wants("{host}") && !wants("{port}") {
            return Err(BadInput::new(say::wants_no_host(&self.name)));
        }
        let filled = |word: &String| {
            word.replace("{host}", host)
                .replace("{port}", port.unwrap_or_default())
        };
        Ok(self.argv.iter().map(filled).collect())
    }
}

/// A host, and behind a colon its port. A host begins with a letter or a digit, so that it is never read as a flag.
fn host_and_port(asked: &str) -> Result<(&str, Option<&str>), BadInput> {
    let (host, port) = match asked.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (asked, None),
    };
    let fits = host.len() <= 253
        && host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if !fits || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(BadInput::new(say::no_host(asked)));
    }
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str, asked: Option<&str>) -> Result<String, String> {
        let check = shipped()
            .into_iter()
            .find(|check| check.name == name)
            .expect("shipped");
        let words = check.words(asked);
        words.map(|words| words.join(" ")).map_err(|bad| bad.what.plain())
    }

    #[test]
    fn what_is_asked_for_is_one_word_and_never_a_flag() {
        assert_eq!(
            words("dns", Some("postgres")).as_deref(),
            Ok("getent hosts postgres")
        );
        assert_eq!(
            words("tcp", Some("db.prod.svc:5432")).as_deref(),
            Ok("nc -z -w 5 db.prod.svc 5432")
        );
        assert_eq!(words("disk", None).as_deref(), Ok("df -h"));
        for bad in [
            "-e", "a b", "a;reboot", "$(id)", "`id`", "", "a:b", "a:99999", "a/../b", "a|b",
        ] {
            let told = words("dns", Some(bad)).expect_err(bad);
            assert!(told.contains("is no host"), "{told}");
        }
        assert!(words("tcp", Some("db")).is_err_and(|told| told.contains("host:port")));
        assert!(words("dns", None).is_err_and(|told| told.contains("asks for a host")));
        assert!(words("disk", Some("db")).is_err_and(|told| told.contains("takes no host")));
    }

    #[test]
    fn shipped_names_are_their_own() {
        let mut names: Vec<String> = shipped().into_iter().map(|check| check.name).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
