//! The few shell lines that manifests of Jobs and tests use, read instead of run: `echo`, `sleep`, `exit`, and the one that
//! fills memory.

use std::time::Duration;

use serde_json::Value;

use crate::kube::validate::quantity;

/// What a container's command does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// What it prints, with the time from its start.
    pub lines: Vec<(Duration, String)>,
    /// Its exit code and how long it runs (in seconds of the cluster); `None`: it goes on for ever.
    pub end: Option<(i32, Duration)>,
    /// Whether it is killed at its end, because it used more memory than its limit.
    pub oom: bool,
    /// Whether it runs something that is not read here: a service then goes on for ever, a Job ends well.
    pub unknown: bool,
    /// The binary that is not there.
    pub missing: Option<String>,
}

/// Reads `command` and `args`; `None` when the image's own entry point runs.
pub(super) fn read(container: &Value) -> Option<Script> {
    let words: Vec<&str> = ["command", "args"]
        .iter()
        .flat_map(|field| container[*field].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    let binary = container["command"].as_array()?.first()?.as_str()?;
    let short = binary.rsplit('/').next().unwrap_or(binary);
    // There are no file systems here: a binary is missing when its name says so, as in the recordings.
    if short.starts_with("no-such") {
        return Some(Script {
            missing: Some(binary.into()),
            ..Script::default()
        });
    }
    let line = match (short, words.get(1)) {
        ("sh" | "bash" | "ash", Some(&"-c" | &"-ec" | &"-euc")) => {
            words.get(2).copied().unwrap_or_default().to_owned()
        }
        _ => words.join(" ").replace(binary, short),
    };
    let limit = quantity(&container["resources"]["limits"]["memory"]);
    Some(interpret(&line, limit.unwrap_or(f64::INFINITY)))
}

/// How many bytes `head -c N /dev/zero | tail` holds: all of them, because they are one line.
fn filled(statement: &str) -> Option<f64> {
    let rest = statement.strip_prefix("head -c ")?;
    let (count, rest) = rest.split_once(' ')?;
    (rest.trim() == "/dev/zero | tail").then(|| count.parse().ok())?
}

fn interpret(line: &str, memory: f64) -> Script {
    let mut script = Script::default();
    let mut time = Duration::ZERO;
    if line.contains("while true") || line.contains("while :") {
        return script;
    }
    let mut code = 0;
    for statement in line.split([';', '\n']).flat_map(|part| part.split("&&")) {
        let statement = statement.trim();
        if let Some(bytes) = filled(statement) {
            if bytes > memory {
                script.oom = true;
                script.end = Some((137, time));
                return script;
            }
            continue;
        }
        let (word, rest) = statement.split_once(' ').unwrap_or((statement, ""));
        match word {
            "echo" => {
                let text = rest.replace(">&2", "");
                script
                    .lines
                    .push((time, text.trim().trim_matches(['"', '\'']).to_owned()));
            }
            "sleep" => {
                let seconds: f64 = rest.trim().parse().unwrap_or(0.0);
                // A manifest's "sleep for ever" is a large number, which is as good as no end.
                if rest.trim() == "infinity" || seconds >= 10_000.0 {
                    return script;
                }
                time += Duration::from_secs_f64(seconds.max(0.0));
            }
            "exit" => {
                script.end = Some((rest.trim().parse().unwrap_or(0), time));
                return script;
            }
            "false" => code = 1,
            "true" => code = 0,
            "" | "set" => {}
            _ => script.unknown = true,
        }
    }
    script.end = Some((code, time));
    script
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_backup_that_fails() {
        let container =
            json!({"command": ["/bin/sh", "-c", "echo dumping; sleep 2; echo pg_dump: error >&2; exit 1"]});
        let script = read(&container).unwrap();
        assert_eq!(script.end, Some((1, Duration::from_secs(2))));
        assert_eq!(script.lines[1], (Duration::from_secs(2), "pg_dump: error".into()));
    }

    #[test]
    fn filling_more_memory_than_the_limit() {
        let read = |limit: &str| {
            let shell = "echo allocating; head -c 200000000 /dev/zero | tail";
            let limits = json!({"limits": {"memory": limit}});
            read(&json!({"command": ["/bin/sh", "-c", shell], "resources": limits})).unwrap()
        };
        let killed = read("24Mi");
        assert!(killed.oom && killed.end == Some((137, Duration::ZERO)));
        let fits = read("1Gi");
        assert!(!fits.oom && fits.end == Some((0, Duration::ZERO)));
    }

    #[test]
    fn a_service_and_a_missing_binary() {
        assert_eq!(
            read(&json!({"command": ["/bin/sh", "-c", "sleep 100000"]}))
                .unwrap()
                .end,
            None
        );
        let missing = read(&json!({"command": ["/bin/no-such-binary"]}))
            .unwrap()
            .missing;
        assert_eq!(missing.as_deref(), Some("/bin/no-such-binary"));
        assert!(read(&json!({"image": "x"})).is_none());
    }
}
