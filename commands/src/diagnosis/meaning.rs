//! What the last words of a program mean where they are the kernel's: a file that may not be written, a disk that is full, an
//! image of another architecture; with the mount and the settings of the pod that this is about.

use serde_json::Value;

use crate::texts::diagnose::{Meaning, Mount};

/// What the last words of a container mean. `pod` is the pod as it is.
#[must_use]
pub fn meaning(lines: &[String], pod: &Value, container: &str) -> Option<Meaning> {
    let spec = &pod["spec"];
    let all = ["containers", "initContainers"].map(|list| spec[list].as_array());
    let mut all = all.into_iter().flatten().flatten();
    let own = all.find(|known| known["name"] == container)?;
    lines.iter().rev().find_map(|line| of_line(line, spec, own))
}

fn of_line(line: &str, spec: &Value, own: &Value) -> Option<Meaning> {
    let low = line.to_lowercase();
    if low.contains("exec format error") {
        return Some(Meaning::Architecture);
    }
    let path = path_of(line);
    let mount = path.as_deref().and_then(|path| mount_of(path, spec, own));
    let setting = |name: &str| {
        let own = &own["securityContext"][name];
        if own.is_null() {
            &spec["securityContext"][name]
        } else {
            own
        }
    };
    if low.contains("read-only file system") || low.contains("erofs") {
        let path = path?;
        return match mount {
            Some(mount) if mount.read_only => Some(Meaning::ReadOnlyMount {
                path,
                at: mount.at,
                volume: mount.volume,
            }),
            None if own["securityContext"]["readOnlyRootFilesystem"] == true => {
                Some(Meaning::ReadOnlyRoot { path })
            }
            _ => None,
        };
    }
    if low.contains("no space left on device") || low.contains("enospc") {
        return Some(Meaning::Full { path, mount });
    }
    if low.contains("permission denied") || low.contains("eacces") {
        return Some(Meaning::Denied {
            path: path?,
            user: setting("runAsUser").as_i64(),
            mount,
            group: spec["securityContext"]["fsGroup"].as_i64(),
        });
    }
    None
}

/// The file that a line names: the first word that begins with a slash and has more.
fn path_of(line: &str) -> Option<String> {
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | ')' | '(' | '=' | '[' | ']')
    };
    let words = line.split(ends).map(|word| word.trim_end_matches([':', '.']));
    let path = words
        .into_iter()
        .find(|word| word.starts_with('/') && word.len() > 1);
    path.map(str::to_owned)
}

/// The mount that a file is in: the longest that leads to it.
fn mount_of(path: &str, spec: &Value, own: &Value) -> Option<Mount> {
    let mounts = own["volumeMounts"].as_array().into_iter().flatten();
    let leads = |at: &str| {
        let at = at.trim_end_matches('/');
        path.strip_prefix(at)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mount = mounts
        .filter(|mount| mount["mountPath"].as_str().is_some_and(leads))
        .max_by_key(|mount| mount["mountPath"].as_str().map(str::len))?;
    let name = mount["name"].as_str().unwrap_or_default();
    let mut volumes = spec["volumes"].as_array().into_iter().flatten();
    let volume = volumes.find(|volume| volume["name"] == name);
    let of = |path: &str| {
        let found = volume.and_then(|volume| volume.pointer(path))?;
        Some(found.as_str()?.to_owned())
    };
    // What is made of a ConfigMap or a Secret is never written.
    let fixed = volume.is_some_and(|volume| {
        ["configMap", "secret", "projected", "downwardAPI"]
            .iter()
            .any(|kind| !volume[*kind].is_null())
    });
    Some(Mount {
        at: mount["mountPath"].as_str().unwrap_or_default().to_owned(),
        volume: name.to_owned(),
        claim: of("/persistentVolumeClaim/claimName"),
        limit: of("/emptyDir/sizeLimit"),
        read_only: mount["readOnly"] == true || fixed,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(line: &str) -> Option<Meaning> {
        let pod = json!({"spec": {
            "securityContext": {"runAsUser": 1000},
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "pg"}},
                        {"name": "conf", "configMap": {"name": "settings"}},
                        {"name": "tmp", "emptyDir": {"sizeLimit": "8Mi"}}],
            "containers": [{"name": "api", "securityContext": {"readOnlyRootFilesystem": true},
                "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "conf", "mountPath": "/data/conf"},
                                 {"name": "tmp", "mountPath": "/tmp/"}]}]}});
        meaning(&[line.to_owned(), "bye".to_owned()], &pod, "api")
    }

    #[test]
    fn the_mount_and_the_setting_behind_a_refusal_are_found() {
        let mount = |at: &str, volume: &str, claim: Option<&str>, limit: Option<&str>| Mount {
            at: at.to_owned(),
            volume: volume.to_owned(),
            claim: claim.map(str::to_owned),
            limit: limit.map(str::to_owned),
            read_only: false,
        };
        let path = |path: &str| path.to_owned();
        for (line, meant) in [
            ("exec /app: exec format error", Some(Meaning::Architecture)),
            (
                "open /var/cache/x: read-only file system",
                Some(Meaning::ReadOnlyRoot {
                    path: path("/var/cache/x"),
                }),
            ),
            (
                "OSError: [Errno 30] Read-only file system: '/data/conf/a.yml'",
                Some(Meaning::ReadOnlyMount {
                    path: path("/data/conf/a.yml"),
                    at: path("/data/conf"),
                    volume: path("conf"),
                }),
            ),
            // Nothing of the pod explains that.
            ("open /data/x: read-only file system", None),
            (
                "mkdir: cannot create directory '/data/pg': Permission denied",
                Some(Meaning::Denied {
                    path: path("/data/pg"),
                    user: Some(1000),
                    mount: Some(mount("/data", "data", Some("pg"), None)),
                    group: None,
                }),
            ),
            (
                "write /tmp/a: no space left on device",
                Some(Meaning::Full {
                    path: Some(path("/tmp/a")),
                    mount: Some(mount("/tmp/", "tmp", None, Some("8Mi"))),
                }),
            ),
            ("permission denied for table users", None),
            ("connect: connection refused", None),
        ] {
            assert_eq!(of(line), meant, "{line}");
        }
    }
}
