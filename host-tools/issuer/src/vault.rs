//! The one key behind everything that is stored: it seals account numbers and issuer keys, and makes the index by which a
//! card is found without its number being readable.
//!
//! Two keys are taken from the root key, one for each purpose (HMAC-SHA-256 of a label). Sealing is XChaCha20-Poly1305 with
//! a random nonce; what a value is for is authenticated with it, so that no row can take the place of another kind.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use tapcard_emv::pan::Pan;
use zeroize::Zeroizing;

/// Octets of the root key.
pub const ROOT_OCTETS: usize = 32;
const NONCE_OCTETS: usize = 24;

/// Why a value cannot be sealed or opened. It never says anything of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The system gives no random octets.
    #[error("the system gives no random octets")]
    NoRandomness,
    /// Sealed by another key, for another purpose, or damaged.
    #[error("a sealed value does not open: another key file, or the database is damaged")]
    Sealed,
}

/// Seals and opens values, and computes the index of account numbers.
pub struct Vault {
    seal: Zeroizing<[u8; ROOT_OCTETS]>,
    index: Zeroizing<[u8; ROOT_OCTETS]>,
}

/// Fills an array with random octets.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, VaultError> {
    let mut octets = Zeroizing::new([0; N]);
    getrandom::fill(octets.as_mut_slice()).map_err(|_| VaultError::NoRandomness)?;
    Ok(octets)
}

/// HMAC-SHA-256 over parts, each with its length before it.
fn hmac(key: &[u8; ROOT_OCTETS], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    // A key of any length is allowed, so this is the same as the fallible constructor.
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&(*key_block(key)).into());
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// A key of HMAC as it is used: padded with zeros to one block of SHA-256 (RFC 2104, 2).
fn key_block(key: &[u8; ROOT_OCTETS]) -> Zeroizing<[u8; 64]> {
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    block
}

impl Vault {
    /// The vault of a root key.
    #[must_use]
    pub fn new(root: &[u8; ROOT_OCTETS]) -> Self {
        Self { seal: hmac(root, &[b"tapcard issuer seal"]), index: hmac(root, &[b"tapcard issuer index"]) }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.seal).into())
    }

    /// Nonce, then the enciphered value and its tag.
    pub(crate) fn seal(&self, purpose: &[u8], value: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce = random::<NONCE_OCTETS>()?;
        let payload = Payload { msg: value, aad: purpose };
        let sealed = self.cipher().encrypt(&XNonce::from(*nonce), payload).map_err(|_| VaultError::Sealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(crate) fn open(&self, purpose: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_OCTETS>().ok_or(VaultError::Sealed)?;
        let payload = Payload { msg: sealed, aad: purpose };
        let opened = self.cipher().decrypt(&XNonce::from(*nonce), payload);
        opened.map(Zeroizing::new).map_err(|_| VaultError::Sealed)
    }

    /// By what a card is found: the same for the same number, and of no use without the key.
    pub(crate) fn index(&self, pan: &Pan) -> [u8; 32] {
        *hmac(&self.index, &[b"pan", pan.reveal().as_bytes()])
    }

    /// By what a repeated request is recognised.
    pub(crate) fn digest(&self, request: &[u8]) -> [u8; 32] {
        *hmac(&self.index, &[b"request", request])
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_with_its_key_and_purpose_alone() {
        let vault = Vault::new(&[1; 32]);
        let sealed = vault.seal(b"a", b"4761340000000050").unwrap();
        assert_eq!(vault.open(b"a", &sealed).unwrap().as_slice(), b"4761340000000050");
        assert_eq!(vault.open(b"b", &sealed), Err(VaultError::Sealed));
        assert_eq!(Vault::new(&[2; 32]).open(b"a", &sealed), Err(VaultError::Sealed));
        for index in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[index] ^= 1;
            assert_eq!(vault.open(b"a", &broken), Err(VaultError::Sealed), "{index}");
            assert_eq!(vault.open(b"a", &sealed[..index]), Err(VaultError::Sealed), "{index}");
        }
        assert_ne!(sealed, vault.seal(b"a", b"4761340000000050").unwrap());
    }

    /// RFC 4231, test case 2 has a shorter key; here the construction is compared with a plain computation of RFC 2104.
    #[test]
    fn the_index_is_an_hmac_of_length_and_value() {
        use sha2::Digest;
        let vault = Vault::new(&[1; 32]);
        let pan = Pan::from_digits("4761340000000050").unwrap();
        let mut message = Vec::new();
        for part in [&b"pan"[..], b"4761340000000050"] {
            message.extend(u64::try_from(part.len()).unwrap().to_be_bytes());
            message.extend(part);
        }
        let pad = |octet: u8| key_block(&vault.index).map(|key| key ^ octet);
        let inner = Sha256::digest([&pad(0x36)[..], &message].concat());
        let outer = Sha256::digest([&pad(0x5C)[..], &inner].concat());
        assert_eq!(vault.index(&pan).as_slice(), outer.as_slice());
        assert_eq!(format!("{vault:?}"), "Vault(hidden)");
    }
}
