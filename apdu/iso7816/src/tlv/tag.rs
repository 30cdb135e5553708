//! Tag fields of BER-TLV data objects (ISO/IEC 7816-4:2005, 5.2.2.1; EMV 4.4 Book 3, Annex B1).
//!
//! Names of tags belong to the layers that know their meaning.

use core::fmt;
use core::str::FromStr;

use super::error::{CapacityError, TlvErrorKind};

/// Bit 6 of the first octet: the value holds data objects again.
pub(super) const CONSTRUCTED: u8 = 0x20;
/// Bits 5 to 1 of the first octet, all set: the tag number goes on in further octets.
pub(super) const NUMBER_GOES_ON: u8 = 0x1F;
/// Bit 8 of a further octet: another one follows.
pub(super) const ANOTHER_FOLLOWS: u8 = 0x80;

/// A tag field of one to four octets, kept as a big-endian number: `9F26` is `0x9F26`.
///
/// ```
/// use tapcard_iso7816::Tag;
///
/// let (tag, octets) = Tag::parse(&[0x9F, 0x26, 0x08])?;
/// assert_eq!((tag, octets), (Tag::new(0x9F26), 2));
/// assert_eq!("9f26".parse(), Ok(tag));
/// # Ok::<(), tapcard_iso7816::TlvErrorKind>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tag(u32);

impl Tag {
    /// The tag whose octets are the given number; leading zero octets do not count.
    ///
    /// The number is not checked, see [`Tag::is_well_formed`].
    #[must_use]
    pub const fn new(octets: u32) -> Self {
        Self(octets)
    }

    /// The octets as a number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// How many octets the tag field has: 1 to 4.
    #[must_use]
    pub const fn octet_count(self) -> usize {
        match self.0 {
            0..=0xFF => 1,
            0x100..=0xFFFF => 2,
            0x1_0000..=0xFF_FFFF => 3,
            _ => 4,
        }
    }

    /// The first octet: class, coding and, in a tag of one octet, the number.
    const fn first_octet(self) -> u8 {
        let [a, b, c, d] = self.0.to_be_bytes();
        match self.octet_count() {
            1 => d,
            2 => c,
            3 => b,
            _ => a,
        }
    }

    /// Whether the value holds data objects again (bit 6 of the first octet).
    #[must_use]
    pub const fn is_constructed(self) -> bool {
        // One mask for each length is cheaper than finding the first octet.
        let mask = match self.0 {
            0..=0xFF => 0x20,
            0x100..=0xFFFF => 0x2000,
            0x1_0000..=0xFF_FFFF => 0x20_0000,
            _ => 0x2000_0000,
        };
        self.0 & mask != 0
    }

    /// The class (bits 8 and 7 of the first octet).
    #[must_use]
    pub const fn class(self) -> Class {
        match self.first_octet() >> 6 {
            0 => Class::Universal,
            1 => Class::Application,
            2 => Class::ContextSpecific,
            _ => Class::Private,
        }
    }

    /// Whether the octets are exactly one tag field, so that a reader finds the same tag again.
    #[must_use]
    pub const fn is_well_formed(self) -> bool {
        let [a, b, c, d] = self.0.to_be_bytes();
        const fn leads(octet: u8) -> bool {
            octet & NUMBER_GOES_ON == NUMBER_GOES_ON
        }
        const fn goes_on(octet: u8) -> bool {
            octet & ANOTHER_FOLLOWS != 0
        }
        match self.octet_count() {
            1 => d != 0 && !leads(d),
            2 => leads(c) && !goes_on(d),
            3 => leads(b) && goes_on(c) && !goes_on(d),
            _ => leads(a) && goes_on(b) && goes_on(c) && !goes_on(d),
        }
    }

    /// Reads the tag field at the start of `input`; returns it and its number of octets.
    ///
    /// A number coded longer than needed (`9F1E`, which EMV uses, and second octet `80`) is taken as it stands.
    ///
    /// # Errors
    /// [`TlvErrorKind::TruncatedTag`] when `input` ends inside the tag field, [`TlvErrorKind::TagTooLong`] when it has more
    /// than four octets, [`TlvErrorKind::FillByte`] when it begins with `00`, which is no tag.
    #[inline]
    pub fn parse(input: &[u8]) -> Result<(Self, usize), TlvErrorKind> {
        match *input {
            [0x00, ..] => Err(TlvErrorKind::FillByte),
            [first, ..] if first & NUMBER_GOES_ON != NUMBER_GOES_ON => Ok((Self(u32::from(first)), 1)),
            [first, last @ 0x00..ANOTHER_FOLLOWS, ..] => Ok((Self(u32::from_be_bytes([0, 0, first, last])), 2)),
            _ => Self::take(input).map(|(tag, behind)| (tag, input.len() - behind.len())),
        }
    }

    /// Reads any tag field, octet by octet: little code, for what is rare. Returns the tag and what stands behind it.
    #[cold]
    pub(super) fn take(input: &[u8]) -> Result<(Self, &[u8]), TlvErrorKind> {
        let (&first, mut rest) = input.split_first().ok_or(TlvErrorKind::TruncatedTag)?;
        if first == 0x00 {
            return Err(TlvErrorKind::FillByte);
        }
        let mut number = u32::from(first);
        let mut goes_on = first & NUMBER_GOES_ON == NUMBER_GOES_ON;
        while goes_on {
            // The first octet is not zero, so it shows when there is no place for a fifth.
            if number > 0x00FF_FFFF {
                return Err(TlvErrorKind::TagTooLong);
            }
            let (&further, behind) = rest.split_first().ok_or(TlvErrorKind::TruncatedTag)?;
            (number, rest) = (number << 8 | u32::from(further), behind);
            goes_on = further & ANOTHER_FOLLOWS != 0;
        }
        Ok((Self(number), rest))
    }

    /// Writes the tag field to the start of `out`; returns its number of octets.
    ///
    /// # Errors
    /// `out` is shorter than the tag field.
    pub fn encode_into(self, out: &mut [u8]) -> Result<usize, CapacityError> {
        let count = self.octet_count();
        let octets = self.0.to_be_bytes();
        let (_, octets) = octets.split_at(octets.len() - count);
        let capacity = out.len();
        out.get_mut(..count).ok_or(CapacityError { needed: count, capacity })?.copy_from_slice(octets);
        Ok(count)
    }
}

/// Class of a tag: who defines what it means (ISO/IEC 7816-4:2005, 5.2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Class {
    /// ASN.1 itself.
    Universal,
    /// The application's standard, the same everywhere: `5A`, `6F`, `9F26` is not one.
    Application,
    /// The template around it, or EMV where no template is around: `84`, `9F26`, `A5`.
    ContextSpecific,
    /// The issuer or the payment system: `DF60`, `FF8105`.
    Private,
}

/// Upper-case hexadecimal without spaces: `9F26`.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$X}", self.0, width = 2 * self.octet_count())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ParseTagError {
    /// Not 2, 4, 6 or 8 digits.
    #[error("a tag has 2, 4, 6 or 8 hexadecimal digits, not {found} characters")]
    Length {
        /// How many octets the text has.
        found: usize,
    },
    /// A character that is no hexadecimal digit.
    #[error("no hexadecimal digit at character {offset}")]
    Digit {
        /// Where it stands, from 0.
        offset: usize,
    },
    /// Octets that are less or more than one tag field.
    #[error("the octets are not exactly one tag field")]
    Malformed,
}

/// Reads hexadecimal digits of either case; they must be exactly one well-formed tag field.
impl FromStr for Tag {
    type Err = ParseTagError;

    fn from_str(text: &str) -> Result<Self, ParseTagError> {
        let found = text.len();
        if !matches!(found, 2 | 4 | 6 | 8) {
            return Err(ParseTagError::Length { found });
        }
        let mut octets = 0;
        for (offset, character) in text.char_indices() {
            let digit = character.to_digit(16).ok_or(ParseTagError::Digit { offset })?;
            octets = octets << 4 | digit;
        }
        let tag = Self(octets);
        if !tag.is_well_formed() || 2 * tag.octet_count() != found {
            return Err(ParseTagError::Malformed);
        }
        Ok(tag)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn tags_of_one_to_four_octets_are_read() {
        for (octets, number) in [
            (&[0x5A, 0xFF][..], 0x5A),
            (&[0x9F, 0x26], 0x9F26),
            (&[0x9F, 0x1E], 0x9F1E),
            (&[0xDF, 0x81, 0x05], 0x00DF_8105),
            (&[0x9F, 0x80, 0x01], 0x009F_8001),
            (&[0x7F, 0x81, 0x82, 0x03], 0x7F81_8203),
        ] {
            let tag = Tag::new(number);
            assert_eq!(Tag::parse(octets), Ok((tag, tag.octet_count())));
            assert!(tag.is_well_formed());
        }
    }

    #[test]
    fn a_tag_cut_off_anywhere_says_so() {
        let whole = [0x9F, 0x81, 0x82, 0x03];
        for length in 0..whole.len() {
            assert_eq!(Tag::parse(&whole[..length]), Err(TlvErrorKind::TruncatedTag));
        }
    }

    #[test]
    fn a_tag_of_five_octets_is_too_long_even_when_it_is_cut_off() {
        assert_eq!(Tag::parse(&[0x9F, 0x81, 0x82, 0x83, 0x04]), Err(TlvErrorKind::TagTooLong));
        assert_eq!(Tag::parse(&[0x9F, 0x81, 0x82, 0x83]), Err(TlvErrorKind::TagTooLong));
    }

    #[test]
    fn a_fill_octet_is_no_tag() {
        assert_eq!(Tag::parse(&[0x00, 0x5A]), Err(TlvErrorKind::FillByte));
        assert!(!Tag::new(0).is_well_formed());
    }

    #[test]
    fn class_and_coding_come_from_the_first_octet() {
        assert_eq!((Tag::new(0x02).class(), Tag::new(0x30).is_constructed()), (Class::Universal, true));
        assert_eq!((Tag::new(0x5F20).class(), Tag::new(0x5F20).is_constructed()), (Class::Application, false));
        assert_eq!(Tag::new(0x5A).class(), Class::Application);
        assert_eq!((Tag::new(0x84).class(), Tag::new(0xC0).class()), (Class::ContextSpecific, Class::Private));
        assert_eq!((Tag::new(0xBF0C).class(), Tag::new(0xBF0C).is_constructed()), (Class::ContextSpecific, true));
        assert_eq!((Tag::new(0xFF8105).class(), Tag::new(0xFF8105).is_constructed()), (Class::Private, true));
        assert_eq!((Tag::new(0xDF81_8203).class(), Tag::new(0xDF81_8203).is_constructed()), (Class::Private, false));
        assert!(!Tag::new(0x9F20).is_constructed(), "20 in a later octet means nothing");
    }

    #[test]
    fn a_tag_is_shown_as_its_octets_and_read_from_them() {
        for (number, text) in [(0x5A, "5A"), (0x9F02, "9F02"), (0xDF_8105, "DF8105"), (0x7F81_8203, "7F818203")] {
            let tag = Tag::new(number);
            assert_eq!((tag.to_string(), std::format!("{tag:?}")), (text.into(), text.into()));
            assert_eq!((text.parse(), text.to_lowercase().parse()), (Ok(tag), Ok(tag)));
        }
    }

    #[test]
    fn a_text_that_is_not_one_tag_is_refused() {
        assert_eq!("".parse::<Tag>(), Err(ParseTagError::Length { found: 0 }));
        assert_eq!("9F2".parse::<Tag>(), Err(ParseTagError::Length { found: 3 }));
        assert_eq!("9F2G".parse::<Tag>(), Err(ParseTagError::Digit { offset: 3 }));
        assert_eq!("+F26".parse::<Tag>(), Err(ParseTagError::Digit { offset: 0 }));
        assert_eq!("5Aéx".parse::<Tag>(), Err(ParseTagError::Length { found: 5 }));
        assert_eq!("5é1".parse::<Tag>(), Err(ParseTagError::Digit { offset: 1 }));
        for malformed in ["00", "9F", "5A5A", "9F26FF", "9F8182", "005A", "9F818283", "9F812603"] {
            assert_eq!(malformed.parse::<Tag>(), Err(ParseTagError::Malformed), "{malformed}");
        }
    }

    #[test]
    fn a_buffer_that_is_too_short_for_a_tag_is_refused() {
        assert_eq!(Tag::new(0x9F26).encode_into(&mut [0]), Err(CapacityError { needed: 2, capacity: 1 }));
    }

    proptest! {
        #[test]
        fn any_well_formed_tag_survives_text_and_octets(octets in prop::collection::vec(any::<u8>(), 1..6)) {
            let Ok((tag, count)) = Tag::parse(&octets) else { return Ok(()) };
            prop_assert!(tag.is_well_formed());
            prop_assert_eq!(tag.octet_count(), count);
            prop_assert_eq!(tag.to_string().parse(), Ok(tag));
            prop_assert_eq!(tag.to_string().to_lowercase().parse(), Ok(tag));
            let mut out = [0; 4];
            prop_assert_eq!(tag.encode_into(&mut out), Ok(count));
            prop_assert_eq!(&out[..count], &octets[..count]);
        }

        #[test]
        fn well_formed_means_that_the_octets_are_read_back(number in any::<u32>()) {
            let tag = Tag::new(number);
            let mut out = [0; 4];
            let count = tag.encode_into(&mut out).unwrap();
            prop_assert_eq!(tag.is_well_formed(), Tag::parse(&out[..count]) == Ok((tag, count)));
            let first: Vec<u8> = out[..count].to_vec();
            prop_assert_eq!(tag.is_constructed(), first[0] & CONSTRUCTED != 0);
        }

        #[test]
        fn any_text_is_a_tag_or_an_error(text in ".{0,9}") {
            let _ = text.parse::<Tag>();
        }
    }
}
