//! The issuer: one object over a store and a vault, with one method for each thing that an issuer does.

use tapcard_crypto::ac::CryptogramVersion;
use tapcard_crypto::derive::Psn;
use tapcard_crypto::keys::Kcv;
use tapcard_crypto::pin::Pin;
use tapcard_emv::{Amount, Currency, Rid};
use zeroize::Zeroizing;

use crate::decide::{Answer, decide, open_keys};
use crate::error::IssuerError;
use crate::keys::IssuerKeys;
use crate::model::{Account, AccountId, Card, CardId, KeySet, Lookup, Movement, NewCard, Pending, State, Waiting};
use crate::personalise;
use crate::request::Request;
use crate::store::Store;
use crate::vault::Vault;
use crate::{KEYS_PURPOSE, PAN_PURPOSE};

/// How often a PAN is drawn before the range counts as full.
const DRAWS: usize = 32;
/// Digits of a PAN that name its issuer here.
const BIN_DIGITS: usize = 6;

/// An issuer host.
#[derive(Debug)]
pub struct Issuer<S> {
    store: S,
    vault: Vault,
}

/// A card that was made.
pub struct Issued {
    /// As it is kept.
    pub card: Card,
    /// The card file, for an emulated card: it holds PAN and card keys.
    pub personalisation: Zeroizing<String>,
}

/// A key set without its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetFacts {
    /// Owner of the applications.
    pub rid: Rid,
    /// The first digits of the PANs; empty for all.
    pub bin: String,
    /// Check values of IMK-AC, IMK-SMI and IMK-SMC.
    pub kcvs: [Kcv; 3],
    /// These are the public test keys.
    pub is_test: bool,
}

impl<S: Store> Issuer<S> {
    /// An issuer over a store and the vault that sealed what is in it.
    #[must_use]
    pub const fn new(store: S, vault: Vault) -> Self {
        Self { store, vault }
    }

    /// The store.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Keeps a key set; `false` when there is one for these PANs already, which stays.
    ///
    /// # Errors
    /// The store or the vault fails.
    pub async fn add_keys(&self, rid: Rid, bin: &str, keys: &IssuerKeys) -> Result<bool, IssuerError> {
        let sealed = self.vault.seal(KEYS_PURPOSE, &keys.octets())?;
        Ok(self.store.add_keys(rid, bin, &sealed).await?)
    }

    /// All key sets.
    ///
    /// # Errors
    /// The store fails, or the vault is another one.
    pub async fn key_sets(&self) -> Result<Vec<KeySetFacts>, IssuerError> {
        let facts = |set: KeySet| {
            let keys = open_keys(&self.vault, &set.sealed)?;
            Ok(KeySetFacts { rid: set.rid, bin: set.bin, kcvs: keys.kcvs(), is_test: keys.is_test() })
        };
        self.store.key_sets().await?.into_iter().map(facts).collect()
    }

    /// A new account; `deposit` in minor units, `now` in seconds since 1970 UTC.
    ///
    /// # Errors
    /// The store fails, or the amount does not fit.
    pub async fn add_account(&self, currency: Currency, deposit: Amount, now: u64) -> Result<Account, IssuerError> {
        let id = self.store.add_account(currency, deposit, now).await?;
        self.account(id).await
    }

    /// All accounts.
    ///
    /// # Errors
    /// The store fails.
    pub async fn accounts(&self) -> Result<Vec<Account>, IssuerError> {
        Ok(self.store.accounts().await?)
    }

    /// One account.
    ///
    /// # Errors
    /// The store fails, or there is none with this number.
    pub async fn account(&self, id: AccountId) -> Result<Account, IssuerError> {
        let accounts = self.store.accounts().await?;
        accounts.into_iter().find(|account| account.id == id).ok_or(IssuerError::NoAccount(id))
    }

    /// What came to an account and left it.
    ///
    /// # Errors
    /// The store fails.
    pub async fn movements(&self, account: AccountId) -> Result<Vec<Movement>, IssuerError> {
        Ok(self.store.movements(account).await?)
    }

    /// All cards.
    ///
    /// # Errors
    /// The store fails.
    pub async fn cards(&self) -> Result<Vec<Card>, IssuerError> {
        Ok(self.store.cards().await?)
    }

    /// What waits for the next online transaction of a card.
    ///
    /// # Errors
    /// The store fails.
    pub async fn waiting(&self, card: CardId) -> Result<Vec<Waiting>, IssuerError> {
        Ok(self.store.waiting(card).await?)
    }

    /// Makes a card of a profile's JSON for an account: a new PAN with the profile's first six digits, keys derived from the
    /// key set for these, and the PIN if one is given, else the profile's.
    ///
    /// # Errors
    /// There is no such account or key set, or the profile makes no card of an issuer.
    pub async fn issue(&self, profile: &str, account: AccountId, pin: Option<&Pin>) -> Result<Issued, IssuerError> {
        self.account(account).await?;
        let facts = personalise::facts(profile)?;
        let bin = facts.pan.reveal().get(..BIN_DIGITS).unwrap_or_default().to_owned();
        let set = self.key_set(facts.rid, &bin).await?;
        let imk = open_keys(&self.vault, &set.sealed)?;
        let version = CryptogramVersion::of(facts.rid, &facts.iad).map_err(|_| IssuerError::Keys)?;
        let psn = Psn::new(facts.psn).ok_or(IssuerError::Damaged)?;
        let pin = pin.map(digits);
        for _ in 0..DRAWS {
            let pan = personalise::new_pan(&facts.pan, &bin)?;
            let keys = imk.of_card(&version, &pan, psn).map_err(|_| IssuerError::Keys)?;
            let personalisation =
                personalise::write(profile, &facts.pan, &pan, &keys, pin.as_ref().map(|pin| pin.as_str()))?;
            let card = Card {
                id: 0,
                pan: pan.masked().to_string(),
                psn: facts.psn,
                expiry: facts.expiry,
                account,
                rid: facts.rid,
                state: State::Active,
                script_mac: personalise::SCRIPT_MAC,
                cash: facts.cash,
                approved_atc: None,
                scripts_sent: 0,
                bad_cryptograms: 0,
            };
            let pan_sealed = self.vault.seal(PAN_PURPOSE, pan.reveal().as_bytes())?;
            let mut new = NewCard { card, pan_index: self.vault.index(&pan), pan_sealed, keys: set.id };
            if let Some(id) = self.store.add_card(&new).await? {
                new.card.id = id;
                return Ok(Issued { card: new.card, personalisation });
            }
        }
        Err(IssuerError::Damaged)
    }

    /// The key set with the longest range that holds these PANs.
    async fn key_set(&self, rid: Rid, bin: &str) -> Result<KeySet, IssuerError> {
        let sets = self.store.key_sets().await?;
        let fitting = sets.into_iter().filter(|set| set.rid == rid && bin.starts_with(&set.bin));
        let found = fitting.max_by_key(|set| set.bin.len());
        found.ok_or_else(|| IssuerError::NoKeys { rid: rid.to_string(), bin: bin.to_owned() })
    }

    /// Declines the card from now on, and tells it so with its next answer.
    ///
    /// # Errors
    /// There is no such card, or the store fails.
    pub async fn block(&self, card: CardId) -> Result<(), IssuerError> {
        self.set_state(card, State::Blocked).await
    }

    /// Serves the card again; the script that unblocks its application waits for its next online transaction.
    ///
    /// # Errors
    /// There is no such card, or the store fails.
    pub async fn unblock(&self, card: CardId) -> Result<(), IssuerError> {
        self.set_state(card, State::Active).await
    }

    async fn set_state(&self, card: CardId, state: State) -> Result<(), IssuerError> {
        if self.store.set_card_state(card, state).await? { Ok(()) } else { Err(IssuerError::NoCard(card)) }
    }

    /// Gives the PIN tries back with the next online transaction of the card.
    ///
    /// # Errors
    /// There is no such card, or the store fails.
    pub async fn reset_pin(&self, card: CardId) -> Result<(), IssuerError> {
        let known = self.store.add_script(card, Pending::PinUnblock).await?;
        if known { Ok(()) } else { Err(IssuerError::NoCard(card)) }
    }

    /// Answers a request; `now` in seconds since 1970 UTC. The same request gets the same answer, however often it comes.
    ///
    /// # Errors
    /// The store or the vault fails, or the request lacks a value that its cryptogram protects.
    pub async fn authorise(&self, request: &Request, now: u64) -> Result<Answer, IssuerError> {
        let lookup = Lookup {
            pan_index: self.vault.index(&request.pan),
            psn: request.psn_number,
            atc: request.atc,
            cryptogram: request.cryptogram,
        };
        self.store.settle(&lookup, |situation| decide(&self.vault, request, now, situation)).await
    }
}

/// The digits of a PIN, from its block of format 2.
fn digits(pin: &Pin) -> Zeroizing<String> {
    let block = Zeroizing::new(hex::encode_upper(pin.iso2().as_slice()));
    Zeroizing::new(block.get(2..).unwrap_or_default().trim_end_matches('F').to_owned())
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("card", &self.card).finish_non_exhaustive()
    }
}
