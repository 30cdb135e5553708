//! SM4 (GB/T 32907-2016), the block cipher of PBOC cards with national algorithms (JR/T 0025.17).

use core::fmt;

use sm4::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use super::secret::Secret;
use super::{Kcv, KeyError};

/// An SM4 key of 16 octets.
#[derive(Clone, PartialEq, Eq)]
pub struct Sm4Key(Secret<16>);

/// The round keys of an [`Sm4Key`].
#[derive(Clone)]
pub struct Sm4Schedule(sm4::Sm4);

impl Sm4Key {
    /// Takes any 16 octets.
    #[must_use]
    pub const fn new(octets: [u8; 16]) -> Self {
        Self(Secret::new(octets))
    }

    /// Takes a key from outside.
    ///
    /// # Errors
    /// Not 16 octets.
    pub fn import(octets: &[u8]) -> Result<Self, KeyError> {
        octets.try_into().map(Self::new).map_err(|_| KeyError::Length { found: octets.len() })
    }

    /// The octets themselves. Keep them away from logs.
    #[must_use]
    pub const fn reveal(&self) -> &[u8; 16] {
        self.0.octets()
    }

    /// Its round keys.
    #[must_use]
    pub fn schedule(&self) -> Sm4Schedule {
        Sm4Schedule(sm4::Sm4::new(self.0.octets().into()))
    }

    /// The first three octets of the enciphered zeros.
    #[must_use]
    pub fn kcv(&self) -> Kcv {
        self.schedule().kcv()
    }
}

impl Sm4Schedule {
    /// Enciphers one block.
    #[must_use]
    pub fn encrypt(&self, block: &[u8; 16]) -> [u8; 16] {
        let mut block = *block;
        self.encrypt_in_place(&mut block);
        block
    }

    /// Deciphers one block.
    #[must_use]
    pub fn decrypt(&self, block: &[u8; 16]) -> [u8; 16] {
        let mut block = *block;
        self.0.decrypt_block((&mut block).into());
        block
    }

    pub(crate) fn encrypt_in_place(&self, block: &mut [u8; 16]) {
        self.0.encrypt_block(block.into());
    }

    fn kcv(&self) -> Kcv {
        Kcv::leftmost::<16>(&self.encrypt(&[0; 16]))
    }
}

impl fmt::Debug for Sm4Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sm4Key({})", self.kcv())
    }
}

impl fmt::Debug for Sm4Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sm4Schedule({})", self.kcv())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GB/T 32907-2016, annex A.1: key and block are the same octets.
    #[test]
    fn the_example_of_the_standard_is_enciphered_and_comes_back() {
        let block = 0x0123_4567_89AB_CDEF_FEDC_BA98_7654_3210_u128.to_be_bytes();
        let schedule = Sm4Key::new(block).schedule();
        let enciphered = schedule.encrypt(&block);
        assert_eq!(enciphered, 0x681E_DF34_D206_965E_86B3_E94F_536E_4246_u128.to_be_bytes());
        assert_eq!(schedule.decrypt(&enciphered), block);
    }

    #[test]
    fn another_length_is_refused() {
        assert_eq!(Sm4Key::import(&[0; 8]), Err(KeyError::Length { found: 8 }));
    }
}
