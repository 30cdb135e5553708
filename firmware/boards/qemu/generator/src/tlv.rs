//! `tlv`: the objects in the order met, or an error.

use anyhow::Result;
use serde_json::Value;

use crate::rust::{list, literal, octets_in, tag, text_in};

/// `Ok(&[(tag, value)])` or `Err(name)`.
pub(crate) fn expected(case: &Value) -> Result<String> {
    if case.get("error").is_some() {
        return Ok(format!("Err({:?})", text_in(case, "error")?));
    }
    let objects = list(case.get("expect").unwrap_or(&Value::Null), |object| {
        Ok(format!("(0x{:X}, {})", tag(text_in(object, "tag")?)?, literal(&octets_in(object, "value")?)))
    })?;
    Ok(format!("Ok({objects})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_and_errors_are_told_apart() {
        let case = json!({"expect": [{"tag": "5A", "value": "12"}, {"tag": "9F36", "value": ""}]});
        assert_eq!(expected(&case).unwrap(), r#"Ok(&[(0x5A, b"\x12"), (0x9F36, b"")])"#);
        assert_eq!(expected(&json!({"error": "truncated"})).unwrap(), r#"Err("truncated")"#);
        assert!(expected(&json!({})).is_err());
    }
}
