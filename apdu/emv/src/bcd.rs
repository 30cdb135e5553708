//! Digits in half octets: formats n and cn (EMV 4.4 Book 3, 4.3).
//!
//! Format n is right-justified with leading zeros, format cn is left-justified and padded with F. Dates, amounts and
//! PANs are built on this module; what a number means is theirs.

/// Why octets are not the digits they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{kind} at byte {offset}")]
pub struct BcdError {
    /// What is wrong.
    pub kind: BcdErrorKind,
    /// The octet that shows it, counted from the start of the value.
    pub offset: usize,
}

/// The kinds of [`BcdError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BcdErrorKind {
    /// A half octet above 9.
    #[error("{value:X} where a digit is expected, {} half", half_name(*.low))]
    NotADigit {
        /// The half octet found, A to F.
        value: u8,
        /// Whether it is the lower half of its octet.
        low: bool,
    },
    /// A digit after the padding has begun.
    #[error("a digit after the padding")]
    DigitAfterPadding,
    /// More digits than the number type holds.
    #[error("more than {max} digits")]
    TooManyDigits {
        /// How many would fit.
        max: usize,
    },
    /// No digit at all.
    #[error("no digit")]
    Empty,
}

const fn half_name(low: bool) -> &'static str {
    if low { "lower" } else { "upper" }
}

/// The two half octets, upper one first.
#[must_use]
pub const fn halves(octet: u8) -> [u8; 2] {
    [octet >> 4, octet & 0x0F]
}

/// Reads a number in format n. An empty value is 0.
///
/// ```
/// use tapcard_emv::bcd;
///
/// assert_eq!(bcd::number(&[0x00, 0x12, 0x34])?, 1234);
/// assert_eq!(bcd::number(&[0x00, 0x1A]).unwrap_err().offset, 1);
/// # Ok::<(), bcd::BcdError>(())
/// ```
///
/// # Errors
/// A half octet above 9, or a number above 2^64 - 1.
pub fn number(octets: &[u8]) -> Result<u64, BcdError> {
    let mut total: u64 = 0;
    for (offset, octet) in octets.iter().enumerate() {
        for (digit, low) in halves(*octet).into_iter().zip([false, true]) {
            if digit > 9 {
                return Err(BcdError { kind: BcdErrorKind::NotADigit { value: digit, low }, offset });
            }
            total = total
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(u64::from(digit)))
                .ok_or(BcdError { kind: BcdErrorKind::TooManyDigits { max: 19 }, offset })?;
        }
    }
    Ok(total)
}

/// Writes a number in format n, filling the whole of `out`.
///
/// # Errors
/// The number has more digits than `out` has half octets; `out` then holds its last digits.
pub fn write_number(mut number: u64, out: &mut [u8]) -> Result<(), BcdError> {
    let max = out.len().saturating_mul(2);
    for octet in out.iter_mut().rev() {
        *octet = pair(number);
        number /= 100;
    }
    if number == 0 { Ok(()) } else { Err(BcdError { kind: BcdErrorKind::TooManyDigits { max }, offset: 0 }) }
}

/// The last two digits of `number` in one octet.
fn pair(number: u64) -> u8 {
    let [.., last] = (number % 100).to_be_bytes();
    (last / 10) << 4 | (last % 10)
}

/// The digits of a value in format cn, one after the other; what follows the first F must be F too.
///
/// ```
/// use tapcard_emv::bcd::CnDigits;
///
/// let digits: Result<Vec<u8>, _> = CnDigits::new(&[0x12, 0x3F]).collect();
/// assert_eq!(digits?, [1, 2, 3]);
/// # Ok::<(), tapcard_emv::bcd::BcdError>(())
/// ```
#[derive(Clone)]
pub struct CnDigits<'a> {
    octets: &'a [u8],
    /// Position in half octets.
    next: usize,
    padded: bool,
}

impl<'a> CnDigits<'a> {
    /// Begins at the first half octet.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { octets, next: 0, padded: false }
    }

    fn fail(&mut self, kind: BcdErrorKind, offset: usize) -> Option<Result<u8, BcdError>> {
        self.octets = &[];
        Some(Err(BcdError { kind, offset }))
    }
}

impl Iterator for CnDigits<'_> {
    type Item = Result<u8, BcdError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let offset = self.next / 2;
            let low = self.next % 2 == 1;
            let [upper, lower] = halves(*self.octets.get(offset)?);
            self.next += 1;
            match if low { lower } else { upper } {
                0x0F => self.padded = true,
                value @ 0x0A..=0x0E => return self.fail(BcdErrorKind::NotADigit { value, low }, offset),
                _ if self.padded => return self.fail(BcdErrorKind::DigitAfterPadding, offset),
                digit => return Some(Ok(digit)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn a_number_is_read_with_its_leading_zeros() {
        assert_eq!(number(&[]), Ok(0));
        assert_eq!(number(&[0x00, 0x00, 0x00, 0x03, 0x78, 0x00]), Ok(37800));
        assert_eq!(number(&[0x18, 0x44, 0x67, 0x44, 0x07, 0x37, 0x09, 0x55, 0x16, 0x16]).unwrap_err().offset, 9);
    }

    #[test]
    fn the_error_names_octet_and_half() {
        let error = |octets| number(octets).unwrap_err();
        assert_eq!(
            error(&[0x12, 0xA4]),
            BcdError { kind: BcdErrorKind::NotADigit { value: 0xA, low: false }, offset: 1 }
        );
        assert_eq!(error(&[0x1F]), BcdError { kind: BcdErrorKind::NotADigit { value: 0xF, low: true }, offset: 0 });
    }

    #[test]
    fn a_digit_after_padding_is_an_error_and_ends_the_digits() {
        let mut digits = CnDigits::new(&[0x1F, 0xF2, 0x33]);
        assert_eq!(digits.next(), Some(Ok(1)));
        assert_eq!(digits.next(), Some(Err(BcdError { kind: BcdErrorKind::DigitAfterPadding, offset: 1 })));
        assert_eq!(digits.next(), None);
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused() {
        let mut out = [0; 1];
        assert_eq!(
            write_number(100, &mut out),
            Err(BcdError { kind: BcdErrorKind::TooManyDigits { max: 2 }, offset: 0 })
        );
        assert_eq!(write_number(99, &mut out), Ok(()));
        assert_eq!(out, [0x99]);
    }

    proptest! {
        #[test]
        fn a_written_number_is_read_again(value in 0u64..10u64.pow(19)) {
            let mut out = [0; 10];
            write_number(value, &mut out).unwrap();
            prop_assert_eq!(number(&out), Ok(value));
        }

        #[test]
        fn no_octets_make_the_readers_panic(octets: Vec<u8>) {
            let _ = number(&octets);
            prop_assert!(CnDigits::new(&octets).count() <= 2 * octets.len());
        }
    }
}
