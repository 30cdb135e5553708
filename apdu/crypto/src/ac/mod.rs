//! Application cryptograms: ARQC, TC and AAC (`9F26`; EMV 4.4 Book 2, 8.1).
//!
//! How one is computed follows from the cryptogram version number in the issuer application data (`9F10`) and from the owner
//! of the application. [`CryptogramVersion::of`] looks both up in one table; a version that is not there is refused and never
//! tried as another one, which would make a host an oracle. The card and its issuer compute the same thing over the same
//! values and differ only in where these come from: [`AcData::of_request`] reads field 55, [`AcData::add_dol`] what a card
//! was sent. Whether a cryptogram may be accepted (ATC seen before, limits) is left to the host.

mod data;
mod version;

pub use data::{AC_TAGS, AcData};
pub use version::{AcInput, AcSession, ArpcKey, CryptogramVersion, VERSIONS};

use tapcard_emv::Tag;
use tapcard_iso7816::TlvError;

use crate::keys::Cipher;

/// Why there is no cryptogram. It never holds octets of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AcError {
    /// The issuer application data names no version of this scheme that is known here.
    #[error("no known cryptogram version in the issuer application data")]
    UnknownVersion,
    /// The key is of another cipher than the version, or this build has not got it.
    #[error("{0:?} key expected")]
    WrongKey(Cipher),
    /// A value that is part of the input is not there.
    #[error("no {0}")]
    Missing(Tag),
    /// A value of field 55 is not as long as its definition; on its own such a value would shift its neighbours.
    #[error("{tag} of {found} octets instead of {expected}")]
    Length {
        /// Which.
        tag: Tag,
        /// Octets by its definition.
        expected: usize,
        /// Octets found.
        found: usize,
    },
    /// A value stands in field 55 twice.
    #[error("{0} twice")]
    Twice(Tag),
    /// Field 55 is no TLV.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// The data is not what its list lays out.
    #[error(transparent)]
    Dol(#[from] tapcard_emv::dol::DolError),
}
