//! A recorded session that answers as a card.
//!
//! The rules stand in `docs` of the command line and are kept in this order: the next exchange when its command fits, any
//! exchange with an equal command, the next exchange of the same kind where the data came from the terminal, and at last
//! the status word that a card without the object gives.

use std::path::Path;

use tapcard_iso7816::{Command, Ins, Protocol};

use crate::card::{Card, CardInfo, Interface};
use crate::error::TransportError;
use crate::transcript::Transcript;

/// GET RESPONSE as some recordings have it, with the nibbles of INS swapped.
const GET_RESPONSE_SWAPPED: u8 = 0x0C;

/// A transcript as a card.
pub struct Replay {
    info: CardInfo,
    transcript: Transcript,
    used: Vec<bool>,
    /// The exchange behind the one that was answered last.
    next: usize,
    lost: bool,
}

impl Replay {
    /// Opens the transcript called `name` of a file; without a name the only one.
    ///
    /// # Errors
    /// See [`Transcript::load`].
    pub fn open(file: &Path, name: Option<&str>) -> Result<Self, TransportError> {
        let reader = match name {
            Some(name) => format!("replay:{}#{name}", file.display()),
            None => format!("replay:{}", file.display()),
        };
        Ok(Self::new(Transcript::load(file, name)?, reader))
    }

    /// A card that answers from `transcript`; `reader` is the name that its [`CardInfo`] gives.
    #[must_use]
    pub fn new(transcript: Transcript, reader: String) -> Self {
        let atr = transcript.atr.clone();
        let interface = atr.as_deref().map_or(Interface::Contact, Interface::of_atr);
        let used = vec![false; transcript.exchanges.len()];
        Self { info: CardInfo { reader, interface, atr, uid: None }, transcript, used, next: 0, lost: false }
    }

    /// The application that was selected when the recording began, for recordings that start after SELECT.
    #[must_use]
    pub fn selected(&self) -> Option<&str> {
        self.transcript.selected.as_deref()
    }

    /// How many exchanges have not been asked for.
    #[must_use]
    pub fn unused(&self) -> usize {
        self.used.iter().filter(|used| !**used).count()
    }

    /// The exchange that answers `command`.
    fn look_up(&self, command: &[u8]) -> Option<usize> {
        self.next_if_it_fits(command)
            .or_else(|| self.find(|recorded| same_command(recorded, command)))
            .or_else(|| self.same_kind(command))
            .or_else(|| self.repeated())
    }

    fn next_if_it_fits(&self, command: &[u8]) -> Option<usize> {
        let recorded = self.recorded(self.next)?;
        let fits = (recorded.is_empty() && self.transcript.wildcard_empty_c) || same_command(recorded, command);
        (fits && !self.is_used(self.next)).then_some(self.next)
    }

    /// The first exchange that fits and was not used, else the first that fits.
    fn find(&self, fits: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let mut fitting = (0..self.used.len()).filter(|&index| self.recorded(index).is_some_and(&fits));
        let first = fitting.clone().next();
        fitting.find(|&index| !self.is_used(index)).or(first)
    }

    fn same_kind(&self, command: &[u8]) -> Option<usize> {
        let head = terminal_data_head(command)?;
        let fits = |index: &usize| self.recorded(*index).and_then(terminal_data_head) == Some(head);
        (self.next..self.used.len()).find(fits).or_else(|| self.find(|other| terminal_data_head(other) == Some(head)))
    }

    fn repeated(&self) -> Option<usize> {
        let last = self.used.len().checked_sub(1)?;
        (self.transcript.repeat_last && self.is_used(last)).then_some(last)
    }

    fn recorded(&self, index: usize) -> Option<&[u8]> {
        self.transcript.exchanges.get(index).map(|exchange| exchange.command.as_slice())
    }

    fn is_used(&self, index: usize) -> bool {
        self.used.get(index).copied().unwrap_or(true)
    }
}

impl Card for Replay {
    fn info(&self) -> &CardInfo {
        &self.info
    }

    /// What the recording says; else T=1, where a command goes out as it is and no recording loses an answer.
    fn protocol(&self) -> Protocol {
        self.transcript.protocol.unwrap_or(Protocol::T1)
    }

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        if self.lost {
            return Err(TransportError::CardRemoved);
        }
        let default = default_answer(command);
        let recorded = match self.look_up(command) {
            Some(index) => {
                if let Some(used) = self.used.get_mut(index) {
                    *used = true;
                }
                self.next = index + 1;
                self.transcript.exchanges.get(index).and_then(|exchange| exchange.answer.as_deref())
            }
            None => Some(&default[..]),
        };
        let Some(recorded) = recorded else {
            self.lost = true;
            return Err(TransportError::CardRemoved);
        };
        let capacity = answer.len();
        let room = answer.get_mut(..recorded.len()).ok_or(TransportError::AnswerTooLong { capacity })?;
        room.copy_from_slice(recorded);
        Ok(recorded.len())
    }
}

/// Whether two C-APDUs are the same but for Le.
fn same_command(a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    match (Command::parse(a), Command::parse(b)) {
        (Ok(a), Ok(b)) => (a.cla(), ins(&a), a.p1(), a.p2(), a.data()) == (b.cla(), ins(&b), b.p1(), b.p2(), b.data()),
        _ => false,
    }
}

fn ins(command: &Command<'_>) -> u8 {
    match u8::from(command.ins()) {
        GET_RESPONSE_SWAPPED => u8::from(Ins::GetResponse),
        ins => ins,
    }
}

/// CLA INS P1 of the commands whose data come from the terminal, so that no recording can hold them: GET PROCESSING OPTIONS,
/// GENERATE AC, INTERNAL AUTHENTICATE, COMPUTE CRYPTOGRAPHIC CHECKSUM, GET CHALLENGE, INITIALIZE FOR ... of the purses.
fn terminal_data_head(command: &[u8]) -> Option<(u8, u8, u8)> {
    let [cla, ins, p1, ..] = *command else { return None };
    let from_terminal = matches!((cla & 0xF0, ins), (0x80, 0xA8 | 0xAE | 0x2A | 0x50) | (0x00, 0x88 | 0x84));
    from_terminal.then_some((cla, ins, p1))
}

/// What a card says that does not have the object.
fn default_answer(command: &[u8]) -> [u8; 2] {
    match command {
        [_, 0xA4, ..] => [0x6A, 0x82],
        [_, 0xB2, ..] => [0x6A, 0x83],
        [_, 0xCA, ..] => [0x6A, 0x88],
        _ => [0x6D, 0x00],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Exchange;

    fn card(exchanges: &[(&str, &str)]) -> Replay {
        let exchanges = exchanges.iter().map(|(c, r)| Exchange {
            command: hex::decode(c).unwrap(),
            answer: (!r.is_empty()).then(|| hex::decode(r).unwrap()),
        });
        Replay::new(Transcript { exchanges: exchanges.collect(), ..Transcript::default() }, "replay:test".into())
    }

    fn ask(card: &mut Replay, command: &str) -> String {
        let mut answer = [0; 300];
        let length = card.transmit(&hex::decode(command).unwrap(), &mut answer).unwrap();
        hex::encode_upper(&answer[..length])
    }

    #[test]
    fn the_next_exchange_comes_before_an_earlier_equal_one() {
        let mut card = card(&[("80CA9F3600", "01019000"), ("80CA9F1700", "02029000"), ("80CA9F3600", "03039000")]);
        assert_eq!(ask(&mut card, "80CA9F1700"), "02029000");
        assert_eq!(ask(&mut card, "80CA9F3600"), "03039000");
        assert_eq!(ask(&mut card, "80CA9F3600"), "01019000");
        assert_eq!(ask(&mut card, "80CA9F3600"), "01019000", "a used one answers again");
        assert_eq!(card.unused(), 0);
    }

    #[test]
    fn le_does_not_matter() {
        let mut card = card(&[("80CA9F7909", "9F79060000000000019000")]);
        assert_eq!(ask(&mut card, "80CA9F7900"), "9F79060000000000019000");
        assert_eq!(ask(&mut card, "80CA9F79"), "9F79060000000000019000");
    }

    #[test]
    fn an_empty_command_stands_for_any_command_only_with_the_flag() {
        let mut plain = card(&[("", "67009000")]);
        assert_eq!(ask(&mut plain, "80CA9F3600"), "6A88");
        let mut wild = card(&[("", "6700")]);
        wild.transcript.wildcard_empty_c = true;
        assert_eq!(ask(&mut wild, "80CA9F3600"), "6700");
        assert_eq!(ask(&mut wild, "80CA9F3600"), "6A88");
    }

    #[test]
    fn terminal_data_may_differ() {
        let mut card = card(&[
            ("80A8000002830000", "80029000"),
            ("80AE80000401020304", "77019000"),
            ("80AE40000401020304", "77029000"),
        ]);
        assert_eq!(ask(&mut card, "80A80000048302FFFF00"), "80029000");
        assert_eq!(ask(&mut card, "80AE400004FFFFFFFF00"), "77029000");
        assert_eq!(ask(&mut card, "80AE800004FFFFFFFF00"), "77019000");
        assert_eq!(ask(&mut card, "80AE000004FFFFFFFF00"), "6D00");
    }

    #[test]
    fn what_was_not_recorded_gets_the_status_word_of_a_card_without_it() {
        let mut card = card(&[]);
        for (command, expected) in [
            ("00A4040002A000", "6A82"),
            ("00B2010C00", "6A83"),
            ("80CA9F3600", "6A88"),
            ("80500000", "6D00"),
            ("00", "6D00"),
            ("", "6D00"),
        ] {
            assert_eq!(ask(&mut card, command), expected, "{command}");
        }
    }

    #[test]
    fn the_last_answer_repeats_once_it_was_given() {
        let mut card = card(&[("00B2010C00", "6985"), ("00B2020C00", "6A81")]);
        card.transcript.repeat_last = true;
        assert_eq!(ask(&mut card, "80CA9F3600"), "6A88");
        assert_eq!(ask(&mut card, "00B2020C00"), "6A81");
        assert_eq!(ask(&mut card, "80CA9F3600"), "6A81");
        assert_eq!(ask(&mut card, "00A4040000"), "6A81");
    }

    #[test]
    fn get_response_is_found_in_either_coding() {
        let mut card = card(&[("00A4040005A00000000300", "6133"), ("000C000033", "6F009000")]);
        assert_eq!(ask(&mut card, "00A4040005A000000003"), "6133");
        assert_eq!(ask(&mut card, "00C0000033"), "6F009000");
    }

    #[test]
    fn an_exchange_without_answer_is_the_card_pulled_out() {
        let mut card = card(&[("80CA9F3600", ""), ("80CA9F1700", "9F1701039000")]);
        let mut answer = [0; 10];
        let command = [0x80, 0xCA, 0x9F, 0x36, 0x00];
        assert_eq!(card.transmit(&command, &mut answer), Err(TransportError::CardRemoved));
        let command = [0x80, 0xCA, 0x9F, 0x17, 0x00];
        assert_eq!(card.transmit(&command, &mut answer), Err(TransportError::CardRemoved), "it stays out");
    }

    #[test]
    fn an_answer_that_does_not_fit_is_an_error() {
        let mut card = card(&[("80CA9F1700", "9F1701039000")]);
        let error = card.transmit(&[0x80, 0xCA, 0x9F, 0x17, 0x00], &mut [0; 5]);
        assert_eq!(error, Err(TransportError::AnswerTooLong { capacity: 5 }));
    }
}
