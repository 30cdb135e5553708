//! No whole PAN leaves the program: not on stdout, not on stderr, not in a trace, not in a recording.
//!
//! Each session is read in every way that prints, and what was printed is searched twice: for the session's own PAN in any
//! coding, and for any run of digits that passes the Luhn check (ISO/IEC 7812-1, Annex B) and could be a PAN.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use tapcard_iso7816::Walk;
use tapcard_tests::programs::{Ran, run, tapcard};

/// Digits of a PAN: ISO/IEC 7812-1 allows up to 19; shorter ones than 13 are not issued any more.
const PAN_LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// Octets that the terminal sends and no card gave, whose digits pass the check by chance: GET PROCESSING OPTIONS without data.
const NO_PAN: &str = "80A8000002830000";

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') << (place % 2);
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != b'0')
}

/// Runs of digits, as long as they are, that could be a PAN.
fn suspicious(text: &str) -> Vec<&str> {
    text.split(|letter: char| !letter.is_ascii_digit())
        .filter(|digits| PAN_LENGTHS.contains(&digits.len()) && passes_luhn(digits.as_bytes()))
        .collect()
}

/// One session that a reader can read.
struct Recorded {
    spec: String,
    pan: String,
    /// Certificates and signatures of the session: random octets, of which one run of digits in ten passes the check.
    random: Vec<String>,
}

/// Certificates, remainders and signatures (EMV 4.4 Book 2, 5 and 6).
const RANDOM: [u32; 6] = [0x90, 0x92, 0x93, 0x9F46, 0x9F48, 0x9F4B];

fn random_octets(session: &Value) -> Vec<String> {
    let answers = session["exchanges"].as_array().unwrap().iter().map(|exchange| exchange["r"].as_str().unwrap());
    let answers: Vec<Vec<u8>> = answers.map(|answer| hex::decode(answer).unwrap()).collect();
    let objects = answers.iter().flat_map(|answer| Walk::new(answer).map_while(Result::ok));
    objects
        .filter(|(_, object)| RANDOM.contains(&object.tag.get()) && !object.value.is_empty())
        .map(|(_, object)| hex::encode_upper(object.value))
        .collect()
}

fn assert_clean(what: &str, text: &str, session: &Recorded) {
    let mut text = text.replace(&session.spec, "SPEC").replace(NO_PAN, "GPO");
    for octets in &session.random {
        text = text.replace(octets, "random");
    }
    assert_without_pan(what, &text, session);
    assert_eq!(suspicious(&text), Vec::<&str>::new(), "{what} shows digits that could be a PAN:\n{text}");
}

fn assert_without_pan(what: &str, text: &str, session: &Recorded) {
    let ascii: String = session.pan.bytes().map(|digit| format!("{digit:02X}")).collect();
    assert!(!text.contains(&session.pan), "{what} shows the PAN");
    assert!(!text.to_ascii_uppercase().contains(&ascii), "{what} shows the PAN in ASCII octets");
}

/// The values of a recording, a line each: in whole answers, tags and lengths run into the digits of the values.
fn values(recording: &str) -> String {
    let sessions: Value = serde_json::from_str(recording).unwrap();
    let mut lines = String::new();
    for exchange in sessions[0]["exchanges"].as_array().unwrap() {
        let answer = hex::decode(exchange["r"].as_str().unwrap()).unwrap();
        let (data, _) = answer.split_at(answer.len() - 2);
        let objects: Result<Vec<_>, _> = Walk::new(data).collect();
        let found: Vec<&[u8]> = match &objects {
            Ok(objects) => objects.iter().filter(|(_, o)| !o.tag.is_constructed()).map(|(_, o)| o.value).collect(),
            // A log record stands without a template.
            Err(_) => vec![data],
        };
        for value in found {
            lines += &format!("{}\n{}\n", hex::encode_upper(value), String::from_utf8_lossy(value));
        }
    }
    lines
}

/// The built-in card and every session of the vectors that a reader can read and whose PAN is known.
fn sessions() -> Vec<Recorded> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    let built_in =
        Recorded { spec: "virtual:pboc-ec".to_owned(), pan: "6210948000000011".to_owned(), random: Vec::new() };
    let mut sessions = vec![built_in];
    for file in ["bertlv", "emvpt", "paycard"] {
        let path = vectors.join(format!("emv-transcripts-{file}.json"));
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for case in cases.as_array().unwrap() {
            let reads = case["modes"].as_array().unwrap().iter().any(|mode| mode == "reader");
            if let (true, Some(pan)) = (reads, case["expect"]["pan"].as_str()) {
                let spec = format!("replay:{}#{}", path.display(), case["id"].as_str().unwrap());
                sessions.push(Recorded { spec, pan: pan.to_owned(), random: random_octets(case) });
            }
        }
    }
    assert!(sessions.len() > 8);
    sessions
}

fn read(spec: &str, arguments: &[&str]) -> Ran {
    let ran = run(tapcard().args(["--reader", spec]).args(arguments));
    assert!(matches!(ran.code, Some(0 | 4)), "{ran:?}");
    ran
}

#[test]
fn no_way_of_reading_shows_a_whole_pan() {
    let folder = tempfile::tempdir().unwrap();
    let mut searched = 0;
    for (number, session) in sessions().iter().enumerate() {
        let recording: PathBuf = folder.path().join(format!("{number}.json"));
        let recording = recording.to_str().unwrap();
        for arguments in [
            &["read", "--full", "-vv", "--record", recording][..],
            &["read", "-vv"],
            &["read", "--full", "--json", "-vv"],
            &["balance", "-vv"],
            &["balance", "--json"],
        ] {
            let ran = read(&session.spec, arguments);
            assert_clean(&format!("stdout of {}", ran.line), &ran.stdout, session);
            assert_clean(&format!("stderr of {}", ran.line), &ran.stderr, session);
            searched += 2;
        }
        let recorded = std::fs::read_to_string(recording).unwrap();
        assert_without_pan(&format!("the recording of {}", session.spec), &recorded, session);
        assert_clean(&format!("a value in the recording of {}", session.spec), &values(&recorded), session);
        let replayed = read(&format!("replay:{recording}"), &["read", "--full"]);
        assert_clean("a replayed recording", &replayed.stdout, session);
        searched += 2;
    }
    println!("figure: {searched} outputs searched, no PAN");
}

#[test]
fn the_search_finds_what_it_looks_for() {
    assert_eq!(suspicious("pan 6210948000000011!"), ["6210948000000011"]);
    assert_eq!(suspicious("621094******0011 6210948000000012 123"), Vec::<&str>::new());
}

#[test]
fn the_pan_is_there_when_it_is_asked_for() {
    let ran = read("virtual:pboc-ec", &["read", "--full", "--show-pan"]);
    assert!(ran.stdout.replace(' ', "").contains("6210948000000011"), "{ran:?}");
}
