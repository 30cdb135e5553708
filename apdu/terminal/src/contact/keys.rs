//! The keys behind offline data authentication and enciphered PINs: from the CA's key over the issuer's to the card's (EMV 4.4
//! Book 2, 5.3, 6.3, 6.4, 7.1).
//!
//! What a key is used for, and what its absence does to the TVR, is `oda`'s and `pin`'s.

use heapless::Vec;
use tapcard_crypto::capk;
use tapcard_crypto::oda::static_data::tag_list_part;
use tapcard_crypto::oda::{IccCertificate, IssuerCertificate, IssuerKey};
use tapcard_crypto::rsa::{Exponent, MAX_MODULUS_LEN, PublicKey};
use tapcard_emv::{Pan, Tag, tag};

use super::Contact;
use super::terminal::Revocation;

/// A key that outlives the buffers it was recovered in.
pub(super) struct KeptKey {
    modulus: Vec<u8, MAX_MODULUS_LEN>,
    exponent: Exponent,
}

impl KeptKey {
    pub(super) fn keep(key: &PublicKey<'_>) -> Option<Self> {
        Some(Self { modulus: Vec::from_slice(key.modulus()).ok()?, exponent: key.exponent() })
    }

    pub(super) fn key(&self) -> Option<PublicKey<'_>> {
        PublicKey::new(&self.modulus, self.exponent).ok()
    }
}

/// Why there is no key, or why what it signed is not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// An object that it needs is not there.
    Missing,
    /// A key, a certificate or a signature is not right.
    Wrong,
}

impl Contact<'_> {
    fn pan(&self) -> Result<Pan, Failure> {
        self.card.find(tag::PAN).and_then(|pan| Pan::from_cn(pan).ok()).ok_or(Failure::Missing)
    }

    /// The static data: the records, and the AIP if the tag list says so.
    pub(super) fn static_data(&self) -> Result<[&[u8]; 2], Failure> {
        if self.unsignable {
            return Err(Failure::Wrong);
        }
        let aip = tag_list_part(self.card.find(tag::SDA_TAG_LIST), self.aip.as_bytes()).map_err(|_| Failure::Wrong)?;
        Ok([self.card.signed(), aip])
    }

    pub(super) fn recover_issuer_key<'r>(&self, room: &'r mut [u8]) -> Result<IssuerKey<'r>, Failure> {
        let object = |wanted| self.card.find(wanted).ok_or(Failure::Missing);
        let today = self.transaction.day().ok_or(Failure::Wrong)?;
        let rid = self.rid().ok_or(Failure::Wrong)?;
        let [index] = *object(tag::CA_PUBLIC_KEY_INDEX)? else { return Err(Failure::Wrong) };
        let ca = capk::find(self.terminal.ca_keys, rid, index).filter(|ca| !ca.has_ended(today));
        let ca = ca.ok_or(Failure::Wrong)?;
        let certificate = IssuerCertificate::open(ca.key(), object(tag::ISSUER_PUBLIC_KEY_CERTIFICATE)?, room)
            .map_err(|_| Failure::Wrong)?;
        let remainder = self.remainder(
            tag::ISSUER_PUBLIC_KEY_REMAINDER,
            certificate.key_len() > certificate.modulus_left_part().len(),
        )?;
        let is_revoked = |serial| self.terminal.revoked.contains(&Revocation { rid, index, serial });
        let exponent = object(tag::ISSUER_PUBLIC_KEY_EXPONENT)?;
        certificate.verify_unless(remainder, exponent, &self.pan()?, today, is_revoked).map_err(|_| Failure::Wrong)
    }

    /// The rest of a modulus; it is missing only where the certificate does not hold all of it.
    fn remainder(&self, wanted: Tag, needed: bool) -> Result<&[u8], Failure> {
        match self.card.find(wanted) {
            Some(remainder) => Ok(remainder),
            None if needed => Err(Failure::Missing),
            None => Ok(&[]),
        }
    }

    pub(super) fn recover_icc_key(&self) -> Result<KeptKey, Failure> {
        let (mut issuer_room, mut room) = ([0; MAX_MODULUS_LEN], [0; MAX_MODULUS_LEN]);
        let object = |wanted| self.card.find(wanted).ok_or(Failure::Missing);
        let today = self.transaction.day().ok_or(Failure::Wrong)?;
        let issuer = self.recover_issuer_key(&mut issuer_room)?;
        let certificate = IccCertificate::open(&issuer, object(tag::ICC_PUBLIC_KEY_CERTIFICATE)?, &mut room)
            .map_err(|_| Failure::Wrong)?;
        let needed = certificate.key_len() > certificate.modulus_left_part().len();
        let remainder = self.remainder(tag::ICC_PUBLIC_KEY_REMAINDER, needed)?;
        let exponent = object(tag::ICC_PUBLIC_KEY_EXPONENT)?;
        let key = certificate
            .verify(remainder, exponent, self.static_data()?, &self.pan()?, today)
            .map_err(|_| Failure::Wrong)?;
        KeptKey::keep(key.public()).ok_or(Failure::Wrong)
    }

    /// The key for enciphered PINs: the card's own PIN key, else the ICC's. Whether there is one.
    pub(super) fn find_pin_key(&mut self) -> bool {
        if self.pin_key.is_none() {
            self.pin_key = match (self.card.find(tag::PIN_PUBLIC_KEY_CERTIFICATE), &self.oda.icc) {
                (Some(certificate), _) => self.recover_pin_key(certificate).ok(),
                (None, Some(icc)) => icc.key().and_then(|key| KeptKey::keep(&key)),
                (None, None) => self.recover_icc_key().ok(),
            };
        }
        self.pin_key.is_some()
    }

    fn recover_pin_key(&self, certificate: &[u8]) -> Result<KeptKey, Failure> {
        let (mut issuer_room, mut room) = ([0; MAX_MODULUS_LEN], [0; MAX_MODULUS_LEN]);
        let today = self.transaction.day().ok_or(Failure::Wrong)?;
        let issuer = self.recover_issuer_key(&mut issuer_room)?;
        let certificate = IccCertificate::open(&issuer, certificate, &mut room).map_err(|_| Failure::Wrong)?;
        let remainder = self.card.find(tag::PIN_PUBLIC_KEY_REMAINDER).unwrap_or_default();
        let exponent = self.card.find(tag::PIN_PUBLIC_KEY_EXPONENT).ok_or(Failure::Missing)?;
        let key = certificate.verify_pin_key(remainder, exponent, &self.pan()?, today).map_err(|_| Failure::Wrong)?;
        KeptKey::keep(key.public()).ok_or(Failure::Wrong)
    }
}
