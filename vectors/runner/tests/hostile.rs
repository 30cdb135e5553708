//! Recordings that lie: answers cut off, bent, swollen and repeated; payments with any value bent. Whatever the verdict, the
//! runner comes back with one for each mode.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop, and shows its figures")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tapcard_vectors::{Options, check};

const FILES: [&str; 7] = [
    "emv-transcripts-bertlv.json",
    "emv-transcripts-emvpt.json",
    "emv-transcripts-paycard.json",
    "pboc-ec.json",
    "purse-cities.json",
    "purse-others.json",
    "purse-pboc.json",
];

fn transcripts(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    let document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let list = document.get("vectors").unwrap_or(&document).as_array().unwrap();
    list.iter().filter(|case| case.get("kind") == Some(&json!("transcript"))).cloned().collect()
}

/// Other answers for a good one; all of them are R-APDUs.
fn lies(answer: &str) -> Vec<String> {
    let (data, sw) = answer.split_at(answer.len() - 4);
    let half = data.get(..data.len() / 4 * 2).unwrap();
    let lengths: String = data.chars().map(|digit| if digit == '0' { '8' } else { digit }).collect();
    vec![
        "9000".to_owned(),
        "6100".to_owned(),
        "6C00".to_owned(),
        format!("{half}{sw}"),
        format!("{data}{data}{sw}"),
        format!("{lengths}{sw}"),
        "FF".repeat(254) + "9000",
        format!("80{data}{sw}"),
    ]
}

fn bent(case: &Value, index: usize, answer: &str, repeat: bool) -> Value {
    let mut case = case.clone();
    *case.pointer_mut(&format!("/exchanges/{index}/r")).unwrap() = json!(answer);
    let members = case.as_object_mut().unwrap();
    members.insert("id".to_owned(), json!(format!("{index} {repeat} {answer}")));
    if repeat {
        members.insert("repeat_last".to_owned(), json!(true));
        members.insert("wildcard_empty_c".to_owned(), json!(true));
    }
    case
}

fn bent_in_every_way(case: &Value) -> Vec<Value> {
    let exchanges = case.get("exchanges").unwrap().as_array().unwrap();
    let mut found = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let good = exchange.get("r").unwrap().as_str().unwrap();
        let mut answers = lies(good);
        answers.sort();
        answers.dedup();
        for answer in answers {
            found.push(bent(case, index, &answer, false));
            found.push(bent(case, index, &answer, true));
        }
    }
    found
}

#[test]
fn a_lying_recording_has_a_verdict_in_each_mode() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bent.json");
    let (mut runs, mut expected) = (0, 0);
    for case in FILES.iter().flat_map(|name| transcripts(name)) {
        let bent = bent_in_every_way(&case);
        expected += bent.len() * case.get("modes").unwrap().as_array().unwrap().len();
        fs::write(&file, serde_json::to_vec(&bent).unwrap()).unwrap();
        let summary = check(std::slice::from_ref(&file), &Options::default()).unwrap();
        runs += summary.passed + summary.failed + summary.unsupported;
    }
    println!("{runs} runs of recordings with one answer bent");
    assert_eq!(runs, expected);
}

/// The places of all answers and values of a case of a payment, and whether they are octets.
fn places(at: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| places(&format!("{at}/{name}"), value, found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| places(&format!("{at}/{index}"), value, found));
        }
        _ => found.push(at.to_owned()),
    }
}

#[test]
fn a_payment_with_any_value_bent_has_a_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bent.json");
    let (mut runs, mut expected) = (0, 0);
    for (name, id) in [
        ("terminal-select.json", "term-select-001"),
        ("terminal-script.json", "term-script-032"),
        ("terminal-oda.json", "term-oda-065"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        let document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let case = document.as_array().unwrap().iter().find(|case| case["id"] == id).unwrap();
        let mut found = Vec::new();
        for member in ["card", "terminal", "transaction", "host"] {
            places(&format!("/{member}"), case.get(member).unwrap(), &mut found);
        }
        let mut bent = Vec::new();
        for place in &found {
            let good = case.pointer(place).unwrap().as_str().filter(|good| good.len() >= 4).unwrap_or("0000");
            let lies =
                lies(good).into_iter().map(Value::String).chain([json!(null), json!(-1), json!(u64::MAX), json!("x")]);
            for (number, lie) in lies.enumerate() {
                let mut case = case.clone();
                *case.pointer_mut(place).unwrap() = lie;
                case["id"] = json!(format!("{number} {place}"));
                bent.push(case);
            }
        }
        expected += bent.len();
        fs::write(&file, serde_json::to_vec(&bent).unwrap()).unwrap();
        let summary = check(std::slice::from_ref(&file), &Options::default()).unwrap();
        runs += summary.passed + summary.failed + summary.unsupported;
    }
    println!("{runs} payments with one value bent");
    assert_eq!(runs, expected);
}
