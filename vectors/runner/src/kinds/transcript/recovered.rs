//! What stands inside the certificates and signatures of a session, with the CA keys that are compiled in.
//!
//! The static data are not gathered here (kind `oda` verifies them); the ICC's key is put together from certificate and remainder.

use serde_json::{Map, Value, json};
use tapcard_crypto::capk::{PUBLISHED, find};
use tapcard_crypto::oda::{IccCertificate, IccKey, IssuerCertificate, IssuerKey, SignedDynamicData, SignedStaticData};
use tapcard_crypto::rsa::{Exponent, MAX_MODULUS_LEN, PublicKey};
use tapcard_emv::date::Date;
use tapcard_emv::tag;
use tapcard_iso7816::Tag;
use tapcard_report::Application;

use super::evidence::{Evidence, TerminalSession};
use super::judge::Judge;
use super::terminal::dol_value;
use crate::json;

const ROOM: [u8; MAX_MODULUS_LEN] = [0; MAX_MODULUS_LEN];

/// Fields by their names in the cases.
type Members = Map<String, Value>;

/// A recovered key, and what its certificate says.
struct Certified {
    modulus: Vec<u8>,
    exponent: Exponent,
    members: Members,
}

impl Certified {
    fn key(&self) -> Option<PublicKey<'_>> {
        PublicKey::new(&self.modulus, self.exponent).ok()
    }
}

/// The first occurrence of an object, nothing where it was not met.
fn value(application: &Application, tag: Tag) -> &[u8] {
    let mut objects = application.objects.iter().filter(|object| object.tag == tag);
    objects.next().map(|object| object.value.as_slice()).unwrap_or_default()
}

/// The issuer's key, verified on a day when no card of the past had ended.
fn issuer(application: &Application) -> Option<Certified> {
    let [index] = *value(application, tag::CA_PUBLIC_KEY_INDEX) else { return None };
    let ca = find(PUBLISHED.iter().map(|published| &published.key), application.aid?.rid(), index)?;
    let mut room = ROOM;
    let certificate =
        IssuerCertificate::open(ca.key(), value(application, tag::ISSUER_PUBLIC_KEY_CERTIFICATE), &mut room).ok()?;
    let members = Map::from_iter([("hash".to_owned(), json::hex(&certificate.hash()))]);
    let remainder = value(application, tag::ISSUER_PUBLIC_KEY_REMAINDER);
    let exponent = value(application, tag::ISSUER_PUBLIC_KEY_EXPONENT);
    let today = Date::new(2000, 1, Some(1)).ok()?;
    let key = certificate.verify(remainder, exponent, application.pan.as_ref()?, today).ok()?;
    Some(Certified { modulus: key.public().modulus().to_vec(), exponent: key.public().exponent(), members })
}

fn icc(application: &Application) -> Option<Certified> {
    let issuer = issuer(application)?;
    let mut room = ROOM;
    let signature = value(application, tag::ICC_PUBLIC_KEY_CERTIFICATE);
    let certificate = IccCertificate::open(&IssuerKey::new(issuer.key()?), signature, &mut room).ok()?;
    let remainder = value(application, tag::ICC_PUBLIC_KEY_REMAINDER);
    let members = json!({
        "expiry_mmyy": json::hex(&certificate.expiry_mmyy()),
        "serial": json::hex(&certificate.serial()),
        "hash": json::hex(&certificate.hash()),
    });
    Some(Certified {
        modulus: [certificate.modulus_left_part(), remainder].concat(),
        exponent: Exponent::from_octets(value(application, tag::ICC_PUBLIC_KEY_EXPONENT)).ok()?,
        members: members.as_object()?.clone(),
    })
}

fn signed_static(application: &Application) -> Option<Value> {
    let issuer = issuer(application)?;
    let mut room = ROOM;
    let signature = value(application, tag::SIGNED_STATIC_APPLICATION_DATA);
    let signed = SignedStaticData::open(&IssuerKey::new(issuer.key()?), signature, &mut room).ok()?;
    Some(json::hex(&signed.hash()))
}

/// DDA's or CDA's fields, once the hash over the terminal's data is right.
fn signed_dynamic(application: &Application, session: &TerminalSession, name: &str) -> Option<Members> {
    let icc = icc(application)?;
    let key = IccKey::new(icc.key()?);
    let mut room = ROOM;
    let found = if name == "dda" {
        let signed = SignedDynamicData::open(&key, session.signature.as_deref()?, &mut room).ok()?;
        let number = signed.verify_dda(session.ddol_data.as_deref()?).ok()?;
        json!({"icc_dynamic_number": json::hex(number), "hash": json::hex(&signed.hash())})
    } else {
        let command = session.generate_ac.iter().find(|command| command.signature.is_some())?;
        let signed = SignedDynamicData::open(&key, command.signature.as_deref()?, &mut room).ok()?;
        let un = dol_value(value(application, tag::CDOL1), &command.sent, Tag::new(0x9F37))?;
        let data = signed.cda().ok()?;
        // Kind `oda` has the transaction's data; here the hash over the unpredictable number is verified.
        signed.verify_cda(un.try_into().ok()?, command.cid, &data.transaction_hash).ok()?;
        json!({"hash": json::hex(&signed.hash()), "txn_data_hash": json::hex(&data.transaction_hash)})
    };
    found.as_object().cloned()
}

fn of_each(evidence: &Evidence, recover: impl Fn(&Application) -> Option<Value>) -> Vec<Value> {
    evidence.applications().iter().filter_map(recover).collect()
}

/// `icc_cert`, `icc_cert_hash`, `issuer_cert_hash` and `ssad_hash`.
pub(super) fn certificate(judge: &mut Judge<'_>, member: &str, expected: &Value) {
    let hash = |certified: Certified| certified.members.get("hash").cloned();
    let found = match member {
        "icc_cert" => of_each(judge.evidence, |application| Some(Value::Object(icc(application)?.members))),
        "icc_cert_hash" => of_each(judge.evidence, |application| hash(icc(application)?)),
        "issuer_cert_hash" => of_each(judge.evidence, |application| hash(issuer(application)?)),
        _ => of_each(judge.evidence, signed_static),
    };
    judge.one_of(member, expected, found);
}

/// One member of `dda` or `cda`; a reader sends neither command, so that it has nothing to show.
pub(super) fn dynamic(judge: &mut Judge<'_>, kind: &str, name: &str, expected: &Value) {
    let Some(session) = &judge.evidence.terminal else { return };
    let found = of_each(judge.evidence, |application| signed_dynamic(application, session, kind)?.get(name).cloned());
    judge.one_of(&format!("{kind}.{name}"), expected, found);
}
