//! Single DES: session keys and TAC keys of the PBOC purse, and half of the retail MAC. Not a cipher to protect data with.

use core::fmt;

use des::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use super::Kcv;
use super::secret::Secret;

/// A DES key of 8 octets; its parity bits count for nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct DesKey(Secret<8>);

/// The round keys of a [`DesKey`].
#[derive(Clone)]
pub struct DesSchedule(des::Des);

impl DesKey {
    /// Takes any 8 octets.
    #[must_use]
    pub const fn new(octets: [u8; 8]) -> Self {
        Self(Secret::new(octets))
    }

    /// The octets themselves. Keep them away from logs.
    #[must_use]
    pub const fn reveal(&self) -> &[u8; 8] {
        self.0.octets()
    }

    /// Its round keys.
    #[must_use]
    pub fn schedule(&self) -> DesSchedule {
        DesSchedule::new(self.0.octets())
    }

    /// The first three octets of the enciphered zeros.
    #[must_use]
    pub fn kcv(&self) -> Kcv {
        self.schedule().kcv()
    }
}

impl DesSchedule {
    pub(super) fn new(octets: &[u8; 8]) -> Self {
        Self(des::Des::new(octets.into()))
    }

    /// Enciphers one block.
    #[must_use]
    pub fn encrypt(&self, block: &[u8; 8]) -> [u8; 8] {
        let mut block = *block;
        self.encrypt_in_place(&mut block);
        block
    }

    /// Deciphers one block.
    #[must_use]
    pub fn decrypt(&self, block: &[u8; 8]) -> [u8; 8] {
        let mut block = *block;
        self.0.decrypt_block((&mut block).into());
        block
    }

    pub(crate) fn encrypt_in_place(&self, block: &mut [u8; 8]) {
        self.0.encrypt_block(block.into());
    }

    fn kcv(&self) -> Kcv {
        Kcv::leftmost::<8>(&self.encrypt(&[0; 8]))
    }
}

impl fmt::Debug for DesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DesKey({})", self.kcv())
    }
}

impl fmt::Debug for DesSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DesSchedule({})", self.kcv())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classic_example_is_enciphered_and_comes_back() {
        let schedule = DesKey::new([0x13, 0x34, 0x57, 0x79, 0x9B, 0xBC, 0xDF, 0xF1]).schedule();
        let block = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
        let enciphered = schedule.encrypt(&block);
        assert_eq!(enciphered, [0x85, 0xE8, 0x13, 0x54, 0x0F, 0x0A, 0xB4, 0x05]);
        assert_eq!(schedule.decrypt(&enciphered), block);
    }
}
