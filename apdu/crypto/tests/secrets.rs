//! No type of this crate shows a secret, and none compares one with a branch. Which types there are is read from the source,
//! so that a new one cannot be forgotten.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tapcard_crypto::codes::{cvc3, cvv};
use tapcard_crypto::keys::{AesKey, DesKey, SecretKey, Sm4Key, TdesKey};
use tapcard_crypto::mac::{Cmac, DesMac, Padding, RetailMac, Sm4Mac, retail_mac};
use tapcard_crypto::pin::Pin;
use tapcard_crypto::purse::PurseKey;
use tapcard_crypto::script::PinChangeKeys;
use tapcard_emv::pan::Pan;

/// Files of the part of the crate that has symmetric keys.
const PARTS: [&str; 8] = ["keys", "mac", "ac", "script", "arpc.rs", "codes.rs", "pin.rs", "purse.rs"];

/// Types whose octets are no secret: a key check value may be shown and compared by anyone, a card status update is sent in
/// clear, and a script context, purse deal and time are what commands carry.
const PUBLIC: [&str; 5] = ["Kcv", "Csu", "ScriptContext", "PurseDeal", "PurseTime"];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(path: &Path, found: &mut Vec<(PathBuf, String)>) {
        if path.is_dir() {
            fs::read_dir(path).unwrap().for_each(|entry| walk(&entry.unwrap().path(), found));
        } else {
            let text = fs::read_to_string(path).unwrap();
            let product = text.split("#[cfg(test)]").next().unwrap().to_owned();
            found.push((path.to_owned(), product));
        }
    }
    let mut found = Vec::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    PARTS.iter().for_each(|part| walk(&src.join(part), &mut found));
    walk(&src.join("script.rs"), &mut found);
    found
}

/// The name of a type at the start of `text`.
fn name(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

/// Every `pub struct`: its name, the attributes before it and its body.
fn structs() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for (_, text) in sources() {
        for (at, _) in text.match_indices("\npub struct ") {
            let before = text[..at].rsplit("\n\n").next().unwrap().to_owned();
            let rest = &text[at + "\npub struct ".len()..];
            let end = rest.find(['{', ';']).unwrap();
            let body = if rest[end..].starts_with('{') { &rest[..rest.find("\n}").unwrap()] } else { &rest[..end] };
            found.push((name(rest), before, body.to_owned()));
        }
    }
    found
}

/// Types that write their own `Debug`: those that have something to hide.
fn hiding() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, text) in sources() {
        for (at, mark) in text.match_indices("fmt::Debug for ") {
            found.insert(name(&text[at + mark.len()..]));
        }
    }
    found
}

/// What a type of each name shows for given octets.
fn shown(octets: [u8; 16], pin: &str) -> BTreeMap<&'static str, String> {
    fn text(value: &dyn Debug) -> String {
        format!("{value:?} {value:#?}")
    }
    let (tdes, sm4) = (TdesKey::new(octets), Sm4Key::new(octets));
    let des = DesKey::new(*octets.first_chunk().unwrap());
    let aes = AesKey::import(&octets).unwrap();
    let (tdes_keys, des_keys, aes_keys, sm4_keys) = (tdes.schedule(), des.schedule(), aes.schedule(), sm4.schedule());
    let pan = Pan::from_digits("9969299966888438").unwrap();
    let secret = SecretKey::from(tdes.clone());
    BTreeMap::from([
        ("TdesKey", text(&tdes)),
        ("DesKey", text(&des)),
        ("AesKey", text(&aes)),
        ("Sm4Key", text(&sm4)),
        ("TdesSchedule", text(&tdes_keys)),
        ("DesSchedule", text(&des_keys)),
        ("AesSchedule", text(&aes_keys)),
        ("Sm4Schedule", text(&sm4_keys)),
        ("SecretKey", text(&secret)),
        ("PurseKey", text(&PurseKey::tac(&tdes))),
        ("PinChangeKeys", text(&PinChangeKeys { ac: Some(&secret), smi: &secret, smc: &secret })),
        ("RetailMac", text(&RetailMac::new(&tdes_keys))),
        ("DesMac", text(&DesMac::new(&des_keys))),
        ("Sm4Mac", text(&Sm4Mac::new(&sm4_keys))),
        ("Cmac", text(&Cmac::new(&aes_keys))),
        ("Mac", text(&retail_mac(&tdes_keys, Padding::Method2, &[&octets]))),
        ("Pin", text(&Pin::from_digits(pin).unwrap())),
        ("Code", text(&cvv(&tdes, &pan, "3108", "201").unwrap())),
        ("Cvc3", text(&cvc3(&tdes, [0; 2], [0; 4], [0; 2]))),
        ("KeyError", text(&TdesKey::import(&octets[..15]).unwrap_err())),
        ("PinError", text(&Pin::from_digits(&pin[..3]).unwrap_err())),
    ])
}

#[test]
fn every_type_that_hides_something_is_tried_here() {
    let tried = shown([7; 16], "1234");
    for name in hiding().iter().filter(|name| !PUBLIC.contains(&name.as_str())) {
        assert!(tried.contains_key(name.as_str()), "{name} is not in the table of this test");
    }
}

#[test]
fn a_type_that_holds_octets_derives_neither_debug_nor_a_comparison() {
    let structs = structs();
    assert!(structs.len() >= 20, "{} found", structs.len());
    for (name, attributes, body) in structs.iter().filter(|(name, ..)| !PUBLIC.contains(&name.as_str())) {
        let derived: String = attributes.lines().filter(|line| line.contains("derive(")).collect();
        let holds_octets = body.contains("[u8; ") || body.contains("Chain<") || body.contains("Secret<");
        assert!(!holds_octets || !derived.contains("Debug"), "{name} shows octets");
        // A `Secret` compares in constant time itself; bare octets do not.
        assert!(!body.contains("[u8; ") || !derived.contains("PartialEq"), "{name} compares octets");
    }
}

#[test]
fn no_octets_of_keys_or_codes_are_compared_with_an_operator() {
    for (path, text) in sources() {
        for line in text.lines().filter(|line| line.contains("==") || line.contains("!=")) {
            let compares =
                ["octets() =", "octets() !=", "reveal() =", "reveal() !="].iter().any(|mark| line.contains(mark));
            assert!(!compares || line.trim_start().starts_with("//"), "{}: {line}", path.display());
        }
    }
}

/// Leaves out the key check values, which may be shown: six digits between brackets.
fn without_kcv(text: &str) -> String {
    let mut parts = text.split('(');
    let mut left = parts.next().unwrap().to_owned();
    for part in parts {
        let is_kcv = part.find(')') == Some(6) && part[..6].bytes().all(|digit| digit.is_ascii_hexdigit());
        left.push_str(if is_kcv { &part[6..] } else { part });
    }
    left
}

#[test]
fn what_a_key_shows_is_its_check_value() {
    let octets = [0x5B; 16];
    let shown = shown(octets, "1234");
    for (name, kcv) in [
        ("TdesKey", TdesKey::new(octets).kcv()),
        ("DesKey", DesKey::new([0x5B; 8]).kcv()),
        ("AesKey", AesKey::import(&octets).unwrap().kcv()),
        ("Sm4Key", Sm4Key::new(octets).kcv()),
    ] {
        assert_eq!(shown[name], format!("{name}({kcv}) {name}({kcv})"));
        assert_eq!(without_kcv(&shown[name]), format!("{name}) {name})"));
    }
}

proptest! {
    #[test]
    fn nothing_shows_two_octets_of_a_key_or_the_digits_of_a_pin(octets: [u8; 16], pin in "[0-9]{6,12}") {
        for (name, text) in shown(octets, &pin) {
            let text = without_kcv(&text);
            for pair in octets.windows(2) {
                let [a, b] = pair else { continue };
                for form in [format!("{a:02X}{b:02X}"), format!("{a:02x}{b:02x}"), format!("{a}, {b}"), format!("{a}{b}")] {
                    prop_assert!(form.len() < 4 || !text.contains(&form), "{name}: {text}");
                }
            }
            prop_assert!(!text.contains(&pin), "{name}");
        }
    }
}
