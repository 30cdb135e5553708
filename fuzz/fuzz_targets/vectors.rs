//! Vector files: each is refused as a whole or judged case by case, and every case is counted once.
//!
//! Covers: vectors/runner/src
#![no_main]

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tapcard_vectors::{CheckError, Options, Status, check};

/// The runner takes files, not text.
static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("tapcard-vectors-{}.json", std::process::id())));

fuzz_target!(|data: &[u8]| {
    fs::write(&*FILE, data).expect("the folder for temporary files can be written");
    let summary = match check(&[FILE.clone()], &Options::default()) {
        Ok(summary) => summary,
        Err(error) => {
            assert!(!matches!(error, CheckError::Unreadable { .. }) && !error.to_string().is_empty());
            return;
        }
    };
    let (mut passed, mut failed, mut unsupported) = (0, 0, 0);
    for case in summary.files.iter().flat_map(|file| &file.cases) {
        match case.status {
            Status::Passed => passed += 1,
            Status::Failed => failed += 1,
            Status::Unsupported => unsupported += 1,
        }
        let shows = case.expected.is_some() && case.found.is_some();
        assert_eq!(shows, case.status == Status::Failed, "{}: a failure shows both sides", case.id);
    }
    assert_eq!((summary.passed, summary.failed, summary.unsupported), (passed, failed, unsupported));
    assert!(passed + failed + unsupported > 0, "a file without cases is an error");
    let document: Value = serde_json::from_str(&summary.to_json()).expect("JSON");
    assert_eq!((&document["passed"], &document["failed"]), (&passed.into(), &failed.into()));
    let judged: HashSet<_> = summary.files.iter().flat_map(|file| &file.cases).map(|case| &case.id).collect();
    assert_eq!(judged.len(), cases(data), "no case is left out");
});

/// Every element of every list is a case, and the ids of a file that is accepted are unique.
fn cases(data: &[u8]) -> usize {
    match serde_json::from_slice(data).expect("it was accepted") {
        Value::Array(cases) => cases.len(),
        Value::Object(members) => members.values().filter_map(Value::as_array).map(Vec::len).sum(),
        other => panic!("neither a list nor lists: {other}"),
    }
}
