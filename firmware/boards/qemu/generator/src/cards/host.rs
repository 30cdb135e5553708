//! The card on the host: plays commands and writes down what happened, for the board to do again.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use tapcard_card::{Card, CardKeys, Image, Interface, MAX_OUT};
use tapcard_flow::{Action, Input, Machine};

/// The place that stands for no record.
const NONE: usize = 0xFFFF;

/// Octet strings, each kept once: the board's flash is small and most answers come often.
#[derive(Default)]
pub(crate) struct Strings {
    pub(crate) all: Vec<Vec<u8>>,
    places: BTreeMap<Vec<u8>, usize>,
}

impl Strings {
    fn place(&mut self, octets: &[u8]) -> usize {
        if let Some(place) = self.places.get(octets) {
            return *place;
        }
        self.all.push(octets.to_vec());
        self.places.insert(octets.to_vec(), self.all.len() - 1);
        self.all.len() - 1
    }
}

/// A card whose owner keeps its records, and Rust expressions of type `Event` for everything that was done with it.
pub(crate) struct Host<'a> {
    pub(crate) image: Image<'a>,
    pub(crate) keys: CardKeys<'a>,
    card: Card<'a>,
    interface: Interface,
    kept: Vec<Vec<u8>>,
    power_ups: u8,
    pub(crate) events: Vec<String>,
    /// APDUs so far, answered and cut.
    pub(crate) apdus: usize,
    strings: &'a mut Strings,
}

impl<'a> Host<'a> {
    pub(crate) fn new(image: Image<'a>, keys: CardKeys<'a>, strings: &'a mut Strings) -> Self {
        let (kept, events, interface) = (Vec::new(), Vec::new(), Interface::Contact);
        Self { image, keys, card: Card::new(image), interface, kept, power_ups: 0, events, apdus: 0, strings }
    }

    /// Another card, as it was personalised.
    pub(crate) fn fresh(&mut self, interface: Interface) -> Result<()> {
        self.kept.clear();
        self.interface = interface;
        self.power_on()?;
        self.events.push(format!("Event::Fresh {{ contactless: {} }}", interface == Interface::Contactless));
        Ok(())
    }

    /// Power off and on: the records are all that is left.
    pub(crate) fn power_cut(&mut self) -> Result<()> {
        self.power_on()?;
        self.events.push(String::from("Event::PowerCut"));
        Ok(())
    }

    pub(crate) fn reset(&mut self) {
        self.card.step(0, Input::Start, &mut [0; MAX_OUT]);
        self.events.push(String::from("Event::Reset"));
    }

    fn power_on(&mut self) -> Result<()> {
        self.power_ups = self.power_ups.wrapping_add(1);
        let card = Card::new(self.image).with_keys(self.keys).with_seed([self.power_ups; 32]);
        self.card = card.with_interface(self.interface);
        self.kept.iter().try_for_each(|record| self.card.restore(record))?;
        self.card.step(0, Input::Start, &mut [0; MAX_OUT]);
        Ok(())
    }

    /// The answer.
    pub(crate) fn send(&mut self, command: &[u8]) -> Result<Vec<u8>> {
        let mut out = [0; MAX_OUT];
        let mut action = self.card.step(0, Input::Received(command), &mut out);
        let mut record = NONE;
        if let Action::Persist(length) = action {
            self.kept.push(out[..length].to_vec());
            record = self.strings.place(&out[..length]);
            action = self.card.step(0, Input::Persisted, &mut out);
        }
        let Action::Transmit(length) = action else { bail!("{action:?}") };
        let (command, answer) = (self.strings.place(command), self.strings.place(&out[..length]));
        self.apdus += 1;
        self.events.push(format!("Event::Apdu {{ command: {command}, record: {record}, answer: {answer} }}"));
        Ok(out[..length].to_vec())
    }

    /// The power goes before the record of this command is kept; a command without one is answered.
    pub(crate) fn send_and_cut(&mut self, command: &[u8]) -> Result<()> {
        let mut out = [0; MAX_OUT];
        let Action::Persist(length) = self.card.clone().step(0, Input::Received(command), &mut out) else {
            return self.send(command).map(drop);
        };
        self.apdus += 1;
        let (command, record) = (self.strings.place(command), self.strings.place(&out[..length]));
        self.events.push(format!("Event::Lost {{ command: {command}, record: {record} }}"));
        self.power_cut()
    }
}
