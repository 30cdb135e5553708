//! One field of a message: its value as text, octets or a number, decoded when asked for.
//!
//! Whatever the spec's way of writing, [`FieldRef::chars`] gives the value as text (packed digits without their pad,
//! octets as hexadecimal digits) and [`FieldRef::octets`] as octets. Nothing is copied; [`FieldRef::copy_octets`] copies
//! into the caller's buffer where one piece is needed. What these give is not masked, `Debug` and `Display` are.

use core::iter::FusedIterator;

use tapcard_emv::{Pan, bcd};
use tapcard_iso7816::tlv::CapacityError;

use crate::Spec;
use crate::spec::{Coding, FieldSpec, Pad};

/// A field in the octets of its message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FieldRef<'a> {
    pub(crate) spec: &'a FieldSpec,
    pub(crate) wire: &'a [u8],
    pub(crate) len: usize,
    pub(crate) offset: usize,
}

impl<'a> FieldRef<'a> {
    /// The field's number.
    #[must_use]
    pub const fn number(&self) -> u8 {
        self.spec.number
    }

    /// How the field is laid out.
    #[must_use]
    pub const fn spec(&self) -> &'a FieldSpec {
        self.spec
    }

    /// Length in the unit of the coding: characters, digits or octets.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether the value has no unit at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where the value begins in the message, behind its length.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The value as the message has it, without its length and with its pad.
    #[must_use]
    pub const fn wire(&self) -> &'a [u8] {
        self.wire
    }

    /// The value as text: characters as they are, packed digits as ASCII digits (separator `D`), octets as upper-case
    /// hexadecimal digits.
    #[must_use]
    pub const fn chars(&self) -> Chars<'a> {
        Chars::new(self.wire, self.spec.coding, self.len)
    }

    /// The value as octets: hexadecimal text decoded, everything else as the message has it.
    pub fn octets(&self) -> impl Iterator<Item = u8> + use<'a> {
        let (wire, hex) = (self.wire, self.spec.coding == Coding::Hex);
        let count = if hex { wire.len() / 2 } else { wire.len() };
        (0..count).map(move |index| {
            let at = |index: usize| wire.get(index).copied().unwrap_or_default();
            if hex { hex_value(at(2 * index)) << 4 | hex_value(at(2 * index + 1)) } else { at(index) }
        })
    }

    /// The text of a field that is written as text, borrowed; `None` for packed digits, octets and text that is no UTF-8.
    #[must_use]
    pub fn as_text(&self) -> Option<&'a str> {
        match self.spec.coding {
            Coding::PackedDigits(_) | Coding::PackedTrack(_) | Coding::Octets => None,
            _ => str::from_utf8(self.wire).ok(),
        }
    }

    /// The octets of a field that is written as octets, borrowed; `None` for every other coding.
    #[must_use]
    pub fn as_octets(&self) -> Option<&'a [u8]> {
        (self.spec.coding == Coding::Octets).then_some(self.wire)
    }

    /// Copies [`FieldRef::chars`] to the start of `out`.
    ///
    /// # Errors
    /// They do not fit.
    pub fn copy_chars<'o>(&self, out: &'o mut [u8]) -> Result<&'o [u8], CapacityError> {
        copy(self.chars(), self.chars().len(), out)
    }

    /// Copies [`FieldRef::octets`] to the start of `out`: field 55 of a spec that writes it in hexadecimal has to be in
    /// one piece before its data objects can be read.
    ///
    /// # Errors
    /// They do not fit.
    pub fn copy_octets<'o>(&self, out: &'o mut [u8]) -> Result<&'o [u8], CapacityError> {
        copy(self.octets(), self.octets().count(), out)
    }

    /// Whether the value is this text.
    #[must_use]
    pub fn is(&self, text: &[u8]) -> bool {
        self.chars().eq(text.iter().copied())
    }

    /// The number that the digits are; `None` when one is no digit, there is none or the number is above 2^64 - 1.
    #[must_use]
    pub fn number_value(&self) -> Option<u64> {
        if self.is_empty() {
            return None;
        }
        self.chars().try_fold(0_u64, |total, digit| {
            let digit = char::from(digit).to_digit(10)?;
            total.checked_mul(10)?.checked_add(digit.into())
        })
    }

    /// The account number that the digits are, as in fields 2 and 102; `None` when they are none.
    #[must_use]
    pub fn pan(&self) -> Option<Pan> {
        let mut digits = [0; tapcard_emv::pan::MAX_PAN_DIGITS];
        Pan::from_ascii(self.copy_chars(&mut digits).ok()?).ok()
    }

    /// Whether two fields have the same value, each in its own spec.
    #[must_use]
    pub fn same_value(&self, other: &FieldRef<'_>) -> bool {
        self.chars().eq(other.chars())
    }
}

fn copy(values: impl Iterator<Item = u8>, needed: usize, out: &mut [u8]) -> Result<&[u8], CapacityError> {
    let capacity = out.len();
    let out = out.get_mut(..needed).ok_or(CapacityError { needed, capacity })?;
    out.iter_mut().zip(values).for_each(|(place, value)| *place = value);
    Ok(out)
}

/// A value as text; see [`FieldRef::chars`].
#[derive(Clone)]
pub struct Chars<'a> {
    wire: &'a [u8],
    /// Two characters an octet.
    packed: bool,
    next: usize,
    end: usize,
}

impl<'a> Chars<'a> {
    pub(crate) const fn new(wire: &'a [u8], coding: Coding, len: usize) -> Self {
        match coding {
            Coding::PackedDigits(pad) | Coding::PackedTrack(pad) => {
                let next = if matches!(pad, Pad::LeftZero) { len % 2 } else { 0 };
                Self { wire, packed: true, next, end: next + len }
            }
            Coding::Octets => Self { wire, packed: true, next: 0, end: 2 * len },
            _ => Self { wire, packed: false, next: 0, end: len },
        }
    }

    pub(crate) const fn text(text: &'a [u8]) -> Self {
        Self::new(text, Coding::Text, text.len())
    }
}

impl Iterator for Chars<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.next >= self.end {
            return None;
        }
        let index = self.next;
        self.next += 1;
        if !self.packed {
            return self.wire.get(index).copied();
        }
        let [upper, lower] = bcd::halves(*self.wire.get(index / 2)?);
        Some(hex_digit(if index.is_multiple_of(2) { upper } else { lower }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end.saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Chars<'_> {}
impl FusedIterator for Chars<'_> {}

/// The upper-case digit of a half octet.
pub(crate) const fn hex_digit(half: u8) -> u8 {
    match half {
        0..=9 => b'0' + half,
        _ => b'A' - 10 + (half & 15),
    }
}

/// The half octet of a hexadecimal digit of either case; 0 for anything else.
pub(crate) const fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'A'..=b'F' => digit - b'A' + 10,
        b'a'..=b'f' => digit - b'a' + 10,
        _ => 0,
    }
}

impl<'s> Spec<'s> {
    pub(crate) fn field_at<'a>(&self, number: u8, wire: &'a [u8], len: usize, offset: usize) -> Option<FieldRef<'a>>
    where
        's: 'a,
    {
        Some(FieldRef { spec: self.field(number)?, wire, len, offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn field(coding: Coding, len: u16, wire: &[u8]) -> (String, Vec<u8>) {
        let spec = FieldSpec::fixed(2, coding, len);
        let field = FieldRef { spec: &spec, wire, len: len.into(), offset: 0 };
        (String::from_utf8(field.chars().collect()).unwrap(), field.octets().collect())
    }

    #[test]
    fn each_coding_has_its_text_and_its_octets() {
        for (coding, len, wire, text, octets) in [
            (Coding::Text, 3, &b"A1*"[..], "A1*", &b"A1*"[..]),
            (Coding::PackedDigits(Pad::LeftZero), 3, &[0x01, 0x23], "123", &[0x01, 0x23]),
            (Coding::PackedDigits(Pad::RightZero), 3, &[0x12, 0x30], "123", &[0x12, 0x30]),
            (Coding::PackedTrack(Pad::RightF), 5, &[0x12, 0x3D, 0x4F], "123D4", &[0x12, 0x3D, 0x4F]),
            (Coding::Hex, 4, b"9FaB", "9FaB", &[0x9F, 0xAB]),
            (Coding::Octets, 2, &[0x9F, 0xAB], "9FAB", &[0x9F, 0xAB]),
        ] {
            assert_eq!(field(coding, len, wire), (text.into(), octets.to_vec()), "{coding:?}");
        }
    }

    #[test]
    fn a_number_needs_digits_and_room() {
        let value = |digits: &[u8]| {
            let spec = FieldSpec::variable(4, Coding::Text, crate::spec::Prefix::Ascii(2), 99);
            FieldRef { spec: &spec, wire: digits, len: digits.len(), offset: 0 }.number_value()
        };
        assert_eq!(value(b"000000008917"), Some(8917));
        assert_eq!(value(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(value(b"18446744073709551616"), None);
        assert_eq!((value(b""), value(b"12A")), (None, None));
    }

    #[test]
    fn a_buffer_that_is_too_small_is_said_to_be() {
        let spec = FieldSpec::fixed(52, Coding::Hex, 16);
        let field = FieldRef { spec: &spec, wire: b"07131D8C6751F082", len: 16, offset: 0 };
        assert_eq!(field.copy_octets(&mut [0; 8]), Ok(&[0x07, 0x13, 0x1D, 0x8C, 0x67, 0x51, 0xF0, 0x82][..]));
        assert_eq!(field.copy_octets(&mut [0; 7]), Err(CapacityError { needed: 8, capacity: 7 }));
        assert_eq!(field.copy_chars(&mut [0; 15]), Err(CapacityError { needed: 16, capacity: 15 }));
        assert_eq!((field.as_octets(), field.as_text()), (None, Some("07131D8C6751F082")));
    }
}
