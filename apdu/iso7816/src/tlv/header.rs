//! Tag field and length field of one object (ISO/IEC 7816-4:2005, 5.2.2; EMV 4.4 Book 3, Annexes B1 and B2).
//!
//! The readers want few instructions per object: the common headers are read with one test of what is left, all others
//! stand apart in a cold function.

use super::error::TlvErrorKind;
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
        let first = *first;
        // Each kind returns by itself and reads what it needs only, so that none waits for what another needs.
        if first & NUMBER_GOES_ON == NUMBER_GOES_ON {
            // Bit 8 of either: a longer tag or a longer length.
            if (*second | *third) & ANOTHER_FOLLOWS != 0 {
                return None;
            }
            let tag = Tag::new(u32::from(first) << 8 | u32::from(*second));
            return Some(Self { tag, first, length: usize::from(*third), behind: after_three });
        }
        let tag = Tag::new(u32::from(first));
        match *second {
            _ if first == 0x00 => None,
            0x00..=0x7F => Some(Self { tag, first, length: usize::from(*second), behind: after_two }),
            ONE_MORE => Some(Self { tag, first, length: usize::from(*third), behind: after_three }),
            _ => None,
        }
    }

    /// Reads any header, or says what is wrong with it.
    #[cold]
    #[inline(never)]
    pub(super) fn any(input: &'a [u8]) -> Result<Self, TlvErrorKind> {
        let (tag, behind) = Tag::take(input)?;
        let (length, behind) = read_length(behind)?;
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

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    type Parts<'a> = (Tag, u8, usize, &'a [u8]);

    fn parts<'a>(header: &Header<'a>) -> Parts<'a> {
        (header.tag, header.first, header.length, header.behind)
    }

    /// Every first octet with the second and third ones that decide.
    fn beginnings() -> impl Iterator<Item = Vec<u8>> {
        const DECIDING: [u8; 12] = [0x00, 0x01, 0x1F, 0x20, 0x7F, 0x80, 0x81, 0x82, 0x84, 0x85, 0x9F, 0xFF];
        (0..=0xFF).flat_map(|first| {
            let pairs = DECIDING.into_iter().flat_map(|second| DECIDING.map(|third| (second, third)));
            pairs.map(move |(second, third)| [first, second, third, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06].to_vec())
        })
    }

    #[test]
    fn the_short_way_reads_what_the_long_way_reads() {
        for input in beginnings() {
            for length in 0..=input.len() {
                let Some(common) = Header::common(&input[..length]) else { continue };
                let any = Header::any(&input[..length]).map(|header| parts(&header));
                assert_eq!(any, Ok(parts(&common)), "{:02X?}", &input[..length]);
            }
        }
    }

    #[test]
    fn common_headers_take_the_short_way() {
        for input in beginnings() {
            let [first, second, third, ..] = *input else { panic!("nine octets") };
            let two_octets = first & 0x1F == 0x1F;
            let common = match (two_octets, second, third) {
                (true, 0x00..=0x7F, 0x00..=0x7F) => true,
                (true, ..) => false,
                (false, 0x00..=0x81, _) => first != 0x00 && second != 0x80,
                (false, ..) => false,
            };
            assert_eq!(Header::common(&input).is_some(), common, "{:02X?}", &input[..3]);
        }
    }
}
