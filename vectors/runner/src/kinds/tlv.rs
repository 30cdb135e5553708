//! `tlv`: octets walked as BER-TLV (EMV 4.4 Book 3, Annex B).

use serde_json::{Value, json};
use tapcard_iso7816::{TlvErrorKind, Walk};

use crate::cases::Case;
use crate::json;
use crate::outcome::Outcome;

pub(super) fn run(case: &Case<'_>) -> Outcome {
    let Some(octets) = case.body.get("hex").and_then(json::octets) else {
        return Outcome::unusable("`hex` holds no octets");
    };
    let found = match objects(&octets) {
        Ok(list) => json!({ "expect": list }),
        Err(name) => json!({ "error": name }),
    };
    match expected(case) {
        Some(expected) => Outcome::whole(expected, found),
        None => Outcome::unusable("neither `expect` nor `error`"),
    }
}

/// What the case says of the whole result: its list, or its error.
fn expected(case: &Case<'_>) -> Option<Value> {
    match (case.body.get("error"), case.body.get("expect")) {
        (Some(error), _) => Some(json!({ "error": error })),
        (None, Some(list)) => Some(json!({ "expect": json::normal(list) })),
        (None, None) => None,
    }
}

fn objects(octets: &[u8]) -> Result<Vec<Value>, &'static str> {
    Walk::new(octets)
        .map(|item| {
            let (_, object) = item.map_err(|error| error_name(error.kind))?;
            Ok(json!({ "tag": object.tag.to_string(), "value": json::hex(object.value) }))
        })
        .collect()
}

/// The format's name for a TLV error.
pub(super) fn error_name(kind: TlvErrorKind) -> &'static str {
    match kind {
        TlvErrorKind::TruncatedTag | TlvErrorKind::TruncatedLength | TlvErrorKind::TruncatedValue { .. } => "truncated",
        TlvErrorKind::IndefiniteLength => "indefinite-length",
        TlvErrorKind::TagTooLong => "tag-too-long",
        TlvErrorKind::LengthTooLong => "length-too-long",
        TlvErrorKind::TooDeep => "too-deep",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outcomes, status};
    use crate::summary::Status;
    use serde_json::json;

    #[test]
    fn a_list_passes_only_when_order_tags_and_values_are_equal() {
        let case = |expect| json!({"kind": "tlv", "hex": "7004005a0112", "expect": expect});
        assert_eq!(
            status(&case(json!([{"tag": "70", "value": "005A0112"}, {"tag": "5A", "value": "12"}]))),
            Status::Passed
        );
        assert_eq!(
            status(&case(json!([{"tag": "5A", "value": "12"}, {"tag": "70", "value": "005A0112"}]))),
            Status::Failed
        );
        assert_eq!(status(&case(json!([{"tag": "70", "value": "005A0112"}]))), Status::Failed);
    }

    #[test]
    fn an_error_passes_only_under_its_own_name() {
        let case = |error: &str| json!({"kind": "tlv", "hex": "5A80", "error": error});
        assert_eq!(status(&case("indefinite-length")), Status::Passed);
        assert_eq!(status(&case("truncated")), Status::Failed);
        assert_eq!(status(&json!({"kind": "tlv", "hex": "5A00", "error": "truncated"})), Status::Failed);
    }

    #[test]
    fn a_case_without_octets_or_without_an_expectation_fails_and_says_why() {
        for (case, why) in [
            (json!({"kind": "tlv", "hex": "5A0", "expect": []}), "unusable case: `hex` holds no octets"),
            (json!({"kind": "tlv", "hex": "5A00"}), "unusable case: neither `expect` nor `error`"),
        ] {
            assert_eq!(status(&case), Status::Failed);
            assert_eq!(outcomes(&case).first().unwrap().1.found, Some(json!(why)));
        }
    }
}
