//! JSON values as Rust expressions.

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// `Case { id, octets, expected }`.
pub(crate) fn case(id: &str, case: &Value, expected: &str) -> Result<String> {
    let octets = literal(&octets_in(case, "hex")?);
    Ok(format!("Case {{ id: {id:?}, octets: {octets}, expected: {expected} }}"))
}

/// The octets of a hexadecimal member.
pub(crate) fn octets_in(object: &Value, member: &str) -> Result<Vec<u8>> {
    let text = text_in(object, member)?;
    hex::decode(text).with_context(|| format!("`{member}` holds no octets"))
}

pub(crate) fn text_in<'v>(object: &'v Value, member: &str) -> Result<&'v str> {
    object.get(member).and_then(Value::as_str).with_context(|| format!("`{member}` is no text"))
}

/// A byte string, which rustc reads many times faster than an array of numbers.
pub(crate) fn literal(octets: &[u8]) -> String {
    let escaped: String = octets.iter().map(|octet| format!("\\x{octet:02X}")).collect();
    format!("b\"{escaped}\"")
}

/// `&[..]` of what `item` makes of each element.
pub(crate) fn list(value: &Value, item: impl Fn(&Value) -> Result<String>) -> Result<String> {
    let items = value.as_array().context("no list")?.iter().map(item).collect::<Result<Vec<_>>>()?;
    Ok(slice(&items))
}

/// `&[..]`.
pub(crate) fn slice(items: &[String]) -> String {
    format!("&[{}]", items.join(", "))
}

pub(crate) fn tag(text: &str) -> Result<u32> {
    if !text.len().is_multiple_of(2) || text.len() > 8 || text != text.to_uppercase() {
        bail!("`{text}` is no tag");
    }
    u32::from_str_radix(text, 16).with_context(|| format!("`{text}` is no tag"))
}

/// A pair of tag and length, of a member's list or of a `dol`.
pub(crate) fn entry(tag_text: &Value, length: &Value) -> Result<String> {
    let tag = tag(tag_text.as_str().context("a tag is text")?)?;
    let length = length.as_u64().context("a length is a number")?;
    Ok(format!("(0x{tag:X}, {length})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn octets_become_a_byte_string() {
        let octets = octets_in(&json!({"hex": "00ff5A"}), "hex").unwrap();
        assert_eq!(literal(&octets), r#"b"\x00\xFF\x5A""#);
        assert!(octets_in(&json!({"hex": "5A0"}), "hex").is_err());
        assert!(octets_in(&json!({}), "hex").is_err());
    }

    #[test]
    fn only_upper_case_digits_in_pairs_are_a_tag() {
        assert_eq!(tag("DF8104").unwrap(), 0xDF_8104);
        for text in ["9f36", "9F3", "DF81820304", "result"] {
            assert!(tag(text).is_err(), "{text}");
        }
    }
}
