//! Electronic cash: which of the two balances a purchase takes from, and what is left (JR/T 0025.13 and 0025.15).

use tapcard_emv::pboc::EcTags;
use tapcard_emv::{Amount, Currency, tag};

use super::counters::Account;
use super::values::TerminalValues;

/// The balance in the currency of the transaction.
pub(crate) fn purse(account: &Account<'_>, values: &TerminalValues) -> Option<EcTags> {
    let wanted = Currency::from_n3(values.get(tag::TRANSACTION_CURRENCY_CODE)?).ok()?;
    [EcTags::FIRST, EcTags::SECOND].into_iter().find(|tags| account.currency(tags.currency) == Some(wanted))
}

/// What is left in which balance after the purchase; `None` when the card does not pay for it: another currency, more than
/// the limit of one transaction, more than the balance.
pub(crate) fn after_purchase(account: &Account<'_>, values: &TerminalValues) -> Option<(EcTags, Amount)> {
    let tags = purse(account, values)?;
    let amount = Amount::from_n12(values.get(tag::AMOUNT_AUTHORISED)?).ok()?;
    if account.amount(tags.single_limit).is_some_and(|limit| amount > limit) {
        return None;
    }
    Some((tags, account.amount(tags.balance)?.checked_sub(amount)?))
}
