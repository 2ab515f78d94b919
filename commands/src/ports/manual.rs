//! Where the team's manual stands.

use futures::future::BoxFuture;

use crate::{
    manual::{Section, sections},
    model::Text,
};

/// A file of the manual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualFile {
    /// Its name within the manual.
    pub name: String,
    /// Its Markdown.
    pub markdown: String,
}

/// The sections of all files, in order.
#[must_use]
pub fn all_sections(files: &[ManualFile]) -> Vec<Section> {
    let of_file = |file: &ManualFile| sections(&file.name, &file.markdown);
    files.iter().flat_map(of_file).collect()
}

/// The team's manual, as it is now.
pub trait Manual: Send + Sync {
    /// Whether the settings name one.
    fn is_there(&self) -> bool;
    /// Its files, in order of their names; or why they cannot be read.
    fn files(&self) -> BoxFuture<'_, Result<Vec<ManualFile>, Text>>;
}

/// Where the settings name none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoManual;

impl Manual for NoManual {
    fn is_there(&self) -> bool {
        false
    }

    fn files(&self) -> BoxFuture<'_, Result<Vec<ManualFile>, Text>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}
