//! `dol`: the entries and their sum, or an error.

use anyhow::Result;
use serde_json::Value;

use crate::rust::{entry, list, text_in};

/// `Ok((&[(tag, length)], total))` or `Err(name)`.
pub(crate) fn expected(case: &Value) -> Result<String> {
    if case.get("error").is_some() {
        return Ok(format!("Err({:?})", text_in(case, "error")?));
    }
    let member = |object: &Value, name| object.get(name).cloned().unwrap_or_default();
    let entries = list(&member(case, "expect"), |object| entry(&member(object, "tag"), &member(object, "length")))?;
    let total = member(case, "total_length").as_u64();
    Ok(format!("Ok(({entries}, {total:?}))"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_sum_is_compared_where_it_is_given() {
        let list = json!([{"tag": "9F37", "length": 4}]);
        assert_eq!(expected(&json!({"expect": list, "total_length": 4})).unwrap(), "Ok((&[(0x9F37, 4)], Some(4)))");
        assert_eq!(expected(&json!({"expect": []})).unwrap(), "Ok((&[], None))");
        assert_eq!(expected(&json!({"error": "truncated"})).unwrap(), r#"Err("truncated")"#);
        assert!(expected(&json!({"expect": [{"tag": "9F37"}]})).is_err());
    }
}
