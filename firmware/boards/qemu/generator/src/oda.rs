//! Certificates and signed data whose recovery is measured: one chain whose exponents are all 3, one where all are 65537.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::files;
use crate::rust::{literal, octets_in, text_in};

/// The chains that are measured: the case with the CA's key and certificates, by file and members.
pub(crate) fn read(vectors: &Path) -> Result<String> {
    let crypto = files::read(&vectors.join("crypto-oda.json"))?;
    let published = files::read(&vectors.join("emv-oda.json"))?;
    let case = |cases: &[(String, Value)], wanted: &str| -> Result<Value> {
        let found = cases.iter().find(|(id, _)| id.ends_with(&format!("#{wanted}")) || id == wanted);
        Ok(found.with_context(|| format!("no case {wanted}"))?.1.clone())
    };
    let chains = [test_card(|id| case(&crypto, id))?, published_card(&case(&published, "bertlv-amexA1-sda-cda")?)?];
    let long = case(&published, "emvutils-visa94-sda-dda")?;
    let (capk, tags) = (member(&long, "capk")?, member(&long, "tags")?);
    let recoveries =
        [recovery(&octets_in(capk, "modulus")?, &octets_in(capk, "exponent")?, &octets_in(tags, "90")?), {
            let given = case(&crypto, "oda-003")?;
            let given = member(&given, "in")?;
            let octets = |name| octets_in(given, name);
            recovery(&octets("ca_modulus")?, &octets("ca_exponent")?, &octets("cert_90")?)
        }];
    Ok(format!(
        "pub(crate) static CHAINS: &[Chain] = &[{}];\npub(crate) static RECOVERIES: &[Recovery] = &[{}];\n",
        chains.join(", "),
        recoveries.join(", ")
    ))
}

fn member<'v>(value: &'v Value, name: &str) -> Result<&'v Value> {
    value.get(name).with_context(|| format!("no `{name}`"))
}

fn recovery(modulus: &[u8], exponent: &[u8], signature: &[u8]) -> String {
    let [modulus, exponent, signature] = [modulus, exponent, signature].map(literal);
    format!("Recovery {{ modulus: {modulus}, exponent: {exponent}, signature: {signature} }}")
}

/// `oda-001`, `oda-002` and `oda-055` are of one card.
fn test_card(case: impl Fn(&str) -> Result<Value>) -> Result<String> {
    let (issuer, icc, cda) = (case("oda-001")?, case("oda-002")?, case("oda-055")?);
    let (issuer, icc, cda) = (member(&issuer, "in")?, member(&icc, "in")?, member(&cda, "in")?);
    let fields = [
        ("modulus", octets_in(issuer, "ca_modulus")?),
        ("exponent", octets_in(issuer, "ca_exponent")?),
        ("issuer_certificate", octets_in(issuer, "cert_90")?),
        ("issuer_remainder", octets_in(issuer, "remainder_92")?),
        ("issuer_exponent", octets_in(issuer, "exponent_9F32")?),
        ("icc_certificate", octets_in(icc, "cert_9F46")?),
        ("icc_remainder", octets_in(icc, "remainder_9F48")?),
        ("icc_exponent", octets_in(icc, "exponent_9F47")?),
        ("static_data", octets_in(icc, "static_data")?),
        ("signed", octets_in(cda, "sdad_9F4B")?),
        ("un", octets_in(cda, "un_9F37")?),
    ];
    Ok(chain(text_in(icc, "pan")?, &fields))
}

fn published_card(case: &Value) -> Result<String> {
    let (capk, tags) = (member(case, "capk")?, member(case, "tags")?);
    let fields = [
        ("modulus", octets_in(capk, "modulus")?),
        ("exponent", octets_in(capk, "exponent")?),
        ("issuer_certificate", octets_in(tags, "90")?),
        ("issuer_remainder", octets_in(tags, "92")?),
        ("issuer_exponent", octets_in(tags, "9F32")?),
        ("icc_certificate", octets_in(tags, "9F46")?),
        ("icc_remainder", octets_in(tags, "9F48")?),
        ("icc_exponent", octets_in(tags, "9F47")?),
        ("static_data", octets_in(case, "static_data")?),
        ("signed", octets_in(case, "sdad_cert")?),
        ("un", octets_in(case, "un")?),
    ];
    Ok(chain(text_in(tags, "5A")?.trim_end_matches('F'), &fields))
}

fn chain(pan: &str, fields: &[(&str, Vec<u8>)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, octets)| format!("{name}: {}", literal(octets))).collect();
    format!("Chain {{ pan: {pan:?}, {} }}", fields.join(", "))
}
