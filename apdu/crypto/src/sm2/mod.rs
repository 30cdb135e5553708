//! SM2 signatures with SM3, and the certificates of PBOC that carry them (GM/T 0003.2, GM/T 0004; JR/T 0025.17).
//!
//! Public data only: keys and signatures are verified, none are made. A certificate is in the clear, followed by its signature, so
//! there is nothing to recover: [`IssuerCertificate`], [`IccCertificate`], [`SignedStatic`] and [`SignedDynamic`] show their fields
//! at once, and `verify` makes a key or a value of them.

mod certificate;
mod signed;

use sm2::elliptic_curve::Group;
use sm2::elliptic_curve::ff::PrimeField;
use sm2::elliptic_curve::ops::{LinearCombination, Reduce};
use sm2::elliptic_curve::point::AffineCoordinates;
use sm2::elliptic_curve::sec1::FromSec1Point;
use sm2::{AffinePoint, FieldBytes, ProjectivePoint, Scalar, Sec1Point};
use sm3::{Digest, Sm3};

pub use certificate::{IccCertificate, IssuerCertificate};
pub use signed::{CdaData, SignedDynamic, SignedStatic};

/// Octets of a public key: X and Y, without a prefix.
pub const KEY_LEN: usize = 64;
/// Octets of a signature: R and S.
pub const SIGNATURE_LEN: usize = 64;
/// Octets of an SM3 hash.
pub const HASH_LEN: usize = 32;

/// The user identity that PBOC fixes for everybody, behind its length in bits.
const IDENTITY: &[u8; 18] = b"\x00\x801234567812345678";

/// Coefficients a and b and the base point of sm2p256v1 (GM/T 0003.5), which are part of what is hashed.
const CURVE: [&[u8; 32]; 4] = [
    b"\xFF\xFF\xFF\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFC",
    b"\x28\xE9\xFA\x9E\x9D\x9F\x5E\x34\x4D\x5A\x9E\x4B\xCF\x65\x09\xA7\xF3\x97\x89\xF5\x15\xAB\x8F\x92\xDD\xBC\xBD\x41\x4D\x94\x0E\x93",
    b"\x32\xC4\xAE\x2C\x1F\x19\x81\x19\x5F\x99\x04\x46\x6A\x39\xC9\x94\x8F\xE3\x0B\xBF\xF2\x66\x0B\xE1\x71\x5A\x45\x89\x33\x4C\x74\xC7",
    b"\xBC\x37\x36\xA2\xF4\xF6\x77\x9C\x59\xBD\xCE\xE3\x6B\x69\x21\x53\xD0\xA9\x87\x7C\xC6\x2A\x47\x40\x02\xDF\x32\xE5\x21\x39\xF0\xA0",
];

/// Why an SM2 key, certificate or signature is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Sm2Error {
    /// The value is shorter or longer than its format.
    #[error("a value of {found} octets")]
    Length {
        /// Octets found.
        found: usize,
    },
    /// The first octet is that of another format.
    #[error("another format")]
    BadFormat,
    /// The point is not on the curve.
    #[error("the key is not on the curve")]
    NotOnCurve,
    /// The signature is not that of the data with this key.
    #[error("the signature does not verify")]
    Signature,
    /// The issuer identifier is not that of the PAN.
    #[error("the issuer certificate is of another issuer")]
    IssuerIdMismatch,
    /// The PAN in the certificate is another one.
    #[error("the ICC certificate is of another PAN")]
    PanMismatch,
    /// The certificate ended before today.
    #[error("expired")]
    Expired,
    /// The certified key is not an SM2 key of 64 octets.
    #[error("the certified key is no SM2 key")]
    UnsupportedKeyAlgorithm,
}

/// A public key: a point on the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sm2Key([u8; KEY_LEN]);

impl Sm2Key {
    /// A key of X and Y.
    ///
    /// ```
    /// use tapcard_crypto::sm2::{Sm2Error, Sm2Key};
    ///
    /// assert_eq!(Sm2Key::new([1; 64]), Err(Sm2Error::NotOnCurve));
    /// ```
    ///
    /// # Errors
    /// [`Sm2Error::NotOnCurve`].
    pub fn new(xy: [u8; KEY_LEN]) -> Result<Self, Sm2Error> {
        if point(&xy).is_some() { Ok(Self(xy)) } else { Err(Sm2Error::NotOnCurve) }
    }

    /// X and Y.
    #[must_use]
    pub const fn octets(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// Verifies a signature over data that come in pieces (GM/T 0003.2, 7.1), in variable time.
    ///
    /// # Errors
    /// [`Sm2Error::Signature`].
    pub fn verify<'d>(
        &self,
        data: impl IntoIterator<Item = &'d [u8]>,
        signature: &[u8; SIGNATURE_LEN],
    ) -> Result<(), Sm2Error> {
        let identity = CURVE.iter().fold(Sm3::new_with_prefix(IDENTITY), Digest::chain_update);
        let identity = identity.chain_update(self.0).finalize();
        let hash = data.into_iter().fold(Sm3::new_with_prefix(identity), Digest::chain_update);
        if self.is_signed(hash.finalize().into(), signature) == Some(true) { Ok(()) } else { Err(Sm2Error::Signature) }
    }

    /// `None` when a number is out of its range.
    fn is_signed(&self, hash: [u8; HASH_LEN], signature: &[u8; SIGNATURE_LEN]) -> Option<bool> {
        let (r, s) = (scalar(signature.first_chunk()?)?, scalar(signature.last_chunk()?)?);
        let sum = r + s;
        if bool::from(r.is_zero() | s.is_zero() | sum.is_zero()) {
            return None;
        }
        let key = ProjectivePoint::from(point(&self.0)?);
        let found = ProjectivePoint::lincomb(&[(ProjectivePoint::generator(), s), (key, sum)]);
        if bool::from(found.is_identity()) {
            return None;
        }
        let hash: Scalar = Reduce::<FieldBytes>::reduce(&hash.into());
        let x: Scalar = Reduce::<FieldBytes>::reduce(&found.to_affine().x());
        Some(r == hash + x)
    }
}

fn scalar(octets: &[u8; 32]) -> Option<Scalar> {
    Option::from(Scalar::from_repr((*octets).into()))
}

fn point(xy: &[u8; KEY_LEN]) -> Option<AffinePoint> {
    let (x, y): (&[u8; 32], &[u8; 32]) = (xy.first_chunk()?, xy.last_chunk()?);
    let encoded = Sec1Point::from_affine_coordinates(&(*x).into(), &(*y).into(), false);
    Option::from(AffinePoint::from_sec1_point(&encoded))
}

#[cfg(test)]
mod tests;
