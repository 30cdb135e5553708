//! How a network lays out its messages, as data: nothing in this crate knows a layout that is not in such a table.
//!
//! A [`Spec`] borrows its table of fields, so a table may be a `static` ([`crate::specs`]) or what a host has loaded from a
//! file; [`Spec::check`] says whether such a table can be used. A coding joins what a value is with how it is written, so
//! that a combination without sense (packed text) cannot be described. EBCDIC and the tertiary bitmap are left out.
//!
//! Defined by ISO 8583:1987, clause 4 and each network's own rules.

use crate::MAX_FIELD;

/// How the value of a field is written. The unit of a length is the character, digit or octet named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Coding {
    /// One octet a character (a, an, ans). Any octet passes: merchants' names come in GBK as well.
    Text,
    /// One ASCII digit a character (n).
    Digits,
    /// `C` or `D`, then ASCII digits (x+n), as in fee amounts.
    SignedDigits,
    /// ASCII digits and the separators `=` and `D` (z).
    Track,
    /// Two digits an octet.
    PackedDigits(Pad),
    /// Two digits an octet, half octet `D` as separator.
    PackedTrack(Pad),
    /// Octets written as two upper-case hexadecimal digits each; the length counts digits.
    Hex,
    /// Octets as they are (b).
    Octets,
}

/// The half octet that fills up an odd number of packed digits, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Pad {
    /// A 0 before the first digit.
    LeftZero,
    /// A 0 behind the last digit.
    RightZero,
    /// An F behind the last digit.
    RightF,
}

/// How long a value is, in the unit of its [`Coding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Size {
    /// Always this long, without a length on the wire.
    Fixed(u16),
    /// A length of its own before the value.
    Variable {
        /// How the length is written.
        prefix: Prefix,
        /// The longest value.
        max: u16,
    },
}

/// How the length of a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Prefix {
    /// This many ASCII digits.
    Ascii(u8),
    /// This many octets of two digits each.
    Bcd(u8),
    /// This many octets, big-endian.
    Binary(u8),
}

impl Prefix {
    /// How many octets the length has on the wire.
    #[must_use]
    pub const fn octet_count(self) -> usize {
        match self {
            Self::Ascii(count) | Self::Bcd(count) | Self::Binary(count) => count as usize,
        }
    }

    /// The greatest length that can be written.
    #[must_use]
    pub const fn max(self) -> usize {
        let (base, digits) = match self {
            Self::Ascii(count) => (10, count),
            Self::Bcd(count) => (100, count),
            Self::Binary(count) => (256, count),
        };
        match usize::checked_pow(base, digits as u32) {
            Some(power) => power - 1,
            None => usize::MAX,
        }
    }
}

/// One field of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FieldSpec {
    /// 2 to 128; 1 and 65 announce bitmaps and are no fields.
    pub number: u8,
    /// How the value is written.
    pub coding: Coding,
    /// How long it is.
    pub size: Size,
}

impl FieldSpec {
    /// A field without a length on the wire.
    #[must_use]
    pub const fn fixed(number: u8, coding: Coding, length: u16) -> Self {
        Self { number, coding, size: Size::Fixed(length) }
    }

    /// A field with a length before its value.
    #[must_use]
    pub const fn variable(number: u8, coding: Coding, prefix: Prefix, max: u16) -> Self {
        Self { number, coding, size: Size::Variable { prefix, max } }
    }

    /// The longest value, in the unit of the coding.
    #[must_use]
    pub const fn max(&self) -> usize {
        match self.size {
            Size::Fixed(length) => length as usize,
            Size::Variable { max, .. } => max as usize,
        }
    }

    /// How many octets a value of `units` has on the wire, without its length prefix.
    pub(crate) const fn octets_of(&self, units: usize) -> usize {
        match self.coding {
            Coding::PackedDigits(_) | Coding::PackedTrack(_) => units.div_ceil(2),
            _ => units,
        }
    }
}

/// What stands before the message type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Header {
    /// Nothing.
    None,
    /// This many octets without meaning here; an answer repeats them.
    Opaque(u8),
    /// A TPDU of five octets (`60`, destination, source) and this many octets of application header. An answer swaps
    /// destination and source.
    Tpdu(u8),
}

/// Octets of a TPDU: identifier, destination, source.
pub const TPDU: usize = 5;

impl Header {
    /// How many octets the header has.
    #[must_use]
    pub const fn octet_count(self) -> usize {
        match self {
            Self::None => 0,
            Self::Opaque(count) => count as usize,
            Self::Tpdu(count) => TPDU + count as usize,
        }
    }
}

/// How the message type and the bitmaps are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Written {
    /// As ASCII digits: four for the message type, 16 hexadecimal ones for a bitmap.
    Text,
    /// As octets: two for the message type, eight for a bitmap.
    Packed,
}

/// A layout of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec<'s> {
    /// What stands before the message type.
    pub header: Header,
    /// How the message type is written.
    pub mti: Written,
    /// How the bitmaps are written.
    pub bitmap: Written,
    /// The fields in rising order.
    pub fields: &'s [FieldSpec],
}

/// Why a table cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SpecError {
    /// 0, 1, 65 or above 128.
    #[error("field {number} cannot be described")]
    Number {
        /// The number found.
        number: u8,
    },
    /// The numbers do not rise, or one stands twice.
    #[error("field {number} is out of order")]
    Order {
        /// The number found.
        number: u8,
    },
    /// The length prefix has no octet, or cannot express the greatest length.
    #[error("field {number}: the length prefix does not reach the maximum")]
    Prefix {
        /// The field.
        number: u8,
    },
    /// Hexadecimal text of an odd fixed length.
    #[error("field {number}: an odd number of hexadecimal digits")]
    OddHexadecimal {
        /// The field.
        number: u8,
    },
}

impl<'s> Spec<'s> {
    /// How a field is laid out; `None` when the spec does not have it.
    #[must_use]
    pub fn field(&self, number: u8) -> Option<&'s FieldSpec> {
        let index = self.fields.binary_search_by_key(&number, |field| field.number).ok()?;
        self.fields.get(index)
    }

    /// Whether the table can be used; a table that cannot never panics, its fields are unknown or refuse values.
    ///
    /// ```
    /// use tapcard_iso8583::spec::{Coding, FieldSpec, Header, Spec, SpecError, Written};
    ///
    /// let fields = [FieldSpec::fixed(11, Coding::Digits, 6), FieldSpec::fixed(3, Coding::Digits, 6)];
    /// let spec = Spec { header: Header::None, mti: Written::Text, bitmap: Written::Packed, fields: &fields };
    /// assert_eq!(spec.check(), Err(SpecError::Order { number: 3 }));
    /// ```
    ///
    /// # Errors
    /// The first field that breaks a rule.
    pub fn check(&self) -> Result<(), SpecError> {
        let mut last = 0;
        for field in self.fields {
            let number = field.number;
            if matches!(number, 0 | 1 | 65) || number > MAX_FIELD {
                return Err(SpecError::Number { number });
            }
            if number <= last {
                return Err(SpecError::Order { number });
            }
            match field.size {
                Size::Variable { prefix, max } if prefix.octet_count() == 0 || usize::from(max) > prefix.max() => {
                    return Err(SpecError::Prefix { number });
                }
                Size::Fixed(length) if field.coding == Coding::Hex && length % 2 == 1 => {
                    return Err(SpecError::OddHexadecimal { number });
                }
                _ => {}
            }
            last = number;
        }
        Ok(())
    }

    pub(crate) const fn mti_octets(&self) -> usize {
        match self.mti {
            Written::Text => 4,
            Written::Packed => 2,
        }
    }

    pub(crate) const fn bitmap_octets(&self) -> usize {
        match self.bitmap {
            Written::Text => 16,
            Written::Packed => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specs;

    fn checked(fields: &[FieldSpec]) -> Result<(), SpecError> {
        Spec { header: Header::None, mti: Written::Text, bitmap: Written::Text, fields }.check()
    }

    #[test]
    fn the_tables_of_this_crate_can_be_used() {
        for (name, spec) in specs::ALL {
            assert_eq!(spec.check(), Ok(()), "{name}");
        }
    }

    #[test]
    fn a_table_that_cannot_be_used_is_refused() {
        for number in [0, 1, 65, 129, 255] {
            let fields = [FieldSpec::fixed(number, Coding::Text, 1)];
            assert_eq!(checked(&fields), Err(SpecError::Number { number }));
        }
        let twice = [FieldSpec::fixed(2, Coding::Text, 1); 2];
        assert_eq!(checked(&twice), Err(SpecError::Order { number: 2 }));
        for (prefix, max) in [
            (Prefix::Ascii(2), 100),
            (Prefix::Bcd(1), 100),
            (Prefix::Binary(1), 256),
            (Prefix::Ascii(0), 0),
            (Prefix::Binary(0), 0),
        ] {
            let fields = [FieldSpec::variable(2, Coding::Text, prefix, max)];
            assert_eq!(checked(&fields), Err(SpecError::Prefix { number: 2 }));
            let fields = [FieldSpec::variable(2, Coding::Text, prefix, max.saturating_sub(1))];
            assert_eq!(checked(&fields).is_ok(), max != 0);
        }
        let odd = [FieldSpec::fixed(64, Coding::Hex, 15)];
        assert_eq!(checked(&odd), Err(SpecError::OddHexadecimal { number: 64 }));
    }

    #[test]
    fn a_prefix_that_no_length_needs_has_a_maximum_too() {
        assert_eq!((Prefix::Ascii(3).max(), Prefix::Bcd(2).max(), Prefix::Binary(2).max()), (999, 9999, 65535));
        assert_eq!(Prefix::Binary(255).max(), usize::MAX);
    }

    #[test]
    fn a_header_counts_its_tpdu() {
        let counts = [Header::None, Header::Opaque(3), Header::Tpdu(6)].map(Header::octet_count);
        assert_eq!(counts, [0, 3, 11]);
    }
}
