//! The Answer-to-Select of a contactless card of type A (ISO/IEC 14443-4:2016, 5.2): how fast it is, how long its frames
//! are and how long it may take, and its historical octets.
//!
//! [`Ats`] is a view: octets that have their place are accepted, reserved values can still be looked at. Choosing a bit
//! rate (PPS) and running the protocol are left to the reader.

use crate::atr::historical::Historical;

/// The format octet T0 announces these.
const TA: u8 = 0x10;
const TB: u8 = 0x20;
const TC: u8 = 0x40;

/// An ATS whose octets all have their place.
///
/// ```
/// use tapcard_iso7816::ats::Ats;
///
/// let ats = Ats::parse(&[0x06, 0x75, 0x77, 0x81, 0x02, 0x80])?;
/// assert_eq!((ats.frame_size(), ats.supports_cid(), ats.supports_nad()), (64, true, false));
/// assert_eq!(ats.frame_waiting_time_us(), Some(77_328));
/// assert_eq!(ats.historical_bytes().octets(), [0x80]);
/// # Ok::<(), tapcard_iso7816::ats::AtsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ats<'a> {
    octets: &'a [u8],
    t0: Option<u8>,
    ta: Option<u8>,
    tb: Option<u8>,
    tc: Option<u8>,
    historical: &'a [u8],
}

/// Which octet of an ATS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AtsByte {
    /// TA(1): bit rates.
    Ta,
    /// TB(1): frame waiting time and start-up frame guard time.
    Tb,
    /// TC(1): NAD and CID.
    Tc,
}

/// As in the standard: `TA(1)`.
impl core::fmt::Display for AtsByte {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Ta => "TA(1)",
            Self::Tb => "TB(1)",
            Self::Tc => "TC(1)",
        })
    }
}

/// Why octets are not an ATS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AtsError {
    /// There is no octet at all.
    #[error("an ATS has at least one octet, its length TL")]
    Empty,
    /// TL counts other octets than there are; it counts itself, and not the CRC of the frame.
    #[error("TL says {expected} octets, there are {found}")]
    Length {
        /// What TL says.
        expected: usize,
        /// How many octets there are.
        found: usize,
    },
    /// An octet that T0 announces is missing.
    #[error("the ATS is cut off at byte {offset}, where {name} must be")]
    Truncated {
        /// The length of the input.
        offset: usize,
        /// Which octet is missing.
        name: AtsByte,
    },
}

/// Multiples of 106 kbit/s that a card takes beside 106 kbit/s itself, one bit each: 1 for 2, 2 for 4, 4 for 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BitRates {
    /// From card to reader (DS).
    pub from_card: u8,
    /// From reader to card (DR).
    pub to_card: u8,
    /// Whether both directions must be equally fast.
    pub same_only: bool,
}

impl<'a> Ats<'a> {
    /// Gives every octet its place. The CRC of the frame is not part of it.
    ///
    /// # Errors
    /// See [`AtsError`].
    pub const fn parse(octets: &'a [u8]) -> Result<Self, AtsError> {
        let Some((tl, mut rest)) = octets.split_first() else { return Err(AtsError::Empty) };
        if *tl as usize != octets.len() {
            return Err(AtsError::Length { expected: *tl as usize, found: octets.len() });
        }
        let mut ats = Self { octets, t0: None, ta: None, tb: None, tc: None, historical: &[] };
        let Some((t0, behind)) = rest.split_first() else { return Ok(ats) };
        ats.t0 = Some(*t0);
        rest = behind;
        if *t0 & TA != 0 {
            let Some((octet, behind)) = rest.split_first() else { return Err(ats.cut_off(AtsByte::Ta)) };
            (ats.ta, rest) = (Some(*octet), behind);
        }
        if *t0 & TB != 0 {
            let Some((octet, behind)) = rest.split_first() else { return Err(ats.cut_off(AtsByte::Tb)) };
            (ats.tb, rest) = (Some(*octet), behind);
        }
        if *t0 & TC != 0 {
            let Some((octet, behind)) = rest.split_first() else { return Err(ats.cut_off(AtsByte::Tc)) };
            (ats.tc, rest) = (Some(*octet), behind);
        }
        ats.historical = rest;
        Ok(ats)
    }

    const fn cut_off(&self, name: AtsByte) -> AtsError {
        AtsError::Truncated { offset: self.octets.len(), name }
    }

    /// The octets as they came.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// T0: which octets follow, and the frame size; an ATS of one octet has none.
    #[must_use]
    pub const fn t0(&self) -> Option<u8> {
        self.t0
    }

    /// The value of an interface octet.
    #[must_use]
    pub const fn interface(&self, name: AtsByte) -> Option<u8> {
        match name {
            AtsByte::Ta => self.ta,
            AtsByte::Tb => self.tb,
            AtsByte::Tc => self.tc,
        }
    }

    /// Where an interface octet stands, if it is there.
    #[must_use]
    pub fn offset(&self, name: AtsByte) -> Option<usize> {
        self.interface(name)?;
        let before = match name {
            AtsByte::Ta => &[][..],
            AtsByte::Tb => &[self.ta],
            AtsByte::Tc => &[self.ta, self.tb],
        };
        Some(2 + before.iter().flatten().count())
    }

    /// Frame size for proximity card integer, bits 4 to 1 of T0; 2 without T0.
    #[must_use]
    pub const fn fsci(&self) -> u8 {
        match self.t0 {
            Some(t0) => t0 & 0x0F,
            None => 2,
        }
    }

    /// Longest frame that the card takes, in octets with prologue and CRC. Reserved values of FSCI count as 12.
    #[must_use]
    pub const fn frame_size(&self) -> u16 {
        match self.fsci() {
            0 => 16,
            1 => 24,
            2 => 32,
            3 => 40,
            4 => 48,
            5 => 64,
            6 => 96,
            7 => 128,
            8 => 256,
            9 => 512,
            10 => 1024,
            11 => 2048,
            _ => 4096,
        }
    }

    /// TA(1), or 106 kbit/s only where it is absent.
    #[must_use]
    pub const fn bit_rates(&self) -> BitRates {
        let ta = match self.ta {
            Some(ta) => ta,
            None => 0x80,
        };
        BitRates { from_card: ta >> 4 & 0x07, to_card: ta & 0x07, same_only: ta & 0x80 != 0 }
    }

    /// Frame waiting time integer, bits 8 to 5 of TB(1); 4 where it is absent, 15 is reserved.
    #[must_use]
    pub const fn fwi(&self) -> u8 {
        match self.tb {
            Some(tb) => tb >> 4,
            None => 4,
        }
    }

    /// How long the card may take to begin its answer, in microseconds; `None` for the reserved FWI.
    #[must_use]
    pub const fn frame_waiting_time_us(&self) -> Option<u32> {
        time_us(self.fwi())
    }

    /// Start-up frame guard time integer, bits 4 to 1 of TB(1); 0 where it is absent, 15 is reserved.
    #[must_use]
    pub const fn sfgi(&self) -> u8 {
        match self.tb {
            Some(tb) => tb & 0x0F,
            None => 0,
        }
    }

    /// How long the card needs after the ATS before the next frame, in microseconds; 0 for SFGI 0, `None` for the
    /// reserved one.
    #[must_use]
    pub const fn guard_time_us(&self) -> Option<u32> {
        match self.sfgi() {
            0 => Some(0),
            sfgi => time_us(sfgi),
        }
    }

    /// Whether frames may carry a card identifier: bit 2 of TC(1), yes where it is absent.
    #[must_use]
    pub const fn supports_cid(&self) -> bool {
        match self.tc {
            Some(tc) => tc & 0x02 != 0,
            None => true,
        }
    }

    /// Whether frames may carry a node address: bit 1 of TC(1), no where it is absent.
    #[must_use]
    pub const fn supports_nad(&self) -> bool {
        match self.tc {
            Some(tc) => tc & 0x01 != 0,
            None => false,
        }
    }

    /// The historical octets, with offsets that count from TL.
    #[must_use]
    pub const fn historical_bytes(&self) -> Historical<'a> {
        Historical::new(self.historical, self.octets.len() - self.historical.len())
    }
}

/// 256 · 16 / fc · 2^integer, fc = 13.56 MHz (ISO/IEC 14443-4:2016, 7.2).
const fn time_us(integer: u8) -> Option<u32> {
    if integer > 14 {
        return None;
    }
    let periods = 4096_u64 << integer;
    #[expect(clippy::cast_possible_truncation, reason = "the longest time is 5 s")]
    Some((periods * 100 / 1356) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atr::historical::Category;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn ats(octets: &[u8]) -> Ats<'_> {
        Ats::parse(octets).unwrap()
    }

    #[test]
    fn absent_octets_have_the_values_of_the_standard() {
        let ats = ats(&[0x01]);
        assert_eq!((ats.t0(), ats.fsci(), ats.frame_size()), (None, 2, 32));
        assert_eq!(ats.bit_rates(), BitRates { from_card: 0, to_card: 0, same_only: true });
        assert_eq!((ats.fwi(), ats.frame_waiting_time_us()), (4, Some(4_833)));
        assert_eq!((ats.sfgi(), ats.guard_time_us()), (0, Some(0)));
        assert_eq!((ats.supports_cid(), ats.supports_nad()), (true, false));
        assert_eq!(ats.historical_bytes().category(), None);
    }

    #[test]
    fn every_octet_that_is_announced_is_found() {
        let whole = [0x09, 0x78, 0x33, 0x88, 0x03, 0x80, 0x73, 0xC8, 0x21];
        let ats = ats(&whole);
        assert_eq!((ats.octets(), ats.t0()), (&whole[..], Some(0x78)));
        assert_eq!((ats.fsci(), ats.frame_size()), (8, 256));
        assert_eq!(ats.bit_rates(), BitRates { from_card: 3, to_card: 3, same_only: false });
        assert_eq!((ats.fwi(), ats.sfgi()), (8, 8));
        assert_eq!((ats.frame_waiting_time_us(), ats.guard_time_us()), (Some(77_328), Some(77_328)));
        assert!(ats.supports_cid() && ats.supports_nad());
        let offsets = [AtsByte::Ta, AtsByte::Tb, AtsByte::Tc].map(|name| ats.offset(name));
        assert_eq!(offsets, [Some(2), Some(3), Some(4)]);
        assert_eq!(ats.historical_bytes(), Historical::new(&whole[5..], 5));
        assert_eq!(ats.historical_bytes().category(), Some(Category::CompactTlv));
    }

    #[test]
    fn octets_may_be_left_out_one_by_one() {
        let ats = ats(&[0x03, 0x40, 0x00]);
        assert_eq!((ats.interface(AtsByte::Ta), ats.interface(AtsByte::Tb)), (None, None));
        assert_eq!((ats.interface(AtsByte::Tc), ats.offset(AtsByte::Tc)), (Some(0), Some(2)));
        assert_eq!((ats.offset(AtsByte::Ta), ats.frame_size()), (None, 16));
        assert!(!ats.supports_cid());
    }

    #[test]
    fn frames_grow_with_the_integer() {
        let sizes: Vec<_> = (0..16).map(|fsci| ats(&[0x02, fsci]).frame_size()).collect();
        let expected = [16, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096, 4096, 4096, 4096];
        assert_eq!(sizes, expected);
    }

    #[test]
    fn reserved_values_have_no_time() {
        let ats = ats(&[0x03, 0x2F, 0xFF]);
        assert_eq!((ats.frame_waiting_time_us(), ats.guard_time_us(), ats.frame_size()), (None, None, 4096));
        assert_eq!(Ats::parse(&[0x03, 0x20, 0xE0]).unwrap().frame_waiting_time_us(), Some(4_949_031));
    }

    #[test]
    fn what_is_no_ats_is_refused_with_its_reason() {
        assert_eq!(Ats::parse(&[]), Err(AtsError::Empty));
        assert_eq!(Ats::parse(&[0x05, 0x78]), Err(AtsError::Length { expected: 5, found: 2 }));
        assert_eq!(Ats::parse(&[0x01, 0x78]), Err(AtsError::Length { expected: 1, found: 2 }));
        for (octets, name) in
            [(&[0x02, 0x70][..], AtsByte::Ta), (&[0x03, 0x70, 0], AtsByte::Tb), (&[0x04, 0x70, 0, 0], AtsByte::Tc)]
        {
            let error = AtsError::Truncated { offset: octets.len(), name };
            assert_eq!(Ats::parse(octets), Err(error), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_give_an_ats_of_its_own_parts(octets: Vec<u8>) {
            let Ok(ats) = Ats::parse(&octets) else { return Ok(()) };
            let parts = [ats.t0(), ats.ta, ats.tb, ats.tc].iter().flatten().count();
            prop_assert_eq!(1 + parts + ats.historical_bytes().octets().len(), octets.len());
            let _ = (ats.frame_size(), ats.bit_rates(), ats.frame_waiting_time_us(), ats.guard_time_us());
        }
    }
}
