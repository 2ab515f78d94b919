//! The team's manual, read from disk anew at each question: whoever edits it need not tell the bot.

use std::{
    io,
    path::{Path, PathBuf},
};

use ceo_commands::{
    model::Text,
    ports::manual::{Manual, ManualFile},
    texts::runbook as say,
};
use futures::future::BoxFuture;

/// How much is read at the most: a manual of a thousand pages has less.
const MOST: u64 = 8;
const MEBIBYTE: u64 = 1024 * 1024;

/// The file or folder of the settings.
#[derive(Debug, Clone)]
pub struct ManualOnDisk(pub Option<PathBuf>);

impl Manual for ManualOnDisk {
    fn is_there(&self) -> bool {
        self.0.is_some()
    }

    fn files(&self) -> BoxFuture<'_, Result<Vec<ManualFile>, Text>> {
        let path = self.0.clone();
        Box::pin(async move {
            let Some(path) = path else { return Ok(Vec::new()) };
            let read = tokio::task::spawn_blocking(move || read(&path));
            // It panics nowhere, and is aborted only with the process.
            read.await
                .unwrap_or_else(|error| Err(Text::from(error.to_string())))
        })
    }
}

fn read(path: &Path) -> Result<Vec<ManualFile>, Text> {
    let told = |path: &Path, error: &io::Error| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        say::file_unreadable(&name, &error.to_string())
    };
    let mut paths = if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|error| told(path, &error))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        paths.filter(|path| is_markdown(path)).collect()
    } else {
        vec![path.to_owned()]
    };
    paths.sort();
    let mut left = MOST * MEBIBYTE;
    let mut files = Vec::new();
    for path in paths {
        let size = std::fs::metadata(&path)
            .map_err(|error| told(&path, &error))?
            .len();
        left = left.checked_sub(size).ok_or_else(|| say::too_large(MOST))?;
        let bytes = std::fs::read(&path).map_err(|error| told(&path, &error))?;
        files.push(ManualFile {
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            markdown: String::from_utf8_lossy(&bytes).into_owned(),
        });
    }
    Ok(files)
}

fn is_markdown(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("md") || extension.eq_ignore_ascii_case("markdown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_is_read_in_order_and_other_files_are_not() {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("b.md", "# B"),
            ("a.MD", "# A"),
            ("c.txt", "no"),
            ("d.markdown", "# D"),
        ] {
            std::fs::write(home.path().join(name), text).unwrap();
        }
        let manual = ManualOnDisk(Some(home.path().to_owned()));
        let files = manual.files().await.unwrap();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.MD", "b.md", "d.markdown"]);
        std::fs::write(home.path().join("b.md"), "# Anew").unwrap();
        let files = manual.files().await.unwrap();
        assert_eq!(files[1].markdown, "# Anew");
    }

    #[tokio::test]
    async fn what_is_gone_or_too_large_is_told() {
        let home = tempfile::tempdir().unwrap();
        let gone = ManualOnDisk(Some(home.path().join("gone.md")));
        let why = gone.files().await.unwrap_err().plain();
        assert!(why.contains("gone.md: No such file"), "{why}");
        let large = home.path().join("large.md");
        std::fs::File::create(&large)
            .unwrap()
            .set_len(9 * MEBIBYTE)
            .unwrap();
        let why = ManualOnDisk(Some(large)).files().await.unwrap_err().plain();
        assert_eq!(why, "more than 8 MiB");
    }
}
