//! An emulated card with a fault planted between card and wire, or in how its owner keeps its state.
//!
//! The product has no switch for faults: this is another owner of the same [`tapcard_card::Card`], and a dishonest one. It
//! serves the card to a virtual reader, and a verifier that knows nothing of it has to notice.

#![allow(clippy::indexing_slicing, reason = "a panic of this card is the failure of its test")]

use std::net::Ipv4Addr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tapcard_card::{Card, CardKeys, Image, MAX_OUT};
use tapcard_flow::{Action, Input, Machine};
use tapcard_profiles::Personalisation;
use tapcard_transport::TransportError;
use tapcard_transport::vpicc::{Picc, Stopper, Vpcd};

use crate::issuer::{Issuer, Seen};

const GENERATE_AC: u8 = 0xAE;
const GET_PROCESSING_OPTIONS: u8 = 0xA8;
const INTERNAL_AUTHENTICATE: u8 = 0x88;
const PUT_DATA: u8 = 0xDA;
const SELECT: u8 = 0xA4;
const EXTERNAL_AUTHENTICATE: u8 = 0x82;
const VERIFY: u8 = 0x20;

/// Octets of the header and Lc, after which the data begins.
const HEADER: usize = 5;

/// What is wrong with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: what the verifier finds then is the harness.
    Nothing,
    /// The owner forgets every state record when the card is reset.
    StateForgotten,
    /// The owner forgets the record of a purchase: nothing is debited.
    DebitForgotten,
    /// The cryptogram is over another amount than the terminal's.
    OtherAmount,
    /// The balance in the IAD is another than the one under its MAC.
    OtherBalance,
    /// A script is taken whatever its MAC is.
    AnyScript,
    /// Whatever the issuer answers counts as its proof.
    AnyArpc,
    /// Whatever the PIN is, it is said to be right.
    AnyPin,
    /// The hash in the signature of DDA is over another unpredictable number than the terminal's.
    OtherUnpredictableNumber,
    /// The hash over the transaction in the signature of combined DDA is over another amount in the PDOL than the terminal's.
    OtherPdolData,
}

/// A card in a virtual reader until it is dropped.
pub struct Served {
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Puts the card into the virtual reader on `port`.
    ///
    /// # Panics
    /// When the personalisation is none of a card that computes, or nobody listens on the port.
    #[must_use]
    pub fn insert(port: u16, card: &Personalisation, fault: Fault) -> Self {
        let image = card.image().expect("an image");
        let keys = card.keys().expect("a key set").expect("a card with keys");
        let atr = card.atr().to_vec();
        let (tell, hear) = mpsc::channel();
        let thread = thread::spawn(move || {
            let (image, keys) = (Image::parse(&image).expect("an image"), CardKeys::parse(&keys).expect("a key set"));
            let mut card = FaultyCard::new(image, keys, atr, fault);
            let address = format!("{}:{port}", Ipv4Addr::LOCALHOST);
            let mut reader = Vpcd::connect(&address, Duration::from_secs(10)).expect("a virtual reader");
            tell.send(reader.stopper().expect("a stopper")).expect("somebody waits for the stopper");
            // An end of the conversation is a reader that stops or a card that is pulled: both end the thread.
            drop(reader.serve(&mut card, &mut |_| {}));
        });
        let stopper = hear.recv().expect("the card is inserted");
        Self { stopper, thread: Some(thread) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The card and its dishonest owner.
struct FaultyCard<'a> {
    image: Image<'a>,
    keys: CardKeys<'a>,
    card: Card<'a>,
    atr: Vec<u8>,
    fault: Fault,
    records: Vec<Vec<u8>>,
    /// The last SELECT.
    selection: Vec<u8>,
    /// The transaction offers electronic cash.
    is_cash: bool,
    /// What scripts are bound to.
    first: Option<Seen>,
}

impl<'a> FaultyCard<'a> {
    fn new(image: Image<'a>, keys: CardKeys<'a>, atr: Vec<u8>, fault: Fault) -> Self {
        let card = Card::new(image).with_keys(keys).with_seed([0x5A; 32]);
        let (records, selection) = (Vec::new(), Vec::new());
        Self { image, keys, card, atr, fault, records, selection, is_cash: false, first: None }
    }

    /// The card comes back with what its owner has kept.
    fn restart(&mut self) {
        self.card = Card::new(self.image).with_keys(self.keys).with_seed([0xA5; 32]);
        for record in &self.records {
            self.card.restore(record).expect("a record of this card");
        }
        self.card.step(0, Input::Start, &mut [0; MAX_OUT]);
    }

    /// One command, each record kept.
    fn ask(&mut self, command: &[u8]) -> Vec<u8> {
        let mut out = [0; MAX_OUT];
        let mut action = self.card.step(0, Input::Received(command), &mut out);
        while let Action::Persist(length) = action {
            self.records.push(out[..length].to_vec());
            action = self.card.step(0, Input::Persisted, &mut out);
        }
        match action {
            Action::Transmit(length) => out[..length].to_vec(),
            other => panic!("the card answers with {other:?}"),
        }
    }

    /// What reaches the card in place of the command.
    fn falsify(&self, command: &mut [u8]) {
        match (self.fault, command[1]) {
            // 9F02 stands first in the CDOLs; its last digit is another one.
            (Fault::OtherAmount, GENERATE_AC) => command[HEADER + 5] ^= 0x01,
            (Fault::OtherUnpredictableNumber, INTERNAL_AUTHENTICATE) => command[HEADER] ^= 0x01,
            // 83, its length, 9F7A, then 9F02. The CDOLs have the right amount.
            (Fault::OtherPdolData, GET_PROCESSING_OPTIONS) if command.len() > HEADER + 2 + 1 + 6 => {
                command[HEADER + 2 + 1 + 5] ^= 0x01;
            }
            (Fault::AnyScript, PUT_DATA) => self.repair(command),
            _ => {}
        }
    }

    /// Gives a script the MAC that it should have.
    fn repair(&self, command: &mut [u8]) {
        let application = self.card.selected().expect("a selected application");
        let issuer = Issuer::new(self.keys, application.name());
        let first = self.first.expect("a first GENERATE AC");
        let header = [command[0], command[1], command[2], command[3]];
        let right = issuer.script(&first, header, &command[HEADER..command.len() - 4]);
        command.copy_from_slice(&right);
    }

    /// What reaches the terminal in place of the answer.
    fn tell(&mut self, command: &[u8], answer: &mut Vec<u8>) {
        let is_done = answer.ends_with(&[0x90, 0x00]);
        match (self.fault, command[1]) {
            (Fault::AnyArpc, EXTERNAL_AUTHENTICATE) | (Fault::AnyPin, VERIFY) => *answer = vec![0x90, 0x00],
            (Fault::OtherBalance, GENERATE_AC) if is_done => {
                // Before the MAC of four octets and the status word.
                let at = answer.len() - 7;
                answer[at] ^= 0x01;
            }
            (Fault::DebitForgotten, GENERATE_AC) if is_done && self.is_cash => {
                self.records.pop();
                self.restart();
                let selection = self.selection.clone();
                self.ask(&selection);
            }
            _ => {}
        }
    }

    /// What the owner has to know of the transaction.
    fn watch(&mut self, command: &[u8], answer: &[u8]) {
        match command[1] {
            SELECT => self.selection = command.to_vec(),
            // 9F7A stands first in the PDOL, behind 83 and its length.
            GET_PROCESSING_OPTIONS => (self.is_cash, self.first) = (command.get(HEADER + 2) == Some(&1), None),
            // Template 80: CID, ATC, cryptogram.
            GENERATE_AC if self.first.is_none() && answer.len() > 13 => {
                let atc = u16::from_be_bytes([answer[3], answer[4]]);
                let cryptogram = answer[5..13].try_into().expect("eight octets");
                self.first = Some(Seen { cid: answer[2], atc, cryptogram });
            }
            _ => {}
        }
    }
}

impl Picc for FaultyCard<'_> {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        if self.fault == Fault::StateForgotten {
            self.records.clear();
        }
        self.restart();
        Ok(())
    }

    fn answer(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        let mut sent = command.to_vec();
        self.falsify(&mut sent);
        let mut told = self.ask(&sent);
        self.watch(command, &told);
        self.tell(command, &mut told);
        answer[..told.len()].copy_from_slice(&told);
        Ok(told.len())
    }
}
