//! Commands of a transaction and their answers (EMV 4.4 Book 3, 6.5), and the members of `expect` that speak of them.

use serde_json::{Map, Value, json};
use tapcard_emv::{Dol, tag};
use tapcard_iso7816::{Command, Ins, StatusWord, Tag, Tlvs, find};

use super::evidence::{GenerateAc, TerminalSession};
use super::judge::Judge;
use super::recovered;
use crate::json;

/// Octets of an application cryptogram.
const CRYPTOGRAM: usize = 8;

/// Takes one whole exchange.
pub(super) fn take(session: &mut TerminalSession, command: &Command<'_>, data: &[u8], sw: StatusWord) {
    match (command.cla(), command.ins()) {
        (_, Ins::ExternalAuthenticate) => session.external_authenticate = Some(sw),
        _ if sw != StatusWord::OK => {}
        (_, Ins::GenerateAc) => session.generate_ac.extend(generate_ac(command.data(), data)),
        (_, Ins::InternalAuthenticate) => {
            session.ddol_data = Some(command.data().to_vec());
            let template = find(data, FORMAT_2).and_then(|template| find(template, SIGNED_DYNAMIC_DATA));
            session.signature = find(data, FORMAT_1).or(template).map(<[u8]>::to_vec);
        }
        // Cla 80 makes this octet COMPUTE CRYPTOGRAPHIC CHECKSUM (EMV Contactless Book C-2).
        (0x80, Ins::PerformSecurityOperation) => session.checksum = find(data, FORMAT_2).map(objects),
        _ => {}
    }
}

/// `9F4B`.
const SIGNED_DYNAMIC_DATA: Tag = Tag::new(0x9F4B);
const FORMAT_1: Tag = tag::RESPONSE_TEMPLATE_1;
const FORMAT_2: Tag = tag::RESPONSE_TEMPLATE_2;

fn objects(template: &[u8]) -> Vec<(Tag, Vec<u8>)> {
    Tlvs::new(template).map_while(Result::ok).map(|object| (object.tag, object.value.to_vec())).collect()
}

/// Both formats of the answer (EMV 4.4 Book 3, 6.5.5.4).
fn generate_ac(sent: &[u8], answer: &[u8]) -> Option<GenerateAc> {
    if let Some([cid, high, low, rest @ ..]) = find(answer, FORMAT_1) {
        let (ac, iad) = rest.split_at_checked(CRYPTOGRAM)?;
        let iad = (!iad.is_empty()).then(|| iad.to_vec());
        let atc = u16::from_be_bytes([*high, *low]);
        return Some(GenerateAc { sent: sent.to_vec(), cid: *cid, atc, ac: Some(ac.to_vec()), iad, signature: None });
    }
    let template = find(answer, FORMAT_2)?;
    let value = |wanted| find(template, wanted);
    Some(GenerateAc {
        sent: sent.to_vec(),
        cid: *value(tag::CID)?.first()?,
        atc: u16::from_be_bytes(value(tag::ATC)?.try_into().ok()?),
        ac: value(tag::AC).map(<[u8]>::to_vec),
        iad: value(tag::IAD).map(<[u8]>::to_vec),
        signature: value(SIGNED_DYNAMIC_DATA).map(<[u8]>::to_vec),
    })
}

/// `genac`: the list in order; of each entry only what the case names.
pub(super) fn genac(judge: &mut Judge<'_>, expected: &Value) {
    let Some(session) = &judge.evidence.terminal else { return };
    let found = session.generate_ac.iter().map(shown).enumerate();
    let found = found.map(|(index, answer)| json::only_named(expected.get(index).unwrap_or(&Value::Null), &answer));
    let found = found.collect();
    judge.is("genac", expected, Value::Array(found));
}

fn shown(answer: &GenerateAc) -> Map<String, Value> {
    let octets = |value: &Option<Vec<u8>>| value.as_deref().map_or(Value::Null, json::hex);
    let mut members = Map::new();
    members.insert("cid".into(), json::hex(&[answer.cid]));
    members.insert("atc".into(), json!(answer.atc));
    members.insert("ac".into(), octets(&answer.ac));
    members.insert("iad".into(), octets(&answer.iad));
    members
}

/// `tvr_2nd`: what the terminal sent under tag 95, by the card's own CDOL2.
pub(super) fn second_tvr(judge: &mut Judge<'_>, expected: &Value) {
    let Some(session) = &judge.evidence.terminal else { return };
    let second = session.generate_ac.get(1).map(|command| command.sent.as_slice()).unwrap_or_default();
    let found = judge.evidence.values(tag::CDOL2).into_iter().filter_map(|cdol| dol_value(cdol, second, tag::TVR));
    let found: Vec<_> = found.map(json::hex).collect();
    judge.one_of("tvr_2nd", expected, found);
}

/// The field of DOL data with this tag.
pub(super) fn dol_value<'d>(dol: &[u8], data: &'d [u8], wanted: Tag) -> Option<&'d [u8]> {
    let fields = Dol::new(dol).decode(data).map_while(Result::ok);
    fields.into_iter().find(|(entry, _)| entry.tag == wanted).map(|(_, value)| value)
}

/// `ccc`: `{cvc3_track1, cvc3_track2, atc}`. Tag 9F61 is CVC3 here, elsewhere an identity number: the command decides.
pub(super) fn checksum(judge: &mut Judge<'_>, expected: &Value) {
    let Some(session) = &judge.evidence.terminal else { return };
    let value = |wanted: Tag| {
        let objects = session.checksum.as_deref().unwrap_or_default();
        objects.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| value.as_slice())
    };
    let octets = |wanted| value(wanted).map_or(Value::Null, json::hex);
    let atc = value(tag::ATC).and_then(|atc| atc.try_into().ok()).map(u16::from_be_bytes);
    let found =
        [("cvc3_track1", octets(tag::CVC3_TRACK1)), ("cvc3_track2", octets(tag::CVC3_TRACK2)), ("atc", json!(atc))];
    let found = found.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    judge.is("ccc", expected, json::only_named(expected, &found));
}

/// `ext_auth_sw`.
pub(super) fn external_authenticate(judge: &mut Judge<'_>, expected: &Value) {
    let Some(session) = &judge.evidence.terminal else { return };
    judge.is("ext_auth_sw", expected, status(session.external_authenticate));
}

/// `final_sw`.
pub(super) fn last_status(judge: &mut Judge<'_>, expected: &Value) {
    let Some(session) = &judge.evidence.terminal else { return };
    judge.is("final_sw", expected, status(session.last));
}

fn status(sw: Option<StatusWord>) -> Value {
    sw.map_or(Value::Null, |sw| json::hex(&sw.get().to_be_bytes()))
}

/// `dda`: the data sent, and what stands inside the signature.
pub(super) fn dda(judge: &mut Judge<'_>, expected: &Value) {
    let Some(members) = expected.as_object() else { return judge.unknown("dda") };
    for (name, value) in members {
        match (name.as_str(), &judge.evidence.terminal) {
            // The whole data of INTERNAL AUTHENTICATE, which is 9F37 alone under the default DDOL.
            ("un", Some(session)) => {
                let found = session.ddol_data.as_deref().map_or(Value::Null, json::hex);
                judge.is("dda.un", value, found);
            }
            ("un", None) => {}
            ("icc_dynamic_number" | "hash", _) => recovered::dynamic(judge, "dda", name, value),
            _ => judge.unknown(&format!("dda.{name}")),
        }
    }
}

/// `cda`: what stands inside the signature.
pub(super) fn cda(judge: &mut Judge<'_>, expected: &Value) {
    let Some(members) = expected.as_object() else { return judge.unknown("cda") };
    for (name, value) in members {
        match name.as_str() {
            "hash" | "txn_data_hash" => recovered::dynamic(judge, "cda", name, value),
            _ => judge.unknown(&format!("cda.{name}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(text: &str) -> Vec<u8> {
        hex::decode(text).unwrap()
    }

    fn generated(answer: &str) -> Option<Value> {
        generate_ac(&[], &octets(answer)).map(|answer| Value::Object(shown(&answer)))
    }

    #[test]
    fn both_formats_of_generate_ac_are_read() {
        let expected = json!({"cid": "80", "atc": 6, "ac": "B04398D218017BF9", "iad": "0701"});
        assert_eq!(generated("800D800006B04398D218017BF90701"), Some(expected.clone()));
        assert_eq!(generated("77199F2701809F360200069F2608B04398D218017BF99F10020701"), Some(expected));
    }

    #[test]
    fn an_answer_that_is_cut_off_or_of_another_form_is_no_cryptogram() {
        for answer in ["", "8003800006", "800A800006B04398D21801", "77049F270180", "70035F2000"] {
            assert_eq!(generated(answer), None, "{answer}");
        }
    }
}
