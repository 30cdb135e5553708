//! `card-image`: the octets that a program kept of a purse of KS X 6924, decoded as if the card had answered them.

use serde_json::{Map, Value, json};
use tapcard_emv::Date;
use tapcard_emv::purse::Movement;
use tapcard_report::{Purse, PurseRecord, Session};
use tapcard_transport::{CardInfo, Interface};

use crate::cases::Case;
use crate::json;
use crate::outcome::{Comparison, Outcome};

/// Seconds by which the clock in Seoul is ahead of UTC.
const SEOUL: i64 = 9 * 3600;
/// The file of log records.
const LOG: u8 = 4;

pub(super) fn run(case: &Case<'_>) -> Outcome {
    let Some(expect) = case.body.get("expect").and_then(Value::as_object) else {
        return Outcome::unusable("`expect` is no object");
    };
    let Some(exchanges) = case.body.get("application").and_then(exchanges) else {
        return Outcome::unusable("`application` has no `appName`, `appFci`, `balance` or files");
    };
    let info = CardInfo { reader: "image".into(), interface: Interface::Contactless, atr: None, uid: None };
    let mut session = Session::new(info);
    for (command, answer) in &exchanges {
        session.exchange(command, answer);
    }
    let report = session.finish();
    let Some(purse) = report.applications.iter().find_map(|application| application.purse.as_ref()) else {
        return Outcome::unusable("no purse has this name");
    };
    compare(expect, purse)
}

/// The image as a session: SELECT, GET BALANCE, and READ RECORD of every record.
fn exchanges(application: &Value) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let generic = application.get("generic")?;
    let name = generic.get("appName").and_then(json::octets)?;
    let length = u8::try_from(name.len()).ok()?;
    let mut found = vec![
        ([&[0x00, 0xA4, 0x04, 0x00, length][..], &name, &[0x00]].concat(), good(generic.get("appFci")?)?),
        (vec![0x90, 0x4C, 0x00, 0x00, 0x04], good(application.get("balance")?)?),
    ];
    for (selector, file) in generic.get("files")?.as_object()? {
        let Some(sfi) = sfi(selector, &name) else { continue };
        let records = file.get("records").and_then(Value::as_object).into_iter().flatten();
        for (number, record) in records {
            found.push((vec![0x00, 0xB2, number.parse().ok()?, sfi << 3 | 0x04, 0x00], good(record)?));
        }
    }
    Some(found)
}

/// The SFI of `#name:sfi`, if the name is that of the application.
fn sfi(selector: &str, name: &[u8]) -> Option<u8> {
    let (of, sfi) = selector.strip_prefix('#')?.split_once(':')?;
    let same = hex::decode(of).is_ok_and(|of| of == name);
    sfi.parse().ok().filter(|sfi| same && (1..=30).contains(sfi))
}

/// The octets with 9000 behind them.
fn good(value: &Value) -> Option<Vec<u8>> {
    Some([&json::octets(value)?[..], &[0x90, 0x00]].concat())
}

fn compare(expect: &Map<String, Value>, purse: &Purse) -> Outcome {
    let mut comparison = Comparison::default();
    for (member, expected) in expect {
        let found = match member.as_str() {
            "balance" => json!(purse.balance),
            "currency" => json!(tapcard_report::currency::alpha(purse.currency)),
            "serial" => json!(purse.serial),
            "valid_from_days_since_epoch" => json!(purse.valid_from.and_then(days)),
            "valid_to_days_since_epoch" => json!(purse.valid_to.and_then(days)),
            "trips" => purse.log.iter().filter(|record| record.file.get() == LOG).map(trip).collect(),
            _ => {
                comparison.leave_out(member, None);
                continue;
            }
        };
        if json::same(expected, &found) {
            comparison.equal();
        } else {
            comparison.differs(member, expected.clone(), found);
        }
    }
    comparison.finish()
}

fn trip(record: &PurseRecord) -> Value {
    let fare = record.amount.and_then(|amount| i64::try_from(amount).ok());
    let credit = record.movement.is_credit();
    json!({
        "time_ms": time_ms(record),
        "fare": fare.map(|fare| if credit { -fare } else { fare }),
        "mode": if record.movement == Movement::Load { "TICKET_MACHINE" } else { "OTHER" },
        "balance_after": record.balance_after,
    })
}

/// Unix milliseconds of a clock in Seoul.
fn time_ms(record: &PurseRecord) -> Option<i64> {
    let (day, time) = (days(record.date?)?, record.time?);
    let second = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    Some((day * 86_400 + second - SEOUL) * 1000)
}

/// Days since 1970-01-01 in the Gregorian calendar, counted by whole years and months.
fn days(date: Date) -> Option<i64> {
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    // Years begin in March here, so that a leap day is the last day of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    // Five months from March on have 153 days.
    let before = 365 * year + leap_days + (153 * month + 2) / 5;
    Some(before + i64::from(date.day()?) - 1 - EPOCH)
}

/// The same count for 1970-01-01.
const EPOCH: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::super::tests::{outcomes, status};
    use super::*;
    use crate::summary::Status;

    fn image(expect: &Value) -> Value {
        json!({
            "kind": "card-image",
            "application": {
                "generic": {
                    "appName": "d4100000030001",
                    "appFci": "6f31b02f0010010810100300001234560319835994201607272021072601000007a120d0000000000000000000000000000000",
                    "files": {"#d4100000030001:4": {"records": {
                        "1": "012c000044f200000008000034bc07200900200191370003b5422016121111262700000000000000000000000000",
                    }}, "#d4100000030001:1": {"fci": ""}, ":df00": {"fci": "00"}},
                },
                "balance": "000044f2",
            },
            "expect": expect,
        })
    }

    #[test]
    fn days_are_counted_from_1970() {
        let days = |year, month, day| days(Date::new(year, month, Some(day)).unwrap());
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(days(1969, 12, 31), Some(-1));
        assert_eq!(days(2000, 2, 29), Some(11_016));
        assert_eq!(days(2016, 7, 27), Some(17_009));
        assert_eq!(super::days(Date::new(2016, 7, None).unwrap()), None);
    }

    #[test]
    fn an_image_is_decoded_like_a_card() {
        let trip = json!({"time_ms": 1_481_423_187_000i64, "fare": 13_500, "mode": "OTHER", "balance_after": 17_650});
        let expect = json!({"balance": 17_650, "serial": "1010 0300 0012 3456", "currency": "KRW", "trips": [trip]});
        assert_eq!(status(&image(&expect)), Status::Passed);
        let run = outcomes(&image(&json!({"balance": 1}))).pop().unwrap().1;
        assert_eq!((run.status(), run.found), (Status::Failed, Some(json!({"balance": 17_650}))));
    }

    #[test]
    fn what_is_no_image_fails_and_what_is_not_defined_is_left_out() {
        assert_eq!(status(&json!({"kind": "card-image", "application": {}, "expect": {}})), Status::Failed);
        assert_eq!(status(&image(&json!({"shoe_size": 43}))), Status::Unsupported);
    }
}
