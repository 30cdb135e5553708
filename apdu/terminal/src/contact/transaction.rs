//! What one transaction brings along: amounts, date, and every random number that it will use.
//!
//! The core has neither a clock nor randomness, so the owner draws both before it starts (EMV 4.4 Book 4, 6.5.6 on the quality
//! of unpredictable numbers).

use tapcard_emv::{Amount, Date, Pan};

/// One transaction of a contact terminal.
#[derive(Clone)]
pub struct Transaction<'t> {
    /// `9F02` Amount, Authorised, with the other amount inside.
    pub amount: Amount,
    /// `9F03` Amount, Other: cashback.
    pub amount_other: Amount,
    /// `5F2A` Transaction Currency Code: n 3.
    pub currency: [u8; 2],
    /// `5F36` Transaction Currency Exponent.
    pub currency_exponent: u8,
    /// `9A` Transaction Date: YYMMDD.
    pub date: [u8; 3],
    /// `9F21` Transaction Time: HHMMSS.
    pub time: [u8; 3],
    /// `9C` Transaction Type: the first two digits of the processing code.
    pub kind: u8,
    /// `9F41` Transaction Sequence Counter.
    pub sequence_counter: u32,
    /// `9F37` Unpredictable Number: drawn for this transaction and never used again.
    pub unpredictable_number: [u8; 4],
    /// A number 1 to 99 for random selection; `None`: none was drawn, and nothing is selected.
    pub random_number: Option<u8>,
    /// Random octets that pad enciphered PINs: as many as the longest key has, for each try. They are used up from the front.
    pub padding: &'t [u8],
    /// The merchant wants this one to go online.
    pub force_online: bool,
    /// Approved transactions that the terminal has not yet delivered, oldest first: their amounts count toward the floor limit.
    pub approved: &'t [Approved],
}

/// A stored transaction that was approved offline.
#[derive(Clone, Debug)]
pub struct Approved {
    /// The card's number.
    pub pan: Pan,
    /// Its amount.
    pub amount: Amount,
}

/// `9C` of a purchase of goods and services.
pub const PURCHASE: u8 = 0x00;
/// `9C` of cash.
pub const CASH: u8 = 0x01;
/// `9C` of a purchase with cashback.
pub const PURCHASE_WITH_CASHBACK: u8 = 0x09;

impl Transaction<'_> {
    /// A purchase without cashback; time, sequence counter and padding are still to be set.
    #[must_use]
    pub const fn purchase(amount: Amount, currency: [u8; 2], date: [u8; 3], unpredictable_number: [u8; 4]) -> Self {
        Self {
            amount,
            amount_other: Amount::new(0),
            currency,
            currency_exponent: 2,
            date,
            time: [0; 3],
            kind: PURCHASE,
            sequence_counter: 0,
            unpredictable_number,
            random_number: None,
            padding: &[],
            force_online: false,
            approved: &[],
        }
    }

    /// Whether the cardholder gets cash besides the goods.
    pub(super) fn has_cashback(&self) -> bool {
        self.kind == PURCHASE_WITH_CASHBACK || self.amount_other.minor() > 0
    }

    /// Whether it is a cash withdrawal.
    pub(super) const fn is_cash(&self) -> bool {
        self.kind == CASH
    }

    /// The date as one that can be compared; `new` of the machine has checked it.
    pub(super) fn day(&self) -> Option<Date> {
        Date::from_yymmdd(&self.date).ok()
    }
}

/// Shows neither amounts of other cards nor random numbers.
impl core::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Transaction")
            .field("amount", &self.amount)
            .field("kind", &self.kind)
            .field("sequence_counter", &self.sequence_counter)
            .finish_non_exhaustive()
    }
}
