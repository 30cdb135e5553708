//! `tlv-values`: decoded values of the objects in one template.

use serde_json::Value;
use tapcard_iso7816::{Tag, Walk};

use super::{tlv, values};
use crate::cases::Case;
use crate::json;
use crate::outcome::{Comparison, Outcome};

pub(super) fn run(case: &Case<'_>) -> Outcome {
    let Some(octets) = case.body.get("hex").and_then(json::octets) else {
        return Outcome::unusable("`hex` holds no octets");
    };
    let Some(expect) = case.body.get("expect").and_then(Value::as_object) else {
        return Outcome::unusable("`expect` is no object");
    };
    let walked: Result<Vec<_>, _> = Walk::new(&octets).map(|item| item.map(|(_, object)| object)).collect();
    let objects = match walked {
        Ok(objects) => objects,
        Err(error) => return Outcome::unusable(&format!("`hex`: {error} ({})", tlv::error_name(error.kind))),
    };
    let values = |tag: Tag| objects.iter().filter(|object| object.tag == tag).map(|object| object.value).collect();
    let mut comparison = Comparison::default();
    for (member, expected) in expect {
        // The first object of a tag is the one that is meant.
        let Some(found) = values::found(member, expected, &values) else {
            comparison.leave_out(member, None);
            continue;
        };
        let found = found.into_iter().next().unwrap_or(Value::Null);
        if json::same(expected, &found) {
            comparison.equal();
        } else {
            comparison.differs(member, expected.clone(), found);
        }
    }
    comparison.finish()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outcomes, status};
    use crate::summary::Status;
    use serde_json::json;

    #[test]
    fn each_member_is_compared_and_only_those_that_differ_are_shown() {
        let case = json!({"kind": "tlv-values", "hex": "70065001419F790100".replace("9F790100", "9C0100"),
            "expect": {"50": "A!", "9C": "00", "9F79": null}});
        let outcome = outcomes(&case).pop().unwrap().1;
        assert_eq!((outcome.status(), outcome.compared), (Status::Failed, 3));
        assert_eq!(outcome.expected, Some(json!({"50": "A!"})));
        assert_eq!(outcome.found, Some(json!({"50": "A"})));
    }

    #[test]
    fn an_undefined_member_is_left_out() {
        let case = json!({"kind": "tlv-values", "hex": "9C0100", "expect": {"9C": "00", "shoe_size": 43}});
        assert_eq!(status(&case), Status::Unsupported);
    }

    #[test]
    fn octets_that_are_no_tlv_fail_the_case() {
        assert_eq!(status(&json!({"kind": "tlv-values", "hex": "9C02", "expect": {}})), Status::Failed);
    }
}
