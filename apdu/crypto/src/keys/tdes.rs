//! Two-key TDES: encipher with the left half, decipher with the right, encipher with the left (ISO/IEC 18033-3).

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::des::DesSchedule;
use super::secret::Secret;
use super::{Kcv, KeyError};

/// A two-key TDES key of 16 octets; its parity bits count for nothing but a comparison of keys.
///
/// ```
/// use tapcard_crypto::keys::TdesKey;
///
/// let key = TdesKey::import(&[0x5B, 0x6D, 0xBA, 0xCB, 0x32, 0x0E, 0x6B, 0xCE, 0x6E, 0x13, 0xC7, 0xAB, 0x34, 0xD9, 0x9B, 0x86])?;
/// assert_eq!(format!("{key:?}"), "TdesKey(8B9B63)");
/// # Ok::<(), tapcard_crypto::keys::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TdesKey(Secret<16>);

/// The round keys of both halves of a [`TdesKey`], 256 octets.
#[derive(Clone)]
pub struct TdesSchedule {
    left: DesSchedule,
    right: DesSchedule,
}

impl TdesKey {
    /// Takes any 16 octets, as a computation gives them. Keys from outside come in by [`TdesKey::import`].
    #[must_use]
    pub const fn new(octets: [u8; 16]) -> Self {
        Self(Secret::new(octets))
    }

    /// Takes a key from outside.
    ///
    /// # Errors
    /// Not 16 octets, or both halves equal but for parity: such a key is single DES.
    pub fn import(octets: &[u8]) -> Result<Self, KeyError> {
        let key: [u8; 16] = octets.try_into().map_err(|_| KeyError::Length { found: octets.len() })?;
        let key = Self::new(key);
        let (left, right) = key.halves();
        let no_parity = |half: &[u8; 8]| Zeroizing::new(half.map(|octet| octet & 0xFE));
        if no_parity(left).ct_eq(no_parity(right).as_slice()).into() { Err(KeyError::EqualHalves) } else { Ok(key) }
    }

    /// The same key with odd parity in every octet, as derived keys are stored and compared.
    #[must_use]
    pub fn with_odd_parity(mut self) -> Self {
        for octet in self.0.octets_mut() {
            let parity = (*octet >> 1).count_ones() & 1;
            *octet = *octet & 0xFE | u8::from(parity == 0);
        }
        self
    }

    /// The octets themselves. Keep them away from logs.
    #[must_use]
    pub const fn reveal(&self) -> &[u8; 16] {
        self.0.octets()
    }

    pub(crate) fn halves(&self) -> (&[u8; 8], &[u8; 8]) {
        let octets = self.0.octets();
        (octets.first_chunk().unwrap_or(&[0; 8]), octets.last_chunk().unwrap_or(&[0; 8]))
    }

    /// Its round keys.
    #[must_use]
    pub fn schedule(&self) -> TdesSchedule {
        let (left, right) = self.halves();
        TdesSchedule { left: DesSchedule::new(left), right: DesSchedule::new(right) }
    }

    /// The first three octets of the enciphered zeros.
    #[must_use]
    pub fn kcv(&self) -> Kcv {
        self.schedule().kcv()
    }
}

impl TdesSchedule {
    /// Enciphers one block.
    #[must_use]
    pub fn encrypt(&self, block: &[u8; 8]) -> [u8; 8] {
        self.left.encrypt(&self.right.decrypt(&self.left.encrypt(block)))
    }

    /// Deciphers one block.
    #[must_use]
    pub fn decrypt(&self, block: &[u8; 8]) -> [u8; 8] {
        self.left.decrypt(&self.right.encrypt(&self.left.decrypt(block)))
    }

    /// Enciphers two blocks on their own as a new key.
    pub(crate) fn encrypt_pair(&self, left: &[u8; 8], right: &[u8; 8]) -> TdesKey {
        let (left, right) = (Zeroizing::new(self.encrypt(left)), Zeroizing::new(self.encrypt(right)));
        let mut key = TdesKey::new([0; 16]);
        let halves = left.iter().chain(right.iter());
        key.0.octets_mut().iter_mut().zip(halves).for_each(|(to, from)| *to = *from);
        key
    }

    /// The left half: the chain of a retail MAC.
    pub(crate) const fn left(&self) -> &DesSchedule {
        &self.left
    }

    /// The last step of a retail MAC: decipher with the right half, encipher with the left.
    pub(crate) fn close(&self, block: &[u8; 8]) -> [u8; 8] {
        self.left.encrypt(&self.right.decrypt(block))
    }

    fn kcv(&self) -> Kcv {
        Kcv::leftmost::<8>(&self.encrypt(&[0; 8]))
    }
}

impl fmt::Debug for TdesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TdesKey({})", self.kcv())
    }
}

impl fmt::Debug for TdesSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TdesSchedule({})", self.kcv())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_that_is_single_des_is_refused_whatever_its_parity() {
        assert_eq!(TdesKey::import(&[0x10; 16]), Err(KeyError::EqualHalves));
        let mut octets = [0x10; 16];
        octets[15] = 0x11;
        assert_eq!(TdesKey::import(&octets), Err(KeyError::EqualHalves));
        octets[15] = 0x12;
        assert!(TdesKey::import(&octets).is_ok());
    }

    #[test]
    fn another_length_is_refused() {
        for found in [0, 8, 15, 17, 24] {
            assert_eq!(TdesKey::import(&std::vec![7; found]), Err(KeyError::Length { found }));
        }
    }

    proptest! {
        #[test]
        fn parity_is_odd_and_changes_no_result(octets: [u8; 16], block: [u8; 8]) {
            let key = TdesKey::new(octets);
            let odd = key.clone().with_odd_parity();
            prop_assert!(odd.reveal().iter().all(|octet| octet.count_ones() % 2 == 1));
            prop_assert_eq!(odd.schedule().encrypt(&block), key.schedule().encrypt(&block));
            prop_assert_eq!(key.kcv(), odd.kcv());
        }

        #[test]
        fn what_is_enciphered_is_deciphered(octets: [u8; 16], block: [u8; 8]) {
            let schedule = TdesKey::new(octets).schedule();
            prop_assert_eq!(schedule.decrypt(&schedule.encrypt(&block)), block);
        }
    }
}
