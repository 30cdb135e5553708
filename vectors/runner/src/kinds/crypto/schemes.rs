//! Cryptograms, ARPC, script MACs and PIN changes of a cryptogram version.

use tapcard_crypto::ac::{AcData, AcError, CryptogramVersion};
use tapcard_crypto::arpc::{Csu, IssuerAnswer, method1, method2};
use tapcard_crypto::keys::{Cipher, SecretKey};
use tapcard_crypto::pboc::balance_mac;
use tapcard_crypto::pin::Pin;
use tapcard_crypto::script::{DataCipher, PinChangeKeys, ScriptContext, ScriptSet, encipher, pin_change};
use tapcard_emv::Rid;

use super::input::Input;
use super::{Failure, Found, out};

/// The members of a case that are values of data objects, by tag.
const VALUES: [&str; 10] = ["9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37", "82", "9F36"];

/// What is done with the version that the name of an operation says.
type Computation = fn(&'static CryptogramVersion, Rid, &Input<'_>) -> Found;

pub(super) fn run(op: &str, input: &Input<'_>) -> Option<Found> {
    Some(match op {
        "arpc_method1" => arpc_method1(input),
        "arpc_method2" => arpc_method2(input),
        "command_mac" => command_mac(input),
        "pboc_idd_mac" => idd_mac(input),
        "encrypt_command_data_visa" => encrypted(DataCipher::Visa, input),
        "encrypt_command_data_mastercard" => encrypted(DataCipher::Mastercard, input),
        "encrypt_command_data_emv" => encrypted(DataCipher::Emv, input),
        _ => {
            let computations: [(&str, Computation); 4] =
                [("arqc_", arqc), ("arpc_", arpc), ("script_mac_", script_mac), ("pin_change_", changed_pin)];
            let (name, run) =
                computations.into_iter().find_map(|(prefix, run)| op.strip_prefix(prefix).map(|name| (name, run)))?;
            let (version, rid) = version(name)?;
            run(version, rid, input)
        }
    })
}

/// What the name of an operation says: the version, and the owner whose application data names it.
fn version(name: &str) -> Option<(&'static CryptogramVersion, Rid)> {
    const VISA: [u8; 5] = [0xA0, 0, 0, 0, 3];
    const MASTERCARD: [u8; 5] = [0xA0, 0, 0, 0, 4];
    const UNIONPAY: [u8; 5] = [0xA0, 0, 0, 3, 0x33];
    let (version, rid) = match name {
        "cvn10" => (&CryptogramVersion::VISA_10, VISA),
        "cvn17" => (&CryptogramVersion::VISA_17, VISA),
        "cvn18" => (&CryptogramVersion::VISA_18, VISA),
        "cvn22" => (&CryptogramVersion::VISA_22, VISA),
        "mc_cvn16" => (&CryptogramVersion::MASTERCARD_16, MASTERCARD),
        "mc_cvn17" => (&CryptogramVersion::MASTERCARD_17, MASTERCARD),
        "mc_cvn20" => (&CryptogramVersion::MASTERCARD_20, MASTERCARD),
        "mc_cvn21" => (&CryptogramVersion::MASTERCARD_21, MASTERCARD),
        "interac_cvn133" => (&CryptogramVersion::INTERAC_133, [0xA0, 0, 0, 2, 0x77]),
        "pboc_cvn01" | "pboc" => (&CryptogramVersion::PBOC_01, UNIONPAY),
        "pboc_cvn01_sm4" => (&CryptogramVersion::PBOC_01_SM4, UNIONPAY),
        "ccd_tdes" => (&CryptogramVersion::CCD_TDES, [0xF0, 0, 0, 0, 1]),
        "ccd_aes" => (&CryptogramVersion::CCD_AES, [0xF0, 0, 0, 0, 1]),
        _ => return None,
    };
    Some((version, Rid::new(rid)))
}

/// Field 55 with the values that the case gives.
pub(in crate::kinds) fn field55(values: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let mut field = Vec::new();
    for (tag, value) in values {
        field.extend(hex::decode(tag).unwrap_or_default());
        field.push(u8::try_from(value.len()).unwrap_or(u8::MAX));
        field.extend(value);
    }
    field
}

fn request(input: &Input<'_>) -> Result<Vec<u8>, Failure> {
    let mut values = Vec::new();
    for name in VALUES.into_iter().filter(|name| input.has(name)) {
        values.push((name.to_owned(), input.octets(name)?));
    }
    if input.has("iad") {
        values.push(("9F10".to_owned(), input.octets("iad")?));
    }
    Ok(field55(values))
}

pub(in crate::kinds) fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::Unusable(error.to_string())
}

fn card_key(version: &CryptogramVersion, name: &str, input: &Input<'_>) -> Result<SecretKey, Failure> {
    let imk = match version.cipher {
        Cipher::Tdes => input.tdes(name)?.into(),
        Cipher::Aes => input.aes(name)?.into(),
        _ => input.sm4(name)?.into(),
    };
    version.card_key(&imk, &input.pan()?, input.psn()?).map_err(refused)
}

/// The version is found by its application data, as a host finds it, and has to be the one that the operation names.
fn arqc(named: &'static CryptogramVersion, rid: Rid, input: &Input<'_>) -> Found {
    let field55 = request(input)?;
    let data = AcData::of_request(&field55).map_err(refused)?;
    let version = CryptogramVersion::of(rid, data.iad()).map_err(|error| match error {
        AcError::UnknownVersion => Failure::Refused("unknown_cvn"),
        other => refused(other),
    })?;
    if version != *named {
        return Err(Failure::Unusable(format!("the application data says {}", version.name)));
    }
    let ac = version.cryptogram(&card_key(&version, "imk_ac", input)?, &data).map_err(refused)?;
    out(ac.octets())
}

fn arpc(version: &'static CryptogramVersion, _: Rid, input: &Input<'_>) -> Found {
    let field55 = request(input)?;
    let data = AcData::of_request(&field55).map_err(refused)?;
    let proprietary = if input.has("prop_auth_data") { input.octets("prop_auth_data")? } else { Vec::new() };
    let answer = if input.has("csu") {
        IssuerAnswer::StatusUpdate(Csu(input.array("csu")?), &proprietary)
    } else {
        IssuerAnswer::ResponseCode(input.array(if input.has("arc") { "arc" } else { "arpc_rc" })?)
    };
    let octets = if input.has("csu") { 4 } else { 8 };
    let key = card_key(version, "imk_ac", input)?;
    let mut tag91 = [0; 16];
    let arqc = input.array("arqc")?;
    let len = version.answer(&key, &data, &arqc, &answer, &mut tag91).map_err(refused)?;
    let tag91 = tag91.get(..len).unwrap_or_default();
    // The card's side of the same answer.
    match version.check_answer(&key, &data, &arqc, tag91).map_err(refused)? {
        Some(found) if found == answer => out(tag91.get(..octets).unwrap_or_default()),
        _ => Err(Failure::Unusable("the card refuses the answer".into())),
    }
}

fn arpc_method1(input: &Input<'_>) -> Found {
    out(method1(&input.tdes("key")?.into(), &input.array("arqc")?, input.array("arc")?).map_err(refused)?.octets())
}

fn arpc_method2(input: &Input<'_>) -> Found {
    let (csu, proprietary) = (Csu(input.array("csu")?), input.octets("prop_auth_data")?);
    out(method2(&input.tdes("key")?.into(), &input.array("arqc")?, csu, &proprietary).map_err(refused)?.octets())
}

fn context(input: &Input<'_>) -> Result<ScriptContext, Failure> {
    let cryptogram = input.array(if input.has("rand") { "rand" } else { "arqc" })?;
    Ok(ScriptContext { atc: input.array("9F36")?, cryptogram })
}

fn set(version: &CryptogramVersion) -> Result<ScriptSet, Failure> {
    version.scripts.ok_or_else(|| Failure::Unusable("no script set".into()))
}

fn script_mac(version: &'static CryptogramVersion, _: Rid, input: &Input<'_>) -> Found {
    let set = set(version)?;
    let key = card_key(version, "imk_smi", input)?;
    let mac = set.mac(&key, &context(input)?, input.array("header")?, &input.octets("data")?).map_err(refused)?;
    out(mac.octets().get(..set.mac_octets()).unwrap_or_default())
}

fn changed_pin(version: &'static CryptogramVersion, _: Rid, input: &Input<'_>) -> Found {
    let ac = if input.has("imk_ac") { Some(card_key(version, "imk_ac", input)?) } else { None };
    let (smi, smc) = (card_key(version, "imk_smi", input)?, card_key(version, "imk_smc", input)?);
    let keys = PinChangeKeys { ac: ac.as_ref(), smi: &smi, smc: &smc };
    let new = pin(input, "new_pin")?;
    let current = if input.has("current_pin") { Some(pin(input, "current_pin")?) } else { None };
    let mut command = [0; 64];
    let len =
        pin_change(set(version)?, &keys, &context(input)?, &new, current.as_ref(), &mut command).map_err(refused)?;
    out(command.get(..len).unwrap_or_default())
}

pub(in crate::kinds) fn pin(input: &Input<'_>, name: &str) -> Result<Pin, Failure> {
    Pin::from_digits(input.text(name)?).map_err(refused)
}

fn encrypted(cipher: DataCipher, input: &Input<'_>) -> Found {
    let mut buffer = [0; 512];
    let len = encipher(cipher, &input.tdes("key")?, &input.octets("data")?, &mut buffer).map_err(refused)?;
    out(buffer.get(..len).unwrap_or_default())
}

fn command_mac(input: &Input<'_>) -> Found {
    use tapcard_crypto::mac::{Padding, retail_mac};

    let length = usize::try_from(input.number("length")?).unwrap_or(usize::MAX);
    let mac = retail_mac(&input.tdes("key")?.schedule(), Padding::Method2, &[&input.octets("message")?]);
    out(mac.octets().get(..length).ok_or_else(|| Failure::Unusable("`length` above 8".into()))?)
}

fn idd_mac(input: &Input<'_>) -> Found {
    let (atc, balance) = (input.array("9F36")?, input.array("balance")?);
    let card_key = card_key(&CryptogramVersion::PBOC_01, "imk_smi", input)?;
    let context = ScriptContext { atc, cryptogram: [0; 8] };
    let key = ScriptSet::Pboc.session_key(&card_key, &context).map_err(refused)?;
    out(balance_mac(&key, atc, balance).octets())
}
