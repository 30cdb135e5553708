//! Why a check could not be made at all: a bad input, not a failed case.

use std::path::PathBuf;

/// A path, a file or a case that cannot be used (the command line's exit code 7).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// No file held a case that the options ask for.
    #[error("no test case{} in {}", of_kind(.kind.as_deref()), list(.paths))]
    Empty {
        /// What was searched.
        paths: Vec<PathBuf>,
        /// The kind that was asked for.
        kind: Option<String>,
    },
    /// A path that cannot be read.
    #[error("cannot read `{}`: {source}", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file, or a folder's number of files, beyond what a check reads.
    #[error("`{}` has more than {limit} {unit}", .path.display())]
    TooLarge {
        /// The file or folder.
        path: PathBuf,
        /// The most that is read.
        limit: usize,
        /// `bytes` or `files`.
        unit: &'static str,
    },
    /// Broken JSON, or JSON nested deeper than 128 levels.
    #[error("`{}` line {line}, column {column}: {what}", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 where a line ended too early.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// JSON that is no vector file: a case without `id` or `kind`, an `id` used twice.
    #[error("`{}`, {at}: {what}", .path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// Where, as in `vectors[3]`.
        at: String,
        /// What is wrong there.
        what: String,
    },
}

fn of_kind(kind: Option<&str>) -> String {
    kind.map(|kind| format!(" of kind `{kind}`")).unwrap_or_default()
}

fn list(paths: &[PathBuf]) -> String {
    let shown: Vec<_> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    if shown.is_empty() { "no path".into() } else { shown.join(", ") }
}
