//! Application identifiers: RID and PIX, the ones that are known, and the ones to try when a card has no directory
//! (ISO/IEC 7816-4:2005, 8.2.1.2; EMV 4.4 Book 1, 12.2.1).

mod known;

pub use known::{TerminalAid, terminal_list};

use crate::tags::Scheme;
use core::fmt;

/// Longest AID in octets.
pub const MAX_AID: usize = 16;

/// An application identifier of 5 to 16 octets. `Display` shows it in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Aid {
    octets: [u8; MAX_AID],
    len: u8,
}

/// The first five octets of an AID: the registered application provider.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rid([u8; 5]);

/// The value is no AID: it has fewer than 5 or more than 16 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("an AID has 5 to 16 octets, not {found}")]
pub struct AidError {
    /// Octets found.
    pub found: usize,
}

impl Aid {
    /// Takes the value of `4F`, `84` or `9F06`.
    ///
    /// ```
    /// use tapcard_emv::{Scheme, aid::Aid};
    ///
    /// let aid = Aid::new(&[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01])?;
    /// assert_eq!(aid.to_string(), "A000000333010101");
    /// assert_eq!(aid.scheme(), Scheme::UnionPay);
    /// # Ok::<(), tapcard_emv::aid::AidError>(())
    /// ```
    ///
    /// # Errors
    /// Fewer than 5 or more than 16 octets.
    pub const fn new(octets: &[u8]) -> Result<Self, AidError> {
        if octets.len() < 5 || octets.len() > MAX_AID {
            return Err(AidError { found: octets.len() });
        }
        let mut aid = Self { octets: [0; MAX_AID], len: 0 };
        let mut rest = octets;
        let mut room: &mut [u8] = &mut aid.octets;
        while let ([octet, more @ ..], [place, free @ ..]) = (rest, room) {
            *place = *octet;
            aid.len += 1;
            rest = more;
            room = free;
        }
        Ok(aid)
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.octets.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The registered application provider.
    #[must_use]
    pub const fn rid(&self) -> Rid {
        let [a, b, c, d, e, ..] = self.octets;
        Rid([a, b, c, d, e])
    }

    /// Whether this AID begins with `other`: the test of partial selection (EMV 4.4 Book 1, 12.3.1).
    #[must_use]
    pub fn starts_with(&self, other: &Self) -> bool {
        self.as_bytes().starts_with(other.as_bytes())
    }

    /// The scheme by the longest known beginning; [`Scheme::Emv`] when none is known.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        known::find(self.as_bytes()).map_or(Scheme::Emv, |entry| entry.scheme)
    }

    /// The product by the longest known beginning.
    #[cfg(feature = "names")]
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        known::find(self.as_bytes()).map(|entry| entry.name)
    }
}

impl Rid {
    /// Takes five octets.
    #[must_use]
    pub const fn new(octets: [u8; 5]) -> Self {
        Self(octets)
    }

    /// The octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 5] {
        &self.0
    }

    /// The scheme that owns the RID; [`Scheme::Emv`] when it is not known.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        known::find(&self.0).map_or(Scheme::Emv, |entry| entry.scheme)
    }
}

impl From<Rid> for Aid {
    fn from(rid: Rid) -> Self {
        let [a, b, c, d, e] = rid.0;
        Self { octets: [a, b, c, d, e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], len: 5 }
    }
}

impl TryFrom<&[u8]> for Aid {
    type Error = AidError;

    fn try_from(octets: &[u8]) -> Result<Self, AidError> {
        Self::new(octets)
    }
}

fn write_hex(octets: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    octets.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(self.as_bytes(), f)
    }
}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    fn aid(octets: &[u8]) -> Aid {
        Aid::new(octets).unwrap()
    }

    #[test]
    fn too_short_and_too_long_are_refused() {
        assert_eq!(Aid::new(&[0xA0; 4]), Err(AidError { found: 4 }));
        assert_eq!(Aid::new(&[0xA0; 17]), Err(AidError { found: 17 }));
        assert_eq!(aid(&[0xA0; 16]).as_bytes(), [0xA0; 16]);
    }

    #[test]
    fn the_longest_known_beginning_decides() {
        let cb = aid(&[0xA0, 0x00, 0x00, 0x00, 0x42, 0x10, 0x10]);
        assert_eq!(cb.scheme(), Scheme::Cb);
        assert_eq!(cb.rid().to_string(), "A000000042");
        let girocard = aid(&[0xD2, 0x76, 0x00, 0x00, 0x25, 0x47, 0x41, 0x01, 0x00]);
        assert_eq!(girocard.scheme(), Scheme::Girocard);
        let t_union = aid(&[0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x05]);
        assert_eq!(t_union.scheme(), Scheme::TUnion);
        assert_eq!(Rid::new([0xA0, 0, 0, 0, 3]).scheme(), Scheme::Visa);
        assert_eq!(aid(&[0xF0, 0, 0, 0, 1, 1]).scheme(), Scheme::Emv);
    }

    #[test]
    fn partial_selection_compares_beginnings() {
        let visa = aid(&[0xA0, 0, 0, 0, 3]);
        let electron = aid(&[0xA0, 0, 0, 0, 3, 0x20, 0x10]);
        assert!(electron.starts_with(&visa) && !visa.starts_with(&electron));
        assert_eq!(Aid::from(electron.rid()), visa);
    }

    #[cfg(feature = "names")]
    #[test]
    fn products_have_names() {
        assert_eq!(aid(&[0xA0, 0, 0, 3, 0x33, 1, 1, 2]).name(), Some("UnionPay credit"));
        assert_eq!(aid(&[0xA0, 0, 0, 0, 3, 0x99]).name(), Some("Visa"));
    }

    proptest! {
        #[test]
        fn an_aid_keeps_its_octets(octets in proptest::collection::vec(any::<u8>(), 5..=16)) {
            let aid = aid(&octets);
            prop_assert_eq!(aid.as_bytes(), &octets);
            prop_assert_eq!(aid.to_string().len(), 2 * octets.len());
        }

        #[test]
        fn no_octets_make_an_aid_panic(octets: Vec<u8>) {
            let _ = Aid::new(&octets).map(|aid| (aid.scheme(), aid.rid().scheme()));
        }
    }
}
