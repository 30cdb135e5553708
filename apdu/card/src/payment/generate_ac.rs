//! GENERATE AC, the first and the second (EMV 4.4 Book 3, 6.5.5 and 10.8 to 10.11).

use tapcard_emv::bits::AcType;
use tapcard_emv::dol::Dol;
use tapcard_emv::{Amount, tag};
use tapcard_iso7816::{Command, StatusWord, Tag, TlvWriter};

use super::behaviour::Behaviour;
use super::counters::{Account, Counter, Flags};
use super::cryptogram::TransactionKeys;
use super::iad::IadOctets;
use super::risk::{self, Decision};
use super::transaction::{IssuerAuthentication, Stage, Transaction};
use super::{cash, log_line};
use crate::answer::{Answer, Work};
use crate::card::Card;
use crate::image::Key;

/// Authorisation response codes by which a terminal says that nobody answered (EMV 4.4 Book 4, A6).
const UNABLE_TO_GO_ONLINE: [[u8; 2]; 2] = [*b"Y3", *b"Z3"];
/// Combined DDA is asked for in P1; without an ICC key it cannot be answered.
const CDA: u8 = 0x10;

impl Card<'_> {
    /// Refused with 6985 out of turn, with 6A86 for wrong parameters, with 6700 when the data are not what the list asks for.
    pub(crate) fn generate_ac(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        let Some((account, behaviour)) = self.payment_account() else {
            return StatusWord::INS_NOT_SUPPORTED.into();
        };
        let stage = work.session.transaction.stage;
        let list = match stage {
            Stage::Begun => tag::CDOL1,
            Stage::Online => tag::CDOL2,
            Stage::Idle | Stage::Ended => return StatusWord::CONDITIONS_NOT_SATISFIED.into(),
        };
        let asked = AcType::from_octet(command.p1());
        if command.p2() != 0 || command.p1() & 0x3F & !CDA != 0 || asked == AcType::Rfu {
            return StatusWord::WRONG_P1_P2.into();
        }
        let combined = command.p1() & CDA != 0;
        if combined && !self.can_sign(&account) || stage == Stage::Online && asked == AcType::Arqc {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        }
        let Some(list) = account.in_records(list) else { return StatusWord::CONDITIONS_NOT_SATISFIED.into() };
        if Dol::new(list).total_length() != Ok(command.data().len()) || command.le().is_none() {
            return StatusWord::WRONG_LENGTH.into();
        }
        let mut running = work.session.transaction.clone();
        running.take(list, command.data());
        let went_online = !UNABLE_TO_GO_ONLINE.contains(&running.values.array::<2>(tag::ARC));
        let blocked = self.is_blocked(account.number());
        let decision = match stage {
            Stage::Begun => risk::first(&account, &running, asked, blocked),
            _ => risk::second(&account, &running, asked, went_online),
        };
        let keys = TransactionKeys::new(behaviour, self.keys, &account);
        let paid = decision.ac == AcType::Tc && running.is_cash;
        let iad = keys.iad(&account, &running, decision.cvr, paid);
        let computed = iad.and_then(|iad| Some((keys.cryptogram(&running, &iad)?, iad)));
        let Some((cryptogram, iad)) = computed else { return StatusWord::CONDITIONS_NOT_SATISFIED.into() };
        // A declined transaction is not signed (EMV 4.4 Book 2, 6.6.1).
        let answer = if combined && decision.ac != AcType::Aac {
            self.combined(&account, decision.ac, cryptogram, &iad, &running, work)
        } else {
            answer(&account, decision.ac, cryptogram, &iad, work)
        };
        if !answer.sw.is_ok() {
            return answer;
        }
        match stage {
            Stage::Begun => self.after_first(&account, &decision, &mut running, cryptogram, work),
            _ => self.after_second(&account, &decision, &mut running, went_online, work),
        }
        if decision.blocks {
            work.changes.put(Key::Blocked, &[1]);
        }
        work.session.transaction = running;
        answer
    }

    /// Whether there is a key and randomness for a signature.
    fn can_sign(&self, account: &Account<'_>) -> bool {
        #[cfg(feature = "card-rsa")]
        return super::signature::private_key(self.keys, account, crate::keys::Secret::Icc).is_some();
        #[cfg(not(feature = "card-rsa"))]
        {
            let _ = account;
            false
        }
    }

    fn combined(
        &self,
        account: &Account<'_>,
        ac: AcType,
        cryptogram: [u8; 8],
        iad: &IadOctets,
        running: &Transaction,
        work: &mut Work<'_>,
    ) -> Answer {
        #[cfg(feature = "card-rsa")]
        if let Some(answer) = self.combined_answer(account, ac, cryptogram, iad, running, work) {
            return answer;
        }
        let _ = (account, ac, cryptogram, iad, running, work);
        StatusWord::CONDITIONS_NOT_SATISFIED.into()
    }

    /// What the first GENERATE AC leaves behind.
    fn after_first(
        &self,
        account: &Account<'_>,
        decision: &Decision,
        running: &mut Transaction,
        cryptogram: [u8; 8],
        work: &mut Work<'_>,
    ) {
        running.first = Some((decision.ac, cryptogram));
        running.stage = if decision.ac == AcType::Arqc { Stage::Online } else { Stage::Ended };
        let flags = account.flags();
        match decision.ac {
            AcType::Arqc => put_flags(flags.with(Flags::ONLINE_INCOMPLETE, true), flags, work),
            AcType::Tc => self.approved_offline(account, running, work),
            AcType::Aac | AcType::Rfu => {
                let tvr = tapcard_emv::Tvr::new(running.values.array::<5>(tag::TVR));
                let declined = flags
                    .with(Flags::SDA_FAILED, flags.has(Flags::SDA_FAILED) || tvr.sda_failed())
                    .with(Flags::DDA_FAILED, flags.has(Flags::DDA_FAILED) || tvr.dda_failed() || tvr.cda_failed());
                put_flags(declined, flags, work);
            }
        }
    }

    /// Money is spent, or counted towards the limits.
    fn approved_offline(&self, account: &Account<'_>, running: &Transaction, work: &mut Work<'_>) {
        log_line::purchase(account, self.interface, running, &mut work.changes);
        if running.is_cash {
            if let Some((purse, after)) = cash::after_purchase(account, &running.values) {
                put_amount(Key::Data(purse.balance), after, work);
            }
            return;
        }
        let (currency, country) = risk::foreign(account, running);
        for (is_foreign, counter) in [(currency, Counter::ForeignCurrency), (country, Counter::ForeignCountry)] {
            if is_foreign {
                work.changes.put(counter.key(), &[account.counter(counter).saturating_add(1)]);
            }
        }
        let sum = risk::amount(running).and_then(|amount| account.offline_amount().checked_add(amount));
        if let (false, Some(sum)) = (currency, sum) {
            put_amount(Counter::OfflineAmount.key(), sum, work);
        }
    }

    /// What the second GENERATE AC leaves behind.
    fn after_second(
        &self,
        account: &Account<'_>,
        decision: &Decision,
        running: &mut Transaction,
        went_online: bool,
        work: &mut Work<'_>,
    ) {
        running.stage = Stage::Ended;
        let before = account.flags();
        if !went_online {
            // The transaction was not online after all; it is complete, and counted as offline.
            put_flags(before.with(Flags::ONLINE_INCOMPLETE, false), before, work);
            if decision.ac == AcType::Tc {
                self.approved_offline(account, running, work);
            }
            return;
        }
        let failed = running.issuer == IssuerAuthentication::Failed;
        let missing = running.issuer == IssuerAuthentication::NotPerformed && risk::is_mandatory(account);
        let mut flags = before
            .with(Flags::ISSUER_AUTHENTICATION_FAILED, failed)
            .with(Flags::ISSUER_AUTHENTICATION_MISSING, missing);
        if !failed && !missing {
            flags = Flags::default();
            work.changes.put(Key::Data(tag::LAST_ONLINE_ATC), &account.atc().to_be_bytes());
            let counters = [Counter::ForeignCurrency, Counter::ForeignCountry, Counter::Scripts];
            for counter in counters.into_iter().filter(|counter| account.counter(*counter) != 0) {
                work.changes.put(counter.key(), &[0]);
            }
            if account.offline_amount() != Amount::default() {
                put_amount(Counter::OfflineAmount.key(), Amount::default(), work);
            }
        }
        put_flags(flags, before, work);
        if decision.ac == AcType::Tc {
            log_line::purchase(account, self.interface, running, &mut work.changes);
        }
    }
}

/// Format 1: a template `80` with CID, ATC, cryptogram and IAD (EMV 4.4 Book 3, 6.5.5.4).
fn answer(account: &Account<'_>, ac: AcType, cryptogram: [u8; 8], iad: &IadOctets, work: &mut Work<'_>) -> Answer {
    let mut value = [0; 11 + 32];
    let octets = [ac.octet()].into_iter().chain(account.atc().to_be_bytes()).chain(cryptogram);
    let length = 11 + iad.octets().len();
    value.iter_mut().zip(octets.chain(iad.octets().iter().copied())).for_each(|(to, from)| *to = from);
    let mut writer = TlvWriter::new(work.out);
    match writer.primitive(Tag::new(0x80), value.get(..length).unwrap_or_default()) {
        Ok(()) => Answer::data(writer.finish()),
        Err(_) => StatusWord::NO_PRECISE_DIAGNOSIS.into(),
    }
}

/// Keeps the flags if they are others than before.
pub(super) fn put_flags(flags: Flags, before: Flags, work: &mut Work<'_>) {
    if flags != before {
        work.changes.put(Counter::Flags.key(), &[flags.0]);
    }
}

fn put_amount(key: Key, amount: Amount, work: &mut Work<'_>) {
    if let Ok(octets) = amount.to_n12() {
        work.changes.put(key, &octets);
    }
}

impl<'a> Card<'a> {
    /// The selected application, if it computes.
    pub(crate) fn payment_account(&self) -> Option<(Account<'_>, Behaviour)> {
        let application = self.selected()?;
        let behaviour = Behaviour::decode(application.get(Key::Behaviour)?)?;
        Some((Account::new(self, application), behaviour))
    }
}
