//! Issuer certificates (`90`) and ICC certificates (`9F46`) in SM2 (JR/T 0025.17).
//!
//! Behind the signature algorithm stand an octet that test data have as 00 and one that they have as 11; what they are called is not
//! known for sure, so they are signed data here and no more.

use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;

use super::{KEY_LEN, SIGNATURE_LEN, Sm2Error, Sm2Key};
use crate::subject;

/// First octet of an issuer certificate.
const ISSUER_FORMAT: u8 = 0x12;
/// First octet of an ICC certificate.
const ICC_FORMAT: u8 = 0x14;
/// Signature algorithm: SM2 with SM3.
const SM2: u8 = 0x04;
/// Octets of the issuer identifier, and of the PAN.
const ISSUER_ID_LEN: usize = 4;
const PAN_LEN: usize = 10;

/// Both certificates; the name of the subject is `NAME` octets long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Certificate<'a, const NAME: usize> {
    signed: &'a [u8],
    signature: &'a [u8; SIGNATURE_LEN],
}

impl<'a, const NAME: usize> Certificate<'a, NAME> {
    /// Octets before the key: format, name, expiry, serial number, three indicators, key length.
    const KEY: usize = 1 + NAME + 2 + 3 + 3 + 1;

    fn parse(value: &'a [u8], format: u8) -> Result<Self, Sm2Error> {
        let (signed, signature) =
            value.split_last_chunk::<SIGNATURE_LEN>().ok_or(Sm2Error::Length { found: value.len() })?;
        if signed.len() != Self::KEY + KEY_LEN {
            return Err(Sm2Error::Length { found: value.len() });
        }
        if signed.first() == Some(&format) { Ok(Self { signed, signature }) } else { Err(Sm2Error::BadFormat) }
    }

    fn array<const N: usize>(&self, start: usize) -> [u8; N] {
        let octets = self.signed.get(start..).and_then(|rest| rest.first_chunk());
        octets.copied().unwrap_or([0; N])
    }

    fn indicators(&self) -> [u8; 3] {
        self.array(6 + NAME)
    }

    fn key(&self) -> [u8; KEY_LEN] {
        self.array(Self::KEY)
    }

    fn into_key(self, today: Date) -> Result<Sm2Key, Sm2Error> {
        if subject::has_ended(self.array(1 + NAME), today) {
            return Err(Sm2Error::Expired);
        }
        let ([algorithm, ..], [len]) = (self.indicators(), self.array(9 + NAME));
        if algorithm != SM2 || usize::from(len) != KEY_LEN {
            return Err(Sm2Error::UnsupportedKeyAlgorithm);
        }
        Sm2Key::new(self.key())
    }
}

/// An issuer certificate: its fields, before anything is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerCertificate<'a>(Certificate<'a, ISSUER_ID_LEN>);

/// An ICC certificate: its fields, before anything is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IccCertificate<'a>(Certificate<'a, PAN_LEN>);

/// The getters of both.
macro_rules! fields {
    ($certificate:ident, $name:ident) => {
        impl $certificate<'_> {
            /// Month and year of the end, MMYY.
            #[must_use]
            pub fn expiry_mmyy(&self) -> [u8; 2] {
                self.0.array(1 + $name)
            }

            /// The serial number that the signer gave it.
            #[must_use]
            pub fn serial(&self) -> [u8; 3] {
                self.0.array(3 + $name)
            }

            /// The signature algorithm (04) and the two octets behind it.
            #[must_use]
            pub fn indicators(&self) -> [u8; 3] {
                self.0.indicators()
            }

            /// How many octets the certified key says to have.
            #[must_use]
            pub fn key_len(&self) -> usize {
                let [len] = self.0.array(9 + $name);
                usize::from(len)
            }

            /// X and Y of the certified key, on the curve or not.
            #[must_use]
            pub fn key(&self) -> [u8; KEY_LEN] {
                self.0.key()
            }

            /// R and S.
            #[must_use]
            pub const fn signature(&self) -> &[u8; SIGNATURE_LEN] {
                self.0.signature
            }
        }
    };
}
fields!(IssuerCertificate, ISSUER_ID_LEN);
fields!(IccCertificate, PAN_LEN);

impl<'a> IssuerCertificate<'a> {
    /// Reads the value of `90`.
    ///
    /// # Errors
    /// [`Sm2Error::Length`] or [`Sm2Error::BadFormat`].
    pub fn parse(value: &'a [u8]) -> Result<Self, Sm2Error> {
        Certificate::parse(value, ISSUER_FORMAT).map(Self)
    }

    /// The issuer identifier: 3 to 8 digits, then F.
    #[must_use]
    pub fn issuer_identifier(&self) -> [u8; ISSUER_ID_LEN] {
        self.0.array(1)
    }

    /// The issuer's key, when the CA signed it for this PAN's issuer and it has not ended.
    ///
    /// # Errors
    /// [`Sm2Error`] from [`Sm2Error::Signature`] on.
    pub fn verify(&self, ca: &Sm2Key, pan: &Pan, today: Date) -> Result<Sm2Key, Sm2Error> {
        ca.verify([self.0.signed], self.0.signature)?;
        if !subject::is_identifier_of(self.issuer_identifier(), pan) {
            return Err(Sm2Error::IssuerIdMismatch);
        }
        self.0.into_key(today)
    }
}

impl<'a> IccCertificate<'a> {
    /// Reads the value of `9F46`.
    ///
    /// # Errors
    /// As [`IssuerCertificate::parse`].
    pub fn parse(value: &'a [u8]) -> Result<Self, Sm2Error> {
        Certificate::parse(value, ICC_FORMAT).map(Self)
    }

    /// The PAN, padded with F. Keep it away from logs.
    #[must_use]
    pub fn pan(&self) -> [u8; PAN_LEN] {
        self.0.array(1)
    }

    /// The ICC's key, when the issuer signed it with the static data and the AIP (in pieces, in order) for this PAN.
    ///
    /// # Errors
    /// [`Sm2Error`] from [`Sm2Error::Signature`] on.
    pub fn verify<'d>(
        &self,
        issuer: &Sm2Key,
        static_data: impl IntoIterator<Item = &'d [u8]>,
        pan: &Pan,
        today: Date,
    ) -> Result<Sm2Key, Sm2Error>
    where
        'a: 'd,
    {
        issuer.verify([self.0.signed].into_iter().chain(static_data), self.0.signature)?;
        if Pan::from_cn(&self.pan()).as_ref() != Ok(pan) {
            return Err(Sm2Error::PanMismatch);
        }
        self.0.into_key(today)
    }
}
