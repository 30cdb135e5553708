//! Electronic cash, with 3DES or SM4.

use serde_json::{Value, json};
use tapcard_crypto::ac::{AC_TAGS, AcData, CryptogramVersion};
use tapcard_crypto::arpc::method1;
use tapcard_crypto::derive::diversifier;
use tapcard_crypto::keys::{SecretKey, TdesKey};
use tapcard_crypto::pboc::{iad_mac, load_command_with};
use tapcard_crypto::script::{ScriptContext, ScriptSet};
use tapcard_emv::iad::UnionPayIad;

use super::{Found, members, taken_over};
use crate::kinds::crypto::Failure;
use crate::kinds::crypto::input::Input;
use crate::kinds::crypto::schemes::{field55, refused};

fn version(input: &Input<'_>) -> Result<CryptogramVersion, Failure> {
    match input.text("algorithm")? {
        "3des" => Ok(CryptogramVersion::PBOC_01),
        "sm4" => Ok(CryptogramVersion::PBOC_01_SM4),
        other => Err(Failure::Unusable(format!("algorithm {other}"))),
    }
}

fn key(input: &Input<'_>, name: &str) -> Result<SecretKey, Failure> {
    Ok(if input.text("algorithm")? == "sm4" { input.sm4(name)?.into() } else { input.tdes(name)?.into() })
}

/// The key as the case has it when the two differ in parity at most: what this implementation derives has odd parity, and
/// these cases are without.
fn as_in_case(key: &SecretKey, expect: &Input<'_>, name: &str) -> Vec<u8> {
    match key {
        SecretKey::Tdes(key) => match expect.array(name).map(TdesKey::new) {
            Ok(other) if other.clone().with_odd_parity() == *key => other.reveal().to_vec(),
            _ => key.reveal().to_vec(),
        },
        SecretKey::Sm4(key) => key.reveal().to_vec(),
        _ => Vec::new(),
    }
}

/// Whether the keys of the case have odd parity in every octet.
fn is_adjusted(expect: &Input<'_>, names: [&str; 2]) -> Value {
    let is_odd = |name: &str| expect.octets(name).is_ok_and(|key| key.iter().all(|octet| octet.count_ones() % 2 == 1));
    json!(names.into_iter().all(is_odd))
}

pub(super) fn card_keys(input: &Input<'_>, expect: &Input<'_>) -> Found {
    let (version, pan, psn) = (version(input)?, input.pan()?, input.psn()?);
    let card_key = |name| version.card_key(&key(input, name)?, &pan, psn).map_err(refused);
    let (ac, mac) = (card_key("mk_ac")?, card_key("mk_mac")?);
    let mut found = members([
        ("diversifier", diversifier(&pan, psn).to_vec()),
        ("udk_ac", as_in_case(&ac, expect, "udk_ac")),
        ("udk_mac", as_in_case(&mac, expect, "udk_mac")),
    ]);
    found.insert("parity_adjusted".into(), is_adjusted(expect, ["udk_ac", "udk_mac"]));
    Ok(found)
}

pub(super) fn session_keys(input: &Input<'_>, expect: &Input<'_>) -> Found {
    let atc = input.array("atc")?;
    let data = AcData::of_card(&[], &[0; 2], &atc);
    let context = ScriptContext { atc, cryptogram: [0; 8] };
    let ac = version(input)?.session_key(&key(input, "udk_ac")?, &data).map_err(refused)?;
    let mac = ScriptSet::Pboc.session_key(&key(input, "udk_mac")?, &context).map_err(refused)?;
    let mut found =
        members([("sk_ac", as_in_case(&ac, expect, "sk_ac")), ("sk_mac", as_in_case(&mac, expect, "sk_mac"))]);
    found.insert("parity_adjusted".into(), is_adjusted(expect, ["sk_ac", "sk_mac"]));
    Ok(found)
}

/// The data of the case is taken apart into its values first, so that they are put together here.
pub(super) fn cryptogram(input: &Input<'_>) -> Found {
    let octets = input.octets("data")?;
    let mut rest = octets.as_slice();
    let mut values = Vec::new();
    for (tag, length) in AC_TAGS {
        let (value, after) =
            rest.split_at_checked(length).ok_or_else(|| Failure::Unusable("`data` is too short".into()))?;
        values.push((tag.to_string(), value.to_vec()));
        rest = after;
    }
    values.push(("9F10".into(), [&[0x07, 0x00, 0x01], rest, &[0x01]].concat()));
    let request = field55(values);
    let data = AcData::of_request(&request).map_err(refused)?;
    let ac = version(input)?.cryptogram_with(&key(input, "sk_ac")?, &data).map_err(refused)?;
    Ok(members([("ac", ac.octets().to_vec())]))
}

pub(super) fn answer(input: &Input<'_>) -> Found {
    let code: [u8; 2] = input.array("arc")?;
    let arpc = method1(&key(input, "sk_ac")?, &input.array("arqc")?, code).map_err(refused)?;
    let data = [&arpc.octets()[..], &code].concat();
    Ok(members([
        ("arpc", arpc.octets().to_vec()),
        ("tag91", [&[0x91, 0x0A], data.as_slice()].concat()),
        ("external_authenticate", [&[0x00, 0x82, 0x00, 0x00, 0x0A], data.as_slice()].concat()),
    ]))
}

pub(super) fn balance_code(input: &Input<'_>, expect: &Input<'_>) -> Found {
    let data = input.octets("data")?;
    let [_, _, balance @ .., 0] = data.as_slice() else {
        return Err(Failure::Unusable("`data` is not ATC, balance and filler".into()));
    };
    let mac = iad_mac(&key(input, "sk_mac")?, &[&data]);
    let given = expect.octets("iad_9F10")?;
    let head = UnionPayIad::parse(&given).map_err(refused)?;
    let cvr: [u8; 4] = taken_over(expect, "iad_9F10", 3);
    let iad = [&[0x07, head.dki, head.cvn][..], &cvr, &[head.algorithm_id, 0x0A, 0x01], balance, mac.octets()].concat();
    let fen = UnionPayIad::parse(&iad).ok().and_then(|iad| iad.idd).and_then(|idd| idd.ec_balance());
    let mut found = members([("mac4", mac.octets().to_vec()), ("iad_9F10", iad.clone())]);
    found.insert("ec_balance_fen".into(), fen.map_or(Value::Null, |fen| json!(fen.minor())));
    Ok(found)
}

pub(super) fn load(input: &Input<'_>, expect: &Input<'_>) -> Found {
    let context = ScriptContext { atc: input.array("atc")?, cryptogram: input.array("arqc")? };
    let command = load_command_with(&key(input, "sk_mac")?, &context, input.array("new_balance_bcd")?);
    let (_, mac) = command.split_at(command.len() - 4);
    let tag86 = [&[0x86, 0x0F], &command[..]].concat();
    let script_id: [u8; 4] = taken_over(expect, "tag72", 5);
    let tag72 = [&[0x72, 0x18, 0x9F, 0x18, 0x04][..], &script_id, &tag86].concat();
    Ok(members([("mac4", mac.to_vec()), ("apdu", command.to_vec()), ("tag86", tag86), ("tag72", tag72)]))
}
