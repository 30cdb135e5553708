//! Round trips, damage, and hostile tables behind a checksum that is right.

use proptest::collection::vec;
use proptest::prelude::*;
use std::vec::Vec;
use tapcard_iso7816::{CapacityError, Sfi, Tag};

use super::key::tests::any_key;
use super::*;

const AID: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01];

fn sfi(number: u8) -> Sfi {
    Sfi::new(number).unwrap()
}

fn small() -> Vec<u8> {
    let mut buffer = [0; 400];
    let mut builder = ImageBuilder::new(&mut buffer).unwrap();
    let app = builder.application(AID).unwrap();
    builder.put(app, Key::Data(Tag::new(0x9F79)), &[0, 0, 0, 1, 0x23, 0x45]).unwrap();
    builder.put(app, Key::Fci(Face::Any), &[0x6F, 0x00]).unwrap();
    builder.put(app, Key::Fci(Face::Only(Interface::Contactless)), &[0x6F, 0x01, 0x00]).unwrap();
    builder.put(app, Key::Record(sfi(2), 7), &[0x70, 0x00]).unwrap();
    builder.put(app, Key::File(sfi(11)), &[]).unwrap();
    let directory = builder.application(b"2PAY.SYS.DDF01").unwrap();
    builder.put(directory, Key::Blocked, &[]).unwrap();
    builder.atr(&[0x3B, 0x00]).unwrap();
    let length = builder.finish();
    buffer[..length].to_vec()
}

#[test]
fn values_are_found_by_application_and_key() {
    let octets = small();
    let image = Image::parse(&octets).unwrap();
    let names: Vec<_> = image.applications().map(|app| (app.number(), app.name().to_vec())).collect();
    assert_eq!(names, [(1, AID.to_vec()), (2, b"2PAY.SYS.DDF01".to_vec())]);
    let app = image.application(1).unwrap();
    assert_eq!(app.fci(Interface::Contact), Some(&[0x6F, 0x00][..]));
    assert_eq!(app.fci(Interface::Contactless), Some(&[0x6F, 0x01, 0x00][..]));
    assert_eq!(app.processing_options(Interface::Contact), None);
    assert_eq!(app.record(sfi(2), 7), Some(&[0x70, 0x00][..]));
    assert_eq!(app.record(sfi(2), 8), None);
    assert_eq!([1, 2, 3, 11].map(|number| app.has_file(sfi(number))), [false, true, false, true]);
    assert_eq!(app.data(Tag::new(0x9F78)), None);
    assert!(!app.is_blocked() && image.application(2).unwrap().is_blocked() && !image.is_blocked());
    assert_eq!(image.atr(), Some(&[0x3B, 0x00][..]));
    assert_eq!(image.application(0), None);
    assert_eq!(image.application(3), None);
    assert_eq!(image.entries().count(), 9);
}

#[test]
fn an_image_with_any_octet_changed_is_refused() {
    let octets = small();
    for at in 0..octets.len() {
        for bit in 0..8 {
            let mut broken = octets.clone();
            broken[at] ^= 1 << bit;
            let error = Image::parse(&broken).unwrap_err();
            let expected = match at {
                0..4 => matches!(error, ImageError::Magic),
                4..6 => matches!(error, ImageError::Version { .. }),
                6..12 => matches!(error, ImageError::Truncated { .. } | ImageError::Checksum { .. }),
                _ => matches!(error, ImageError::Checksum { .. }),
            };
            assert!(expected, "octet {at} bit {bit}: {error:?}");
        }
    }
}

#[test]
fn an_image_cut_anywhere_is_truncated_and_may_have_octets_behind_it() {
    let mut octets = small();
    for length in 0..octets.len() {
        let expected = if length < HEADER { HEADER } else { octets.len() };
        let error = Image::parse(&octets[..length]).unwrap_err();
        assert_eq!(error, ImageError::Truncated { expected, found: length });
    }
    let whole = octets.clone();
    octets.extend([0xFF; 20]);
    assert_eq!(Image::parse(&octets), Image::parse(&whole));
}

#[test]
fn a_table_that_is_not_sorted_or_points_outside_is_refused() {
    let seal = |octets: &mut [u8]| {
        let sum = checksum(octets).to_be_bytes();
        octets[CHECKED..HEADER].copy_from_slice(&sum);
    };
    let mut swapped = small();
    let (first, second) = swapped[HEADER..].split_at_mut(ENTRY);
    first.swap_with_slice(&mut second[..ENTRY]);
    seal(&mut swapped);
    assert_eq!(Image::parse(&swapped), Err(ImageError::Table { entry: 1 }));
    let mut outside = small();
    outside[HEADER + ENTRY + 2] = 0xFF;
    seal(&mut outside);
    assert_eq!(Image::parse(&outside), Err(ImageError::Table { entry: 1 }));
}

#[test]
fn what_cannot_be_built_is_refused_exactly() {
    let mut buffer = [0; 120];
    assert!(matches!(ImageBuilder::new(&mut [0; 15]), Err(BuildError::Capacity(error)) if error.needed == HEADER));
    let mut builder = ImageBuilder::new(&mut buffer).unwrap();
    assert_eq!(builder.application(&AID[..4]), Err(BuildError::Name));
    assert_eq!(builder.application(&[0; 17]), Err(BuildError::Name));
    assert_eq!(builder.application(AID), Ok(1));
    assert_eq!(builder.application(AID), Err(BuildError::Name));
    let key = Key::Data(Tag::new(0x9F36));
    assert_eq!(builder.put(2, key, &[]), Err(BuildError::NoApplication { number: 2 }));
    assert_eq!(builder.put(1, key, &[0; 257]), Err(BuildError::TooLong { key, length: 257 }));
    assert_eq!(builder.put(1, key, &[0, 1]), Ok(()));
    assert_eq!(builder.put(1, key, &[0, 2]), Err(BuildError::Twice { key }));
    let record = Key::Record(sfi(1), 1);
    let needed = HEADER + 3 * ENTRY + 8 + 2 + 61;
    let full = BuildError::Capacity(CapacityError { needed, capacity: 120 });
    assert_eq!(builder.put(1, record, &[0; 61]), Err(full));
    assert_eq!(builder.put(1, record, &[0; 58]), Ok(()));
    assert_eq!(builder.finish(), 120);
    assert_eq!(Image::parse(&buffer).unwrap().application(1).unwrap().data(Tag::new(0x9F36)), Some(&[0, 1][..]));
}

#[test]
fn there_are_at_most_sixteen_applications() {
    let mut buffer = [0; 2000];
    let mut builder = ImageBuilder::new(&mut buffer).unwrap();
    for number in 1..=16 {
        assert_eq!(builder.application(&[0xA0, 0, 0, 0, number]), Ok(number));
    }
    assert_eq!(builder.application(&[0xA0, 0, 0, 0, 17]), Err(BuildError::TooManyApplications));
    let length = builder.finish();
    assert_eq!(Image::parse(&buffer[..length]).unwrap().applications().count(), 16);
}

proptest! {
    #[test]
    fn what_was_put_in_comes_out(values in vec((0..=3u8, any_key(), vec(any::<u8>(), 0..20)), 0..40)) {
        let mut buffer = [0; 4000];
        let mut builder = ImageBuilder::new(&mut buffer).unwrap();
        for number in 1..=3u8 {
            builder.application(&[number; 5]).unwrap();
        }
        let mut kept: Vec<(u8, Key, Vec<u8>)> = (1..=3u8).map(|n| (n, Key::Name, std::vec![n; 5])).collect();
        for (application, key, value) in values {
            match builder.put(application, key, &value) {
                Ok(()) => kept.push((application, key, value)),
                Err(error) => {
                    prop_assert_eq!(error, BuildError::Twice { key });
                    prop_assert!(kept.iter().any(|(a, k, _)| (*a, *k) == (application, key)));
                }
            }
        }
        let length = builder.finish();
        let image = Image::parse(&buffer[..length]).unwrap();
        prop_assert_eq!(image.entries().count(), kept.len());
        for (application, key, value) in &kept {
            prop_assert_eq!(image.get(*application, *key), Some(value.as_slice()));
        }
    }

    #[test]
    fn any_octets_are_an_image_or_not(octets in vec(any::<u8>(), 0..300)) {
        let _ = Image::parse(&octets);
    }

    #[test]
    fn any_table_behind_a_right_checksum_is_survived(mut octets in vec(any::<u8>(), 40..300), rows in 0..20u8) {
        let length = u32::try_from(octets.len()).unwrap();
        octets[..4].copy_from_slice(&MAGIC);
        octets[4..8].copy_from_slice(&[0, 1, 0, rows]);
        octets[8..12].copy_from_slice(&length.to_be_bytes());
        let sum = checksum(&octets).to_be_bytes();
        octets[CHECKED..HEADER].copy_from_slice(&sum);
        if let Ok(image) = Image::parse(&octets) {
            let _ = image.entries().count();
            let _ = image.applications().count();
        }
    }
}
