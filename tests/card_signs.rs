//! A card that signs: its certificates, DDA, combined DDA on both answers, an enciphered PIN, checked as a terminal does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use serde_json::Value;
use tapcard_card::{Card, CardKeys, Image, MAX_OUT};
use tapcard_crypto::oda::{
    IccCertificate, IccKey, IssuerCertificate, SignedDynamicData, TransactionHash, pin, static_data,
};
use tapcard_crypto::rsa::{Exponent, MAX_MODULUS_LEN, PublicKey};
use tapcard_emv::{Date, Pan};
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::{Tag, find_deep, find_path};

const PERSONALISATION: &str = include_str!("profiles/signing.json");
const SELECT: &str = "00A4040007F000000001010100";
const PDOL_DATA: &str = "010000000010000156";
const UN: &str = "12345678";

struct Terminal<'a> {
    card: Card<'a>,
}

impl<'a> Terminal<'a> {
    fn insert(image: &'a [u8], keys: &'a [u8], seed: u8) -> Self {
        let card = Card::new(Image::parse(image).unwrap()).with_keys(CardKeys::parse(keys).unwrap());
        Self { card: card.with_seed([seed; 32]) }
    }

    fn send(&mut self, command: &str) -> Vec<u8> {
        let (mut out, command) = ([0; MAX_OUT], hex::decode(command.replace(' ', "")).unwrap());
        let mut action = self.card.step(0, Input::Received(&command), &mut out);
        if let Action::Persist(_) = action {
            action = self.card.step(0, Input::Persisted, &mut out);
        }
        let Action::Transmit(length) = action else { panic!("{action:?}") };
        out[..length].to_vec()
    }

    /// The data of an answer with 9000.
    #[track_caller]
    fn ask(&mut self, command: &str) -> Vec<u8> {
        let answer = self.send(command);
        let (data, sw) = answer.split_at(answer.len() - 2);
        assert_eq!(sw, [0x90, 0x00], "{command}");
        data.to_vec()
    }

    /// Begins a transaction; the records of the card.
    fn begin(&mut self) -> Vec<Vec<u8>> {
        self.ask(SELECT);
        self.ask(&format!("80A800000B8309{PDOL_DATA}00"));
        ["00B2010C00", "00B2011400", "00B2012400", "00B2022400", "00B2032400"].map(|read| self.ask(read)).to_vec()
    }
}

fn cards() -> (Vec<u8>, Vec<u8>) {
    let card = tapcard_profiles::from_json(PERSONALISATION).unwrap();
    (card.image().unwrap(), card.keys().unwrap().unwrap().to_vec())
}

fn object(records: &[Vec<u8>], tag: u32) -> Vec<u8> {
    let found = records.iter().find_map(|record| find_deep(record, Tag::new(tag)));
    found.map(<[u8]>::to_vec).unwrap_or_default()
}

/// Goes along the chain as a terminal does and hands over the card's public key.
fn with_icc_key(records: &[Vec<u8>], mut use_key: impl FnMut(&IccKey<'_>)) {
    let file: Value = serde_json::from_str(include_str!("../vectors/testca-keys.json")).unwrap();
    let chain = file["chains"].as_array().unwrap().iter().find(|chain| chain["ca_index"] == "9D").unwrap();
    let modulus = hex::decode(chain["ca"]["n"].as_str().unwrap()).unwrap();
    let ca = PublicKey::new(&modulus, Exponent::Three).unwrap();
    let pan = Pan::from_cn(&object(records, 0x5A)).unwrap();
    let today = Date::new(2026, 11, Some(21)).unwrap();
    let (mut issuer_room, mut icc_room) = ([0; MAX_MODULUS_LEN], [0; MAX_MODULUS_LEN]);
    let certificate = IssuerCertificate::open(&ca, &object(records, 0x90), &mut issuer_room).unwrap();
    let issuer = certificate.verify(&object(records, 0x92), &object(records, 0x9F32), &pan, today).unwrap();
    let certificate = IccCertificate::open(&issuer, &object(records, 0x9F46), &mut icc_room).unwrap();
    let signed = static_data::record_part(2, &records[1]).unwrap();
    let statics = [signed, &[0x3D, 0x00]];
    let (remainder, exponent) = (object(records, 0x9F48), object(records, 0x9F47));
    use_key(&certificate.verify(&remainder, &exponent, statics, &pan, today).unwrap());
}

fn cdol(amount: &str) -> String {
    format!("{amount}000000000000015600000000000156261121 00{UN}101112").replace(' ', "")
}

#[test]
fn dda_is_verified_along_the_chain_and_is_another_each_time() {
    let (image, keys) = cards();
    let mut numbers = Vec::new();
    for seed in [1, 2] {
        let mut terminal = Terminal::insert(&image, &keys, seed);
        let records = terminal.begin();
        for _ in 0..2 {
            let answer = terminal.ask(&format!("0088000004{UN}00"));
            let signature = find_path(&answer, &[Tag::new(0x80)]).unwrap();
            with_icc_key(&records, |key| {
                let mut room = [0; MAX_MODULUS_LEN];
                let signed = SignedDynamicData::open(key, signature, &mut room).unwrap();
                numbers.push(signed.verify_dda(&hex::decode(UN).unwrap()).unwrap().to_vec());
                assert!(signed.verify_dda(&[1, 2, 3, 4]).is_err(), "another number of the terminal");
            });
        }
    }
    let all = numbers.len();
    numbers.sort();
    numbers.dedup();
    assert_eq!((numbers.len(), all), (4, 4));
}

/// The cryptogram that is inside the signature of an answer.
fn combined(records: &[Vec<u8>], answer: &[u8], told: &[&str]) -> Vec<u8> {
    let template = find_path(answer, &[Tag::new(0x77)]).unwrap();
    let signature = find_deep(template, Tag::new(0x9F4B)).unwrap();
    let cid = find_deep(template, Tag::new(0x9F27)).unwrap()[0];
    assert_eq!(find_deep(template, Tag::new(0x9F26)), None, "only in the signature");
    let mut hash = TransactionHash::new();
    told.iter().for_each(|data| hash.values(&hex::decode(data).unwrap()));
    hash.answer(template).unwrap();
    let mut cryptogram = Vec::new();
    with_icc_key(records, |key| {
        let mut room = [0; MAX_MODULUS_LEN];
        let signed = SignedDynamicData::open(key, signature, &mut room).unwrap();
        let un = hex::decode(UN).unwrap().try_into().unwrap();
        let checked = signed.verify_cda(un, cid, &hash.clone().finish());
        cryptogram = checked.unwrap().cryptogram.to_vec();
    });
    cryptogram
}

#[test]
fn combined_dda_signs_both_answers() {
    let (image, keys) = cards();
    let mut terminal = Terminal::insert(&image, &keys, 3);
    let records = terminal.begin();
    let first = cdol("000000060000");
    let answer = terminal.ask(&format!("80AE90001F{first}00").replace("1F", "20"));
    let arqc = combined(&records, &answer, &[PDOL_DATA, &first]);
    assert_eq!(arqc.len(), 8);
    let second = format!("3030{first}");
    let answer = terminal.ask(&format!("80AE500022{second}00"));
    let tc = combined(&records, &answer, &[PDOL_DATA, &first, &second]);
    assert_ne!(tc, arqc);
}

#[test]
fn a_declined_transaction_is_not_signed() {
    let (image, keys) = cards();
    let mut terminal = Terminal::insert(&image, &keys, 3);
    terminal.begin();
    let answer = terminal.ask(&format!("80AE100020{}00", cdol("000000001000")));
    assert_eq!(answer[..3], [0x80, 0x13 + 0x0B, 0x00]);
}

#[test]
fn an_enciphered_pin_needs_a_challenge_for_each_try() {
    let (image, keys) = cards();
    let mut terminal = Terminal::insert(&image, &keys, 5);
    let records = terminal.begin();
    let verify = |block: &str, challenge: &[u8]| {
        let block = hex::decode(block).unwrap().try_into().unwrap();
        let mut command = String::new();
        with_icc_key(&records, |key| {
            let (mut room, random) = ([0; MAX_MODULUS_LEN], [0x77; MAX_MODULUS_LEN]);
            let key = key.public();
            let challenge = challenge.try_into().unwrap();
            let random = &random[..key.modulus().len() - 17];
            let enciphered = pin::encipher(key, &block, &challenge, random, &mut room).unwrap();
            command = format!("00200088{:02X}{}", enciphered.len(), hex::encode(enciphered));
        });
        command
    };
    let (right, wrong) = ("26123456FFFFFFFF", "26123457FFFFFFFF");
    assert_eq!(terminal.send(&verify(right, &[0; 8])), [0x69, 0x85], "no challenge yet");
    let challenge = terminal.ask("0084000000");
    assert_eq!(terminal.send(&verify(wrong, &challenge)), [0x63, 0xC2]);
    assert_eq!(terminal.send(&verify(right, &challenge)), [0x69, 0x85], "each challenge once");
    let challenge = terminal.ask("0084000000");
    assert_eq!(terminal.send(&verify(right, &[9; 8])), [0x6A, 0x80], "another challenge");
    assert_eq!(terminal.send(&verify(right, &challenge)), [0x69, 0x85]);
    let challenge = terminal.ask("0084000000");
    assert_eq!(terminal.send(&verify(right, &challenge)), [0x90, 0x00]);
}
