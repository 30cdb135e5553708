//! The issuer's side of an emulated PBOC card: what it knows of the card's keys, and what it makes with them.
//!
//! It computes from the keys of the personalisation and from what stands in the card's answers, never from the card's state.

use tapcard_card::{CardKeys, Secret};
use tapcard_crypto::ac::{AcData, CryptogramVersion};
use tapcard_crypto::arpc::IssuerAnswer;
use tapcard_crypto::keys::{SecretKey, TdesKey};
use tapcard_crypto::script::{ScriptContext, ScriptSet};
use tapcard_emv::Dol;

/// The issuer of one application.
pub struct Issuer {
    ac: SecretKey,
    mac: SecretKey,
}

/// A transaction as the issuer sees it: from the answer to the first GENERATE AC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Cryptogram information data: 00, 40 or 80.
    pub cid: u8,
    /// The card's counter.
    pub atc: u16,
    /// The cryptogram.
    pub cryptogram: [u8; 8],
}

impl Issuer {
    /// Of the application called `name`.
    ///
    /// # Panics
    /// When the key set has no TDES keys for it.
    #[must_use]
    pub fn new(keys: CardKeys<'_>, name: &[u8]) -> Self {
        let key = |secret| {
            let octets = keys.get(name, secret).expect("the application has keys");
            TdesKey::import(octets).expect("a key of TDES").into()
        };
        Self { ac: key(Secret::Ac), mac: key(Secret::Mac) }
    }

    /// The data of EXTERNAL AUTHENTICATE.
    ///
    /// # Panics
    /// Never: the method of PBOC needs no more than this.
    #[must_use]
    pub fn answer(&self, seen: &Seen, arc: [u8; 2]) -> Vec<u8> {
        let atc = seen.atc.to_be_bytes();
        let data = AcData::of_card(&[], &[0; 2], &atc);
        let mut out = [0; 16];
        let answer = IssuerAnswer::ResponseCode(arc);
        let length = CryptogramVersion::PBOC_01.answer(&self.ac, &data, &seen.cryptogram, &answer, &mut out);
        out.get(..length.expect("the buffer has room")).unwrap_or_default().to_vec()
    }

    /// A script command: header without Lc, data, MAC of four octets.
    ///
    /// # Panics
    /// When the data are too long for a short command.
    #[must_use]
    pub fn script(&self, seen: &Seen, header: [u8; 4], data: &[u8]) -> Vec<u8> {
        let context = ScriptContext { atc: seen.atc.to_be_bytes(), cryptogram: seen.cryptogram };
        let [cla, ins, p1, p2] = header;
        let header = [cla, ins, p1, p2, u8::try_from(data.len() + 4).expect("a short command")];
        let mac = ScriptSet::Pboc.mac(&self.mac, &context, header, data).expect("keys of TDES");
        [&header[..], data, &mac.octets()[..4]].concat()
    }

    /// Whether the cryptogram in an answer is right for what the terminal sent (CDOL data, laid out by `list`) and for this
    /// application interchange profile.
    #[must_use]
    pub fn is_right(&self, seen: &Seen, iad: &[u8], aip: [u8; 2], list: &[u8], told: &[u8]) -> bool {
        let atc = seen.atc.to_be_bytes();
        let mut data = AcData::of_card(iad, &aip, &atc);
        data.add_dol(Dol::new(list), told).is_ok()
            && CryptogramVersion::PBOC_01
                .cryptogram(&self.ac, &data)
                .is_ok_and(|cryptogram| cryptogram.verify(&seen.cryptogram))
    }
}

impl Seen {
    /// Reads an answer to GENERATE AC in format 1 and gives the IAD with it; `None` for anything else.
    #[must_use]
    pub fn read(answer: &[u8]) -> Option<(Self, &[u8])> {
        let [0x80, length, cid, high, low, rest @ .., 0x90, 0x00] = answer else { return None };
        let (cryptogram, iad) = rest.split_first_chunk::<8>()?;
        (usize::from(*length) + 4 == answer.len()).then_some(())?;
        Some((Self { cid: *cid, atc: u16::from_be_bytes([*high, *low]), cryptogram: *cryptogram }, iad))
    }
}
