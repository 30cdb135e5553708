//! `transcript`: its exchanges, and what of `expect` can be found in them without a reader.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::members::{self, by_tag, number};
use crate::rust::{list, literal, octets_in, slice};

const EC_BALANCE: u32 = 0x9F79;

/// `Transcript { .. }`.
pub(crate) fn case(id: &str, case: &Value) -> Result<String> {
    let exchanges = list(case.get("exchanges").context("no `exchanges`")?, exchange)?;
    let expect = case.get("expect").and_then(Value::as_object).context("`expect` is no object")?;
    let pboc = case.pointer("/given/selected").and_then(Value::as_str) == Some("pboc");
    let mut taken = Vec::new();
    for (name, value) in expect {
        taken.extend(member(name, value, pboc).with_context(|| format!("`{name}`"))?);
    }
    let left = expect.len() - taken.len();
    let taken = slice(&taken);
    Ok(format!("Transcript {{ id: {id:?}, exchanges: {exchanges}, members: {taken}, left_to_host: {left} }}"))
}

/// `(command, answer, status word)`.
fn exchange(exchange: &Value) -> Result<String> {
    let (command, answer) = (octets_in(exchange, "c")?, octets_in(exchange, "r")?);
    let sw = answer.last_chunk().copied().map(u16::from_be_bytes).context("an answer without status word")?;
    Ok(format!("({}, {}, 0x{sw:04X})", literal(&command), literal(&answer)))
}

/// `None`: left to the runner on the host.
fn member(name: &str, value: &Value, pboc: bool) -> Result<Option<String>> {
    let want = match name {
        "final_sw" | "sw" => format!("Want::LastStatus(0x{:04X})", status(value)?),
        "ext_auth_sw" => format!("Want::ExternalAuthenticate(0x{:04X})", status(value)?),
        "balance_fen" if pboc => by_tag(EC_BALANCE, &format!("Form::Number({})", number(value)?)),
        "log_first" => match first_log_record(value)? {
            Some(want) => want,
            None => return Ok(None),
        },
        _ => return members::member(name, value),
    };
    Ok(Some(format!("Member {{ name: {name:?}, want: {want} }}")))
}

fn status(value: &Value) -> Result<u16> {
    Ok(u16::from_str_radix(value.as_str().context("no text")?, 16)?)
}

/// The newest record of a log that `9F4F` lays out. Another purse's log says its type in words and is laid out otherwise.
fn first_log_record(value: &Value) -> Result<Option<String>> {
    let fields = value.as_object().context("no object")?;
    if fields.get("type").and_then(Value::as_str).is_some_and(|text| hex::decode(text).is_err()) {
        return Ok(None);
    }
    Ok(Some(format!("Want::FirstLogRecord({})", log_fields(fields)?)))
}

fn log_fields(fields: &Map<String, Value>) -> Result<String> {
    let each = |(name, value): (&String, &Value)| log_field(name, value).with_context(|| format!("`{name}`"));
    Ok(slice(&fields.iter().map(each).collect::<Result<Vec<_>>>()?))
}

/// `(tag, form)`.
fn log_field(name: &str, value: &Value) -> Result<String> {
    let (tag, form) = match name {
        "amount_minor" => (0x9F02, format!("Form::Number({})", number(value)?)),
        "cid" => (0x9F27, octets(value)?),
        "country_numeric" => (0x9F1A, octets(value)?),
        "currency_numeric" => (0x5F2A, octets(value)?),
        "date" => (0x9A, format!("Form::Date({:?})", numbers(value, '-')?)),
        "time" => (0x9F21, format!("Form::Time({:?})", numbers(value, ':')?)),
        "type" => (0x9C, octets(value)?),
        _ => bail!("unknown member"),
    };
    Ok(format!("(0x{tag:X}, {form})"))
}

fn octets(value: &Value) -> Result<String> {
    let octets = hex::decode(value.as_str().context("no text")?)?;
    Ok(format!("Form::Octets({})", literal(&octets)))
}

/// `2014-07-16` and `10:47:27` as three numbers.
fn numbers(value: &Value, between: char) -> Result<[u16; 3]> {
    let parts: Vec<u16> =
        value.as_str().context("no text")?.split(between).map(str::parse).collect::<Result<_, _>>()?;
    parts.try_into().ok().context("not three numbers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_of_a_reader_are_left_to_the_host_and_counted() {
        let case = json!({"given": {"selected": "pboc"}, "exchanges": [{"c": "80CA9F7900", "r": "9F79009000"}],
            "expect": {"balance_fen": 3780, "pan": "6299", "final_sw": "9000"}});
        let source = super::case("x", &case).unwrap();
        assert!(source.contains(r#"(b"\x80\xCA\x9F\x79\x00", b"\x9F\x79\x00\x90\x00", 0x9000)"#), "{source}");
        assert!(source.contains("Want::Value { tag: 0x9F79, form: Form::Number(3780) }"), "{source}");
        assert!(source.contains("Want::LastStatus(0x9000)"), "{source}");
        assert!(source.ends_with("left_to_host: 1 }"), "{source}");
    }

    #[test]
    fn the_balance_of_a_purse_is_not_that_of_electronic_cash() {
        let case = json!({"given": {"selected": "t-union"}, "exchanges": [], "expect": {"balance_fen": 3780}});
        assert!(super::case("x", &case).unwrap().contains("members: &[], left_to_host: 1"));
    }

    #[test]
    fn the_newest_log_record_is_compared_field_by_field() {
        let fields = json!({"amount_minor": 4000, "date": "2014-07-16", "time": "10:47:27", "type": "00"});
        let found = first_log_record(&fields).unwrap().unwrap();
        for field in
            ["(0x9F02, Form::Number(4000))", "(0x9A, Form::Date([2014, 7, 16]))", "(0x9F21, Form::Time([10, 47, 27]))"]
        {
            assert!(found.contains(field), "{field} in {found}");
        }
        assert_eq!(first_log_record(&json!({"type": "PURCHASE"})).unwrap(), None, "another purse's words");
        assert!(first_log_record(&json!({"shoe_size": 43})).is_err());
    }

    #[test]
    fn an_exchange_without_status_word_is_refused() {
        assert!(exchange(&json!({"c": "", "r": "90"})).is_err());
    }
}
