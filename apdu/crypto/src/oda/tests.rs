//! What is issued is verified, and what is changed is noticed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop")]

use super::block::{HEADER, TRAILER};
use super::issue::{self, IssueError, Subject};
use super::*;
use crate::capk::{CaKey, Revocation};
use crate::rsa::test_keys::{CA_D, CA_N, ICC_D, ICC_N, octets};
use crate::rsa::{Blinding, Exponent, MAX_MODULUS_LEN, PrivateKey, PublicKey, RsaError};
use proptest::prelude::*;
use std::vec::Vec;
use tapcard_emv::aid::Rid;
use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;

const BLINDING: Blinding<'static> = Blinding(&[0xA5; MAX_MODULUS_LEN]);
const RID: Rid = Rid::new([0xF0, 0, 0, 0, 1]);
const STATIC_DATA: [&[u8]; 2] = [b"\x5A\x08\x99\x42\x78\x72\x10\x38\x46\x36", b"\x5C\x00"];

/// A CA, and one key that serves as the issuer's and as the card's.
struct World {
    ca: (Vec<u8>, Vec<u8>),
    card: (Vec<u8>, Vec<u8>),
    pan: Pan,
}

fn private((n, d): &(Vec<u8>, Vec<u8>)) -> PrivateKey<'_> {
    PrivateKey::new(PublicKey::new(n, Exponent::Three).unwrap(), d).unwrap()
}

/// The octets of a card, in the order certificate, remainder, exponent; then those of the ICC.
#[derive(Clone)]
struct Card([Vec<u8>; 6]);

impl World {
    fn new() -> Self {
        Self {
            ca: (octets(CA_N), octets(CA_D)),
            card: (octets(ICC_N), octets(ICC_D)),
            pan: Pan::from_digits("9942787210384636").unwrap(),
        }
    }

    fn subject(&self) -> Subject<'_> {
        Subject { key: *private(&self.card).public(), expiry_mmyy: [0x11, 0x26], serial: [1, 2, 3] }
    }

    fn card(&self) -> Card {
        let mut room = [0; MAX_MODULUS_LEN];
        let identifier = [0x99, 0x42, 0x7F, 0xFF];
        let issued =
            issue::issuer_certificate(&private(&self.ca), identifier, &self.subject(), BLINDING, &mut room).unwrap();
        let issuer = [issued.certificate.to_vec(), issued.remainder.to_vec(), [3].to_vec()];
        let key = private(&self.card);
        let issued =
            issue::icc_certificate(&key, &self.pan, &self.subject(), STATIC_DATA, BLINDING, &mut room).unwrap();
        let icc = [issued.certificate.to_vec(), issued.remainder.to_vec(), [3].to_vec()];
        let [a, b, c] = issuer;
        let [d, e, f] = icc;
        Card([a, b, c, d, e, f])
    }

    fn verify(&self, card: &Card, revoked: &[Revocation], static_data: &[&[u8]]) -> Result<Vec<u8>, OdaError> {
        let ca = CaKey::new(RID, 0x90, *private(&self.ca).public(), Some(Date::new(2026, 12, None).unwrap()));
        let today = Date::new(2026, 11, Some(30)).unwrap();
        self.verify_on(&[ca], card, revoked, static_data, today)
    }

    fn verify_on(
        &self,
        keys: &[CaKey<'_>],
        Card([issuer, issuer_rest, issuer_exponent, icc, icc_rest, icc_exponent]): &Card,
        revoked: &[Revocation],
        static_data: &[&[u8]],
        today: Date,
    ) -> Result<Vec<u8>, OdaError> {
        let (mut one, mut two) = ([0; MAX_MODULUS_LEN], [0; MAX_MODULUS_LEN]);
        let data = ChainData {
            rid: RID,
            ca_index: 0x90,
            issuer_certificate: issuer,
            issuer_remainder: issuer_rest,
            issuer_exponent,
            icc_certificate: icc,
            icc_remainder: icc_rest,
            icc_exponent,
            pan: &self.pan,
        };
        let rooms = (&mut one[..], &mut two[..]);
        let chain = Chain::verify(keys, revoked, &data, static_data.iter().copied(), today, rooms)?;
        Ok(chain.icc.public().modulus().to_vec())
    }

    fn icc(&self) -> IccKey<'_> {
        IccKey::new(*private(&self.card).public())
    }

    fn sdad(&self, dynamic_data: &[u8], terminal_data: &[&[u8]]) -> Vec<u8> {
        let mut room = [0; MAX_MODULUS_LEN];
        let data = terminal_data.iter().copied();
        issue::signed_dynamic_data(&private(&self.card), dynamic_data, data, BLINDING, &mut room).unwrap().to_vec()
    }
}

#[test]
fn an_issued_chain_ends_with_the_key_that_was_certified() {
    let world = World::new();
    assert_eq!(world.verify(&world.card(), &[], &STATIC_DATA), Ok(world.card.0.clone()));
}

#[test]
fn a_chain_fails_for_each_reason_by_its_name() {
    let world = World::new();
    let card = world.card();
    let revocation = Revocation { rid: RID, index: 0x90, serial: [1, 2, 3] };
    assert_eq!(world.verify(&card, &[revocation], &STATIC_DATA), Err(OdaError::Revoked));
    let other = Revocation { serial: [1, 2, 4], ..revocation };
    assert!(world.verify(&card, &[other], &STATIC_DATA).is_ok());
    assert_eq!(world.verify(&card, &[], &STATIC_DATA[..1]), Err(OdaError::HashMismatch));
    let public = *private(&world.ca).public();
    let day = |year, month| Date::new(year, month, Some(1)).unwrap();
    let on = |keys: &[CaKey<'_>], today| world.verify_on(keys, &card, &[], &STATIC_DATA, today);
    assert_eq!(on(&[], day(2026, 1)), Err(OdaError::CaKeyNotFound));
    assert_eq!(on(&[CaKey::new(RID, 0x91, public, None)], day(2026, 1)), Err(OdaError::CaKeyNotFound));
    assert_eq!(on(&[CaKey::new(RID, 0x90, public, None)], day(2026, 12)), Err(OdaError::Expired));
    let ended = CaKey::new(RID, 0x90, public, Some(day(2025, 1)));
    assert_eq!(on(&[ended], day(2026, 1)), Err(OdaError::Expired));
    let mut short = card.clone();
    short.0[0].pop();
    assert_eq!(world.verify(&short, &[], &STATIC_DATA), Err(OdaError::LengthMismatch));
    let mut high = card;
    high.0[0].fill(0xFF);
    assert_eq!(world.verify(&high, &[], &STATIC_DATA), Err(OdaError::Rsa(RsaError::SignatureRange)));
}

/// A block with any fields, signed so that its hash is right.
fn signed(world: &World, fields: &[u8], more: &[u8]) -> Vec<u8> {
    let len = world.ca.0.len();
    let mut block = [&[HEADER][..], fields].concat();
    block.resize(len - 21, 0xBB);
    let hash = DataHash::new().with(&block[1..]).with(more).finish();
    let block = [&block[..], &hash, &[TRAILER]].concat();
    let mut room = [0; MAX_MODULUS_LEN];
    private(&world.ca).apply(&block, BLINDING, &mut room).unwrap().to_vec()
}

#[test]
fn a_key_length_that_certificate_and_remainder_do_not_make_up_is_an_error() {
    let world = World::new();
    let today = Date::new(2026, 1, Some(1)).unwrap();
    let key = *private(&world.ca).public();
    for (len, remainder) in [(0xFF, 0), (0xFF, 10), (141, 0), (140, 1), (0, 1), (0, 0), (15, 0)] {
        let rest = [0x77; 16];
        let remainder = &rest[..remainder];
        let fields = [2, 0x99, 0x42, 0xFF, 0xFF, 0x12, 0x30, 1, 2, 3, 1, 1, len, 1];
        let certificate = signed(&world, &fields, &[remainder, &[3]].concat());
        let mut room = [0; MAX_MODULUS_LEN];
        let opened = IssuerCertificate::open(&key, &certificate, &mut room).unwrap();
        assert_eq!(opened.key_len(), usize::from(len));
        let found = opened.verify(remainder, &[3], &world.pan, today).map(|_| ());
        let expected = match len {
            0 if remainder.is_empty() => OdaError::Rsa(RsaError::ModulusLength { len: 0 }),
            15 => OdaError::Rsa(RsaError::ModulusLength { len: 15 }),
            _ => OdaError::LengthMismatch,
        };
        assert_eq!(found, Err(expected), "{len} {}", remainder.len());
    }
}

#[test]
fn a_certified_key_longer_than_the_buffer_is_an_error() {
    let world = World::new();
    let rest = [0x77; 60];
    let fields = [2, 0x99, 0x42, 0xFF, 0xFF, 0x12, 0x30, 1, 2, 3, 1, 1, 200, 1];
    let certificate = signed(&world, &fields, &[&rest[..], &[3]].concat());
    let mut room = [0; 180];
    let opened = IssuerCertificate::open(private(&world.ca).public(), &certificate, &mut room).unwrap();
    let found = opened.verify(&rest, &[3], &world.pan, Date::new(2026, 1, Some(1)).unwrap()).map(|_| ());
    assert_eq!(found, Err(OdaError::Rsa(RsaError::Room { needed: 200, room: 180 })));
}

#[test]
fn dynamic_data_are_what_their_lengths_say_or_nothing() {
    let world = World::new();
    let mut room = [0; MAX_MODULUS_LEN];
    for (data, expected) in [
        (&[2_u8, 0xAB, 0xCD][..], Ok(&[0xAB_u8, 0xCD][..])),
        (&[2, 0xAB, 0xCD, 0xEE], Ok(&[0xAB, 0xCD])),
        (&[1, 0xAB], Err(OdaError::BadDynamicDataLength)),
        (&[9, 1, 2, 3, 4, 5, 6, 7, 8, 9], Err(OdaError::BadDynamicDataLength)),
        (&[3, 0xAB, 0xCD], Err(OdaError::BadDynamicDataLength)),
        (&[], Err(OdaError::BadDynamicDataLength)),
    ] {
        let signature = world.sdad(data, &[&[1, 2, 3, 4]]);
        let signed = SignedDynamicData::open(&world.icc(), &signature, &mut room).unwrap();
        assert_eq!(signed.verify_dda(&[1, 2, 3, 4]), expected);
        assert_eq!(signed.verify_dda(&[1, 2, 3, 5]), Err(OdaError::HashMismatch));
        assert_eq!(signed.cda(), Err(OdaError::BadDynamicDataLength));
    }
}

#[test]
fn a_dynamic_length_beyond_the_block_shows_no_data() {
    let world = World::new();
    let signature = signed(&world, &[5, 1, 152, 2, 0xAB, 0xCD], &[]);
    let mut room = [0; MAX_MODULUS_LEN];
    let key = IccKey::new(*private(&world.ca).public());
    let signed = SignedDynamicData::open(&key, &signature, &mut room).unwrap();
    assert_eq!(signed.dynamic_data(), [0_u8; 0]);
    assert_eq!(signed.verify_dda(&[]), Err(OdaError::BadDynamicDataLength));
}

#[test]
fn fdda_proves_the_atc_for_version_01_only() {
    let world = World::new();
    let data = FddaData {
        unpredictable_number: [1, 2, 3, 4],
        amount: [0, 0, 0, 0, 0x10, 0],
        currency: [0x01, 0x56],
        card_authentication_data: &[1, 9, 9, 9, 9, 0, 0],
    };
    let hashed: [&[u8]; 4] = [&data.unpredictable_number, &data.amount, &data.currency, data.card_authentication_data];
    let signature = world.sdad(&[2, 0x12, 0x34], &hashed);
    let mut room = [0; MAX_MODULUS_LEN];
    let signed = SignedDynamicData::open(&world.icc(), &signature, &mut room).unwrap();
    assert_eq!(signed.verify_fdda(&data), Ok([0x12, 0x34]));
    for other in [&[][..], &[0], &[2, 9, 9, 9, 9, 0, 0]] {
        let data = FddaData { card_authentication_data: other, ..data };
        assert_eq!(signed.verify_fdda(&data), Err(OdaError::UnsupportedVersion));
    }
    let long = world.sdad(&[3, 0x12, 0x34, 0x56], &hashed);
    let signed = SignedDynamicData::open(&world.icc(), &long, &mut room).unwrap();
    assert_eq!(signed.verify_fdda(&data), Err(OdaError::BadDynamicDataLength));
}

#[test]
fn a_signer_that_is_too_short_issues_nothing() {
    let world = World::new();
    let mut room = [0; MAX_MODULUS_LEN];
    let long = [0; 104];
    let sign = |data: &[u8], room: &mut [u8]| {
        issue::signed_dynamic_data(&private(&world.card), data, [], BLINDING, room).map(|_| ())
    };
    assert_eq!(sign(&long[..103], &mut room), Ok(()));
    assert_eq!(sign(&long, &mut room), Err(IssueError::SignerTooShort));
    assert_eq!(sign(&[0; 256], &mut room), Err(IssueError::SignerTooShort));
}

#[test]
fn an_enciphered_pin_comes_back_for_its_challenge_only() {
    let world = World::new();
    let (block, challenge) = ([0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [7; 8]);
    let mut room = [0; MAX_MODULUS_LEN];
    let key = private(&world.card);
    let data = pin::encipher(key.public(), &block, &challenge, &[0x33; 111], &mut room).unwrap().to_vec();
    let plaintext = key.apply(&data, BLINDING, &mut room).unwrap();
    assert_eq!(pin::block_of(plaintext, &challenge), Ok(block));
    assert_eq!(pin::block_of(plaintext, &[8; 8]), Err(pin::PinError::UnpredictableNumberMismatch));
    plaintext[0] = 0x7E;
    assert_eq!(pin::block_of(plaintext, &challenge), Err(pin::PinError::BadHeader));
    assert_eq!(pin::block_of(&[0x7F; 16], &challenge), Err(pin::PinError::BadHeader));
    let padding = pin::encipher(key.public(), &block, &challenge, &[0x33; 110], &mut room).unwrap_err();
    assert_eq!(padding, pin::PinError::Padding { needed: 111, found: 110 });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_changed_octet_anywhere_is_noticed(part in 0_usize..6, position in any::<prop::sample::Index>(), bit in 0..8) {
        static CARD: std::sync::LazyLock<Card> = std::sync::LazyLock::new(|| World::new().card());
        let world = World::new();
        let mut card = CARD.clone();
        let octets = &mut card.0[part];
        if octets.is_empty() {
            // A remainder where the certificate holds the whole key.
            octets.push(1_u8 << bit);
        } else {
            let position = position.index(octets.len());
            octets[position] ^= 1_u8 << bit;
        }
        prop_assert!(world.verify(&card, &[], &STATIC_DATA).is_err());
    }

    #[test]
    fn anything_for_signed_data_is_a_value_or_an_error(signature in proptest::collection::vec(any::<u8>(), 128)) {
        let world = World::new();
        let mut room = [0; MAX_MODULUS_LEN];
        if let Ok(signed) = SignedDynamicData::open(&world.icc(), &signature, &mut room) {
            let _ = (signed.verify_dda(&[]).is_ok(), signed.cda().is_ok());
        }
    }

    /// Whatever fields a signer puts into a block, reading them ends.
    #[test]
    fn any_signed_fields_are_read_or_refused(fields in proptest::collection::vec(any::<u8>(), 0..100), format in 2_u8..6) {
        let world = World::new();
        let signature = signed(&world, &[&[format][..], &fields].concat(), &[3]);
        let public = *private(&world.ca).public();
        let (issuer, icc) = (IssuerKey::new(public), IccKey::new(public));
        let today = Date::new(2026, 1, Some(1)).unwrap();
        let mut room = [0; MAX_MODULUS_LEN];
        if let Ok(opened) = IssuerCertificate::open(&public, &signature, &mut room) {
            let _ = (opened.modulus_left_part().len(), opened.verify(&[], &[3], &world.pan, today).is_ok());
        }
        if let Ok(opened) = IccCertificate::open(&issuer, &signature, &mut room) {
            let _ = (opened.modulus_left_part().len(), opened.verify(&[], &[3], [], &world.pan, today).is_ok());
        }
        if let Ok(opened) = SignedStaticData::open(&issuer, &signature, &mut room) {
            let _ = opened.verify([]).is_ok();
        }
        if let Ok(opened) = SignedDynamicData::open(&icc, &signature, &mut room) {
            let _ = (opened.verify_dda(&[3]).is_ok(), opened.cda().is_ok());
        }
    }
}
