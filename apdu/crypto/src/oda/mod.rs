//! Offline data authentication with RSA and SHA-1: certificates, signed static and dynamic data (EMV 4.4 Book 2, 5 and 6).
//!
//! Everything is read in two levels. What [`IssuerCertificate::open`], [`IccCertificate::open`],
//! [`SignedStaticData::open`] and [`SignedDynamicData::open`] give is a recovered block with its fields, good enough to show
//! it; what `verify` makes of it is a key or a value that can be relied on. The names of what can be wrong, and the order in
//! which it is looked for, are those of [`OdaError`].
//!
//! Blocks and keys lie in buffers of the caller, [`crate::rsa::MAX_MODULUS_LEN`] octets each, and the longest data are hashed
//! as they come. Which records count is [`static_data`]'s; which CA keys there are is [`crate::capk`]'s; when which method
//! applies and what it does to the TVR is the terminal's business.

mod block;
mod certificate;
mod chain;
mod error;
mod hash;
#[cfg(feature = "card-rsa")]
pub mod issue;
mod keys;
pub mod pin;
mod signed_dynamic;
mod signed_static;
pub mod static_data;
mod transaction;

pub use certificate::{IccCertificate, IssuerCertificate};
pub use chain::{Chain, ChainData};
pub use error::OdaError;
pub use hash::{DataHash, HASH_LEN};
pub use keys::{IccKey, IssuerKey, PinKey};
pub use signed_dynamic::{CdaData, FddaData, SignedDynamicData};
pub use signed_static::SignedStaticData;
pub use transaction::TransactionHash;

#[cfg(all(test, feature = "card-rsa"))]
mod tests;
