//! The PIN on its way to the card, enciphered with RSA (EMV 4.4 Book 2, 7.2, table 25).
//!
//! The PIN block is built elsewhere (ISO 9564-1 format 2); the challenge is the card's answer to GET CHALLENGE and good for
//! one try.

use subtle::ConstantTimeEq;

use crate::rsa::{MAX_MODULUS_LEN, PublicKey, RsaError};

/// First octet of the plaintext.
const HEADER: u8 = 0x7F;
/// Octets before the random padding: header, PIN block, challenge.
const FIXED_LEN: usize = 17;

/// Why a PIN could not be enciphered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PinError {
    /// The random padding does not fill the modulus.
    #[error("random padding of {found} octets, {needed} are needed")]
    Padding {
        /// Octets of the modulus without the 17 fixed ones.
        needed: usize,
        /// Octets given.
        found: usize,
    },
    /// The key cannot be used, or the buffer is too short.
    #[error(transparent)]
    Rsa(#[from] RsaError),
    /// The plaintext that a card recovered has another length or does not begin with 7F.
    #[error("the plaintext does not begin with 7F")]
    BadHeader,
    /// The plaintext that a card recovered was made for another challenge.
    #[error("the plaintext was made for another challenge")]
    UnpredictableNumberMismatch,
}

impl PinError {
    /// The name in the test vectors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Padding { .. } => "bad_padding_length",
            Self::Rsa(_) => "unusable_key_or_signature",
            Self::BadHeader => "bad_header",
            Self::UnpredictableNumberMismatch => "unpredictable_number_mismatch",
        }
    }
}

/// Terminal's side: the data of VERIFY, as long as the modulus, at the front of `room`.
///
/// `key` is the PIN key, or the ICC's where there is none; `random` is fresh and fills what the 17 fixed octets leave.
///
/// # Errors
/// [`PinError::Padding`], [`PinError::Rsa`].
pub fn encipher<'r>(
    key: &PublicKey<'_>,
    block: &[u8; 8],
    challenge: &[u8; 8],
    random: &[u8],
    room: &'r mut [u8],
) -> Result<&'r mut [u8], PinError> {
    let needed = key.len().saturating_sub(FIXED_LEN);
    if random.len() != needed || key.len() < FIXED_LEN {
        return Err(PinError::Padding { needed, found: random.len() });
    }
    let mut plaintext = [0; MAX_MODULUS_LEN];
    let pieces = [&[HEADER][..], block, challenge, random];
    for (octet, value) in plaintext.iter_mut().zip(pieces.into_iter().flatten()) {
        *octet = *value;
    }
    let enciphered = key.recover(plaintext.get(..key.len()).unwrap_or_default(), room);
    plaintext.fill(0);
    core::hint::black_box(&plaintext);
    Ok(enciphered?)
}

/// Card's side, after its private key: the PIN block of a recovered plaintext, when header and challenge are right.
///
/// # Errors
/// [`PinError::BadHeader`], [`PinError::UnpredictableNumberMismatch`].
pub fn block_of(plaintext: &[u8], challenge: &[u8; 8]) -> Result<[u8; 8], PinError> {
    let Some(([HEADER, fixed @ ..], _)) = plaintext.split_first_chunk::<FIXED_LEN>() else {
        return Err(PinError::BadHeader);
    };
    let Some((block, echoed)) = fixed.split_first_chunk::<8>() else { return Err(PinError::BadHeader) };
    if bool::from(echoed.ct_eq(challenge)) { Ok(*block) } else { Err(PinError::UnpredictableNumberMismatch) }
}
