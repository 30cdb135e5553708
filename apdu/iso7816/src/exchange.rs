//! 61xx, 6Cxx, command chaining and the missing case 4 of T=0 as one machine, so that everything above sees whole answers.
//!
//! Defined in EMV 4.4 Book 1, 9.3.1 and Annex A; ISO/IEC 7816-3:2006, 12.2; ISO/IEC 7816-4:2005, 5.1.1.1 and 5.3.4.
//! Characters and blocks (procedure bytes `60`, Ins, R-blocks) are left to the reader, the bytes to the caller.
//!
//! A card cannot keep it busy: every GET RESPONSE must bring data, there are at most [`MAX_GET_RESPONSES`] of them, the data
//! must fit the caller's buffer, and 6Cxx is obeyed once for each command that was sent.

use crate::command::{Command, CommandError, Le, MAX_SHORT_DATA};
use crate::response::Response;
use crate::status::{Meaning, StatusWord};
use crate::tlv::CapacityError;

/// Bit 5 of Cla: more parts of the command follow (ISO/IEC 7816-4:2005, 5.1.1).
const MORE_PARTS: u8 = 0x10;

/// GET RESPONSEs for one command. Thirty-two bring 8 KiB when the card sends as much as it may each time; EMV needs one.
pub const MAX_GET_RESPONSES: u8 = 32;

/// How C-APDUs are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Protocol {
    /// T=0: a command carries data or expects data, never both.
    T0,
    /// T=1, and also ISO-DEP: C-APDUs go as they are.
    T1,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ExchangeAction {
    /// Send this many octets from the start of `wire` and tell the answer.
    Transmit(usize),
    /// The whole R-APDU is in `answer`, so many octets with SW1-SW2 last.
    Done(usize),
}

/// Why there is no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ExchangeError {
    /// An answer without SW1-SW2.
    #[error("an answer has at least 2 octets, this one has {len}")]
    AnswerTooShort {
        /// How many octets came.
        len: usize,
    },
    /// The card promises data (61xx) that GET RESPONSE does not bring, or refuses the Le (6Cxx) that it asked for.
    #[error("the card repeats {sw} without getting any further")]
    NoProgress {
        /// The answer that was one too many.
        sw: StatusWord,
    },
    /// The card has more data after [`MAX_GET_RESPONSES`].
    #[error("the answer does not end after {limit} parts")]
    Endless {
        /// The bound.
        limit: u8,
    },
    /// The data with SW1-SW2 do not fit `answer`.
    #[error("the answer is longer than {capacity} octets")]
    AnswerTooLong {
        /// The length of `answer`.
        capacity: usize,
    },
    /// `wire` is too short for what is to be sent.
    #[error("no room for the command: {0}")]
    Capacity(#[from] CapacityError),
    /// What is to be sent is not a C-APDU.
    #[error("not a command: {0}")]
    BadCommand(#[from] CommandError),
    /// An answer was told though nothing had been sent.
    #[error("an answer came without a command")]
    NothingSent,
}

/// What was sent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Nothing,
    /// The whole command.
    Command,
    /// One part of a chain; the next one begins at this octet of the data.
    Part {
        next: usize,
    },
    GetResponse,
}

/// The state of one command and its answer; all octets are in the caller's buffers.
///
/// ```
/// use tapcard_iso7816::{Exchange, ExchangeAction, Protocol};
///
/// let command = [0x00, 0xB2, 0x01, 0x0C, 0x00];
/// let (mut wire, mut answer) = ([0; 261], [0; 258]);
/// let mut exchange = Exchange::new(Protocol::T0);
/// assert_eq!(exchange.start(&command, &mut wire)?, ExchangeAction::Transmit(5));
/// // The card wants another Le; the command is sent again.
/// let action = exchange.received(&command, &[0x6C, 0x02], &mut answer, &mut wire)?;
/// assert_eq!((action, wire[4]), (ExchangeAction::Transmit(5), 0x02));
/// let action = exchange.received(&command, &[0x70, 0x00, 0x90, 0x00], &mut answer, &mut wire)?;
/// assert_eq!((action, &answer[..4]), (ExchangeAction::Done(4), &[0x70, 0x00, 0x90, 0x00][..]));
/// # Ok::<(), tapcard_iso7816::ExchangeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Exchange {
    protocol: Protocol,
    sent: Sent,
    /// 6Cxx was obeyed for what was sent last.
    corrected: bool,
    /// A warning of T=0 that came without the data that belong to it.
    warning: Option<StatusWord>,
    /// Octets of data in `answer`.
    gathered: usize,
    /// GET RESPONSEs sent, repeated ones included.
    rounds: u8,
}

impl Exchange {
    /// For one or more commands, one after the other.
    #[must_use]
    pub const fn new(protocol: Protocol) -> Self {
        Self { protocol, sent: Sent::Nothing, corrected: false, warning: None, gathered: 0, rounds: 0 }
    }

    /// Begins with `command`, a C-APDU of any case; whatever went on before is forgotten.
    ///
    /// On T=1 it goes as it is. On T=0 a case 1 gets P3 = 00, a case 4 loses its Le, and what does not fit a short command
    /// goes as a chain.
    ///
    /// # Errors
    /// [`ExchangeError::BadCommand`], or [`ExchangeError::Capacity`] of `wire`.
    pub fn start(&mut self, command: &[u8], wire: &mut [u8]) -> Result<ExchangeAction, ExchangeError> {
        *self = Self::new(self.protocol);
        let parsed = Command::parse(command)?;
        match self.protocol {
            Protocol::T0 => self.send_part(&parsed, 0, wire),
            Protocol::T1 => {
                let (needed, capacity) = (command.len(), wire.len());
                wire.get_mut(..needed).ok_or(CapacityError { needed, capacity })?.copy_from_slice(command);
                self.transmit(Sent::Command, needed)
            }
        }
    }

    /// Takes `raw`, the answer to what was sent last, for the `command` that [`Exchange::start`] was given.
    ///
    /// # Errors
    /// See [`ExchangeError`]; the exchange is then over.
    pub fn received(
        &mut self,
        command: &[u8],
        raw: &[u8],
        answer: &mut [u8],
        wire: &mut [u8],
    ) -> Result<ExchangeAction, ExchangeError> {
        let result = self.take_answer(command, raw, answer, wire);
        if !matches!(result, Ok(ExchangeAction::Transmit(_))) {
            self.sent = Sent::Nothing;
        }
        result
    }

    fn take_answer(
        &mut self,
        command: &[u8],
        raw: &[u8],
        answer: &mut [u8],
        wire: &mut [u8],
    ) -> Result<ExchangeAction, ExchangeError> {
        let command = Command::parse(command)?;
        let Ok(Response { data, sw }) = Response::parse(raw) else {
            return Err(ExchangeError::AnswerTooShort { len: raw.len() });
        };
        match self.sent {
            Sent::Nothing => return Err(ExchangeError::NothingSent),
            Sent::Part { next } if sw.is_ok() => return self.send_part(&command, next, wire),
            // A refused part ends the chain; the card keeps nothing of it.
            Sent::Part { .. } => return self.finish(data, sw, answer),
            Sent::Command | Sent::GetResponse => {}
        }
        match sw.meaning() {
            Meaning::WrongLe { exact } if self.has_le(&command) => {
                self.correct(&command, sw, Le::from_octet(exact), wire)
            }
            Meaning::MoreData { left } => {
                if data.is_empty() && self.sent == Sent::GetResponse {
                    return Err(ExchangeError::NoProgress { sw });
                }
                self.gather(data, answer)?;
                self.get_response(&command, Le::from_octet(left), wire)
            }
            Meaning::Warning | Meaning::TriesLeft(_) if data.is_empty() && self.lost_its_le(&command) => {
                self.warning = Some(sw);
                self.get_response(&command, Le::MAX_SHORT, wire)
            }
            _ => self.finish(data, sw, answer),
        }
    }

    /// Whether what was sent last carried a Le, so that 6Cxx can mean it.
    fn has_le(&self, command: &Command<'_>) -> bool {
        match self.sent {
            Sent::GetResponse => true,
            _ => command.le().is_some() && !self.lost_its_le(command),
        }
    }

    /// Whether what was sent last is a case 4 whose Le T=0 cannot carry.
    fn lost_its_le(&self, command: &Command<'_>) -> bool {
        let case_4 = !command.data().is_empty() && command.le().is_some();
        self.protocol == Protocol::T0 && self.sent == Sent::Command && case_4
    }

    /// Sends the last command again with the Le that the card wants.
    fn correct(
        &mut self,
        command: &Command<'_>,
        sw: StatusWord,
        le: Le,
        wire: &mut [u8],
    ) -> Result<ExchangeAction, ExchangeError> {
        if self.corrected {
            return Err(ExchangeError::NoProgress { sw });
        }
        let action = match self.sent {
            Sent::GetResponse => self.get_response(command, le, wire),
            sent => {
                let length = command.with_le(le).encode_into(wire)?;
                self.transmit(sent, length)
            }
        };
        self.corrected = true;
        action
    }

    fn get_response(
        &mut self,
        command: &Command<'_>,
        le: Le,
        wire: &mut [u8],
    ) -> Result<ExchangeAction, ExchangeError> {
        if self.rounds == MAX_GET_RESPONSES {
            return Err(ExchangeError::Endless { limit: MAX_GET_RESPONSES });
        }
        self.rounds += 1;
        let length = Command::get_response(response_cla(command.cla()), le).encode_into(wire)?;
        self.transmit(Sent::GetResponse, length)
    }

    /// Sends the data from octet `start` on in the form of T=0: all that is left, or the next part of a chain.
    fn send_part(
        &mut self,
        command: &Command<'_>,
        start: usize,
        wire: &mut [u8],
    ) -> Result<ExchangeAction, ExchangeError> {
        let data = command.data().get(start..).unwrap_or_default();
        let (sent, part) = match data.split_at_checked(MAX_SHORT_DATA) {
            Some((part, rest)) if !rest.is_empty() => {
                let part = command.with_cla(command.cla() | MORE_PARTS).with_data(part).without_le();
                (Sent::Part { next: start + MAX_SHORT_DATA }, part)
            }
            _ if data.is_empty() => {
                // Case 1 becomes P3 = 00, the same octets as Le 256; more than 256 octets come by 61xx.
                let le = command.le().filter(|le| le.is_short()).unwrap_or(Le::MAX_SHORT);
                (Sent::Command, command.with_le(le))
            }
            _ => (Sent::Command, command.with_data(data).without_le()),
        };
        let length = part.encode_into(wire)?;
        self.transmit(sent, length)
    }

    fn transmit(&mut self, sent: Sent, length: usize) -> Result<ExchangeAction, ExchangeError> {
        self.sent = sent;
        self.corrected = false;
        Ok(ExchangeAction::Transmit(length))
    }

    /// Appends data to `answer`, leaving room for SW1-SW2.
    fn gather(&mut self, data: &[u8], answer: &mut [u8]) -> Result<(), ExchangeError> {
        let capacity = answer.len();
        let end = self.gathered + data.len();
        let place = answer.get_mut(self.gathered..end).filter(|_| end + 2 <= capacity);
        place.ok_or(ExchangeError::AnswerTooLong { capacity })?.copy_from_slice(data);
        self.gathered = end;
        Ok(())
    }

    /// Ends with the last data and SW1-SW2.
    ///
    /// A warning that sent us for its data is the answer's status: GET RESPONSE says 9000 for itself. The warning also
    /// stands when GET RESPONSE brought nothing, because then the card just had no data (EMV 4.4 Book 1, Annex A).
    fn finish(&mut self, data: &[u8], sw: StatusWord, answer: &mut [u8]) -> Result<ExchangeAction, ExchangeError> {
        self.gather(data, answer)?;
        let sw = match self.warning {
            Some(warning) if sw.is_ok() || self.gathered == 0 => warning,
            _ => sw,
        };
        let capacity = answer.len();
        let end = self.gathered + 2;
        let place = answer.get_mut(self.gathered..end).ok_or(ExchangeError::AnswerTooLong { capacity })?;
        place.copy_from_slice(&sw.to_octets());
        Ok(ExchangeAction::Done(end))
    }
}

/// Cla of a GET RESPONSE: the logical channel of the command, no secure messaging, no chaining (ISO/IEC 7816-4:2005, tables
/// 2 and 3). The bits of a proprietary class are not defined there; EMV sends `00` (Book 1, 9.3.1.3).
const fn response_cla(cla: u8) -> u8 {
    match cla {
        0x00..=0x3F => cla & 0x03,
        0x40..=0x7F => cla & 0x4F,
        _ => 0x00,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    use super::*;

    const SELECT: [u8; 8] = [0x00, 0xA4, 0x04, 0x00, 0x02, 0xA0, 0x00, 0x00];
    const READ: [u8; 5] = [0x00, 0xB2, 0x01, 0x0C, 0x00];
    const VERIFY: [u8; 7] = [0x00, 0x20, 0x00, 0x80, 0x02, 0x12, 0x34];

    /// Runs one command against a card that is a list of what it must get and what it answers.
    fn run(protocol: Protocol, command: &[u8], card: &[(&[u8], &[u8])]) -> Result<Vec<u8>, ExchangeError> {
        run_with_room(protocol, command, card, 600)
    }

    fn run_with_room(
        protocol: Protocol,
        command: &[u8],
        card: &[(&[u8], &[u8])],
        room: usize,
    ) -> Result<Vec<u8>, ExchangeError> {
        let (mut wire, mut answer) = ([0; 300], vec![0; room]);
        let mut exchange = Exchange::new(protocol);
        let mut action = exchange.start(command, &mut wire)?;
        let mut card = card.iter();
        loop {
            match action {
                ExchangeAction::Transmit(length) => {
                    let (wanted, raw) = card.next().expect("more was sent than expected");
                    assert_eq!(&wire[..length], *wanted);
                    action = exchange.received(command, raw, &mut answer, &mut wire)?;
                }
                ExchangeAction::Done(length) => {
                    assert!(card.next().is_none(), "less was sent than expected");
                    return Ok(answer[..length].to_vec());
                }
            }
        }
    }

    #[test]
    fn on_t1_a_command_goes_as_it_is() {
        for command in [&SELECT[..], &READ, &VERIFY, &[0x80, 0x16, 0x00, 0x00], &[0, 0xB0, 0, 0, 0, 1, 0]] {
            assert_eq!(run(Protocol::T1, command, &[(command, &[0x90, 0x00])]), Ok(vec![0x90, 0x00]));
        }
    }

    #[test]
    fn on_t0_every_case_has_a_p3_and_case_4_has_no_le() {
        for (command, sent) in [
            (&[0x80, 0x16, 0x00, 0x00][..], &[0x80, 0x16, 0x00, 0x00, 0x00][..]),
            (&READ, &READ),
            (&VERIFY, &VERIFY),
            (&SELECT, &SELECT[..7]),
            (&[0x00, 0xB0, 0x00, 0x00, 0x00, 0x01, 0x2C], &[0x00, 0xB0, 0x00, 0x00, 0x00]),
            (&[0x00, 0xB0, 0x00, 0x00, 0x00, 0x00, 0x2C], &[0x00, 0xB0, 0x00, 0x00, 0x2C]),
            (&[0x00, 0xDA, 0x00, 0x00, 0x00, 0x00, 0x01, 0x55, 0x01, 0x00], &[0x00, 0xDA, 0x00, 0x00, 0x01, 0x55]),
        ] {
            assert_eq!(run(Protocol::T0, command, &[(sent, &[0x6D, 0x00])]), Ok(vec![0x6D, 0x00]));
        }
    }

    #[test]
    fn on_t0_61xx_brings_the_answer_of_a_case_4() {
        let card: [(&[u8], &[u8]); 2] =
            [(&SELECT[..7], &[0x61, 0x02]), (&[0x00, 0xC0, 0x00, 0x00, 0x02], &[0x6F, 0x00, 0x90, 0x00])];
        assert_eq!(run(Protocol::T0, &SELECT, &card), Ok(vec![0x6F, 0x00, 0x90, 0x00]));
    }

    #[test]
    fn a_chain_of_61xx_is_gathered_with_the_data_that_came_along() {
        for protocol in [Protocol::T0, Protocol::T1] {
            let card: [(&[u8], &[u8]); 3] = [
                (&READ, &[0x70, 0x03, 0x61, 0x02]),
                (&[0x00, 0xC0, 0x00, 0x00, 0x02], &[0x5A, 0x01, 0x61, 0x00]),
                (&[0x00, 0xC0, 0x00, 0x00, 0x00], &[0x62, 0x90, 0x00]),
            ];
            assert_eq!(run(protocol, &READ, &card), Ok(vec![0x70, 0x03, 0x5A, 0x01, 0x62, 0x90, 0x00]));
        }
    }

    #[test]
    fn the_last_status_word_of_a_chain_is_the_answers() {
        let card: [(&[u8], &[u8]); 2] =
            [(&READ, &[0x61, 0x02]), (&[0x00, 0xC0, 0x00, 0x00, 0x02], &[0x70, 0x00, 0x62, 0x81])];
        assert_eq!(run(Protocol::T1, &READ, &card), Ok(vec![0x70, 0x00, 0x62, 0x81]));
    }

    #[test]
    fn get_response_that_is_refused_gives_what_was_gathered() {
        let card: [(&[u8], &[u8]); 2] =
            [(&READ, &[0x70, 0x61, 0x02]), (&[0x00, 0xC0, 0x00, 0x00, 0x02], &[0x6F, 0x00])];
        assert_eq!(run(Protocol::T1, &READ, &card), Ok(vec![0x70, 0x6F, 0x00]));
    }

    #[test]
    fn get_response_goes_to_the_commands_channel() {
        for (cla, response) in [
            (0x00, 0x00),
            (0x02, 0x02),
            (0x0D, 0x01),
            (0x1F, 0x03),
            (0x47, 0x47),
            (0x7F, 0x4F),
            (0x80, 0x00),
            (0x84, 0x00),
        ] {
            let command = [cla, 0xB2, 0x01, 0x0C, 0x00];
            let card: [(&[u8], &[u8]); 2] =
                [(&command, &[0x61, 0x01]), (&[response, 0xC0, 0x00, 0x00, 0x01], &[0x70, 0x90, 0x00])];
            assert_eq!(run(Protocol::T0, &command, &card), Ok(vec![0x70, 0x90, 0x00]));
        }
    }

    #[test]
    fn wrong_le_is_corrected_once() {
        let mut corrected = READ;
        corrected[4] = 0x32;
        let card: [(&[u8], &[u8]); 2] = [(&READ, &[0x6C, 0x32]), (&corrected, &[0x70, 0x00, 0x90, 0x00])];
        assert_eq!(run(Protocol::T0, &READ, &card), Ok(vec![0x70, 0x00, 0x90, 0x00]));
        assert_eq!(run(Protocol::T1, &READ, &card), Ok(vec![0x70, 0x00, 0x90, 0x00]));
    }

    #[test]
    fn on_t1_wrong_le_of_a_case_4_keeps_the_data() {
        let mut corrected = SELECT;
        corrected[7] = 0x10;
        let card: [(&[u8], &[u8]); 2] = [(&SELECT, &[0x6C, 0x10]), (&corrected, &[0x90, 0x00])];
        assert_eq!(run(Protocol::T1, &SELECT, &card), Ok(vec![0x90, 0x00]));
    }

    #[test]
    fn a_card_that_plays_ping_pong_with_6cxx_is_stopped() {
        let mut corrected = READ;
        corrected[4] = 0x32;
        let card: [(&[u8], &[u8]); 2] = [(&READ, &[0x6C, 0x32]), (&corrected, &[0x6C, 0x33])];
        let error = ExchangeError::NoProgress { sw: StatusWord::new(0x6C33) };
        assert_eq!(run(Protocol::T0, &READ, &card), Err(error));
        assert_eq!(run(Protocol::T1, &READ, &card), Err(error));
    }

    #[test]
    fn get_response_may_be_corrected_once_as_well() {
        let (first, second) = ([0x00, 0xC0, 0x00, 0x00, 0x10], [0x00, 0xC0, 0x00, 0x00, 0x01]);
        let card: [(&[u8], &[u8]); 3] =
            [(&READ, &[0x61, 0x10]), (&first, &[0x6C, 0x01]), (&second, &[0x70, 0x90, 0x00])];
        assert_eq!(run(Protocol::T0, &READ, &card), Ok(vec![0x70, 0x90, 0x00]));
        let card: [(&[u8], &[u8]); 3] = [(&READ, &[0x61, 0x10]), (&first, &[0x6C, 0x01]), (&second, &[0x6C, 0x10])];
        let error = ExchangeError::NoProgress { sw: StatusWord::new(0x6C10) };
        assert_eq!(run(Protocol::T0, &READ, &card), Err(error));
    }

    #[test]
    fn command_and_get_response_are_corrected_each_for_itself() {
        let mut corrected = READ;
        corrected[4] = 0x32;
        let card: [(&[u8], &[u8]); 4] = [
            (&READ, &[0x6C, 0x32]),
            (&corrected, &[0x61, 0x10]),
            (&[0x00, 0xC0, 0x00, 0x00, 0x10], &[0x6C, 0x01]),
            (&[0x00, 0xC0, 0x00, 0x00, 0x01], &[0x70, 0x90, 0x00]),
        ];
        assert_eq!(run(Protocol::T0, &READ, &card), Ok(vec![0x70, 0x90, 0x00]));
    }

    #[test]
    fn get_response_is_corrected_also_for_a_command_without_le() {
        let (first, second) = ([0x00, 0xC0, 0x00, 0x00, 0x10], [0x00, 0xC0, 0x00, 0x00, 0x01]);
        let card: [(&[u8], &[u8]); 3] =
            [(&VERIFY, &[0x61, 0x10]), (&first, &[0x6C, 0x01]), (&second, &[0x70, 0x90, 0x00])];
        assert_eq!(run(Protocol::T0, &VERIFY, &card), Ok(vec![0x70, 0x90, 0x00]));
        assert_eq!(run(Protocol::T1, &VERIFY, &card), Ok(vec![0x70, 0x90, 0x00]));
    }

    #[test]
    fn wrong_le_without_a_le_is_the_answer() {
        assert_eq!(run(Protocol::T1, &VERIFY, &[(&VERIFY, &[0x6C, 0x10])]), Ok(vec![0x6C, 0x10]));
        assert_eq!(run(Protocol::T0, &VERIFY, &[(&VERIFY, &[0x6C, 0x10])]), Ok(vec![0x6C, 0x10]));
        assert_eq!(run(Protocol::T0, &SELECT, &[(&SELECT[..7], &[0x6C, 0x10])]), Ok(vec![0x6C, 0x10]));
    }

    #[test]
    fn a_card_that_promises_data_and_has_none_is_stopped() {
        let card: [(&[u8], &[u8]); 2] = [(&READ, &[0x61, 0x10]), (&[0x00, 0xC0, 0x00, 0x00, 0x10], &[0x61, 0x10])];
        let error = ExchangeError::NoProgress { sw: StatusWord::new(0x6110) };
        assert_eq!(run(Protocol::T0, &READ, &card), Err(error));
        assert_eq!(run(Protocol::T1, &READ, &card), Err(error));
    }

    #[test]
    fn a_card_whose_data_never_end_is_stopped_by_the_buffer() {
        let get_response = [0x00, 0xC0, 0x00, 0x00, 0x01];
        let endless: [(&[u8], &[u8]); 2] = [(&get_response, &[0xAA, 0x61, 0x01]); 2];
        let card = [&[(&READ[..], &[0x61, 0x01][..])], &endless.repeat(50)[..]].concat();
        assert_eq!(run_with_room(Protocol::T1, &READ, &card, 12), Err(ExchangeError::AnswerTooLong { capacity: 12 }));
    }

    #[test]
    fn a_card_that_brings_an_octet_at_a_time_is_stopped_after_32_parts() {
        let mut exchange = Exchange::new(Protocol::T1);
        let (mut wire, mut answer) = ([0; 261], [0; 600]);
        let mut sent = 0;
        let mut action = exchange.start(&READ, &mut wire);
        while let Ok(ExchangeAction::Transmit(_)) = action {
            sent += 1;
            action = exchange.received(&READ, &[0x00, 0x61, 0x01], &mut answer, &mut wire);
        }
        assert_eq!(action, Err(ExchangeError::Endless { limit: MAX_GET_RESPONSES }));
        assert_eq!(sent, 1 + usize::from(MAX_GET_RESPONSES));
    }

    #[test]
    fn an_answer_may_fill_the_buffer_to_the_last_octet() {
        let raw = [0x70, 0x02, 0x5A, 0x00, 0x90, 0x00];
        assert_eq!(run_with_room(Protocol::T1, &READ, &[(&READ, &raw)], 6), Ok(raw.to_vec()));
        for capacity in 0..6 {
            assert_eq!(
                run_with_room(Protocol::T1, &READ, &[(&READ, &raw)], capacity),
                Err(ExchangeError::AnswerTooLong { capacity })
            );
        }
    }

    #[test]
    fn an_answer_without_status_word_is_an_error() {
        for len in 0..2 {
            assert_eq!(
                run(Protocol::T1, &READ, &[(&READ, &[0x90, 0x00][..len])]),
                Err(ExchangeError::AnswerTooShort { len })
            );
        }
    }

    #[test]
    fn on_t0_a_warning_without_data_is_followed_by_get_response() {
        let card: [(&[u8], &[u8]); 3] = [
            (&SELECT[..7], &[0x62, 0x83]),
            (&[0x00, 0xC0, 0x00, 0x00, 0x00], &[0x6C, 0x02]),
            (&[0x00, 0xC0, 0x00, 0x00, 0x02], &[0x6F, 0x00, 0x90, 0x00]),
        ];
        assert_eq!(run(Protocol::T0, &SELECT, &card), Ok(vec![0x6F, 0x00, 0x62, 0x83]), "the warning is kept");
    }

    #[test]
    fn on_t0_a_warning_stands_when_there_are_no_data() {
        for refusal in [[0x6F, 0x00], [0x6D, 0x00], [0x90, 0x00]] {
            let card: [(&[u8], &[u8]); 2] =
                [(&SELECT[..7], &[0x63, 0xC2]), (&[0x00, 0xC0, 0x00, 0x00, 0x00], &refusal)];
            assert_eq!(run(Protocol::T0, &SELECT, &card), Ok(vec![0x63, 0xC2]));
        }
    }

    #[test]
    fn a_later_error_is_not_hidden_by_a_warning() {
        let card: [(&[u8], &[u8]); 2] =
            [(&SELECT[..7], &[0x62, 0x83]), (&[0x00, 0xC0, 0x00, 0x00, 0x00], &[0x6F, 0x00, 0x62, 0x81])];
        assert_eq!(run(Protocol::T0, &SELECT, &card), Ok(vec![0x6F, 0x00, 0x62, 0x81]));
    }

    #[test]
    fn other_warnings_are_just_answers() {
        assert_eq!(run(Protocol::T1, &SELECT, &[(&SELECT, &[0x62, 0x83])]), Ok(vec![0x62, 0x83]));
        assert_eq!(run(Protocol::T0, &VERIFY, &[(&VERIFY, &[0x63, 0xC2])]), Ok(vec![0x63, 0xC2]));
        assert_eq!(run(Protocol::T0, &READ, &[(&READ, &[0x62, 0x81])]), Ok(vec![0x62, 0x81]));
        let with_data: (&[u8], &[u8]) = (&SELECT[..7], &[0x6F, 0x00, 0x62, 0x83]);
        assert_eq!(run(Protocol::T0, &SELECT, &[with_data]), Ok(vec![0x6F, 0x00, 0x62, 0x83]));
    }

    #[test]
    fn on_t0_a_long_command_goes_as_a_chain() {
        let data: Vec<u8> = (0..=255).cycle().take(600).collect();
        let mut command = vec![0; 700];
        let whole = Command::new(0x80, 0xE2.into(), 0x01, 0x02).with_data(&data).with_le(Le::MAX_SHORT);
        let length = whole.encode_into(&mut command).unwrap();
        command.truncate(length);

        let part =
            |cla, octets: &[u8]| [&[cla, 0xE2, 0x01, 0x02, u8::try_from(octets.len()).unwrap()], octets].concat();
        let parts = [part(0x90, &data[..255]), part(0x90, &data[255..510]), part(0x80, &data[510..])];
        let card: [(&[u8], &[u8]); 4] = [
            (&parts[0], &[0x90, 0x00]),
            (&parts[1], &[0x90, 0x00]),
            (&parts[2], &[0x61, 0x01]),
            (&[0x00, 0xC0, 0x00, 0x00, 0x01], &[0x55, 0x90, 0x00]),
        ];
        assert_eq!(run(Protocol::T0, &command, &card), Ok(vec![0x55, 0x90, 0x00]));

        let refused: [(&[u8], &[u8]); 2] = [(&parts[0], &[0x90, 0x00]), (&parts[1], &[0x68, 0x84])];
        assert_eq!(run(Protocol::T0, &command, &refused), Ok(vec![0x68, 0x84]));
    }

    #[test]
    fn a_long_part_of_a_chain_of_the_callers_own_says_in_every_part_that_more_follow() {
        let command = [&[0x90, 0xE2, 0x00, 0x00, 0x00, 0x01, 0x00][..], &[0x55; 256]].concat();
        let first = [&[0x90, 0xE2, 0x00, 0x00, 0xFF][..], &[0x55; 255]].concat();
        let card: [(&[u8], &[u8]); 2] = [(&first, &[0x90, 0x00]), (&[0x90, 0xE2, 0, 0, 1, 0x55], &[0x90, 0x00])];
        assert_eq!(run(Protocol::T0, &command, &card), Ok(vec![0x90, 0x00]));
    }

    #[test]
    fn a_chain_of_exactly_two_full_parts_has_no_empty_third() {
        let mut command = vec![0x00, 0xDA, 0x00, 0x00, 0x00, 0x01, 0xFE];
        command.extend([0x55; 510]);
        let part = |cla| [&[cla, 0xDA, 0x00, 0x00, 0xFF][..], &[0x55; 255]].concat();
        let (first, second) = (part(0x10), part(0x00));
        let card: [(&[u8], &[u8]); 2] = [(&first, &[0x90, 0x00]), (&second, &[0x90, 0x00])];
        assert_eq!(run(Protocol::T0, &command, &card), Ok(vec![0x90, 0x00]));
    }

    #[test]
    fn a_wire_that_is_too_short_is_an_error() {
        let error = |needed, capacity| Err(ExchangeError::Capacity(CapacityError { needed, capacity }));
        assert_eq!(Exchange::new(Protocol::T1).start(&SELECT, &mut [0; 7]), error(8, 7));
        assert_eq!(Exchange::new(Protocol::T0).start(&SELECT, &mut [0; 6]), error(7, 6));
    }

    #[test]
    fn what_is_no_command_is_not_sent() {
        let error = CommandError::HeaderTruncated { found: 2 };
        assert_eq!(run(Protocol::T1, &[0x00, 0xA4], &[]), Err(ExchangeError::BadCommand(error)));
        assert_eq!(run(Protocol::T0, &[0x00, 0xA4], &[]), Err(ExchangeError::BadCommand(error)));
    }

    #[test]
    fn an_answer_without_a_command_is_an_error() {
        let (mut wire, mut answer) = ([0; 16], [0; 16]);
        let mut exchange = Exchange::new(Protocol::T1);
        let told = exchange.received(&READ, &[0x90, 0x00], &mut answer, &mut wire);
        assert_eq!(told, Err(ExchangeError::NothingSent));

        exchange.start(&READ, &mut wire).unwrap();
        assert_eq!(exchange.received(&READ, &[0x90, 0x00], &mut answer, &mut wire), Ok(ExchangeAction::Done(2)));
        let told = exchange.received(&READ, &[0x90, 0x00], &mut answer, &mut wire);
        assert_eq!(told, Err(ExchangeError::NothingSent));
    }

    #[test]
    fn a_new_start_forgets_the_command_before() {
        let (mut wire, mut answer) = ([0; 16], [0; 16]);
        let mut exchange = Exchange::new(Protocol::T0);
        exchange.start(&SELECT, &mut wire).unwrap();
        exchange.received(&SELECT, &[0x62, 0x83], &mut answer, &mut wire).unwrap();
        exchange.start(&READ, &mut wire).unwrap();
        exchange.received(&READ, &[0x90, 0x00], &mut answer, &mut wire).unwrap();
        assert_eq!(answer[..2], [0x90, 0x00]);
    }

    proptest! {
        #[test]
        fn no_card_keeps_the_exchange_busy_for_ever(
            t0 in any::<bool>(),
            command in prop::sample::select(vec![&SELECT[..], &READ, &VERIFY]),
            answers in prop::collection::vec(
                (prop::collection::vec(any::<u8>(), 0..3), prop::sample::select(vec![0x61_u8, 0x62, 0x6C]), any::<u8>()),
                1..20,
            ),
        ) {
            let protocol = if t0 { Protocol::T0 } else { Protocol::T1 };
            let (mut wire, mut answer) = ([0; 300], [0; 40]);
            let mut exchange = Exchange::new(protocol);
            let mut action = exchange.start(command, &mut wire);
            let mut sent = 0;
            // The card repeats its answers for ever and never says 9000.
            for (data, sw1, sw2) in answers.iter().cycle() {
                match action {
                    Ok(ExchangeAction::Transmit(length)) => prop_assert!(Command::parse(&wire[..length]).is_ok()),
                    Ok(ExchangeAction::Done(length)) => {
                        prop_assert!((2..=answer.len()).contains(&length));
                        break;
                    }
                    Err(_) => break,
                }
                sent += 1;
                prop_assert!(sent <= 2 * (answer.len() + 2), "every second answer brings an octet");
                let raw = [&data[..], &[*sw1, *sw2]].concat();
                action = exchange.received(command, &raw, &mut answer, &mut wire);
            }
        }

        #[test]
        fn any_command_and_any_answer_end_without_a_panic(
            t0 in any::<bool>(),
            command in prop::collection::vec(any::<u8>(), 0..20),
            raw in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let (mut wire, mut answer) = ([0; 16], [0; 16]);
            let mut exchange = Exchange::new(if t0 { Protocol::T0 } else { Protocol::T1 });
            let _ = exchange.start(&command, &mut wire);
            let _ = exchange.received(&command, &raw, &mut answer, &mut wire);
        }
    }
}
