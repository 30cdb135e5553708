//! `cryptogram`: one answer of an issuer's cryptogram library, with the issuer's keys in the case.

use serde_json::Value;
use tapcard_crypto::ac::{AcData, CryptogramVersion};
use tapcard_crypto::arpc::{Csu, IssuerAnswer};
use tapcard_crypto::keys::SecretKey;
use tapcard_crypto::script::{PinChangeKeys, ScriptContext, pin_change};
use tapcard_emv::Rid;

use super::crypto::Failure;
use super::crypto::input::Input;
use super::crypto::schemes::{field55, pin, refused};
use crate::cases::Case;
use crate::json;
use crate::outcome::Outcome;

const VISA: Rid = Rid::new([0xA0, 0, 0, 0, 3]);
const MASTERCARD: Rid = Rid::new([0xA0, 0, 0, 0, 4]);

/// The data objects of a case as its members name them.
const VALUES: [&str; 10] =
    ["tag_9f02", "tag_9f03", "tag_9f1a", "tag_95", "tag_5f2a", "tag_9a", "tag_9c", "tag_9f37", "tag_82", "tag_9f36"];

pub(super) fn run(case: &Case<'_>) -> Outcome {
    let op = case.op.unwrap_or_default();
    let (Some(keys), Some(input)) = (Input::member(case, "keys"), Input::of(case)) else {
        return Outcome::unusable("`keys` or `in` is no object");
    };
    let Some(expected) = case.body.get("expect").filter(|expected| json::octets(expected).is_some()) else {
        return Outcome::unusable("`expect` holds no octets");
    };
    let scheme = case.body.get("scheme").and_then(Value::as_str).unwrap_or_default();
    let Some((version, rid)) = version(scheme) else {
        return Outcome::unsupported(format!("kind cryptogram, scheme {scheme}"), None);
    };
    let issuer = Issuer { version, rid, keys, input };
    let found = match op {
        "generate_ac" => issuer.cryptogram(),
        "generate_arpc" => issuer.answer(),
        "generate_command_mac" => issuer.command_mac(),
        "generate_pin_change_command" => issuer.pin_change(),
        _ => return Outcome::unsupported(format!("kind cryptogram, op {op}"), None),
    };
    match found {
        Ok(octets) => Outcome::whole(json::normal(expected), json::hex(&octets)),
        Err(Failure::Unusable(what)) => Outcome::unusable(&what),
        Err(Failure::Refused(name)) => Outcome::unusable(name),
    }
}

fn version(scheme: &str) -> Option<(CryptogramVersion, Rid)> {
    match scheme {
        "visa_cvn10" => Some((CryptogramVersion::VISA_10, VISA)),
        "visa_cvn18" => Some((CryptogramVersion::VISA_18, VISA)),
        "mastercard_cvn16" => Some((CryptogramVersion::MASTERCARD_16, MASTERCARD)),
        "mastercard_cvn17" => Some((CryptogramVersion::MASTERCARD_17, MASTERCARD)),
        _ => None,
    }
}

struct Issuer<'c> {
    version: CryptogramVersion,
    rid: Rid,
    keys: Input<'c>,
    input: Input<'c>,
}

impl Issuer<'_> {
    fn key(&self, name: &str) -> Result<SecretKey, Failure> {
        let imk = self.keys.tdes(name)?.into();
        self.version.card_key(&imk, &self.keys.pan()?, self.keys.psn()?).map_err(refused)
    }

    /// The application data: as it is, or put together from the parts that the case gives.
    fn iad(&self) -> Result<Vec<u8>, Failure> {
        if self.input.has("tag_9f10") {
            return self.input.octets("tag_9f10");
        }
        let cvr = self.input.octets("cvr")?;
        let counters = if self.input.has("counters") { self.input.octets("counters")? } else { vec![0; 8] };
        Ok(match self.version {
            CryptogramVersion::VISA_10 => [&[0x06, 0x00, 0x0A], cvr.as_slice()].concat(),
            CryptogramVersion::MASTERCARD_16 => [&[0x00, 0x10], cvr.as_slice(), &[0, 0], &counters].concat(),
            _ => [&[0x00, 0x11], cvr.as_slice(), &[0, 0], &counters].concat(),
        })
    }

    fn request(&self, with_iad: bool) -> Result<Vec<u8>, Failure> {
        let mut values = Vec::new();
        for name in VALUES.into_iter().filter(|name| self.input.has(name)) {
            values.push((name.trim_start_matches("tag_").to_owned(), self.input.octets(name)?));
        }
        if with_iad {
            values.push(("9F10".to_owned(), self.iad()?));
        }
        Ok(field55(values))
    }

    fn cryptogram(&self) -> Result<Vec<u8>, Failure> {
        let request = self.request(true)?;
        let data = AcData::of_request(&request).map_err(refused)?;
        let version = CryptogramVersion::of(self.rid, data.iad()).map_err(refused)?;
        if version != self.version {
            return Err(Failure::Unusable(format!("the application data says {}", version.name)));
        }
        Ok(version.cryptogram(&self.key("iss_mk_ac")?, &data).map_err(refused)?.octets().to_vec())
    }

    fn answer(&self) -> Result<Vec<u8>, Failure> {
        let request = self.request(false)?;
        let data = AcData::of_request(&request).map_err(refused)?;
        let (answer, octets) = if self.input.has("csu") {
            (IssuerAnswer::StatusUpdate(Csu(self.input.array("csu")?), &[]), 4)
        } else {
            (IssuerAnswer::ResponseCode(self.input.array("arpc_rc")?), 8)
        };
        let mut tag91 = [0; 16];
        let arqc = self.input.array("tag_9f26")?;
        self.version.answer(&self.key("iss_mk_ac")?, &data, &arqc, &answer, &mut tag91).map_err(refused)?;
        Ok(tag91.get(..octets).unwrap_or_default().to_vec())
    }

    fn context(&self) -> Result<ScriptContext, Failure> {
        Ok(ScriptContext { atc: self.input.array("tag_9f36")?, cryptogram: self.input.array("tag_9f26")? })
    }

    fn command_mac(&self) -> Result<Vec<u8>, Failure> {
        let data = if self.input.has("command_data") { self.input.octets("command_data")? } else { Vec::new() };
        let set = self.version.scripts.ok_or_else(|| Failure::Unusable("no script set".into()))?;
        let header = self.input.array("command_header")?;
        Ok(set.mac(&self.key("iss_mk_smi")?, &self.context()?, header, &data).map_err(refused)?.octets().to_vec())
    }

    fn pin_change(&self) -> Result<Vec<u8>, Failure> {
        let (ac, smi, smc) = (self.key("iss_mk_ac")?, self.key("iss_mk_smi")?, self.key("iss_mk_smc")?);
        let keys = PinChangeKeys { ac: Some(&ac), smi: &smi, smc: &smc };
        let current = if self.input.has("current_pin") { Some(pin(&self.input, "current_pin")?) } else { None };
        let set = self.version.scripts.ok_or_else(|| Failure::Unusable("no script set".into()))?;
        let mut command = [0; 64];
        let new = pin(&self.input, "pin")?;
        let len = pin_change(set, &keys, &self.context()?, &new, current.as_ref(), &mut command).map_err(refused)?;
        Ok(command.get(..len).unwrap_or_default().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::status;
    use crate::summary::Status;
    use serde_json::json;

    #[test]
    fn an_operation_or_scheme_that_is_unknown_is_unsupported_and_a_key_that_is_none_unusable() {
        let keys = json!({"iss_mk_ac": "00", "pan": "1234567890123456", "psn": "00"});
        let case = |scheme: &str, op: &str| {
            json!({"kind": "cryptogram", "op": op, "scheme": scheme, "keys": keys,
                "in": {"tag_9f26": "0000000000000000", "arpc_rc": "3030"}, "expect": "00"})
        };
        assert_eq!(status(&case("visa_cvn10", "generate_nothing")), Status::Unsupported);
        assert_eq!(status(&case("visa_cvn99", "generate_arpc")), Status::Unsupported);
        assert_eq!(status(&case("visa_cvn10", "generate_arpc")), Status::Failed);
    }
}
