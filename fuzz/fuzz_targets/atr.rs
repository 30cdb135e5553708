//! Answer-to-Reset: its parts put together again are the whole, and each stands where it says.
//!
//! Covers: apdu/iso7816/src/atr.rs apdu/iso7816/src/atr
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_fuzz::offset_in;
use tapcard_iso7816::atr::historical::{Category, Historical};
use tapcard_iso7816::atr::{MAX_ATR, Tck};
use tapcard_iso7816::{Atr, AtrError};

fuzz_target!(|data: &[u8]| {
    match Atr::parse(data) {
        Ok(atr) => check_atr(data, &atr),
        Err(error) => check_error(data, error),
    }
});

fn check_atr(data: &[u8], atr: &Atr<'_>) {
    assert!(data.len() <= MAX_ATR && atr.octets() == data);
    let historical = atr.historical_bytes();
    let mut whole = vec![data[0], atr.t0()];
    for byte in atr.interface_bytes() {
        assert_eq!((byte.offset, byte.index > 0), (whole.len(), true));
        assert_eq!(byte.protocol.is_none(), byte.index == 1);
        assert_eq!(atr.interface(byte.name, byte.index), Some(byte.value));
        whole.push(byte.value);
    }
    let historical_offset = whole.len();
    whole.extend(historical.octets());
    assert_eq!(historical.octets().len(), usize::from(atr.t0() & 0x0F));
    let sum = whole[1..].iter().fold(0, |sum, octet| sum ^ octet);
    match atr.tck() {
        Tck::NotUsed => assert!(atr.protocols().all(|protocol| protocol == 0)),
        Tck::Missing { expected } => assert_eq!(expected, sum),
        Tck::Correct => whole.push(sum),
        Tck::Wrong { expected, found } => {
            assert!(expected == sum && found != sum);
            whole.push(found);
        }
    }
    assert_eq!(whole, data);
    check_historical(data, historical, historical_offset);
    check_meaning(atr);
}

fn check_historical(data: &[u8], historical: Historical<'_>, start: usize) {
    let octets = historical.octets();
    assert!(octets.is_empty() || offset_in(data, octets) == start);
    assert_eq!(historical.category().is_none(), octets.is_empty());
    let mut next = start + 1;
    for object in historical.compact_tlvs() {
        match object {
            Ok(object) => {
                assert_eq!((object.offset, data[next]), (next, object.tag << 4 | object.value.len() as u8));
                assert_eq!(offset_in(data, object.value), next + 1);
                next += 1 + object.value.len();
            }
            Err(error) => {
                assert!(error.offset == next && error.left < error.needed && !error.to_string().is_empty());
                next = start + octets.len();
            }
        }
    }
    assert!(next <= start + octets.len().max(1));
    if let Some(status) = historical.status() {
        assert!(matches!(historical.category(), Some(Category::StatusAtEnd | Category::CompactTlv)));
        assert!(status.sw.is_some() || status.life_cycle.is_some());
    }
}

/// What the octets mean: every value is one of the standard's.
fn check_meaning(atr: &Atr<'_>) {
    let speed = atr.speed();
    assert!(speed.fi.is_none_or(|fi| (372..=2048).contains(&fi)));
    assert!(speed.di.is_none_or(|di| (1..=64).contains(&di)));
    assert!(atr.default_protocol() <= 15 && atr.voltage_classes() < 0x40 && atr.clock_stop() <= 3);
    assert!(atr.t1_parameters().is_none_or(|t1| t1.bwi <= 15 && t1.cwi <= 15));
    let _ = (atr.extra_guard_time(), atr.waiting_time_integer(), atr.specific_mode(), atr.convention());
    assert!(atr.storage_card().is_none() || atr.is_contactless());
    assert!(!atr.is_contactless() || atr.protocols().eq([0, 1]));
}

fn check_error(data: &[u8], error: AtrError) {
    let len = data.len();
    match error {
        AtrError::TooLong { len: found } => assert!(found == len && found > MAX_ATR),
        AtrError::UnknownTs { found } => assert!(found == data[0] && found != 0x3B && found != 0x3F),
        AtrError::HeaderTruncated { offset } => assert!(offset == len && offset < 2),
        AtrError::InterfaceTruncated { offset, index, .. } => assert!(offset == len && index > 0),
        AtrError::HistoricalTruncated { offset, expected, found } => assert!(offset + found == len && found < expected),
        AtrError::Trailing { offset, found } => {
            assert!(offset + found == len && found > 0);
            assert!(Atr::parse(&data[..offset]).is_ok(), "what stands before is an ATR");
        }
        other => panic!("new error, not checked: {other}"),
    }
    assert!(!error.to_string().is_empty());
}
