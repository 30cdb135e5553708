//! Members of `expect` that speak of the value of one data object: all of `tlv-values`, some of a transcript.

use anyhow::{Context, Result, bail};
use encoding_rs::GBK;
use serde_json::{Map, Value};

use crate::iad;
use crate::rust::{entry, list, literal, octets_in, slice, tag, text_in};

const PDOL: u32 = 0x9F38;
const IAD: u32 = 0x9F10;
const LOG_ENTRY: u32 = 0x9F4D;
const LOG_FORMAT: u32 = 0x9F4F;
const LOAD_LOG_ENTRY: u32 = 0xDF4D;

/// Every member of `expect`; one that is not known is an error.
pub(crate) fn expected(case: &Value) -> Result<String> {
    members(case.get("expect").and_then(Value::as_object).context("`expect` is no object")?)
}

fn members(expect: &Map<String, Value>) -> Result<String> {
    let each = |(name, value): (&String, &Value)| {
        member(name, value).and_then(|found| found.context("unknown member")).with_context(|| format!("`{name}`"))
    };
    Ok(slice(&expect.iter().map(each).collect::<Result<Vec<_>>>()?))
}

/// One member; `None` when it is none of those that this file is about.
pub(crate) fn member(name: &str, value: &Value) -> Result<Option<String>> {
    let want = match name {
        "pdol" => by_tag(PDOL, &form(value)?),
        "iad" => by_tag(IAD, &form_of(value, iad::form)?),
        "log_entry_9F4D" => by_tag(LOG_ENTRY, &form_of(value, log_entry)?),
        "load_log_entry_DF4D" => by_tag(LOAD_LOG_ENTRY, &form_of(value, log_entry)?),
        "log_record_length" => by_tag(LOG_FORMAT, &format!("Form::ListOctets({})", number(value)?)),
        "commands" => format!("Want::Commands({})", list(value, command)?),
        "first" => put_data(0, value)?,
        "second" => put_data(1, value)?,
        _ => match tagged(name, value)? {
            Some(want) => want,
            None => return Ok(None),
        },
    };
    Ok(Some(format!("Member {{ name: {name:?}, want: {want} }}")))
}

/// `<tag>`, `<tag>_fen`, `<tag>_ascii`.
fn tagged(name: &str, value: &Value) -> Result<Option<String>> {
    let (tag_text, suffix) = name.split_once('_').map_or((name, None), |(tag, form)| (tag, Some(form)));
    let Ok(tag) = tag(tag_text) else { return Ok(None) };
    let form = match suffix {
        _ if value.is_null() => "Form::Absent".into(),
        None => form(value)?,
        Some("fen") => format!("Form::Number({})", number(value)?),
        Some("ascii") => format!("Form::Octets({})", literal(value.as_str().context("no text")?.as_bytes())),
        Some(_) => return Ok(None),
    };
    Ok(Some(by_tag(tag, &form)))
}

pub(crate) fn by_tag(tag: u32, form: &str) -> String {
    format!("Want::Value {{ tag: 0x{tag:X}, form: {form} }}")
}

/// The form of the expectation says how the value is read.
fn form(value: &Value) -> Result<String> {
    Ok(match value {
        Value::Null => "Form::Absent".into(),
        Value::Array(_) => format!("Form::List({})", list(value, pair)?),
        Value::Object(children) => format!("Form::Template({})", members(children)?),
        Value::String(text) => match hex::decode(text) {
            Ok(octets) => format!("Form::Octets({})", literal(&octets)),
            Err(_) => format!("Form::Text({})", literal(&encoded(text)?)),
        },
        Value::Bool(_) | Value::Number(_) => bail!("neither octets nor text, list or template"),
    })
}

fn pair(value: &Value) -> Result<String> {
    match value.as_array().map(Vec::as_slice) {
        Some([tag, length]) => entry(tag, length),
        _ => bail!("no pair of tag and length"),
    }
}

fn form_of(value: &Value, form: fn(&Map<String, Value>) -> Result<String>) -> Result<String> {
    form(value.as_object().context("no object")?)
}

/// Text as a card codes it: ISO 8859-1, and GBK where that does not do. The board has no tables of characters, so it
/// compares octets.
fn encoded(text: &str) -> Result<Vec<u8>> {
    if let Ok(octets) = text.chars().map(u8::try_from).collect() {
        return Ok(octets);
    }
    match GBK.encode(text) {
        (octets, _, false) => Ok(octets.into_owned()),
        _ => bail!("no GBK for `{text}`"),
    }
}

fn log_entry(members: &Map<String, Value>) -> Result<String> {
    let number = |name| number(members.get(name).unwrap_or(&Value::Null)).with_context(|| format!("`{name}`"));
    Ok(format!("Form::LogEntry {{ sfi: {}, records: {} }}", number("sfi")?, number("records")?))
}

fn put_data(index: usize, value: &Value) -> Result<String> {
    let tag = tag(text_in(value, "tag")?)?;
    let fen = number(value.get("value_fen").unwrap_or(&Value::Null))?;
    let mac = literal(&octets_in(value, "mac4")?);
    Ok(format!("Want::PutData {{ index: {index}, tag: 0x{tag:X}, fen: {fen}, mac: {mac} }}"))
}

fn command(value: &Value) -> Result<String> {
    Ok(literal(&hex::decode(value.as_str().context("no text")?)?))
}

pub(crate) fn number(value: &Value) -> Result<u64> {
    value.as_u64().context("no number")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn want(name: &str, value: &Value) -> String {
        let text = member(name, value).unwrap().unwrap();
        text.replace(&format!("Member {{ name: {name:?}, want: "), "")
            .replace("Want::Value ", "")
            .trim_end_matches(" }")
            .into()
    }

    #[test]
    fn the_form_of_the_expectation_says_how_a_value_is_read() {
        for (name, value, expected) in [
            ("9F6C", json!("3000"), r#"{ tag: 0x9F6C, form: Form::Octets(b"\x30\x00")"#),
            ("9F79_fen", json!(15000), "{ tag: 0x9F79, form: Form::Number(15000)"),
            ("9F74_ascii", json!("EC"), r#"{ tag: 0x9F74, form: Form::Octets(b"\x45\x43")"#),
            ("9F79_fen", json!(null), "{ tag: 0x9F79, form: Form::Absent"),
            ("5F20", json!("银"), r#"{ tag: 0x5F20, form: Form::Text(b"\xD2\xF8")"#),
            ("5F20", json!("é"), r#"{ tag: 0x5F20, form: Form::Text(b"\xE9")"#),
            ("pdol", json!([["9F7A", 1]]), "{ tag: 0x9F38, form: Form::List(&[(0x9F7A, 1)])"),
            ("log_record_length", json!(45), "{ tag: 0x9F4F, form: Form::ListOctets(45)"),
            ("commands", json!(["04DA"]), r#"Want::Commands(&[b"\x04\xDA"])"#),
        ] {
            assert_eq!(want(name, &value), expected);
        }
    }

    #[test]
    fn children_of_a_template_are_members_again() {
        let template = want("BF0C", &json!({"DF61": "42"}));
        assert!(template.contains(r#"Form::Template(&[Member { name: "DF61""#), "{template}");
    }

    #[test]
    fn what_is_no_member_here_stops_the_generator_in_tlv_values_only() {
        assert_eq!(member("shoe_size", &json!(43)).unwrap(), None);
        let error = expected(&json!({"expect": {"shoe_size": 43}})).unwrap_err();
        assert_eq!(format!("{error:#}"), "`shoe_size`: unknown member");
    }
}
