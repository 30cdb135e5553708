//! The emulated card against any C-APDUs: it always answers, in time and in form, and what it has told to be kept brings it
//! back after a power cut.
//!
//! Input: an octet (bits 4 to 1: the profile; bit 5: over RF; bit 6: every second record is not kept), then pieces: the
//! commands; a piece of no octets is a reset.
//!
//! Covers: apdu/card/src
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tapcard_card::image::MAX_APPLICATIONS;
use tapcard_card::{Card, Image, Interface, MAX_OUT, MAX_STATE_RECORD};
use tapcard_flow::{Action, Input, Machine};
use tapcard_fuzz::Pieces;
use tapcard_iso7816::{Command, MAX_SHORT_ANSWER, Response};
use tapcard_profiles::{Profile, builtin};

static IMAGES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let image = |name| Profile::load(name).expect("it is built in").image().expect("it fits");
    builtin().iter().map(|profile| image(profile.name)).collect()
});

fuzz_target!(|data: &[u8]| {
    let Some((options, rest)) = data.split_first() else { return };
    let image = &IMAGES[usize::from(options & 0x0F) % IMAGES.len()];
    let interface = if options & 0x10 == 0 { Interface::Contact } else { Interface::Contactless };
    let card = Card::new(Image::parse(image).expect("it was built")).with_interface(interface);
    let mut owner = Owner { card, kept: Vec::new(), forgetful: options & 0x20 != 0, asked: 0 };
    for command in Pieces(rest) {
        owner.say(command);
    }
    owner.check_next_life();
});

struct Owner<'a> {
    card: Card<'a>,
    kept: Vec<Vec<u8>>,
    forgetful: bool,
    asked: usize,
}

impl Owner<'_> {
    fn say(&mut self, command: &[u8]) {
        let mut out = [0; MAX_OUT];
        if command.is_empty() {
            assert!(matches!(self.card.step(0, Input::Start, &mut out), Action::Wait(_)));
            assert!(self.card.selected().is_none(), "a reset selects nothing");
            return;
        }
        let before = self.counters();
        match self.card.step(0, Input::Received(command), &mut out) {
            Action::Transmit(length) => {
                check_answer(command, &out[..length]);
                assert_eq!(self.counters(), before, "nothing changes without a record");
            }
            Action::Persist(length) => self.persist(command, &before, &mut out, length),
            other => panic!("a card does not {other:?}"),
        }
    }

    fn persist(&mut self, command: &[u8], before: &[u16], out: &mut [u8], length: usize) {
        assert!(length <= MAX_STATE_RECORD);
        assert_eq!(self.counters(), before, "not before it is kept");
        let record = out[..length].to_vec();
        self.asked += 1;
        if self.forgetful && self.asked % 2 == 0 {
            self.card.step(0, Input::Start, out);
            assert_eq!(self.counters(), before, "what is not kept has not happened");
            return;
        }
        self.kept.push(record);
        let Action::Transmit(length) = self.card.step(0, Input::Persisted, out) else { panic!("the answer is due") };
        check_answer(command, &out[..length]);
        assert_ne!(self.counters(), before);
        assert!(self.counters().iter().zip(before).all(|(now, then)| now >= then), "a counter never falls");
    }

    fn counters(&self) -> Vec<u16> {
        (0..=MAX_APPLICATIONS).map(|number| self.card.atc(number as u8)).collect()
    }

    /// The records alone bring the counters back, also when they come twice.
    fn check_next_life(&self) {
        let mut again = Card::new(self.card.image());
        for record in self.kept.iter().chain(&self.kept) {
            assert_eq!(again.restore(record), Ok(()));
        }
        assert!((0..=MAX_APPLICATIONS).all(|number| again.atc(number as u8) == self.card.atc(number as u8)));
        if let Some(last) = self.kept.last() {
            assert!(again.is_current(last));
        }
    }
}

fn check_answer(command: &[u8], answer: &[u8]) {
    let response = Response::parse(answer).expect("an answer has SW1-SW2");
    assert!(answer.len() <= MAX_SHORT_ANSWER);
    match Command::parse(command) {
        Ok(command) => assert!(command.le().is_none_or(|le| response.data.len() <= le.get() as usize)),
        Err(_) => assert!(response.data.is_empty() && matches!(response.sw.sw1(), 0x67 | 0x6D | 0x6E)),
    }
}
