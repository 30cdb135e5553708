//! Message authentication codes over parts: nothing has to be put together in a buffer first.
//!
//! [`RetailMac`] is ISO/IEC 9797-1:2011 algorithm 3 with DES, [`DesMac`] the plain chain of single DES that PBOC purses use,
//! [`Cmac`] is AES-CMAC (NIST SP 800-38B), [`Sm4Mac`] the plain chain of SM4 (JR/T 0025.17). What is authenticated stands in the modules
//! for cryptograms, scripts and purses. A received code is compared with [`Mac::verify`], in constant time.

mod chain;
#[cfg(feature = "aes")]
mod cmac;
#[cfg(feature = "des")]
mod des_mac;
#[cfg(feature = "des")]
mod retail;
#[cfg(feature = "sm")]
mod sm4_mac;

#[cfg(feature = "aes")]
pub use self::cmac::Cmac;
#[cfg(feature = "des")]
pub use self::des_mac::DesMac;
#[cfg(feature = "des")]
pub use self::retail::{RetailMac, retail_mac};
#[cfg(feature = "sm")]
pub use self::sm4_mac::Sm4Mac;

use core::fmt;

use subtle::ConstantTimeEq;

/// Fewest octets of a code that [`Mac::verify`] takes (ISO/IEC 9797-1 leaves it open; EMV 4.4 Book 2, 5.1: 4 to 8).
pub const MIN_MAC_OCTETS: usize = 4;

/// How the last block is filled (ISO/IEC 9797-1:2011, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Padding {
    /// Method 1: zeros up to a whole block, none if it is whole already; one block of zeros for no data.
    Method1,
    /// Method 2: always `80`, then zeros up to a whole block.
    Method2,
}

/// A code of `N` octets that this side computed. It prints nothing: shown beside a wrong one, it would be the right one.
#[derive(Clone, Copy)]
pub struct Mac<const N: usize>([u8; N]);

/// An application cryptogram (`9F26`; EMV 4.4 Book 2, 8.1.2).
pub type Cryptogram = Mac<8>;

impl<const N: usize> Mac<N> {
    pub(crate) const fn new(octets: [u8; N]) -> Self {
        Self(octets)
    }

    /// The octets, to be sent.
    #[must_use]
    pub const fn octets(&self) -> &[u8; N] {
        &self.0
    }

    /// The leftmost octets, as a shorter code.
    #[must_use]
    pub fn leftmost<const M: usize>(&self) -> Mac<M> {
        const { assert!(M <= N && M >= MIN_MAC_OCTETS) }
        let mut octets = [0; M];
        octets.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        Mac(octets)
    }

    /// Whether a received code is this one, or its leftmost octets where the partner sends fewer. The time that it takes
    /// depends on the length alone. Fewer than [`MIN_MAC_OCTETS`] or more than `N` are never right; a caller that expects one
    /// length checks that first, or asks for [`Mac::leftmost`] of it.
    #[must_use]
    pub fn verify(&self, received: &[u8]) -> bool {
        if received.len() < MIN_MAC_OCTETS {
            return false;
        }
        self.0.get(..received.len()).is_some_and(|own| own.ct_eq(received).into())
    }
}

impl<const N: usize> PartialEq for Mac<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> Eq for Mac<N> {}

impl<const N: usize> fmt::Debug for Mac<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mac({N} octets)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    proptest! {
        #[test]
        fn a_code_is_right_from_four_octets_up_and_wrong_with_any_bit_changed(octets: [u8; 8], bit in 0usize..64, len in 0usize..10) {
            let mac = Mac::new(octets);
            let mut received = octets.to_vec();
            received.extend([0, 0]);
            received.truncate(len);
            prop_assert_eq!(mac.verify(&received), (4..=8).contains(&len));
            if let Some(octet) = received.get_mut(bit / 8) {
                *octet ^= 1 << (bit % 8);
                prop_assert!(!mac.verify(&received));
            }
        }
    }

    #[test]
    fn a_code_does_not_print_itself() {
        assert_eq!(format!("{:?}", Mac::new([0xA5; 8])), "Mac(8 octets)");
    }

    #[test]
    fn the_leftmost_octets_are_a_shorter_code() {
        let short: Mac<4> = Mac::new([1, 2, 3, 4, 5, 6, 7, 8]).leftmost();
        assert_eq!(short.octets(), &[1, 2, 3, 4]);
        assert!(!short.verify(&[1, 2, 3, 4, 5]));
    }
}
