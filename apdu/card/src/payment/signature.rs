//! What a card signs with the key of its certificate: INTERNAL AUTHENTICATE (DDA) and combined DDA (EMV 4.4 Book 2, 6.5 and
//! 6.6; Book 3, 6.5.9); and what it deciphers with it: a PIN (Book 2, 7). Feature `card-rsa`.
//!
//! A signature is checked with the public key before it leaves the card: a faulty one would give the private key away.

use tapcard_crypto::oda::issue::signed_dynamic_data;
use tapcard_crypto::oda::pin::block_of;
use tapcard_crypto::rsa::{Blinding, Crt, Exponent, MAX_MODULUS_LEN, PrivateKey, PublicKey};
use tapcard_emv::bits::AcType;
use tapcard_emv::dol::Dol;
use tapcard_emv::tag;
use tapcard_iso7816::{Command, StatusWord, TlvWriter};

use super::counters::Account;
use super::iad::IadOctets;
use super::transaction::{Stage, Transaction};
use crate::answer::{Answer, Work};
use crate::card::Card;
use crate::keys::{CardKeys, RsaPart, Secret};
use crate::random::Generator;

/// The list that a card without `9F49` has: the unpredictable number (EMV 4.4 Book 2, 6.5.1).
const DEFAULT_DDOL: &[u8] = &[0x9F, 0x37, 0x04];
/// Octets of the ICC dynamic number; up to 8 (EMV 4.4 Book 2, 6.5.1).
const NUMBER: usize = 8;
/// The same in the octet before it.
const NUMBER_LENGTH: u8 = 8;

/// The private key behind one of the two certificates that a card may have.
pub(crate) fn private_key<'c>(
    keys: CardKeys<'c>,
    account: &Account<'_>,
    secret: fn(RsaPart) -> Secret,
) -> Option<PrivateKey<'c>> {
    let part = |part| keys.get(account.application.name(), secret(part));
    let public = PublicKey::new(part(RsaPart::N)?, Exponent::from_octets(part(RsaPart::E)?).ok()?).ok()?;
    let crt = Crt {
        p: part(RsaPart::P)?,
        q: part(RsaPart::Q)?,
        dp: part(RsaPart::Dp)?,
        dq: part(RsaPart::Dq)?,
        q_inverse: part(RsaPart::Qinv)?,
    };
    PrivateKey::with_crt(public, crt).ok()
}

/// Signs dynamic data of a length octet, a fresh number and what follows it; `None` without randomness.
fn sign<'r>(
    key: &PrivateKey<'_>,
    number: [u8; NUMBER],
    rest: &[u8],
    terminal_data: &[u8],
    random: &mut Generator,
    room: &'r mut [u8],
) -> Option<&'r [u8]> {
    let mut dynamic = [0; 1 + NUMBER + 29];
    let length = 1 + NUMBER + rest.len();
    let octets = [NUMBER_LENGTH].into_iter().chain(number).chain(rest.iter().copied());
    dynamic.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
    let mut blinding = [0; MAX_MODULUS_LEN];
    random.draw(&mut blinding)?;
    signed_dynamic_data(key, dynamic.get(..length)?, [terminal_data], Blinding(&blinding), room).ok()
}

impl Card<'_> {
    /// Refused with 6985 before GET PROCESSING OPTIONS and behind GENERATE AC, or without random numbers.
    pub(crate) fn internal_authenticate(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        let account = self.payment_account().map(|(account, _)| account);
        let key = account.as_ref().and_then(|account| private_key(self.keys, account, Secret::Icc));
        let (Some(account), Some(key)) = (account, key) else { return StatusWord::INS_NOT_SUPPORTED.into() };
        if (command.p1(), command.p2()) != (0, 0) {
            return StatusWord::WRONG_P1_P2.into();
        }
        let list = account.in_records(tag::DDOL).unwrap_or(DEFAULT_DDOL);
        if Dol::new(list).total_length() != Ok(command.data().len()) || command.le().is_none() {
            return StatusWord::WRONG_LENGTH.into();
        }
        if work.session.transaction.stage != Stage::Begun {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        }
        let mut room = [0; MAX_MODULUS_LEN];
        let signed = work.random.as_mut().and_then(|random| {
            let number = random.octets()?;
            sign(&key, number, &[], command.data(), random, &mut room)
        });
        let Some(signature) = signed else { return StatusWord::CONDITIONS_NOT_SATISFIED.into() };
        let mut writer = TlvWriter::new(work.out);
        if writer.primitive(tag::RESPONSE_TEMPLATE_1, signature).is_err() {
            return StatusWord::NO_PRECISE_DIAGNOSIS.into();
        }
        let length = writer.finish();
        work.session.transaction.dda_performed = true;
        Answer::data(length)
    }

    /// An answer to GENERATE AC whose cryptogram is inside the signature (format 2); `None` when it cannot be signed.
    pub(crate) fn combined_answer(
        &self,
        account: &Account<'_>,
        ac: AcType,
        cryptogram: [u8; 8],
        iad: &IadOctets,
        running: &Transaction,
        work: &mut Work<'_>,
    ) -> Option<Answer> {
        let key = private_key(self.keys, account, Secret::Icc)?;
        let (cid, atc) = ([ac.octet()], account.atc().to_be_bytes());
        // What the signature speaks of, in the order of the answer.
        let mut objects = [0; 64];
        let mut writer = TlvWriter::new(&mut objects);
        let told = [(tag::CID, &cid[..]), (tag::ATC, &atc), (tag::IAD, iad.octets())];
        told.into_iter().try_for_each(|(tag, value)| writer.primitive(tag, value)).ok()?;
        let length = writer.finish();
        let objects = objects.get(..length)?;
        let mut hash = running.hash.0.clone();
        hash.answer(objects).ok()?;
        let mut rest = [0; 29];
        let octets = cid.into_iter().chain(cryptogram).chain(hash.finish());
        rest.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
        let mut room = [0; MAX_MODULUS_LEN];
        let random = work.random.as_mut()?;
        let number = random.octets()?;
        let signature = sign(&key, number, &rest, &running.values.array::<4>(tag::UN), random, &mut room)?;
        let mut writer = TlvWriter::new(work.out);
        let written = writer.constructed(tag::RESPONSE_TEMPLATE_2, |inner| {
            inner.raw(objects)?;
            inner.primitive(tag::SDAD, signature)
        });
        written.ok()?;
        Some(Answer::data(writer.finish()))
    }

    /// The PIN block in the data of VERIFY with an enciphered PIN; the challenge is used up.
    pub(crate) fn decipher_pin(
        &self,
        account: &Account<'_>,
        data: &[u8],
        work: &mut Work<'_>,
    ) -> Result<[u8; 8], StatusWord> {
        let key = private_key(self.keys, account, Secret::PinEncipherment)
            .or_else(|| private_key(self.keys, account, Secret::Icc))
            .ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
        let challenge = work.session.transaction.challenge.take().ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        if data.len() != key.public().modulus().len() {
            return Err(StatusWord::WRONG_LENGTH);
        }
        let (mut blinding, mut room) = ([0; MAX_MODULUS_LEN], [0; MAX_MODULUS_LEN]);
        work.random
            .as_mut()
            .and_then(|random| random.draw(&mut blinding))
            .ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let plaintext = key.apply(data, Blinding(&blinding), &mut room).map_err(|_| StatusWord::WRONG_DATA)?;
        block_of(plaintext, &challenge).map_err(|_| StatusWord::WRONG_DATA)
    }
}
