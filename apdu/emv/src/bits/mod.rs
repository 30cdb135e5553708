//! Typed bit fields: each bit of AIP, AUC, TVR, TSI, TTQ, CTQ, terminal capabilities and `9F6E` under its name, and the
//! codes of CVM list, CVM results, CID and terminal type. Card verification results are in [`crate::iad`].
//!
//! Bytes are numbered from 1 and masks are written as in the standards' tables. What follows from a bit is decided by
//! the kernels. With feature `names` every field lists its bits with their meaning.

mod aip;
mod auc;
mod capabilities;
mod cid;
mod ctq;
mod cvm;
mod ffi;
mod tsi;
mod ttq;
mod tvr;

pub use aip::Aip;
pub use auc::Auc;
pub use capabilities::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalOwner, TerminalType};
pub use cid::{AcType, AdviceReason, Cid};
pub use ctq::Ctq;
pub use cvm::{CvmCondition, CvmList, CvmListError, CvmMethod, CvmOutcome, CvmResults, CvmRule};
pub use ffi::{EnhancedReaderCapabilities, FormFactor, FormFactorIndicator, ThirdPartyData, ThirdPartyError};
pub use tsi::Tsi;
pub use ttq::Ttq;
pub use tvr::Tvr;

#[cfg(feature = "names")]
use crate::tags::tag;
#[cfg(feature = "names")]
use tapcard_iso7816::Tag;

/// The place of one bit in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bit {
    /// Byte, counted from 1.
    pub byte: u8,
    /// The bit within its byte: 80 is bit 8.
    pub mask: u8,
}

/// One bit of a value with what it means.
#[cfg(feature = "names")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitMeaning {
    /// Byte, counted from 1.
    pub byte: u8,
    /// The bit within its byte.
    pub mask: u8,
    /// Whether the value has it set.
    pub set: bool,
    /// What it says when it is set.
    pub meaning: &'static str,
}

/// Tells the bits of a value whose tag stands for a bit field, set or not; returns whether it does.
///
/// ```
/// use tapcard_emv::{bits, tag};
///
/// let mut means = Vec::new();
/// assert!(bits::explain(tag::AIP, &[0x60, 0x00], &mut |bit| means.extend(bit.set.then_some(bit.meaning))));
/// assert_eq!(means, ["SDA", "DDA"]);
/// ```
#[cfg(feature = "names")]
pub fn explain(tag: Tag, value: &[u8], see: &mut dyn FnMut(BitMeaning)) -> bool {
    match tag {
        tag::AIP => Aip::from_slice(value).map(|field| field.bits().for_each(see)),
        tag::AUC => Auc::from_slice(value).map(|field| field.bits().for_each(see)),
        tag::TSI => Tsi::from_slice(value).map(|field| field.bits().for_each(see)),
        tag::TTQ => Ttq::from_slice(value).map(|field| field.bits().for_each(see)),
        tag::CTQ => Ctq::from_slice(value).map(|field| field.bits().for_each(see)),
        tag::TERMINAL_CAPABILITIES => TerminalCapabilities::from_slice(value).map(|field| field.bits().for_each(see)),
        tag::ADDITIONAL_TERMINAL_CAPABILITIES => {
            AdditionalTerminalCapabilities::from_slice(value).map(|field| field.bits().for_each(see))
        }
        tag::TVR
        | tag::IAC_DEFAULT
        | tag::IAC_DENIAL
        | tag::IAC_ONLINE
        | tag::TAC_DEFAULT
        | tag::TAC_DENIAL
        | tag::TAC_ONLINE
        | tag::UPI_TAC_DEFAULT
        | tag::UPI_TAC_DENIAL
        | tag::UPI_TAC_ONLINE => Tvr::from_slice(value).map(|field| field.bits().for_each(see)),
        _ => None,
    }
    .is_some()
}

/// Makes a bit field from the table of its bits. A row makes a constant for the bit, a method that asks for it, and,
/// with feature `names`, its text.
macro_rules! bit_field {
    ($(#[$doc:meta])* $name:ident($len:literal) {
        $($(#[$remark:meta])* $asks:ident $bit:ident $byte:literal $mask:literal $meaning:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name([u8; $len]);

        impl $name {
            /// How many octets the value has.
            pub const LEN: usize = $len;

            $(
                #[doc = concat!("Byte ", stringify!($byte), ", mask ", stringify!($mask), ": ", $meaning, ".")]
                $(#[$remark])*
                pub const $bit: $crate::bits::Bit = $crate::bits::Bit { byte: $byte, mask: $mask };
            )*

            /// Takes the octets of the value.
            #[must_use]
            pub const fn new(octets: [u8; $len]) -> Self {
                Self(octets)
            }

            /// Takes the octets of the value; `None` when their number is wrong.
            #[must_use]
            pub fn from_slice(octets: &[u8]) -> Option<Self> {
                octets.try_into().ok().map(Self)
            }

            /// The octets of the value.
            #[must_use]
            pub const fn octets(self) -> [u8; $len] {
                self.0
            }

            /// The octets of the value where they are, as a DOL is filled with them.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Whether `bit` is set.
            #[must_use]
            pub fn has(self, bit: $crate::bits::Bit) -> bool {
                self.0.get(usize::from(bit.byte).wrapping_sub(1)).is_some_and(|octet| octet & bit.mask != 0)
            }

            /// Sets `bit`.
            pub fn set(&mut self, bit: $crate::bits::Bit) {
                if let Some(octet) = self.0.get_mut(usize::from(bit.byte).wrapping_sub(1)) {
                    *octet |= bit.mask;
                }
            }

            /// Clears `bit`.
            pub fn clear(&mut self, bit: $crate::bits::Bit) {
                if let Some(octet) = self.0.get_mut(usize::from(bit.byte).wrapping_sub(1)) {
                    *octet &= !bit.mask;
                }
            }

            /// The value with `bit` set.
            #[must_use]
            pub fn with(mut self, bit: $crate::bits::Bit) -> Self {
                self.set(bit);
                self
            }

            $(
                #[doc = concat!("Byte ", stringify!($byte), ", mask ", stringify!($mask), ": ", $meaning, ".")]
                #[must_use]
                pub fn $asks(self) -> bool {
                    self.has(Self::$bit)
                }
            )*

            /// All bits that have a meaning, set or not, in the order of the bytes.
            #[cfg(feature = "names")]
            pub fn bits(self) -> impl Iterator<Item = $crate::bits::BitMeaning> {
                [$(($byte, $mask, $meaning)),*].into_iter().map(move |(byte, mask, meaning)| {
                    let set = self.has($crate::bits::Bit { byte, mask });
                    $crate::bits::BitMeaning { byte, mask, set, meaning }
                })
            }

            /// What the bits say that are set.
            #[cfg(feature = "names")]
            pub fn means(self) -> impl Iterator<Item = &'static str> {
                self.bits().filter(|bit| bit.set).map(|bit| bit.meaning)
            }
        }

        /// The octets in hexadecimal.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}
pub(crate) use bit_field;

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::ToString;

    #[test]
    fn a_bit_can_be_set_asked_for_and_cleared() {
        let mut tvr = Tvr::default();
        tvr.set(Tvr::FLOOR_LIMIT_EXCEEDED);
        assert_eq!(tvr.octets(), [0, 0, 0, 0x80, 0]);
        assert!(tvr.floor_limit_exceeded() && tvr.has(Tvr::FLOOR_LIMIT_EXCEEDED));
        tvr.clear(Tvr::FLOOR_LIMIT_EXCEEDED);
        assert_eq!(tvr, Tvr::default());
        assert_eq!(tvr.with(Tvr::SDA_FAILED).octets(), [0x40, 0, 0, 0, 0]);
    }

    #[test]
    fn a_bit_that_the_field_does_not_have_changes_nothing() {
        for byte in [0, 3, 255] {
            let outside = Bit { byte, mask: 0xFF };
            let mut aip = Aip::default();
            aip.set(outside);
            aip.clear(outside);
            assert!(!aip.has(outside) && aip == Aip::default());
        }
    }

    #[test]
    fn only_the_right_number_of_octets_is_taken() {
        assert_eq!(Aip::from_slice(&[0x7C]), None);
        assert_eq!(Aip::from_slice(&[0x7C, 0x00, 0x00]), None);
        let aip = Aip::from_slice(&[0x7C, 0x00]).unwrap();
        assert_eq!((aip.to_string(), format!("{aip:?}")), ("7C00".into(), "Aip(7C00)".into()));
    }

    #[cfg(feature = "names")]
    #[test]
    fn no_bit_is_described_twice() {
        fn check<const N: usize>(bits: impl Iterator<Item = BitMeaning>) {
            let mut seen = [0; N];
            for bit in bits {
                assert!(bit.set, "{bit:?}");
                assert_eq!(bit.mask.count_ones(), 1, "{bit:?}");
                assert_eq!(seen[usize::from(bit.byte) - 1] & bit.mask, 0, "{bit:?}");
                seen[usize::from(bit.byte) - 1] |= bit.mask;
            }
        }
        check::<2>(Aip::new([0xFF; 2]).bits());
        check::<2>(Auc::new([0xFF; 2]).bits());
        check::<5>(Tvr::new([0xFF; 5]).bits());
        check::<2>(Tsi::new([0xFF; 2]).bits());
        check::<4>(Ttq::new([0xFF; 4]).bits());
        check::<2>(Ctq::new([0xFF; 2]).bits());
        check::<3>(TerminalCapabilities::new([0xFF; 3]).bits());
        check::<5>(AdditionalTerminalCapabilities::new([0xFF; 5]).bits());
        check::<4>(FormFactorIndicator::new([0xFF; 4]).bits());
        check::<4>(EnhancedReaderCapabilities::new([0xFF; 4]).bits());
        check::<4>(crate::iad::Cvr::new([0xFF; 4]).bits());
        check::<5>(crate::iad::CcdCvr::new([0xFF; 5]).bits());
        check::<5>(crate::iad::DeviceCvr::new([0xFF; 5]).bits());
        check::<6>(crate::iad::MChipCvr::new([0xFF; 6]).bits());
    }

    #[cfg(feature = "names")]
    #[test]
    fn only_bit_fields_of_the_right_length_are_explained() {
        let explained = |tag, value: &[u8]| explain(tag, value, &mut |_| ());
        assert!(explained(tag::TVR, &[0; 5]) && explained(tag::IAC_DENIAL, &[0; 5]));
        assert!(!explained(tag::TVR, &[0; 4]) && !explained(tag::PAN, &[0; 5]));
        // Kernel 2 uses the tag of the TTQ for a bit map of two octets.
        assert!(!explained(tag::TTQ, &[0; 2]));
    }

    #[cfg(feature = "names")]
    #[test]
    fn meanings_are_those_of_the_set_bits() {
        let means: std::vec::Vec<_> = Aip::new([0x60, 0x00]).means().collect();
        assert_eq!(means, ["SDA", "DDA"]);
    }
}
