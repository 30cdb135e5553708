//! Reports as JSON, member by member as `tapcard read --json` and `tapcard balance --json` promise.

use serde_json::{Value, json};
use tapcard_emv::purse::Movement;
use tapcard_emv::{Aip, Date, Pan, Time, tag};
use tapcard_iso7816::Tag;
use tapcard_report::{
    Application, ApplicationState, BalanceReport, CardReport, ElectronicCash, Load, Purse, Transaction, Warning,
};

use super::purse;
use super::value::{Values, amount, currency_name};

/// Tags of the second currency's objects start here (JR/T 0025.15).
const SECOND_CURRENCY: [u32; 4] = [0xDF76, 0xDF77, 0xDF78, 0xDF79];

/// `tapcard.read/1`.
pub(crate) fn card(report: &CardReport, show_pan: bool) -> Value {
    let mut values = Values::new(show_pan);
    let applications: Vec<_> = report.applications.iter().map(|one| application(one, show_pan, &mut values)).collect();
    json!({
        "schema": "tapcard.read/1",
        "reader": report.card.reader,
        "interface": report.card.interface.as_str(),
        "atr": report.card.atr.as_ref().map(hex::encode_upper),
        "uid": report.card.uid.as_ref().map(hex::encode_upper),
        "applications": applications,
        "apdus": report.apdus,
        "warnings": warnings(&report.warnings),
    })
}

/// `tapcard.balance/1`.
pub(crate) fn balance(report: &BalanceReport) -> Value {
    let mut balances: Vec<_> = report
        .balances
        .iter()
        .map(|balance| {
            let mut entry = json!({
                "aid": balance.aid.as_ref().map(ToString::to_string),
                "label": balance.label,
                "kind": "EC",
            });
            if let (Value::Object(entry), Value::Object(cash)) = (&mut entry, cash(&balance.cash)) {
                entry.extend(cash);
            }
            entry
        })
        .collect();
    balances.extend(report.purses.iter().map(purse::json_balance));
    json!({
        "schema": "tapcard.balance/1",
        "reader": report.card.reader,
        "interface": report.card.interface.as_str(),
        "balances": balances,
        "apdus": report.apdus,
        "warnings": warnings(&report.warnings),
    })
}

fn application(application: &Application, show_pan: bool, values: &mut Values) -> Value {
    let scheme = application.aid.as_ref().map(tapcard_emv::Aid::scheme);
    let objects: Vec<_> = application
        .objects
        .iter()
        .map(|object| {
            let shown = values.object(object.tag, &object.value, scheme);
            json!({
                "tag": object.tag.to_string(),
                "name": shown.name,
                "hex": shown.hex,
                "value": shown.text,
                "from": object.from.to_string(),
            })
        })
        .collect();
    let second = application.electronic_cash.get(1).and_then(|cash| cash.currency);
    let first = application.electronic_cash.first().and_then(|cash| cash.currency);
    json!({
        "aid": application.aid.as_ref().map(ToString::to_string),
        "label": application.label,
        "preferred_name": application.preferred_name,
        "priority": application.priority,
        "scheme": application.scheme,
        "pan": application.pan.as_ref().map(|number| pan(number, show_pan)),
        "psn": application.psn.map(|number| format!("{number:02}")),
        "expiry": application.expiry.map(date),
        "effective": application.effective.map(date),
        "cardholder": application.cardholder,
        "service_code": application.service_code,
        "country": application.country,
        "currency": currency_name(application.currency.as_ref().and_then(|number| number.parse().ok())),
        "track2_pan_matches": application.track2_pan_matches,
        "aip": application.aip.map(aip),
        "afl": application.afl.as_ref().map(hex::encode_upper),
        "atc": application.atc,
        "last_online_atc": application.last_online_atc,
        "pin_tries_left": application.pin_tries_left,
        "state": state(application.state),
        "electronic_cash": application.electronic_cash.iter().map(cash).collect::<Vec<_>>(),
        "purse": application.purse.as_ref().map(|one| purse::json(one, show_pan, values)),
        "transactions": transactions(application, values),
        "loads": application.loads.iter().map(|one| load(one, first, second, values)).collect::<Vec<_>>(),
        "oda": oda(application),
        "objects": objects,
    })
}

/// An account number as it may be shown.
pub(crate) fn pan(pan: &Pan, show: bool) -> String {
    if show { pan.reveal().to_owned() } else { pan.to_string() }
}

/// The word for a state.
pub(crate) const fn state(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Active => "active",
        ApplicationState::Blocked => "blocked",
        ApplicationState::Unknown => "unknown",
    }
}

fn date(date: Date) -> String {
    date.to_string()
}

fn time(time: Time) -> String {
    time.to_string()
}

fn aip(octets: [u8; 2]) -> Value {
    let aip = Aip::new(octets);
    json!({"hex": aip.to_string(), "means": aip.means().collect::<Vec<_>>()})
}

fn cash(cash: &ElectronicCash) -> Value {
    json!({
        "currency": currency_name(cash.currency),
        "balance": amount(cash.balance, cash.currency),
        "balance_limit": amount(cash.balance_limit, cash.currency),
        "single_limit": amount(cash.single_limit, cash.currency),
        "reset_threshold": amount(cash.reset_threshold, cash.currency),
    })
}

fn transactions(application: &Application, values: &mut Values) -> Vec<Value> {
    let purse = application.purse.as_ref();
    application.transactions.iter().map(|one| transaction(one, purse, values)).collect()
}

fn transaction(record: &Transaction, purse: Option<&Purse>, values: &mut Values) -> Value {
    let mut members = json!({
        "date": record.date.map(date),
        "time": record.time.map(time),
        "amount": amount(record.amount, record.currency),
        "currency": currency_name(record.currency),
        "country": record.country.map(|number| format!("{number:03}")),
        "merchant": record.merchant,
        "type": record.kind.map(|kind| format!("{kind:02X}")),
        "atc": record.atc,
        "raw": values.raw(&record.raw),
    });
    // What only the log of a purse has.
    if let (Value::Object(members), Some(sequence), Some(purse)) = (&mut members, record.sequence, purse) {
        let terminal = record.terminal.as_ref().map(|terminal| purse::terminal(terminal, purse, values));
        members.insert("sequence".to_owned(), json!(sequence));
        members.insert("terminal".to_owned(), json!(terminal));
        members.insert("movement".to_owned(), json!(record.movement.map(Movement::name)));
    }
    members
}

fn load(record: &Load, first: Option<u16>, second: Option<u16>, values: &mut Values) -> Value {
    let currency = load_currency(record.object, first, second);
    json!({
        "object": record.object.to_string(),
        "before": amount(Some(record.before), currency),
        "after": amount(Some(record.after), currency),
        "date": record.date.map(date),
        "atc": record.atc,
        "raw": values.raw(&record.raw),
    })
}

/// The currency of a load: the object that was written belongs to one of the two.
pub(crate) fn load_currency(object: Tag, first: Option<u16>, second: Option<u16>) -> Option<u16> {
    if SECOND_CURRENCY.contains(&object.get()) { second } else { first }
}

/// Which offline data authentication the card offers; this version reads and does not verify.
fn oda(application: &Application) -> Value {
    let aip = application.aip.map(Aip::new);
    let method = match aip {
        Some(aip) if aip.cda() => "CDA",
        Some(aip) if aip.dda() => "DDA",
        Some(aip) if aip.sda() => "SDA",
        _ => "none",
    };
    let reason = match (aip, method) {
        (None, _) => "aip_not_read",
        (Some(_), "none") => "not_offered_by_card",
        _ => "not_supported",
    };
    let index = application.objects.iter().find(|object| object.tag == tag::CA_PUBLIC_KEY_INDEX);
    let ca = application
        .aid
        .as_ref()
        .zip(index.filter(|_| method != "none"))
        .map(|(aid, index)| json!({"rid": aid.rid().to_string(), "index": hex::encode_upper(&index.value)}));
    json!({"method": method, "result": "not_performed", "reason": reason, "ca": ca})
}

fn warnings(warnings: &[Warning]) -> Vec<Value> {
    let warnings = warnings.iter();
    warnings.map(|one| json!({"code": one.code, "message": one.message, "at": one.at})).collect()
}
