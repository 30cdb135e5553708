//! Card images with any content: every value lies in the image and is found again, and a card over it answers.
//!
//! Input: an octet (1: length and checksum of the image are put right first), a piece: a state record, then the image.
//!
//! Covers: apdu/card/src/image apdu/card/src/state
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_card::image::{MAX_APPLICATIONS, MAX_VALUE};
use tapcard_card::{Card, Image, ImageBuilder, ImageError, Interface, Key, MAX_OUT};
use tapcard_flow::checksum::Crc32;
use tapcard_flow::{Action, Input, Machine};
use tapcard_fuzz::{Pieces, offset_in};
use tapcard_iso7816::{Command, Response, Sfi, Tag};

fuzz_target!(|data: &[u8]| {
    let Some((options, rest)) = data.split_first() else { return };
    let mut pieces = Pieces(rest);
    let record = pieces.next().unwrap_or_default();
    let mut octets = pieces.0.to_vec();
    if options & 1 == 1 {
        put_right(&mut octets);
    }
    match Image::parse(&octets) {
        Ok(image) => {
            check_entries(&octets, image);
            check_building(image);
            check_card(image, record);
        }
        Err(error) => check_error(&octets, error),
    }
});

/// Without this no mutation would get past the checksum.
fn put_right(octets: &mut [u8]) {
    let length = octets.len() as u32;
    let Some((header, values)) = octets.split_first_chunk_mut::<16>() else { return };
    header[..6].copy_from_slice(b"TCIM\0\x01");
    header[8..12].copy_from_slice(&length.to_be_bytes());
    let checksum = Crc32::new().with(&header[..12]).with(values).value();
    header[12..].copy_from_slice(&checksum.to_be_bytes());
}

fn check_entries(octets: &[u8], image: Image<'_>) {
    for entry in image.entries() {
        offset_in(octets, entry.value);
        assert_eq!(image.get(entry.application, entry.key), Some(entry.value));
        if let (Key::Record(sfi, number), Some(application)) = (entry.key, image.application(entry.application)) {
            assert!(application.record(sfi, number) == Some(entry.value) && application.has_file(sfi));
        }
        assert!(format!("{entry:?}").len() < 60, "a value may be a PAN");
    }
    let applications: Vec<_> = image.applications().collect();
    assert!(applications.len() <= MAX_APPLICATIONS);
    for (application, number) in applications.iter().zip(1..) {
        assert_eq!((application.number(), image.application(number)), (number, Some(*application)));
        assert!(!format!("{application:?}").is_empty());
    }
    assert_eq!(image.atr(), image.get(0, Key::Atr));
}

/// What can be built from the image's values is an image with the same values.
fn check_building(image: Image<'_>) {
    let mut buffer = vec![0; 1 << 16];
    let Ok(mut builder) = ImageBuilder::new(&mut buffer) else { panic!("there is room for a header") };
    let mut put = Vec::new();
    for application in image.applications() {
        if builder.application(application.name()).is_err() {
            return;
        }
    }
    for entry in image.entries().filter(|entry| entry.key != Key::Name && entry.value.len() <= MAX_VALUE) {
        if builder.put(entry.application, entry.key, entry.value).is_ok() {
            put.push(entry);
        }
    }
    let length = builder.finish();
    let built = Image::parse(&buffer[..length]).expect("it was just built");
    assert!(put.iter().all(|entry| built.get(entry.application, entry.key) == Some(entry.value)));
}

fn check_card(image: Image<'_>, record: &[u8]) {
    for interface in [Interface::Contact, Interface::Contactless] {
        let mut card = Card::new(image).with_interface(interface);
        if card.restore(record).is_ok() {
            assert!(record.len() >= 3);
        }
        for application in image.applications() {
            say(&mut card, Command::select_name(application.name()));
            say(&mut card, Command::get_data(Tag::new(0x9F36)));
            say(&mut card, Command::get_data(Tag::new(0x9F79)));
            say(&mut card, Command::get_processing_options(&[0x83, 0x00]));
            for sfi in [1, 11].into_iter().filter_map(Sfi::new) {
                say(&mut card, Command::read_record(sfi, 1));
                say(&mut card, Command::read_binary_sfi(sfi, 0));
            }
        }
    }
}

fn say(card: &mut Card<'_>, command: Command<'_>) {
    let (mut octets, mut out) = ([0; 261], [0; MAX_OUT]);
    // A name in a broken image may be too long for a command.
    let Ok(length) = command.encode_into(&mut octets) else { return };
    let mut action = card.step(0, Input::Received(&octets[..length]), &mut out);
    if let Action::Persist(_) = action {
        action = card.step(0, Input::Persisted, &mut out);
    }
    let Action::Transmit(length) = action else { panic!("a card answers") };
    assert!(Response::parse(&out[..length]).is_ok());
}

fn check_error(octets: &[u8], error: ImageError) {
    match error {
        ImageError::Truncated { expected, found } => assert!(expected > found && found <= octets.len()),
        ImageError::Magic => assert_ne!(octets[..4], *b"TCIM"),
        ImageError::Version { found } => assert_eq!(octets[4..6], found.to_be_bytes()),
        ImageError::Checksum { expected, found } => {
            assert!(expected != found && octets[12..16] == expected.to_be_bytes());
        }
        ImageError::Table { entry } => assert!(16 + 12 * entry < octets.len()),
        other => panic!("new error, not checked: {other}"),
    }
    assert!(!error.to_string().is_empty());
}
