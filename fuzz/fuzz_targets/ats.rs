//! Answer-to-Select: its parts put together again are the whole, and every value is one of the standard's.
//!
//! Covers: apdu/iso7816/src/ats.rs
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_fuzz::offset_in;
use tapcard_iso7816::ats::AtsByte;
use tapcard_iso7816::{Ats, AtsError};

const BYTES: [AtsByte; 3] = [AtsByte::Ta, AtsByte::Tb, AtsByte::Tc];

fuzz_target!(|data: &[u8]| {
    match Ats::parse(data) {
        Ok(ats) => check_ats(data, &ats),
        Err(error) => check_error(data, error),
    }
});

fn check_ats(data: &[u8], ats: &Ats<'_>) {
    assert_eq!((ats.octets(), usize::from(data[0])), (data, data.len()));
    let mut whole = vec![data[0]];
    whole.extend(ats.t0());
    for name in BYTES {
        assert_eq!(ats.offset(name), ats.interface(name).map(|_| whole.len()), "{name}");
        whole.extend(ats.interface(name));
    }
    let historical = ats.historical_bytes();
    assert!(historical.octets().is_empty() || offset_in(data, historical.octets()) == whole.len());
    for object in historical.compact_tlvs().flatten() {
        assert_eq!(offset_in(data, object.value), object.offset + 1);
        assert!(object.tag <= 15 && object.value.len() <= 15);
    }
    whole.extend(historical.octets());
    assert_eq!(whole, data);
    check_meaning(ats);
}

fn check_meaning(ats: &Ats<'_>) {
    assert!((16..=4096).contains(&ats.frame_size()) && ats.fsci() <= 15);
    assert!(ats.bit_rates().from_card <= 7 && ats.bit_rates().to_card <= 7);
    assert_eq!(ats.frame_waiting_time_us().is_none(), ats.fwi() == 15);
    assert!(ats.frame_waiting_time_us().is_none_or(|time| (302..=4_949_031).contains(&time)));
    assert_eq!(ats.guard_time_us().is_none(), ats.sfgi() == 15);
    assert_eq!(ats.guard_time_us() == Some(0), ats.sfgi() == 0);
    let tc = ats.interface(AtsByte::Tc);
    assert_eq!(
        (ats.supports_nad(), ats.supports_cid()),
        (tc.is_some_and(|tc| tc & 1 != 0), tc.is_none_or(|tc| tc & 2 != 0))
    );
}

fn check_error(data: &[u8], error: AtsError) {
    match error {
        AtsError::Empty => assert!(data.is_empty()),
        AtsError::Length { expected, found } => {
            assert!(expected != found && found == data.len() && expected == usize::from(data[0]));
        }
        AtsError::Truncated { offset, name } => {
            assert!(offset == data.len() && !name.to_string().is_empty());
        }
        other => panic!("new error, not checked: {other}"),
    }
    assert!(!error.to_string().is_empty());
}
