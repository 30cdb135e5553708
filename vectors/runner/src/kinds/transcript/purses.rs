//! Members that a purse keeps in files of its own and behind commands of its own.

use serde_json::{Map, Value, json};
use tapcard_emv::purse::Vehicle;
use tapcard_emv::{Date, Time, tag};
use tapcard_report::{Purse, PurseFile, PurseRecord, PurseRegister, PurseTrip};
use tapcard_terminal::Place;

use super::judge::Judge;
use crate::json;

/// Members that this module compares.
pub(super) const MEMBERS: &[&str] = &[
    "purse",
    "purse_balance_minor",
    "purse_currency",
    "displayed_balance_fen",
    "balance_p1_00_fen",
    "balance_p1_01_fen",
    "balance_raw",
    "ext_balance_p1_05",
    "fci_9F0C",
    "file15",
    "log18",
    "trip1E",
    "serial",
    "valid_from",
    "valid_to",
    "city",
    "version_bytes_8_10",
    "file05",
    "dir",
];

/// SFI of file 0015.
const FILE_15: u8 = 0x15;
/// SFI of file 0018.
const LOG: u8 = 0x18;

/// Compares one of [`MEMBERS`].
pub(super) fn check(judge: &mut Judge<'_>, member: &str, expected: &Value) {
    let purses = judge.evidence.purses();
    let found: Vec<Value> = match member {
        "purse" => purses.map(|purse| json!(purse.kind.name())).collect(),
        "purse_balance_minor" | "displayed_balance_fen" => {
            purses.filter_map(|purse| purse.balance).map(|balance| json!(balance)).collect()
        }
        "purse_currency" => purses.map(|purse| json!(format!("{:04}", purse.currency))).collect(),
        "balance_p1_00_fen" => purses.flat_map(|purse| amounts(purse, 0)).collect(),
        "balance_p1_01_fen" => purses.flat_map(|purse| amounts(purse, 1)).collect(),
        "balance_raw" => {
            purses.flat_map(|purse| &purse.registers).map(|register| json::hex(&register.octets)).collect()
        }
        "ext_balance_p1_05" => {
            let extended = purses.flat_map(|purse| registers(purse, 5)).map(extended_register);
            extended.map(|found| only_facts(expected, &found)).collect()
        }
        "fci_9F0C" => public(purses, expected, |file| file.from == Place::Fci),
        "file15" => public(purses, expected, |file| file.sfi.get() == FILE_15),
        "log18" => lists(purses.map(|purse| records(purse, expected))),
        "trip1E" => lists(purses.map(|purse| purse.trips.iter().map(trip).collect())),
        "serial" => purses.filter_map(|purse| purse.serial.as_ref()).map(|serial| json!(serial)).collect(),
        "valid_from" => purses.filter_map(|purse| purse.valid_from).map(day).collect(),
        "valid_to" => purses.filter_map(|purse| purse.valid_to).map(day).collect(),
        "city" => purses.filter_map(|purse| purse.city.as_deref()).map(json::hex).collect(),
        "version_bytes_8_10" => {
            purses.filter_map(|purse| purse.application_version.as_deref()).map(json::hex).collect()
        }
        "file05" => purses.filter_map(|purse| purse.trip_count).map(trip_count).collect(),
        "dir" => vec![directory(judge)],
        _ => return judge.unknown(member),
    };
    if member == "ext_balance_p1_05" {
        let facts = expected.as_object().map_or(Value::Null, |members| only_facts(expected, members));
        return judge.one_of(member, &facts, found);
    }
    judge.one_of(member, expected, found);
}

fn registers(purse: &Purse, number: u8) -> impl Iterator<Item = &PurseRegister> {
    purse.registers.iter().filter(move |register| register.number == number)
}

fn amounts(purse: &Purse, number: u8) -> impl Iterator<Item = Value> {
    registers(purse, number).map(|register| json!(register.amount))
}

/// The sixteen octets of T-Union's register 5.
fn extended_register(register: &PurseRegister) -> Map<String, Value> {
    let behind = register.octets.get(4..8).map(json::hex);
    members([("bytes0_4_balance_fen", json!(register.amount)), ("bytes4_8", json!(behind))])
}

/// What is named, without notes.
fn only_facts(expected: &Value, found: &Map<String, Value>) -> Value {
    match json::only_named(expected, found) {
        Value::Object(members) => members.into_iter().filter(|(name, _)| !name.ends_with("_meaning")).collect(),
        other => other,
    }
}

/// Public data, if they came from a file that `wanted` means.
fn public<'p>(
    purses: impl Iterator<Item = &'p Purse>,
    expected: &Value,
    wanted: impl Fn(&PurseFile) -> bool,
) -> Vec<Value> {
    let with_file = purses.filter_map(|purse| Some((purse, purse.files.iter().find(|file| wanted(file))?)));
    with_file.map(|(purse, file)| json::only_named(expected, &public_data(purse, file))).collect()
}

fn public_data(purse: &Purse, file: &PurseFile) -> Map<String, Value> {
    let hex = |octets: &Option<Vec<u8>>| json!(octets.as_deref().map(json::hex));
    members([
        ("issuer", hex(&purse.issuer)),
        ("app_type", hex(&purse.application_type)),
        ("app_version", hex(&purse.application_version)),
        ("serial_20_digits", hex(&purse.serial_octets)),
        ("serial_le_u32", json!(purse.serial_number)),
        ("valid_from", json!(purse.valid_from.map(day))),
        ("valid_to", json!(purse.valid_to.map(day))),
        ("tail", hex(&purse.issuer_data)),
        ("length", json!(file.octets.len())),
    ])
}

fn trip_count((flag, count): (u8, u32)) -> Value {
    json!({"flag": flag, "count_bytes_1_4_be": count})
}

/// The lists that have anything in them, or one that is empty: of two purses in one DF only one has the log.
fn lists(lists: impl Iterator<Item = Value>) -> Vec<Value> {
    let found: Vec<_> = lists.filter(|list| list.get(0).is_some()).collect();
    if found.is_empty() { vec![json!([])] } else { found }
}

/// The main log, every record with the members that the first expected one names; `type` as the card has it.
fn records(purse: &Purse, expected: &Value) -> Value {
    let form = expected.get(0).unwrap_or(&Value::Null);
    let main = purse.log.iter().filter(|record| record.file.get() == LOG);
    let shown = main.map(|record| {
        let mut members = shown(record, purse.currency);
        members.insert("type".to_owned(), json::hex(&[record.kind]));
        json::only_named(form, &members)
    });
    shown.collect()
}

/// A log record under every name that cases have for its fields.
pub(super) fn shown(record: &PurseRecord, currency: u16) -> Map<String, Value> {
    let month_day = record.month_day.map(|(month, day)| format!("{month:02}-{day:02}"));
    members([
        ("sequence", json!(record.sequence)),
        ("overdraft_or_rfu", json!(record.overdraft.as_deref().map(json::hex))),
        ("amount_fen", json!(record.amount)),
        ("amount_minor", json!(record.amount)),
        ("balance_after_minor", json!(record.balance_after)),
        ("currency_numeric", json!(format!("{currency:04}"))),
        ("type", json!(record.movement.name().to_ascii_uppercase())),
        ("type_code", json::hex(&[record.kind])),
        ("terminal", json::hex(&record.terminal)),
        ("datetime", json!(date_time(record.date, record.time))),
        ("date", json!(record.date.map(|date| date.to_string()))),
        ("month_day", json!(month_day)),
        ("time", json!(record.time.map(|time| time.to_string()))),
        ("vehicle", json!(record.vehicle.map(Vehicle::name))),
        ("sfi", json!(record.file.get())),
    ])
}

fn trip(trip: &PurseTrip) -> Value {
    json!({
        "type": json::hex(&[trip.code]),
        "terminal": json::hex(&trip.terminal),
        "subtype": json::hex(&[trip.vehicle_code]),
        "line_station": json::hex(&trip.line_station),
        "amount_fen": trip.amount,
        "balance_fen": trip.balance_after,
        "datetime": date_time(trip.date, trip.time),
        "city": json::hex(&trip.city),
        "acquirer": json::hex(&trip.acquirer),
        "reserved": json::hex(&trip.reserved),
    })
}

/// YYYYMMDD, or YYYYMM of a month.
fn day(date: Date) -> Value {
    json!(date.to_string().replace('-', ""))
}

/// YYYYMMDDHHMMSS.
fn date_time(date: Option<Date>, time: Option<Time>) -> Option<String> {
    Some(format!("{}{}", date?, time?).replace(['-', ':'], ""))
}

/// An entry of the card's directory file: 4F, and 50 as octets.
fn directory(judge: &Judge<'_>) -> Value {
    let first = |tag| judge.evidence.octets(tag).into_iter().next();
    json!({"aid": first(tag::ADF_NAME), "label_50": first(tag::APPLICATION_LABEL)})
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
