//! Whole transactions with a PBOC card: what it answers, what it keeps, and what the issuer's side makes of it.
//!
//! The issuer here computes with `tapcard-crypto` from the keys and from what the terminal sent, not from the card's state.

use std::borrow::ToOwned;
use std::string::String;
use std::vec::Vec;

use tapcard_crypto::keys::TdesKey;
use tapcard_crypto::mac::{Padding, retail_mac};
use tapcard_crypto::session;
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::{Sfi, Tag};

use super::{Behaviour, Rules};
use crate::card::{Card, MAX_OUT};
use crate::image::{Face, Image, ImageBuilder, Key};
use crate::keys::{CardKeys, Secret};

const NAME: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01];
const MK_AC: [u8; 16] =
    [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0x01];
const MK_MAC: [u8; 16] =
    [0x21, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0x02];
const PIN: [u8; 8] = [0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

const PDOL: &[u8] = &[0x9F, 0x7A, 0x01, 0x9F, 0x02, 0x06, 0x5F, 0x2A, 0x02];
/// 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 9F21: 32 octets.
const CDOL1: &[u8] = &[
    0x9F, 0x02, 0x06, 0x9F, 0x03, 0x06, 0x9F, 0x1A, 0x02, 0x95, 0x05, 0x5F, 0x2A, 0x02, 0x9A, 0x03, 0x9C, 0x01, 0x9F,
    0x37, 0x04, 0x9F, 0x21, 0x03,
];
/// Date, amount, currency, type, ATC.
const LOG: &[u8] = &[0x9A, 0x03, 0x9F, 0x02, 0x06, 0x5F, 0x2A, 0x02, 0x9C, 0x01, 0x9F, 0x36, 0x02];
const LOAD_LOG: &[u8] = &[0x9A, 0x03, 0x9F, 0x36, 0x02];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn to_hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| std::format!("{octet:02X}")).collect()
}

fn record(objects: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut value = Vec::new();
    for (tag, octets) in objects {
        value.extend_from_slice(tag);
        value.push(u8::try_from(octets.len()).unwrap());
        value.extend_from_slice(octets);
    }
    [&[0x70, u8::try_from(value.len()).unwrap()][..], &value].concat()
}

/// An image with what `data` adds to the usual objects or replaces of them.
fn image(data: &[(u32, &str)]) -> Vec<u8> {
    let mut buffer = [0; 3000];
    let mut builder = ImageBuilder::new(&mut buffer).unwrap();
    let number = builder.application(NAME).unwrap();
    let sfi = |number| Sfi::new(number).unwrap();
    let pdol = [&[0x9F, 0x38, 9][..], PDOL, &[0xBF, 0x0C, 0x0A, 0x9F, 0x4D, 2, 11, 3, 0xDF, 0x4D, 2, 12, 2]].concat();
    let fci = [&[0x6F, 27, 0xA5, 25][..], &pdol].concat();
    builder.put(number, Key::Fci(Face::Any), &fci).unwrap();
    let options = [0x80, 0x06, 0x1C, 0x00, 0x08, 0x01, 0x01, 0x00];
    builder.put(number, Key::ProcessingOptions(Face::Any), &options).unwrap();
    let cash = [0x80, 0x06, 0x1D, 0x00, 0x10, 0x01, 0x01, 0x00];
    builder.put(number, Key::CashOptions(Face::Any), &cash).unwrap();
    let cdol2 = [&[0x8A, 0x02][..], CDOL1].concat();
    builder.put(number, Key::Record(sfi(1), 1), &record(&[(&[0x8C], CDOL1), (&[0x8D], &cdol2)])).unwrap();
    builder.put(number, Key::LogSize(sfi(11)), &[3]).unwrap();
    builder.put(number, Key::LogSize(sfi(12)), &[2]).unwrap();
    let behaviour = Behaviour { rules: Rules::Pboc, dki: 1, cvn: 1, algorithm: 1 };
    builder.put(number, Key::Behaviour, &behaviour.encode()).unwrap();
    let usual = [
        (0x9F36, "0010"),
        (0x9F13, "000F"),
        (0x9F17, "03"),
        (0x9F51, "0156"),
        (0x9F79, "000000010000"),
        (0x9F77, "000000100000"),
        (0x9F78, "000000005000"),
        (0x9F4F, ""),
        (0xDF4F, ""),
        (0x9F57, "0156"),
    ];
    for (tag, value) in usual.iter().filter(|(tag, _)| data.iter().all(|(other, _)| other != tag)).chain(data) {
        let value = match tag {
            0x9F4F => LOG.to_vec(),
            0xDF4F => LOAD_LOG.to_vec(),
            _ => hex(value),
        };
        builder.put(number, Key::Data(Tag::new(*tag)), &value).unwrap();
    }
    let length = builder.finish();
    buffer[..length].to_vec()
}

fn key_set() -> Vec<u8> {
    let mut buffer = [0; 400];
    let mut builder = ImageBuilder::keys(&mut buffer).unwrap();
    let number = builder.application(NAME).unwrap();
    builder.put(number, Key::Secret(Secret::Ac), &MK_AC).unwrap();
    builder.put(number, Key::Secret(Secret::Mac), &MK_MAC).unwrap();
    builder.put(number, Key::Secret(Secret::Pin), &PIN).unwrap();
    let length = builder.finish();
    buffer[..length].to_vec()
}

/// A card whose owner keeps every record.
struct Played<'a> {
    card: Card<'a>,
    kept: Vec<Vec<u8>>,
}

impl<'a> Played<'a> {
    fn new(image: &'a [u8], keys: &'a [u8]) -> Self {
        let card = Card::new(Image::parse(image).unwrap()).with_keys(CardKeys::parse(keys).unwrap());
        Self { card, kept: Vec::new() }
    }

    fn send(&mut self, command: &str) -> String {
        let mut out = [0; MAX_OUT];
        let mut action = self.card.step(0, Input::Received(&hex(command)), &mut out);
        if let Action::Persist(length) = action {
            self.kept.push(out[..length].to_vec());
            action = self.card.step(0, Input::Persisted, &mut out);
        }
        match action {
            Action::Transmit(length) => to_hex(&out[..length]),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn expect(&mut self, command: &str, answer: &str) {
        assert_eq!(self.send(command), answer.replace(' ', ""), "{command}");
    }

    /// SELECT and GET PROCESSING OPTIONS.
    #[track_caller]
    fn begin(&mut self, cash: bool, amount: &str) {
        self.send("00A4040008A00000033301010100");
        let answer = self.send(&std::format!("80A800000B8309{:02X}{amount}0156 00", u8::from(cash)));
        assert_eq!(answer, if cash { "80061D00100101009000" } else { "80061C00080101009000" });
    }

    /// The first GENERATE AC; the answer apart.
    #[track_caller]
    fn first(&mut self, p1: u8, amount: &str) -> Ac {
        let answer = self.send(&std::format!("80AE{p1:02X}0020{}00", terminal(amount)));
        Ac::read(&answer, &hex(&terminal(amount)))
    }

    #[track_caller]
    fn second(&mut self, p1: u8, arc: &str, amount: &str) -> Ac {
        let answer = self.send(&std::format!("80AE{p1:02X}0022{arc}{}00", terminal(amount)));
        Ac::read(&answer, &hex(&terminal(amount)))
    }

    fn balance(&mut self) -> String {
        self.send("80CA9F7900")[6..18].to_owned()
    }

    fn log(&mut self, sfi: u8) -> Vec<String> {
        let lines = (1..=10).map(|number| self.send(&std::format!("00B2{number:02X}{:02X}00", sfi << 3 | 4)));
        lines.take_while(|line| line.ends_with("9000")).map(|line| line[..line.len() - 4].to_owned()).collect()
    }
}

/// The data of CDOL1.
fn terminal(amount: &str) -> String {
    std::format!("{amount}000000000000 0156 0000000000 0156 261121 00 12345678 101112").replace(' ', "")
}

/// An answer to GENERATE AC whose cryptogram and IAD have been checked with the issuer's keys.
#[derive(Debug)]
struct Ac {
    cid: u8,
    atc: [u8; 2],
    cryptogram: [u8; 8],
    cvr: [u8; 4],
    /// In the IAD.
    balance: String,
}

impl Ac {
    #[track_caller]
    fn read(answer: &str, terminal: &[u8]) -> Self {
        let octets = hex(answer);
        assert_eq!(octets[..2], [0x80, 0x1E], "{answer}");
        assert_eq!(octets[32..], [0x90, 0x00]);
        let atc = [octets[3], octets[4]];
        let iad = &octets[13..32];
        assert_eq!(iad[..3], [0x07, 0x01, 0x01]);
        assert_eq!(iad[7..10], [0x01, 0x0A, 0x01]);
        let cvr: [u8; 4] = iad[3..7].try_into().unwrap();
        let aip = |high| [high, 0x00];
        // The profile is not in the answer: one of the two that this card has.
        let matches = [0x1C, 0x1D].into_iter().any(|high| {
            let key = session::pboc(&TdesKey::new(MK_AC), atc).schedule();
            let parts: [&[u8]; 4] = [&terminal[..29], &aip(high), &atc, &cvr];
            retail_mac(&key, Padding::Method2, &parts).verify(&octets[5..13])
        });
        assert!(matches, "the cryptogram is wrong: {answer}");
        let key = session::pboc(&TdesKey::new(MK_MAC), atc).schedule();
        assert!(retail_mac(&key, Padding::Method2, &[&atc, &iad[10..15], &[0]]).verify(&iad[15..19]));
        let cryptogram = octets[5..13].try_into().unwrap();
        Self { cid: octets[2], atc, cryptogram, cvr, balance: to_hex(&iad[10..15]) }
    }

    fn external_authenticate(&self, arc: [u8; 2]) -> String {
        let mut block = self.cryptogram;
        block[0] ^= arc[0];
        block[1] ^= arc[1];
        let arpc = session::pboc(&TdesKey::new(MK_AC), self.atc).schedule().encrypt(&block);
        std::format!("008200000A{}{}", to_hex(&arpc), to_hex(&arc))
    }

    /// A script command with its MAC; `header` without Lc.
    fn script(&self, header: &str, data: &str) -> String {
        let data = hex(data);
        let header = [hex(header), std::vec![u8::try_from(data.len() + 4).unwrap()]].concat();
        let key = session::pboc(&TdesKey::new(MK_MAC), self.atc).schedule();
        let mac = retail_mac(&key, Padding::Method2, &[&header, &self.atc, &self.cryptogram, &data]);
        std::format!("{}{}{}", to_hex(&header), to_hex(&data), to_hex(&mac.octets()[..4]))
    }
}

const TEN: &str = "000000001000";
const VERIFY: &str = "00200080082412 34FFFFFFFFFF";
const WRONG_PIN: &str = "0020008008241235FFFFFFFFFF";

#[test]
fn a_purchase_with_electronic_cash_takes_the_amount_once_and_logs_it() {
    let (image, keys) = (image(&[]), key_set());
    let mut card = Played::new(&image, &keys);
    card.begin(true, TEN);
    let ac = card.first(0x40, TEN);
    assert_eq!((ac.cid, ac.atc, ac.balance.as_str()), (0x40, [0, 0x11], "0000009000"));
    assert_eq!(ac.cvr, [0x03, 0x90, 0, 0]);
    assert_eq!(card.balance(), "000000009000");
    assert_eq!(card.log(11), ["2611210000000010000156000011"]);
    // Out of turn: nothing more is taken.
    card.expect(&std::format!("80AE400020{}00", terminal(TEN)), "6985");
    assert_eq!(card.balance(), "000000009000");
    // The next life has the same balance.
    let kept = card.kept.clone();
    let mut next = Played::new(&image, &keys);
    kept.iter().for_each(|record| next.card.restore(record).unwrap());
    next.send("00A4040008A00000033301010100");
    assert_eq!((next.balance().as_str(), next.log(11).len()), ("000000009000", 1));
}

#[test]
fn what_the_balance_does_not_hold_is_the_issuers_decision() {
    let (image, keys) = (image(&[(0x9F78, "000000090000")]), key_set());
    for (amount, cid) in [("000000010000", 0x40), ("000000010001", 0x80), ("000000090001", 0x80)] {
        let mut card = Played::new(&image, &keys);
        card.begin(true, amount);
        let ac = card.first(0x40, amount);
        assert_eq!(ac.cid, cid, "{amount}");
        if cid == 0x80 {
            assert_eq!((ac.balance.as_str(), card.balance().as_str()), ("0000010000", "000000010000"));
            // Nobody answers: declined, and nothing is taken.
            assert_eq!(card.second(0x40, "5933", amount).cid, 0x00);
            assert_eq!(card.balance(), "000000010000");
        }
    }
}

#[test]
fn the_limit_of_one_purchase_holds() {
    let (image, keys) = (image(&[]), key_set());
    for (amount, cid) in [("000000005000", 0x40), ("000000005001", 0x80)] {
        let mut card = Played::new(&image, &keys);
        card.begin(true, amount);
        assert_eq!(card.first(0x40, amount).cid, cid);
    }
}

#[test]
fn a_load_is_a_script_that_the_issuer_alone_can_make() {
    let (image, keys) = (image(&[]), key_set());
    let mut card = Played::new(&image, &keys);
    card.begin(false, "000000050000");
    let ac = card.first(0x80, "000000050000");
    assert_eq!((ac.cid, ac.balance.as_str()), (0x80, "0000010000"));
    card.expect(&ac.external_authenticate(*b"00"), "9000");
    assert_eq!(card.second(0x40, "3030", "000000050000").cid, 0x40);
    card.expect(&ac.script("04DA9F79", "000000060000"), "9000");
    assert_eq!(card.balance(), "000000060000");
    assert_eq!(card.log(12), ["9F790000000100000000000600002611210011"]);
    // Again: the value is the same, nothing is added. After a reset: void.
    card.expect(&ac.script("04DA9F79", "000000060000"), "9000");
    card.card.step(0, Input::Start, &mut []);
    card.send("00A4040008A00000033301010100");
    card.expect(&ac.script("04DA9F79", "000000070000"), "6985");
    card.begin(false, TEN);
    card.first(0x80, TEN);
    card.expect(&ac.script("04DA9F79", "000000070000"), "6988");
    assert_eq!(card.balance(), "000000060000");
}

#[test]
fn a_wrong_mac_ends_the_scripts_of_a_transaction_and_is_told_in_the_next() {
    let (image, keys) = (image(&[]), key_set());
    let mut card = Played::new(&image, &keys);
    card.begin(false, TEN);
    let ac = card.first(0x80, TEN);
    let right = ac.script("04DA9F79", "000000060000");
    for position in (0..right.len()).step_by(2).skip(5) {
        // Lc stays: a wrong length is another error.
        if position == 8 {
            continue;
        }
        let mut card = Played { card: card.card.clone(), kept: Vec::new() };
        let mut wrong = hex(&right);
        wrong[position / 2] ^= 0x01;
        let answer = card.send(&to_hex(&wrong));
        assert_eq!(answer, "6988", "{position}");
        card.expect(&right, "6985");
        assert_eq!(card.balance(), "000000010000");
        card.begin_again();
        assert_eq!(card.first(0x80, TEN).cvr[3] & 0x08, 0x08);
    }
    card.expect(&right, "9000");
}

impl Played<'_> {
    fn begin_again(&mut self) {
        self.begin(false, TEN);
    }
}

#[test]
fn scripts_set_limits_records_and_blocks() {
    let (image, keys) = (image(&[]), key_set());
    let mut card = Played::new(&image, &keys);
    card.begin(false, TEN);
    let ac = card.first(0x80, TEN);
    card.expect(&ac.script("04DA9F78", "000000000100"), "9000");
    card.expect("80CA9F7800", "9F7806000000000100 9000");
    for (header, data, sw) in [
        ("04DA9F36", "FFFF", "6A88"),
        ("04DA9F6D", "000000000000", "6A88"),
        ("04DA9F79", "0000000100", "6700"),
        ("04DA9F79", "00000000010A", "6A80"),
        ("04DA9F79", "000000100001", "6A80"),
        ("04DC010C", "61024F00", "6A80"),
        ("04DC020C", "70024F00", "6A83"),
        ("04DC015C", "70024F00", "6A86"),
        ("841E0000", "00", "6700"),
        ("841E0100", "", "6A86"),
    ] {
        card.expect(&ac.script(header, data), sw);
    }
    card.expect(&ac.script("04DC010C", "70044F02AABB"), "9000");
    card.expect("00B2010C00", "70044F02AABB9000");
    card.expect(&ac.script("84160000", ""), "9000");
    card.expect("00A4040008A00000033301010100", "6A81");
}

#[test]
fn a_blocked_application_answers_aac_and_can_be_unblocked() {
    let (image, keys) = (image(&[]), key_set());
    let mut card = Played::new(&image, &keys);
    card.begin(false, TEN);
    let ac = card.first(0x80, TEN);
    card.expect(&ac.script("841E0000", ""), "9000");
    assert!(card.send("00A4040008A00000033301010100").ends_with("6283"));
    card.begin(true, TEN);
    let ac = card.first(0x40, TEN);
    assert_eq!((ac.cid, card.balance().as_str()), (0x00, "000000010000"));
    card.expect(&ac.script("84180000", ""), "9000");
    assert!(card.send("00A4040008A00000033301010100").ends_with("9000"));
}

#[test]
fn issuer_authentication_is_checked_once_and_remembered() {
    let (image, keys) = (image(&[(0x9F56, "80"), (0x9F52, "C000")]), key_set());
    let mut card = Played::new(&image, &keys);
    card.begin(false, TEN);
    let ac = card.first(0x40, TEN);
    assert_eq!(ac.cid, 0x40, "no limit is exceeded");
    card.begin(false, TEN);
    let ac = card.first(0x80, TEN);
    card.expect("008200000A 1122334455667788 3030", "6300");
    card.expect(&ac.external_authenticate(*b"00"), "6985");
    card.expect(&ac.script("04DA9F79", "000000060000"), "6985");
    let second = card.second(0x40, "3030", TEN);
    assert_eq!((second.cid, second.cvr[1]), (0x00, 0x28), "failed, so declined");
    // The next one goes online, and its CVR tells why.
    card.begin(false, TEN);
    let ac = card.first(0x40, TEN);
    assert_eq!((ac.cid, ac.cvr), (0x80, [0x03, 0xA0, 0x88, 0x00]));
    card.expect(&ac.external_authenticate(*b"00"), "9000");
    let second = card.second(0x40, "3030", TEN);
    assert_eq!((second.cid, second.cvr), (0x40, [0x03, 0x60, 0x08, 0x00]));
    card.expect("80CA9F1300", "9F13020013 9000");
    card.begin(false, TEN);
    assert_eq!(card.first(0x40, TEN).cvr, [0x03, 0x90, 0x00, 0x00], "all is well again");
}

#[test]
fn offline_limits_send_the_card_online() {
    let limits = [(0x9F58, "02"), (0x9F59, "03"), (0x9F54, "000000002500"), (0x9F5C, "000000003000")];
    let (image, keys) = (image(&limits), key_set());
    let mut card = Played::new(&image, &keys);
    for expected in [0x40, 0x80] {
        card.begin(false, TEN);
        assert_eq!(card.first(0x40, TEN).cid, expected);
    }
    // 17 - 15 = 2 is not above the limit of two; with the third the counter is. Offline still: the upper limit is three.
    let second = card.second(0x40, "5933", TEN);
    assert_eq!((second.cid, second.cvr[1]), (0x40, 0x61));
    card.begin(false, TEN);
    assert_eq!(card.first(0x40, TEN).cvr, [0x03, 0xA0, 0x20, 0x00]);
    assert_eq!(card.second(0x40, "5933", TEN).cid, 0x00, "above the upper limits");
}

#[test]
fn a_wrong_pin_costs_a_try_before_it_is_answered_and_the_right_one_gives_them_back() {
    let (image, keys) = (image(&[]), key_set());
    let mut card = Played::new(&image, &keys);
    card.expect(VERIFY, "6D00");
    card.send("00A4040008A00000033301010100");
    card.expect(VERIFY, "6985");
    card.begin(false, TEN);
    card.expect(WRONG_PIN, "63C2");
    card.expect("0020008008 2412345FFFFFFFFF", "6A80");
    card.expect("0020008007 241234FFFFFFFF", "6700");
    card.expect("0020008108 241234FFFFFFFFFF", "6A86");
    card.expect(VERIFY, "9000");
    card.expect("80CA9F1700", "9F17 01 03 9000");
    assert_eq!(card.first(0x40, TEN).cvr, [0x03, 0x94, 0x00, 0x00]);
    card.begin(false, TEN);
    for answer in ["63C2", "63C1", "63C0", "6983"] {
        card.expect(WRONG_PIN, answer);
    }
    card.expect(VERIFY, "6983");
    assert_eq!(card.first(0x40, TEN).cvr, [0x03, 0x96, 0x40, 0x00]);
    // The issuer gives the tries back.
    card.begin(false, TEN);
    let ac = card.first(0x80, TEN);
    card.expect(&ac.script("84240000", ""), "9000");
    card.begin(false, TEN);
    card.expect(VERIFY, "9000");
}

#[test]
fn commands_out_of_turn_or_malformed_change_nothing() {
    let (image, keys) = (image(&[]), key_set());
    let mut card = Played::new(&image, &keys);
    let first = std::format!("80AE400020{}00", terminal(TEN));
    card.send("00A4040008A00000033301010100");
    card.expect(&first, "6985");
    card.begin(true, TEN);
    let kept = card.kept.len();
    for (command, sw) in [
        (first.replace("80AE40", "80AEC0"), "6A86"),
        (first.replace("80AE4000", "80AE4001"), "6A86"),
        (first.replace("80AE40", "80AE42"), "6A86"),
        (first.replace("80AE40", "80AE50"), "6985"),
        ("80AE40000100 00".into(), "6700"),
        (first[..first.len() - 2].into(), "6700"),
        ("008200000A 1122334455667788 3030".into(), "6985"),
        ("04DA9F790A 000000060000 11223344".into(), "6985"),
        ("80A800000B83090100000000100001560 0".into(), "6985"),
    ] {
        card.expect(&command, sw);
    }
    assert_eq!((card.kept.len(), card.balance().as_str()), (kept, "000000010000"));
    assert_eq!(card.first(0x40, TEN).cid, 0x40);
}

#[test]
fn without_keys_or_behaviour_a_card_can_be_read_only() {
    let image = image(&[]);
    let mut card = Card::new(Image::parse(&image).unwrap());
    let mut out = [0; MAX_OUT];
    for command in ["00A4040008A00000033301010100", "80A800000B83090000000000100001560 0"] {
        if let Action::Persist(_) = card.step(0, Input::Received(&hex(command)), &mut out) {
            card.step(0, Input::Persisted, &mut out);
        }
    }
    let first = hex(&std::format!("80AE400020{}00", terminal(TEN)));
    assert_eq!(card.step(0, Input::Received(&first), &mut out), Action::Transmit(2));
    assert_eq!(out[..2], [0x69, 0x85]);
}
