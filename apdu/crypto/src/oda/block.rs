//! A recovered block `6A || format || ... || hash || BC` in the caller's buffer.

use super::OdaError;
use super::hash::{DataHash, HASH_LEN};
use crate::rsa::PublicKey;

/// First octet of every recovered block.
pub(crate) const HEADER: u8 = 0x6A;
/// Last octet of every recovered block.
pub(crate) const TRAILER: u8 = 0xBC;
/// Hash algorithm indicator of SHA-1, and key algorithm indicator of RSA (EMV 4.4 Book 2, Annex B2 and B3).
pub(crate) const ALGORITHM: u8 = 0x01;
/// Octets at the end: the hash and the trailer.
pub(crate) const TAIL_LEN: usize = HASH_LEN + 1;

/// The buffer with the block at its front.
#[derive(Debug)]
pub(super) struct Block<'r> {
    pub(super) room: &'r mut [u8],
    len: usize,
}

impl<'r> Block<'r> {
    /// Recovers a block that has at least `fixed` octets, and looks at length, trailer, header and format, in this order.
    pub(super) fn open(
        key: &PublicKey<'_>,
        signature: &[u8],
        format: u8,
        fixed: usize,
        room: &'r mut [u8],
    ) -> Result<Self, OdaError> {
        let len = key.len();
        if signature.len() != len || len < fixed {
            return Err(OdaError::LengthMismatch);
        }
        match key.recover(signature, room)? {
            [.., trailer] if *trailer != TRAILER => Err(OdaError::BadTrailer),
            [header, ..] if *header != HEADER => Err(OdaError::BadHeader),
            [_, found, ..] if *found == format => Ok(Self { room, len }),
            _ => Err(OdaError::BadFormat),
        }
    }

    /// So many octets from `start`; none of them where the block ends before that.
    pub(super) fn at(&self, start: usize, len: usize) -> &[u8] {
        let end = start.saturating_add(len).min(self.len);
        self.room.get(start..end).filter(|found| found.len() == len).unwrap_or_default()
    }

    /// The same as an array, zeros where the block ends before that; `open` was told how much is needed.
    pub(super) fn array<const N: usize>(&self, start: usize) -> [u8; N] {
        self.at(start, N).try_into().unwrap_or([0; N])
    }

    /// The octet at `start`.
    pub(super) fn octet(&self, start: usize) -> u8 {
        let [octet] = self.array(start);
        octet
    }

    /// How many octets lie between `start` and the hash.
    pub(super) const fn len_from(&self, start: usize) -> usize {
        self.len.saturating_sub(start + TAIL_LEN)
    }

    /// The hash inside the block.
    pub(super) fn hash(&self) -> [u8; HASH_LEN] {
        self.array(self.len.saturating_sub(TAIL_LEN))
    }

    /// A hash that begins with the block from its format octet up to the hash.
    pub(super) fn hasher(&self) -> DataHash {
        DataHash::new().with(self.at(1, self.len_from(1)))
    }

    /// Compares the hash inside the block.
    pub(super) fn check(&self, hash: DataHash) -> Result<(), OdaError> {
        if hash.is(&self.hash()) { Ok(()) } else { Err(OdaError::HashMismatch) }
    }
}
