//! A card's private key at work: what it makes of one block, for the board to make again.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;
use tapcard_crypto::rsa::{Blinding, CrtValues, Exponent, MAX_MODULUS_LEN, PrivateKey, PublicKey};

use super::dice::Dice;
use crate::rust::{literal, octets_in};

/// The card's key of the first test chain: 1024 bits.
pub(crate) fn read(vectors: &Path) -> Result<String> {
    let document: Value = serde_json::from_slice(&std::fs::read(vectors.join("testca-keys.json"))?)?;
    let key = document.pointer("/chains/0/icc").context("no key of a card")?;
    let [modulus, exponent, p, q] = ["n", "e", "p", "q"].map(|name| octets_in(key, name));
    let (modulus, exponent, p, q) = (modulus?, exponent?, p?, q?);
    let public_exponent = Exponent::from_octets(&exponent)?;
    let values = CrtValues::new(&p, &q, public_exponent)?;
    let crt = values.crt(&p, &q);
    let private = PrivateKey::with_crt(PublicKey::new(&modulus, public_exponent)?, crt)?;

    let mut dice = Dice(1024);
    let mut block = dice.octets(modulus.len());
    block[0] = 0x6A;
    let blinding = dice.octets(modulus.len());
    let mut room = [0; MAX_MODULUS_LEN];
    let signature = private.apply(&block, Blinding(&blinding), &mut room)?;
    let fields: [(&str, &[u8]); 10] = [
        ("modulus", &modulus),
        ("exponent", &exponent),
        ("p", crt.p),
        ("q", crt.q),
        ("dp", crt.dp),
        ("dq", crt.dq),
        ("q_inverse", crt.q_inverse),
        ("block", &block),
        ("blinding", &blinding),
        ("signature", signature),
    ];
    let fields: Vec<_> = fields.iter().map(|(name, octets)| format!("{name}: {}", literal(octets))).collect();
    Ok(format!("pub(crate) static SIGNING: Signing = Signing {{ {} }};\n", fields.join(", ")))
}
