//! Power cuts at every octet that an emulated card's record log programs, over whole operations.
//!
//! An operation is what a terminal sends; each command that changes something has its record in a log in a torn NOR flash. The
//! power is cut at every octet of every record, with the octet under the cut untouched, programmed, or half done. After the
//! restart the card must show the state before or the state after the command that was cut, in everything that can be seen
//! from outside; and every answer that was given must still hold.
//!
//! A cut in the compaction of a full log is one of them: the purchase that finds the log full makes room first.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use tapcard_card::{Card, CardKeys, Image, Key, MAX_OUT};
use tapcard_flow::log::model::{ModelError, NorModel};
use tapcard_flow::log::{LogError, RecordLog};
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::Sfi;
use tapcard_profiles::Profile;
use tapcard_tests::issuer::{Issuer, Seen};

const HALF: usize = 1024;
type Flash = NorModel<2, HALF>;

/// The owner's number for a record of the card.
const KIND: u8 = 1;
/// Bits of the octet under the cut that are not programmed yet, or already erased.
const TEARS: [u8; 5] = [0xFF, 0x00, 0x0F, 0xF0, 0x55];

const NAME: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01];
const WRONG_PIN: [u8; 8] = [0x26, 0x12, 0x34, 0x57, 0xFF, 0xFF, 0xFF, 0xFF];
/// 20.00 in the card's own currency.
const AMOUNT: [u8; 6] = [0, 0, 0, 0, 0x20, 0];

/// The octets that a record takes in a flash with words of four octets: header, then record and checksum.
const fn slot(length: usize) -> usize {
    12 + (length + 4).next_multiple_of(4)
}

/// Octets that a compaction programs and erases besides the records: header, the old half, the mark.
const COMPACTION: usize = 16 + HALF + 4;

struct Personal {
    image: Vec<u8>,
    keys: Vec<u8>,
}

impl Personal {
    fn of(profile: &str) -> Self {
        let profile = Profile::load(profile).unwrap();
        Self { image: profile.image().unwrap(), keys: profile.keys().unwrap().unwrap().to_vec() }
    }

    fn keys(&self) -> CardKeys<'_> {
        CardKeys::parse(&self.keys).unwrap()
    }
}

/// A card and what its owner keeps for it.
struct Owner<'a> {
    card: Card<'a>,
    log: RecordLog<Flash>,
}

impl<'a> Owner<'a> {
    fn power_on(personal: &'a Personal, flash: Flash) -> Self {
        let image = Image::parse(&personal.image).unwrap();
        let mut card = Card::new(image).with_keys(personal.keys()).with_seed([3; 32]);
        let mut log = RecordLog::open(flash).unwrap();
        log.scan(|kind, _, record| {
            assert_eq!(kind, KIND);
            card.restore(record).unwrap();
        })
        .unwrap();
        card.step(0, Input::Start, &mut [0; MAX_OUT]);
        Self { card, log }
    }

    /// The answer; nothing when the power goes before it.
    fn send(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let mut out = [0; MAX_OUT];
        let mut action = self.card.step(0, Input::Received(command), &mut out);
        if let Action::Persist(length) = action {
            self.keep(&out[..length])?;
            action = self.card.step(0, Input::Persisted, &mut out);
        }
        let Action::Transmit(length) = action else { panic!("{action:?}") };
        Some(out[..length].to_vec())
    }

    fn keep(&mut self, record: &[u8]) -> Option<()> {
        let result = match self.log.append(KIND, record) {
            Err(LogError::Full { .. }) => {
                let card = &self.card;
                let compacted = self.log.compact(|_, _, record| card.is_current(record));
                compacted.and_then(|()| self.log.append(KIND, record))
            }
            result => result,
        };
        match result {
            Ok(()) => Some(()),
            Err(LogError::Flash(ModelError::NoPower)) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Everything that can be seen from outside; the card is as before afterwards.
    fn seen(&self) -> State {
        let mut looked = Looked { card: self.card.clone(), seen: Vec::new() };
        let image = self.card.image();
        for application in image.applications() {
            looked.send(&select(application.name()));
            for entry in image.entries().filter(|entry| entry.application == application.number()) {
                if let Key::Data(tag) = entry.key {
                    let [.., high, low] = tag.get().to_be_bytes();
                    looked.send(&get_data([high, low]));
                }
            }
            for sfi in (1..=30).filter_map(Sfi::new) {
                let read = |number| [0x00, 0xB2, number, sfi.get() << 3 | 4, 0];
                // No file has more records than this.
                (1..=12).take_while(|number| looked.send(&read(*number)).ends_with(&[0x90, 0x00])).count();
            }
            // What only the next transaction shows: counters and flags stand in the CVR of its cryptogram.
            if application.name() == NAME {
                looked.send(&options(false));
                looked.send(&generate_ac(0x80, &[]));
            }
        }
        looked.seen
    }
}

/// What can be seen of a card: commands with their answers.
type State = Vec<(Vec<u8>, Vec<u8>)>;

/// A copy of a card that is looked at; what it tells to be kept is kept nowhere.
struct Looked<'a> {
    card: Card<'a>,
    seen: State,
}

impl Looked<'_> {
    fn send(&mut self, command: &[u8]) -> Vec<u8> {
        let mut out = [0; MAX_OUT];
        let mut action = self.card.step(0, Input::Received(command), &mut out);
        if let Action::Persist(_) = action {
            action = self.card.step(0, Input::Persisted, &mut out);
        }
        let Action::Transmit(length) = action else { panic!("{action:?}") };
        let answer = out[..length].to_vec();
        self.seen.push((command.to_vec(), answer.clone()));
        answer
    }
}

fn command(header: [u8; 4], data: &[u8], le: bool) -> Vec<u8> {
    let length = u8::try_from(data.len()).unwrap();
    [&header[..], &[length], data, if le { &[0] } else { &[] }].concat()
}

fn select(name: &[u8]) -> Vec<u8> {
    command([0x00, 0xA4, 0x04, 0x00], name, true)
}

fn get_data([high, low]: [u8; 2]) -> Vec<u8> {
    vec![0x80, 0xCA, high, low, 0]
}

/// GET PROCESSING OPTIONS with the PDOL of `pboc-ec`: electronic cash or not, amount, currency.
fn options(cash: bool) -> Vec<u8> {
    let data = [&[0x83, 9, u8::from(cash)][..], &AMOUNT, &[0x01, 0x56]].concat();
    command([0x80, 0xA8, 0, 0], &data, true)
}

/// GENERATE AC with CDOL1; with an authorisation response code, with CDOL2.
fn generate_ac(asked: u8, arc: &[u8]) -> Vec<u8> {
    let transaction = [0x01, 0x56, 0x26, 0x11, 0x21, 0x00, 0x12, 0x34, 0x56, 0x78, 0x10, 0x11, 0x12];
    let told = [&AMOUNT[..], &[0; 6], &[0x01, 0x56], &[0; 5], &transaction].concat();
    let data = if arc.is_empty() { [&told[..], &[b' '; 20]].concat() } else { [arc, &told].concat() };
    command([0x80, 0xAE, asked, 0], &data, true)
}

/// An operation as it goes without a cut.
#[derive(Default)]
struct Operation {
    /// Commands with their answers.
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
    /// Octets that each record takes in the flash, with the compaction that it needs.
    writes: Vec<usize>,
    /// What can be seen before the first record, and after each one.
    states: Vec<State>,
    /// How many records stand behind each answer.
    records_by: Vec<usize>,
}

/// Plays an operation without a cut, so that it can be replayed with one.
struct Rehearsal<'a> {
    owner: Owner<'a>,
    operation: Operation,
}

impl<'a> Rehearsal<'a> {
    fn new(personal: &'a Personal, before: &Flash) -> Self {
        let mut flash = before.clone();
        flash.power_on();
        let owner = Owner::power_on(personal, flash);
        let states = vec![owner.seen()];
        Self { owner, operation: Operation { states, ..Operation::default() } }
    }

    /// The data of an answer with 9000.
    #[track_caller]
    fn say(&mut self, command: Vec<u8>) -> Vec<u8> {
        let mut answer = self.say_anything(command);
        assert_eq!(answer.split_off(answer.len() - 2), [0x90, 0x00]);
        answer
    }

    fn say_anything(&mut self, command: Vec<u8>) -> Vec<u8> {
        let (before, mut current) = self.records();
        let answer = self.owner.send(&command).unwrap();
        let (after, _) = self.records();
        if after.len() != before.len() || after.last() != before.last() {
            let (_, last) = after.last().unwrap();
            let mut octets = slot(last.len());
            if after.first() != before.first() {
                current.retain(|(_, is_current)| *is_current);
                octets += COMPACTION + current.iter().map(|(length, _)| slot(*length)).sum::<usize>();
            }
            self.operation.writes.push(octets);
            let seen = self.owner.seen();
            assert_ne!(self.operation.states.last(), Some(&seen), "a record that nobody sees");
            self.operation.states.push(seen);
        }
        self.operation.records_by.push(self.operation.writes.len());
        self.operation.exchanges.push((command, answer.clone()));
        answer
    }

    /// All records with their sequence numbers; their lengths, and whether a compaction keeps them.
    #[expect(clippy::type_complexity, reason = "two lists for one caller")]
    fn records(&mut self) -> (Vec<(u32, Vec<u8>)>, Vec<(usize, bool)>) {
        let mut records = Vec::new();
        self.owner.log.scan(|_, seq, record| records.push((seq, record.to_vec()))).unwrap();
        let current = records.iter().map(|(_, record)| (record.len(), self.owner.card.is_current(record))).collect();
        (records, current)
    }

    /// Replays the operation with a cut at every octet and says how many there were. `before` is the flash that the rehearsal
    /// began with.
    fn cut_everywhere(self, what: &str, personal: &Personal, before: &Flash) -> String {
        let operation = self.operation;
        let octets: usize = operation.writes.iter().sum();
        let (mut cuts, mut ended_new) = (0, 0);
        for tear in TEARS {
            for at in 0..=octets {
                let mut flash = before.clone();
                flash.cut_after(at, tear);
                let mut owner = Owner::power_on(personal, flash);
                let given = operation.exchanges.iter().take_while(|(command, expected)| {
                    let answer = owner.send(command);
                    assert!(answer.is_none() || answer.as_ref() == Some(expected), "the same answer, or none");
                    answer.is_some()
                });
                let given = given.count();
                let mut flash = owner.log.release();
                assert_eq!(flash.is_off(), at < octets);
                cuts += usize::from(flash.is_off());
                flash.power_on();
                // So many records are behind answers; the one that was cut may be there or not.
                let kept = given.checked_sub(1).map_or(0, |last| operation.records_by[last]);
                let found = Owner::power_on(personal, flash).seen();
                let is_old = found == operation.states[kept];
                let is_new = operation.states.get(kept + 1).is_some_and(|new| found == *new);
                assert!(is_old || is_new, "{what}: cut at {at}, tear {tear:02X}: neither the old nor the new state");
                ended_new += usize::from(is_new);
            }
        }
        assert_eq!(cuts, octets * TEARS.len());
        assert!((1..cuts).contains(&ended_new), "some cuts come after the last bit, most before");
        format!(
            "figure: {what}: {cuts} cut points = {} writes with {:?} octets x {} ways to tear one; {ended_new} kept the record",
            operation.writes.len(),
            operation.writes,
            TEARS.len(),
        )
    }

    /// The value of an object before and after the operation.
    fn object(&self, tag: [u8; 2]) -> [String; 2] {
        let value = |state: &State| {
            let (_, answer) = state.iter().find(|(command, _)| *command == get_data(tag)).unwrap();
            hex::encode(&answer[3..answer.len() - 2])
        };
        [value(self.operation.states.first().unwrap()), value(self.operation.states.last().unwrap())]
    }

    fn seen(&self, answer: &[u8]) -> Seen {
        Seen::read(&[answer, &[0x90, 0x00]].concat()).unwrap().0
    }

    fn purchase(&mut self) {
        self.say(select(NAME));
        self.say(options(true));
        let answer = self.say(generate_ac(0x40, &[]));
        assert_eq!(self.seen(&answer).cid, 0x40, "approved offline");
    }
}

/// A flash with a life behind it: a purchase, and a record that was torn.
fn lived(personal: &Personal) -> Flash {
    let mut rehearsal = Rehearsal::new(personal, &Flash::new());
    rehearsal.purchase();
    let mut flash = rehearsal.owner.log.release();
    flash.cut_after(31, 0x0F);
    let mut owner = Owner::power_on(personal, flash);
    owner.send(&select(NAME)).unwrap();
    assert_eq!(owner.send(&options(true)), None);
    let mut flash = owner.log.release();
    flash.power_on();
    flash
}

#[test]
fn a_purchase_is_paid_for_or_not() {
    let personal = Personal::of("pboc-ec");
    let before = lived(&personal);
    let mut rehearsal = Rehearsal::new(&personal, &before);
    rehearsal.purchase();
    assert_eq!(rehearsal.object([0x9F, 0x79]), ["000000010345", "000000008345"]);
    assert_eq!(rehearsal.object([0x9F, 0x36]), ["000b", "000c"]);
    println!("{}", rehearsal.cut_everywhere("a purchase", &personal, &before));
}

#[test]
fn a_purchase_that_finds_the_log_full_is_paid_for_or_not() {
    let personal = Personal::of("pboc-ec");
    let mut before = lived(&personal);
    // Select and begin: one record each time, until not even two more have room.
    loop {
        let mut owner = Owner::power_on(&personal, before);
        let room = owner.log.room().unwrap();
        if room.is_none_or(|room| room < 60) {
            before = owner.log.release();
            break;
        }
        owner.send(&select(NAME)).unwrap();
        owner.send(&options(false)).unwrap();
        before = owner.log.release();
    }
    before.power_on();
    let mut rehearsal = Rehearsal::new(&personal, &before);
    rehearsal.purchase();
    assert_eq!(rehearsal.object([0x9F, 0x79]), ["000000010345", "000000008345"]);
    assert!(rehearsal.operation.writes.iter().any(|octets| *octets > HALF), "it was compacted");
    println!("{}", rehearsal.cut_everywhere("a purchase with a compaction", &personal, &before));
}

#[test]
fn a_load_script_counts_or_not() {
    let personal = Personal::of("pboc-ec");
    let before = lived(&personal);
    let issuer = Issuer::new(personal.keys(), NAME);
    let mut rehearsal = Rehearsal::new(&personal, &before);
    rehearsal.say(select(NAME));
    rehearsal.say(options(false));
    let answer = rehearsal.say(generate_ac(0x80, &[]));
    let seen = rehearsal.seen(&answer);
    assert_eq!(seen.cid, 0x80, "to be decided online");
    rehearsal.say(command([0x00, 0x82, 0, 0], &issuer.answer(&seen, *b"00"), false));
    rehearsal.say(issuer.script(&seen, [0x04, 0xDA, 0x9F, 0x79], &[0, 0, 0, 0x05, 0, 0]));
    rehearsal.say(generate_ac(0x40, b"00"));
    assert_eq!(rehearsal.object([0x9F, 0x79]), ["000000010345", "000000050000"]);
    assert_eq!(rehearsal.object([0x9F, 0x13]), ["0008", "000c"]);
    println!("{}", rehearsal.cut_everywhere("a load script", &personal, &before));
}

#[test]
fn a_wrong_pin_that_was_answered_has_cost_a_try() {
    let personal = Personal::of("pboc-ec");
    let before = lived(&personal);
    let mut rehearsal = Rehearsal::new(&personal, &before);
    rehearsal.say(select(NAME));
    rehearsal.say(options(false));
    let verify = command([0x00, 0x20, 0x00, 0x80], &WRONG_PIN, false);
    assert_eq!(rehearsal.say_anything(verify), [0x63, 0xC2]);
    assert_eq!(rehearsal.object([0x9F, 0x17]), ["03", "02"]);
    println!("{}", rehearsal.cut_everywhere("a PIN failure", &personal, &before));
}
