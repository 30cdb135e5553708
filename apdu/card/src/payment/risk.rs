//! Card risk management: what the card answers to GENERATE AC, whatever the terminal would like (EMV 4.4 Book 3, 10.8; the
//! checks, the order and the application default action `9F52` are those of JR/T 0025.5 and VIS 1.4).
//!
//! A check that needs an object which was not personalised is not made, as both standards say.

use tapcard_emv::bits::AcType;
use tapcard_emv::iad::Cvr;
use tapcard_emv::{Amount, Currency, tag};

use super::cash;
use super::counters::{Account, Counter, Flags};
use super::transaction::{IssuerAuthentication, PinCheck, Transaction};

/// Bits of the application default action (`9F52`): octet and mask.
mod action {
    pub(super) const ISSUER_AUTHENTICATION_FAILED_LAST_ONLINE: (usize, u8) = (0, 0x80);
    pub(super) const ISSUER_AUTHENTICATION_FAILED_DECLINE: (usize, u8) = (0, 0x40);
    pub(super) const ISSUER_AUTHENTICATION_MISSING_DECLINE: (usize, u8) = (0, 0x20);
    pub(super) const NEW_CARD_ONLINE: (usize, u8) = (0, 0x02);
    pub(super) const NEW_CARD_DECLINE_OFFLINE: (usize, u8) = (0, 0x01);
    pub(super) const PIN_TRIES_BLOCK: (usize, u8) = (1, 0x80);
    pub(super) const PIN_TRIES_LAST_DECLINE: (usize, u8) = (1, 0x40);
    pub(super) const PIN_TRIES_LAST_ONLINE: (usize, u8) = (1, 0x20);
    pub(super) const PIN_TRIES_LAST_DECLINE_OFFLINE: (usize, u8) = (1, 0x10);
    pub(super) const SCRIPT_FAILED_ONLINE: (usize, u8) = (1, 0x08);
    pub(super) const PIN_TRIES_LAST_BLOCK: (usize, u8) = (1, 0x04);
}

/// Issuer authentication is mandatory (`9F56`, bit 8).
const MANDATORY: u8 = 0x80;

/// What the card answers.
pub(crate) struct Decision {
    pub(crate) ac: AcType,
    pub(crate) cvr: Cvr,
    /// The application blocks itself.
    pub(crate) blocks: bool,
}

/// How much an answer allows: AAC least, TC most.
const fn rank(ac: AcType) -> u8 {
    match ac {
        AcType::Tc => 2,
        AcType::Arqc => 1,
        AcType::Aac | AcType::Rfu => 0,
    }
}

/// The lesser of two answers.
pub(crate) const fn lesser(one: AcType, other: AcType) -> AcType {
    if rank(one) <= rank(other) { one } else { other }
}

struct Checks<'c> {
    account: &'c Account<'c>,
    transaction: &'c Transaction,
    ac: AcType,
    cvr: Cvr,
    blocks: bool,
}

/// The answer to the first GENERATE AC.
pub(crate) fn first(account: &Account<'_>, transaction: &Transaction, asked: AcType, is_blocked: bool) -> Decision {
    let mut checks = Checks::new(account, transaction, asked);
    checks.last_transaction();
    checks.pin();
    if transaction.is_cash {
        checks.cash();
    } else {
        checks.velocity();
    }
    if is_blocked {
        checks.allow(AcType::Aac);
    }
    let answers = match checks.ac {
        AcType::Tc => 0b1001,
        AcType::Arqc => 0b1010,
        AcType::Aac | AcType::Rfu => 0b1000,
    };
    checks.decision(answers)
}

/// The answer to the second GENERATE AC. `went_online` is what the authorisation response code (`8A`) tells.
pub(crate) fn second(account: &Account<'_>, transaction: &Transaction, asked: AcType, went_online: bool) -> Decision {
    let mut checks = Checks::new(account, transaction, asked);
    checks.last_transaction_facts();
    checks.pin_facts();
    if went_online {
        checks.issuer_authentication();
    } else {
        checks.unable_to_go_online();
    }
    let answers = if checks.ac == AcType::Tc { 0b0110 } else { 0b0010 };
    checks.decision(answers)
}

impl<'c> Checks<'c> {
    fn new(account: &'c Account<'c>, transaction: &'c Transaction, ac: AcType) -> Self {
        let mut cvr = Cvr::new([0x03, 0, 0, 0]);
        if transaction.dda_performed {
            cvr.set(Cvr::DDA_PERFORMED);
        }
        Self { account, transaction, ac, cvr, blocks: false }
    }

    fn decision(self, answers: u8) -> Decision {
        let [length, results, rest @ ..] = self.cvr.octets();
        let [third, fourth] = rest;
        let cvr = Cvr::new([length, results & 0x0F | answers << 4, third, fourth]);
        Decision { ac: self.ac, cvr, blocks: self.blocks }
    }

    /// Answers at most this.
    fn allow(&mut self, most: AcType) {
        self.ac = lesser(self.ac, most);
    }

    fn default_action(&self, (octet, mask): (usize, u8)) -> bool {
        let action = self.account.data(tag::APPLICATION_DEFAULT_ACTION);
        action.and_then(|action| action.get(octet)).is_some_and(|octet| octet & mask != 0)
    }

    fn is_new_card(&self) -> bool {
        self.account.data(tag::LAST_ONLINE_ATC).is_some() && self.account.last_online_atc() == 0
    }

    /// What the last transaction left behind, told in the CVR.
    fn last_transaction_facts(&mut self) {
        let flags = self.account.flags();
        let facts = [
            (Flags::ONLINE_INCOMPLETE, Cvr::LAST_ONLINE_INCOMPLETE),
            (Flags::ISSUER_AUTHENTICATION_FAILED, Cvr::LAST_ISSUER_AUTHENTICATION_FAILED),
            (Flags::ISSUER_AUTHENTICATION_MISSING, Cvr::ISSUER_AUTHENTICATION_NOT_PERFORMED),
            (Flags::SCRIPT_FAILED, Cvr::SCRIPT_FAILED),
            (Flags::SDA_FAILED, Cvr::LAST_SDA_FAILED),
            (Flags::DDA_FAILED, Cvr::LAST_DDA_FAILED),
        ];
        // The transaction that runs is not complete either while its second GENERATE AC is being answered.
        let running = self.transaction.first.is_some();
        for (flag, bit) in facts {
            if flags.has(flag) && !(running && flag == Flags::ONLINE_INCOMPLETE) {
                self.cvr.set(bit);
            }
        }
        if self.is_new_card() {
            self.cvr.set(Cvr::NEW_CARD);
        }
        let [length, results, third, fourth] = self.cvr.octets();
        let scripts = self.account.counter(Counter::Scripts).min(0x0F);
        self.cvr = Cvr::new([length, results, third, fourth | scripts << 4]);
    }

    fn last_transaction(&mut self) {
        self.last_transaction_facts();
        let flags = self.account.flags();
        let forces = flags.has(Flags::ONLINE_INCOMPLETE)
            || flags.has(Flags::ISSUER_AUTHENTICATION_MISSING)
            || flags.has(Flags::ISSUER_AUTHENTICATION_FAILED)
                && self.default_action(action::ISSUER_AUTHENTICATION_FAILED_LAST_ONLINE)
            || flags.has(Flags::SCRIPT_FAILED) && self.default_action(action::SCRIPT_FAILED_ONLINE)
            || self.is_new_card() && self.default_action(action::NEW_CARD_ONLINE);
        if forces {
            self.allow(AcType::Arqc);
        }
    }

    fn pin_facts(&mut self) {
        match self.transaction.pin {
            PinCheck::NotPerformed => {}
            PinCheck::Right => self.cvr.set(Cvr::OFFLINE_PIN_PERFORMED),
            PinCheck::Wrong => {
                self.cvr.set(Cvr::OFFLINE_PIN_PERFORMED);
                self.cvr.set(Cvr::OFFLINE_PIN_FAILED);
            }
        }
        if self.account.pin_tries() == Some(0) {
            self.cvr.set(Cvr::PIN_TRY_LIMIT_EXCEEDED);
        }
    }

    fn pin(&mut self) {
        self.pin_facts();
        if self.account.pin_tries() != Some(0) {
            return;
        }
        if self.transaction.pin != PinCheck::NotPerformed {
            self.blocks = self.default_action(action::PIN_TRIES_BLOCK);
        } else if self.default_action(action::PIN_TRIES_LAST_BLOCK) {
            self.blocks = true;
            self.allow(AcType::Aac);
        } else if self.default_action(action::PIN_TRIES_LAST_DECLINE) {
            self.allow(AcType::Aac);
        } else if self.default_action(action::PIN_TRIES_LAST_ONLINE) {
            self.allow(AcType::Arqc);
        }
        if self.blocks {
            self.cvr.set(Cvr::BLOCKED_BY_PIN_TRIES);
        }
    }

    /// Electronic cash: what the balance holds is paid offline, everything else is the issuer's decision.
    fn cash(&mut self) {
        if cash::after_purchase(self.account, &self.transaction.values).is_none() {
            self.allow(AcType::Arqc);
        }
    }

    /// Counters of offline transactions since the last online one.
    fn velocity(&mut self) {
        let account = self.account;
        let offline = account.atc().saturating_sub(account.last_online_atc());
        let above = |limit: Option<u8>| limit.is_some_and(|limit| offline > u16::from(limit));
        let foreign = self.is_foreign();
        let next = |counter| account.counter(counter).saturating_add(1);
        let exceeded = above(account.octet(tag::CARD_LOWER_OFFLINE_LIMIT))
            || foreign.0
                && account
                    .octet(tag::INTERNATIONAL_OFFLINE_LIMIT)
                    .is_some_and(|limit| next(Counter::ForeignCurrency) > limit)
            || foreign.1
                && account
                    .octet(tag::INTERNATIONAL_COUNTRY_LIMIT)
                    .is_some_and(|limit| next(Counter::ForeignCountry) > limit)
            || !foreign.0 && self.is_above(account.amount(tag::CUMULATIVE_OFFLINE_LIMIT));
        if exceeded {
            self.cvr.set(Cvr::VELOCITY_EXCEEDED);
            self.allow(AcType::Arqc);
        }
    }

    /// Whether currency and country are not the application's own.
    fn is_foreign(&self) -> (bool, bool) {
        foreign(self.account, self.transaction)
    }

    /// Whether what was spent offline, with this amount, is more than a limit.
    fn is_above(&self, limit: Option<Amount>) -> bool {
        let Some(limit) = limit else { return false };
        let amount = amount(self.transaction);
        amount.and_then(|amount| self.account.offline_amount().checked_add(amount)).is_none_or(|sum| sum > limit)
    }

    fn issuer_authentication(&mut self) {
        match self.transaction.issuer {
            IssuerAuthentication::Passed => {}
            IssuerAuthentication::Failed => {
                self.cvr.set(Cvr::ISSUER_AUTHENTICATION_FAILED);
                if self.default_action(action::ISSUER_AUTHENTICATION_FAILED_DECLINE) {
                    self.allow(AcType::Aac);
                }
            }
            IssuerAuthentication::NotPerformed if is_mandatory(self.account) => {
                self.cvr.set(Cvr::ISSUER_AUTHENTICATION_NOT_PERFORMED);
                if self.default_action(action::ISSUER_AUTHENTICATION_MISSING_DECLINE) {
                    self.allow(AcType::Aac);
                }
            }
            IssuerAuthentication::NotPerformed => {}
        }
    }

    fn unable_to_go_online(&mut self) {
        self.cvr.set(Cvr::UNABLE_TO_GO_ONLINE);
        let account = self.account;
        let offline = account.atc().saturating_sub(account.last_online_atc());
        let declines = account.octet(tag::CARD_UPPER_OFFLINE_LIMIT).is_some_and(|limit| offline > u16::from(limit))
            || !self.is_foreign().0 && self.is_above(account.amount(tag::CUMULATIVE_OFFLINE_UPPER_LIMIT));
        if declines {
            self.cvr.set(Cvr::VELOCITY_EXCEEDED);
        }
        let new_card = self.is_new_card() && self.default_action(action::NEW_CARD_DECLINE_OFFLINE);
        let pin = account.pin_tries() == Some(0) && self.default_action(action::PIN_TRIES_LAST_DECLINE_OFFLINE);
        // Electronic cash that the balance could not pay for is not paid for because nobody answered.
        if declines || new_card || pin || self.transaction.is_cash {
            self.allow(AcType::Aac);
        }
    }
}

/// Whether the issuer must authenticate itself in an online transaction.
pub(crate) fn is_mandatory(account: &Account<'_>) -> bool {
    account.octet(tag::ISSUER_AUTHENTICATION_INDICATOR).is_some_and(|octet| octet & MANDATORY != 0)
}

/// The amount of the transaction; `None` for one that is not BCD.
pub(crate) fn amount(transaction: &Transaction) -> Option<Amount> {
    Amount::from_n12(&transaction.values.array::<6>(tag::AMOUNT_AUTHORISED)).ok()
}

/// Whether currency and country are not the application's own (`9F51`, `9F57`).
pub(crate) fn foreign(account: &Account<'_>, transaction: &Transaction) -> (bool, bool) {
    let currency = Currency::from_n3(&transaction.values.array::<2>(tag::TRANSACTION_CURRENCY_CODE)).ok();
    let country = transaction.values.get(tag::TERMINAL_COUNTRY_CODE);
    let own_country = account.data(tag::CARD_ISSUER_COUNTRY_CODE);
    (account.currency(tag::EC_CURRENCY_CODE) != currency, own_country.is_some() && own_country != country)
}
