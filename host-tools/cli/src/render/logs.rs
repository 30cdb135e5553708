//! Tables of an application: electronic cash, transactions, loads.

use tapcard_report::{Application, ElectronicCash, Load, Transaction};

use super::json::load_currency;
use super::or_dash;
use super::table::Table;
use super::text::Style;
use super::value::{amount, currency_name};
use crate::lang::{Lang, Msg};

/// Balances with their limits.
pub(super) fn cash(cash: &[&ElectronicCash], style: Style) -> Table {
    let heading = [Msg::Currency, Msg::Balance, Msg::BalanceLimit, Msg::SingleLimit, Msg::ResetThreshold];
    let mut table = style.table(&heading).right(&[1, 2, 3, 4]);
    for cash in cash {
        let shown = |minor| or_dash(amount(minor, cash.currency));
        table.row([
            or_dash(currency_name(cash.currency)),
            shown(cash.balance),
            shown(cash.balance_limit),
            shown(cash.single_limit),
            shown(cash.reset_threshold),
        ]);
    }
    table
}

/// The transaction log. Where all of them took place in the country of the card, no column says so.
pub(super) fn transactions(records: &[&Transaction], application: &Application, style: Style) -> Table {
    let home = application.country.as_ref().and_then(|number| number.parse().ok());
    let abroad = records.iter().any(|record| record.country.is_some() && record.country != home);
    let country = |record: &Transaction| or_dash(record.country.map(|country| format!("{country:03}")));
    let place = |record: &Transaction| or_dash(record.merchant.clone().filter(|name| !name.is_empty()));
    let row = |record: &Transaction| {
        [
            or_dash(record.date.map(|date| date.to_string())),
            or_dash(record.time.map(|time| time.to_string())),
            or_dash(money(record.amount, record.currency)),
            or_dash(record.kind.map(|kind| transaction_type(kind, style.lang))),
            or_dash(record.atc.map(|atc| atc.to_string())),
        ]
    };
    let mut heading = vec![Msg::Date, Msg::Time, Msg::Amount, Msg::Type, Msg::Atc];
    if abroad {
        heading.push(Msg::Country);
    }
    heading.push(Msg::Merchant);
    let mut table = style.table(&heading).right(&[2, 4]);
    for record in records {
        let [date, time, amount, kind, atc] = row(record);
        match abroad {
            true => table.row([date, time, amount, kind, atc, country(record), place(record)]),
            false => table.row([date, time, amount, kind, atc, place(record)]),
        }
    }
    table
}

/// The load log.
pub(super) fn loads(application: &Application, style: Style) -> Table {
    let currency_of = |index: usize| application.electronic_cash.get(index).and_then(|cash| cash.currency);
    let heading = [Msg::Date, Msg::Time, Msg::Before, Msg::After, Msg::Object, Msg::Atc, Msg::Place];
    let mut table = style.table(&heading).right(&[2, 3, 5]);
    for record in &application.loads {
        load(record, load_currency(record.object, currency_of(0), currency_of(1)), &mut table);
    }
    table
}

fn load(record: &Load, currency: Option<u16>, table: &mut Table) {
    table.row([
        or_dash(record.date.map(|date| date.to_string())),
        or_dash(record.time.map(|time| time.to_string())),
        or_dash(amount(Some(record.before), currency)),
        or_dash(money(Some(record.after), currency)),
        record.object.to_string(),
        or_dash(record.atc.map(|atc| atc.to_string())),
        or_dash(record.merchant.clone().filter(|name| !name.is_empty())),
    ]);
}

/// An amount with its currency.
fn money(minor: Option<u64>, currency: Option<u16>) -> Option<String> {
    let amount = amount(minor, currency)?;
    Some(match currency_name(currency) {
        Some(name) => format!("{amount} {name}"),
        None => amount,
    })
}

/// `9C`, the first two digits of the processing code (ISO 8583:1987, field 3; UnionPay for the loads).
fn transaction_type(kind: u8, lang: Lang) -> String {
    let message = match kind {
        0x00 => Msg::TypePurchase,
        0x01 | 0x12 | 0x17 => Msg::TypeCash,
        0x09 => Msg::TypeCashback,
        0x20 => Msg::TypeRefund,
        0x21 => Msg::TypeDeposit,
        0x30 | 0x31 => Msg::TypeInquiry,
        0x40 => Msg::TypeTransfer,
        0x60 | 0x62 => Msg::TypeLoad,
        0x63 => Msg::TypeCashLoad,
        _ => return format!("{kind:02X}"),
    };
    lang.text(message).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_words_and_unknown_ones_their_digits() {
        assert_eq!(transaction_type(0x00, Lang::En), "purchase");
        assert_eq!(transaction_type(0x63, Lang::Zh), "现金充值");
        assert_eq!(transaction_type(0x99, Lang::En), "99");
    }

    #[test]
    fn money_names_its_currency() {
        assert_eq!(money(Some(655), Some(156)).as_deref(), Some("6.55 CNY"));
        assert_eq!(money(Some(655), None).as_deref(), Some("6.55"));
        assert_eq!(money(None, Some(156)), None);
    }
}
