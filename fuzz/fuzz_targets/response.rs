//! R-APDUs and status words: nothing is lost, and every status word has its one meaning.
//!
//! Covers: apdu/iso7816/src/response.rs apdu/iso7816/src/status.rs apdu/iso7816/src/status
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_fuzz::offset_in;
use tapcard_iso7816::{Ins, Meaning, Response, ResponseError, StatusWord};

fuzz_target!(|data: &[u8]| {
    let response = match Response::parse(data) {
        Ok(response) => response,
        Err(error) => {
            assert_eq!(error, ResponseError::TooShort { len: data.len() });
            assert!(data.len() < 2);
            return;
        }
    };
    assert_eq!((offset_in(data, response.data), response.data.len() + 2), (0, data.len()));
    let [sw1, sw2] = response.sw.to_octets();
    assert_eq!(data[data.len() - 2..], [sw1, sw2]);
    check_status(response.sw, sw1, sw2);
    // The command that was answered gives some status words a meaning of their own.
    let ins = Ins::from_octet(data[0]);
    assert!(response.sw.text_for(ins).is_none_or(|text| !text.is_empty()));
    assert!(format!("{response:?}").len() < 60, "the data may be a PAN");
});

fn check_status(sw: StatusWord, sw1: u8, sw2: u8) {
    assert_eq!((sw.sw1(), sw.sw2(), sw.get()), (sw1, sw2, u16::from_be_bytes([sw1, sw2])));
    assert_eq!((StatusWord::from_octets(sw1, sw2), StatusWord::from(u16::from(sw))), (sw, sw));
    assert_eq!((sw.to_string(), format!("{sw:?}")), (format!("{sw1:02X}{sw2:02X}"), format!("{sw1:02X}{sw2:02X}")));
    assert!(!sw.text().is_empty());
    let expected = match sw1 {
        0x90 if sw2 == 0 => Meaning::Done,
        0x61 => Meaning::MoreData { left: sw2 },
        0x6C => Meaning::WrongLe { exact: sw2 },
        0x63 if sw2 >> 4 == 0xC => Meaning::TriesLeft(sw2 & 0x0F),
        0x62 | 0x63 => Meaning::Warning,
        0x64 | 0x65 | 0x66 => Meaning::ExecutionError,
        0x60..=0x6F if sw1 > 0x66 => Meaning::CheckingError,
        _ => Meaning::Unassigned,
    };
    assert_eq!(sw.meaning(), expected);
    assert_eq!(sw.is_ok(), expected == Meaning::Done);
}
