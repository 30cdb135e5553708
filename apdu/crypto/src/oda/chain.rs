//! From the CA's key to the ICC's: both certificates in one go, for callers who have everything at hand.

use tapcard_emv::aid::Rid;
use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;

use super::{IccCertificate, IccKey, IssuerCertificate, IssuerKey, OdaError};
use crate::capk::{self, CaKey, Revocation};

/// What a card gives for its chain; a remainder that is absent is empty.
#[derive(Clone, Copy, Debug)]
pub struct ChainData<'a> {
    /// The first five octets of the AID.
    pub rid: Rid,
    /// `8F`, the index of the CA's key.
    pub ca_index: u8,
    /// `90`, the issuer certificate.
    pub issuer_certificate: &'a [u8],
    /// `92`, the rest of the issuer's modulus.
    pub issuer_remainder: &'a [u8],
    /// `9F32`, the issuer's exponent.
    pub issuer_exponent: &'a [u8],
    /// `9F46`, the ICC certificate.
    pub icc_certificate: &'a [u8],
    /// `9F48`, the rest of the ICC's modulus.
    pub icc_remainder: &'a [u8],
    /// `9F47`, the ICC's exponent.
    pub icc_exponent: &'a [u8],
    /// `5A`.
    pub pan: &'a Pan,
}

/// The keys that a chain ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain<'r> {
    /// Verifies signed static data.
    pub issuer: IssuerKey<'r>,
    /// Verifies signed dynamic data.
    pub icc: IccKey<'r>,
}

impl<'r> Chain<'r> {
    /// Recovers and verifies both keys, each into a buffer of its own.
    ///
    /// # Errors
    /// [`OdaError::CaKeyNotFound`], [`OdaError::Expired`] for a CA key that has ended, then those of
    /// [`IssuerCertificate::verify_unless`] and [`IccCertificate::verify`].
    pub fn verify<'k, 'd>(
        ca_keys: impl IntoIterator<Item = &'k CaKey<'k>>,
        revoked: &[Revocation],
        data: &ChainData<'_>,
        static_data: impl IntoIterator<Item = &'d [u8]>,
        today: Date,
        (issuer_room, icc_room): (&'r mut [u8], &'r mut [u8]),
    ) -> Result<Self, OdaError> {
        let ca = capk::find(ca_keys, data.rid, data.ca_index).ok_or(OdaError::CaKeyNotFound)?;
        if ca.has_ended(today) {
            return Err(OdaError::Expired);
        }
        let is_revoked = |serial| revoked.contains(&Revocation { rid: data.rid, index: data.ca_index, serial });
        let issuer = IssuerCertificate::open(ca.key(), data.issuer_certificate, issuer_room)?.verify_unless(
            data.issuer_remainder,
            data.issuer_exponent,
            data.pan,
            today,
            is_revoked,
        )?;
        let icc = IccCertificate::open(&issuer, data.icc_certificate, icc_room)?.verify(
            data.icc_remainder,
            data.icc_exponent,
            static_data,
            data.pan,
            today,
        )?;
        Ok(Self { issuer, icc })
    }
}
