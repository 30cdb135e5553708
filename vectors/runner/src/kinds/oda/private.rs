//! Private keys of cases, and kind `testca`: keys of a test CA, its issuer and its card.

use serde_json::{Value, json};
use tapcard_crypto::rsa::{Blinding, CrtValues, Exponent, MAX_MODULUS_LEN, PrivateKey, PublicKey};

use super::given::{Failed, Given, key, unusable};
use crate::cases::Case;
use crate::outcome::{Comparison, Outcome};

/// No result depends on it, and nobody watches the runner.
pub(super) const BLINDING: Blinding<'static> = Blinding(&[0xA5; MAX_MODULUS_LEN]);

/// Modulus and private exponent of a case, which does not say the public exponent.
pub(super) struct Signer {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Signer {
    pub(super) fn of(given: Given<'_>) -> Result<Self, Failed> {
        Ok(Self { modulus: given.octets("modulus")?, exponent: given.octets("private_exponent")? })
    }

    /// The key with the one of the two public exponents that undoes the private one.
    pub(super) fn key(&self) -> Result<PrivateKey<'_>, Failed> {
        for exponent in [Exponent::Three, Exponent::F4] {
            let public = PublicKey::new(&self.modulus, exponent)?;
            let key = PrivateKey::new(public, &self.exponent).map_err(|_| unusable("signer", "a private key"))?;
            if undoes(&key) {
                return Ok(key);
            }
        }
        Err(unusable("signer", "a private key"))
    }
}

/// Whether the public key undoes the private one, which is what e d = 1 is for.
fn undoes(key: &PrivateKey<'_>) -> bool {
    let mut block = vec![0x5A; key.public().len()];
    if let Some(first) = block.first_mut() {
        *first = 0;
    }
    key.apply(&block, BLINDING, &mut [0; MAX_MODULUS_LEN]).is_ok()
}

/// `testca`: of each key, n is the product of p and q, and d undoes e, with and without the primes.
pub(crate) fn run(case: &Case<'_>) -> Outcome {
    let mut comparison = Comparison::default();
    for holder in ["ca", "iss", "icc"] {
        let Ok(found) = Given(case.body).object(holder).and_then(check) else {
            return Outcome::unusable(&format!("`{holder}` is no private key"));
        };
        for (rule, is_right) in found {
            if is_right {
                comparison.equal();
            } else {
                comparison.differs(&format!("{holder}: {rule}"), json!(true), Value::Bool(false));
            }
        }
    }
    comparison.finish()
}

/// A prime is a number, not octets: it may have an odd number of digits.
fn prime(holder: Given<'_>, name: &str) -> Result<Vec<u8>, Failed> {
    let text = holder.text(name)?;
    let zero = if text.len().is_multiple_of(2) { "" } else { "0" };
    hex::decode(format!("{zero}{text}")).map_err(|_| unusable(name, "a number"))
}

fn check(holder: Given<'_>) -> Result<[(&'static str, bool); 3], Failed> {
    let (n, e, d) = (holder.octets("n")?, holder.octets("e")?, holder.octets("d")?);
    let (p, q) = (prime(holder, "p")?, prime(holder, "q")?);
    let public = key(&n, &e)?;
    let plain = PrivateKey::new(public, &d).is_ok_and(|key| undoes(&key));
    let values = CrtValues::new(&p, &q, public.exponent());
    let product = values.as_ref().map(|values| PrivateKey::with_crt(public, values.crt(&p, &q)));
    let (product, crt) = match product {
        Ok(Ok(key)) => (true, undoes(&key)),
        _ => (false, false),
    };
    Ok([("n = p q", product), ("e d = 1", plain), ("e d = 1 modulo p - 1 and q - 1", crt)])
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::status;
    use crate::summary::Status;
    use serde_json::{Value, json};

    #[test]
    fn a_key_with_any_other_value_is_noticed() {
        let text = include_str!("../../../../testca-keys.json");
        let file: Value = serde_json::from_str(text).unwrap();
        let case = file.pointer("/chains/0").unwrap();
        assert_eq!(status(case), Status::Passed);
        for value in ["n", "d", "p", "q"] {
            let mut case = case.clone();
            let place = case.pointer_mut(&format!("/icc/{value}")).unwrap();
            let mut octets = hex::decode(place.as_str().unwrap()).unwrap();
            *octets.get_mut(3).unwrap() ^= 0x10;
            *place = json!(hex::encode(octets));
            assert_eq!(status(&case), Status::Failed, "{value}");
        }
    }
}
