//! Every command with its wrong forms, what is kept before what goes out, and hostile octets from both sides.

use proptest::collection::vec;
use proptest::prelude::*;
use std::string::String;
use std::vec::Vec;
use tapcard_flow::log::RecordLog;
use tapcard_flow::log::model::NorModel;
use tapcard_iso7816::{Sfi, Tag};

use super::*;
use crate::image::{Face, ImageBuilder, Key};

const EC: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01];
const CREDIT: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x02];
const BLOCKED: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x03];
const WORN_OUT: &[u8] = &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10];
const CONTACTLESS: Face = Face::Only(Interface::Contactless);

/// A directory, an application with everything, one without PDOL, a blocked one, and one whose ATC is used up.
fn image_octets() -> Vec<u8> {
    let mut buffer = [0; 2000];
    let mut builder = ImageBuilder::new(&mut buffer).unwrap();
    builder.atr(&[0x3B, 0x00]).unwrap();
    let sfi = |number| Sfi::new(number).unwrap();

    let directory = builder.application(b"1PAY.SYS.DDF01").unwrap();
    builder.put(directory, Key::Fci(Face::Any), b"\x6F\x15\x84\x0E1PAY.SYS.DDF01\xA5\x03\x88\x01\x01").unwrap();
    builder.put(directory, Key::Record(sfi(1), 1), &[0x70, 0x02, 0x61, 0x00]).unwrap();

    let ec = builder.application(EC).unwrap();
    builder.put(ec, Key::Fci(Face::Any), &[0x6F, 0x08, 0xA5, 0x06, 0x9F, 0x38, 0x03, 0x9F, 0x7A, 0x01]).unwrap();
    let over_rf = [0x6F, 0x0B, 0xA5, 0x09, 0x9F, 0x38, 0x06, 0x9F, 0x66, 0x04, 0x9F, 0x37, 0x04];
    builder.put(ec, Key::Fci(CONTACTLESS), &over_rf).unwrap();
    builder.put(ec, Key::ProcessingOptions(Face::Any), &[0x80, 0x06, 0x1C, 0x00, 0x08, 0x01, 0x01, 0x00]).unwrap();
    let format_2 = [0x77, 0x0D, 0x82, 0x02, 0x1C, 0x00, 0x9F, 0x36, 0x02, 0, 0, 0x94, 0x02, 0x08, 0x01];
    builder.put(ec, Key::ProcessingOptions(CONTACTLESS), &format_2).unwrap();
    builder.put(ec, Key::Record(sfi(1), 1), &[0x70, 0x03, 0x5F, 0x34, 0x00]).unwrap();
    let mut longest = [0x5A; 255];
    longest[..3].copy_from_slice(&[0x70, 0x81, 0xFC]);
    builder.put(ec, Key::Record(sfi(2), 255), &longest).unwrap();
    builder.put(ec, Key::Record(sfi(3), 1), &[0x5A; 256]).unwrap();
    builder.put(ec, Key::Record(sfi(11), 1), b"newest").unwrap();
    builder.put(ec, Key::Record(sfi(11), 2), b"oldest").unwrap();
    builder.put(ec, Key::File(sfi(12)), &[]).unwrap();
    builder.put(ec, Key::Data(Tag::new(0x9F36)), &[0x01, 0xFE]).unwrap();
    builder.put(ec, Key::Data(Tag::new(0x9F79)), &[0, 0, 0, 1, 0x23, 0x45]).unwrap();
    builder.put(ec, Key::Data(Tag::new(0x5A)), &[0x62, 0x10]).unwrap();
    builder.put(ec, Key::Data(Tag::new(0x9F10)), &[0x77; 200]).unwrap();

    let credit = builder.application(CREDIT).unwrap();
    builder.put(credit, Key::Fci(Face::Any), &[0x6F, 0x02, 0xA5, 0x00]).unwrap();
    builder.put(credit, Key::ProcessingOptions(Face::Any), &[0x80, 0x06, 0x00, 0x00, 0x08, 0x01, 0x01, 0x00]).unwrap();

    let blocked = builder.application(BLOCKED).unwrap();
    builder.put(blocked, Key::Fci(Face::Any), &[0x6F, 0x02, 0xA5, 0x00]).unwrap();
    builder.put(blocked, Key::ProcessingOptions(Face::Any), &[0x80, 0x06, 0, 0, 0x08, 0x01, 0x01, 0x00]).unwrap();
    builder.put(blocked, Key::Record(sfi(1), 1), &[0x70, 0x00]).unwrap();
    builder.put(blocked, Key::Blocked, &[]).unwrap();

    let worn_out = builder.application(WORN_OUT).unwrap();
    builder.put(worn_out, Key::Fci(Face::Any), &[0x6F, 0x02, 0xA5, 0x00]).unwrap();
    builder.put(worn_out, Key::ProcessingOptions(Face::Any), &[0x80, 0x06, 0, 0, 0x08, 0x01, 0x01, 0x00]).unwrap();
    builder.put(worn_out, Key::Data(Tag::new(0x9F36)), &[0xFF, 0xFE]).unwrap();
    let length = builder.finish();
    buffer[..length].to_vec()
}

/// Hex with spaces.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn to_hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| std::format!("{octet:02X}")).collect()
}

/// A card with an owner that keeps every record.
struct Played<'a> {
    card: Card<'a>,
    kept: Vec<Vec<u8>>,
}

impl<'a> Played<'a> {
    fn new(octets: &'a [u8]) -> Self {
        let mut played = Self { card: Card::new(Image::parse(octets).unwrap()), kept: Vec::new() };
        assert_eq!(played.card.step(0, Input::Start, &mut []), IDLE);
        played
    }

    fn over(octets: &'a [u8], interface: Interface) -> Self {
        let mut played = Self::new(octets);
        played.card = played.card.with_interface(interface);
        played
    }

    fn send_octets(&mut self, command: &[u8]) -> Vec<u8> {
        let mut out = [0xEE; MAX_OUT];
        let mut action = self.card.step(0, Input::Received(command), &mut out);
        if let Action::Persist(length) = action {
            assert!(length <= MAX_STATE_RECORD);
            self.kept.push(out[..length].to_vec());
            action = self.card.step(0, Input::Persisted, &mut out);
        }
        match action {
            Action::Transmit(length) => out[..length].to_vec(),
            other => panic!("{other:?}"),
        }
    }

    /// Sends hex and expects hex.
    #[track_caller]
    fn expect(&mut self, command: &str, answer: &str) {
        assert_eq!(to_hex(&self.send_octets(&hex(command))), to_hex(&hex(answer)), "{command}");
    }
}

const SELECT_EC: &str = "00 A4 04 00 08 A000000333010101 00";
const EC_FCI: &str = "6F 08 A5 06 9F38 03 9F7A01";

#[test]
fn select_answers_the_fci() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect("00A404000E 315041592E5359532E4444463031 00", "6F15840E315041592E5359532E4444463031A503880101 9000");
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    // Without Le, and with one that is larger than needed.
    card.expect("00A4040008 A000000333010101", &std::format!("{EC_FCI} 9000"));
    card.expect("00A4040008 A000000333010101 FF", &std::format!("{EC_FCI} 9000"));
    let mut over_rf = Played::over(&octets, Interface::Contactless);
    over_rf.expect(SELECT_EC, "6F0BA5099F38069F66049F3704 9000");
}

#[test]
fn select_finds_partial_names_one_after_the_other() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect("00A4040007 A0000003330101 00", &std::format!("{EC_FCI} 9000"));
    assert_eq!(card.card.selected().unwrap().name(), EC);
    card.expect("00A4040207 A0000003330101 00", "6F02A500 9000");
    assert_eq!(card.card.selected().unwrap().name(), CREDIT);
    card.expect("00A4040207 A0000003330101 00", "6F02A500 6283");
    assert_eq!(card.card.selected().unwrap().name(), BLOCKED);
    card.expect("00A4040207 A0000003330101 00", "6A82");
    assert_eq!(card.card.selected().unwrap().name(), BLOCKED, "a failed SELECT leaves the old one");
    card.expect("00A4040007 A0000003330101 00", &std::format!("{EC_FCI} 9000"));
}

#[test]
fn select_next_with_nothing_selected_finds_the_first() {
    let octets = image_octets();
    Played::new(&octets).expect("00A4040207 A0000003330101 00", &std::format!("{EC_FCI} 9000"));
}

#[test]
fn wrong_forms_of_select_have_their_status() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect("00A4040008 A0000003330101FF 00", "6A82");
    card.expect("00A4040009 A00000033301010101 00", "6A82");
    card.expect("00A4040004 A0000003 00", "6700");
    card.expect("00A4040011 A000000333010101 000000000000000000 00", "6700");
    card.expect("00A40400", "6700");
    card.expect("00A4040000", "6700");
    card.expect("00A4040009 A000000333010101", "6700");
    card.expect("00A4040008 A000000333010101 00 00", "6700");
    card.expect("00A4000002 3F00 00", "6A86");
    card.expect("00A4040108 A000000333010101 00", "6A86");
    card.expect("00A4040C08 A000000333010101", "6A86");
    card.expect("00A4040008 A000000333010101 05", "6C0A");
    assert_eq!(card.card.selected(), None);
}

#[test]
fn a_blocked_card_answers_6a81_to_every_select() {
    let mut buffer = [0; 200];
    let mut builder = ImageBuilder::new(&mut buffer).unwrap();
    builder.application(EC).unwrap();
    builder.put(0, Key::Blocked, &[]).unwrap();
    let length = builder.finish();
    let mut card = Played::new(&buffer[..length]);
    card.expect(SELECT_EC, "6A81");
    card.expect("00A4040005 A000000004 00", "6A81");
    card.expect("00B2010C00", "6985");
}

#[test]
fn read_record_answers_records_and_raw_log_records() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    card.expect("00B2010C00", "70035F34009000");
    card.expect("00B2010C05", "70035F34009000");
    card.expect("00B2015C00", "6E65776573749000");
    card.expect("00B2025C00", "6F6C646573749000");
    let longest = card.send_octets(&hex("00B2FF1400"));
    assert_eq!((longest.len(), &longest[..4], &longest[255..]), (257, &hex("7081FC5A")[..], &hex("9000")[..]));
    assert_eq!(card.send_octets(&hex("00B2011C00")).len(), 258);
}

#[test]
fn wrong_forms_of_read_record_have_their_status() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect("00B2010C00", "6985");
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    card.expect("00B2020C00", "6A83");
    card.expect("00B2016400", "6A83"); // an empty log
    card.expect("00B2035C00", "6A83"); // behind the oldest
    card.expect("00B2012C00", "6A82"); // no such file
    card.expect("00B2000C00", "6A86"); // record 0
    card.expect("00B2010400", "6A86"); // the current file
    card.expect("00B201FC00", "6A86"); // SFI 31
    card.expect("00B2010D00", "6A86"); // read on from record 1
    card.expect("00B2010A00", "6A86"); // next record with an identifier
    card.expect("00B2010C", "6700");
    card.expect("00B2010C0101", "6700");
    card.expect("00B2010C010100", "6700");
    card.expect("00B2010C04", "6C05");
    card.expect("00B2FF14FE", "6CFF");
    card.expect("00B2011CFF", "6C00");
}

#[test]
fn get_data_answers_exactly_the_objects_marked_for_it() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    card.expect("80CA9F7900", "9F79060000000123459000");
    card.expect("80CA9F7909", "9F79060000000123459000");
    card.expect("80CA9F3600", "9F360201FE9000");
    card.expect("80CA005A00", "5A0262109000");
    let long = card.send_octets(&hex("80CA9F1000"));
    assert_eq!((long.len(), &long[..5]), (206, &hex("9F1081C877")[..]));
    card.expect("80CA5F3400", "6A88"); // in a record only
    card.expect("80CA9F3800", "6A88"); // in the FCI only
    card.expect("80CA9F3708", "6A88");
    card.expect("00A4040008 A000000333010102 00", "6F02A5009000");
    card.expect("80CA9F3600", "6A88"); // not personalised for GET DATA
}

#[test]
fn wrong_forms_of_get_data_have_their_status() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect("80CA9F7900", "6985");
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    card.expect("80CA9F79", "6700");
    card.expect("80CA9F790100", "6700");
    card.expect("80CA9F7908", "6C09");
    card.expect("80CA9F1001", "6CCC");
}

#[test]
fn get_processing_options_keeps_the_atc_before_it_answers() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    card.expect("80A8000003 830100 00", "80061C0008010100 9000");
    assert_eq!(card.kept, [atc_record(1, 0x01FF, EC)]);
    card.expect("80CA9F3600", "9F360201FF9000");
    card.expect("80A8000003 830100 00", "6985");
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    card.expect("80A8000004 83810100 00", "80061C0008010100 9000");
    card.expect("00A4040008 A000000333010102 00", "6F02A5009000");
    card.expect("80A8000002 8300 00", "8006000008010100 9000");
    assert_eq!(card.kept[1..], [atc_record(2, 0x0200, EC), atc_record(3, 1, CREDIT)]);
}

#[test]
fn format_2_has_the_atc_of_this_transaction() {
    let octets = image_octets();
    let mut card = Played::over(&octets, Interface::Contactless);
    card.expect(SELECT_EC, "6F0BA5099F38069F66049F3704 9000");
    card.expect("80A800000A 8308 3600000011223344 00", "770D82021C009F360201FF94020801 9000");
}

#[test]
fn wrong_forms_of_get_processing_options_have_their_status_and_keep_nothing() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect("80A8000002 8300 00", "6985"); // nothing selected
    card.expect("00A404000E 315041592E5359532E4444463031 00", "6F15840E315041592E5359532E4444463031A503880101 9000");
    card.expect("80A8000002 8300 00", "6985"); // a directory
    card.expect("00A4040008 A000000333010103 00", "6F02A5006283");
    card.expect("80A8000002 8300 00", "6985"); // blocked
    card.expect("00B2010C00", "70009000"); // which can still be read
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    card.expect("80A8010003 830100 00", "6A86");
    card.expect("80A8000103 830100 00", "6A86");
    card.expect("80A8000000", "6700");
    card.expect("80A80000", "6700");
    card.expect("80A8000003 830100", "6700"); // no Le
    card.expect("80A8000004 830100 00", "6700"); // Lc of one more
    card.expect("80A8000002 8300 00", "6700"); // the PDOL asks for one octet
    card.expect("80A8000004 83020000 00", "6700");
    card.expect("80A8000003 840100 00", "6A80");
    card.expect("80A8000003 830200 00", "6A80");
    card.expect("80A8000004 83010000 00", "6A80");
    card.expect("80A8000001 83 00", "6A80");
    card.expect("80A8000003 830100 07", "6C08");
    assert!(card.kept.is_empty());
    card.expect("80A8000003 830100 08", "80061C0008010100 9000");
    assert_eq!(card.kept.len(), 1);
}

#[test]
fn an_atc_that_is_used_up_ends_the_application_for_good() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    for answer in ["8006000008010100 9000", "6985", "6985"] {
        card.expect("00A4040007 A0000000031010 00", "6F02A5009000");
        card.expect("80A8000002 8300 00", answer);
    }
    assert_eq!(card.kept, [atc_record(1, 0xFFFF, WORN_OUT)]);
}

#[test]
fn unknown_instructions_and_classes_have_their_status() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    for command in
        ["80AE8000021122 00", "0020008008 2411111111111111", "0084000000", "00FF0000", "80E20000", "00880000"]
    {
        card.expect(command, "6D00");
    }
    // A known instruction under another class, logical channels, secure messaging, the reader's own class.
    for command in ["80A4040008A000000333010101", "80B2010C00", "00CA9F7900", "00A8000002830000"] {
        card.expect(command, "6E00");
    }
    for command in
        ["01A4040008A000000333010101", "04DA9F7902 1122", "84DA9F79", "FFCA000000", "A0A4000002 3F00", "90B2010C00"]
    {
        card.expect(command, "6E00");
    }
    // Lengths that do not agree do not hide an unknown command.
    card.expect("00FF000005 11", "6D00");
    card.expect("FFCA000005 11", "6E00");
    card.expect("00B2010C05 11", "6700");
    for short in ["", "00", "00A4", "00A404", "00FF00"] {
        let expected = if short == "00FF00" { "6D00" } else { "6700" };
        card.expect(short, expected);
    }
}

#[test]
fn extended_lengths_are_understood() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect("00A40400 000008 A000000333010101 0000", &std::format!("{EC_FCI} 9000"));
    card.expect("00B2010C 000000", "70035F34009000");
    card.expect("00B2010C 000004", "6C05");
}

#[test]
fn a_reset_deselects_and_keeps_the_atc() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    for input in [Input::Start, Input::CardLost] {
        card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
        card.expect("80A8000003 830100 00", "80061C0008010100 9000");
        assert_eq!(card.card.step(0, input, &mut []), IDLE);
        card.expect("00B2010C00", "6985");
    }
    assert_eq!(card.card.atc(2), 0x0200);
}

#[test]
fn a_record_that_was_not_kept_changed_nothing() {
    let octets = image_octets();
    let mut card = Played::new(&octets);
    card.expect(SELECT_EC, &std::format!("{EC_FCI} 9000"));
    let mut out = [0; MAX_OUT];
    let options = hex("80A8000003 830100 00");
    assert_eq!(card.card.step(0, Input::Received(&options), &mut out), Action::Persist(23));
    assert_eq!(card.card.atc(2), 0x01FE);
    // The owner breaks its promise and goes on: the transaction has not begun.
    card.expect("80CA9F3600", "9F360201FE9000");
    assert_eq!(card.card.step(0, Input::Persisted, &mut out), IDLE, "it speaks of nothing");
    card.expect("80A8000003 830100 00", "80061C0008010100 9000");
    assert_eq!(card.kept, [atc_record(1, 0x01FF, EC)]);
}

#[test]
fn inputs_that_are_not_for_a_card_do_nothing() {
    let octets = image_octets();
    let mut card = Card::new(Image::parse(&octets).unwrap());
    for input in [Input::Noted, Input::Timeout, Input::Host(&[1]), Input::Cardholder(&[]), Input::Persisted] {
        assert_eq!(card.step(0, input, &mut [0; 300]), IDLE);
    }
}

#[test]
fn a_buffer_that_is_too_small_gets_a_status_or_nothing() {
    let octets = image_octets();
    let mut card = Card::new(Image::parse(&octets).unwrap());
    let select = hex(SELECT_EC);
    let mut out = [0; 11];
    assert_eq!(card.step(0, Input::Received(&select), &mut out), Action::Transmit(2));
    assert_eq!(out[..2], [0x6F, 0x00]);
    assert_eq!(card.step(0, Input::Received(&select), &mut out[..1]), Action::Transmit(0));
    assert_eq!(card.step(0, Input::Received(&select), &mut []), Action::Transmit(0));
}

/// A record of an ATC.
fn atc_record(sequence: u8, atc: u16, name: &[u8]) -> Vec<u8> {
    let [high, low] = atc.to_be_bytes();
    let length = u8::try_from(name.len()).unwrap();
    [&[2, 0, 0, 0, sequence, length][..], name, &[6, 0, 0, 0x9F, 0x36, 0, 2, high, low]].concat()
}

#[test]
fn records_bring_the_state_back_in_any_order_and_twice() {
    let octets = image_octets();
    let mut card = Card::new(Image::parse(&octets).unwrap());
    let (first, second, other) = (atc_record(1, 0x01FF, EC), atc_record(2, 0x0200, EC), atc_record(3, 7, CREDIT));
    for record in [&second, &other, &first] {
        card.restore(record).unwrap();
        card.restore(record).unwrap();
    }
    assert_eq!([1, 2, 3, 4].map(|number| card.atc(number)), [0, 0x0200, 7, 0]);
    assert!(card.is_current(&second) && card.is_current(&other));
    assert!(!card.is_current(&first));
    assert!(!card.is_current(&hex("02")));
    // The next one comes behind them all.
    card.step(0, Input::Received(&hex(SELECT_EC)), &mut [0; MAX_OUT]);
    let mut out = [0; MAX_OUT];
    let action = card.step(0, Input::Received(&hex("80A8000003 830100 00")), &mut out);
    let expected = atc_record(4, 0x0201, EC);
    assert_eq!((action, &out[..expected.len()]), (Action::Persist(expected.len()), &expected[..]));
}

/// A value that comes back to what it was must not keep its old records for ever.
#[test]
fn only_the_last_record_of_a_value_is_current() {
    let octets = image_octets();
    let mut card = Card::new(Image::parse(&octets).unwrap());
    let records = [1, 2, 3].map(|sequence| atc_record(sequence, 0x0200, EC));
    records.iter().for_each(|record| card.restore(record).unwrap());
    assert_eq!(records.map(|record| card.is_current(&record)), [false, false, true]);
}

#[test]
fn records_that_are_none_are_refused() {
    let octets = image_octets();
    let mut card = Card::new(Image::parse(&octets).unwrap());
    let whole = atc_record(1, 0x0200, EC);
    let values = whole.len() - 9;
    assert_eq!(card.restore(&[]), Err(RestoreError::Truncated { found: 0 }));
    for found in (1..whole.len()).filter(|length| *length != values) {
        assert_eq!(card.restore(&whole[..found]), Err(RestoreError::Truncated { found }));
    }
    assert_eq!(card.restore(&whole[..values]), Ok(()), "of no value");
    assert_eq!(card.restore(&[0x03, 0x00, 0x00]), Err(RestoreError::Kind { found: 0x03 }));
    let other = atc_record(1, 1, &[0xA0, 0, 0, 3, 0x33, 1, 1, 0x0F]);
    assert_eq!(card.restore(&other), Err(RestoreError::Application));
    let mut unknown = whole;
    unknown[values] = 0x7F;
    assert_eq!(card.restore(&unknown), Err(RestoreError::Kind { found: 0x7F }));
    assert_eq!([1, 2, 3].map(|number| card.atc(number)), [0, 0x01FE, 0]);
}

#[test]
fn a_state_that_is_full_takes_nothing_more_and_keeps_what_it_has() {
    let octets = image_octets();
    let mut card = Card::new(Image::parse(&octets).unwrap());
    let record = |tag: u8| {
        let head = [2, 0, 0, 0, tag + 1, 8];
        [&head[..], EC, &[6, 0, 0, 0x9F, tag, 1, 0], &[tag; 256]].concat()
    };
    let taken = (0..20).take_while(|tag| card.restore(&record(*tag)).is_ok()).count();
    assert_eq!(taken, crate::STATE_CAPACITY / (256 + 12));
    assert_eq!(card.restore(&record(20)), Err(RestoreError::Full));
    assert!((0..7).all(|tag| card.is_current(&record(tag))));
}

/// The card over a record log in flash that loses power at every octet of one GET PROCESSING OPTIONS: the ATC never goes
/// back behind one that was answered, and is never given out twice.
#[test]
fn an_atc_that_was_answered_is_never_given_out_again() {
    let octets = image_octets();
    let image = Image::parse(&octets).unwrap();
    let transaction = |flash: &mut NorModel<2, 512>| -> Option<u16> {
        let mut log = RecordLog::open(flash).ok()?;
        let mut card = Card::new(image);
        log.scan(|_, _, record| card.restore(record).unwrap()).ok()?;
        let mut out = [0; MAX_OUT];
        card.step(0, Input::Received(&hex(SELECT_EC)), &mut out);
        match card.step(0, Input::Received(&hex("80A8000003 830100 00")), &mut out) {
            Action::Persist(length) => log.append(1, &out[..length]).ok()?,
            other => panic!("{other:?}"),
        }
        assert_eq!(card.step(0, Input::Persisted, &mut out), Action::Transmit(10));
        Some(card.atc(2))
    };
    let mut flash = NorModel::<2, 512>::new();
    assert_eq!(transaction(&mut flash), Some(0x01FF));
    // Header and record, each in whole words of four octets: 12 + (23 + 4, padded to 28).
    let total = 40;
    for at in 0..=total {
        let mut flash = flash.clone();
        flash.cut_after(at, 0x0F);
        let answered = transaction(&mut flash);
        assert_eq!(answered, (at == total).then_some(0x0200), "cut at {at}");
        flash.power_on();
        let next = transaction(&mut flash).unwrap();
        assert!(next > answered.unwrap_or(0x01FF), "cut at {at}");
    }
}

proptest! {
    #[test]
    fn any_octets_get_a_status(commands in vec(vec(any::<u8>(), 0..40), 0..20)) {
        let octets = image_octets();
        let mut card = Played::new(&octets);
        for command in commands {
            prop_assert!(card.send_octets(&command).len() >= 2);
        }
    }

    #[test]
    fn any_commands_get_a_status_and_the_state_changes_through_records_only(
        commands in vec((any::<prop::sample::Index>(), any::<[u8; 2]>(), any::<Option<u8>>()), 0..40)
    ) {
        let octets = image_octets();
        let mut card = Played::new(&octets);
        let known = [
            SELECT_EC, "00A4040207A000000333010100", "00A4040008A00000033301010200", "00B2010C00", "00B2015C00",
            "80CA9F3600", "80CA9F7900", "80A800000383010000", "80A8000002830000", "80AE80000000", "00A4000000",
        ];
        for (index, [p1, p2], le) in commands {
            let mut command = hex(known[index.index(known.len())]);
            // Some with other parameters or another Le.
            if p1 & 0x07 == 0 {
                command[2] = p2;
            }
            if let (Some(le), Some(last)) = (le, command.last_mut()) {
                *last = le;
            }
            let before: Vec<u16> = (1..=5).map(|number| card.card.atc(number)).collect();
            let kept = card.kept.len();
            let answer = card.send_octets(&command);
            prop_assert!(answer.len() >= 2);
            let after: Vec<u16> = (1..=5).map(|number| card.card.atc(number)).collect();
            prop_assert_eq!(before != after, card.kept.len() > kept);
        }
        let mut restored = Card::new(card.card.image());
        for record in &card.kept {
            restored.restore(record).unwrap();
        }
        prop_assert_eq!(&restored.state, &card.card.state);
    }

    #[test]
    fn any_record_is_taken_or_refused(record in vec(any::<u8>(), 0..30)) {
        let octets = image_octets();
        let _ = Card::new(Image::parse(&octets).unwrap()).restore(&record);
    }

    /// Values that no personalisation would write: broken templates where the card looks inside.
    #[test]
    fn any_values_in_an_image_are_survived(fci in vec(any::<u8>(), 0..60), options in vec(any::<u8>(), 0..60), atc in vec(any::<u8>(), 0..4)) {
        let mut buffer = [0; 400];
        let mut builder = ImageBuilder::new(&mut buffer).unwrap();
        let number = builder.application(EC).unwrap();
        builder.put(number, Key::Fci(Face::Any), &fci).unwrap();
        builder.put(number, Key::ProcessingOptions(Face::Any), &options).unwrap();
        builder.put(number, Key::Data(Tag::new(0x9F36)), &atc).unwrap();
        let length = builder.finish();
        let mut card = Played::new(&buffer[..length]);
        for command in [SELECT_EC, "80CA9F3600", "80A8000002830000", "80A800000383010000"] {
            prop_assert!(card.send_octets(&hex(command)).len() >= 2);
        }
    }
}
