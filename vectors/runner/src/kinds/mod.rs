//! Which code runs which case: by `kind` and `op`, one file for each kind.

mod capk;
mod card_image;
mod crypto;
mod cryptogram;
mod dol;
mod iad;
mod iso8583;
mod mac;
mod oda;
mod sm2;
mod terminal;
mod tlv;
mod tlv_values;
mod transcript;
mod values;

use crate::cases::Case;
use crate::outcome::Outcome;
use crate::summary::Mode;

/// Runs a case, a transcript once in each of its modes.
pub(crate) fn run(case: &Case<'_>) -> Vec<(Option<Mode>, Outcome)> {
    let once = |outcome| vec![(None, outcome)];
    match (case.kind, case.op) {
        ("tlv", None) => once(tlv::run(case)),
        ("dol", None) => once(dol::run(case)),
        ("tlv-values", None) => once(tlv_values::run(case)),
        ("transcript", None) => transcript::run(case),
        ("card-image", None) => once(card_image::run(case)),
        ("crypto", Some(op)) if oda::has(op) => once(oda::run_op(case, op)),
        ("oda", None) => once(oda::run(case)),
        ("testca", None) => once(oda::run_test_ca(case)),
        ("sm2", Some(op)) => once(sm2::run(case, op)),
        ("capk", None) => once(capk::run(case)),
        ("terminal", None) => once(terminal::run(case)),
        ("crypto", Some(_)) => once(crypto::run(case)),
        ("iso8583", None) => once(iso8583::message(case)),
        ("iso8583-framing", None) => once(iso8583::framing(case)),
        ("iso8583-mti", None) => once(iso8583::mti(case)),
        ("cryptogram", Some(_)) => once(cryptogram::run(case)),
        ("mac", Some(_)) => once(mac::run(case)),
        (kind, Some(op)) => once(Outcome::unsupported(format!("kind {kind}, op {op}"), None)),
        (kind, None) => once(Outcome::unsupported(format!("kind {kind}"), None)),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cases;
    use crate::summary::Status;
    use serde_json::{Value, json};

    /// Runs one case given as JSON without its `id`.
    pub(crate) fn outcomes(case: &Value) -> Vec<(Option<Mode>, Outcome)> {
        let mut case = case.clone();
        if let Some(members) = case.as_object_mut() {
            members.insert("id".into(), json!("x"));
        }
        let file = json!([case]);
        let cases = cases::cases(&file).unwrap();
        cases.iter().flat_map(run).collect()
    }

    /// The verdict on a case that has one.
    pub(crate) fn status(case: &Value) -> Status {
        let outcomes = outcomes(case);
        assert_eq!(outcomes.len(), 1);
        outcomes.first().unwrap().1.status()
    }

    #[test]
    fn an_unknown_pair_of_kind_and_op_is_unsupported_and_named() {
        for (case, what) in [
            (json!({"kind": "tlv", "op": "x", "hex": "", "expect": []}), "kind tlv, op x"),
            (json!({"kind": "nonsense"}), "kind nonsense"),
            (json!({"kind": "transfer", "record_type": "offer"}), "kind transfer, op offer"),
        ] {
            assert_eq!(status(&case), Status::Unsupported);
            assert_eq!(outcomes(&case).first().unwrap().1.left_out.first().unwrap().what, what);
        }
    }
}
