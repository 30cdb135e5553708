//! The primary account number and the rules for showing it (`5A`; EMV 4.4 Book 3, Annex A; ISO/IEC 7812-1).
//!
//! A [`Pan`] prints itself masked, whatever the formatter. Code that needs the digits, as key derivation does, says so
//! by calling [`Pan::reveal`]. Track data is in [`crate::track`], free text in [`crate::mask`].

use crate::bcd::{BcdError, CnDigits};
use core::fmt;

/// Most digits of a PAN (ISO/IEC 7812-1).
pub const MAX_PAN_DIGITS: usize = 19;

/// A primary account number of 1 to 19 digits. `Debug`, `Display` and defmt show a masked form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pan {
    /// ASCII digits; what follows them is zero.
    digits: [u8; MAX_PAN_DIGITS],
    len: u8,
}

/// Why something is no PAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PanError {
    /// The value is not in format cn.
    #[error(transparent)]
    Digits(#[from] BcdError),
    /// A character of the text is no digit.
    #[error("character {offset} is no digit")]
    NotADigit {
        /// Position in the text, counted from 0.
        offset: usize,
    },
    /// No digit at all.
    #[error("no digit")]
    Empty,
    /// More than 19 digits.
    #[error("more than 19 digits")]
    TooLong,
}

impl Pan {
    /// Reads a value in format cn: digits, then F to the end.
    ///
    /// ```
    /// use tapcard_emv::pan::Pan;
    ///
    /// let pan = Pan::from_cn(&[0x62, 0x10, 0x94, 0x00, 0x00, 0x00, 0x00, 0x11])?;
    /// assert_eq!(pan.to_string(), "621094******0011");
    /// # Ok::<(), tapcard_emv::pan::PanError>(())
    /// ```
    ///
    /// # Errors
    /// Half octets A to E, digits after the padding, no digit, or more than 19.
    pub fn from_cn(octets: &[u8]) -> Result<Self, PanError> {
        let mut pan = Self { digits: [0; MAX_PAN_DIGITS], len: 0 };
        for digit in CnDigits::new(octets) {
            pan.push(digit?)?;
        }
        pan.not_empty()
    }

    /// Reads decimal digits.
    ///
    /// # Errors
    /// A character that is no digit, no digit, or more than 19.
    pub fn from_digits(text: &str) -> Result<Self, PanError> {
        Self::from_ascii(text.as_bytes())
    }

    /// Reads ASCII digits, as on track 1.
    ///
    /// # Errors
    /// As [`Pan::from_digits`].
    pub fn from_ascii(text: &[u8]) -> Result<Self, PanError> {
        let mut pan = Self { digits: [0; MAX_PAN_DIGITS], len: 0 };
        for (offset, character) in text.iter().enumerate() {
            if !character.is_ascii_digit() {
                return Err(PanError::NotADigit { offset });
            }
            pan.push(character - b'0')?;
        }
        pan.not_empty()
    }

    fn push(&mut self, digit: u8) -> Result<(), PanError> {
        *self.digits.get_mut(usize::from(self.len)).ok_or(PanError::TooLong)? = b'0' + digit;
        self.len += 1;
        Ok(())
    }

    fn not_empty(self) -> Result<Self, PanError> {
        if self.len == 0 { Err(PanError::Empty) } else { Ok(self) }
    }

    /// The digits themselves. Keep them away from logs.
    #[must_use]
    pub fn reveal(&self) -> &str {
        core::str::from_utf8(self.ascii()).unwrap_or_default()
    }

    /// The digits as numbers 0 to 9. Keep them away from logs.
    pub fn digits(&self) -> impl DoubleEndedIterator<Item = u8> + ExactSizeIterator + '_ {
        self.ascii().iter().map(|character| character - b'0')
    }

    fn ascii(&self) -> &[u8] {
        self.digits.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The value in format cn, padded with F to ten octets. Keep it away from logs.
    #[must_use]
    pub fn to_cn(&self) -> [u8; 10] {
        let mut octets = [0xFF; 10];
        for (position, digit) in self.digits().enumerate() {
            if let Some(octet) = octets.get_mut(position / 2) {
                *octet = if position % 2 == 0 { digit << 4 | 0x0F } else { *octet & 0xF0 | digit };
            }
        }
        octets
    }

    /// How many digits there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Never: a PAN has at least one digit.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the last digit is the check digit of the others (ISO/IEC 7812-1, Annex B).
    #[must_use]
    pub fn is_luhn(&self) -> bool {
        is_luhn(self.ascii())
    }

    /// The form that may be shown: first six and last four digits of thirteen or more, at most the last four of fewer.
    #[must_use]
    pub fn masked(&self) -> MaskedPan {
        let mut shown = MaskedPan { characters: self.digits, len: self.len };
        mask_middle(shown.characters.get_mut(..self.len()).unwrap_or_default());
        shown
    }
}

impl fmt::Display for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.masked().as_str())
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pan({})", self.masked().as_str())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Pan {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Pan({=str})", self.masked().as_str());
    }
}

/// A PAN without its middle, see [`Pan::masked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskedPan {
    characters: [u8; MAX_PAN_DIGITS],
    len: u8,
}

impl MaskedPan {
    /// Digits and asterisks.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.characters.get(..usize::from(self.len)).unwrap_or_default()).unwrap_or_default()
    }
}

impl fmt::Display for MaskedPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How many characters of an account number of `len` characters may be shown at its start and at its end.
pub(crate) const fn shown_ends(len: usize) -> (usize, usize) {
    match len {
        0..=7 => (0, 0),
        8..=12 => (0, 4),
        _ => (6, 4),
    }
}

/// Overwrites what may not be shown with asterisks.
pub(crate) fn mask_middle(characters: &mut [u8]) {
    let (first, last) = shown_ends(characters.len());
    let end = characters.len() - last;
    if let Some(hidden) = characters.get_mut(first..end) {
        hidden.fill(b'*');
    }
}

/// The check digit rule on ASCII digits.
pub(crate) fn is_luhn(digits: &[u8]) -> bool {
    let mut sum: u32 = 0;
    for (position, character) in digits.iter().rev().enumerate() {
        let digit = u32::from(character.wrapping_sub(b'0'));
        sum += match (position % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        };
    }
    !digits.is_empty() && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bcd::BcdErrorKind;
    use proptest::prelude::*;
    use std::format;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn pan(digits: &str) -> Pan {
        Pan::from_digits(digits).unwrap()
    }

    #[test]
    fn first_six_and_last_four_digits_are_shown() {
        assert_eq!(pan("6210940000000011").to_string(), "621094******0011");
        assert_eq!(format!("{:?}", pan("6210940000000011")), "Pan(621094******0011)");
        assert_eq!(pan("4111111111119").to_string(), "411111***1119");
    }

    #[test]
    fn of_a_short_number_at_most_four_digits_are_shown() {
        assert_eq!(pan("123456789012").to_string(), "********9012");
        assert_eq!(pan("12345678").to_string(), "****5678");
        assert_eq!(pan("1234567").to_string(), "*******");
    }

    #[test]
    fn padding_is_taken_off_and_put_on() {
        let padded = Pan::from_cn(&[0x12, 0x34, 0x5F, 0xFF]).unwrap();
        assert_eq!(padded.reveal(), "12345");
        assert_eq!(padded.to_cn(), [0x12, 0x34, 0x5F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        assert_eq!(padded, pan("12345"));
    }

    #[test]
    fn what_is_no_account_number_is_refused() {
        assert_eq!(Pan::from_cn(&[]), Err(PanError::Empty));
        assert_eq!(Pan::from_cn(&[0xFF]), Err(PanError::Empty));
        assert_eq!(Pan::from_cn(&[0x11; 10]), Err(PanError::TooLong));
        assert_eq!(
            Pan::from_cn(&[0x12, 0xD3]),
            Err(PanError::Digits(BcdError { kind: BcdErrorKind::NotADigit { value: 0xD, low: false }, offset: 1 }))
        );
        assert_eq!(Pan::from_digits("12 4"), Err(PanError::NotADigit { offset: 2 }));
        assert_eq!(Pan::from_digits("12345678901234567890"), Err(PanError::TooLong));
    }

    #[test]
    fn the_check_digit_is_checked() {
        assert!(pan("4111111111111111").is_luhn());
        assert!(!pan("4111111111111112").is_luhn());
        assert!(pan("6228480402564890018").is_luhn());
    }

    proptest! {
        #[test]
        fn never_more_than_ten_digits_are_shown(digits in "[0-9]{1,19}") {
            let pan = pan(&digits);
            for text in [pan.to_string(), format!("{pan:?}"), pan.masked().to_string()] {
                prop_assert!(text.chars().filter(char::is_ascii_digit).count() <= 10);
                prop_assert!(digits.len() < 13 || text.contains("***"));
            }
        }

        #[test]
        fn format_cn_is_read_as_written(digits in "[0-9]{1,19}") {
            let pan = pan(&digits);
            prop_assert_eq!(Pan::from_cn(&pan.to_cn()), Ok(pan.clone()));
            prop_assert_eq!(pan.digits().map(|d| char::from(b'0' + d)).collect::<String>(), digits);
        }

        #[test]
        fn exactly_one_check_digit_fits(digits in "[0-9]{11,18}") {
            prop_assert_eq!((0..10).filter(|d| pan(&format!("{digits}{d}")).is_luhn()).count(), 1);
        }

        #[test]
        fn no_octets_make_the_reader_panic(octets: Vec<u8>) {
            let _ = Pan::from_cn(&octets).map(|pan| pan.to_string());
            let _ = Pan::from_ascii(&octets);
        }
    }
}
