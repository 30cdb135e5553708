//! `sm2`: certificates and signed dynamic data of PBOC, and the CA key of kind `capk` on the curve.

use serde_json::{Map, Value, json};
use tapcard_crypto::sm2::{IccCertificate, IssuerCertificate, SignedDynamic, Sm2Error, Sm2Key};
use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;

use crate::cases::Case;
use crate::json;
use crate::outcome::{Comparison, Outcome};

pub(super) fn run(case: &Case<'_>, op: &str) -> Outcome {
    let (Some(given), Some(expect)) = (members(case, "in"), members(case, "expect")) else {
        return Outcome::unusable("`in` or `expect` is no object");
    };
    let found = match op {
        "sm2_certificate_chain" => chain(given),
        "sm2_signed_dynamic_data" => dynamic(given),
        _ => return Outcome::unsupported(format!("kind sm2, op {op}"), None),
    };
    match found {
        Some(Ok(found)) => compare(expect, &found),
        Some(Err(error)) => Outcome::whole(Value::Object(expect.clone()), json!({"error": error.to_string()})),
        None => Outcome::unusable("a member of `in` is missing"),
    }
}

/// `capk` with algorithm SM2: the point is on the curve.
pub(super) fn ca_key(case: &Case<'_>) -> Outcome {
    match key(case.body, "public_key_xy") {
        Some(key) => Outcome::whole(json!(true), json!(key.is_ok())),
        None => Outcome::unusable("`public_key_xy` is no 64 octets"),
    }
}

fn members<'c>(case: &Case<'c>, name: &str) -> Option<&'c Map<String, Value>> {
    case.body.get(name).and_then(Value::as_object)
}

fn octets(given: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    given.get(name).and_then(json::octets)
}

fn key(given: &Map<String, Value>, name: &str) -> Option<Result<Sm2Key, Sm2Error>> {
    Some(Sm2Key::new(octets(given, name)?.try_into().ok()?))
}

fn compare(expect: &Map<String, Value>, found: &Value) -> Outcome {
    let mut comparison = Comparison::default();
    for (name, expected) in expect {
        let found = found.get(name).cloned().unwrap_or_default();
        if json::same(expected, &found) {
            comparison.equal();
        } else {
            comparison.differs(name, expected.clone(), found);
        }
    }
    comparison.finish()
}

type Found = Option<Result<Value, Sm2Error>>;

/// `None` when a member is missing; the signatures that do not verify are part of what is found.
fn chain(given: &Map<String, Value>) -> Found {
    let ca = match key(given, "ca_public_key_xy")? {
        Ok(ca) => ca,
        Err(error) => return Some(Err(error)),
    };
    let (issuer_value, icc_value) = (octets(given, "tag90")?, octets(given, "tag9F46")?);
    let (static_data, aip) = (octets(given, "static_data")?, octets(given, "aip")?);
    Some(verified(&ca, &issuer_value, &icc_value, [&static_data, &aip]))
}

fn verified(ca: &Sm2Key, issuer_value: &[u8], icc_value: &[u8], data: [&[u8]; 2]) -> Result<Value, Sm2Error> {
    let issuer = IssuerCertificate::parse(issuer_value)?;
    let icc = IccCertificate::parse(icc_value)?;
    // Test cards of the past: on this day none of them had ended.
    let today = Date::new(2000, 1, Some(1)).map_err(|_| Sm2Error::Expired)?;
    let pan = Pan::from_cn(&icc.pan()).map_err(|_| Sm2Error::PanMismatch)?;
    let issuer_key = issuer.verify(ca, &pan, today)?;
    let icc_key = icc.verify(&issuer_key, data, &pan, today)?;
    let ([i10, i11, i12], [c16, c17, c18]) = (issuer.indicators(), icc.indicators());
    let all_valid = issuer.key() == *issuer_key.octets() && icc.key() == *icc_key.octets();
    Ok(json!({
        "issuer_certificate": {
            "format": first(issuer_value), "issuer_id": json::hex(&issuer.issuer_identifier()),
            "expiry_mmyy": json::hex(&issuer.expiry_mmyy()), "serial": json::hex(&issuer.serial()),
            "byte10": json::hex(&[i10]), "byte11": json::hex(&[i11]), "byte12": json::hex(&[i12]),
            "key_length": issuer.key_len(), "public_key": json::hex(&issuer.key()),
            "signature_rs": json::hex(issuer.signature()),
        },
        "icc_certificate": {
            "format": first(icc_value), "pan": json::hex(&icc.pan()),
            "expiry_mmyy": json::hex(&icc.expiry_mmyy()), "serial": json::hex(&icc.serial()),
            "byte16": json::hex(&[c16]), "byte17": json::hex(&[c17]), "byte18": json::hex(&[c18]),
            "key_length": icc.key_len(), "public_key": json::hex(&icc.key()),
            "signature_rs": json::hex(icc.signature()),
        },
        "issuer_signature_valid_over": format!("tag90[0..{})", issuer_value.len() - issuer.signature().len()),
        "icc_signature_valid_over":
            format!("tag9F46[0..{}) | static_data | aip", icc_value.len() - icc.signature().len()),
        "all_valid": all_valid,
    }))
}

fn first(value: &[u8]) -> Value {
    value.first().map_or(Value::Null, |octet| json::hex(&[*octet]))
}

fn dynamic(given: &Map<String, Value>) -> Found {
    let key = match key(given, "icc_public_key_xy")? {
        Ok(key) => key,
        Err(error) => return Some(Err(error)),
    };
    let (signed, signature) = (octets(given, "signed_data")?, octets(given, "signature_rs")?);
    // What is signed ends with the terminal's data, which are no part of the value of `9F4B`.
    let len = 2 + usize::from(*signed.get(1)?);
    let (front, terminal_data) = signed.split_at_checked(len)?;
    let value = [front, &signature].concat();
    Some(shown(&key, &value, terminal_data))
}

fn shown(key: &Sm2Key, value: &[u8], terminal_data: &[u8]) -> Result<Value, Sm2Error> {
    let signed = SignedDynamic::parse(value)?;
    let data = signed.cda()?;
    Ok(json!({
        "valid": signed.verify(key, terminal_data).is_ok(),
        "format": first(value),
        "dynamic_length": signed.dynamic_data().len(),
        "icc_dynamic_number": json::hex(data.icc_dynamic_number),
        "cid": json::hex(&[data.cid]),
        "ac": json::hex(&data.cryptogram),
        "hash32": json::hex(&data.transaction_hash),
        "terminal_dynamic_data": json::hex(terminal_data),
    }))
}
