//! Tag field and length field of one object (ISO/IEC 7816-4:2005, 5.2.2; EMV 4.4 Book 3, Annexes B1 and B2).
//!
//! The readers want few instructions per object: the common headers are read with one test of what is left, all others
//! stand apart in a cold function.

use super::reader::TlvErrorKind;
use super::tag::{ANOTHER_FOLLOWS, NUMBER_GOES_ON, Tag};

/// Length field of two octets: a length of 128 to 255, or less if it is coded longer than needed.
const ONE_MORE: u8 = 0x81;

/// Tag field and length field as read.
pub(super) struct Header<'a> {
    pub(super) tag: Tag,
    /// First octet of the tag field: says cheaper than `tag` whether the object is constructed.
    pub(super) first: u8,
    pub(super) length: usize,
    /// What stands behind the length field.
    pub(super) behind: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads the common headers: a tag of one or two octets with a length of one, or a tag of one with the length `81 xx`.
    ///
    /// `None` says nothing but that [`Header::any`] must be asked. Three octets are wanted at once, because one test is
    /// cheaper than two; a fill octet is no common header.
    #[inline(always)]
    pub(super) fn common(input: &'a [u8]) -> Option<Self> {
        let ([first, second, third, after_three @ ..], [_, _, after_two @ ..]) = (input, input) else { return None };
        let (tag, length, behind) = if first & NUMBER_GOES_ON == NUMBER_GOES_ON {
            // Bit 8 of either: a longer tag or a longer length.
            if (second | third) & ANOTHER_FOLLOWS != 0 {
                return None;
            }
            (u32::from(*first) << 8 | u32::from(*second), *third, after_three)
        } else {
            match *second {
                _ if *first == 0x00 => return None,
                short @ 0x00..=0x7F => (u32::from(*first), short, after_two),
                ONE_MORE => (u32::from(*first), *third, after_three),
                _ => return None,
            }
        };
        Some(Self { tag: Tag::new(tag), first: *first, length: usize::from(length), behind })
    }

    /// Reads any header, or says what is wrong with it.
    #[cold]
    #[inline(never)]
    pub(super) fn any(input: &'a [u8]) -> Result<Self, TlvErrorKind> {
        let (tag, octets) = Tag::parse(input)?;
        let (length, behind) = read_length(input.get(octets..).unwrap_or_default())?;
        Ok(Self { tag, first: input.first().copied().unwrap_or_default(), length, behind })
    }
}

/// Reads a length field; returns the length and what is behind the field (EMV 4.4 Book 3, Annex B2).
fn read_length(input: &[u8]) -> Result<(usize, &[u8]), TlvErrorKind> {
    let (first, behind) = input.split_first().ok_or(TlvErrorKind::TruncatedLength)?;
    let count = match *first {
        short @ 0x00..=0x7F => return Ok((usize::from(short), behind)),
        0x80 => return Err(TlvErrorKind::IndefiniteLength),
        long @ 0x81..=0x84 => usize::from(long & 0x0F),
        _ => return Err(TlvErrorKind::LengthTooLong),
    };
    let (octets, behind) = behind.split_at_checked(count).ok_or(TlvErrorKind::TruncatedLength)?;
    let length = octets.iter().fold(0_u32, |length, octet| length << 8 | u32::from(*octet));
    let length = usize::try_from(length).map_err(|_| TlvErrorKind::LengthTooLong)?;
    Ok((length, behind))
}
