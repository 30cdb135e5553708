//! No comparison is empty: every expected value of the kinds of this stage is changed, one at a time, and the case has to
//! fail. The values that may be changed without a failure are listed in `indifferent-stage1.txt`: descriptions, and in mode
//! reader what only a terminal's session has. What a later stage compares is left out by name and stands in
//! `unsupported-stage1.txt`. `UPDATE_INDIFFERENT=1` writes the list anew.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop, and shows its figures")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tapcard_vectors::{LeftOut, Options, Status, check};

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

/// Members of a case that say what is expected.
const EXPECTING: [&str; 7] =
    ["expect", "total_length", "error", "out", "decimal", "iv_cvc3", "sha1_rid_index_modulus_exponent"];

/// The same of the kinds that have no member `expect`.
const EXPECTING_8583: [&str; 13] = [
    "mti",
    "bitmap",
    "bitmap2",
    "header",
    "fields",
    "field55_tlv",
    "binary2_prefix",
    "bcd2_prefix",
    "ascii4_prefix",
    "version",
    "class",
    "function",
    "origin",
];

/// The same value with its first character or digit changed, or one more.
fn changed(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(changed_text(text)),
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        Value::Bool(flag) => json!(!flag),
        _ => json!("nothing of the kind"),
    }
}

fn changed_text(text: &str) -> String {
    let mut letters = text.chars();
    let first = match letters.next() {
        Some('9') => '0',
        Some('F' | 'f') => 'A',
        Some('Z' | 'z') | None => return "00".to_owned(),
        Some(letter) if letter.is_ascii_alphanumeric() => char::from(u8::try_from(letter).unwrap() + 1),
        Some(_) => 'x',
    };
    std::iter::once(first).chain(letters).collect()
}

/// The paths of all values below `value` that are no object and no array, and of the last element of each array.
fn paths(at: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| paths(&format!("{at}/{name}"), value, found)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| paths(&format!("{at}/{index}"), value, found));
            if !list.is_empty() {
                found.push(format!("{at}/-"));
            }
        }
        _ => found.push(at.to_owned()),
    }
}

fn mutant(case: &Value, path: &str) -> Value {
    let mut case = case.clone();
    if let Some(array) = path.strip_suffix("/-") {
        case.pointer_mut(array).unwrap().as_array_mut().unwrap().pop();
    } else {
        let value = case.pointer_mut(path).unwrap();
        *value = changed(value);
    }
    case.as_object_mut().unwrap().insert("id".to_owned(), json!(path));
    case
}

fn mutants(case: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let is_8583 = case["kind"].as_str().unwrap().starts_with("iso8583");
    for member in EXPECTING.iter().chain(EXPECTING_8583.iter().filter(|_| is_8583)) {
        if let Some(value) = case.get(*member) {
            paths(&format!("/{member}"), value, &mut found);
        }
    }
    found.iter().map(|path| mutant(case, path)).collect()
}

/// Whether a path such as `/expect/apps/0/log_count` is, or is in, what a report names `apps[0].log_count`. A mode or
/// an operation that is missing holds everything.
fn is_below(path: &str, what: &str) -> bool {
    let member = what.replace(['.', '['], "/").replace(']', "");
    let rest = path.strip_prefix("/expect/").and_then(|path| path.strip_prefix(&member));
    what.starts_with("mode ")
        || what.starts_with("kind ")
        || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Cases of this stage by `file#id`.
fn cases() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cases = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let lists = match document {
            Value::Object(members) => members.into_iter().map(|(_, member)| member).collect(),
            list => vec![list],
        };
        for case in lists.into_iter().filter_map(|list| list.as_array().cloned()).flatten() {
            let text = |member: &str| case.get(member).and_then(Value::as_str).unwrap();
            if KINDS.contains(&text("kind")) {
                let id = format!("{}#{}", path.file_name().unwrap().display(), text("id"));
                cases.insert(id, case);
            }
        }
    }
    cases
}

#[test]
fn every_expected_value_counts_or_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    // A case of kind `oda` names a transcript; it is looked for beside the case.
    let transcripts = "emv-transcripts-bertlv.json";
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::copy(vectors.join(transcripts), folder.path().join(transcripts)).unwrap();
    let (mut total, mut waiting) = (0, 0);
    let mut indifferent = String::new();
    for (id, case) in cases() {
        let file = folder.path().join("mutants.json");
        let mutants = mutants(&case);
        if mutants.is_empty() {
            continue;
        }
        fs::write(&file, serde_json::to_vec(&mutants).unwrap()).unwrap();
        let summary = check(&[file], &Options::default()).unwrap();
        for result in summary.files.iter().flat_map(|file| &file.cases) {
            let path = result.id.trim_start_matches("mutants.json#");
            let left_out = |left_out: &LeftOut| left_out.stage.is_some() && is_below(path, &left_out.what);
            if result.left_out.iter().any(left_out) {
                waiting += 1;
                continue;
            }
            total += 1;
            if result.status != Status::Failed {
                let mode = result.mode.as_ref().map(|mode| format!(" {mode}")).unwrap_or_default();
                writeln!(indifferent, "{id}{mode} {path}").unwrap();
            }
        }
    }
    let quiet = indifferent.lines().count();
    println!(
        "{total} changed expectations, {quiet} of them without a failure, as listed; {waiting} wait for a later stage"
    );
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/indifferent-stage1.txt");
    if std::env::var_os("UPDATE_INDIFFERENT").is_some() {
        fs::write(&list, indifferent).unwrap();
        return;
    }
    let listed = fs::read_to_string(&list).unwrap_or_default();
    assert!(indifferent == listed, "the list differs; run it once with UPDATE_INDIFFERENT=1 and read what changed");
}
