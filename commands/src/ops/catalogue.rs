//! The list of all commands. The slash schema, help, completion, RBAC manifest, README table, audit names and metric
//! labels all derive from it.

use std::sync::LazyLock;

use super::{
    Entry, alert,
    audit::Audit,
    config,
    contract::{Group, Query, Spec},
    describe::Describe,
    diagnose::Diagnose,
    exec, get, guard,
    health::Health,
    help::Help,
    image::Image,
    logs::Logs,
    metrics::ShowMetrics,
    restart::Restart,
    rollback::Rollback,
    rollout, runbook,
    scale::Scale,
    status::Status,
    tune,
};
use crate::model::Act;

static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    [
        vec![Entry::query(Status)],
        get::commands(),
        vec![
            Entry::query(Describe),
            Entry::query(Diagnose),
            Entry::query(Health),
            Entry::query(ShowMetrics),
        ],
        vec![
            Entry::query(Logs),
            Entry::change(Scale),
            Entry::change(Restart),
            Entry::change(Image),
            Entry::change(Rollback),
        ],
        rollout::commands(),
        tune::commands(),
        config::commands(),
        alert::commands(),
        guard::commands(),
        exec::commands(),
        runbook::commands(),
        vec![Entry::query(Audit), Entry::query(Help)],
    ]
    .into_iter()
    .flatten()
    .collect()
});

/// Commands, as the engine is given them.
#[derive(Clone, Copy)]
pub struct Catalogue(&'static [Entry]);

impl Catalogue {
    /// The product's.
    #[must_use]
    pub fn product() -> Self {
        Self(&ALL)
    }

    /// Others. They live as long as the process.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Self {
        Self(Vec::leak(entries))
    }

    /// All of them, in the order of the help.
    #[must_use]
    pub fn entries(self) -> &'static [Entry] {
        self.0
    }

    /// The command of a full name.
    #[must_use]
    pub fn find(self, full_name: &str) -> Option<&'static Entry> {
        self.0.iter().find(|entry| entry.spec.path == full_name)
    }

    /// The command that a button stands for.
    #[must_use]
    pub fn of_button(self, button: Act) -> Option<&'static Entry> {
        self.0.iter().find(|entry| entry.button == Some(button))
    }
}

/// The command whose right it is to see how things are.
#[must_use]
pub fn reading() -> Spec {
    Status::SPEC
}

/// Every command, in the order of the help.
#[must_use]
pub fn all() -> &'static [Entry] {
    &ALL
}

/// The groups that commands are in.
#[must_use]
pub fn groups() -> &'static [Group] {
    &[
        get::GROUP,
        rollout::GROUP,
        tune::GROUP,
        config::GROUP,
        alert::GROUP,
        guard::GROUP,
        exec::GROUP,
        runbook::GROUP,
    ]
}

/// The command of a path: `get pods`.
#[must_use]
pub fn find(path: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.spec.path == path)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{
        input::{Input, OptionKind, OptionSpec, Suggest, Value},
        model::{ChannelId, Place, Shortcut},
    };

    /// Something that an option takes.
    fn sample(option: &OptionSpec) -> Value {
        match (option.kind, option.choices, option.suggest) {
            (OptionKind::Integer { min, .. }, ..) => Value::Int(min),
            (OptionKind::Bool, ..) => Value::Bool(true),
            (OptionKind::User, ..) => Value::Text("1".to_owned()),
            (OptionKind::Duration { min, .. }, ..) => Value::Text(format!("{}s", min.as_secs())),
            (OptionKind::Text, Some(choices), _) => Value::Text(choices()[0].to_owned()),
            (OptionKind::Text, None, Some(Suggest::Pod)) => Value::Text("pod/x".to_owned()),
            (OptionKind::Text, ..) => Value::Text("x".to_owned()),
        }
    }

    /// A button must not lead to what there is not, nor hand over an option that is not taken.
    #[test]
    fn every_shortcut_leads_to_a_command_about_a_workload() {
        for shortcut in Shortcut::ALL {
            let entry = find(shortcut.path()).unwrap_or_else(|| panic!("no command {}", shortcut.path()));
            let spec = &entry.spec;
            assert!(
                spec.options
                    .iter()
                    .any(|option| option.spec().name == shortcut.about()),
                "{}",
                spec.path
            );
        }
    }

    /// What is declared is read, and what is read is declared: neither half can be forgotten.
    #[test]
    fn every_declared_option_is_taken() {
        let place = Place {
            channel: ChannelId(1),
            cluster: "prod".to_owned(),
            namespace: "ceoagent".to_owned(),
        };
        for entry in all() {
            for option in entry.spec.declared() {
                let given: BTreeMap<String, Value> = entry
                    .spec
                    .declared()
                    .filter(|other| other.required || other.name == option.name)
                    // The engine takes it.
                    .filter(|other| other.name != "reason")
                    .map(|other| (other.name.to_owned(), sample(other)))
                    .collect();
                if let Err(bad) = entry.inspect(Input::new(given, place.clone())) {
                    let said = bad.what.plain();
                    assert!(
                        !said.contains("does not exist"),
                        "{} {}: {said}",
                        entry.spec.path,
                        option.name
                    );
                }
            }
        }
    }

    #[test]
    fn every_path_is_of_a_group_that_is_listed_and_stands_once() {
        let mut seen = BTreeSet::new();
        for entry in all() {
            let spec = &entry.spec;
            assert!(seen.insert(spec.path), "{} twice", spec.path);
            if let Some(word) = spec.group() {
                assert!(groups().iter().any(|g| g.word == word), "{}", spec.path);
            }
        }
    }
}
