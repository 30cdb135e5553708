//! One run over many files.

use std::path::{Path, PathBuf};

use crate::cases::{Case, Malformed, cases};
use crate::kinds;
use crate::summary::{FileSummary, Summary};
use crate::{CheckError, files};

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only cases of this kind; every kind when `None`.
    pub kind: Option<String>,
}

/// Runs every case of the given files and folders (a folder is its `*.json`).
///
/// # Errors
/// A path that cannot be read, JSON that is broken or is no vector file, and no case at all. Cases that fail are part of
/// the summary.
pub fn check(paths: &[PathBuf], options: &Options) -> Result<Summary, CheckError> {
    let mut summary = Summary::default();
    for path in files::expand(paths)? {
        let file = check_file(&path, options)?;
        if !file.cases.is_empty() {
            summary.add(file);
        }
    }
    if summary.files.is_empty() {
        return Err(CheckError::Empty { paths: paths.into(), kind: options.kind.clone() });
    }
    Ok(summary)
}

fn check_file(path: &Path, options: &Options) -> Result<FileSummary, CheckError> {
    let document = files::read(path)?;
    let mut cases =
        cases(&document).map_err(|Malformed { at, what }| CheckError::Shape { path: path.into(), at, what })?;
    let wanted = |case: &&Case<'_>| options.kind.as_deref().is_none_or(|kind| kind == case.kind);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut file = FileSummary::new(path);
    cases.iter_mut().for_each(|case| case.folder = path.parent());
    for case in cases.iter().filter(wanted) {
        for (mode, outcome) in kinds::run(case) {
            file.add(format!("{name}#{}", case.id), mode, outcome);
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mode, Status};
    use std::fs;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn run(files: &[(&str, &str)], kind: Option<&str>) -> Result<Summary, CheckError> {
        let folder = folder(files);
        check(&[folder.path().into()], &Options { kind: kind.map(str::to_owned) })
    }

    const TWO: &str = r#"[{"id":"a","kind":"tlv","hex":"5A00","expect":[{"tag":"5A","value":""}]},
        {"id":"b","kind":"tlv","hex":"5A","expect":[]},{"id":"c","kind":"other"}]"#;

    #[test]
    fn figures_are_kept_by_file_and_over_all_files() {
        let summary =
            run(&[("one.json", TWO), ("two.json", r#"{"vectors":[{"id":"a","kind":"other"}]}"#)], None).unwrap();
        assert_eq!((summary.passed, summary.failed, summary.unsupported), (1, 1, 2));
        assert_eq!((summary.compared, summary.left_out), (2, 2));
        let [one, two] = summary.files.as_slice() else { panic!("two files") };
        assert_eq!((one.passed, one.failed, one.unsupported), (1, 1, 1));
        assert_eq!((two.passed, two.failed, two.unsupported), (0, 0, 1));
        assert!(one.path.ends_with("one.json"));
        let named: Vec<_> = one.cases.iter().map(|case| (case.id.as_str(), case.status)).collect();
        let expected =
            [("one.json#a", Status::Passed), ("one.json#b", Status::Failed), ("one.json#c", Status::Unsupported)];
        assert_eq!(named, expected);
    }

    #[test]
    fn a_failed_case_shows_both_sides_and_a_passed_one_neither() {
        let summary = run(&[("one.json", TWO)], None).unwrap();
        let shown: Vec<_> = summary
            .files
            .iter()
            .flat_map(|file| &file.cases)
            .map(|case| (case.expected.as_ref().map(ToString::to_string), case.found.as_ref().map(ToString::to_string)))
            .collect();
        let failed = (Some(r#"{"expect":[]}"#.to_owned()), Some(r#"{"error":"truncated"}"#.to_owned()));
        assert_eq!(shown, [(None, None), failed, (None, None)]);
    }

    #[test]
    fn no_case_at_all_is_an_error_of_its_own() {
        for (files, kind) in [(&[][..], None), (&[("a.json", "[]")][..], None), (&[("a.json", TWO)][..], Some("dol"))] {
            let Err(CheckError::Empty { kind: named, .. }) = run(files, kind) else { panic!("accepted") };
            assert_eq!(named.as_deref(), kind);
        }
        let Err(CheckError::Empty { paths, .. }) = check(&[], &Options::default()) else { panic!("accepted") };
        assert!(paths.is_empty());
    }

    #[test]
    fn a_file_that_holds_no_vectors_stops_the_check_and_is_named() {
        let error = run(&[("a.json", TWO), ("b.json", "[{\"id\":1}]")], None).unwrap_err();
        assert!(error.to_string().ends_with("b.json`, [0]: no `id`"), "{error}");
        let error = run(&[("a.json", "{\n\"x\": [1,]}")], None).unwrap_err();
        assert!(error.to_string().ends_with("a.json` line 2, column 9: trailing comma"), "{error}");
    }

    #[test]
    fn one_kind_alone_is_run_on_request() {
        let summary = run(&[("one.json", TWO)], Some("other")).unwrap();
        assert_eq!((summary.passed, summary.failed, summary.unsupported), (0, 0, 1));
    }

    #[test]
    fn each_mode_of_a_transcript_is_a_result() {
        let file = r#"[{"id":"t","kind":"transcript","modes":["decode","dance"],"exchanges":[{"c":"80CA9F3600","r":"9F360200019000"}],
            "expect":{"atc":1}}]"#;
        let summary = run(&[("t.json", file)], None).unwrap();
        let modes: Vec<_> = summary.files.iter().flat_map(|f| &f.cases).map(|c| (c.mode.clone(), c.status)).collect();
        assert_eq!(
            modes,
            [(Some(Mode::Decode), Status::Passed), (Some(Mode::Other("dance".into())), Status::Unsupported)]
        );
    }
}
