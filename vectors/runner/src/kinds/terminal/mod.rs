//! `terminal`: one payment with contacts, run by the machine of `tapcard_terminal::contact` against the card of the case.

mod case;
mod found;
mod play;
mod scripted_card;

use serde_json::Value;

use self::case::TerminalCase;
use crate::cases::Case;
use crate::json;
use crate::outcome::{Comparison, Outcome};

pub(super) fn run(case: &Case<'_>) -> Outcome {
    let Some(expect) = case.body.get("expect").and_then(Value::as_object) else {
        return Outcome::unusable("`expect` is no object");
    };
    let found = match TerminalCase::read(case.body).and_then(|case| play::play(&case)) {
        Ok(found) => found,
        Err(what) => return Outcome::unusable(&what),
    };
    let mut comparison = Comparison::default();
    for (member, expected) in expect {
        match found.member(member) {
            None => comparison.leave_out(member, None),
            Some(found) if json::same(expected, &found) => comparison.equal(),
            Some(found) => comparison.differs(member, expected.clone(), found),
        }
    }
    comparison.finish()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outcomes, status};
    use crate::summary::Status;
    use serde_json::{Value, json};

    /// A card that approves offline, without any optional step.
    fn case(expect: &Value) -> Value {
        let ac = "771E9F2701409F360200329F260811223344556677889F100706010A03A400009000";
        json!({
            "kind": "terminal",
            "why": "test",
            "card": {
                "tags": {"8C": "95059F3704", "8D": "8A029505"},
                "pse": "6A82",
                "select": {"A0000000031010": "6F118407A0000000031010A5065004544553549000"},
                "gpo": "80060000080101009000",
                "records": {"0101": "70255A0847617390010101195F24033112318C0595059F37048D048A0295059F0F0500000000009000"},
                "get_data": {}, "verify": ["9000"], "script": ["9000"], "external_authenticate": "9000",
                "generate_ac_1": {"TC": ac}, "generate_ac_2": {},
            },
            "terminal": {
                "type_9F35": "22", "capabilities_9F33": "E0F8C8", "additional_capabilities_9F40": "F000F0A001",
                "country_9F1A": "0840", "cardholder_selection": false, "capk": [],
                "applications": [{
                    "aid": "A0000000031010", "partial_selection": true, "version_9F09": "0096", "floor_limit": 10_000,
                    "tac_denial": null, "tac_online": null, "tac_default": null, "default_ddol": null,
                    "default_tdol": null, "random_selection": null,
                }],
            },
            "transaction": {
                "type_9C": "00", "amount": 1000, "amount_other": 0, "currency_5F2A": "0840", "date_9A": "260615",
                "time_9F21": "101112", "un_9F37": "01020304", "pin": null, "random_number": null,
            },
            "host": {
                "reachable": true, "approved": true, "arc_8A": "3030", "issuer_authentication_data_91": null,
                "scripts": [],
            },
            "expect": expect,
        })
    }

    #[test]
    fn what_is_expected_is_compared_and_what_differs_is_shown() {
        let expect = json!({
            "decision": "approved", "first_ac": "TC", "first_ac_data": "800000000001020304", "second_ac": null,
            "tvr": "8000000000", "tsi": "2800", "cvm_results": "3F0000", "selected": "A0000000031010",
        });
        assert_eq!(status(&case(&expect)), Status::Passed);
        let run = outcomes(&case(&json!({"first_ac": "ARQC", "arc": null}))).pop().unwrap().1;
        assert_eq!((run.expected, run.found), (Some(json!({"first_ac": "ARQC"})), Some(json!({"first_ac": "TC"}))));
    }

    #[test]
    fn a_case_with_an_unknown_member_is_not_run() {
        let mut odd = case(&json!({}));
        odd.pointer_mut("/terminal").unwrap().as_object_mut().unwrap().insert("shoe_size".into(), json!(43));
        let run = outcomes(&odd).pop().unwrap().1;
        assert!(run.found.unwrap().as_str().unwrap().contains("shoe_size"));
    }

    #[test]
    fn an_expectation_that_nobody_knows_is_left_out() {
        assert_eq!(status(&case(&json!({"shoe_size": 43}))), Status::Unsupported);
    }
}
