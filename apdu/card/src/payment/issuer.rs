//! EXTERNAL AUTHENTICATE: the issuer proves itself (EMV 4.4 Book 3, 6.5.4 and 10.9).

use tapcard_crypto::arpc::MAX_ISSUER_AUTHENTICATION;
use tapcard_iso7816::{Command, StatusWord};

use super::counters::Flags;
use super::cryptogram::TransactionKeys;
use super::generate_ac::put_flags;
use super::transaction::{IssuerAuthentication, Stage};
use crate::answer::{Answer, Work};
use crate::card::Card;

impl Card<'_> {
    /// Refused with 6985: before the card asked to go online, after the second GENERATE AC, or a second time. A wrong
    /// cryptogram is answered with 6300 and remembered.
    pub(crate) fn external_authenticate(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        let Some((account, behaviour)) = self.payment_account() else {
            return StatusWord::INS_NOT_SUPPORTED.into();
        };
        if (command.p1(), command.p2()) != (0, 0) {
            return StatusWord::WRONG_P1_P2.into();
        }
        let running = &mut work.session.transaction;
        let (Stage::Online, IssuerAuthentication::NotPerformed, Some((_, arqc))) =
            (running.stage, running.issuer, running.first)
        else {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        };
        let keys = TransactionKeys::new(behaviour, self.keys, &account);
        if !(keys.shortest_answer()..=MAX_ISSUER_AUTHENTICATION).contains(&command.data().len()) {
            return StatusWord::WRONG_LENGTH.into();
        }
        if keys.issuers_answer(running, &arqc, command.data()).is_some() {
            running.issuer = IssuerAuthentication::Passed;
            return Answer::data(0);
        }
        running.issuer = IssuerAuthentication::Failed;
        let flags = account.flags();
        put_flags(flags.with(Flags::ISSUER_AUTHENTICATION_FAILED, true), flags, work);
        StatusWord::AUTHENTICATION_FAILED.into()
    }
}
