//! Powers, faults and refusals, with keys of `vectors/testca-keys.json`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop")]

use super::super::test_keys::{CA_D, CA_N, CA_P, CA_Q, ICC_D, ICC_N, ICC_P, ICC_Q, octets};
use super::*;
use num_bigint::BigUint;
use proptest::prelude::*;
use std::vec;
use std::vec::Vec;

/// The values of a key, both of whose public exponents are 3.
struct Key {
    n: Vec<u8>,
    d: Vec<u8>,
    p: Vec<u8>,
    q: Vec<u8>,
}

impl Key {
    /// 1024 bits, the size of a card's.
    fn icc() -> Self {
        Self { n: octets(ICC_N), d: octets(ICC_D), p: octets(ICC_P), q: octets(ICC_Q) }
    }

    /// 1408 bits, longer than a card's.
    fn ca() -> Self {
        Self { n: octets(CA_N), d: octets(CA_D), p: octets(CA_P), q: octets(CA_Q) }
    }

    fn public(&self) -> PublicKey<'_> {
        PublicKey::new(&self.n, Exponent::Three).unwrap()
    }

    fn values(&self) -> CrtValues {
        CrtValues::new(&self.p, &self.q, Exponent::Three).unwrap()
    }
}

fn expected(key: &Key, block: &[u8]) -> Vec<u8> {
    let number = |octets: &[u8]| BigUint::from_bytes_be(octets);
    let power = number(block).modpow(&number(&key.d), &number(&key.n)).to_bytes_be();
    [vec![0; key.n.len() - power.len()], power].concat()
}

fn check(key: &Key, block: &[u8], random: &[u8]) {
    let values = key.values();
    let forms = [
        PrivateKey::new(key.public(), &key.d).unwrap(),
        PrivateKey::with_crt(key.public(), values.crt(&key.p, &key.q)).unwrap(),
        PrivateKey::with_crt(key.public(), {
            // The other order of the primes has another inverse.
            let inverse = CrtValues::new(&key.q, &key.p, Exponent::Three).unwrap();
            std::boxed::Box::leak(std::boxed::Box::new(inverse)).crt(&key.q, &key.p)
        })
        .unwrap(),
    ];
    for form in forms {
        let mut room = [0xEE; MAX_MODULUS_LEN];
        assert_eq!(form.apply(block, Blinding(random), &mut room).unwrap(), expected(key, block));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_power_is_that_of_another_library(
        block in proptest::collection::vec(any::<u8>(), 176), random in proptest::collection::vec(any::<u8>(), 176),
    ) {
        for key in [Key::icc(), Key::ca()] {
            let mut block = block.get(..key.n.len()).unwrap().to_vec();
            *block.first_mut().unwrap() &= 0x7F;
            check(&key, &block, &random);
        }
    }
}

#[test]
fn the_ends_of_the_range_are_right() {
    let key = Key::icc();
    let mut highest = key.n.clone();
    *highest.last_mut().unwrap() -= 1;
    let mut one = vec![0; key.n.len()];
    *one.last_mut().unwrap() = 1;
    let random = vec![0xA5; key.n.len()];
    for block in [vec![0; key.n.len()], one, highest] {
        check(&key, &block, &random);
    }
    // Blinding above the modulus is taken modulo it.
    check(&key, &vec![0x11; key.n.len()], &vec![0xFF; key.n.len()]);
}

#[test]
fn a_fault_in_any_value_gives_nothing_away() {
    let key = Key::icc();
    let (random, block) = (vec![0xA5; key.n.len()], vec![0x11; key.n.len()]);
    let good = key.values();
    for fault in 0..3 {
        let mut values = good.clone();
        let value = [&mut values.dp, &mut values.dq, &mut values.q_inverse].into_iter().nth(fault).unwrap();
        *value.last_mut().unwrap() ^= 4;
        let faulty = PrivateKey::with_crt(key.public(), values.crt(&key.p, &key.q)).unwrap();
        let mut room = [0xEE; MAX_MODULUS_LEN];
        assert_eq!(faulty.apply(&block, Blinding(&random), &mut room), Err(SignError::Fault));
        assert!(room.iter().take(key.n.len()).all(|octet| *octet == 0), "the wrong result is wiped");
    }
    let mut d = key.d.clone();
    *d.last_mut().unwrap() ^= 4;
    let faulty = PrivateKey::new(key.public(), &d).unwrap();
    assert_eq!(faulty.apply(&block, Blinding(&random), &mut [0; 128]), Err(SignError::Fault));
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let key = Key::icc();
    let private = PrivateKey::new(key.public(), &key.d).unwrap();
    let random = vec![0xA5; key.n.len()];
    let mut room = [0; MAX_MODULUS_LEN];
    let mut apply = |block: &[u8], random: &[u8]| private.apply(block, Blinding(random), &mut room).unwrap_err();
    let wrong = RsaError::SignatureLength { expected: 128, found: 127 };
    assert_eq!(apply(&[1; 127], &random), SignError::Rsa(wrong));
    assert_eq!(apply(&key.n, &random), SignError::Rsa(RsaError::SignatureRange));
    assert_eq!(apply(&[1; 128], &[1; 127]), SignError::Blinding);
    assert_eq!(apply(&[1; 128], &[0; 128]), SignError::Blinding);
    assert_eq!(apply(&[1; 128], &key.n), SignError::Blinding);
    let mut small = [0; 127];
    let short = private.apply(&[1; 128], Blinding(&random), &mut small);
    assert_eq!(short, Err(SignError::Rsa(RsaError::Room { needed: 128, room: 127 })));
}

#[test]
fn what_is_no_key_is_refused() {
    let key = Key::icc();
    let values = key.values();
    let ca = Key::ca();
    let with = |p, q| PrivateKey::with_crt(key.public(), values.crt(p, q)).map(|_| ()).unwrap_err();
    assert_eq!(with(&ca.p, &key.q), PrivateKeyError::Product);
    assert_eq!(with(&[], &key.q), PrivateKeyError::Length);
    assert_eq!(with(&[1; 125], &key.q), PrivateKeyError::Length);
    assert_eq!(PrivateKey::new(key.public(), &[]).map(|_| ()), Err(PrivateKeyError::Length));
    // 7 - 1 is a multiple of 3, so 3 has no inverse.
    assert_eq!(CrtValues::new(&[7], &[11], Exponent::Three).map(|_| ()), Err(PrivateKeyError::Primes));
    assert_eq!(CrtValues::new(&[1], &[11], Exponent::Three).map(|_| ()), Err(PrivateKeyError::Primes));
    assert_eq!(CrtValues::new(&[], &[11], Exponent::Three).map(|_| ()), Err(PrivateKeyError::Length));
}

#[test]
fn debug_shows_no_secret() {
    let key = Key::icc();
    let shown = std::format!("{:?}", PrivateKey::new(key.public(), &key.d).unwrap());
    let secret = std::format!("{:?}", key.d);
    assert!(!shown.contains(secret.trim_matches(['[', ']'])));
    assert!(shown.starts_with("PrivateKey { public: "));
}
