//! The cases of one parsed file, in both shapes that `vectors/README.md` allows.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value};

/// One case, still as its file has it.
pub(crate) struct Case<'f> {
    /// Unique inside the file.
    pub(crate) id: &'f str,
    /// What sort of question it asks.
    pub(crate) kind: &'f str,
    /// Which operation of that sort; `record_type` for `transfer`.
    pub(crate) op: Option<&'f str>,
    /// Every member.
    pub(crate) body: &'f Map<String, Value>,
    /// Where the file lies, for a case that names one of another file.
    pub(crate) folder: Option<&'f Path>,
}

/// What makes a file no vector file, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) at: String,
    pub(crate) what: String,
}

/// Every case of the file in its order.
///
/// An array is the list of cases. An object holds arrays of cases beside members such as `about` and `source`; each of
/// its arrays counts, so that a new name for one cannot hide cases.
pub(crate) fn cases(document: &Value) -> Result<Vec<Case<'_>>, Malformed> {
    let mut found = Vec::new();
    match document {
        Value::Array(list) => collect("", list, &mut found)?,
        Value::Object(members) => {
            for (name, member) in members {
                if let Value::Array(list) = member {
                    collect(name, list, &mut found)?;
                }
            }
        }
        _ => return Err(Malformed { at: "top level".into(), what: "neither an array nor an object".into() }),
    }
    Ok(found)
}

fn collect<'f>(name: &str, list: &'f [Value], found: &mut Vec<Case<'f>>) -> Result<(), Malformed> {
    let mut ids: HashSet<&str> = found.iter().map(|case| case.id).collect();
    for (index, value) in list.iter().enumerate() {
        let malformed = |what: &str| Malformed { at: format!("{name}[{index}]"), what: what.into() };
        let body = value.as_object().ok_or_else(|| malformed("a case is an object"))?;
        let text = |member: &str| body.get(member).and_then(Value::as_str);
        let id = text("id").ok_or_else(|| malformed("no `id`"))?;
        let kind = text("kind").ok_or_else(|| malformed("no `kind`"))?;
        if !ids.insert(id) {
            return Err(malformed(&format!("`{id}` is the id of an earlier case")));
        }
        let op = text(if kind == "transfer" { "record_type" } else { "op" });
        found.push(Case { id, kind, op, body, folder: None });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ids(document: &Value) -> Result<Vec<String>, Malformed> {
        cases(document).map(|cases| cases.iter().map(|case| case.id.to_owned()).collect())
    }

    #[test]
    fn both_shapes_give_their_cases_in_order() {
        let a = json!({"id": "a", "kind": "tlv"});
        let b = json!({"id": "b", "kind": "tlv"});
        assert_eq!(ids(&json!([a, b])).unwrap(), ["a", "b"]);
        let file = json!({"about": "x", "source": {}, "vectors": [b], "keys": {"payer": 1}, "invalid": [a]});
        assert_eq!(ids(&file).unwrap(), ["b", "a"]);
    }

    #[test]
    fn a_case_without_id_or_kind_is_placed() {
        let error = ids(&json!({"vectors": [{"id": "a", "kind": "tlv"}, {"kind": "tlv"}]})).unwrap_err();
        assert_eq!(error, Malformed { at: "vectors[1]".into(), what: "no `id`".into() });
        let error = ids(&json!([{"id": "a"}])).unwrap_err();
        assert_eq!(error, Malformed { at: "[0]".into(), what: "no `kind`".into() });
        let error = ids(&json!([7])).unwrap_err();
        assert_eq!(error.what, "a case is an object");
    }

    #[test]
    fn an_id_used_twice_is_refused_across_the_arrays_of_a_file() {
        let a = json!({"id": "a", "kind": "tlv"});
        let error = ids(&json!({"vectors": [a], "invalid": [a]})).unwrap_err();
        assert_eq!(error, Malformed { at: "invalid[0]".into(), what: "`a` is the id of an earlier case".into() });
    }

    #[test]
    fn a_transfer_is_dispatched_by_its_record_type() {
        let file = json!([{"id": "a", "kind": "transfer", "record_type": "offer", "op": "x"}]);
        assert_eq!(cases(&file).unwrap().first().unwrap().op, Some("offer"));
    }
}
