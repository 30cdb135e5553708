//! A card, a cardholder and a host for the contact kernel, and the order in which everything happened.

#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "shared by tests that use parts of it")]

use std::collections::HashMap;

use tapcard_emv::bits::TerminalType;
use tapcard_emv::{Aid, Amount};
use tapcard_flow::{Action, Input, Machine};
use tapcard_terminal::contact::{
    ActionCodes, Application, Contact, Decision, MIN_OUTPUT, Outcome, Phase, Question, Record, Terminal, Transaction,
};
use tapcard_terminal::limits::MAX_PAYMENT_COMMANDS;

pub(crate) const AID: &str = "A0000000031010";

/// One thing that the kernel wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Sent(String),
    Kept(Phase),
    Asked(Question),
    Online,
}

/// Answers of the other sides.
pub(crate) struct World {
    /// By the whole command, else by its first two octets, in order; the last answer repeats.
    pub(crate) card: HashMap<String, Vec<String>>,
    /// What the cardholder enters, the last one again and again; `cancel` ends it.
    pub(crate) pins: Vec<&'static str>,
    /// `None`: the host does not answer.
    pub(crate) host: Option<String>,
    /// The command before whose answer the card is pulled out, or `host`.
    pub(crate) pull_at: Option<&'static str>,
    /// What was kept.
    pub(crate) records: Vec<Vec<u8>>,
    pub(crate) events: Vec<Event>,
}

/// CVM list, AIP, answers to both GENERATE AC: a card that does what a test needs.
pub(crate) fn world(aip: &str, cvm_list: &str, first_ac: &str, second_ac: &str) -> World {
    let record = format!(
        "5A0847617390010101195F24033112318C0595059F37048D068A0295059B028E{:02X}{cvm_list}9F0D0500000000009F0E0500000000009F0F050000000000\
         57134761739001010119D31122010000000000000F",
        cvm_list.len() / 2
    );
    let card = [
        ("00A404000E315041592E5359532E444446303100", vec!["6A82".to_owned()]),
        ("00A4", vec!["6F118407A0000000031010A5065004544553549000".to_owned()]),
        ("80A8", vec![format!("8006{aip}080101009000")]),
        ("00B2", vec![format!("7081{:02X}{record}9000", record.len() / 2)]),
        ("80CA9F1700", vec!["6A88".to_owned()]),
        ("80AE", vec![answer(first_ac), answer(second_ac)]),
        ("0082", vec!["9000".to_owned()]),
        ("0020", vec!["9000".to_owned()]),
    ];
    World {
        card: card.into_iter().map(|(command, answers)| (command.to_owned(), answers)).collect(),
        pins: Vec::new(),
        host: None,
        pull_at: None,
        records: Vec::new(),
        events: Vec::new(),
    }
}

fn answer(cid: &str) -> String {
    if cid.len() == 2 { format!("800B{cid}003211223344556677889000") } else { cid.to_owned() }
}

impl World {
    pub(crate) fn set(&mut self, command: &str, answers: &[&str]) {
        self.card.insert(command.to_owned(), answers.iter().map(|answer| (*answer).to_owned()).collect());
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let command = hex::encode_upper(command);
        self.events.push(Event::Sent(command.clone()));
        let key = if self.card.contains_key(&command) { command } else { command[..4].to_owned() };
        let answers = self.card.entry(key).or_insert_with(|| vec!["6D00".to_owned()]);
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        hex::decode(answer).unwrap()
    }

    /// The commands that were sent, by their first two octets.
    pub(crate) fn order(&self) -> Vec<String> {
        let shown = |event: &Event| match event {
            Event::Sent(command) => command[..4].to_owned(),
            Event::Kept(phase) => format!("{phase:?}"),
            Event::Asked(_) => "?".to_owned(),
            Event::Online => "host".to_owned(),
        };
        self.events.iter().map(shown).collect()
    }

    /// The same behind the reading of the card.
    pub(crate) fn after_reading(&self) -> Vec<String> {
        let order = self.order();
        let last = order.iter().rposition(|step| step == "00B2").unwrap();
        order[last + 1..].to_vec()
    }

    pub(crate) fn asked(&self) -> Vec<Question> {
        self.events.iter().filter_map(|event| if let Event::Asked(it) = event { Some(*it) } else { None }).collect()
    }
}

/// An application that leaves every decision to the card's codes.
pub(crate) fn application() -> Application<'static> {
    Application {
        aid: Aid::new(&hex::decode(AID).unwrap()).unwrap(),
        partial_selection: true,
        version: [0x00, 0x96],
        floor_limit: Amount::new(10_000),
        tac: ActionCodes::default(),
        default_ddol: Some(&[0x9F, 0x37, 0x04]),
        default_tdol: None,
        random_selection: None,
    }
}

pub(crate) fn terminal<'t>(kind: u8, applications: &'t [Application<'t>]) -> Terminal<'t> {
    Terminal { applications, ..Terminal::new(TerminalType::new(kind).unwrap(), [0x08, 0x40]) }
}

pub(crate) fn purchase() -> Transaction<'static> {
    Transaction::purchase(Amount::new(1_000), [0x08, 0x40], [0x26, 0x06, 0x15], [1, 2, 3, 4])
}

/// Runs a purchase to its end.
pub(crate) fn pay(world: &mut World, kind: u8) -> (Outcome, [u8; 5], [u8; 2]) {
    let applications = [application()];
    pay_at(world, &terminal(kind, &applications), &purchase())
}

pub(crate) fn pay_at(
    world: &mut World,
    terminal: &Terminal<'_>,
    transaction: &Transaction<'_>,
) -> (Outcome, [u8; 5], [u8; 2]) {
    let mut room = [0; 4096];
    let mut kernel = Contact::new(terminal, transaction, &mut room).unwrap();
    let mut out = [0; MIN_OUTPUT];
    let mut action = kernel.step(0, Input::Start, &mut out);
    loop {
        action = match action {
            Action::Transmit(length) => {
                let command = out[..length].to_vec();
                assert!((4..=261).contains(&length), "a command of {length} octets");
                let answer = world.transmit(&command);
                assert!(world.events.len() < 4 * usize::from(MAX_PAYMENT_COMMANDS));
                let pulled = world.pull_at.is_some_and(|at| hex::encode_upper(&command).starts_with(at));
                let input = if pulled { Input::CardLost } else { Input::Received(&answer) };
                kernel.step(0, input, &mut out)
            }
            Action::Persist(length) => {
                let record = Record::parse(&out[..length]).unwrap();
                world.events.push(Event::Kept(record.phase));
                world.records.push(out[..length].to_vec());
                kernel.step(0, Input::Persisted, &mut out)
            }
            Action::GoOnline(_) => {
                world.events.push(Event::Online);
                let answer = world.host.clone().map(|answer| hex::decode(answer).unwrap());
                match &answer {
                    _ if world.pull_at == Some("host") => kernel.step(0, Input::CardLost, &mut out),
                    Some(answer) => kernel.step(0, Input::Host(answer), &mut out),
                    None => kernel.step(0, Input::Timeout, &mut out),
                }
            }
            Action::Ask(question) => {
                world.events.push(Event::Asked(question));
                let pin =
                    if world.pins.len() > 1 { world.pins.remove(0) } else { world.pins.first().copied().unwrap_or("") };
                match pin {
                    "cancel" => kernel.step(0, Input::Timeout, &mut out),
                    digits => kernel.step(0, Input::Cardholder(digits.as_bytes()), &mut out),
                }
            }
            Action::Report(_) => kernel.step(0, Input::Noted, &mut out),
            Action::Done(outcome) => return (outcome, kernel.tvr().octets(), kernel.tsi().octets()),
            other => panic!("a payment does not {other:?}"),
        };
    }
}

pub(crate) fn decision(world: &mut World, kind: u8) -> Decision {
    pay(world, kind).0.decision
}
