//! The step shape: what a machine is told, and what it wants done.
//!
//! Rules that owner and machine keep:
//!
//! 1. The owner calls [`Machine::step`] with [`Input::Start`] first and then does each [`Action`] before the next call.
//! 2. A [`Action::Persist`] is answered with [`Input::Persisted`] only after the record is in the record log for good. The
//!    machine sends nothing between the two: that order is what makes a power cut harmless.
//! 3. [`Action::Report`] speaks of the bytes of the last [`Input`]; the owner still holds them, the machine keeps no copy.
//!    It is answered with [`Input::Noted`].
//! 4. After [`Action::Done`] the machine is finished. Every further input gives `Done` again.
//! 5. Time only enters as `now`, randomness only in the values that a machine is built from.

/// Milliseconds on the owner's own clock; only differences count.
pub type Millis = u64;

/// What happened since the last step.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input<'a> {
    /// Begin. For a card machine: the field came on, or the card was reset.
    Start,
    /// A whole message of the other side: a C-APDU for a card, an R-APDU with SW1-SW2 last for a terminal.
    Received(&'a [u8]),
    /// The record of the last `Persist` is in the record log.
    Persisted,
    /// The last `Report` was taken.
    Noted,
    /// The host's answer to the last `GoOnline`.
    Host(&'a [u8]),
    /// What the cardholder answered to the last `Ask`; an empty slice: declined or timed out.
    Cardholder(&'a [u8]),
    /// The time that the last `Wait` named has come, or the other side did not answer in time.
    Timeout,
    /// The card left the field or was pulled out.
    CardLost,
}

/// What is to be done next.
///
/// `R` is what the machine reports on the way, `Q` what it may ask the cardholder, `O` how it ends. A `usize` is the number
/// of octets that were written to the start of the caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action<R, Q, O> {
    /// Send these octets to the other side.
    Transmit(usize),
    /// Put this record into the record log before anything else happens.
    Persist(usize),
    /// Send this request to the host.
    GoOnline(usize),
    /// Ask the cardholder.
    Ask(Q),
    /// Call again with `Timeout` when this many milliseconds have passed, unless something else happens before.
    Wait(Millis),
    /// Take note of this; it speaks of the last `Received`.
    Report(R),
    /// The end.
    Done(O),
}

/// A protocol as a value: no I/O, no clock, no storage.
pub trait Machine {
    /// What it reports on the way.
    type Report;
    /// What it asks the cardholder; [`core::convert::Infallible`] for a machine that asks nothing.
    type Question;
    /// How it ends.
    type Outcome;

    /// Advances by one event. Octets to send, keep or ask the host are written to the start of `out`.
    fn step(
        &mut self,
        now: Millis,
        input: Input<'_>,
        out: &mut [u8],
    ) -> Action<Self::Report, Self::Question, Self::Outcome>;
}

/// Shows the kind and the length only: the octets may hold a PAN or a PIN.
impl core::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Received(octets) => write!(f, "Received({} octets)", octets.len()),
            Self::Persisted => f.write_str("Persisted"),
            Self::Noted => f.write_str("Noted"),
            Self::Host(octets) => write!(f, "Host({} octets)", octets.len()),
            Self::Cardholder(octets) => write!(f, "Cardholder({} octets)", octets.len()),
            Self::Timeout => f.write_str("Timeout"),
            Self::CardLost => f.write_str("CardLost"),
        }
    }
}
