//! What changes in a card's life, and the records by which it survives.
//!
//! The card never writes: it hands out a record ([`Action::Persist`](tapcard_flow::Action::Persist)), and only when its owner
//! says that the record is kept does the change count. After a reset the owner gives all kept records back, oldest first.
//!
//! So far one thing changes: the application transaction counter (ATC, `9F36`; EMV 4.4 Book 3, 10.8).
//!
//! ```text
//! record   01 | ATC 2 | DF name of the application 5..16
//! ```
//!
//! A record carries the name and not the number of its application, so that a new image of the same card finds its state.

use tapcard_emv::tag;

use crate::image::{Application, Image, MAX_APPLICATIONS};

/// The longest record that a card hands out, in octets.
pub const MAX_STATE_RECORD: usize = 3 + 16;

/// The kind of a record that holds an ATC.
const ATC: u8 = 0x01;

/// Why a record could not be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RestoreError {
    /// No octet at all, or fewer than its kind needs.
    #[error("the state record is cut off after {found} octets")]
    Truncated {
        /// How many octets there are.
        found: usize,
    },
    /// Of a kind that only a later version knows.
    #[error("the state record has the unknown kind {found:02X}")]
    Kind {
        /// Its first octet.
        found: u8,
    },
    /// Of an application that the image does not have.
    #[error("the state record is of an application that is not on this card")]
    Application,
}

/// The counters of all applications, in the order of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// 2 octets of RAM for each of the [`MAX_APPLICATIONS`].
    atc: [u16; MAX_APPLICATIONS],
}

impl State {
    /// As the card was personalised: an ATC begins with the value that the image has for GET DATA, else with 0.
    pub(crate) fn new(image: Image<'_>) -> Self {
        let mut atc = [0; MAX_APPLICATIONS];
        for (counter, application) in atc.iter_mut().zip(image.applications()) {
            if let Some(&[high, low]) = application.data(tag::ATC) {
                *counter = u16::from_be_bytes([high, low]);
            }
        }
        Self { atc }
    }

    pub(crate) fn atc(&self, application: u8) -> u16 {
        self.slot(application).and_then(|slot| self.atc.get(slot)).copied().unwrap_or_default()
    }

    pub(crate) fn set_atc(&mut self, application: u8, value: u16) {
        if let Some(counter) = self.slot(application).and_then(|slot| self.atc.get_mut(slot)) {
            *counter = value;
        }
    }

    fn slot(&self, application: u8) -> Option<usize> {
        usize::from(application).checked_sub(1)
    }

    /// Takes a record back. An ATC never falls: a record that comes twice or out of order does no harm.
    pub(crate) fn restore(&mut self, image: Image<'_>, record: &[u8]) -> Result<(), RestoreError> {
        let (application, value) = read(image, record)?;
        if value > self.atc(application) {
            self.set_atc(application, value);
        }
        Ok(())
    }

    /// Whether the record still says something that no later one said.
    pub(crate) fn is_current(&self, image: Image<'_>, record: &[u8]) -> bool {
        read(image, record).is_ok_and(|(application, value)| value == self.atc(application))
    }
}

/// Writes the record of an ATC into `out`; `None` when it does not fit.
pub(crate) fn write_atc(application: Application<'_>, value: u16, out: &mut [u8]) -> Option<usize> {
    let [high, low] = value.to_be_bytes();
    crate::answer::put(out, &[&[ATC, high, low], application.name()])
}

/// Application number and ATC of a record.
fn read(image: Image<'_>, record: &[u8]) -> Result<(u8, u16), RestoreError> {
    match *record {
        [ATC, high, low, ref name @ ..] => {
            let application = image.applications().find(|application| application.name() == name);
            let application = application.ok_or(RestoreError::Application)?;
            Ok((application.number(), u16::from_be_bytes([high, low])))
        }
        [] | [ATC, ..] => Err(RestoreError::Truncated { found: record.len() }),
        [found, ..] => Err(RestoreError::Kind { found }),
    }
}
