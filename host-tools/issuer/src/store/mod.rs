//! Where accounts, cards and authorisations are kept. One trait, one implementation for each database.
//!
//! A store knows rows and transactions and no rules. The one operation that matters is [`Store::settle`]: it reads everything
//! that a decision needs, lets the decision be made, and writes what follows, in one transaction that no other one
//! overlaps. What a store hands out and takes is sealed where it is secret.

mod sqlite;

use std::error::Error;
use std::future::Future;

use tapcard_emv::{Amount, Currency, Rid};

use crate::error::IssuerError;
use crate::model::{
    Account, AccountId, Card, CardId, Change, KeySet, Lookup, Movement, NewCard, Pending, Situation, State, Waiting,
};

pub use sqlite::SqliteStore;

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It is there already, and a new one was to be made.
    #[error("the database `{0}` is there already")]
    Exists(String),
    /// It is not there.
    #[error("there is no database `{0}`; `tapcard issuer init` makes one")]
    Missing(String),
    /// It refuses.
    #[error("database: {0}")]
    Database(#[source] Box<dyn Error + Send + Sync>),
    /// A row is none that this program writes.
    #[error("the database holds a value that this program does not write: `{0}`")]
    Row(&'static str),
    /// A number does not fit into the database.
    #[error("the amount is too large for an account")]
    Amount,
}

/// Accounts, cards, keys and authorisations.
pub trait Store: Sync {
    /// A new account with a first deposit.
    fn add_account(
        &self,
        currency: Currency,
        deposit: Amount,
        made_at: u64,
    ) -> impl Future<Output = Result<AccountId, StoreError>> + Send;

    /// All accounts by their numbers.
    fn accounts(&self) -> impl Future<Output = Result<Vec<Account>, StoreError>> + Send;

    /// What came to an account and left it, the oldest first.
    fn movements(&self, account: AccountId) -> impl Future<Output = Result<Vec<Movement>, StoreError>> + Send;

    /// Keeps a key set, unless there is one for the same owner and PANs: then `false`.
    fn add_keys(&self, rid: Rid, bin: &str, sealed: &[u8]) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// All key sets.
    fn key_sets(&self) -> impl Future<Output = Result<Vec<KeySet>, StoreError>> + Send;

    /// Keeps a card, unless its PAN and sequence number are taken: then `None`.
    fn add_card(&self, card: &NewCard) -> impl Future<Output = Result<Option<CardId>, StoreError>> + Send;

    /// All cards by their numbers.
    fn cards(&self) -> impl Future<Output = Result<Vec<Card>, StoreError>> + Send;

    /// What waits for the next online transaction of a card.
    fn waiting(&self, card: CardId) -> impl Future<Output = Result<Vec<Waiting>, StoreError>> + Send;

    /// Sets the state of a card and replaces the script that waits for it: a blocked card is not unblocked by an older
    /// script. `false` when there is no such card.
    fn set_card_state(&self, card: CardId, state: State) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Lets a script wait. `false` when there is no such card.
    fn add_script(&self, card: CardId, script: Pending) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Reads what there is for a request (`None`: no such card), decides, writes the change. All in one transaction; an error
    /// of the decision leaves everything as it was.
    fn settle<T, D>(&self, lookup: &Lookup, decide: D) -> impl Future<Output = Result<T, IssuerError>> + Send
    where
        T: Send,
        D: FnOnce(Option<&Situation>) -> Result<(Change, T), IssuerError> + Send;
}
