//! What holds for all values of one input: what the caller said, and what the data say of themselves.

use tapcard_emv::tags::{lookup_by_length, lookup_for, meanings};
use tapcard_emv::{Aid, DataObject, Scheme, Tag, tag};
use tapcard_iso7816::find_deep;

use crate::input::Context;

/// The AIDs that data may hold; the first that is known decides the scheme.
const AIDS: [Tag; 3] = [tag::DF_NAME, tag::ADF_NAME, tag::AID_TERMINAL];

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Setting {
    pub(crate) scheme: Option<Scheme>,
    pub(crate) show_pan: bool,
    /// `5F2A`: the currency of transaction amounts.
    transaction_currency: Option<u16>,
    /// `9F42`: the currency of limits and of a CVM list.
    application_currency: Option<u16>,
    /// `9F51`: the currency of electronic cash on a UnionPay card.
    cash_currency: Option<u16>,
    /// `DF71`: its second currency.
    second_currency: Option<u16>,
    /// `9F11`: the part of ISO/IEC 8859 of `9F12`.
    pub(crate) code_table: Option<u8>,
}

impl Setting {
    /// What the caller said, without data.
    pub(crate) fn new(context: &Context) -> Self {
        Self { scheme: context.scheme, show_pan: context.show_pan, ..Self::default() }
    }

    /// What the caller said, and what `value` finds of the objects that matter.
    pub(crate) fn with<'v>(context: &Context, value: impl Fn(Tag) -> Option<&'v [u8]>) -> Self {
        let scheme_of = |aid: &[u8]| Some(Aid::new(aid).ok()?.scheme()).filter(|scheme| *scheme != Scheme::Emv);
        let currency = |tag| value(tag).and_then(n3);
        Self {
            scheme: context.scheme.or_else(|| AIDS.into_iter().filter_map(&value).find_map(scheme_of)),
            show_pan: context.show_pan,
            transaction_currency: currency(tag::TRANSACTION_CURRENCY_CODE),
            application_currency: currency(tag::APPLICATION_CURRENCY_CODE),
            cash_currency: currency(tag::EC_CURRENCY_CODE),
            second_currency: currency(tag::EC2_CURRENCY_CODE),
            code_table: value(tag::ISSUER_CODE_TABLE_INDEX).and_then(|index| index.first().copied()),
        }
    }

    /// As [`Setting::with`], from data objects of any depth.
    pub(crate) fn of_tlv(context: &Context, data: &[u8]) -> Self {
        Self::with(context, |tag| find_deep(data, tag))
    }

    /// The same for a scheme that became known otherwise; what the caller said wins.
    pub(crate) fn or_scheme(self, scheme: Option<Scheme>) -> Self {
        Self { scheme: self.scheme.or(scheme), ..self }
    }

    /// The meaning of a tag: the scheme's, else the one that the length fits.
    pub(crate) fn lookup(&self, tag: Tag, len: usize) -> Option<&'static DataObject> {
        match self.scheme {
            Some(scheme) => lookup_for(tag, scheme),
            None => lookup_by_length(tag, len),
        }
    }

    /// What else a tag could mean for a value of this length, where no scheme is known.
    pub(crate) fn other_meanings(&self, tag: Tag, len: usize) -> Vec<&'static DataObject> {
        let taken = self.lookup(tag, len);
        let mut others: Vec<&DataObject> = Vec::new();
        if self.scheme.is_none() {
            for row in meanings(tag).iter().filter(|row| row.accepts_length(len)) {
                let known = taken.into_iter().chain(others.iter().copied()).any(|other| other.name == row.name);
                if !known {
                    others.push(row);
                }
            }
        }
        others
    }

    /// The currency that an amount is in, as far as the data tell.
    pub(crate) fn currency_of(&self, amount: Tag) -> Option<u16> {
        match amount {
            tag::EC_BALANCE | tag::EC_BALANCE_LIMIT | tag::EC_SINGLE_LIMIT | tag::EC_RESET_THRESHOLD => {
                self.cash_currency
            }
            tag::EC2_BALANCE | tag::EC2_BALANCE_LIMIT | tag::EC2_SINGLE_LIMIT | tag::EC2_RESET_THRESHOLD => {
                self.second_currency
            }
            tag::CVM_LIST => self.application_currency,
            _ => self.transaction_currency,
        }
    }
}

/// A number in format n3 in two octets.
pub(crate) fn n3(value: &[u8]) -> Option<u16> {
    tapcard_emv::Country::from_n3(value).ok().map(tapcard_emv::Country::number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_say_whose_they_are_unless_the_caller_does() {
        let fci = hex::decode("6F0A8408A000000333010102").unwrap();
        assert_eq!(Setting::of_tlv(&Context::default(), &fci).scheme, Some(Scheme::UnionPay));
        let context = Context { scheme: Some(Scheme::Visa), ..Context::default() };
        assert_eq!(Setting::of_tlv(&context, &fci).scheme, Some(Scheme::Visa));
        let unknown = hex::decode("8405F0000000014F05A000000004").unwrap();
        assert_eq!(Setting::of_tlv(&Context::default(), &unknown).scheme, Some(Scheme::Mastercard));
    }

    #[test]
    fn an_amount_takes_the_currency_that_belongs_to_it() {
        let data = hex::decode("5F2A0208409F42020978 9F51020156DF71020344".replace(' ', "")).unwrap();
        let setting = Setting::of_tlv(&Context::default(), &data);
        let currencies = [tag::AMOUNT_AUTHORISED, tag::CVM_LIST, tag::EC_BALANCE, tag::EC2_BALANCE];
        assert_eq!(currencies.map(|amount| setting.currency_of(amount)), [Some(840), Some(978), Some(156), Some(344)]);
    }

    #[test]
    fn without_a_scheme_the_length_decides_and_the_others_are_told() {
        let setting = Setting::default();
        assert_eq!(setting.lookup(tag::FFI, 7).and_then(|row| row.scheme), Some(Scheme::Mastercard));
        let others: Vec<_> = setting.other_meanings(tag::FFI, 4).iter().map(|row| row.scheme).collect();
        assert_eq!(others, [Some(Scheme::Amex)]);
        assert!(setting.or_scheme(Some(Scheme::Visa)).other_meanings(tag::FFI, 4).is_empty());
    }
}
