//! What is stored, as the rest of the crate sees it: accounts, cards, key sets, and what an authorisation changes.
//!
//! Nothing here knows of SQL or of cryptography. Account numbers appear masked; sealed values stay sealed.

use tapcard_emv::{Amount, Currency, Rid};

/// The number of an account.
pub type AccountId = i64;
/// The number of a card.
pub type CardId = i64;

/// Whether an account or a card may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It may.
    Active,
    /// It may not.
    Blocked,
}

impl State {
    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
        }
    }

    /// From the stored word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Active, Self::Blocked].into_iter().find(|state| state.as_str() == word)
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Its currency.
    pub currency: Currency,
    /// What is on it, in minor units.
    pub balance: Amount,
    /// Whether it may be used.
    pub state: State,
}

/// Money that came to an account or left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// In minor units; negative for money that left.
    pub minor: i64,
    /// The authorisation behind it, where there is one.
    pub authorisation: Option<i64>,
    /// Seconds since 1970 UTC.
    pub made_at: u64,
}

/// Electronic cash of a card, which this host may load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cash {
    /// Its currency (`9F51`).
    pub currency: Currency,
    /// The most that it may hold (`9F77`), in minor units.
    pub limit: Amount,
}

/// A card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its number here.
    pub id: CardId,
    /// First six and last four digits of its PAN.
    pub pan: String,
    /// PAN sequence number, 0 to 99.
    pub psn: u8,
    /// Last month of its validity, as the number YYMM.
    pub expiry: u16,
    /// Whose money it spends.
    pub account: AccountId,
    /// Owner of its application, which decides how its cryptograms are read.
    pub rid: Rid,
    /// Whether it may be used.
    pub state: State,
    /// Octets of a script MAC that it expects.
    pub script_mac: usize,
    /// Its electronic cash, if it has some.
    pub cash: Option<Cash>,
    /// ATC of the last approved transaction.
    pub approved_atc: Option<u16>,
    /// Commands of template `72` in the last answer.
    pub scripts_sent: u8,
    /// How many wrong cryptograms came in its name.
    pub bad_cryptograms: u64,
}

/// A card that is to be stored.
#[derive(Clone, Debug)]
pub struct NewCard {
    /// As it will be, but for its number.
    pub card: Card,
    /// By what it is found.
    pub pan_index: [u8; 32],
    /// Its PAN, sealed.
    pub pan_sealed: Vec<u8>,
    /// The number of its key set.
    pub keys: i64,
}

/// The master keys for the cards of one application owner and range of PANs, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    /// Its number.
    pub id: i64,
    /// Owner of the applications.
    pub rid: Rid,
    /// The first digits of the PANs; empty for all.
    pub bin: String,
    /// The keys, sealed.
    pub sealed: Vec<u8>,
}

/// A script that waits for the next online transaction of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pending {
    /// APPLICATION UNBLOCK.
    ApplicationUnblock,
    /// PIN CHANGE/UNBLOCK without a new PIN: the tries are given back.
    PinUnblock,
}

impl Pending {
    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationUnblock => "application-unblock",
            Self::PinUnblock => "pin-unblock",
        }
    }

    /// From the stored word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::ApplicationUnblock, Self::PinUnblock].into_iter().find(|pending| pending.as_str() == word)
    }
}

/// A waiting script, and whether it went out at least once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What is to be done.
    pub kind: Pending,
    /// It went out and was not confirmed yet.
    pub sent: bool,
}

/// By what an authorisation finds its card and itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Index of the PAN.
    pub pan_index: [u8; 32],
    /// PAN sequence number.
    pub psn: u8,
    /// ATC of the transaction.
    pub atc: u16,
    /// Its cryptogram.
    pub cryptogram: [u8; 8],
}

/// All that a decision needs, read inside the transaction that will also write it.
#[derive(Clone, Debug)]
pub struct Situation {
    /// The card.
    pub card: Card,
    /// Its master keys, sealed.
    pub keys: Vec<u8>,
    /// Its account.
    pub account: Account,
    /// The authorisation with the same card, ATC and cryptogram, if it is there already.
    pub recorded: Option<Recorded>,
    /// Scripts that wait.
    pub waiting: Vec<Waiting>,
}

/// An authorisation as it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Digest of the request.
    pub digest: [u8; 32],
    /// The word of the reason.
    pub reason: String,
    /// The answer as it was sent.
    pub answer: Vec<u8>,
}

/// What a decision writes; all of it or nothing.
#[derive(Clone, Debug)]
pub struct Posting {
    /// How it was answered.
    pub recorded: Recorded,
    /// Amount of the transaction in minor units.
    pub amount: Amount,
    /// Its currency, numeric.
    pub currency: u16,
    /// Transaction type (`9C`).
    pub transaction_type: u8,
    /// Money that comes to the account; negative for money that leaves. 0 is no movement.
    pub movement: i64,
    /// Whether the ATC is now the last approved one.
    pub approved: bool,
    /// Waiting scripts that the card has carried out.
    pub confirmed: Vec<Pending>,
    /// Commands of template `72` in this answer; `None` when it had no room for scripts.
    pub scripts_sent: Option<u8>,
    /// Seconds since 1970 UTC.
    pub made_at: u64,
}

/// What a decision asks the store to do.
#[derive(Clone, Debug)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// Count a wrong cryptogram of the card.
    CountBadCryptogram,
    /// Keep an authorisation with all that follows from it.
    Post(Box<Posting>),
}
