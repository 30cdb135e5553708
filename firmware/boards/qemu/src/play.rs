//! Emulated cards do on the board what they did on the host: the same answers, the same records before them, octet for octet.

use cortex_m_semihosting::{heprintln, hprintln};
use tapcard_card::{Card, CardKeys, Image, Interface, MAX_OUT};
use tapcard_flow::{Action, Input, Machine};

use crate::case::{CARDS, Event, NO_RECORD, OCTETS, PlayedCard};
use crate::clock::Clock;
use crate::stack::{paint, painted_over};

/// P1 of GENERATE AC: with a signature (EMV 4.4 Book 3, table 12).
const SIGNED: u8 = 0x10;
/// An answer with a signature has more octets.
const SHORTEST_SIGNATURE: usize = 96;

/// What all cards together did.
#[derive(Default)]
struct Tally {
    apdus: usize,
    records: usize,
    recorded: usize,
    differ: usize,
    /// GENERATE AC without a signature.
    cryptograms: Cost,
    /// Commands that the private key works for.
    signatures: Cost,
    /// All other commands.
    others: Cost,
}

/// What commands that were answered with 9000 took.
#[derive(Default)]
struct Cost {
    count: u64,
    instructions: u64,
    most: u64,
    stack: usize,
}

impl Cost {
    fn add(&mut self, instructions: u64, stack: usize, is_done: bool) {
        self.stack = self.stack.max(stack);
        if is_done {
            self.count += 1;
            self.instructions += instructions;
            self.most = self.most.max(instructions);
        }
    }

    fn print(&self, what: &str) {
        let mean = self.instructions.checked_div(self.count).unwrap_or_default();
        hprintln!("{}: {} answered {} instructions {} most {} stack", what, self.count, mean, self.most, self.stack);
    }
}

/// Prints the figures; whether everything was equal.
pub(crate) fn all(clock: &mut Clock) -> bool {
    let mut tally = Tally::default();
    for played in CARDS {
        let before = (tally.apdus, tally.differ);
        let (Ok(image), Ok(keys)) =
            (Image::parse(played.image), played.keys.map_or(Ok(CardKeys::NONE), CardKeys::parse))
        else {
            heprintln!("FAILED {}: image or keys", played.name);
            return false;
        };
        Owner { played, image, keys, card: Card::new(image), interface: Interface::Contact, power_ups: 0 }
            .play(clock, &mut tally);
        let (apdus, differ) = (tally.apdus - before.0, tally.differ - before.1);
        tally.recorded += played.recorded;
        hprintln!("card: {} {} apdus {} differ", played.name, apdus, differ);
    }
    let Tally { apdus, records, recorded, differ, cryptograms, signatures, others } = tally;
    hprintln!("cards: {} apdus {} recorded {} records {} differ", apdus, recorded, records, differ);
    cryptograms.print("generate ac");
    signatures.print("card signing");
    let (state, stack) = (size_of::<Card<'_>>(), cryptograms.stack.max(others.stack));
    hprintln!("card ram: {} state {} buffer {} stack", state, MAX_OUT, stack);
    differ == 0 && cryptograms.count > 0 && signatures.count > 0
}

/// Who plays one card and keeps its records.
struct Owner {
    played: &'static PlayedCard,
    image: Image<'static>,
    keys: CardKeys<'static>,
    card: Card<'static>,
    interface: Interface,
    power_ups: u8,
}

impl Owner {
    fn play(&mut self, clock: &mut Clock, tally: &mut Tally) {
        for (number, event) in self.played.events.iter().enumerate() {
            let equal = match *event {
                Event::Fresh { contactless } => {
                    self.interface = if contactless { Interface::Contactless } else { Interface::Contact };
                    self.power_on(&[])
                }
                Event::PowerCut => self.power_on(&self.played.events[..number]),
                Event::Reset => self.card.step(0, Input::Start, &mut [0; MAX_OUT]) == Action::Wait(u64::MAX),
                Event::Apdu { command, record, answer } => self.apdu([command, record, answer], clock, tally),
                Event::Lost { command, record } => {
                    tally.apdus += 1;
                    let mut out = [0; MAX_OUT];
                    let action = self.card.step(0, Input::Received(octets(command)), &mut out);
                    matches!(action, Action::Persist(length) if out.get(..length) == Some(octets(record)))
                }
            };
            if !equal {
                tally.differ += 1;
                heprintln!("FAILED {}: event {}", self.played.name, number);
            }
        }
    }

    /// With the records since the card was new: they were compared with those of the host, and so are these.
    fn power_on(&mut self, past: &'static [Event]) -> bool {
        self.power_ups = self.power_ups.wrapping_add(1);
        self.card = Card::new(self.image).with_keys(self.keys).with_seed([self.power_ups; 32]);
        self.card = self.card.clone().with_interface(self.interface);
        let fresh = past.iter().rposition(|event| matches!(event, Event::Fresh { .. })).unwrap_or_default();
        let restored = past[fresh..].iter().all(|event| match *event {
            Event::Apdu { record, .. } if record != NO_RECORD => self.card.restore(octets(record)).is_ok(),
            _ => true,
        });
        restored && self.card.step(0, Input::Start, &mut [0; MAX_OUT]) == Action::Wait(u64::MAX)
    }

    fn apdu(&mut self, places: [u16; 3], clock: &mut Clock, tally: &mut Tally) -> bool {
        let mut out = [0; MAX_OUT];
        let mut equal = false;
        paint();
        let instructions = clock.instructions(|| equal = exchange(&mut self.card, places, &mut out));
        let stack = painted_over();
        tally.apdus += 1;
        let [command, record, answer] = places.map(octets);
        tally.records += usize::from(!record.is_empty());
        let cost = match *command {
            [0x80, 0xAE, p1, ..] if p1 & SIGNED == 0 => &mut tally.cryptograms,
            [0x80, 0xAE, ..] | [0x00, 0x88, ..] | [0x00, 0x20, _, 0x88, ..] => &mut tally.signatures,
            _ => &mut tally.others,
        };
        // A card that declines was asked for a signature and gives none.
        let is_declined =
            matches!(*command, [0x80, 0xAE, p1, ..] if p1 & SIGNED != 0) && answer.len() < SHORTEST_SIGNATURE;
        cost.add(instructions, stack, answer.ends_with(&[0x90, 0x00]) && !is_declined);
        equal
    }
}

/// One command as an owner does it, and whether record and answer are those of the host.
#[inline(never)]
fn exchange(card: &mut Card<'_>, [command, record, answer]: [u16; 3], out: &mut [u8]) -> bool {
    let mut action = card.step(0, Input::Received(octets(command)), out);
    if record != NO_RECORD {
        let Action::Persist(length) = action else { return false };
        if out.get(..length) != Some(octets(record)) {
            return false;
        }
        action = card.step(0, Input::Persisted, out);
    }
    matches!(action, Action::Transmit(length) if out.get(..length) == Some(octets(answer)))
}

fn octets(place: u16) -> &'static [u8] {
    OCTETS.get(usize::from(place)).copied().unwrap_or_default()
}
