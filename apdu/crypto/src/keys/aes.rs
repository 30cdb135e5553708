//! AES keys of 128, 192 and 256 bits (FIPS 197).

use core::fmt;

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};

use super::secret::Secret;
use super::{Kcv, KeyError};
use crate::mac::Cmac;

/// An AES key of 16, 24 or 32 octets.
#[derive(Clone, PartialEq, Eq)]
pub struct AesKey {
    /// The octets of the key; what follows them is zero.
    octets: Secret<32>,
    size: AesSize,
}

/// How long an AES key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AesSize {
    /// 16 octets.
    Aes128,
    /// 24 octets.
    Aes192,
    /// 32 octets.
    Aes256,
}

/// The round keys of an [`AesKey`].
#[derive(Clone)]
pub struct AesSchedule(AesVariant);

/// The cipher by the size of its key.
#[derive(Clone)]
pub(crate) enum AesVariant {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

impl AesSize {
    /// The size in octets.
    #[must_use]
    pub const fn octets(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }
}

impl AesKey {
    /// Takes a key of 16, 24 or 32 octets.
    ///
    /// # Errors
    /// Another length.
    pub fn import(octets: &[u8]) -> Result<Self, KeyError> {
        let size = match octets.len() {
            16 => AesSize::Aes128,
            24 => AesSize::Aes192,
            32 => AesSize::Aes256,
            found => return Err(KeyError::Length { found }),
        };
        Ok(Self::leftmost(size, [octets, &[]]))
    }

    /// As many octets of the parts as the size wants, from the left.
    pub(crate) fn leftmost(size: AesSize, parts: [&[u8]; 2]) -> Self {
        let mut octets = Secret::new([0; 32]);
        let from = parts.into_iter().flatten().take(size.octets());
        octets.octets_mut().iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        Self { octets, size }
    }

    /// The size.
    #[must_use]
    pub const fn size(&self) -> AesSize {
        self.size
    }

    /// The octets themselves. Keep them away from logs.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.octets.octets().get(..self.size.octets()).unwrap_or_default()
    }

    /// Its round keys.
    #[must_use]
    pub fn schedule(&self) -> AesSchedule {
        let octets = self.octets.octets();
        AesSchedule(match self.size {
            AesSize::Aes128 => AesVariant::Aes128(Aes128::new(part::<16>(octets).into())),
            AesSize::Aes192 => AesVariant::Aes192(Aes192::new(part::<24>(octets).into())),
            AesSize::Aes256 => AesVariant::Aes256(Aes256::new(part::<32>(octets).into())),
        })
    }

    /// The first three octets of the CMAC of 16 zeros (the form of ANSI X9.24-1; which one a partner uses is
    /// **unconfirmed**).
    #[must_use]
    pub fn kcv(&self) -> Kcv {
        self.schedule().kcv()
    }
}

/// The first octets of a longer array, without a copy of a secret.
fn part<const N: usize>(octets: &[u8; 32]) -> &[u8; N] {
    const { assert!(N <= 32) }
    octets.first_chunk().unwrap_or(&[0; N])
}

impl AesSchedule {
    /// Enciphers one block.
    #[must_use]
    pub fn encrypt(&self, block: &[u8; 16]) -> [u8; 16] {
        let mut block = *block;
        let out = (&mut block).into();
        match &self.0 {
            AesVariant::Aes128(cipher) => cipher.encrypt_block(out),
            AesVariant::Aes192(cipher) => cipher.encrypt_block(out),
            AesVariant::Aes256(cipher) => cipher.encrypt_block(out),
        }
        block
    }

    /// Deciphers one block.
    #[must_use]
    pub fn decrypt(&self, block: &[u8; 16]) -> [u8; 16] {
        let mut block = *block;
        let out = (&mut block).into();
        match &self.0 {
            AesVariant::Aes128(cipher) => cipher.decrypt_block(out),
            AesVariant::Aes192(cipher) => cipher.decrypt_block(out),
            AesVariant::Aes256(cipher) => cipher.decrypt_block(out),
        }
        block
    }

    pub(crate) const fn variant(&self) -> &AesVariant {
        &self.0
    }

    fn kcv(&self) -> Kcv {
        let mut mac = Cmac::new(self);
        mac.update(&[0; 16]);
        Kcv::leftmost::<16>(mac.finish().octets())
    }
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AesKey({})", self.kcv())
    }
}

impl fmt::Debug for AesSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AesSchedule({})", self.kcv())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    /// FIPS 197, annex C.
    #[test]
    fn the_examples_of_the_standard_are_enciphered_and_come_back() {
        let block = 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF_u128.to_be_bytes();
        for (octets, expected) in [
            (16, 0x69C4_E0D8_6A7B_0430_D8CD_B780_70B4_C55A_u128),
            (24, 0xDDA9_7CA4_864C_DFE0_6EAF_70A0_EC0D_7191),
            (32, 0x8EA2_B7CA_5167_45BF_EAFC_4990_4B49_6089),
        ] {
            let key: Vec<u8> = (0..octets).collect();
            let schedule = AesKey::import(&key).unwrap().schedule();
            assert_eq!(schedule.encrypt(&block), expected.to_be_bytes());
            assert_eq!(schedule.decrypt(&expected.to_be_bytes()), block);
        }
    }

    proptest! {
        #[test]
        fn only_three_lengths_are_keys(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
            let key = AesKey::import(&octets);
            match octets.len() {
                16 | 24 | 32 => prop_assert!(key.is_ok_and(|key| key.reveal() == octets)),
                found => prop_assert_eq!(key, Err(KeyError::Length { found })),
            }
        }
    }
}
