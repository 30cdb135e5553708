//! Historical octets (ISO/IEC 7816-4:2005, 8.1.1): what the card says of itself, mostly in COMPACT-TLV.
//!
//! The same octets are in an ATS. What single objects mean (capabilities, pre-issuing data) is left to the caller.

use crate::status::StatusWord;

/// The first octet: how the others are coded (ISO/IEC 7816-4:2005, 8.1.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Category {
    /// `00`: COMPACT-TLV, then three octets of status.
    StatusAtEnd,
    /// `10`: the next octet refers to the directory data.
    DirReference,
    /// `80`: COMPACT-TLV, in which the status may stand.
    CompactTlv,
    /// `81` to `8F`: reserved.
    Reserved(u8),
    /// Any other: the issuer's own.
    Proprietary(u8),
}

/// Life cycle and status that the card announces (ISO/IEC 7816-4:2005, 8.1.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CardStatus {
    /// Life cycle status octet; 0: not told.
    pub life_cycle: Option<u8>,
    /// SW1-SW2; `9000`: the card is in order, `0000`: not told.
    pub sw: Option<StatusWord>,
}

/// One COMPACT-TLV object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CompactTlv<'a> {
    /// Upper half of the header octet: 1 country, 2 issuer, 3 card service data, 4 initial access data, 5 issuer's data,
    /// 6 pre-issuing data, 7 capabilities, 8 status, 15 AID.
    pub tag: u8,
    /// The value, 0 to 15 octets.
    pub value: &'a [u8],
    /// Where the header octet stands in the ATR.
    pub offset: usize,
}

/// A COMPACT-TLV object whose value is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("the COMPACT-TLV object at byte {offset} needs {needed} octets, {left} are left")]
pub struct CompactTlvError {
    /// Where its header octet stands in the ATR.
    pub offset: usize,
    /// Octets of value that the header announces.
    pub needed: usize,
    /// What there is.
    pub left: usize,
}

/// The historical octets of an ATR or an ATS.
///
/// ```
/// use tapcard_iso7816::StatusWord;
/// use tapcard_iso7816::atr::historical::{Category, Historical};
///
/// let historical = Historical::new(&[0x80, 0x31, 0xE0, 0x82, 0x90, 0x00], 0);
/// assert_eq!(historical.category(), Some(Category::CompactTlv));
/// assert_eq!(historical.compact_tlvs().next().expect("two objects")?.tag, 3);
/// assert_eq!(historical.status().and_then(|status| status.sw), Some(StatusWord::OK));
/// # Ok::<(), tapcard_iso7816::atr::historical::CompactTlvError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Historical<'a> {
    octets: &'a [u8],
    offset: usize,
}

impl<'a> Historical<'a> {
    /// The octets, which begin at `offset` of the ATR or ATS.
    #[must_use]
    pub const fn new(octets: &'a [u8], offset: usize) -> Self {
        Self { octets, offset }
    }

    /// The octets as they came.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// How they are coded; `None` if there are none.
    #[must_use]
    pub const fn category(&self) -> Option<Category> {
        Some(match self.octets {
            [] => return None,
            [0x00, ..] => Category::StatusAtEnd,
            [0x10, ..] => Category::DirReference,
            [0x80, ..] => Category::CompactTlv,
            [reserved @ 0x81..=0x8F, ..] => Category::Reserved(*reserved),
            [proprietary, ..] => Category::Proprietary(*proprietary),
        })
    }

    /// The COMPACT-TLV objects; none in the categories that have none. Ends after the first error.
    #[must_use]
    pub const fn compact_tlvs(&self) -> CompactTlvs<'a> {
        let rest = match self.octets {
            [0x00, objects @ .., _, _, _] => objects,
            [0x80, objects @ ..] => objects,
            _ => &[],
        };
        CompactTlvs { rest, offset: self.offset + 1 }
    }

    /// Life cycle and status: the last three octets, or the COMPACT-TLV object 8.
    #[must_use]
    pub fn status(&self) -> Option<CardStatus> {
        let octets = match self.octets {
            [0x00, .., life_cycle, sw1, sw2] => &[*life_cycle, *sw1, *sw2][..],
            _ => self.compact_tlvs().map_while(Result::ok).find(|object| object.tag == 8)?.value,
        };
        let sw = |sw1: &u8, sw2: &u8| Some(StatusWord::from_octets(*sw1, *sw2));
        match octets {
            [life_cycle] => Some(CardStatus { life_cycle: Some(*life_cycle), sw: None }),
            [sw1, sw2] => Some(CardStatus { life_cycle: None, sw: sw(sw1, sw2) }),
            [life_cycle, sw1, sw2] => Some(CardStatus { life_cycle: Some(*life_cycle), sw: sw(sw1, sw2) }),
            _ => None,
        }
    }
}

/// COMPACT-TLV objects, in order.
#[derive(Clone, Copy, Debug)]
pub struct CompactTlvs<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Iterator for CompactTlvs<'a> {
    type Item = Result<CompactTlv<'a>, CompactTlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (header, behind) = self.rest.split_first()?;
        let (tag, needed, offset) = (header >> 4, usize::from(header & 0x0F), self.offset);
        let Some((value, rest)) = behind.split_at_checked(needed) else {
            self.rest = &[];
            return Some(Err(CompactTlvError { offset, needed, left: behind.len() }));
        };
        self.rest = rest;
        self.offset += 1 + needed;
        Some(Ok(CompactTlv { tag, value, offset }))
    }
}

impl core::iter::FusedIterator for CompactTlvs<'_> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    use super::*;

    fn tags(octets: &[u8]) -> Vec<(u8, usize, usize)> {
        let objects = Historical::new(octets, 4).compact_tlvs().map(Result::unwrap);
        objects.map(|object| (object.tag, object.value.len(), object.offset)).collect()
    }

    #[test]
    fn the_first_octet_is_the_category() {
        for (octets, category) in [
            (&[][..], None),
            (&[0x00], Some(Category::StatusAtEnd)),
            (&[0x10, 0x01], Some(Category::DirReference)),
            (&[0x80], Some(Category::CompactTlv)),
            (&[0x8F], Some(Category::Reserved(0x8F))),
            (&[0x4A], Some(Category::Proprietary(0x4A))),
        ] {
            assert_eq!(Historical::new(octets, 0).category(), category);
        }
    }

    #[test]
    fn compact_objects_come_with_their_place_in_the_atr() {
        assert_eq!(tags(&[0x80, 0x31, 0xE0, 0x73, 0x01, 0x02, 0x03, 0x80]), [(3, 1, 5), (7, 3, 7), (8, 0, 11)]);
        assert_eq!(tags(&[0x00, 0x31, 0xE0, 0x05, 0x90, 0x00]), [(3, 1, 5)]);
        assert_eq!(tags(&[0x4A, 0x31, 0xE0]), []);
        assert_eq!(tags(&[0x00, 0x90, 0x00]), []);
    }

    #[test]
    fn every_truncation_of_a_compact_object_is_an_error() {
        let whole = [0x80, 0x73, 0x01, 0x02, 0x03];
        for length in 2..whole.len() {
            let mut objects = Historical::new(&whole[..length], 0).compact_tlvs();
            let error = CompactTlvError { offset: 1, needed: 3, left: length - 2 };
            assert_eq!((objects.next(), objects.next()), (Some(Err(error)), None));
        }
    }

    #[test]
    fn the_status_stands_last_or_in_object_8() {
        let status = |life_cycle, sw: Option<u16>| Some(CardStatus { life_cycle, sw: sw.map(StatusWord::new) });
        for (octets, expected) in [
            (&[0x00, 0x31, 0xE0, 0x05, 0x90, 0x00][..], status(Some(5), Some(0x9000))),
            (&[0x00, 0x07, 0x62, 0x83], status(Some(7), Some(0x6283))),
            (&[0x80, 0x81, 0x07], status(Some(7), None)),
            (&[0x80, 0x31, 0xE0, 0x82, 0x90, 0x00], status(None, Some(0x9000))),
            (&[0x80, 0x83, 0x05, 0x90, 0x00], status(Some(5), Some(0x9000))),
            (&[0x80, 0x80], None),
            (&[0x80, 0x84, 1, 2, 3, 4], None),
            (&[0x80, 0x31, 0xE0], None),
            (&[0x00, 0x90, 0x00], None),
            (&[], None),
        ] {
            assert_eq!(Historical::new(octets, 0).status(), expected, "{octets:02X?}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_give_objects_inside_the_input(octets in prop::collection::vec(any::<u8>(), 0..=20)) {
            let octets = [&[0x80][..], &octets].concat();
            let historical = Historical::new(&octets, 0);
            let mut end = 1;
            for object in historical.compact_tlvs() {
                match object {
                    Ok(object) => {
                        prop_assert_eq!(object.offset, end);
                        end += 1 + object.value.len();
                        prop_assert_eq!(&octets[object.offset + 1..end], object.value);
                    }
                    Err(error) => prop_assert_eq!((error.offset, error.offset + 1 + error.left), (end, octets.len())),
                }
            }
            let _ = historical.status();
        }

        #[test]
        fn built_objects_are_read_back(objects in prop::collection::vec((0_u8..16, prop::collection::vec(any::<u8>(), 0..16)), 0..4)) {
            let mut octets = vec![0x80];
            for (tag, value) in &objects {
                octets.push(tag << 4 | u8::try_from(value.len()).unwrap());
                octets.extend(value);
            }
            let found: Vec<_> = Historical::new(&octets, 0).compact_tlvs().map(Result::unwrap).collect();
            prop_assert_eq!(found.len(), objects.len());
            for (found, (tag, value)) in found.iter().zip(&objects) {
                prop_assert_eq!((found.tag, found.value), (*tag, &value[..]));
            }
        }
    }
}
