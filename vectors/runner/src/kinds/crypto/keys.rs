//! Card keys, session keys, MACs and check values.

use tapcard_crypto::derive::{option_a, option_b, option_c, pboc_sm4};
use tapcard_crypto::mac::{Cmac, Padding, retail_mac};
use tapcard_crypto::session::{self, Tree};

use super::input::Input;
use super::{Failure, Found, out};

pub(super) fn run(op: &str, input: &Input<'_>) -> Option<Found> {
    Some(match op {
        "derive_icc_mk_a" | "derive_icc_mk_b" | "derive_icc_mk_c_aes" | "derive_icc_mk_sm4" => derived(op, input),
        "mac_iso9797_alg3" => retail(input),
        "mac_aes_cmac" => cmac(input),
        "kcv_tdes" => input.tdes("key").and_then(|key| out(&key.kcv().0)),
        "session_key_emv2000" => emv2000(input),
        "session_key_common_aes" | "session_key_sm4" => other_session(op, input),
        "session_key_common" | "session_key_mastercard_skd" | "session_key_visa_sm" | "session_key_pboc" => {
            session_key(op, input)
        }
        _ => return None,
    })
}

fn derived(op: &str, input: &Input<'_>) -> Found {
    let (pan, psn) = (input.pan()?, input.psn()?);
    match op {
        "derive_icc_mk_a" => out(option_a(&input.tdes("imk")?, &pan, psn).reveal()),
        "derive_icc_mk_b" => out(option_b(&input.tdes("imk")?, &pan, psn).reveal()),
        "derive_icc_mk_c_aes" => out(option_c(&input.aes("imk")?, &pan, psn).reveal()),
        _ => out(pboc_sm4(&input.sm4("imk")?, &pan, psn).reveal()),
    }
}

fn retail(input: &Input<'_>) -> Found {
    let padding = match input.number("padding")? {
        1 => Padding::Method1,
        2 => Padding::Method2,
        other => return Err(Failure::Unusable(format!("padding method {other}"))),
    };
    out(retail_mac(&input.tdes("key")?.schedule(), padding, &[&input.octets("data")?]).octets())
}

fn cmac(input: &Input<'_>) -> Found {
    let mut mac = Cmac::new(&input.aes("key")?.schedule());
    mac.update(&input.octets("data")?);
    out(mac.finish().octets())
}

fn emv2000(input: &Input<'_>) -> Found {
    let shape = |name: &str| input.number(name).map(|number| u16::try_from(number).unwrap_or(u16::MAX));
    let height = u8::try_from(shape("height")?).unwrap_or(u8::MAX);
    let tree = Tree::new(height, shape("branch_factor")?)
        .ok_or_else(|| Failure::Unusable("no tree with a leaf for each counter".into()))?;
    out(session::emv2000(&input.tdes("icc_mk")?, input.array("atc")?, tree, input.array("iv")?).reveal())
}

fn other_session(op: &str, input: &Input<'_>) -> Found {
    if op == "session_key_sm4" {
        return out(session::sm4(&input.sm4("icc_mk")?, input.array("atc")?).reveal());
    }
    out(session::common_aes(&input.aes("icc_mk")?, &input.array("r")?).reveal())
}

fn session_key(op: &str, input: &Input<'_>) -> Found {
    let mk = input.tdes("icc_mk")?;
    let key = match op {
        "session_key_common" => session::common(&mk, &input.array("r")?),
        "session_key_mastercard_skd" => session::mastercard_skd(&mk, input.array("atc")?, input.array("un")?),
        "session_key_visa_sm" => session::visa_sm(&mk, input.array("atc")?),
        _ => session::pboc(&mk, input.array("atc")?),
    };
    out(key.reveal())
}
