//! Processing restrictions: version, usage control, dates (EMV 4.4 Book 3, 10.4). They only set bits of the TVR.

use tapcard_emv::{Auc, Date, Tvr, tag};

use super::outcome::{Reason, Report, Step};
use super::transaction::{CASH, PURCHASE, PURCHASE_WITH_CASHBACK};
use super::{Contact, Next};

impl Contact<'_> {
    pub(super) fn restrict(&mut self) -> Next {
        let version = self.card.find(tag::APPLICATION_VERSION);
        let ours = self.application().map(|application| application.version);
        if version.is_some_and(|version| ours.is_none_or(|ours| version != ours)) {
            self.values.tvr.set(Tvr::VERSIONS_DIFFER);
        }
        if !self.is_service_allowed() {
            self.values.tvr.set(Tvr::SERVICE_NOT_ALLOWED);
        }
        if let Err(reason) = self.check_dates() {
            return self.terminate(reason);
        }
        self.report(Report::Done(Step::Restrictions));
        self.begin_cvm()
    }

    fn is_service_allowed(&self) -> bool {
        let Some(auc) = self.card.find(tag::AUC).and_then(Auc::from_slice) else { return true };
        let domestic = self.card.find(tag::ISSUER_COUNTRY_CODE).map(|country| country == self.terminal.country);
        let usage = Usage {
            kind: self.transaction.kind,
            cashback: self.transaction.amount_other.minor() > 0,
            domestic,
            at_atm: self.terminal.kind.is_atm(self.terminal.additional_capabilities),
        };
        usage.is_allowed(auc)
    }

    fn check_dates(&mut self) -> Result<(), Reason> {
        let date = |value: &[u8]| Date::from_yymmdd(value).map_err(|_| Reason::CardData);
        let today = self.transaction.day().ok_or(Reason::Contract)?;
        let effective = self.card.find(tag::EFFECTIVE_DATE).map(date).transpose()?;
        let expiry = self.card.find(tag::EXPIRATION_DATE).map(date).transpose()?;
        if effective.is_some_and(|effective| today < effective) {
            self.values.tvr.set(Tvr::NOT_YET_EFFECTIVE);
        }
        if expiry.is_some_and(|expiry| today > expiry) {
            self.values.tvr.set(Tvr::EXPIRED);
        }
        Ok(())
    }
}

/// What a transaction asks of the application usage control.
struct Usage {
    kind: u8,
    cashback: bool,
    /// Issuer and terminal in one country; `None`: the card does not say, and only the place is checked.
    domestic: Option<bool>,
    at_atm: bool,
}

impl Usage {
    fn is_allowed(&self, auc: Auc) -> bool {
        let place = if self.at_atm { auc.at_atms() } else { auc.at_other_terminals() };
        let Some(domestic) = self.domestic else { return place };
        let kind = match self.kind {
            CASH if domestic => auc.domestic_cash(),
            CASH => auc.international_cash(),
            PURCHASE | PURCHASE_WITH_CASHBACK if domestic => auc.domestic_goods() || auc.domestic_services(),
            PURCHASE | PURCHASE_WITH_CASHBACK => auc.international_goods() || auc.international_services(),
            _ => true,
        };
        let cashback = if domestic { auc.domestic_cashback() } else { auc.international_cashback() };
        place && kind && (cashback || !self.cashback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Usage = Usage { kind: PURCHASE, cashback: false, domestic: Some(true), at_atm: false };

    fn allowed(usage: &Usage, auc: [u8; 2]) -> bool {
        usage.is_allowed(Auc::new(auc))
    }

    #[test]
    fn the_place_always_counts() {
        assert!(allowed(&HOME, [0x21, 0]) && !allowed(&HOME, [0x22, 0]));
        let atm = Usage { kind: CASH, at_atm: true, ..HOME };
        assert!(allowed(&atm, [0x82, 0]) && !allowed(&atm, [0x81, 0]));
    }

    #[test]
    fn goods_or_services_are_enough_for_a_purchase() {
        assert!(allowed(&HOME, [0x21, 0]) && allowed(&HOME, [0x09, 0]) && !allowed(&HOME, [0xD5, 0xC0]));
        let abroad = Usage { domestic: Some(false), ..HOME };
        assert!(allowed(&abroad, [0x11, 0]) && allowed(&abroad, [0x05, 0]) && !allowed(&abroad, [0xE9, 0xC0]));
    }

    #[test]
    fn cashback_needs_a_right_of_its_own() {
        let cashback = Usage { kind: PURCHASE_WITH_CASHBACK, cashback: true, ..HOME };
        assert!(allowed(&cashback, [0x21, 0x80]) && !allowed(&cashback, [0x21, 0x40]));
        let abroad = Usage { domestic: Some(false), ..cashback };
        assert!(allowed(&abroad, [0x11, 0x40]) && !allowed(&abroad, [0x11, 0x80]));
    }

    #[test]
    fn without_the_issuers_country_only_the_place_is_checked() {
        let unknown = Usage { domestic: None, cashback: true, ..HOME };
        assert!(allowed(&unknown, [0x01, 0]) && !allowed(&unknown, [0xFE, 0xC0]));
    }

    #[test]
    fn cash_is_told_from_a_purchase_and_other_kinds_are_not_checked() {
        let cash = Usage { kind: CASH, ..HOME };
        assert!(allowed(&cash, [0x81, 0]) && !allowed(&cash, [0x7D, 0]));
        assert!(allowed(&Usage { kind: 0x20, ..HOME }, [0x01, 0]));
    }
}
