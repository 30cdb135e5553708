//! Recorded sessions: what is read is written and read again, and replaying answers every command.
//!
//! Covers: host-tools/transport/src/transcript.rs host-tools/transport/src/replay.rs
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_transport::{Card, Replay, Transcript, TransportError};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else { return };
    match Transcript::pick(text, None) {
        Ok(transcript) => {
            check_round_trip(&transcript);
            check_replay(transcript);
        }
        Err(what) => assert!(!what.is_empty()),
    }
    if let Ok(named) = Transcript::pick(text, Some("a")) {
        assert_eq!(named.id, "a");
    }
});

fn check_round_trip(transcript: &Transcript) {
    for exchange in &transcript.exchanges {
        assert!(format!("{exchange:?}").len() < 60, "the octets may be a PAN");
    }
    assert!(format!("{transcript:?}").ends_with(&format!("{} exchanges)", transcript.exchanges.len())));
    let mut written = Vec::new();
    transcript.write(&mut written).expect("memory takes everything");
    let written = String::from_utf8(written).expect("JSON is text");
    assert_eq!(Transcript::pick(&written, None).as_ref(), Ok(transcript));
    assert_eq!(Transcript::pick(&written, Some(&transcript.id)).as_ref(), Ok(transcript));
}

fn check_replay(transcript: Transcript) {
    let exchanges = transcript.exchanges.clone();
    let commands = exchanges.iter().map(|exchange| exchange.command.as_slice());
    let others = [&[][..], &[0x00], &[0x00, 0xA4, 0x04, 0x00], &[0x80, 0xA8, 0x00, 0x00, 0x02, 0x83, 0x00, 0x00]];
    let mut card = Replay::new(transcript, "replay".to_owned());
    let mut answer = vec![0; 65_538];
    let mut lost = false;
    for command in commands.chain(others) {
        match card.transmit(command, &mut answer) {
            Ok(length) => assert!(length >= 2 && !lost),
            Err(TransportError::CardRemoved) => lost = true,
            Err(other) => panic!("the buffer holds every answer: {other}"),
        }
    }
    assert!(!lost || exchanges.iter().any(|exchange| exchange.answer.is_none()));
    assert!(card.unused() <= exchanges.len());
    let interface = card.info().interface;
    assert_eq!(card.info().interface, interface);
}
