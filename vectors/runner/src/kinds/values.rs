//! Members that speak of the value of one data object: by its tag, decoded as the member's form asks for. Used by
//! `tlv-values` and by the tags in `expect` of a transcript.

use serde_json::{Map, Value, json};
use tapcard_emv::amount::Amount;
use tapcard_emv::pboc::LogEntry;
use tapcard_emv::{Dol, Format, Scheme, lookup_for, tag};
use tapcard_iso7816::{Command, Tag, Tlvs};
use tapcard_report::text::decode_text;

use super::iad;
use crate::json;

/// All values of a tag in what was decoded, in the order met.
pub(super) type Values<'v> = dyn Fn(Tag) -> Vec<&'v [u8]> + 'v;

/// Octets of the MAC at the end of a PBOC script command (JR/T 0025.5).
const SCRIPT_MAC: usize = 4;

/// What was found for a member, one entry for each occurrence. `None`: no such member is defined.
pub(super) fn found(member: &str, expected: &Value, values: &Values<'_>) -> Option<Vec<Value>> {
    let each = |tag, decode: fn(&[u8]) -> Option<Value>| values(tag).into_iter().filter_map(decode).collect();
    Some(match member {
        "pdol" => each(tag::PDOL, dol),
        "log_record_length" => each(tag::LOG_FORMAT, |value| Some(json!(Dol::new(value).total_length().ok()?))),
        "log_entry_9F4D" => each(tag::LOG_ENTRY, log_entry),
        "load_log_entry_DF4D" => each(tag::LOAD_LOG_ENTRY, log_entry),
        "iad" => values(tag::IAD).into_iter().filter_map(|value| iad::shown(value, expected)).collect(),
        "commands" => vec![values(tag::ISSUER_SCRIPT_COMMAND).into_iter().map(json::hex).collect()],
        "first" => put_data(values, 0),
        "second" => put_data(values, 1),
        _ => return by_tag(member, expected, values),
    })
}

/// `<tag>`, `<tag>_fen`, `<tag>_ascii`.
fn by_tag(member: &str, expected: &Value, values: &Values<'_>) -> Option<Vec<Value>> {
    let (tag, form) = member.split_once('_').map_or((member, None), |(tag, form)| (tag, Some(form)));
    // Tags are upper case in the format; this keeps a word such as `dad` from being one.
    let tag: Tag = tag.parse().ok().filter(|found: &Tag| found.to_string() == tag)?;
    let decoded = |value: &[u8]| match form {
        None => plain(expected, value),
        Some("fen") => minor_units(tag, value),
        Some("ascii") => value.is_ascii().then(|| json!(String::from_utf8_lossy(value))),
        Some(_) => None,
    };
    matches!(form, None | Some("fen" | "ascii")).then(|| values(tag).into_iter().filter_map(decoded).collect())
}

/// A value in the form of what is expected: octets, text, a list, a template.
fn plain(expected: &Value, value: &[u8]) -> Option<Value> {
    match expected {
        Value::Array(_) => dol(value),
        Value::Object(members) => template(members, value),
        Value::String(_) if json::octets(expected).is_none() => Some(json!(decode_text(value, None))),
        _ => Some(json::hex(value)),
    }
}

/// Only the children that the case names; the first of each tag.
fn template(expected: &Map<String, Value>, value: &[u8]) -> Option<Value> {
    let children: Vec<_> = Tlvs::new(value).collect::<Result<_, _>>().ok()?;
    let first = |tag| children.iter().filter(|child| child.tag == tag).map(|child| child.value).take(1).collect();
    let member = |(name, expected): (&String, &Value)| {
        let found = found(name, expected, &first).and_then(|found| found.into_iter().next());
        (name.clone(), found.unwrap_or(Value::Null))
    };
    Some(Value::Object(expected.iter().map(member).collect()))
}

fn dol(value: &[u8]) -> Option<Value> {
    let entries = Dol::new(value).iter().map(|entry| entry.map(|entry| json!([entry.tag.to_string(), entry.length])));
    entries.collect::<Result<_, _>>().ok().map(Value::Array)
}

fn log_entry(value: &[u8]) -> Option<Value> {
    let entry = LogEntry::parse(value).ok()?;
    Some(json!({"sfi": entry.sfi.get(), "records": entry.records}))
}

/// An amount by the format that the dictionary gives the tag on a PBOC card.
fn minor_units(tag: Tag, value: &[u8]) -> Option<Value> {
    let amount = match lookup_for(tag, Scheme::UnionPay)?.format {
        Format::N => Amount::from_bcd(value).ok()?,
        _ => Amount::from_binary(value).ok()?,
    };
    Some(json!(amount.minor()))
}

/// One of the script commands as PUT DATA with secure messaging: tag in P1-P2, n12 value, MAC (JR/T 0025.5; EMV 4.4
/// Book 3, 6.5 for the class with b4-b3).
fn put_data(values: &Values<'_>, index: usize) -> Vec<Value> {
    let commands = values(tag::ISSUER_SCRIPT_COMMAND);
    let shown = commands.get(index).and_then(|command| {
        let command = Command::parse(command).ok()?;
        let (value, mac) = command.data().split_at_checked(command.data().len().checked_sub(SCRIPT_MAC)?)?;
        let tag = Tag::new(u32::from(u16::from_be_bytes([command.p1(), command.p2()])));
        Some(json!({"tag": tag.to_string(), "value_fen": minor_units(tag, value), "mac4": json::hex(mac)}))
    });
    shown.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECTS: &[(u32, &[u8])] = &[
        (0x50, b"CB"),
        (0x50, b"VISA"),
        (0x9F79, &[0, 0, 0, 0, 0x37, 0x80]),
        (0x81, &[0, 0, 0x03, 0x20]),
        (0x9F38, &[0x9F, 0x1A, 0x02, 0x95, 0x05]),
        (0xBF0C, &[0x9F, 0x4D, 0x02, 0x0B, 0x0A]),
    ];

    fn look_up(member: &str, expected: &Value) -> Option<Vec<Value>> {
        let values =
            |tag: Tag| OBJECTS.iter().filter(|(number, _)| tag.get() == *number).map(|(_, value)| *value).collect();
        found(member, expected, &values)
    }

    #[test]
    fn the_form_of_the_expectation_says_how_a_value_is_decoded() {
        for (member, expected, found) in [
            ("9F79", json!("000000003780"), json!("000000003780")),
            ("9F79_fen", json!(0), json!(3780)),
            ("81_fen", json!(0), json!(800)),
            ("9F38", json!([]), json!([["9F1A", 2], ["95", 5]])),
            ("pdol", json!([]), json!([["9F1A", 2], ["95", 5]])),
            ("BF0C", json!({"9F4D": ""}), json!({"9F4D": "0B0A"})),
            (
                "BF0C",
                json!({"log_entry_9F4D": {}, "DF4D": ""}),
                json!({"log_entry_9F4D": {"sfi": 11, "records": 10}, "DF4D": null}),
            ),
        ] {
            assert_eq!(look_up(member, &expected), Some(vec![found]), "{member}");
        }
    }

    #[test]
    fn every_occurrence_is_found_as_text_where_text_is_expected() {
        assert_eq!(look_up("50", &json!("Visa")), Some(vec![json!("CB"), json!("VISA")]));
        assert_eq!(look_up("50_ascii", &json!("CB")), Some(vec![json!("CB"), json!("VISA")]));
    }

    #[test]
    fn what_is_no_tag_and_no_known_form_is_no_member() {
        for member in ["shoe_size", "9f79", "9F", "9F79_yen", "", "_fen"] {
            assert_eq!(look_up(member, &Value::Null), None, "{member}");
        }
        assert_eq!(look_up("9F6C", &Value::Null), Some(vec![]), "a tag that was not met");
    }
}
