//! Recorded sessions with every octet of every answer changed: reading them ends, within its bound, without a panic.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use std::path::{Path, PathBuf};

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value;
use tapcard_report::{ReadOptions, read};
use tapcard_tests::spy::Spy;
use tapcard_transport::{Replay, Transcript};

/// C-APDUs that one reading of a changed session may take: the flow's bound on commands, and GET RESPONSE on top.
const MOST_APDUS: usize = 4096;
/// Readings of sessions with random damage.
const READINGS: u32 = 2000;
/// The longest short answer.
const LONGEST_ANSWER: usize = 258;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

/// Every recorded session of the vectors that a reader can read.
fn sessions() -> Vec<Transcript> {
    let mut sessions = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(vectors()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let text = std::fs::read_to_string(file).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let lists = match &json {
            Value::Array(cases) => vec![cases],
            Value::Object(members) => members.values().filter_map(Value::as_array).collect(),
            _ => Vec::new(),
        };
        for case in lists.into_iter().flatten() {
            let reads = case["modes"].as_array().is_some_and(|modes| modes.iter().any(|mode| mode == "reader"));
            if case["kind"] == "transcript" && reads {
                sessions.push(Transcript::pick(&text, case["id"].as_str()).unwrap());
            }
        }
    }
    assert!(sessions.len() >= 12, "only {} sessions", sessions.len());
    sessions
}

fn read_changed(session: &Transcript, exchange: usize, octet: usize, change: u8, full: bool) -> usize {
    let mut changed = session.clone();
    if let Some(answer) = &mut changed.exchanges[exchange].answer {
        answer[octet] ^= change;
    }
    let mut card = Spy::new(Replay::new(changed, "replay".to_owned()));
    // Whether it can be read does not matter here; that it ends does.
    let _ = read(&mut card, &ReadOptions { full, ..ReadOptions::default() });
    card.commands.len()
}

#[test]
fn a_session_with_any_octet_changed_is_read_within_the_bound() {
    let (mut readings, mut most) = (0_usize, 0);
    for session in sessions() {
        for (exchange, recorded) in session.exchanges.iter().enumerate() {
            for octet in 0..recorded.answer.as_ref().map_or(0, Vec::len) {
                for (change, full) in [(0x01, true), (0x80, true), (0xFF, false)] {
                    let apdus = read_changed(&session, exchange, octet, change, full);
                    assert!(apdus <= MOST_APDUS, "{} exchange {exchange} octet {octet}: {apdus} APDUs", session.id);
                    most = most.max(apdus);
                    readings += 1;
                }
            }
        }
    }
    println!("figure: {readings} readings, at most {most} APDUs in one");
}

/// `READINGS=n` makes more than the usual number, `SEED=n` damages otherwise.
#[test]
fn any_damage_to_a_session_is_read_within_the_bound() {
    let number = |name: &str, usual: u32| std::env::var(name).map_or(usual, |value| value.parse().unwrap());
    let (readings, seed) = (number("READINGS", READINGS), number("SEED", 1));
    let mut start = [0; 32];
    start[..4].copy_from_slice(&seed.to_be_bytes());
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &start);
    let mut below = |limit: usize| random.next_u32() as usize % limit;
    let (sessions, mut most) = (sessions(), 0);
    for _ in 0..readings {
        let mut session = sessions[below(sessions.len())].clone();
        for _ in 0..1 + below(6) {
            let exchange = below(session.exchanges.len());
            let Some(answer) = &mut session.exchanges[exchange].answer else { continue };
            let at = below(answer.len().max(1));
            match (below(5), answer.is_empty()) {
                (0, false) => answer[at] ^= 1 << below(8),
                (1, false) => answer[at] = u8::try_from(below(256)).unwrap(),
                (2, _) => answer.truncate(at),
                (3, _) if answer.len() < LONGEST_ANSWER => answer.insert(at, u8::try_from(below(256)).unwrap()),
                // An answer to another command.
                _ => {
                    let other = below(session.exchanges.len());
                    session.exchanges[exchange].answer = session.exchanges[other].answer.clone();
                }
            }
        }
        let id = session.id.clone();
        let mut card = Spy::new(Replay::new(session, "replay".to_owned()));
        let _ = read(&mut card, &ReadOptions { full: below(2) == 0, ..ReadOptions::default() });
        let apdus = card.commands.len();
        assert!(apdus <= MOST_APDUS, "{id}: {apdus} APDUs");
        most = most.max(apdus);
    }
    println!("figure: {readings} damaged readings, at most {most} APDUs in one");
}

#[test]
fn a_session_cut_at_any_exchange_loses_nothing_that_was_read() {
    for session in sessions() {
        let mut whole = Spy::new(Replay::new(session.clone(), "replay".to_owned()));
        read(&mut whole, &ReadOptions { full: true, ..ReadOptions::default() }).unwrap();
        for cut in 0..whole.commands.len() {
            let mut card = Spy::new(Replay::new(session.clone(), "replay".to_owned()));
            card.pulled_before = Some(cut);
            let error = read(&mut card, &ReadOptions { full: true, ..ReadOptions::default() }).err().unwrap();
            let tapcard_report::ReadError::Lost { error, partial } = error else { panic!("{error:?}") };
            assert_eq!(error, tapcard_transport::TransportError::CardRemoved);
            assert_eq!(card.commands, whole.commands[..cut], "{} cut at {cut}", session.id);
            // The command that got no answer was sent all the same.
            assert!(partial.0.apdus >= cut, "{} cut at {cut}", session.id);
        }
    }
}

#[test]
fn an_answer_that_never_ends_is_a_warning_and_reading_goes_on() {
    struct Endless(tapcard_transport::CardInfo, usize);
    impl tapcard_transport::Card for Endless {
        fn info(&self) -> &tapcard_transport::CardInfo {
            &self.0
        }
        fn protocol(&self) -> tapcard_iso7816::Protocol {
            tapcard_iso7816::Protocol::T1
        }
        fn transmit(&mut self, _: &[u8], answer: &mut [u8]) -> Result<usize, tapcard_transport::TransportError> {
            self.1 += 1;
            answer[..3].copy_from_slice(&[0x00, 0x61, 0x01]);
            Ok(3)
        }
    }
    let info = tapcard_transport::CardInfo {
        reader: "endless".to_owned(),
        interface: tapcard_transport::Interface::Contact,
        atr: None,
        uid: None,
    };
    let mut card = Endless(info, 0);
    let report = read(&mut card, &ReadOptions::default()).unwrap();
    assert!(report.warnings.iter().any(|warning| warning.code == "answer_broken"));
    assert_eq!(report.apdus, card.1);
    assert!(card.1 <= MOST_APDUS, "{} APDUs", card.1);
}
