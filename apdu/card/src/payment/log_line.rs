//! The lines that a payment application writes into its logs, laid out by its own lists (`9F4F`, `DF4F`; JR/T 0025.5).

use tapcard_emv::dol::Dol;
use tapcard_emv::pboc::{EcTags, LogEntry};
use tapcard_emv::{Amount, tag};
use tapcard_iso7816::{Tag, find_deep};

use super::counters::Account;
use super::transaction::Transaction;
use crate::image::Interface;
use crate::state::Changes;

/// The longest line: the usual one has 45 octets, and a state record holds more than one thing.
const MAX_LINE: usize = 96;

/// Adds the line of a purchase.
pub(crate) fn purchase(account: &Account<'_>, interface: Interface, running: &Transaction, changes: &mut Changes) {
    let mut line = [0; MAX_LINE];
    if let Some(length) = fields(account, running, tag::LOG_FORMAT, &mut line) {
        add(account, interface, tag::LOG_ENTRY, line.get(..length).unwrap_or_default(), changes);
    }
}

/// Adds the line of a load: the object that was written, before and after, then the fields of the list.
pub(crate) fn load(
    account: &Account<'_>,
    interface: Interface,
    running: &Transaction,
    purse: EcTags,
    after: Amount,
    changes: &mut Changes,
) {
    let mut line = [0; MAX_LINE];
    let Some((head, rest)) = line.split_first_chunk_mut::<14>() else { return };
    let before = account.amount(purse.balance).unwrap_or_default();
    let (Ok(before), Ok(after)) = (before.to_n12(), after.to_n12()) else { return };
    let [.., p1, p2] = purse.balance.get().to_be_bytes();
    let octets = [p1, p2].into_iter().chain(before).chain(after);
    head.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
    let Some(length) = fields(account, running, tag::LOAD_LOG_FORMAT, rest) else { return };
    add(account, interface, tag::LOAD_LOG_ENTRY, line.get(..14 + length).unwrap_or_default(), changes);
}

/// Writes the fields of a list; `None` without a list, with a broken or with a too long one: then there is no log.
fn fields(account: &Account<'_>, running: &Transaction, format: Tag, out: &mut [u8]) -> Option<usize> {
    let value = |tag: Tag| running.values.get(tag).or_else(|| account.data(tag));
    Dol::new(account.data(format)?).fill_into(out, value).ok()
}

fn add(account: &Account<'_>, interface: Interface, entry: Tag, line: &[u8], changes: &mut Changes) {
    let fci = account.application.fci(interface).unwrap_or_default();
    let entry = find_deep(fci, entry).or_else(|| account.data(entry));
    if let Some(Ok(entry)) = entry.map(LogEntry::parse) {
        account.log(entry.sfi, line, changes);
    }
}
