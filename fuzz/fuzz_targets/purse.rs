//! Records, files and registers of every purse: what is read stands where the description says, and an error says why.
//!
//! Input: an octet that chooses the purse, then two pieces: an answer and a second one.
//!
//! Covers: apdu/emv/src/purse
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_emv::purse::log::LogLayout;
use tapcard_emv::purse::{
    Coding, LogRecord, Number, PublicData, Purse, PurseError, PurseErrorKind, Trip, by_kind, by_name, city_name, purses,
};
use tapcard_fuzz::{Pieces, offset_in};

fuzz_target!(|data: &[u8]| {
    let Some((chosen, rest)) = data.split_first() else { return };
    let purse = &purses()[usize::from(*chosen) % purses().len()];
    let mut pieces = Pieces(rest);
    let first = pieces.next().unwrap_or_default();
    let second = pieces.next().unwrap_or_default();
    if let Some(log) = purse.log {
        check_log(log.layout, first);
    }
    check_trip(first);
    check_balance(purse, first, second);
    check_files(purse, first, second);
    check_name(first);
    assert!(city_name(first).is_none_or(|name| first.len() == 2 && !name.is_empty()));
    assert!(!purse.kind.code().contains(' ') && !purse.kind.name().is_empty());
});

fn check_log(layout: &LogLayout, record: &[u8]) {
    let whole = usize::from(layout.length);
    let log = match LogRecord::parse(layout, record) {
        Ok(log) => log,
        Err(error) => {
            let kind = PurseErrorKind::TooShort { needed: whole, found: record.len() };
            assert_eq!(error, PurseError { kind, offset: 0 });
            assert!(record.len() < whole);
            return;
        }
    };
    assert!(record.len() >= whole);
    assert_eq!(log.kind, record[usize::from(layout.kind)]);
    assert_eq!(offset_in(record, log.terminal), usize::from(layout.terminal.offset));
    assert_eq!(log.terminal.len(), usize::from(layout.terminal.length));
    check_number(&layout.amount, record, log.amount.map(|amount| amount.minor()));
    if let Some(number) = layout.balance_after {
        check_number(&number, record, log.balance_after.map(|amount| amount.minor()));
    }
    if let Some(problem) = log.problem {
        check_error(record, problem);
        assert!(log.amount.is_none() || log.balance_after.is_none() || log.date.is_none() || log.time.is_none());
    }
    let _ = (log.is_blank(), log.movement.name(), log.movement.is_credit(), log.vehicle.map(|vehicle| vehicle.name()));
    let _ = (log.date.map(|date| format!("{date:?}")), log.time.map(|time| time.to_string()));
}

/// The same number by plain arithmetic.
fn check_number(number: &Number, octets: &[u8], found: Option<u64>) {
    let start = usize::from(number.offset);
    let field = &octets[start..start + usize::from(number.length)];
    let expected = match number.coding {
        Coding::Binary(mask) => {
            let whole = field.iter().fold(0, |sum, octet| sum * 256 + u64::from(*octet));
            Some(whole & u64::from(mask))
        }
        Coding::Digits => field.iter().try_fold(0, |sum, octet| {
            let (tens, ones) = (octet / 16, octet % 16);
            (tens < 10 && ones < 10).then(|| sum * 100 + u64::from(tens) * 10 + u64::from(ones))
        }),
    };
    assert_eq!(found, expected);
}

fn check_trip(record: &[u8]) {
    let Ok(trip) = Trip::parse(record) else {
        assert!(record.len() < 48);
        return;
    };
    let parts = [trip.terminal, trip.line_station, trip.city, trip.acquirer, trip.reserved];
    let places = parts.map(|part| (offset_in(record, part), part.len()));
    assert_eq!(places, [(1, 8), (10, 7), (32, 2), (34, 8), (42, 6)]);
    assert_eq!((trip.code, trip.vehicle_code), (record[0], record[9]));
    check_number(&Number::binary(17), record, Some(trip.amount.minor()));
    check_number(&Number::binary(21), record, Some(trip.balance_after.minor()));
    if let Some(problem) = trip.problem {
        check_error(record, problem);
    }
    let _ = (trip.kind().name(), trip.vehicle(), trip.date.map(|date| format!("{date:?}")));
}

fn check_balance(purse: &'static Purse, first: &[u8], second: &[u8]) {
    let answer = |register: u8| match register {
        0 => Some(first),
        1 if second.is_empty() => None,
        _ => Some(second),
    };
    match purse.balance(answer) {
        Ok(Some(balance)) => assert!(balance.unsigned_abs() <= u64::from(u32::MAX)),
        Ok(None) => assert!(purse.balance.iter().all(|rule| answer(rule.plus.number).is_none())),
        Err(error) => check_error(if first.len() < second.len() { second } else { first }, error),
    }
    for register in purse.all_registers() {
        assert_eq!(purse.register(register.number).map(|found| found.number), Some(register.number));
        assert!(register.ask.is(&register.ask.command()));
    }
}

fn check_files(purse: &'static Purse, first: &[u8], second: &[u8]) {
    for file in purse.files {
        offset_in(first, file.content(first));
        assert!(file.copy_in(first).is_none_or(|copy| offset_in(first, copy) > 0));
    }
    let data = PublicData::new(purse, [Some(first), (!second.is_empty()).then_some(second)]);
    let longer = if first.len() < second.len() { second } else { first };
    match data.serial() {
        Ok(Some(serial)) => {
            let octets = serial.octets();
            assert!([first, second].iter().any(|file| file.windows(octets.len()).any(|at| at == octets)));
            assert!(!serial.to_string().is_empty());
            assert!(serial.number().is_none_or(|number| serial.to_string().starts_with(&number.to_string())));
        }
        Ok(None) => {}
        Err(error) => check_error(longer, error),
    }
    for field in [data.issuer(), data.city(), data.application_type(), data.application_version(), data.issuer_data()] {
        match field {
            Ok(Some(octets)) => assert!(longer.len() >= octets.len()),
            Ok(None) => {}
            Err(error) => check_error(longer, error),
        }
    }
    for date in [data.valid_from(), data.valid_to()] {
        match date {
            Ok(date) => assert!(date.is_none_or(|date| !date.to_string().is_empty())),
            Err(error) => check_error(longer, error),
        }
    }
    if let Err(error) = data.trips() {
        check_error(longer, error);
    }
    assert!(purse.kind == data.purse().kind || purse.variants.iter().any(|variant| variant.kind == data.purse().kind));
}

fn check_name(name: &[u8]) {
    if let Some(purse) = by_name(name) {
        assert!(purse.has_name(name));
        assert_eq!(by_kind(purse.kind).kind, purse.kind);
    }
}

fn check_error(octets: &[u8], error: PurseError) {
    match error.kind {
        PurseErrorKind::TooShort { needed, found } => assert!(found < needed),
        _ => assert!(error.offset < octets.len()),
    }
    assert!(!error.to_string().is_empty());
}
