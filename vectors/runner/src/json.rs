//! Values of cases: octets as hexadecimal text, and equality as the format defines it.

use serde_json::{Map, Value};

/// The most octets that one member of a case may have; more is no test but an attack on memory.
const MAX_OCTETS: usize = 1 << 20;

/// Hexadecimal text as octets; `None` when it is text by the rules of the format, or longer than a case may be.
pub(crate) fn octets(value: &Value) -> Option<Vec<u8>> {
    let text = value.as_str()?;
    if text.len() > 2 * MAX_OCTETS { None } else { hex::decode(text).ok() }
}

/// Octets as the cases write them.
pub(crate) fn hex(octets: &[u8]) -> Value {
    Value::String(hex::encode_upper(octets))
}

/// The form in which two values are compared: octets in upper case, at any depth.
pub(crate) fn normal(value: &Value) -> Value {
    match value {
        Value::String(text) if is_octets(text) => Value::String(text.to_ascii_uppercase()),
        Value::Array(list) => list.iter().map(normal).collect(),
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), normal(member))).collect(),
        other => other.clone(),
    }
}

/// Whether two values are equal in the format's sense.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    normal(a) == normal(b)
}

/// The members of `found` that `expected` names; one that was not found is `null`.
pub(crate) fn only_named(expected: &Value, found: &Map<String, Value>) -> Value {
    let Some(members) = expected.as_object() else { return Value::Object(found.clone()) };
    let pick = |name: &String| (name.clone(), found.get(name).cloned().unwrap_or(Value::Null));
    Value::Object(members.keys().map(pick).collect())
}

fn is_octets(text: &str) -> bool {
    text.len().is_multiple_of(2) && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn octets_have_an_even_number_of_digits_and_no_case() {
        assert_eq!(octets(&json!("0aFf")), Some(vec![0x0A, 0xFF]));
        assert_eq!(octets(&json!("")), Some(vec![]));
        assert_eq!(octets(&json!("0aF")), None);
        assert_eq!(octets(&json!("card")), None);
        assert_eq!(octets(&json!(12)), None);
        assert_eq!(octets(&json!("0".repeat(2 * MAX_OCTETS + 2))), None);
    }

    #[test]
    fn equality_ignores_the_case_of_octets_but_not_that_of_text() {
        assert!(same(&json!([{"a": "0aff"}]), &json!([{"a": "0AFF"}])));
        assert!(!same(&json!("Visa"), &json!("VISA")));
        assert!(!same(&json!("aff"), &json!("AFF")), "an odd number of digits is text");
        assert!(!same(&json!(null), &json!("")));
    }

    #[test]
    fn only_what_is_named_is_compared() {
        let found = Map::from_iter([("a".to_owned(), json!(1)), ("b".to_owned(), json!(2))]);
        assert_eq!(only_named(&json!({"b": 7, "c": null}), &found), json!({"b": 2, "c": null}));
    }
}
