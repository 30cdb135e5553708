//! Moves a terminal-side machine along a link to a card.
//!
//! 61xx, 6Cxx and command chaining belong to the transport (EMV 4.4 Book 1, 9.3.1; ISO/IEC 7816-4:2005, 5.1.1): they are
//! done here by [`Exchange`], so that a machine only ever sees whole answers.

use tapcard_iso7816::{Exchange, ExchangeAction, ExchangeError, Protocol};

use crate::machine::{Action, Input, Machine, Millis};

/// A way to a card for single C-APDUs, as the transport carries them.
pub trait Link {
    /// Why an answer did not come.
    type Error;

    /// Sends one C-APDU and writes the R-APDU with SW1-SW2 last to the start of `answer`; returns its length.
    ///
    /// # Errors
    /// The card is gone, the reader failed, or the answer is longer than `answer`.
    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, Self::Error>;

    /// The transmission protocol in use.
    fn protocol(&self) -> Protocol {
        Protocol::T1
    }
}

/// What the owner of a machine does besides moving APDUs.
pub trait Observer<M: Machine> {
    /// The clock.
    fn now(&mut self) -> Millis {
        0
    }
    /// Takes a report; `answer` is the R-APDU that it speaks of.
    fn report(&mut self, report: M::Report, answer: &[u8]);
    /// Puts a record into the record log. The answer is whether it is there for good.
    fn persist(&mut self, _record: &[u8]) -> bool {
        false
    }
}

/// Why [`drive`] stopped before the machine was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DriveError {
    /// The machine asked for something that this owner does not do (go online, ask, wait), or a record could not be kept.
    #[error("the flow needs something that its owner does not offer")]
    NotOffered,
}

/// The buffers of one [`drive`]: a command, a raw answer and a whole answer.
pub struct Buffers<'b> {
    /// C-APDUs are written here; 261 octets hold every short one.
    pub command: &'b mut [u8],
    /// Raw answers of the link; 258 octets hold every short one.
    pub raw: &'b mut [u8],
    /// Whole answers, after GET RESPONSE.
    pub answer: &'b mut [u8],
}

/// Runs `machine` to its end over `link`.
///
/// `failed` is told of every answer that did not come whole. After [`LinkFailure::Link`] the machine gets
/// [`Input::CardLost`] and ends by itself; after [`LinkFailure::Exchange`] it gets an answer of no octets, so that one
/// answer that a card cannot bring to an end does not end the dialogue.
///
/// # Errors
/// See [`DriveError`].
pub fn drive<M: Machine, L: Link, O: Observer<M>>(
    machine: &mut M,
    link: &mut L,
    observer: &mut O,
    buffers: Buffers<'_>,
    mut failed: impl FnMut(LinkFailure<L::Error>),
) -> Result<M::Outcome, DriveError> {
    let Buffers { command, raw, answer } = buffers;
    let mut action = machine.step(observer.now(), Input::Start, command);
    let mut received = 0;
    loop {
        let now = observer.now();
        action = match action {
            Action::Transmit(length) => match exchange(link, command.get(..length).unwrap_or_default(), raw, answer) {
                Ok(length) => {
                    received = length;
                    machine.step(now, Input::Received(answer.get(..received).unwrap_or_default()), command)
                }
                Err(failure) => {
                    received = 0;
                    let input = match failure {
                        LinkFailure::Link(_) => Input::CardLost,
                        LinkFailure::Exchange(_) => Input::Received(&[]),
                    };
                    failed(failure);
                    machine.step(now, input, command)
                }
            },
            Action::Report(report) => {
                observer.report(report, answer.get(..received).unwrap_or_default());
                machine.step(now, Input::Noted, command)
            }
            Action::Persist(length) => {
                if !observer.persist(command.get(..length).unwrap_or_default()) {
                    return Err(DriveError::NotOffered);
                }
                machine.step(now, Input::Persisted, command)
            }
            Action::Done(outcome) => return Ok(outcome),
            Action::GoOnline(_) | Action::Ask(_) | Action::Wait(_) => return Err(DriveError::NotOffered),
        };
    }
}

/// Why a whole answer did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFailure<E> {
    /// The link itself.
    Link(E),
    /// The card broke the rules of 61xx, 6Cxx or chaining, or answered less than SW1-SW2.
    Exchange(ExchangeError),
}

/// Sends one command and gathers its whole answer in `answer`; returns the length, SW1-SW2 included.
///
/// # Errors
/// See [`LinkFailure`]. A command of more than 261 octets on T=1 needs [`exchange_with`] and a longer `wire`.
pub fn exchange<L: Link>(
    link: &mut L,
    command: &[u8],
    raw: &mut [u8],
    answer: &mut [u8],
) -> Result<usize, LinkFailure<L::Error>> {
    exchange_with(link, command, &mut [0; tapcard_iso7816::MAX_SHORT_COMMAND], raw, answer)
}

/// As [`exchange`], with the caller's buffer for what is sent: as long as the longest command.
///
/// # Errors
/// See [`LinkFailure`].
pub fn exchange_with<L: Link>(
    link: &mut L,
    command: &[u8],
    wire: &mut [u8],
    raw: &mut [u8],
    answer: &mut [u8],
) -> Result<usize, LinkFailure<L::Error>> {
    let mut exchange = Exchange::new(link.protocol());
    let mut action = exchange.start(command, wire).map_err(LinkFailure::Exchange)?;
    loop {
        match action {
            ExchangeAction::Transmit(length) => {
                let length = link.transmit(wire.get(..length).unwrap_or_default(), raw).map_err(LinkFailure::Link)?;
                let raw = raw.get(..length).unwrap_or_default();
                action = exchange.received(command, raw, answer, wire).map_err(LinkFailure::Exchange)?;
            }
            ExchangeAction::Done(length) => return Ok(length),
        }
    }
}
