//! Electronic purses, for people and for scripts.

use serde_json::{Value, json};
use tapcard_emv::Pan;
use tapcard_emv::purse::{Vehicle, by_kind, city_name};
use tapcard_report::currency::format_balance;
use tapcard_report::{Purse, PurseBalance, PurseRecord, PurseTrip};

use super::or_dash;
use super::sheet::validity;
use super::table::Table;
use super::text::Style;
use super::value::{Values, currency_name};
use crate::lang::{Lang, Msg};

/// The member `purse` of an application.
pub(crate) fn json(purse: &Purse, show_pan: bool, values: &mut Values) -> Value {
    json!({
        "kind": purse.kind.code(),
        "name": purse.kind.name(),
        "serial": serial(purse, show_pan),
        "balance": purse.balance.map(|balance| format_balance(balance, purse.exponent)),
        "currency": currency_name(Some(purse.currency)),
        "valid_from": purse.valid_from.map(|date| date.to_string()),
        "valid_to": purse.valid_to.map(|date| date.to_string()),
        "city": purse.city.as_ref().map(hex::encode_upper),
        "city_name": purse.city.as_deref().and_then(city_name),
        "issuer": purse.issuer.as_ref().map(hex::encode_upper),
        "application_type": purse.application_type.as_ref().map(hex::encode_upper),
        "application_version": purse.application_version.as_ref().map(hex::encode_upper),
        "trip_count": purse.trip_count.map(|(_, count)| count),
        "registers": purse.registers.iter().map(|register| json!({
            "number": register.number,
            "amount": amount(register.amount, purse),
            "raw": hex::encode_upper(&register.octets),
        })).collect::<Vec<_>>(),
        "log": purse.log.iter().map(|record| json_record(record, purse, values)).collect::<Vec<_>>(),
        "trips": purse.trips.iter().map(|trip| json_trip(trip, purse, values)).collect::<Vec<_>>(),
    })
}

fn json_record(record: &PurseRecord, purse: &Purse, values: &mut Values) -> Value {
    json!({
        "file": record.file.get(),
        "sequence": record.sequence,
        "type": format!("{:02X}", record.kind),
        "movement": record.movement.name(),
        "amount": amount(record.amount, purse),
        "balance_after": amount(record.balance_after, purse),
        "terminal": terminal(&record.terminal, purse, values),
        "vehicle": record.vehicle.map(Vehicle::name),
        "date": record.date.map(|date| date.to_string()),
        "month_day": month_day(record),
        "time": record.time.map(|time| time.to_string()),
        "raw": values.raw(&record.raw),
    })
}

fn json_trip(trip: &PurseTrip, purse: &Purse, values: &mut Values) -> Value {
    json!({
        "type": format!("{:02X}", trip.code),
        "kind": trip.kind.name(),
        "vehicle": trip.vehicle.map(Vehicle::name),
        "amount": amount(Some(trip.amount), purse),
        "balance_after": amount(Some(trip.balance_after), purse),
        "terminal": hex::encode_upper(&trip.terminal),
        "line_station": hex::encode_upper(&trip.line_station),
        "city": hex::encode_upper(&trip.city),
        "city_name": city_name(&trip.city),
        "date": trip.date.map(|date| date.to_string()),
        "time": trip.time.map(|time| time.to_string()),
        "raw": values.raw(&trip.raw),
    })
}

/// One entry of `balances`.
pub(crate) fn json_balance(purse: &PurseBalance) -> Value {
    json!({
        "aid": purse.aid.as_ref().map(ToString::to_string),
        "label": purse.label,
        "kind": purse.kind.code(),
        "currency": currency_name(Some(purse.currency)),
        "balance": format_balance(purse.balance, purse.exponent),
        "balance_limit": null,
        "single_limit": null,
        "reset_threshold": null,
    })
}

/// The lines of a sheet, each with its name.
pub(crate) fn facts(purse: &Purse, style: Style) -> Vec<(Msg, String)> {
    let lang = style.lang;
    let balance = purse.balance.map(|balance| format_balance(balance, purse.exponent));
    let balance = balance.map(|balance| format!("{balance} {}", or_dash(currency_name(Some(purse.currency)))));
    let lines = [
        (Msg::Purse, Some(lang.term(purse.kind.name()))),
        (Msg::Balance, balance),
        (Msg::Serial, serial(purse, style.show_pan)),
        (Msg::Valid, validity(purse.valid_from, purse.valid_to, lang)),
        (Msg::City, purse.city.as_deref().map(|code| city(code, lang))),
        (Msg::Issuer, purse.issuer.as_ref().map(hex::encode_upper)),
        (Msg::TripsMade, purse.trip_count.map(|(_, count)| count.to_string())),
    ];
    lines.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
}

/// The log of a purse as a table, without what this card's log never has.
pub(crate) fn log(purse: &Purse, values: &mut Values, style: Style) -> Table {
    let lang = style.lang;
    let heading =
        [Msg::Date, Msg::Time, Msg::Amount, Msg::Balance, Msg::Type, Msg::Number, Msg::Terminal, Msg::Vehicle];
    let mut table = style.table(&heading).right(&[2, 3, 5]);
    for record in &purse.log {
        let sign = if record.movement.is_credit() { "+" } else { "" };
        table.row([
            or_dash(record.date.map(|date| date.to_string()).or_else(|| month_day(record))),
            or_dash(record.time.map(|time| time.to_string())),
            or_dash(amount(record.amount, purse).map(|amount| sign.to_owned() + &amount)),
            or_dash(amount(record.balance_after, purse)),
            format!("{:02X} {}", record.kind, lang.term(record.movement.name())),
            record.sequence.to_string(),
            terminal(&record.terminal, purse, values),
            vehicle(record.vehicle, lang),
        ]);
    }
    table.without_empty_columns()
}

/// The trips of a purse as a table.
pub(crate) fn trips(purse: &Purse, style: Style) -> Table {
    let lang = style.lang;
    let money = [Msg::Date, Msg::Time, Msg::Amount, Msg::Balance];
    let place = [Msg::Type, Msg::Vehicle, Msg::LineStation, Msg::Terminal, Msg::City];
    let mut table = style.table(&[&money[..], &place].concat()).right(&[2, 3]);
    for trip in &purse.trips {
        table.row([
            or_dash(trip.date.map(|date| date.to_string())),
            or_dash(trip.time.map(|time| time.to_string())),
            or_dash(amount(Some(trip.amount), purse)),
            or_dash(amount(Some(trip.balance_after), purse)),
            format!("{:02X} {}", trip.code, lang.term(trip.kind.name())),
            vehicle(trip.vehicle, lang),
            hex::encode_upper(&trip.line_station),
            hex::encode_upper(&trip.terminal),
            city(&trip.city, lang),
        ]);
    }
    table
}

fn vehicle(vehicle: Option<Vehicle>, lang: Lang) -> String {
    or_dash(vehicle.map(|vehicle| lang.term(vehicle.name())))
}

/// The serial number as it may be shown: that of a bank's customer like a PAN.
fn serial(purse: &Purse, show_pan: bool) -> Option<String> {
    if show_pan || !by_kind(purse.kind).account {
        return purse.serial.clone();
    }
    let octets = purse.serial_octets.as_deref()?;
    Some(Pan::from_cn(octets).map_or_else(|_| "*".repeat(2 * octets.len()), |number| number.to_string()))
}

/// A terminal's number; GeldKarte has the number of the merchant's card in its place.
pub(crate) fn terminal(octets: &[u8], purse: &Purse, values: &mut Values) -> String {
    if by_kind(purse.kind).account { values.raw(octets) } else { hex::encode_upper(octets) }
}

fn amount(minor: Option<u64>, purse: &Purse) -> Option<String> {
    minor.map(|minor| tapcard_emv::format_minor(minor, purse.exponent).to_string())
}

/// `MM-DD` of a record that has no year.
fn month_day(record: &PurseRecord) -> Option<String> {
    record.month_day.map(|(month, day)| format!("{month:02}-{day:02}"))
}

fn city(code: &[u8], lang: Lang) -> String {
    let octets = hex::encode_upper(code);
    city_name(code).map_or_else(|| octets.clone(), |name| format!("{octets} ({})", lang.term(name)))
}
