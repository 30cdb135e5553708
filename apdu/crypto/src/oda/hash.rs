//! SHA-1 over data that come in pieces.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// Octets of a hash.
pub const HASH_LEN: usize = 20;

/// A hash that grows with the data, so that records need not be kept until a certificate is there.
#[derive(Clone, Default)]
pub struct DataHash(Sha1);

impl DataHash {
    /// Of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds octets.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// With these octets added.
    #[must_use]
    pub fn with(mut self, data: &[u8]) -> Self {
        self.update(data);
        self
    }

    /// The hash of everything that was added.
    #[must_use]
    pub fn finish(self) -> [u8; HASH_LEN] {
        self.0.finalize().into()
    }

    /// Whether the hash is this one, in constant time.
    pub(crate) fn is(self, other: &[u8]) -> bool {
        self.finish().ct_eq(other).into()
    }
}
