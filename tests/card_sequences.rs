//! Random command sequences against an emulated PBOC card, beside a model of what it may do.
//!
//! The model knows the balance to the cent, the PIN tries and which ATCs were seen, and has the issuer's keys. What it holds the
//! card to: no panic, an answer to everything, no ATC twice, the balance is what was paid and loaded, no script with a wrong MAC
//! counts, PIN tries rise only by the right PIN or the issuer's word, every cryptogram is right.
//!
//! `SEQUENCES=n` runs more than the usual number, `SEED=n` others.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use std::collections::BTreeSet;

use proptest::test_runner::{RngAlgorithm, TestRng};
use tapcard_card::{Card, CardKeys, Image, MAX_OUT};
use tapcard_flow::{Action, Input, Machine};
use tapcard_profiles::Profile;
use tapcard_tests::issuer::{Issuer, Seen};

use proptest::prelude::Rng as _;

const SEQUENCES: u32 = 100_000;
const NAME: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01];
/// CDOL1 of the profile `pboc-ec`.
const CDOL1: &[u8] = &[
    0x9F, 0x02, 6, 0x9F, 0x03, 6, 0x9F, 0x1A, 2, 0x95, 5, 0x5F, 0x2A, 2, 0x9A, 3, 0x9C, 1, 0x9F, 0x37, 4, 0x9F, 0x21,
    3, 0x9F, 0x4E, 20,
];
const PIN: [u8; 8] = [0x26, 0x12, 0x34, 0x56, 0xFF, 0xFF, 0xFF, 0xFF];
const OTHER_PIN: [u8; 8] = [0x26, 0x12, 0x34, 0x57, 0xFF, 0xFF, 0xFF, 0xFF];

struct Dice(TestRng);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0.next_u32() % limit
    }

    fn amount(&mut self) -> u64 {
        // Small ones, ones around the balance, and impossible ones.
        let most = [300, 15_000, 60_000, 1_000_000_000_000][self.below(4) as usize];
        self.0.next_u64() % most
    }
}

fn n12(amount: u64) -> [u8; 6] {
    let digits = format!("{:012}", amount.min(999_999_999_999));
    hex::decode(digits).unwrap().try_into().unwrap()
}

/// What the outside world knows.
struct World<'a> {
    card: Card<'a>,
    image: Image<'a>,
    keys: CardKeys<'a>,
    issuer: Issuer,
    kept: Vec<Vec<u8>>,
    /// The balance in the first currency, in cents.
    balance: u64,
    tries: u8,
    seen: BTreeSet<u16>,
    /// What the last GET PROCESSING OPTIONS offered: electronic cash, and its amount.
    cash: bool,
    first: Option<Seen>,
    done: Done,
}

/// What has happened at least so often, over all sequences.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    commands: u64,
    paid: u64,
    online: u64,
    declined: u64,
    loaded: u64,
    refused_scripts: u64,
    wrong_pins: u64,
    cuts: u64,
}

impl<'a> World<'a> {
    fn new(image: Image<'a>, keys: CardKeys<'a>) -> Self {
        let card = Card::new(image).with_keys(keys).with_seed([1; 32]);
        let issuer = Issuer::new(keys, NAME);
        let (kept, seen) = (Vec::new(), BTreeSet::new());
        let done = Done::default();
        Self { card, image, keys, issuer, kept, balance: 12_345, tries: 3, seen, cash: false, first: None, done }
    }

    /// The answer; nothing when the power went before its record was kept.
    fn send(&mut self, command: &[u8], cut: bool) -> Option<Vec<u8>> {
        self.done.commands += 1;
        let mut out = [0; MAX_OUT];
        let mut action = self.card.step(0, Input::Received(command), &mut out);
        if let Action::Persist(length) = action {
            if cut {
                self.done.cuts += 1;
                self.restart();
                return None;
            }
            self.kept.push(out[..length].to_vec());
            action = self.card.step(0, Input::Persisted, &mut out);
        }
        let Action::Transmit(length) = action else { panic!("{action:?}") };
        assert!((2..=258).contains(&length), "{}", hex::encode(command));
        Some(out[..length].to_vec())
    }

    /// Power off and on: the records are all that is left.
    fn restart(&mut self) {
        self.card = Card::new(self.image).with_keys(self.keys).with_seed([2; 32]);
        // As a compaction leaves them.
        let mut all = Card::new(self.image);
        self.kept.iter().for_each(|record| all.restore(record).unwrap());
        self.kept.retain(|record| all.is_current(record));
        self.kept.iter().for_each(|record| self.card.restore(record).unwrap());
        self.first = None;
    }

    fn get(&mut self, tag: [u8; 2]) -> Vec<u8> {
        let answer = self.send(&[0x80, 0xCA, tag[0], tag[1], 0], false).unwrap();
        let [high, low, _, value @ .., 0x90, 0x00] = answer.as_slice() else { return Vec::new() };
        assert_eq!([*high, *low], tag);
        value.to_vec()
    }

    fn check(&mut self) {
        self.select();
        let balance = self.get([0x9F, 0x79]);
        if !balance.is_empty() {
            assert_eq!(balance, n12(self.balance));
            assert!(balance <= self.get([0x9F, 0x77]), "never above its limit");
            assert_eq!(self.get([0x9F, 0x17]), [self.tries]);
        }
    }

    fn select(&mut self) {
        let select = [&[0x00, 0xA4, 0x04, 0x00, 0x08][..], NAME, &[0x00]].concat();
        self.send(&select, false).unwrap();
        self.first = None;
    }

    fn begin(&mut self, dice: &mut Dice) {
        if dice.below(5) > 0 {
            self.select();
        }
        let cash = dice.below(2) == 0;
        let amount = n12(dice.amount());
        let currency = if dice.below(4) == 0 { [0x08, 0x40] } else { [0x01, 0x56] };
        let data = [&[0x83, 9, u8::from(cash)][..], &amount, &currency].concat();
        let command = [&[0x80, 0xA8, 0, 0, 11][..], &data, &[0]].concat();
        let answer = self.send(&command, dice.below(20) == 0);
        if answer.is_some_and(|answer| answer.ends_with(&[0x90, 0])) {
            self.cash = cash && currency == [0x01, 0x56];
            self.first = None;
        }
    }

    fn generate(&mut self, dice: &mut Dice) {
        let asked = [0x00, 0x40, 0x80, 0x40, 0xC0][dice.below(5) as usize];
        let amount = dice.amount();
        let currency = if self.cash { [0x01, 0x56] } else { [0x08, 0x40] };
        let mut told = [&n12(amount)[..], &[0; 6], &[0x01, 0x56], &[0; 5], &currency, &[0x26, 0x11, 0x21, 0]].concat();
        told.extend(dice.0.next_u32().to_be_bytes());
        told.extend([0x10, 0x11, 0x12]);
        let second = self.first.is_some() && dice.below(5) > 0;
        let data = if second { [&b"00"[..], &told].concat() } else { [&told[..], &[b' '; 20]].concat() };
        let header = [0x80, 0xAE, asked, 0, u8::try_from(data.len()).unwrap()];
        let command = [&header[..], &data, &[0]].concat();
        let Some(answer) = self.send(&command, dice.below(20) == 0) else { return };
        let Some((seen, iad)) = Seen::read(&answer) else { return };
        assert!(seen.cid <= asked & 0xC0 || asked == 0x40 && seen.cid == 0x80, "never more than was asked for");
        if second {
            assert_eq!(self.first.map(|first| first.atc), Some(seen.atc));
            self.first = None;
            return;
        }
        let told_by_list = [&told[..], &[b' '; 20]].concat();
        assert!(self.issuer.is_right(&seen, iad, [0x1C, 0x00], CDOL1, &told_by_list), "{}", hex::encode(&answer));
        assert!(self.seen.insert(seen.atc), "the ATC {} a second time", seen.atc);
        assert!(self.seen.last() == Some(&seen.atc), "the ATC never falls");
        match seen.cid {
            0x40 if self.cash => {
                self.balance = self.balance.checked_sub(amount).expect("more was paid than there was");
                self.done.paid += 1;
            }
            0x80 => self.done.online += 1,
            0x00 => self.done.declined += 1,
            _ => {}
        }
        self.first = Some(seen);
    }

    fn script(&mut self, dice: &mut Dice) {
        let forged = Seen { cid: 0x80, atc: 11, cryptogram: [7; 8] };
        let seen = self.first.unwrap_or(forged);
        let balance = dice.amount();
        let (header, data): ([u8; 4], Vec<u8>) = match dice.below(6) {
            0..3 => ([0x04, 0xDA, 0x9F, 0x79], n12(balance).to_vec()),
            3 => ([0x84, 0x24, 0, 0], Vec::new()),
            4 => ([0x84, 0x1E, 0, 0], Vec::new()),
            _ => ([0x84, 0x18, 0, 0], Vec::new()),
        };
        let mut command = self.issuer.script(&seen, header, &data);
        let wrong = dice.below(3) == 0;
        if wrong {
            let at = dice.below(u32::try_from(command.len()).unwrap()) as usize;
            command[at] ^= 1 << dice.below(8);
        }
        let Some(answer) = self.send(&command, dice.below(20) == 0) else { return };
        if answer != [0x90, 0x00] {
            self.done.refused_scripts += 1;
            return;
        }
        assert!(!wrong && self.first.is_some(), "a script that the issuer did not make: {}", hex::encode(&command));
        match header {
            [_, 0xDA, ..] => {
                self.balance = balance;
                self.done.loaded += 1;
            }
            [_, 0x24, ..] => self.tries = 3,
            _ => {}
        }
    }

    fn verify(&mut self, dice: &mut Dice) {
        let right = dice.below(2) == 0;
        let command = [&[0x00, 0x20, 0x00, 0x80, 8][..], if right { &PIN } else { &OTHER_PIN }].concat();
        match self.send(&command, dice.below(10) == 0).as_deref() {
            Some([0x90, 0x00]) => {
                assert!(right && self.tries > 0);
                self.tries = 3;
            }
            Some([0x63, left]) => {
                assert!(!right);
                self.tries -= 1;
                self.done.wrong_pins += 1;
                assert_eq!(*left, 0xC0 | self.tries);
            }
            Some([0x69, 0x83]) => assert_eq!(self.tries, 0),
            _ => {}
        }
    }

    fn authenticate(&mut self, dice: &mut Dice) {
        let Some(seen) = self.first else { return };
        let mut data = self.issuer.answer(&seen, *b"00");
        if dice.below(2) == 0 {
            data[dice.below(8) as usize] ^= 0x01;
        }
        let command = [&[0x00, 0x82, 0, 0, 10][..], &data].concat();
        self.send(&command, false);
    }

    fn anything(&mut self, dice: &mut Dice) {
        let length = dice.below(16);
        let mut command = vec![0; length as usize];
        dice.0.fill_bytes(&mut command);
        if let [cla, ins, ..] = command.as_mut_slice() {
            *cla = [0x00, 0x80, 0x04, 0x84, *cla][dice.below(5) as usize];
            *ins = [0xA8, 0xAE, 0xDA, 0xDC, 0x20, 0x82, 0x84, 0x1E, *ins][dice.below(9) as usize];
        }
        // A transaction that began this way is not followed: its answers prove nothing.
        let answer = self.send(&command, dice.below(10) == 0);
        assert!(answer.is_none_or(|answer| answer.len() == 2 || command[1] != 0xAE));
    }

    fn play(&mut self, dice: &mut Dice) {
        match dice.below(16) {
            0..5 => self.begin(dice),
            5..10 => self.generate(dice),
            10..12 => self.script(dice),
            12 => self.verify(dice),
            13 => self.authenticate(dice),
            14 => self.anything(dice),
            _ => self.restart(),
        }
    }
}

#[test]
fn no_sequence_of_commands_leads_where_it_must_not() {
    let number = |name: &str, usual| std::env::var(name).map_or(usual, |value| value.parse().unwrap());
    let (sequences, seed) = (number("SEQUENCES", SEQUENCES), number("SEED", 1));
    let profile = Profile::load("pboc-ec").unwrap();
    let (image, keys) = (profile.image().unwrap(), profile.keys().unwrap().unwrap());
    let (image, keys) = (Image::parse(&image).unwrap(), CardKeys::parse(&keys).unwrap());
    let mut start = [0; 32];
    start[..4].copy_from_slice(&seed.to_be_bytes());
    let mut dice = Dice(TestRng::from_seed(RngAlgorithm::ChaCha, &start));
    let mut done = Done::default();
    for _ in 0..sequences {
        let mut world = World::new(image, keys);
        for _ in 0..1 + dice.below(12) {
            world.play(&mut dice);
        }
        world.check();
        let Done { commands, paid, online, declined, loaded, refused_scripts, wrong_pins, cuts } = world.done;
        done.commands += commands;
        done.paid += paid;
        done.online += online;
        done.declined += declined;
        done.loaded += loaded;
        done.refused_scripts += refused_scripts;
        done.wrong_pins += wrong_pins;
        done.cuts += cuts;
    }
    println!("figure: {sequences} sequences of commands: {done:?}");
    for (what, count) in [
        ("paid", done.paid),
        ("online", done.online),
        ("declined", done.declined),
        ("loaded", done.loaded),
        ("scripts refused", done.refused_scripts),
        ("wrong PINs", done.wrong_pins),
        ("power cuts", done.cuts),
    ] {
        assert!(count * 500 > u64::from(sequences), "hardly ever {what}: {count}");
    }
}
