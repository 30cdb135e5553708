//! 61xx, 6Cxx, command chaining and the missing case 4 of T=0 as one machine, so that everything above sees whole answers.
//!
//! Defined in EMV 4.4 Book 1, 9.3.1 and Annex A; ISO/IEC 7816-3:2006, 12.2; ISO/IEC 7816-4:2005, 5.1.1.1 and 5.3.4.
//! Characters and blocks (procedure bytes `60`, Ins, R-blocks) are left to the reader, the bytes to the caller.
//!
//! A card cannot keep it busy: every GET RESPONSE must bring data and the data must fit the caller's buffer, and 6Cxx is
//! obeyed once for each command that was sent.

use crate::command::{Command, CommandError, Le, MAX_SHORT_DATA};
use crate::response::Response;
use crate::status::{Meaning, StatusWord};
use crate::tlv::CapacityError;

/// Bit 5 of Cla: more parts of the command follow (ISO/IEC 7816-4:2005, 5.1.1).
const MORE_PARTS: u8 = 0x10;

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
}

impl Exchange {
    /// For one or more commands, one after the other.
    #[must_use]
    pub const fn new(protocol: Protocol) -> Self {
        Self { protocol, sent: Sent::Nothing, corrected: false, warning: None, gathered: 0 }
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
