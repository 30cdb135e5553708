//! Cardholder verification: which rule of the CVM list applies, and what its result says (EMV 4.4 Book 3, 10.5; Book 4,
//! 6.3.4). The dialogue about a PIN is in `pin`.

use tapcard_emv::bits::{CvmCondition, CvmList, CvmMethod, CvmResults, CvmRule, TerminalCapabilities};
use tapcard_emv::{Amount, Tsi, Tvr, tag};

use super::outcome::{Question, Reason, Report, Step};
use super::terminal::PinBypass;
use super::{Contact, Next};

/// Third octet of CVM results: not known here.
const UNKNOWN: u8 = 0x00;
/// Third octet of CVM results: failed.
const FAILED: u8 = 0x01;
/// Third octet of CVM results: successful.
const SUCCESSFUL: u8 = 0x02;

/// Progress through the CVM list.
pub(super) struct CvmProgress {
    /// Rules that were looked at.
    looked_at: usize,
    /// The rule in work.
    pub(super) rule: CvmRule,
    /// What is said when nothing succeeds: the method that was tried last.
    failure: CvmResults,
    /// The cardholder has bypassed a PIN.
    bypassed: bool,
    /// Tries left, as the card said last.
    pub(super) tries_left: Option<u8>,
    /// PINs that were sent to the card.
    pub(super) tries: u8,
    /// The receipt is to be signed.
    pub(super) signature: bool,
}

impl CvmProgress {
    pub(super) const fn new() -> Self {
        Self {
            looked_at: 0,
            rule: CvmRule { cvm: 0, condition: 0 },
            failure: CvmResults::new([0x3F, 0x00, FAILED]),
            bypassed: false,
            tries_left: None,
            tries: 0,
            signature: false,
        }
    }
}

impl Contact<'_> {
    pub(super) fn begin_cvm(&mut self) -> Next {
        if !self.aip.cardholder_verification() {
            return self.end_cvm(CvmResults::NOT_PERFORMED);
        }
        let Some(list) = self.card.find(tag::CVM_LIST) else {
            // The AIP announces what the card does not have (EMV 4.4 Book 3, 7.5); not every terminal sets the bit.
            self.values.tvr.set(Tvr::ICC_DATA_MISSING);
            return self.end_cvm(CvmResults::NOT_PERFORMED);
        };
        let Ok(list) = CvmList::parse(list) else { return self.terminate(Reason::CardData) };
        if list.rules().next().is_none() {
            return self.end_cvm(CvmResults::NOT_PERFORMED);
        }
        self.values.tsi.set(Tsi::CVM_PERFORMED);
        self.next_rule()
    }

    /// The next rule whose condition is met.
    pub(super) fn next_rule(&mut self) -> Next {
        loop {
            let list = self.card.find(tag::CVM_LIST).and_then(|list| CvmList::parse(list).ok());
            let rule = list.and_then(|list| Some((list, list.rules().nth(self.cvm.looked_at)?)));
            let Some((list, rule)) = rule else { return self.fail_cvm() };
            let applies = self.situation().meets(rule, &list);
            self.cvm.looked_at += 1;
            if applies {
                self.cvm.rule = rule;
                return self.apply_rule(rule);
            }
        }
    }

    fn situation(&self) -> Situation {
        let cash = self.transaction.is_cash();
        let attended = self.terminal.kind.is_attended();
        Situation {
            unattended_cash: cash && !attended,
            manual_cash: cash && attended,
            cashback: self.transaction.has_cashback(),
            capabilities: self.terminal.capabilities,
            amount: (self.card.find(tag::APPLICATION_CURRENCY_CODE) == Some(&self.transaction.currency))
                .then_some(self.transaction.amount),
        }
    }

    fn apply_rule(&mut self, rule: CvmRule) -> Next {
        let capabilities = self.terminal.capabilities;
        match support(rule.method(), capabilities) {
            Support::Unrecognised => {
                self.values.tvr.set(Tvr::UNRECOGNISED_CVM);
                return self.leave_rule();
            }
            Support::None { pin_pad_absent } => {
                if pin_pad_absent {
                    self.values.tvr.set(Tvr::PIN_PAD_NOT_WORKING);
                }
                return self.leave_rule();
            }
            Support::Full => {}
        }
        match rule.method() {
            CvmMethod::Signature => self.succeed(UNKNOWN),
            CvmMethod::NoCvm => self.succeed(SUCCESSFUL),
            CvmMethod::OnlinePin => self.begin_pin(Next::AskPin(Question::OnlinePin)),
            method if method.is_offline_pin() => self.begin_offline_pin(method),
            _ => {
                self.note_failure();
                self.fail_cvm()
            }
        }
    }

    /// Asks for a PIN, unless it is known that none will come.
    pub(super) fn begin_pin(&mut self, next: Next) -> Next {
        if !self.terminal.pin_pad_works {
            self.values.tvr.set(Tvr::PIN_PAD_NOT_WORKING);
            return self.fail_rule();
        }
        if self.cvm.bypassed && self.terminal.pin_bypass == PinBypass::AllMethods {
            self.values.tvr.set(Tvr::PIN_NOT_ENTERED);
            return self.fail_rule();
        }
        next
    }

    /// The cardholder entered nothing.
    pub(super) fn bypass(&mut self) -> Next {
        if self.terminal.pin_bypass == PinBypass::Refused {
            return self.terminate(Reason::Cancelled);
        }
        self.cvm.bypassed = true;
        self.values.tvr.set(Tvr::PIN_NOT_ENTERED);
        self.fail_rule()
    }

    pub(super) fn take_online_pin(&mut self, answer: &[u8]) -> Next {
        if answer.is_empty() {
            return self.bypass();
        }
        self.values.tvr.set(Tvr::ONLINE_PIN_ENTERED);
        self.succeed(UNKNOWN)
    }

    /// The card accepted the PIN. With a signature besides, the whole is as unknown as its less known half.
    pub(super) fn accept_pin(&mut self) -> Next {
        self.succeed(if self.cvm.rule.method().needs_signature() { UNKNOWN } else { SUCCESSFUL })
    }

    fn succeed(&mut self, outcome: u8) -> Next {
        let CvmRule { cvm, condition } = self.cvm.rule;
        self.cvm.signature = self.cvm.rule.method().needs_signature();
        self.end_cvm(CvmResults::new([cvm, condition, outcome]))
    }

    fn note_failure(&mut self) {
        let CvmRule { cvm, condition } = self.cvm.rule;
        self.cvm.failure = CvmResults::new([cvm, condition, FAILED]);
    }

    /// The method was tried and failed.
    pub(super) fn fail_rule(&mut self) -> Next {
        self.note_failure();
        self.leave_rule()
    }

    /// The rule did not help: b7 says whether the next one counts.
    fn leave_rule(&mut self) -> Next {
        if self.cvm.rule.applies_next_on_failure() { self.next_rule() } else { self.fail_cvm() }
    }

    fn fail_cvm(&mut self) -> Next {
        self.values.tvr.set(Tvr::CVM_FAILED);
        self.end_cvm(self.cvm.failure)
    }

    fn end_cvm(&mut self, results: CvmResults) -> Next {
        self.values.cvm_results = results;
        self.report(Report::Done(Step::CardholderVerification));
        self.begin_risk()
    }
}

/// What the conditions of rules look at.
struct Situation {
    unattended_cash: bool,
    manual_cash: bool,
    cashback: bool,
    capabilities: TerminalCapabilities,
    /// The amount, if it is in the application's currency.
    amount: Option<Amount>,
}

impl Situation {
    fn meets(&self, rule: CvmRule, list: &CvmList<'_>) -> bool {
        let amount = |compare: fn(&Amount, &Amount) -> bool, limit| self.amount.is_some_and(|it| compare(&it, &limit));
        match rule.condition() {
            CvmCondition::Always => true,
            CvmCondition::UnattendedCash => self.unattended_cash,
            CvmCondition::NotCash => !(self.unattended_cash || self.manual_cash || self.cashback),
            CvmCondition::TerminalSupportsCvm => matches!(support(rule.method(), self.capabilities), Support::Full),
            CvmCondition::ManualCash => self.manual_cash,
            CvmCondition::Cashback => self.cashback,
            CvmCondition::UnderX => amount(Amount::lt, list.amount_x()),
            CvmCondition::OverX => amount(Amount::gt, list.amount_x()),
            CvmCondition::UnderY => amount(Amount::lt, list.amount_y()),
            CvmCondition::OverY => amount(Amount::gt, list.amount_y()),
            _ => false,
        }
    }
}

/// Whether a terminal can perform a method.
#[derive(Debug, PartialEq, Eq)]
enum Support {
    Full,
    None {
        /// The method needs a PIN and the terminal takes none of that sort.
        pin_pad_absent: bool,
    },
    /// Reserved, proprietary, or of a kind that this terminal does not know.
    Unrecognised,
}

fn support(method: CvmMethod, terminal: TerminalCapabilities) -> Support {
    let offline_pin = terminal.plaintext_pin() || terminal.enciphered_pin();
    let (full, pin_pad_absent) = match method {
        CvmMethod::Fail => (true, false),
        CvmMethod::PlaintextPin => (terminal.plaintext_pin(), !offline_pin),
        CvmMethod::PlaintextPinAndSignature => (terminal.plaintext_pin() && terminal.signature(), !offline_pin),
        CvmMethod::EncipheredPin => (terminal.enciphered_pin(), !offline_pin),
        CvmMethod::EncipheredPinAndSignature => (terminal.enciphered_pin() && terminal.signature(), !offline_pin),
        CvmMethod::OnlinePin => (terminal.online_pin(), true),
        CvmMethod::Signature => (terminal.signature(), false),
        CvmMethod::NoCvm => (terminal.no_cvm(), false),
        _ => return Support::Unrecognised,
    };
    if full { Support::Full } else { Support::None { pin_pad_absent } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: Situation = Situation {
        unattended_cash: false,
        manual_cash: false,
        cashback: false,
        capabilities: TerminalCapabilities::new([0xE0, 0xF8, 0xC8]),
        amount: Some(Amount::new(100)),
    };

    fn met(situation: &Situation) -> std::vec::Vec<u8> {
        let list = [0, 0, 0, 100, 0, 0, 0, 99, 0x1F, 0x00];
        let list = CvmList::parse(&list).unwrap();
        (0..=0xFF).filter(|condition| situation.meets(CvmRule { cvm: 0x1F, condition: *condition }, &list)).collect()
    }

    #[test]
    fn conditions_are_met_by_the_kind_of_transaction() {
        assert_eq!(met(&SHOP), [0, 2, 3, 9]);
        assert_eq!(met(&Situation { manual_cash: true, ..SHOP }), [0, 3, 4, 9]);
        assert_eq!(met(&Situation { unattended_cash: true, ..SHOP }), [0, 1, 3, 9]);
        assert_eq!(met(&Situation { cashback: true, ..SHOP }), [0, 3, 5, 9]);
    }

    #[test]
    fn an_amount_is_compared_strictly_and_only_in_the_applications_currency() {
        assert_eq!(met(&Situation { amount: Some(Amount::new(99)), ..SHOP }), [0, 2, 3, 6]);
        assert_eq!(met(&Situation { amount: Some(Amount::new(101)), ..SHOP }), [0, 2, 3, 7, 9]);
        assert_eq!(met(&Situation { amount: None, ..SHOP }), [0, 2, 3]);
    }

    #[test]
    fn a_terminal_without_the_method_does_not_meet_condition_03() {
        let nothing = Situation { capabilities: TerminalCapabilities::default(), ..SHOP };
        assert_eq!(met(&nothing), [0, 2, 9]);
    }

    #[test]
    fn a_missing_pin_pad_is_told_from_a_missing_method() {
        let pin = TerminalCapabilities::new([0, 0x80, 0]);
        let absent = Support::None { pin_pad_absent: true };
        let other = Support::None { pin_pad_absent: false };
        assert_eq!(support(CvmMethod::PlaintextPin, pin), Support::Full);
        assert_eq!(support(CvmMethod::EncipheredPin, pin), other);
        assert_eq!(support(CvmMethod::PlaintextPinAndSignature, pin), other);
        assert_eq!(support(CvmMethod::OnlinePin, pin), absent);
        assert_eq!(support(CvmMethod::EncipheredPin, TerminalCapabilities::default()), absent);
        for unknown in [CvmMethod::Biometric(6), CvmMethod::Other(0x20), CvmMethod::NotPerformed] {
            assert_eq!(support(unknown, pin), Support::Unrecognised);
        }
    }
}
