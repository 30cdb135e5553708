//! `capk`: a published CA public key and the checksum that it is known by.

use serde_json::{Value, json};
use tapcard_crypto::capk::{CaKey, PUBLISHED, checksum, find};
use tapcard_crypto::rsa::{Exponent, PublicKey};
use tapcard_emv::aid::Rid;

use super::sm2;
use crate::cases::Case;
use crate::json;
use crate::outcome::{Comparison, Outcome};

/// The member that holds the checksum.
const CHECKSUM: &str = "sha1_rid_index_modulus_exponent";

pub(super) fn run(case: &Case<'_>) -> Outcome {
    match case.body.get("algorithm").and_then(Value::as_str) {
        Some("RSA") => rsa(case).unwrap_or_else(|| Outcome::unusable("`rid`, `index`, `modulus` or `exponent`")),
        Some("SM2") => sm2::ca_key(case),
        _ => Outcome::unusable("`algorithm` is neither RSA nor SM2"),
    }
}

fn rsa(case: &Case<'_>) -> Option<Outcome> {
    let octets = |name| case.body.get(name).and_then(json::octets);
    let rid = Rid::new(octets("rid")?.try_into().ok()?);
    let [index] = octets("index")?.try_into().ok()?;
    let (modulus, exponent) = (octets("modulus")?, octets("exponent")?);
    let mut comparison = Comparison::default();
    let mut compare = |member, expected: &Value, found: Value| {
        if json::same(expected, &found) {
            comparison.equal();
        } else {
            comparison.differs(member, expected.clone(), found);
        }
    };
    compare(CHECKSUM, case.body.get(CHECKSUM)?, json::hex(&checksum(rid, index, &modulus, &exponent)));
    if let Some(expected) = case.body.get("modulus_bytes") {
        compare("modulus_bytes", expected, json!(modulus.len()));
    }
    // The table that is compiled in has the same key.
    let key = PublicKey::new(&modulus, Exponent::from_octets(&exponent).ok()?).ok()?;
    let own = find(PUBLISHED.iter().map(|published| &published.key), rid, index);
    compare("compiled in", &json!(true), json!(own == Some(&CaKey::new(rid, index, key, None))));
    Some(comparison.finish())
}
