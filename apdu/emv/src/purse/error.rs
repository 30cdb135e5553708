//! Why octets of a purse are not what its description says.

use crate::bcd::BcdErrorKind;
use crate::date::DateError;

/// What is wrong with a register, a file or a record, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{kind} at byte {offset}")]
pub struct PurseError {
    /// What is wrong.
    pub kind: PurseErrorKind,
    /// The first octet of the field that shows it, counted from the start of the answer.
    pub offset: usize,
}

/// The kinds of [`PurseError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PurseErrorKind {
    /// The answer ends before the field does.
    #[error("{found} octets where at least {needed} are needed")]
    TooShort {
        /// Octets that the answer needs for the field.
        needed: usize,
        /// Octets that it has.
        found: usize,
    },
    /// A half octet that is no digit.
    #[error("{0}")]
    Digits(BcdErrorKind),
    /// No such day or time.
    #[error("{0}")]
    Date(DateError),
    /// A month or day of a date without a year that no calendar has.
    #[error("there is no day {month:02}-{day:02}")]
    MonthDay {
        /// Month found.
        month: u8,
        /// Day found.
        day: u8,
    },
}

impl PurseError {
    pub(crate) const fn new(kind: PurseErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

/// The octets of a field, or what is missing.
pub(crate) fn field(octets: &[u8], offset: u8, length: u8) -> Result<&[u8], PurseError> {
    let start = usize::from(offset);
    let end = start + usize::from(length);
    octets.get(start..end).ok_or(PurseError::new(PurseErrorKind::TooShort { needed: end, found: octets.len() }, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_beyond_the_end_says_how_much_is_needed() {
        let error = PurseError::new(PurseErrorKind::TooShort { needed: 6, found: 4 }, 2);
        assert_eq!(field(&[0; 4], 2, 4), Err(error));
        assert_eq!(field(&[0, 1, 2, 3], 2, 2), Ok(&[2, 3][..]));
    }
}
