//! First and second GENERATE AC, and what their answers mean (EMV 4.4 Book 3, 6.5.5, 9, 10.8, 10.11).

use tapcard_emv::bits::{AcType, AdviceReason};
use tapcard_emv::{Dol, Tsi, Tvr, tag};
use tapcard_iso7816::{Command, Ins, Le, StatusWord};

use super::cryptogram::{Cryptogram, is_allowed};
use super::online::arc;
use super::outcome::{Decision, Reason, Report, Step};
use super::{Contact, Next, Phase};

/// P1: the answer is to be signed (CDA).
const WITH_CDA: u8 = 0x10;

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    Second,
}

impl Contact<'_> {
    /// Writes GENERATE AC with the data of the card's CDOL.
    pub(super) fn send_ac(&mut self, turn: Turn, out: &mut [u8]) -> Result<usize, Reason> {
        let list = if turn == Turn::First { tag::CDOL1 } else { tag::CDOL2 };
        if Dol::new(self.card.find(list).unwrap_or_default()).contains(tag::TC_HASH_VALUE) {
            self.values.tc_hash = Some(self.tc_hash()?);
        }
        let mut values = [0; 252];
        let dol = Dol::new(self.card.find(list).unwrap_or_default());
        let length = dol.fill_into(&mut values, |wanted| self.value(wanted)).map_err(|_| Reason::CardData)?;
        let values = values.get(..length).unwrap_or_default();
        self.hash.values(values);
        self.signature_asked = self.wants_signature(turn);
        let p1 = self.asked.octet() | if self.signature_asked { WITH_CDA } else { 0 };
        let command = Command::new(0x80, Ins::GenerateAc, p1, 0x00).with_data(values).with_le(Le::MAX_SHORT);
        command.encode_into(out).map_err(|_| Reason::Contract)
    }

    /// A signature is asked for as long as CDA can still succeed, and never with an AAC (EMV 4.4 Book 2, 6.6.1).
    fn wants_signature(&self, turn: Turn) -> bool {
        let configured = match (turn, self.asked) {
            (Turn::First, AcType::Tc) => true,
            (Turn::First, AcType::Arqc) => self.terminal.cda.on_arqc,
            (Turn::Second, AcType::Tc) => self.terminal.cda.on_second_tc,
            _ => false,
        };
        configured && self.oda.awaits_cda() && !self.values.tvr.cda_failed()
    }

    pub(super) fn take_first_ac(&mut self, data: &[u8], sw: StatusWord) -> Next {
        let answer = match self.accept_ac(data, sw) {
            Ok(answer) => answer,
            Err(reason) => return self.terminate(reason),
        };
        let signed = self.check_signature(&answer, data);
        self.report(Report::Done(Step::FirstCryptogram));
        match answer.kind() {
            AcType::Tc if signed => self.end_offline(Decision::Approved, arc::OFFLINE_APPROVED),
            AcType::Arqc if !signed => {
                self.values.arc = Some(arc::OFFLINE_DECLINED);
                self.asked = AcType::Aac;
                Next::SecondAc
            }
            AcType::Arqc if self.terminal.kind.is_offline_only() => self.unable_to_go_online(),
            AcType::Arqc => Next::Persist(Phase::Online),
            AcType::Aac if answer.cid().reason() == AdviceReason::ServiceNotAllowed => {
                self.terminate(Reason::ServiceNotAllowed)
            }
            _ => self.end_offline(Decision::Declined, arc::OFFLINE_DECLINED),
        }
    }

    /// Takes an answer that the card may give.
    fn accept_ac(&mut self, data: &[u8], sw: StatusWord) -> Result<Cryptogram, Reason> {
        if !sw.is_ok() {
            return Err(Reason::CommandRefused);
        }
        self.values.tsi.set(Tsi::CARD_RISK_MANAGEMENT_PERFORMED);
        let answer = Cryptogram::parse(data).ok_or(Reason::CardData)?;
        if !is_allowed(self.asked, answer.kind()) {
            return Err(Reason::WrongCryptogram);
        }
        let inside = self.signature_asked && answer.kind() != AcType::Aac;
        if answer.find(tag::AC).is_none() && !inside {
            return Err(Reason::CardData);
        }
        self.advice |= answer.cid().advice_required();
        self.values.cryptogram = Some(answer.clone());
        Ok(answer)
    }

    /// Whether the answer has the signature that it needs; notes the result of CDA.
    fn check_signature(&mut self, answer: &Cryptogram, data: &[u8]) -> bool {
        if !self.signature_asked || answer.kind() == AcType::Aac {
            return true;
        }
        self.values.tsi.set(Tsi::ODA_PERFORMED);
        let found = if answer.signed { self.verify_cda(answer.cid(), data) } else { None };
        match (found, &mut self.values.cryptogram) {
            (Some(ac), Some(kept)) => {
                kept.set_ac(ac);
                true
            }
            _ => {
                self.values.tvr.set(Tvr::CDA_FAILED);
                false
            }
        }
    }

    fn end_offline(&mut self, decision: Decision, code: [u8; 2]) -> Next {
        self.values.arc = Some(code);
        self.decision = decision;
        self.complete()
    }

    /// What the host's answer has the second GENERATE AC ask for.
    pub(super) fn request_second(&mut self) -> Next {
        self.asked = if self.host_approved { AcType::Tc } else { AcType::Aac };
        Next::SecondAc
    }

    /// Whatever goes wrong here is a decline: the card has not given its TC.
    pub(super) fn take_second_ac(&mut self, data: &[u8], sw: StatusWord) -> Next {
        self.decision = Decision::Declined;
        let Ok(answer) = self.accept_ac(data, sw) else { return self.complete() };
        if self.check_signature(&answer, data) && answer.kind() == AcType::Tc {
            self.decision = Decision::Approved;
        }
        self.report(Report::Done(Step::SecondCryptogram));
        if self.host_answered { self.begin_scripts(tag::ISSUER_SCRIPT_TEMPLATE_2) } else { self.complete() }
    }
}
