//! A card that was recorded is the same card when it is replayed.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]

mod support;

use std::path::Path;

use serde_json::Value;
use support::tapcard;
use tapcard_emv::tags::Sensitivity;
use tapcard_transport::Masker;

/// Built-in cards, with what a recording without names leaves different.
///
/// A sequence number and what stands around it in the newest record of `t-money` happen to be digits with a right check digit:
/// they are hidden as an account number would be, because nothing in the record says what they are. `--raw` keeps them.
const CARDS: [(&str, &[&str]); 4] = [
    ("pboc-ec", &["/reader", "/applications/0/cardholder"]),
    ("ec-only", &["/reader", "/applications/0/cardholder"]),
    ("t-union", &["/reader"]),
    (
        "t-money",
        &[
            "/reader",
            "/applications/0/purse/log/0/sequence",
            "/applications/0/purse/log/0/raw",
            "/applications/0/transactions/0/sequence",
            "/applications/0/transactions/0/raw",
        ],
    ),
];

fn read(folder: &Path, arguments: &[&str]) -> Value {
    let run = tapcard(folder).args(["read", "--json", "-q"]).args(arguments).assert().code(0);
    serde_json::from_slice(&run.get_output().stdout).unwrap()
}

/// JSON pointers to everything that is not the same.
fn differences(a: &Value, b: &Value, at: &str, found: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().zip(b.values()).for_each(|((name, a), b)| differences(a, b, &format!("{at}/{name}"), found));
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(index, (a, b))| differences(a, b, &format!("{at}/{index}"), found));
        }
        (a, b) if a == b => {}
        _ => found.push(at.to_owned()),
    }
}

fn different(a: &Value, b: &Value) -> Vec<String> {
    let mut found = Vec::new();
    differences(a, b, "", &mut found);
    found
}

#[test]
fn a_recording_without_names_reads_as_the_same_card() {
    for (card, expected) in CARDS {
        for depth in [&[][..], &["--full"]] {
            let folder = tempfile::tempdir().unwrap();
            let spec = format!("virtual:{card}");
            let original = read(folder.path(), &[&["-r", &spec, "--record", "card.json"], depth].concat());
            let replayed = read(folder.path(), &[&["-r", "replay:card.json"], depth].concat());
            let found = different(&original, &replayed);
            let unexpected: Vec<_> = found.iter().filter(|at| !expected.contains(&at.as_str())).collect();
            assert!(unexpected.is_empty(), "{card} {depth:?}: {unexpected:?}");
            assert_eq!(replayed["reader"], "replay:card.json");
            assert_eq!(original["atr"], replayed["atr"], "{card}: a recording keeps the ATR");
        }
    }
}

#[test]
fn a_raw_recording_differs_in_the_reader_alone() {
    for (card, _) in CARDS {
        let folder = tempfile::tempdir().unwrap();
        let spec = format!("virtual:{card}");
        let arguments = ["-r", &spec, "--full", "--show-pan", "--record", "card.json", "--raw"];
        let original = read(folder.path(), &arguments);
        let replayed = read(folder.path(), &["-r", "replay:card.json", "--full", "--show-pan"]);
        assert_eq!(different(&original, &replayed), ["/reader"], "{card}");
    }
}

/// Recording a recording hides the same places. Digits that stand for hidden ones may change: nothing tells a number whose
/// middle was filled with zeroes from one whose middle is zeroes, so it is hidden as any other.
#[test]
fn a_recording_of_a_recording_hides_the_same() {
    let folder = tempfile::tempdir().unwrap();
    read(folder.path(), &["-r", "virtual:pboc-ec", "--full", "--record", "first.json"]);
    read(folder.path(), &["-r", "replay:first.json", "--full", "--record", "second.json"]);
    // What comes from the terminal is its own in every reading: answers only.
    let answers = |file: &str| {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        let recording = serde_json::from_str::<Value>(&text).unwrap();
        let mut masker = Masker::new(Sensitivity::Pan);
        let octets = |exchange: &Value, side: &str| hex::decode(exchange[side].as_str().unwrap()).unwrap();
        let shown = |exchange: &Value| masker.answer(&octets(exchange, "c"), &octets(exchange, "r")).hex();
        recording[0]["exchanges"].as_array().unwrap().iter().map(shown).collect::<Vec<_>>()
    };
    let first = answers("first.json");
    assert!(first.iter().any(|answer| answer.contains("5A08621094******0011")));
    assert_eq!(first, answers("second.json"));
}
