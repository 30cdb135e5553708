//! Members that count: ATC, tries, log records, balances.

use serde_json::{Map, Value, json};
use tapcard_emv::tag;
use tapcard_iso7816::Tag;
use tapcard_report::{Application, Transaction};

use super::judge::Judge;
use super::purses;
use crate::json;

/// A binary number of one or two octets in every occurrence of an object.
pub(super) fn number(judge: &mut Judge<'_>, member: &str, expected: &Value, tag: Tag) {
    let number = |value: &[u8]| match value {
        [one] => Some(json!(one)),
        [high, low] => Some(json!(u16::from_be_bytes([*high, *low]))),
        _ => None,
    };
    judge.one_of(member, expected, judge.evidence.values(tag).into_iter().filter_map(number));
}

/// Log records that were written.
pub(super) fn log_count(judge: &mut Judge<'_>, expected: &Value) {
    let counts = judge.evidence.applications().iter().map(|application| json!(application.transactions.len()));
    judge.one_of("log_count", expected, counts);
}

/// The newest record of a log; of it only what the case names.
pub(super) fn log_first(judge: &mut Judge<'_>, expected: &Value) {
    let newest = |application: &Application| match &application.purse {
        Some(purse) => purse.log.first().map(|record| purses::shown(record, purse.currency)),
        None => application.transactions.first().map(shown),
    };
    let found = judge.evidence.applications().iter().filter_map(newest);
    judge.one_of("log_first", expected, found.map(|record| json::only_named(expected, &record)));
}

fn shown(record: &Transaction) -> Map<String, Value> {
    let n3 = |code: Option<u16>| json!(code.map(|code| format!("{code:04}")));
    let octet = |value: Option<u8>| value.map_or(Value::Null, |value| json::hex(&[value]));
    let mut members = Map::new();
    members.insert("amount_minor".into(), json!(record.amount));
    members.insert("currency_numeric".into(), n3(record.currency));
    members.insert("country_numeric".into(), n3(record.country));
    members.insert("date".into(), json!(record.date.map(|date| date.to_string())));
    members.insert("time".into(), json!(record.time.map(|time| time.to_string())));
    members.insert("cid".into(), octet(record.cid));
    members.insert("type".into(), octet(record.kind));
    members
}

/// Electronic cash, or a purse.
pub(super) fn balance(judge: &mut Judge<'_>, expected: &Value) {
    let cash = judge.evidence.applications().iter().flat_map(|application| &application.electronic_cash);
    let cash = cash.filter_map(|cash| cash.balance).map(|balance| json!(balance));
    let purses = judge.evidence.purses().filter_map(|purse| purse.balance).map(|balance| json!(balance));
    judge.one_of("balance_fen", expected, cash.chain(purses));
}

/// `pin_try_counter` and the other numbers share this shape, by name.
pub(super) const NUMBERS: &[(&str, Tag)] = &[
    ("atc", tag::ATC),
    ("atc_after", tag::ATC),
    ("last_online_atc", tag::LAST_ONLINE_ATC),
    ("pin_try_counter", tag::PIN_TRY_COUNTER),
];
