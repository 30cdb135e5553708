//! Issuer scripts: commands that only the issuer can have made (EMV 4.4 Book 3, 6.5 and 10.10; JR/T 0025.5; VIS 1.4).
//!
//! A command counts when its MAC is right for this card, this ATC and the cryptogram of the first GENERATE AC. Each one is kept
//! as a whole before it is answered: new value, log line and script counter.

use tapcard_emv::pboc::EcTags;
use tapcard_emv::{Amount, tag};
use tapcard_iso7816::{Command, Ins, Sfi, StatusWord, Tag, Tlvs};

use super::counters::{Account, Counter, Flags};
use super::cryptogram::TransactionKeys;
use super::generate_ac::put_flags;
use super::log_line;
use super::transaction::IssuerAuthentication;
use crate::answer::{Answer, Work};
use crate::card::Card;
use crate::image::Key;

/// The low three bits of P2: P1 is a record number.
const BY_NUMBER: u8 = 0x04;

/// What a script may write with PUT DATA, besides the balances.
const WRITABLE: [Tag; 12] = [
    tag::EC_BALANCE_LIMIT,
    tag::EC_SINGLE_LIMIT,
    tag::EC_RESET_THRESHOLD,
    tag::EC2_BALANCE_LIMIT,
    tag::EC2_SINGLE_LIMIT,
    tag::EC2_RESET_THRESHOLD,
    tag::CARD_LOWER_OFFLINE_LIMIT,
    tag::CARD_UPPER_OFFLINE_LIMIT,
    tag::INTERNATIONAL_OFFLINE_LIMIT,
    tag::CUMULATIVE_OFFLINE_LIMIT,
    tag::CUMULATIVE_OFFLINE_UPPER_LIMIT,
    tag::CARD_CVM_LIMIT,
];

/// Whether an instruction is one of a script.
pub(crate) const fn is_script(cla: u8, ins: Ins) -> bool {
    matches!(cla, 0x04 | 0x84)
        && matches!(
            ins,
            Ins::PutData
                | Ins::UpdateRecord
                | Ins::ApplicationBlock
                | Ins::ApplicationUnblock
                | Ins::CardBlock
                | Ins::ChangeReferenceData
        )
}

impl Card<'_> {
    /// Refused with 6985: before the first GENERATE AC, after a failed issuer authentication, after a wrong MAC in the same
    /// transaction. With 6988: wrong MAC.
    pub(crate) fn script(&self, octets: &[u8], command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        let Some((account, behaviour)) = self.payment_account() else {
            return StatusWord::INS_NOT_SUPPORTED.into();
        };
        let running = &work.session.transaction;
        let refused = running.scripts_refused || running.issuer == IssuerAuthentication::Failed;
        let Some((_, ac)) = running.first.filter(|_| !refused) else {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        };
        let keys = TransactionKeys::new(behaviour, self.keys, &account);
        let Some(set) = keys.script_set() else { return StatusWord::CONDITIONS_NOT_SATISFIED.into() };
        let body = command.data();
        let parts = body.len().checked_sub(set.mac_octets()).and_then(|at| body.split_at_checked(at));
        let (Some(header), Some((data, mac))) = (octets.first_chunk::<5>(), parts) else {
            return StatusWord::WRONG_LENGTH.into();
        };
        let context = keys.context(running.script_base.unwrap_or(ac));
        let flags = account.flags();
        if !keys.is_issuers_script(*header, &context, data, mac) {
            work.session.transaction.scripts_refused = true;
            put_flags(flags.with(Flags::SCRIPT_FAILED, true), flags, work);
            return StatusWord::SECURE_MESSAGING_WRONG.into();
        }
        // M/Chip counts the cryptogram up with each command.
        work.session.transaction.script_base = Some(context.next(set).cryptogram);
        let done = self.execute(command, data, &account, work);
        if let Err(sw) = done {
            work.changes.clear();
            put_flags(flags.with(Flags::SCRIPT_FAILED, true), flags, work);
            return self.counted(&account, sw.into(), work);
        }
        self.counted(&account, Answer::data(0), work)
    }

    /// The issuer learns from the next CVR how many commands came.
    fn counted(&self, account: &Account<'_>, answer: Answer, work: &mut Work<'_>) -> Answer {
        let count = account.counter(Counter::Scripts);
        work.changes.put(Counter::Scripts.key(), &[count.saturating_add(1).min(0x0F)]);
        answer
    }

    fn execute(
        &self,
        command: &Command<'_>,
        data: &[u8],
        account: &Account<'_>,
        work: &mut Work<'_>,
    ) -> Result<(), StatusWord> {
        match command.ins() {
            Ins::PutData => self.put_data(command, data, account, work),
            Ins::UpdateRecord => update_record(command, data, account, work),
            ins => {
                if !data.is_empty() {
                    return Err(StatusWord::WRONG_LENGTH);
                }
                self.block(ins, command, account, work)
            }
        }
    }

    /// Blocking and unblocking, of PIN, application and card.
    fn block(
        &self,
        ins: Ins,
        command: &Command<'_>,
        account: &Account<'_>,
        work: &mut Work<'_>,
    ) -> Result<(), StatusWord> {
        if (command.p1(), command.p2()) != (0, 0) {
            return Err(StatusWord::WRONG_P1_P2);
        }
        match ins {
            Ins::ApplicationBlock => work.changes.put(Key::Blocked, &[1]),
            Ins::ApplicationUnblock => work.changes.put(Key::Blocked, &[0]),
            Ins::CardBlock => work.changes.put_of_card(Key::Blocked, &[1]),
            _ => {
                // PIN UNBLOCK without a new PIN: the tries are given back (VIS 1.4, Appendix C).
                let limit =
                    account.application.data(tag::PIN_TRY_COUNTER).ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
                work.changes.put(Key::Data(tag::PIN_TRY_COUNTER), limit);
            }
        }
        Ok(())
    }

    /// A new balance, or a new limit.
    fn put_data(
        &self,
        command: &Command<'_>,
        value: &[u8],
        account: &Account<'_>,
        work: &mut Work<'_>,
    ) -> Result<(), StatusWord> {
        let tag = Tag::new(u32::from(u16::from_be_bytes([command.p1(), command.p2()])));
        let purse = [EcTags::FIRST, EcTags::SECOND].into_iter().find(|tags| tags.balance == tag);
        let personalised = account.application.data(tag).filter(|_| purse.is_some() || WRITABLE.contains(&tag));
        if personalised.ok_or(StatusWord::DATA_NOT_FOUND)?.len() != value.len() {
            return Err(StatusWord::WRONG_LENGTH);
        }
        if value.len() == 6 {
            let amount = Amount::from_n12(value).map_err(|_| StatusWord::WRONG_DATA)?;
            if let Some(purse) = purse {
                if account.amount(purse.balance_limit).is_some_and(|limit| amount > limit) {
                    return Err(StatusWord::WRONG_DATA);
                }
                log_line::load(account, self.interface, &work.session.transaction, purse, amount, &mut work.changes);
            }
        }
        work.changes.put(Key::Data(tag), value);
        Ok(())
    }
}

/// A record of a payment file gets new content: one whole template `70`.
fn update_record(
    command: &Command<'_>,
    record: &[u8],
    account: &Account<'_>,
    work: &mut Work<'_>,
) -> Result<(), StatusWord> {
    let sfi = Sfi::new(command.p2() >> 3).filter(|sfi| sfi.get() <= 10 && command.p2() & 0x07 == BY_NUMBER);
    let sfi = sfi.ok_or(StatusWord::WRONG_P1_P2)?;
    let key = Key::Record(sfi, command.p1());
    account.application.get(key).ok_or(StatusWord::RECORD_NOT_FOUND)?;
    let is_template = matches!(Tlvs::new(record).next(), Some(Ok(template)) if template.tag == tag::READ_RECORD_TEMPLATE
        && template.offset == 0 && template.whole_len() == record.len());
    if !is_template {
        return Err(StatusWord::WRONG_DATA);
    }
    work.changes.put(key, record);
    Ok(())
}
