//! A cluster and kubectl, and how tables are read.

use std::process::Stdio;
use std::time::Duration;

use ceo_tests::kube::sim::{KubeSim, Options};
use tokio::process::Command;

/// What kubectl said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Its output, after a check that it succeeded.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:#?}");
        self.out
    }
}

/// A cluster, and kubectl with a kubeconfig for it.
pub(crate) struct World {
    pub(crate) sim: KubeSim,
    dir: tempfile::TempDir,
}

impl World {
    /// `None`, said loudly, where there is no kubectl.
    pub(crate) async fn start() -> Option<World> {
        let found = Command::new("kubectl")
            .args(["version", "--client"])
            .stdout(Stdio::null())
            .status()
            .await;
        if !found.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: there is no kubectl here, so nothing of this test was checked");
            return None;
        }
        let sim = KubeSim::start(Options {
            seed: 11,
            ..Options::default()
        })
        .await
        .unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config"), sim.kubeconfig("admin")).unwrap();
        Some(World { sim, dir })
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new("kubectl");
        command
            .args(line.split(' ').map(|word| word.replace('~', " ")))
            .env("KUBECONFIG", self.dir.path().join("config"))
            .env("HOME", self.dir.path())
            .kill_on_drop(true);
        command
    }

    /// Runs kubectl; the words of the line are parted by single blanks, `~` is a blank within a word.
    pub(crate) async fn run(&self, line: &str) -> Said {
        let output = tokio::time::timeout(Duration::from_secs(60), self.command(line).output());
        let output = output
            .await
            .unwrap_or_else(|_| panic!("kubectl {line} hangs"))
            .unwrap();
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub(crate) async fn ok(&self, line: &str) -> String {
        self.run(line).await.ok()
    }

    /// Runs lines that succeed, and compares what each prints.
    pub(crate) async fn says(&self, rows: &[(&str, &str)]) {
        for (line, wanted) in rows {
            assert_eq!(self.ok(line).await, *wanted, "kubectl {line}");
        }
    }

    /// Runs lines that are refused, and compares the sentence of each.
    pub(crate) async fn refuses(&self, rows: &[(&str, &str)]) {
        for (line, wanted) in rows {
            assert_eq!(self.refused(line).await, *wanted, "kubectl {line}");
        }
    }

    /// The sentence with which kubectl refuses.
    pub(crate) async fn refused(&self, line: &str) -> String {
        let said = self.run(line).await;
        assert_eq!(said.code, 1, "{said:#?}");
        said.err.trim_end().to_owned()
    }

    pub(crate) async fn rolled_out(&self, plural: &str, name: &str, namespace: &str) {
        assert!(
            self.sim
                .rolled_out(namespace, plural, name, Duration::from_secs(20))
                .await,
            "{plural}/{name}"
        );
    }
}

/// Checks that a text contains all of these.
pub(crate) fn contains_all(text: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
}

/// A table as rows of cells (cells are parted by two blanks or more).
pub(crate) fn table(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        line.split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(cells)
        .collect()
}
