//! The record log over flash with any content, and over flash that loses power anywhere.
//!
//! Input: an octet. 0: the rest is what stands in the flash. Else: the rest are pieces, each a step of a log's life: what to
//! do (append, compact, open again, cut the power), then its data.
//!
//! Covers: apdu/flow/src/log apdu/flow/src/checksum.rs
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_flow::log::model::{ModelError, NorModel};
use tapcard_flow::log::{LogError, MAX_RECORD, RecordLog};
use tapcard_fuzz::Pieces;

type Flash = NorModel<4, 256>;
type Error = LogError<ModelError>;
type Record = (u8, Vec<u8>);

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0, content)) => foreign_content(content),
        Some((_, steps)) => life(Pieces(steps)),
        None => {}
    }
});

fn foreign_content(content: &[u8]) {
    let mut flash = Flash::new();
    flash.octets_mut().zip(content).for_each(|(octet, given)| *octet = *given);
    let mut log = match RecordLog::open(&mut flash) {
        Ok(log) => log,
        Err(error) => return assert_eq!(error, LogError::NotALog),
    };
    let mut records = scan(&mut log);
    if append(&mut log, 7, b"more") == Ok(()) {
        records.push((7, b"more".to_vec()));
        assert_eq!(scan(&mut log), records);
        let mut log = RecordLog::open(&mut flash).expect("it is a log");
        assert_eq!(scan(&mut log), records);
    }
    let mut log = RecordLog::open(&mut flash).expect("it is a log");
    log.compact(|kind, _, _| kind != 7).expect("the flash is in order");
    records.retain(|(kind, _)| *kind != 7);
    assert_eq!(scan(&mut log), records);
    log.compact(|_, _, _| false).expect("the flash is in order");
    assert_eq!(append(&mut log, 1, &[0x5A; 400]), Ok(()), "an empty log has room");
    assert_eq!(scan(&mut RecordLog::open(&mut flash).expect("it is a log")), [(1, vec![0x5A; 400])]);
}

fn scan(log: &mut RecordLog<&mut Flash>) -> Vec<Record> {
    let mut found = Vec::new();
    log.scan(|kind, _, record| {
        assert!(record.len() <= MAX_RECORD);
        found.push((kind, record.to_vec()));
    })
    .expect("the flash has power");
    found
}

/// Appends, and sees to it that the log's own word about its room is true.
fn append(log: &mut RecordLog<&mut Flash>, kind: u8, record: &[u8]) -> Result<(), Error> {
    let room = log.room();
    let result = log.append(kind, record);
    if let Ok(room) = room {
        let fits = room.is_some_and(|room| record.len() <= room);
        match result {
            Ok(()) => assert!(fits),
            Err(LogError::Full { .. } | LogError::TooLong { .. }) => assert!(!fits),
            Err(_) => {}
        }
    }
    result
}

/// What must be there, and what may be there after a cut.
fn life(steps: Pieces<'_>) {
    let mut flash = Flash::new();
    let mut records: Vec<Record> = Vec::new();
    for step in steps {
        let Some((action, data)) = step.split_first() else { continue };
        let before = records.clone();
        let mut wanted = records.clone();
        let result = match action & 3 {
            0 => {
                wanted.push((action >> 2, data.to_vec()));
                open(&mut flash).and_then(|mut log| append(&mut log, action >> 2, data))
            }
            1 => {
                wanted.retain(|(kind, _)| kind & action >> 2 != 0);
                open(&mut flash).and_then(|mut log| log.compact(|kind, _, _| kind & action >> 2 != 0))
            }
            2 => open(&mut flash).map(drop),
            _ => {
                let octets = data.iter().fold(0, |sum, octet| sum << 8 & 0xFFF | usize::from(*octet));
                flash.cut_after(octets, action & 0xFC);
                continue;
            }
        };
        flash.power_on();
        records = match open(&mut flash) {
            Ok(mut log) => scan(&mut log),
            Err(error) => panic!("after {result:?}: {error}"),
        };
        match result {
            Ok(()) => assert_eq!(records, wanted),
            Err(LogError::Full { .. } | LogError::TooLong { .. }) => assert_eq!(records, before),
            Err(LogError::Flash(ModelError::NoPower)) => assert!(records == wanted || records == before),
            Err(error) => panic!("the flash is in order: {error}"),
        }
    }
}

fn open(flash: &mut Flash) -> Result<RecordLog<&mut Flash>, Error> {
    RecordLog::open(flash)
}
