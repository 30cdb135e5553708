//! The card as a machine: which application is selected, who answers which command, and what must be kept first.

use core::convert::Infallible;

use tapcard_flow::{Action, Input, Machine, Millis};
use tapcard_iso7816::{Command, Ins, MAX_SHORT_ANSWER, StatusWord};

use crate::answer::{Answer, Work, put};
use crate::image::{Application, Image, Interface};
use crate::keys::CardKeys;
use crate::payment::is_script;
use crate::random::Generator;
use crate::session::Session;
use crate::state::{Changes, MAX_STATE_RECORD, RestoreError, State};

/// Octets that [`Card`] writes at most in one step.
pub const MAX_OUT: usize = MAX_STATE_RECORD;

/// Nothing to do until the other side does something.
const IDLE: Action<Infallible, Infallible, Infallible> = Action::Wait(Millis::MAX);

/// An emulated card over a borrowed [`Image`].
///
/// Its owner feeds it as [`Machine`] says:
///
/// * [`Input::Start`] for every cold or warm reset; the answer is to wait.
/// * [`Input::Received`] with a C-APDU; the answer is [`Action::Transmit`] with the whole R-APDU, or [`Action::Persist`] with
///   a record of at most [`MAX_STATE_RECORD`] octets, and then [`Input::Persisted`] brings the `Transmit`. If the record could
///   not be kept, reset the card instead: nothing has changed.
/// * `out` has at least [`MAX_OUT`] octets; a change that does not fit is refused with 6581.
///
/// It never reports, asks or ends. 61xx and GET RESPONSE of T=0 are the transport's.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    pub(crate) image: Image<'a>,
    pub(crate) interface: Interface,
    pub(crate) keys: CardKeys<'a>,
    pub(crate) state: State,
    pub(crate) session: Session,
    random: Option<Generator>,
    pending: Pending,
}

/// An answer that waits for its record to be kept.
#[derive(Clone)]
struct Pending {
    /// What the card remembers once the record is kept; `None` when nothing waits.
    session: Option<Session>,
    record: [u8; MAX_STATE_RECORD],
    record_length: usize,
    answer: [u8; MAX_SHORT_ANSWER],
    answer_length: usize,
}

impl Pending {
    const fn nothing() -> Self {
        let (record, answer) = ([0; MAX_STATE_RECORD], [0; MAX_SHORT_ANSWER]);
        Self { session: None, record, record_length: 0, answer, answer_length: 0 }
    }
}

/// Shows whether something waits: records and answers may hold secrets.
impl core::fmt::Debug for Pending {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(if self.session.is_some() { "Pending" } else { "Nothing" })
    }
}

impl<'a> Card<'a> {
    /// A card as it was personalised, on its contacts, not yet reset.
    #[must_use]
    pub fn new(image: Image<'a>) -> Self {
        Self {
            image,
            interface: Interface::Contact,
            keys: CardKeys::NONE,
            state: State::new(),
            session: Session::default(),
            random: None,
            pending: Pending::nothing(),
        }
    }

    /// Shows another face: answers to SELECT and GET PROCESSING OPTIONS may differ.
    #[must_use]
    pub fn with_interface(mut self, interface: Interface) -> Self {
        self.interface = interface;
        self
    }

    /// With keys: payment applications compute, where their image says how.
    #[must_use]
    pub fn with_keys(mut self, keys: CardKeys<'a>) -> Self {
        self.keys = keys;
        self
    }

    /// With random numbers: the seed is fresh at each power-up, from the owner's own source. Without one, every command that
    /// needs them is refused with 6985.
    #[must_use]
    pub fn with_seed(mut self, seed: [u8; 32]) -> Self {
        self.random = Some(Generator::new(seed));
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
        self.state.atc(self.image, application)
    }

    /// The selected application.
    #[must_use]
    pub fn selected(&self) -> Option<Application<'a>> {
        self.image.application(self.session.selected)
    }

    /// Whether an application (number 0: the whole card) is blocked.
    pub(crate) fn is_blocked(&self, application: u8) -> bool {
        self.state.is_blocked(self.image, application)
    }

    fn reset(&mut self) {
        self.session = Session::default();
        self.pending = Pending::nothing();
    }

    fn answer(&self, octets: &[u8], work: &mut Work<'_>) -> Answer {
        let Ok(command) = Command::parse(octets) else { return self.refuse(octets).into() };
        let answer = match (command.cla(), command.ins()) {
            (0x00, Ins::Select) => self.select(&command, work),
            (0x00, Ins::ReadRecord) => self.read_record(&command, work),
            (0x80, Ins::GetData) => self.get_data(&command, work),
            (0x80, Ins::GetProcessingOptions) => self.get_processing_options(&command, work),
            (cla, ins) if self.payment_account().is_some() && is_payment(cla, ins) => self.pay(octets, &command, work),
            (0x00, Ins::ReadBinary) if self.image.has_binary() => self.read_binary(&command, work),
            _ => self.stored_answer(&command, work),
        };
        match answer.wrong_le(&command) {
            Some(wrong) => {
                // The terminal asks again; until then nothing has happened (ISO/IEC 7816-4:2005, 5.1.3).
                work.changes.clear();
                work.session = self.session.clone();
                wrong
            }
            None => answer,
        }
    }

    /// The commands of a payment application that computes.
    fn pay(&self, octets: &[u8], command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        match command.ins() {
            Ins::GenerateAc => self.generate_ac(command, work),
            Ins::ExternalAuthenticate => self.external_authenticate(command, work),
            Ins::Verify => self.verify(command, work),
            Ins::GetChallenge => self.get_challenge(command, work),
            #[cfg(feature = "card-rsa")]
            Ins::InternalAuthenticate => self.internal_authenticate(command, work),
            _ => self.script(octets, command, work),
        }
    }

    /// A C-APDU whose lengths do not agree: 6700, unless the card would not know the command anyway.
    fn refuse(&self, octets: &[u8]) -> StatusWord {
        match *octets {
            [cla, ins, ..] if !self.has(cla, Ins::from(ins)) => unknown(cla, Ins::from(ins)),
            _ => StatusWord::WRONG_LENGTH,
        }
    }

    /// Whether there is such an instruction, in what is selected.
    fn has(&self, cla: u8, ins: Ins) -> bool {
        let pays = is_payment(cla, ins) && self.payment_account().is_some();
        is_known(cla, ins) || self.knows(cla, ins.octet()) || pays
    }

    fn received(&mut self, command: &[u8], out: &mut [u8]) -> Action<Infallible, Infallible, Infallible> {
        // A command while a record is being kept breaks the owner's side of the contract: the record did not count.
        self.pending.session = None;
        let changes = self.state.changes(self.image, self.session.selected);
        let mut work = Work { out, changes, session: self.session.clone(), random: self.random.take() };
        let answer = self.answer(command, &mut work);
        let Work { out, changes, session, random } = work;
        self.random = random;
        let length = answer.seal(out);
        if changes.is_empty() {
            self.session = session;
            return Action::Transmit(length);
        }
        match self.keep(&changes, session, out, length) {
            Some(length) => Action::Persist(length),
            None => Action::Transmit(Answer::from(StatusWord::MEMORY_FAILURE).seal(out)),
        }
    }

    /// Puts the answer aside and writes the record to `out`; `None` when something has no room.
    fn keep(&mut self, changes: &Changes, session: Session, out: &mut [u8], length: usize) -> Option<usize> {
        let record = changes.record().filter(|record| self.state.has_room(self.image, record))?;
        self.pending.answer.get_mut(..length)?.copy_from_slice(out.get(..length)?);
        self.pending.answer_length = length;
        self.pending.record.get_mut(..record.len())?.copy_from_slice(record);
        self.pending.record_length = record.len();
        out.get_mut(..record.len())?.copy_from_slice(record);
        self.pending.session = Some(session);
        Some(record.len())
    }

    fn persisted(&mut self, out: &mut [u8]) -> Action<Infallible, Infallible, Infallible> {
        let Some(session) = self.pending.session.take() else { return IDLE };
        let record = self.pending.record.get(..self.pending.record_length).unwrap_or_default();
        if self.state.restore(self.image, record).is_err() {
            // `keep` has seen to it that it is well-formed and has room.
            return Action::Transmit(Answer::from(StatusWord::MEMORY_FAILURE).seal(out));
        }
        self.session = session;
        let answer = self.pending.answer.get(..self.pending.answer_length).unwrap_or_default();
        Action::Transmit(put(out, &[answer]).unwrap_or_default())
    }
}

/// The instructions of a payment application that computes.
const fn is_payment(cla: u8, ins: Ins) -> bool {
    matches!((cla, ins), (0x80, Ins::GenerateAc) | (0x00, Ins::ExternalAuthenticate | Ins::Verify | Ins::GetChallenge))
        || cfg!(feature = "card-rsa") && matches!((cla, ins), (0x00, Ins::InternalAuthenticate))
        || is_script(cla, ins)
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
