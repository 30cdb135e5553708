//! `dol`: data object lists (EMV 4.4 Book 3, 5.4).

use serde_json::{Map, Value, json};
use tapcard_emv::Dol;
use tapcard_emv::dol::{DolError, DolErrorKind};

use super::tlv;
use crate::cases::Case;
use crate::json;
use crate::outcome::Outcome;

pub(super) fn run(case: &Case<'_>) -> Outcome {
    let Some(octets) = case.body.get("hex").and_then(json::octets) else {
        return Outcome::unusable("`hex` holds no octets");
    };
    let expected: Map<String, Value> = ["expect", "total_length", "error"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), json::normal(case.body.get(name)?))))
        .collect();
    if expected.is_empty() {
        return Outcome::unusable("neither `expect` nor `error`");
    }
    let mut found = match entries(&octets) {
        Ok(found) => found,
        Err(error) => Map::from_iter([("error".to_owned(), json!(error_name(error)))]),
    };
    // The sum is compared where the case gives it; a list that was not asked for would show that none was expected.
    if !expected.contains_key("total_length") {
        found.remove("total_length");
    }
    Outcome::whole(Value::Object(expected), Value::Object(found))
}

fn entries(octets: &[u8]) -> Result<Map<String, Value>, DolError> {
    let dol = Dol::new(octets);
    let entry = |entry: tapcard_emv::dol::DolEntry| json!({"tag": entry.tag.to_string(), "length": entry.length});
    let list: Vec<_> = dol.iter().map(|item| item.map(entry)).collect::<Result<_, _>>()?;
    let total = dol.total_length()?;
    Ok(Map::from_iter([("expect".to_owned(), Value::Array(list)), ("total_length".to_owned(), json!(total))]))
}

fn error_name(error: DolError) -> &'static str {
    match error.kind {
        DolErrorKind::LengthMissing => "truncated",
        DolErrorKind::Tag(kind) => tlv::error_name(kind),
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::status;
    use crate::summary::Status;
    use serde_json::json;

    #[test]
    fn list_and_sum_are_both_compared() {
        let case = |expect, total| json!({"kind": "dol", "hex": "9F02069A03", "expect": expect, "total_length": total});
        let list = json!([{"tag": "9F02", "length": 6}, {"tag": "9A", "length": 3}]);
        assert_eq!(status(&case(list.clone(), 9)), Status::Passed);
        assert_eq!(status(&case(list, 8)), Status::Failed);
        assert_eq!(status(&case(json!([]), 9)), Status::Failed);
    }

    #[test]
    fn a_list_that_is_cut_off_is_truncated() {
        let case = |hex: &str, error: &str| json!({"kind": "dol", "hex": hex, "error": error});
        assert_eq!(status(&case("9F02069F", "truncated")), Status::Passed);
        assert_eq!(status(&case("9F0206", "truncated")), Status::Failed);
        assert_eq!(status(&case("9F", "tag-too-long")), Status::Failed);
    }
}
