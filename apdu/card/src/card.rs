//! The card as a machine: which application is selected, who answers which command, and what must be kept first.

use core::convert::Infallible;

use tapcard_flow::{Action, Input, Machine, Millis};
use tapcard_iso7816::{Command, Ins, StatusWord};

use crate::answer::{Answer, Effect};
use crate::image::{Application, Image, Interface};
use crate::state::{RestoreError, State, write_atc};

/// Nothing to do until the other side does something.
const IDLE: Action<Infallible, Infallible, Infallible> = Action::Wait(Millis::MAX);

/// An emulated card over a borrowed [`Image`].
///
/// Its owner feeds it as [`Machine`] says:
///
/// * [`Input::Start`] for every cold or warm reset; the answer is to wait.
/// * [`Input::Received`] with a C-APDU; the answer is [`Action::Transmit`] with the whole R-APDU, or [`Action::Persist`] with
///   a record of at most [`MAX_STATE_RECORD`](crate::MAX_STATE_RECORD) octets, and then [`Input::Persisted`] brings the
///   `Transmit`. If the record could not be kept, reset the card instead: nothing has changed.
/// * `out` has at least [`MAX_SHORT_ANSWER`](tapcard_iso7816::MAX_SHORT_ANSWER) octets.
///
/// It never reports, asks or ends. 61xx and GET RESPONSE of T=0 are the transport's.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    pub(crate) image: Image<'a>,
    pub(crate) interface: Interface,
    pub(crate) state: State,
    selected: Option<Application<'a>>,
    /// GET PROCESSING OPTIONS was answered since SELECT.
    pub(crate) began_transaction: bool,
    /// The ATC that the owner is keeping right now.
    pending: Option<u16>,
}

impl<'a> Card<'a> {
    /// A card as it was personalised, on its contacts, not yet reset.
    #[must_use]
    pub fn new(image: Image<'a>) -> Self {
        Self {
            image,
            interface: Interface::Contact,
            state: State::new(image),
            selected: None,
            began_transaction: false,
            pending: None,
        }
    }

    /// Shows another face: answers to SELECT and GET PROCESSING OPTIONS may differ.
    #[must_use]
    pub fn with_interface(mut self, interface: Interface) -> Self {
        self.interface = interface;
        self
    }

    /// Takes back a record that an earlier life of this card handed out; oldest first, before the first reset.
    ///
    /// # Errors
    /// The record is not one, or of another card; the state is as before then.
    pub fn restore(&mut self, record: &[u8]) -> Result<(), RestoreError> {
        self.state.restore(self.image, record)
    }

    /// Whether a compaction of the owner's record log has to keep this record.
    #[must_use]
    pub fn is_current(&self, record: &[u8]) -> bool {
        self.state.is_current(self.image, record)
    }

    /// The image.
    #[must_use]
    pub const fn image(&self) -> Image<'a> {
        self.image
    }

    /// The ATC of the application with this number in the image.
    #[must_use]
    pub fn atc(&self, application: u8) -> u16 {
        self.state.atc(application)
    }

    /// The selected application.
    #[must_use]
    pub const fn selected(&self) -> Option<Application<'a>> {
        self.selected
    }

    /// Its number, 0 for none.
    pub(crate) fn selected_number(&self) -> u8 {
        self.selected.map_or(0, |application| application.number())
    }

    fn reset(&mut self) {
        self.selected = None;
        self.began_transaction = false;
        self.pending = None;
    }

    fn answer(&self, octets: &[u8], out: &mut [u8]) -> Answer {
        let Ok(command) = Command::parse(octets) else { return self.refuse(octets).into() };
        let answer = match (command.cla(), command.ins()) {
            (0x00, Ins::Select) => self.select(&command, out),
            (0x00, Ins::ReadRecord) => self.read_record(&command, out),
            (0x80, Ins::GetData) => self.get_data(&command, out),
            (0x80, Ins::GetProcessingOptions) => self.get_processing_options(&command, out),
            (0x00, Ins::ReadBinary) if self.image.has_binary() => self.read_binary(&command, out),
            _ => self.stored_answer(&command, out),
        };
        answer.within_le(&command)
    }

    /// A C-APDU whose lengths do not agree: 6700, unless the card would not know the command anyway.
    fn refuse(&self, octets: &[u8]) -> StatusWord {
        match *octets {
            [cla, ins, ..] if !is_known(cla, Ins::from(ins)) && !self.knows(cla, ins) => unknown(cla, Ins::from(ins)),
            _ => StatusWord::WRONG_LENGTH,
        }
    }

    fn received(&mut self, command: &[u8], out: &mut [u8]) -> Action<Infallible, Infallible, Infallible> {
        // A command while a record is being kept breaks the owner's side of the contract: the record did not count.
        self.pending = None;
        let answer = self.answer(command, out);
        match answer.effect {
            Effect::Nothing => {}
            Effect::Select(number) => {
                self.selected = self.image.application(number);
                self.began_transaction = false;
            }
            Effect::BeginTransaction(atc) => {
                if let Some(length) = self.selected.and_then(|application| write_atc(application, atc, out)) {
                    self.pending = Some(atc);
                    return Action::Persist(length);
                }
                return Action::Transmit(Answer::from(StatusWord::MEMORY_FAILURE).seal(out));
            }
        }
        Action::Transmit(answer.seal(out))
    }

    fn persisted(&mut self, out: &mut [u8]) -> Action<Infallible, Infallible, Infallible> {
        let (Some(atc), Some(application)) = (self.pending.take(), self.selected) else { return IDLE };
        self.state.set_atc(application.number(), atc);
        self.began_transaction = true;
        Action::Transmit(self.processing_options(application, atc, out).seal(out))
    }
}

/// The instructions that every card has, each with its class.
fn is_known(cla: u8, ins: Ins) -> bool {
    matches!((cla, ins), (0x00, Ins::Select | Ins::ReadRecord) | (0x80, Ins::GetData | Ins::GetProcessingOptions))
}

/// 6E00 for a class that the card does not have, or not with this instruction; else 6D00.
pub(crate) fn unknown(cla: u8, ins: Ins) -> StatusWord {
    match cla {
        0x00 | 0x80 if !is_known(cla ^ 0x80, ins) => StatusWord::INS_NOT_SUPPORTED,
        _ => StatusWord::CLA_NOT_SUPPORTED,
    }
}

impl Machine for Card<'_> {
    type Report = Infallible;
    type Question = Infallible;
    type Outcome = Infallible;

    fn step(
        &mut self,
        _now: Millis,
        input: Input<'_>,
        out: &mut [u8],
    ) -> Action<Self::Report, Self::Question, Self::Outcome> {
        match input {
            Input::Received(command) => self.received(command, out),
            Input::Persisted => self.persisted(out),
            Input::Start | Input::CardLost => {
                self.reset();
                IDLE
            }
            _ => IDLE,
        }
    }
}

#[cfg(test)]
mod tests;
