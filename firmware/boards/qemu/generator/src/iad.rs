//! `iad`: Issuer Application Data 9F10 of a PBOC card, member by member.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// `Form::Iad(&[..])`.
pub(crate) fn form(members: &Map<String, Value>) -> Result<String> {
    let fields = members.iter().map(|(name, value)| field(name, value).with_context(|| format!("`iad.{name}`")));
    Ok(format!("Form::Iad(&[{}])", fields.collect::<Result<Vec<_>>>()?.join(", ")))
}

fn field(name: &str, value: &Value) -> Result<String> {
    Ok(match name {
        "dki" => format!("IadField::Dki({})", octet(value)?),
        "cvn" => format!("IadField::Cvn({})", octet(value)?),
        "algorithm_id" => format!("IadField::AlgorithmId({})", octet(value)?),
        "idd_id" => format!("IadField::IddId({})", octet(value)?),
        "cvr" => format!("IadField::Cvr({:?})", octets::<4>(value)?),
        "cvr_first_ac" => format!("IadField::FirstAc({})", cryptogram(value)?),
        "cvr_second_ac" => format!("IadField::SecondAc({})", cryptogram(value)?),
        "idd_length" => format!("IadField::IddLength({})", value.as_u64().context("no number")?),
        "ec_balance_fen" if value.is_null() => "IadField::Balance(None)".into(),
        "ec_balance_fen" => format!("IadField::Balance(Some({}))", value.as_u64().context("no number")?),
        "mac4" if value.is_null() => "IadField::Mac(None)".into(),
        "mac4" => format!("IadField::Mac(Some({:?}))", octets::<4>(value)?),
        _ => bail!("unknown member"),
    })
}

fn octets<const N: usize>(value: &Value) -> Result<[u8; N]> {
    let mut octets = [0; N];
    hex::decode_to_slice(value.as_str().context("no text")?, &mut octets)?;
    Ok(octets)
}

fn octet(value: &Value) -> Result<u8> {
    octets::<1>(value).map(|[octet]| octet)
}

fn cryptogram(value: &Value) -> Result<&'static str> {
    Ok(match value.as_str().context("no text")? {
        "AAC" => "CvrAc::Aac",
        "TC" => "CvrAc::Tc",
        "ARQC" => "CvrAc::Arqc",
        "not requested" => "CvrAc::NotRequested",
        _ => bail!("no type of cryptogram"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_member_becomes_a_field() {
        let read = |value: Value| form(value.as_object().unwrap());
        assert_eq!(read(json!({"dki": "01"})).unwrap(), "Form::Iad(&[IadField::Dki(1)])");
        assert_eq!(
            read(json!({"cvr": "03A00000", "mac4": null})).unwrap(),
            "Form::Iad(&[IadField::Cvr([3, 160, 0, 0]), IadField::Mac(None)])"
        );
        assert_eq!(
            read(json!({"cvr_second_ac": "not requested", "ec_balance_fen": 38787})).unwrap(),
            "Form::Iad(&[IadField::SecondAc(CvrAc::NotRequested), IadField::Balance(Some(38787))])"
        );
        assert!(read(json!({"shoe_size": 43})).is_err());
        assert!(read(json!({"dki": "0101"})).is_err());
    }
}
