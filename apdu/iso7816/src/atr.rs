//! The Answer-to-Reset (ISO/IEC 7816-3:2006, clause 8; EMV 4.4 Book 1, 8) and the ATR that a reader makes up for a
//! contactless card (PC/SC part 3, 3.1.3.2.3).
//!
//! [`Atr`] is a view: octets that have their place are accepted, values that a standard forbids can still be looked at.
//! Negotiating speed (PPS) and running a protocol are left to the reader.

pub mod historical;
pub mod interface;

use crate::atr::historical::Historical;
use crate::atr::interface::{InterfaceByte, InterfaceBytes, InterfaceName};

/// The longest ATR: TS and 32 octets (ISO/IEC 7816-3:2006, 8.2.1).
pub const MAX_ATR: usize = 33;

/// Where the octets of the interface begin: behind TS and T0.
const INTERFACE: usize = 2;

/// An ATR whose octets all have their place.
///
/// ```
/// use tapcard_iso7816::Atr;
/// use tapcard_iso7816::atr::Tck;
///
/// let atr = Atr::parse(&[0x3B, 0x84, 0x80, 0x01, 0x78, 0x80, 0x70, 0x02, 0x8F])?;
/// assert_eq!(atr.historical_bytes().octets(), [0x78, 0x80, 0x70, 0x02]);
/// assert!(atr.protocols().eq([0, 1]));
/// assert_eq!(atr.tck(), Tck::Correct);
/// assert!(atr.is_contactless());
/// # Ok::<(), tapcard_iso7816::AtrError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Atr<'a> {
    octets: &'a [u8],
    convention: Convention,
    historical_offset: usize,
    historical: &'a [u8],
    tck: Option<u8>,
}

/// How a character is sent (ISO/IEC 7816-3:2006, 8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Convention {
    /// TS = `3B`: high is 1, the lowest bit first.
    Direct,
    /// TS = `3F`: low is 1, the highest bit first.
    Inverse,
}

/// The check octet TCK (ISO/IEC 7816-3:2006, 8.2.5): all octets from T0 on, TCK included, have the exclusive or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Tck {
    /// There is none, and there must be none: only T=0 is offered.
    NotUsed,
    /// There is one and it is right.
    Correct,
    /// There must be one and there is none.
    Missing {
        /// What it must be.
        expected: u8,
    },
    /// There is one and it is wrong.
    Wrong {
        /// What it must be.
        expected: u8,
        /// What it is.
        found: u8,
    },
}

/// Why octets are not an ATR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AtrError {
    /// More than 33 octets.
    #[error("an ATR has at most 33 octets, this one has {len}")]
    TooLong {
        /// How many there are.
        len: usize,
    },
    /// TS is neither `3B` nor `3F`.
    #[error("an ATR begins with 3B or 3F, found {found:02X}")]
    UnknownTs {
        /// The first octet.
        found: u8,
    },
    /// TS or T0 is missing.
    #[error("the ATR is cut off at byte {offset}, before T0")]
    HeaderTruncated {
        /// The length of the input.
        offset: usize,
    },
    /// An interface octet that T0 or a TD octet announces is missing.
    #[error("the ATR is cut off at byte {offset}, where {name}{index} must be")]
    InterfaceTruncated {
        /// The length of the input.
        offset: usize,
        /// Which octet is missing.
        name: InterfaceName,
        /// Its number, from 1.
        index: u8,
    },
    /// Fewer historical octets than T0 says.
    #[error("the historical octets at byte {offset} need {expected}, found {found}")]
    HistoricalTruncated {
        /// Where they begin.
        offset: usize,
        /// What T0 says.
        expected: usize,
        /// What there is.
        found: usize,
    },
    /// Octets behind the end.
    #[error("{found} octets too many at byte {offset}")]
    Trailing {
        /// Where they begin.
        offset: usize,
        /// How many there are.
        found: usize,
    },
}

impl<'a> Atr<'a> {
    /// Gives every octet its place. A missing or wrong TCK is not an error, see [`Atr::tck`].
    ///
    /// # Errors
    /// See [`AtrError`].
    pub fn parse(octets: &'a [u8]) -> Result<Self, AtrError> {
        if octets.len() > MAX_ATR {
            return Err(AtrError::TooLong { len: octets.len() });
        }
        let convention = match octets.first() {
            Some(0x3B) => Convention::Direct,
            Some(0x3F) => Convention::Inverse,
            Some(&found) => return Err(AtrError::UnknownTs { found }),
            None => return Err(AtrError::HeaderTruncated { offset: 0 }),
        };
        let Some((&[_, t0], interface)) = octets.split_first_chunk::<INTERFACE>() else {
            return Err(AtrError::HeaderTruncated { offset: octets.len() });
        };
        let mut walk = InterfaceBytes::new(t0, interface, INTERFACE);
        for byte in walk.by_ref() {
            byte?;
        }
        let (historical_offset, behind) = (walk.offset(), walk.rest());
        let expected = usize::from(t0 & 0x0F);
        let Some((historical, behind)) = behind.split_at_checked(expected) else {
            return Err(AtrError::HistoricalTruncated { offset: historical_offset, expected, found: behind.len() });
        };
        let mut atr = Self { octets, convention, historical_offset, historical, tck: None };
        let end = historical_offset + expected;
        match *behind {
            [] => Ok(atr),
            [tck] if atr.needs_tck() => {
                atr.tck = Some(tck);
                Ok(atr)
            }
            [_, ref trailing @ ..] if atr.needs_tck() => {
                Err(AtrError::Trailing { offset: end + 1, found: trailing.len() })
            }
            _ => Err(AtrError::Trailing { offset: end, found: behind.len() }),
        }
    }

    /// The octets as they came.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// How characters are sent.
    #[must_use]
    pub const fn convention(&self) -> Convention {
        self.convention
    }

    /// T0: which octets T×1 there are, and how many historical ones.
    #[must_use]
    pub fn t0(&self) -> u8 {
        self.octets.get(1).copied().unwrap_or_default()
    }

    /// TA1, TB1, TC1, TD1, TA2, .. as far as they are there, in order.
    pub fn interface_bytes(&self) -> impl Iterator<Item = InterfaceByte> + Clone + use<'a> {
        let interface = self.octets.get(INTERFACE..self.historical_offset).unwrap_or_default();
        InterfaceBytes::new(self.t0(), interface, INTERFACE).map_while(Result::ok)
    }

    /// The historical octets.
    #[must_use]
    pub const fn historical_bytes(&self) -> Historical<'a> {
        Historical::new(self.historical, self.historical_offset)
    }

    /// The check octet and whether it is right.
    #[must_use]
    pub fn tck(&self) -> Tck {
        let end = self.historical_offset + self.historical.len();
        let expected = self.octets.iter().take(end).skip(1).fold(0, |sum, octet| sum ^ octet);
        match self.tck {
            None if !self.needs_tck() => Tck::NotUsed,
            None => Tck::Missing { expected },
            Some(found) if found == expected => Tck::Correct,
            Some(found) => Tck::Wrong { expected, found },
        }
    }

    /// TCK is there unless only T=0 is offered, by name or by silence.
    fn needs_tck(&self) -> bool {
        self.interface_bytes().filter_map(|byte| byte.announces()).any(|protocol| protocol != 0)
    }

    /// Whether a reader made it up for a contactless card: `3B 8n 80 01`, n historical octets, TCK.
    #[must_use]
    pub fn is_contactless(&self) -> bool {
        matches!(self.octets, [0x3B, 0x80..=0x8F, 0x80, 0x01, ..]) && self.tck() == Tck::Correct
    }

    /// What a made-up ATR says of a contactless card without APDUs (PC/SC part 3, 3.1.3.2.3.2).
    #[must_use]
    pub fn storage_card(&self) -> Option<StorageCard> {
        match *self.historical {
            [0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06, standard, name_1, name_2, _, _, _, _]
                if self.is_contactless() =>
            {
                Some(StorageCard { standard, name: u16::from_be_bytes([name_1, name_2]) })
            }
            _ => None,
        }
    }
}

/// A contactless card without APDUs, as PC/SC numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StorageCard {
    /// `03`: ISO/IEC 14443 A part 3, `07`: 14443 B part 3, `0B`: ISO/IEC 15693 part 3, `11`: FeliCa.
    pub standard: u8,
    /// `0001`: MIFARE Classic 1K, `0003`: MIFARE Ultralight, `003B`: FeliCa, `F0xx`: the reader vendor's own.
    pub name: u16,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    /// TA1, TB1, TC1, TD1 offering T=1; TD2 once more T=1 with TA3 and TB3; eight historical octets and TCK.
    const T1_CARD: [u8; 18] =
        [0x3B, 0xF8, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45, 0x4A, 0x43, 0x4F, 0x50, 0x76, 0x32, 0x34, 0x31, 0xB7];
    /// Inverse convention, TB1 and TC1, five historical octets, T=0 only.
    const T0_CARD: [u8; 9] = [0x3F, 0x65, 0x25, 0x00, 0x2C, 0x09, 0x69, 0x90, 0x00];

    fn with_tck(octets: &[u8]) -> Vec<u8> {
        let tck = octets[1..].iter().fold(0, |sum, octet| sum ^ octet);
        [octets, &[tck]].concat()
    }

    #[test]
    fn every_octet_of_a_t1_card_has_its_place() {
        let atr = Atr::parse(&T1_CARD).unwrap();
        assert_eq!((atr.convention(), atr.t0(), atr.tck()), (Convention::Direct, 0xF8, Tck::Correct));
        let found: Vec<_> =
            atr.interface_bytes().map(|byte| (byte.name, byte.index, byte.protocol, byte.value, byte.offset)).collect();
        use InterfaceName::{Ta, Tb, Tc, Td};
        assert_eq!(
            found,
            [
                (Ta, 1, None, 0x13, 2),
                (Tb, 1, None, 0x00, 3),
                (Tc, 1, None, 0x00, 4),
                (Td, 1, None, 0x81, 5),
                (Td, 2, Some(1), 0x31, 6),
                (Ta, 3, Some(1), 0xFE, 7),
                (Tb, 3, Some(1), 0x45, 8),
            ]
        );
        assert_eq!(atr.historical_bytes().octets(), b"JCOPv241");
        assert_eq!(atr.octets(), T1_CARD);
        assert!(!atr.is_contactless());
    }

    #[test]
    fn a_t0_card_of_inverse_convention_needs_no_tck() {
        let atr = Atr::parse(&T0_CARD).unwrap();
        assert_eq!((atr.convention(), atr.tck()), (Convention::Inverse, Tck::NotUsed));
        assert_eq!(atr.historical_bytes().octets(), [0x2C, 0x09, 0x69, 0x90, 0x00]);
        assert!(atr.protocols().eq([0]));
    }

    #[test]
    fn the_smallest_atr_has_two_octets() {
        let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
        assert_eq!((atr.interface_bytes().count(), atr.historical_bytes().octets().len()), (0, 0));
    }

    #[test]
    fn every_truncation_is_an_error_of_its_own() {
        use InterfaceName::{Ta, Tb, Tc, Td};
        let names = [(Ta, 1), (Tb, 1), (Tc, 1), (Td, 1), (Td, 2), (Ta, 3), (Tb, 3)];
        for offset in 0..T1_CARD.len() {
            let expected = match offset {
                0 | 1 => AtrError::HeaderTruncated { offset },
                2..=8 => {
                    let (name, index) = names[offset - 2];
                    AtrError::InterfaceTruncated { offset, name, index }
                }
                9..=16 => AtrError::HistoricalTruncated { offset: 9, expected: 8, found: offset - 9 },
                _ => {
                    let atr = Atr::parse(&T1_CARD[..offset]).unwrap();
                    assert_eq!(atr.tck(), Tck::Missing { expected: 0xB7 });
                    continue;
                }
            };
            assert_eq!(Atr::parse(&T1_CARD[..offset]), Err(expected));
        }
    }

    #[test]
    fn every_truncation_of_a_t0_card_is_an_error() {
        for length in 0..T0_CARD.len() {
            assert!(Atr::parse(&T0_CARD[..length]).is_err());
        }
    }

    #[test]
    fn octets_behind_the_end_are_an_error() {
        let long = [&T1_CARD[..], &[0x00, 0x00]].concat();
        assert_eq!(Atr::parse(&long), Err(AtrError::Trailing { offset: 18, found: 2 }));
        let long = [&T0_CARD[..], &[0x00]].concat();
        assert_eq!(Atr::parse(&long), Err(AtrError::Trailing { offset: 9, found: 1 }));
    }

    #[test]
    fn more_than_33_octets_are_no_atr() {
        assert_eq!(Atr::parse(&[0x3B; 34]), Err(AtrError::TooLong { len: 34 }));
    }

    #[test]
    fn an_unknown_ts_is_refused() {
        assert_eq!(Atr::parse(&[0x03, 0x00]), Err(AtrError::UnknownTs { found: 0x03 }));
    }

    #[test]
    fn a_wrong_tck_is_seen() {
        let mut octets = T1_CARD;
        octets[17] ^= 0x01;
        assert_eq!(Atr::parse(&octets).unwrap().tck(), Tck::Wrong { expected: 0xB7, found: 0xB6 });
    }

    #[test]
    fn t0_together_with_global_octets_has_a_tck() {
        let octets = with_tck(&[0x3B, 0x80, 0x80, 0x1F, 0x03]);
        let atr = Atr::parse(&octets).unwrap();
        assert_eq!((atr.tck(), atr.protocols().collect::<Vec<_>>()), (Tck::Correct, [0].to_vec()));
    }

    #[test]
    fn a_made_up_atr_is_recognised() {
        for octets in [&[0x3B, 0x80, 0x80, 0x01][..], &[0x3B, 0x84, 0x80, 0x01, 0x78, 0x80, 0x70, 0x02]] {
            let octets = with_tck(octets);
            assert!(Atr::parse(&octets).unwrap().is_contactless());
            assert!(!Atr::parse(&octets[..octets.len() - 1]).unwrap().is_contactless(), "TCK is missing");
        }
    }

    #[test]
    fn a_storage_card_says_what_it_is() {
        let octets = with_tck(&[
            0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00,
            0x00,
        ]);
        let atr = Atr::parse(&octets).unwrap();
        assert_eq!(octets[19], 0x6A, "the TCK that readers send for MIFARE Classic 1K");
        assert_eq!(atr.storage_card(), Some(StorageCard { standard: 0x03, name: 0x0001 }));
        assert_eq!(Atr::parse(&T1_CARD).unwrap().storage_card(), None);
    }

    /// An ATR with random groups, historical octets and TCK where one belongs.
    fn atr() -> impl Strategy<Value = Vec<u8>> {
        let group = (any::<[u8; 3]>(), 0_u8..8, 0_u8..16);
        (prop::collection::vec(group, 0..5), prop::collection::vec(any::<u8>(), 0..=12)).prop_map(
            |(groups, historical)| {
                let presence = |index: usize| {
                    let more = if index + 1 < groups.len() { 0x80 } else { 0 };
                    groups.get(index).map_or(0, |(_, mask, _)| mask << 4 | more)
                };
                let mut octets = [0x3B, presence(0) | u8::try_from(historical.len()).unwrap()].to_vec();
                for (index, (values, mask, protocol)) in groups.iter().enumerate() {
                    octets.extend(
                        values.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 != 0).map(|(_, value)| value),
                    );
                    if index + 1 < groups.len() {
                        octets.push(presence(index + 1) | protocol);
                    }
                }
                octets.extend(historical);
                let others = groups.iter().rev().skip(1).any(|(_, _, protocol)| *protocol != 0);
                if others { with_tck(&octets) } else { octets }
            },
        )
    }

    proptest! {
        #[test]
        fn a_built_atr_is_read_back(octets in atr()) {
            prop_assume!(octets.len() <= MAX_ATR);
            let atr = Atr::parse(&octets).unwrap();
            prop_assert!(matches!(atr.tck(), Tck::Correct | Tck::NotUsed));
            let interface = atr.interface_bytes().count();
            for byte in atr.interface_bytes() {
                prop_assert_eq!(octets[byte.offset], byte.value);
            }
            let tck = usize::from(atr.tck() == Tck::Correct);
            prop_assert_eq!(2 + interface + atr.historical_bytes().octets().len() + tck, octets.len());
        }

        #[test]
        fn any_octets_are_an_atr_or_an_error(mut octets in prop::collection::vec(any::<u8>(), 0..=40), ts in any::<bool>()) {
            if let (Some(first), true) = (octets.first_mut(), ts) {
                *first = 0x3B;
            }
            match Atr::parse(&octets) {
                Ok(atr) => {
                    let _ = (atr.tck(), atr.speed(), atr.specific_mode(), atr.t1_parameters(), atr.default_protocol());
                    let _ = (atr.extra_guard_time(), atr.waiting_time_integer(), atr.voltage_classes(), atr.clock_stop());
                    let _ = (atr.historical_bytes().status(), atr.storage_card(), atr.is_contactless());
                    for object in atr.historical_bytes().compact_tlvs() {
                        let offset = object.map_or_else(|error| error.offset, |object| object.offset);
                        prop_assert!(offset < octets.len());
                    }
                }
                Err(AtrError::Trailing { offset, found }) => prop_assert_eq!(offset + found, octets.len()),
                Err(AtrError::HistoricalTruncated { offset, found, .. }) => prop_assert_eq!(offset + found, octets.len()),
                Err(AtrError::InterfaceTruncated { offset, .. } | AtrError::HeaderTruncated { offset }) => {
                    prop_assert_eq!(offset, octets.len());
                }
                Err(AtrError::TooLong { len }) => prop_assert_eq!(len, octets.len()),
                Err(AtrError::UnknownTs { found }) => prop_assert_eq!(found, octets[0]),
            }
        }
    }
}
