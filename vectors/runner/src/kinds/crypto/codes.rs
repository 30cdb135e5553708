//! PIN blocks and card codes of decimal digits.

use serde_json::{Map, Value, json};
use tapcard_crypto::codes::{Code, cvc3, cvv, dcvv, iv_cvc3, pvv};
use tapcard_crypto::derive::{Psn, option_a};

use super::input::Input;
use super::schemes::{pin, refused};
use super::{Found, out};
use crate::json;

pub(super) fn run(op: &str, input: &Input<'_>) -> Option<Found> {
    Some(match op {
        "pin_block_iso0" | "pin_block_iso2" | "pin_block_vis" => block(op, input),
        "cvv" => static_code(input),
        "dcvv_visa" => dynamic_code(input),
        "pvv" => pin_code(input),
        "cvc3_mastercard" => track_code(input),
        _ => return None,
    })
}

fn block(op: &str, input: &Input<'_>) -> Found {
    match op {
        "pin_block_iso0" => out(pin(input, "pin")?.iso0(&input.pan()?).as_slice()),
        "pin_block_iso2" => out(pin(input, "pin")?.iso2().as_slice()),
        _ => {
            let current = if input.has("current_pin") { Some(pin(input, "current_pin")?) } else { None };
            out(pin(input, "new_pin")?.vis(&input.tdes("icc_mk_ac")?, current.as_ref()).as_slice())
        }
    }
}

fn decimal<const N: usize>(code: Code<N>) -> Value {
    json!(code.digits().map(|digit| char::from(b'0' + digit)).iter().collect::<String>())
}

fn out_decimal<const N: usize>(code: Code<N>) -> Found {
    Ok(Map::from_iter([("out".to_owned(), decimal(code))]))
}

fn static_code(input: &Input<'_>) -> Found {
    let (expiry, service) = (input.text("expiry")?, input.text("service_code")?);
    out_decimal(cvv(&input.tdes("cvk")?, &input.pan()?, expiry, service).map_err(refused)?)
}

fn dynamic_code(input: &Input<'_>) -> Found {
    let (pan, expiry, service) = (input.pan()?, input.text("expiry")?, input.text("service_code")?);
    let key = option_a(&input.tdes("imk")?, &pan, Psn::default());
    out_decimal(dcvv(&key, &pan, expiry, service, input.text("atc_digits")?).map_err(refused)?)
}

fn pin_code(input: &Input<'_>) -> Found {
    let code = pvv(&input.tdes("pvk")?, input.text("pvki")?, &pin(input, "pin")?, &input.pan()?);
    out_decimal(code.map_err(refused)?)
}

fn track_code(input: &Input<'_>) -> Found {
    let track = input.octets("track2_template")?;
    let key = option_a(&input.tdes("imk_cvc3")?, &input.pan()?, input.psn()?);
    let iv = iv_cvc3(&key, &track);
    let code = cvc3(&key, iv, input.array("un")?, input.array("atc")?);
    Ok(Map::from_iter([
        ("out".to_owned(), json::hex(code.octets())),
        ("iv_cvc3".to_owned(), json::hex(&iv)),
        ("decimal".to_owned(), decimal(code.decimal())),
    ]))
}
