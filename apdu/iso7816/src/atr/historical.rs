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
