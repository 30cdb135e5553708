//! Data object lists: entries lie one behind the other, data are laid out by the rules of EMV 4.4 Book 3, 5.4 and taken
//! apart again.
//!
//! Input: two pieces, the list and the data.
//!
//! Covers: apdu/emv/src/dol.rs
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_emv::dol::{Dol, DolEntry, DolError, DolErrorKind, FillError};
use tapcard_emv::{Format, Tag, lookup};
use tapcard_fuzz::{Pieces, offset_in};
use tapcard_iso7816::CapacityError;

fuzz_target!(|data: &[u8]| {
    let mut pieces = Pieces(data);
    let list = pieces.next().unwrap_or_default();
    let data = pieces.next().unwrap_or_default();
    let dol = Dol::new(list);
    assert_eq!(dol.octets(), list);
    match entries(list, dol) {
        Ok(entries) => {
            check_decoding(dol, &entries, data);
            check_filling(dol, &entries, data);
        }
        Err(error) => {
            assert_eq!(dol.total_length(), Err(error));
            assert_eq!(dol.fill_into(&mut [0; 16], |_| None), Err(FillError::Dol(error)));
        }
    }
});

fn entries(list: &[u8], dol: Dol<'_>) -> Result<Vec<DolEntry>, DolError> {
    let mut found = Vec::new();
    let (mut offset, mut data_offset) = (0, 0);
    for entry in dol {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                assert!((offset..=list.len()).contains(&error.offset) && !error.to_string().is_empty());
                return Err(error);
            }
        };
        assert_eq!((entry.offset, entry.data_offset), (offset, data_offset));
        let (tag, octets) = Tag::parse(&list[offset..]).expect("the tag was read there");
        assert_eq!((tag, usize::from(list[offset + octets])), (entry.tag, entry.length));
        assert!(dol.contains(tag));
        offset += octets + 1;
        data_offset += entry.length;
        found.push(entry);
    }
    assert_eq!((offset, dol.total_length()), (list.len(), Ok(data_offset)));
    Ok(found)
}

/// The data as if the list laid them out: values in order, up to the first that is cut off.
fn check_decoding(dol: Dol<'_>, entries: &[DolEntry], data: &[u8]) {
    let mut values = dol.decode(data);
    let mut expected = entries.iter();
    let mut taken = 0;
    while let Some(item) = values.next() {
        let entry = expected.next().expect("not more values than entries");
        let (found, value) = match item {
            Ok(found) => found,
            Err(error) => {
                let left = data.len() - taken;
                let kind = DolErrorKind::DataTooShort { needed: entry.length, left };
                assert_eq!(error, DolError { kind, offset: taken });
                assert!(left < entry.length && values.next().is_none());
                return;
            }
        };
        assert_eq!((found, value.len()), (*entry, entry.length));
        assert_eq!((offset_in(data, value), taken), (entry.data_offset, entry.data_offset));
        taken += value.len();
    }
    assert!(expected.next().is_none());
    assert_eq!(values.rest(), &data[taken..]);
}

/// Every data object has the same value, `data`: it is cut or padded to each length that the list asks for.
fn check_filling(dol: Dol<'_>, entries: &[DolEntry], data: &[u8]) {
    let needed = entries.iter().map(|entry| entry.length).sum();
    let mut out = vec![0xEE; needed + 1];
    assert_eq!(dol.fill_into(&mut out, |_| Some(data)), Ok(needed));
    assert_eq!(out[needed], 0xEE, "nothing behind the data is touched");
    for (entry, field) in dol.decode(&out[..needed]).map(|value| value.expect("it was laid out by this list")) {
        assert_eq!(field, expected_field(entry, data));
    }
    if let Some(capacity) = needed.checked_sub(1) {
        let error = FillError::Capacity(CapacityError { needed, capacity });
        assert_eq!(dol.fill_into(&mut out[..capacity], |_| Some(data)), Err(error));
    }
}

fn expected_field(entry: DolEntry, value: &[u8]) -> Vec<u8> {
    let mut field = value.to_vec();
    let numeric = lookup(entry.tag).is_some_and(|object| object.format == Format::N);
    let compressed = lookup(entry.tag).is_some_and(|object| object.format == Format::Cn);
    if value.is_empty() || entry.tag.is_constructed() {
        return vec![0; entry.length];
    }
    if numeric {
        field.reverse();
    }
    field.resize(entry.length, if compressed { 0xFF } else { 0x00 });
    if numeric {
        field.reverse();
    }
    field
}
