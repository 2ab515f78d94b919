//! A PostgreSQL server for this process, from the binaries of the machine.

use std::{
    io::Write,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// Makes the cluster and runs the server until standard input ends, which it does when the test process does, however
/// that comes about. Then removes everything.
const SCRIPT: &str = r#"
umask 077
"$1/initdb" -D "$2/data" -U ceo -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 || exit 1
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=200 >>"$2/log" 2>&1 &
server=$!
read -r _
kill -QUIT $server
wait $server
rm -rf "$2"
"#;

/// A server that runs as long as this process does.
pub struct Server {
    directory: PathBuf,
    _keeper: Child,
}

impl Server {
    /// The server, started at the first call; `None`, told aloud, where there are no binaries.
    pub fn get() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        SERVER
            .get_or_init(|| {
                let Some(binaries) = binaries() else {
                    assert!(std::env::var("CI").is_err(), "CI must have PostgreSQL's server binaries");
                    // Not eprintln!, which the test harness keeps to itself.
                    let words = b"\n*** SKIPPED: no PostgreSQL server binaries, its half of these tests did not run ***\n\n";
                    std::io::stderr().write_all(words).unwrap();
                    return None;
                };
                Some(Self::start(&binaries))
            })
            .as_ref()
    }

    fn start(binaries: &Path) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("ceo-pg-")
            .tempdir()
            .unwrap()
            .keep();
        let mut command = if id("-u", None) == 0 {
            // The server refuses to run as root.
            let user = ["postgres", "nobody"]
                .into_iter()
                .find(|user| known(user))
                .expect("an ordinary user");
            chown(&directory, Some(id("-u", Some(user))), Some(id("-g", Some(user)))).unwrap();
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        let keeper = command
            .args(["-c", SCRIPT, "sh"])
            .args([binaries, &directory])
            .current_dir(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            directory,
            _keeper: keeper,
        }
    }

    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://ceo@localhost/{database}?host={}",
            self.directory.display()
        )
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

/// The newest of Debian's versions, or what is in the path.
fn binaries() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path());
    let mut versions: Vec<PathBuf> = debian.collect();
    versions.sort_by_key(|path| path.file_name().and_then(|n| n.to_str()?.parse::<u32>().ok()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions
        .into_iter()
        .rev()
        .map(|version| version.join("bin"))
        .chain(std::env::split_paths(&path))
        .find(|directory| directory.join("initdb").exists() && directory.join("postgres").exists())
}

fn known(user: &str) -> bool {
    Command::new("id")
        .arg(user)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

fn id(which: &str, user: Option<&str>) -> u32 {
    let output = Command::new("id").arg(which).args(user).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
