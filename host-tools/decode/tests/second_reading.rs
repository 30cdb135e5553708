//! Values that were read twice: once by this program, once by eye in the bit tables of the clause that each case names.
//!
//! The cases in `second_reading.json` were written from the tables, not from the output: places of the bits, and words that
//! the tables use. A bit that the program names and the case does not, or the other way round, is a failure.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]

mod support;

use std::collections::BTreeMap;

use serde::Deserialize;
use tapcard_decode::Node;

use support::{Given, path};

#[derive(Deserialize)]
struct Reading {
    id: String,
    clause: String,
    /// The part whose bytes are read; without it the whole value.
    #[serde(default)]
    at: Option<String>,
    /// `byte.bit` or `byte.bits`, and words of the table.
    #[serde(default)]
    bits: BTreeMap<String, String>,
    /// Names of parts, and words about them.
    #[serde(default)]
    parts: BTreeMap<String, Vec<String>>,
    /// Words of each line, in their order.
    #[serde(default)]
    lines: Vec<Vec<String>>,
    #[serde(flatten)]
    given: Given,
}

fn readings() -> Vec<Reading> {
    serde_json::from_str(&std::fs::read_to_string(path("tests/second_reading.json")).unwrap()).unwrap()
}

/// `byte.bit` and text of everything that the bytes of a bit field say.
fn bits(node: &Node) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (index, byte) in node.children.iter().enumerate() {
        for line in &byte.means {
            let (place, text) = line.split_once(": ").unwrap();
            let bit = place.strip_prefix("bits ").or_else(|| place.strip_prefix("bit ")).unwrap();
            found.insert(format!("{}.{bit}", index + 1), text.to_owned());
        }
    }
    found
}

fn child<'n>(node: &'n Node, name: &str) -> &'n Node {
    let named = node.children.iter().find(|child| child.name.as_deref() == Some(name));
    named.unwrap_or_else(|| panic!("no part {name}"))
}

fn check_words(id: &str, text: &str, words: &[String]) {
    for word in words {
        assert!(text.contains(word.as_str()), "{id}: `{word}` is missing in `{text}`");
    }
}

#[test]
fn the_second_reading_agrees() {
    for reading in readings() {
        let id = format!("{} ({})", reading.id, reading.clause);
        let explained = reading.given.explain();
        assert_eq!(explained.remainder, None, "{id}");
        let top = &explained.nodes[0];
        if !reading.bits.is_empty() {
            let found = bits(reading.at.as_deref().map_or(top, |name| child(top, name)));
            let places = |map: &BTreeMap<String, String>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(places(&found), places(&reading.bits), "{id}: {found:#?}");
            for (place, words) in &reading.bits {
                check_words(&format!("{id} {place}"), &found[place], std::slice::from_ref(words));
            }
        }
        for (name, words) in &reading.parts {
            check_words(&format!("{id} {name}"), child(top, name).value.as_deref().unwrap_or_default(), words);
        }
        if !reading.lines.is_empty() {
            assert_eq!(top.means.len(), reading.lines.len(), "{id}: {:?}", top.means);
            for (line, words) in top.means.iter().zip(&reading.lines) {
                check_words(&id, line, words);
            }
        }
    }
}

#[test]
fn at_least_30_values_were_read_twice() {
    let readings = readings();
    assert!(readings.len() >= 30, "{}", readings.len());
    let checked = |reading: &Reading| reading.bits.len() + reading.parts.len() + reading.lines.len();
    assert!(readings.iter().all(|reading| checked(reading) > 0 && !reading.clause.is_empty()));
}
