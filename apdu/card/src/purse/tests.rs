//! A card with a purse under a name, one under an identifier, and a file under the MF.

use proptest::prelude::*;
use std::string::String;
use std::vec::Vec;
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::MAX_SHORT_ANSWER;

use super::*;
use crate::card::MAX_OUT;
use crate::image::{Face, Image, ImageBuilder, Key};

const T_UNION: &[u8] = &[0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x05];

fn image_octets() -> Vec<u8> {
    let mut buffer = [0; 1000];
    let mut builder = ImageBuilder::new(&mut buffer).unwrap();
    let sfi = |number| Sfi::new(number).unwrap();
    builder.put(0, Key::Binary(sfi(4)), &[0xAA; 8]).unwrap();

    let named = builder.application(T_UNION).unwrap();
    builder.put(named, Key::Fci(Face::Any), &[0x6F, 0x02, 0xA5, 0x00]).unwrap();
    builder.put(named, Key::Binary(sfi(0x15)), &(0..30).collect::<Vec<u8>>()).unwrap();
    builder.put(named, Key::Binary(sfi(0x16)), &[0x16; 256]).unwrap();
    builder.put(named, Key::Answer([0x80, 0x5C, 0x00, 0x02]), &[0x00, 0x00, 0x03, 0x20]).unwrap();
    builder.put(named, Key::Answer([0x80, 0x5C, 0x05, 0x02]), &[0x05; 16]).unwrap();
    builder.put(named, Key::Record(sfi(0x18), 1), b"newest").unwrap();

    let numbered = builder.application(b"PURSE").unwrap();
    builder.put(numbered, Key::Fci(Face::Any), &[0x6F, 0x00]).unwrap();
    builder.put(numbered, Key::Identifier, &[0x10, 0x01]).unwrap();
    builder.put(numbered, Key::Answer([0x90, 0x4C, 0x00, 0x00]), &[0x00, 0x00, 0x44, 0xF2]).unwrap();
    let length = builder.finish();
    buffer[..length].to_vec()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The answers to some commands, one after the other.
fn answers(commands: &[&str]) -> Vec<String> {
    let octets = image_octets();
    let mut card = Card::new(Image::parse(&octets).unwrap());
    let mut out = [0; MAX_OUT];
    let answer = |command: &&str| match card.step(0, Input::Received(&hex(command)), &mut out) {
        Action::Transmit(length) => out[..length].iter().map(|octet| std::format!("{octet:02X}")).collect(),
        other => panic!("{other:?}"),
    };
    commands.iter().map(answer).collect()
}

/// The answer to the last of some commands.
fn last(commands: &[&str]) -> String {
    answers(commands).pop().unwrap()
}

const SELECT: &str = "00A40400 08 A000000632010105 00";

#[test]
fn a_register_answers_get_balance_and_another_one_is_not_there() {
    assert_eq!(last(&[SELECT, "805C000204"]), "000003209000");
    assert_eq!(last(&[SELECT, "805C000200"]), "000003209000");
    assert_eq!(last(&[SELECT, "805C010204"]), "6A86");
    assert_eq!(last(&[SELECT, "805C050204"]), "6C10");
    assert_eq!(last(&[SELECT, "805C0002"]), "6700");
    assert_eq!(last(&[SELECT, "805C0002 01 00 04"]), "6700");
}

#[test]
fn only_the_purse_that_has_a_register_knows_the_command() {
    assert_eq!(last(&["805C000204"]), "6D00");
    assert_eq!(last(&[SELECT, "904C000004"]), "6E00");
    assert_eq!(last(&["00A4000002100100", "904C000004"]), "000044F29000");
    assert_eq!(last(&["00A4000002100100", "805C000204"]), "6D00");
}

#[test]
fn a_purse_is_selected_by_its_identifier() {
    assert_eq!(answers(&["00A4000002100100", "00A4000002100200", "00A4000002 3F0000"]), ["6F009000", "6A82", "9000"]);
    assert_eq!(last(&["00A4000001 10 00"]), "6700");
    assert_eq!(last(&["00A4000202 1001 00"]), "6A86");
}

#[test]
fn files_are_read_by_their_short_identifier_from_any_octet() {
    assert_eq!(last(&[SELECT, "00B0951400"]), "1415161718191A1B1C1D9000");
    assert_eq!(last(&[SELECT, "00B0950004"]), "000102039000");
    assert_eq!(last(&[SELECT, "00B0951C04"]), "6C02");
    assert_eq!(last(&[SELECT, "00B0951E00"]), "6B00");
    assert_eq!(last(&[SELECT, "00B0960000"]).len(), 2 * 258);
    assert_eq!(last(&[SELECT, "00B0970000"]), "6A82");
    assert_eq!(last(&[SELECT, "00B0950000".get(..8).unwrap()]), "6700");
    assert_eq!(last(&[SELECT, "00B0800000"]), "6A86");
    assert_eq!(last(&[SELECT, "00B0FF0000"]), "6A86");
    assert_eq!(last(&[SELECT, "00B0150000"]), "6986");
}

#[test]
fn the_mf_has_files_of_its_own() {
    assert_eq!(last(&["00B0840000"]), "AAAAAAAAAAAAAAAA9000");
    assert_eq!(last(&[SELECT, "00B0840000"]), "6A82");
    assert_eq!(last(&[SELECT, "00A40000023F0000", "00B0840000"]), "AAAAAAAAAAAAAAAA9000");
    assert_eq!(last(&[SELECT, "00A40000023F0000", "00B201C400"]), "6985");
}

#[test]
fn log_records_are_read_raw() {
    assert_eq!(last(&[SELECT, "00B201C400"]), "6E65776573749000");
    assert_eq!(last(&[SELECT, "00B202C400"]), "6A83");
}

proptest! {
    /// Whatever is sent, each command has one answer of two octets at least.
    #[test]
    fn any_commands(commands in proptest::collection::vec((0usize..6, any::<[u8; 4]>()), 1..20)) {
        let octets = image_octets();
        let mut card = Card::new(Image::parse(&octets).unwrap());
        let mut out = [0; MAX_OUT];
        for (which, [a, b, c, d]) in commands {
            let command = match which {
                0 => hex(SELECT),
                1 => [&hex("00A4000002")[..], &[a, b, c]].concat(),
                2 => std::vec![0x00, 0xB0, a | 0x80, b, c],
                3 => std::vec![0x80, 0x5C, a & 0x07, b & 0x03, c],
                4 => std::vec![0x90, 0x4C, a & 0x01, b & 0x01, c],
                _ => std::vec![a, b, c, d],
            };
            let action = card.step(0, Input::Received(&command), &mut out);
            prop_assert!(matches!(action, Action::Transmit(length) if (2..=MAX_SHORT_ANSWER).contains(&length)));
        }
    }
}
