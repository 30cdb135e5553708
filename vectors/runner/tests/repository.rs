//! The repository's own vectors: everything runs, nothing fails, and what is left out is what the stored list says.
//!
//! `UPDATE_UNSUPPORTED=1` writes the list anew; read the difference before it is committed.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop, and shows its figures")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use tapcard_vectors::{CaseResult, Options, Status, Summary, check};

/// The kinds that this stage runs.
const KINDS: &[&str] = &[
    // One line each, so that two people can add one.
    "tlv",
    "dol",
    "tlv-values",
    "transcript",
    "card-image",
    "crypto",
    "oda",
    "capk",
    "cryptogram",
    "mac",
    "sm2",
    "testca",
    "iso8583",
    "iso8583-framing",
    "iso8583-mti",
    "terminal",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn run(kind: Option<&str>) -> Summary {
    check(&[folder()], &Options { kind: kind.map(str::to_owned) }).unwrap()
}

fn results(summary: &Summary) -> impl Iterator<Item = &CaseResult> {
    summary.files.iter().flat_map(|file| &file.cases)
}

/// The number of cases without a JSON parser: every case has one member `kind`, and no value holds that text.
fn counted_as_text() -> usize {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.map(|path| fs::read_to_string(path).unwrap().matches("\"kind\":").count()).sum()
}

#[test]
fn every_case_is_run_and_none_fails() {
    let summary = run(None);
    let ids: BTreeSet<_> = results(&summary).map(|result| &result.id).collect();
    let runs = results(&summary).count();
    let failures: Vec<_> = results(&summary).filter(|result| result.status == Status::Failed).collect();
    for CaseResult { id, mode, expected, found, .. } in &failures {
        println!("{id} {mode:?}\n  expected {expected:?}\n  found    {found:?}");
    }
    let Summary { passed, failed, unsupported, compared, left_out, .. } = summary;
    println!(
        "{} cases in {} files, {runs} runs: {passed} passed, {failed} failed, {unsupported} unsupported; \
         {compared} members compared, {left_out} left out",
        ids.len(),
        summary.files.len()
    );
    assert_eq!(ids.len(), counted_as_text());
    assert_eq!((passed + failed + unsupported, failed), (runs, 0), "{} runs failed", failures.len());
}

#[test]
fn nothing_but_the_listed_is_left_out_of_the_kinds_of_this_stage() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/unsupported-stage1.txt");
    let mut found = String::new();
    for kind in KINDS {
        let summary = run(Some(kind));
        let figures = (summary.passed, summary.failed, summary.unsupported);
        println!("{kind}: {figures:?} passed, failed, unsupported; {} members left out", summary.left_out);
        for result in results(&summary).filter(|result| !result.left_out.is_empty()) {
            write!(found, "{}", result.id).unwrap();
            if let Some(mode) = &result.mode {
                write!(found, " {mode}").unwrap();
            }
            for left_out in &result.left_out {
                let stage = left_out.stage.map_or("none".to_owned(), |stage| stage.to_string());
                write!(found, "\n    {}: stage {stage}", left_out.what).unwrap();
            }
            found.push('\n');
        }
    }
    if std::env::var_os("UPDATE_UNSUPPORTED").is_some() {
        fs::write(&path, found).unwrap();
        return;
    }
    let listed = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == listed, "the list differs; run it once with UPDATE_UNSUPPORTED=1 and read what changed\n{found}");
}

#[test]
fn the_json_has_the_figures_and_one_entry_for_each_run() {
    let summary = run(Some("dol"));
    let json: serde_json::Value = serde_json::from_str(&summary.to_json()).unwrap();
    let first = json.as_object().unwrap().keys().next().unwrap();
    assert_eq!((first.as_str(), &json["schema"]), ("schema", &"tapcard.vectors/1".into()));
    assert_eq!(json["passed"], summary.passed);
    let cases = json.pointer("/files/0/cases/0").unwrap();
    assert_eq!((&cases["status"], &cases["expected"]), (&"passed".into(), &serde_json::Value::Null));
}

/// A description without a vector is not proven; the case says by `purse` which one it is for.
#[test]
fn every_purse_that_is_described_has_a_vector_of_its_own() {
    let mut covered = BTreeSet::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let is_purse = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("purse-"));
        if !is_purse {
            continue;
        }
        let document: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for case in document["vectors"].as_array().unwrap() {
            assert!(covered.insert(case["expect"]["purse"].as_str().unwrap().to_owned()), "{}", case["id"]);
        }
    }
    let described: BTreeSet<_> =
        tapcard_emv::purse::purses().iter().map(|purse| purse.kind.name().to_owned()).collect();
    assert_eq!(covered, described);
}
