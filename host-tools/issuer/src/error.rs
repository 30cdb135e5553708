//! Why the issuer cannot do what it was asked. A request that is declined is no error.

use tapcard_crypto::script::ScriptError;
use tapcard_iso7816::CapacityError;
use tapcard_profiles::ProfileError;

use crate::personalise::ProfileUnfit;
use crate::request::RequestError;
use crate::store::StoreError;
use crate::vault::VaultError;

/// Why there is no answer. It holds no key, PIN or account number.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sealed value does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The request lacks something, or is malformed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A profile is broken.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// No card of this issuer can be made of a profile.
    #[error(transparent)]
    Unfit(#[from] ProfileUnfit),
    /// The keys of the card are of another cipher than its cryptogram version.
    #[error("the keys of the card do not fit its cryptogram version")]
    Keys,
    /// A script cannot be made.
    #[error("script: {0}")]
    Script(#[from] ScriptError),
    /// The answer does not fit.
    #[error(transparent)]
    Capacity(#[from] CapacityError),
    /// A stored value is none that this program writes.
    #[error("the database holds a value that this program does not write")]
    Damaged,
    /// No key set is for these PANs.
    #[error("no key set for {rid} and PANs that start with {bin}")]
    NoKeys {
        /// Owner of the application, in hexadecimal.
        rid: String,
        /// The first six digits.
        bin: String,
    },
    /// There is no account with this number.
    #[error("there is no account {0}")]
    NoAccount(i64),
    /// There is no card with this number.
    #[error("there is no card {0}")]
    NoCard(i64),
    /// An amount does not fit into an account.
    #[error("the amount is too large for an account")]
    Amount,
}
