//! Signed static application data (`93`): EMV 4.4 Book 2, 5.4, table 7.

use super::block::{ALGORITHM, Block, TAIL_LEN};
use super::hash::{DataHash, HASH_LEN};
use super::{IssuerKey, OdaError};

/// Format of signed static data.
pub(crate) const FORMAT: u8 = 0x03;
/// Octets before the padding: header, format, hash algorithm, data authentication code.
pub(crate) const FIXED_LEN: usize = 5;

/// Recovered signed static data, before anything is believed.
#[derive(Debug)]
pub struct SignedStaticData<'r>(Block<'r>);

impl<'r> SignedStaticData<'r> {
    /// Recovers the value of `93` with the issuer's key into `room`.
    ///
    /// # Errors
    /// As [`super::IssuerCertificate::open`].
    pub fn open(issuer: &IssuerKey<'_>, signature: &[u8], room: &'r mut [u8]) -> Result<Self, OdaError> {
        Block::open(issuer.public(), signature, FORMAT, FIXED_LEN + TAIL_LEN, room).map(Self)
    }

    /// The data authentication code, which becomes `9F45` once it is verified.
    #[must_use]
    pub fn data_authentication_code(&self) -> [u8; 2] {
        self.0.array(3)
    }

    /// The hash inside, right or wrong.
    #[must_use]
    pub fn hash(&self) -> [u8; HASH_LEN] {
        self.0.hash()
    }

    /// The beginning of what is hashed; the static data to authenticate follow, for [`SignedStaticData::verify_hashed`].
    #[must_use]
    pub fn hasher(&self) -> DataHash {
        self.0.hasher()
    }

    /// The data authentication code, when the hash is right with the static data (in pieces, in order).
    ///
    /// # Errors
    /// [`OdaError::UnsupportedHashAlgorithm`] or [`OdaError::HashMismatch`].
    pub fn verify<'d>(&self, static_data: impl IntoIterator<Item = &'d [u8]>) -> Result<[u8; 2], OdaError> {
        self.verify_hashed(static_data.into_iter().fold(self.hasher(), DataHash::with))
    }

    /// The same with [`SignedStaticData::hasher`] to which the static data were added as they came.
    ///
    /// # Errors
    /// As [`SignedStaticData::verify`].
    pub fn verify_hashed(&self, hash: DataHash) -> Result<[u8; 2], OdaError> {
        if self.0.octet(2) != ALGORITHM {
            return Err(OdaError::UnsupportedHashAlgorithm);
        }
        self.0.check(hash)?;
        Ok(self.data_authentication_code())
    }
}
