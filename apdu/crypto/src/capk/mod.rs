//! CA public keys and the revocation list (EMV 4.4 Book 2, 5.1.2, 10 and 11.2.2).
//!
//! Keys are looked up in any list of them, so keys of a user go on top by standing first:
//! `find(own.iter().chain(PUBLISHED.iter().map(|published| &published.key)), rid, index)`. Reading such a list from a file is
//! the host's business.

mod published;

use tapcard_emv::aid::Rid;
use tapcard_emv::date::Date;

use crate::oda::{DataHash, HASH_LEN};
use crate::rsa::{Exponent, PublicKey, RsaError};
use subtle::ConstantTimeEq;

pub use published::{KeyClass, PUBLISHED, PublishedKey};

/// A CA public key with what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaKey<'a> {
    rid: Rid,
    index: u8,
    key: PublicKey<'a>,
    expiry: Option<Date>,
}

/// An issuer certificate that is no longer good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Whose CA signed it.
    pub rid: Rid,
    /// With which key.
    pub index: u8,
    /// The certificate's serial number.
    pub serial: [u8; 3],
}

/// Why a CA public key is not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CapkError {
    /// Modulus or exponent cannot be used.
    #[error(transparent)]
    Key(#[from] RsaError),
    /// The checksum is not that of RID, index, modulus and exponent: an octet is wrong.
    #[error("the checksum differs")]
    Checksum,
}

/// SHA-1 of RID, index, modulus and exponent, by which a key is recognised.
#[must_use]
pub fn checksum(rid: Rid, index: u8, modulus: &[u8], exponent: &[u8]) -> [u8; HASH_LEN] {
    DataHash::new().with(rid.as_bytes()).with(&[index]).with(modulus).with(exponent).finish()
}

/// The first key of the list with this RID and index.
pub fn find<'l, 'k>(keys: impl IntoIterator<Item = &'l CaKey<'k>>, rid: Rid, index: u8) -> Option<&'l CaKey<'k>>
where
    'k: 'l,
{
    keys.into_iter().find(|key| key.rid == rid && key.index == index)
}

impl<'a> CaKey<'a> {
    /// A key whose octets are known to be right, such as one that is compiled in.
    #[must_use]
    pub const fn new(rid: Rid, index: u8, key: PublicKey<'a>, expiry: Option<Date>) -> Self {
        Self { rid, index, key, expiry }
    }

    /// A key from a file or a message, with its checksum. `expiry` is its last day.
    ///
    /// # Errors
    /// [`CapkError::Key`] or [`CapkError::Checksum`].
    pub fn load(
        rid: Rid,
        index: u8,
        modulus: &'a [u8],
        exponent: &[u8],
        expiry: Option<Date>,
        checksum: &[u8; HASH_LEN],
    ) -> Result<Self, CapkError> {
        let key = PublicKey::new(modulus, Exponent::from_octets(exponent)?)?;
        let is_right = self::checksum(rid, index, modulus, exponent).ct_eq(checksum);
        if bool::from(is_right) { Ok(Self::new(rid, index, key, expiry)) } else { Err(CapkError::Checksum) }
    }

    /// Whose key it is.
    #[must_use]
    pub const fn rid(&self) -> Rid {
        self.rid
    }

    /// Its index among the keys of this RID.
    #[must_use]
    pub const fn index(&self) -> u8 {
        self.index
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey<'a> {
        &self.key
    }

    /// Its last day, where one is known.
    #[must_use]
    pub const fn expiry(&self) -> Option<Date> {
        self.expiry
    }

    /// Whether today is after its last day.
    #[must_use]
    pub fn has_ended(&self, today: Date) -> bool {
        self.expiry.is_some_and(|expiry| today > expiry.last_day())
    }

    /// SHA-1 of RID, index, modulus and exponent.
    #[must_use]
    pub fn checksum(&self) -> [u8; HASH_LEN] {
        checksum(self.rid, self.index, self.key.modulus(), self.key.exponent().octets())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> &'static PublishedKey {
        PUBLISHED.first().unwrap()
    }

    #[test]
    fn every_published_key_has_the_checksum_it_is_known_by() {
        for published in PUBLISHED {
            assert_eq!(published.key.checksum(), published.checksum, "{:?}", published.key);
        }
    }

    #[test]
    fn no_two_published_keys_have_the_same_name() {
        for published in PUBLISHED {
            let CaKey { rid, index, .. } = published.key;
            let same = PUBLISHED.iter().filter(|other| (other.key.rid, other.key.index) == (rid, index)).count();
            assert_eq!(same, 1, "{rid:?} {index:02X}");
        }
    }

    #[test]
    fn a_key_is_loaded_with_its_checksum_only() {
        let PublishedKey { key, mut checksum, .. } = *known();
        let load = |modulus, exponent: &[u8], checksum| {
            CaKey::load(key.rid, key.index, modulus, exponent, None, &checksum).map(|_| ())
        };
        let modulus = key.key.modulus();
        assert_eq!(load(modulus, &[3], checksum), Ok(()));
        assert_eq!(load(modulus, &[1, 0, 1], checksum), Err(CapkError::Checksum));
        assert_eq!(load(modulus, &[5], checksum), Err(CapkError::Key(RsaError::Exponent)));
        *checksum.last_mut().unwrap() ^= 1;
        assert_eq!(load(modulus, &[3], checksum), Err(CapkError::Checksum));
        assert_eq!(load(&[7; 3], &[3], checksum), Err(CapkError::Key(RsaError::ModulusLength { len: 3 })));
    }

    #[test]
    fn a_users_key_in_front_hides_the_published_one() {
        let published = &known().key;
        let own = CaKey { expiry: Some(Date::new(2030, 12, None).unwrap()), ..*published };
        let all = [own].into_iter().chain(PUBLISHED.iter().map(|published| published.key));
        let all: std::vec::Vec<_> = all.collect();
        assert_eq!(find(&all, published.rid, published.index), Some(&own));
        assert_eq!(find(&all, Rid::new([0xF0, 0, 0, 0, 9]), published.index), None);
        assert!(!own.has_ended(Date::new(2030, 12, Some(31)).unwrap()));
        assert!(own.has_ended(Date::new(2031, 1, Some(1)).unwrap()));
        assert!(!published.has_ended(Date::new(2099, 1, Some(1)).unwrap()), "no last day is known");
    }
}
