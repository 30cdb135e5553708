//! Recovery of what a private key signed: `signature^e mod n` (EMV 4.4 Book 2, A2.1.2). Variable time, for public values only.

use super::workspace::Workspace;
use super::{MAX_MODULUS_LEN, MIN_MODULUS_LEN};

/// The two public exponents of payment cards (EMV 4.4 Book 2, Annex B2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Exponent {
    /// `03`.
    Three,
    /// `010001`.
    F4,
}

/// A public key over a modulus that lies in somebody else's memory: a table in flash, or a recovered certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey<'a> {
    modulus: &'a [u8],
    exponent: Exponent,
}

/// Why a key or a signature is not usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RsaError {
    /// The modulus is shorter than [`MIN_MODULUS_LEN`] or longer than [`MAX_MODULUS_LEN`].
    #[error("a modulus of {len} octets")]
    ModulusLength {
        /// Octets found.
        len: usize,
    },
    /// The modulus begins with 00: it is shorter than it says.
    #[error("the modulus begins with 00")]
    ModulusShort,
    /// The modulus is even, so it is no product of two odd primes.
    #[error("the modulus is even")]
    ModulusEven,
    /// The exponent is neither 3 nor 65537.
    #[error("the exponent is neither 3 nor 65537")]
    Exponent,
    /// The signature has another length than the modulus.
    #[error("a signature of {found} octets for a modulus of {expected}")]
    SignatureLength {
        /// Octets of the modulus.
        expected: usize,
        /// Octets of the signature.
        found: usize,
    },
    /// The signature is not below the modulus, so this key did not make it.
    #[error("the signature is not below the modulus")]
    SignatureRange,
    /// The caller's buffer is shorter than the modulus.
    #[error("the buffer has {room} octets, {needed} are needed")]
    Room {
        /// Octets of the modulus.
        needed: usize,
        /// Octets of the buffer.
        room: usize,
    },
}

impl Exponent {
    /// Reads `03` or `010001`; zeros in front do not count.
    ///
    /// # Errors
    /// [`RsaError::Exponent`] for any other number.
    pub fn from_octets(octets: &[u8]) -> Result<Self, RsaError> {
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        match octets.get(zeros..) {
            Some([3]) => Ok(Self::Three),
            Some([1, 0, 1]) => Ok(Self::F4),
            _ => Err(RsaError::Exponent),
        }
    }

    /// The exponent as certificates carry it: one or three octets.
    #[must_use]
    pub const fn octets(self) -> &'static [u8] {
        match self {
            Self::Three => &[3],
            Self::F4 => &[1, 0, 1],
        }
    }

    /// How often is squared before the one multiplication.
    const fn squarings(self) -> u32 {
        match self {
            Self::Three => 1,
            Self::F4 => 16,
        }
    }
}

impl<'a> PublicKey<'a> {
    /// A key, once its modulus could be one.
    ///
    /// ```
    /// use tapcard_crypto::rsa::{Exponent, PublicKey, RsaError};
    ///
    /// // 2^127 - 1, a prime: everything below it comes back after e d = 1 mod 2^127 - 2.
    /// let modulus = [&[0x7F][..], &[0xFF; 15]].concat();
    /// let key = PublicKey::new(&modulus, Exponent::F4)?;
    /// let mut recovered = [0; 16];
    /// key.recover(&[&[0; 15][..], &[2]].concat(), &mut recovered)?;
    /// // 65537 = 127 * 516 + 5, and 2^127 is 1 here.
    /// assert_eq!(recovered, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32]);
    /// assert_eq!(PublicKey::new(&[0; 16], Exponent::F4), Err(RsaError::ModulusShort));
    /// # Ok::<(), RsaError>(())
    /// ```
    ///
    /// # Errors
    /// [`RsaError::ModulusLength`], [`RsaError::ModulusShort`] or [`RsaError::ModulusEven`].
    pub const fn new(modulus: &'a [u8], exponent: Exponent) -> Result<Self, RsaError> {
        if modulus.len() < MIN_MODULUS_LEN || modulus.len() > MAX_MODULUS_LEN {
            return Err(RsaError::ModulusLength { len: modulus.len() });
        }
        match modulus {
            [0, ..] => Err(RsaError::ModulusShort),
            [.., last] if *last % 2 == 0 => Err(RsaError::ModulusEven),
            _ => Ok(Self { modulus, exponent }),
        }
    }

    /// The modulus, highest octet first.
    #[must_use]
    pub const fn modulus(&self) -> &'a [u8] {
        self.modulus
    }

    /// The exponent.
    #[must_use]
    pub const fn exponent(&self) -> Exponent {
        self.exponent
    }

    /// Octets of the modulus and of everything signed with the key.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a key is never empty")]
    pub const fn len(&self) -> usize {
        self.modulus.len()
    }

    /// Writes `signature^e mod n` to the front of `room` and gives that part, as long as the modulus.
    ///
    /// # Errors
    /// [`RsaError::SignatureLength`], [`RsaError::SignatureRange`] or [`RsaError::Room`].
    pub fn recover<'r>(&self, signature: &[u8], room: &'r mut [u8]) -> Result<&'r mut [u8], RsaError> {
        let needed = self.modulus.len();
        if signature.len() != needed {
            return Err(RsaError::SignatureLength { expected: needed, found: signature.len() });
        }
        if signature >= self.modulus {
            return Err(RsaError::SignatureRange);
        }
        let has = room.len();
        let recovered = room.get_mut(..needed).ok_or(RsaError::Room { needed, room: has })?;
        Workspace::new().raise(signature, self.modulus, self.exponent.squarings(), recovered);
        Ok(recovered)
    }
}

#[cfg(test)]
mod tests {
    use super::super::other_width;
    use super::*;
    use num_bigint::BigUint;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    fn expected(signature: &[u8], modulus: &[u8], exponent: u32) -> Vec<u8> {
        let power = BigUint::from_bytes_be(signature)
            .modpow(&BigUint::from(exponent), &BigUint::from_bytes_be(modulus))
            .to_bytes_be();
        [vec![0; modulus.len() - power.len()], power].concat()
    }

    /// Both exponents with both widths of digits.
    fn check(signature: &[u8], modulus: &[u8]) {
        for (exponent, number) in [(Exponent::Three, 3), (Exponent::F4, 65537)] {
            let expected = expected(signature, modulus, number);
            let mut room = [0xEE; MAX_MODULUS_LEN];
            let key = PublicKey::new(modulus, exponent).unwrap();
            assert_eq!(key.recover(signature, &mut room).unwrap(), expected, "{number}");
            let mut other = vec![0xEE; modulus.len()];
            other_width::workspace::Workspace::new().raise(signature, modulus, exponent.squarings(), &mut other);
            assert_eq!(other, expected, "{number}, the other width");
        }
    }

    /// Octets of which many are 00, FF, 80, 7F or 01: that is where carries, corrections and quotients at their limit are.
    fn octet() -> impl Strategy<Value = u8> {
        prop_oneof![2 => Just(0_u8), 3 => Just(0xFF), 1 => Just(0x80), 1 => Just(0x7F), 1 => Just(1), 2 => any::<u8>()]
    }

    fn pair(octet: impl Strategy<Value = u8> + Clone) -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
        (MIN_MODULUS_LEN..=MAX_MODULUS_LEN).prop_flat_map(move |len| {
            (proptest::collection::vec(octet.clone(), len), proptest::collection::vec(octet.clone(), len))
        })
    }

    fn usable((mut signature, mut modulus): (Vec<u8>, Vec<u8>)) -> Option<(Vec<u8>, Vec<u8>)> {
        *modulus.last_mut()? |= 1;
        if modulus.first()? == &0 {
            *modulus.first_mut()? = 1;
        }
        if signature >= modulus {
            core::mem::swap(&mut signature, &mut modulus);
            *modulus.last_mut()? |= 1;
        }
        (signature < modulus && modulus.first()? != &0).then_some((signature, modulus))
    }

    proptest! {
        #[test]
        fn the_power_is_that_of_another_library(pair in pair(any::<u8>())) {
            if let Some((signature, modulus)) = usable(pair) {
                check(&signature, &modulus);
            }
        }

        #[test]
        fn it_is_that_also_where_carries_run_far(pair in pair(octet().boxed())) {
            if let Some((signature, modulus)) = usable(pair) {
                check(&signature, &modulus);
            }
        }

        #[test]
        fn anything_for_key_and_signature_is_a_power_or_an_error(
            modulus in proptest::collection::vec(octet(), 0..260),
            signature in proptest::collection::vec(octet(), 0..260),
            room in 0_usize..260,
        ) {
            let mut room = vec![0; room];
            for exponent in [Exponent::Three, Exponent::F4] {
                let Ok(key) = PublicKey::new(&modulus, exponent) else { continue };
                let _ = key.recover(&signature, &mut room);
            }
        }
    }

    #[test]
    fn the_ends_of_the_range_are_right() {
        for len in [MIN_MODULUS_LEN, 17, 112, 128, 144, 176, 247, MAX_MODULUS_LEN] {
            let mut highest = vec![0xFF; len];
            let mut lowest = vec![0; len];
            *lowest.first_mut().unwrap() = 1;
            *lowest.last_mut().unwrap() = 1;
            for modulus in [highest.clone(), lowest] {
                let zero = vec![0; len];
                let mut one = zero.clone();
                *one.last_mut().unwrap() = 1;
                let mut minus_one = modulus.clone();
                *minus_one.last_mut().unwrap() -= 1;
                for signature in [zero, one, minus_one] {
                    check(&signature, &modulus);
                }
            }
            *highest.first_mut().unwrap() = 0x80;
            check(&vec![0x55; len], &highest);
        }
    }

    #[test]
    fn a_modulus_that_cannot_be_one_is_refused() {
        let error = |modulus: &[u8]| PublicKey::new(modulus, Exponent::Three).unwrap_err();
        assert_eq!(error(&[]), RsaError::ModulusLength { len: 0 });
        assert_eq!(error(&[1]), RsaError::ModulusLength { len: 1 });
        assert_eq!(error(&[0xFF; 15]), RsaError::ModulusLength { len: 15 });
        assert_eq!(error(&[0xFF; 249]), RsaError::ModulusLength { len: 249 });
        assert_eq!(error(&[0; 128]), RsaError::ModulusShort);
        assert_eq!(error(&[&[0][..], &[0xFF; 127]].concat()), RsaError::ModulusShort);
        assert_eq!(error(&[&[0xFF; 127][..], &[0xFE]].concat()), RsaError::ModulusEven);
    }

    #[test]
    fn a_signature_that_does_not_fit_is_refused() {
        let modulus = [0xFD; 128];
        let key = PublicKey::new(&modulus, Exponent::Three).unwrap();
        let mut room = [0; MAX_MODULUS_LEN];
        let wrong = RsaError::SignatureLength { expected: 128, found: 127 };
        assert_eq!(key.recover(&[1; 127], &mut room), Err(wrong));
        assert_eq!(key.recover(&modulus, &mut room), Err(RsaError::SignatureRange));
        assert_eq!(key.recover(&[0xFE; 128], &mut room), Err(RsaError::SignatureRange));
        let small = room.get_mut(..127).unwrap();
        assert_eq!(key.recover(&[1; 128], small), Err(RsaError::Room { needed: 128, room: 127 }));
    }

    #[test]
    fn exponents_are_three_and_the_fourth_fermat_number() {
        assert_eq!(Exponent::from_octets(&[3]), Ok(Exponent::Three));
        assert_eq!(Exponent::from_octets(&[0, 0, 3]), Ok(Exponent::Three));
        assert_eq!(Exponent::from_octets(&[1, 0, 1]), Ok(Exponent::F4));
        for other in [&[][..], &[0], &[1], &[2], &[1, 0, 2], &[1, 0, 1, 0], &[3, 0]] {
            assert_eq!(Exponent::from_octets(other), Err(RsaError::Exponent), "{other:?}");
        }
        for exponent in [Exponent::Three, Exponent::F4] {
            assert_eq!(Exponent::from_octets(exponent.octets()), Ok(exponent));
        }
    }
}
