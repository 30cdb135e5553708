//! Certificates and keys for offline data authentication of a test card (EMV 4.4 Book 2, 5 and 6).
//!
//! The chain is one of the test chains in `data/test-ca.json`, under a RID that nobody has registered: certificates of these keys
//! are worth nothing to a real terminal. Everything that is signed is there before: records first, then the certificate over
//! them.

use std::sync::LazyLock;

use tapcard_card::{Key, RsaPart, Secret};
use tapcard_crypto::oda::issue::{Subject, icc_certificate, issuer_certificate};
use tapcard_crypto::oda::static_data::{record_part, tag_list_part};
use tapcard_crypto::rsa::{Blinding, CrtValues, Exponent, MAX_MODULUS_LEN, PrivateKey, PublicKey};
use tapcard_emv::afl::Afl;
use tapcard_emv::tags::tag;
use tapcard_emv::{Date, Pan};
use tapcard_iso7816::{Sfi, Tag, find_deep};

use crate::compile::Values;
use crate::encode;
use crate::error::{Place, ProfileError};
use crate::source;

/// The list that the card signs: the unpredictable number.
const DDOL: [u8; 3] = [0x9F, 0x37, 0x04];
/// Signing is not done with secrets that anybody would like to have: any blinding will do.
const BLINDING: [u8; MAX_MODULUS_LEN] = [0x5A; MAX_MODULUS_LEN];

#[derive(serde::Deserialize)]
struct Chains {
    chains: Vec<Chain>,
}

/// CA, issuer and card of one chain.
#[derive(serde::Deserialize)]
struct Chain {
    index: String,
    ca: RsaKey,
    iss: RsaKey,
    icc: RsaKey,
}

/// Numbers in hexadecimal.
#[derive(serde::Deserialize)]
struct RsaKey {
    n: String,
    e: String,
    d: String,
    p: String,
    q: String,
}

/// The numbers of a key as octets.
struct Numbers {
    n: Vec<u8>,
    e: Vec<u8>,
    d: Vec<u8>,
    p: Vec<u8>,
    q: Vec<u8>,
}

impl RsaKey {
    fn numbers(&self) -> Option<Numbers> {
        let read = |text: &str| hex::decode(text).ok();
        Some(Numbers { n: read(&self.n)?, e: read(&self.e)?, d: read(&self.d)?, p: read(&self.p)?, q: read(&self.q)? })
    }
}

impl Numbers {
    fn public(&self) -> Option<PublicKey<'_>> {
        PublicKey::new(&self.n, Exponent::from_octets(&self.e).ok()?).ok()
    }

    fn private(&self) -> Option<PrivateKey<'_>> {
        PrivateKey::new(self.public()?, &self.d).ok()
    }
}

static CHAINS: LazyLock<Vec<Chain>> = LazyLock::new(|| {
    let read = serde_json::from_str::<Chains>(include_str!("../data/test-ca.json"));
    read.map(|file| file.chains).unwrap_or_default()
});

/// The records with certificates, and the card's private key.
pub(crate) struct Signed {
    pub(crate) records: Values,
    pub(crate) secrets: Values,
}

/// Certifies what an application has in its records, by the answer to GET PROCESSING OPTIONS that it has for contacts.
pub(crate) fn sign(
    place: &Place,
    source: &source::Oda,
    options: Option<&source::Options>,
    values: &Values,
) -> Result<Signed, ProfileError> {
    let source::Octets(index) = &source.ca;
    let wanted = hex::encode_upper(index);
    let chain = CHAINS.iter().find(|chain| chain.index == wanted);
    let known = || CHAINS.iter().map(|chain| chain.index.as_str()).collect::<Vec<_>>().join(", ");
    let chain = chain.ok_or_else(|| place.key("ca").error(format!("there is no test CA {wanted}"), known()))?;
    let numbers = (chain.ca.numbers(), chain.iss.numbers(), chain.icc.numbers());
    let (Some(ca), Some(issuer), Some(icc)) = numbers else {
        return Err(place.key("ca").error("the test CA is damaged", "numbers in hex"));
    };
    let pan = find(values, tag::PAN).and_then(|value| Pan::from_cn(value).ok());
    let pan = pan.ok_or_else(|| place.error("there is no PAN to certify", "`5A` in a record"))?;
    let date = find(values, tag::EXPIRATION_DATE).and_then(|value| Date::from_yymmdd(value).ok());
    let date = date.ok_or_else(|| place.error("there is no expiry date", "`5F24` in a record"))?;
    let [month, year] = [bcd(date.month()), bcd(u8::try_from(date.year() % 100).unwrap_or_default())];
    let expiry = [month, year];
    let statics = statics(place, options, values)?;
    let statics: Vec<&[u8]> = statics.iter().map(Vec::as_slice).collect();

    let make = || {
        let (mut room, serial) = ([0; MAX_MODULUS_LEN], [0, 0, 1]);
        let subject = Subject { key: issuer.public()?, expiry_mmyy: expiry, serial };
        let identifier = identifier(&pan);
        let made = issuer_certificate(&ca.private()?, identifier, &subject, Blinding(&BLINDING), &mut room).ok()?;
        let (issuer_certificate, issuer_remainder) = (made.certificate.to_vec(), made.remainder.to_vec());
        let subject = Subject { key: icc.public()?, expiry_mmyy: expiry, serial };
        let blinding = Blinding(&BLINDING);
        let made = icc_certificate(&issuer.private()?, &pan, &subject, statics, blinding, &mut room).ok()?;
        let mut keys =
            vec![(tag::CA_PUBLIC_KEY_INDEX, index.clone()), (tag::ISSUER_PUBLIC_KEY_EXPONENT, issuer.e.clone())];
        if !issuer_remainder.is_empty() {
            keys.push((tag::ISSUER_PUBLIC_KEY_REMAINDER, issuer_remainder));
        }
        keys.push((tag::ICC_PUBLIC_KEY_EXPONENT, icc.e.clone()));
        if !made.remainder.is_empty() {
            keys.push((tag::ICC_PUBLIC_KEY_REMAINDER, made.remainder.to_vec()));
        }
        keys.push((tag::DDOL, DDOL.to_vec()));
        let certificates = [
            vec![(tag::ISSUER_PUBLIC_KEY_CERTIFICATE, issuer_certificate)],
            vec![(tag::ICC_PUBLIC_KEY_CERTIFICATE, made.certificate.to_vec())],
        ];
        Some([vec![keys], certificates.to_vec()].concat())
    };
    let records = make().ok_or_else(|| place.error("the keys of the test chain do not go together", "another `ca`"))?;
    let source::FileKey(sfi) = source.file;
    let records = (1..=u8::MAX).zip(records).map(|(number, objects)| record(sfi, number, &objects)).collect();
    let secrets = secrets(&icc);
    let secrets = secrets.ok_or_else(|| place.key("ca").error("the card's key is damaged", "two primes"))?;
    Ok(Signed { records, secrets })
}

/// One record of objects.
fn record(sfi: Sfi, number: u8, objects: &[(Tag, Vec<u8>)]) -> (Key, Vec<u8>) {
    let content: Vec<u8> = objects.iter().flat_map(|(tag, value)| encode::object(*tag, value)).collect();
    (Key::Record(sfi, number), encode::object(tag::READ_RECORD_TEMPLATE, &content))
}

/// The private key of the card, as its key set has it.
fn secrets(icc: &Numbers) -> Option<Values> {
    let values = CrtValues::new(&icc.p, &icc.q, Exponent::from_octets(&icc.e).ok()?).ok()?;
    let crt = values.crt(&icc.p, &icc.q);
    let parts = [
        (RsaPart::P, crt.p),
        (RsaPart::Q, crt.q),
        (RsaPart::Dp, crt.dp),
        (RsaPart::Dq, crt.dq),
        (RsaPart::Qinv, crt.q_inverse),
        (RsaPart::E, &icc.e),
        (RsaPart::N, &icc.n),
    ];
    Some(parts.into_iter().map(|(part, octets)| (Key::Secret(Secret::Icc(part)), octets.to_vec())).collect())
}

/// The static data to authenticate (EMV 4.4 Book 3, 10.3): the records that the AFL marks, in its order, and the AIP.
fn statics(place: &Place, options: Option<&source::Options>, values: &Values) -> Result<Vec<Vec<u8>>, ProfileError> {
    let object = |wanted: Tag| {
        options?.objects.0.iter().find_map(|(source::TagKey(tag), node)| match node {
            source::Node::Value(source::Octets(value)) if *tag == wanted => Some(value.as_slice()),
            _ => None,
        })
    };
    let aip = object(tag::AIP).and_then(|value| <[u8; 2]>::try_from(value).ok());
    let objects = aip.zip(object(tag::AFL));
    let (aip, afl) = objects.ok_or_else(|| place.error("there is no AFL", "`gpo` with 82 and 94"))?;
    let mut parts = Vec::new();
    let afl = Afl::parse(afl).map_err(|error| place.error(error.to_string(), "an AFL"))?;
    for entry in afl.iter() {
        for number in (entry.first..=entry.last).take(entry.oda_records.into()) {
            let stored = values.iter().find(|(key, _)| *key == Key::Record(entry.sfi, number));
            let part = stored.and_then(|(_, record)| record_part(entry.sfi.get(), record).ok());
            let problem = || place.error(format!("record {}.{number} cannot be signed", entry.sfi), "a template 70");
            parts.push(part.ok_or_else(problem)?.to_vec());
        }
    }
    let list = tag_list_part(find(values, tag::SDA_TAG_LIST), &aip);
    parts.push(list.map_err(|_| place.error("`9F4A` is something else than 82", "82, or no `9F4A`"))?.to_vec());
    Ok(parts)
}

/// The first eight digits of the PAN.
fn identifier(pan: &Pan) -> [u8; 4] {
    let octets = pan.to_cn();
    octets.first_chunk().copied().unwrap_or_default()
}

fn bcd(number: u8) -> u8 {
    (number / 10) << 4 | (number % 10)
}

/// An object in the records of the application.
fn find(values: &Values, wanted: Tag) -> Option<&[u8]> {
    let records = values.iter().filter(|(key, _)| matches!(key, Key::Record(..)));
    records.into_iter().find_map(|(_, record)| find_deep(record, wanted))
}
