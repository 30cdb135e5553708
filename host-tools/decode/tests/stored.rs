//! Stored outputs, text and JSON, for every kind. `SNAPSHOTS=overwrite cargo test -p tapcard-decode` writes them anew.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]

mod support;

use serde::Deserialize;
use snapbox::Data;
use tapcard_decode::{Kind, render};

use support::{Given, path};

#[derive(Deserialize)]
struct Case {
    id: String,
    /// The file in `vectors/` that has the octets.
    #[serde(default)]
    from: Option<String>,
    #[serde(flatten)]
    given: Given,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(&std::fs::read_to_string(path("tests/cases.json")).unwrap()).unwrap()
}

#[test]
fn explanations_are_what_was_stored() {
    for case in cases() {
        let explained = case.given.explain();
        let mut text = Vec::new();
        if let Some(guess) = &explained.guess {
            text.extend(format!("({} because: {}; {})\n", guess.kind, guess.why, guess.sure).into_bytes());
        }
        render::write_text(&explained, render::Style::default(), &mut text).unwrap();
        let stored = |ending: &str| Data::read_from(&path(&format!("tests/stored/{}.{ending}", case.id)), None);
        snapbox::assert_data_eq!(String::from_utf8(text).unwrap(), stored("txt").raw());
        let json = serde_json::to_string_pretty(&render::to_json(&explained)).unwrap() + "\n";
        snapbox::assert_data_eq!(json, stored("json").raw());
    }
}

#[test]
fn every_kind_has_a_stored_output() {
    let cases = cases();
    for kind in Kind::ALL {
        assert!(cases.iter().any(|case| case.given.kind.as_deref() == Some(kind.word())), "{kind}");
    }
}

#[test]
fn what_is_said_to_come_from_the_vectors_does() {
    for case in cases() {
        let Some(file) = &case.from else { continue };
        let vectors = std::fs::read_to_string(path("../../vectors").join(file)).unwrap().to_uppercase();
        for piece in &case.given.data {
            assert!(vectors.contains(&piece.to_uppercase()), "{}: {file} does not have {piece}", case.id);
        }
    }
}

#[test]
fn every_stored_file_belongs_to_a_case() {
    let cases = cases();
    for file in std::fs::read_dir(path("tests/stored")).unwrap() {
        let file = file.unwrap().path();
        let id = file.file_stem().unwrap().to_str().unwrap();
        assert!(cases.iter().any(|case| case.id == id), "{}", file.display());
    }
}

#[test]
fn json_of_tlv_has_the_members_of_the_contract_alone() {
    let case = cases().into_iter().find(|case| case.id == "tlv-record").unwrap();
    let document = render::to_json(&case.given.explain());
    let members: Vec<_> = document.as_object().unwrap().keys().collect();
    assert_eq!(members, ["schema", "objects", "remainder"]);
    fn check(object: &serde_json::Value) {
        let members: Vec<_> = object.as_object().unwrap().keys().collect();
        assert_eq!(members, ["tag", "name", "length", "offset", "hex", "value", "means", "children"]);
        assert!(object["tag"].is_string(), "{object}");
        object["children"].as_array().unwrap().iter().for_each(check);
    }
    document["objects"].as_array().unwrap().iter().for_each(check);
}
