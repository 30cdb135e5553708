//! Secret keys: octets that are wiped when they are dropped and that no formatter shows.
//!
//! A key here is only its octets: 16 of them for a card that keeps ten keys in little RAM. Who computes much with one key
//! asks it for its schedule (`schedule()`), which is large, fast and wiped as well. Keys compare in constant time. `Debug`
//! shows the key check value and nothing else (ISO 11568: the check value may be shown). Where keys come from, and where
//! they are kept, is the business of whoever has storage and randomness.

#[cfg(feature = "aes")]
mod aes;
#[cfg(feature = "des")]
mod des;
mod schedule;
mod secret;
#[cfg(feature = "sm")]
mod sm4;
#[cfg(feature = "des")]
mod tdes;

#[cfg(feature = "aes")]
pub(crate) use self::aes::AesVariant;
#[cfg(feature = "aes")]
pub use self::aes::{AesKey, AesSchedule, AesSize};
#[cfg(feature = "des")]
pub use self::des::{DesKey, DesSchedule};
#[cfg(feature = "sm")]
pub use self::sm4::{Sm4Key, Sm4Schedule};
#[cfg(feature = "des")]
pub use self::tdes::{TdesKey, TdesSchedule};

pub(crate) use self::schedule::MacState;

use core::fmt;

/// Octets of a key check value.
pub const KCV_OCTETS: usize = 3;

/// The first three octets of a key applied to zeros. May be shown and compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Kcv(pub [u8; KCV_OCTETS]);

impl Kcv {
    /// The leftmost octets of a block.
    fn leftmost<const N: usize>(block: &[u8; N]) -> Self {
        const { assert!(N >= KCV_OCTETS) }
        let mut value = [0; KCV_OCTETS];
        value.iter_mut().zip(block).for_each(|(to, from)| *to = *from);
        Self(value)
    }
}

impl fmt::Display for Kcv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

impl fmt::Debug for Kcv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why octets are no key. It never holds any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum KeyError {
    /// A key of this cipher has another length.
    #[error("a key of {found} octets")]
    Length {
        /// Octets found.
        found: usize,
    },
    /// Both halves of a TDES key are equal but for parity, which makes it single DES.
    #[error("both halves of the key are equal")]
    EqualHalves,
}

/// Which block cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Cipher {
    /// Two-key TDES (ISO/IEC 18033-3).
    Tdes,
    /// AES (FIPS 197).
    Aes,
    /// SM4 (GB/T 32907-2016).
    Sm4,
}

/// A key of one of the ciphers that this build has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretKey {
    /// Two-key TDES.
    #[cfg(feature = "des")]
    Tdes(TdesKey),
    /// AES of 128, 192 or 256 bits.
    #[cfg(feature = "aes")]
    Aes(AesKey),
    /// SM4.
    #[cfg(feature = "sm")]
    Sm4(Sm4Key),
}

impl SecretKey {
    /// The cipher that it is for.
    #[must_use]
    pub const fn cipher(&self) -> Cipher {
        match self {
            #[cfg(feature = "des")]
            Self::Tdes(_) => Cipher::Tdes,
            #[cfg(feature = "aes")]
            Self::Aes(_) => Cipher::Aes,
            #[cfg(feature = "sm")]
            Self::Sm4(_) => Cipher::Sm4,
        }
    }

    /// The key check value, in the form of its cipher.
    #[must_use]
    pub fn kcv(&self) -> Kcv {
        match self {
            #[cfg(feature = "des")]
            Self::Tdes(key) => key.kcv(),
            #[cfg(feature = "aes")]
            Self::Aes(key) => key.kcv(),
            #[cfg(feature = "sm")]
            Self::Sm4(key) => key.kcv(),
        }
    }
}

#[cfg(feature = "des")]
impl From<TdesKey> for SecretKey {
    fn from(key: TdesKey) -> Self {
        Self::Tdes(key)
    }
}

#[cfg(feature = "aes")]
impl From<AesKey> for SecretKey {
    fn from(key: AesKey) -> Self {
        Self::Aes(key)
    }
}

#[cfg(feature = "sm")]
impl From<Sm4Key> for SecretKey {
    fn from(key: Sm4Key) -> Self {
        Self::Sm4(key)
    }
}
