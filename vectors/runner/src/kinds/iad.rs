//! `iad`: Issuer Application Data 9F10 of a PBOC card, as [`tapcard_emv::pboc`] reads it.

use serde_json::{Map, Value, json};
use tapcard_emv::amount::Amount;
use tapcard_emv::pboc::{CvrAc, Iad};

use crate::json;

/// The members that `expected` names; `None` when the value has not this layout.
pub(super) fn shown(value: &[u8], expected: &Value) -> Option<Value> {
    let Iad { dki, cvn, cvr, algorithm_id, idd } = Iad::parse(value).ok()?;
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    add("dki", json::hex(&[dki]));
    add("cvn", json::hex(&[cvn]));
    add("cvr", json::hex(&cvr.octets()));
    add("cvr_first_ac", cryptogram(cvr.first_ac()));
    add("cvr_second_ac", cryptogram(cvr.second_ac()));
    add("algorithm_id", json::hex(&[algorithm_id]));
    if let Some(idd) = idd {
        add("idd_length", json!(1 + idd.data.len()));
        add("idd_id", json::hex(&[idd.id]));
        add("ec_balance_fen", json!(idd.ec_balance().map(Amount::minor)));
        add("mac4", idd.mac4().map_or(Value::Null, |mac| json::hex(&mac)));
    }
    Some(json::only_named(expected, &members))
}

fn cryptogram(ac: CvrAc) -> Value {
    match ac {
        CvrAc::Aac => json!("AAC"),
        CvrAc::Tc => json!("TC"),
        CvrAc::Arqc => json!("ARQC"),
        CvrAc::NotRequested => json!("not requested"),
        CvrAc::Rfu => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(value: &str) -> Option<Value> {
        shown(&hex::decode(value).unwrap(), &Value::Null)
    }

    #[test]
    fn an_iad_with_balance_is_taken_apart() {
        let expected = json!({
            "dki": "01", "cvn": "01", "cvr": "03A00000", "cvr_first_ac": "ARQC", "cvr_second_ac": "not requested",
            "algorithm_id": "01", "idd_length": 10, "idd_id": "01", "ec_balance_fen": 38787, "mac4": "868FD1FC",
        });
        assert_eq!(decoded("07010103A00000010A010000038787868FD1FC"), Some(expected));
    }

    #[test]
    fn without_discretionary_data_there_is_no_balance() {
        let found = decoded("0700010360AC0201").unwrap();
        assert_eq!((found.get("cvr_first_ac"), found.get("cvr_second_ac")), (Some(&json!("ARQC")), Some(&json!("TC"))));
        assert_eq!(found.get("ec_balance_fen"), None);
    }

    #[test]
    fn another_layout_is_none_of_ours() {
        for value in ["", "06010A03A4A002", "0701010460AC0201", "07010103A000"] {
            assert_eq!(decoded(value), None, "{value}");
        }
    }
}
