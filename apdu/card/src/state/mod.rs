//! What changes in a card's life, and the records by which it survives.
//!
//! The card never writes: it hands out a record ([`Action::Persist`](tapcard_flow::Action::Persist)), and only when its owner
//! says that the record is kept does the change count. After a reset the owner gives all kept records back, oldest first.
//!
//! The state is a layer over the image: a value that was changed stands here under the same [`Key`] as the one that was
//! personalised and hides it. Whatever one command changes is in one record, so that a power cut leaves all of it or nothing:
//! a purchase cannot lose the log line and keep the debit.
//!
//! ```text
//! record   02 | sequence number 4 | length of the DF name 1 | DF name | values
//! value    kind 1 (bit 8: of the card itself) | number 4 | length 2 | octets
//! ```
//!
//! A record carries the name and not the number of its application, so that a new image of the same card finds its state.
//! Sequence numbers say which record is the last that wrote a value: records may come twice or out of order.

mod log;
mod record;
mod values;

use tapcard_emv::tag;

use crate::image::{Image, Key};

pub(crate) use record::Changes;
use record::Record;
use values::Values;

/// The longest record that a card hands out, in octets.
pub const MAX_STATE_RECORD: usize = 512;

/// Octets of RAM for what has changed. A PBOC card with two full logs of ten records takes 1.7 KB.
pub const STATE_CAPACITY: usize = 2048;

/// The number of the card itself.
const CARD: u8 = 0;

/// Why a record could not be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RestoreError {
    /// It ends inside its header or a value.
    #[error("the state record is cut off after {found} octets")]
    Truncated {
        /// How many octets there are.
        found: usize,
    },
    /// Of a kind, or with a kind of value, that only a later version knows.
    #[error("the state record has the unknown kind {found:02X}")]
    Kind {
        /// The octet that is not known.
        found: u8,
    },
    /// Of an application that the image does not have.
    #[error("the state record is of an application that is not on this card")]
    Application,
    /// More than [`STATE_CAPACITY`].
    #[error("the card's state is longer than {STATE_CAPACITY} octets")]
    Full,
}

/// Everything that has changed since personalisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    values: Values,
    next_sequence: u32,
}

impl State {
    /// Nothing has changed yet.
    pub(crate) const fn new() -> Self {
        Self { values: Values::new(), next_sequence: 1 }
    }

    /// A value of an application (number 0: of the card itself), if it has changed.
    pub(crate) fn get(&self, application: u8, key: Key) -> Option<&[u8]> {
        self.values.get(application, key.code()).map(|found| found.value)
    }

    /// A value as it is now: changed, or else as personalised.
    pub(crate) fn value<'s>(&'s self, image: Image<'s>, application: u8, key: Key) -> Option<&'s [u8]> {
        self.get(application, key).or_else(|| image.get(application, key))
    }

    /// The application transaction counter (`9F36`; EMV 4.4 Book 3, 10.8); 0 before the first transaction.
    pub(crate) fn atc(&self, image: Image<'_>, application: u8) -> u16 {
        match self.value(image, application, Key::Data(tag::ATC)) {
            Some(&[high, low]) => u16::from_be_bytes([high, low]),
            _ => 0,
        }
    }

    /// Whether the application (number 0: the whole card) is blocked.
    pub(crate) fn is_blocked(&self, image: Image<'_>, application: u8) -> bool {
        match self.get(application, Key::Blocked) {
            Some(value) => value.first().is_some_and(|flag| *flag != 0),
            None => image.get(application, Key::Blocked).is_some(),
        }
    }

    /// Changes of an application, none so far, to be filled and then kept.
    pub(crate) fn changes(&self, image: Image<'_>, application: u8) -> Changes {
        let name = image.application(application).map_or(&[][..], |application| application.name());
        Changes::new(self.next_sequence, name)
    }

    /// Whether there is room for all changes.
    pub(crate) fn has_room(&self, image: Image<'_>, record: &[u8]) -> bool {
        Record::parse(image, record).is_ok_and(|record| self.values.fits(&record))
    }

    /// Takes a record back, wholly or not at all. One that comes twice or out of order does no harm.
    pub(crate) fn restore(&mut self, image: Image<'_>, record: &[u8]) -> Result<(), RestoreError> {
        let record = Record::parse(image, record)?;
        if !self.values.fits(&record) {
            return Err(RestoreError::Full);
        }
        for value in record.values() {
            let last = self.values.get(value.application, value.code).map(|found| found.sequence);
            if last.is_none_or(|last| last <= record.sequence) {
                self.values.set(&value, record.sequence);
            }
        }
        self.next_sequence = self.next_sequence.max(record.sequence.saturating_add(1));
        Ok(())
    }

    /// Whether the record is the last that wrote any of its values.
    pub(crate) fn is_current(&self, image: Image<'_>, record: &[u8]) -> bool {
        let Ok(record) = Record::parse(image, record) else { return false };
        let sequence = |value: record::Value<'_>| Some(self.values.get(value.application, value.code)?.sequence);
        record.values().any(|value| sequence(value) == Some(record.sequence))
    }
}
