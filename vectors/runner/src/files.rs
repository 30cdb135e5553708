//! From the paths on a command line to parsed files, with a bound on everything that a hostile path could stretch.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::CheckError;

/// The largest file that is read, in bytes; the largest of this repository is a fortieth of it.
const MAX_FILE_BYTES: usize = 16 << 20;

/// The most files that are taken from one folder.
const MAX_FILES: usize = 4096;

/// The files behind `paths`: a file is itself, a folder is its `*.json` in the order of their names, without subfolders.
pub(crate) fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CheckError> {
    let mut files = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).map_err(|source| unreadable(path, source))?;
        if kind.is_dir() { files.extend(json_files_of(path)?) } else { files.push(path.clone()) }
    }
    Ok(files)
}

fn json_files_of(folder: &Path) -> Result<Vec<PathBuf>, CheckError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            return Err(CheckError::TooLarge { path: folder.into(), limit: MAX_FILES, unit: "files" });
        }
    }
    files.sort();
    Ok(files)
}

/// One file as JSON. The parser itself refuses more than 128 levels.
pub(crate) fn read(path: &Path) -> Result<Value, CheckError> {
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    let mut text = Vec::new();
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    file.take(limit.saturating_add(1)).read_to_end(&mut text).map_err(|source| unreadable(path, source))?;
    if text.len() > MAX_FILE_BYTES {
        return Err(CheckError::TooLarge { path: path.into(), limit: MAX_FILE_BYTES, unit: "bytes" });
    }
    serde_json::from_slice(&text).map_err(|error| broken(path, &error))
}

fn unreadable(path: &Path, source: std::io::Error) -> CheckError {
    CheckError::Unreadable { path: path.into(), source }
}

/// The parser's message ends in ` at line L column C`, which stands in members of its own here.
fn broken(path: &Path, error: &serde_json::Error) -> CheckError {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let what = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text).to_owned();
    CheckError::Json { path: path.into(), line, column, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn broken_json_is_placed_by_line_and_column() {
        let file = written("[\n {\"id\": }\n]");
        let Err(CheckError::Json { line, column, what, .. }) = read(file.path()) else { panic!("accepted") };
        assert_eq!((line, column, what.as_str()), (2, 9, "expected value"));
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let file = written(&"[".repeat(100_000));
        let Err(CheckError::Json { line, what, .. }) = read(file.path()) else { panic!("accepted") };
        assert_eq!((line, what.as_str()), (1, "recursion limit exceeded"));
    }

    #[test]
    fn a_file_beyond_the_bound_is_refused_before_it_is_parsed() {
        let file = written("");
        file.as_file().set_len(u64::try_from(MAX_FILE_BYTES).unwrap() + 1).unwrap();
        assert!(matches!(read(file.path()), Err(CheckError::TooLarge { limit: MAX_FILE_BYTES, unit: "bytes", .. })));
    }

    #[test]
    fn a_folder_gives_its_json_files_sorted_and_without_subfolders() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("c.json")).unwrap();
        for name in ["b.json", "a.json", "readme.md"] {
            fs::write(folder.path().join(name), "[]").unwrap();
        }
        let files = expand(&[folder.path().into()]).unwrap();
        assert_eq!(files, [folder.path().join("a.json"), folder.path().join("b.json")]);
    }

    #[test]
    fn a_path_that_is_not_there_names_itself() {
        let path = PathBuf::from("no/such/file.json");
        let Err(CheckError::Unreadable { path: named, source }) = expand(std::slice::from_ref(&path)) else {
            panic!("accepted")
        };
        assert_eq!((named, source.kind()), (path, std::io::ErrorKind::NotFound));
    }
}
