//! PINs and their blocks: ISO 9564-1 formats 0 and 2, and the block of Visa for a PIN change.
//!
//! A [`Pin`] is wiped when it is dropped, compares in constant time and prints nothing. Format 4 is left out: it belongs to
//! terminals and hosts that encipher with AES.

use core::fmt;

use subtle::ConstantTimeEq;
use tapcard_emv::pan::Pan;
use zeroize::{Zeroize, Zeroizing};

use crate::keys::TdesKey;

/// Fewest and most digits (ISO 9564-1, 9.2).
pub const PIN_DIGITS: core::ops::RangeInclusive<usize> = 4..=12;

/// A PIN of 4 to 12 digits.
///
/// ```
/// use tapcard_crypto::pin::Pin;
///
/// let pin = Pin::from_digits("7617")?;
/// assert_eq!(*pin.iso2(), [0x24, 0x76, 0x17, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
/// assert_eq!(format!("{pin:?}"), "Pin(..)");
/// # Ok::<(), tapcard_crypto::pin::PinError>(())
/// ```
#[derive(Clone)]
pub struct Pin {
    /// Digits 0 to 9; what follows them is F, the filler of all blocks.
    digits: [u8; 14],
    len: u8,
}

/// Why something is no PIN. It never holds a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PinError {
    /// Fewer than 4 or more than 12 digits.
    #[error("a PIN has 4 to 12 digits")]
    Length,
    /// A character that is no digit, or a block with another filler.
    #[error("something other than digits and filler")]
    NotADigit,
    /// The first half octet of the block is another format.
    #[error("not a block of this format")]
    Format,
}

const FILLER: u8 = 0x0F;

impl Pin {
    /// Reads decimal digits.
    ///
    /// # Errors
    /// Other characters, or not 4 to 12 of them.
    pub fn from_digits(text: &str) -> Result<Self, PinError> {
        if !PIN_DIGITS.contains(&text.len()) {
            return Err(PinError::Length);
        }
        if !text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(PinError::NotADigit);
        }
        Ok(Self::of(text.bytes().map(|digit| digit - b'0')))
    }

    /// Takes what has been checked: 4 to 12 digits.
    fn of(from: impl Iterator<Item = u8>) -> Self {
        let mut pin = Self { digits: [FILLER; 14], len: 0 };
        for (to, digit) in pin.digits.iter_mut().zip(from) {
            *to = digit;
            pin.len += 1;
        }
        pin
    }

    /// Reads a block of format 2, as VERIFY brings it.
    ///
    /// # Errors
    /// Another format, length, or filler than the format has.
    pub fn from_iso2(block: &[u8; 8]) -> Result<Self, PinError> {
        let [control, rest @ ..] = block;
        if control >> 4 != 2 {
            return Err(PinError::Format);
        }
        let len = usize::from(control & 0x0F);
        if !PIN_DIGITS.contains(&len) {
            return Err(PinError::Length);
        }
        let halves = || rest.iter().flat_map(|octet| [octet >> 4, octet & 0x0F]);
        let is_whole = halves().take(len).all(|digit| digit < 10) && halves().skip(len).all(|half| half == FILLER);
        if is_whole { Ok(Self::of(halves().take(len))) } else { Err(PinError::NotADigit) }
    }

    /// A head octet, then the digits with F after them.
    fn block(&self, head: u8) -> Zeroizing<[u8; 8]> {
        let mut block = Zeroizing::new([head; 8]);
        for (octet, pair) in block.iter_mut().skip(1).zip(self.digits.as_chunks::<2>().0) {
            let [high, low] = pair;
            *octet = high << 4 | low;
        }
        block
    }

    /// Format 2: for the card, without the PAN (ISO 9564-1, 9.3.4; EMV 4.4 Book 3, 6.5.12).
    #[must_use]
    pub fn iso2(&self) -> Zeroizing<[u8; 8]> {
        self.block(0x20 | self.len)
    }

    /// Format 0: for the host, bound to the last twelve digits of the PAN before the check digit (ISO 9564-1, 9.3.2).
    #[must_use]
    pub fn iso0(&self, pan: &Pan) -> Zeroizing<[u8; 8]> {
        let mut block = self.block(self.len);
        let mut digits = pan.digits().rev().skip(1);
        for octet in block.iter_mut().skip(2).rev() {
            let low = digits.next().unwrap_or(0);
            *octet ^= digits.next().unwrap_or(0) << 4 | low;
        }
        block
    }

    /// The block of Visa for a PIN change (VIS 1.5, Appendix C.11.1): bound to the card's key for cryptograms, and to the
    /// current PIN where the change is made with it.
    #[must_use]
    pub fn vis(&self, mk_ac: &TdesKey, current: Option<&Self>) -> Zeroizing<[u8; 8]> {
        let mut block = self.block(self.len);
        let (left, _) = mk_ac.halves();
        let key = left.iter().skip(4);
        block.iter_mut().skip(4).zip(key).for_each(|(octet, key)| *octet ^= key);
        if let Some(current) = current {
            let digits = current.digits.map(|digit| if digit == FILLER { 0 } else { digit });
            let digits = Zeroizing::new(digits);
            for (octet, [high, low]) in block.iter_mut().zip(digits.as_chunks::<2>().0) {
                *octet ^= high << 4 | low;
            }
        }
        block
    }

    /// The digits as numbers 0 to 9. Keep them away from logs.
    pub(crate) fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        self.digits.iter().copied().take(usize::from(self.len))
    }
}

impl PartialEq for Pin {
    fn eq(&self, other: &Self) -> bool {
        (self.digits.ct_eq(&other.digits) & self.len.ct_eq(&other.len)).into()
    }
}

impl Eq for Pin {}

impl Drop for Pin {
    fn drop(&mut self) {
        self.digits.zeroize();
        self.len.zeroize();
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_and_thirteen_digits_are_no_pin() {
        for text in ["", "123", "1234567890123"] {
            assert_eq!(Pin::from_digits(text), Err(PinError::Length));
        }
        assert_eq!(Pin::from_digits("12a4"), Err(PinError::NotADigit));
    }

    #[test]
    fn a_block_that_is_not_of_format_2_is_refused_by_the_rule_that_it_breaks() {
        let block = |text: u64| Pin::from_iso2(&text.to_be_bytes());
        assert_eq!(block(0x0412_34FF_FFFF_FFFF), Err(PinError::Format));
        assert_eq!(block(0x2312_3FFF_FFFF_FFFF), Err(PinError::Length));
        assert_eq!(block(0x2D12_3456_7890_123F), Err(PinError::Length));
        assert_eq!(block(0x2412_3AFF_FFFF_FFFF), Err(PinError::NotADigit));
        assert_eq!(block(0x2412_34FF_FFFF_FF0F), Err(PinError::NotADigit));
    }

    proptest! {
        #[test]
        fn a_block_of_format_2_is_read_again(digits in "[0-9]{4,12}") {
            let pin = Pin::from_digits(&digits).unwrap();
            prop_assert_eq!(Pin::from_iso2(&pin.iso2()), Ok(pin));
        }

        #[test]
        fn no_block_makes_the_reader_panic(block: [u8; 8]) {
            if let Ok(pin) = Pin::from_iso2(&block) {
                prop_assert_eq!(*pin.iso2(), block);
            }
        }

        #[test]
        fn pins_are_equal_when_their_digits_are(a in "[0-9]{4,12}", b in "[0-9]{4,12}") {
            prop_assert_eq!(Pin::from_digits(&a) == Pin::from_digits(&b), a == b);
        }
    }
}
