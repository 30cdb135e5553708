//! What is wrong with a message that came in, or with a value that should go out: what, in which element and where.

use core::fmt;

/// A part of a message, in wire order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Element {
    /// What stands before the message type: TPDU, application header.
    Header,
    /// The message type identifier.
    Mti,
    /// Bits 1 to 64.
    PrimaryBitmap,
    /// Bits 65 to 128.
    SecondaryBitmap,
    /// A field by its number.
    Field(u8),
    /// The message as a whole.
    Message,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("header"),
            Self::Mti => f.write_str("message type"),
            Self::PrimaryBitmap => f.write_str("primary bitmap"),
            Self::SecondaryBitmap => f.write_str("secondary bitmap"),
            Self::Field(number) => write!(f, "field {number}"),
            Self::Message => f.write_str("message"),
        }
    }
}

/// Why octets are no message of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{element}: {kind} at byte {offset}")]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// The element that is broken; for [`DecodeErrorKind::TrailingData`] the last one that was read.
    pub element: Element,
    /// Offset in the message: where the element begins, or its value when that is cut off, or the first octet that cannot
    /// be part of the value.
    pub offset: usize,
}

/// The kinds of [`DecodeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends inside the element.
    #[error("{needed} octets are needed, {left} are left")]
    Truncated {
        /// What the rest of the element needs.
        needed: usize,
        /// What there is.
        left: usize,
    },
    /// Octets behind the last field that the bitmaps announce.
    #[error("{left} octets behind the last field")]
    TrailingData {
        /// How many.
        left: usize,
    },
    /// A length above what the spec allows, in the unit of that length.
    #[error("length {length} over the maximum {max}")]
    TooLong {
        /// What the length prefix says.
        length: usize,
        /// What the spec allows.
        max: usize,
    },
    /// A character that is no upper-case hexadecimal digit.
    #[error("not hexadecimal")]
    NotHexadecimal,
    /// An odd number of hexadecimal digits.
    #[error("odd number of hexadecimal digits")]
    OddHexadecimal,
    /// A length prefix of characters that are no digits.
    #[error("length not numeric")]
    LengthNotNumeric,
    /// A packed length prefix with a half octet above 9.
    #[error("length not BCD")]
    LengthNotBcd,
    /// Something else where only digits may be (in a track, digits and separators).
    #[error("not numeric")]
    NotNumeric,
    /// The half octet that fills up an odd number of digits is not the one of the spec.
    #[error("wrong pad")]
    BadPad,
    /// The bitmaps announce a field that the spec does not describe.
    #[error("not described by the spec")]
    UnknownField,
    /// A secondary bitmap that announces no field.
    #[error("announces no field")]
    BitmapConflict,
}

impl DecodeErrorKind {
    /// A short name in lower case with hyphens, the one of the test vectors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truncated { .. } => "truncated",
            Self::TrailingData { .. } => "trailing-data",
            Self::TooLong { .. } => "too-long",
            Self::NotHexadecimal => "not-hexadecimal",
            Self::OddHexadecimal => "odd-hexadecimal",
            Self::LengthNotNumeric => "length-not-numeric",
            Self::LengthNotBcd => "length-not-bcd",
            Self::NotNumeric => "not-numeric",
            Self::BadPad => "bad-pad",
            Self::UnknownField => "unknown-field",
            Self::BitmapConflict => "bitmap-conflict",
        }
    }
}

/// Why an element cannot be written; what was written before it stays as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{element}: {kind}")]
pub struct EncodeError {
    /// What is wrong.
    pub kind: EncodeErrorKind,
    /// The element that was to be written.
    pub element: Element,
}

impl EncodeError {
    pub(crate) const fn field(number: u8, kind: EncodeErrorKind) -> Self {
        Self { kind, element: Element::Field(number) }
    }
}

/// The kinds of [`EncodeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// The buffer is too small.
    #[error("{needed} octets are needed, the buffer has {capacity}")]
    Capacity {
        /// What the message would have so far, with this element.
        needed: usize,
        /// What the buffer has.
        capacity: usize,
    },
    /// More than the spec allows, in the unit of the element's length.
    #[error("length {length} over the maximum {max}")]
    TooLong {
        /// Length of the value.
        length: usize,
        /// What the spec allows.
        max: usize,
    },
    /// A fixed element of another length, in the unit of its length.
    #[error("length {length} instead of {expected}")]
    WrongLength {
        /// Length of the value.
        length: usize,
        /// The one length of the spec.
        expected: usize,
    },
    /// Something else where only digits may be (in a track, digits and separators).
    #[error("not numeric")]
    NotNumeric,
    /// Text for octets that is not hexadecimal, or has an odd number of digits.
    #[error("not hexadecimal")]
    NotHexadecimal,
    /// Octets for a field that holds text or digits.
    #[error("the field holds no octets")]
    NotOctets,
    /// The spec does not describe the field.
    #[error("not described by the spec")]
    UnknownField,
    /// The field has been written already.
    #[error("written twice")]
    Duplicate,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn an_error_says_what_where_and_how_much() {
        let kind = DecodeErrorKind::TooLong { length: 20, max: 19 };
        let error = DecodeError { kind, element: Element::Field(2), offset: 20 };
        assert_eq!(error.to_string(), "field 2: length 20 over the maximum 19 at byte 20");
        let kind = EncodeErrorKind::WrongLength { length: 5, expected: 6 };
        assert_eq!(EncodeError::field(3, kind).to_string(), "field 3: length 5 instead of 6");
        let names = [Element::Header, Element::Mti, Element::PrimaryBitmap, Element::SecondaryBitmap, Element::Message];
        let names = names.map(|element| element.to_string());
        assert_eq!(names, ["header", "message type", "primary bitmap", "secondary bitmap", "message"]);
    }
}
