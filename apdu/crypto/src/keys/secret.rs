//! What all key types stand on: octets that are wiped, and compared without a branch on them.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// Octets of a key. Deliberately without `Debug`: a type that holds them has to say what it shows.
#[derive(Clone)]
pub(crate) struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes the octets over. The caller's copy is the caller's to wipe.
    pub(crate) const fn new(octets: [u8; N]) -> Self {
        Self(octets)
    }

    pub(crate) const fn octets(&self) -> &[u8; N] {
        &self.0
    }

    #[cfg(any(feature = "des", feature = "aes"))]
    pub(crate) const fn octets_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> Eq for Secret<N> {}
