//! A card with a private key against the contact kernel: it signs both cryptograms and deciphers the PIN. The certificates
//! are those of the vectors, the arithmetic is another one than ours.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use std::path::Path;

use num_bigint::BigUint;
use serde_json::Value;
use tapcard_crypto::oda::DataHash;
use tapcard_crypto::rsa::{Exponent, PublicKey};
use tapcard_emv::aid::Rid;
use tapcard_emv::bits::TerminalType;
use tapcard_emv::{Aid, Amount};
use tapcard_flow::{Action, Input, Machine};
use tapcard_terminal::contact::{
    ActionCodes, Application, CaKey, CdaRequests, Contact, Decision, MIN_OUTPUT, Question, Revocation, Terminal,
    Transaction,
};

const UN: [u8; 4] = [1, 2, 3, 4];
const CHALLENGE: [u8; 8] = [0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8];
const ATC: [u8; 2] = [0x00, 0x32];
const AC: [u8; 8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];
const DYNAMIC_NUMBER: [u8; 8] = [0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8];

fn vectors(file: &str, id: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors").join(file);
    let document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let list = document.get("chains").unwrap_or(&document).as_array().unwrap().clone();
    list.into_iter().find(|case| case["id"] == id).unwrap()
}

fn octets(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// The card of the vectors with keys of its own.
struct Card {
    case: Value,
    modulus: BigUint,
    exponent: BigUint,
    length: usize,
    /// Replaces the CVM list of the record that is not signed.
    cvm_list: &'static str,
    /// What the CDA hash grows from.
    sent: Vec<u8>,
    /// Types of the cryptograms it gives.
    answers: Vec<u8>,
    /// Places of the answers whose signature is spoilt.
    spoil: Option<usize>,
    p1: Vec<u8>,
    pins: Vec<Vec<u8>>,
    challenges: usize,
    verify: Vec<[u8; 2]>,
}

impl Card {
    fn new(answers: &[u8]) -> Self {
        let key = vectors("testca-keys.json", "testca-9D");
        let number = |name: &str| BigUint::from_bytes_be(&octets(&key["icc"][name]));
        Self {
            case: vectors("terminal-oda.json", "term-oda-061"),
            modulus: number("n"),
            exponent: number("d"),
            length: octets(&key["icc"]["n"]).len(),
            cvm_list: "00000000000000001F00",
            sent: Vec::new(),
            answers: answers.to_vec(),
            spoil: None,
            p1: Vec::new(),
            pins: Vec::new(),
            challenges: 0,
            verify: vec![[0x90, 0x00]],
        }
    }

    /// With the private key.
    fn raise(&self, block: &[u8]) -> Vec<u8> {
        let result = BigUint::from_bytes_be(block).modpow(&self.exponent, &self.modulus).to_bytes_be();
        [vec![0; self.length - result.len()], result].concat()
    }

    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let data = command.get(5..5 + usize::from(*command.get(4).unwrap_or(&0))).unwrap_or_default().to_vec();
        match command[..4] {
            [0x00, 0xA4, 4, 0] if data == b"1PAY.SYS.DDF01" => vec![0x6A, 0x82],
            [0x00, 0xA4, ..] => octets(&self.case["card"]["select"]["F0000000010101"]),
            [0x80, 0xA8, ..] => octets(&self.case["card"]["gpo"]),
            [0x00, 0xB2, record, p2] => self.record(&format!("{:02X}{record:02X}", p2 >> 3)),
            [0x80, 0xAE, p1, _] => self.generate_ac(p1, &data),
            [0x00, 0x84, ..] => {
                self.challenges += 1;
                [&CHALLENGE[..], &[0x90, 0x00]].concat()
            }
            [0x00, 0x20, _, 0x88] => {
                let plain = self.raise(&data);
                self.pins.push(plain);
                if self.verify.len() > 1 { self.verify.remove(0).to_vec() } else { self.verify[0].to_vec() }
            }
            _ => vec![0x6A, 0x88],
        }
    }

    fn record(&self, key: &str) -> Vec<u8> {
        let record = self.case["card"]["records"][key].as_str().unwrap();
        assert!(self.cvm_list.len() == 20);
        hex::decode(record.replace("8E0A00000000000000001F00", &format!("8E0A{}", self.cvm_list))).unwrap()
    }

    fn generate_ac(&mut self, p1: u8, data: &[u8]) -> Vec<u8> {
        let turn = self.p1.len();
        let cid = self.answers[turn];
        self.p1.push(p1);
        self.sent.extend(data);
        let head = [&[0x9F, 0x27, 0x01, cid, 0x9F, 0x36, 0x02][..], &ATC].concat();
        let body = if p1 & 0x10 == 0 || cid == 0 {
            [&head[..], &[0x9F, 0x26, 0x08], &AC].concat()
        } else {
            let mut signature = self.sign(cid, &head);
            if self.spoil == Some(turn) {
                signature[self.length - 1] ^= 1;
            }
            [&head[..], &[0x9F, 0x4B, 0x81, u8::try_from(self.length).unwrap()], &signature].concat()
        };
        [&[0x77, 0x81, u8::try_from(body.len()).unwrap()][..], &body, &[0x90, 0x00]].concat()
    }

    /// EMV 4.4 Book 2, tables 18 to 20.
    fn sign(&self, cid: u8, head: &[u8]) -> Vec<u8> {
        let transaction = DataHash::new().with(&self.sent).with(head).finish();
        let dynamic = [&[8][..], &DYNAMIC_NUMBER, &[cid], &AC, &transaction].concat();
        let mut block = [&[0x05, 0x01, u8::try_from(dynamic.len()).unwrap()][..], &dynamic].concat();
        block.resize(self.length - 22, 0xBB);
        let hash = DataHash::new().with(&block).with(&UN).finish();
        self.raise(&[&[0x6A][..], &block, &hash, &[0xBC]].concat())
    }
}

struct Paid {
    decision: Decision,
    tvr: [u8; 5],
    tsi: [u8; 2],
    cvm_results: Vec<u8>,
    ac: Option<Vec<u8>>,
    dynamic_number: Option<Vec<u8>>,
    online: bool,
}

fn pay(card: &mut Card, kind: u8, padding: &[u8], change: impl FnOnce(&mut Terminal<'_>)) -> Paid {
    let key = &card.case["terminal"]["capk"][0];
    let modulus = octets(&key["modulus"]);
    let key = PublicKey::new(&modulus, Exponent::from_octets(&octets(&key["exponent"])).unwrap()).unwrap();
    let keys = [CaKey::new(Rid::new([0xF0, 0, 0, 0, 1]), 0x9D, key, None)];
    let applications = [Application {
        aid: Aid::new(&[0xF0, 0, 0, 0, 1, 1, 1]).unwrap(),
        partial_selection: true,
        version: [0x00, 0x96],
        floor_limit: Amount::new(10_000),
        tac: ActionCodes::default(),
        default_ddol: None,
        default_tdol: None,
        random_selection: None,
    }];
    let mut terminal = Terminal {
        applications: &applications,
        ca_keys: &keys,
        ..Terminal::new(TerminalType::new(kind).unwrap(), [0x08, 0x40])
    };
    change(&mut terminal);
    let transaction =
        Transaction { padding, ..Transaction::purchase(Amount::new(1_000), [0x08, 0x40], [0x26, 0x06, 0x15], UN) };
    let mut room = [0; 4096];
    let mut kernel = Contact::new(&terminal, &transaction, &mut room).unwrap();
    let mut out = [0; MIN_OUTPUT];
    let mut online = false;
    let mut action = kernel.step(0, Input::Start, &mut out);
    loop {
        action = match action {
            Action::Transmit(length) => {
                let answer = card.answer(&out[..length]);
                kernel.step(0, Input::Received(&answer), &mut out)
            }
            Action::Ask(Question::OfflinePin { .. }) => kernel.step(0, Input::Cardholder(b"12345"), &mut out),
            Action::GoOnline(_) => {
                online = true;
                kernel.step(0, Input::Host(&[0x8A, 0x02, b'0', b'0']), &mut out)
            }
            Action::Persist(_) => kernel.step(0, Input::Persisted, &mut out),
            Action::Report(_) => kernel.step(0, Input::Noted, &mut out),
            Action::Done(outcome) => {
                let value = |tag| kernel.value(tag).map(<[u8]>::to_vec);
                return Paid {
                    decision: outcome.decision,
                    tvr: kernel.tvr().octets(),
                    tsi: kernel.tsi().octets(),
                    cvm_results: value(tapcard_emv::tag::CVM_RESULTS).unwrap(),
                    ac: value(tapcard_emv::tag::AC),
                    dynamic_number: value(tapcard_emv::tag::ICC_DYNAMIC_NUMBER),
                    online,
                };
            }
            other => panic!("{other:?}"),
        };
    }
}

#[test]
fn both_cryptograms_are_signed_and_the_second_tc_passes() {
    let mut card = Card::new(&[0x80, 0x40]);
    let paid = pay(&mut card, 0x21, &[], |_| {});
    assert_eq!((paid.decision, paid.online), (Decision::Approved, true));
    assert_eq!((paid.tvr, paid.tsi, &card.p1[..]), ([0; 5], [0xE8, 0x00], &[0x90, 0x50][..]));
    // Signed answers have no 9F26 outside: both values come out of the signature.
    assert_eq!((paid.ac, paid.dynamic_number), (Some(AC.to_vec()), Some(DYNAMIC_NUMBER.to_vec())));
}

#[test]
fn a_terminal_may_leave_out_either_signature() {
    for (on_arqc, on_second_tc, p1) in [
        (true, true, [0x90, 0x50]),
        (true, false, [0x90, 0x40]),
        (false, false, [0x80, 0x40]),
        (false, true, [0x80, 0x50]),
    ] {
        let mut card = Card::new(&[0x80, 0x40]);
        let paid = pay(&mut card, 0x21, &[], |terminal| terminal.cda = CdaRequests { on_arqc, on_second_tc });
        assert_eq!((paid.decision, paid.tvr, &card.p1[..]), (Decision::Approved, [0; 5], &p1[..]));
    }
}

#[test]
fn a_spoilt_signature_is_found_in_either_answer() {
    let run = |spoil| {
        let mut card = Card { spoil: Some(spoil), ..Card::new(&[0x80, if spoil == 0 { 0x00 } else { 0x40 }]) };
        let paid = pay(&mut card, 0x21, &[], |_| {});
        (paid.decision, paid.tvr[0], paid.online, card.p1)
    };
    assert_eq!(run(0), (Decision::Declined, 0x04, false, vec![0x90, 0x00]));
    assert_eq!(run(1), (Decision::Declined, 0x04, true, vec![0x90, 0x50]));
}

#[test]
fn a_revoked_issuer_certificate_fails_like_a_wrong_one() {
    let find = |serial| {
        let revoked = [Revocation { rid: Rid::new([0xF0, 0, 0, 0, 1]), index: 0x9D, serial }].to_vec().leak();
        pay(&mut Card::new(&[0x80, 0x40]), 0x21, &[], |terminal| terminal.revoked = revoked).tvr[0]
    };
    assert_eq!(find(issuer_serial()), 0x04);
    assert_eq!(find([0xFF, 0xFF, 0xFE]), 0x00);
}

/// Octets 9 to 11 of the recovered issuer certificate.
fn issuer_serial() -> [u8; 3] {
    let ca = vectors("testca-keys.json", "testca-9D");
    let number = |name: &str| BigUint::from_bytes_be(&octets(&ca["ca"][name]));
    let case = vectors("terminal-oda.json", "term-oda-061");
    let certificate = BigUint::from_bytes_be(&octets(&case["card"]["tags"]["90"]));
    let recovered = certificate.modpow(&number("e"), &number("n")).to_bytes_be();
    recovered[8..11].try_into().unwrap()
}

#[test]
fn an_enciphered_pin_arrives_with_challenge_and_fresh_padding() {
    let mut card =
        Card { cvm_list: "00000000000000000400", verify: vec![[0x63, 0xC2], [0x90, 0x00]], ..Card::new(&[0x40]) };
    let padding: Vec<u8> = (0..=255).cycle().take(2 * 111).collect();
    let paid = pay(&mut card, 0x22, &padding, |_| {});
    assert_eq!((paid.decision, paid.cvm_results), (Decision::Approved, vec![0x04, 0x00, 0x02]));
    let plain =
        |padding: &[u8]| [&[0x7F, 0x25, 0x12, 0x34, 0x5F, 0xFF, 0xFF, 0xFF, 0xFF][..], &CHALLENGE, padding].concat();
    assert_eq!(card.pins, [plain(&padding[..111]), plain(&padding[111..])]);
    assert_eq!(card.challenges, 2);
}

#[test]
fn without_fresh_padding_no_pin_is_sent() {
    let mut card = Card { cvm_list: "00000000000000000400", ..Card::new(&[0x40]) };
    let paid = pay(&mut card, 0x22, &[0xAA; 110], |_| {});
    assert_eq!((card.pins.len(), paid.cvm_results, paid.tvr[2]), (0, vec![0x04, 0x00, 0x01], 0x80));
}

#[test]
fn an_enciphered_pin_finds_its_key_without_any_authentication() {
    let mut card = Card { cvm_list: "00000000000000000400", ..Card::new(&[0x40]) };
    let paid = pay(&mut card, 0x22, &[0x55; 111], |terminal| {
        terminal.capabilities = tapcard_emv::bits::TerminalCapabilities::new([0xE0, 0xF8, 0x00]);
    });
    assert_eq!((card.pins.len(), paid.cvm_results, paid.tvr[0]), (1, vec![0x04, 0x00, 0x02], 0x80));
}
