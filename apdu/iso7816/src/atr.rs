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
