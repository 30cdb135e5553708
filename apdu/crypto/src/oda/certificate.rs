//! Issuer certificates (`90`) and ICC certificates (`9F46`, `9F2D`): EMV 4.4 Book 2, 5.3, 6.4 and 7.1, tables 6, 14 and 23.

use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;

use super::block::{ALGORITHM, Block, TAIL_LEN};
use super::hash::{DataHash, HASH_LEN};
use super::{IccKey, IssuerKey, OdaError, PinKey};
use crate::rsa::{Exponent, PublicKey, RsaError};
use crate::subject;

/// Format of an issuer certificate.
pub(crate) const ISSUER_FORMAT: u8 = 0x02;
/// Format of an ICC certificate and of an ICC PIN encipherment certificate.
pub(crate) const ICC_FORMAT: u8 = 0x04;
/// Octets of the issuer identifier.
pub(crate) const ISSUER_ID_LEN: usize = 4;
/// Octets of the PAN in a certificate.
pub(crate) const PAN_LEN: usize = 10;
/// Octets between the subject's name and the modulus: expiry, serial number, two indicators, two lengths.
pub(crate) const FIXED_LEN: usize = 9;

/// Fields that both certificates have; the name of the subject is `NAME` octets long.
#[derive(Debug)]
struct Certificate<'r, const NAME: usize>(Block<'r>);

impl<'r, const NAME: usize> Certificate<'r, NAME> {
    /// Where the modulus begins.
    const MODULUS: usize = 2 + NAME + FIXED_LEN;

    fn open(key: &PublicKey<'_>, signature: &[u8], format: u8, room: &'r mut [u8]) -> Result<Self, OdaError> {
        Block::open(key, signature, format, Self::MODULUS + TAIL_LEN, room).map(Self)
    }

    fn name(&self) -> [u8; NAME] {
        self.0.array(2)
    }

    fn expiry_mmyy(&self) -> [u8; 2] {
        self.0.array(2 + NAME)
    }

    fn serial(&self) -> [u8; 3] {
        self.0.array(4 + NAME)
    }

    fn hash_algorithm(&self) -> u8 {
        self.0.octet(7 + NAME)
    }

    fn key_algorithm(&self) -> u8 {
        self.0.octet(8 + NAME)
    }

    fn key_len(&self) -> usize {
        usize::from(self.0.octet(9 + NAME))
    }

    /// The part of the modulus that the certificate holds, without padding.
    fn left_part(&self) -> &[u8] {
        self.0.at(Self::MODULUS, self.key_len().min(self.0.len_from(Self::MODULUS)))
    }

    fn hasher(&self, remainder: &[u8], exponent: &[u8]) -> DataHash {
        self.0.hasher().with(remainder).with(exponent)
    }

    fn check_hash(&self, hash: DataHash) -> Result<(), OdaError> {
        if self.hash_algorithm() != ALGORITHM {
            return Err(OdaError::UnsupportedHashAlgorithm);
        }
        self.0.check(hash)
    }

    fn check_expiry(&self, today: Date) -> Result<(), OdaError> {
        if subject::has_ended(self.expiry_mmyy(), today) { Err(OdaError::Expired) } else { Ok(()) }
    }

    /// The key in the same buffer, once algorithm and lengths fit.
    fn into_key(self, remainder: &[u8], exponent: &[u8]) -> Result<PublicKey<'r>, OdaError> {
        if self.key_algorithm() != ALGORITHM {
            return Err(OdaError::UnsupportedKeyAlgorithm);
        }
        let (len, left) = (self.key_len(), self.left_part().len());
        if len != left + remainder.len() {
            return Err(OdaError::LengthMismatch);
        }
        let room = self.0.room;
        if len > room.len() {
            return Err(RsaError::Room { needed: len, room: room.len() }.into());
        }
        room.copy_within(Self::MODULUS..Self::MODULUS + left, 0);
        if let Some(rest) = room.get_mut(left..len) {
            rest.copy_from_slice(remainder);
        }
        let (modulus, _) = room.split_at_checked(len).unwrap_or_default();
        Ok(PublicKey::new(modulus, Exponent::from_octets(exponent)?)?)
    }
}

/// A recovered issuer certificate: its fields, before anything is believed.
///
/// `verify` wants the rest of the key: `92` (empty when absent) and `9F32`.
#[derive(Debug)]
pub struct IssuerCertificate<'r>(Certificate<'r, ISSUER_ID_LEN>);

/// A recovered ICC certificate or ICC PIN encipherment certificate: its fields, before anything is believed.
#[derive(Debug)]
pub struct IccCertificate<'r>(Certificate<'r, PAN_LEN>);

/// The getters of both.
macro_rules! fields {
    ($certificate:ident) => {
        impl $certificate<'_> {
            /// Month and year of the end, MMYY; the certificate is good through the last day of that month.
            #[must_use]
            pub fn expiry_mmyy(&self) -> [u8; 2] {
                self.0.expiry_mmyy()
            }

            /// The serial number that the signer gave it.
            #[must_use]
            pub fn serial(&self) -> [u8; 3] {
                self.0.serial()
            }

            /// The hash inside the certificate, right or wrong.
            #[must_use]
            pub fn hash(&self) -> [u8; HASH_LEN] {
                self.0.0.hash()
            }

            /// How many octets the certified key says to have.
            #[must_use]
            pub fn key_len(&self) -> usize {
                self.0.key_len()
            }

            /// The part of the certified modulus that fits the certificate; the rest is the remainder.
            #[must_use]
            pub fn modulus_left_part(&self) -> &[u8] {
                self.0.left_part()
            }
        }
    };
}
fields!(IssuerCertificate);
fields!(IccCertificate);

impl<'r> IssuerCertificate<'r> {
    /// Recovers the certificate `90` with the CA's key into `room`.
    ///
    /// # Errors
    /// [`OdaError::LengthMismatch`], [`OdaError::BadTrailer`], [`OdaError::BadHeader`], [`OdaError::BadFormat`], or
    /// [`OdaError::Rsa`] for a certificate above the modulus or a buffer below it.
    pub fn open(ca: &PublicKey<'_>, certificate: &[u8], room: &'r mut [u8]) -> Result<Self, OdaError> {
        Certificate::open(ca, certificate, ISSUER_FORMAT, room).map(Self)
    }

    /// The issuer identifier: 3 to 8 digits, then F.
    #[must_use]
    pub fn issuer_identifier(&self) -> [u8; ISSUER_ID_LEN] {
        self.0.name()
    }

    /// The issuer's key, when the hash is right, the certificate is of this PAN's issuer and has not ended.
    ///
    /// # Errors
    /// [`OdaError`] from [`OdaError::UnsupportedHashAlgorithm`] on, or [`OdaError::LengthMismatch`] when certificate and
    /// remainder do not make up the key.
    pub fn verify(self, remainder: &[u8], exponent: &[u8], pan: &Pan, today: Date) -> Result<IssuerKey<'r>, OdaError> {
        self.verify_unless(remainder, exponent, pan, today, |_| false)
    }

    /// The same, unless the serial number is on a revocation list; that is asked after the expiry.
    ///
    /// # Errors
    /// As [`IssuerCertificate::verify`], and [`OdaError::Revoked`].
    pub fn verify_unless(
        self,
        remainder: &[u8],
        exponent: &[u8],
        pan: &Pan,
        today: Date,
        is_revoked: impl FnOnce([u8; 3]) -> bool,
    ) -> Result<IssuerKey<'r>, OdaError> {
        self.0.check_hash(self.0.hasher(remainder, exponent))?;
        if !subject::is_identifier_of(self.issuer_identifier(), pan) {
            return Err(OdaError::IssuerIdMismatch);
        }
        self.0.check_expiry(today)?;
        if is_revoked(self.serial()) {
            return Err(OdaError::Revoked);
        }
        self.0.into_key(remainder, exponent).map(IssuerKey::new)
    }
}

impl<'r> IccCertificate<'r> {
    /// Recovers the certificate `9F46` or `9F2D` with the issuer's key into `room`.
    ///
    /// # Errors
    /// As [`IssuerCertificate::open`].
    pub fn open(issuer: &IssuerKey<'_>, certificate: &[u8], room: &'r mut [u8]) -> Result<Self, OdaError> {
        Certificate::open(issuer.public(), certificate, ICC_FORMAT, room).map(Self)
    }

    /// The PAN, padded with F. Keep it away from logs.
    #[must_use]
    pub fn pan(&self) -> [u8; PAN_LEN] {
        self.0.name()
    }

    /// The beginning of what is hashed; the static data to authenticate follow, for [`IccCertificate::verify_hashed`].
    #[must_use]
    pub fn hasher(&self, remainder: &[u8], exponent: &[u8]) -> DataHash {
        self.0.hasher(remainder, exponent)
    }

    /// The ICC's key, when the hash is right with the static data (in pieces, in order), and PAN and date fit.
    ///
    /// `remainder` is `9F48` (empty when absent) and `exponent` `9F47`.
    ///
    /// # Errors
    /// As [`IssuerCertificate::verify`], with [`OdaError::PanMismatch`].
    pub fn verify<'d>(
        self,
        remainder: &[u8],
        exponent: &[u8],
        static_data: impl IntoIterator<Item = &'d [u8]>,
        pan: &Pan,
        today: Date,
    ) -> Result<IccKey<'r>, OdaError> {
        let hash = static_data.into_iter().fold(self.hasher(remainder, exponent), DataHash::with);
        self.verify_hashed(remainder, exponent, hash, pan, today)
    }

    /// The same with [`IccCertificate::hasher`] to which the static data were added as they came.
    ///
    /// # Errors
    /// As [`IccCertificate::verify`].
    pub fn verify_hashed(
        self,
        remainder: &[u8],
        exponent: &[u8],
        hash: DataHash,
        pan: &Pan,
        today: Date,
    ) -> Result<IccKey<'r>, OdaError> {
        self.into_key(remainder, exponent, hash, pan, today).map(IccKey::new)
    }

    /// The key that PINs are enciphered with: `9F2D` with `9F2F` and `9F2E`, no static data.
    ///
    /// # Errors
    /// As [`IccCertificate::verify`].
    pub fn verify_pin_key(
        self,
        remainder: &[u8],
        exponent: &[u8],
        pan: &Pan,
        today: Date,
    ) -> Result<PinKey<'r>, OdaError> {
        let hash = self.hasher(remainder, exponent);
        self.into_key(remainder, exponent, hash, pan, today).map(PinKey::new)
    }

    fn into_key(
        self,
        remainder: &[u8],
        exponent: &[u8],
        hash: DataHash,
        pan: &Pan,
        today: Date,
    ) -> Result<PublicKey<'r>, OdaError> {
        self.0.check_hash(hash)?;
        if Pan::from_cn(&self.pan()).as_ref() != Ok(pan) {
            return Err(OdaError::PanMismatch);
        }
        self.0.check_expiry(today)?;
        self.0.into_key(remainder, exponent)
    }
}
