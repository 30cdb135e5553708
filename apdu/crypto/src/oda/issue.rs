//! The issuing side: certificates and signed data for test CAs, personalisation and emulated cards.
//!
//! The blocks are those that the rest of [`crate::oda`] takes apart. RSA signatures have no randomness, so what is issued
//! twice is equal; [`Blinding`] only protects the key. A signature is written to the front of the caller's `room`.

use tapcard_emv::pan::Pan;

use super::block::{ALGORITHM, HEADER, TAIL_LEN, TRAILER};
use super::hash::DataHash;
use super::{certificate, signed_dynamic, signed_static};
use crate::rsa::{Blinding, MAX_MODULUS_LEN, PrivateKey, PublicKey, SignError};

/// Fills what a block does not need.
const PADDING: u8 = 0xBB;

/// What a certificate says of its subject's key.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The key to certify.
    pub key: PublicKey<'a>,
    /// Month and year of the end, MMYY.
    pub expiry_mmyy: [u8; 2],
    /// A number that the signer gives only once.
    pub serial: [u8; 3],
}

/// A certificate and what did not fit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issued<'r, 'k> {
    /// `90`, `9F46` or `9F2D`.
    pub certificate: &'r [u8],
    /// `92`, `9F48` or `9F2F`; empty when the key fits, and then no object at all.
    pub remainder: &'k [u8],
}

/// Why nothing was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum IssueError {
    /// The signer's modulus does not hold the fields.
    #[error("the signer's key is too short for the data")]
    SignerTooShort,
    /// The private operation failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Certifies an issuer's key with the CA's; `identifier` is 3 to 8 digits of the PAN, padded with F.
///
/// # Errors
/// [`IssueError`].
pub fn issuer_certificate<'r, 'k>(
    ca: &PrivateKey<'_>,
    identifier: [u8; certificate::ISSUER_ID_LEN],
    subject: &Subject<'k>,
    blinding: Blinding<'_>,
    room: &'r mut [u8],
) -> Result<Issued<'r, 'k>, IssueError> {
    certify(ca, certificate::ISSUER_FORMAT, &identifier, subject, [], blinding, room)
}

/// Certifies a card's key with the issuer's, over the static data to authenticate. Without static data, a PIN key.
///
/// # Errors
/// [`IssueError`].
pub fn icc_certificate<'r, 'k, 'd>(
    issuer: &PrivateKey<'_>,
    pan: &Pan,
    subject: &Subject<'k>,
    static_data: impl IntoIterator<Item = &'d [u8]>,
    blinding: Blinding<'_>,
    room: &'r mut [u8],
) -> Result<Issued<'r, 'k>, IssueError> {
    certify(issuer, certificate::ICC_FORMAT, &pan.to_cn(), subject, static_data, blinding, room)
}

/// Signs static data: the value of `93`.
///
/// # Errors
/// [`IssueError`].
pub fn signed_static_data<'r, 'd>(
    issuer: &PrivateKey<'_>,
    data_authentication_code: [u8; 2],
    static_data: impl IntoIterator<Item = &'d [u8]>,
    blinding: Blinding<'_>,
    room: &'r mut [u8],
) -> Result<&'r [u8], IssueError> {
    let fields = [&[HEADER, signed_static::FORMAT, ALGORITHM][..], &data_authentication_code];
    sign(issuer, fields, static_data, blinding, room)
}

/// Signs dynamic data: the value of `9F4B`. `dynamic_data` begins with the length of the ICC dynamic number;
/// `terminal_data` are what the terminal will hash as well.
///
/// # Errors
/// [`IssueError`].
pub fn signed_dynamic_data<'r, 'd>(
    icc: &PrivateKey<'_>,
    dynamic_data: &[u8],
    terminal_data: impl IntoIterator<Item = &'d [u8]>,
    blinding: Blinding<'_>,
    room: &'r mut [u8],
) -> Result<&'r [u8], IssueError> {
    let len = u8::try_from(dynamic_data.len()).map_err(|_| IssueError::SignerTooShort)?;
    let fields = [&[HEADER, signed_dynamic::FORMAT, ALGORITHM, len][..], dynamic_data];
    sign(icc, fields, terminal_data, blinding, room)
}

fn certify<'r, 'k, 'd>(
    signer: &PrivateKey<'_>,
    format: u8,
    name: &[u8],
    subject: &Subject<'k>,
    static_data: impl IntoIterator<Item = &'d [u8]>,
    blinding: Blinding<'_>,
    room: &'r mut [u8],
) -> Result<Issued<'r, 'k>, IssueError> {
    let (modulus, exponent) = (subject.key.modulus(), subject.key.exponent().octets());
    let len = |octets: &[u8]| u8::try_from(octets.len()).map_err(|_| IssueError::SignerTooShort);
    let lengths = [ALGORITHM, ALGORITHM, len(modulus)?, len(exponent)?];
    let fixed = 2 + name.len() + certificate::FIXED_LEN + TAIL_LEN;
    let left = signer.public().len().checked_sub(fixed).ok_or(IssueError::SignerTooShort)?;
    let (left, remainder) = modulus.split_at_checked(left).unwrap_or((modulus, &[]));
    let fields = [&[HEADER, format][..], name, &subject.expiry_mmyy, &subject.serial, &lengths, left];
    let hashed = [remainder, exponent].into_iter().chain(static_data.into_iter().map(|data| {
        let data: &[u8] = data;
        data
    }));
    let certificate = sign(signer, fields, hashed, blinding, room)?;
    Ok(Issued { certificate, remainder })
}

/// Puts the fields, padding and hash together and signs them.
fn sign<'r, 'd, const N: usize>(
    signer: &PrivateKey<'_>,
    fields: [&[u8]; N],
    hashed: impl IntoIterator<Item = &'d [u8]>,
    blinding: Blinding<'_>,
    room: &'r mut [u8],
) -> Result<&'r [u8], IssueError> {
    let mut buffer = [PADDING; MAX_MODULUS_LEN];
    let block = buffer.get_mut(..signer.public().len()).ok_or(IssueError::SignerTooShort)?;
    let (body, tail) =
        block.split_at_mut_checked(signer.public().len().saturating_sub(TAIL_LEN)).ok_or(IssueError::SignerTooShort)?;
    if fields.iter().map(|field| field.len()).sum::<usize>() > body.len() {
        return Err(IssueError::SignerTooShort);
    }
    for (octet, value) in body.iter_mut().zip(fields.into_iter().flatten()) {
        *octet = *value;
    }
    let hash = DataHash::new().with(body.get(1..).unwrap_or_default());
    let hash = hashed.into_iter().fold(hash, DataHash::with).finish();
    for (octet, value) in tail.iter_mut().zip(hash.iter().chain(&[TRAILER])) {
        *octet = *value;
    }
    Ok(signer.apply(block, blinding, room)?)
}
