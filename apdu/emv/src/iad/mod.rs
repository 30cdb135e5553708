//! Issuer application data (`9F10`): what a card tells its issuer beside the cryptogram.
//!
//! EMV leaves the layout to the payment system (EMV 4.4 Book 3, Annex C9 defines one for those who want it), and no octet
//! says whose it is. [`Iad::parse`] therefore asks for the scheme of the application; without it the layouts are tried in
//! a fixed order, and [`Layout::fits`] tells which others could have been meant. How the cryptogram is computed for a
//! version number is left to the cryptography.
//!
//! Only the CCD layout is published by its owner. The others follow public decoders; what these disagree on or mark
//! themselves as not verified is marked **unconfirmed** at its place.

mod amex;
mod ccd;
mod cvr;
mod mchip;
mod unionpay;
mod visa;

pub use amex::AmexIad;
pub use ccd::{CcdCipher, CcdCvr, CcdIad};
pub use cvr::{Cvr, CvrAc};
pub use mchip::{MChipCvr, MChipIad, MChipProduct, MChipSessionKey};
pub use unionpay::{Idd, UnionPayIad};
pub use visa::{DeviceCvr, VerifiedKind, VerifyingEntity, VisaCvr, VisaIad};

use crate::tags::Scheme;

/// Whose arrangement of the octets it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Layout {
    /// Common Core Definitions (EMV 4.4 Book 3, Annex C9).
    Ccd,
    /// M/Chip 4 and M/Chip Advance of Mastercard.
    MChip,
    /// Formats 0 to 4 of Visa.
    Visa,
    /// UnionPay and PBOC (JR/T 0025.5).
    UnionPay,
    /// AEIPS of American Express.
    Amex,
}

/// Issuer application data in one of the known layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Iad<'a> {
    /// See [`Layout::Ccd`].
    Ccd(CcdIad<'a>),
    /// See [`Layout::MChip`].
    MChip(MChipIad<'a>),
    /// See [`Layout::Visa`].
    Visa(VisaIad<'a>),
    /// See [`Layout::UnionPay`].
    UnionPay(UnionPayIad<'a>),
    /// See [`Layout::Amex`].
    Amex(AmexIad<'a>),
}

/// Why a value is no issuer application data of a layout. Offsets count from the start of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum IadError {
    /// No layout that can be told from its octets fits.
    #[error("no known layout has {found} octets of this form")]
    Unknown {
        /// Octets found.
        found: usize,
    },
    /// The value has the wrong length.
    #[error("{found} octets instead of {expected}")]
    Length {
        /// Octets of the layout; at least so many where the rest is variable.
        expected: usize,
        /// Octets found.
        found: usize,
    },
    /// An octet that the layout fixes is another one.
    #[error("{found:02X} instead of {expected:02X} at byte {offset}")]
    Octet {
        /// Where.
        offset: usize,
        /// The octet of the layout.
        expected: u8,
        /// Octet found.
        found: u8,
    },
    /// The layout has no such cryptogram version number or format.
    #[error("cryptogram version {found:02X} at byte {offset} is not of this layout")]
    Version {
        /// Where.
        offset: usize,
        /// Octet found.
        found: u8,
    },
    /// The discretionary data is not as long as its length says.
    #[error("discretionary data at byte {offset} of {expected} octets, found {found}")]
    Discretionary {
        /// Where the length stands.
        offset: usize,
        /// Octets that the length announces.
        expected: usize,
        /// Octets found.
        found: usize,
    },
}

impl Layout {
    /// The layouts, in the order in which a value of an unknown scheme is tried. American Express stands last and is
    /// never found so: its layout is a form of Visa's.
    pub const ALL: [Self; 5] = [Self::Ccd, Self::MChip, Self::Visa, Self::UnionPay, Self::Amex];

    /// The layout that a scheme uses beside CCD; `None` where none is known.
    #[must_use]
    pub const fn of(scheme: Scheme) -> Option<Self> {
        match scheme {
            Scheme::Mastercard => Some(Self::MChip),
            Scheme::Visa => Some(Self::Visa),
            Scheme::UnionPay | Scheme::TUnion | Scheme::CityUnion => Some(Self::UnionPay),
            Scheme::Amex => Some(Self::Amex),
            _ => None,
        }
    }

    /// Whether a value could have this layout.
    #[must_use]
    pub fn fits(self, value: &[u8]) -> bool {
        self.parse(value).is_ok()
    }

    /// Reads a value as this layout.
    ///
    /// # Errors
    /// The value does not have it.
    pub fn parse(self, value: &[u8]) -> Result<Iad<'_>, IadError> {
        Ok(match self {
            Self::Ccd => Iad::Ccd(CcdIad::parse(value)?),
            Self::MChip => Iad::MChip(MChipIad::parse(value)?),
            Self::Visa => Iad::Visa(VisaIad::parse(value)?),
            Self::UnionPay => Iad::UnionPay(UnionPayIad::parse(value)?),
            Self::Amex => Iad::Amex(AmexIad::parse(value)?),
        })
    }

    /// The name that people know.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ccd => "CCD",
            Self::MChip => "M/Chip",
            Self::Visa => "Visa",
            Self::UnionPay => "UnionPay/PBOC",
            Self::Amex => "American Express",
        }
    }
}

impl<'a> Iad<'a> {
    /// Reads the value of `9F10` of an application of `scheme`. A value that is CCD by its fixed octets is taken as that
    /// for every scheme; else the scheme's own layout decides. For a scheme without a known layout, the first layout of
    /// [`Layout::ALL`] that fits is taken.
    ///
    /// ```
    /// use tapcard_emv::Scheme;
    /// use tapcard_emv::iad::{CvrAc, Iad, Layout};
    ///
    /// let value = [0x06, 0x01, 0x0A, 0x03, 0xA4, 0xB8, 0x00];
    /// let iad = Iad::parse(&value, Some(Scheme::Visa))?;
    /// assert_eq!((iad.layout(), iad.first_ac()), (Layout::Visa, CvrAc::Arqc));
    /// # Ok::<(), tapcard_emv::iad::IadError>(())
    /// ```
    ///
    /// # Errors
    /// That of the scheme's layout, or [`IadError::Unknown`].
    pub fn parse(value: &'a [u8], scheme: Option<Scheme>) -> Result<Self, IadError> {
        if let Ok(iad) = CcdIad::parse(value) {
            return Ok(Self::Ccd(iad));
        }
        match scheme.and_then(Layout::of) {
            Some(layout) => layout.parse(value),
            None => {
                let mut fitting = Layout::ALL.into_iter().filter_map(|layout| layout.parse(value).ok());
                fitting.next().ok_or(IadError::Unknown { found: value.len() })
            }
        }
    }

    /// The layout.
    #[must_use]
    pub const fn layout(&self) -> Layout {
        match self {
            Self::Ccd(_) => Layout::Ccd,
            Self::MChip(_) => Layout::MChip,
            Self::Visa(_) => Layout::Visa,
            Self::UnionPay(_) => Layout::UnionPay,
            Self::Amex(_) => Layout::Amex,
        }
    }

    /// Derivation key index: which of the issuer's keys the card was made with.
    #[must_use]
    pub const fn dki(&self) -> u8 {
        match self {
            Self::Ccd(iad) => iad.dki,
            Self::MChip(iad) => iad.dki,
            Self::Visa(iad) => iad.dki,
            Self::UnionPay(iad) => iad.dki,
            Self::Amex(iad) => iad.dki,
        }
    }

    /// Cryptogram version number: how the cryptogram is computed. For CCD the common core identifier.
    #[must_use]
    pub const fn cvn(&self) -> u8 {
        match self {
            Self::Ccd(iad) => iad.cci,
            Self::MChip(iad) => iad.cvn,
            Self::Visa(iad) => iad.cvn,
            Self::UnionPay(iad) => iad.cvn,
            Self::Amex(iad) => iad.cvn,
        }
    }

    /// What the card answered to the first GENERATE AC, or over RF to GET PROCESSING OPTIONS.
    #[must_use]
    pub const fn first_ac(&self) -> CvrAc {
        match self {
            Self::Ccd(iad) => iad.cvr.first_ac(),
            Self::MChip(iad) => iad.cvr.first_ac(),
            Self::Visa(iad) => iad.cvr.first_ac(),
            Self::UnionPay(iad) => iad.cvr.first_ac(),
            Self::Amex(iad) => iad.cvr.first_ac(),
        }
    }

    /// What the card answered to the second GENERATE AC.
    #[must_use]
    pub const fn second_ac(&self) -> CvrAc {
        match self {
            Self::Ccd(iad) => iad.cvr.second_ac(),
            Self::MChip(iad) => iad.cvr.second_ac(),
            Self::Visa(iad) => iad.cvr.second_ac(),
            Self::UnionPay(iad) => iad.cvr.second_ac(),
            Self::Amex(iad) => iad.cvr.second_ac(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    /// 18 octets of Visa with DKI 10, which pass the test for M/Chip too.
    const BOTH: [u8; 18] = [0x06, 0x10, 0x0A, 0x03, 0xA0, 0x00, 0x00, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    #[test]
    fn the_scheme_decides_between_layouts_that_both_fit() {
        assert!(Layout::MChip.fits(&BOTH) && Layout::Visa.fits(&BOTH));
        assert_eq!(Iad::parse(&BOTH, None).map(|iad| iad.layout()), Ok(Layout::MChip));
        assert_eq!(Iad::parse(&BOTH, Some(Scheme::Visa)).map(|iad| iad.layout()), Ok(Layout::Visa));
        assert_eq!(Iad::parse(&BOTH, Some(Scheme::Jcb)).map(|iad| iad.layout()), Ok(Layout::MChip));
        assert_eq!(Iad::parse(&BOTH, Some(Scheme::Amex)).map(|iad| iad.layout()), Ok(Layout::Amex));
    }

    #[test]
    fn a_scheme_with_a_layout_gets_its_own_error() {
        let unionpay = [0x07, 0x01, 0x01, 0x03, 0xA0, 0x00, 0x00, 0x01];
        let found = Iad::parse(&unionpay, Some(Scheme::Visa));
        assert_eq!(found, Err(IadError::Octet { offset: 0, expected: 0x06, found: 0x07 }));
        assert_eq!(Iad::parse(&unionpay, None).map(|iad| iad.layout()), Ok(Layout::UnionPay));
        assert_eq!(Iad::parse(&[1, 2, 3], None), Err(IadError::Unknown { found: 3 }));
    }

    #[test]
    fn the_common_parts_are_told_for_every_layout() {
        let iad = Iad::parse(&BOTH, Some(Scheme::Visa)).unwrap();
        assert_eq!((iad.dki(), iad.cvn()), (0x10, 0x0A));
        assert_eq!((iad.first_ac(), iad.second_ac()), (CvrAc::Arqc, CvrAc::NotRequested));
        let iad = Iad::parse(&BOTH, None).unwrap();
        assert_eq!((iad.dki(), iad.cvn()), (0x06, 0x10));
    }

    #[test]
    fn a_ccd_value_is_one_for_every_scheme() {
        let mut value = [0; 32];
        (value[0], value[1], value[16]) = (0x0F, 0xA5, 0x0F);
        for scheme in [None, Some(Scheme::Visa), Some(Scheme::Mastercard), Some(Scheme::Interac)] {
            assert_eq!(Iad::parse(&value, scheme).map(|iad| iad.layout()), Ok(Layout::Ccd));
        }
    }

    proptest! {
        #[test]
        fn no_octets_make_any_layout_panic(value: Vec<u8>) {
            for layout in Layout::ALL {
                if let Ok(iad) = layout.parse(&value) {
                    prop_assert_eq!(iad.layout(), layout);
                    let _ = (iad.dki(), iad.cvn(), iad.first_ac(), iad.second_ac());
                }
            }
        }

        #[test]
        fn a_value_of_a_layout_may_not_lose_an_octet(
            layout in prop::sample::select(&Layout::ALL[..]), value in prop::collection::vec(any::<u8>(), 6..=32)
        ) {
            // Octets at random seldom fit: the fixed ones are put in.
            let mut value = value;
            match layout {
                Layout::Ccd => {
                    value.resize(32, 0);
                    (value[0], value[1], value[16]) = (0x0F, 0xA6, 0x0F);
                }
                Layout::MChip => {
                    value.resize(18, 0);
                    value[1] = 0x14;
                }
                Layout::Visa | Layout::Amex => {
                    value.resize(12, 0);
                    (value[0], value[2], value[3], value[7]) = (0x06, 0x12, 0x03, 4);
                }
                Layout::UnionPay => {
                    value.resize(12, 0);
                    (value[0], value[3], value[8]) = (0x07, 0x03, 3);
                }
            }
            prop_assert!(layout.fits(&value));
            let (_, shorter) = value.split_last().unwrap();
            prop_assert!(!layout.fits(shorter));
        }
    }
}
