//! `oda`: certificates and signatures of published test cards, recovered as far as the data go.
//!
//! Static data that were not published leave the fields and the hashes inside the blocks to be compared; the ICC's key is then
//! put together from certificate and remainder without its hash.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use tapcard_crypto::oda::{
    IccCertificate, IccKey, IssuerCertificate, IssuerKey, OdaError, SignedDynamicData, SignedStaticData,
    TransactionHash,
};
use tapcard_crypto::rsa::MAX_MODULUS_LEN;
use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;
use tapcard_emv::tag;
use tapcard_iso7816::find;

use super::given::{Failed, Given, key, unusable};
use crate::cases::Case;
use crate::json;
use crate::outcome::{Comparison, Outcome};

/// What each part of `expect` is compared with; `sdad.txn_hash_ok` is missing where there is no such transcript.
type Members = Map<String, Value>;

const ROOM: [u8; MAX_MODULUS_LEN] = [0; MAX_MODULUS_LEN];

pub(crate) fn run(case: &Case<'_>) -> Outcome {
    let Some(expect) = case.body.get("expect").and_then(Value::as_object) else {
        return Outcome::unusable("`expect` is no object");
    };
    let answer = answer_of(case);
    let evaluate = |change: &Members| Card::new(case, change, answer.as_deref())?.evaluate();
    let found = match evaluate(&Map::new()) {
        Ok(found) => found,
        Err(Failed::Rule(error)) => Map::from_iter([("error".to_owned(), json!(error))]),
        Err(Failed::Unusable(what)) => return Outcome::unusable(&what),
        Err(Failed::Unknown) => return Outcome::unusable("there is nothing to recover"),
    };
    let mut comparison = Comparison::default();
    let has_transcript = answer.is_some() || case.body.get("transcript").is_none();
    compare("", expect, &found, has_transcript, &mut comparison);
    let changes = case.body.get("negative").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (index, change) in changes.iter().enumerate() {
        let Some(change) = change.as_object() else { return Outcome::unusable("`negative` is no list of objects") };
        let expected = change.get("expect").cloned().unwrap_or_default();
        let found = verdict(evaluate(change));
        if found == expected || (expected == "fail" && found != "ok") {
            comparison.equal();
        } else {
            comparison.differs(&format!("negative[{index}]"), expected, found);
        }
    }
    comparison.finish()
}

/// `ok`, `fail` for a hash that differs, or the name of the rule.
fn verdict(evaluated: Result<Members, Failed>) -> Value {
    match evaluated {
        Ok(found) => {
            let has_failed =
                found.values().filter_map(Value::as_object).flat_map(Map::values).any(|value| value == false);
            json!(if has_failed { "fail" } else { "ok" })
        }
        Err(Failed::Rule(error)) => json!(error),
        Err(Failed::Unusable(what)) => json!(format!("unusable case: {what}")),
        Err(Failed::Unknown) => json!("unusable case"),
    }
}

fn compare(at: &str, expect: &Members, found: &Members, has_transcript: bool, comparison: &mut Comparison) {
    for (name, expected) in expect {
        let member = format!("{at}{name}");
        let value = found.get(name).cloned().unwrap_or_default();
        if let (Some(expected), Some(found)) = (expected.as_object(), value.as_object()) {
            compare(&format!("{member}."), expected, found, has_transcript, comparison);
        } else if value.is_null() && member == "sdad.txn_hash_ok" && !has_transcript {
            comparison.leave_out(&member, None);
        } else if json::same(expected, &value) {
            comparison.equal();
        } else {
            comparison.differs(&member, expected.clone(), value);
        }
    }
}

/// The value of template 77 in the answer to GENERATE AC, from the transcript of this name in a file of the same folder.
fn answer_of(case: &Case<'_>) -> Option<Vec<u8>> {
    let wanted = case.body.get("transcript")?;
    let files = fs::read_dir(case.folder?).ok()?.flatten().map(|entry| entry.path());
    let mut files: Vec<_> = files.filter(|path| is_transcripts(path)).collect();
    files.sort();
    files.iter().find_map(|path| answer_in(path, wanted))
}

fn is_transcripts(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("emv-transcripts"))
}

fn answer_in(path: &Path, wanted: &Value) -> Option<Vec<u8>> {
    let document = crate::files::read(path).ok()?;
    let cases = crate::cases::cases(&document).ok()?;
    let case = cases.iter().find(|case| case.kind == "transcript" && wanted == case.id)?;
    let exchanges = case.body.get("exchanges")?.as_array()?;
    exchanges.iter().find_map(|exchange| {
        let command = exchange.get("c").and_then(json::octets)?;
        let answer = exchange.get("r").and_then(json::octets)?;
        let (data, [0x90, 0x00]) = answer.split_last_chunk::<2>()? else { return None };
        let [0x80, 0xAE, ..] = *command else { return None };
        find(data, tag::RESPONSE_TEMPLATE_2).map(<[u8]>::to_vec)
    })
}

/// One card, perhaps with a change that has to be noticed.
struct Card<'c> {
    body: Given<'c>,
    tags: Given<'c>,
    change: Given<'c>,
    answer: Option<&'c [u8]>,
    pan: Pan,
    today: Date,
}

impl<'c> Card<'c> {
    fn new(case: &Case<'c>, change: &'c Members, answer: Option<&'c [u8]>) -> Result<Self, Failed> {
        let (body, change) = (Given(case.body), Given(change));
        let tags = body.object("tags")?;
        let pan = Pan::from_cn(&tags.octets("5A")?).map_err(|_| unusable("5A", "a PAN"))?;
        // Test cards of the past: on this day none of them had ended.
        let today = if change.is_there("9A") { change.date("9A") } else { Date::from_yymmdd(&[0, 1, 1]).map_err(day) }?;
        Ok(Self { body, tags, change, answer, pan, today })
    }

    fn tag(&self, tag: &str) -> Result<Vec<u8>, Failed> {
        if self.change.is_there(tag) { self.change.octets(tag) } else { self.tags.octets_or_none(tag) }
    }

    fn static_data(&self) -> Result<Option<Vec<u8>>, Failed> {
        self.body.is_there("static_data").then(|| self.body.octets("static_data")).transpose()
    }

    fn evaluate(&self) -> Result<Members, Failed> {
        let capk = self.body.object("capk")?;
        let (modulus, mut room) = (capk.octets("modulus")?, ROOM);
        let ca = key(&modulus, &capk.octets("exponent")?)?;
        let certificate = IssuerCertificate::open(&ca, &self.tag("90")?, &mut room)?;
        let (remainder, exponent) = (self.tag("92")?, self.tag("9F32")?);
        let until = month(certificate.expiry_mmyy());
        let mut members = json!({
            "issuer_id": json::hex(&certificate.issuer_identifier()),
            "expiry_mmyy": json::hex(&certificate.expiry_mmyy()),
            "serial": json::hex(&certificate.serial()),
            "exponent": json::hex(&exponent),
            "hash": json::hex(&certificate.hash()),
        });
        let issuer = certificate.verify(&remainder, &exponent, &self.pan, self.today)?;
        put(&mut members, "modulus", json::hex(issuer.public().modulus()));
        let mut found = Map::from_iter([("issuer".to_owned(), members), ("valid_until_issuer".to_owned(), until)]);
        self.signed_static(&issuer, &mut found)?;
        self.icc(&issuer, &mut found)?;
        Ok(found)
    }

    fn signed_static(&self, issuer: &IssuerKey<'_>, found: &mut Members) -> Result<(), Failed> {
        let signature = self.tag("93")?;
        if signature.is_empty() {
            return Ok(());
        }
        let mut room = ROOM;
        let signed = SignedStaticData::open(issuer, &signature, &mut room)?;
        let mut members =
            json!({"dac": json::hex(&signed.data_authentication_code()), "hash": json::hex(&signed.hash())});
        if let Some(static_data) = self.static_data()? {
            put(&mut members, "hash_ok", is_right(signed.verify([static_data.as_slice()]).map(drop))?);
        }
        found.insert("ssad".to_owned(), members);
        Ok(())
    }

    fn icc(&self, issuer: &IssuerKey<'_>, found: &mut Members) -> Result<(), Failed> {
        let (signature, remainder, exponent) = (self.tag("9F46")?, self.tag("9F48")?, self.tag("9F47")?);
        if signature.is_empty() {
            return Ok(());
        }
        let mut room = ROOM;
        let certificate = IccCertificate::open(issuer, &signature, &mut room)?;
        let modulus = [certificate.modulus_left_part(), &remainder].concat();
        found.insert("valid_until_icc".to_owned(), month(certificate.expiry_mmyy()));
        let mut members = json!({
            "pan_f_padded": json::hex(&certificate.pan()),
            "expiry_mmyy": json::hex(&certificate.expiry_mmyy()),
            "serial": json::hex(&certificate.serial()),
            "modulus": json::hex(&modulus),
            "exponent": json::hex(&exponent),
            "hash": json::hex(&certificate.hash()),
            "modulus_len_ok": certificate.key_len() == modulus.len(),
        });
        if let Some(data) = self.static_data()? {
            let verified = certificate.verify(&remainder, &exponent, [data.as_slice()], &self.pan, self.today);
            put(&mut members, "hash_ok", is_right(verified.map(drop))?);
        }
        found.insert("icc".to_owned(), members);
        self.signed_dynamic(&IccKey::new(key(&modulus, &exponent)?), found)
    }

    fn signed_dynamic(&self, icc: &IccKey<'_>, found: &mut Members) -> Result<(), Failed> {
        let mut signature = self.tag("9F4B")?;
        if signature.is_empty() {
            signature = self.body.octets_or_none("sdad_cert")?;
        }
        if signature.is_empty() {
            return Ok(());
        }
        let mut room = ROOM;
        let signed = SignedDynamicData::open(icc, &signature, &mut room)?;
        let (number, _) = signed.dynamic_number()?;
        let mut members = json!({
            "icc_dynamic_data": json::hex(signed.dynamic_data()),
            "icc_dynamic_number": json::hex(number),
            "hash": json::hex(&signed.hash()),
        });
        if self.body.is_there("dynamic_data") {
            put(&mut members, "hash_ok", is_right(signed.verify_dda(&self.body.octets("dynamic_data")?).map(drop))?);
        } else if self.body.is_there("un") {
            self.combined(&signed, &mut members)?;
        }
        found.insert("sdad".to_owned(), members);
        Ok(())
    }

    fn combined(&self, signed: &SignedDynamicData<'_>, members: &mut Value) -> Result<(), Failed> {
        let data = signed.cda()?;
        put(members, "cid", json::hex(&[data.cid]));
        put(members, "ac", json::hex(&data.cryptogram));
        put(members, "txn_data_hash", json::hex(&data.transaction_hash));
        let un = self.body.array("un")?;
        // With its own hash for the transaction's, what is left to differ is the hash over the unpredictable number.
        put(members, "hash_ok", is_right(signed.verify_cda(un, data.cid, &data.transaction_hash).map(drop))?);
        let Some(answer) = self.answer else { return Ok(()) };
        let mut hash = TransactionHash::new();
        hash.values(&self.body.octets("pdol_data")?);
        hash.values(&self.body.octets("cdol1_data")?);
        hash.answer(answer).map_err(|_| unusable("transcript", "a session with GENERATE AC"))?;
        let cid = find(answer, tag::CID).and_then(|cid| cid.first().copied()).unwrap_or_default();
        put(members, "txn_hash_ok", is_right(signed.verify_cda(un, cid, &hash.finish()).map(drop))?);
        Ok(())
    }
}

fn day(_: tapcard_emv::date::DateError) -> Failed {
    unusable("9A", "a date")
}

fn put(members: &mut Value, name: &str, value: Value) {
    if let Some(members) = members.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Whether a hash is right; another failure is the card's.
fn is_right(verified: Result<(), OdaError>) -> Result<Value, Failed> {
    match verified {
        Ok(()) => Ok(json!(true)),
        Err(OdaError::HashMismatch | OdaError::TransactionDataHashMismatch) => Ok(json!(false)),
        Err(other) => Err(other.into()),
    }
}

/// MMYY as `YYYY-MM`.
fn month([month, year]: [u8; 2]) -> Value {
    Date::from_yymm(&[year, month]).map_or(Value::Null, |date| json!(date.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::status;
    use crate::summary::Status;
    use serde_json::{Value, json};

    fn published(index: usize) -> Value {
        let text = include_str!("../../../../emv-oda.json");
        let cases: Value = serde_json::from_str(text).unwrap();
        cases.get(index).unwrap().clone()
    }

    #[test]
    fn a_change_that_is_not_noticed_fails_the_case() {
        let mut case = published(1);
        assert_eq!(status(&case), Status::Passed);
        case["negative"] = json!([{"what": "nothing", "9F32": "03", "expect": "fail"}]);
        assert_eq!(status(&case), Status::Failed);
        case["negative"] = json!([{"9A": "120101", "expect": "expired"}, {"9F32": "010001", "expect": "fail"}]);
        assert_eq!(status(&case), Status::Passed);
        case["negative"] = json!([{"9F32": "010001", "expect": "expired"}]);
        assert_eq!(status(&case), Status::Failed);
    }

    #[test]
    fn without_the_transcript_its_hash_is_left_out() {
        assert_eq!(status(&published(3)), Status::Unsupported);
    }
}
