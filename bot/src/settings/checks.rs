//! `[exec]` and `[[checks]]`: what may be run in containers. Those that come with the bot are there once it is allowed; one
//! of the same name takes the place of one of them.

use ceo_commands::ports::checks::{Checks, NamedCheck, WITHIN, shipped};

use super::{
    problem::Problems,
    raw::{List, RawCheck, RawExec, Text},
};

pub(super) fn checks(exec: &RawExec, raw: List<RawCheck>, problems: &mut Problems) -> Checks {
    let enabled = exec.enabled.is_some_and(|flag| flag.0);
    let free = exec.free.is_some_and(|flag| flag.0);
    if free && !enabled {
        problems.add(
            "exec.free",
            "needs [exec] enabled = true, for the same right in Kubernetes",
        );
    }
    if !enabled && !raw.is_empty() {
        problems.add(
            "checks",
            "are run only where [exec] enabled = true; set that, or remove them",
        );
    }
    let mut own: Vec<NamedCheck> = Vec::new();
    for (at, one) in raw.into_iter().enumerate() {
        let (Some(one), key) = (one, format!("checks[{at}]")) else {
            continue;
        };
        let Some(check) = check(&key, one, problems) else {
            continue;
        };
        if own.iter().any(|known| known.name == check.name) {
            let name = &check.name;
            problems.add(format!("{key}.name"), format!("there are two checks \"{name}\""));
        }
        own.push(check);
    }
    let mut all = shipped();
    all.retain(|known| own.iter().all(|check| check.name != known.name));
    all.extend(own);
    Checks {
        enabled,
        free: enabled && free,
        probe_image: exec.probe_image.clone().map(|Text(image)| image),
        all,
    }
}

fn check(key: &str, raw: RawCheck, problems: &mut Problems) -> Option<NamedCheck> {
    let argv: Vec<String> = raw
        .argv
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .map(|Text(word)| word)
        .collect();
    if argv.first().is_none_or(String::is_empty) && !problems.at(&format!("{key}.argv")) {
        problems.add(
            format!("{key}.argv"),
            "is missing; expected a program and its words, like [\"df\", \"-h\"]",
        );
    }
    let shells = ["sh", "bash", "ash", "dash", "zsh"];
    let by_shell = argv
        .first()
        .is_some_and(|program| shells.contains(&program.rsplit('/').next().unwrap_or_default()));
    let asks = |word: &String| word.contains("{host}") || word.contains("{port}");
    if by_shell && argv.iter().any(asks) {
        problems.add(
            format!("{key}.argv"),
            "gives a shell what people type; name the program itself, which gets it as a word",
        );
    }
    let within = match raw.timeout {
        None => WITHIN,
        Some(Text(text)) => match humantime::parse_duration(&text) {
            Ok(length) if (1..=120).contains(&length.as_secs()) => length,
            _ => {
                problems.add(
                    format!("{key}.timeout"),
                    format!("\"{text}\" is no length of time from 1s to 2m"),
                );
                WITHIN
            }
        },
    };
    match raw.name {
        Some(Text(name)) if !name.is_empty() && name.chars().count() <= 40 => Some(NamedCheck {
            name,
            argv,
            container: raw.container.map(|Text(container)| container),
            within,
        }),
        _ => {
            if !problems.at(&format!("{key}.name")) {
                problems.add(
                    format!("{key}.name"),
                    "is missing, empty or longer than 40 characters; expected a short name like \"disk\"",
                );
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::raw, *};

    fn read(toml: &str) -> (Checks, Vec<String>) {
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct File {
            exec: RawExec,
            checks: Vec<RawCheck>,
        }
        let file: File = raw(toml);
        let mut problems = Problems::default();
        let checks = checks(
            &file.exec,
            file.checks.into_iter().map(Some).collect(),
            &mut problems,
        );
        let told = problems.finish(&std::collections::BTreeMap::new());
        (checks, told.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn own_checks_stand_beside_those_that_come_with_the_bot() {
        let (checks, told) = read(
            "[exec]\nenabled = true\n[[checks]]\nname = \"disk\"\nargv = [\"df\", \"-h\", \"/data\"]\ntimeout = \"3s\"\n\
             container = \"db\"\n[[checks]]\nname = \"ping\"\nargv = [\"ping\", \"-c1\", \"{host}\"]\n",
        );
        assert_eq!(told, Vec::<String>::new());
        let of = |name: &str| {
            checks
                .all
                .iter()
                .filter(|check| check.name == name)
                .collect::<Vec<_>>()
        };
        assert!(checks.enabled);
        assert_eq!(of("disk").len(), 1);
        assert_eq!(of("disk")[0].argv, ["df", "-h", "/data"]);
        assert_eq!(of("disk")[0].within.as_secs(), 3);
        assert_eq!((of("ping").len(), of("postgres").len()), (1, 1));
        assert!(!read("").0.enabled, "nothing is run unless it is allowed");
    }

    #[test]
    fn each_mistake_is_told() {
        for (lines, told) in [
            ("name = \"a\"", "argv: is missing"),
            ("argv = [\"df\"]", "name: is missing"),
            (
                "name = \"a\"\nargv = [\"sh\", \"-c\", \"ping {host}\"]",
                "gives a shell what people type",
            ),
            (
                "name = \"a\"\nargv = [\"/bin/bash\", \"-c\", \"nc {host} {port}\"]",
                "gives a shell",
            ),
            ("name = \"a\"\nargv = [\"df\"]\ntimeout = \"1h\"", "from 1s to 2m"),
        ] {
            let (_, all) = read(&format!("[exec]\nenabled = true\n[[checks]]\n{lines}\n"));
            assert!(all.iter().any(|one| one.contains(told)), "{lines}: {all:?}");
        }
        let (_, all) = read("[[checks]]\nname = \"a\"\nargv = [\"df\"]\n");
        assert!(all[0].contains("[exec] enabled = true"), "{all:?}");
        let (checks, all) = read("[exec]\nfree = true\n");
        assert!(all[0].contains("exec.free") && !checks.free, "{all:?}");
        assert!(read("[exec]\nenabled = true\nfree = true\n").0.free);
        assert!(!read("[exec]\nenabled = true\n").0.free, "checks alone");
    }
}
