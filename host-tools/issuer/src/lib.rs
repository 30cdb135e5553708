#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod decide;
mod error;
mod issuer;
pub mod key_file;
mod keys;
pub mod model;
mod personalise;
mod reason;
mod request;
mod script;
pub mod store;
mod vault;

pub use decide::Answer;
pub use error::IssuerError;
pub use issuer::{Issued, Issuer, KeySetFacts};
pub use keys::IssuerKeys;
pub use personalise::ProfileUnfit;
pub use reason::Reason;
pub use request::{MAX_FIELD_55, Request, RequestError};
pub use store::{SqliteStore, Store, StoreError};
pub use vault::{ROOT_OCTETS, Vault, VaultError};

/// What sealed issuer keys are sealed for.
const KEYS_PURPOSE: &[u8] = b"issuer keys";
/// What sealed account numbers are sealed for.
const PAN_PURPOSE: &[u8] = b"pan";
